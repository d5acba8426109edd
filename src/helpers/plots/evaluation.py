"""Figures that judge patrol plans: the trade-off, later crimes, busy patrols, posts of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.allocation import draw_plans, way
from helpers.plots.charts import curves, thousands
from helpers.plots.layout import foot_legend, letter, panels, shortened
from helpers.plots.maps import map_panels
from helpers.plots.style import ALERT, CATEGORIES, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEASURED = {"m": "mean distance from crime to post, m", "min": "mean drive from post to crime, min"}
# The curve of savings is cut off below this, per cent.
DEEPEST = -30
PERCENTILES = (50, 80, 90, 95)


def tradeoff_curves(
    means: pd.DataFrame,
    *,
    proven: bool,
    knee: int | None = None,
    match: int | None = None,
    today: str = "",
    today_m: float = np.nan,
    doubt: Sequence[float] = (),
    posts: int = 0,
    unit: str = "m",
    source: str = "",
    status: str = "",
) -> Figure:
    """Mean distance against the number of patrols, with the policy of today.

    Parameters
    ----------
    means
        ``exact`` and ``K-means``, metres, indexed by number of patrols.
    proven
        Whether every exact plan is.
    knee, match
        Numbers of patrols to mark: the knee, and the smallest that costs no more than today.
    today, today_m, posts
        Name of today's policy (empty for none), its mean distance and its number of posts.
    doubt
        Ends of the interval of today's distance, where its posts are known roughly.
    unit
        Of the distances: ``m`` or ``min``.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(width=5.2, height=3.3, source=source, status=status)
    axis = axes[0, 0]
    level = {}
    if today:
        level = {
            "theory": np.full(len(means), today_m),
            "theory_label": f"today: {today.lower()}",
        }
    curves(
        axis,
        means.index,
        {"exact, proven" if proven else "exact": means["exact"], "K-means": means["K-means"]},
        x_label="patrols",
        y_label=MEASURED[unit],
        **level,
    )
    _ring(axis, "K-means")
    if len(doubt):
        axis.axhspan(*doubt, color=MUTED, alpha=0.18, lw=0, label="today, 95 %", zorder=0.5)
    marks = []
    if knee:
        marks.append(("D", INK, "knee", knee, means.loc[knee, "exact"]))
    if match:
        marks.append(("o", ALERT, "matches today", match, means.loc[match, "exact"]))
    if today and posts <= means.index.max():
        marks.append(("s", INK, "today's number", posts, today_m))
    for marker, colour, name, x, y in marks:
        axis.plot(x, y, marker, color=colour, ms=5.5, mec="white", mew=0.6, label=name, zorder=5)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    _count_patrols(axis, means.index)
    axis.set_ylim(0)
    thousands(axis, "y")
    return figure


def afterwards_curves(
    table: pd.DataFrame,
    regret: pd.DataFrame,
    *,
    period: str,
    reference: tuple[str, int],
    today: str = "",
    unit: str = "m",
    source: str = "",
    status: str = "",
) -> Figure:
    """Plans judged by later crimes: distance, saving with its intervals, distance above hindsight.

    Parameters
    ----------
    table
        ``method, patrols, mean_m, saving, saving_low, saving_high`` of ``exact``, ``K-means`` and
        ``hindsight``, and of today's policy under its name.
    regret
        ``exact`` and ``K-means`` above hindsight, relative, indexed by number of patrols.
    period
        Name of the later period.
    reference
        Method and number of patrols that savings are against.
    today
        Name of today's policy; empty for none.
    unit, source, status
        As in :func:`helpers.plots.panels`.
    """
    names = ("exact", "K-means", "hindsight")
    colours = dict(zip(names, CATEGORIES, strict=False))
    rows = {name: own.set_index("patrols") for name, own in table.groupby("method")}
    x = regret.index
    band = [100 * rows["exact"][end] for end in ("saving_low", "saving_high")]
    against = "today" if today else f"{reference[0]}, {reference[1]}"
    distances = {name: rows[name]["mean_m"] for name in names}
    savings = {name: 100 * rows[name]["saving"] for name in names}
    above = {name: 100 * regret[name] for name in names[:2]}
    level = rows[today]["mean_m"].iloc[0] if today else None
    figure, axes = panels(1, 3, height=2.5, source=source, status=status)
    for axis, lines, label, name, line in (
        (axes[0, 0], distances, unit, f"Mean distance in {period}", level),
        (axes[0, 1], savings, "%", f"Saved against {against}", 0.0),
        (axes[0, 2], above, "%", "Above hindsight", None),
    ):
        theory = None if line is None else np.full(len(x), line)
        curves(axis, x, lines, theory=theory, x_label="patrols", y_label=label, legend=False)
        _ring(axis, "K-means")
        if name.startswith("Saved"):
            axis.vlines(x, *band, color=MUTED, lw=4, zorder=2.5)
            axis.set_ylim(max(DEEPEST, band[0].min()), 1.05 * max(5, band[1].max()))
        _count_patrols(axis, x)
        axis.set_title(name)
        thousands(axis, "y")
    axes[0, 0].set_ylim(0)
    letter(axes[0])
    named = {f"{k} (rings)" if k == "K-means" else k: v for k, v in colours.items()}
    key = named | ({f"today: {today.lower()}": INK} if today else {})
    marks = {f"today: {today.lower()}": "--"}
    interval = {"95 % interval of exact (b)": MUTED}
    foot_legend(figure, key | interval, columns=3, marker="-", marks=marks)
    return figure


