"""Files of streets as segments, by the form of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .segments import Segments

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

EXTRACTS = (".osm", ".pbf", ".osm.gz", ".osm.bz2")
GRAPHS = (".graphml",)


def is_street_file(name: str) -> bool:
    """Whether a file can hold nothing but streets: an extract of OpenStreetMap, or a graph.

    Examples
    --------
    >>> is_street_file("leeds.osm.pbf"), is_street_file("streets.gpkg")
    (True, False)
    """
    return name.lower().endswith((*EXTRACTS, *GRAPHS))


def read_street_file(
    path: Path, name: str, bounds: tuple[float, float, float, float] | None = None
) -> Segments:
    """Segments of an extract of OpenStreetMap or of a GraphML file of OSMnx.

    Parameters
    ----------
    path : Path
    name : str
        The file as messages call it.
    bounds : (west, south, east, north), optional
        In degrees; of an extract, ways outside are not read.

    Raises
    ------
    SourceError
        The file is damaged, is something else, or holds no streets there.
    """
    if name.lower().endswith(GRAPHS):
        from .graphml import read_graphml_edges

        return street_segments(name, *read_graphml_edges(path, name))
    from .openstreetmap import read_openstreetmap

    return Segments(read_openstreetmap(path, name, bounds), [])


def street_segments(name: str, table: pd.DataFrame, shapes: np.ndarray, crs: Any) -> Segments:
    """Segments of a table of text beside its lines, such as the layer ``edges`` of OSMnx.

    Raises
    ------
    SourceError
        No lines, or none that cars may drive.
    """
    from .tables import segments_of

    return segments_of(name, table, shapes, crs)
