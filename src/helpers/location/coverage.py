"""Plans that put as much demand as possible within reach of a patrol, or of two."""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.checks import one_of, positive

from .distances import PlanarDistance
from .problem import CoverageSolution, PatrolProblem
from .units import TOTAL, power_of_two

__all__ = ["backup_covering", "maximal_covering"]


def maximal_covering(
    demand,
    distance,
    patrols: int,
    radius: float,
    *,
    method: str = "exact",
    fixed=(),
    time_limit: float | None = None,
    solver: str = "highs",
) -> CoverageSolution:
    r"""Most demand within `radius` of a patrol (maximal covering location problem).

    .. math:: \max \sum_i c_i z_i, \qquad z_i \le \sum_{j : d_{ij} \le \text{radius}} y_j, \qquad
        \sum_j y_j = p, \qquad y_j, z_i \in \{0, 1\}

    Solved to a zero gap by HiGHS on the compact model, nodes with the same sites in reach merged.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    patrols : int
        Number of patrols, the fixed ones included.
    radius : float
        Reach, in the unit of `distance`.
    method : {"exact", "spopt"}
        The compact model, or PySAL's `MCLP`.
    fixed : sequence of int
        Sites where a patrol must stand.
    time_limit : float, optional
        Seconds of wall-clock time; the best plan found by then (a greedy one at least) is returned
        with its gap.
    solver : {"highs", "cbc"}
        For ``spopt``.

    Returns
    -------
    CoverageSolution

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), a radius that is not positive, an unknown method, no plan
        found in time by ``spopt``.

    References
    ----------
    Church & ReVelle (1974), Papers in Regional Science 32: 101-118.

    Examples
    --------
    >>> plan = maximal_covering([3, 1, 2], [[0, 9, 9], [9, 0, 9], [9, 9, 0]], 2, radius=1)
    >>> plan.sites.tolist(), plan.objective
    ([0, 2], 5.0)
    """
    one_of(method, "method", ("exact", "spopt"))
    if method == "exact":
        return _cover(demand, distance, patrols, radius, 0.0, fixed, time_limit, "maximal covering")
    from .spopt_models import spopt_maximal_covering

    problem = reach_problem(demand, distance, patrols, radius, fixed)
    return spopt_maximal_covering(problem, radius, solver, time_limit)


def backup_covering(
    demand,
    distance,
    patrols: int,
    radius: float,
    *,
    backup: float = 0.5,
    fixed=(),
    time_limit: float | None = None,
) -> CoverageSolution:
    r"""Demand within reach of one patrol and of a second one, weighed against each other.

    .. math::

        \max\; (1 - \text{backup}) \sum_i c_i z_i + \text{backup} \sum_i c_i v_i

        z_i + v_i \le \sum_{j : d_{ij} \le \text{radius}} y_j, \qquad v_i \le z_i, \qquad
        \sum_j y_j = p

    with :math:`z_i` "one patrol in reach" and :math:`v_i` "two" (BACOP2).

    Parameters
    ----------
    demand, distance, patrols, radius, fixed, time_limit
        As in `maximal_covering`.
    backup : float
        Weight of the second cover, from 0 (maximal covering) to 1.

    Returns
    -------
    CoverageSolution
        ``covered`` marks the nodes with two patrols in reach.

    Raises
    ------
    ValueError
        As `maximal_covering`; `backup` outside 0 to 1.

    References
    ----------
    Hogan & ReVelle (1986), Management Science 32: 1434-1444.

    Examples
    --------
    >>> plan = backup_covering([3, 1], [[0, 1, 9], [9, 9, 0]], 2, radius=1, backup=0.9)
    >>> plan.sites.tolist(), plan.covered.tolist()
    ([0, 1], [True, False])
    """
    if not 0 <= backup <= 1:
        raise ValueError(f"backup is {backup}; pass a weight from 0 to 1.")
    return _cover(demand, distance, patrols, radius, backup, fixed, time_limit, "backup covering")


def reach_problem(demand, distance, patrols, radius, fixed) -> PatrolProblem:
    """What is out of reach is only beyond the radius here, even for a node that no site reaches."""
    _check_radius(radius)
    if not isinstance(distance, PlanarDistance):
        distance = np.array(distance, dtype=float)
        beyond = distance == np.inf
        distance[beyond] = 2 * max(radius, distance.max(where=~beyond, initial=0.0))
    return PatrolProblem(demand, distance, patrols, fixed)