def beside_maps(
    plans: Sequence,
    table: pd.DataFrame,
    *,
    today: str = "",
    unit: str = "m",
    source: str = "",
    status: str = "",
    **ground,
) -> Figure:
    """Two plans side by side, their posts that are nearest to some node and their territories.

    Parameters
    ----------
    plans
        Each with ``served`` and ``posts``, as in :func:`helpers.plots.sweep_maps`.
    table
        ``name, posts, used, mean_m``, one row a plan.
    today
        Name of the plan that is today's; its posts get a colour of their own.
    unit, source, status, **ground
        As in :func:`helpers.plots.sweep_maps`.
    """
    titles = [
        f"{shortened(row.name, 24)}: {row.used} of {row.posts} posts\nnearest to a node; mean {way(row.mean_m, unit)}"
        for row in table.itertuples(index=False)
    ]
    colours = [CATEGORIES[0] if name == today else ALERT for name in table["name"]]
    bounds = _bounds(ground["window"], np.vstack([plan.posts for plan in plans]))
    figure, axes = map_panels(1, len(plans), bounds, source=source, status=status)
    draw_plans(axes.flat, plans, titles, dot=6, post=5.5, colours=colours, **ground)
    return figure


def simulation_curves(
    table: pd.DataFrame,
    *,
    today: pd.Series | None = None,
    unit: str = "m",
    source: str = "",
    status: str = "",
) -> Figure:
    """Response against the number of patrols: percentiles of time, distances promised and driven.

    Parameters
    ----------
    table
        ``p50_min`` … ``p95_min``, ``answering_m`` and ``nearest_m`` of the exact plans, indexed by
        number of patrols.
    today
        The same of today's posts, with their number as ``patrols``; None for none.
    unit, source, status
        As in :func:`helpers.plots.panels`.
    """
    times = {f"{share} % of crimes": f"p{share}_min" for share in PERCENTILES}
    ways = {"nearest free patrol (simulated)": "answering_m", "nearest post": "nearest_m"}
    figure, axes = panels(1, 2, height=2.9, source=source, status=status)
    labels = ("minutes", "metres" if unit == "m" else "minutes")
    for axis, names, label in zip(axes[0], (times, ways), labels, strict=True):
        lines = {name: table[column] for name, column in names.items()}
        curves(axis, table.index, lines, x_label="patrols", y_label=label, legend=False)
        if today is not None:
            for column, colour in zip(names.values(), CATEGORIES, strict=False):
                at = today["patrols"], today[column]
                axis.plot(*at, "s", color=colour, ms=4.5, mec="white", mew=0.6, zorder=5)
            axis.plot([], [], "s", color=MUTED, ms=4.5, label="today's posts")
        axis.legend()
        _count_patrols(axis, table.index)
        thousands(axis, "y")
    # crimes wait for hours where patrols are few, for minutes where they are enough
    _by_factors(axes[0, 0])
    axes[0, 1].set_ylim(0)
    _ring(axes[0, 1], "nearest post")
    axes[0, 1].legend()
    letter(
        axes[0], ["Response time: wait and drive", f"Mean {'distance' if unit == 'm' else 'drive'}"]
    )
    return figure


def _by_factors(axis: Axes) -> None:
    """Draw a vertical axis by factors, from zero where something on it is zero."""
    from matplotlib.ticker import LogLocator

    if all((line.get_ydata() > 0).all() for line in axis.get_lines() if len(line.get_xdata())):
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.minorticks_off()
        thousands(axis, "y")
    else:
        axis.set_ylim(0)


def _ring(axis: Axes, name: str) -> None:
    """Draw a curve as rings, through which one that it lies upon is seen."""
    for line in axis.get_lines():
        if line.get_label() == name:
            line.set(linestyle="", marker="o", markersize=5, markerfacecolor="none")
            line.set(markeredgewidth=1.1, zorder=4)


def _count_patrols(axis: Axes, numbers: pd.Index) -> None:
    """Number the horizontal axis by whole patrols, were it only one."""
    from matplotlib.ticker import MaxNLocator

    if len(numbers) == 1:
        axis.set_xticks(numbers)
    else:
        # one patrol is the least step: no tick between two numbers
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        # the marks of the first and of the last number are seen whole
        room = 0.03 * (numbers.max() - numbers.min())
        axis.set_xlim(numbers.min() - room, numbers.max() + room)


def _bounds(window, posts: np.ndarray) -> list[float]:
    """A frame round the town and the posts; one that is far away would leave the town a speck."""
    import shapely

    west, south, east, north = window.bounds
    around = shapely.box(*window.buffer(max(east - west, north - south)).bounds)
    seen = posts[shapely.covers(around, shapely.points(posts))]
    corners = np.vstack([np.reshape(window.bounds, (2, 2)), seen])
    return [*corners.min(axis=0), *corners.max(axis=0)]
