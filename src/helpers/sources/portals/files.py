"""Files behind a plain address: brought as they are, named so that they can be read."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..errors import SourceError
from .addresses import Address, file_name
from .pages import Brought

if TYPE_CHECKING:
    from .client import Answer, Client

SUFFIXES = (
    ".csv", ".tsv", ".txt", ".psv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".json", ".geojson", ".ndjson",
    ".jsonl", ".gpkg", ".parquet", ".geoparquet", ".zip", ".gz", ".osm", ".pbf", ".bz2", ".graphml",
)  # fmt: skip
_KINDS = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "application/geo+json": ".geojson",
    "application/vnd.geo+json": ".geojson",
    "application/json": ".json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/geopackage+sqlite3": ".gpkg",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/vnd.apache.parquet": ".parquet",
}
_BEGINNINGS = {
    b"SQLite format 3\x00": ".gpkg",
    b"PAR1": ".parquet",
    b"\x1f\x8b": ".gz",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"PK\x03\x04": ".zip",
}


def write_file(client: Client, address: Address, folder: Path, target: Path) -> Brought:
    """Bring a file as it is; what came of it before is gone on with.

    Raises
    ------
    SourceError
        As `Client.fetch`; an empty file; or pictures, pages and programs.
    """
    part = folder / "download.part"
    answer = client.fetch(address, part)
    if not answer.size:
        part.unlink()
        raise SourceError(f"{address.shown}: the file there is empty; check the address")
    with part.open("rb") as source:
        head = source.read(4096)
    try:
        name = _named(address, answer, head)
    except SourceError:
        part.unlink()
        raise
    part.replace(target)
    part.with_name(part.name + ".tag").unlink(missing_ok=True)
    return Brought(name, [f"{name}: {answer.size / 1e6:,.1f} MB from {address.host}"])


def _named(address: Address, answer: Answer, head: bytes) -> str:
    """Name of the server or of the address where it ends as a format; else by what the file is."""
    begins = next((s for start, s in _BEGINNINGS.items() if head.startswith(start)), "")
    last = PurePosixPath(address.path).name
    for name in (answer.name, last, *(value for _, value in address.query)):
        clean = file_name(name) if name else ""
        suffix = PurePosixPath(clean).suffix.lower()
        if suffix in SUFFIXES and _fits(suffix, begins):
            return clean
    kind = answer.kind
    if kind.split("/")[0] in ("image", "video", "audio", "font") or kind == "application/pdf":
        raise SourceError(
            f"{address.shown} is of the type {kind}, no table of data; give the address of its data"
        )
    suffix = begins or _KINDS.get(kind, "")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begins == ".zip" and "spreadsheetml" in kind:
        suffix = ".xlsx"
    elif not begins and start in (b"{", b"["):
        suffix = ".json"
    elif not begins and b"\x00" in head:
        raise SourceError(
            f"{address.shown} is of the type {kind or 'unknown'}, which is not read; download it and convert it"
        )
    return file_name(answer.name or last, suffix or ".csv")


def _fits(suffix: str, begins: str) -> bool:
    """Whether a name's ending can be that of a file that begins so."""
    if begins == ".zip":
        return suffix in (".zip", ".xlsx", ".xlsm", ".xlsb", ".ods")
    if begins == ".parquet":
        return suffix in (".parquet", ".geoparquet")
    return not begins or suffix == begins
