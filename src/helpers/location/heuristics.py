"""Plans without proof: FasterPAM medoids and weighted K-means snapped to sites."""

from __future__ import annotations

import numpy as np

from .distances import PlanarDistance
from .problem import PatrolProblem, travel
from .reach import finite

RESTARTS = 20


def fasterpam_plan(problem: PatrolProblem, seed: int) -> np.ndarray:
    """Best of `RESTARTS` FasterPAM runs (Schubert & Rousseeuw 2021).

    kmedoids wants a square matrix whose entry (i, j) is the cost of serving i from j, so rows are
    scaled by demand; the transpose runs as well and answers another question.  Where sites are not
    the demand nodes, our own interchange does the same search on the rectangle.
    """
    rng = np.random.default_rng(seed)
    given, (problem, reaching) = problem, finite(problem)
    matrix = problem.matrix()
    matrix[problem.demand == 0] = 0.0  # they cost nothing, however far they are
    n, m = matrix.shape
    best, plan = np.inf, np.empty(0, int)
    held = problem.demand > 0
    if problem.patrols == 1:
        # kmedoids takes rows for columns when k = 1, which only a symmetric matrix forgives
        return np.array([int(np.argmin(problem.demand @ matrix))])
    if n == m:
        import kmedoids

        cost = np.ascontiguousarray(matrix * problem.demand[:, None])
    else:
        from ._kernels import interchange

        cost = np.ascontiguousarray(matrix[held].T)
        weights = np.ascontiguousarray(problem.demand[held])
    for _ in range(RESTARTS):
        start = rng.choice(m, problem.patrols, replace=False)
        if n == m:
            found = kmedoids.fasterpam(cost, start.astype(np.uint64), max_iter=100, n_cpu=1)
            sites = np.unique(np.asarray(found.medoids, dtype=int))
        else:
            sites = start.astype(np.int64)
            interchange(cost, weights, sites, 0, 100)
        value = travel(problem.demand, problem.distance, sites)
        if value < best:
            best, plan = value, sites
    if not np.isfinite(travel(given.demand, given.distance, plan)):
        return np.sort(reaching)
    return _with_spare(plan.tolist(), problem)


def kmeans_plan(problem: PatrolProblem, seed: int) -> np.ndarray:
    """Weighted K-means on the coordinates, each centre moved to the nearest free site.

    The paper's heuristic; K-means minimises squared distance, the p-median distance, so it is
    not expected to reach the optimum.
    """
    from sklearn.cluster import KMeans

    if not isinstance(problem.distance, PlanarDistance):
        raise ValueError("method 'kmeans' needs coordinates; pass distance=PlanarDistance(xy).")
    held = problem.demand > 0
    xy = problem.distance.demand_xy[held]
    clusters = min(problem.patrols, len(np.unique(xy, axis=0)))
    model = KMeans(clusters, n_init=10, random_state=seed)
    model.fit(xy, sample_weight=problem.demand[held])
    centres = model.cluster_centers_
    sites: list[int] = []
    for centre in centres:
        gap = ((problem.distance.site_xy - centre) ** 2).sum(axis=1)
        gap[sites] = np.inf
        sites.append(int(np.argmin(gap)))
    return _with_spare(sites, problem)


def _with_spare(sites: list[int], problem: PatrolProblem) -> np.ndarray:
    """The plan, with patrols that nobody needs on spare sites."""
    spare = (j for j in range(problem.sites) if j not in set(sites))
    while len(sites) < problem.patrols:
        sites.append(next(spare))
    return np.sort(np.array(sites))
