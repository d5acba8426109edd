"""Demand on a grid of quadrants: what each node expects, from past crimes or from a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import one_of
from helpers.space import cell_of, grid

from ..distances import PlanarDistance
from ..problem import assign

if TYPE_CHECKING:
    import shapely

__all__ = [
    "DEMANDS",
    "DrawnPlan",
    "GridDemand",
    "GridHistory",
    "Quadrants",
    "coarse_demand",
    "grid_demand",
    "history",
    "labelled",
    "named_period",
    "quadrants",
    "to_first",
]

DEMANDS = ("auto", "forecast", "history")
UNDATED = "all events"  # the period of events whose times nobody knows


class DrawnPlan(NamedTuple):
    """What a map of a plan shows.

    Attributes
    ----------
    served : (rows, columns) int array
        Place of each quadrant's patrol among the plan's sites in ascending order, first row
        southernmost.
    posts : (p, 2) array
        Coordinates of the posts, metres.
    """

    served: np.ndarray
    posts: np.ndarray


@dataclass(frozen=True, eq=False)
class Quadrants:
    """The grid as maps need it: its lines, and the node that speaks for each quadrant.

    Attributes
    ----------
    edges : tuple of two arrays
        Eastings (columns + 1) and northings (rows + 1) of the lines between quadrants, metres.
    nearest : (rows × columns,) int array
        The node nearest to each quadrant's centre; its own where it is a node.
    """

    edges: tuple[np.ndarray, np.ndarray]
    nearest: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.edges[1]) - 1, len(self.edges[0]) - 1

    def raster(self, at_nodes) -> np.ndarray:
        """Values of nodes on all quadrants, (rows, columns), first row southernmost."""
        return np.asarray(at_nodes)[self.nearest].reshape(self.shape)

    def drawn(self, distance, sites, spots) -> DrawnPlan:
        """Territories and posts of a plan.

        Parameters
        ----------
        distance : (n, m) array or PlanarDistance
            From node i to site j.
        sites : sequence of int
            The plan.
        spots : (m, 2) array
            Coordinates of the sites, metres.
        """
        sites = np.sort(np.asarray(sites))
        served = np.searchsorted(sites, assign(distance, sites))
        return DrawnPlan(self.raster(served), np.asarray(spots)[sites])


def quadrants(boundary: shapely.Geometry, columns: int, rows: int, xy) -> Quadrants:
    """Lines of a grid over a boundary's box, and the nearest of the nodes `xy` to each centre.

    Parameters
    ----------
    boundary : shapely Polygon or MultiPolygon
        In metres.
    columns, rows : int
        Number of quadrants from west to east and from south to north.
    xy : (n, 2) array
        Coordinates of the nodes, metres.
    """
    west, south, east, north = boundary.bounds
    edges = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
    middle = np.stack(np.meshgrid(*[(e[1:] + e[:-1]) / 2 for e in edges]), -1).reshape(-1, 2)
    return Quadrants(edges, KDTree(np.asarray(xy, float)).query(middle)[1])


@dataclass(frozen=True, eq=False)
class GridHistory:
    """Crimes of the earlier periods, counted on the grid.

    Attributes
    ----------
    cells : DataFrame
        One row a quadrant, as `helpers.space.grid` gives them, with its number ``node`` first;
        ``inside`` says which are nodes.
    counts : (quadrants,) array
        Mean crimes of a period.
    every : str
        What a period is: ``"year"`` or ``"month"``; ``"period"`` where times are not known.
    earlier : tuple of str
        The periods that are counted, as people write them.
    held : int
        How many periods the data hold, the one put aside included.
    left_out : float
        Share of the crimes counted that lie in quadrants which are no nodes.
    labels : tuple of str
        The periods that are counted, as `labelled` writes them.
    aside : str
        The period put aside, which plans are judged by; as `labelled` or the forecast writes it, empty
        where there is none.
    """

    cells: pd.DataFrame
    counts: np.ndarray
    every: str
    earlier: tuple[str, ...]
    held: int
    left_out: float
    labels: tuple[str, ...]
    aside: str

    @property
    def basis(self) -> str:
        """What the counts are, in words.

        ``mean of 2016 and 2017``, ``mean of 2012 to 2017``, ``count of 2017``.
        """
        first, last = self.earlier[0], self.earlier[-1]
        if len(self.earlier) == 1:
            return f"count of {first}"
        return f"mean of {first} {'and' if len(self.earlier) == 2 else 'to'} {last}"


def history(
    xy,
    times: pd.Series,
    boundary: shapely.Geometry,
    columns: int,
    rows: int,
    *,
    every: str,
    undated: bool = False,
    forecast: pd.DataFrame | None = None,
) -> GridHistory:
    r"""Mean crimes of a period in each quadrant, before the one put aside.

    Put aside, as what happened afterwards, is the period that a forecast was made for, so that plans by
    either are judged by the same crimes; without a forecast the last of :math:`T > 1` periods. With
    :math:`n_{it}` crimes in quadrant :math:`i` and period :math:`t`, and :math:`T` the period put
    aside, the demand is

    .. math:: c_i = \frac{1}{T - 1} \sum_{t=1}^{T-1} n_{it}

    A single period is counted itself.  A quadrant is a node where the boundary holds its centre.
    Where no crime lies in such a quadrant (a narrow town) every quadrant that the boundary touches
    is one, and every quadrant with crimes.

    Parameters
    ----------
    xy : (crimes, 2) array
        Coordinates, metres.
    times : Series of datetime
        Of the same crimes.
    boundary : shapely Polygon or MultiPolygon
        In metres.
    columns, rows : int
        Number of quadrants from west to east and from south to north.
    every : {"year", "month"}
        What a period is.
    undated : bool
        The times are one value that stands for all because none is known: one period, whose name
        is no time.
    forecast : DataFrame, optional
        With a column ``period``; its newest period is put aside where crimes lie in it and before it.

    Raises
    ------
    ValueError
        Another word for `every`; a grid without quadrants.
    """
    label = labelled(times, every)
    cells = grid(boundary, columns, rows, polygons=False).rename_axis("node").reset_index()
    held = sorted(label.unique())
    aside, earlier = held[-1] if len(held) > 1 else "", held[: max(1, len(held) - 1)]
    if forecast is not None and len(held) > 1:
        foreseen = newest_period(forecast)
        before = [
            name for name in held if pd.Period(name).end_time < pd.Period(foreseen).start_time
        ]
        if before and in_period(times, foreseen).any():
            aside, earlier = foreseen, before
    home = cell_of(np.asarray(xy, float), boundary, columns, rows)
    counted = label.isin(earlier).to_numpy() & (home >= 0)
    counts = np.bincount(home[counted], minlength=len(cells)) / len(earlier)
    if not counts[cells["inside"]].any():
        cells["inside"] = (cells["area_km2"] > 0) | (counts > 0)
    outside = counts[~cells["inside"]].sum()
    names = tuple(named_period(times[label == when], when) for when in earlier)
    if undated:
        every, names = "period", (UNDATED,)
    left_out = float(outside / counts.sum()) if outside else 0.0
    return GridHistory(cells, counts, every, names, len(held), left_out, tuple(earlier), aside)


def newest_period(forecast: pd.DataFrame) -> str:
    """The newest period of a forecast, as it is written: ``2019`` or ``2018-07``."""
    return forecast["period"].astype(str).max()


def in_period(times: pd.Series, period: str) -> np.ndarray:
    """Which times lie in a year, month or day as it is written."""
    whole = pd.Period(period)
    return ((times >= whole.start_time) & (times <= whole.end_time)).to_numpy()


def labelled(times: pd.Series, every: str) -> pd.Series:
    """Period of each time, ``2024`` or ``2024-05``.

    Raises
    ------
    ValueError
        `every` is neither ``"year"`` nor ``"month"``.
    """
    unit = {"year": "Y", "month": "M"}[one_of(every, "every", ("year", "month"))]
    # a city has many crimes and few periods: each period is written once
    periods, which = np.unique(times.to_numpy(f"datetime64[{unit}]"), return_inverse=True)
    return pd.Series(periods.astype(str)).take(which).set_axis(times.index)


def named_period(times: pd.Series, label: str) -> str:
    """A period as people write it: by its month where all its times lie in one."""
    first, last = times.min().to_period("M"), times.max().to_period("M")
    return first.strftime("%B %Y") if first == last else label


@dataclass(frozen=True, eq=False)
class GridDemand:
    """Nodes, and what they demand.

    Attributes
    ----------
    nodes : DataFrame
        Quadrants that are nodes, with ``expected``, the crimes expected in a period.
    field : (rows, columns) array
        Crimes expected in every quadrant, first row southernmost.
    basis : str
        Where they come from, in words.
    forecast : bool
        Whether that is a forecast.
    quadrants : Quadrants
    """

    nodes: pd.DataFrame
    field: np.ndarray
    basis: str
    forecast: bool
    quadrants: Quadrants

    @property
    def xy(self) -> np.ndarray:
        """Coordinates of the nodes, (n, 2), metres."""
        return self.nodes[["x", "y"]].to_numpy()

    @property
    def weight(self) -> np.ndarray:
        """c_i, the crimes expected at each node, (n,)."""
        return self.nodes["expected"].to_numpy()

    @property
    def total(self) -> float:
        """Crimes expected at all nodes together."""
        return float(self.weight.sum())

    @property
    def places(self) -> int:
        """How many nodes have demand."""
        return int((self.weight > 0).sum())

    @property
    def vacant(self) -> int:
        """How many nodes have none."""
        return len(self.nodes) - self.places

    def drawn(self, distance, sites) -> DrawnPlan:
        """Territories and posts of a plan whose sites are the nodes themselves."""
        return self.quadrants.drawn(distance, sites, self.xy)


def grid_demand(
    past: GridHistory,
    boundary: shapely.Geometry,
    forecast: pd.DataFrame | None = None,
    demand: str = "auto",
    *,
    called: str = "forecast",
) -> GridDemand:
    """Demand of the nodes: a forecast where there is one on this grid, else history.

    Parameters
    ----------
    past : GridHistory
        From `history`.
    boundary : shapely Polygon or MultiPolygon
        The one that `past` was counted on.
    forecast : DataFrame, optional
        ``kind, period, node, x, y, expected``; of the kind ``all`` the newest period is taken.
    demand : {"auto", "forecast", "history"}
        What to take; ``auto`` prefers the forecast.
    called : str
        Name of the forecast, for the basis: ``<called> for July 2018``.

    Raises
    ------
    ValueError
        Another word for `demand`; a forecast is asked for and there is none on this grid.
    """
    one_of(demand, "demand", DEMANDS)
    cells = past.cells
    found = _on_grid(forecast, cells, called) if demand != "history" else None
    if demand == "forecast" and found is None:
        raise ValueError(
            "there is no forecast on this grid: run the section that makes it with the same "
            "columns and rows, or set demand to history."
        )
    expected, basis = (past.counts, past.basis) if found is None else found
    cells = cells.assign(expected=np.where(cells["inside"], expected, 0.0))
    nodes = cells[cells["inside"]].drop(columns="inside").reset_index(drop=True)
    size = int(cells["column"].max()) + 1, int(cells["row"].max()) + 1
    drawn = quadrants(boundary, *size, nodes[["x", "y"]])
    field = cells["expected"].to_numpy().reshape(drawn.shape)
    return GridDemand(nodes, field, basis, found is not None, drawn)


def _on_grid(
    forecast: pd.DataFrame | None, cells: pd.DataFrame, called: str
) -> tuple[np.ndarray, str] | None:
    """Newest forecast of all kinds and its name, where it is one of these quadrants."""
    if forecast is None:
        return None
    of_all = forecast[forecast["kind"] == "all"]
    period = of_all["period"].astype(str)
    newest = newest_period(of_all)
    of_all = of_all[period == newest].sort_values("node")
    if len(of_all) != len(cells) or not np.allclose(of_all[["x", "y"]], cells[["x", "y"]], atol=1):
        return None
    expected = of_all["expected"].to_numpy()
    if not expected[cells["inside"]].sum() > 0:
        return None
    when = pd.Period(newest).strftime("%B %Y") if len(newest) == len("2024-05") else newest
    return expected, f"{called} for {when}"


def coarse_demand(
    demand: GridDemand, boundary: shapely.Geometry, columns: int, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same demand on a coarser grid: centres of its cells, (k, 2), and crimes in each, (k,).

    A quadrant counts to the cell that holds its centre; every cell is a site.

    Parameters
    ----------
    demand : GridDemand
        On the fine grid.
    boundary : shapely Polygon or MultiPolygon
        The boundary of both grids.
    columns, rows : int
        Of the coarse one.
    """
    centres = grid(boundary, columns, rows, polygons=False)[["x", "y"]].to_numpy()
    home = cell_of(demand.xy, boundary, columns, rows)
    return centres, np.bincount(home, weights=demand.weight, minlength=len(centres))


def to_first(distance: np.ndarray | PlanarDistance, count: int) -> np.ndarray | PlanarDistance:
    """Distances to the first `count` sites only."""
    if isinstance(distance, PlanarDistance):
        return PlanarDistance(distance.demand_xy, distance.site_xy[:count], metric=distance.metric)
    return distance[:, :count]
