"""The streets layer: one row a segment."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from helpers.sources import direction_of

from .card import Streets
from .columns import Columns
from .errors import CityError
from .places import geometries

_EMPTY = ("", "nan", "none", "<na>")


def read_streets(columns: Columns[Streets], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Segments: ``length_m`` (measured where not stated), geometry, and what the file tells.

    ``speed_kmh`` is NaN where a segment has none; ``oneway`` is true where a segment is driven as
    drawn only (``-1`` in the file turns it around), false where the cell is empty; ``class`` is a word, "" where the cell is empty.
    """
    lines = geometries(columns, crs, "line")
    parts = shapely.get_num_geometries(lines.to_numpy())
    several = np.flatnonzero(parts > 1)
    if len(several):
        raise CityError(
            f"{columns.table.place(several[0])}: the segment has {parts[several[0]]} parts; give "
            f"each part its own row{columns.others(several)}"
        )
    lines = gpd.GeoSeries(
        [
            shapely.get_geometry(line, 0) if line.geom_type != "LineString" else line
            for line in lines
        ],
        crs=crs,
    )
    data = {}
    if columns.has("length_m"):
        name = columns.source("length_m")
        data["length_m"] = columns.numbers(name, "length").astype(float)
        columns.refuse(data["length_m"] <= 0, name, "is no length", "write metres above zero")
    else:
        data["length_m"] = lines.length
    if columns.has("speed_kmh"):
        name = columns.source("speed_kmh")
        data["speed_kmh"] = columns.numbers(name, "speed", empty=True).astype(float)
        columns.refuse(data["speed_kmh"] <= 0, name, "is no speed", "write km/h above zero")
    if columns.has("oneway"):
        directions = _directions(columns)
        lines = lines.where(directions >= 0, lines.reverse())
        data["oneway"] = directions != 0
    if columns.has("class"):
        words = columns.words(columns.source("class"), "class")
        data["class"] = words.mask(words.isna() | words.str.lower().isin(_EMPTY), "")
    for name in columns.spec.extra:
        data[name] = columns.raw(name, "`extra`")
    return gpd.GeoDataFrame(data, geometry=lines, crs=crs)


def _directions(columns: Columns[Streets]) -> np.ndarray:
    """1 as drawn, -1 against it, 0 both ways, one a segment."""
    name = columns.source("oneway")
    words = columns.words(name, "direction")
    words = words.mask(words.isna() | words.str.lower().isin(_EMPTY), "false")
    found = words.map(direction_of)
    columns.refuse(
        found.isna(),
        name,
        "is neither yes nor no",
        "write true where the segment is driven as it is drawn only, else false",
    )
    return found.to_numpy(dtype=int)
