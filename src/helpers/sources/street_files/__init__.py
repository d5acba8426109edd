"""Street files: extracts of OpenStreetMap and what OSMnx makes of them, as segments."""

from .reading import is_street_file, read_street_file, street_segments
from .segments import Segments
from .tags import direction_of

__all__ = ["Segments", "direction_of", "is_street_file", "read_street_file", "street_segments"]
