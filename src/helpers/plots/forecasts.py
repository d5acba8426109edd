"""Draw forecasts: how they learn, how they score, what they expect where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import class_map, map_panels, outline, points_map, raster_map
from helpers.plots.style import AMOUNTS, CATEGORIES, COLUMN, INK, MUTED, PAGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

HINDSIGHT = "#a6a6a6"
DASHED = (0, (4, 2))


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
    """Draw the share that happened over the probability given.

    Parameters
    ----------
    table : pandas.DataFrame
        ``forecast, given, happened``; one row a group.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(1, 1, height=3.0, width=COLUMN * 1.35, source=source, status=status)
    axis = axes[0, 0]
    groups = table.groupby("forecast", sort=False)
    for (name, group), colour in zip(groups, CATEGORIES[1:], strict=False):
        dots = {"marker": "o", "ms": 3.5, "color": colour, "label": name}
        axis.plot(group["given"], group["happened"], **dots)
    top = 1.05 * table[["given", "happened"]].max().max()
    axis.plot([0, top], [0, top], color=INK, lw=0.8, ls=DASHED, zorder=0, label="calibrated")
    limits = {"xlim": (0, top), "ylim": (0, top)}
    axis.set(xlabel="probability given", ylabel="share that happened", **limits)
    axis.legend(loc="lower right")
    return figure


