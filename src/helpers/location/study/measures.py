"""What ways are measured in, metres or minutes: distances, names of columns, a usual radius."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.checks import one_of, positive
from helpers.space import connected_part, street_distances, street_network, with_speeds

from ..distances import PlanarDistance

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["METRICS", "Speeds", "distances", "in_unit", "speeds", "unit_of", "usual_radius"]

METRICS = ("euclidean", "manhattan", "streets", "minutes")


def unit_of(metric: str) -> str:
    """``min`` for minutes along streets, else ``m``.

    Raises
    ------
    ValueError
        Another word than those of `METRICS`.
    """
    return "min" if one_of(metric, "metric", METRICS) == "minutes" else "m"


def distances(
    xy,
    spots=None,
    *,
    metric: str = "euclidean",
    streets: gpd.GeoDataFrame | None = None,
    speed: float = 30.0,
) -> np.ndarray | PlanarDistance:
    """Distances from the nodes to the sites, over land or along streets.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates of the nodes, metres.
    spots : (m, 2) array, optional
        Of the sites; the nodes themselves by default.
    metric : {"euclidean", "manhattan", "streets", "minutes"}
        As in `PlanarDistance`, or the shortest way along the streets, or the quickest.
    streets : GeoDataFrame, optional
        Lines of the street network; for ``streets`` and ``minutes`` only.  Those that do not hang
        together with the rest are left out, so that every node can be reached; one-way streets are
        driven their way only.
    speed : float
        km/h for ``minutes`` off the streets, and on those whose speed neither a limit nor their
        class says (`helpers.space.with_speeds`).

    Returns
    -------
    (n, m) array along streets, else PlanarDistance
        Metres, or minutes.

    Raises
    ------
    ValueError
        Another word for `metric`; ``streets`` or ``minutes`` without streets.
    """
    one_of(metric, "metric", METRICS)
    if metric in ("euclidean", "manhattan"):
        return PlanarDistance(xy, spots, metric=metric)
    if streets is None:
        raise ValueError(f"metric is {metric}, but there is no layer of streets.")
    timed = metric == "minutes"
    network = connected_part(street_network(with_speeds(streets, speed) if timed else streets))
    how: dict[str, Any] = {"weight": "time", "speed": speed} if timed else {}
    return street_distances(network.network, xy, spots, **how)


def in_unit(frame: pd.DataFrame | Mapping[str, Any], unit: str) -> Any:
    """A table, or what is said of its columns, whose names of columns say the unit of its ways.

    Examples
    --------
    >>> list(in_unit(pd.DataFrame(columns=["mean_m", "crime_metres", "gap"]), "min"))
    ['mean_min', 'crime_minutes', 'gap']
    >>> in_unit({"mean_m": 1, "gap": 9}, "min")
    {'mean_min': 1, 'gap': 9}
    """
    if unit == "m":
        return frame
    if isinstance(frame, Mapping):
        return dict(
            zip(in_unit(pd.DataFrame(columns=list(frame)), unit), frame.values(), strict=True)
        )
    names = {name: name for name in frame.columns if isinstance(name, str)}
    ways = {name: f"{name[:-2]}_min" for name in names if name.endswith("_m")}
    costs = {name: name.replace("crime_metres", "crime_minutes") for name in names}
    return frame.rename(columns={**costs, **ways})


def usual_radius(mean: float, unit: str) -> float:
    """A reach near the mean way: whole hundreds of metres, or half minutes; never none.

    Parameters
    ----------
    mean : float
        Mean way of a plan.
    unit : {"m", "min"}
        Its unit.

    Examples
    --------
    >>> usual_radius(2088.0, "m"), usual_radius(3.3, "min"), usual_radius(0.0, "m")
    (2100.0, 3.5, 100.0)
    """
    step = 0.5 if unit == "min" else 100.0
    return max(step, step * round(mean / step))


@dataclass(frozen=True)
class Speeds:
    """Where the speeds of streets come from, as shares of their length.

    Attributes
    ----------
    stated, by_class, assumed : float
        By the layer itself; by the class of the street; one speed for the rest.
    one_way : float
        Share that is driven one way only.
    mean : float
        km/h: all length over the time that it takes.
    """

    stated: float
    by_class: float
    assumed: float
    one_way: float
    mean: float


def speeds(streets: gpd.GeoDataFrame, speed: float = 30.0) -> Speeds:
    """Where the speeds that `distances` drives at come from.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines of the street network.
    speed : float
        As in `distances`.
    """
    positive(speed, "speed", "km/h")
    timed = with_speeds(streets, speed)
    length = np.asarray(streets.get("length_m", streets.length), dtype=float)
    share = {
        name: float(length[(timed["speed_from"] == name).to_numpy()].sum() / length.sum())
        for name in ("stated", "class", "assumed")
    }
    one_way = np.asarray(streets.get("oneway", np.zeros(len(streets), bool)), dtype=bool)
    pace = float(length.sum() / (length / timed["speed_kmh"].to_numpy()).sum())
    return Speeds(
        share["stated"],
        share["class"],
        share["assumed"],
        float(length[one_way].sum() / length.sum()),
        pace,
    )
