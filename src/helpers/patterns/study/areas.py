"""Events by area and period: which areas changed, and the counts that emerging hot spots are made of."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from helpers.space import grid

from ..change import change_by_area
from .periods import last_full_year

FEWEST, MOST = 30, 1000
"""Zones that stand for areas; a city with fewer or more of them is cut into squares."""

SQUARES = 200
LEVEL = 0.05
"""Share of the areas called changed, and of their intervals, that may be wrong."""

QUARTERS = 10
"""Full quarters that emerging hot spots want, as many as ArcGIS wants periods."""


@dataclass(frozen=True)
class AreaChange:
    """Two years of every area, the same months of both.

    Attributes
    ----------
    before, after : int
        The years.
    months : int
        Months that both hold.
    city : float
        Rate of all events after over that before.
    table : pandas.DataFrame
        Index ``zone``; events_before, events_after, beyond (change of the area over that of all
        others, half an event added to each count), low and high (its interval, of level
        1 - 0.05 R / m where R of m areas changed, so that at most one in twenty of the intervals of
        changed areas is expected to miss; 95 % where none did), at_least (of a changed area the end
        of that interval nearer to 1; else 1), p_beyond (Fisher's test, Benjamini and Hochberg over
        the areas) and changed (that p at most 0.05); where rows are tested rows_before and rows_after.
    rows : bool
        Whether some rows count several events: beyond, its interval and p are then of the rows.

    References
    ----------
    Benjamini and Yekutieli (2005), False discovery rate-adjusted multiple confidence intervals for
    selected parameters, Journal of the American Statistical Association 100(469).
    """

    before: int
    after: int
    months: int
    city: float
    table: pd.DataFrame
    rows: bool = False


def city_areas(
    window: shapely.Geometry, zones: gpd.GeoDataFrame | None = None, crs: object = None
) -> gpd.GeoDataFrame:
    """The areas that events are counted in: the city's zones, or about 200 squares.

    Parameters
    ----------
    window : shapely Polygon or MultiPolygon
        Metres.
    zones : GeoDataFrame, optional
        ``zone``, ``name``, ``x``, ``y`` and polygons; taken where there are 30 to 1,000 of them.
    crs : optional
        Of squares.

    Returns
    -------
    GeoDataFrame
        ``zone`` (its name where that is its own; of squares their column and row from the
        south-west), ``x``, ``y``, ``area_km2`` and geometry.
    """
    if zones is not None and FEWEST <= len(zones) <= MOST:
        found = zones[["zone", "x", "y", "geometry"]].reset_index(drop=True)
        names = zones["name"].str.strip().reset_index(drop=True)
        if names.is_unique and (names != "").all():
            found["zone"] = names
        return found.assign(area_km2=found.area / 1e6)
    west, south, east, north = window.bounds
    side = np.sqrt(window.area / SQUARES)
    columns, rows = (max(1, round(length / side)) for length in (east - west, north - south))
    squares = grid(window, columns, rows, crs=crs)
    squares = squares[squares["inside"]].reset_index(drop=True)
    # whole squares, so that those at the edge are not smaller
    numbers = zip(squares["column"] + 1, squares["row"] + 1, strict=True)
    named = squares.assign(zone=[f"{column}-{row}" for column, row in numbers])
    return named[["zone", "x", "y", "area_km2", "geometry"]]


def area_of(points: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the area that holds each point, or is nearest to it.

    Parameters
    ----------
    points : (n, 2) array
    areas : GeoDataFrame

    Returns
    -------
    (n,) array of int
    """
    places, which = np.unique(np.asarray(points, dtype=float), axis=0, return_inverse=True)
    shapes = areas.geometry.to_numpy()
    dots = shapely.points(places)
    found = np.full(len(places), -1)
    area, place = shapely.STRtree(dots).query(shapes, predicate="intersects")
    # a point on a border belongs to the first
    found[place[::-1]] = area[::-1]
    left = np.flatnonzero(found < 0)
    if len(left):
        found[left] = shapely.STRtree(shapes).nearest(dots[left])
    return found[which.ravel()]


