"""Clusters of points by density: DBSCAN, its table of clusters, and what tells when it fails."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import stats

from helpers.checks import positive, whole_number
from helpers.space import as_points, as_window

from ._places import distinct
from ._square_kernels import by_squares, density_reached
from .cluster_processes import ClusterFit

__all__ = [
    "DensityClusters",
    "HDBSCANCheck",
    "density_clusters",
    "hdbscan_check",
    "minimum_samples",
]


@dataclass(frozen=True)
class DensityClusters:
    r"""Clusters found by DBSCAN.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        Cluster of each point, numbered from 0 by the first core point of each; −1 for noise.
    core : ndarray of bool, shape (n,)
        Whether the point is a core point: at least min_samples points, itself included, within eps.
    table : GeoDataFrame
        One row a cluster: cluster, size, locations (distinct), hull_area, density (size per unit
        of hull area, missing for hulls without area), main_kind (where kinds are given), x, y
        (mean), geometry (convex hull).
    kinds : DataFrame or None
        Counts by cluster (rows) and kind (columns).
    eps : float
    min_samples : int
    merge_ratio : float
        :math:`\lambda \pi\, \mathrm{eps}^2 / \text{min\_samples}`: the points that the average neighbourhood holds over those that
        make a core point. From about 1 on points spread at random would be core points too, and
        DBSCAN merges most of the pattern into one cluster.
    """

    labels: np.ndarray
    core: np.ndarray
    table: gpd.GeoDataFrame
    kinds: pd.DataFrame | None
    eps: float
    min_samples: int
    merge_ratio: float

    @property
    def merges(self) -> bool:
        """Whether eps is too large for min_samples at this intensity."""
        return self.merge_ratio >= 1

    @property
    def noise_share(self) -> float:
        """Share of the points in no cluster."""
        return float((self.labels < 0).mean())


def minimum_samples(n: int, window, eps: float, level: float = 0.001) -> int:
    r"""Smallest min_samples that a random pattern would seldom reach.

    The smallest m ≥ 3 such that a neighbourhood of radius eps about a point holds m points or more,
    that point included, with probability at most `level` if the n points are spread at random:
    for a Poisson variable N of mean :math:`\lambda \pi\, \mathrm{eps}^2`, with λ the points per
    unit of area,

    .. math:: P[N \ge m - 1] \le \text{level}.

    Core points then mark places denser than chance.

    Parameters
    ----------
    n : int
    window : Window or shapely polygon
    eps : float
    level : float

    Returns
    -------
    int

    Examples
    --------
    >>> from helpers.space import Window
    >>> minimum_samples(100, Window.rectangle(0, 0, 10, 10), eps=0.5)
    7
    """
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, got {level}")
    window = as_window(window)
    n = whole_number(n, "the number of points", least=0)
    expected = n / window.area * np.pi * _checked_eps(eps) ** 2
    # isf gives the smallest k with P[N > k] <= level, so N >= k + 1 is the rare event.
    return max(3, int(stats.poisson.isf(level, expected)) + 2)


def density_clusters(
    points,
    window,
    eps: float | ClusterFit,
    min_samples: int | None = None,
    kinds=None,
    *,
    outside: str = "raise",
) -> DensityClusters:
    """Clusters by DBSCAN, with closed neighbourhoods that count the point itself.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Duplicates count each time: repeated locations are searched once and weighted.
    window : Window or shapely polygon
    eps : float or ClusterFit
        Radius of a neighbourhood; of a fit its scale.
    min_samples : int, optional
        Points that make a core point; by default by the rule of `minimum_samples`.
    kinds : array_like of shape (n,), optional
        Kind of each point, counted in the table.
    outside : {"raise", "drop"}
        What to do with points outside the window; with kinds only "raise".

    Returns
    -------
    DensityClusters

    Raises
    ------
    ValueError
        For no points, a bad eps or min_samples, a fit that is not identifiable, kinds of another
        length.

    Notes
    -----
    Core points and their partition are unique. A point that is no core point but within eps of
    core points of two clusters goes to the one that is numbered first.

    References
    ----------
    M. Ester, H.-P. Kriegel, J. Sander, X. Xu (1996), A density-based algorithm for discovering
    clusters in large spatial databases with noise, KDD-96; E. Schubert and others (2017), DBSCAN
    revisited, revisited, ACM TODS 42.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points = [[1, 1], [1, 1.2], [1.2, 1], [9, 9]]
    >>> clusters = density_clusters(points, square, eps=0.5, min_samples=3)
    >>> clusters.labels.tolist(), clusters.table["size"].tolist()
    ([0, 0, 0, -1], [3])
    """
    window = as_window(window)
    if kinds is not None and outside == "drop":
        raise ValueError('kinds need every point: remove points outside first, not with "drop"')
    points = as_points(points, window, outside)
    if len(points) == 0:
        raise ValueError("clusters need at least one point, got none")
    if isinstance(eps, ClusterFit):
        if not eps.identifiable:
            raise ValueError(f"the fit gives no scale for eps: {eps.reason}")
        eps = eps.scale
    eps = _checked_eps(eps)
    if min_samples is None:
        min_samples = minimum_samples(len(points), window, eps)
    min_samples = whole_number(min_samples, "min_samples")

    labels, core = density_labels(points, eps, min_samples)
    table, counts = _cluster_table(points, labels, kinds, window.crs)
    ratio = len(points) / window.area * np.pi * eps**2 / min_samples
    return DensityClusters(labels, core, table, counts, eps, min_samples, float(ratio))


def density_labels(points, eps: float, min_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Cluster of each point (−1 for none), and whether it is a core point; places searched once."""
    places, place, repeats = distinct(np.asarray(points, dtype=float))
    first = np.full(len(places), len(place))
    np.minimum.at(first, place, np.arange(len(place)))
    # In order of first appearance, because DBSCAN numbers clusters by their first core point.
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    places, repeats = places[order], repeats[order]
    sorting, begin, steps, low, side = by_squares(places, eps)
    first = np.empty(len(order), dtype=int)
    first[sorting] = np.arange(len(order))
    label, core = density_reached(
        places[sorting], repeats[sorting], begin, steps, low, side, eps, min_samples, first
    )
    where = first[rank[place]]
    return label[where], core[where]


