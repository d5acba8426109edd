"""Signs of a city's names that the figures' font lacks: drawn as ``�``, not as empty boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

INSTEAD = "\N{REPLACEMENT CHARACTER}"
SAID = f"{INSTEAD} stands for signs that the figures' font lacks."
_RUN = re.compile(f"{INSTEAD}+")


def replace_unknown_letters(figure: Figure) -> bool:
    """Write one ``�`` for each run of signs that a text's font cannot draw.

    Parameters
    ----------
    figure
        Its texts are changed, those of its axes' ticks too.

    Returns
    -------
    bool
        Whether there was any.
    """
    found = False
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            found |= axis.get_visible() and _replace_in_ticks(axis)
    for text in _texts(figure):
        written = text.get_text()
        known = known_letters(written, text.get_fontproperties())
        if known != written:
            text.set_text(known)
            found = True
    return found


def _texts(artist: Artist) -> Iterator[Text]:
    """Texts below an artist, but those of ticks, which are written whenever they are drawn."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    if isinstance(artist, Text):
        yield artist
    # an axis that is asked for its children makes its ticks
    below = [artist.label, artist.offsetText] if isinstance(artist, Axis) else artist.get_children()
    for child in below:
        yield from _texts(child)


def known_letters(text: str, font: FontProperties) -> str:
    """The text with one ``�`` for each run of signs that the font lacks.

    Examples
    --------
    >>> from matplotlib.font_manager import FontProperties
    >>> known_letters("Theft é 🚓🚓 x", FontProperties(family="DejaVu Sans"))
    'Theft é � x'
    """
    if text.isascii():
        return text
    signs = _signs(font)
    return _RUN.sub(INSTEAD, "".join(s if ord(s) in signs or s == "\n" else INSTEAD for s in text))


def _signs(font: FontProperties) -> frozenset[int]:
    from matplotlib.font_manager import fontManager

    return _signs_of(str(fontManager.findfont(font)))


@cache
def _signs_of(path: str) -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(path).get_charmap())


def _replace_in_ticks(axis: Axis) -> bool:
    """Let the labels of an axis be of known signs; they are written anew whenever it is drawn."""
    from matplotlib.ticker import FuncFormatter, LogFormatter, ScalarFormatter

    if isinstance(axis.get_major_formatter(), ScalarFormatter | LogFormatter):
        return False  # numbers
    labels = [label for label in axis.get_ticklabels() if not label.get_text().isascii()]
    fonts = [label.get_fontproperties() for label in labels]
    texts = [label.get_text() for label in labels]
    if all(known_letters(t, f) == t for t, f in zip(texts, fonts, strict=True)):
        return False
    before, font = axis.get_major_formatter(), fonts[0]
    axis.set_major_formatter(FuncFormatter(lambda x, at: known_letters(before(x, at), font)))
    return True
