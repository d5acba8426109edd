"""Each layer beside the crimes made of its file, whatever that is."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pyproj
import shapely

from . import extras, posts, streets
from .choices import Said
from .criteria import criteria_layer
from .districts import districts_layer
from .errors import NewCityError
from .extras import Made


def fresh_folder(scratch: Path) -> Path:
    """A new folder below `scratch`."""
    return Path(tempfile.mkdtemp(dir=scratch))


def made_layer(
    layer: str,
    path: Path,
    said: Said,
    crs: pyproj.CRS,
    zones: pd.Series | None,
    scratch: Path,
    window: shapely.Geometry | None = None,
) -> Made:
    """A layer from its file.

    Parameters
    ----------
    layer : str
    path : Path
    said : Said
        Columns and system of the file.
    crs : CRS
        Of the city.
    zones : Series of str or None
        Codes of the city's zones.
    scratch : Path
    window : geometry, optional
        Of the city, in degrees.

    Raises
    ------
    NewCityError
        The file cannot be used.
    """
    place = fresh_folder(scratch)
    if layer in ("stations", "patrols"):
        return posts.points_layer(path, layer, crs, place, said)
    if layer == "streets":
        return streets.streets_layer(path, place, window)
    if layer == "boundary":
        return extras.boundary_layer(path, place, said.crs)
    if zones is None:
        raise NewCityError(
            f"{path.name}: {layer} belong to zones, and the city has none; give --zones too"
        )
    if layer == "districts":
        return districts_layer(path, said, zones, place)
    return criteria_layer(path, said.key, zones, place)


def short(path: Path) -> str:
    """A path as seen from here, where it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
