"""Finds what a notebook says of a figure, for readers who do not see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LONGEST = 260
"""Characters of a statement, unless its first sentence is longer."""

REACH = 2
"""Cells after that of a figure in which the notebook may speak of it."""

SEE = "*See:*"
"""Before what a reader is to look for, in the text under a figure."""

PLAIN = "**In plain words"
"""How a statement begins that stands in bold as a caption does."""

END = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


def said_of(cells: Sequence[Any], cell: int, output: int) -> str:
    """What the notebook found in a figure, else what it says is to be seen in it, as plain text.

    Parameters
    ----------
    cells
        Of the executed notebook.
    cell, output
        Place of the figure: its cell, and its output there.

    Examples
    --------
    >>> caption = {"data": {"text/markdown": "**Plans.** Posts in red. *See:* posts follow demand."}}
    >>> cell = {"cell_type": "code", "outputs": [{"data": {"image/png": ""}}, caption]}
    >>> said_of([cell], 0, 0)
    'To see: posts follow demand.'
    >>> said = {"data": {"text/markdown": "All **14** plans are proven. K-means costs 3.5 % more."}}
    >>> said_of([{**cell, "outputs": [*cell["outputs"], said]}], 0, 0)
    'All 14 plans are proven. K-means costs 3.5 % more.'
    """
    found = _statement_after(cells, cell, output)
    if found:
        return found
    under = cells[cell].get("outputs", [])[output + 1 : output + 2]
    _, _, reading = (_text(under[0]) if under else "").partition(SEE)
    return f"To see: {_short(plain(reading))}" if reading.strip() else ""


def _statement_after(cells: Sequence[Any], cell: int, output: int) -> str:
    """What the notebook states next after an output, as plain text; empty where it states nothing.

    A statement is a text that a cell printed, with a number in it, before the next figure and the
    next heading; titles with their captions, which begin in bold, are none, but for `PLAIN`.
    """
    for place in range(cell, min(cell + REACH + 1, len(cells))):
        if place > cell and _opens_a_part(cells[place]):
            return ""
        outputs = cells[place].get("outputs", [])
        for each in outputs[output + 1 :] if place == cell else outputs:
            data = each.get("data", {})
            if "image/png" in data:
                return ""
            text = _text(each)
            begun = text.lstrip()
            stated = begun.startswith(PLAIN) or not begun.startswith("**")
            if text and stated and re.search(r"\d", text):
                return _short(plain(text))
    return ""


def _text(output: Any) -> str:
    """Markdown of an output, or nothing."""
    text = output.get("data", {}).get("text/markdown", "")
    return text if isinstance(text, str) else "".join(text)


def _opens_a_part(cell: Any) -> bool:
    """Whether it is a text with a heading."""
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    return bool(cell.get("cell_type") == "markdown" and re.search(r"^#", text, re.MULTILINE))


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
