"""Finds what a notebook says right after a figure, for readers who do not see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LONGEST = 260
"""Characters of a statement, unless its first sentence is longer."""

REACH = 2
"""Cells after that of a figure in which the notebook may speak of it."""

END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


def statement_after(cells: Sequence[Any], cell: int, output: int) -> str:
    """What the notebook states next after an output, as plain text; empty where it states nothing.

    A statement is a text that a cell printed, with a number in it, before the next figure; titles
    with their captions, which begin in bold, are none.

    Parameters
    ----------
    cells
        Of the executed notebook.
    cell, output
        Place of the figure: its cell, and its output there.

    Examples
    --------
    >>> said = {"data": {"text/markdown": "All **14** plans are proven. K-means costs 3.5 % more."}}
    >>> caption = {"data": {"text/markdown": "**Cost.** By number of patrols 1 to 14."}}
    >>> cell = {"cell_type": "code", "outputs": [{"data": {"image/png": ""}}, caption, said]}
    >>> statement_after([cell], 0, 0)
    'All 14 plans are proven. K-means costs 3.5 % more.'
    """
    for place in range(cell, min(cell + REACH + 1, len(cells))):
        outputs = cells[place].get("outputs", [])
        for each in outputs[output + 1 :] if place == cell else outputs:
            data = each.get("data", {})
            if "image/png" in data:
                return ""
            text = data.get("text/markdown", "")
            text = text if isinstance(text, str) else "".join(text)
            if text and not text.lstrip().startswith("**") and re.search(r"\d", text):
                return _short(plain(text))
    return ""


def plain(text: str) -> str:
    """Markdown as one line of plain text: without stars, code, formula and list marks, and addresses.

    Examples
    --------
    >>> plain("* **Crimes**: $I$ = 0.12\\n* [More](a.html) of `x`")
    'Crimes: I = 0.12 More of x'
    """
    text = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text)
    text = re.sub(r"^\s*(?:[*+>#-]+|\d+\.)\s+", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"(?<!\\)[*`$]|\\(?=[^\w\s])", "", text).split())


def _short(text: str) -> str:
    """As many first sentences as fit."""
    first, *others = END.split(text)
    for sentence in others:
        if len(first) + len(sentence) >= LONGEST:
            break
        first = f"{first} {sentence}"
    return first
