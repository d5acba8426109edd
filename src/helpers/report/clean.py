"""Lets only harmless HTML through, with its headings in order and its tables readable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _words(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub "
    "summary sup table tbody td tfoot th thead tr u ul var"
)
VOID = frozenset(("br", "hr", "img", "col"))
# Elements whose content is a program or a style, not text: they go with all they hold.
DROPPED = _words(
    "applet base button embed form frame frameset iframe input link math meta noembed noframes "
    "noscript object option script select style svg template textarea title xmp"
)
EMPTY_DROPPED = frozenset(("base", "embed", "frame", "input", "link", "meta"))
ATTRIBUTES = frozenset(
    ("abbr", "class", "colspan", "rowspan", "scope", "span", "start", "title", "open", "lang")
)
HASH = re.compile("<code>([0-9a-f]{40,64})</code>")
# Of declarations only comments have a place in a fragment; Python's parser stumbles over others.
DECLARATION = re.compile("<!(?!--)")
HEADING = re.compile("h[1-6]")
NUMBER = re.compile(r"^[-+−]?(?:\d[\d,\u202f ]*)?\.?\d+(?:[eE][-+]?\d+)?\s?%?$")
NO_NUMBER = frozenset(("", "nan", "none", "<na>", "nat", "-", "–", "—", "...", "…", "inf"))
# Places of pieces that are put in later: only where text may stand, never inside an attribute.
PLACE = re.compile("\ue000\\d+\ue001")
# What mistune puts in the place of a link that could run a program.
REFUSED_LINK = "#harmful-link"
HARMLESS_LINK = re.compile(r"^(?:https?://|mailto:|#)", re.IGNORECASE)
RELATIVE_LINK = re.compile(r"^(?!//)[^:\\?#]*(?:[?#].*)?$")


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


def clean_html(
    html: str,
    *,
    headings: Headings | None = None,
    image: Callable[[str], str | None] = lambda source: None,
) -> str:
    """Write an HTML fragment anew from the elements and attributes that can do no harm.

    Scripts, styles, forms, frames, event handlers, ids and every address that would load
    something are left out; unknown elements lose their tags and keep their text; what was left
    open is closed.  Tables get a frame that scrolls sideways, and columns of numbers are marked
    so that the style sheet can align them.

    Parameters
    ----------
    html
        Fragment of unknown origin.
    headings
        Where to place the headings found; without it they are set in bold.
    image
        Gives the address of an image inside the site for the address written in the fragment,
        or None, in which case its text stands for it.

    Examples
    --------
    >>> clean_html('<p onclick="x()">a<script>b()</script> <b>c')
    '<p>a <b>c</b></p>'
    >>> clean_html('<a href="javascript:x()">a</a>')
    '<a>a</a>'
    """
    cleaner = _Cleaner(headings, image)
    cleaner.feed(DECLARATION.sub("&lt;!", html))
    cleaner.close()
    return cleaner.finish()


class _Cleaner(HTMLParser):
    """Serialises what is allowed; the parser itself never trusts its input."""

    def __init__(self, headings: Headings | None, image: Callable[[str], str | None]):
        super().__init__(convert_charrefs=True)
        self.headings, self.image = headings, image
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.dropping: list[str] = []
        self.heading: tuple[int, int, list[str]] | None = None
        self.tables: list[_Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.dropping or tag in DROPPED:
            if tag in DROPPED and tag not in EMPTY_DROPPED:
                self.dropping.append(tag)
            return
        if tag not in ALLOWED:
            return
        if HEADING.fullmatch(tag):
            self._start_heading(int(tag[1]))
            return
        given = {name: PLACE.sub("", value or "") for name, value in attrs}
        if tag == "img":
            self._image(given)
            return
        if tag == "table":
            self.pieces.append(
                '<div class="table-scroll" role="group" tabindex="0" aria-label="Table">'
            )
            self.tables.append(_Table())
        if self.tables:
            self.tables[-1].start(tag, len(self.pieces))
        kept = "".join(f' {name}="{escape(value)}"' for name, value in _kept(tag, given))
        self.pieces.append(f"<{tag}{kept}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.dropping:
            if tag == self.dropping[-1]:
                self.dropping.pop()
            return
        # a heading is closed by the end of any heading
        if HEADING.fullmatch(tag):
            tag = next((known for known in self.open if HEADING.fullmatch(known)), tag)
        if tag in self.open:
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.dropping:
            return
        if self.heading:
            self.heading[2].append(data)
        if self.tables:
            self.tables[-1].text(data)
        self.pieces.append(escape(data, quote=False))

    def finish(self) -> str:
        while self.open:
            self._close()
        return HASH.sub(r'<code class="hash">\1</code>', "".join(self.pieces))

    def _close(self) -> str:
        tag = self.open.pop()
        if HEADING.fullmatch(tag):
            self._end_heading()
            return tag
        if self.tables:
            self.tables[-1].end(tag, len(self.pieces))
        self.pieces.append(f"</{tag}>")
        if tag == "table":
            self.tables.pop().finish(self.pieces)
            self.pieces.append("</div>")
        return tag

    def _start_heading(self, level: int) -> None:
        # a heading never lies inside another, nor in a paragraph that somebody forgot to close
        if self.heading:
            self.handle_endtag("h1")
        while self.open and self.open[-1] == "p":
            self._close()
        self.heading = (level, len(self.pieces), [])
        self.pieces.append("")
        self.open.append(f"h{level}")

    def _end_heading(self) -> None:
        if self.heading is None:
            return
        wanted, place, texts = self.heading
        self.heading = None
        text = " ".join(PLACE.sub("", "".join(texts)).split())
        if self.headings is None or not text:
            self.pieces[place] = "<p><strong>"
            self.pieces.append("</strong></p>")
            return
        level = self.headings.level(wanted)
        anchor = self.headings.place(level, text)
        self.pieces[place] = f'<h{level} id="{anchor}">'
        self.pieces.append(
            f'<a class="anchor" href="#{anchor}" aria-label="Link to {escape(text)}">#</a></h{level}>'
        )

    def _image(self, given: dict[str, str]) -> None:
        source, words = given.get("src", ""), given.get("alt", "").strip()
        inside = self.image(source)
        if inside is None:
            self.handle_data(f"[{words or 'image not in the report'}]")
            return
        self.pieces.append(
            f'<img src="{escape(inside)}" alt="{escape(words or "Figure")}" loading="lazy">'
        )


@dataclass(frozen=True)
class _Cell:
    """A table cell: where it starts and ends among the pieces, its text, and its place."""

    start: int
    end: int
    text: str
    in_head: bool


class _Table:
    """Follows a table while it is written, to make it readable when it is whole."""

    def __init__(self) -> None:
        self.rows: list[list[_Cell]] = []
        self.row_starts: list[int] = []
        self.part = "tbody"
        self.cell: int | None = None
        self.content: list[str] = []

    def start(self, tag: str, place: int) -> None:
        if tag in ("thead", "tbody", "tfoot"):
            self.part = tag
        elif tag == "tr":
            self._new_row(place)
        elif tag in ("td", "th"):
            self.cell, self.content = place, []

    def text(self, data: str) -> None:
        if self.cell is not None:
            self.content.append(data)

    def end(self, tag: str, place: int) -> None:
        if tag in ("td", "th") and self.cell is not None:
            if not self.rows:
                self._new_row(self.cell)
            text = "".join(self.content).strip()
            self.rows[-1].append(_Cell(self.cell, place, text, self.part == "thead"))
            self.cell = None

    def finish(self, pieces: list[str]) -> None:
        self._mark_numbers(pieces)
        self._join_head(pieces)

    def _new_row(self, place: int) -> None:
        self.rows.append([])
        self.row_starts.append(place)

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


def _kept(tag: str, given: dict[str, str]) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in given.items() if name in ATTRIBUTES]
    if tag == "a" and "href" in given:
        address = "".join(given["href"].split())
        if address == REFUSED_LINK:
            return kept
        if HARMLESS_LINK.match(address):
            kept.append(("href", address))
            if not address.startswith("#"):
                kept.append(("rel", "noopener noreferrer"))
        elif RELATIVE_LINK.match(address):
            kept.append(("href", address))
    return kept
