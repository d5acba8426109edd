"""The layer streets of any file that holds lines, an extract of OpenStreetMap among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from helpers.sources import Segments, SourceError, is_street_file, read_street_file, street_segments

from .errors import NewCityError
from .extras import Made, geojson
from .outline import moved
from .reading import read_all
from .tables import RawTable

_MARGIN = 1_000.0  # metres around the city; ways to its edge lead through its neighbours
_LINES = (1, 5)
_DEGREES = pyproj.CRS.from_epsg(4326)


def around(extent: Any, crs: pyproj.CRS) -> shapely.Geometry | None:
    """The city's area with a margin, in degrees; None where there is none."""
    if extent is None:
        return None
    wide = shapely.buffer(shapely.convex_hull(extent), _MARGIN)
    return moved(np.array([wide], dtype=object), crs, _DEGREES)[0]


def streets_layer(path: Path, scratch: Path, window: shapely.Geometry | None = None) -> Made:
    """Street segments with direction, speed and class where the file tells them.

    Parameters
    ----------
    path, scratch : Path
    window : geometry, optional
        In degrees; segments that do not touch it are left out.

    Raises
    ------
    NewCityError
        The file holds no lines, none for cars, or none near the city.
    """
    try:
        found, files = _segments(path, scratch, window)
    except SourceError as error:
        raise NewCityError(str(error)) from None
    facts = list(found.facts)
    if window is not None:
        whole = len(found.frame)
        found = found.near(window)
        if not len(found.frame):
            raise NewCityError(
                f"{path.name}: none of its {whole:,} segments lies near the city; give the streets of this "
                "city, or their system of coordinates"
            )
        if whole > len(found.frame):
            facts.append(
                f"{path.name}: {whole - len(found.frame):,} segments further than "
                f"{_MARGIN / 1000:g} km from the city are left out"
            )
    frame = found.frame
    table = frame.drop(columns="geometry").astype(object)
    table = table.where(table.notna(), None)
    return Made(
        geojson(list(frame.geometry), table),
        "    file: streets.geojson\n",
        [*facts, found.told(path.name)],
        files,
    )


def _segments(
    path: Path, scratch: Path, window: shapely.Geometry | None
) -> tuple[Segments, list[Path]]:
    if is_street_file(path.name) and path.is_file() and not path.is_symlink():
        bounds = None if window is None else tuple(window.bounds)
        return read_street_file(path, path.name, bounds), [path]
    tables, left, files = read_all(path, scratch)
    lined = [(_lines_in(table), table) for table in tables if table.points is not None]
    count, table = max(lined, key=lambda pair: pair[0], default=(0, None))
    if table is None or not count or table.points is None:
        why = f" ({'; '.join(left[:2])})" if left else ""
        raise NewCityError(f"{path.name} holds no lines for the streets{why}")
    if table.crs is None:
        raise NewCityError(f"{table.files[0]} names no system of coordinates; save it as GeoJSON")
    shapes = np.array([s if s is not None else shapely.Point() for s in table.points], dtype=object)
    return street_segments(str(table.files[0]), table.frame, shapes, pyproj.CRS(table.crs)), files


def _lines_in(table: RawTable) -> int:
    kinds = shapely.get_type_id(np.asarray(table.points, dtype=object))
    return int(np.isin(kinds, _LINES).sum())
