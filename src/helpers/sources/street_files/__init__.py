"""Street files: extracts of OpenStreetMap and what OSMnx makes of them, as segments."""

from .graphml import read_graphml_edges
from .openstreetmap import SUFFIXES, read_openstreetmap
from .segments import Segments, near, segments_of, told_of

__all__ = [
    "SUFFIXES",
    "Segments",
    "near",
    "read_graphml_edges",
    "read_openstreetmap",
    "segments_of",
    "told_of",
]
