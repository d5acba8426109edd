"""The p-median when no patrol may serve more than its share of the demand."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from .exact import solve
from .problem import PatrolProblem
from .units import SolverUnits

__all__ = ["CapacitatedSolution", "capacitated_p_median"]

EXACT_SIZE = 6_000  # assignment variables HiGHS closes in seconds


@dataclass(frozen=True, eq=False)
class CapacitatedSolution:
    """A plan in which every patrol serves at most its share.

    Attributes
    ----------
    sites : (p,) int array
    service : (n, p) array
        Demand of each node served by each patrol (a node on a border may be shared by two).
    objective, bound, gap : float
    proven : bool
    seconds : float
    method : str
    """

    sites: np.ndarray
    service: np.ndarray
    objective: float
    bound: float
    gap: float
    proven: bool
    seconds: float
    method: str


def capacitated_p_median(
    demand,
    distance,
    patrols: int,
    *,
    share: float | None = None,
    fixed=(),
    time_limit: float | None = None,
) -> CapacitatedSolution:
    r"""Least travel when each patrol serves at most `share` of all demand.

    .. math:: \min \sum_i \sum_j d_{ij} x_{ij}, \qquad \sum_j x_{ij} = c_i, \qquad
        \sum_i x_{ij} \le \text{share} \cdot y_j \sum_i c_i, \qquad x_{ij} \le c_i y_j

    Small instances (up to 6,000 assignment variables) are solved to
    optimality by HiGHS; larger ones start from the exact p-median and improve by exchanging
    neighbouring sites, each plan priced by its transport problem, with the uncapacitated optimum
    as the bound.

    Parameters
    ----------
    demand, distance, patrols, fixed
        As in `p_median`.
    share : float, optional
        Largest share of the demand one patrol may serve, at least 1 / p; 1.2 / p by default.
    time_limit : float, optional
        Seconds of wall-clock time, after which the best plan found is returned with its gap; 30 for
        the exchange of large instances by default.

    Returns
    -------
    CapacitatedSolution

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), a share below 1 / p.

    References
    ----------
    Mulvey & Beck (1984), European Journal of Operational Research 18: 339-348.

    Examples
    --------
    >>> plan = capacitated_p_median([4, 1, 1], [[0, 3, 9], [3, 0, 2], [9, 2, 0]], 2, share=0.5)
    >>> plan.service.sum(axis=0).tolist(), plan.objective
    ([3.0, 3.0], 5.0)
    """
    start, clock = time.process_time(), time.perf_counter()
    problem = PatrolProblem(demand, distance, patrols, fixed)
    p = problem.patrols
    share = min(1.0, 1.2 / p) if share is None else float(share)
    if not share >= 1 / p - 1e-12:
        raise ValueError(
            f"share is {share}, but {p} patrols must serve everything: at least {1 / p:.4g}."
        )
    # HiGHS's tolerances are absolute: it is shown demand and distances of always the same size
    units = SolverUnits.of(problem)
    weights, matrix = units.weights, units.matrix
    inner = units.problem(p, problem.fixed)
    capacity = share * weights.sum()
    if weights.size * problem.sites <= EXACT_SIZE:
        sites, bound = _milp(inner, capacity, time_limit)
        method = "capacitated (HiGHS)"
        if sites is None:
            # time was up: the plan without capacities, its loads shared out
            free = solve(inner, time_limit=time_limit)[0]
            sites, bound = free.sites, max(bound, free.bound)
    else:
        free = solve(inner, time_limit=time_limit)[0]
        bound = free.bound
        limit = clock + (30.0 if time_limit is None else time_limit)
        sites = _exchange(inner, capacity, free.sites, limit)
        method = "capacitated (exchange)"
    sites = np.sort(sites)
    cost, flow = _transport(matrix[:, sites], weights, capacity)
    if not np.isfinite(cost):
        raise ValueError(
            f"no plan was found in which {p} patrols reach all demand and none serves more than "
            f"{share:.4g} of it; raise share or patrols, or allow more time."
        )
    service = np.zeros((problem.demand.size, p))
    service[units.held] = flow * units.demand_unit
    objective = cost * units.cost_unit
    bound = min(bound * units.cost_unit, objective)
    gap = (objective - bound) / objective if objective > 0 else 0.0
    return CapacitatedSolution(
        sites,
        service,
        objective,
        bound,
        gap,
        bool(gap <= 1e-6),
        time.process_time() - start,
        method,
    )


def _transport(matrix, weights, capacity):
    """Cheapest service of all demand from given sites; nearest patrol first if that fits."""
    n, p = matrix.shape
    near = np.argmin(matrix, axis=1)
    flow = np.zeros((n, p))
    flow[np.arange(n), near] = weights
    if (flow.sum(axis=0) <= capacity * (1 + 1e-12)).all():
        return float(weights @ matrix.min(axis=1)), flow
    within = np.isfinite(matrix)
    rows = sparse.kron(sparse.identity(n), np.ones((1, p)))
    columns = sparse.kron(np.ones((1, n)), sparse.identity(p))
    result = linprog(
        np.where(within, matrix, 0.0).ravel(), A_ub=columns, b_ub=np.full(p, capacity), A_eq=rows,
        b_eq=weights, bounds=np.c_[np.zeros(n * p), np.where(within, weights[:, None], 0).ravel()],
        method="highs",
    )  # fmt: skip
    if result.x is None:
        return np.inf, flow
    flow = result.x.reshape(n, p)
    return float((flow * np.where(within, matrix, 0.0)).sum()), flow


def _milp(problem, capacity, time_limit):
    matrix, weights = problem.matrix(), problem.demand
    n, m = matrix.shape
    within = np.isfinite(matrix)
    matrix = np.where(within, matrix, 0.0)
    # shares of each node's demand, then the open sites
    cost = np.r_[(matrix * weights[:, None]).ravel(), np.zeros(m)]
    served = sparse.hstack(
        [sparse.kron(sparse.identity(n), np.ones((1, m))), sparse.csr_matrix((n, m))]
    )
    opened = sparse.hstack(
        [sparse.identity(n * m), -sparse.kron(np.ones((n, 1)), sparse.identity(m))]
    )
    loads = sparse.hstack(
        [sparse.kron(weights[None, :], sparse.identity(m)), -capacity * sparse.identity(m)]
    )
    count = sparse.csr_matrix(np.r_[np.zeros(n * m), np.ones(m)])
    lower, upper = np.zeros(n * m + m), np.r_[within.ravel().astype(float), np.ones(m)]
    lower[n * m + np.array(problem.fixed, dtype=int)] = 1.0
    result = milp(
        cost,
        integrality=np.r_[np.zeros(n * m), np.ones(m)],
        bounds=Bounds(lower, upper),
        constraints=[
            LinearConstraint(served, 1.0, 1.0),
            LinearConstraint(opened, -np.inf, 0.0),
            LinearConstraint(loads, -np.inf, 0.0),
            LinearConstraint(count, problem.patrols, problem.patrols),
        ],
        options={"mip_rel_gap": 0.0} | ({} if time_limit is None else {"time_limit": time_limit}),
    )
    known = result.mip_dual_bound is not None and np.isfinite(result.mip_dual_bound)
    bound = max(0.0, float(result.mip_dual_bound)) if known else 0.0
    if result.x is None:
        return None, bound
    return np.argsort(-result.x[n * m :], kind="stable")[: problem.patrols], bound


def _exchange(problem, capacity, sites, deadline):
    matrix, weights = problem.matrix(), problem.demand
    # out of reach is as unlike as can be
    shown = np.where(
        np.isfinite(matrix), matrix, 2 * matrix.max(where=np.isfinite(matrix), initial=0.0)
    )
    sites = np.array(sites)
    best = _transport(matrix[:, sites], weights, capacity)[0]
    improved = True
    while improved and time.perf_counter() < deadline:
        improved = False
        for k in range(sites.size):
            if sites[k] in problem.fixed:
                continue
            # candidates whose distances to the nodes are most like the site's own
            unlike = np.abs(shown - shown[:, [sites[k]]]).T @ weights
            unlike[sites] = np.inf
            for j in np.argsort(unlike)[:8]:
                if time.perf_counter() > deadline:
                    return sites
                trial = sites.copy()
                trial[k] = j
                # the plan without capacities is a bound: skip the transport problem if it is worse
                if weights @ matrix[:, trial].min(axis=1) >= best:
                    continue
                value = _transport(matrix[:, trial], weights, capacity)[0]
                if value < best * (1 - 1e-9):
                    sites, best, improved = trial, value, True
    return sites
