"""Counts of events on the cells of a grid, by period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from helpers.checks import one_of, positive, whole_number
from helpers.space import as_window, cell_of, grid

from .events import EVERY, check_events, place_array

MOST_CELLS = 40_000  # in the bounding box, where nobody asks for more
BLOCK = 512  # cells looked at together for their homes


@dataclass(frozen=True)
class Cells:
    """A grid over a window, whose cells with the centre inside hold all events.

    Attributes
    ----------
    geometry : shapely Polygon or MultiPolygon
        The window, metres.
    columns, rows : int
    table : pandas.DataFrame
        As `helpers.space.grid` gives it, without polygons.
    inside : (columns * rows,) array of bool
        Whether the window holds the cell's centre.
    home : (columns * rows,) array of int
        The cell itself, or the nearest one inside for a cell whose centre lies outside.
    steps : tuple of float
        Height and width of a cell, metres.
    """

    geometry: shapely.Geometry = field(repr=False)
    columns: int
    rows: int
    table: pd.DataFrame = field(repr=False)
    inside: np.ndarray = field(repr=False)
    home: np.ndarray = field(repr=False)
    steps: tuple[float, float]

    def __len__(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True)
class CellCounts:
    """Events by period and cell.

    Attributes
    ----------
    cells : Cells
    periods : tuple of pandas.Period
        In order, those with events only: a period without any is taken for one that the data do
        not cover.
    counts : (periods, cells) array of int
    """

    cells: Cells
    periods: tuple[pd.Period, ...]
    counts: np.ndarray = field(repr=False)

    def before(self, period: pd.Period) -> CellCounts:
        """The counts of earlier periods."""
        return self._take([each < period for each in self.periods])

    def of(self, periods: Any) -> CellCounts:
        """The counts of these periods."""
        return self._take([each in set(periods) for each in self.periods])

    def _take(self, kept: list[bool]) -> CellCounts:
        periods = tuple(p for p, keep in zip(self.periods, kept, strict=True) if keep)
        return CellCounts(self.cells, periods, self.counts[np.array(kept, dtype=bool)])


def make_cells(window: Any, columns: int, rows: int) -> Cells:
    """A grid over a window.

    Parameters
    ----------
    window : Window, polygon or GeoSeries of polygons
        Metres.
    columns, rows : int

    Returns
    -------
    Cells

    Raises
    ------
    ValueError
        A window that is none, numbers that are none, or cells so large that no centre is inside.

    Examples
    --------
    >>> cells = make_cells(shapely.Polygon([(0, 0), (40, 0), (0, 40)]), 2, 2)
    >>> cells.inside.tolist(), cells.home.tolist()
    ([True, True, True, False], [0, 1, 2, 1])
    """
    columns, rows = whole_number(columns, "columns"), whole_number(rows, "rows")
    geometry = as_window(window).geometry
    table = grid(geometry, columns, rows, polygons=False)
    inside = table["inside"].to_numpy()
    if not inside.any():
        raise ValueError("no cell has its centre inside the window; give more columns and rows.")
    place = table[["x", "y"]].to_numpy()
    own = np.flatnonzero(inside)
    home = np.arange(len(table))
    for start in range(0, len(table), BLOCK):
        block = start + np.flatnonzero(~inside[start : start + BLOCK])
        if block.size:
            apart = cdist(place[block], place[own], "sqeuclidean")
            home[block] = own[apart.argmin(axis=1)]
    west, south, east, north = shapely.bounds(geometry)
    return Cells(
        geometry,
        columns,
        rows,
        table,
        inside,
        home,
        ((north - south) / rows, (east - west) / columns),
    )


def square_cells(window: Any, side: float) -> Cells:
    """A grid of nearly square cells of about this side, metres.

    Examples
    --------
    >>> square_cells(shapely.box(0, 0, 1000, 500), 100).columns
    10
    """
    side = positive(side, "side")
    west, south, east, north = as_window(window).bounds
    across, up = max(1, round((east - west) / side)), max(1, round((north - south) / side))
    return make_cells(window, across, up)


def usual_side(window: Any) -> float:
    """Side of the square cells that suit a window: 250 m, less where it is small.

    About a thousand cells, in steps of 10 m, but none wider than 250 m.  Where the bounding box
    would then hold more than 40,000 cells (a region, or parts far from each other), wider ones:
    time and memory grow with their number.

    Examples
    --------
    >>> [round(usual_side(shapely.box(0, 0, m, m)), 1) for m in (60, 3500, 20_000, 90_000)]
    [1.9, 110.0, 250.0, 450.0]
    """
    area = as_window(window).area
    west, south, east, north = as_window(window).bounds
    fine = (area / 1000) ** 0.5
    side = min(250.0, 10.0 * round(fine / 10) or fine)
    return max(side, ((east - west) * (north - south) / MOST_CELLS) ** 0.5)


def count_points(cells: Cells, points: Any) -> np.ndarray:
    """Points in each cell, shape (cells,); those in cells with the centre outside go home.

    Raises
    ------
    ValueError
        If points lie outside the grid.
    """
    return np.bincount(locate(cells, points), minlength=len(cells))


def locate(cells: Cells, points: Any) -> np.ndarray:
    """Cell of each point: the one it lies in, or that one's home.

    Raises
    ------
    ValueError
        If points lie outside the grid.
    """
    places = place_array(points, "points")
    found = cell_of(places, cells.geometry, cells.columns, cells.rows)
    if (found < 0).any():
        raise ValueError(f"{(found < 0).sum()} of {len(found)} points lie outside the grid.")
    return cells.home[found]


def count_by_period(events: pd.DataFrame, cells: Cells, every: str = "month") -> CellCounts:
    """Count events by period and cell.

    Parameters
    ----------
    events : pandas.DataFrame
        From `event_table`.
    cells : Cells
    every : str
        As in `event_table`.

    Returns
    -------
    CellCounts
    """
    check_events(events)
    one_of(every, "every", EVERY)
    period = pd.PeriodIndex(events["time"].dt.to_period(EVERY[every]))
    periods = tuple(sorted(period.unique()))
    counts = np.array(
        [count_points(cells, events.loc[period == each, ["x", "y"]]) for each in periods]
    )
    return CellCounts(cells, periods, counts)


def period_days(period: pd.Period) -> int:
    """Days of a period."""
    return (period.end_time.normalize() - period.start_time.normalize()).days + 1


def smooth(cells: Cells, values: np.ndarray, bandwidth: float) -> np.ndarray:
    """Spread the values of cells by a Gaussian kernel that keeps their sum inside the window.

    Each cell's value is divided by the kernel's mass inside, then spread (Jones and Diggle's
    correction): nothing is lost over the edge, and an even field stays nearly even.

    Parameters
    ----------
    cells : Cells
    values : (cells,) array
        Zero outside.
    bandwidth : float
        Standard deviation, metres.

    Returns
    -------
    (cells,) array

    Examples
    --------
    >>> cells = make_cells(shapely.box(0, 0, 500, 500), 5, 5)
    >>> float(smooth(cells, np.eye(5).ravel(), 120.0).sum().round(9))
    5.0
    """
    mass = spread(cells, cells.inside.astype(float), bandwidth)
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = np.where(cells.inside, values / mass, 0.0)
    return spread(cells, weighted, bandwidth) * cells.inside


def spread(cells: Cells, values: np.ndarray, bandwidth: float) -> np.ndarray:
    """Spread the values of cells by a Gaussian kernel; what crosses the grid's edge is lost."""
    width = [bandwidth / step for step in cells.steps]
    surface = np.asarray(values, dtype=float).reshape(cells.rows, cells.columns)
    return gaussian_filter(surface, width, mode="constant", truncate=4.0).ravel()
