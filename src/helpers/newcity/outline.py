"""The window of a city: a file of polygons, or a hull around its events."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from .errors import NewCityError
from .tables import RawTable

_HULL = 0.25  # 0 is the tightest hull, 1 the convex one
_MOST = 20_000  # places that shape a hull


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
        raise NewCityError(f"{name} names no system of coordinates; save it as GeoJSON in degrees")
    return moved(shapes, pyproj.CRS(table.crs), pyproj.CRS.from_epsg(4326))


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


def hull_of(places: np.ndarray) -> tuple[shapely.Polygon, float]:
    """A polygon around places in metres that holds all of them, and its margin.

    The margin is a few times the usual distance between neighbours, at least 100 m.
    """
    unique = np.unique(np.round(places, 0), axis=0)
    if len(unique) < 3:
        return shapely.MultiPoint(unique).convex_hull.buffer(500.0), 500.0
    shaping = unique
    if len(unique) > _MOST:
        # one place a cell of a fine grid draws the same outline
        size = (unique.max(axis=0) - unique.min(axis=0)).max() / 400
        _, first = np.unique(np.floor(unique / size), axis=0, return_index=True)
        shaping = unique[first]
    whole = shapely.convex_hull(shapely.multipoints(unique))
    margin = float(np.clip(1.5 * np.sqrt(max(whole.area, 1.0) / len(unique)), 100.0, 1500.0))
    hull = shapely.concave_hull(shapely.multipoints(shaping), ratio=_HULL)
    grown = hull.buffer(margin)
    left = ~shapely.contains_xy(grown, unique[:, 0], unique[:, 1])
    if left.any():
        grown = shapely.union_all([grown, *shapely.buffer(shapely.points(unique[left]), margin)])
    if grown.geom_type != "Polygon":
        grown = shapely.concave_hull(grown, ratio=0.6).buffer(margin / 4)
    outline = shapely.Polygon(grown.exterior)
    simple = outline.simplify(margin / 10)
    if shapely.contains_xy(simple, unique[:, 0], unique[:, 1]).all():
        outline = simple
    return outline, margin
