"""A text file too large for memory: decided from a sample, drafted and written piece by piece."""

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

from . import roles
from .choices import Choices
from .draft import Draft, Known, draft_of
from .errors import NewCityError
from .reading import TEXTS
from .tables import RawTable, joined, table_of
from .text import delimiter_of, encoding_of, holds_rows

LARGE = 150_000_000  # bytes; a smaller file is read whole
_PIECE = 30_000  # rows
_SAMPLE = 20_000  # rows
_BLOCK = 1 << 22
_UNCLOSED = (
    "{}, row {}: a double quote is opened and not closed, so that one cell holds whole rows; close or "
    "remove it"
)
_CELL = 20.0  # metres; places of one cell draw the same outline


def is_large(path: Path) -> bool:
    """Whether a file is text too large to be read whole."""
    return (
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
    encoding, delimiter = _form(path)
    sample, count = _sample(path, encoding, delimiter)
    found = roles.guess(sample)
    first = draft_of(sample, found, replace(choices), scratch, [path], [])
    first.facts.insert(
        0, f"{path.name}: {count:,} rows, decided from {len(sample):,} of all parts of the file"
    )
    if any(not (choices.yes and q.offer) for q in first.questions) or first.crs is None:
        return first
    fixed = replace(
        choices, order=first.order, precision=first.precision, time_zone=first.time_zone, yes=True
    )
    known = Known(first.degrees, np.array([], dtype=np.uint64), first.crs, first.only_dates)
    whole = replace(first, rows=0, usable=0, rejected=first.rejected.iloc[:0], tally={})
    events, rejected = scratch / "events.csv", scratch / "rejected.csv"
    cells: list[np.ndarray] = []
    for number, piece in enumerate(_pieces(path, encoding, delimiter)):
        draft = draft_of(piece, replace(found), fixed, scratch, [path], [], known)
        how: dict[str, Any] = {
            "index": False,
            "lineterminator": "\n",
            "header": number == 0,
            "mode": "a",
        }
        if draft.events is not None:
            if not whole.usable:
                how["header"] = True
            draft.events.to_csv(events, **how)
            cells.append(np.unique(np.round(draft.events[["x", "y"]].to_numpy() / _CELL), axis=0))
        draft.rejected.to_csv(rejected, **{**how, "header": number == 0})
        for reason, often in draft.reasons().items():
            whole.tally[reason] = whole.tally.get(reason, 0) + often
        whole.rows += draft.rows
        whole.usable += draft.usable
        if len(cells) > 20:
            cells = [np.unique(np.concatenate(cells), axis=0)]
    if not whole.usable:
        raise NewCityError(f"{path.name}: no row is usable")
    if first.derived:
        whole.boundary, whole.margin = event_hull(np.unique(np.concatenate(cells), axis=0) * _CELL)
    whole.facts = [
        fact for fact in first.facts if "set aside" not in fact and "no boundary" not in fact
    ]
    if first.derived:
        whole.facts.append(
            f"no boundary given: a hull around the events with a margin of {whole.margin:.0f} m, "
            f"{whole.boundary.area / 1e6:,.1f} km² (status derived)"
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


def _pieces(path: Path, encoding: str, delimiter: str) -> Iterator[RawTable]:
    """The rows of the file as tables of a bounded number of rows, each with its row numbers."""
    with path.open(encoding=encoding, errors="replace", newline="") as source:
        reader = enumerate(_sound(path.name, source, delimiter), start=1)
        lines = list(itertools.islice(reader, _PIECE))
        head: tuple[int, list[str]] | None = None
        while lines:
            after = list(itertools.islice(reader, _PIECE))
            numbers, cells = [n for n, _ in lines], [c for _, c in lines]
            if head is not None:
                numbers, cells = [head[0], *numbers], [head[1], *cells]
            table = table_of(path.name, cells, numbers, foot=not after)
            if table is None:
                if head is None:
                    raise NewCityError(f"{path.name} holds no table")
                return
            if head is None:
                first = int(table.rows[0]) if len(table) else 2
                k = max(k for k, n in enumerate(numbers) if n < first and any(cells[k]))
                head = (numbers[k], list(map(str, table.frame.columns)))
            yield table
            lines = after


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
    """Rows from all parts of a file, and how many there are."""
    size = path.stat().st_size
    kept: list[RawTable] = []
    count, share = 0, 0.0
    for piece in _pieces(path, encoding, delimiter):
        if not kept:
            width = sum(len(str(c)) + 1 for c in piece.frame.head(1000).to_numpy().ravel()) / min(
                len(piece), 1000
            )
            share = min(1.0, _SAMPLE * max(width, 1) / size)
        step = max(1, round(1 / share))
        rows = np.arange(count % step, len(piece), step)
        kept.append(
            RawTable(
                piece.frame.iloc[rows].reset_index(drop=True), piece.files[rows], piece.rows[rows],
                facts=piece.facts,
            )
        )  # fmt: skip
        count += len(piece)
    return joined(kept), count
