"""Draw maps: zones, classes, surfaces and points, with a scale bar and a north arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import in_legend, panels, reserve_foot
from helpers.plots.style import AMOUNTS, DENSITY, EMPTY, FAINT, HOT_SPOTS, INK, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = 0.22  # room for a panel's title, inches
LEAST = 0.6  # height of the flattest map, inches
BAR = 0.46  # room for a colour bar and its label, inches
_GROUND = "ground of the scale bar"


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
    # a town much longer than wide leaves its panels some height, for their titles
    panel = max(min((width - 0.15 * (columns + 1)) / shape.sum(), 4.6), LEAST)
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
    ax.set_aspect("equal", adjustable="box", anchor="N")
    ax.spines[:].set_visible(False)
    # without ticks and names there is nothing to measure, in each pass of the layout
    ax.xaxis.set_visible(False)
    ax.yaxis.set_visible(False)


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
    from matplotlib.collections import LineCollection

    lines = []
    for shape in _parts(geometry):
        rings = [shape.exterior, *shape.interiors] if hasattr(shape, "exterior") else [shape]
        lines += [np.asarray(ring.coords)[:, :2] for ring in rings]
    style = {"zorder": 3, **style}
    ax.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, **style), autolim=False
    )


def streets_map(ax: Axes, streets, *, colour: str = "#9a9a9a", width: float = 0.45) -> None:
    """Draw streets as thin lines under what matters; nothing where there are none.

    Parameters
    ----------
    ax
        Panel to draw on.
    streets
        Layer of lines in the map's coordinates, or None.
    colour, width
        Of the lines; points of width.
    """
    if streets is not None:
        outline(ax, streets, colour=colour, width=width, zorder=1.5)


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
    mapped.set_array(values[known])
    _fill(ax, zones.geometry[known], mapped.to_rgba(values[known]), rule=_rule(len(zones)))
    if not known.all():
        _fill(ax, zones.geometry[~known], EMPTY, edge=FAINT, hatch="////")
    if bar:
        drawn = colour_bar(ax, mapped, label, number=number)
        if edges is not None:
            drawn.set_ticks(list(edges), labels=limit_labels(edges, number))


def limit_labels(edges: Sequence[float], number: str = "{:,.0f}") -> list[str]:
    """Class limits as text, with more digits below ten where two would read the same.

    Examples
    --------
    >>> limit_labels([0, 0.3, 2.1, 68]), limit_labels([0, 5, 10])
    (['0', '0.3', '2.1', '68'], ['0', '5', '10'])
    """
    labels = [number.format(edge) for edge in edges]
    if len(set(labels)) == len(labels):
        return labels
    return [f"{edge:.2g}" if abs(edge) < 10 else f"{edge:,.0f}" for edge in edges]


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
        One class a zone; one that `colours` lacks is left grey, and one that is missing is hatched too.
    colours
        Class → colour.
    """
    classes = np.asarray(classes, dtype=object)
    found = np.array([name in colours and colours[name] != EMPTY for name in classes])
    # what was left out is no class: hatched as on a map of amounts
    missing = np.array([name is None or name != name for name in classes])
    if missing.any():
        _fill(ax, zones.geometry[missing], EMPTY, edge=FAINT, hatch="////")
    pale = ~found & ~missing
    if pale.any():
        # white rules vanish between pale zones: these get grey ones, and lie below
        _fill(ax, zones.geometry[pale], EMPTY, edge="#c9c9c9", rule=0.4)
    if found.any():
        fills = [colours[name] for name in classes[found]]
        _fill(ax, zones.geometry[found], fills, rule=_rule(len(zones)))


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
    class_map(ax, zones, classes, HOT_SPOTS)


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
    # what lies in the panel is drawn whole at its edge; what lies outside is not drawn in part
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    points = points[((low <= points) & (points <= high)).all(axis=1)]
    ax.plot(
        *points.T,
        marker=marker,
        clip_on=False,
        ls="",
        ms=size,
        color=colour,
        alpha=alpha,
        mec="white" if halo else "none",
        mew=0.7 if halo else 0,
        label=in_legend(label) if label else None,
        scalex=False,
        scaley=False,
        zorder=4,
    )


