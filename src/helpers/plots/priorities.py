"""Draw rankings of zones: value functions, scores, classes, and how firm they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, dots, thousands, tiles
from helpers.plots.layout import foot_legend, letter, panels, shortened
from helpers.plots.maps import choropleth, class_map, map_panels, raster_map
from helpers.plots.style import CATEGORIES, DIFFERENCE, EMPTY, FAINT, INK, MUTED, ink_on

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TILES = 10  # zones a row, where there is no map
MOST_ROWS = 62  # of a table of tiles; of a longer one the first and the last are shown
BESIDE = 22  # letters of the longest words of levels that have room beside each other
GAP = ""  # stands in the tiles of a row that is no zone
NARROW = 5  # letters of a name that fits under a column
RANK_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def value_functions(
    functions: Mapping[str, object],
    measures: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    units: Mapping[str, str],
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the value function of each criterion, with the zones' measures under it.

    Parameters
    ----------
    functions
        Criterion → value function: ``shape``, and ``points`` or (of a discrete one) ``levels``.
    measures : pandas.DataFrame
        One row a zone, one column a criterion.
    labels, units
        Words of each criterion, and the unit of its measure.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    columns = min(len(functions), 3)
    rows = -(-len(functions) // columns)
    signed = {"source": source, "status": status}
    figure, axes = panels(rows, columns, width=2.4 * columns, height=1.75 * rows, **signed)
    for axis, (name, function) in zip(axes.flat, functions.items(), strict=False):
        if function.shape == "discrete":
            _levels(axis, function.levels, measures[name].value_counts())
        else:
            x, y = zip(*function.points, strict=True)
            axis.plot(x, y, color=CATEGORIES[0])
            axis.plot(measures[name], np.full(len(measures), -0.07), "|", color=MUTED, ms=4)
            axis.set_xlabel(units[name] or "index")
            axis.locator_params(axis="x", nbins=4)
            thousands(axis, "x")
        axis.set(ylim=(-0.12, 1.15), ylabel="value")
        axis.set_title(fill(shortened(labels[name]), 24))
    for axis in axes.flat[len(functions) :]:
        axis.set_visible(False)
    return figure


def _levels(axis: Axes, levels: Mapping[object, float], counts: pd.Series) -> None:
    """A bar a level, with the number of its zones above it."""
    axis.bar(list(levels), list(levels.values()), color=FAINT)
    for place, (level, height) in enumerate(levels.items()):
        text = f"{counts.get(level, 0)}"
        axis.annotate(text, (place, height), ha="center", va="bottom", size=7)
    names = [fill(str(level), 6) for level in levels]
    longest = max(len(word) for name in names for word in name.split("\n"))
    if longest * len(names) > BESIDE:
        slanted = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        axis.set_xticks(range(len(levels)), [shortened(str(n), 14) for n in levels], **slanted)
    else:
        axis.set_xticks(range(len(levels)), names)
    axis.set_xlabel("level; numbers are zones")


def score_parts(
    parts: pd.DataFrame, *, labels: Mapping[str, str], source: str = "", status: str = ""
) -> Figure:
    """Draw scores as bars cut into what each criterion gives.

    Parameters
    ----------
    parts : pandas.DataFrame
        Zones in the order of the bars, first at the top; one column a criterion.
    labels
        Words of each criterion.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    import matplotlib as mpl

    figure, axes = panels(height=0.6 + 0.17 * len(parts), source=source, status=status)
    axis = axes[0, 0]
    many = parts.shape[1] > len(CATEGORIES)
    wheel = mpl.colormaps["tab20"].colors if many else CATEGORIES
    tints = {name: mpl.colors.to_hex(wheel[i % len(wheel)]) for i, name in enumerate(parts)}
    left = np.zeros(len(parts))
    for name, tint in tints.items():
        axis.barh(range(len(parts)), parts[name], left=left, height=0.75, color=tint)
        left += parts[name].to_numpy()
    axis.set(
        yticks=range(len(parts)),
        yticklabels=[shortened(zone) for zone in parts.index],
        ylim=(len(parts) - 0.4, -0.6),
        xlabel="score, by criterion",
    )
    axis.tick_params(axis="y", length=0)
    foot_legend(figure, {labels[name]: tint for name, tint in tints.items()}, columns=3)
    return figure


