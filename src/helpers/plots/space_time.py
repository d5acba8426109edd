"""Figures of events in space and time: rhythms, near repeats, unevenness, relative risk, streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, thousands
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import map_panels, outline, raster_map
from helpers.plots.style import CATEGORIES, DIFFERENCE, INK, MUTED, PAGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

PARTS = {
    "month": ("months", [1, 3, 5, 7, 9, 11], ["Jan", "Mar", "May", "Jul", "Sep", "Nov"]),
    "weekday": ("days of the week", range(7), ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]),
    "hour": ("hours", [0, 4, 8, 12, 16, 20], ["0", "4", "8", "12", "16", "20"]),
}
WIDEST = 3.0  # a ratio beyond it, or below its inverse, has the last colour


def rhythm_chart(
    tables: Mapping[str, pd.DataFrame], *, source: str = "", status: str = ""
) -> Figure:
    """Draw the rate of events over the parts of cycles, with intervals.

    Parameters
    ----------
    tables
        ``"month"``, ``"weekday"`` or ``"hour"`` → table indexed by the part of the cycle, with
        columns relative, low and high: over the mean rate. One panel each.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(tables)
    width = max(PAGE * count / 3, 3.6)
    figure, axes = panels(
        1, count, width=width, height=2.1, source=source, status=status, sharey=True
    )
    for ax, (by, table) in zip(axes[0], tables.items(), strict=True):
        words, at, names = PARTS[by]
        spread = [table["relative"] - table["low"], table["high"] - table["relative"]]
        line = {"color": CATEGORIES[0], "lw": 0.9, "ms": 3, "capsize": 0}
        ax.errorbar(table.index, table["relative"], spread, fmt="o-", **line)
        ax.axhline(1, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
        ax.set_xticks(list(at), list(names))
        ax.set(xlabel=words, ylabel="rate over the mean" if ax is axes[0, 0] else "")
    if count > 1:
        letter(axes[0], [PARTS[by][0].capitalize() for by in tables])
    return figure


def near_repeat_map(table: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw a near-repeat table: observed over expected pairs, a tile a band of distance and of time.

    Parameters
    ----------
    table
        Columns space (name of the band of distance), time (that of the band of time), ratio
        and surely (whether it stands out beside all others), in reading order.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm

    rows, columns = list(dict.fromkeys(table["space"])), list(dict.fromkeys(table["time"]))
    shape = (len(rows), len(columns))
    ratio = table["ratio"].to_numpy(dtype=float).reshape(shape)
    surely = table["surely"].to_numpy(dtype=bool).reshape(shape)
    height = 1.0 + 0.26 * len(rows)
    figure, axes = panels(1, 1, width=5.6, height=height, source=source, status=status)
    ax, norm = axes[0, 0], LogNorm(1 / WIDEST, WIDEST, clip=True)
    ax.imshow(np.ma.masked_invalid(np.maximum(ratio, 1e-9)), cmap=DIFFERENCE, norm=norm,
              aspect="auto")  # fmt: skip
    for (row, column), value in np.ndenumerate(ratio):
        text = "–" if np.isnan(value) else f"{value:.2f}"
        deep = np.isfinite(value) and not 0.5 < value < 2
        look = {"weight": "bold"} if surely[row, column] else {}
        ax.text(column, row, text, ha="center", va="center", size=7,
                color="white" if deep else INK, **look)  # fmt: skip
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="days between the two events", ylabel="metres between them")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(ScalarMappable(norm, DIFFERENCE), ax=ax, fraction=0.05, extend="both")
    bar.set_ticks([1 / WIDEST, 0.5, 1, 2, WIDEST], labels=["1/3", "1/2", "1", "2", "3"])
    bar.minorticks_off()
    bar.set_label("observed over expected")
    bar.outline.set_visible(False)
    return figure


def beside_simulations(
    tables: Mapping[str, pd.DataFrame],
    labels: Mapping[str, tuple[str, str]],
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw functions of distance with the mean and the global envelope of their simulations.

    Parameters
    ----------
    tables
        Title → columns r (metres), observed, mean, global_low and global_high; a panel each.
    labels
        Title → name of the vertical axis, and what was simulated.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    width = PAGE if len(tables) > 1 else 4.4
    figure, axes = panels(1, len(tables), width=width, height=2.6, source=source, status=status)
    for ax, (title, table) in zip(axes[0], tables.items(), strict=True):
        y_label, simulated = labels[title]
        curves(
            ax,
            table["r"],
            {"events": table["observed"]},
            theory=table["mean"],
            theory_label=f"mean of {simulated}",
            envelope=(table["global_low"], table["global_high"]),
            envelope_label="global envelope",
            x_label="distance r, m",
            y_label=y_label,
        )
        thousands(ax)
    if len(tables) > 1:
        letter(axes[0], list(tables))
    return figure


def relative_risk_map(
    risk: np.ndarray,
    p: np.ndarray,
    extent: Sequence[float],
    window: BaseGeometry,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw where a kind is commoner and rarer among all events, with tolerance contours.

    Parameters
    ----------
    risk
        log of the relative risk, shape (rows, columns), first row southernmost; NaN outside.
    p
        Tolerance p values (upper tail), of the same shape: contours at 0.025 and 0.975.
    extent
        ``(left, right, bottom, top)`` of the grid, metres.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    left, right, bottom, top = extent
    rows, columns = risk.shape
    x, y = np.linspace(left, right, columns + 1), np.linspace(bottom, top, rows + 1)
    figure, axes = map_panels(
        1, 1, window.bounds, width=5.2, bar=True, source=source, status=status
    )
    ax, times = axes[0, 0], np.exp(np.clip(risk, -np.log(4), np.log(4)))
    label = "risk over that of all other kinds"
    scale = {"limits": (0.25, 4), "logarithmic": True, "colours": DIFFERENCE}
    raster_map(ax, times, x, y, label=label, window=window, **scale)
    middle = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    for level, style in ((0.025, "solid"), (0.975, "dashed")):
        known = np.ma.masked_invalid(p)
        if known.min() < level < known.max():
            ax.contour(*middle, known, [level], colors=INK, linewidths=0.8, linestyles=style)
    outline(ax, window)
    names = {"commoner, tolerance 2.5 %": INK, "rarer (dashed)": MUTED}
    foot_legend(figure, names, columns=2, marker="-")
    return figure
