"""Figures of a first look at events: counts, places, quadrats, intensity, tests of randomness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves, dots, gap
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import (
    choropleth,
    map_panels,
    name_places,
    outline,
    points_map,
    raster_map,
)
from helpers.plots.style import AMOUNTS, CATEGORIES, DIFFERENCE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

MOST_ROWS = 40
MOST_YEARS = 5
CHANCE = "#bdbdbd"


def counts_chart(counts: pd.DataFrame, *, source: str = "", status: str = "") -> Figure:
    """Draw counts by kind and year: one row a kind, one dot a year, on a logarithmic scale.

    Parameters
    ----------
    counts
        Rows are kinds, the first at the top; columns are years, or their names. The first 40 rows and
        the last five columns are drawn, the years of a row one under the other; a count of nought is
        not.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = counts.iloc[:MOST_ROWS, -MOST_YEARS:]
    shown = shown.where(shown > 0)
    shown.columns = shown.columns.astype(str)
    years = shown.shape[1]
    figure, axes = panels(
        height=0.7 + (0.19 + 0.035 * (years - 1)) * len(shown), source=source, status=status
    )
    label = "recorded events (logarithmic scale)"
    dots(axes[0, 0], shown, label=label, logarithmic=True, apart=0.7 / years)
    colours = dict(zip(shown.columns, CATEGORIES, strict=False))
    foot_legend(figure, colours, columns=MOST_YEARS, marker="o")
    return figure


def events_map(
    points: np.ndarray,
    window: BaseGeometry,
    stations: gpd.GeoDataFrame | None = None,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw one dot an event, and police stations with their names.

    Parameters
    ----------
    points
        Coordinates, shape (n, 2), metres.
    window
        Polygon.
    stations
        Points with a column ``station``; those beyond the window's bounds are not drawn.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 1, window.bounds, width=5.2, source=source, status=status)
    ax = axes[0, 0]
    outline(ax, window)
    crowd = np.sqrt(len(points))
    size, alpha = np.clip(140 / crowd, 1.1, 5), np.clip(60 / crowd, 0.25, 0.8)
    points_map(ax, points, colour=CATEGORIES[0], size=size, alpha=alpha)
    if stations is not None:
        left, bottom, right, top = window.bounds
        near = stations.cx[left:right, bottom:top]
        points_map(ax, near, size=5, halo=True)
        places = np.column_stack([near.geometry.x, near.geometry.y])
        name_places(ax, places, near["station"], centred=False)
    return figure


def quadrat_maps(
    tiles: gpd.GeoDataFrame, window: BaseGeometry, *, source: str = "", status: str = ""
) -> Figure:
    """Draw quadrat counts: density beside standardised departure from randomness.

    Parameters
    ----------
    tiles
        Polygons with columns per_km2 and residual.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    density = tiles["per_km2"]
    limit = max(5, np.ceil(tiles["residual"].abs().quantile(0.9) / 5) * 5)
    decimals = max(1, 1 - int(np.floor(np.log10(density.max()))))
    steps = [0.0, *density.quantile([0.2, 0.4, 0.6, 0.8, 0.95, 1]).round(decimals)]
    figure, axes = map_panels(1, 2, window.bounds, bar=True, source=source, status=status)
    choropleth(
        axes[0, 0],
        tiles,
        density,
        label="events per km²",
        edges=np.unique(steps),
        number="{:,.0f}" if max(steps) >= 100 else "{:.3g}",
    )
    choropleth(
        axes[0, 1],
        tiles,
        tiles["residual"],
        limits=(-limit, limit),
        label="(observed − expected) / √expected",
        colours=DIFFERENCE,
    )
    letter(axes.flat, ["Events per km²", "Departure from CSR"])
    for ax in axes.flat:
        outline(ax, window)
    return figure


def density_maps(
    surfaces: Mapping[float, np.ndarray],
    lost: np.ndarray,
    extent: Sequence[float],
    window: BaseGeometry,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw an intensity at three bandwidths, and what the window's edge takes from the second.

    Parameters
    ----------
    surfaces
        Bandwidth in metres → events per km², shape (rows, columns), first row southernmost,
        missing outside the window; three of them.
    lost
        Share of the kernel outside the window at the second bandwidth, of the same shape.
    extent
        ``(left, right, bottom, top)`` of the grid, metres.
    window
        Polygon.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    left, right, bottom, top = extent
    rows, columns = lost.shape
    edges = np.linspace(left, right, columns + 1), np.linspace(bottom, top, rows + 1)
    figure, axes = map_panels(2, 2, window.bounds, bar=True, source=source, status=status)
    for ax, (sigma, values) in zip(axes.flat, surfaces.items(), strict=False):
        raster_map(ax, values, *edges, label="events per km²", window=window)
        ax.set_title(f"σ = {sigma:,.0f} m")
    raster_map(
        axes[1, 1],
        lost,
        *edges,
        label="share of the kernel outside",
        colours=AMOUNTS,
        limits=(0, 0.6),
        window=window,
    )
    axes[1, 1].set_title(f"Edge effect at σ = {list(surfaces)[1]:,.0f} m")
    letter(axes.flat)
    return figure


def csr_curves(
    tables: Mapping[str, pd.DataFrame],
    statistics: Sequence[float],
    titles: Sequence[str] = (),
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Draw the distribution of covariates at the events beside that over the window.

    Parameters
    ----------
    tables
        Name of the axis, which is in km → columns value (metres, ascending), observed and expected;
        one panel each.
    statistics
        D of each, written beside the widest gap.
    titles
        Of the panels, which are then lettered.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    size = {"height": 2.5} if len(tables) > 1 else {"width": 4.4, "height": 2.6}
    figure, axes = panels(1, len(tables), **size, source=source, status=status)
    for ax, (name, table), d in zip(axes[0], tables.items(), statistics, strict=True):
        curves(
            ax,
            table["value"] / 1000,
            {"events": table["observed"]},
            theory=table["expected"],
            theory_label="area (CSR)",
            x_label=name,
            y_label="share up to here" if ax is axes[0, 0] else "",
        )
        widest = table.iloc[int(np.argmax(np.abs(table["observed"] - table["expected"])))]
        low, high = sorted([widest["expected"], widest["observed"]])
        gap(ax, widest["value"] / 1000, low, high, f"D = {d:.2f}")
    if titles:
        letter(axes[0], titles)
    return figure


def csr_dots(table: pd.DataFrame, covariate: str, *, source: str = "", status: str = "") -> Figure:
    """Draw how far kinds depart from randomness: one row a kind, one dot a covariate.

    Parameters
    ----------
    table
        Rows are kinds, the first at the top (40 are drawn); columns d_x, d_y, d_distance and
        d_least, the gap that chance alone reaches one time in twenty.
    covariate
        What the distance is, in words.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = table[["d_x", "d_y", "d_distance", "d_least"]].iloc[:MOST_ROWS]
    shown.columns = ["x", "y", covariate, "least at 5 %"]
    colours = [*CATEGORIES[:3], CHANCE]
    figure, axes = panels(height=0.7 + 0.2 * len(shown), source=source, status=status)
    dots(axes[0, 0], shown, label="D, largest gap of shares", colours=colours)
    axes[0, 0].set_xlim(0)
    legend = dict(zip(shown.columns, colours, strict=True))
    foot_legend(figure, legend, columns=4, marker="o")
    return figure
