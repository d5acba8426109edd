"""Proven optima: enumeration of connected subsets, linear bound, exact cover."""

from __future__ import annotations

from math import gcd
from time import perf_counter

import numpy as np

from .._scale import in_any_unit
from .._states import graph_arrays
from ..cooling import annealing, simple_bound
from ..evolution import genetic
from ..objectives import Objective, as_objective
from ..plan import Plan
from ..units import DistrictingError, Units
from . import _kernels
from ._cover import (
    Candidates,
    LinearBound,
    SolverError,
    cheapest_cover,
    list_candidates,
    to_assignment,
)

__all__ = ["exact"]

_MOST = 12_000_000
_EASY = 2_000_000


def candidate_costs(units: Units, areas: int, weights, candidates: Candidates) -> np.ndarray:
    """Weighted cost of each candidate; eq. 1 as 2 · surplus, which sums to the same in a plan."""
    cost = 2.0 * weights.population * np.maximum(candidates.population - units.mean(areas), 0.0)
    if weights.distance > 0:
        cost += weights.distance * _kernels.radial_costs(
            candidates.masks, units.x / 1000.0, units.y / 1000.0
        )
    if weights.shape > 0:
        cost += weights.shape * candidates.perimeter**2 / candidates.area
    return cost


def value_step(units: Units, areas: int, weights) -> float:
    r"""Least difference between two values of the objective, 0 when it is not known.

    With whole-number populations half of eq. 1 times k adds up numbers
    :math:`k P_j - \sum_i p_i`, so eq. 1 is a multiple of
    :math:`2 \gcd(k p_1, \dots, k p_n, \sum_i p_i) / k`.
    """
    whole = np.equal(units.population, np.round(units.population)).all()
    if not whole or weights.distance > 0 or weights.shape > 0:
        return 0.0
    people = [int(p) for p in units.population]
    common = gcd(areas * gcd(*people), sum(people))
    return 2.0 * weights.population * common / areas


@in_any_unit
def exact(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    start: np.ndarray | None = None,
    most: int = _MOST,
) -> Plan:
    r"""The optimal plan with its proof, or the best plan found with the best bound proven.

    1. Annealing gives a plan of value UB. If UB meets the bound of `closed_form_bound` the proof is
       done.
    2. All connected subsets S that a plan better than UB could use are listed:

       .. math:: \sum_{i \in S} \min(p_i, \mu) \le \mu + \frac{UB}{2} - H, \qquad
           H = \sum_i \max(p_i - \mu, 0).

    3. Column generation (HiGHS) solves the linear relaxation of choosing k of them that cover
       each unit once; its duals give each subset a reduced cost.
    4. A depth-first exact cover over the subsets whose reduced cost is below UB − LB either
       finds a better plan or proves that there is none.
    5. Where the proof stops, annealing and the genetic search go on in the time that is left; the
       best plan of all is kept, beside the best bound.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        Any objective; without a weight on eq. 1 all connected subsets have to be listed,
        which only small graphs allow.
    seed : int or numpy.random.Generator
        For the annealing that gives the first plan.
    time_limit : float, optional
        Seconds, about.
    start : array of int, shape (n,), optional
        A contiguous assignment that is known to be good, such as another search's; the plan
        is never worse.
    most : int
        Most subsets to list, for up to 64 units (12 million need about half a gigabyte); half
        as many for up to 128, and so on.

    Returns
    -------
    Plan
        ``proven`` is True when the plan is optimal; else ``bound`` and ``gap`` say how far it
        may be, and ``remarks`` why the proof stopped.

    Raises
    ------
    DistrictingError
        A number of areas that has no plan.

    References
    ----------
    Mehrotra, Johnson and Nemhauser (1998), An optimization based heuristic for political
    districting, Management Science 44(8): column generation for districting.
    """
    began = perf_counter()
    deadline = np.inf if time_limit is None else began + time_limit
    remarks = units.check(areas)
    weights = as_objective(objective)
    rng = np.random.default_rng(seed)
    first = annealing(
        units, areas, objective=objective, seed=rng, restarts=8,
        time_limit=None if time_limit is None else 0.3 * time_limit,
    )  # fmt: skip
    assignment, value, bound, proven = first.assignment, first.value, first.bound, first.proven
    note = "the bound that costs nothing is met"
    if start is not None:
        given = Plan.of(units, start, objective=objective)
        if given.areas != areas:
            raise DistrictingError(f"the start has {given.areas} areas, not {areas}")
        if given.value < value:
            assignment, value = given.assignment, given.value
    if areas in (units.components.max() + 1, len(units)):
        proven = True  # one area a component, or one a unit: there is no other plan
    if not proven:
        assignment, value, bound, proven, note = _prove(
            units, areas, weights, assignment, value, simple_bound(units, areas, objective),
            deadline, most,
        )  # fmt: skip
    if not proven:
        assignment, proven = _search_on(
            units, areas, objective, Plan.of(units, assignment, objective=objective), rng, deadline
        )
    if not proven:
        remarks += (f"No proof: {note}.",)
    return Plan.of(
        units, assignment, objective=objective, bound=bound, proven=proven,
        seconds=perf_counter() - began, method="exact", remarks=remarks, trace=first.trace,
    )  # fmt: skip