def links_map(
    ax: Axes, places: np.ndarray, pairs: np.ndarray, *, colour: str = "#9ecae1", width: float = 0.6
) -> None:
    """Draw which places are linked, for example the neighbours of zones.

    Parameters
    ----------
    ax
        Panel to draw on.
    places
        Coordinates, shape (n, 2), metres.
    pairs
        Positions of the two ends of each link, shape (m, 2).
    colour, width
        Of the lines.
    """
    from matplotlib.collections import LineCollection

    lines = np.asarray(places, dtype=float)[np.asarray(pairs, dtype=int)]
    ax.add_collection(
        LineCollection(list(lines), colors=colour, linewidths=width, zorder=2), autolim=False
    )
    points_map(ax, places, size=2.2, colour=INK)


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
    ticks: Sequence[float] | None = None,
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
    ticks
        Values that the colour bar names; chosen where None.
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
        mesh.set_clip_path(_path(window), ax.transData)
        outline(ax, window, width=0.6)
    if bar:
        colour_bar(ax, mesh, label, number=number, ticks=ticks)


def name_places(
    ax: Axes,
    places: np.ndarray,
    names: Sequence[str],
    *,
    size: float = 7,
    centred: bool = True,
    reach: float = 40,
    avoid: Sequence = (),
    shapes: Sequence | None = None,
) -> None:
    """Write names on or beside places so that they collide with nothing already named.

    Each name takes the nearest free spot around its place, with a thin leader where that is not
    next to it. Call it last: the layout of the figure must be settled.

    Parameters
    ----------
    ax
        Panel to draw on.
    places
        Coordinates, shape (n, 2), metres.
    names
        One a place; ``\\n`` breaks lines.
    size
        Points.
    centred
        Try the place itself first (zones); otherwise beside it (points).
    reach
        How far from its place a name may go, points.
    avoid
        Artists that no name may cover.
    shapes
        Polygon of each place: a name that lies for more than half beside its own is led to it by
        a line, so that it is not read as that of another.
    """
    figure = ax.figure
    figure.draw_without_rendering()
    taken = [artist.get_window_extent() for artist in (*avoid, *ax.texts)]
    inside = ax.get_window_extent()
    places = np.asarray(places, dtype=float).reshape(-1, 2)
    scale = figure.dpi / 72

    def is_free(box, others) -> bool:
        if not (inside.x0 <= box.x0 and box.x1 <= inside.x1 and box.y1 <= inside.y1):
            return False
        if any(box.overlaps(other) for other in taken):
            return False
        return not box.padded(3 * scale).count_contains(others)

    for own, (place, name) in enumerate(zip(places, names, strict=True)):
        others = ax.transData.transform(np.delete(places, own, axis=0))
        at_place = {}
        for offset, align in _spots(reach, centred):
            if align not in at_place:
                written = _written(ax, name, place, (0, 0), align, size)
                at_place[align] = written.get_window_extent()
                written.remove()
            # without its leader, and a hair smaller: where that is not free, nothing is
            alone = at_place[align].translated(*np.multiply(offset, scale)).padded(-1e-6)
            if not is_free(alone, others):
                continue
            text = _written(ax, name, place, offset, align, size)
            box = text.get_window_extent()
            free = is_free(box, others)
            if free and shapes is not None and text.arrow_patch is None:
                free = _lies_on(shapes[own], box.transformed(ax.transData.inverted()))
            if free:
                taken.append(box)
                break
            text.remove()


