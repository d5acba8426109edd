"""Draw charts: bars, dots, curves with envelopes, tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from helpers.plots.layout import in_legend, shortened
from helpers.plots.style import CATEGORIES, EMPTY, FAINT, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS_BESIDE = 12  # of tiles, whose names have room beside each other


def bars(
    ax: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    *,
    label: str,
    colour: str | Sequence[str] = CATEGORIES[0],
    number: str = "{:,.0f}",
) -> None:
    """Draw horizontal bars, the first at the top, each with its value beside it.

    Parameters
    ----------
    ax
        Panel to draw on.
    labels, values
        One of each a bar.
    label
        What the length means, with its unit.
    colour
        One for all, or one a bar.
    number
        How values are written; ``""`` for none.
    """
    values = np.asarray(values, dtype=float)
    rows = np.arange(len(values))
    ax.barh(rows, values, color=colour, height=0.72)
    names = [shortened(name) for name in labels]
    ax.set(yticks=rows, yticklabels=names, ylim=(len(values) - 0.4, -0.6), xlabel=label)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(bool((values < 0).any()))
    if number:
        for row, value in zip(rows, values, strict=True):
            ax.annotate(
                number.format(value),
                (value, row),
                xytext=(3 if value >= 0 else -3, 0),
                textcoords="offset points",
                ha="left" if value >= 0 else "right",
                va="center",
                size=7,
                color=MUTED,
            )
        ax.margins(x=0.12)
    thousands(ax, "x")


def dots(
    ax: Axes,
    table: pd.DataFrame,
    *,
    label: str,
    colours: Sequence[str] = CATEGORIES,
    sizes: Sequence[float] | None = None,
    logarithmic: bool = False,
    apart: float = 0.0,
) -> None:
    """Draw Cleveland's dot chart: one row a category, one dot a column of the table.

    It carries more categories and series than grouped bars do, and reads on a logarithmic scale.

    Parameters
    ----------
    ax
        Panel to draw on.
    table
        Rows are categories (first at the top), columns are series.
    label
        What the position means, with its unit.
    colours
        One a series.
    sizes
        Diameter of the dots of each series, in points: falling, dots that coincide stay visible.
    logarithmic
        Use a logarithmic scale.
    apart
        How far one series is drawn under the last, in rows, so that none hides another.
    """
    from matplotlib.ticker import LogLocator

    rows = np.arange(len(table))
    ax.hlines(rows, table.min(axis=1), table.max(axis=1), color=FAINT, lw=1.6, zorder=1)
    sizes = [4.0 if apart else 5.2] * table.shape[1] if sizes is None else sizes
    middle = (table.shape[1] - 1) / 2
    each = zip(table.columns, colours, sizes, strict=False)
    for number, (name, colour, size) in enumerate(each):
        ax.plot(
            table[name],
            rows + apart * (number - middle),
            "o",
            color=colour,
            ms=size,
            mec="white",
            mew=0.6,
            label=in_legend(name),
        )
    if logarithmic:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.minorticks_off()
    names = [shortened(name) for name in table.index]
    ax.set(yticks=rows, yticklabels=names, ylim=(len(table) - 0.4, -0.6), xlabel=label)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    thousands(ax, "x")


def curves(
    ax: Axes,
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    theory: Sequence[float] | None = None,
    theory_label: str = "theory",
    envelope: tuple[Sequence[float], Sequence[float]] | None = None,
    envelope_label: str = "envelope",
    colours: Sequence[str] = CATEGORIES,
    steps: bool = False,
    legend: bool | Literal["below"] = True,
) -> None:
    """Draw curves over a common axis, with the theoretical one and an envelope behind them.

    Parameters
    ----------
    ax
        Panel to draw on.
    x
        Common argument, shape (m,).
    lines
        Name → values, each of shape (m,).
    x_label, y_label
        Names of the axes, with units.
    theory, theory_label
        Values under the null hypothesis, shape (m,), drawn as a dashed black line; its name.
    envelope, envelope_label
        Lower and upper ends, each of shape (m,), drawn as a grey band; its name.
    colours
        One a curve.
    steps
        Draw step functions (continuous from the right), as distribution functions are.
    legend
        Draw the legend where it hides least, or below the panel, where it hides nothing and where that
        of an envelope always is.
    """
    x = np.asarray(x, dtype=float)
    how = {"drawstyle": "steps-post"} if steps else {}
    if envelope is not None:
        ax.fill_between(x, *envelope, color="#dcdcdc", lw=0, label=envelope_label, zorder=1)
    for (name, y), colour in zip(lines.items(), colours, strict=False):
        ax.plot(x, y, color=colour, label=in_legend(name), zorder=3, **how)
    if theory is not None:
        ax.plot(x, theory, color=INK, lw=1, ls=(0, (4, 2)), label=theory_label, zorder=2)
    ax.set(xlabel=x_label, ylabel=y_label)
    if ax.get_xscale() == "linear":
        # coordinates in kilometres have long tick labels
        ax.locator_params(axis="x", nbins=6)
    ax.margins(x=0.01)
    if legend == "below" or (legend and envelope is not None):
        legend_below(ax)
    elif legend:
        ax.legend()


def legend_below(ax: Axes) -> None:
    """Draw the legend of a panel under the name of its axis, in two columns."""
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.26), ncols=2, columnspacing=1.0)


def gap(ax: Axes, x: float, low: float, high: float, label: str) -> None:
    """Mark the vertical distance between two curves, for example a Kolmogorov-Smirnov D.

    Parameters
    ----------
    ax
        Panel to draw on.
    x, low, high
        Where, and between which heights.
    label
        What it is, written to the right of the lower end: under rising curves there is room.
    """
    ends = {"shrinkA": 0, "shrinkB": 0, "lw": 0.9, "color": INK}
    bar = {"arrowstyle": "|-|,widthA=0.18,widthB=0.18", **ends}
    ax.annotate("", xy=(x, high), xytext=(x, low), arrowprops=bar, zorder=5)
    ax.annotate(
        label, (x, low), xytext=(5, -3), textcoords="offset points", va="top", size=7.5, zorder=5
    )


def tiles(ax: Axes, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Draw a table of classes as coloured tiles.

    Parameters
    ----------
    ax
        Panel to draw on.
    table
        Rows from top to bottom, columns from left to right, cells are classes. Where the columns
        have two levels, the first makes groups with a heading.
    colours
        Class → colour; a class that it lacks stays pale.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    heads = table.columns.get_level_values(0)
    names = table.columns.get_level_values(-1)
    changes = (heads[1:] != heads[:-1]) & (table.columns.nlevels > 1)
    centres = np.arange(table.shape[1]) + 0.45 * np.concatenate([[0], np.cumsum(changes)])
    shapes, fills = [], []
    for row, line in enumerate(table.itertuples(index=False)):
        for centre, name in zip(centres, line, strict=True):
            shapes.append(Rectangle((centre - 0.47, row - 0.44), 0.94, 0.88))
            fills.append(colours.get(name, EMPTY))
    ax.add_collection(PatchCollection(shapes, facecolors=fills, edgecolors="none"))
    ax.set(xlim=(-0.6, centres[-1] + 0.6), ylim=(len(table) - 0.5, -0.5))
    upright = len(centres) > COLUMNS_BESIDE
    ax.set_xticks(centres, names, size=7, rotation=90 if upright else 0)
    ax.set_yticks(np.arange(len(table)), [shortened(name) for name in table.index], size=7)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if table.columns.nlevels > 1:
        for head in heads.unique():
            group = centres[heads == head]
            ax.annotate(
                head,
                (group.mean(), 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 18 + 4 * max(map(len, names)) if upright else 18),
                textcoords="offset points",
                ha="center",
                weight="bold",
            )
            rule = [group[0] - 0.47, group[-1] + 0.47]
            ax.annotate(
                "",
                (rule[0], 1),
                (rule[1], 1),
                xycoords=("data", "axes fraction"),
                arrowprops={"arrowstyle": "-", "lw": 0.6, "color": MUTED, "relpos": (0, 0),
                            "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip


def thousands(ax: Axes, axis: str = "both") -> None:
    """Write the numbers of an axis with thousands separators.

    Parameters
    ----------
    ax
        Panel to draw on.
    axis
        ``"x"``, ``"y"`` or ``"both"``.
    """
    from matplotlib.ticker import FuncFormatter

    written = FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))
    for name in ("x", "y"):
        if axis in (name, "both"):
            getattr(ax, f"{name}axis").set_major_formatter(written)


def direct_labels(ax: Axes, *, gap_points: float = 9) -> None:
    """Name each curve at its right end instead of in a legend, and keep the names apart.

    Parameters
    ----------
    ax
        Panel to draw on.
    gap_points
        Least distance between two names, points.
    """
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    ax.figure.draw_without_rendering()
    scale = 72 / ax.figure.dpi
    ends = [(line.get_xdata()[-1], line.get_ydata()[-1]) for line in lines]
    heights = ax.transData.transform(ends)[:, 1] * scale
    placed = _spread(heights, gap_points)
    for line, end, height, place in zip(lines, ends, heights, placed, strict=True):
        ax.annotate(
            line.get_label(),
            end,
            xytext=(4, place - height),
            textcoords="offset points",
            va="center",
            size=7.5,
            color=line.get_color(),
            annotation_clip=False,
        )


def _spread(heights: np.ndarray, least: float) -> np.ndarray:
    """Move heights apart to at least `least`, each group staying around its middle."""
    order = np.argsort(heights, kind="stable")
    groups: list[list[float]] = []  # middle, count
    for height in heights[order]:
        groups.append([height, 1])
        while len(groups) > 1:
            (low, n), (high, m) = groups[-2:]
            if high - low >= least * (n + m) / 2:
                break
            groups[-2:] = [[(low * n + high * m) / (n + m), n + m]]
    placed = np.empty(len(heights))
    start = 0
    for middle, count in groups:
        offset = (np.arange(count) - (count - 1) / 2) * least
        placed[order[start : start + count]] = middle + offset
        start += count
    return placed
