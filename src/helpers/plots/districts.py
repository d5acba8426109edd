"""Draw what a study of service areas shows: how methods work, one plan, and many runs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import dots, thousands
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import (
    as_map,
    class_map,
    enlarged,
    frame,
    links_map,
    map_panels,
    scale_bar,
)
from helpers.plots.plans import balance, name_areas, plan_map, plan_panels, tints
from helpers.plots.style import ALERT, CATEGORIES, INK, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure

DASHES = (0, (4, 2))


# ---------------------------------------------------------------------------------- the board


def growth_maps(
    board: gpd.GeoDataFrame, rounds: Sequence[np.ndarray], genes: Sequence[int]
) -> Figure:
    """Draw how areas grow from their centres: at the start, after one round, at the end.

    Parameters
    ----------
    board
        Squares: zone, people, x, y.
    rounds
        Area of each square after each round, −1 where it is free.
    genes
        Positions of the centres, drawn bold.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 3, board.total_bounds, furniture="none")
    colours = _board_tints(len(genes))
    for axis, step in zip(axes[0], (rounds[0], rounds[1], rounds[-1]), strict=True):
        class_map(axis, board, np.where(step < 0, "free", step.astype(str)), colours)
        for i, square in enumerate(board.itertuples()):
            weight = "bold" if i in genes else "normal"
            words = f"{square.zone}\n{square.people}"
            axis.text(square.x, square.y, words, ha="center", va="center", weight=weight)
    letter(axes[0], ["three genes", "after one round", f"after round {len(rounds) - 1}"])
    return figure


def recombination_maps(
    board: gpd.GeoDataFrame,
    before: Sequence[int],
    merged: Sequence[bool],
    after: Sequence[int],
    *,
    tree: np.ndarray,
    cut: int,
) -> Figure:
    """Draw one recombination: before, the two areas merged with their tree, after the cut.

    Parameters
    ----------
    board
        Squares: people, x, y.
    before, after
        Area of each square.
    merged
        Whether a square belongs to one of the two areas.
    tree
        Edges of the spanning tree, positions of squares, shape (m, 2).
    cut
        The edge that is cut.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 3, board.total_bounds, furniture="none")
    places = board[["x", "y"]].to_numpy()
    before, after = np.asarray(before), np.asarray(after)
    # the two areas as one, in the colour of the first of them
    together = np.where(merged, before[merged].min(), before)
    for axis, classes in zip(axes[0], (before, together, after), strict=True):
        class_map(axis, board, classes.astype(str), _board_tints(before.max() + 1))
    links_map(axes[0, 1], places, tree, colour=INK, width=1.2)
    axes[0, 1].plot(*places[tree[cut]].mean(axis=0), "x", color=ALERT, ms=9, mew=2.2)
    for axis in (axes[0, 0], axes[0, 2]):
        for square in board.itertuples():
            axis.text(square.x, square.y, square.people, ha="center", va="center")
    letter(axes[0], ["before", "merged, with a tree", "after the cut"])
    return figure


def _board_tints(areas: int) -> dict[str, str]:
    return {str(area): tint for area, tint in enumerate(tints(areas))}


def settings_ranges(
    tried: pd.DataFrame, *, floor: float, unit: str, source: str = "", status: str = ""
) -> Figure:
    """Draw settings of the genetic algorithm by mutation rate: what they reach, and how they end.

    Parameters
    ----------
    tried
        mutation, eq1 (median over seeds), least, greatest, stagnation, distinct, published.
    floor
        A proven bound of (1).
    unit
        Of (1).
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(1, 3, height=2.9, source=source, status=status)
    rates = np.sort(tried["mutation"].unique())
    group = np.searchsorted(rates, tried["mutation"])
    beside = tried.groupby("mutation").cumcount().to_numpy()
    x = group + 0.8 * (beside / max(beside.max(), 1) - 0.5)
    published = tried["published"].to_numpy()
    axes[0, 0].vlines(x, tried["least"], tried["greatest"], color="0.75", lw=1)
    for axis, name in zip(axes[0], ("eq1", "stagnation", "distinct"), strict=True):
        y = tried[name].to_numpy(dtype=float)
        axis.plot(x, y, "o", ms=2.5, color=CATEGORIES[0])
        axis.plot(x[published], y[published], "o", ms=5, color=ALERT)
        axis.set_xticks(range(len(rates)), [f"{100 * rate:g}" for rate in rates])
        axis.set_xlabel("mutation, %")
    axes[0, 0].axhline(floor, color=INK, lw=0.9, ls=DASHES)
    thousands(axes[0, 0], "y")
    labels = (f"(1), {unit}", "last generation that improves", "different centre sets, share")
    for axis, label in zip(axes[0], labels, strict=True):
        axis.set_ylabel(label)
    axes[0, 2].set_ylim(-0.03, 1.03)
    letter(axes[0], ["reached", "stands still after", "variety at the end"])
    return figure


