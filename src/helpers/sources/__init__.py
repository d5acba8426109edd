"""Sources: read the file formats that cities publish, as they are, with each row's place."""

from .errors import SourceError
from .files import FORMATS, UNSEEN, decode, read_bytes, sha256_of
from .tables import Table, read_table

__all__ = [
    "FORMATS",
    "UNSEEN",
    "SourceError",
    "Table",
    "decode",
    "read_bytes",
    "read_table",
    "sha256_of",
]
