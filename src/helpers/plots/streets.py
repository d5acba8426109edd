"""Figures of travel along streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import in_legend
from helpers.plots.maps import colour_bar, map_panels, outline, streets_map
from helpers.plots.patrols import posts_map
from helpers.plots.style import ALERT, CATEGORIES, DENSITY, FAINT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THICKEST, THINNEST = 5.0, 0.7  # of a line, points


def travel_map(flow, streets, posts, window, *, source: str = "", status: str = "") -> Figure:
    """Streets as wide as the crimes that are driven to along them, and the posts.

    Parameters
    ----------
    flow
        With ``lines`` (pieces of street, shape (k, 2, 2), metres) and ``amount`` (k).
    streets
        Layer of lines; those that carry nothing stay thin and grey.
    posts
        Coordinates in the order of the patrols' numbers, shape (p, 2), metres.
    window
        Polygon of the town.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    figure, axes = map_panels(1, 1, window.bounds, width=6.4, source=source, status=status)
    axis = axes[0, 0]
    outline(axis, window, width=0.7)
    streets_map(axis, streets, colour=FAINT, width=0.8)
    greatest = max(flow.amount.max(initial=0.0), 1e-300)
    widths = np.maximum(THICKEST * flow.amount / greatest, THINNEST)
    busy = LineCollection(
        list(flow.lines), linewidths=widths, colors=CATEGORIES[0], capstyle="round", zorder=4
    )
    axis.add_collection(busy, autolim=False)
    posts_map(axis, posts, names=range(1, len(posts) + 1), colour=ALERT, label="post of the plan")
    keys = [
        Line2D([], [], color=CATEGORIES[0], lw=max(THICKEST * amount / greatest, THINNEST),
               label=in_legend(f"{amount:,g} crime{'' if amount == 1 else 's'}"))
        for amount in _round_amounts(greatest)
    ]  # fmt: skip
    post = axis.get_legend_handles_labels()[0]
    axis.legend(
        handles=[*post, *keys], loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=1 + len(keys)
    )
    return figure


def street_density_map(
    lines: np.ndarray, density: np.ndarray, window, *, source: str = "", status: str = ""
) -> Figure:
    """Streets coloured by the density of events along them.

    Parameters
    ----------
    lines
        Pieces of street, shape (k, 2, 2), metres.
    density
        Of each, events per metre.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.
    """
    from matplotlib.collections import LineCollection

    figure, axes = map_panels(
        1, 1, window.bounds, width=5.2, bar=True, source=source, status=status
    )
    axis = axes[0, 0]
    outline(axis, window, width=0.7)
    order = np.argsort(density)
    pieces = LineCollection(
        list(lines[order]), linewidths=2.0, cmap=DENSITY, capstyle="round", zorder=4
    )
    pieces.set_array(1000 * density[order])
    axis.add_collection(pieces, autolim=False)
    colour_bar(axis, pieces, "events per km of street")
    return figure


def _round_amounts(greatest: float) -> list[float]:
    """Up to three amounts of one digit below the greatest, each about a third of the one before."""
    if greatest <= 1e-300:
        return []
    wanted = [greatest, greatest / 3, greatest / 10]
    digit = [10.0 ** np.floor(np.log10(value)) for value in wanted]
    return [float(np.floor(value / d) * d) for value, d in zip(wanted, digit, strict=True)]
