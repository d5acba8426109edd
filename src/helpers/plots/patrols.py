"""Draw patrol plans: territories, posts, demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import in_legend
from helpers.plots.maps import _path, outline
from helpers.plots.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# pale enough for dots and discs on top; neighbours never share one
TERRITORIES = ("#cfe0f1", "#f6dfb8", "#cfe8d3", "#ecd3e2", "#e3e3e3", "#f9cfc0")
RULE = "#7a7a7a"


def territory_map(
    ax: Axes,
    served_by: np.ndarray,
    x_edges: Sequence[float],
    y_edges: Sequence[float],
    *,
    window=None,
) -> None:
    """Colour the cells of a grid by the patrol that serves them; neighbours differ in colour.

    Parameters
    ----------
    ax
        Panel to draw on.
    served_by
        Patrol of each cell, shape (rows, columns), first row southernmost; −1 for none.
    x_edges, y_edges
        Edges of the cells, lengths columns + 1 and rows + 1, metres.
    window
        Polygon: the territories are cut at its outline.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import ListedColormap

    served_by = np.asarray(served_by)
    x_edges, y_edges = np.asarray(x_edges, dtype=float), np.asarray(y_edges, dtype=float)
    shade = _shades(served_by)
    mesh = ax.pcolormesh(
        x_edges,
        y_edges,
        np.ma.masked_less(shade, 0),
        cmap=ListedColormap(TERRITORIES),
        vmin=-0.5,
        vmax=len(TERRITORIES) - 0.5,
        edgecolors="none",
        rasterized=True,
        zorder=1,
    )
    row, column = np.nonzero(served_by[:, 1:] != served_by[:, :-1])
    x = x_edges[column + 1]
    upright = np.stack([np.column_stack([x, y_edges[row + up]]) for up in (0, 1)], axis=1)
    row, column = np.nonzero(served_by[1:] != served_by[:-1])
    y = y_edges[row + 1]
    level = np.stack([np.column_stack([x_edges[column + on], y]) for on in (0, 1)], axis=1)
    rules = LineCollection(
        [*upright, *level], colors=RULE, linewidths=0.6, zorder=2, capstyle="projecting"
    )
    ax.add_collection(rules, autolim=False)
    if window is not None:
        cut = _path(window)
        mesh.set_clip_path(cut, ax.transData)
        rules.set_clip_path(cut, ax.transData)
        outline(ax, window, width=0.7)


def demand_dots(
    ax: Axes,
    places: np.ndarray,
    amounts: Sequence[float],
    *,
    largest: float = 7,
    colour: str = "#4d4d4d",
) -> None:
    """Draw amounts as dots whose areas are proportional to them.

    Parameters
    ----------
    ax
        Panel to draw on.
    places
        Coordinates, shape (n, 2), metres.
    amounts
        One a place, not negative.
    largest
        Diameter of the greatest amount's dot, points.
    colour
        Of the dots.
    """
    amounts = np.asarray(amounts, dtype=float)
    area = (largest**2) * amounts / max(amounts.max(), 1e-300)
    x, y = np.asarray(places, dtype=float).T
    # a pale edge keeps dots that touch apart; the largest lie below
    order = np.argsort(-area, kind="stable")
    ax.scatter(
        x[order], y[order], s=area[order], color=colour, linewidths=0.25, edgecolors="white",
        alpha=0.75, zorder=3,
    )  # fmt: skip


def circles_map(ax: Axes, centres: np.ndarray, radius: float, *, window=None) -> None:
    """Draw the reach of posts as circles.

    Parameters
    ----------
    ax
        Panel to draw on.
    centres
        Coordinates of the posts, shape (p, 2), metres.
    radius
        In metres.
    window
        Polygon: the circles are cut at its outline.
    """
    from matplotlib.collections import EllipseCollection

    size = np.full(len(centres), 2 * radius)
    circles = EllipseCollection(
        size,
        size,
        np.zeros(len(centres)),
        units="xy",
        offsets=centres,
        offset_transform=ax.transData,
        facecolors="none",
        edgecolors=INK,
        linewidths=0.9,
        zorder=4,
    )
    ax.add_collection(circles, autolim=False)
    if window is not None:
        circles.set_clip_path(_path(window), ax.transData)


def posts_map(
    ax: Axes,
    posts: np.ndarray,
    *,
    names: Sequence[str] = (),
    size: float = 5,
    colour: str = INK,
    label: str = "",
) -> None:
    """Draw patrol posts as discs, with their names inside where there are any.

    Parameters
    ----------
    ax
        Panel to draw on.
    posts
        Coordinates, shape (p, 2), metres.
    names
        One a post; numbers fit.
    size
        Diameter without a name, points; discs with names are as large as names need.
    colour
        Of the discs.
    label
        For a legend.
    """
    from matplotlib.patheffects import withStroke

    posts = np.asarray(posts, dtype=float).reshape(-1, 2)
    ax.plot(
        *posts.T,
        ls="",
        marker="o",
        ms=10.5 if len(names) else size,
        color=colour,
        mec="white",
        mew=0.8,
        label=in_legend(label) if label else None,
        scalex=False,
        scaley=False,
        zorder=6,
    )
    for place, name in zip(posts, names, strict=False):
        ax.annotate(
            str(name),
            place,
            ha="center",
            va="center_baseline",
            size=7,
            weight="bold",
            color="white",
            zorder=7,
            path_effects=[withStroke(linewidth=0.8, foreground=colour)],
        )


def _shades(served_by: np.ndarray) -> np.ndarray:
    """Number of a colour for each cell such that territories that touch differ, −1 for none."""
    rows, columns = served_by.shape
    pairs = set()
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = served_by[: rows - down, max(0, -right) : columns - max(0, right)]
        there = served_by[down:, max(0, right) : columns + min(0, right)]
        apart = (here != there) & (here >= 0) & (there >= 0)
        pairs |= set(zip(here[apart].tolist(), there[apart].tolist(), strict=True))
    beside: dict[int, set[int]] = {name: set() for name in np.unique(served_by[served_by >= 0])}
    for a, b in pairs:
        beside[a].add(b)
        beside[b].add(a)
    colour: dict[int, int] = {}
    count = len(TERRITORIES)
    for name in sorted(beside, key=lambda name: (-len(beside[name]), name)):
        used = [colour[other] for other in beside[name] if other in colour]
        # the colour seen least among the neighbours, and least of all: an unused one
        seen = [(used.count(shade), list(colour.values()).count(shade)) for shade in range(count)]
        colour[name] = min(range(count), key=seen.__getitem__)
    shades = np.full(served_by.shape, -1)
    for name, shade in colour.items():
        shades[served_by == name] = shade
    return shades
