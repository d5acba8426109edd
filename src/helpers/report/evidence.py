"""Marks the row of a notebook's table in which the value of a claim stands, so that a link leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

PREFIX = "claim-"
"""Before the name of a claim in its anchor."""
_CELLS = re.compile(r'(?=<div class="cell )')
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_FIELD = re.compile(r"(<(t[dh])\b[^>]*>)(.*?)(</\2>)", re.DOTALL)


@dataclass(frozen=True)
class Evidence:
    """Where the value of a claim stands.

    Attributes
    ----------
    claim_id
        The claim.
    cell
        Name of the cell that shows the table.
    row
        Texts that the row begins with, as the table shows them.
    column
        Heading of the value's column; without one that the table has, the row's first field is marked.
    """

    claim_id: str
    cell: str
    row: tuple[str, ...]
    column: str

    @property
    def anchor(self) -> str:
        """Name of its place on the page."""
        return f"{PREFIX}{self.claim_id}"


def evidence_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Evidence]]:
    """By city and section what the rows of the ledger say of the tables that hold their values.

    Parameters
    ----------
    rows
        From `claims.ledger`.
    """
    found: dict[tuple[str, str], list[Evidence]] = {}
    for row in rows:
        if row["table_row"] and row["cell"]:
            texts = tuple(text.strip() for text in row["table_row"].split(" | "))
            entry = Evidence(row["claim_id"], row["cell"], texts, row["table_column"])
            found.setdefault((row["city"], row["notebook"]), []).append(entry)
    return found


def mark(body: str, wanted: Iterable[Evidence]) -> tuple[str, list[str]]:
    """Give the field of each value an anchor.

    Parameters
    ----------
    body
        HTML of a notebook's page, a ``div`` of class ``cell`` for each cell.
    wanted
        Values to look for.

    Returns
    -------
    body
        The same with the fields marked.
    anchors
        Those that were found; a table may have changed since its claim was ruled on.
    """
    parts = _CELLS.split(body)
    anchors = []
    for entry in wanted:
        for place, part in enumerate(parts):
            if f' id="cell-{entry.cell}"' not in part.partition(">")[0]:
                continue
            marked = _marked(part, entry)
            if marked:
                parts[place] = marked
                anchors.append(entry.anchor)
    return "".join(parts), anchors


def _marked(part: str, entry: Evidence) -> str:
    """The cell with the field marked; nothing where no table has such a row."""
    for table in _TABLE.finditer(part):
        heads: list[str] = []
        for row in _ROW.finditer(table[0]):
            fields = list(_FIELD.finditer(row[0]))
            texts = [_text(field[3]) for field in fields]
            # without a heading that is a field of the body
            if entry.column in texts and not heads:
                heads = texts
            if texts[: len(entry.row)] != list(entry.row):
                continue
            chosen = fields[heads.index(entry.column) if heads else 0]
            around = f'{chosen[1]}<span class="evidence" id="{entry.anchor}">{chosen[3]}</span>{chosen[4]}'
            start = table.start() + row.start()
            return part[: start + chosen.start()] + around + part[start + chosen.end() :]
    return ""


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
