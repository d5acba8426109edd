"""GraphML as OSMnx writes it: edges as a table, with the geometry that they have."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd
import shapely

from ..crs import of_code, of_text
from ..errors import SourceError

_SPACE = "{http://graphml.graphdrawing.org/xmlns}"


def read_graphml_edges(path: Path, name: str) -> tuple[pd.DataFrame, np.ndarray, Any]:
    """Edges of a street graph.

    Returns
    -------
    frame : DataFrame of str
        ``u``, ``v`` and the edges' own attributes; "" where an edge has none.
    lines : ndarray of LineString
        Drawn as the edge runs; straight where it has no ``geometry``.
    crs : CRS

    Raises
    ------
    SourceError
        No GraphML, entities in it, a node without place, no edges, or an unknown system.
    """
    _refuse_entities(path, name)
    names: dict[str, str] = {}
    places: dict[str, tuple[float, float]] = {}
    edges: list[dict[str, str]] = []
    about: dict[str, str] = {}
    directed = True
    try:
        for event, element in ET.iterparse(path, ("start", "end")):  # noqa: S314 - no entities
            tag = element.tag.removeprefix(_SPACE)
            if event == "start":
                if tag == "graph":
                    directed = element.get("edgedefault", "directed") == "directed"
                continue
            if tag == "key":
                names[element.get("id", "")] = element.get("attr.name", "")
            elif tag == "node":
                held = _held(element, names)
                places[element.get("id", "")] = (float(held["x"]), float(held["y"]))
                element.clear()
            elif tag == "edge":
                ends = {"u": element.get("source", ""), "v": element.get("target", "")}
                edges.append({**_held(element, names), **ends})
                element.clear()
            elif tag == "graph":
                about = _held(element, names)
    except ET.ParseError as error:
        raise SourceError(f"{name} is damaged or no GraphML ({error}); save it again") from None
    except (KeyError, ValueError):
        raise SourceError(
            f"{name}: a node has no x and y; save the graph with OSMnx's save_graphml"
        ) from None
    if not edges:
        raise SourceError(f"{name} has no edges; check that it is a graph of streets")
    crs = _crs(name, about.get("crs", "EPSG:4326"))
    frame = pd.DataFrame(edges, dtype=object).fillna("")
    if not directed and "oneway" not in frame:
        frame["oneway"] = "False"
    try:
        lines = np.array([_line(edge, places) for edge in edges], dtype=object)
    except (KeyError, shapely.errors.GEOSException):
        raise SourceError(
            f"{name}: an edge ends at no node, or its geometry is no WKT; save the graph again"
        ) from None
    return frame, lines, crs


def _refuse_entities(path: Path, name: str) -> None:
    """A declaration of entities comes before the first element, in whatever encoding."""

    def declared(*_: Any) -> None:
        raise SourceError(f"{name} defines entities, which no street graph does; save it again")

    def begun(*_: Any) -> None:
        raise StopIteration

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = begun
    # what is damaged is told where it is read
    with path.open("rb") as source, suppress(StopIteration, expat.ExpatError):
        parser.ParseFile(source)


def _held(element: ET.Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names.get(data.get("key", ""), data.get("key", "")): (data.text or "").strip()
        for data in element
        if data.tag.removeprefix(_SPACE) == "data"
    }


def _line(edge: dict[str, str], places: dict[str, tuple[float, float]]) -> shapely.Geometry:
    if edge.get("geometry"):
        return shapely.from_wkt(edge["geometry"])
    first, last = edge["u"], edge["v"]
    if edge.get("from") == last and edge.get("to") == first:  # of a graph without directions
        first, last = last, first
    return shapely.LineString([places[first], places[last]])


def _crs(name: str, text: str) -> Any:
    crs = of_code(text) or of_text(text)
    if crs is None:
        raise SourceError(f"{name}: its system of coordinates {text[:40]!r} is not known")
    return crs
