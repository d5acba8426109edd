"""Figures of events in space and time: rhythms, near repeats, unevenness, relative risk, streets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, thousands
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import map_panels, outline, raster_map
from helpers.plots.style import CATEGORIES, DIFFERENCE, INK, PAGE

if TYPE_CHECKING:
    from typing import Any, Protocol

    import pandas as pd
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

    class RelativeRisk(Protocol):
        """What a map of relative risk reads."""

        log_risk: Any
        p_permutation: Any
        permutations: int


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
    table: pd.DataFrame, y_label: str, simulated: str, *, source: str = "", status: str = ""
) -> Figure:
    """Draw a function of distance with the mean and the global envelope of its simulations.

    Parameters
    ----------
    table
        Columns r (metres), observed, mean, global_low and global_high.
    y_label
        Name of the vertical axis.
    simulated
        What was simulated.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 1, width=4.4, height=2.6, source=source, status=status)
    curves(
        axes[0, 0],
        table["r"],
        {"events": table["observed"]},
        theory=table["mean"],
        theory_label=f"mean of {simulated}",
        envelope=(table["global_low"], table["global_high"]),
        envelope_label="global envelope",
        x_label="distance r, m",
        y_label=y_label,
    )
    thousands(axes[0, 0])
    return figure


def relative_risk_map(
    found: RelativeRisk, window: BaseGeometry, *, source: str = "", status: str = ""
) -> Figure:
    """Draw where a kind is commoner and rarer among all events, with tolerance contours.

    Contours enclose what is higher, and what is lower, than in all permutations.

    Parameters
    ----------
    found
        Surfaces log_risk and p_permutation, and the number of permutations.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    risk, (left, right, bottom, top) = found.log_risk.values, found.log_risk.extent
    rows, columns = risk.shape
    x, y = np.linspace(left, right, columns + 1), np.linspace(bottom, top, rows + 1)
    figure, axes = map_panels(
        1, 1, window.bounds, width=5.2, bar=True, source=source, status=status
    )
    ax, label = axes[0, 0], "log₂ of the risk over that of all other kinds (1: twice as high)"
    scale = {"limits": (-2, 2), "colours": DIFFERENCE}
    raster_map(ax, risk / np.log(2), x, y, label=label, window=window, **scale)
    middle = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    known, step = np.ma.masked_invalid(found.p_permutation.values), 1 / (found.permutations + 1)
    for level, style in ((1.5 * step, "solid"), (1 - step / 2, "dashed")):
        if known.min() < level < known.max():
            ax.contour(*middle, known, [level], colors=INK, linewidths=0.8, linestyles=style)
    outline(ax, window)
    marks = {"above all permuted": "-", "below all permuted": "--"}
    foot_legend(figure, dict.fromkeys(marks, INK), columns=2, marks=marks)
    return figure
