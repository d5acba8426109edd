"""Files as bytes: what format they are in, their hash."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from .errors import SourceError

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "geopackage",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
    ".xlsb": "workbook",
    ".ods": "workbook",
}
_TEXT = ("csv", "geojson")
_SIGNATURE = {"geopackage": b"SQLite format 3\x00", "parquet": b"PAR1"}
_BYTES_READ_AT_ONCE = 1 << 20
# Characters that no reader sees and that break what prints them: controls other than tab and line
# break, and marks that turn the direction of text around.
UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def format_of(path: Path, stated: str | None = None, name: str | None = None) -> str:
    """Name of the format of a file: the one stated, or the one its suffix says.

    Raises
    ------
    SourceError
        The suffix is of no known format.

    Examples
    --------
    >>> format_of(Path("zones.GeoJSON"))
    'geojson'
    """
    if stated:
        return stated
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        raise SourceError(
            f"{name or path.name}: files ending in {path.suffix or 'nothing'!r} cannot be read; convert it "
            f"to one of {', '.join(FORMATS)}"
        )
    return known


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; a link is not followed.

    Raises
    ------
    OSError
        It is no regular file, or may not be read.
    """
    digest = hashlib.sha256()
    with os.fdopen(_opened(path), "rb") as stream:
        while block := stream.read(_BYTES_READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


def read_bytes(path: Path, name: str) -> bytes:
    """Bytes of a file that messages call `name`.

    Raises
    ------
    SourceError
        The file is not there, is no regular file, may not be read, or is empty.
    """
    try:
        with os.fdopen(_opened(path), "rb") as stream:
            data = stream.read()
    except FileNotFoundError:
        raise SourceError(f"{name}: no such file; put it there or correct its name") from None
    except (IsADirectoryError, NotADirectoryError):
        raise SourceError(f"{name} is not a file; name a file") from None
    except OSError as error:
        if path.is_symlink():
            raise SourceError(f"{name} is a link; put the file itself there") from None
        raise SourceError(
            f"{name} cannot be read ({error.strerror}); check its permissions"
        ) from None
    except MemoryError:
        raise SourceError(f"{name} does not fit into memory; split it or leave rows out") from None
    if not data.strip():
        raise SourceError(f"{name} is empty; put the data in it or remove the layer")
    return data


def _opened(path: Path) -> int:
    """Descriptor of a regular file; a link, a device or a pipe is not opened, nor waited for."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(f"{path.name} is no regular file")
    return descriptor


def check_signature(name: str, data: bytes, form: str, encoding: str | None = None) -> None:
    """Refuse bytes that cannot be of the format `form`.

    Raises
    ------
    SourceError
        Binary data where text is expected, or the other way round.
    """
    wide = "16" in (encoding or "") or "32" in (encoding or "")
    if form in _TEXT and b"\x00" in data and not wide and not data.startswith(_BYTE_ORDER_MARKS):
        raise _binary(name, form)
    signature = _SIGNATURE.get(form)
    if signature and not data.startswith(signature):
        raise SourceError(
            f"{name} is not a {form} file (it does not begin as one); save it again or correct "
            "its suffix"
        )


def decode(name: str, data: bytes, encoding: str | None, form: str = "csv") -> str:
    """Text of a file: UTF-8 unless another encoding is stated.

    Raises
    ------
    SourceError
        The bytes are not text of that encoding.
    """
    if data.startswith(_BYTE_ORDER_MARKS) and encoding is None:
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8-sig")
        text.encode()  # some codecs let half a character through, which is no text
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        stated = encoding or "utf-8"
        mend = (
            "state its encoding in city.yml (for example encoding: cp1252) or save it as UTF-8"
            if encoding is None
            else "state the encoding that the file has"
        )
        byte = data[min(error.start, len(data) - 1)]
        raise SourceError(
            f"{name}, row {row}: byte 0x{byte:02x} is not {stated} text; {mend}"
        ) from None
    except UnicodeEncodeError:
        raise SourceError(
            f"{name} holds half of a character as {encoding} text; state the encoding that the "
            "file has"
        ) from None
    except (LookupError, ValueError):
        raise SourceError(
            f"{name}: encoding {encoding!r} is not known; write for example utf-8, cp1252 or "
            "latin-1"
        ) from None
    if "\x00" in text:
        raise _binary(name, form)
    if not text.strip():
        raise SourceError(f"{name} is empty; put the data in it or remove the layer")
    return text


def _binary(name: str, form: str) -> SourceError:
    return SourceError(
        f"{name} is a binary file, not {form} text; save it as {form} or correct its suffix"
    )