def _check_radius(radius: float) -> None:
    positive(radius, "radius")


def _cover(demand, distance, patrols, radius, backup, fixed, time_limit, method):
    start = time.process_time()
    problem = reach_problem(demand, distance, patrols, radius, fixed)
    reach = problem.matrix() <= radius
    held = np.flatnonzero((problem.demand > 0) & reach.any(axis=1))
    patterns, label = np.unique(np.packbits(reach[held], axis=1), axis=0, return_inverse=True)
    # HiGHS stops at an absolute 1e-6: it is shown demand whose sum has always the same size
    unit = power_of_two(float(problem.demand.sum()), TOTAL)
    weights = problem.demand[held] / unit
    weights = np.bincount(label.ravel(), weights=weights, minlength=len(patterns))
    near = np.unpackbits(patterns, axis=1, count=problem.sites).astype(float)
    k, m = near.shape
    near = sparse.csr_matrix(near)
    eye = sparse.identity(k)
    levels = 2 if method == "backup covering" else 1
    gain = [weights * (1 - backup), weights * backup][:levels]
    rows = [sparse.hstack([-near, *[eye] * levels])]
    if levels == 2:
        rows.append(sparse.hstack([sparse.csr_matrix((k, m)), -eye, eye]))
    count = sparse.csr_matrix(np.r_[np.ones(m), np.zeros(levels * k)])
    lower = np.zeros(m + levels * k)
    lower[list(problem.fixed)] = 1.0
    result = milp(
        -np.concatenate([np.zeros(m), *gain]),
        # one patrol in reach must not count as half a first and half a second cover
        integrality=np.r_[np.ones(m), np.full(levels * k, levels == 2)],
        bounds=Bounds(lower, 1.0),
        constraints=[
            LinearConstraint(sparse.vstack(rows), -np.inf, 0.0),
            LinearConstraint(count, problem.patrols, problem.patrols),
        ],
        options={"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit}),
    )
    plans = [] if result.x is None else [np.argsort(-result.x[:m], kind="stable")]
    if result.status != 0:
        plans.append(_greedy(reach, problem, backup))
    plans = [np.sort(plan[: problem.patrols]) for plan in plans]
    sites = max(plans, key=lambda plan: _covered(reach, problem.demand, plan, backup))
    times = reach[:, sites].sum(axis=1)
    value = _covered(reach, problem.demand, sites, backup)
    bound, gap = bound_and_gap(value, float(weights.sum()), result.mip_dual_bound, unit)
    return CoverageSolution(
        sites=sites,
        covered=times >= levels,
        objective=float(value),
        bound=bound,
        gap=gap,
        proven=bool(gap <= 1e-6),
        seconds=time.process_time() - start,
        method=method,
    )


def bound_and_gap(
    value: float, most: float, dual: float | None, unit: float
) -> tuple[float, float]:
    """Least bound known on what any plan covers, and the gap of `value` to it.

    `most` is all demand and `dual` the solver's bound on its cost, in units of `unit`.
    """
    bound = most if dual is None or not np.isfinite(dual) else min(most, -float(dual))
    bound = max(bound * unit, value)
    return bound, float((bound - value) / bound) if bound > 0 else 0.0


def _covered(reach: np.ndarray, demand: np.ndarray, sites: np.ndarray, backup: float) -> float:
    """Demand that a plan covers, as the model weighs a first and a second patrol in reach."""
    times = reach[:, sites].sum(axis=1)
    return float((1 - backup) * demand[times >= 1].sum() + backup * demand[times >= 2].sum())


def _greedy(reach: np.ndarray, problem: PatrolProblem, backup: float) -> np.ndarray:
    """A plan for when time is up: one site after the other, the one that adds most."""
    plan = list(problem.fixed)
    while len(plan) < problem.patrols:
        times = reach[:, plan].sum(axis=1)
        worth = problem.demand * np.select([times == 0, times == 1], [1 - backup, backup], 0.0)
        gain = worth @ reach
        gain[plan] = -1.0
        plan.append(int(np.argmax(gain)))
    return np.array(plan)
