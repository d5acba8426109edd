"""Geometries of a layer, brought into the city's coordinate system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from helpers.checks import per_cent
from helpers.sources import is_missing
from helpers.space import (
    is_no_place,
    is_on_earth,
    is_true_at,
    main_group,
    utm_zone,
)

from .columns import Columns
from .errors import CityError

_LONGITUDE_LATITUDE = "EPSG:4326"
_MARGIN_DEGREES = 1.0  # beyond the area of use that a coordinate system states
_KINDS = {
    "point": (0,),
    "line": (1, 5),
    "polygon": (3, 6),
}


def projected_crs(name: str, code: str) -> pyproj.CRS:
    """The city's coordinate system, which must be projected and in metres.

    Raises
    ------
    CityError
        The code is unknown, in degrees, or in another unit.
    """
    crs = known_crs(f"{name}/city.yml: crs", code)
    if crs.is_geographic or not crs.is_projected:
        raise CityError(
            f"{name}/city.yml: crs {code} ({crs.name}) is in degrees; give a projected system in "
            "metres, such as the national grid or the UTM zone"
        )
    if crs.axis_info[0].unit_name != "metre":
        raise CityError(
            f"{name}/city.yml: crs {code} ({crs.name}) is in {crs.axis_info[0].unit_name}; give a "
            f"projected system in metres{_in_metres(crs)}, and state `crs: {code}` for the layers "
            "whose files are in it"
        )
    return crs


def _in_metres(crs: pyproj.CRS) -> str:
    """A system to propose instead of one in feet: the same in metres, else the UTM zone."""
    plain = re.sub(r" \(ft(US)?\)$", "", crs.name)
    for info in query_crs_info("EPSG", pj_types=PJType.PROJECTED_CRS):
        if info.name == plain and not info.deprecated:
            return f", such as EPSG:{info.code} ({info.name})"
    if crs.area_of_use is None:
        return ""
    west, south, east, north = crs.area_of_use.bounds
    zone = utm_zone((west + east) / 2, (south + north) / 2)
    return f", such as {zone.to_string()} (the UTM zone)"


def refuse_untrue(name: str, crs: pyproj.CRS, bounds: Sequence[float]) -> None:
    """Refuse a system whose lengths are wrong at the middle of a city.

    Raises
    ------
    CityError
        Lengths there are off by more than 0.5 % on average, or 1 % in one direction, as those of Web
        Mercator far from the equator.
    """
    xmin, ymin, xmax, ymax = bounds
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    true, error = is_true_at(crs, x, y)
    if not true:
        change = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        zone = utm_zone(*change.transform(x, y))
        raise CityError(
            f"{name}/city.yml: crs {crs.to_string()} ({crs.name}) makes lengths wrong by "
            f"{'+' if error > 0 else ''}{per_cent(error, 1)} at the city; give its national grid, or {zone.to_string()} (the UTM zone), and state "
            f"`crs: {crs.to_string()}` for the layers whose files are in it"
        )


def known_crs(where: str, code: str) -> pyproj.CRS:
    """Coordinate system of an EPSG code.

    Raises
    ------
    CityError
        There is none of that code, or it is vertical, geocentric, compound or of a site.
    """
    try:
        crs = pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        raise CityError(
            f"{where} {code} is not a known coordinate system; look its number up at epsg.org"
        ) from None
    if len(crs.axis_info) != 2 or not (crs.is_geographic or crs.is_projected):
        raise CityError(
            f"{where} {code} ({crs.name}) is no system of two coordinates on the ground; look for a "
            "projected or geographic one at epsg.org"
        )
    return crs


def geometries(columns: Columns, crs: pyproj.CRS, kind: str) -> gpd.GeoSeries:
    """Geometries of a table in `crs`: its own, from text (WKT), or from two columns.

    Parameters
    ----------
    columns : Columns
        The layer's table.
    crs : pyproj.CRS
        Projected, of the city.
    kind : {"point", "line", "polygon"}
        What the layer's geometries are.

    Raises
    ------
    CityError
        No coordinates, of another kind, invalid, in an unknown system, swapped, or outside the
        part of the world that `crs` is made for.
    """
    return _placed(columns, crs, kind)[0]


def event_places(
    columns: Columns, crs: pyproj.CRS, *, allow_empty: bool, allow_strays: bool, lone: bool
) -> tuple[gpd.GeoSeries, np.ndarray]:
    """Points of a table in `crs`, None where there is none, and which are far from all others.

    Parameters
    ----------
    columns, crs
        As in `geometries`.
    allow_empty : bool
        Leave rows without coordinates, or with a code for none, as None instead of refusing them.
    allow_strays : bool
        Leave places outside the part of the world that `crs` is made for as None.
    lone : bool
        Leave places more than 100 km from all others as None too, where strays are allowed.

    Returns
    -------
    points : GeoSeries
    strays : ndarray of bool

    Raises
    ------
    CityError
        As `geometries`.
    """
    points, strays = _placed(
        columns, crs, "point", allow_empty=allow_empty, allow_strays=allow_strays
    )
    if allow_strays and lone:
        strays = strays | _far_from_all(points, crs)
        points = points.mask(strays)
    return points, strays


def _far_from_all(points: gpd.GeoSeries, crs: pyproj.CRS) -> np.ndarray:
    """Points more than 100 km from the group that holds most of them; none where no group does."""
    present = np.asarray(~(points.isna() | points.is_empty))
    degrees = np.full((len(points), 2), np.nan)
    x, y = shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy())
    degrees[present] = np.column_stack(_to_degrees(crs).transform(x[present], y[present]))
    main, share = main_group(degrees, present & is_on_earth(degrees))
    return present & ~main if share > 0.5 else np.zeros(len(points), dtype=bool)


def _placed(
    columns: Columns,
    crs: pyproj.CRS,
    kind: str,
    *,
    allow_empty: bool = False,
    allow_strays: bool = False,
) -> tuple[gpd.GeoSeries, np.ndarray]:
    frame = columns.table.frame
    is_spatial = isinstance(frame, gpd.GeoDataFrame)
    by_xy = "x" in columns.spec.columns or (not is_spatial and columns.has("x"))
    if by_xy and "geometry" not in columns.spec.columns:
        series, source = _from_xy(columns, crs, allow_empty)
        shown = columns.source("x")
    elif is_spatial and columns.source("geometry") in (frame.geometry.name, "geometry"):
        series, source = _own(columns, frame)
        shown = frame.geometry.name
    elif columns.has("geometry"):
        series, source = _from_text(columns, crs, allow_empty)
        shown = columns.source("geometry")
    else:
        raise CityError(
            f"{columns.table.name}: no coordinates for the layer; map x and y, or geometry (WKT "
            f"text), in {columns.card}.columns"
        )
    # heights are left out: everything here lies on a map
    if shapely.has_z(series.to_numpy()).any():
        series = gpd.GeoSeries(shapely.force_2d(series.to_numpy()), crs=source)
    if allow_empty and kind == "point":
        series = series.mask(_is_code(series.to_numpy()))
    empty = np.asarray(series.isna() | series.is_empty)
    if not allow_empty:
        columns.refuse(empty, shown, "has no coordinates", "write them or remove the row", "; ")
    wrong = ~np.isin(shapely.get_type_id(series.to_numpy()), _KINDS[kind]) & ~empty
    columns.refuse(wrong, shown, f"is no {kind}", f"the layer needs {kind}s; convert it", "; ")
    columns.refuse(
        ~_is_finite(series.to_numpy()) & ~empty,
        shown,
        "has a coordinate that is not finite",
        "write ordinary numbers",
    )
    if kind == "polygon":
        _refuse_invalid(columns, series, shown)
    strays = _misplaced(columns, series, source, crs, shown, by_xy, refuse=not allow_strays)
    series = series.mask(strays)
    empty = empty | strays
    try:
        placed = _points_in(series, crs) if kind == "point" else series.to_crs(crs)
    except (pyproj.exceptions.ProjError, ValueError):
        raise CityError(
            f"{columns.card}: coordinates in {source.name} cannot be brought into {crs.name}; "
            "correct the crs of the layer or city"
        ) from None
    columns.refuse(
        ~_is_finite(placed.to_numpy()) & ~empty,
        shown,
        f"has no place in {crs.name}",
        "correct the coordinates, or the crs of the layer or city",
    )
    return placed, strays


def points_at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points of coordinates; events at one place share one point, which is made once.

    Parameters
    ----------
    x, y : (n,) array of float

    Returns
    -------
    (n,) array of shapely.Point
    """
    # their numbers among the different ones; a coordinate that is no number is one of them
    of_x, all_x = pd.factorize(x, use_na_sentinel=False)
    of_y, all_y = pd.factorize(y, use_na_sentinel=False)
    place, places = pd.factorize(of_x.astype(np.int64) * len(all_y) + of_y)
    if not len(places):
        return np.empty(0, dtype=object)
    made = shapely.points(all_x[places // len(all_y)], all_y[places % len(all_y)])
    return np.asarray(made)[place]


def _points_in(points: gpd.GeoSeries, crs: pyproj.CRS) -> gpd.GeoSeries:
    """Points in another system; `to_crs` would copy each of them, one place or not."""
    if points.crs.is_exact_same(crs):
        return points
    bring = pyproj.Transformer.from_crs(points.crs, crs, always_xy=True)
    placed = points.to_numpy().copy()
    present = ~np.asarray(points.isna() | points.is_empty)
    given = placed[present]
    placed[present] = points_at(*bring.transform(shapely.get_x(given), shapely.get_y(given)))
    return gpd.GeoSeries(placed, index=points.index, crs=crs)


def _is_code(shapes: np.ndarray) -> np.ndarray:
    """Which points stand for no place, as 0 and 0 do."""
    single = shapely.get_type_id(shapes) == 0
    with np.errstate(invalid="ignore"):
        x = np.where(single, shapely.get_x(shapes), 1.0)
        y = np.where(single, shapely.get_y(shapes), 2.0)
    return single & is_no_place(x, y) & np.isfinite(x) & np.isfinite(y)


def _is_finite(shapes: np.ndarray) -> np.ndarray:
    """Which geometries have ordinary numbers for all coordinates; missing ones have."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _from_xy(
    columns: Columns, crs: pyproj.CRS, allow_empty: bool
) -> tuple[gpd.GeoSeries, pyproj.CRS]:
    x_name, y_name = columns.source("x"), columns.source("y")
    x = columns.numbers(x_name, "x coordinate", negative=True, empty=allow_empty)
    y = columns.numbers(y_name, "y coordinate", negative=True, empty=allow_empty)
    source = crs
    if columns.spec.crs:
        source = known_crs(f"{columns.card}.crs", columns.spec.crs)
    elif x.abs().max() <= 180 and y.abs().max() <= 90:
        raise CityError(
            f"{columns.table.name}, columns {x_name} and {y_name}: the coordinates look like "
            f"degrees, not metres; state `crs: {_LONGITUDE_LATITUDE}` in {columns.card}"
        )
    points = points_at(x.to_numpy(dtype=float), y.to_numpy(dtype=float))
    points[(x.isna() | y.isna()).to_numpy()] = None
    return gpd.GeoSeries(points, crs=source), source


def _own(columns: Columns, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, pyproj.CRS]:
    source = frame.crs
    if columns.spec.crs:
        source = known_crs(f"{columns.card}.crs", columns.spec.crs)
        return gpd.GeoSeries(frame.geometry.to_numpy(), crs=source), source
    if source is None:
        raise CityError(
            f"{columns.table.name} states no coordinate system; state `crs:` in {columns.card}"
        )
    return gpd.GeoSeries(frame.geometry.to_numpy(), crs=source), source


def _from_text(
    columns: Columns, crs: pyproj.CRS, allow_empty: bool
) -> tuple[gpd.GeoSeries, pyproj.CRS]:
    name = columns.source("geometry")
    what = "geometry (WKT text)"
    text = columns.words(name, what) if allow_empty else columns.text(name, what)
    none = is_missing(text) if allow_empty else np.zeros(len(text), dtype=bool)
    shapes = shapely.from_wkt(text.mask(none).to_numpy(dtype=object), on_invalid="ignore")
    columns.refuse(
        shapely.is_missing(shapes) & ~none,
        name,
        "is not WKT",
        "write for example POINT (1 2), and end each ring where it begins",
    )
    source = known_crs(f"{columns.card}.crs", columns.spec.crs) if columns.spec.crs else crs
    return gpd.GeoSeries(shapes, crs=source), source


def _refuse_invalid(columns: Columns, series: gpd.GeoSeries, shown: str) -> None:
    invalid = np.flatnonzero(~shapely.is_valid(series.to_numpy()))
    if len(invalid):
        reason = shapely.is_valid_reason(series.iloc[invalid[0]])
        raise CityError(
            f"{columns.table.place(invalid[0])}, column {shown}: the polygon is not valid "
            f"({reason}); repair it, for example with shapely.make_valid{columns.others(invalid)}"
        )


def _misplaced(
    columns: Columns,
    series: gpd.GeoSeries,
    source: pyproj.CRS,
    crs: pyproj.CRS,
    shown: str,
    by_xy: bool,
    *,
    refuse: bool,
) -> np.ndarray:
    """Places outside the area that the city's coordinate system is made for, refused if need be."""
    nowhere = np.zeros(len(series), dtype=bool)
    area = crs.area_of_use
    boxes = series.bounds.to_numpy()
    present = np.isfinite(boxes).all(axis=1)
    if area is None or not present.any():
        return nowhere
    low, high = boxes[:, :2], boxes[:, 2:]
    if not source.is_geographic:
        to_degrees = _to_degrees(source)
        low = np.column_stack(to_degrees.transform(low[:, 0], low[:, 1]))
        high = np.column_stack(to_degrees.transform(high[:, 0], high[:, 1]))
    outside = present & ~(_within(low, area.bounds) & _within(high, area.bounds))
    positions = np.flatnonzero(outside)
    if not len(positions):
        return nowhere
    swapped = (
        source.is_geographic
        and (
            _within(low[outside][:, ::-1], area.bounds)
            & _within(high[outside][:, ::-1], area.bounds)
        ).mean()
        > 0.5
    )
    column = f"columns {shown} and {columns.source('y')}" if by_xy else f"column {shown}"
    where = f"{columns.table.place(positions[0])}, {column}"
    x, y = boxes[positions[0], :2]
    if swapped and (refuse or len(positions) > 0.5 * present.sum()):
        mend = "exchange x and y in city.yml" if by_xy else "write longitude before latitude"
        raise CityError(
            f"{where}: ({x:g}, {y:g}) has longitude and latitude swapped; {mend}"
            f"{columns.others(positions)}"
        )
    if not refuse and len(positions) < present.sum():
        return outside
    raise CityError(
        f"{where}: ({x:g}, {y:g}) lies outside the area of {crs.name} (longitude {area.west:g} to "
        f"{area.east:g}, latitude {area.south:g} to {area.north:g}); correct the coordinates, or "
        f"the crs of the layer or city{columns.others(positions)}"
    )


@cache  # PROJ takes a twentieth of a second to find each, and a city asks for the same one
def _to_degrees(source: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, _LONGITUDE_LATITUDE, always_xy=True)


def _within(degrees: np.ndarray, area: tuple[float, float, float, float]) -> np.ndarray:
    """Which places lie in an area, given by its west, south, east and north ends."""
    x, y = degrees[:, 0], degrees[:, 1]
    west, south, east, north = area
    # an area across the antimeridian has its west end east of its east end
    after, before = x >= west - _MARGIN_DEGREES, x <= east + _MARGIN_DEGREES
    inside = after & before if west <= east else after | before
    return inside & (y >= south - _MARGIN_DEGREES) & (y <= north + _MARGIN_DEGREES)


def inside(points: pd.Series, boundary: shapely.Geometry) -> np.ndarray:
    """Which points lie in the boundary or on it."""
    shapely.prepare(boundary)
    return shapely.covers(boundary, points.to_numpy())
