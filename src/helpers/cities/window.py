"""The boundary layer: the study window as one row."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import shapely

from .columns import Columns
from .places import geometries


def read_boundary(columns: Columns, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Union of the polygons of a file, holes kept, as a frame of one row."""
    return one_row(shapely.union_all(geometries(columns, crs, "polygon").to_numpy()), crs)


def one_row(polygon: shapely.Geometry, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """A polygon as a frame of one row, its rings in one order and direction.

    A normal form makes the same window give the same bytes, whatever drew it.
    """
    return gpd.GeoDataFrame(geometry=[shapely.normalize(polygon)], crs=crs)
