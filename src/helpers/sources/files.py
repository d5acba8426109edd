"""Files as bytes: what format they are in, their hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from helpers.sources.errors import SourceError

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "geopackage",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
}
_TEXT = ("csv", "geojson")
_SIGNATURE = {"geopackage": b"SQLite format 3\x00", "parquet": b"PAR1"}
_BYTES_READ_AT_ONCE = 1 << 20


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
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
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
    if not path.exists():
        raise SourceError(f"{name}: no such file; put it there or correct its name")
    if not path.is_file():
        raise SourceError(f"{name} is not a file; name a file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{name} cannot be read ({error.strerror}); check its permissions"
        ) from None
    if not data.strip():
        raise SourceError(f"{name} is empty; put the data in it or remove the layer")
    return data


def check_signature(name: str, data: bytes, form: str) -> None:
    """Refuse bytes that cannot be of the format `form`.

    Raises
    ------
    SourceError
        Binary data where text is expected, or the other way round.
    """
    if form in _TEXT and b"\x00" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(
            f"{name} is a binary file, not {form} text; save it as {form} or correct its suffix"
        )
    signature = _SIGNATURE.get(form)
    if signature and not data.startswith(signature):
        raise SourceError(
            f"{name} is not a {form} file (it does not begin as one); save it again or correct "
            "its suffix"
        )


def decode(name: str, data: bytes, encoding: str | None) -> str:
    """Text of a file: UTF-8 unless another encoding is stated.

    Raises
    ------
    SourceError
        The bytes are not text of that encoding.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and encoding is None:
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8-sig")
    except LookupError:
        raise SourceError(
            f"{name}: encoding {encoding!r} is not known; write for example utf-8, cp1252 or "
            "latin-1"
        ) from None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        stated = encoding or "utf-8"
        mend = (
            "state its encoding in city.yml (for example encoding: cp1252) or save it as UTF-8"
            if encoding is None
            else "state the encoding that the file has"
        )
        raise SourceError(
            f"{name}, row {row}: byte 0x{data[error.start]:02x} is not {stated} text; {mend}"
        ) from None
    return text
