"""Tables of DBSCAN by kind: each kind's radius, its clusters, and when they merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from helpers.space import as_window

from .._places import distinct
from ..cluster_processes import ClusterFit, fit_cluster_process
from ..dbscan import DensityClusters, density_clusters, density_labels, hdbscan_check
from ..second_order import ripley_k
from .functions import as_tested

RANDOM = "random points"


def radii_by_kind(
    patterns: Mapping[str, np.ndarray], window, r, otherwise: float, level: float = 0.05
) -> pd.DataFrame:
    """Radius of a Matérn cluster process fitted to each kind.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By kind, metres; of a kind that shares places each place is taken once.
    window : Window or shapely polygon
    r : array_like of shape (k,)
        Distances of the fit.
    otherwise : float
        For kinds whose points determine none.
    level : float
        Of the test against random points.

    Returns
    -------
    DataFrame
        Index ``kind``; columns radius_m (missing where there is none), eps_m (it, or `otherwise`),
        why_not.
    """
    rows = {}
    for kind, mine in patterns.items():
        pattern = next(iter(as_tested(mine).values()))
        k = ripley_k(pattern, window, r, "isotropic")
        fit: ClusterFit = fit_cluster_process(pattern, window, "matern", k=k, level=level)
        eps = fit.scale if fit.identifiable else otherwise
        rows[kind] = {"radius_m": fit.scale, "eps_m": eps, "why_not": fit.reason}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


@dataclass(frozen=True)
class ClustersByKind:
    """DBSCAN of each kind, with two choices of min_samples and HDBSCAN beside it.

    Attributes
    ----------
    found : dict from kind to DensityClusters
        With min_samples by the rule.
    table : DataFrame
        Index ``kind``. Columns events, eps_m, expected_in_eps (λ π eps²), seen_in_eps (mean number of
        events within eps of an event, itself included); then for a fixed min_samples (``_fixed``)
        and for the rule (``_rule``) min_samples, ratio (λ π eps² / min_samples), clusters, largest
        (share of the events in the largest cluster; missing without clusters), alone (share in
        none); clusters_hdbscan, alone_hdbscan (of HDBSCAN on each place once, which knows no weights),
        and rand_index of rule and HDBSCAN over the places that both put in a cluster (missing where
        there are none).
    clusters : GeoDataFrame
        One row a cluster by the rule: kind, cluster, size, locations, hull_area_m2,
        density_per_m2, x, y, geometry (convex hull, as far as it lies in the window).
    """

    found: dict[str, DensityClusters]
    table: pd.DataFrame
    clusters: gpd.GeoDataFrame


def clusters_by_kind(
    patterns: Mapping[str, np.ndarray],
    window,
    eps: float | Mapping[str, float],
    fixed: int = 5,
    *,
    crs=None,
) -> ClustersByKind:
    """DBSCAN of each kind.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By kind, metres.
    window : Window or shapely polygon
    eps : float or Mapping from str to float
        Radius of a neighbourhood, metres: one for all, or one a kind.
    fixed : int
        The fixed min_samples; HDBSCAN's neighbourhoods have as many.
    crs : optional
        Of the clusters' outlines.

    Returns
    -------
    ClustersByKind
    """
    from sklearn.metrics import adjusted_rand_score

    window = as_window(window)
    found, rows = {}, {}
    for kind, mine in patterns.items():
        radius = eps[kind] if isinstance(eps, Mapping) else eps
        plain = density_clusters(mine, window, radius, fixed)
        rule = found[kind] = density_clusters(mine, window, radius)
        places, place, repeats = distinct(np.asarray(mine, dtype=float))
        _, first = np.unique(place, return_index=True)
        labels = rule.labels[first]
        once = density_clusters(places, window, radius, rule.min_samples)
        other = hdbscan_check(places, once, min_cluster_size=rule.min_samples)
        both = (labels >= 0) & (other.labels >= 0)
        rows[kind] = {
            "events": len(mine),
            "eps_m": radius,
            "expected_in_eps": plain.merge_ratio * fixed,
            "seen_in_eps": _seen(places, repeats, radius),
            **_summary(plain, "fixed"),
            **_summary(rule, "rule"),
            "clusters_hdbscan": other.clusters,
            "alone_hdbscan": other.noise_share,
            "rand_index": adjusted_rand_score(labels[both], other.labels[both])
            if both.any()
            else np.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")
    return ClustersByKind(found, table, _outlines(found, window, crs))


def pooled(patterns: Mapping[str, np.ndarray], window, eps: float) -> pd.DataFrame:
    """DBSCAN of each kind with one radius for all, min_samples by the rule: beside the kinds' own.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By kind, metres; all years.
    window : Window or shapely polygon
    eps : float
        Metres.

    Returns
    -------
    DataFrame
        Index ``kind``; columns clusters_pooled, largest_pooled (share of the events).
    """
    rows = {}
    for kind, mine in patterns.items():
        each = density_clusters(mine, window, eps)
        largest = each.table["size"].max() / len(mine) if len(each.table) else np.nan
        rows[kind] = {"clusters_pooled": len(each.table), "largest_pooled": largest}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


def _seen(places: np.ndarray, repeats: np.ndarray, eps: float) -> float:
    """Mean number of points within eps of a point, itself included."""
    tree = cKDTree(places)
    return float(tree.count_neighbors(tree, eps, weights=(repeats, repeats)) / repeats.sum())


def _summary(clusters: DensityClusters, name: str) -> dict[str, float]:
    return {
        f"min_samples_{name}": clusters.min_samples,
        f"ratio_{name}": clusters.merge_ratio,
        f"clusters_{name}": len(clusters.table),
        f"largest_{name}": clusters.table["size"].max() / len(clusters.labels),
        f"alone_{name}": clusters.noise_share,
    }


def _outlines(found: Mapping[str, DensityClusters], window, crs) -> gpd.GeoDataFrame:
    """Clusters with the part of their hulls that the window holds: it has no events beyond."""
    every = [each.table.assign(kind=kind) for kind, each in found.items()]
    table = pd.concat(every, ignore_index=True)
    hulls = table["geometry"].to_numpy()
    broad = shapely.area(hulls) > 0
    hulls[broad] = shapely.intersection(hulls[broad], window.geometry)
    area = shapely.area(hulls)
    table["hull_area_m2"] = area
    size = table["size"].to_numpy(dtype=float)
    table["density_per_m2"] = np.divide(size, area, out=np.full(len(area), np.nan), where=area > 0)
    columns = ["kind", "cluster", "size", "locations", "hull_area_m2", "density_per_m2", "x", "y"]
    return gpd.GeoDataFrame(table[columns], geometry=hulls, crs=crs)


def merging(
    patterns: Mapping[str, np.ndarray], window, ratios: Sequence[float], min_samples: int = 5
) -> pd.DataFrame:
    r"""How DBSCAN's clusters merge as eps grows.

    Parameters
    ----------
    patterns : Mapping from str to array_like of shape (n, 2)
        By kind, metres.
    window : Window or shapely polygon
    ratios : sequence of float
        Ascending values of λ π eps² / min_samples, λ the kind's points per unit of area; eps follows.
    min_samples : int

    Returns
    -------
    DataFrame
        Index ``kind``; columns eps_m, ratio, clusters, largest (share of
        the events in the largest cluster, 0 without clusters).
    """
    window, rows = as_window(window), []
    for kind, mine in patterns.items():
        for ratio in ratios:
            eps = float(np.sqrt(ratio * min_samples * window.area / (np.pi * len(mine))))
            labels = density_labels(mine, eps, min_samples)[0]
            sizes = np.bincount(labels[labels >= 0])
            largest = sizes.max() / len(mine) if len(sizes) else 0.0
            row = {"eps_m": eps, "ratio": ratio, "clusters": len(sizes)}
            rows.append({"kind": kind, **row, "largest": largest})
    return pd.DataFrame(rows).set_index("kind")


@dataclass(frozen=True)
class Merged:
    """At which ratio λ π eps² / min_samples clusters have merged.

    Attributes
    ----------
    at_one : tuple of float
        Least and greatest share of a kind's events in its largest cluster at a ratio of one; empty
        where no kind's ratios lie on both sides of it.
    random : float or None
        That of random points.
    busiest : tuple of float
        Least and greatest ratio at which a kind has most clusters.
    """

    at_one: tuple[float, ...]
    random: float | None
    busiest: tuple[float, float]


def merged(table: pd.DataFrame) -> Merged:
    """Read what `merging` returns: shares at a ratio of one (linear in the ratio's logarithm).

    Parameters
    ----------
    table : DataFrame
        Of `merging`; random points stand under the name ``random points``.

    Returns
    -------
    Merged
    """
    at_one, busiest = {}, {}
    for kind, curve in table.groupby(level="kind", sort=False):
        ratio, largest = curve["ratio"].to_numpy(), curve["largest"].to_numpy()
        if ratio[0] < 1 < ratio[-1]:
            at_one[kind] = float(np.interp(0, np.log(ratio), largest))
        busiest[kind] = float(ratio[curve["clusters"].to_numpy().argmax()])
    chance = at_one.pop(RANDOM, None)
    busiest.pop(RANDOM, None)
    shares = (min(at_one.values()), max(at_one.values())) if at_one else ()
    return Merged(shares, chance, (min(busiest.values()), max(busiest.values())))
