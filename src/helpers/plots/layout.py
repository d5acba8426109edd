"""Lay panels out on a figure, with room for its legend, source line and status words."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.canvas import canvas_class
from helpers.plots.style import ALERT, MUTED, PAGE, SMALLEST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

LINE = 0.14  # height of a line of the smallest type, inches
MARGIN = 0.06  # white at the figure's edges, inches
LONGEST = 42  # characters of a name that leave room for what it names


def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = PAGE,
    height: float | None = None,
    source: str = "",
    status: str = "",
    compress: bool = False,
    **subplots,
) -> tuple[Figure, np.ndarray]:
    """Make a figure with a grid of panels and sign it.

    Parameters
    ----------
    rows, columns
        The grid.
    width, height
        Inches. The height defaults to 2.4 a row.
    source
        Where the data come from, printed small at the foot.
    status
        Words that the reader must see (``"SYNTHETIC"``, ``"derived"``, ``"schematic"``),
        printed at the foot, right.
    compress
        Close the gaps between panels of fixed shape.
    **subplots
        Passed to :func:`matplotlib.figure.Figure.subplots` (``sharex``, ``width_ratios``, …).

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : numpy.ndarray of matplotlib.axes.Axes, shape (rows, columns)
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    height = 2.4 * rows if height is None else height
    foot = _foot_lines(source, status, width)
    engine = ConstrainedLayoutEngine(
        w_pad=0.05, h_pad=0.05, wspace=0.03, hspace=0.04, compress=compress
    )
    # a figure that pyplot does not know is shown once, where it is saved, and not also half-drawn
    # at the end of the cell that began it
    figure = Figure(figsize=(width, height), layout=engine)
    canvas_class()(figure)
    ratios = {key: subplots.pop(key, None) for key in ("width_ratios", "height_ratios")}
    how = {"axes_class": panel_class(), **subplots.pop("subplot_kw", {})}
    axes = figure.subplots(rows, columns, squeeze=False, subplot_kw=how, **ratios, **subplots)
    edge = MARGIN / height
    engine.set(rect=(MARGIN / width, edge, 1 - 2 * MARGIN / width, 1 - 2 * edge))
    # in inches from the lower left corner, so that it stays there when the figure grows
    small = {"fontsize": SMALLEST, "transform": figure.dpi_scale_trans, "in_layout": False}
    if foot:
        reserve_foot(figure, len(foot) * LINE + 0.02)
        lines = "\n".join(foot)
        figure.text(MARGIN, MARGIN, lines, color=MUTED, linespacing=1.25, gid="source", **small)
    if status:
        bold = {"ha": "right", "weight": "bold", "color": ALERT, "gid": "status"}
        figure.text(width - MARGIN, MARGIN, status, **bold, **small)
    return figure, axes


def with_status(foot: Mapping[str, str], *words: str) -> dict[str, str]:
    """The foot of a figure with further status words.

    Parameters
    ----------
    foot
        ``source`` and ``status``, as every figure takes them.
    *words
        What the reader must see too; empty ones add nothing.

    Examples
    --------
    >>> with_status({"source": "Census", "status": "derived"}, "partly estimated", "")
    {'source': 'Census', 'status': 'derived, partly estimated'}
    """
    return {**foot, "status": ", ".join(word for word in (foot.get("status", ""), *words) if word)}


@cache
def panel_class() -> type[Axes]:
    """Axes whose logarithmic scales are numbered in plain digits, for no text here is a formula."""
    from matplotlib.axes import Axes
    from matplotlib.ticker import LogFormatter

    class PlainLogarithms(LogFormatter):
        def _num_to_string(self, x, vmin, vmax):
            return f"{x:,.10g}".replace("-", "−")

    class Panel(Axes):
        def set_xscale(self, value, **more):
            super().set_xscale(value, **more)
            self._number(self.xaxis)

        def set_yscale(self, value, **more):
            super().set_yscale(value, **more)
            self._number(self.yaxis)

        def _number(self, axis) -> None:
            if axis.get_scale() == "log":
                axis.set_major_formatter(PlainLogarithms(labelOnlyBase=True))
                axis.set_minor_formatter(PlainLogarithms(labelOnlyBase=False))

    return Panel


