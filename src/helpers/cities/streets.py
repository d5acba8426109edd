"""The streets layer: one row a segment."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from .card import Streets
from .columns import Columns
from .errors import CityError
from .places import geometries


def read_streets(columns: Columns[Streets], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Segments: ``length_m`` (measured where not stated), ``speed_kmh`` where stated, geometry."""
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
        data["speed_kmh"] = columns.numbers(name, "speed").astype(float)
        columns.refuse(data["speed_kmh"] <= 0, name, "is no speed", "write km/h above zero")
    for name in columns.spec.extra:
        data[name] = columns.raw(name, "`extra`")
    return gpd.GeoDataFrame(data, geometry=lines, crs=crs)
