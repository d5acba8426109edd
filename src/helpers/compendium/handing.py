"""Hand the layers that a run has read and checked of a city to the sections of the same run.

They lie in the run's own folder of temporary files, which only its user can read and which ends with
the run, under the hash of the city's files: whoever finds other files there reads these.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .fingerprints import input_hash

if TYPE_CHECKING:
    import numpy as np
    import pyproj
    from geopandas.array import GeometryArray

    from helpers.cities import City

# Set by a run for its processes: the folder of the layers.
LAYERS_VARIABLE = "POLICE_PLANNING_LAYERS"
# What fixes a city's files is known only after these were read.
UNHANDED = "map_layers"
# A longer layer stays out: two copies of it could fill a small disk.
LONGEST = 2_000_000
# Of the events beside their table: which are the first of their row.
FIRST = "first_of_row"


def hand_over(town: City, inputs: str) -> None:
    """Leave the layers of a city, which are read and sound, to the sections of this run.

    Nothing is left outside a run, nor where files changed while they were read.  Where the system
    does not let a file be written, sections read the city again.

    Parameters
    ----------
    town
        The city.
    inputs
        Hash of its files before they were read.
    """
    folder = os.environ.get(LAYERS_VARIABLE)
    if not folder or input_hash(town) != inputs:
        return
    place = Path(folder) / town.name / inputs
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        for name in town.layers:
            frame = town.layer(name)
            if name != UNHANDED and len(frame) <= LONGEST:
                _write(place / name, frame)
                if name == "events":
                    _write(place / FIRST, town.first_of_row())


def taker() -> Callable[[City, str], Any]:
    """The function that `helpers.cities.load_city` takes as ``handed``, for one city."""
    places: list[Path] = []

    def handed(town: City, name: str) -> Any:
        folder = os.environ.get(LAYERS_VARIABLE)
        if not folder or name == UNHANDED:
            return None
        if not places:
            places.append(Path(folder) / town.name / input_hash(town))
        try:
            with (places[0] / name).open("rb") as stream:
                # written by this run, into a folder that nobody else can write
                return pickle.load(stream)  # noqa: S301
        except OSError:
            return None

    return handed


def _write(path: Path, content: Any) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    with temporary.open("wb") as stream:
        _Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(content)
    temporary.replace(path)


class _Pickler(pickle.Pickler):
    """Keeps that many events at one place share one point, and layers one system."""

    def reducer_override(self, content: Any) -> Any:
        import pyproj
        from geopandas.array import GeometryArray

        if isinstance(content, GeometryArray):
            return _taken_apart(content)
        if isinstance(content, pyproj.CRS):
            return _system, (content.srs,)
        return NotImplemented


def _taken_apart(array: GeometryArray) -> Any:
    import numpy as np
    import shapely

    shapes = np.asarray(array)
    _, first, which = np.unique(
        np.fromiter(map(id, shapes), np.int64, len(shapes)), return_index=True, return_inverse=True
    )
    apart = shapes[first]
    plain = (shapely.get_type_id(apart) == 0) & ~shapely.is_empty(apart) & ~shapely.has_z(apart)
    if len(apart) and plain.all():
        return _points, (shapely.get_coordinates(apart), which, array.crs)
    return _shapes, (shapely.to_wkb(apart), which, array.crs)


def _points(places: np.ndarray, which: np.ndarray, crs: pyproj.CRS | None) -> GeometryArray:
    import shapely
    from geopandas.array import GeometryArray

    return GeometryArray(shapely.points(places)[which], crs)


def _shapes(binary: np.ndarray, which: np.ndarray, crs: pyproj.CRS | None) -> GeometryArray:
    import shapely
    from geopandas.array import GeometryArray

    return GeometryArray(shapely.from_wkb(binary)[which], crs)


@cache
def _system(text: str) -> pyproj.CRS:
    import pyproj

    return pyproj.CRS(text)
