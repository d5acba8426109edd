"""Plans that cover most demand when every patrol is busy a part of the time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from .coverage import bound_and_gap, reach_problem
from .problem import CoverageSolution, PatrolProblem, _columns
from .units import TOTAL, power_of_two

__all__ = ["expected_coverage", "expected_covering"]


def expected_covering(
    demand: npt.ArrayLike,
    distance: Any,
    patrols: int,
    radius: float,
    *,
    busy: float,
    fixed: Any = (),
    time_limit: float | None = None,
) -> CoverageSolution:
    r"""Most demand expected within `radius` of a free patrol (MEXCLP).

    Each patrol is busy with the chance q, whatever the others do, so that a node with k patrols in
    reach finds one free with the chance :math:`1 - q^k`:

    .. math:: \max \sum_i c_i \sum_{k=1}^{p} (1 - q)\, q^{k-1} z_{ik}, \qquad
        \sum_k z_{ik} \le \sum_{j : d_{ij} \le \text{radius}} y_j, \qquad
        \sum_j y_j = p, \qquad z_{ik} \in [0, 1], \qquad y_j \in \{0, 1, 2, \dots\}

    Several patrols may stand at one site, though no more than there are sites in all; a site named
    twice in `fixed` counts once. Patrols are taken as busy independently of one another, which
    overstates the cover where they are busy and help each other out; see `simulate_dispatch`.
    Solved by HiGHS, nodes with the same sites in reach
    merged, demand in units in which its tolerances are far below a patrol's gain.

    Parameters
    ----------
    demand, distance, patrols, radius, fixed, time_limit
        As in `maximal_covering`; at least one patrol stands at each fixed site.
    busy : float
        q, from 0 (maximal covering) to below 1.

    Returns
    -------
    CoverageSolution
        ``sites`` names a site once for each patrol that stands there; ``objective`` is the demand
        expected to be covered, ``covered`` marks the nodes with a patrol in reach.

    Raises
    ------
    ValueError
        As `maximal_covering`; `busy` outside 0 to below 1.

    References
    ----------
    Daskin (1983), Transportation Science 17: 48-70.

    Examples
    --------
    >>> plan = expected_covering([9, 1], [[0, 9], [9, 0]], 2, radius=1, busy=0.5)
    >>> plan.sites.tolist(), plan.objective
    ([0, 0], 6.75)
    """
    start = time.process_time()
    if not 0 <= busy < 1:
        raise ValueError(
            f"busy is {busy}; pass the share of time a patrol is busy, from 0 to below 1."
        )
    problem = reach_problem(demand, distance, patrols, radius, fixed)
    p, m = problem.patrols, problem.sites
    reach = problem.matrix() <= radius
    held = np.flatnonzero((problem.demand > 0) & reach.any(axis=1))
    patterns, label = np.unique(np.packbits(reach[held], axis=1), axis=0, return_inverse=True)
    unit = power_of_two(float(problem.demand.sum()), TOTAL)
    weights = np.bincount(
        label.ravel(), weights=problem.demand[held] / unit, minlength=len(patterns)
    )
    near = sparse.csr_matrix(np.unpackbits(patterns, axis=1, count=m).astype(float))
    k = len(weights)
    odds = (1 - busy) * np.power(float(busy), np.arange(p))
    count = sparse.csr_matrix(np.r_[np.ones(m), np.zeros(k * p)])
    lower, upper = np.zeros(m + k * p), np.r_[np.full(m, float(p)), np.ones(k * p)]
    lower[list(problem.fixed)] = 1.0
    result = milp(
        -np.r_[np.zeros(m), np.outer(odds, weights).ravel()],
        integrality=np.r_[np.ones(m), np.zeros(k * p)],
        bounds=Bounds(lower, upper),
        constraints=[
            LinearConstraint(sparse.hstack([-near, *[sparse.identity(k)] * p]), -np.inf, 0.0),
            LinearConstraint(count, p, p),
        ],
        options={"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit}),
    )
    plans = [_greedy(reach, problem, busy)]
    if result.x is not None:
        plans.append(np.repeat(np.arange(m), np.rint(result.x[:m]).astype(int)))
    sites = max(plans, key=lambda plan: _expected(reach, problem.demand, plan, busy))
    value = _expected(reach, problem.demand, sites, busy)
    most = float(weights.sum() * odds.sum())
    bound, gap = bound_and_gap(value, most, result.mip_dual_bound, unit)
    return CoverageSolution(
        sites=sites,
        covered=reach[:, sites].any(axis=1),
        objective=value,
        bound=bound,
        gap=gap,
        proven=bool(gap <= 1e-6),
        seconds=time.process_time() - start,
        method="expected covering",
    )


def expected_coverage(
    demand: npt.ArrayLike, distance: Any, sites: Any, radius: float, *, busy: float
) -> float:
    r"""Share of the demand that a plan is expected to reach by a free patrol, as MEXCLP counts it.

    With :math:`k_i` patrols of the plan within the radius of node i, each busy with the chance q:

    .. math:: \frac{\sum_i c_i (1 - q^{k_i})}{\sum_i c_i}

    Parameters
    ----------
    demand, distance, radius, busy
        As in `expected_covering`.
    sites : sequence of int
        Where the patrols stand; a site may be named several times.

    Raises
    ------
    ValueError
        `busy` outside 0 to below 1.

    References
    ----------
    Daskin (1983), Transportation Science 17: 48-70.

    Examples
    --------
    >>> expected_coverage([9, 1], [[0, 9], [9, 0]], [0, 0], radius=1, busy=0.5)
    0.675
    """
    if not 0 <= busy < 1:
        raise ValueError(
            f"busy is {busy}; pass the share of time a patrol is busy, from 0 to below 1."
        )
    weights = np.asarray(demand, float)
    places, times = np.unique(np.asarray(sites), return_counts=True)
    near = (_columns(distance, places) <= radius) @ times
    return float(weights @ (1 - np.power(float(busy), near)) / weights.sum())


def _expected(reach: np.ndarray, demand: np.ndarray, sites: np.ndarray, busy: float) -> float:
    """Demand expected to find a free patrol in reach."""
    times = reach[:, sites].sum(axis=1)
    return float(demand @ (1 - np.power(float(busy), times)))


def _greedy(reach: np.ndarray, problem: PatrolProblem, busy: float) -> np.ndarray:
    """One patrol after the other where it adds most; a site may be named again."""
    plan = list(problem.fixed)
    while len(plan) < problem.patrols:
        times = reach[:, plan].sum(axis=1)
        plan.append(int(np.argmax((problem.demand * np.power(float(busy), times)) @ reach)))
    return np.sort(np.array(plan))
