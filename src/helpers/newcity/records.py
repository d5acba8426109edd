"""Tables of JSON: GeoJSON, pages of ArcGIS, Socrata's rows, records inside records."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from .errors import NewCityError
from .frames import text_frame
from .tables import RawTable

_SHAPES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def json_table(name: str, data: bytes) -> RawTable | None:
    """The records of a JSON text, or of a line each; None where it holds none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        try:
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise NewCityError(
                f"{name} is no JSON (it begins with {text[:20]!r}); save it again"
            ) from None
    if isinstance(whole, dict) and "error" in whole and "features" not in whole:
        raise NewCityError(
            f"{name} is an error of its portal ({str(whole['error'])[:100]}); ask again"
        )
    if isinstance(whole, dict) and whole.get("type") in _SHAPES:
        whole = {"type": "Feature", "properties": {}, "geometry": whole}
    if isinstance(whole, dict) and whole.get("type") == "Feature":
        whole = {**whole, "features": [whole]}
    if isinstance(whole, dict) and isinstance(whole.get("features"), list):
        return _features(name, whole)
    records = _records(whole)
    if not records:
        return None
    frame = pd.DataFrame([_flat(record) for record in records])
    table = RawTable(
        text_frame(frame),
        np.full(len(frame), name, dtype=object),
        np.arange(1, len(frame) + 1),
        facts=[f"{name}: JSON, {len(frame):,} records"],
    )
    return table


def _records(whole: Any, depth: int = 0) -> list[dict]:
    """The longest list of records, wherever it is."""
    if isinstance(whole, list):
        if whole and all(isinstance(item, dict) for item in whole):
            return whole
        return []
    if not isinstance(whole, dict) or depth > 4:
        return []
    columns = (
        whole.get("meta", {}).get("view", {}).get("columns")
        if isinstance(whole.get("meta"), dict)
        else None
    )
    if columns and isinstance(whole.get("data"), list):  # Socrata's rows.json
        names = [c.get("name", str(k)) for k, c in enumerate(columns)]
        return [dict(zip(names, row, strict=False)) for row in whole["data"]]
    return max((_records(value, depth + 1) for value in whole.values()), key=len, default=[])


def _flat(record: dict, before: str = "", depth: int = 0) -> dict:
    """A record whose records inside are columns of their own: ``place.latitude``."""
    flat: dict = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value and depth < 4 and "coordinates" not in value:
            flat.update(_flat(value, f"{name}.", depth + 1))
        else:
            flat[name] = value
    return flat


def _features(name: str, whole: dict) -> RawTable:
    """Features of GeoJSON or of ArcGIS."""
    features = whole["features"]
    esri = any("attributes" in f for f in features[:50])
    records = [_flat(f.get("attributes" if esri else "properties") or {}) for f in features]
    names = [f.get("name") for f in whole.get("fields", []) if isinstance(f, dict)]
    frame = pd.DataFrame(records, columns=names or None)
    frame = frame.drop(columns="geometry", errors="ignore")
    if esri:
        shapes = np.array([_esri_shape(f.get("geometry")) for f in features], dtype=object)
    else:
        shapes = np.array([_geojson_shape(f.get("geometry")) for f in features], dtype=object)
    points = None if all(s is None for s in shapes) else shapes
    warnings = []
    if whole.get("exceededTransferLimit") or (whole.get("properties") or {}).get(
        "exceededTransferLimit"
    ):
        warnings.append(
            f"{name} says exceededTransferLimit: it is one page of a longer answer, more rows were "
            "left on the server; ask for all pages (resultOffset), or go on with this page alone"
        )
    kind = "a page of an ArcGIS service" if esri else "GeoJSON"
    table = RawTable(
        text_frame(frame),
        np.full(len(frame), name, dtype=object),
        np.arange(1, len(frame) + 1),
        points,
        _system(name, whole, esri),
        [f"{name}: {kind}, {len(frame):,} features"],
        warnings,
    )
    return table


def _system(name: str, whole: dict, esri: bool) -> Any:
    try:
        if esri:
            system: Any = whole.get("spatialReference") or next(
                (f["geometry"]["spatialReference"] for f in whole["features"]
                 if (f.get("geometry") or {}).get("spatialReference")), {})  # fmt: skip
            code = system.get("latestWkid") or system.get("wkid")
            if code == 102100:
                code = 3857
            if code:
                return pyproj.CRS.from_epsg(code) if code < 100_000 else pyproj.CRS(f"ESRI:{code}")
            return pyproj.CRS.from_wkt(system["wkt"]) if system.get("wkt") else None
        stated = ((whole.get("crs") or {}).get("properties") or {}).get("name")
        crs = pyproj.CRS.from_user_input(stated) if stated else pyproj.CRS.from_epsg(4326)
        return pyproj.CRS.from_epsg(4326) if crs.to_authority() == ("OGC", "CRS84") else crs
    except (pyproj.exceptions.CRSError, TypeError, AttributeError):
        raise NewCityError(
            f"{name}: its system of coordinates is not known; state it with --crs EPSG:…"
        ) from None


def _geojson_shape(geometry: Any) -> Any:
    if not geometry:
        return None
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return None


def _esri_shape(geometry: Any) -> Any:
    if not isinstance(geometry, dict):
        return None
    try:
        if "x" in geometry:
            x, y = geometry["x"], geometry["y"]
            if x in (None, "NaN") or y in (None, "NaN"):
                return None
            return shapely.Point(float(x), float(y))
        if "rings" in geometry:
            lines = [shapely.LinearRing([p[:2] for p in ring]) for ring in geometry["rings"]]
            shape = shapely.build_area(shapely.multilinestrings(lines))
            return shape if not shape.is_empty else None
        if "paths" in geometry:
            return shapely.multilinestrings(
                [shapely.LineString([p[:2] for p in line]) for line in geometry["paths"]]
            )
    except (TypeError, ValueError, shapely.errors.GEOSException):
        return None
    return None
