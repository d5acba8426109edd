"""Sources: read the file formats that cities publish, as they are, with each row's place."""

from .archives import LARGEST_UNPACKED, refuse_strange
from .errors import SourceError
from .files import FORMATS, UNSEEN, decode, read_bytes, sha256_of
from .missing import is_missing
from .tables import Table, read_table
from .workbooks import WORKBOOKS, cell_text, read_workbook

__all__ = [
    "FORMATS",
    "LARGEST_UNPACKED",
    "UNSEEN",
    "WORKBOOKS",
    "SourceError",
    "Table",
    "cell_text",
    "decode",
    "is_missing",
    "read_bytes",
    "read_table",
    "read_workbook",
    "refuse_strange",
    "sha256_of",
]
