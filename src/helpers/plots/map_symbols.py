"""Draw what a reading of map symbols shows: pictures with marks, curves, places on the ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.charts import curves
from helpers.plots.layout import foot_legend, letter, panels
from helpers.plots.maps import map_panels, outline, points_map
from helpers.plots.style import ALERT, CATEGORIES, INK, MUTED, PAGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {"right": "#009E73", "wrong": "#CC79A7", "missed": ALERT}
NAMES = {"right": "found", "wrong": "found where none is", "missed": "missed"}
METHODS = {"plain": "peaks of the correlation", "visible": "visible parts"}
COLOURS = {"plain": CATEGORIES[4], "visible": CATEGORIES[0]}


def read_parts(
    image: np.ndarray,
    marks: Mapping[str, Mapping[str, np.ndarray]],
    *,
    diameter: float,
    source: str = "",
    status: str = "",
) -> Figure:
    """Show a part of a layer as it was drawn, and what each method finds in it.

    The layer is drawn of known places, not taken from a published map, which the figure says.

    Parameters
    ----------
    image
        Red, green, blue, shape (side, side, 3).
    marks
        By method the places that are ``right``, ``wrong`` and ``missed``, pixels.
    diameter
        Of the symbols, pixels.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = 1 + len(marks)
    status = _drawn(status)
    figure, axes = panels(1, count, height=PAGE / count + 0.2, source=source, status=status)
    for axis in axes[0]:
        _picture(axis, image)
    titles = ["Drawn by us"]
    for axis, (method, places) in zip(axes[0, 1:], marks.items(), strict=True):
        for kind in ("missed", "wrong", "right"):
            _rings(axis, places[kind], diameter, MARKS[kind], cross=kind == "missed")
        titles.append(METHODS[method].capitalize())
    letter(axes.flat, titles)
    foot_legend(figure, {NAMES[kind]: colour for kind, colour in MARKS.items()}, marker="o")
    return figure


