"""Proven trade-offs between balance and shape: the best plan in order, and the whole front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import pandas as pd

from helpers.checks import one_of

from .._scale import rescaled, working_factor
from .._states import graph_arrays
from ..objectives import Objective, as_objective, evaluate
from ..plan import Plan
from ..units import DistrictingError, Units
from ._cover import LinearBound, SolverError, cheapest_cover, list_candidates, to_assignment
from .search import candidate_costs, exact, value_step

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
        True when it is proven that no point up to the limit is missing, but for points whose
        eq. 1 differs by less than the searches can tell apart (about a millionth of a unit).
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


def _slack(eq1):
    """More than the tolerances of `_Trade.best` let a plan lie above its limit on eq. 1."""
    return 2.0 * (1e-12 * eq1 + 1e-6 + 2e-9 * max(1.0, eq1))


class _Trade:
    """The list of candidates and the linear problem shared by all steps along the front."""

    def __init__(self, units, areas, second, eq1_limit, most):
        self.units, self.areas, self.second = units, areas, second
        mu = units.mean(areas)
        graph = graph_arrays(units)
        listed = list_candidates(units, graph, areas, eq1_limit / 2.0, most)
        self.complete = listed.complete
        if not listed.complete:
            return
        # Least surplus of any plan that uses a candidate; the list is sorted by it, so that a
        # lower limit on eq. 1 keeps a prefix of the list.
        own = np.maximum(units.population - mu, 0.0)
        surplus = np.maximum(listed.population - mu, 0.0)
        indices = _own_surplus(listed, own)
        need = np.maximum(own.sum() - indices + surplus, mu - listed.population)
        order = np.argsort(need, kind="stable")
        self.candidates = listed.select(order)
        self.need, self.surplus = need[order], surplus[order]
        cost = candidate_costs(units, areas, as_objective(second), self.candidates)
        self.linear = LinearBound(self.candidates, cost, len(units), areas, side=2.0 * self.surplus)

    def best(self, eq1_limit, known, deadline):
        """Best second measure with eq. 1 up to a limit: (assignment or None, bound, complete)."""
        live = int(np.searchsorted(self.need, eq1_limit / 2.0 * (1 + 1e-12) + 1e-9, side="right"))
        budget = eq1_limit * (1 + 1e-12) + 1e-6
        try:
            bound, reduced = self.linear.solve(live, budget, deadline)
        except SolverError:
            return None, 0.0, False
        solution = cheapest_cover(
            self.units, self.areas, self.candidates.select(slice(0, live)), reduced,
            self.surplus[:live], bound, known, budget=budget / 2.0,
            slack_price=-2.0 * self.linear.side_price,
            seconds=deadline - perf_counter() if np.isfinite(deadline) else np.inf,
        )  # fmt: skip
        bound = max(bound, solution.bound)
        if solution.chosen is None:
            return None, bound, solution.complete
        assignment = to_assignment(self.candidates, solution.chosen, len(self.units))
        return assignment, bound, solution.complete


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
    factor = working_factor(units)
    if factor != 1.0:
        plan = lexicographic(
            rescaled(units, factor), areas, then=then, seed=seed, time_limit=time_limit, most=most
        )
        return _in_unit_of(units, plan, then)
    best = exact(units, areas, seed=seed, time_limit=time_limit, most=most)
    value = evaluate(units, best.assignment)[then]
    trade = _Trade(units, areas, then, best.value, most)
    remarks, bound, proven, assignment = best.remarks, 0.0, False, best.assignment
    if trade.complete and perf_counter() <= deadline:
        found, bound, proven = trade.best(best.value, value * (1 + 1e-9) + 1e-9, deadline)
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
    proven, then epsilon steps just under the eq. 1 of that plan, down to the least eq. 1.

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
    factor = working_factor(units)
    if factor != 1.0:
        front = pareto_front(
            rescaled(units, factor), areas, second=second, seed=seed, time_limit=time_limit,
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
    if top < least:
        raise DistrictingError(f"limit {top:,.4g} is below the least possible eq. 1 {least:,.4g}")
    trade = _Trade(units, areas, second, top, most)
    note = ""
    if not trade.complete:
        note = f"a limit of {top:,.4g} on eq. 1 asks for more than {most:,} connected subsets"
    # Steps are longer than what the tolerances leave open: else the same plan would come again,
    # without end, on maps whose populations are no whole numbers.
    step = max(value_step(units, areas, Objective(population=1.0)), 2.0 * _slack(top))
    points: list[np.ndarray] = []
    epsilon = top
    while not note and epsilon > least + 0.5 * step:
        assignment, _, done = trade.best(epsilon, last.value, deadline)
        if not done or perf_counter() > deadline:
            note = "the time limit came first"
        elif assignment is None:
            break  # nothing better than the last plan of the front is left
        else:
            points.append(assignment)
            epsilon = evaluate(units, assignment)["eq1"] - 0.5 * step
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
