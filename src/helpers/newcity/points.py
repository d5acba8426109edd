"""Texts that hold both coordinates of a place: pairs, well-known text and binary, GeoJSON, dicts."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely

from .words import words_of

_N = r"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_WKT = re.compile(
    rf"(?:SRID=\d+;)?\s*POINT\s*Z?M?\s*\(\s*{_N}\s+{_N}(?:\s+{_N})*\s*\)", re.IGNORECASE
)
_GEOJSON = re.compile(rf"[\"']coordinates[\"']\s*:\s*\[\s*{_N}\s*,\s*{_N}")
_LAT = re.compile(rf"[\"'](?:lat|latitude)[\"']\s*:\s*[\"']?{_N}", re.IGNORECASE)
_LON = re.compile(rf"[\"'](?:lon|lng|long|longitude)[\"']\s*:\s*[\"']?{_N}", re.IGNORECASE)
_QUOTED = re.compile(rf"[\"']{_N}[\"']\s*,\s*[\"']{_N}[\"']")
_LIST = re.compile(rf"\[\s*{_N}\s*,\s*{_N}\s*\]")
_PAIR = re.compile(r"(?:^|[\n(])\s*(-?\d+\.\d+)\s*[,;/ ]\s*(-?\d+\.\d+)\s*\)?\s*$")
_HEX = re.compile(r"0[01][0-9A-Fa-f]{40,}")


def is_point(texts: pd.Series) -> np.ndarray:
    """Which texts hold a place in one of the known forms."""
    return np.array([_read(str(text)) is not None for text in texts], dtype=bool)


def split_point(texts: pd.Series, name: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of texts that hold both.

    Pairs of numbers alone are latitude and longitude, as portals write them, unless the column's name
    or a number above 90 says otherwise; the other forms say themselves which is which.

    Parameters
    ----------
    texts : Series of str
    name : str
        Of the column.

    Returns
    -------
    x, y : ndarray of float
        Longitude and latitude (or the file's x and y); NaN where there is none.

    Examples
    --------
    >>> [v.tolist() for v in split_point(pd.Series(["(40.4, -3.7)", "POINT (-3.7 40.4)", "s/d"]))]
    [[-3.7, -3.7, nan], [40.4, 40.4, nan]]
    """
    found = [_read(str(text)) for text in texts]
    values = np.array([(f[0], f[1]) if f else (np.nan, np.nan) for f in found], dtype=float)
    values = values.reshape(-1, 2)
    pair = np.array([bool(f and f[2]) for f in found], dtype=bool)
    if pair.any():
        first, second = values[pair].T
        turned = (np.abs(first) > 90).mean() <= 0.5
        if re.search(r"\b(lon|lng|long|x)\w*( \w+)* (lat|y)|lonlat|lnglat|\bxy\b", words_of(name)):
            turned = (np.abs(second) > 90).mean() > 0.5
        if turned:
            values[pair] = np.column_stack([second, first])
    return values[:, 0], values[:, 1]


def _read(text: str) -> tuple[float, float, bool] | None:
    """x, y, and whether nothing but their order tells which is which."""
    if not text or len(text) > 2000:
        return None
    if _HEX.fullmatch(text):
        try:
            shape = shapely.from_wkb(text)
        except (shapely.errors.GEOSException, ValueError):
            return None
        if shape is None or shape.is_empty or shape.geom_type != "Point":
            return None
        return shape.x, shape.y, False
    if m := _WKT.fullmatch(text.strip()):
        return float(m[1]), float(m[2]), False
    if text.lstrip()[:1] in "{[":
        if m := _GEOJSON.search(text) or _LIST.fullmatch(text.strip()):
            return float(m[1]), float(m[2]), False
        lat, lon = _LAT.search(text), _LON.search(text)
        if lat and lon:
            return float(lon[1]), float(lat[1]), False
        m = _QUOTED.search(text) if text.lstrip().startswith("[") else None
        return (float(m[2]), float(m[1]), False) if m else None
    m = _PAIR.search(text.strip())
    return (float(m[1]), float(m[2]), True) if m else None