# ---------------------------------------------------------------------------------- one plan


def plan_with_balance(
    zones: gpd.GeoDataFrame,
    assignment: Sequence[int],
    *,
    colours: np.ndarray,
    numbers: np.ndarray,
    held: Sequence[float],
    mean: float,
    unit: str,
    label: str,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map a plan, and draw what its areas hold, the largest first.

    Parameters
    ----------
    zones
        Polygons.
    assignment
        Area of each zone, 0, 1, …
    colours
        Number of the colour of each area.
    numbers
        Number of each area, 1 for the largest.
    held
        What the areas hold, in the order of their numbers.
    mean
        The equal share.
    unit, label
        Of what is held.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to enlarge, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    extents = [zones.total_bounds, *([zoom] if zoom else [])]
    figure, maps, strip = plan_panels(extents, source=source, status=status)
    for axis in maps:
        plan_map(axis, zones, assignment, colours)
    order = np.argsort(numbers)
    names = [str(number) for number in range(1, len(numbers) + 1)]
    balance(strip, names, held, mean=mean, label=unit, colours=colours[order])
    titles = [f"{len(numbers)} areas", *(["enlarged"] if zoom else []), label]
    letter([*maps, strip], titles)
    name_areas(maps, zones, assignment, [str(number) for number in numbers], zoom=zoom)
    return figure


def plans_beside(
    zones: gpd.GeoDataFrame,
    assignments: Mapping[str, Sequence[int]],
    *,
    colours: Mapping[str, np.ndarray],
    shares: Mapping[str, Sequence[float]] | None = None,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map plans side by side, whole or the same part of each.

    Parameters
    ----------
    zones
        Polygons.
    assignments
        Area of each zone, by title.
    colours
        Number of the colour of each area, by title.
    shares
        What each area holds in equal shares, by title; written on it in per cent.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to show, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    extent = zones.total_bounds if zoom is None else zoom
    figure, axes = map_panels(1, len(assignments), extent, source=source, status=status)
    for axis, (title, assignment) in zip(axes[0], assignments.items(), strict=True):
        plan_map(axis, zones, assignment, colours[title])
        if zoom is not None:
            enlarged(axis)
    letter(axes[0], assignments)
    for axis, title in zip(axes[0], shares or {}, strict=shares is not None):
        names = [f"{100 * share:.0f}" for share in shares[title]]
        name_areas([axis], zones, assignments[title], names)
    return figure


def search_traces(
    traces: Mapping[str, np.ndarray],
    *,
    bounds: Mapping[str, float],
    steps: Mapping[str, str],
    unit: str,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the best value that each search has met so far, with the proven bound.

    Parameters
    ----------
    traces
        Step and best value by method, shape (t, 2).
    bounds
        Proven bound by method.
    steps
        What a step is, by method.
    unit
        Of the value.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    foot = {"source": source, "status": status}
    figure, axes = panels(1, len(traces), height=2.0, sharey=True, **foot)
    for axis, (name, trace) in zip(axes[0], traces.items(), strict=True):
        dot = "o" if len(trace) < 3 else None
        axis.plot(*trace.T, color=CATEGORIES[0], marker=dot, ms=4)
        axis.axhline(bounds[name], color=INK, lw=0.9, ls=DASHES)
        axis.set(xlabel=steps[name], title=name)
        if len(trace) > 1:
            axis.locator_params(axis="x", nbins=4, integer=True)
        else:
            # nothing came after the first step: a place, no line
            axis.set(xlim=(-1, 1), xticks=trace[:, 0])
        thousands(axis)
        # where and at what the search met its best
        at = int(np.argmax(trace[:, 1] <= trace[-1, 1]))
        axis.annotate(
            f"{trace[at, 1]:,.0f}\n({steps[name]}: {trace[at, 0]:,.0f})", (0.96, 0.94),
            xycoords="axes fraction", ha="right", va="top", fontsize=8, color=MUTED,
        )  # fmt: skip
        axis.plot(trace[at, 0], trace[at, 1], "o", color=CATEGORIES[0], ms=5, clip_on=False)
    axes[0, 0].set_ylabel(f"(1), {unit}")
    # from zero, unless the traces would hug the upper edge
    high = max(trace[0, 1] for trace in traces.values())
    low = min(bounds.values())
    axes[0, 0].set_ylim(0 if low < 0.4 * high else low - 0.25 * (high - low), None)
    letter(axes[0], traces)
    return figure


# ---------------------------------------------------------------------------------- many runs


def method_dots(
    shares: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    bounds: Mapping[str, float],
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the best, median and worst plan of each method, a panel a field, with what is published.

    Parameters
    ----------
    shares
        Index field, method; best, median, worst, printed: shares of the total.
    titles
        Title of each field's panel.
    bounds
        Proven bound of each field, a share as well.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.ticker import PercentFormatter

    width = min(PAGE, 1.2 + 3 * len(titles))
    foot = {"source": source, "status": status}
    figure, axes = panels(1, len(titles), height=2.5, width=width, sharey=True, **foot)
    for axis, (field, title) in zip(axes[0], titles.items(), strict=True):
        part = shares.loc[field]
        three = part[["best", "median", "worst"]]
        dots(axis, three, label="(1), share of the total", sizes=(9.5, 6.4, 3.4))
        axis.axvline(bounds[field], color=INK, lw=0.9, ls=DASHES)
        axis.plot(part["printed"], range(len(part)), "D", color=ALERT, ms=5, mfc="none", zorder=4)
        low, high = axis.dataLim.intervalx
        decimals = 0 if high - low > 0.04 else 1
        axis.xaxis.set_major_formatter(PercentFormatter(1, decimals, symbol="\xa0%"))
        if high > low:
            axis.set_xlim(max(low - 0.1 * (high - low), 0), high + 0.07 * (high - low))
        axis.set_title(fill(title, 80 // len(titles)))
    letter(axes[0])
    key = dict(zip(["best", "median", "worst"], CATEGORIES, strict=False))
    key |= {"published": ALERT} if shares["printed"].notna().any() else {}
    marks = {"published": "D", "proven bound": "--"}
    foot_legend(figure, key | {"proven bound": INK}, columns=5, marker="o", marks=marks)
    return figure


def plan_grid(
    zones: gpd.GeoDataFrame,
    assignments: Mapping[Hashable, Sequence[int]],
    *,
    titles: Mapping[Hashable, str],
    colours: Mapping[Hashable, np.ndarray],
    columns: int = 4,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map many plans, row by row.

    Parameters
    ----------
    zones
        Polygons.
    assignments
        Area of each zone, by any key.
    titles, colours
        Title of the map, and number of the colour of each area, by the same keys.
    columns
        Maps in a row.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to enlarge under each map, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import shapely

    west, south, east, north = zones.total_bounds
    corner = shapely.box(west, south, west + 0.3 * (east - west), south + 0.12 * (north - south))
    if zones.intersects(corner).any():
        south -= 0.12 * (north - south)  # the scale bar goes under the map
    rows, steps = -(-len(assignments) // columns), 1 if zoom is None else 2
    whole = [west, south, east, north]
    foot = {"source": source, "status": status}
    figure, axes = map_panels(steps * rows, columns, whole, **foot)
    lettered = []
    for place, (key, assignment) in enumerate(assignments.items()):
        row, column = divmod(place, columns)
        axis = axes[steps * row, column]
        plan_map(axis, zones, assignment, colours[key])
        axis.set_title(titles[key])
        lettered.append(axis)
        if zoom is not None:
            near, part = axes[steps * row + 1, column], _shaped_like(zoom, whole)
            plan_map(near, zones, assignment, colours[key])
            as_map(near, part)
            scale_bar(near)
            enlarged(near)
            frame(axis, part)
    for axis in axes.flat:
        if not axis.collections:
            axis.remove()
    letter(lettered)
    return figure


def _shaped_like(part, whole):
    """The part, widened or heightened about its middle to the shape of the whole."""
    west, south, east, north = part
    wide, tall = east - west, north - south
    shape = (whole[2] - whole[0]) / (whole[3] - whole[1])
    more_x, more_y = max(tall * shape - wide, 0) / 2, max(wide / shape - tall, 0) / 2
    return [west - more_x, south - more_y, east + more_x, north + more_y]


def exchange(
    points: pd.DataFrame,
    methods: Sequence[str],
    titles: Mapping[str, str],
    *,
    bounds: Mapping[str, float],
    limits: Mapping[str, tuple[float, float]],
    units: Mapping[str, str],
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw balance against shape, a panel a field: runs, mixtures, proven front, what is published.

    Parameters
    ----------
    points
        field, kind (run, printed, mixture, front), method, eq1, eq4.
    methods
        Those whose runs are drawn, a colour each.
    titles, units
        Title of each field's panel, and what equation (1) is in.
    bounds, limits
        Proven bound of equation (1), and what part of it to show, by field.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    tones = dict(zip(methods, CATEGORIES[1:], strict=False))
    width = min(PAGE, 1.2 + 3.2 * len(titles))
    foot = {"source": source, "status": status}
    figure, axes = panels(1, len(titles), height=2.8, width=width, **foot)
    for axis, (field, title) in zip(axes[0], titles.items(), strict=True):
        own = points[points["field"] == field]
        for name, tone in tones.items():
            part = own[own["method"] == name]
            runs, printed = (_pairs(part, kind) for kind in ("run", "printed"))
            axis.plot(*runs, "o", ms=3.6, color=tone, alpha=0.4, mec="none")
            axis.plot(*printed, "D", color=tone, mfc="none", ms=6, mew=1.3)
        axis.plot(*_pairs(own, "mixture"), "x", color=MUTED, ms=5)
        axis.plot(*_pairs(own, "front"), color=INK, lw=1.4, drawstyle="steps-post")
        axis.axvline(bounds[field], color=INK, lw=0.8, ls=DASHES)
        axis.set_xlim(*limits[field])
        _enlarge_runs(axis, own, tones, bounds[field])
        axis.set(xlabel=f"(1), {units[field]}", title=fill(title, 70 // len(titles)))
        axis.locator_params(axis="x", nbins=5)
        thousands(axis)
    axes[0, 0].set_ylabel("(4), lower is more compact")
    letter(axes[0])
    key = tones | {"mixtures": MUTED}
    key |= {"published": INK} if (points["kind"] == "printed").any() else {}
    key |= {"proven front": INK} if (points["kind"] == "front").any() else {}
    marks = {"mixtures": "x", "published": "D", "proven front": "-", "proven bound": "--"}
    foot_legend(figure, key | {"proven bound": INK}, columns=4, marker="o", marks=marks)
    return figure


def _enlarge_runs(axis, points, tones, bound):
    """Runs crowded at the left of a panel once more, wider, where the panel is empty."""
    runs = points[(points["kind"] == "run") & points["method"].isin(tones)]
    low, high = axis.get_xlim()
    if len(runs) < 8:
        return
    right = float(runs["eq1"].quantile(0.75))
    if right - min(bound, runs["eq1"].min()) > 0.08 * (high - low):
        return
    drawn = points[points["eq1"].between(low, high) & np.isfinite(points["eq4"])]
    shares = axis.transAxes.inverted().transform(
        axis.transData.transform(drawn[["eq1", "eq4"]].to_numpy())
    )
    wide, tall = 0.46, 0.3
    left, below, right_of, above = 0.16, 0.14, 0.03, 0.04  # its numbers, and some air

    def taken(corner):
        x, y = shares.T - np.array(corner)[:, None]
        inside = (x > -left) & (x < wide + right_of) & (y > -below) & (y < tall + above)
        return int(inside.sum())

    places = [(x, y) for y in np.arange(0.2, 0.62, 0.03) for x in (0.5, 0.46, 0.42, 0.38)]
    free = [place for place in places if not taken(place)]
    if not free:
        return
    corner = free[len(free) // 2]
    inset = axis.inset_axes([*corner, wide, tall])
    near = runs[runs["eq1"] <= right]
    spread = max(right - bound, 1e-3 * abs(bound), 1e-3 * (high - low))
    for name, tone in tones.items():
        part = near[near["method"] == name]
        inset.plot(part["eq1"], part["eq4"], "o", ms=3.6, color=tone, alpha=0.4, mec="none")
    inset.axvline(bound, color=INK, lw=0.8, ls=DASHES)
    inset.set_xlim(bound - 0.08 * spread, right + 0.08 * spread)
    inset.tick_params(labelsize=8)
    inset.locator_params(axis="y", nbins=3)
    inset.yaxis.set_major_formatter("{x:,.0f}")
    inset.set_xticks([bound, right], [f"{bound:,.0f}", f"{right:,.0f}"])


def _pairs(points: pd.DataFrame, kind: str) -> np.ndarray:
    return points.loc[points["kind"] == kind, ["eq1", "eq4"]].to_numpy().T
