"""Draw what a study of hot spots shows: fields, neighbours, spots, and what choices change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill, shorten
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, tiles
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import (
    choropleth,
    class_map,
    enlarged,
    frame,
    hot_spot_key,
    links_map,
    map_panels,
    name_places,
    outline,
)
from helpers.plots.style import FAINT, HOT_SPOTS, INK, MORAN, MUTED, PAGE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALONE = 4.4  # width of a figure of one map, inches
NAMED = 40  # larger units that a map names at most


def field_maps(
    zones: gpd.GeoDataFrame,
    titles: Mapping[str, str],
    *,
    edges: Mapping[str, Sequence[float]],
    units: Mapping[str, str],
    source: str = "",
    status: str = "",
) -> Figure:
    """Map fields of the zones in classes, two in a row.

    Parameters
    ----------
    zones
        Polygons, the fields among the columns.
    titles
        Title of each field's map.
    edges, units
        Limits of the classes and unit of each field.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns, rows = min(len(titles), 2), -(-len(titles) // 2)
    width = PAGE if columns == 2 else ALONE
    foot = {"source": source, "status": status}
    figure, axes = map_panels(rows, columns, zones.total_bounds, bar=True, width=width, **foot)
    for axis, (field, title) in zip(axes.flat, titles.items(), strict=False):
        number = "{:,.0f}" if 20 < zones[field].abs().max() < 1e8 else "{:.3g}"
        choropleth(axis, zones, zones[field], label=units[field], edges=edges[field], number=number)
        axis.set_title(fill(title, 44))
    _finish(axes, len(titles))
    return figure


def neighbour_maps(
    zones: gpd.GeoDataFrame,
    pairs: Mapping[str, np.ndarray],
    means: Mapping[str, float],
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map who is a neighbour of whom, one map a definition.

    Parameters
    ----------
    zones
        Polygons with their centroids ``x``, ``y``.
    pairs
        Positions of neighbouring zones by definition, shape (m, 2).
    means
        Mean number of neighbours by definition.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    west, south, east, north = zones.total_bounds
    columns = len(pairs) if north - south > east - west else min(2, len(pairs))
    foot = {"source": source, "status": status}
    figure, axes = map_panels(-(-len(pairs) // columns), columns, zones.total_bounds, **foot)
    places, town = zones[["x", "y"]].to_numpy(), zones.union_all()
    for axis, (name, linked) in zip(axes.flat, pairs.items(), strict=False):
        outline(axis, town, colour=FAINT)
        links_map(axis, places, linked)
        axis.set_title(f"{name}: {means[name]:.1f} each")
    _finish(axes, len(pairs))
    return figure


def hot_spot_maps(
    zones: gpd.GeoDataFrame,
    classes: Mapping[str, Sequence],
    titles: Mapping[str, str],
    *,
    named: Mapping[str, Sequence[int]],
    names: Sequence[str],
    how: str,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map hot and cold spots, one map a field, each with an enlarged part where one is asked for.

    Parameters
    ----------
    zones
        Polygons.
    classes
        Class of each zone by field, names as in :data:`helpers.plots.HOT_SPOTS`.
    titles
        Title of each field's map.
    named
        Positions of the zones to name on each field's map.
    names
        Name of every zone.
    how
        What makes neighbours, for the source line.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to enlarge, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    foot = {"source": f"{source}. Gi*, {how}, two-sided, no correction", "status": status}
    figure, axes, maps = _class_maps(zones, classes, titles, HOT_SPOTS, zoom, **foot)
    hot_spot_key(figure)
    for row, (axis, field) in enumerate(zip(maps, classes, strict=True)):
        part = axes[row, 1] if zoom else None
        _name_zones(axis, part, zones.iloc[list(named[field])], names, zoom)
    return figure


def moran_maps(
    zones: gpd.GeoDataFrame,
    classes: Mapping[str, Sequence],
    titles: Mapping[str, str],
    *,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map the quadrants of the local Moran, one map a field, with an enlarged part if asked for.

    Parameters
    ----------
    zones
        Polygons.
    classes
        Class of each zone by field, names as in :data:`helpers.plots.MORAN`.
    titles
        Title of each field's map.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to enlarge, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    foot = {"source": source, "status": status}
    figure, *_ = _class_maps(zones, classes, titles, MORAN, zoom, **foot)
    foot_legend(figure, MORAN, columns=3)
    return figure


def _class_maps(
    zones: gpd.GeoDataFrame,
    classes: Mapping[str, Sequence],
    titles: Mapping[str, str],
    colours: Mapping[str, str],
    zoom: Sequence[float] | None,
    **foot: str,
) -> tuple[Figure, np.ndarray, Sequence[Axes]]:
    """Map a class of each zone, a row a field with its enlarged part, or two fields a row."""
    columns = 2 if zoom else min(len(classes), 2)
    rows = len(classes) if zoom else -(-len(classes) // 2)
    bounds = [zones.total_bounds, zoom] if zoom else zones.total_bounds
    width = PAGE if columns == 2 else ALONE
    figure, axes = map_panels(rows, columns, bounds, width=width, **foot)
    maps = axes[:, 0] if zoom else axes.flat[: len(classes)]
    for axis, field in zip(maps, classes, strict=True):
        class_map(axis, zones, classes[field], colours)
        axis.set_title(fill(titles[field], 44))
    for (whole, part), field in zip(axes if zoom else [], classes, strict=zoom is not None):
        class_map(part, zones, classes[field], colours)
        frame(whole, zoom)
        enlarged(part)
        part.set_title("enlarged")
    _finish(axes, axes.size if zoom else len(classes))
    return figure, axes, maps


def study_area(
    zones: gpd.GeoDataFrame,
    *,
    zoom: Sequence[float] | None = None,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map the zones and the larger units they belong to, with an enlarged part if asked for.

    Parameters
    ----------
    zones
        Polygons; a column ``group`` names the larger units.
    zoom
        ``(xmin, ymin, xmax, ymax)`` of the part to enlarge, metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = 2 if zoom else 1
    bounds = [zones.total_bounds, zoom] if zoom else zones.total_bounds
    width = PAGE if zoom else ALONE
    figure, axes = map_panels(1, columns, bounds, width=width, source=source, status=status)
    groups = zones.dissolve("group")["geometry"] if "group" in zones else zones.geometry[:0]
    for axis in axes.flat:
        outline(axis, zones.geometry, colour=MUTED, width=0.4)
        outline(axis, groups, colour=INK, width=1.2)
    if zoom:
        frame(axes[0, 0], zoom)
        enlarged(axes[0, 1])
        axes[0, 1].set_title("enlarged")
    _finish(axes, axes.size)
    inner = groups.representative_point()
    if 0 < len(groups) <= NAMED:
        part = _in_box(inner, zoom)
        places = np.column_stack([inner.x, inner.y])
        names = np.array([shorten(str(name), 24, placeholder=" …") for name in groups.index])
        name_places(axes[0, 0], places[~part], names[~part])
        if zoom:
            name_places(axes[0, 1], places[part], names[part])
    return figure


def _in_box(points: gpd.GeoSeries, box: Sequence[float] | None) -> np.ndarray:
    """Which points lie in a box; none where there is no box."""
    if box is None:
        return np.zeros(len(points), dtype=bool)
    west, south, east, north = box
    return (points.x.between(west, east) & points.y.between(south, north)).to_numpy()


def choice_tiles(
    classes: pd.DataFrame, *, label: str, source: str = "", status: str = ""
) -> Figure:
    """Draw the class of each zone under each choice as a tile.

    Parameters
    ----------
    classes
        Rows are zones (index: their names), columns are choices in two levels.
    label
        What is in the classes, for the source line.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    height = 1.2 + 0.125 * len(classes)
    figure, axes = panels(height=height, source=f"{source}. {label}", status=status)
    short = [shorten(str(name), 44, placeholder=" …") for name in classes.index]
    tiles(axes[0, 0], classes.astype(object).set_axis(short), HOT_SPOTS)
    hot_spot_key(figure)
    return figure


def band_curves(
    counts: pd.DataFrame, titles: Mapping[str, str], *, source: str = "", status: str = ""
) -> Figure:
    """Draw the number of spots by the width of the band, one panel a field.

    Parameters
    ----------
    counts
        Columns band_km, field, hot, cold.
    titles
        Title of each field's panel.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    width = min(PAGE, 1 + 2.6 * len(titles))
    foot = {"source": source, "status": status}
    figure, axes = panels(1, len(titles), height=2.1, width=width, sharey=True, **foot)
    colours = [HOT_SPOTS["Hot spot 99 %"], HOT_SPOTS["Cold spot 99 %"]]
    parts = counts.groupby("field", sort=False)
    for axis, (field, part) in zip(axes[0], parts, strict=True):
        lines = {"hot spots": part["hot"], "cold spots": part["cold"]}
        words = {"x_label": "band, km", "y_label": "zones"}
        curves(axis, part["band_km"], lines, colours=colours, **words)
        axis.set_title(fill(titles[field], 72 // len(titles)))
    for axis in axes[0, 1:]:
        axis.set_ylabel("")
        axis.get_legend().remove()
    letter(axes[0])
    return figure


def _finish(axes: np.ndarray, used: int) -> None:
    """Hide the panels of the grid that stayed empty, and letter the others."""
    for axis in axes.flat[used:]:
        axis.set_visible(False)
    letter(axes.flat[:used])


def _name_zones(
    whole: Axes,
    part: Axes | None,
    zones: gpd.GeoDataFrame,
    names: Sequence[str],
    zoom: Sequence[float] | None,
) -> None:
    """Name zones on the map, or on its enlarged part where they lie in it."""
    points = zones.representative_point()
    inside = zones.iloc[:0]
    if zoom is not None:
        inside = zones.cx[zoom[0] : zoom[2], zoom[1] : zoom[3]]
    for axis, chosen in ((whole, zones.drop(inside.index)), (part, inside)):
        if axis is not None:
            places = points.loc[chosen.index]
            labels = [fill(names[row], 22) for row in chosen.index]
            shapes = list(chosen.geometry)
            name_places(axis, np.column_stack([places.x, places.y]), labels, shapes=shapes)
