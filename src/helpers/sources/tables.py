"""Rows of a file with the place each came from, so that a message can point at it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .crs import of_code, of_text
from .errors import SourceError
from .files import UNSEEN, check_signature, decode, format_of, read_bytes
from .geojson import read_geojson
from .geopackage import read_geopackage
from .sheets import read_sheet

if TYPE_CHECKING:
    import pandas as pd

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_NAME = 200
_LARGEST_BLOCK = 2**31 - 1


@dataclass(frozen=True)
class Table:
    """What was read, and where each row of it stands in which file.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        Columns as published.  Text files give text; formats with types keep them.  Rows in the
        order of the files, then of the rows in each.
    names : tuple of str
        The files, in reading order, as messages call them.
    lengths : tuple of int
        Number of rows from each.
    unit : str
        What a person calls one record: ``row`` or ``feature``.
    texts : tuple of str or None
        Text of each delimited file, from which row numbers are counted when a message needs them.
    delimiters : tuple of str or None
        Of each of them.
    numbers : tuple of list of int or None
        Row numbers of each file that is no text, where they are not 1, 2, …
    skipped : int
        Rows above the header of each file.
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    unit: str = "row"
    texts: tuple[str | None, ...] = ()
    delimiters: tuple[str | None, ...] = ()
    numbers: tuple[list[int] | None, ...] = ()
    skipped: int = 0

    @property
    def name(self) -> str:
        """Name of the file, or of the first of several."""
        others = len(self.names) - 1
        more = f" and {others} more file{'s' if others > 1 else ''}" if others else ""
        return self.names[0] + more

    def place(self, position: int) -> str:
        """The file and row of the record at `position`, as in ``events.csv, row 17``."""
        file, number = self.number(position)
        return f"{self.names[file]}, {self.unit} {number}"

    def number(self, position: int) -> tuple[int, int]:
        """Index of the file and number of the record in it (a header line is row 1)."""
        inside, file = int(position), 0
        while inside >= self.lengths[file]:
            inside -= self.lengths[file]
            file += 1
        rows = self._row_numbers[file]
        return file, (inside + 1 if rows is None else rows[inside])

    @cached_property
    def _row_numbers(self) -> list[list[int] | None]:
        """Row numbers as a spreadsheet shows them; blank rows count, though they hold no data."""
        numbers: list[list[int] | None] = []
        for text, delimiter, counted in zip(self.texts, self.delimiters, self.numbers, strict=True):
            if text is None:
                numbers.append(counted)
                continue
            with _records(text, delimiter or ",") as records:
                filled = [k for k, cells in enumerate(records, start=self.skipped + 1) if cells]
            numbers.append(filled[1:])
        return numbers


def read_table(
    paths: Path | Sequence[Path],
    *,
    form: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    layer: str | None = None,
    sheet: str | None = None,
    skip_rows: int = 0,
    shown_from: Path | None = None,
) -> Table:
    """Read one file, or several of the same columns, as published.

    Delimited text and sheets of workbooks give text columns, so that a message can quote what the file says; GeoJSON,
    GeoPackage and GeoParquet give a GeoDataFrame with the file's coordinate system.

    Parameters
    ----------
    paths : Path or sequence of Path
        Read in the order given.
    form : {"csv", "geojson", "geopackage", "parquet"}, optional
        Taken from the suffix when not stated.
    encoding : str, optional
        Of text files; UTF-8 (with or without a byte order mark) when not stated.
    delimiter : str, optional
        Of delimited text; when not stated, the one of comma, semicolon, tab and bar that the
        header line has most of.
    layer : str, optional
        Of a GeoPackage with several.
    sheet : str, optional
        Of a workbook with several that hold something.
    skip_rows : int
        Rows above the header of delimited text and of sheets.
    shown_from : Path, optional
        Messages name files by their path from this folder; by their name alone without it.

    Returns
    -------
    Table

    Raises
    ------
    SourceError
        A file is missing, empty, binary, in another encoding, damaged, or has no rows; rows have
        more or fewer cells than the header; files of one table differ in their columns.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "zones.csv"
    >>> _ = path.write_text("zone,people\\nA,12\\n")
    >>> table = read_table(path)
    >>> table.frame["people"].tolist(), table.place(0)
    (['12'], 'zones.csv, row 2')
    """
    import pandas as pd

    files = (paths,) if isinstance(paths, Path) else tuple(paths)
    names = tuple(
        path.relative_to(shown_from).as_posix() if shown_from else path.name for path in files
    )
    frames, texts, delimiters, numbers, units = [], [], [], [], []
    for path, name in zip(files, names, strict=True):
        kind = format_of(path, form, name)
        data = read_bytes(path, name)
        check_signature(name, data, kind, encoding)
        text = used = counted = None
        head = skip_rows + 1
        if kind == "csv":
            text = _below(name, decode(name, data, encoding), skip_rows)
            used = delimiter or _guess_delimiter(text)
            frame = _read_delimited(name, text, used, skip_rows)
        elif kind == "workbook":
            frame, head, counted = read_sheet(name, data, sheet, skip_rows)
        elif kind == "parquet":
            frame = _read_parquet(name, data)
        elif kind == "geojson":
            frame = read_geojson(name, decode(name, data, encoding, kind))
        else:
            frame = read_geopackage(name, data, layer)
        _check_header(name, [str(column) for column in frame.columns], head)
        if not len(frame):
            raise SourceError(f"{name} has no rows; put the data in it or remove the layer")
        frames.append(frame)
        texts.append(text)
        delimiters.append(used)
        numbers.append(counted)
        units.append("feature" if kind in ("geojson", "geopackage") else "row")
    for name, frame in zip(names[1:], frames[1:], strict=True):
        if list(frame.columns) != list(frames[0].columns):
            raise SourceError(
                f"{name} has other columns than {names[0]} ({_differences(frame, frames[0])}); "
                "files read as one table need the same columns in the same order"
            )
    whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    lengths = tuple(len(frame) for frame in frames)
    return Table(
        whole, names, lengths, units[0], tuple(texts), tuple(delimiters), tuple(numbers), skip_rows
    )


