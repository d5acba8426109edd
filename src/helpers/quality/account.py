"""The account of rows: what was given, what was set aside and why, what is in use; blanks to fill."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

_LEFT_OUT = re.compile(r"([\d,]+) of ([\d,]+) (?:events|rows)\b")
_PIECE = 200_000
_BLANK = "…"

REASONS = {
    "no_place": "no place",
    "remote": "a place more than 100 km from all others",
    "other_system": "a place in another system of coordinates",
    "outside": "outside the boundary",
    "unknown_zone": "a code that is no zone",
    "no_time": "no time",
    "bad_time": "a time that cannot be",
    "no_hour": "a date without hour",
    "duplicate": "a whole row again, with its number",
    "no_crime": "a count of no crime",
    "bad_count": "a count that is no number",
}
"""What the reasons that `new-city` writes mean; docs/data.md has them in full."""


def rejected(path: Path) -> list[tuple[str, int]]:
    """Reasons of a ``rejected.csv`` with the number of rows of each, the commonest first.

    Parameters
    ----------
    path : Path
        A table with a column ``reason``, a row for each row that was set aside.

    Returns
    -------
    list of (str, int)
        Empty where there is no such file, or none that can be read so.
    """
    import pandas as pd

    counts: Counter[str] = Counter()
    try:
        pieces = pd.read_csv(
            path, usecols=["reason"], dtype=str, keep_default_na=False, chunksize=_PIECE
        )
        for piece in pieces:
            counts.update(piece["reason"])
    except (OSError, ValueError):  # pandas' own errors of parsing are among them
        return []
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def left_out(remarks: Iterable[str]) -> list[tuple[str, int | None]]:
    """Remarks on a layer, each with the number of rows that it says were left out.

    Examples
    --------
    >>> left_out(["1,204 of 29,640 events lie outside the boundary and are left out", "schematic"])
    [('1,204 of 29,640 events lie outside the boundary and are left out', 1204), ('schematic', None)]
    """
    found = []
    for remark in map(str, remarks):
        counted = _LEFT_OUT.match(remark)
        found.append((remark, int(counted[1].replace(",", "")) if counted else None))
    return found


def blanks(sources: str) -> list[str]:
    """What a SOURCES.md leaves to be filled in.

    A blank is ``…``: as the end of a line it lacks what stands before it, as a cell of a table it
    lacks what the head of its column says, for the first cell of its row.

    Parameters
    ----------
    sources : str
        Text of SOURCES.md.

    Examples
    --------
    >>> blanks("| file | publisher | licence |\\n|---|---|---|\\n| a.csv | … | open |\\n\\n- Who may be asked: …")
    ['publisher of a.csv', 'Who may be asked']
    """
    found = []
    head: list[str] = []
    for line in sources.splitlines():
        text = line.strip()
        if text.startswith("|"):
            row = [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip("|"))]
            if not head:
                head = row
            for name, cell in list(zip(head, row, strict=False))[1:]:
                if cell == _BLANK:
                    found.append(_plain(f"{name} of {row[0]}"))
            continue
        head = []
        if text.endswith(f": {_BLANK}"):
            found.append(text.removesuffix(f": {_BLANK}").lstrip("-* ").strip())
    return found


def _plain(cell: str) -> str:
    """Text of a cell as it was before it was written for a table of Markdown."""
    return cell.replace("\\|", "|").replace("&lt;", "<")
