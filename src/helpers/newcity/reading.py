"""Any file, folder or archive that cities publish, as tables of text."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

from helpers.sources import (
    LARGEST_UNPACKED,
    WORKBOOKS,
    SourceError,
    read_bytes,
    read_workbook,
)

from .archives import unpack
from .errors import NewCityError
from .layers import LAYERS, layer_tables, parquet_table
from .records import json_table
from .tables import RawTable, table_of
from .text import read_text

TEXTS = (".csv", ".tsv", ".txt", ".psv")
OTHERS = (".json", ".geojson", ".parquet", ".geoparquet", ".zip", ".gz", ".ndjson", ".jsonl")
READ = (*WORKBOOKS, *TEXTS, *LAYERS, *OTHERS)
_OWN = ("truth.json",)
_ARCHIVES = 60  # archives in archives that one file may hold


def read_all(
    path: Path, scratch: Path, keep: Callable[[str], bool] | None = None
) -> tuple[list[RawTable], list[str], list[Path]]:
    """Tables of a file, or of every file below a folder or in a zip.

    Parameters
    ----------
    path, scratch : Path
    keep : callable, optional
        Which files of a folder or a zip to read, by their names; of a zip these are the originals
        then, not the whole archive.

    Returns
    -------
    tables : list of RawTable
    left : list of str
        What was found but holds no table, with the reason.
    files : list of Path
        The originals, to be copied.

    Raises
    ------
    NewCityError
        Nothing there, a link, or nothing that can be read.
    """
    if path.is_symlink():
        raise NewCityError(f"{path} is a link; give the file itself")
    if not path.exists():
        raise NewCityError(f"{path}: no such file; check the name")
    if path.is_dir():
        return _read_folder(path, path, scratch, keep or bool)
    if keep is not None and path.suffix.lower() == ".zip":
        place = _unpacked(path, scratch, keep)
        return _read_folder(place, place, scratch, keep)
    files = [path]
    if path.suffix.lower() == ".shp":
        files = sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file())
    tables, left = _read_file(path, path.name, scratch)
    return tables, left, files


def _unpacked(path: Path, scratch: Path, keep: Callable[[str], bool] = bool) -> Path:
    place = _place_for(path.name, scratch)
    unpack(path, place, keep)
    return place


def _read_folder(
    folder: Path, root: Path, scratch: Path, keep: Callable[[str], bool] = bool
) -> tuple[list[RawTable], list[str], list[Path]]:
    tables, left, files = [], [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(root).as_posix()
        if any(step.startswith(".") for step in Path(name).parts) or path.name in _OWN:
            continue
        if not keep(name):
            continue
        if path.is_symlink():
            raise NewCityError(f"{name} is a link; put the file itself into the folder")
        if not path.is_file():
            continue
        if path.suffix.lower() not in READ:
            if path.suffix.lower() not in (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj"):
                left.append(f"{name}: not a table ({path.suffix or 'no suffix'})")
            else:
                files.append(path)
            continue
        try:
            found, why = _read_file(path, name, scratch)
        except NewCityError as error:
            left.append(str(error))
            continue
        tables += found
        left += why
        files.append(path)
    return tables, left, files


def _read_file(path: Path, name: str, scratch: Path) -> tuple[list[RawTable], list[str]]:
    suffix = path.suffix.lower()
    if not path.stat().st_size:
        raise NewCityError(f"{name} is empty; export it again")
    if suffix in WORKBOOKS:
        return _sheets(path, name)
    if suffix in LAYERS:
        return layer_tables(path, name)
    if suffix == ".zip":
        place = _unpacked(path, scratch)
        tables, left, _ = _read_folder(place, place, scratch)
        return tables, left
    if suffix == ".gz":
        return _plain(name, path.with_suffix("").suffix.lower(), _gunzipped(path))
    if suffix in (".parquet", ".geoparquet"):
        return [parquet_table(path, name)], []
    if suffix not in (*TEXTS, *OTHERS):
        raise NewCityError(
            f"{name}: {suffix or 'a name without suffix'} is no format that is read; export it as "
            "CSV, XLSX, ODS, GeoJSON, GeoPackage, Parquet or a shapefile"
        )
    return _plain(name, suffix, path.read_bytes())


def _place_for(name: str, scratch: Path) -> Path:
    """A new folder to unpack an archive into, unless archives in archives have filled enough."""
    before = [path for path in scratch.iterdir() if path.name.startswith("zip")]
    held = sum(file.stat().st_size for path in before for file in path.rglob("*"))
    if len(before) >= _ARCHIVES or (before and held > LARGEST_UNPACKED // 4):
        raise NewCityError(
            f"{name}: archives in archives ({len(before)} so far, {held / 1e6:,.0f} MB); unpack them "
            "yourself if you trust them, and give the folder"
        )
    place = scratch / f"zip{len(before)}"
    place.mkdir()
    return place


def _gunzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as source:
            data = source.read(LARGEST_UNPACKED // 8)
    except (OSError, EOFError, zlib.error):
        raise NewCityError(f"{path.name} is damaged; download it again") from None
    if len(data) > 200 * path.stat().st_size and len(data) > 1 << 26:
        raise NewCityError(f"{path.name} unpacks to far more than its size; unpack it yourself")
    return data


def _plain(name: str, suffix: str, data: bytes) -> tuple[list[RawTable], list[str]]:
    if suffix in (".json", ".geojson", ".ndjson", ".jsonl") or data[:200].lstrip()[:1] in (
        b"{",
        b"[",
    ):
        table = json_table(name, data)
    else:
        table = read_text(name, data)
    if table is None or not len(table):
        return [], [f"{name}: holds no rows of data"]
    return [table], []


def _sheets(path: Path, name: str) -> tuple[list[RawTable], list[str]]:
    try:
        book = read_workbook(name, read_bytes(path, name))
    except SourceError as error:
        raise NewCityError(str(error)) from None
    tables, left = [], []
    for sheet, lines in book.items():
        try:
            table = table_of(f"{name}!{sheet}", lines, list(range(1, len(lines) + 1)))
        except NewCityError as error:
            left.append(f"{name}!{sheet}: {error}")
            continue
        if table is None or not len(table):
            left.append(f"{name}!{sheet}: holds no table")
        else:
            tables.append(table)
    return tables, left
