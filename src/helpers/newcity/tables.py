"""A table of text as somebody wrote it, each row with its number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .errors import NewCityError
from .spread import is_period
from .words import words_of

_FOOT = (
    "total", "subtotal", "suma", "soma", "somme", "summe", "gesamt", "source", "fuente", "fonte",
    "quelle", "note", "nota", "hinweis", "elabora", "generated", "export", "updated", "actualiza",
)  # fmt: skip


@dataclass
class RawTable:
    """Rows of one file, sheet or layer, all cells text, empty ones "".

    Attributes
    ----------
    frame : DataFrame
        Text, columns as the file names them.
    files : ndarray of str
        Where each row stands: file, sheet or layer.
    rows : ndarray of int
        Number of each row as a spreadsheet counts; of a feature, from 1.
    points : ndarray or None
        The file's own geometries.
    crs : Any
        Their system, where the file names one.
    facts : list of str
        What was found about the file (encoding, delimiter, rows that are none).
    warnings : list of str
        What the reader must be asked about.
    hashes : ndarray of int or None
        A number for all cells of each row, where the frame holds a part of them.
    """

    frame: pd.DataFrame
    files: np.ndarray
    rows: np.ndarray
    points: np.ndarray | None = None
    crs: Any = None
    facts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    hashes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def place(self, position: int) -> str:
        """``crimes.csv, row 17``."""
        return f"{self.files[position]}, row {self.rows[position]}"


def header_key(table: RawTable) -> frozenset[str]:
    """The names of a table's columns, however they are written."""
    return frozenset(words_of(str(name)) or str(name) for name in table.frame.columns)


def joined(tables: list[RawTable]) -> RawTable:
    """Tables of the same columns, one below the other."""
    if len(tables) == 1:
        return tables[0]
    first = list(tables[0].frame.columns)
    frames = []
    for table in tables:
        known = {words_of(str(name)) or str(name): name for name in first}
        names = {c: known.get(words_of(str(c)) or str(c), c) for c in table.frame.columns}
        if len(set(names.values())) < len(names):
            names = {}
        frames.append(table.frame.rename(columns=names))
    whole = pd.concat(frames, ignore_index=True).fillna("")
    has = [table.points is not None for table in tables]
    points = np.concatenate([t.points for t in tables]) if all(has) else None
    facts = [fact for table in tables for fact in table.facts]
    return RawTable(
        whole,
        np.concatenate([table.files for table in tables]),
        np.concatenate([table.rows for table in tables]),
        points,
        tables[0].crs,
        list(dict.fromkeys(facts)),
        list(dict.fromkeys(w for table in tables for w in table.warnings)),
    )


def table_of(
    name: str, lines: list[list[str]], numbers: list[int], *, foot: bool = True
) -> RawTable | None:
    """Rows of cells as a table: title rows and footers found, cells stripped.

    Parameters
    ----------
    name : str
        Of the file or sheet, for messages.
    lines : list of list of str
        Cells.
    numbers : list of int
        Number of each line as a spreadsheet counts.
    foot : bool
        Whether the last lines may be footers.

    Returns
    -------
    RawTable or None
        None where there is no header with two rows' worth of columns.
    """
    kept = [
        (n, line) for n, line in zip(numbers, lines, strict=True) if any(c.strip() for c in line)
    ]
    if not kept:
        return None
    numbers = [n for n, _ in kept]
    lines = [[cell.strip() for cell in line] for _, line in kept]
    filled = [sum(bool(cell) for cell in line) for line in lines]
    usual = int(np.median(filled))
    head = _header(lines, filled, usual)
    if head is None:
        return None
    names, body_from = _names_of(lines, filled, head)
    facts = []
    if head:
        facts.append(
            f"{name}: rows {numbers[0]} to {numbers[head - 1]} stand above the header "
            f"({lines[0][0] or next((c for c in lines[0] if c), '')!r}) and are no data"
            if head > 1
            else f"{name}: row {numbers[0]} stands above the header and is no data"
        )
    if body_from > head + 1:
        facts.append(
            f"{name}: rows {numbers[head]} to {numbers[body_from - 1]} are one header "
            f"({', '.join(names[:4])}, …)"
        )
    if not foot:
        return _table(name, names, lines[body_from:], numbers[body_from:], facts)
    last = _data_end(lines, usual, body_from)
    if last < len(lines):
        shown = "; ".join(
            f"row {numbers[k]}: {' '.join(c for c in lines[k] if c)[:50]!r}"
            for k in range(last, min(len(lines), last + 3))
        )
        facts.append(f"{name}: {len(lines) - last} row(s) below the data are no data ({shown})")
    return _table(name, names, lines[body_from:last], numbers[body_from:last], facts)


