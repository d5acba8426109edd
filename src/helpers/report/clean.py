"""Lets only harmless HTML through, with its headings in order and its tables readable."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape
from html.parser import HTMLParser

import nh3

from .headings import Headings, slug
from .tables import Table

__all__ = ["ALLOWED", "Headings", "clean_html", "slug"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALLOWED = _words(
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub "
    "summary sup table tbody td tfoot th thead tr u ul var"
)
# Elements whose content is a program or a style, not text: they go with all they hold.
DROPPED = _words(
    "applet base button embed form frame frameset iframe input link math meta noembed noframes "
    "noscript object option script select style svg template textarea title xmp"
)
ATTRIBUTES = _words("abbr class colspan rowspan scope span start title open lang")
VOID = frozenset(("br", "hr", "img", "col"))
# What the page itself adds to: all else stands as it was cleaned.
SHAPED = re.compile("<(?:a|h[1-6]|img|table)[ >]")
HASH = re.compile("<code>([0-9a-f]{40,64})</code>")
# Of declarations only comments have a place in a fragment.
DECLARATION = re.compile("<!(?!--)")
HEADING = re.compile("h[1-6]")
# Places of pieces that are put in later: only where text may stand, never inside an attribute.
PLACE = re.compile("\ue000\\d+\ue001")
# What mistune puts in the place of a link that could run a program.
REFUSED_LINK = "#harmful-link"
HARMLESS_LINK = re.compile(r"^(?:https?://|mailto:|#)", re.IGNORECASE)
RELATIVE_LINK = re.compile(r"^(?!//)[^:\\?#]*(?:[?#].*)?$")


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
    cleaned = _cleaner().clean(DECLARATION.sub("&lt;!", html))
    if SHAPED.search(cleaned):
        shape = _Shape(headings, image)
        shape.feed(cleaned)
        shape.close()
        cleaned = "".join(shape.pieces)
    return HASH.sub(r'<code class="hash">\1</code>', cleaned)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED),
        clean_content_tags=set(DROPPED),
        attributes={"*": set(ATTRIBUTES), "a": {"href"}, "img": {"src", "alt"}},
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"},
        # the page says it of links that lead away, and of no others
        link_rel=None,
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    """What an attribute may say, or None."""
    value = PLACE.sub("", value)
    if name != "href":
        return value
    address = "".join(value.split())
    harmless = HARMLESS_LINK.match(address) or RELATIVE_LINK.match(address)
    return address if harmless and address != REFUSED_LINK else None


class _Shape(HTMLParser):
    """Puts what is clean into the shape of the page; every element in it is closed."""

    def __init__(self, headings: Headings | None, image: Callable[[str], str | None]):
        super().__init__(convert_charrefs=True)
        self.headings, self.image = headings, image
        self.pieces: list[str] = []
        self.heading: tuple[int, int, list[str]] | None = None
        self.tables: list[Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if HEADING.fullmatch(tag):
            self.heading = (int(tag[1]), len(self.pieces), [])
            self.pieces.append("")
            return
        given = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._image(given)
            return
        if tag == "table":
            self.pieces.append(
                '<div class="table-scroll" role="group" tabindex="0" aria-label="Table">'
            )
            self.tables.append(Table())
        if self.tables:
            self.tables[-1].start(tag, len(self.pieces))
        if HARMLESS_LINK.match(given.get("href", "#")) and not given.get("href", "#").startswith(
            "#"
        ):
            given["rel"] = "noopener noreferrer"
        kept = "".join(f' {name}="{escape(value)}"' for name, value in given.items())
        self.pieces.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if HEADING.fullmatch(tag):
            self._end_heading()
            return
        if self.tables:
            self.tables[-1].end(tag, len(self.pieces))
        self.pieces.append(f"</{tag}>")
        if tag == "table":
            self.tables.pop().finish(self.pieces)
            self.pieces.append("</div>")

    def handle_data(self, data: str) -> None:
        if self.heading:
            self.heading[2].append(data)
        if self.tables:
            self.tables[-1].text(data)
        self.pieces.append(escape(data, quote=False))

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
            f'<a class="anchor" href="#{anchor}" aria-label="Link to {escape(text)}" tabindex="-1">#</a></h{level}>'
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
