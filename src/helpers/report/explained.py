"""Finds what a page explains: the words under each heading, the terms in bold, the exercises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from .statements import END

LONGEST_TERM = 6
"""Words of what is in bold that can be a term; more are a sentence that is stressed."""

LONGEST_SENTENCE = 200
"""Characters of the sentence that is shown with a term."""

# Elements whose content is no reading matter, or is read elsewhere.
SKIPPED = frozenset(("math", "nav", "pre", "script", "svg", "tbody", "template"))
LONGEST_SIGN = 6
"""Characters of a formula that is read as a word, such as the I of Moran's I."""

# Elements that end what is said before them.
BLOCKS = frozenset(
    ("p", "li", "dt", "dd", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "details",
     "div", "section", "tr", "label", "button", "ol", "ul")
)  # fmt: skip
HEADING = re.compile("h[1-6]")
TEXT_CELL = re.compile(r'<div class="cell text-cell" id="([^"]*)">\n(.*?)\n</div>\n', re.DOTALL)
TURN = "your-turn"
"""Anchor of the heading over the exercises."""

# What the page adds to the text of an exercise names the city that the page is of.
DEFAULT_CITY = re.compile(r"(the default city) \([^)]*\)")


@dataclass
class Part:
    """What stands under a heading.

    Attributes
    ----------
    anchor, title
        Of the heading; empty before the first.
    text
        Its words, without longer formulas, code and rows of tables that data fill.
    terms
        What is in bold there, with the sentence around it.
    exercises
        Texts of the numbered exercises, hints and answers included.
    """

    anchor: str = ""
    title: str = ""
    blocks: list[str] = field(default_factory=list)
    terms: list[tuple[str, str]] = field(default_factory=list)
    exercises: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words as one line."""
        return " ".join(self.blocks)


def parts_of_cells(body: str) -> Iterator[tuple[str, Part]]:
    """What the text cells of a notebook's page explain: anchor of the cell, and each part in it.

    Parameters
    ----------
    body
        HTML of all cells.
    """
    for cell, html in TEXT_CELL.findall(body):
        for part in parts_of(html, rows=True):
            yield cell, part


@lru_cache(maxsize=512)
def parts_of(html: str, *, rows: bool = False) -> tuple[Part, ...]:
    """What a fragment or a page explains, heading by heading.

    Parameters
    ----------
    html
        HTML in which every element is closed.
    rows
        Whether rows of tables are words of their part too, as those that somebody wrote are.

    Examples
    --------
    >>> [part] = parts_of('<h2 id="a">A rule</h2><p>Known as a <strong>rule of thumb</strong>.</p>')
    >>> part.title, part.text, part.terms
    ('A rule', 'Known as a rule of thumb.', [('rule of thumb', 'Known as a rule of thumb.')])
    """
    reader = _Reader(rows)
    reader.feed(html)
    reader.close()
    return tuple(part for part in reader.parts if part.title or part.blocks)


class _Reader(HTMLParser):
    """Takes the words out of HTML."""

    def __init__(self, rows: bool):
        super().__init__(convert_charrefs=True)
        self.skipped = SKIPPED - {"tbody"} if rows else SKIPPED
        self.parts = [Part()]
        self.depth = 0
        self.lists = 0
        self.anchor = ""
        self.sign = False
        self.words: list[str] = []
        self.bold: list[str] | None = None
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.skipped:
            self.depth += 1
        self.sign = tag == "annotation"
        if tag in BLOCKS:
            self._end_block()
        if HEADING.fullmatch(tag):
            self.anchor = dict(attrs).get("id") or ""
        elif tag in ("ol", "ul"):
            self.lists += 1
        elif tag == "li" and self.lists == 1 and self.parts[-1].anchor.startswith(TURN):
            self.parts[-1].exercises.append("")
        elif tag == "strong":
            self.bold = []

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            self.depth -= 1
        if tag == "strong" and self.bold is not None:
            term = " ".join("".join(self.bold).split()).rstrip(".:,;")
            # what ends its own sentence is no term
            if term and not "".join(self.bold).rstrip().endswith((".", "?", "!")):
                self.found.append(term)
            self.bold = None
        elif HEADING.fullmatch(tag) and self.anchor:
            title = " ".join("".join(self.words).split()).removesuffix("#").rstrip()
            self.words = []
            self.parts.append(Part(self.anchor, title))
            self.anchor = ""
        elif tag in BLOCKS:
            self._end_block()
        if tag in ("ol", "ul"):
            self.lists -= 1

    def handle_data(self, data: str) -> None:
        if self.depth and not (self.sign and len(data) <= LONGEST_SIGN and "\\" not in data):
            return
        self.words.append(data)
        if self.bold is not None:
            self.bold.append(data)

    def close(self) -> None:
        super().close()
        self._end_block()

    def _end_block(self) -> None:
        text = DEFAULT_CITY.sub(r"\1", " ".join("".join(self.words).split()))
        found, self.words, self.found = self.found, [], []
        if not text:
            return
        part = self.parts[-1]
        part.blocks.append(text)
        if part.exercises and self.lists:
            part.exercises[-1] = f"{part.exercises[-1]} {text}".strip()
        for term in () if part.anchor.startswith(TURN) else found:
            if len(term.split()) <= LONGEST_TERM and len(term) > 1:
                part.terms.append((term, _sentence(text, term)))


def _sentence(text: str, term: str) -> str:
    """The sentence with the term, cut where it is long."""
    around = next((each for each in END.split(text) if term in each), text)
    return around if len(around) <= LONGEST_SENTENCE else f"{around[:LONGEST_SENTENCE].rstrip()} …"
