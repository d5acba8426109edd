"""Figures of the quality page: where, when and of which kind a city's events are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import bars, thousands
from helpers.plots.layout import panels
from helpers.plots.maps import choropleth, colour_bar, map_panels, outline, points_map, raster_map
from helpers.plots.style import CATEGORIES, DENSITY, INK

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

MOST_BARS = 60
OTHERS = "#bdbdbd"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def counts_map(
    counts: np.ndarray,
    x_edges: np.ndarray,
    y_edges: np.ndarray,
    bounds: Sequence[float],
    window: BaseGeometry | None = None,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw events counted in squares, and the boundary over them.

    Parameters
    ----------
    counts
        Events, shape (rows, columns), first row southernmost; squares without any stay white.
    x_edges, y_edges
        Edges of the squares, metres.
    bounds
        ``(xmin, ymin, xmax, ymax)`` of the map.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 1, bounds, width=5.2, bar=True, source=source, status=status)
    ax, most = axes[0, 0], max(int(counts.max()), 2)
    side = x_edges[1] - x_edges[0]
    raster_map(
        ax,
        np.where(counts > 0, counts, np.nan),
        x_edges,
        y_edges,
        label=f"events in a square of {side:,.10g} m × {side:,.10g} m",
        limits=(1, most),
        logarithmic=most > 20,
        colours=DENSITY,
    )
    if window is not None:
        outline(ax, window, colour=INK)
    return figure


def places_map(
    places: np.ndarray,
    bounds: Sequence[float],
    window: BaseGeometry | None = None,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw one dot a place, and the boundary.

    Parameters
    ----------
    places
        Coordinates, shape (n, 2), metres.
    bounds, window, source, status
        As in :func:`counts_map`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 1, bounds, width=5.2, source=source, status=status)
    if window is not None:
        outline(axes[0, 0], window, colour=INK)
    size = float(np.clip(140 / np.sqrt(len(places)), 2.2, 5))
    points_map(axes[0, 0], places, colour=CATEGORIES[0], size=size, alpha=0.7)
    return figure


def zones_map(
    zones: gpd.GeoDataFrame,
    values: Sequence[float] | None = None,
    *,
    label: str = "",
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the outlines of zones, coloured by a field where one is given.

    Parameters
    ----------
    zones
        Polygons.
    values
        One number a zone.
    label
        What the colours mean, with its unit.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(
        1, 1, zones.total_bounds, width=5.2, bar=values is not None, source=source, status=status
    )
    if values is not None:
        choropleth(axes[0, 0], zones, values, label=label, number="{:,.10g}")
    outline(axes[0, 0], zones, width=0.4)
    return figure


def months_chart(
    months: Sequence[str], counts: Sequence[int], *, source: str = "", status: str = ""
) -> Figure:
    """Draw one bar a month; a stair where there are many.

    Parameters
    ----------
    months
        ``2016-07`` and so on, without a gap.
    counts
        Events of each.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(height=2.1, source=source, status=status)
    ax, places = axes[0, 0], np.arange(len(months))
    if len(months) <= MOST_BARS:
        ax.bar(places, counts, color=CATEGORIES[0], width=0.8)
    else:
        ax.stairs(counts, np.arange(len(months) + 1) - 0.5, fill=True, color=CATEGORIES[0])
    if len(months) <= 12:
        ax.set_xticks(places, months)
    else:
        ends = ("-01", "-04", "-07", "-10") if len(months) <= 36 else ("-01",)
        starts = [k for k, month in enumerate(months) if month.endswith(ends)]
        step = -(-len(starts) // 14)
        ax.set_xticks(starts[::step], [months[k] for k in starts[::step]])
    ax.set(xlabel="month", ylabel="events", xlim=(-0.7, len(months) - 0.3), ylim=(0, None))
    _whole(ax)
    return figure


def week_tiles(week: np.ndarray, *, source: str = "", status: str = "") -> Figure:
    """Draw events by weekday and hour as coloured tiles.

    Parameters
    ----------
    week
        Events, shape (7, 24), Monday first.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(height=2.6, source=source, status=status)
    ax = axes[0, 0]
    mesh = ax.pcolormesh(
        np.arange(25), np.arange(8), week, cmap=DENSITY, vmin=0, edgecolors="white", linewidth=0.5
    )
    ax.set(xlim=(0, 24), ylim=(7, 0), xlabel="hour of the day (local time)")
    ax.set_xticks(np.arange(0, 25, 3))
    ax.set_yticks(np.arange(7) + 0.5, DAYS)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    colour_bar(ax, mesh, "events", number="{:,.0f}")
    return figure


def weekdays_chart(counts: Sequence[int], *, source: str = "", status: str = "") -> Figure:
    """Draw one bar a weekday.

    Parameters
    ----------
    counts
        Events, Monday first, shape (7,).
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(width=5.2, height=2.0, source=source, status=status)
    axes[0, 0].bar(np.arange(7), counts, color=CATEGORIES[0], width=0.72)
    axes[0, 0].set_xticks(np.arange(7), DAYS)
    axes[0, 0].set(xlabel="weekday", ylabel="events", ylim=(0, None))
    _whole(axes[0, 0])
    return figure


def kinds_chart(
    kinds: Sequence[str],
    counts: Sequence[int],
    *,
    summed: bool = False,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw one bar a kind.

    Parameters
    ----------
    kinds, counts
        One of each a kind, the commonest first.
    summed
        The last bar is the sum of several kinds, and grey.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    height = 0.6 + 0.19 * len(kinds)
    figure, axes = panels(width=5.2, height=height, source=source, status=status)
    colours = [CATEGORIES[0]] * (len(kinds) - summed) + [OTHERS] * summed
    bars(axes[0, 0], kinds, counts, label="events", colour=colours)
    return figure


def _whole(ax: Axes) -> None:
    """Number the upright axis with whole numbers, thousands apart."""
    from matplotlib.ticker import MaxNLocator

    thousands(ax, "y")
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
