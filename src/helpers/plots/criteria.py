"""Draw what explains a ranking by criteria: shapes, hierarchy, steps, indices, certain ranks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import letter, panels, shortened
from helpers.plots.style import CATEGORIES, EMPTY, FAINT, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REPORTS = "Examples: technical notes of the Human Development Reports 2007/2008 and 2010"
STEPS = (
    ("Criteria", "measure and direction of each, for every zone"),
    ("Value functions", "from measures to values, 0 to 1"),
    ("Weights", "swings (SMARTS), or a ranking (SMARTER)"),
    ("Scores", "weighted sums, and their ranking"),
    ("Classes", "segments of zones to treat alike"),
    ("Robustness", "other weights in the same order"),
)
"""The steps of the method, as the sections go through them."""


def value_shapes(functions: Mapping[str, object], *, source: str = "", status: str = "") -> Figure:
    """Draw one value function of each shape.

    Parameters
    ----------
    functions
        Name of the shape → value function.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    look = {"sharey": True, "source": source, "status": status}
    figure, axes = panels(1, len(functions), height=1.9, **look)
    for axis, (name, function) in zip(axes[0], functions.items(), strict=True):
        if hasattr(function, "levels"):
            levels = function.levels
            axis.bar(list(levels), list(levels.values()), color=FAINT, edgecolor=INK, width=0.6)
            axis.set_xlabel("level")
        else:
            x, y = zip(*function.points, strict=True)  # type: ignore[attr-defined]
            axis.plot(x, y, color=CATEGORIES[0], marker="o", ms=3)
            axis.set_xlabel("measure")
        axis.set(ylim=(-0.05, 1.1))
        axis.set_title(name, loc="left")
    axes[0, 0].set_ylabel("value")
    return figure


def hierarchy(goal: str, criteria: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw the criteria below their goal, the most important first.

    Parameters
    ----------
    goal
        What the ranking is for.
    criteria : pandas.DataFrame
        label, urgent (what makes a zone more urgent, in words) and weight of each, in the order of
        importance.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 1, height=2.3, source=source, status=status)
    axis = _blank(axes[0, 0])
    count = len(criteria)
    places = (np.arange(count) + 0.5) / count
    _box(axis, (0.5, 0.85), fill(shortened(goal), 40), CATEGORIES[0], "white")
    axis.plot([places[0], places[-1]], [0.62, 0.62], color=MUTED, lw=0.8)
    axis.plot([0.5, 0.5], [0.62, 0.76], color=MUTED, lw=0.8)
    width = max(9, 84 // count)
    for place, line in zip(places, criteria.itertuples(), strict=True):
        axis.plot([place, place], [0.5, 0.62], color=MUTED, lw=0.8)
        _box(axis, (place, 0.36), fill(shortened(line.label), width), EMPTY, INK, size=7)
        said = f"{fill(shortened(line.urgent), width)}\nweight {line.weight:.2f}"
        axis.annotate(said, (place, 0.1), ha="center", va="center", size=7, color=MUTED)
    return figure


def framework(*, source: str = "", status: str = "") -> Figure:
    """Draw the steps of the method, each with what it gives the next.

    Parameters
    ----------
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 1, height=1.15, source=source, status=status)
    axis = _blank(axes[0, 0])
    places = (np.arange(len(STEPS)) + 0.5) / len(STEPS)
    arrow = {"arrowstyle": "->", "color": MUTED, "shrinkA": 0, "shrinkB": 0}
    for left, right in pairwise(places):
        # from box to box: the ends lie under them
        axis.annotate("", (right - 0.072, 0.82), (left, 0.82), arrowprops=arrow, zorder=1)
    for place, (name, what) in zip(places, STEPS, strict=True):
        _box(axis, (place, 0.82), name, CATEGORIES[0], "white", size=7.5)
        axis.annotate(fill(what, 18), (place, 0.56), ha="center", va="top", size=7, color=INK)
    return figure


def indices_over_income(
    table: pd.DataFrame, printed: pd.DataFrame, *, source: str = REPORTS, status: str = ""
) -> Figure:
    """Draw both human development indices over income, with the examples that are printed.

    Parameters
    ----------
    table : pandas.DataFrame
        formula, income, index.
    printed : pandas.DataFrame
        formula, example, income, printed.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 1, width=4.6, height=2.6, source=source, status=status)
    axis, top = axes[0, 0], printed["printed"].max()
    for colour, (formula, own) in zip(
        CATEGORIES, table.groupby("formula", sort=False), strict=False
    ):
        axis.plot(own["income"], own["index"], color=colour, label=formula)
        for line in printed[printed["formula"] == formula].itertuples():
            axis.plot(line.income, line.printed, "o", color=colour, ms=5)
            # the curves rise: above the upper one the left is free, below the other the right
            offset, side = ((-5, 5), "right") if line.printed == top else ((6, -10), "left")
            axis.annotate(
                f"{line.example}, printed {line.printed:.3f}", (line.income, line.printed),
                xytext=offset, textcoords="offset points", ha=side, size=7, color=colour,
            )  # fmt: skip
    axis.set_xscale("log")
    axis.set(xlabel="income a head, PPP US$", ylabel="human development index")
    axis.legend(loc="lower right", frameon=False)
    return figure


