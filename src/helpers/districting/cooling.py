"""Simulated annealing over contiguous plans with compiled, incremental moves."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from . import _kernels
from ._scale import in_any_unit
from ._states import graph_arrays, grown_assignment, new_state
from .objectives import Objective, as_objective, closed_form_bound
from .plan import Plan
from .units import DistrictingError, Units

__all__ = ["annealing", "random_plan", "simple_bound"]

_MOVES_PER_CALL = 2_000_000


def simple_bound(units: Units, areas: int, objective: str | Objective = "eq1") -> float:
    r"""A bound that costs nothing: eq. 1 in closed form; nothing is assumed of eqs 2 and 4.

    The larger of :func:`closed_form_bound` and, for whole-number populations,

    .. math:: \frac{2\, r (k - r)}{k}, \qquad r = \text{total} \bmod k:

    whole numbers that add up to the total cannot all equal its k-th part.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        Name of an equation, or weights.

    Returns
    -------
    float
    """
    least = closed_form_bound(units, areas)
    if np.equal(units.population, np.round(units.population)).all():
        rest = float(units.population.sum() % areas)
        least = max(least, 2.0 * rest * (areas - rest) / areas)
    return as_objective(objective).population * least


def random_plan(units: Units, areas: int, seed: int | np.random.Generator = 0) -> Plan:
    """A random contiguous plan: areas grown from random units, the least populated first.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.

    Returns
    -------
    Plan
    """
    remarks = units.check(areas)
    start = perf_counter()
    rng = np.random.default_rng(seed)
    assignment = grown_assignment(units, graph_arrays(units), areas, rng)
    return Plan.of(
        units,
        assignment,
        bound=closed_form_bound(units, areas),
        seconds=perf_counter() - start,
        method="random",
        remarks=remarks,
    )


@in_any_unit
def annealing(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    moves: int | None = None,
    restarts: int = 20,
    start: np.ndarray | None = None,
    start_temperature: float | None = None,
) -> Plan:
    """Search by simulated annealing with flips, swaps and relocations of one-unit areas.

    Each run cools geometrically from the mean worsening of the start plan's flips to a
    ten-thousandth of it. The search ends when the proven bound is met, after ``restarts``
    runs, or at the time limit; the best plan seen is returned.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        ``"eq1"`` ... ``"eq4"`` or weights.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds; with a limit the result may depend on the speed of the machine.
    moves : int, optional
        Most moves proposed in one run; 2,000 a unit up to 4 million when not given. The first
        run proposes a 64th of that, each following one twice as many as the one before:
        easy instances are done in milliseconds, hard ones get long runs.
    restarts : int
        Most runs, each from a new random plan (the first from ``start`` when given).
    start : array of int, shape (n,), optional
        A contiguous assignment to start from.
    start_temperature : float, optional
        First temperature, in the unit of the objective, in place of the mean worsening (a low
        one polishes ``start`` rather than melting it).

    Returns
    -------
    Plan
        With a trace of (moves, best value) at each temperature.

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or a start that is not contiguous.
    """
    began = perf_counter()
    remarks = units.check(areas)
    weights = as_objective(objective).weights
    rng = np.random.default_rng(seed)
    graph = graph_arrays(units)
    mu = units.mean(areas)
    bound = simple_bound(units, areas, objective)
    target = bound * (1.0 + 1e-12) + 1e-9
    if start is not None:
        given = Plan.of(units, start)
        if given.areas != areas:
            raise DistrictingError(f"the start has {given.areas} areas, not {areas}")
        start = given.assignment
    most = min(2_000 * len(units), 4_000_000) if moves is None else int(moves)
    best, best_value = None, np.inf
    counts = np.zeros(2, dtype=np.int64)
    trace = [(0.0, np.nan)]
    for run in range(max(1, restarts)):
        per_run = max(most >> max(6 - run, 0), 1)
        levels = int(np.clip(per_run // 100, 1, 200))
        per_level = max(per_run // levels, 1)
        cooling = 1e-4 ** (1.0 / levels)
        chunk = max(1, _MOVES_PER_CALL // per_level)
        first = grown_assignment(units, graph, areas, rng) if start is None else start
        start = None
        state = new_state(graph, first, areas, rng)
        _kernels.fill_state(graph, state, weights[1] > 0)
        value = _kernels.state_value(state, mu, weights)
        if best is None or value < best_value:
            best, best_value = state.label.copy(), value
        if np.isnan(trace[0][1]):
            trace[0] = (0.0, value)
        temperature = (
            _kernels.mean_rise(graph, state, mu, weights, 200)
            if start_temperature is None
            else start_temperature
        )
        done = 0
        while done < levels and best_value > target and temperature > 0:
            block = min(chunk, levels - done)
            values = np.empty(block)
            before = counts[0]
            value, best_value, did = _kernels.anneal(
                graph, state, mu, weights, value, best, best_value, temperature, cooling,
                per_level, block, target, values, counts,
            )  # fmt: skip
            trace += [(before + per_level * (s + 1.0), v) for s, v in enumerate(values[:did])]
            done += block
            temperature *= cooling**block
            if did < block or _out_of_time(began, time_limit):
                break
        if best_value <= target or _out_of_time(began, time_limit) or len(best) == areas:
            break
    proven = best_value <= target
    return Plan.of(
        units,
        best,
        objective=objective,
        bound=bound,
        proven=proven,
        seconds=perf_counter() - began,
        method="annealing",
        remarks=remarks,
        trace=np.array(trace),
    )


def _out_of_time(began: float, time_limit: float | None) -> bool:
    return time_limit is not None and perf_counter() - began > time_limit
