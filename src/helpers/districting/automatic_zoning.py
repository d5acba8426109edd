"""Openshaw's automatic zoning procedure with the paper's objective, by spopt or compiled."""

from __future__ import annotations

import random
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from helpers.checks import one_of

from . import _kernels
from ._scale import in_any_unit
from ._states import areas_by_component, graph_arrays, new_state
from .cooling import simple_bound
from .objectives import Objective, as_objective
from .plan import Plan
from .units import DistrictingError, Units

__all__ = ["azp", "azp_sa", "azp_within"]


class _OutOfTime(Exception):
    """Raised inside spopt's loops when the time limit is reached; never leaves this module."""


@in_any_unit
def azp(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    plateau: int | None = None,
    engine: str = "spopt",
) -> Plan:
    """The automatic zoning procedure (AZP): local search by moving one unit at a time.

    spopt's own loop runs with the paper's objective in place of its within-region
    heterogeneity. Moves that leave the objective as it is are allowed ``plateau`` times, since
    rounding can make spopt take a cycle of them for an improvement without end; the best plan
    visited is returned.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        Name of an equation, or weights.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds.
    plateau : int, optional
        Most moves without change in all; 20 a unit when not given.
    engine : {"spopt", "compiled"}
        PySAL's loop, or the same procedure compiled here, some thousand times faster: for
        studies of many seeds. The two draw their random moves in another order.

    Returns
    -------
    Plan

    Raises
    ------
    DistrictingError
        A number of areas that has no plan.

    References
    ----------
    Openshaw and Rao (1995), Algorithms for reengineering 1991 Census geography, Environment
    and Planning A 27(3): 425-446.
    """
    level = 20 * len(units) if plateau is None else plateau
    return _run(units, areas, objective, seed, time_limit, level, "azp", _descend, engine)


@in_any_unit
def azp_sa(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    temperature: float | None = None,
    cooling: float = 0.85,
    uphill_moves: int = 10,
    idle_rounds: int = 3,
    passes: int = 20,
    rounds: int = 100,
    plateau: int | None = None,
    engine: str = "spopt",
) -> Plan:
    r"""AZP with simulated annealing (AZP-SA), the paper's comparison method, through spopt.

    Openshaw and Rao's steps: run AZP with uphill moves accepted with probability
    :math:`e^{-\text{rise} / T}` until ``uphill_moves`` of them were made (or ``passes`` runs); lower T
    by ``cooling``; stop after ``idle_rounds`` rounds without any move. spopt's class for this
    cannot run as shipped (it builds the wrong AZP class), its acceptance test fails with
    numpy 2.4, and it returns the last plan: here its AZP loop is called directly, the
    acceptance test works on plain floats, and the best plan visited is returned.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        Name of an equation, or weights.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds.
    temperature : float, optional
        First T, in the unit of the objective; a hundredth of the first plan's value when not
        given.
    cooling : float
        Factor between 0 and 1.
    uphill_moves, idle_rounds, passes, rounds : int
        Where each loop ends.
    plateau : int, optional
        Most moves without change in one round; one a unit when not given.
    engine : {"spopt", "compiled"}
        As in :func:`azp`.

    Returns
    -------
    Plan

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or parameters out of range.
    """
    if not 0 < cooling < 1:
        raise DistrictingError(f"cooling must lie between 0 and 1, not {cooling!r}")
    if temperature is not None and not temperature > 0:
        raise DistrictingError(f"temperature must be above zero, not {temperature!r}")

    def anneal(fit, rule, first):
        rule.temperature = 0.01 * first if temperature is None else temperature
        labels = None
        idle = 0
        for _ in range(rounds):
            rule.uphill, rule.moved, rule.level = 0, False, 0
            for _ in range(passes):
                # Level moves do not count: they would keep every round alive.
                rule.moved_in_pass = False
                labels = fit(labels)
                if rule.uphill >= uphill_moves or not rule.moved_in_pass:
                    break
            idle = 0 if rule.moved else idle + 1
            if idle >= idle_rounds:
                break
            rule.temperature *= cooling

    return _run(units, areas, objective, seed, time_limit, plateau, "azp_sa", anneal, engine,
                uphill_moves)  # fmt: skip


def azp_within(
    units: Units,
    areas: int,
    *,
    seed: int | np.random.Generator = 0,
    engine: str = "spopt",
) -> Plan:
    r"""PySAL's AZP as spopt ships it: areas of units that are alike, not areas of equal size.

    Its objective is the heterogeneity within areas,

    .. math:: \sum_j \sum_{i < l;\; i, l \in Z_j} |p_i - p_l|.

    That is regionalisation, another question than eq. 1, and what
    a user gets who does not replace the objective.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k, from 2 to n − 1.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    engine : {"spopt", "compiled"}
        spopt itself, or the same procedure compiled here, for runs over many seeds; the two draw
        other random numbers.

    Returns
    -------
    Plan
        Measured by the paper's equations; ``value`` is eq. 1, which was not searched for.

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or an unknown engine.
    """
    one_of(engine, "engine", _ENGINES, error=DistrictingError)
    began = perf_counter()
    remarks = units.check(areas)
    if areas in (1, len(units)):
        raise DistrictingError("spopt's AZP needs at least 2 areas and fewer than there are units")
    within = _within_compiled if engine == "compiled" else _within_spopt
    return Plan.of(
        units, within(units, areas, seed), bound=simple_bound(units, areas),
        seconds=perf_counter() - began, method="azp_within", remarks=remarks,
    )  # fmt: skip