def _written(ax: Axes, name: str, place: np.ndarray, offset, align: str, size: float):
    """A name at so many points from its place, with a leader where that is not next to it."""
    from matplotlib.patheffects import withStroke

    leader = {"arrowstyle": "-", "lw": 0.6, "color": INK, "shrinkA": 0, "shrinkB": 0}
    text = ax.annotate(
        name,
        place,
        xytext=offset,
        textcoords="offset points",
        ha=align,
        va="center",
        size=size,
        linespacing=1.05,
        zorder=7,
        path_effects=[withStroke(linewidth=1.8, foreground="white")],
        arrowprops=None if np.hypot(*offset) < 8 else leader,
    )
    text.set_in_layout(False)
    return text


def hot_spot_key(figure: Figure) -> None:
    """Put the key of the seven classes under the panels, as one strip from cold to hot."""
    from matplotlib.patches import Rectangle
    from matplotlib.transforms import Bbox, TransformedBbox

    height = 0.44
    base = reserve_foot(figure, height)
    across = figure.get_figwidth() / 2
    strip = Bbox.from_bounds(across - 2.1, base, 4.2, height)
    ax = figure.add_axes([0, 0, 1, 1])
    # stays at these inches when the figure grows
    ax.set_axes_locator(
        lambda ax, renderer: TransformedBbox(
            strip, figure.dpi_scale_trans + figure.transFigure.inverted()
        )
    )
    ax.set(xlim=(0, 8.2), ylim=(0, height), xticks=[], yticks=[], in_layout=False)
    ax.spines[:].set_visible(False)
    left = 0.0
    for name, colour in HOT_SPOTS.items():
        quiet = name == "Not significant"
        span = 2.0 if quiet else 1.0
        ax.add_patch(
            Rectangle((left, 0.26), span, 0.11, fc=colour, ec="#8c8c8c", lw=0.4, clip_on=False)
        )
        words = "not significant" if quiet else name.split(" spot ")[1]
        ax.text(left + span / 2, 0.235, words, ha="center", va="top", size=7)
        left += span + (0.1 if name.endswith("90 %") or quiet else 0)
    for x, words, colour in ((1.5, "cold spot", "#2166ac"), (6.7, "hot spot", "#b2182b")):
        ax.text(x, 0.11, words, ha="center", va="top", size=7, weight="bold", color=colour)


def colour_bar(
    ax: Axes, mapped, label: str, *, number: str = "{:,g}", ticks: Sequence[float] | None = None
):
    """Put a thin colour bar under a map, with an arrow where values go beyond its end."""
    from matplotlib.colors import BoundaryNorm, Normalize
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    values = mapped.get_array()
    below = beyond = False
    # the ends of a map in classes are the ends of its values, but for rounding
    if values is not None and values.size and not isinstance(mapped.norm, BoundaryNorm):
        # of nothing but masked cells neither end is known
        below = bool(values.min() < mapped.norm.vmin)
        beyond = bool(values.max() > mapped.norm.vmax)
    extend = {(1, 1): "both", (1, 0): "min", (0, 1): "max"}.get((below, beyond), "neither")
    bar = ax.figure.colorbar(
        mapped,
        ax=ax,
        location="bottom",
        shrink=0.86,
        aspect=40,
        pad=0.02,
        label=label,
        extend=extend,
        extendfrac=0.03,
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, width=0.5, pad=1.5)
    bar.ax.minorticks_off()
    if ticks is not None:
        bar.set_ticks(list(ticks))
        bar.ax.minorticks_off()
    elif type(mapped.norm) is Normalize:
        bar.locator = MaxNLocator(6)
        bar.update_ticks()
    bar.ax.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: number.format(value).replace("-", "−"))
    )
    return bar