def lorenz(
    curves: pd.DataFrame, indices: pd.DataFrame, *, source: str = "", status: str = ""
) -> Figure:
    """Draw Lorenz curves of a few zones, and the Gini index of all with its bounds.

    Parameters
    ----------
    curves : pandas.DataFrame
        zone, households, income: cumulative shares.
    indices : pandas.DataFrame
        zone, gini, low, high, the most unequal first.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 2, height=3.0, source=source, status=status)
    left, right = axes[0]
    left.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls="--")
    for colour, (zone, own) in zip(CATEGORIES, curves.groupby("zone", sort=False), strict=False):
        left.plot(own["households"], own["income"], color=colour, label=shortened(zone))
    left.set(xlabel="share of households, poorest first", ylabel="share of income")
    left.legend(loc="upper left", frameon=False)
    rank = np.arange(1, len(indices) + 1)
    right.vlines(rank, indices["low"], indices["high"], color=FAINT, lw=1.4)
    right.plot(rank, indices["gini"], ".", color=CATEGORIES[0], ms=3)
    right.set(xlabel="zones, most unequal first", ylabel="Gini index")
    letter((left, right), ("Lorenz curves", "Gini index and its bounds"))
    return figure


def rank_ranges(
    table: pd.DataFrame, *, most: int = 40, source: str = "", status: str = ""
) -> Figure:
    """Draw the best and the worst rank that weights in the order can give each zone.

    Parameters
    ----------
    table : pandas.DataFrame
        Index the zones, the first at the top; best_rank, worst_rank, position.
    most
        Zones that are shown; of more, the first.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = table.head(most)
    rows = np.arange(len(shown))
    height = 0.8 + 0.14 * len(shown)
    figure, axes = panels(1, 1, width=5.2, height=height, source=source, status=status)
    axis = axes[0, 0]
    axis.hlines(rows, shown["best_rank"], shown["worst_rank"], color=CATEGORIES[5], lw=4)
    axis.plot(shown["position"], rows, "|", color=INK, ms=6)
    axis.set_yticks(rows, [shortened(name) for name in shown.index])
    axis.set(ylim=(len(shown) - 0.4, -0.6), xlabel="rank", xlim=(0, shown["worst_rank"].max() + 1))
    # no zone has rank 0
    axis.locator_params(axis="x", integer=True)
    most_rank = shown["worst_rank"].max()
    axis.set_xticks([1, *(tick for tick in axis.get_xticks() if 1 < tick <= most_rank)])
    return figure


def _blank(axis: Axes) -> Axes:
    axis.set(xlim=(0, 1), ylim=(0, 1))
    axis.set_axis_off()
    return axis


def _box(
    axis: Axes, place: tuple[float, float], text: str, colour: str, ink: str, size: float = 8.5
) -> None:
    look = {"boxstyle": "round,pad=0.4", "facecolor": colour, "edgecolor": MUTED, "linewidth": 0.5}
    axis.annotate(text, place, ha="center", va="center", size=size, color=ink, bbox=look)
