"""What a figure says in letters: titles of its panels and names of its axes, for readers who do not see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 8
"""Panels that are told."""

LONGEST = 80
"""Characters of a title or name that are told."""


def drawn_words(figure: Figure) -> str:
    """Titles of the panels and names of the axes, in sentences; nothing where there are none.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As it is drawn.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> one, other = figure.subplots(1, 2)
    >>> _ = one.set_title("a  2 patrols: mean 4,084 m", loc="left"), one.set_xlabel("patrols")
    >>> _ = other.set_title("b  4 patrols:\\nmean 2,962 m", loc="left")
    >>> drawn_words(figure)
    'Panels: a 2 patrols: mean 4,084 m; b 4 patrols: mean 2,962 m. Axes: patrols.'
    """
    drawn = [axes for axes in figure.axes if axes.get_visible()]
    panels = _several(_title(axes) for axes in drawn)
    names = _several(
        axis.get_label_text() for axes in drawn if axes.axison for axis in (axes.xaxis, axes.yaxis)
    )
    said = [("Panels", panels), ("Axes", names)]
    return " ".join(f"{what}: {_listed(texts)}." for what, texts in said if texts)


def _title(axes: Axes) -> str:
    titles = (axes.get_title(loc=place) for place in ("left", "center", "right"))
    return " ".join(title for title in titles if title)


def _several(texts: Iterable[str]) -> list[str]:
    """Each once, in their order, on one line; a single letter that marks a panel is no title."""
    # a dollar is a sign of mathematics, unless a stroke stands before it
    parts = (text.split(r"\$") for text in texts)
    plain = ("$".join(part.replace("$", "") for part in each) for each in parts)
    lines = (" ".join(text.split()) for text in plain)
    return list(dict.fromkeys(line for line in lines if len(line) > 1))


def _listed(texts: list[str]) -> str:
    shown = [
        text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
        for text in texts[:MOST]
    ]
    rest = len(texts) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest > 0 else "")
