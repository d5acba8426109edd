"""Keeps the headings of a page in order, each with an anchor."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field


@dataclass
class Headings:
    """Keeps the headings of a page in order while its pieces are cleaned one by one.

    A heading never lies more than one level below the one before it, and each gets an anchor.

    Attributes
    ----------
    top
        Highest level that may appear (the page's own title lies above it).
    offset
        Added to each level first.
    prefix
        Put before every anchor.
    found
        What was placed so far: level, anchor, text.
    """

    top: int = 2
    offset: int = 0
    prefix: str = ""
    found: list[tuple[int, str, str]] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def level(self, wanted: int) -> int:
        """Level at which a heading written at level `wanted` is set."""
        before = self.found[-1][0] if self.found else self.top - 1
        return min(max(wanted + self.offset, self.top), before + 1, 6)

    def place(self, level: int, text: str) -> str:
        """Note a heading and give back its anchor."""
        stem = self.prefix + (slug(text) or "section")
        anchor, count = stem, 1
        while anchor in self._taken:
            count += 1
            anchor = f"{stem}-{count}"
        self._taken.add(anchor)
        self.found.append((level, anchor, text))
        return anchor


def slug(text: str) -> str:
    """Bring a heading to a short anchor of plain letters.

    Examples
    --------
    >>> slug("4.1  Pontos quentes: São Martinho")
    '4-1-pontos-quentes-sao-martinho'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")
