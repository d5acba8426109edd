"""Draw forecasts: how they learn, how they score, what they expect where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves
from helpers.plots.count_forecasts import fill_window, grid_edges
from helpers.plots.layout import foot_legend, letter, panels, shortened
from helpers.plots.maps import (
    class_map,
    map_panels,
    outline,
    points_map,
    raster_map,
)
from helpers.plots.style import (
    CATEGORIES,
    DIFFERENCE,
    EMPTY,
    FAINT,
    INK,
    MUTED,
    PAGE,
    SMALLEST,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DASHED = (0, (4, 2))
NAMED = 16  # units of a layer that are drawn one by one, each with its name
DRAWN = 10  # units of a layer of more


def neighbour_curves(
    table: pd.DataFrame,
    later: pd.DataFrame | None,
    *,
    best: int,
    commonest: float,
    every: str,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the accuracy of K nearest neighbours by K.

    Parameters
    ----------
    table : pandas.DataFrame
        ``neighbours, accuracy, standard_error``, by cross-validation.
    later : pandas.DataFrame or None
        ``neighbours, accuracy`` of the last period of the past.
    best : int
        The K of the vertical line.
    commonest : float
        Share of the commonest kind, where the dashed line stands.
    every : str
        Length of a period, for the legend.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(1, 1, height=2.7, width=PAGE * 0.75, source=source, status=status)
    axis = axes[0, 0]
    ends = [table["accuracy"] + sign * table["standard_error"] for sign in (-1, 1)]
    axis.fill_between(table["neighbours"], *ends, color="#cfe3f1", lw=0)
    axis.plot(table["neighbours"], table["accuracy"], marker="o", ms=2.5, label="cross-validation")
    if later is not None:
        line = {"color": CATEGORIES[1], "marker": "o", "ms": 2.5}
        line["label"] = f"last {every} from those before"
        axis.plot(later["neighbours"], later["accuracy"], **line)
    axis.axhline(commonest, color=INK, lw=1, ls=DASHED, label="always the commonest kind")
    axis.axvline(best, color=MUTED, lw=0.8, zorder=0)
    axis.set(xlabel="number of neighbours K", ylabel="share named rightly")
    axis.legend(loc="best")
    return figure


def network_architecture(
    layers: pd.DataFrame,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the layers of a network with their units and activations.

    Parameters
    ----------
    layers : pandas.DataFrame
        ``layer, layer_units, activation, layer_weights``, from the inputs to the outputs.
    inputs, outputs : sequence of str
        What the units of the first and of the last layer stand for.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    from matplotlib.collections import LineCollection

    figure, axes = panels(1, 1, height=3.3, source=source, status=status)
    axis = axes[0, 0]
    places = [_unit_heights(int(units)) for units in layers["layer_units"]]
    for column, (left, right) in enumerate(pairwise(places)):
        lines = [[(column, y), (column + 1, z)] for y in left for z in right]
        axis.add_collection(LineCollection(lines, colors=FAINT, lw=0.3, zorder=1))
    for column, (heights, layer) in enumerate(zip(places, layers.itertuples(), strict=True)):
        colour = CATEGORIES[0] if layer.activation else MUTED
        axis.scatter([column] * len(heights), heights, s=34, color=colour, ec="white", zorder=2)
        if len(heights) < layer.layer_units:
            dots = {"ha": "center", "va": "center", "color": INK, "zorder": 3}
            axis.text(column, 0, "⋮", size=13, **dots)
        words = [layer.layer, f"{layer.layer_units} units", layer.activation]
        words += [f"{layer.layer_weights:,} weights"] if layer.layer_weights else []
        text = "\n".join(word for word in words if word)
        axis.text(column, -1.16, text, ha="center", va="top", size=7.5, linespacing=1.3)
    for column, names, side in ((0, inputs, "right"), (len(places) - 1, outputs, "left")):
        away = -0.07 if side == "right" else 0.07
        if len(names) == len(places[column]):
            for height, name in zip(places[column], names, strict=True):
                how = {"ha": side, "va": "center", "size": SMALLEST}
                axis.text(column + away, height, shortened(name, 30), **how)
        else:
            text = f"{shortened(names[0], 24)}\n⋮\n{shortened(names[-1], 24)}"
            axis.text(column + away, 0, text, ha=side, va="center", size=SMALLEST)
    axis.set(xlim=(-0.75, len(places) - 0.1), ylim=(-1.85, 1.1))
    axis.set_axis_off()
    return figure


def _unit_heights(units: int) -> np.ndarray:
    """Where the units of a layer are drawn, top first: all of a few, else the first and the last."""
    if units <= NAMED:
        reach = 0.1 * min(units, DRAWN)
        return np.linspace(reach, -reach, units) if units > 1 else np.zeros(1)
    part = np.linspace(1.0, 0.2, DRAWN // 2)
    return np.r_[part, -part[::-1]]


def network_training(
    history: pd.DataFrame, epochs: int, *, source: str = "", status: str = ""
) -> Figure:
    """Draw loss and accuracy of each epoch, on what was learned from and on what was held out.

    Parameters
    ----------
    history : pandas.DataFrame
        ``epoch, loss, accuracy, validation_loss, validation_accuracy``.
    epochs : int
        The epoch whose weights are kept.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(1, 2, height=2.5, source=source, status=status)
    words = {"loss": "cross-entropy", "accuracy": "share named rightly"}
    for axis, (name, label) in zip(axes[0], words.items(), strict=True):
        lines = {"learned from": history[name], "held out": history[f"validation_{name}"]}
        how = {"x_label": "epoch", "y_label": label, "legend": name == "loss"}
        curves(axis, history["epoch"], lines, **how)
        axis.axvline(epochs, color=MUTED, lw=0.8, zorder=0)
    letter(axes[0], ["Loss", "Accuracy"])
    return figure


