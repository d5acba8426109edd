"""GeoJSON text as features, read as JSON and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .crs import of_code
from .errors import SourceError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

_GEOMETRIES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_MEND = "save it again as GeoJSON"


def read_geojson(name: str, text: str) -> gpd.GeoDataFrame:
    """Features of a GeoJSON text: their properties, ``id`` where they have one, ``geometry``.

    A driver that chooses by content could be led to other files and to the network by a file
    that only calls itself GeoJSON; here whatever is not GeoJSON is refused.  Texts stay texts,
    dates among them; lists and objects among the properties become their JSON text.

    Parameters
    ----------
    name : str
        The file as messages call it.
    text : str
        Its content: a FeatureCollection, a Feature or a geometry (RFC 7946).  A system named
        by the older member ``crs`` counts; without one it is EPSG:4326, longitude first.

    Raises
    ------
    SourceError
        The text is not JSON, not GeoJSON, or a geometry cannot be read.

    Examples
    --------
    >>> frame = read_geojson("a.geojson", '{"type": "Point", "coordinates": [1, 2]}')
    >>> frame.geometry[0].wkt, frame.crs.to_epsg()
    ('POINT (1 2)', 4326)
    """
    import geopandas as gpd
    import pandas as pd

    content = _parsed(name, text)
    features = _features(name, content)
    records: list[dict[str, Any]] = []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise SourceError(f"{name}, feature {number}: its properties are no object; {_MEND}")
        record = {key: _plain(value) for key, value in properties.items()}
        if isinstance(feature.get("id"), str | int) and "id" not in record:
            record["id"] = feature["id"]
        records.append(record)
    table = pd.DataFrame(records, index=range(len(records)))
    if "geometry" in table:
        raise SourceError(f"{name}: a property is named geometry; rename it")
    shapes = _shapes(name, features)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=_crs(name, content))


def _parsed(name: str, text: str) -> dict[str, Any]:
    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no JSON number")

    start = text.lstrip()[:1]
    if start != "{":
        raise SourceError(f"{name} is not GeoJSON (it begins with {start!r}, not '{{'); {_MEND}")
    try:
        content = json.loads(text, parse_constant=refuse)
        if _LONE_SURROGATE.search(text):
            json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{name} is damaged: line {error.lineno} is not JSON ({error.msg}); {_MEND}"
        ) from None
    except UnicodeEncodeError:
        raise SourceError(
            f"{name} holds half of a character (\\ud800 to \\udfff); {_MEND}"
        ) from None
    except ValueError as error:
        raise SourceError(f"{name} is not GeoJSON ({str(error)[:80]}); {_MEND}") from None
    except RecursionError:
        raise SourceError(f"{name} is nested too deeply for GeoJSON; {_MEND}") from None
    return content


def _features(name: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    kind = content.get("type")
    if kind == "FeatureCollection":
        features = content.get("features")
    elif kind == "Feature":
        features = [content]
    elif kind in _GEOMETRIES:
        features = [{"type": "Feature", "geometry": content}]
    else:
        told = "it has no type" if kind is None else f"its type is {str(kind)[:40]!r}"
        raise SourceError(f"{name} is not GeoJSON ({told}); {_MEND}")
    if not isinstance(features, list):
        raise SourceError(f"{name} has no list of features; {_MEND}")
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise SourceError(f"{name}, feature {number} is no Feature of GeoJSON; {_MEND}")
    return features


def _shapes(name: str, features: list[dict[str, Any]]) -> np.ndarray:
    import numpy as np
    import shapely

    shapes = np.full(len(features), None, dtype=object)
    given = [k for k, feature in enumerate(features) if feature.get("geometry") is not None]
    wrong = [k for k in given if not _is_geometry(features[k]["geometry"])]
    if not wrong and given:
        texts = [json.dumps(features[k]["geometry"]) for k in given]
        with np.errstate(all="ignore"):  # a coordinate of 1e999 is refused below, in words
            shapes[given] = shapely.from_geojson(texts, on_invalid="ignore")
        wrong = [k for k in given if shapes[k] is None]
    if wrong:
        raise SourceError(
            f"{name}, feature {wrong[0] + 1}: its geometry cannot be read; give it a type of "
            "GeoJSON, finite numbers, and rings that end where they begin"
        )
    return shapes


def _is_geometry(geometry: Any) -> bool:
    return isinstance(geometry, dict) and geometry.get("type") in _GEOMETRIES


def _crs(name: str, content: dict[str, Any]) -> Any:
    stated = content.get("crs")
    if stated is None:
        return "EPSG:4326"
    try:
        code = stated["properties"]["name"]
    except (KeyError, TypeError):
        code = None
    crs = of_code(code) if isinstance(code, str) else None
    if crs is None:
        raise SourceError(
            f"{name}: its member crs names no EPSG code; write urn:ogc:def:crs:EPSG::<number> "
            "there, or remove it where the coordinates are longitude and latitude"
        )
    return crs


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
