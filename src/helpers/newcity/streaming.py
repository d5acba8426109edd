"""Files too large for memory: decided from a sample, drafted and written piece by piece."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from helpers.space import event_hull

from .choices import Choices
from .counted_rows import MOST_SINGLE, CountedRows
from .draft import Draft, Known, draft_of
from .errors import NewCityError
from .guessing import guess
from .parquet_pieces import ParquetPieces, is_large_parquet
from .reading import TEXTS
from .tables import RawTable, below_header, joined, table_of
from .text import delimiter_of, encoding_of, holds_rows

LARGE = 150_000_000  # bytes; a smaller file is read whole
_PIECE = 50_000  # rows
_FOOT = 30  # rows
_SAMPLE = 20_000  # rows
_BLOCK = 1 << 22
_MOST_CELLS = 200_000
_WIDE = 1 << 32  # more than there are cells
_UNCLOSED = (
    "{}, row {}: a double quote is opened and not closed, so that one cell holds whole rows; close or "
    "remove it"
)
_CELL = 20.0  # metres; places of one cell draw the same outline


def is_large(path: Path) -> bool:
    """Whether a file is text, or a folder Parquet, too large to be read whole."""
    return is_large_parquet(path) or (
        path.suffix.lower() in TEXTS
        and path.is_file()
        and not path.is_symlink()
        and path.stat().st_size > LARGE
    )


def make_large_draft(choices: Choices, scratch: Path) -> Draft:
    """Draft a city from a large file; its tables are written to `scratch` on the way.

    Raises
    ------
    NewCityError
        As `make_draft`.
    """
    path = choices.events
    parquet = None if path.suffix.lower() in TEXTS else ParquetPieces(path)
    encoding, delimiter = ("", "") if parquet else _form(path)
    sample, count = parquet.sample(_SAMPLE) if parquet else _sample(path, encoding, delimiter)
    files = parquet.files if parquet else [path]
    found = guess(sample)
    first = draft_of(sample, found, replace(choices), scratch, files, [])
    decided = "{}: {:,} rows, decided from {:,} of all parts of the file".format
    first.facts.insert(0, decided(path.name, count, len(sample)))
    if any(q.is_open(choices) for q in first.questions) or first.crs is None:
        return first
    assert first.source is not None
    fixed = replace(
        choices, order=first.order, precision=first.precision, time_zone=first.time_zone, yes=True
    )
    known = Known(first.degrees, first.source, first.crs, first.only_dates)
    whole = replace(first, rows=0, usable=0, rejected=first.rejected.iloc[:0], tally={})
    events, rejected = scratch / "events.csv", scratch / "rejected.csv"
    cells: list[np.ndarray] = []
    needed = found.columns()
    counted = CountedRows() if count > MOST_SINGLE else None
    if counted is not None and first.precision in ("day", "hour"):
        fixed.precision = whole.precision = "month"
    if parquet:
        pieces = parquet.pieces(needed, bool(found.ids), _PIECE)
    else:
        pieces = _pieces(path, encoding, delimiter, needed)
    for number, piece in enumerate(pieces):
        draft = draft_of(piece, replace(found), fixed, scratch, files, [], known)
        how: dict[str, Any] = {
            "index": False,
            "lineterminator": "\n",
            "header": number == 0,
            "mode": "a",
        }
        if draft.events is not None:
            if not whole.usable:
                how["header"] = True
            if counted is None:
                draft.events.to_csv(events, **how)
            else:
                counted.add(draft.events)
            where = np.floor(draft.events[["x", "y"]].to_numpy() / _CELL).astype("int64")
            cells.append(np.unique(where @ [_WIDE, 1]))
        draft.rejected.to_csv(rejected, **{**how, "header": number == 0})
        for reason, often in draft.reasons().items():
            whole.tally[reason] = whole.tally.get(reason, 0) + often
        whole.rows += draft.rows
        whole.usable += draft.usable
        if len(cells) > 20:
            cells = [np.unique(np.concatenate(cells))]
    if not whole.usable:
        raise NewCityError(f"{path.name}: no row is usable")
    if first.derived:
        code = np.unique(np.concatenate(cells)) + _WIDE // 2
        where, size = np.column_stack([code // _WIDE, code % _WIDE - _WIDE // 2]), _CELL
        while (
            len(where) > _MOST_CELLS
        ):  # their distance, and so the hull's margin, stays above a cell
            where, size = np.unique(where // 2, axis=0), 2 * size
        whole.boundary, whole.margin = event_hull((where + 0.5) * size)
    whole.facts = [
        fact for fact in first.facts if "set aside" not in fact and "no boundary" not in fact
    ]
    whole.facts[0] = decided(path.name, whole.rows, len(sample))
    if first.derived:
        whole.facts.append(
            f"no boundary given: a hull around the events with a margin of {whole.margin:.0f} m, "
            f"{whole.boundary.area / 1e6:,.1f} km² (status derived)"
        )
    if counted is not None:
        counted.frame(whole.boundary).to_csv(events, index=False, lineterminator="\n")
        whole.merged = counted.step
        whole.facts.append(
            f"more than {MOST_SINGLE:,} rows: {counted.events:,} crimes are written as counts by kind, "
            f"month and place, places within {counted.step} m of each other being one"
        )
    whole.parts = [(events, "events.csv"), (rejected, "rejected.csv")]
    return whole


def _form(path: Path) -> tuple[str, str]:
    """Encoding and delimiter, from all bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as source:
        head = source.read(_BLOCK)
        encoding = encoding_of(head)
        if encoding == "utf-8":
            try:
                decoder.decode(head)
                while block := source.read(_BLOCK):
                    decoder.decode(block)
            except UnicodeDecodeError as error:
                encoding = encoding_of(error.object[max(error.start - 2000, 0) : error.end + 2000])
                encoding = "cp1252" if encoding.startswith("utf") else encoding
    return encoding, delimiter_of(head.decode(encoding, errors="replace"))


