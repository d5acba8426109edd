"""Draw forecasts of counts: what they catch, month after month, where, in which shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import _path, map_panels, raster_map
from helpers.plots.style import CATEGORIES, DENSITY, EMPTY, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HINDSIGHT = "#a6a6a6"
DASHED = (0, (4, 2))
MARKERS = {"1": "^", "5": "s", "10": "o"}


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
        One row a forecast; ``lead_1, lead_1_low, lead_1_high``, the same for 5 and 10.
    first : str
        The forecast that the others lead or do not.
    truth : str
        The forecast drawn in black.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    from matplotlib.lines import Line2D

    others = table.drop(index=first)
    signed = {"source": source, "status": status}
    height = max(2.9, 0.42 * len(others) + 0.9)
    figure, axes = panels(1, 2, height=height, width_ratios=(1, 1), **signed)
    *names, hindsight = hits
    colours = model_colours(names, truth) | {hindsight: HINDSIGHT}
    for name, curve in hits.items():
        line = {"color": colours[name], "lw": 1.1, "ls": "--" if name == hindsight else "-"}
        # the first shows on both sides of those that lie on it
        line |= {"lw": 3.2, "alpha": 0.45} if name == first else {}
        axes[0, 0].plot(100 * curve["share"], 100 * curve["hit rate"], **line)
    axes[0, 0].set(
        xlim=(0, 30), ylim=(0, 100), xlabel="share of the cells, %", ylabel="crimes in them, %"
    )
    for row, (name, lead) in enumerate(others.iterrows()):
        for step, (mark, marker) in enumerate(MARKERS.items()):
            at = row + 0.24 * (step - 1)
            ends = [100 * lead[f"lead_{mark}_{end}"] for end in ("low", "high")]
            axes[0, 1].hlines(at, *ends, color=colours[name], lw=1.2)
            dot = {"marker": marker, "s": 16, "color": colours[name], "zorder": 3}
            axes[0, 1].scatter(100 * lead[f"lead_{mark}"], at, **dot)
    axes[0, 1].axvline(0, color=INK, lw=0.8, ls=DASHED, zorder=0)
    rows = list(range(len(others)))
    axes[0, 1].set_yticks(rows, list(others.index))
    axes[0, 1].tick_params(axis="y", length=0)
    axes[0, 1].set(ylim=(len(others) - 0.4, -0.6), xlabel="lead of the PEI, points")
    keys = [
        Line2D([], [], color=MUTED, marker=marker, ms=4, lw=1.2, label=f"{mark} %")
        for mark, marker in MARKERS.items()
    ]
    letter(axes[0], ["Crimes caught by the area watched", f"Lead on the {first}"])
    foot_legend(figure, colours, columns=4, marker="-", marks={hindsight: "--"})
    axes[0, 0].legend(handles=keys, title="b: share of the cells", loc="lower right")
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

    Lines join months that follow each other; where months are missing there is none.

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
    figure, axes = panels(1, 2, height=2.6, source=source, status=status)
    colours = model_colours(models)
    names = list(table["model"].unique())
    periods = list(dict.fromkeys(table["period"]))
    month = np.array([period.ordinal for period in periods])
    broken = np.flatnonzero(np.diff(month) > 1) + 1
    # months that no line joins stand side by side, whatever lies between them
    single = len(broken) == len(month) - 1
    at = np.arange(len(month)) if single else month - month[0]
    for name in names:
        mine = table[table["model"] == name]
        line = {"color": colours[name], "marker": "o", "ms": 2.8, "lw": 1}
        for axis, column in zip(axes[0], ("skill", "hits"), strict=True):
            values = 100 * mine[column].to_numpy()
            for x, y in zip(np.split(at, broken), np.split(values, broken), strict=True):
                axis.plot(x, y, **line)
    shown = range(0, len(periods), max(1, -(-len(periods) // 5)))
    labels = ("skill on the historical mean, %", "crimes in 5 % of cells, %")
    for axis, label in zip(axes[0], labels, strict=True):
        axis.set_xticks([at[each] for each in shown], [str(periods[each]) for each in shown])
        axis.set(ylabel=label, xlim=(at[0] - 0.5, at[-1] + 0.5))
        if start:
            axis.axvline((at[start - 1] + at[start]) / 2, color=MUTED, lw=0.8, ls=":")
    letter(axes[0], ["Deviance", "Hits"])
    mark = "o" if single else "-"
    foot_legend(figure, {name: colours[name] for name in names}, columns=3, marker=mark)
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
    top = max(np.nanmax(expected), np.nanmax(counted), 1.0)
    ends = round_ends(min(max(top / 300, 0.1), top / 2), top)
    amounts_map(axes[0, 0], expected, window, ends, "crimes expected")
    amounts_map(axes[0, 1], counted, window, ends, "crimes that happened")
    letter(axes[0], [f"Forecast for {label}", "What happened"])
    if (counted == 0).any() or (expected == 0).any():
        foot_legend(figure, {"no crime": EMPTY}, columns=1)
    return figure


def shift_maps(
    rates: Mapping[str, np.ndarray], window, *, source: str = "", status: str = ""
) -> Figure:
    """Draw the crimes expected in a hundred hours of each shift, on one scale.

    Parameters
    ----------
    rates
        Shift → crimes, shape (rows, columns), first row southernmost; missing outside the window.
    window
        Polygon that the grid spans.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    columns = min(2, len(rates))
    rows = -(-len(rates) // columns)
    figure, axes = map_panels(rows, columns, window.bounds, bar=True, source=source, status=status)
    top = max(float(np.nanmax(values)) for values in rates.values())
    for axis, (name, values) in zip(axes.flat, rates.items(), strict=False):
        amounts_map(axis, values, window, round_ends(top / 300, top), "crimes in 100 hours")
        axis.set_title(name, loc="left")
    for axis in axes.flat[len(rates) :]:
        axis.set_visible(False)
    letter(axes.flat[: len(rates)])
    return figure


def amounts_map(
    ax: Axes, values: np.ndarray, window, limits: tuple[float, float], label: str
) -> None:
    """Draw amounts on a logarithmic scale whose ends are named; nothing is grey, and not a little.

    Parameters
    ----------
    ax
        Panel to draw on.
    values
        Shape (rows, columns), first row southernmost; missing outside the window.
    window
        Polygon that the grid spans.
    limits
        Ends of the scale.
    label
        What the colours mean.
    """
    from matplotlib.colors import ListedColormap

    edges = grid_edges(window, values.shape)
    none, some = (np.where(part, 1.0, np.nan) for part in (values == 0, values > 0))
    if np.isfinite(none).any():
        raster_map(
            ax, none, *edges, label="", bar=False, window=window, colours=ListedColormap([EMPTY])
        )
    how = {"label": label, "limits": limits, "logarithmic": True, "colours": DENSITY}
    how |= {"ticks": round_steps(*limits), "number": "{:,.10g}"}
    raster_map(ax, some * values, *edges, window=window, **how)


def round_ends(low: float, high: float) -> tuple[float, float]:
    """Ends of a scale in two digits, the lower one rounded down, the upper one up.

    Examples
    --------
    >>> round_ends(5.07, 1520.0)
    (5.0, 1600.0)
    """
    ends = []
    for value, away in ((low, np.floor), (high, np.ceil)):
        power = int(np.floor(np.log10(value))) - 1
        digits = away(round(value / 10.0**power, 6))
        ends.append(round(float(digits * 10.0**power), max(0, -power)))
    return ends[0], ends[1]


def fill_window(ax: Axes, window) -> None:
    """Fill the window with the grey of what has no finding, under all else."""
    from matplotlib.patches import PathPatch

    ax.add_patch(PathPatch(_path(window), fc=EMPTY, lw=0, zorder=0.5))


def round_steps(low: float, high: float) -> list[float]:
    """Values that a logarithmic colour bar names: both ends, and round ones well between them.

    Examples
    --------
    >>> round_steps(0.3, 90)
    [0.3, 1, 3, 10, 30, 90]
    """
    between = [
        round(part * 10.0**power, 9)
        for power in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        for part in (1, 3)
    ]
    inner = [int(each) if each >= 1 else each for each in between]
    return [low, *(each for each in inner if 1.8 * low < each < high / 1.8), high]


def grid_edges(window, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Lines of the grid that a window spans, eastings and northings."""
    west, south, east, north = window.bounds
    rows, columns = shape
    return np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
