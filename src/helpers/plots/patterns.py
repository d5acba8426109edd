"""Draw clusters of points on maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.maps import outline, points_map
from helpers.plots.style import CATEGORIES

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

NOISE = "#b5b5b5"


def cluster_map(
    ax: Axes, points: np.ndarray, labels: np.ndarray, hulls: gpd.GeoSeries, *, size: float = 1.2
) -> None:
    """Draw the points of each cluster in a colour with its hull; what is in no cluster is grey.

    The largest cluster takes the first colour; from the eighth on colours come round again.

    Parameters
    ----------
    ax
        Panel to draw on.
    points
        Coordinates, shape (n, 2), metres.
    labels
        Cluster of each point, shape (n,), −1 for none.
    hulls
        Outline of cluster 0, 1, …
    size
        Diameter of a point's symbol, points.
    """
    points, labels = np.asarray(points, dtype=float), np.asarray(labels)
    points_map(ax, points[labels < 0], size=size, colour=NOISE)
    sizes = np.bincount(labels[labels >= 0], minlength=len(hulls))
    for rank, cluster in enumerate(np.argsort(-sizes, kind="stable")):
        colour = CATEGORIES[rank % len(CATEGORIES)]
        points_map(ax, points[labels == cluster], size=size, colour=colour)
        outline(ax, hulls.iloc[[cluster]], colour=colour, width=0.9, zorder=5)