def below_header(
    name: str,
    names: list[str],
    numbered: list[tuple[int, list[str]]],
    usual: int,
    *,
    foot: bool,
    needed: set[str] | None = None,
) -> RawTable:
    """Rows of cells below a header that is known, as `table_of` reads them.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    names : list of str
        Of the columns.
    numbered : list of (int, list of str)
        Lines with their numbers.
    usual : int
        Number of cells that are filled in most rows.
    foot : bool
        Whether the last lines may be footers.
    needed : set of str, optional
        Columns to keep, with a hash of the whole row; all when not given, without hashes.
    """
    lines, rows = [], []
    for number, line in numbered:
        cells = list(map(str.strip, line))
        if any(cells):
            lines.append(cells)
            rows.append(number)
    last = _data_end(lines, usual, 0) if foot else len(lines)
    return _table(name, names, lines[:last], rows[:last], [], needed)


def _data_end(lines: list[list[str]], usual: int, first: int) -> int:
    """Position behind the last row that is no footer."""
    last = len(lines)
    while last > first and (
        _is_foot(lines[last - 1], sum(map(bool, lines[last - 1])), usual)
        or _is_sum(lines[last - 1], lines[first : last - 1])
    ):
        last -= 1
    return last


def _table(
    name: str,
    names: list[str],
    body: list[list[str]],
    rows: list[int],
    facts: list[str],
    needed: set[str] | None = None,
) -> RawTable:
    width = len(names)
    extra = [k for k, line in enumerate(body) if any(line[width:])]
    if extra:
        k = extra[0]
        if len(extra) > 0.02 * len(body) + 1:
            raise NewCityError(
                f"{name}, row {rows[k]}: {len(body[k])} cells where the header has {width} "
                f"({len(extra):,} such rows); put text that holds the delimiter between double quotes"
            )
    cells = [line if len(line) == width else (line + [""] * width)[:width] for line in body]
    for k in extra:
        cells[k] = [""] * width
    hashes = None
    if needed is None:
        frame = pd.DataFrame(cells, columns=names, dtype=object)
    else:
        hashes = np.fromiter(map(hash, map(tuple, cells)), "int64", len(cells))
        columns = [(k, one) for k, one in enumerate(names) if one in needed]
        data = {one: np.array([line[k] for line in cells], dtype=object) for k, one in columns}
        frame = pd.DataFrame(data, index=range(len(cells)), dtype=object)
    if extra:
        facts.append(
            f"{name}: {len(extra)} row(s) have more cells than the header and were read as empty "
            f"(row {rows[extra[0]]})"
        )
    files = np.full(len(frame), name, dtype=object)
    return RawTable(frame, files, np.array(rows, dtype=np.int64), facts=facts, hashes=hashes)


def _header(lines: list[list[str]], filled: list[int], usual: int) -> int | None:
    """Position of the header: the first line about as full as the rest that holds only words."""
    if usual < 2 and max(filled) < 2:
        return None
    for least in (0.8, 0.4):  # names may stand twice, but rather not
        for k, line in enumerate(lines[:60]):
            cells = [cell for cell in line if cell]
            if filled[k] < max(2, 0.6 * usual):
                continue
            years = [cell for cell in cells if is_period(cell)]
            if any(_is_number(cell) and not is_period(cell) for cell in cells):
                continue
            above = lines[k - 1] if k else []
            group = filled[k - 1] > 1 and not any(map(_is_number, above)) if k else False
            if group and years and len(set(years)) < len(years):
                return k - 1  # years below the names of their groups
            if len(years) == len(cells):
                continue
            if len(set(map(str.casefold, cells))) < least * len(cells):
                continue
            return k
    raise NewCityError(
        "no header: no row near the top holds names of columns; write one name above each column"
    )


