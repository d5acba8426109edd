"""Plans that cover most demand when every patrol is busy a part of the time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from helpers.checks import site_list, whole_number

from ._cover_kernels import dominated
from .cover import words
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
    start: Any = None,
    time_limit: float | None = None,
) -> CoverageSolution:
    r"""Most demand expected within `radius` of a free patrol (MEXCLP).

    Each patrol is busy with the chance q, whatever the others do, so that a node with k patrols in
    reach finds one free with the chance :math:`1 - q^k`:

    .. math:: \max \sum_i c_i \sum_{k=1}^{p} (1 - q)\, q^{k-1} z_{ik}, \qquad
        \sum_k z_{ik} \le \sum_{j : d_{ij} \le \text{radius}} y_j, \qquad
        \sum_j y_j = p, \qquad z_{ik} \in [0, 1], \qquad y_j \in \{0, 1, 2, \dots\}

    Several patrols may stand at one site, and more than there are sites in all; a site named twice in
    `fixed` counts once. Patrols are taken as busy independently of one another, which
    overstates the cover where they are busy and help each other out; see `simulate_dispatch`.
    A greedy plan improved by swaps is held against the linear relaxation; HiGHS then looks at the
    sites that a better plan can have, seldom many. Nodes with the same sites in reach are merged,
    demand is in units in which its tolerances are far below a patrol's gain.

    Parameters
    ----------
    demand, distance, patrols, radius, fixed, time_limit
        As in `maximal_covering`; at least one patrol stands at each fixed site.
    busy : float
        q, from 0 (maximal covering) to below 1.
    start : (p,) sequence of int, optional
        A plan for as many patrols that is good for something else; of plans that are best it is the
        one that is kept.

    Returns
    -------
    CoverageSolution
        ``sites`` names a site once for each patrol that stands there; ``objective`` is the demand
        expected to be covered, ``covered`` marks the nodes with a patrol in reach.

    Raises
    ------
    ValueError
        As `maximal_covering`; `busy` outside 0 to below 1; a `start` of another number of patrols, or
        that lacks a fixed one.

    References
    ----------
    Daskin (1983), Transportation Science 17: 48-70.

    Examples
    --------
    >>> plan = expected_covering([9, 1], [[0, 9], [9, 0]], 2, radius=1, busy=0.5)
    >>> plan.sites.tolist(), plan.objective
    ([0, 0], 6.75)
    """
    began, clock = time.process_time(), time.perf_counter()
    _check_busy(busy)
    number, shape = whole_number(patrols, "patrols"), np.shape(distance)
    # as many patrols as sites are no limit here, for a site takes several
    most = min(number, shape[1]) if len(shape) == 2 else number
    problem = reach_problem(demand, distance, most, radius, fixed)
    reach = problem.matrix() <= radius
    given = None if start is None else _checked_start(start, problem, number)
    task = _Task.of(problem, number, reach, float(busy))

    def left() -> dict[str, float]:
        spent = time.perf_counter() - clock
        return {} if time_limit is None else {"time_limit": max(time_limit - spent, 0.0)}

    plan = task.swapped(task.greedy())
    bound, worth = task.relaxed(left())
    value = task.value(plan)
    # a better plan stands only where the bound of the plans that use a site is above this one
    useful = np.flatnonzero(worth > value * (1 + 1e-12))
    if useful.size:
        found, proved = task.program(np.union1d(useful, task.fixed), left())
        bound = min(bound, max(proved, value))
        if found is not None and task.value(found) > value:
            plan = found
    else:
        bound = value
    sites = np.sort(task.kept[plan])
    value = _expected(reach, problem.demand, sites, busy)
    if given is not None:
        own = _expected(reach, problem.demand, given, busy)
        sites, value = (given, own) if own >= value * (1 - 1e-12) else (sites, value)
    bound, gap = bound_and_gap(value, task.most, -bound, task.unit)
    return CoverageSolution(
        sites=sites,
        covered=reach[:, sites].any(axis=1),
        objective=value,
        bound=bound,
        gap=gap,
        proven=bool(gap <= 1e-6),
        seconds=time.process_time() - began,
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
    _check_busy(busy)
    weights = np.asarray(demand, float)
    places, times = np.unique(np.asarray(sites), return_counts=True)
    near = (_columns(distance, places) <= radius) @ times
    return float(weights @ (1 - np.power(float(busy), near)) / weights.sum())


def _expected(reach: np.ndarray, demand: np.ndarray, sites: np.ndarray, busy: float) -> float:
    """Demand expected to find a free patrol in reach."""
    times = reach[:, sites].sum(axis=1)
    return float(demand @ (1 - np.power(float(busy), times)))


def _checked_start(start: Any, problem: PatrolProblem, patrols: int) -> np.ndarray:
    sites = np.sort(site_list(start, "the sites to start from", problem.sites, distinct=False))
    if sites.size != patrols or not set(problem.fixed) <= set(sites.tolist()):
        raise ValueError(
            f"the plan to start from has {sites.size} patrols; pass one of {patrols}, the fixed ones among them."
        )
    return sites


def _check_busy(busy: float) -> None:
    if not 0 <= busy < 1:
        raise ValueError(
            f"busy is {busy}; pass the share of time a patrol is busy, from 0 to below 1."
        )


@dataclass(frozen=True, eq=False)
class _Task:
    """A problem with what decides nothing left out: nodes alike in reach are one, and a site
    that reaches no more than another does is none, for several patrols may stand at the other.

    Attributes
    ----------
    near : (k, s) array
        1 where site j reaches node i.
    weights : (k,) array
        Demand of the nodes in units of `unit`.
    odds : (l,) array
        What the first, the second … patrol in reach of a node adds to it; those that add nothing
        are left out.
    patrols : int
    fixed : (f,) int array
        Sites with at least a patrol.
    kept : (s,) int array
        The sites' numbers.
    """

    near: np.ndarray
    weights: np.ndarray
    odds: np.ndarray
    patrols: int
    fixed: np.ndarray
    kept: np.ndarray
    unit: float
    busy: float

    @classmethod
    def of(cls, problem: PatrolProblem, patrols: int, reach: np.ndarray, busy: float) -> _Task:
        held = np.flatnonzero((problem.demand > 0) & reach.any(axis=1))
        patterns, label = np.unique(np.packbits(reach[held], axis=1), axis=0, return_inverse=True)
        near = np.unpackbits(patterns, axis=1, count=problem.sites).astype(bool)
        spare = dominated(words(near.T), False)
        spare[list(problem.fixed)] = False
        kept = np.flatnonzero(~spare)
        unit = power_of_two(float(problem.demand.sum()), TOTAL)
        weights = np.bincount(
            label.ravel(), weights=problem.demand[held] / unit, minlength=len(patterns)
        )
        odds = (1 - busy) * np.power(busy, np.arange(patrols))
        fixed = np.searchsorted(kept, np.sort(np.array(problem.fixed, dtype=int)))
        table = near[:, kept].astype(float)
        return cls(table, weights, odds[odds > 0], patrols, fixed, kept, unit, busy)

    @property
    def most(self) -> float:
        """What no plan passes: every node with all patrols in reach."""
        return float(self.weights.sum() * self.odds.sum())

    def value(self, plan: np.ndarray) -> float:
        return float(self.weights @ (1 - np.power(self.busy, self.near[:, plan].sum(axis=1))))

    def gains(self, times: np.ndarray) -> np.ndarray:
        """What one more patrol at each site adds where so many are in reach of each node."""
        return (self.weights * (1 - self.busy) * np.power(self.busy, times)) @ self.near

    def greedy(self) -> np.ndarray:
        """One patrol after the other where it adds most; a site may be named again."""
        plan = self.fixed.tolist()
        while len(plan) < self.patrols:
            plan.append(int(np.argmax(self.gains(self.near[:, plan].sum(axis=1)))))
        return np.array(plan)

    def swapped(self, plan: np.ndarray) -> np.ndarray:
        """One patrol at a time goes elsewhere, the one that gains most, until none gains."""
        plan, free = plan.copy(), slice(self.fixed.size, None)
        times = self.near[:, plan].sum(axis=1)
        while True:
            most, swap = 1e-12 * self.value(plan), None
            for place in range(self.patrols)[free]:
                gains = self.gains(times - self.near[:, plan[place]])
                gain = gains.max() - gains[plan[place]]
                if gain > most:
                    most, swap = gain, (place, int(gains.argmax()))
            if swap is None:
                return plan
            place, site = swap
            times += self.near[:, site] - self.near[:, plan[place]]
            plan[place] = site

    def relaxed(self, limit: dict[str, float]) -> tuple[float, np.ndarray]:
        r"""A bound, and one for the plans with a patrol at each site.

        Any prices :math:`u_i \ge 0` of the nodes give, with :math:`A_j` the prices that j reaches,

        .. math:: \sum_i \sum_k \max(0, c_i (1 - q) q^{k-1} - u_i) + \sum_{j \in \text{fixed}} A_j
            + (p - |\text{fixed}|) \max_j A_j

        and :math:`\max A - A_j` less where a patrol that is not fixed stands at j.  They are those of
        the linear relaxation, so that its rounding makes the bound weaker and not wrong.
        """
        every = np.arange(self.kept.size)
        if not self.weights.size:
            return 0.0, np.zeros(every.size)
        cost, rows = _columns_of(self.near, self.weights, self.odds)
        lower, upper = np.zeros(cost.size), np.ones(cost.size)
        lower[self.fixed], upper[every] = 1.0, float(self.patrols)
        count = sparse.csr_array(np.r_[np.ones(every.size), np.zeros(cost.size - every.size)][None])
        found = linprog(
            cost, rows, np.zeros(rows.shape[0]), count, [self.patrols],
            np.column_stack([lower, upper]), options=limit,
        )  # fmt: skip
        if found.status != 0:
            return self.most, np.full(every.size, self.most)
        prices = np.maximum(-found.ineqlin.marginals, 0.0)
        reached = prices @ self.near
        spare = np.maximum(np.outer(self.weights, self.odds) - prices[:, None], 0.0).sum()
        free = self.patrols - self.fixed.size
        bound = float(spare + reached[self.fixed].sum() + free * reached.max())
        if free == 0:
            return bound, np.full(every.size, -np.inf)
        return bound, bound - (reached.max() - reached)

    def program(
        self, sites: np.ndarray, limit: dict[str, float]
    ) -> tuple[np.ndarray | None, float]:
        """The best plan that stands at some sites only, where one is found, and a bound on it."""
        alike, label = np.unique(
            np.packbits(self.near[:, sites] > 0, axis=1), axis=0, return_inverse=True
        )
        table = np.unpackbits(alike, axis=1, count=sites.size).astype(float)
        weights = np.bincount(label.ravel(), weights=self.weights, minlength=len(table))
        cost, rows = _columns_of(table, weights, self.odds)
        s, k = sites.size, cost.size
        lower, upper = np.zeros(k), np.ones(k)
        lower[np.searchsorted(sites, self.fixed)] = 1.0
        upper[:s] = self.patrols
        count = sparse.csr_array(np.r_[np.ones(s), np.zeros(k - s)][None])
        result = milp(
            cost,
            integrality=np.r_[np.ones(s), np.zeros(k - s)],
            bounds=Bounds(lower, upper),
            constraints=[
                LinearConstraint(rows, -np.inf, 0.0),
                LinearConstraint(count, self.patrols, self.patrols),
            ],
            options={"mip_rel_gap": 0.0} | limit,
        )
        dual = result.mip_dual_bound
        bound = self.most if dual is None or not np.isfinite(dual) else -float(dual)
        if result.x is None:
            return None, bound
        return np.repeat(sites, np.rint(result.x[:s]).astype(int)), bound


def _columns_of(
    near: np.ndarray, weights: np.ndarray, odds: np.ndarray
) -> tuple[np.ndarray, sparse.csr_array]:
    """Costs, and the rows "no more patrols in reach are counted than stand there"."""
    cost = np.r_[np.zeros(near.shape[1]), -np.outer(odds, weights).ravel()]
    eye = sparse.identity(len(weights))
    rows = sparse.hstack([sparse.csr_matrix(-near), *[eye] * len(odds)])
    return cost, sparse.csr_array(rows)
