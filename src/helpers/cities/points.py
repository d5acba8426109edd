"""Layers of points: events, stations, patrols."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from .columns import Columns
from .errors import CityError
from .events_spec import Events
from .layer_spec import LayerSpec
from .places import geometries, inside


def read_events(columns: Columns[Events], crs: pyproj.CRS) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Events in the file's order: ``kind``, ``time``, ``zone`` where stated, ``geometry``.

    Returns
    -------
    events : GeoDataFrame
        Its index is the position of the row in the table, so that later checks can point at it.
    remarks : list of str
        What was left out because the card says so.
    """
    spec = columns.spec
    data = {"kind": _kinds(columns), "time": _times(columns)}
    drop = spec.without_place == "drop"
    points = geometries(columns, crs, "point", allow_empty=drop)
    if "zone" in spec.columns:
        data["zone"] = columns.words(columns.source("zone"), "zone")
    data |= _extra(columns)
    events = gpd.GeoDataFrame(data, geometry=points, crs=crs)
    remarks = _said_of_constants(spec)
    timeless = events["time"].isna().to_numpy()
    if timeless.any():
        if timeless.all():
            raise CityError(f"{columns.table.name}: no event has a time; the layer needs some")
        remarks.append(
            f"{timeless.sum():,} of {len(events):,} events have no time that can be read and are left out"
        )
        events, points = events[~timeless], points[~timeless]
    missing = np.asarray(points.isna() | points.is_empty)
    if not missing.any():
        return events, remarks
    if missing.all():
        raise CityError(f"{columns.table.name}: no event has coordinates; the layer needs some")
    remark = f"{missing.sum():,} of {len(events):,} events have no coordinates and are left out"
    return events[~missing], [*remarks, remark]


def _kinds(columns: Columns[Events]) -> pd.Series:
    constant = columns.spec.constant("kind")
    if constant is None:
        return columns.text(columns.source("kind"), "kind")
    return pd.Series(constant, index=columns.table.frame.index, dtype="str")


def _times(columns: Columns[Events]) -> pd.Series:
    spec = columns.spec
    constant = spec.constant("time")
    if constant is None:
        return columns.times(
            columns.source("time"),
            spec.time_precision,
            spec.time_format,
            drop=spec.bad_time == "drop",
        )
    moment = pd.Timestamp(constant)
    return pd.Series(moment, index=columns.table.frame.index, dtype="datetime64[s]")


def _said_of_constants(spec: Events) -> list[str]:
    """What a reader must know of columns that are no columns."""
    return [
        f"the {name} of every event is {constant!r}, which city.yml states because no column does: "
        f"nothing is told by {name}"
        for name in spec.constant_columns
        if (constant := spec.constant(name)) is not None
    ]


def inside_boundary(
    events: gpd.GeoDataFrame, columns: Columns[Events], boundary: shapely.Geometry
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Events inside the boundary; the others are refused or left out, as the card says.

    Raises
    ------
    CityError
        Events lie outside and the card does not say ``outside: drop``, or all of them do.
    """
    kept = inside(events.geometry, boundary)
    if kept.all():
        return events, []
    outside = events.index.to_numpy()[~kept]
    first = events.geometry.loc[outside[0]]
    where = (
        f"{columns.table.place(outside[0])}: the event at ({first.x:.0f}, {first.y:.0f}) m lies "
        "outside the boundary"
    )
    xy = events.get_coordinates().to_numpy()
    swapped = shapely.contains_xy(boundary, xy[:, 1], xy[:, 0])
    if swapped.mean() > 0.5 > kept.mean():
        raise CityError(f"{where}; x and y look swapped, exchange them in {columns.card}.columns")
    if not kept.any():
        raise CityError(
            f"{where}, and so do all others; check the `crs` of the events and of the boundary in "
            f"{columns.card}"
        )
    if columns.spec.outside == "error":
        raise CityError(
            f"{where}; correct it, or leave such events out with `outside: drop` in "
            f"{columns.card}{columns.others(outside)}"
        )
    remark = f"{len(outside):,} of {len(events):,} events lie outside the boundary and are left out"
    return events[kept], [remark]


def of_known_zones(
    events: gpd.GeoDataFrame, columns: Columns[Events], zones: pd.Series
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Events whose zone code the zones layer has; the others as the card says."""
    kept = events["zone"].isin(zones).to_numpy()
    if kept.all():
        return events, []
    strangers = events.index.to_numpy()[~kept]
    name = columns.source("zone")
    if not kept.any():
        code = events["zone"].loc[strangers[0]]
        raise CityError(
            f"{columns.table.place(strangers[0])}, column {name}: zone {code!r} is not among the "
            f"zones, nor is any other event's; map the column that holds the zones' codes in "
            f"{columns.card}.columns"
        )
    if columns.spec.outside == "error":
        code = events["zone"].loc[strangers[0]]
        raise CityError(
            f"{columns.table.place(strangers[0])}, column {name}: zone {code!r} is not among the "
            f"zones; correct it, or leave such events out with `outside: drop` in {columns.card}"
            f"{columns.others(strangers)}"
        )
    remark = f"{len(strangers):,} of {len(events):,} events are of no known zone and are left out"
    return events[kept], [remark]


def read_posts(columns: Columns[LayerSpec], crs: pyproj.CRS, what: str) -> gpd.GeoDataFrame:
    """Stations or patrols: the name in the column `what`, officers where stated, ``geometry``."""
    name = columns.source(what)
    data = {what: columns.text(name, what)}
    columns.unique(data[what], name, what)
    if what == "station" and columns.has("officers"):
        data["officers"] = columns.numbers(columns.source("officers"), "number of officers")
    data |= _extra(columns)
    return gpd.GeoDataFrame(data, geometry=geometries(columns, crs, "point"), crs=crs)


def _extra(columns: Columns[LayerSpec]) -> dict[str, pd.Series]:
    return {name: columns.raw(name, "`extra`") for name in columns.spec.extra}
