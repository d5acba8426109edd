"""A table of text as somebody wrote it, each row with its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .errors import NewCityError

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
    """

    frame: pd.DataFrame
    files: np.ndarray
    rows: np.ndarray
    points: np.ndarray | None = None
    crs: Any = None
    facts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.frame)

    def place(self, position: int) -> str:
        """``crimes.csv, row 17``."""
        return f"{self.files[position]}, row {self.rows[position]}"


def header_key(table: RawTable) -> frozenset[str]:
    """The names of a table's columns, however they are written."""
    return frozenset(str(name).strip().casefold() for name in table.frame.columns)


def joined(tables: list[RawTable]) -> RawTable:
    """Tables of the same columns, one below the other."""
    if len(tables) == 1:
        return tables[0]
    first = list(tables[0].frame.columns)
    frames = []
    for table in tables:
        known = {str(name).strip().casefold(): name for name in first}
        names = {c: known.get(str(c).strip().casefold(), c) for c in table.frame.columns}
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
    facts = []
    if head:
        facts.append(
            f"{name}: rows {numbers[0]} to {numbers[head - 1]} stand above the header "
            f"({lines[0][0] or next((c for c in lines[0] if c), '')!r}) and are no data"
            if head > 1
            else f"{name}: row {numbers[0]} stands above the header and is no data"
        )
    last = len(lines)
    while foot and last > head + 1 and _is_foot(lines[last - 1], filled[last - 1], usual):
        last -= 1
    if last < len(lines):
        shown = "; ".join(
            f"row {numbers[k]}: {' '.join(c for c in lines[k] if c)[:50]!r}"
            for k in range(last, min(len(lines), last + 3))
        )
        facts.append(f"{name}: {len(lines) - last} row(s) below the data are no data ({shown})")
    names = _names(lines[head])
    width = len(names)
    body = lines[head + 1 : last]
    rows = numbers[head + 1 : last]
    extra = [k for k, line in enumerate(body) if any(line[width:])]
    if extra:
        k = extra[0]
        if len(extra) > 0.02 * len(body) + 1:
            raise NewCityError(
                f"{name}, row {rows[k]}: {len(body[k])} cells where the header has {width} "
                f"({len(extra):,} such rows); put text that holds the delimiter between double quotes"
            )
    cells = [(line + [""] * width)[:width] for line in body]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    for k in extra:
        frame.iloc[k] = ""
    if extra:
        facts.append(
            f"{name}: {len(extra)} row(s) have more cells than the header and were read as empty "
            f"(row {rows[extra[0]]})"
        )
    files = np.full(len(frame), name, dtype=object)
    return RawTable(frame, files, np.array(rows, dtype=np.int64), facts=facts)


def _header(lines: list[list[str]], filled: list[int], usual: int) -> int | None:
    """Position of the header: the first line about as full as the rest that holds only words."""
    if usual < 2 and max(filled) < 2:
        return None
    for k, line in enumerate(lines[:60]):
        cells = [cell for cell in line if cell]
        if filled[k] < max(2, 0.6 * usual):
            continue
        if any(_is_number(cell) for cell in cells):
            continue
        if len(set(map(str.casefold, cells))) < 0.8 * len(cells):
            continue
        return k
    raise NewCityError(
        "no header: no row near the top holds names of columns; write one name above each column"
    )


def _is_number(cell: str) -> bool:
    text = cell.replace(",", "").replace(".", "").replace("-", "").replace("/", "").replace(":", "")
    return text.replace(" ", "").isdigit()


def _is_foot(line: list[str], filled: int, usual: int) -> bool:
    first = next((cell for cell in line if cell), "").casefold()
    begins = first.lstrip("*( ").startswith(_FOOT)
    if begins and filled <= max(2, 0.6 * usual):
        return True
    return usual >= 4 and filled <= max(1, 0.25 * usual)


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