def _within_spopt(units, areas, seed):
    from spopt.region.azp import AZPOrig

    number = int(np.random.default_rng(seed).integers(0, 2**63))
    with _python_random_kept():
        engine = AZPOrig(random_state=number)
        engine.fit_from_scipy_sparse_matrix(
            _adjacency(units), units.population.reshape(-1, 1), areas
        )
    return np.asarray(engine.labels_, dtype=np.int64)


def _within_compiled(units, areas, seed):
    rng = np.random.default_rng(seed)
    graph = graph_arrays(units)
    state = new_state(graph, _random_growth(units, areas, rng), areas, rng)
    _kernels.fill_state(graph, state, False)
    _kernels.zone_alike(graph, state)
    return state.label.copy()


def _adjacency(units):
    # spopt's older helpers index like numpy.matrix, hence the sparse matrix class.
    indptr, indices = units.contiguity
    n = len(units)
    return csr_matrix(csr_array((np.ones(len(indices)), indices, indptr), shape=(n, n)))


def _descend(fit, rule, first):
    rule.temperature = 0.0
    fit(None)


def _run(
    units, areas, objective, seed, time_limit, plateau, method, search, engine, uphill=0
):  # fmt: skip
    one_of(engine, "engine", _ENGINES, error=DistrictingError)
    began = perf_counter()
    remarks = units.check(areas)
    bound = simple_bound(units, areas, objective)
    n = len(units)
    if areas in (1, n):
        # One plan only; spopt fails on a single region.
        labels = np.zeros(n, dtype=np.int64) if areas == 1 else np.arange(n)
        if areas == 1 and units.components.max() > 0:
            raise DistrictingError("one area cannot cover several components")
    else:
        deadline = np.inf if time_limit is None else began + time_limit
        level = n if plateau is None else plateau
        labels = _ENGINES[engine](
            units, areas, as_objective(objective), seed, deadline, level, search, uphill
        )
    plan = Plan.of(units, labels, objective=objective)
    proven = plan.value <= bound * (1 + 1e-9) + 1e-9 or areas in (1, n)
    return Plan.of(
        units, labels, objective=objective, bound=bound, proven=proven,
        seconds=perf_counter() - began, method=method, remarks=remarks,
    )  # fmt: skip


def _by_spopt(units, areas, objective, seed, deadline, plateau, search, uphill):
    from spopt.region.azp import AZPOrig

    objective_class, rule_class = _spopt_classes()
    n = len(units)
    number = int(np.random.default_rng(seed).integers(0, 2**63))
    adjacency = _adjacency(units)
    # spopt hands over one component at a time with its rows of `attr`: as those rows hold the
    # unit's number, the objective can look everything else up.
    attr = np.arange(n, dtype=float).reshape(-1, 1)
    cost = objective_class(units, areas, objective)
    rule = rule_class(n, plateau, deadline)
    with _python_random_kept():
        engine = AZPOrig(allow_move_strategy=rule, random_state=number)
        labels = None

        def fit(start):
            engine.fit_from_scipy_sparse_matrix(
                adjacency, attr, areas, initial_labels=start, objective_func=cost
            )
            return engine.labels_.astype(np.int64)

        try:
            from spopt.region.util import generate_initial_sol

            labels = -np.ones(n, dtype=np.int64)
            for part in generate_initial_sol(adjacency, areas):
                labels[part >= 0] = part[part >= 0]
            rule.remember(labels, np.arange(n))
            search(lambda start: fit(labels if start is None else start), rule,
                   cost(labels, attr))  # fmt: skip
        except _OutOfTime:
            pass
    return rule.best


@dataclass
class _Progress:
    """What `search` reads and sets between two compiled runs."""

    temperature: float = 0.0
    uphill: int = 0
    level: int = 0
    moved: bool = False
    moved_in_pass: bool = False


def _compiled(units, areas, objective, seed, deadline, plateau, search, uphill):
    rng = np.random.default_rng(seed)
    graph = graph_arrays(units)
    first = _random_growth(units, areas, rng)
    state = new_state(graph, first, areas, rng)
    _kernels.fill_state(graph, state, objective.distance > 0)
    mu, weights = units.mean(areas), objective.weights
    value = _kernels.state_value(state, mu, weights)
    best, best_value = first.copy(), value
    progress = _Progress()

    def fit(_):
        nonlocal value, best_value
        if perf_counter() > deadline:
            raise _OutOfTime
        done = np.array([progress.uphill, progress.level, 0])
        before = done.sum() - done[1]
        value, best_value = _kernels.zone_once(
            graph, state, mu, weights, value, best, best_value, progress.temperature, plateau,
            max(uphill, 1), done,
        )  # fmt: skip
        progress.uphill, progress.level = int(done[0]), int(done[1])
        progress.moved_in_pass = bool(done[0] + done[2] > before)
        progress.moved = progress.moved or progress.moved_in_pass

    with suppress(_OutOfTime):
        search(fit, progress, value)
    return best