def class_pair(
    sortings: Mapping[str, pd.Series],
    classes: Sequence[str],
    *,
    zones: gpd.GeoDataFrame | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw two sortings of the same zones side by side: as maps, or as tiles without a map.

    Parameters
    ----------
    sortings
        Title → class of each zone.
    classes
        All classes, the most urgent first.
    zones : geopandas.GeoDataFrame, optional
        Polygons, indexed by the names that the sortings use; zones without a class are hatched.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    signed = {"source": source, "status": status}
    colours = class_colours(classes)
    if zones is not None:
        figure, axes = map_panels(1, 2, zones.total_bounds, **signed)
    else:
        figure, axes = panels(1, 2, height=2.5, **signed)
    for axis, found in zip(axes[0], sortings.values(), strict=True):
        if zones is not None:
            class_map(axis, zones, found.reindex(zones.index), colours)
        else:
            _named_tiles(axis, found, colours)
    letter(axes[0], sortings)
    foot_legend(figure, colours, columns=5)
    return figure


def class_moves(
    moves: pd.Series,
    *,
    zones: gpd.GeoDataFrame | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw by how many classes each zone moves: red is up, blue is down.

    Parameters
    ----------
    moves : pandas.Series
        Zone → classes towards more urgent.
    zones, source, status
        As in :func:`class_pair`.
    """
    import matplotlib as mpl

    steps = range(moves.max(), moves.min() - 1, -1)
    reach = max(abs(moves).max(), 1)
    shades = mpl.colormaps[DIFFERENCE]([0.5 + 0.33 * step / reach for step in steps])
    tones = {step: mpl.colors.to_hex(shade) for step, shade in zip(steps, shades, strict=True)}
    signed = {"source": source, "status": status}
    if zones is not None:
        figure, axes = map_panels(1, 1, zones.total_bounds, width=4.2, **signed)
        class_map(axes[0, 0], zones, moves.reindex(zones.index), tones)
    else:
        figure, axes = panels(width=4.6, height=2.4, **signed)
        _named_tiles(axes[0, 0], moves, tones)
    names = {
        step: f"{abs(step)} {'up' if step > 0 else 'down'}" if step else "same" for step in steps
    }
    foot_legend(figure, {names[step]: tone for step, tone in tones.items()}, columns=5)
    return figure


def weight_sweeps(
    sweeps: Mapping[str, pd.DataFrame],
    weights: Mapping[str, float] | pd.Series,
    *,
    labels: Mapping[str, str],
    zones: int,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the ranks of a few zones as the weight of one criterion moves, a panel a criterion.

    Parameters
    ----------
    sweeps
        Criterion → ranks: one row a weight of that criterion, one column a zone.
    weights
        Weights in use, where the dotted lines stand.
    labels
        Words of each criterion.
    zones
        How many zones are ranked.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    columns = min(len(sweeps), 3)
    rows = -(-len(sweeps) // columns)
    signed = {"source": source, "status": status}
    figure, axes = panels(rows, columns, height=1.75 * rows, sharey=True, **signed)
    ticks = [tick for tick in RANK_TICKS if tick <= zones]
    for axis, (name, ranks) in zip(axes.flat, sweeps.items(), strict=False):
        lines = {zone: ranks[zone] for zone in ranks}
        curves(axis, ranks.index, lines, x_label="weight", y_label="", legend=False)
        axis.axvline(weights[name], color=MUTED, lw=0.8, ls=":")
        axis.set_title(fill(shortened(labels[name]), 24))
        axis.set_yscale("log")
        axis.set_yticks(ticks, [str(tick) for tick in ticks])
        axis.minorticks_off()
    axes[0, 0].invert_yaxis()
    for axis in axes[:, 0]:
        axis.set_ylabel("rank")
    for axis in axes.flat[len(sweeps) :]:
        axis.set_visible(False)
    named = next(iter(sweeps.values())).columns
    foot_legend(figure, dict(zip(named, CATEGORIES, strict=False)), columns=5, marker="-")
    return figure


def method_tiles(
    sortings: pd.DataFrame, classes: Sequence[str], *, source: str = "", status: str = ""
) -> Figure:
    """Draw the class of each zone by several methods, one row a zone, one column a method.

    Parameters
    ----------
    sortings : pandas.DataFrame
        Zones in the order of the rows; of more than `MOST_ROWS` the first and the last half of
        these are drawn, with a gap that says how many are not.
    classes
        All classes, the most urgent first.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    import pandas as pd

    colours = class_colours(classes)
    shown = sortings.rename(columns={name: fill(shortened(name), 11) for name in sortings})
    half = MOST_ROWS // 2
    if len(shown) > MOST_ROWS:
        gap = pd.DataFrame(GAP, [f"{len(shown) - MOST_ROWS} not drawn"], shown.columns)
        shown = pd.concat([shown.head(half).astype(object), gap, shown.tail(half).astype(object)])
    signed = {"source": source, "status": status}
    figure, axes = panels(width=5.8, height=0.9 + 0.125 * len(shown), **signed)
    tiles(axes[0, 0], shown, {**colours, GAP: "none"})
    foot_legend(figure, colours, columns=5)
    return figure


def class_colours(classes: Sequence[str]) -> dict[str, str]:
    """Colour of each class, from dark red for the most urgent to pale yellow.

    Examples
    --------
    >>> class_colours(["high", "low"])
    {'high': '#970026', 'low': '#fff4b0'}
    """
    import matplotlib as mpl

    classes = list(classes)
    shades = mpl.colormaps["YlOrRd"](np.linspace(0.95, 0.08, len(classes)))
    return {name: mpl.colors.to_hex(shade) for name, shade in zip(classes, shades, strict=True)}


def _named_tiles(axis: Axes, found: pd.Series, colours: Mapping) -> None:
    """One tile a zone, ten a row, in the order of the table, with the zone's name on it."""
    import pandas as pd

    filled = np.array([*found, *[None] * (-len(found) % TILES)], dtype=object)
    grid = pd.DataFrame(filled.reshape(-1, TILES), index=range(0, len(found), TILES))
    tiles(axis, grid, colours)
    axis.set(xticks=[], yticks=[])
    for place, (zone, name) in enumerate(found.items()):
        ink = ink_on(colours.get(name, EMPTY))
        where = {"ha": "center", "va": "center", "size": 7, "color": ink}
        axis.text(place % TILES, place // TILES, shortened(zone, 8), **where)


# ------------------------------------------------------------------------------- under any weights


def indicator_dots(
    runs: Mapping[str, pd.DataFrame], *, source: str = "", status: str = ""
) -> Figure:
    """Draw robustness indicators over weight vectors: their 5 %, 50 % and 95 % points.

    Parameters
    ----------
    runs
        Title → one row an indicator, columns ``q05, q50, q95``: shares of zones.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    signed = {"source": source, "status": status}
    figure, axes = panels(1, len(runs), height=1.8, sharex=True, sharey=True, **signed)
    for axis, (name, table) in zip(axes[0], runs.items(), strict=True):
        shown = table.rename(index={"segment": "class"})[["q05", "q50", "q95"]]
        dots(axis, shown, label="share of zones")
        # a mark on either end is seen whole
        axis.set(xlim=(-0.02, 1.02), title=name)
    letter(axes[0], runs)
    key = dict(zip(["5 %", "median", "95 %"], CATEGORIES, strict=False))
    foot_legend(figure, key, columns=3, title="of the weight vectors", marker="o")
    return figure


def rank_acceptability(
    runs: Mapping[str, pd.DataFrame], *, source: str = "", status: str = ""
) -> Figure:
    """Draw how often each zone has each rank, on a logarithmic scale; white is never.

    Parameters
    ----------
    runs
        Title → shares of weight vectors: zones in the order of the rows, one column a rank.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    signed = {"source": source, "status": status}
    figure, axes = panels(1, len(runs), height=3.6, sharey=True, **signed)
    how = {"label": "share of weight vectors", "limits": (1e-4, 1), "logarithmic": True}
    for axis, (name, table) in zip(axes[0], runs.items(), strict=True):
        share = table.to_numpy()
        edges = [np.arange(size + 1) + 0.5 for size in share.shape[::-1]]
        raster_map(axis, np.where(share > 0, share, np.nan), *edges, number="{:g}", **how)
        axis.set(xlabel="rank", title=name)
    axes[0, 0].set_ylabel("zone, by its reference rank")
    axes[0, 0].invert_yaxis()
    letter(axes[0], runs)
    return figure


def class_shares(
    shares: pd.DataFrame, sizes: Mapping[str, int], *, source: str = "", status: str = ""
) -> Figure:
    """Draw how often each zone falls into each class, one bar a zone.

    Parameters
    ----------
    shares : pandas.DataFrame
        Zones in the reference order, one column a class; rows sum to 1.
    sizes
        Class → number of zones, the most urgent first: where the borders are drawn.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    colours = class_colours(list(sizes))
    figure, axes = panels(height=2.3, source=source, status=status)
    base = np.zeros(len(shares))
    for name, colour in colours.items():
        axes[0, 0].bar(range(len(shares)), shares[name], bottom=base, width=1, color=colour)
        base += shares[name].to_numpy()
    for border in np.cumsum(list(sizes.values()))[:-1]:
        axes[0, 0].axvline(border - 0.5, color=INK, lw=0.8)
    axes[0, 0].set(
        xlim=(-0.5, len(shares) - 0.5),
        ylim=(0, 1),
        xlabel="zones in the reference order; lines are the borders of its classes",
        ylabel="share of vectors",
    )
    axes[0, 0].set_xticks([])
    foot_legend(figure, colours, columns=5)
    return figure


def class_stability(
    stable: pd.Series,
    *,
    zones: gpd.GeoDataFrame | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw how often each zone stays in its class: on a map, or as bars without one.

    Parameters
    ----------
    stable : pandas.Series
        Zone → share of weight vectors, in the reference order.
    zones, source, status
        As in :func:`class_pair`.
    """
    signed = {"source": source, "status": status}
    if zones is not None:
        figure, axes = map_panels(1, 1, zones.total_bounds, width=4.2, bar=True, **signed)
        how = {"label": "share of vectors", "limits": (0, 1), "number": "{:.1f}"}
        choropleth(axes[0, 0], zones, stable.reindex(zones.index), **how)
        return figure
    figure, axes = panels(height=1.9, **signed)
    axes[0, 0].bar(range(len(stable)), stable, color=CATEGORIES[0])
    axes[0, 0].set(ylabel="share of vectors", ylim=(0, 1), xlim=(-0.7, len(stable) - 0.3))
    axes[0, 0].set_xticks(range(len(stable)), [shortened(zone, 12) for zone in stable.index])
    axes[0, 0].tick_params(axis="x", rotation=90, length=0)
    return figure


def pairwise_wins(wins: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw how often the zone of a row comes before that of a column; the diagonal stays white.

    Parameters
    ----------
    wins : pandas.DataFrame
        Shares of weight vectors, the same zones in rows and columns.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(width=4.2, height=3.9, source=source, status=status)
    shares = wins.to_numpy(copy=True)
    np.fill_diagonal(shares, np.nan)
    edges = np.arange(len(wins) + 1) - 0.5
    how = {"label": "share of weight vectors", "limits": (0, 1), "colours": DIFFERENCE}
    raster_map(axes[0, 0], shares, edges, edges, number="{:.1f}", **how)
    names = [shortened(zone, 24) for zone in wins.index]
    places = range(len(wins))
    below = names
    if max(map(len, names)) > NARROW:
        # long names stand once, with the numbers that the columns have
        below = [str(place + 1) for place in places]
        names = [f"{number}. {name}" for name, number in zip(names, below, strict=True)]
    axes[0, 0].set(xticks=places, xticklabels=below, yticks=places, yticklabels=names)
    axes[0, 0].tick_params(axis="x", rotation=90 if below is names else 0)
    axes[0, 0].invert_yaxis()
    return figure


def running_mean(means: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw the mean of the first indicator over more and more weight vectors, with its error.

    Parameters
    ----------
    means : pandas.DataFrame
        Columns ``vectors, mean, error``.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(width=4.6, height=1.9, source=source, status=status)
    low, high = (means["mean"] + sign * 2 * means["error"] for sign in (-1, 1))
    curves(
        axes[0, 0],
        means["vectors"],
        {"mean of I₁": means["mean"]},
        x_label="weight vectors",
        y_label="share of zones",
        envelope=(low, high),
        envelope_label="± 2 standard errors",
    )
    axes[0, 0].set_xscale("log")
    thousands(axes[0, 0], "x")
    return figure