def _pieces(
    path: Path, encoding: str, delimiter: str, needed: set[str] | None = None, step: int = 1
) -> Iterator[RawTable]:
    """The rows of the file as tables of a bounded number of rows, each with its row numbers.

    Parameters
    ----------
    path, encoding, delimiter
    needed : set of str, optional
        Columns to keep, with a hash of the whole row; all when not given, without hashes.
    step : int
        Of the rows behind the first table every so many; the others are passed over.
    """
    with path.open(encoding=encoding, errors="replace", newline="") as source:
        reader = enumerate(_sound(path.name, source, delimiter), start=1)
        lines = list(itertools.islice(reader, _PIECE))
        after = list(
            itertools.islice(reader, _FOOT)
        )  # footers stand in the last piece, all of them
        numbers, cells = [n for n, _ in lines], [c for _, c in lines]
        table = table_of(path.name, cells, numbers, foot=not after)
        if table is None:
            raise NewCityError(f"{path.name} holds no table")
        names = list(map(str, table.frame.columns))
        if needed is not None:
            table.hashes = np.fromiter(map(hash, table.frame.itertuples(False, None)), "int64")
            table.frame = table.frame[[name for name in names if name in needed]]
        yield table
        usual = int(np.median([sum(map(bool, map(str.strip, c))) for c in cells]))
        while after:
            fresh = list(itertools.islice(reader, step - 1, step * _PIECE, step))
            lines, after = after + fresh, []
            if len(fresh) == _PIECE:
                lines, after = lines[:-_FOOT], lines[-_FOOT:]
            ends = not after and step == 1
            yield below_header(path.name, names, lines, usual, foot=ends, needed=needed)


def _sound(name: str, source: TextIO, delimiter: str) -> Iterator[list[str]]:
    """The rows of a file, with a refusal where a double quote that is not closed swallows rows."""
    reader = csv.reader(source, delimiter=delimiter)
    before, width, number = 0, 0, 0
    try:
        for number, line in enumerate(reader, start=1):
            if reader.line_num - before > 1 and holds_rows(line, delimiter, width):
                raise NewCityError(_UNCLOSED.format(name, number))
            before, width = reader.line_num, len(line)
            yield line
    except csv.Error:  # a cell of many megabytes
        raise NewCityError(_UNCLOSED.format(name, number + 1)) from None


def _sample(path: Path, encoding: str, delimiter: str) -> tuple[RawTable, int]:
    """Rows from all parts of a file, and how many there are, blank ones and footers included."""
    first = next(_pieces(path, encoding, delimiter))
    lengths = first.frame.head(1000).map(len).to_numpy().sum(axis=1) + first.frame.shape[1]
    step = max(1, round(path.stat().st_size / max(lengths.mean(), 1) / _SAMPLE))
    kept, count = [], 0
    for number, piece in enumerate(_pieces(path, encoding, delimiter, step=step)):
        rows = np.arange(0, len(piece), 1 if number else step)
        kept.append(
            RawTable(
                piece.frame.iloc[rows].reset_index(drop=True), piece.files[rows], piece.rows[rows],
                facts=piece.facts,
            )
        )  # fmt: skip
        count = int(piece.rows[-1]) if len(piece) else count
    return joined(kept), count - int(first.rows[0]) + 1
