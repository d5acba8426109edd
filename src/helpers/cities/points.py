"""Layers of points: events, stations, patrols."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from helpers.sources import Table

from .aside import Aside
from .columns import Columns
from .errors import CityError
from .events_spec import Events
from .layer_spec import LayerSpec
from .places import event_places, geometries, inside
from .times import read_times

MOST_EVENTS = 50_000_000  # more do not fit into memory


def read_events(
    columns: Columns[Events], crs: pyproj.CRS, *, lone: bool
) -> tuple[gpd.GeoDataFrame, Aside]:
    """Events in the file's order: ``kind``, ``time``, ``zone`` where stated, ``geometry``.

    Parameters
    ----------
    columns : Columns
    crs : pyproj.CRS
        Of the city.
    lone : bool
        Whether no outline tells which events belong to the city, so that those far from all others
        are the ones outside.

    Returns
    -------
    events : GeoDataFrame
        Its index is the position of the row in the table, so that later checks can point at it.
    aside : Aside
        What was left out because the card says so.
    """
    spec = columns.spec
    aside = Aside(columns.table, remarks=_said_of_constants(spec))
    data = {"kind": _kinds(columns)}
    data["time"], missing = read_times(columns)
    lacking = data["time"].isna().to_numpy()
    aside.put(lacking & missing, "no_time")
    aside.put(lacking, "bad_time")
    aside.say("have no time that can be read", "no_time", "bad_time")
    aside.refuse_all("no event has a time")
    if "id" in spec.columns:
        aside.put(_again(columns), "duplicate")
        aside.say("repeat an earlier row with its number", "duplicate")
    placeless = spec.without_place == "drop"
    points, strays = event_places(
        columns, crs, allow_empty=placeless, allow_strays=spec.outside == "drop", lone=lone
    )
    if "zone" in spec.columns:
        data["zone"] = columns.words(columns.source("zone"), "zone")
    data |= _extra(columns)
    events = gpd.GeoDataFrame(data, geometry=points, crs=crs)
    aside.put(np.asarray(points.isna() | points.is_empty) & ~strays, "no_place")
    aside.say("have no coordinates", "no_place")
    aside.refuse_all("no event has coordinates")
    aside.put(strays, "remote")
    aside.said("remote")
    aside.refuse_all("every event lies far from all others")
    if "count" in spec.columns:
        aside.put(_counts(columns) == 0, "no_crime")
        aside.say("have the count 0", "no_crime")
        aside.refuse_all("every event has the count 0")
    return events.iloc[aside.kept], aside


def _again(columns: Columns[Events]) -> np.ndarray:
    """Rows that repeat an earlier one in all columns, its number among them.

    Rows of one number that differ in another cell are several crimes of one case.
    """
    number = columns.words(columns.source("id"), "number of the crime").to_numpy()
    frame = pd.DataFrame(columns.table.frame)
    cells = [frame[name].astype("str") for name in frame if name != "geometry"]
    shapes = [shapely.to_wkb(frame["geometry"].to_numpy())] if "geometry" in frame else []
    whole = pd.DataFrame(dict(enumerate([*cells, *shapes])))
    return whole.duplicated().to_numpy() & (number != "")


def in_no_zone(events: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> str:
    """What must be said of events that lie in the polygon of no zone; nothing where all do."""
    tree = shapely.STRtree(zones.geometry.to_numpy())
    found = np.unique(tree.query(events.geometry.to_numpy(), predicate="intersects")[0])
    lost = len(events) - len(found)
    if not lost:
        return ""
    return f"{lost:,} of {len(events):,} events lie in no zone and count in none"


def _counts(columns: Columns[Events]) -> np.ndarray:
    """How many events each row is, where a column counts; whole numbers from zero."""
    name = columns.source("count")
    values = columns.numbers(name, "number of events").to_numpy(dtype=float)
    columns.refuse(
        values % 1 != 0, name, "is no whole number", "write how many events the row is, 0 for none"
    )
    total = values.sum()
    if total > MOST_EVENTS:
        raise CityError(
            f"{columns.table.name}, column {name}: the counts add up to {total:,.0f} events, more than "
            f"{MOST_EVENTS:,}; map the column that counts the events of a row"
        )
    return values.astype("int64")


def repeated(events: gpd.GeoDataFrame, columns: Columns[Events]) -> gpd.GeoDataFrame:
    """Events as often as their count says; the index is still the position in the table."""
    if "count" not in columns.spec.columns:
        return events
    often = _counts(columns)[events.index.to_numpy()]
    return events.iloc[np.repeat(np.arange(len(events)), often)]


def count_rejected(table: Table) -> dict[str, int]:
    """Rows of a list of rejected ones, by reason.

    Raises
    ------
    CityError
        It has no column ``reason``, or a row without one.
    """
    if "reason" not in table.frame:
        raise CityError(f"{table.name}: no column 'reason' of why a row was rejected; name it so")
    reasons = table.frame["reason"].astype("str").str.strip()
    empty = np.flatnonzero(reasons.eq("") | reasons.isna())
    if len(empty):
        raise CityError(
            f"{table.place(empty[0])}, column reason is empty; write why the row was rejected"
        )
    return {str(reason): int(count) for reason, count in reasons.value_counts().items()}


def _kinds(columns: Columns[Events]) -> pd.Series:
    constant = columns.spec.constant("kind")
    if constant is None:
        return columns.text(columns.source("kind"), "kind")
    return pd.Series(constant, index=columns.table.frame.index, dtype="str")


def _said_of_constants(spec: Events) -> list[str]:
    """What a reader must know of columns that are no columns."""
    return [
        f"the {name} of every event is {constant!r}, which city.yml states because no column does: "
        f"nothing is told by {name}"
        for name in spec.constant_columns
        if (constant := spec.constant(name)) is not None
    ]


def inside_boundary(
    events: gpd.GeoDataFrame,
    columns: Columns[Events],
    boundary: shapely.Geometry,
    aside: Aside,
) -> gpd.GeoDataFrame:
    """Events inside the boundary; the others are refused or left out, as the card says.

    Raises
    ------
    CityError
        Events lie outside and the card does not say ``outside: drop``, or all of them do.
    """
    kept = inside(events.geometry, boundary)
    if kept.all():
        return events
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
    aside.put(outside, "outside")
    aside.said("outside")
    return events[kept]


def of_known_zones(
    events: gpd.GeoDataFrame, columns: Columns[Events], zones: pd.Series, aside: Aside
) -> gpd.GeoDataFrame:
    """Events whose zone code the zones layer has; the others as the card says."""
    kept = events["zone"].isin(zones).to_numpy()
    if kept.all():
        return events
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
    aside.put(strangers, "unknown_zone")
    aside.said("unknown_zone")
    return events[kept]


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