def _cluster_table(points, labels, kinds, crs):
    number = labels.max() + 1 if len(labels) else 0
    members = labels >= 0
    frame = pd.DataFrame(
        {"cluster": labels[members], "x": points[members, 0], "y": points[members, 1]}
    )
    groups = frame.groupby("cluster")
    table = pd.DataFrame({"cluster": np.arange(number)})
    table["size"] = groups.size().to_numpy()
    table["locations"] = frame.drop_duplicates().groupby("cluster").size().to_numpy()
    order = np.argsort(labels[members], kind="stable")
    each = shapely.points(points[members][order])
    gathered = shapely.multipoints(each, indices=labels[members][order]) if number else []
    hulls = shapely.convex_hull(gathered)
    area = shapely.area(hulls) if number else np.zeros(0)
    table["hull_area"] = area
    table["density"] = np.divide(
        table["size"].to_numpy(), area, out=np.full(number, np.nan), where=area > 0
    )
    counts = None
    if kinds is not None:
        kinds = np.asarray(kinds)
        if kinds.shape != (len(points),):
            raise ValueError(f"kinds need one value a point: {len(points)} points, {kinds.shape}")
        counts = pd.crosstab(
            pd.Series(labels[members], name="cluster"), pd.Series(kinds[members], name="kind")
        )
        table["main_kind"] = counts.idxmax(axis=1).to_numpy() if number else np.zeros(0, dtype=str)
    table[["x", "y"]] = groups[["x", "y"]].mean().to_numpy()
    return gpd.GeoDataFrame(table, geometry=hulls, crs=crs), counts


@dataclass(frozen=True)
class HDBSCANCheck:
    """HDBSCAN beside DBSCAN.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        HDBSCAN's clusters, −1 for noise.
    clusters, noise_share : int, float
        Of HDBSCAN.
    agreement : float
        Adjusted Rand index of the two labellings over the points that both put in a cluster;
        1 for the same partition, 0 for no more than chance. NaN if there are no such points.
    """

    labels: np.ndarray
    clusters: int
    noise_share: float
    agreement: float


def hdbscan_check(points, clusters: DensityClusters, min_cluster_size: int | None = None):
    """Cluster again with HDBSCAN, which takes no eps, and compare.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        The points of `clusters`, in the same order.
    clusters : DensityClusters
    min_cluster_size : int, optional
        Fewest points of a cluster; by default that of the smallest DBSCAN cluster, at least 5.

    Returns
    -------
    HDBSCANCheck

    Raises
    ------
    ValueError
        If the number of points is not that of `clusters`.

    References
    ----------
    R. Campello, D. Moulavi, J. Sander (2013), Density-based clustering based on hierarchical
    density estimates, PAKDD.

    Examples
    --------
    >>> from helpers.space import Window
    >>> rng = __import__("numpy").random.default_rng(1)
    >>> points = rng.normal(0, 0.1, (60, 2)) + ([[2, 2]] * 30 + [[8, 8]] * 30)
    >>> clusters = density_clusters(points, Window.rectangle(0, 0, 10, 10), 0.5, 4)
    >>> check = hdbscan_check(points, clusters)
    >>> check.clusters, check.agreement
    (2, 1.0)
    """
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score

    if hasattr(points, "geom_type"):
        points = np.column_stack([points.x, points.y])
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(points) != len(clusters.labels):
        raise ValueError(f"{len(points)} points, but clusters of {len(clusters.labels)}")
    if min_cluster_size is None:
        sizes = clusters.table["size"]
        min_cluster_size = max(5, int(sizes.min())) if len(sizes) else 5
    min_cluster_size = whole_number(min_cluster_size, "min_cluster_size", least=2)
    min_cluster_size = min(min_cluster_size, len(points))
    labels = HDBSCAN(
        min_cluster_size=min_cluster_size,
        min_samples=min(clusters.min_samples, len(points)),
        copy=True,
    ).fit_predict(points)
    both = (labels >= 0) & (clusters.labels >= 0)
    agreement = np.nan
    if both.any():
        agreement = float(adjusted_rand_score(clusters.labels[both], labels[both]))
    return HDBSCANCheck(labels, int(labels.max() + 1), float((labels < 0).mean()), agreement)


def _checked_eps(eps) -> float:
    return positive(eps, "eps")