def threshold_curves(
    table: pd.DataFrame, chosen: float, *, source: str = "", status: str = ""
) -> Figure:
    """Draw precision, recall and F1 against the threshold, one panel a method.

    Parameters
    ----------
    table
        ``method``, ``threshold``, ``precision``, ``recall``, ``f1``.
    chosen
        The threshold that is used.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    methods = list(dict.fromkeys(table["method"]))
    figure, axes = panels(1, len(methods), height=2.3, source=source, status=status, sharey=True)
    for axis, method in zip(axes[0], methods, strict=True):
        mine = table[table["method"] == method]
        lines = {"Precision": mine["precision"], "Recall": mine["recall"], "F1": mine["f1"]}
        axis.axvline(chosen, color=MUTED, lw=0.8, ls=(0, (2, 2)), zorder=1)
        words = {"x_label": "threshold of the correlation", "y_label": "share"}
        curves(axis, mine["threshold"], lines, legend=method == methods[0], **words)
        axis.set_ylim(0, 1.04)
    axes[0, -1].set_ylabel("")
    letter(axes.flat, [METHODS[method].capitalize() for method in methods])
    return figure


def crowding_curves(
    table: pd.DataFrame, layers: pd.DataFrame, *, source: str = "", status: str = ""
) -> Figure:
    """Draw the share located against crowding: random symbols as curves, a city's layers as dots.

    Parameters
    ----------
    table
        ``method``, ``crowding``, ``recall`` of symbols scattered at random.
    layers
        ``crowding``, ``recall`` of the city's layers.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(width=4.8, height=2.7, source=source, status=status)
    axis = axes[0, 0]
    methods = dict.fromkeys(table["method"])
    x = table.loc[table["method"] == next(iter(methods)), "crowding"]
    lines = {METHODS[m]: table.loc[table["method"] == m, "recall"] for m in methods}
    words = {"x_label": "other symbols that touch or cover a symbol, on average"}
    words["y_label"] = "share of symbols located"
    curves(axis, x, lines, colours=[COLOURS[m] for m in methods], legend=False, **words)
    axis.plot(
        layers["crowding"], layers["recall"], "o", ms=3.5, mfc="none", mec=INK, mew=0.7,
        label="layers of the city", zorder=4,
    )  # fmt: skip
    axis.set_xscale("symlog", linthresh=0.25, linscale=0.5)
    ticks = [0, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    most = max(float(x.max()), float(layers["crowding"].max()))
    shown = [tick for tick in ticks if tick <= 2 * most]
    axis.set_xticks(shown, [f"{tick:,g}" for tick in shown])
    axis.minorticks_off()
    axis.set(xlim=(-0.02, 1.1 * most), ylim=(0, 1.04))
    axis.legend(loc="lower left")
    return figure


def background_pictures(
    pictures: Mapping[str, tuple[np.ndarray, np.ndarray]],
    scores: Mapping[str, float],
    *,
    diameter: float,
    most: int = 240,
    source: str = "",
    status: str = "",
) -> Figure:
    """Show the same symbols on several backgrounds, those found ringed, with the F1 of each.

    Parameters
    ----------
    pictures
        Image and places found, by background.
    scores
        F1 by background.
    diameter
        Of the symbols, pixels.
    most
        Pixels of the upper left corner that are shown.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = 3
    rows = -(-len(pictures) // columns)
    height = rows * (PAGE / columns + 0.1)
    figure, axes = panels(rows, columns, height=height, source=source, status=status)
    for axis in axes.flat[len(pictures) :]:
        axis.set_visible(False)
    titles = []
    for axis, (name, (image, places)) in zip(axes.flat, pictures.items(), strict=False):
        _picture(axis, image[:most, :most])
        _rings(axis, places[(places < most).all(axis=1)], diameter, MARKS["right"])
        titles.append(f"{name}: F1 {scores[name]:.3f}")
    letter(axes.flat, titles)
    return figure


def located_map(
    geometry,
    bounds,
    located: np.ndarray,
    lost: np.ndarray,
    *,
    source: str = "",
    status: str = "",
) -> Figure:
    """Map where symbols drawn were located and where they were missed.

    Parameters
    ----------
    geometry
        The study window, or None.
    bounds
        ``(xmin, ymin, xmax, ymax)``, metres.
    located, lost
        Places of symbols drawn, shapes (n, 2) and (m, 2), metres.
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = map_panels(1, 2, bounds, source=source, status=status)
    for axis, places, colour in zip(
        axes[0], (located, lost), (CATEGORIES[0], MARKS["missed"]), strict=True
    ):
        if geometry is not None:
            outline(axis, geometry)
        crowd = np.sqrt(max(1, len(places)))
        look = {"size": np.clip(140 / crowd, 1.3, 4), "alpha": np.clip(60 / crowd, 0.35, 0.9)}
        points_map(axis, places, colour=colour, **look)
    letter(axes.flat, [f"Located: {len(located):,}", f"Missed: {len(lost):,}"])
    return figure


def published_map(image: np.ndarray, *, source: str = "", status: str = "") -> Figure:
    """Show one layer of a map of symbols whole, as it was drawn of known places.

    Parameters
    ----------
    image
        Shape (rows, columns, 3).
    source, status
        As in :func:`helpers.plots.panels`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    height = min(PAGE * image.shape[0] / image.shape[1], 1.1 * PAGE) + 0.3
    figure, axes = panels(1, 1, height=height, source=source, status=_drawn(status))
    _picture(axes[0, 0], image)
    axes[0, 0].set_title("Map and symbols drawn by us, true places known", loc="left")
    return figure


def _drawn(status: str) -> str:
    """Status of a figure that shows a map which nobody published."""
    return status if "SYNTHETIC" in status else ", ".join(filter(None, ["SYNTHETIC map", status]))


def _picture(axis: Axes, image: np.ndarray) -> None:
    axis.imshow(image, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, color=MUTED)


def _rings(
    axis: Axes, places: np.ndarray, diameter: float, colour: str, *, cross: bool = False
) -> None:
    from matplotlib.collections import EllipseCollection
    from matplotlib.patheffects import withStroke

    places = np.asarray(places, dtype=float).reshape(-1, 2)
    size = np.full(len(places), diameter + 3)
    thin = 1.1 if len(places) < 60 else 0.6
    rings = EllipseCollection(
        size, size, np.zeros(len(places)), units="xy", offsets=places,
        offset_transform=axis.transData, facecolors="none", edgecolors=colour, linewidths=thin,
    )  # fmt: skip
    # a symbol may have the ring's colour
    rings.set_path_effects([withStroke(linewidth=2.4 * thin, foreground="white")])
    limits = axis.get_xlim(), axis.get_ylim()
    axis.add_collection(rings, autolim=False)
    if cross:
        axis.plot(*places.T, "x", color=colour, ms=4 * thin, mew=thin)
    axis.set(xlim=limits[0], ylim=limits[1])
