"""Figures of clustering: functions beside randomness, shared places, fitted processes, clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, legend_below, thousands
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import map_panels, outline
from helpers.plots.patterns import cluster_map
from helpers.plots.style import ALERT, CATEGORIES, INK, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

ACROSS = 3
LEAST = 4.4  # width of a figure with few panels, inches: its key stands in one row
ENVELOPE = "#dcdcdc"
INTERVAL = "#ececec"
# Edge corrections by the name of their column, in the order in which they are drawn.
CORRECTIONS = {
    "km": "Kaplan-Meier",
    "isotropic": "isotropic",
    "translation": "translation",
    "border": "border",
    "hanisch": "Hanisch",
    "chiu_stoyan": "Chiu-Stoyan",
}


def function_beside_csr(
    name: str,
    table: pd.DataFrame,
    departure: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw a summary function, its departure from randomness, and what the edge corrections change.

    Parameters
    ----------
    name
        ``"G"``, ``"F"`` or ``"K"``; K is drawn over kilometres and departs as L(r) − r.
    table
        Columns r (metres), theory, and one an edge correction, of which the one that is reported is
        drawn.
    departure
        Columns r, low and high (ends of the envelope), and one a curve, under its name.
    differences
        Columns r, and one a correction: its difference to the one that is reported.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    second_order = name == "K"
    main = "isotropic" if second_order else "km"
    scale, unit = (1000, "km") if second_order else (1, "m")
    figure, axes = panels(1, 3, height=2.6, source=source, status=status)
    across = {"x": table["r"] / scale, "x_label": f"distance r, {unit}", "theory_label": "CSR"}
    across["legend"] = "below"
    area = scale**2 if second_order else 1
    curves(
        axes[0, 0],
        lines={CORRECTIONS[main]: table[main] / area},
        theory=table["theory"] / area,
        y_label="K(r), km²" if second_order else f"{name}(r)",
        **across,
    )
    curves(
        axes[0, 1],
        lines=departure.drop(columns=["r", "low", "high"]),
        theory=0 * table["r"],
        envelope=(departure["low"], departure["high"]),
        envelope_label="global envelope",
        y_label="L(r) − r, m" if second_order else f"{name}(r) − CSR",
        **across,
    )
    named = {label: differences[key] for key, label in CORRECTIONS.items() if key in differences}
    curves(
        axes[0, 2],
        lines=named,
        theory=0 * table["r"],
        y_label="difference in L(r), m" if second_order else f"difference in {name}(r)",
        colours=CATEGORIES[1:],
        **{**across, "theory_label": CORRECTIONS[main]},
    )
    for ax in axes[0]:
        ax.locator_params(axis="x", nbins=5)
    first = ["Function", "Departure from CSR", "Other edge corrections"]
    letter(axes[0], [f"{name}: {first[0].lower()}", *first[1:]])
    if second_order:
        thousands(axes[0, 1], "y")
        return figure
    # from where on the function is nearly 1 there is nothing to see
    reached = table["r"][np.maximum(table[main], table["theory"]) < 0.99]
    longest = reached.max() if len(reached) and reached.max() > 0 else table["r"].max()
    for ax in axes[0]:
        ax.set_xlim(0, longest)
        thousands(ax, "x")
    _told_beyond(axes[0, 1], departure, longest)
    return figure


def _told_beyond(ax: Axes, departure: pd.DataFrame, longest: float) -> None:
    """Says on which side, and how far, the first curve leaves the envelope beyond the axis."""
    curve = departure.drop(columns=["r", "low", "high"]).iloc[:, 0]
    sides = {"above": curve > departure["high"], "below": curve < departure["low"]}
    ends = {side: departure["r"][outside].max() for side, outside in sides.items()}
    for side, end in ends.items():
        if end > longest:
            _beside_the_curves(ax, departure, longest, side, f"{side} to {end:,.0f} m →")


# Shares of the axes' width and height that a line of words takes, with the blank about it.
ROOM = (0.68, 0.13)


def _beside_the_curves(
    ax: Axes, departure: pd.DataFrame, longest: float, side: str, words: str
) -> None:
    """Words at the axis' end, on one side of all that is drawn there; the axis is lengthened if need be."""
    last = departure[departure["r"].between((1 - ROOM[0]) * longest, longest)].drop(columns="r")
    low, high = ax.get_ylim()
    if side == "below":
        edge = min(0.0, float(last.to_numpy().min()))
        low = min(low, (edge - ROOM[1] * high) / (1 - ROOM[1]))
    else:
        edge = max(0.0, float(last.to_numpy().max()))
        high = max(high, (edge - ROOM[1] * low) / (1 - ROOM[1]))
    ax.set_ylim(low, high)
    away = (-1 if side == "below" else 1) * 0.03 * (high - low)
    where = {"ha": "right", "va": "top" if side == "below" else "bottom"}
    how = {"size": 7, "color": CATEGORIES[0], "zorder": 6, **where}
    ax.annotate(words, (0.99, edge + away), xycoords=("axes fraction", "data"), **how)


