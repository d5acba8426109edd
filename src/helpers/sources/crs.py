"""Coordinate systems that files name, taken only where they need nothing but PROJ's own tables."""

from __future__ import annotations

import re
from typing import Any

_CODE = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[\d.]*:)?(\w+)", re.IGNORECASE)
# words by which the text of a coordinate system sends PROJ to another file
_ELSEWHERE = re.compile(r"EXTENSION|PARAMETERFILE|ParameterFile|nadgrids|geoidgrids|\+init", re.I)


def of_code(text: str) -> Any:
    """Coordinate system of ``EPSG:<number>`` or its urn, None where the text is no known code.

    Examples
    --------
    >>> of_code("urn:ogc:def:crs:OGC:1.3:CRS84").to_epsg()
    4326
    >>> of_code("+proj=utm +zone=30 +nadgrids=/etc/passwd") is None
    True
    """
    import pyproj

    found = _CODE.fullmatch(text.strip())
    if not found:
        return None
    authority, code = found[1].upper(), found[2].upper()
    if authority == "OGC":
        # longitude first, as every reader here has it
        authority, code = ("EPSG", "4326") if code == "CRS84" else (authority, code)
    try:
        return pyproj.CRS.from_authority(authority, code)
    except pyproj.exceptions.CRSError:
        return None


def of_text(text: str) -> Any:
    """Coordinate system written out as WKT or PROJJSON, None where it is none or leads elsewhere."""
    import pyproj

    if _ELSEWHERE.search(text):
        return None
    try:
        crs = pyproj.CRS.from_user_input(text)
    except (pyproj.exceptions.CRSError, UnicodeError):
        return None
    return None if crs.is_bound else crs