def _names_of(lines: list[list[str]], filled: list[int], head: int) -> tuple[list[str], int]:
    """Names of the columns, from one row or two, and the position of the first row of data.

    A second row of words belongs to the header where the rows below hold numbers in columns that have
    words there: groups above their columns, or the same names in another language.
    """
    after = head + 1
    if after >= len(lines) - 1:
        return _names(lines[head]), after
    upper, lower = lines[head], lines[after]
    width = max(len(upper), len(lower))
    below = [line + [""] * width for line in lines[after + 1 : after + 40]]
    columns = [
        k
        for k in range(width)
        if sum(_is_number(line[k]) for line in below) > 0.6 * max(sum(bool(x[k]) for x in below), 1)
        and any(line[k] for line in below)
    ]
    cells = [lower[k] if k < len(lower) else "" for k in columns]
    years = [
        cell for cell in cells if cell.isdigit() and len(cell) == 4 and cell[:2] in ("19", "20")
    ]
    words = [cell for cell in cells if cell and not _is_number(cell)]
    grouped = _is_grouped(upper, lower)
    if len(columns) < 2 or len(words) + len(years) * grouped < 0.8 * len(columns):
        return _names(upper), after
    if not grouped:
        return _names(upper if filled[head] >= filled[after] else lower), after + 1
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    plain, distinct = [c for c in lower if c], len({c.casefold() for c in lower if c})
    if distinct == len(plain) and all(low or not up for up, low in zip(upper, lower, strict=True)):
        return _names(lower), after + 1
    names, group = [], ""
    for up, low in zip(upper, lower, strict=True):
        group = up or group
        names.append(f"{group} {low}" if low and group and distinct < len(plain) else low or up)
    return _names(names), after + 1


def _is_grouped(upper: list[str], lower: list[str]) -> bool:
    """Whether a row has gaps, as merged cells leave them, where the row below has names."""
    gaps = [k for k, cell in enumerate(lower) if cell and (k >= len(upper) or not upper[k])]
    return len(gaps) >= 2 or (len(gaps) == 1 and len(lower) <= 4)


def _is_number(cell: str) -> bool:
    text = cell.replace(",", "").replace(".", "").replace("-", "").replace("/", "").replace(":", "")
    return text.replace(" ", "").isdigit()


def _is_foot(line: list[str], filled: int, usual: int) -> bool:
    first = next((cell for cell in line if cell), "").casefold()
    begins = first.lstrip("*( ").startswith(_FOOT)
    if begins and filled <= max(2, 0.6 * usual):
        return True
    return usual >= 4 and filled <= max(1, 0.25 * usual)


def _is_sum(line: list[str], body: list[list[str]]) -> bool:
    """Whether a row called total adds up the rows above it."""
    first = next((cell for cell in line if cell), "").casefold()
    if not re.search(r"total|gesamt|suma|soma|somme|summe|ensemble", first) or len(body) < 2:
        return False
    hits = checked = 0
    for k, cell in enumerate(line):
        value = _whole(cell)
        if value is None or k == 0:
            continue
        parts = [_whole(row[k]) if k < len(row) else None for row in body]
        checked += 1
        hits += sum(part or 0 for part in parts) == value
    return checked > 0 and hits >= 0.6 * checked


def _whole(cell: str) -> int | None:
    text = re.sub(r"[.,'’\s\u00a0\u202f]", "", cell)
    return int(text) if text.isdigit() and len(text) < 16 else None


def _names(cells: list[str]) -> list[str]:
    names: list[str] = []
    while cells and not cells[-1]:
        cells = cells[:-1]
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {number}"
        base, again = name, 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return names
