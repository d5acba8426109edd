"""Polygons of a file, valid and in the system that is asked for."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from .errors import NewCityError
from .systems import known_crs
from .tables import RawTable


def polygons_in_degrees(table: RawTable, what: str) -> np.ndarray:
    """Polygons of a layer, valid, in longitude and latitude."""
    name = str(table.files[0])
    if table.points is None:
        raise NewCityError(
            f"{name} holds no polygons for the {what}; give GeoJSON, GeoPackage or a shapefile"
        )
    shapes = np.asarray(table.points, dtype=object)
    kinds = np.array([s.geom_type if s is not None else "" for s in shapes])
    bad = ~np.isin(kinds, ("Polygon", "MultiPolygon"))
    if bad.any():
        k = int(np.flatnonzero(bad)[0])
        raise NewCityError(
            f"{table.place(k)}: {kinds[k] or 'no geometry'} where the {what} needs a polygon "
            f"({bad.sum()} such rows); remove or convert it"
        )
    if table.crs is None:
        raise NewCityError(
            f"{name} names no system of coordinates; save it as GeoJSON in degrees, or state it "
            "with attach … --crs EPSG:…"
        )
    return moved(shapes, pyproj.CRS(table.crs), pyproj.CRS.from_epsg(4326))


def in_system(table: RawTable, stated: str) -> RawTable:
    """A table of shapes in the system that ``--crs`` states, where its file names none.

    Raises
    ------
    NewCityError
        No such system, or the file names another.
    """
    if not stated or table.points is None:
        return table
    crs = known_crs(stated)
    named = pyproj.CRS(table.crs) if table.crs is not None else crs
    if named != crs and not table.files[0].lower().endswith((".geojson", ".json")):
        raise NewCityError(f"{table.files[0]} names its system, {named.name}; leave --crs out")
    table.crs = crs  # GeoJSON in metres often names none, and then passes for degrees
    return table


def moved(shapes: np.ndarray, source: pyproj.CRS, target: pyproj.CRS) -> np.ndarray:
    """Shapes brought from a system into another, without heights; polygons valid."""
    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    flat = shapely.force_2d(shapes)
    if source != target:
        flat = shapely.transform(
            flat, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))
        )
    areas = np.isin(shapely.get_type_id(flat), (3, 6))
    flat[areas] = [_areas_only(shape) for shape in shapely.make_valid(flat[areas])]
    return flat


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)