def _below(name: str, text: str, rows: int) -> str:
    """Text without its first rows."""
    if not rows:
        return text
    lines = io.StringIO(text, newline="").readlines()
    if not "".join(lines[rows:]).strip():
        raise SourceError(
            f"{name} has {len(lines)} rows, so that `skip_rows: {rows}` leaves none; state how many "
            "rows stand above the header"
        )
    return "".join(lines[rows:])


def _differences(frame: pd.DataFrame, first: pd.DataFrame) -> str:
    odd = sorted(set(map(str, frame.columns)) ^ set(map(str, first.columns)))
    return ", ".join(odd) if odd else "another order"


def _guess_delimiter(text: str) -> str:
    header = text[: text.find("\n")] if "\n" in text else text
    return max(_DELIMITERS, key=header.count)


@contextmanager
def _records(text: str, delimiter: str) -> Iterator[Iterator[list[str]]]:
    """Records of delimited text, whatever their length: a boundary may be one cell of megabytes."""
    before = csv.field_size_limit(len(text) + 1)
    try:
        yield csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    finally:
        csv.field_size_limit(before)


def _read_delimited(name: str, text: str, delimiter: str, skipped: int) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with _records(text.lstrip("\r\n"), delimiter) as records:
        header = [column.strip() for column in next(records)]
    _check_header(name, header, skipped + 1)
    data = text.lstrip("\r\n").encode()
    faults: list[arrow_csv.InvalidRow] = []

    def note_fault(row: arrow_csv.InvalidRow) -> str:
        faults.append(row)
        return "error"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(data),
            # one thread: Arrow then counts rows, and small files gain nothing from more
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=min(len(data) + 1, _LARGEST_BLOCK),  # no row may be longer than one
                column_names=header,
                skip_rows_after_names=1,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note_fault
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={column: pa.string() for column in header},
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if not faults:
            raise SourceError(
                f"{name} cannot be read as a table ({_first_line(error)}); save it again"
            ) from None
        with _records(text, delimiter) as records:
            uneven = [
                k
                for k, cells in enumerate(records, skipped + 1)
                if cells and len(cells) != len(header)
            ]
        cells = faults[0].actual_columns
        mend = (
            f"put text that holds {delimiter!r} between double quotes"
            if cells > len(header)
            else "write every cell of the row, and close every quote"
        )
        raise SourceError(
            f"{name}, row {uneven[0] if uneven else '?'}: {cells} cells where the header has {len(header)}; {mend}"
        ) from None
    return table.to_pandas()


def _check_header(name: str, header: list[str], row: int) -> None:
    for k, column in enumerate(header, start=1):
        if not column:
            raise SourceError(f"{name}, row {row}: column {k} has no name; give it one")
        if found := UNSEEN.search(column):
            raise SourceError(
                f"{name}, row {row}: the name of column {k} holds the unseen character "
                f"U+{ord(found[0]):04X}; rename it"
            )
        if len(column) > _LONGEST_NAME:
            raise SourceError(
                f"{name}, row {row}: column {k} has a name of {len(column):,} characters; give it a "
                "short one, and close every quote"
            )
        if column in header[: k - 1]:
            raise SourceError(
                f"{name}, row {row}: column {column!r} stands twice; rename one of them"
            )


def _read_parquet(name: str, data: bytes) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(pa.BufferReader(data))
        described = (table.schema.metadata or {}).get(b"geo")
        frame = table.to_pandas().reset_index(drop=True)
        frame.columns = [str(column) for column in frame.columns]
        return frame if described is None else _with_geometry(frame, json.loads(described))
    except Exception as error:
        # over damaged bytes the readers below raise whatever they meet, a KeyError as well
        raise SourceError(f"{name} is damaged ({_first_line(error)}); write it again") from None


def _with_geometry(frame: pd.DataFrame, described: dict[str, Any]) -> pd.DataFrame:
    """GeoParquet's primary column as geometry; other columns of geometry are left out."""
    import geopandas as gpd
    import shapely

    primary = described["primary_column"]
    for column, about in described["columns"].items():
        if about["encoding"] != "WKB":
            raise ValueError(f"column {column} is encoded as {about['encoding']}, not as WKB")
    shapes = shapely.from_wkb(frame[primary].to_numpy(dtype=object))
    stated = described["columns"][primary].get("crs", "OGC:CRS84")
    crs = of_code(stated) if isinstance(stated, str) else None
    if crs is None and stated is not None:
        crs = of_text(stated if isinstance(stated, str) else json.dumps(stated))
    table = frame.drop(columns=[name for name in described["columns"] if name in frame])
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