def _random_growth(units, areas, rng):
    """A random contiguous assignment that knows nothing of the population."""
    indptr, indices = units.contiguity
    component = units.components
    seeds = np.concatenate(
        [
            rng.choice(np.flatnonzero(component == c), size=count, replace=False)
            for c, count in enumerate(areas_by_component(units, areas))
        ]
    )
    label = np.full(len(units), -1, dtype=np.int64)
    label[seeds] = np.arange(areas)
    free = [(i, j) for i in seeds for j in indices[indptr[i] : indptr[i + 1]]]
    while free:
        pick = int(rng.integers(len(free)))
        free[pick], free[-1] = free[-1], free[pick]
        i, j = free.pop()
        if label[j] < 0:
            label[j] = label[i]
            free += [(j, other) for other in indices[indptr[j] : indptr[j + 1]]]
    return label


_ENGINES = {"spopt": _by_spopt, "compiled": _compiled}


@contextmanager
def _python_random_kept():
    """Spopt seeds Python's global generator; give it back as it was."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


@cache
def _spopt_classes():
    """The subclasses of spopt's classes, made when first needed (importing spopt is slow)."""
    from spopt.region.azp_util import AllowMoveStrategy
    from spopt.region.objective_function import ObjectiveFunction

    class PaperObjective(ObjectiveFunction):
        """Weighted eqs 1, 2, 4 of the labels of one component."""

        def __init__(self, units, areas, weights):
            super().__init__()
            self.units, self.mu, self.weights = units, units.mean(areas), weights

        def _cost(self, members):
            if len(members) == 0:
                return 0.0
            units, weights = self.units, self.weights
            total = weights.population * abs(units.population[members].sum() - self.mu)
            if weights.distance > 0:
                x, y = units.x[members] / 1000.0, units.y[members] / 1000.0
                d = np.hypot(x[:, None] - x, y[:, None] - y)
                total += weights.distance * d.sum(axis=1).min()
            if weights.shape > 0:
                inside = np.isin(units.shared, members).all(axis=1)
                perimeter = units.perimeter_km[members].sum() - 2.0 * units.shared_km[inside].sum()
                total += weights.shape * perimeter**2 / units.area_km2[members].sum()
            return float(total)

        def __call__(self, labels, attr):
            ids = attr[:, 0].astype(np.int64)
            return sum(self._cost(ids[labels == region]) for region in np.unique(labels))

        def update(self, moving_area, recipient_region, labels, attr):
            ids = attr[:, 0].astype(np.int64)
            donor = ids[labels == labels[moving_area]]
            recipient = ids[labels == recipient_region]
            unit = ids[moving_area]
            if self.weights.distance == 0 and self.weights.shape == 0:
                p = self.units.population
                out, into, mu = p[donor].sum(), p[recipient].sum(), self.mu
                return float(
                    self.weights.population
                    * (abs(out - p[unit] - mu) - abs(out - mu)
                       + abs(into + p[unit] - mu) - abs(into - mu))
                )  # fmt: skip
            return (
                self._cost(donor[donor != unit]) + self._cost(np.append(recipient, unit))
                - self._cost(donor) - self._cost(recipient)
            )  # fmt: skip

    class Rule(AllowMoveStrategy):
        """Metropolis acceptance that remembers the best plan and limits level moves."""

        def __init__(self, n, plateau, deadline):
            self.temperature, self.plateau, self.deadline = 0.0, plateau, deadline
            self.uphill, self.level = 0, 0
            self.moved = self.moved_in_pass = False
            self.best = np.full(n, -1, dtype=np.int64)
            self.least: dict[int, float] = {}

        def remember(self, labels, ids):
            self.best[ids] = labels

        def start_new_component(self, initial_labels, attr, objective_func, comp_idx):
            super().start_new_component(initial_labels, attr, objective_func, comp_idx)
            self.ids = comp_idx
            self.key = int(comp_idx[0])
            if self.objective_val < self.least.get(self.key, np.inf):
                self.least[self.key] = self.objective_val
                self.remember(initial_labels, comp_idx)

        def __call__(self, moving_area, new_region, labels):
            if perf_counter() > self.deadline:
                raise _OutOfTime
            change = self.objective_func.update(moving_area, new_region, labels, self.attr)
            if abs(change) <= 1e-9 * max(1.0, abs(self.objective_val)):
                if self.level >= self.plateau:
                    return False
                self.level += 1
                return True
            if change > 0:
                if self.temperature <= 0 or random.random() >= np.exp(-change / self.temperature):  # noqa: S311
                    return False
                self.uphill += 1
            self.moved = self.moved_in_pass = True
            self.objective_val += change
            if self.objective_val < self.least[self.key] - 1e-9 * abs(self.least[self.key]):
                self.least[self.key] = self.objective_val
                after = labels.copy()
                after[moving_area] = new_region
                self.remember(after, self.ids)
            return True

    return PaperObjective, Rule
