"""Proven trade-offs between balance and shape: the best plan in order, and the whole front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import pandas as pd

from helpers.checks import one_of

from .._scale import working_units
from .._states import graph_arrays
from ..objectives import as_objective, evaluate
from ..plan import Plan
from ..units import DistrictingError, Units
from ._cover import LinearBound, SolverError, cheapest_cover, list_candidates, to_assignment
from .search import candidate_costs, exact

__all__ = ["ParetoFront", "lexicographic", "pareto_front"]

_MOST = 4_000_000


@dataclass(frozen=True, eq=False)
class ParetoFront:
    """Plans of which none is better in both eq. 1 and a second measure.

    Parameters
    ----------
    plans : tuple of Plan
        By rising eq. 1 and falling second measure; each is proven optimal in the second
        measure among all plans with its eq. 1 or less.
    second : str
        The second measure, ``"eq4"`` or ``"eq2"``.
    limit : float
        The front is searched for eq. 1 up to this value.
    complete : bool
        True when it is proven that no point up to the limit is missing. Values of eq. 1 are told
        apart exactly (as whole numbers), those of the second measure to a billionth.
    seconds : float
        Wall-clock time.
    note : str
        Why the front is not complete; empty where it is.
    """

    plans: tuple[Plan, ...]
    second: str
    limit: float
    complete: bool
    seconds: float
    note: str = ""

    def table(self) -> pd.DataFrame:
        """One row a plan: eq1 to eq4."""
        columns = ["eq1", "eq2", "eq3", "eq4"]
        return pd.DataFrame([dict(plan.objectives) for plan in self.plans], columns=columns)


class _Trade:
    """The list of candidates and the linear problem shared by all steps along the front.

    Populations are whole numbers times k, so that mu, the surplus of every candidate and each
    limit on it are whole numbers, which floats hold exactly: none is compared within a tolerance.
    """

    def __init__(self, units, areas, second, surplus, most):
        self.units = replace(units, population=units.population * areas)
        self.areas = areas
        mu = self.units.mean(areas)
        graph = graph_arrays(self.units)
        listed = list_candidates(self.units, graph, areas, float(surplus), most)
        self.complete = listed.complete
        if not listed.complete:
            return
        # Least surplus of any plan that uses a candidate; the list is sorted by it, so that a
        # lower limit on eq. 1 keeps a prefix of the list.
        own = np.maximum(self.units.population - mu, 0.0)
        over = np.maximum(listed.population - mu, 0.0)
        need = np.maximum(own.sum() - _own_surplus(listed, own) + over, mu - listed.population)
        order = np.argsort(need, kind="stable")
        self.candidates = listed.select(order)
        self.need, self.surplus = need[order], over[order]
        cost = candidate_costs(self.units, areas, as_objective(second), self.candidates)
        self.per_surplus = 2.0 / areas  # eq. 1 for one of surplus, in the unit of the units
        side = self.per_surplus * self.surplus
        self.linear = LinearBound(self.candidates, cost, len(units), areas, side=side)

    def best(self, limit, known, deadline):
        """Best second measure, below a known one, with a surplus up to a limit.

        Returns (assignment or None, bound, complete).
        """
        live = int(np.searchsorted(self.need, limit, side="right"))
        if live == 0:
            return None, known, True
        budget = self.per_surplus * limit * (1 + 1e-12)  # sums of floats are rounded in the solver
        try:
            bound, reduced = self.linear.solve(live, budget, deadline)
        except SolverError:
            return None, 0.0, False
        solution = cheapest_cover(
            self.units, self.areas, self.candidates.select(slice(0, live)), reduced,
            self.surplus[:live], bound, known, budget=float(limit),
            slack_price=-self.per_surplus * self.linear.side_price,
            seconds=deadline - perf_counter() if np.isfinite(deadline) else np.inf,
        )  # fmt: skip
        bound = max(bound, solution.bound)
        if solution.chosen is None:
            return None, bound, solution.complete
        assignment = to_assignment(self.candidates, solution.chosen, len(self.units))
        return assignment, bound, solution.complete


def _surplus(units, assignment):
    """Half of eq. 1 times k, a whole number where populations are: what areas hold over mu."""
    people = np.bincount(assignment, units.population)
    return int(np.maximum(people * len(people) - units.population.sum(), 0.0).sum())


def _own_surplus(candidates, own):
    """Sum over the units of each candidate of their own surplus over mu."""
    total = np.zeros(len(candidates))
    for i in np.flatnonzero(own > 0):
        word = candidates.masks[:, i >> 6]
        total += np.where((word >> np.uint64(i & 63)) & np.uint64(1), own[i], 0.0)
    return total


def lexicographic(
    units: Units,
    areas: int,
    *,
    then: str = "eq4",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    most: int = _MOST,
) -> Plan:
    """Among all plans with the least eq. 1, the one with the least eq. 4 (or eq. 2).

    Balance alone leaves many optimal plans of very different shape; this is the one to show.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    then : {"eq4", "eq2"}
        The second measure.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds, about.
    most : int
        Most connected subsets to list.

    Returns
    -------
    Plan
        ``value``, ``bound`` and ``proven`` refer to the second measure given the least
        eq. 1; when the least eq. 1 itself could not be proven, ``proven`` is False.
    """
    began = perf_counter()
    deadline = np.inf if time_limit is None else began + time_limit
    one_of(then, "the second measure", ("eq2", "eq4"), error=DistrictingError)
    working, _ = working_units(units, areas)
    if working is not units:
        plan = lexicographic(working, areas, then=then, seed=seed, time_limit=time_limit, most=most)
        return _in_unit_of(units, plan, then)
    best = exact(units, areas, seed=seed, time_limit=time_limit, most=most)
    value = evaluate(units, best.assignment)[then]
    surplus = _surplus(units, best.assignment)
    trade = _Trade(units, areas, then, surplus, most)
    remarks, bound, proven, assignment = best.remarks, 0.0, False, best.assignment
    if trade.complete and perf_counter() <= deadline:
        found, bound, proven = trade.best(surplus, value * (1 + 2e-9), deadline)
        assignment = best.assignment if found is None else found
        proven = proven and best.proven
    if not proven:
        remarks += ("No proof for the second measure.",)
    return Plan.of(
        units, assignment, objective=then, bound=bound,
        proven=proven, seconds=perf_counter() - began, method=f"lexicographic eq1, {then}",
        remarks=remarks,
    )  # fmt: skip


def pareto_front(
    units: Units,
    areas: int,
    *,
    second: str = "eq4",
    limit: float | None = None,
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    most: int = _MOST,
) -> ParetoFront:
    """The proven front of eq. 1 against eq. 4 (or eq. 2) by the epsilon-constraint method.

    From the limit downwards: the best second measure with eq. 1 ≤ epsilon is found and
    proven, then epsilon steps just under the eq. 1 of that plan, down to the least eq. 1. The
    populations are whole numbers meanwhile (decimals and fractions by a common unit), so that
    each step is a different number and the steps come to an end.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    second : {"eq4", "eq2"}
        The second measure.
    limit : float, optional
        Largest eq. 1 of interest; 1.25 times the least when not given. The number of subsets
        to list grows exponentially with it.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds, about; the front found so far is returned, ``complete`` False.
    most : int
        Most connected subsets to list.

    Returns
    -------
    ParetoFront

    Raises
    ------
    DistrictingError
        The limit is below the least eq. 1, or the second measure is unknown.
    """
    began = perf_counter()
    deadline = np.inf if time_limit is None else began + time_limit
    working, factor = working_units(units, areas)
    if working is not units:
        front = pareto_front(
            working, areas, second=second, seed=seed, time_limit=time_limit,
            limit=None if limit is None else limit * factor, most=most,
        )  # fmt: skip
        plans = tuple(_in_unit_of(units, plan, second) for plan in front.plans)
        return replace(front, plans=plans, limit=front.limit / factor)
    last = lexicographic(units, areas, then=second, seed=seed, time_limit=time_limit, most=most)
    least = last.objectives["eq1"]
    top = 1.25 * least if limit is None else float(limit)
    if not last.proven:
        note = "the front starts from a proven least eq. 1 and second measure, not found here"
        return ParetoFront((), second, top, False, perf_counter() - began, note)
    lowest = _surplus(units, last.assignment)
    # a limit that a float has rounded down still means the plan of that eq. 1
    highest = int(np.floor((top / 2.0 + 1e-15 * units.population.sum()) * areas))
    if highest < lowest:
        raise DistrictingError(f"limit {top:,.4g} is below the least possible eq. 1 {least:,.4g}")
    trade = _Trade(units, areas, second, highest, most)
    note = ""
    if not trade.complete:
        note = f"a limit of {top:,.4g} on eq. 1 asks for more than {most:,} connected subsets"
    points: list[np.ndarray] = []
    surplus = highest
    while not note and surplus > lowest:
        assignment, _, done = trade.best(surplus, last.value, deadline)
        if not done or perf_counter() > deadline:
            note = "the time limit came first"
        elif assignment is None:
            break  # nothing better than the last plan of the front is left
        else:
            points.append(assignment)
            surplus = _surplus(units, assignment) - 1
    plans = [last]
    for assignment in reversed(points):
        plan = Plan.of(units, assignment, objective=second, proven=True, method=f"front {second}")
        if plan.objectives[second] < plans[-1].objectives[second] * (1 - 1e-9):
            plans.append(plan)
    return ParetoFront(tuple(plans), second, top, not note, perf_counter() - began, note)


def _in_unit_of(units, plan, second):
    """A plan found in another unit of the population, measured in that of the units."""
    return Plan.of(
        units, plan.assignment, objective=second, bound=plan.bound, proven=plan.proven,
        seconds=plan.seconds, method=plan.method, remarks=plan.remarks, trace=plan.trace,
    )  # fmt: skip
