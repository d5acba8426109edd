"""Extracts of OpenStreetMap (.osm, .osm.pbf) as street segments from crossing to crossing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import SourceError
from .tags import class_of, direction_of_way, is_driven, speed_of

if TYPE_CHECKING:
    import geopandas as gpd

_FORMATS = {".pbf": "pbf", ".osm": "osm", ".gz": "osm.gz", ".bz2": "osm.bz2"}
_KEYS = (
    "highway", "oneway", "oneway:vehicle", "oneway:motor_vehicle", "junction", "maxspeed", "area", "service",
    "motor_vehicle", "motorcar", "vehicle", "access",
)  # fmt: skip


def read_openstreetmap(
    path: Path, name: str, bounds: tuple[float, float, float, float] | None = None
) -> gpd.GeoDataFrame:
    """Streets that cars may drive, cut where they meet.

    Parameters
    ----------
    path : Path
    name : str
        The file as messages call it.
    bounds : (west, south, east, north), optional
        In degrees; ways outside are left out, before they take memory.

    Returns
    -------
    GeoDataFrame
        ``oneway``, ``speed_kmh`` (NaN where no limit is stated), ``class``, geometry in degrees;
        a one-way segment is drawn in its direction.

    Raises
    ------
    SourceError
        The file is damaged, no extract, or holds no streets there.
    """
    import geopandas as gpd
    import shapely

    ways = _ways(path, name, bounds)
    if not ways:
        where = " in the area of the city" if bounds else ""
        raise SourceError(f"{name} holds no streets{where}; give an extract of the city's region")
    # a node that two ways share, or one way passes twice, is a crossing; so is each end
    flat = np.concatenate([nodes for _, nodes, _ in ways])
    _, same, often = np.unique(flat, return_inverse=True, return_counts=True)
    stops = np.cumsum([len(nodes) for _, nodes, _ in ways])
    is_end = np.zeros(len(often), dtype=bool)
    is_end[same[stops - 1]] = is_end[same[np.r_[0, stops[:-1]]]] = True
    crossing = (often[same] > 1) | is_end[same]
    lines, records = [], []
    for (record, nodes, places), stop in zip(ways, stops, strict=True):
        cuts = np.flatnonzero(crossing[stop - len(nodes) : stop])
        for first, last in itertools.pairwise(cuts):
            line = places[first : last + 1]
            if (line == line[0]).all():
                continue
            lines.append(shapely.LineString(line[::-1] if record["direction"] < 0 else line))
            records.append((record["direction"] != 0, record["speed_kmh"], record["class"]))
    columns = list(zip(*records, strict=True))
    table = dict(zip(("oneway", "speed_kmh", "class"), map(list, columns), strict=True))
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def _ways(
    path: Path, name: str, bounds: tuple[float, float, float, float] | None
) -> list[tuple[dict[str, Any], np.ndarray, np.ndarray]]:
    """Driven ways: what their tags say, the numbers of their nodes, the nodes' places."""
    import osmium

    found = []
    try:
        source = osmium.io.File(str(path), _FORMATS[path.suffix.lower()])
        reader = osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY).with_locations()
        for way in reader.with_filter(osmium.filter.KeyFilter("highway")):
            if not isinstance(way, osmium.osm.Way):
                continue
            tags = {key: way.tags[key] for key in _KEYS if key in way.tags}
            if not is_driven(tags):
                continue
            rows = [(n.ref, n.lon, n.lat) if n.location.valid() else (n.ref, np.nan, np.nan)
                    for n in way.nodes]  # fmt: skip
            nodes = np.array([row[0] for row in rows], dtype=np.int64)
            places = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2)
            record = {
                "direction": direction_of_way(tags),
                "speed_kmh": speed_of(tags.get("maxspeed", "")),
                "class": class_of(tags["highway"]),
            }
            found += [
                (record, nodes[piece], places[piece])
                for piece in _known(places)
                if bounds is None or _touches(places[piece], bounds)
            ]
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        told = " ".join(str(error).split())[:100]
        raise SourceError(
            f"{name} cannot be read as an extract of OpenStreetMap ({told}); download it again"
        ) from None
    return found


def _known(places: np.ndarray) -> list[slice]:
    """Stretches of a way whose nodes have places; an extract leaves out nodes beyond its edge."""
    there = np.isfinite(places).all(axis=1)
    steps = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    pairs = steps.reshape(-1, 2)
    return [slice(first, last) for first, last in pairs.tolist() if last - first > 1]


def _touches(places: np.ndarray, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    low, high = places.min(axis=0), places.max(axis=0)
    return bool(low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south)
