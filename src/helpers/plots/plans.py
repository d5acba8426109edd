"""Draw districting plans: areas on a map, and how evenly they share what was divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import thousands
from helpers.plots.layout import panels
from helpers.plots.maps import (
    TITLE,
    as_map,
    class_map,
    enlarged,
    frame,
    name_places,
    north_arrow,
    outline,
    scale_bar,
)
from helpers.plots.style import CATEGORIES, INK, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STRIP = 1.25  # height of the balance strip, inches
LEAST_PART = 0.004  # of a map, from which on a part of an area has a name of its own
REMEMBERED = 12  # plans whose areas are remembered
_remembered: dict[tuple, tuple[np.ndarray, list]] = {}


def tints(count: int) -> list[str]:
    """Pale colours for neighbouring areas, on which black numbers stay legible.

    Parameters
    ----------
    count
        How many; after seven they repeat.

    Returns
    -------
    list of str
        Hexadecimal colours.

    Examples
    --------
    >>> tints(2)
    ['#80b8d8', '#eaae80']
    """
    from matplotlib.colors import to_hex, to_rgb

    pale = [to_hex(0.5 + 0.5 * np.array(to_rgb(colour))) for colour in CATEGORIES]
    return [pale[i % len(pale)] for i in range(count)]


def plan_panels(
    bounds: Sequence[Sequence[float]],
    *,
    width: float = PAGE,
    source: str = "",
    status: str = "",
) -> tuple[Figure, np.ndarray, Axes]:
    """Make a figure with one or more maps in a row and a strip for the balance under them.

    Parameters
    ----------
    bounds
        ``(xmin, ymin, xmax, ymax)`` of each map, metres.
    width
        Inches.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    maps : numpy.ndarray of matplotlib.axes.Axes, shape (maps,)
    strip : matplotlib.axes.Axes
    """
    bounds = np.atleast_2d(np.asarray(bounds, dtype=float))
    shape = (bounds[:, 2] - bounds[:, 0]) / (bounds[:, 3] - bounds[:, 1])
    tall = min((width - 0.15 * (len(bounds) + 1)) / shape.sum(), 4.4)
    figure, axes = panels(
        2,
        len(bounds),
        width=width,
        height=tall + TITLE + STRIP + 0.2,
        source=source,
        status=status,
        width_ratios=shape,
        height_ratios=[tall, STRIP],
    )
    grid = axes[1, 0].get_gridspec()
    for ax in axes[1]:
        ax.remove()
    strip = figure.add_subplot(grid[1, :])
    for ax, extent in zip(axes[0], bounds, strict=True):
        as_map(ax, extent)
        scale_bar(ax)
    north_arrow(axes[0, 0])
    return figure, axes[0], strip


def plan_map(
    ax: Axes, zones: gpd.GeoDataFrame, assignment: Sequence[int], colours: Sequence[int]
) -> None:
    """Colour zones by area so that neighbouring areas differ, and outline the areas.

    Parameters
    ----------
    ax
        Panel to draw on.
    zones
        Polygons.
    assignment
        Area of each zone, 0, 1, …
    colours
        Number of the colour of each area.
    """
    assignment, colours = np.asarray(assignment), np.asarray(colours)
    palette = tints(int(colours.max()) + 1)
    fills = {str(number): colour for number, colour in enumerate(palette)}
    class_map(ax, zones, colours[assignment].astype(str), fills)
    for whole in _areas(zones, assignment)[: int(assignment.max()) + 1]:
        outline(ax, whole, colour=INK, width=0.7)


def _areas(zones: gpd.GeoDataFrame, assignment: np.ndarray) -> list:
    """Union of the zones of each area; the last few are remembered, for a plan is drawn at several scales."""
    import shapely

    shapes = zones.geometry.to_numpy()
    # polygons never change, and those remembered keep their identity
    key = (tuple(map(id, shapes)), tuple(assignment.tolist()))
    if key not in _remembered:
        while len(_remembered) >= REMEMBERED:
            del _remembered[next(iter(_remembered))]
        numbers = range(int(assignment.max()) + 1)
        areas = [shapely.union_all(shapes[assignment == area]) for area in numbers]
        _remembered[key] = (shapes, areas)
    return _remembered[key][1]


def name_areas(
    maps: Sequence[Axes],
    zones: gpd.GeoDataFrame,
    assignment: Sequence[int],
    names: Sequence[str],
    *,
    zoom: Sequence[float] | None = None,
) -> None:
    """Write the name of each area on its map, and frame the part that a second map enlarges.

    Parameters
    ----------
    maps
        The whole map, and the enlarged one where `zoom` is given; areas that a map does not show
        are not named on it. An area in several parts is named on its largest, and on each that
        takes 4 in 1,000 of the map.
    zones, assignment
        As in :func:`plan_map`.
    names
        One an area.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the enlarged map; parts inside are named there alone.
    """
    areas = _areas(zones, np.asarray(assignment))[: len(names)]
    (left, right), (low, high) = maps[0].get_xlim(), maps[0].get_ylim()
    views = [(left, low, right, high)]
    if zoom is not None:
        views.append(tuple(zoom))
        frame(maps[0], zoom)
        enlarged(maps[1])
    for ax, view in zip(maps, views, strict=False):
        found = [(place, name) for whole, name in zip(areas, names, strict=True)
                 for place in _seen(whole, view, cut=ax is not maps[0])]  # fmt: skip
        if zoom is not None and ax is maps[0]:
            found = [(place, name) for place, name in found if not _within(place, zoom)]
        if found:
            places, told = zip(*found, strict=True)
            name_places(ax, np.array(places), list(told))


def _seen(whole, view: Sequence[float], *, cut: bool) -> list[tuple[float, float]]:
    """Where the name of an area stands: on its largest part, and on all others that are large to see.

    Of a part that the view cuts, what is inside counts where `cut` says so.
    """
    import shapely

    largest = max(getattr(whole, "geoms", [whole]), key=lambda part: part.area)
    point = largest.representative_point()
    found = [(point.x, point.y)] if _within((point.x, point.y), view) else []
    west, south, east, north = view
    least = LEAST_PART * (east - west) * (north - south)
    shown = shapely.intersection(whole, shapely.box(*view)) if cut else whole
    for part in getattr(shown, "geoms", [shown]):
        if part.area < least or part.intersects(point):
            continue
        other = part.representative_point()
        if _within((other.x, other.y), view):
            found.append((other.x, other.y))
    return found


def _within(place: tuple[float, float], view: Sequence[float]) -> bool:
    west, south, east, north = view
    return west < place[0] < east and south < place[1] < north


def balance(
    ax: Axes,
    names: Sequence[str],
    amounts: Sequence[float],
    *,
    mean: float,
    label: str,
    colours: Sequence[int],
) -> None:
    """Draw what each area holds beside what each should hold.

    Parameters
    ----------
    ax
        Panel to draw on.
    names, amounts
        One of each an area, in the order to draw.
    mean
        What each area should hold.
    label
        What the amounts are, with their unit.
    colours
        Number of the colour of each area, as on the map.
    """
    palette = tints(int(max(colours)) + 1)
    places = np.arange(len(names))
    fills = [palette[number] for number in colours]
    ax.bar(places, amounts, color=fills, edgecolor=INK, linewidth=0.5, width=0.8)
    ax.axhline(mean, color=INK, lw=0.9, ls=(0, (4, 2)))
    ax.annotate(
        f"equal shares: {mean:{',.0f' if mean >= 100 else ',.1f' if mean >= 1 else '.3g'}}",
        (1, mean),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        size=7,
        color=MUTED,
    )
    ax.set(xlim=(-0.6, len(names) - 0.4), ylabel=label, xlabel="area")
    ax.set_xticks(places, names, size=7)
    ax.tick_params(axis="x", length=0)
    thousands(ax, "y")
