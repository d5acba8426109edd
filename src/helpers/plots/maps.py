"""Draw maps: zones, classes, surfaces and points, with a scale bar and a north arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import panels
from helpers.plots.style import AMOUNTS, DENSITY, EMPTY, FAINT, HOT_SPOTS, INK, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = 0.22  # room for a panel's title, inches
BAR = 0.42  # room for a colour bar and its label, inches


def map_panels(
    rows: int,
    columns: int,
    bounds: Sequence[float] | Sequence[Sequence[float]],
    *,
    width: float = PAGE,
    bar: bool = False,
    furniture: str = "first",
    source: str = "",
    status: str = "",
) -> tuple[Figure, np.ndarray]:
    """Make a figure of maps whose panels have the shape of what they show.

    Parameters
    ----------
    rows, columns
        The grid.
    bounds
        ``(xmin, ymin, xmax, ymax)`` in metres for all panels, or one for each column.
    width
        Inches; the height follows from the bounds.
    bar
        Leave room for a colour bar under each map.
    furniture
        Where scale bar and north arrow go: ``"first"`` (the first row), ``"all"`` or ``"none"``.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : numpy.ndarray of matplotlib.axes.Axes, shape (rows, columns)
    """
    bounds = np.atleast_2d(np.asarray(bounds, dtype=float))
    bounds = np.repeat(bounds, columns, axis=0) if len(bounds) == 1 else bounds
    span = np.column_stack([bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]])
    shape = span[:, 0] / span[:, 1]
    panel = min((width - 0.15 * (columns + 1)) / shape.sum(), 4.6)
    figure, axes = panels(
        rows,
        columns,
        width=width,
        height=rows * (panel + TITLE + (BAR if bar else 0)) + 0.1,
        source=source,
        status=status,
        compress=True,
        width_ratios=shape,
    )
    for (row, column), ax in np.ndenumerate(axes):
        as_map(ax, bounds[column])
        if furniture == "all" or (furniture == "first" and row == 0):
            scale_bar(ax)
            if column == 0 or furniture == "all":
                north_arrow(ax)
    return figure, axes


def as_map(ax: Axes, bounds: Sequence[float], margin: float = 0.03) -> None:
    """Turn a panel into a map: equal scales, no axes, these bounds."""
    xmin, ymin, xmax, ymax = bounds
    pad = margin * max(xmax - xmin, ymax - ymin)
    ax.set(xlim=(xmin - pad, xmax + pad), ylim=(ymin - pad, ymax + pad), xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="box")
    ax.spines[:].set_visible(False)


def outline(ax: Axes, geometry, *, colour: str = MUTED, width: float = 0.7, **style) -> None:
    """Draw the outline of a polygon, a line or a whole layer of either.

    Parameters
    ----------
    ax
        Panel to draw on.
    geometry
        Shapely geometry, GeoSeries or GeoDataFrame, in the map's coordinates.
    colour, width
        Of the line; points of width.
    **style
        Passed to matplotlib.
    """
    _series(geometry).boundary.plot(
        ax=ax, color=colour, linewidth=width, aspect=None, autolim=False, **style
    )


def choropleth(
    ax: Axes,
    zones: gpd.GeoDataFrame,
    values: Sequence[float],
    *,
    label: str,
    edges: Sequence[float] | None = None,
    limits: tuple[float, float] | None = None,
    colours: str = AMOUNTS,
    number: str = "{:,.0f}",
    bar: bool = True,
) -> None:
    """Colour zones by an amount.

    Parameters
    ----------
    ax
        Panel to draw on.
    zones
        Polygons.
    values
        One number a zone; zones without one are left grey and hatched.
    label
        What the colours mean, with its unit.
    edges
        Class limits, ascending, for a map in classes; a continuous scale when not given.
    limits
        Ends of a continuous scale; those of the values when not given.
    colours
        Name of a matplotlib palette.
    number
        How the colour bar writes numbers.
    bar
        Draw the colour bar.
    """
    import matplotlib as mpl
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, Normalize

    values = np.asarray(values, dtype=float)
    palette = mpl.colormaps[colours]
    if edges is not None:
        norm = BoundaryNorm(edges, palette.N)
    else:
        norm = Normalize(*(limits or (np.nanmin(values), np.nanmax(values))))
    mapped = ScalarMappable(norm, palette)
    known = np.isfinite(values)
    shown = zones.geometry[known]
    shown.plot(
        ax=ax,
        color=mapped.to_rgba(values[known]),
        edgecolor="white",
        linewidth=_rule(len(zones)),
        aspect=None,
        autolim=False,
    )
    if not known.all():
        _plain(ax, zones.geometry[~known], hatch="////")
    if bar:
        drawn = colour_bar(ax, mapped, label, number=number)
        if edges is not None:
            drawn.set_ticks(list(edges), labels=[number.format(edge) for edge in edges])


def class_map(
    ax: Axes, zones: gpd.GeoDataFrame, classes: Sequence, colours: Mapping[str, str]
) -> None:
    """Colour zones by a class.

    Parameters
    ----------
    ax
        Panel to draw on.
    zones
        Polygons.
    classes
        One class a zone; one that `colours` lacks is left grey.
    colours
        Class → colour.
    """
    zones.geometry.plot(
        ax=ax,
        color=[colours.get(name, EMPTY) for name in classes],
        edgecolor="white",
        linewidth=_rule(len(zones)),
        aspect=None,
        autolim=False,
    )


def hot_spot_map(ax: Axes, zones: gpd.GeoDataFrame, classes: Sequence) -> None:
    """Draw a hot-spot map: the seven classes, blue for cold and red for hot.

    Parameters
    ----------
    ax
        Panel to draw on.
    zones
        Polygons.
    classes
        One of the names in :data:`helpers.plots.HOT_SPOTS` for each.
    """
    outline(ax, zones.geometry.union_all(), colour="#9a9a9a", width=0.5)
    class_map(ax, zones, classes, HOT_SPOTS)
    _plain_rules(ax, zones, classes)


def points_map(
    ax: Axes,
    points,
    *,
    colour: str = INK,
    size: float = 4,
    marker: str = "o",
    label: str = "",
    alpha: float = 1.0,
    halo: bool = False,
) -> None:
    """Draw points.

    Parameters
    ----------
    ax
        Panel to draw on.
    points
        GeoSeries or GeoDataFrame of points, or an array of x, y, shape (n, 2), metres.
    colour, size, marker, alpha
        Of the symbol; `size` is its diameter in points.
    label
        For a legend.
    halo
        Put a white rim around each symbol, so that it stands off a dark surface.
    """
    if hasattr(points, "geometry"):
        points = np.column_stack([points.geometry.x, points.geometry.y])
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    ax.plot(
        *points.T,
        marker=marker,
        ls="",
        ms=size,
        color=colour,
        alpha=alpha,
        mec="white" if halo else "none",
        mew=0.7 if halo else 0,
        label=label or None,
        scalex=False,
        scaley=False,
        zorder=4,
    )


def raster_map(
    ax: Axes,
    values: np.ndarray,
    x_edges: Sequence[float],
    y_edges: Sequence[float],
    *,
    label: str,
    limits: tuple[float, float] | None = None,
    logarithmic: bool = False,
    colours: str = DENSITY,
    number: str = "{:,g}",
    bar: bool = True,
    window=None,
) -> None:
    """Draw a surface on a grid.

    Parameters
    ----------
    ax
        Panel to draw on.
    values
        Shape (rows, columns), first row southernmost; NaN outside the window.
    x_edges, y_edges
        Edges of the cells, lengths columns + 1 and rows + 1, metres.
    label
        What the colours mean, with its unit.
    limits
        Ends of the colour scale.
    logarithmic
        Colour by the logarithm.
    colours, number, bar
        As in :func:`choropleth`.
    window
        Polygon: the surface is cut at its outline.
    """
    from matplotlib.colors import LogNorm, Normalize

    values = np.ma.masked_invalid(values)
    low, high = limits or (values.min(), values.max())
    mesh = ax.pcolormesh(
        np.asarray(x_edges),
        np.asarray(y_edges),
        values,
        cmap=colours,
        norm=LogNorm(low, high, clip=True) if logarithmic else Normalize(low, high),
        edgecolors="none",
        rasterized=True,
        zorder=1,
    )
    if window is not None:
        mesh.set_clip_path(_clip_path(window), ax.transData)
        outline(ax, window, width=0.6)
    if bar:
        colour_bar(ax, mesh, label, number=number)


def colour_bar(ax: Axes, mapped, label: str, *, number: str = "{:,g}"):
    """Put a thin colour bar under a map."""
    from matplotlib.ticker import FuncFormatter

    bar = ax.figure.colorbar(
        mapped, ax=ax, location="bottom", shrink=0.72, aspect=34, pad=0.02, label=label
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, width=0.5, pad=1.5)
    bar.ax.minorticks_off()
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number.format(value)))
    return bar


def scale_bar(ax: Axes, *, place: tuple[float, float] = (0.02, 0.02)) -> None:
    """Draw a scale bar of a round length, about a quarter of the map's width.

    Parameters
    ----------
    ax
        Panel to draw on.
    place
        Left end, in fractions of the panel.
    """
    left, right = ax.get_xlim()
    length = _round_length((right - left) / 4)
    share = length / (right - left)
    x, y = place
    frame = {"transform": ax.transAxes, "clip_on": False, "zorder": 6}
    ax.plot([x, x, x + share, x + share], [y + 0.012, y, y, y + 0.012], color=INK, lw=0.9, **frame)
    unit = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    ax.text(x + share / 2, y + 0.015, unit, ha="center", va="bottom", size=7, **frame)


def north_arrow(ax: Axes, *, place: tuple[float, float] = (0.04, 0.98)) -> None:
    """Draw a small arrow to grid north.

    Parameters
    ----------
    ax
        Panel to draw on.
    place
        Its tip, in fractions of the panel.
    """
    x, y = place
    ax.annotate(
        "N",
        xy=(x, y),
        xytext=(x, y - 0.085),
        xycoords="axes fraction",
        ha="center",
        va="top",
        size=7.5,
        arrowprops={"arrowstyle": "-|>,head_width=0.16,head_length=0.4", "lw": 0.9, "color": INK},
        zorder=6,
        annotation_clip=False,
    )


def frame(ax: Axes, bounds: Sequence[float], label: str = "") -> None:
    """Mark on a map the part that another panel enlarges.

    Parameters
    ----------
    ax
        Panel to draw on.
    bounds
        ``(xmin, ymin, xmax, ymax)``, metres.
    label
        Name of the other panel.
    """
    from matplotlib.patches import Rectangle

    xmin, ymin, xmax, ymax = bounds
    ax.add_patch(
        Rectangle((xmin, ymin), xmax - xmin, ymax - ymin, fc="none", ec=INK, lw=0.8, zorder=5)
    )
    ax.text(xmax, ymin, label, ha="right", va="top", size=7.5, weight="bold", zorder=6)


def enlarged(ax: Axes) -> None:
    """Give a panel the thin frame that says: this is an enlarged part."""
    ax.spines[:].set(visible=True, color=INK, linewidth=0.8)


def _series(geometry):
    import geopandas as gpd

    if hasattr(geometry, "geometry"):
        return geometry.geometry
    return gpd.GeoSeries([geometry])


def _rule(count: int) -> float:
    """Width of the white rules between zones: thinner where there are many."""
    return 0.5 if count < 150 else 0.25


def _plain(ax: Axes, shapes, hatch: str = "") -> None:
    shapes.plot(
        ax=ax,
        color=EMPTY,
        edgecolor=FAINT,
        linewidth=0.4,
        hatch=hatch,
        aspect=None,
        autolim=False,
    )


def _plain_rules(ax: Axes, zones, classes) -> None:
    """Rule zones without a finding in grey: white rules vanish on a pale ground."""
    quiet = np.asarray([name == "Not significant" for name in classes])
    if quiet.any():
        zones.geometry[quiet].boundary.plot(
            ax=ax, color=FAINT, linewidth=_rule(len(zones)), aspect=None, autolim=False
        )


def _round_length(length: float) -> float:
    """Largest of 1, 2, 5 × a power of ten that is at most `length`."""
    power = 10.0 ** np.floor(np.log10(length))
    return max(step * power for step in (1, 2, 5) if step * power <= length)


def _clip_path(window):
    from matplotlib.path import Path

    rings = []
    for part in getattr(window, "geoms", [window]):
        for ring in (part.exterior, *part.interiors):
            rings.append(Path(np.asarray(ring.coords)[:, :2], closed=True))
    return Path.make_compound_path(*rings)
