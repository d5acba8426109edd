"""Sources: read the file formats that cities publish, as they are, with each row's place."""

from .archives import LARGEST_UNPACKED, refuse_strange
from .errors import SourceError
from .files import FORMATS, UNSEEN, decode, read_bytes, sha256_of
from .missing import is_missing
from .portals import (
    Download,
    Patience,
    cache_folder,
    check_choice,
    download,
    is_address,
    is_wanted,
)
from .street_files import (
    Segments,
    direction_of,
    is_street_file,
    read_street_file,
    street_segments,
)
from .tables import Table, read_table
from .workbooks import WORKBOOKS, cell_text, read_workbook

__all__ = [
    "FORMATS",
    "LARGEST_UNPACKED",
    "UNSEEN",
    "WORKBOOKS",
    "Download",
    "Patience",
    "Segments",
    "SourceError",
    "Table",
    "cache_folder",
    "cell_text",
    "check_choice",
    "decode",
    "direction_of",
    "download",
    "is_address",
    "is_missing",
    "is_street_file",
    "is_wanted",
    "read_bytes",
    "read_street_file",
    "read_table",
    "read_workbook",
    "refuse_strange",
    "sha256_of",
    "street_segments",
]
