"""The ground that plans stand on: nodes, their demand and names, and the line around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Transformer

if TYPE_CHECKING:
    import pandas as pd

# Corners of the outline nearer to its line than this share of a quadrant are left out.
FINENESS = 0.05
EXPECTED = "expected_"


def ground(
    nodes: pd.DataFrame, told: pd.DataFrame | None, outline: dict[str, Any] | None, crs: str
) -> dict[str, Any]:
    """Nodes in few characters and with every digit, and the outline.

    Parameters
    ----------
    nodes : DataFrame
        ``node, x, y, expected``.
    told : DataFrame, optional
        The nodes' layer, with ``place`` (a name) and ``expected_<shift>`` where they are known.
    outline : dict, optional
        Boundary as GeoJSON, in degrees.
    crs : str
        Coordinate system of x and y, in metres.

    Returns
    -------
    dict
        ``xs, ys``: the distinct coordinates; ``ix, iy``: place of each node's among them;
        ``node, expected, lon, lat`` (not rounded: who shows them does that once); ``cell``: width and height of a quadrant, metres;
        ``places`` and ``place``: the distinct names and each node's (an empty list where none);
        ``shifts``: demand by shift; ``outline``: rings in metres.

    Raises
    ------
    ValueError
        Demand or coordinates that are no numbers.
    """
    x, y = nodes["x"].to_numpy(float), nodes["y"].to_numpy(float)
    expected = nodes["expected"].to_numpy(float)
    if not all(np.isfinite(values).all() for values in (x, y, expected)):
        raise ValueError("a node without coordinates or demand")
    if not (expected >= 0).all() or not expected.sum() > 0:
        raise ValueError("no demand")
    xs, ix = np.unique(x, return_inverse=True)
    ys, iy = np.unique(y, return_inverse=True)
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = degrees.transform(x, y)
    cell = _quadrant(xs, ys)
    names, place = _places(nodes, told)
    return {
        "xs": xs.tolist(),
        "ys": ys.tolist(),
        "ix": ix.tolist(),
        "iy": iy.tolist(),
        "node": nodes["node"].astype(int).tolist(),
        "expected": expected.tolist(),
        "lon": lon.tolist(),
        "lat": lat.tolist(),
        "cell": [float(f"{side:.6g}") for side in cell],
        "places": names,
        "place": place,
        "shifts": _shifts(nodes, told),
        "outline": _rings(outline, crs, FINENESS * min(cell)),
    }


def _quadrant(xs: np.ndarray, ys: np.ndarray) -> tuple[float, float]:
    """Width and height of a quadrant: the least distances between columns and between rows."""
    width, height = (float(np.diff(each).min()) if len(each) > 1 else 0.0 for each in (xs, ys))
    return width or height or 100.0, height or width or 100.0


def _told(nodes: pd.DataFrame, told: pd.DataFrame | None) -> pd.DataFrame | None:
    """The nodes' layer in the order of the nodes."""
    if told is None or "node" not in told or not told["node"].is_unique:
        return None
    return told.set_index("node").reindex(nodes["node"])


def _places(nodes: pd.DataFrame, told: pd.DataFrame | None) -> tuple[list[str], list[int]]:
    layer = _told(nodes, told)
    if layer is None or "place" not in layer:
        return [], []
    words = [word if isinstance(word, str) else "" for word in layer["place"]]
    names = sorted(set(words))
    number = {name: i for i, name in enumerate(names)}
    return names, [number[word] for word in words]


def _shifts(nodes: pd.DataFrame, told: pd.DataFrame | None) -> dict[str, list[float]]:
    layer = _told(nodes, told)
    if layer is None:
        return {}
    columns = [str(name) for name in layer.columns if str(name).startswith(EXPECTED)]
    found = {name.removeprefix(EXPECTED): layer[name].to_numpy(float) for name in columns}
    return {name: v.tolist() for name, v in found.items() if np.isfinite(v).all() and v.sum() > 0}


def _rings(outline: dict[str, Any] | None, crs: str, fineness: float) -> list[list[list[float]]]:
    """Rings of the polygons of a GeoJSON, in metres, with few corners."""
    if outline is None:
        return []
    import geopandas as gpd
    import shapely

    shapes = [shapely.from_geojson(_text(feature)) for feature in outline["features"]]
    shape = gpd.GeoSeries(shapes, crs=4326).to_crs(crs).union_all().simplify(fineness)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [np.round(shapely.get_coordinates(ring), 1).tolist() for ring in rings]


def _text(feature: dict[str, Any]) -> str:
    import json

    return json.dumps(feature["geometry"])
