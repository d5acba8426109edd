"""Street segments of any table of lines: its words under the names of the layer streets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..errors import SourceError
from .segments import Segments
from .tags import NOT_DRIVEN, class_of, direction_of, speed_of, values_of

_CLASS = ("highway", "fclass", "road_class", "class")
_SPEED = ("speed_kmh", "speed_kph", "maxspeed", "max_speed")
_ONEWAY = ("oneway", "one_way")
_GEOFABRIK = {"f": "yes", "t": "-1", "b": "no"}


def segments_of(name: str, table: pd.DataFrame, shapes: np.ndarray, crs: Any) -> Segments:
    """Segments of a table of text beside lines.

    Edges of OSMnx (columns ``u`` and ``v``) that stand twice, once for each direction, become one.

    Parameters
    ----------
    name : str
        The file as messages call it.
    table : DataFrame of str
    shapes : ndarray
        A geometry a row; rows that are no lines are left out.
    crs : CRS
        Of the shapes.

    Raises
    ------
    SourceError
        No lines.
    """
    import geopandas as gpd

    facts: list[str] = []
    table = table.reset_index(drop=True)
    lined = np.isin(shapely.get_type_id(shapes), (1, 5)) & (shapely.length(shapes) > 0)
    table, shapes = table[lined].reset_index(drop=True), shapes[lined]
    if not len(table):
        raise SourceError(f"{name} holds no lines; give the segments of streets")
    names = {str(column).strip().lower(): column for column in table.columns}
    data = pd.DataFrame(index=table.index)
    if column := _first(names, _CLASS):
        data["class"] = [class_of(cell) for cell in table[column]]
    if column := _first(names, _SPEED):
        speed = np.array([speed_of(cell) for cell in table[column]])
        if np.isfinite(speed).any():
            data["speed_kmh"] = speed
    directions = _directions(names, table)
    if {"u", "v"} <= set(names):
        length = pd.to_numeric(
            table.get(names.get("length", ""), pd.Series(dtype=object)), errors="coerce"
        )
        if len(length) and (length > 0).all():
            data["length_m"] = length.to_numpy(float)
        keep, directions = _without_twins(table, names, shapes, directions)
        if not keep.all():
            facts.append(f"{name}: {(~keep).sum():,} edges are the way back of others")
        data, shapes, directions = data[keep], shapes[keep], directions[keep]
    if np.isfinite(directions).any():
        data["oneway"] = np.nan_to_num(directions) != 0
    if "class" in data:
        driven = ~data["class"].isin(NOT_DRIVEN).to_numpy()
        if not driven.all():
            facts.append(f"{name}: {(~driven).sum():,} lines are no streets for cars, left out")
        if not driven.any():
            raise SourceError(f"{name} holds no streets that cars may drive, only paths")
        data, shapes, directions = data[driven], shapes[driven], directions[driven]
    shapes = np.where(directions < 0, shapely.reverse(shapes), shapes)
    frame = gpd.GeoDataFrame(data.reset_index(drop=True), geometry=shapes, crs=crs)
    frame = frame.to_crs(4326).explode(ignore_index=True)
    frame["geometry"] = shapely.force_2d(frame.geometry.to_numpy())
    several = len(frame) != len(shapes)
    if several and "length_m" in frame:
        frame = frame.drop(columns="length_m")
    return Segments(frame, facts)


def _first(names: dict[str, Any], wanted: tuple[str, ...]) -> Any:
    return next((names[name] for name in wanted if name in names), None)


def _directions(names: dict[str, Any], table: pd.DataFrame) -> np.ndarray:
    column = _first(names, _ONEWAY)
    if column is None:
        return np.full(len(table), np.nan)
    words = table[column].astype(str).str.strip()
    folded = words.str.lower()
    if folded.isin([*_GEOFABRIK, ""]).all() and folded.eq("b").any():
        words = folded.map(_GEOFABRIK).fillna("")
    found = words.map(lambda word: _one(values_of(word)))
    return found.to_numpy(dtype=float)


def _one(values: list[str]) -> float:
    """Direction of a cell; NaN where it says nothing, or one thing and another."""
    found = {direction_of(value) for value in values}
    direction = found.pop() if len(found) == 1 else None
    return np.nan if direction is None else float(direction)


def _without_twins(
    table: pd.DataFrame, names: dict[str, Any], shapes: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which edges to keep where a two-way street is two edges, and the directions then.

    Two edges are one street when they join the same nodes the other way round, are of the same
    way and are equally long.  An edge that does not say whether it is one-way is, unless it has
    such a twin.
    """
    first, last = table[names["u"]].astype(str), table[names["v"]].astype(str)
    ways = table[names["osmid"]] if "osmid" in names else pd.Series("", index=table.index)
    way = ways.map(lambda cell: ",".join(sorted(values_of(cell))))
    size = pd.Series(np.round(shapely.length(shapes), 9)).map("{:.9g}".format)
    low, high = first.where(first <= last, last), last.where(first <= last, first)
    street = low + "|" + high + "|" + way + "|" + size
    ahead = (first <= last).to_numpy()
    both = street.map(pd.Series(ahead).groupby(street.to_numpy()).nunique()).to_numpy() == 2
    loop = (first == last).to_numpy() & street.duplicated(keep=False).to_numpy()
    unsaid = np.isnan(directions)
    directions = np.where(unsaid, np.where(both | loop, 0.0, 1.0), directions)
    twin = (directions == 0) & (both | loop)
    keep = ~(twin & street.where(twin, None).duplicated().to_numpy())
    return keep, directions
