"""Makes the tables of notebooks readable: columns of numbers and the first one marked, names of an index in one row."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(r"^[-+−]?(?:\d[\d,\u202f ]*)?\.?\d+(?:[eE][-+]?\d+)?\s?%?$")
LEAD = "row-head"
"""Class of the cells that say what their row is, which stay in sight while the others scroll."""

LONG = 60
"""Characters from which a cell's text is given a width of its own, so that its row stays low."""

NO_NUMBER = frozenset(("", "nan", "none", "<na>", "nat", "-", "–", "—", "...", "…", "inf"))


@dataclass(frozen=True)
class Cell:
    """A table cell: where it starts and ends among the pieces, its text, and its place."""

    start: int
    end: int
    text: str
    in_head: bool


class Table:
    """Follows a table while it is written, to make it readable when it is whole."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.row_starts: list[int] = []
        self.part = "tbody"
        self.cell: int | None = None
        self.content: list[str] = []

    def start(self, tag: str, place: int) -> None:
        """An element begins at a place among the pieces."""
        if tag in ("thead", "tbody", "tfoot"):
            self.part = tag
        elif tag == "tr":
            self._new_row(place)
        elif tag in ("td", "th"):
            self.cell, self.content = place, []

    def text(self, data: str) -> None:
        """Text of the cell that is open."""
        if self.cell is not None:
            self.content.append(data)

    def end(self, tag: str, place: int) -> None:
        """An element ends at a place among the pieces."""
        if tag in ("td", "th") and self.cell is not None:
            if not self.rows:
                self._new_row(self.cell)
            text = "".join(self.content).strip()
            self.rows[-1].append(Cell(self.cell, place, text, self.part == "thead"))
            self.cell = None

    def finish(self, pieces: list[str]) -> None:
        """Mark the first column and those of numbers, and join the rows of the head in what was written."""
        self._mark_lead(pieces)
        self._mark_numbers(pieces)
        self._mark_long(pieces)
        self._join_head(pieces)
        for cell in (cell for row in self.rows for cell in row if cell.in_head):
            head, _, said = "".join(pieces[cell.start : cell.end]).partition(">")
            # a head without a word is none
            if head.startswith("<th") and not said.strip():
                pieces[cell.start] = f"<td{pieces[cell.start][3:]}"
                pieces[cell.end] = "</td>"

    def _new_row(self, place: int) -> None:
        self.rows.append([])
        self.row_starts.append(place)

    def _mark_lead(self, pieces: list[str]) -> None:
        """Mark the first cell of every row that has a cell in each column.

        Others begin below a cell that spans rows: their first cell is not in the first column.
        """
        width = max((len(row) for row in self.rows), default=0)
        for row in self.rows if width > 1 else ():
            if len(row) == width:
                pieces[row[0].start] = _with_class(pieces[row[0].start], LEAD)

    def _mark_numbers(self, pieces: list[str]) -> None:
        """Mark the columns of numbers, counted from the right.

        From the right, because cells that span rows (the levels of an index) stand at the left.
        """
        width = max((len(row) for row in self.rows), default=0)
        for back in range(1, width + 1):
            column = [row[-back] for row in self.rows if len(row) >= back]
            told = [c.text for c in column if not c.in_head and c.text.lower() not in NO_NUMBER]
            if told and all(NUMBER.match(text) for text in told):
                for cell in column:
                    pieces[cell.start] = _with_class(pieces[cell.start], "number")

    def _mark_long(self, pieces: list[str]) -> None:
        """Mark the cells of long texts."""
        for cell in (cell for row in self.rows for cell in row):
            if not cell.in_head and len(cell.text) > LONG:
                pieces[cell.start] = _with_class(pieces[cell.start], "long")

    def _join_head(self, pieces: list[str]) -> None:
        """Bring the names of the index, a row of their own in pandas, beside those of columns."""
        head = [row for row in self.rows if row and row[0].in_head]
        if len(head) != 2 or len(head[0]) != len(head[1]):
            return
        columns, index = head
        if any(a.text and b.text for a, b in zip(columns, index, strict=True)):
            return
        for over, under in zip(columns, index, strict=True):
            if under.text:
                pieces[over.start] += "".join(pieces[under.start + 1 : under.end])
        for place in range(self.row_starts[1], index[-1].end + 1):
            pieces[place] = ""
        # the end of the emptied row, which follows its last cell
        rest = range(index[-1].end + 1, len(pieces))
        pieces[next(place for place in rest if pieces[place] == "</tr>")] = ""


def _with_class(tag: str, name: str) -> str:
    if ' class="' in tag:
        return tag.replace(' class="', f' class="{name} ', 1)
    return f'{tag[:-1]} class="{name}">'