def functions_by_kind(
    tables: Mapping[str, pd.DataFrame],
    events: Mapping[str, int],
    name: str,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw a summary function of several kinds, each beside randomness and its envelope.

    Parameters
    ----------
    tables
        Kind → columns r (metres), observed, theory, global_low and global_high; three a row.
    events
        Kind → number of events, which stands in the panel's title.
    name
        ``"G"``, ``"F"`` or ``"L"``, which is drawn as L(r) − r.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows, across, width = _layout(len(tables))
    figure, axes = panels(
        rows, across, width=width, height=1.9 * rows, source=source, status=status
    )
    for ax, (kind, table) in zip(axes.flat, tables.items(), strict=False):
        level = table["r"] if name == "L" else 0 * table["r"]
        label = "L(r) − r, m" if name == "L" else f"{name}(r)"
        curves(
            ax,
            table["r"],
            {"observed": table["observed"] - level},
            theory=table["theory"] - level,
            envelope=(table["global_low"] - level, table["global_high"] - level),
            x_label="distance r, m" if ax in axes[-1] else "",
            y_label=label if ax in axes[:, 0] else "",
            legend=False,
        )
        thousands(ax, "both" if name == "L" else "x")
        ax.set_title(f"{kind}\n{events[kind]:,} events", size=7.5, loc="left")
    _hide_rest(axes, len(tables))
    key = {"observed": CATEGORIES[0], "CSR": INK, "global envelope of CSR": ENVELOPE}
    marks = {"CSR": "--", "global envelope of CSR": "s"}
    foot_legend(figure, key, marker="-", marks=marks)
    return figure


def ties_chart(
    tables: Mapping[str, pd.DataFrame],
    sizes: pd.Series | None = None,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw G near zero for a pattern treated in several ways, and how many events places hold.

    Parameters
    ----------
    tables
        Treatment → columns r (metres), km and theory, on the same r; each is drawn as its departure
        from the randomness of as many points as it has.
    sizes
        Number of places by how many events they hold; not drawn where not given.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shared = sizes is not None
    width = PAGE if shared else 4.4
    figure, axes = panels(1, 1 + shared, width=width, height=3.2, source=source, status=status)
    first = next(iter(tables.values()))
    curves(
        axes[0, 0],
        first["r"],
        {name: table["km"] - table["theory"] for name, table in tables.items()},
        theory=0 * first["r"],
        theory_label="CSR of as many points",
        x_label="distance r, m",
        y_label="G(r) − CSR",
        legend="below",
    )
    if sizes is not None:
        ax = axes[0, 1]
        ax.loglog(sizes.index, sizes, "o", ms=3, mew=0, color=CATEGORIES[0])
        ax.set(xlabel="events at one place", ylabel="places")
        thousands(ax)
        letter(axes[0], ["G near zero", "Events that share a place"])
    return figure


def fits_chart(
    table: pd.DataFrame,
    scales: np.ndarray,
    fitted: float,
    interval: tuple[float, float],
    true: float | None = None,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw fitted cluster processes beside the estimate, and how sure the radius is.

    Parameters
    ----------
    table
        Columns r (metres) and one a curve of L(r) − r, metres, under its name; low and high, where
        there are any, are the ends of the envelope of the fitted process.
    scales
        Refitted radii, ascending, metres; the second panel is left out where there are none.
    fitted, interval
        The radius, and the ends of its interval.
    true
        The radius with which the pattern was simulated, where that is known.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    known = len(scales) > 0
    figure, axes = panels(1, 1 + known, height=3.2, source=source, status=status)
    band = {}
    if "low" in table:
        band = {"envelope": (table["low"], table["high"]), "envelope_label": "envelope of the fit"}
    curves(
        axes[0, 0],
        table["r"] / 1000,
        table.drop(columns=["r", "low", "high"], errors="ignore"),
        **band,
        theory=0 * table["r"],
        theory_label="CSR",
        x_label="distance r, km",
        y_label="L(r) − r, m",
    )
    thousands(axes[0, 0], "y")
    if not known:
        return figure
    ax, share = axes[0, 1], np.arange(1, len(scales) + 1) / len(scales)
    ax.step(scales, share, where="post", color=CATEGORIES[0], label="refitted R")
    ax.set(xlabel="R, m", ylabel="share of the refits")
    ax.axvspan(*interval, fc=INTERVAL, ec="none", label="95 % interval")
    ax.axvline(fitted, color=INK, lw=1, label="fitted R")
    ax.plot(np.median(scales), 0.5, "o", color=CATEGORIES[0], ms=4, label="median of the refits")
    if true is not None:
        ax.axvline(true, color=ALERT, lw=1, ls="--", label="true R")
    thousands(ax, "x")
    legend_below(ax)
    letter(axes[0], ["Fitted beside estimated", "How sure is R?"])
    return figure


def cluster_maps(
    points: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    clusters: gpd.GeoDataFrame,
    window: BaseGeometry,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the clusters of several kinds, a map each; the title says how many there are.

    Parameters
    ----------
    points
        Kind → coordinates, shape (n, 2), metres; three a row.
    labels
        Kind → cluster of each point, shape (n,), −1 for none.
    clusters
        Outlines with a column kind, those of a kind in the order of their labels.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows, across, width = _layout(len(points))
    figure, axes = map_panels(
        rows, across, window.bounds, width=width, source=source, status=status
    )
    for ax, (kind, mine) in zip(axes.flat, points.items(), strict=False):
        hulls = clusters.geometry[(clusters["kind"] == kind).to_numpy()]
        outline(ax, window, width=0.5)
        # a map that stands alone is large, and so are its symbols
        cluster_map(ax, mine, labels[kind], hulls, size=2.4 if len(points) == 1 else 1.2)
        ax.set_title(f"{kind}: {len(hulls)}", size=7.5, loc="left")
    _hide_rest(axes, len(points))
    return figure


def merging_chart(
    table: pd.DataFrame,
    random: str,
    own: pd.DataFrame,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw how clusters merge as the neighbourhoods of DBSCAN grow.

    Parameters
    ----------
    table
        Index kind; columns ratio, largest (share of the events) and clusters; one line a kind.
    random
        Kind that stands for random points, drawn dashed and black.
    own
        Index kind; the same columns at its own radius, which is marked.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    kinds = list(dict.fromkeys(table.index))
    colours = dict(zip(kinds, CATEGORIES, strict=False)) | {random: INK}
    figure, axes = panels(1, 2, height=2.8, source=source, status=status)
    for kind in kinds:
        curve = table.loc[[kind]]
        line = {"color": colours[kind], "ls": "--" if kind == random else "-", "lw": 1.2}
        for ax, column in zip(axes[0], ("largest", "clusters"), strict=True):
            ax.plot(curve["ratio"], curve[column], marker="o", ms=1.8, **line)
            if kind in own.index:
                mark = {"marker": "D", "ms": 5, "mfc": "white", "mew": 1.2, "zorder": 5, "ls": ""}
                ax.plot(own.loc[kind, "ratio"], own.loc[kind, column], color=colours[kind], **mark)
    for ax, words in zip(axes[0], ("share of events in the largest", "clusters"), strict=True):
        ax.axvline(1, color=MUTED, lw=0.8, zorder=0)
        ax.set(xscale="log", xlabel="ratio λπ eps² / min_samples", ylabel=words)
    axes[0, 1].yaxis.get_major_locator().set_params(integer=True)
    letter(axes[0], ["Largest cluster", "Number of clusters"])
    foot_legend(figure, colours, columns=4, marker="-", marks={random: "--"})
    return figure


def _layout(count: int) -> tuple[int, int, float]:
    """Rows, panels a row and width of a figure of `count` panels."""
    across = min(ACROSS, count)
    return -(-count // across), across, max(PAGE * across / ACROSS, LEAST)


def _hide_rest(axes: np.ndarray, used: int) -> None:
    """Leave empty what panels are left over."""
    for ax in axes.flat[used:]:
        ax.set_visible(False)