def hit_rates(
    hits: Mapping[str, pd.DataFrame],
    table: pd.DataFrame,
    *,
    first: str,
    truth: str = "",
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the crimes caught by the share of the cells, and the leads on one model.

    Parameters
    ----------
    hits
        Forecast → ``share, hit rate``; the last is hindsight.
    table : pandas.DataFrame
        One row a forecast; ``lead_1_low, lead_1_high``, the same for 5 and 10.
    first : str
        The forecast that the others lead or do not.
    truth : str
        The forecast drawn in black.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    signed = {"source": source, "status": status}
    figure, axes = panels(1, 2, height=2.9, width_ratios=(1.25, 1), **signed)
    *names, hindsight = hits
    colours = model_colours(names, truth) | {hindsight: HINDSIGHT}
    for name, curve in hits.items():
        line = {"color": colours[name], "lw": 1.1, "ls": "--" if name == hindsight else "-"}
        axes[0, 0].plot(100 * curve["share"], 100 * curve["hit rate"], **line)
    axes[0, 0].set(
        xlim=(0, 30), ylim=(0, 100), xlabel="share of the cells, %", ylabel="crimes in them, %"
    )
    others = table.drop(index=first)
    for row, (name, lead) in enumerate(others.iterrows()):
        for step, (mark, width) in enumerate({"1": 1.0, "5": 2.0, "10": 3.2}.items()):
            ends = [100 * lead[f"lead_{mark}_{end}"] for end in ("low", "high")]
            axes[0, 1].hlines(row + 0.24 * (step - 1), *ends, color=colours[name], lw=width)
    axes[0, 1].axvline(0, color=INK, lw=0.8, ls=DASHED, zorder=0)
    axes[0, 1].set(yticks=[], ylim=(len(others) - 0.4, -0.6), xlabel="lead of the PEI, points")
    letter(axes[0], ["Crimes caught by the area watched", f"Lead on the {first}"])
    foot_legend(figure, colours, columns=4, marker="-")
    return figure


def model_colours(names: Sequence[str], truth: str = "") -> dict[str, str]:
    """Colour of each model, the same in all figures that are given the same names.

    Examples
    --------
    >>> model_colours(["a", "b"], truth="b")
    {'a': '#0072B2', 'b': '#222222'}
    """
    wheel = dict(zip(names, CATEGORIES, strict=False))
    return wheel | ({truth: INK} if truth in wheel else {})


def score_history(
    table: pd.DataFrame,
    *,
    start: int,
    models: Sequence[str],
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw skill and hits of forecasts made month after month.

    Parameters
    ----------
    table : pandas.DataFrame
        ``period, model, skill, hits``: one row a month and model.
    start : int
        Months before the test period, where the dotted line stands; 0 for no line.
    models : sequence of str
        All models in the order of their colours.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = panels(1, 2, height=2.5, source=source, status=status)
    colours = model_colours(models)
    names = list(table["model"].unique())
    ticks = [str(period) for period in dict.fromkeys(table["period"])]
    for name in names:
        mine = table[table["model"] == name]
        line = {"color": colours[name], "marker": "o", "ms": 2.5, "lw": 1}
        axes[0, 0].plot(range(len(mine)), 100 * mine["skill"], **line)
        axes[0, 1].plot(range(len(mine)), 100 * mine["hits"], **line)
    shown = range(0, len(ticks), max(1, -(-len(ticks) // 5)))
    labels = ("skill on the historical mean, %", "crimes in 5 % of cells, %")
    for axis, label in zip(axes[0], labels, strict=True):
        axis.set_xticks(list(shown), [ticks[at] for at in shown])
        axis.set(ylabel=label, xlim=(-0.5, len(ticks) - 0.5))
        if start:
            axis.axvline(start - 0.5, color=MUTED, lw=0.8, ls=":")
    letter(axes[0], ["Deviance", "Hits"])
    foot_legend(figure, {name: colours[name] for name in names}, columns=3, marker="-")
    return figure


def expected_and_counted(
    expected: np.ndarray,
    counted: np.ndarray,
    window,
    *,
    label: str,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the crimes that a forecast expected beside those that happened, on one scale.

    Parameters
    ----------
    expected, counted
        Shape (rows, columns), first row southernmost; missing outside the window.
    window
        Polygon that the grid spans.
    label
        Of the period.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = map_panels(1, 2, window.bounds, bar=True, source=source, status=status)
    edges = _edges(window, expected.shape)
    top = max(np.nanmax(expected), np.nanmax(counted))
    how = {"limits": (max(top / 300, 0.1), top), "logarithmic": True, "window": window}
    raster_map(axes[0, 0], expected, *edges, label="crimes expected", **how)
    raster_map(axes[0, 1], counted, *edges, label="crimes that happened", **how)
    letter(axes[0], [f"Forecast for {label}", "What happened"])
    return figure


def kind_probabilities(
    shares: Mapping[str, np.ndarray], window, *, source: str = "", status: str = ""
) -> Figure:
    """Draw the probability of up to six kinds, a map each with a scale of its own.

    Parameters
    ----------
    shares
        Kind → probability, shape (rows, columns), first row southernmost; missing outside.
    window
        Polygon that the grid spans.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    figure, axes = map_panels(2, 3, window.bounds, bar=True, source=source, status=status)
    how = {"label": "probability, %", "window": window, "colours": AMOUNTS, "number": "{:,.0f}"}
    for axis, (kind, share) in zip(axes.flat, shares.items(), strict=False):
        values = 100 * share
        limits = (np.nanmin(values), np.nanmax(values))
        raster_map(axis, values, *_edges(window, share.shape), limits=limits, **how)
        axis.set_title(kind, size=7.5, loc="left")
    for axis in axes.flat[len(shares) :]:
        axis.set_visible(False)
    return figure


def most_probable_kinds(
    answers: pd.DataFrame,
    steps: tuple[float, float],
    window,
    stations,
    *,
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
    source, status
        As in :func:`helpers.plots.panels`.
    """
    import geopandas as gpd
    import shapely

    shown = list(answers["kind"].value_counts().index[:6])
    colours = dict(zip(shown, CATEGORIES, strict=False))
    up, across = (step / 2 for step in steps)
    x, y = answers["x"], answers["y"]
    squares = gpd.GeoDataFrame(geometry=shapely.box(x - across, y - up, x + across, y + up))
    figure, axes = map_panels(1, 1, window.bounds, source=source, status=status)
    class_map(axes[0, 0], squares, answers["kind"].to_numpy(), colours)
    outline(axes[0, 0], window)
    points_map(axes[0, 0], stations, size=5, marker="^", halo=True)
    foot_legend(figure, colours | {"police station (▲)": INK}, columns=3)
    return figure


def _edges(window, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Lines of the grid that a window spans, eastings and northings."""
    west, south, east, north = window.bounds
    rows, columns = shape
    return np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
