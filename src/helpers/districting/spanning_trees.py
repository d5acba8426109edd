"""Spanning-tree recombination of neighbouring areas, for large maps."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from . import _kernels
from ._scale import in_any_unit
from ._states import graph_arrays, grown_assignment, new_state
from .cooling import annealing, simple_bound
from .objectives import Objective, as_objective
from .plan import Plan
from .units import DistrictingError, Units

__all__ = ["recombination"]

_STEPS_PER_CALL = 20_000


@in_any_unit
def recombination(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    steps: int | None = None,
    polish: bool = True,
    start: np.ndarray | None = None,
) -> Plan:
    """Merge two neighbouring areas, draw a random spanning tree, cut it where it balances best.

    One step moves a whole border, so far fewer steps are needed than with single units; areas
    of hundreds of units are balanced to a few inhabitants by the choice of the tree edge. The
    moves are annealed; at the end single-unit moves polish the plan.

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
        Seconds, for the steps and the polish together.
    steps : int, optional
        Recombinations proposed; 400 an area, at least 2,000, when not given.
    polish : bool
        Whether an annealing run of single-unit moves follows.
    start : array of int, shape (n,), optional
        A contiguous assignment to start from.

    Returns
    -------
    Plan
        With a trace of (steps, best value).

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or a start that does not fit.

    References
    ----------
    DeFord, Duchin and Solomon (2021), Recombination: a family of Markov chains for
    redistricting, Harvard Data Science Review 3(1).
    """
    began = perf_counter()
    remarks = units.check(areas)
    weights = as_objective(objective)
    rng = np.random.default_rng(seed)
    graph = graph_arrays(units)
    mu = units.mean(areas)
    bound = simple_bound(units, areas, objective)
    target = bound * (1 + 1e-12) + 1e-9
    if start is None:
        first = grown_assignment(units, graph, areas, rng)
    else:
        given = Plan.of(units, start)
        if given.areas != areas:
            raise DistrictingError(f"the start has {given.areas} areas, not {areas}")
        first = given.assignment
    steps = max(2_000, 400 * areas) if steps is None else int(steps)
    state = new_state(graph, first, areas, rng)
    _kernels.fill_state(graph, state, weights.distance > 0)
    value = _kernels.state_value(state, mu, weights.weights)
    best, best_value = state.label.copy(), value
    n = len(units)
    work = (
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64),
        np.empty(max(len(graph.indices), n) + 1, np.int64),
    )  # fmt: skip
    temperature = max(best_value - bound, 1e-12) / areas
    cooling = 1e-4 ** (1.0 / max(steps, 1))
    counts = np.zeros(2, dtype=np.int64)
    trace = [(0.0, value)]
    done = 0
    while done < steps and best_value > target:
        block = min(_STEPS_PER_CALL, steps - done)
        values = np.empty(block)
        value, best_value, did = _kernels.recombine(
            graph, state, mu, weights.weights, value, best, best_value, temperature, cooling,
            block, target, values, counts, work,
        )  # fmt: skip
        every = max(1, steps // 200)
        trace += [(done + s + 1.0, values[s]) for s in range(every - 1, did, every)]
        done += did
        temperature *= cooling**block
        value = _kernels.state_value(state, mu, weights.weights)
        if did < block or (time_limit is not None and perf_counter() - began > time_limit):
            break
    if trace[-1][0] < done:
        trace.append((float(done), best_value))
    if polish and best_value > target:
        left = None if time_limit is None else max(time_limit - (perf_counter() - began), 0.01)
        polished = annealing(
            units, areas, objective=objective, seed=rng, time_limit=left, restarts=1,
            start=best, start_temperature=max(best_value - bound, 1e-12) / areas / 10.0,
        )  # fmt: skip
        if polished.value < best_value:
            best, best_value = polished.assignment, polished.value
        trace += [(done + t, v) for t, v in polished.trace[1:]]
    return Plan.of(
        units, best, objective=objective, bound=bound, proven=best_value <= target,
        seconds=perf_counter() - began, method="recombination", remarks=remarks,
        trace=np.array(trace),
    )  # fmt: skip