def _search_on(units, areas, objective, best, rng, deadline):
    """What annealing and the genetic search make of the time left: the best plan of all."""
    for search, share in ((annealing, 0.6), (genetic, 1.0)):
        left = deadline - perf_counter()
        if left <= 0 or best.proven:
            break
        limit = share * left if np.isfinite(left) else None
        other = search(units, areas, objective=objective, seed=rng, time_limit=limit)
        if other.value < best.value:
            best = other
    return best.assignment, best.proven


def _prove(units, areas, weights, assignment, value, bound, deadline, most):
    """Raise the bound to the value, or lower the value to the bound."""
    graph = graph_arrays(units)
    most = max(most // ((len(units) + 63) // 64), 1)  # the memory of a subset grows with n
    step = value_step(units, areas, weights)
    low, note = bound, "more connected subsets than the list may hold"
    if weights.population > 0:
        # The number of subsets grows exponentially with the value allowed. If UB asks for
        # too many, lower trial values come first: a plan found under one is optimal, and
        # a trial without a plan raises the bound.
        trials = [(1.0, min(most, _EASY)), (0.5, most), (0.75, most), (0.9, most), (1.0, most)]
    else:
        trials = [(1.0, most)]
    for number, (share, limit) in enumerate(trials):
        trial = value if share == 1.0 else low + share * (value - low)
        if trial <= bound:
            continue
        if perf_counter() > deadline:
            return assignment, value, bound, False, "the time limit came first"
        surplus = trial / weights.population / 2.0 if weights.population > 0 else np.inf
        candidates = list_candidates(units, graph, areas, surplus, limit)
        if not candidates.complete:
            if number == 0:
                continue
            break
        try:
            better, reached, proven_bound, complete = search_below(
                units, areas, weights, candidates, trial, surplus, step, deadline
            )
        except SolverError as error:
            return assignment, value, bound, False, str(error)
        if better is not None:
            assignment, value = better, reached
        bound = max(bound, min(proven_bound, value))
        if not complete:
            return assignment, value, bound, False, "the time limit came first"
        if better is not None or share == 1.0:
            return assignment, value, value, True, note
        if perf_counter() > deadline:
            return assignment, value, bound, False, "the time limit came first"
    return assignment, value, bound, False, note


def search_below(units, areas, weights, candidates, upper, surplus, step, deadline):
    """The best plan below `upper`: (assignment or None, value, bound, complete)."""
    n = len(units)
    if len(candidates) == 0:
        return None, upper, upper, candidates.complete
    cost = candidate_costs(units, areas, weights, candidates)
    linear = LinearBound(candidates, cost, n, areas)
    bound, reduced = linear.solve(len(candidates), deadline=deadline)
    over = np.maximum(candidates.population - units.mean(areas), 0.0)
    solution = cheapest_cover(
        units, areas, candidates, reduced, over, bound, upper,
        budget=surplus + 1e-9 * max(1.0, surplus), step=step,
        seconds=deadline - perf_counter() if np.isfinite(deadline) else np.inf,
    )  # fmt: skip
    found = None
    if solution.chosen is not None:
        found = to_assignment(candidates, solution.chosen, n)
    # Dearer candidates were not listed, so nothing is known above `upper`.
    return found, solution.value, min(max(solution.bound, bound), upper), solution.complete