def change_of_areas(
    points: np.ndarray,
    times: pd.Series,
    areas: gpd.GeoDataFrame,
    first: np.ndarray | None = None,
) -> AreaChange | None:
    """Events of the last full year beside those of the year before, by area.

    Several crimes that one row of the data counts happened together: they are no chances of their own,
    so that the change, its interval and its test are of the rows.

    Parameters
    ----------
    points : (n, 2) array
    times : Series of datetime64, shape (n,)
    areas : GeoDataFrame
        From `city_areas`.
    first : (n,) array of bool, optional
        Which events are the first of their row; all when not given.

    Returns
    -------
    AreaChange or None
        None where no earlier year holds a month that the last full one has.
    """
    times = pd.Series(times)
    year, month = times.dt.year.to_numpy(), times.dt.month.to_numpy()
    after = last_full_year(times)
    held = {int(each): set(month[year == each]) for each in np.unique(year)}
    earlier = [each for each in held if each < after and held[each] & held[after]]
    if not earlier or len(areas) < 2:
        return None
    before = max(earlier)
    months = sorted(held[before] & held[after])
    both, area = np.isin(month, months), area_of(points, areas)
    alone = np.ones(len(points), dtype=bool) if first is None else np.asarray(first, dtype=bool)

    def counted(which):
        years = (both & which & (year == each) for each in (before, after))
        return [np.bincount(area[mine], minlength=len(areas)) for mine in years]

    counts = counted(np.ones(len(points), dtype=bool))
    lengths = [sum(pd.Period(f"{each}-{m:02d}").days_in_month for m in months)
               for each in (before, after)]  # fmt: skip
    rows = counted(alone)
    found = change_by_area(*rows, lengths=lengths)
    changed = found["p_relative_fdr"] <= LEVEL
    if changed.any():  # intervals of those selected: false coverage, not 95 % each
        found = change_by_area(*rows, lengths=lengths, confidence=1 - LEVEL * changed.mean())
    nearer = np.clip(1.0, found["low"], found["high"])
    tested = {} if alone.all() else {"rows_before": rows[0], "rows_after": rows[1]}
    table = pd.DataFrame(
        {
            "events_before": counts[0],
            "events_after": counts[1],
            **tested,
            "beyond": np.sqrt(found["low"] * found["high"]),
            "low": found["low"],
            "high": found["high"],
            "at_least": np.where(changed, nearer, 1.0),
            "p_beyond": found["p_relative_fdr"],
            "changed": changed,
        }
    ).set_axis(pd.Index(areas["zone"], name="zone"))
    city = counts[1].sum() / lengths[1] / (counts[0].sum() / lengths[0])
    return AreaChange(before, after, len(months), float(city), table, not alone.all())


def rates_by_quarter(
    points: np.ndarray, times: pd.Series, areas: gpd.GeoDataFrame
) -> pd.DataFrame | None:
    """Events per km² of every area in each full quarter of a year.

    Parameters
    ----------
    points, times, areas
        As in `change_of_areas`.

    Returns
    -------
    DataFrame or None
        Index ``zone``, one column a quarter all of whose months have events; None where fewer than
        ten have, or there are fewer than 30 areas.
    """
    times = pd.Series(times)
    month = times.dt.to_period("M")
    held = pd.Series(month.unique()).sort_values()
    number = held.dt.asfreq("Q").value_counts()
    full = number.index[number == 3].sort_values()
    if len(full) < QUARTERS or len(areas) < FEWEST:
        return None
    quarter = month.dt.asfreq("Q").to_numpy()
    column = pd.PeriodIndex(full).get_indexer(quarter)
    known = column >= 0
    place = area_of(points, areas)[known] * len(full) + column[known]
    counts = np.bincount(place, minlength=len(areas) * len(full)).reshape(len(areas), len(full))
    rates = counts / areas["area_km2"].to_numpy()[:, None]
    return pd.DataFrame(rates, index=pd.Index(areas["zone"]), columns=[str(q) for q in full])


def emerging_counts(table: pd.DataFrame) -> dict[str, int]:
    """How many areas have each class, commonest first; those without a pattern left out.

    Parameters
    ----------
    table : DataFrame
        With the column ``class``.
    """
    number = table["class"].astype(str).value_counts()
    return {str(k): int(v) for k, v in number.items() if k != "No pattern"}
