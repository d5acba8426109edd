"""Maps of areas over time: what changed beyond the city, and which hot spots emerge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.layout import foot_legend
from helpers.plots.maps import choropleth, class_map, map_panels, outline
from helpers.plots.style import DIFFERENCE, EMPTY, INK

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure

EMERGING = {
    "Intensifying hot spot": "#67000d",
    "Persistent hot spot": "#b2182b",
    "Diminishing hot spot": "#fb8a6a",
    "Consecutive hot spot": "#e6550d",
    "New hot spot": "#dd1c77",
    "Sporadic hot spot": "#fdc58a",
    "Oscillating hot spot": "#c9a227",
    "Historical hot spot": "#8c510a",
    "No pattern": EMPTY,
    "Historical cold spot": "#01665e",
    "Oscillating cold spot": "#807dba",
    "Sporadic cold spot": "#c6dbef",
    "New cold spot": "#35b5a8",
    "Consecutive cold spot": "#41a0d8",
    "Diminishing cold spot": "#92b8dd",
    "Persistent cold spot": "#2166ac",
    "Intensifying cold spot": "#08306b",
}
"""Colours of the classes: red to brown for hot spots, blue to green for cold ones."""

STEPS = (1 / 2, 1 / 1.5, 1 / 1.25, 1 / 1.1, 1, 1.1, 1.25, 1.5, 2)
NAMES = ("≤ 0.5", "0.67", "0.8", "0.91", "1", "1.1", "1.25", "1.5", "≥ 2")


def change_map(
    areas: gpd.GeoDataFrame,
    at_least: Sequence[float],
    changed: Sequence[bool],
    window,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map the change of each area beyond that of all others.

    Parameters
    ----------
    areas
        Polygons.
    at_least
        Change of each over that of the others, as much as is sure, above 1 for more and below for less;
        areas that are not among the changed stay grey.
    changed
        Which of them chance does not explain; these get a thick outline.
    window
        Outline of the city, polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    bounds = areas.total_bounds
    figure, axes = map_panels(1, 1, bounds, width=5.2, bar=True, source=source, status=status)
    ax, far = axes[0, 0], np.log2(STEPS[-1])
    edges = np.log2(STEPS)
    shown = np.clip(np.log2(np.asarray(at_least, dtype=float)), -far + 1e-9, far - 1e-9)
    changed = np.asarray(changed, dtype=bool)
    label = "change surely beyond that of all other areas (1: none is sure)"
    choropleth(ax, areas, shown, label=label, edges=edges, colours=DIFFERENCE)
    figure.axes[-1].set_xticks(edges, NAMES)
    if not changed.all():
        rest = "as all others"
        class_map(ax, areas[~changed], [rest] * (~changed).sum(), {rest: EMPTY})
    outline(ax, window)
    if changed.any():
        for shape in areas.geometry[changed]:
            outline(ax, shape, colour=INK, width=1.3)
        foot_legend(figure, {"more than chance (5 %, all areas together)": INK}, marker="-")
    return figure


def emerging_map(
    areas: gpd.GeoDataFrame,
    classes: pd.Series,
    window,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map what becomes of each area's hot and cold spots.

    Parameters
    ----------
    areas
        Polygons.
    classes
        Class of each, named as in `EMERGING`.
    window
        Outline of the city, polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    classes = np.asarray(classes, dtype=object)
    bounds = areas.total_bounds
    figure, axes = map_panels(1, 1, bounds, width=5.2, source=source, status=status)
    class_map(axes[0, 0], areas, classes, EMERGING)
    outline(axes[0, 0], window)
    present = {name: colour for name, colour in EMERGING.items() if name in set(classes)}
    foot_legend(figure, present, columns=2, marker="s")
    return figure