def shortened(text: object, most: int = LONGEST) -> str:
    """A name as a figure has room for it: what is longer ends in ``…``.

    Parameters
    ----------
    text
        Of the data.
    most
        How many characters there is room for.

    Examples
    --------
    >>> shortened("North")
    'North'
    >>> shortened("Quarter of the old market", 12)
    'Quarter of…'
    """
    words = " ".join(str(text).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def in_legend(text: object) -> str:
    """A name as a legend shows it: matplotlib hides what begins with ``_``.

    Examples
    --------
    >>> in_legend("_north")
    ' _north'
    """
    words = shortened(text)
    return f" {words}" if words.startswith("_") else words


def letter(axes: Iterable[Axes], titles: Iterable[str] = ()) -> None:
    """Letter the panels a, b, c … in front of their titles; a lone one without a title stays bare.

    Parameters
    ----------
    axes
        Panels in reading order.
    titles
        What each shows, in few words; the panels' own titles when not given.
    """
    axes = list(axes)
    titles = list(titles) or [ax.get_title(loc="left") for ax in axes]
    if len(axes) == 1 and not "".join(titles):
        return
    for ax, mark, title in zip(axes, string.ascii_lowercase, titles, strict=False):
        ax.set_title(f"{mark}  {title}".rstrip(), loc="left")


def foot_legend(
    figure: Figure,
    entries: Mapping[str, str],
    *,
    columns: int = 4,
    title: str = "",
    marker: str = "s",
    marks: Mapping[str, str] | None = None,
) -> Legend:
    """Put one legend for all panels under them, above the source line.

    Parameters
    ----------
    figure
        From :func:`panels`.
    entries
        Label → colour.
    columns
        Entries a row.
    title
        What the colours mean.
    marker
        ``"s"`` for areas, ``"o"`` for points, ``"-"`` and ``"--"`` for lines.
    marks
        Label → its own marker, of entries that are drawn in another way than the rest: one of
        the above, ``"^"``, ``"x"`` or ``"D"`` (open).
    """
    own = marks or {}
    handles = [
        _key(in_legend(label), colour, own.get(label, marker)) for label, colour in entries.items()
    ]
    rows = -(-len(handles) // columns) + bool(title)
    base = reserve_foot(figure, rows * 0.165 + 0.08)
    return figure.legend(
        handles=handles,
        ncols=columns,
        title=title or None,
        loc="lower center",
        bbox_to_anchor=(figure.get_figwidth() / 2, base),
        bbox_transform=figure.dpi_scale_trans,
        borderaxespad=0,
        alignment="center",
    )


def _key(label: str, colour: str, marker: str):
    """What stands before a label of a legend: a line, or one mark."""
    from matplotlib.lines import Line2D

    if marker.startswith("-"):
        return Line2D([], [], color=colour, lw=1.6, ls=marker, label=label)
    area, open_mark = marker == "s", marker in "xD"
    mark = {"marker": marker, "ms": 7 if area else 5, "mew": 1.2 if open_mark else 0.4}
    mark |= {"mfc": "none" if open_mark else colour, "mec": "#8c8c8c" if area else colour}
    return Line2D([], [], ls="", label=label, **mark)


def reserve_foot(figure: Figure, inches: float) -> float:
    """Make the figure taller by a strip under the panels.

    Parameters
    ----------
    figure
        From :func:`panels`.
    inches
        Height of the strip.

    Returns
    -------
    float
        Where the strip begins, inches above the figure's lower edge.
    """
    engine = figure.get_layout_engine()
    left, bottom, width, height = engine.get()["rect"]
    before = figure.get_figheight()
    after = before + inches
    figure.set_figheight(after)
    bottom, height = bottom * before, height * before
    engine.set(rect=(left, (bottom + inches) / after, width, height / after))
    return bottom


@cache
def _foot_lines(source: str, status: str, width: float) -> tuple[str, ...]:
    """Break the source line so that it leaves room for the status words."""
    # bold letters are a tenth wider
    taken = 1.15 * _inches(status) + 0.25 if status else 0.0
    room = width - 2 * MARGIN - taken
    lines = [""] if source or status else []
    for word in source.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _inches(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)


def _inches(text: str) -> float:
    """Width of a line of the smallest type, measured in the font that will draw it."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties()))
    font.set_size(SMALLEST, 72)
    font.set_text(text)
    return font.get_width_height()[0] / 64 / 72