def scale_bar(ax: Axes, *, place: tuple[float, float] = (0.02, 0.02)) -> None:
    """Draw a scale bar of a round length, about a quarter of the map's width.

    Bar and length stand on a white ground, which parts them from a boundary that runs under them.

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
    bar = [x, x, x + share, x + share], [y + 0.012, y, y, y + 0.012]
    frame = {"transform": ax.transAxes, "clip_on": False}
    ax.plot(*bar, color="white", lw=3.5, zorder=5.8, gid=_GROUND, **frame)
    ax.plot(*bar, color=INK, lw=0.9, zorder=6, **frame)
    unit = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    ground = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"}
    label = {"ha": "center", "va": "bottom", "size": 7, "bbox": ground, "zorder": 5.9}
    ax.text(x + share / 2, y + 0.015, unit, **label, **frame)


def north_arrow(ax: Axes, *, place: tuple[float, float] = (0.96, 0.99)) -> None:
    """Draw a small arrow to grid north.

    Parameters
    ----------
    ax
        Panel to draw on.
    place
        Its tip, in fractions of the panel.
    """
    from matplotlib.patheffects import withStroke

    x, y = place
    halo = [withStroke(linewidth=2.2, foreground="white")]
    drawn = ax.annotate(
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
        path_effects=halo,
    )
    drawn.arrow_patch.set_path_effects(halo)


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
    """Give a panel the thin frame that says: this is an enlarged part.

    The map then fills the panel, so that the length of its scale bar gets a white rim.
    """
    from matplotlib.patheffects import withStroke

    for text in ax.texts:
        if text.get_text().endswith((" km", " m")):
            text.set_bbox(None)
            text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
    for line in [line for line in ax.get_lines() if line.get_gid() == _GROUND]:
        line.remove()
    ax.spines[:].set(visible=True, color=INK, linewidth=0.8)


def _rule(count: int) -> float:
    """Width of the white rules between zones: thinner where there are many."""
    return 0.5 if count < 150 else 0.25


def _fill(ax: Axes, shapes, fills, *, edge="white", rule: float = 0.4, hatch: str = "") -> None:
    from matplotlib.collections import PathCollection

    paths = [_path(shape) for shape in shapes]
    ax.add_collection(
        PathCollection(
            paths, facecolors=fills, edgecolors=edge, linewidths=rule, hatch=hatch or None
        ),
        autolim=False,
    )


def _lies_on(shape, box) -> bool:
    """Whether more than half of a box lies on a polygon."""
    from shapely import box as rectangle

    written = rectangle(*box.extents)
    return shape.intersection(written).area > written.area / 2


def _spots(reach: float, centred: bool):
    """Where a name may go, nearest first: right, left, above, below, then further round."""
    if centred:
        yield (0, 0), "center"
    yield (4, 0), "left"
    yield (-4, 0), "right"
    yield (0, 7), "center"
    yield (0, -7), "center"
    for distance in np.arange(12, reach + 1, 5.5):
        for angle in range(0, 360, 30):
            across = distance * np.cos(np.radians(angle))
            align = "center" if abs(across) < 2 else "left" if across > 0 else "right"
            yield (across, distance * np.sin(np.radians(angle))), align


def _round_length(length: float) -> float:
    """Largest of 1, 2, 5 × a power of ten that is at most `length`."""
    powers = 10.0 ** (np.floor(np.log10(length)) + np.array([-1, 0]))
    return max(step * power for step in (1, 2, 5) for power in powers if step * power <= length)


def _path(polygon):
    """One matplotlib path of all rings of a polygon or multipolygon: holes stay holes."""
    from matplotlib.path import Path
    from shapely.geometry.polygon import orient

    rings = []
    for part in getattr(polygon, "geoms", [polygon]):
        part = orient(part)  # holes run the other way, which is how matplotlib knows them
        for ring in (part.exterior, *part.interiors):
            rings.append(Path(np.asarray(ring.coords)[:, :2], closed=True))
    return Path.make_compound_path(*rings)


def _parts(geometry) -> list:
    """Single polygons and lines of a geometry or of a layer."""
    shapes = geometry.geometry if hasattr(geometry, "geometry") else [geometry]
    return [part for shape in shapes for part in getattr(shape, "geoms", [shape])]
