"""Draw the ledger of claims: verdicts by what they rest on, and arithmetic on printed tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import panels
from helpers.plots.style import CATEGORIES, FAINT, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESULT = "reproduction"
LEFT, REFUSED = CATEGORIES[2], CATEGORIES[1]


def verdict_counts(counts: pd.DataFrame, names: Mapping[str, str], kinds: Sequence[str]) -> Figure:
    """Draw how many claims have each verdict, by what the verdict rests on, one panel a paper.

    Parameters
    ----------
    counts : pandas.DataFrame
        One row a paper and class of evidence, one column a verdict, both in the order in which
        they are drawn.
    names
        Name of each paper for people.
    kinds
        Classes of evidence, the first at the top; what else stands in the counts comes last.

    Returns
    -------
    matplotlib.figure.Figure
    """
    papers = list(dict.fromkeys(counts.index.get_level_values(0)))
    there = list(dict.fromkeys(counts.index.get_level_values(1)))
    rows = [*(kind for kind in kinds if kind in there), *(k for k in there if k not in kinds)]
    height = 1.5 + 0.24 * len(rows)
    figure, axes = panels(1, len(papers), height=height, sharey=True, sharex=True)
    greatest = counts.to_numpy().max()
    for axis, paper in zip(axes[0], papers, strict=True):
        own = counts.loc[paper].reindex(rows, fill_value=0)
        _numbered(axis, own.to_numpy(), greatest, rows.index(RESULT) if RESULT in rows else -1)
        axis.set_xticks(range(len(own.columns)), own.columns, rotation=55, ha="right")
        axis.set_yticks(range(len(rows)), [row or "not judged" for row in rows])
        axis.set_title(f"{names[paper]}, {own.to_numpy().sum()} claims", loc="left")
    return figure


def _numbered(axis: Axes, counts: np.ndarray, greatest: int, strong: int) -> None:
    """Squares whose area is a count, with the count; one row is in colour, for it counts."""
    for (row, column), count in np.ndenumerate(counts):
        if not count:
            continue
        colour = CATEGORIES[0] if row == strong else FAINT
        side = 60 + 190 * count / greatest
        axis.scatter(column, row, s=side, marker="s", color=colour, linewidths=0)
        ink = "white" if row == strong else INK
        axis.annotate(str(count), (column, row), ha="center", va="center", size=7, color=ink)
    axis.set(xlim=(-0.6, counts.shape[1] - 0.4), ylim=(counts.shape[0] - 0.4, -0.6))
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.grid(color=FAINT, linewidth=0.4)
    axis.set_axisbelow(True)


def printed_sums(sums: pd.DataFrame, columns: pd.DataFrame) -> Figure:
    """Draw which numbers of areas above the mean a printed sum of differences allows.

    Parameters
    ----------
    sums : pandas.DataFrame
        column, total, fits (whether the printed average is that of the total), above, off
        (distance of what they would hold from a whole number), slack (how much of that rounding
        explains), refused (empty where nothing refuses it); one panel a column and total.
    columns : pandas.DataFrame
        field and method of each column.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = list(sums.groupby(["column", "total"], sort=False))
    wide = min(4, len(groups))
    rows = -(-len(groups) // wide)
    figure, axes = panels(rows, wide, height=0.7 + 1.8 * rows, sharex=True, sharey=True)
    flat = axes.ravel()
    for axis, ((name, total), own) in zip(flat, groups, strict=False):
        _allowed(axis, own)
        about = columns.loc[name]
        other = "" if own["fits"].all() else ": average differs"
        title = f"{about['method']}, {about['field']}\n{total:,}{other}"
        axis.set_title(title, loc="left", size=7.5)
    for axis in flat[len(groups) :]:
        axis.set_visible(False)
    for axis in _lowest(axes, len(groups)):
        axis.set_xlabel("areas above the mean")
        axis.tick_params(labelbottom=True)
    for line in axes:
        line[0].set_ylabel("off a whole number")
    _key(flat[0])
    return figure


def _allowed(axis: Axes, own: pd.DataFrame) -> None:
    from matplotlib.patheffects import withStroke

    whole = own["refused"] == "whole"
    left = own["refused"] == ""
    axis.axhspan(0, own["slack"].max(), color=FAINT, linewidth=0)
    axis.scatter(own["above"][whole], own["off"][whole], s=6, color=MUTED, linewidths=0)
    near = own[~whole & ~left]
    axis.scatter(near["above"], near["off"], s=24, marker="x", color=REFUSED, zorder=3)
    axis.scatter(own["above"][left], own["off"][left], s=30, color=LEFT, zorder=3)
    for line in own[~whole].itertuples():
        ink = LEFT if line.refused == "" else REFUSED
        place = {"xytext": (0, 5), "textcoords": "offset points", "ha": "center", "zorder": 4}
        place["path_effects"] = [withStroke(linewidth=1.8, foreground="white")]
        axis.annotate(str(line.above), (line.above, line.off), size=7, color=ink, **place)
    axis.set(ylim=(-0.02, 0.56), xlim=(0, own["above"].max() + 1))


def _lowest(axes: np.ndarray, count: int) -> Sequence[Axes]:
    """The lowest panel of each column that shows something."""
    columns = axes.shape[1]
    return [axes.ravel()[i] for i in range(count) if i + columns >= count]


def _key(axis: Axes) -> None:
    from matplotlib.lines import Line2D

    kinds = {
        "possible": (LEFT, "o"),
        "whole, but refused by the other statistics": (REFUSED, "x"),
        "not whole": (MUTED, "."),
    }
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", label=name)
        for name, (colour, marker) in kinds.items()
    ]
    axis.figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