def kind_scores(
    results: pd.DataFrame,
    *,
    design: Sequence[str] = (),
    truth: str = "",
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw accuracy and skill of each forecast with their intervals.

    Parameters
    ----------
    results : pandas.DataFrame
        One row a forecast, the first the reference; ``accuracy, skill`` and their ``_low, _high``.
    design : sequence of str
        Forecasts drawn in orange.
    truth : str
        The forecast drawn in black.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    height = 0.26 * len(results) + 0.9
    figure, axes = panels(1, 2, height=height, sharey=True, source=source, status=status)
    row = np.arange(len(results))
    colours = np.where(results.index.isin(list(design)), CATEGORIES[1], CATEGORIES[0])
    colours = np.where(results.index == truth, INK, colours)
    words = {
        "accuracy": "share of kinds named rightly, %",
        "skill": "skill against climatology, %",
    }
    for axis, (name, label) in zip(axes[0], words.items(), strict=True):
        ends = 100 * results[[f"{name}_low", f"{name}_high"]].to_numpy()
        axis.hlines(row, *ends.T, color=colours, lw=2)
        axis.scatter(100 * results[name], row, color=colours, s=22, zorder=3)
        axis.axvline(100 * results[name].iloc[0], color=INK, lw=1, ls=DASHED, zorder=0)
        axis.set(yticks=row, ylim=(len(results) - 0.5, -0.5), xlabel=label)
        axis.tick_params(axis="y", length=0)
    axes[0, 0].set_yticklabels(results.index)
    letter(axes[0], ["Right answers", "Probabilities"])
    return figure


def calibration_curves(table: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw the share that happened over the probability given, with intervals, and how many were.

    Parameters
    ----------
    table : pandas.DataFrame
        ``forecast, given, happened, low, high, number``; one row a group.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    signed = {"source": source, "status": status}
    how = {"height": 4.2, "width": PAGE * 0.66, "height_ratios": (3.6, 1), "sharex": True}
    figure, axes = panels(2, 1, **how, **signed)
    above, below = axes[:, 0]
    groups = table.groupby("forecast", sort=False)
    for (name, group), colour in zip(groups, CATEGORIES[1:], strict=False):
        dots = {"marker": "o", "ms": 3.5, "color": colour, "lw": 0.9}
        above.plot(group["given"], group["happened"], label=name, **dots)
        above.vlines(group["given"], group["low"], group["high"], color=colour, lw=1.4, alpha=0.55)
        below.plot(group["given"], group["number"], ls="", **{**dots, "lw": 0})
    top = 1.05 * table[["given", "happened", "high"]].max().max()
    above.plot([0, top], [0, top], color=INK, lw=0.8, ls=DASHED, zorder=0, label="calibrated")
    above.set(ylabel="share that happened", xlim=(0, top), ylim=(0, top))
    above.legend(loc="upper left")
    below.set(xlabel="probability given", ylabel="how many", yscale="log")
    most = table["number"].max()
    below.set_ylim(table["number"].min() / 2, 2 * most)
    letter([above, below], ["Calibration", "Probabilities in each group"])
    return figure


def kind_probabilities(
    shares: Mapping[str, np.ndarray],
    city: Mapping[str, float],
    window,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw where up to six kinds are more or less probable than in the whole city, on one scale.

    Parameters
    ----------
    shares
        Kind → probability, shape (rows, columns), first row southernmost; missing outside and where
        too little is known.
    city
        Kind → its share of the whole city.
    window
        Polygon that the grid spans.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = map_panels(2, 3, window.bounds, bar=True, source=source, status=status)
    away = {kind: 100 * (share - city[kind]) for kind, share in shares.items()}
    every = np.abs(np.concatenate([values[np.isfinite(values)] for values in away.values()]))
    most = max(2.0, float(np.ceil(np.percentile(every, 98) - 1e-9))) if every.size else 2.0
    how = {"label": "difference from the city, points", "window": window, "colours": DIFFERENCE}
    most = 2 * np.ceil(most / 2)  # halves are whole, too
    how |= {
        "limits": (-most, most),
        "number": "{:,.3g}",
        "ticks": (-most, -most / 2, 0, most / 2, most),
    }
    for axis, (kind, values) in zip(axes.flat, away.items(), strict=False):
        fill_window(axis, window)
        raster_map(axis, values, *grid_edges(window, values.shape), **how)
        axis.set_title(f"{shortened(kind, 28)}, {100 * city[kind]:.1f} %", size=7.5, loc="left")
    for axis in axes.flat[len(shares) :]:
        axis.set_visible(False)
    return figure


def most_probable_kinds(
    answers: pd.DataFrame,
    steps: tuple[float, float],
    window,
    stations,
    *,
    unknown: str,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the most probable kind of each cell, with the police stations.

    Parameters
    ----------
    answers : pandas.DataFrame
        ``x, y`` (centre of the cell, metres) and ``kind``; the six most frequent have colours.
    steps
        Height and width of a cell, metres.
    window
        Polygon of the town.
    stations
        GeoDataFrame of points.
    unknown
        The answer of cells about which too little is known; they stay grey.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    import geopandas as gpd
    import shapely

    known = answers["kind"][answers["kind"] != unknown]
    shown = list(known.value_counts().index[:6])
    colours = dict(zip(shown, CATEGORIES, strict=False))
    up, across = (step / 2 for step in steps)
    x, y = answers["x"], answers["y"]
    squares = gpd.GeoDataFrame(geometry=shapely.box(x - across, y - up, x + across, y + up))
    figure, axes = map_panels(1, 1, window.bounds, source=source, status=status)
    class_map(axes[0, 0], squares, answers["kind"].to_numpy(), colours)
    outline(axes[0, 0], window)
    points_map(axes[0, 0], stations, size=5, marker="^", halo=True)
    grey = {unknown: EMPTY} if (answers["kind"] == unknown).any() else {}
    stand = {"police station": INK}
    foot_legend(figure, colours | grey | stand, columns=3, marks=dict.fromkeys(stand, "^"))
    return figure
