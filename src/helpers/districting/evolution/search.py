"""Genetic algorithms over the centres of areas: the paper's own, then a better one."""

from __future__ import annotations

from itertools import product
from time import perf_counter

import numpy as np
import pandas as pd

from helpers.checks import one_of, whole_number

from .._scale import in_any_unit
from .._states import graph_arrays, growth_room, new_state
from ..cooling import simple_bound
from ..objectives import Objective, as_objective
from ..plan import Plan
from ..units import DistrictingError, Units
from . import _kernels

__all__ = ["genetic", "genetic_paper", "paper_settings"]

_LEVELS = 4  # temperatures of a climb
_GENERATIONS_PER_CALL = 20
_CHILDREN_PER_CALL = 8


def paper_settings() -> pd.DataFrame:
    """A study of 150 parameter settings around the published one.

    The paper tried 150 settings and reports the one it kept (population 100, 500 generations,
    crossover 100 %, mutation 1 %); the other 149 are not listed there. This grid is ours:
    five population sizes, five mutation rates, three crossover rates, two lengths.

    Returns
    -------
    pandas.DataFrame
        150 rows; columns population, generations, crossover, mutation, published (bool).

    Examples
    --------
    >>> table = paper_settings()
    >>> len(table), int(table["published"].sum())
    (150, 1)
    """
    rows = product(
        (50, 75, 100, 150, 200), (250, 500), (0.6, 0.8, 1.0), (0.0, 0.005, 0.01, 0.05, 0.1)
    )
    table = pd.DataFrame(rows, columns=["population", "generations", "crossover", "mutation"])
    table["published"] = (
        (table["population"] == 100)
        & (table["generations"] == 500)
        & (table["crossover"] == 1.0)
        & (table["mutation"] == 0.01)
    )
    return table


@in_any_unit
def genetic_paper(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    population: int = 100,
    generations: int = 500,
    crossover: float = 1.0,
    mutation: float = 0.01,
    take: str = "all",
    elite: int = 0,
    mutate: str = "gene",
    repeated: str = "replace",
    until: float | None = None,
    milestones: tuple[int, ...] = (),
    last: list[np.ndarray] | None = None,
) -> Plan:
    """The districting paper's genetic algorithm, with its parameters as defaults.

    A chromosome lists the k centre units. Areas form from the centres by first-order
    neighbours: in the order of the genes each area takes the free units that touch it, round
    after round, so that every area is contiguous. Parents are drawn with a probability that
    falls linearly from the best rank to the worst; one random cut point; each gene mutates to
    a random unit. Repeated centres in a child are replaced by random ones. The best plan ever
    met is returned; there is no elite, as the paper names none.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    objective : str or Objective
        Eq. 2 is measured to the centres in the chromosome while searching.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds, about; with a limit the result may depend on the speed of the machine.
    population, generations : int
        Chromosomes kept and generations run.
    crossover, mutation : float
        Probabilities per pair and per gene.
    take : {"all", "one"}
        Whether an area takes all its free neighbours in its turn or the first one; the paper
        does not say.
    elite : int
        Best chromosomes that go on unchanged; the paper names none.
    mutate : {"gene", "chromosome"}
        Whether each gene mutates with that probability, or one gene of a chromosome.
    repeated : {"replace", "refuse"}
        Whether repeated centres of a child become random ones, or the child is worth nothing.
    until : float, optional
        A value, such as a proven bound, at which the search may end: within twenty generations.
    milestones : tuple of int
        Generations whose chromosomes `last` receives as well, in their order, as far as they come.
    last : list, optional
        Receives the chromosomes of the last generation, an array (population, k).

    Returns
    -------
    Plan
        With a trace of (generation, best value).

    Raises
    ------
    DistrictingError
        A number of areas that has no plan, or parameters out of range.
    """
    began = perf_counter()
    remarks = units.check(areas)
    population = whole_number(population, "population", 2, error=DistrictingError)
    generations = whole_number(generations, "generations", 0, error=DistrictingError)
    if not (0 <= crossover <= 1 and 0 <= mutation <= 1):
        raise DistrictingError("crossover and mutation are probabilities between 0 and 1")
    one_of(take, "take", ("all", "one"), error=DistrictingError)
    one_of(mutate, "mutate", ("gene", "chromosome"), error=DistrictingError)
    one_of(repeated, "repeated", ("replace", "refuse"), error=DistrictingError)
    elite = whole_number(elite, "elite", 0, error=DistrictingError)
    if elite >= population:
        raise DistrictingError(
            f"an elite of {elite} leaves no room in a population of {population}"
        )
    weights = as_objective(objective)
    rng = np.random.default_rng(seed)
    component = units.components.astype(np.int64)
    n, trace = len(units), np.empty(generations + 1)
    label = np.full(n, -1, np.int64)
    work = (
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n // 64 + 1, np.uint64),
        np.empty(component.max() + 1, np.int64), np.empty(areas), np.empty(areas), np.empty(areas),
    )  # fmt: skip
    genes = [np.empty((population, areas), np.int64) for _ in range(2)]
    graph, values, value = graph_arrays(units), np.empty(population), np.inf
    turns, made = rng.integers(0, 2**64, 1, dtype=np.uint64), 0
    limit = np.inf if time_limit is None and until is not None else time_limit
    for span in _spans(len(trace), _GENERATIONS_PER_CALL, began, limit, milestones):
        value, swapped = _kernels.evolve_centres(
            graph, component, *genes, values, label, trace, crossover, mutation, take == "one",
            units.mean(areas), weights.weights, turns, work, value, span, elite, mutate == "gene",
            repeated == "replace",
        )  # fmt: skip
        genes, made = genes[::-1] if swapped else genes, span[1]
        if last is not None and made - 1 in milestones and made < len(trace):
            last.append(genes[1].copy())  # those that the next generation was bred from
        if until is not None and value <= until * (1 + 1e-12) + 1e-9:
            break
    if last is not None:
        last.append(genes[0])
    return _finish(
        units, areas, objective, label, began, "genetic_paper", remarks, trace[:made], value
    )


@in_any_unit
def genetic(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    population: int = 24,
    generations: int = 400,
    moves: int | None = None,
    mutation: float = 0.02,
) -> Plan:
    """A genetic algorithm whose decoding does more: balanced growth, then a short climb.

    The genes are again k centres, but (1) areas grow from them over the contiguity graph with
    the least populated area always taking the next unit, a graph Voronoi diagram balanced by
    population; (2) a short cold annealing improves the plan; (3) the centres of the improved
    plan become the genes (Lamarckian inheritance). Children replace the worst, and equal
    values are not kept twice.

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
        Seconds, about; with a limit the result may depend on the speed of the machine.
    population, generations : int
        Plans kept; children made.
    moves : int, optional
        Moves proposed in each climb; 20 a unit when not given.
    mutation : float
        Probability that a gene becomes a random unit.

    Returns
    -------
    Plan
        With a trace of (child, best value).

    Raises
    ------
    DistrictingError
        A number of areas that has no plan.
    """
    began = perf_counter()
    remarks = units.check(areas)
    population = whole_number(population, "population", 2, error=DistrictingError)
    generations = whole_number(generations, "generations", 0, error=DistrictingError)
    weights = as_objective(objective)
    rng = np.random.default_rng(seed)
    graph = graph_arrays(units)
    component = units.components.astype(np.int64)
    bound = simple_bound(units, areas, objective)
    n = len(units)
    state = new_state(graph, np.zeros(n, dtype=np.int64), areas, rng)
    labels, values = np.empty((population, n), np.int64), np.full(population, np.inf)
    trace = np.empty(generations + population)
    work = (
        np.empty(areas, np.int64), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n),
        np.empty(n // 64 + 1, np.uint64), np.empty(component.max() + 1, np.int64), np.empty(_LEVELS),
    )  # fmt: skip
    genes, counts = np.empty((population, areas), np.int64), np.zeros(2, dtype=np.int64)
    best, made, room = 0, 0, growth_room(graph, areas)
    for span in _spans(len(trace), _CHILDREN_PER_CALL, began, time_limit):
        best, made = _kernels.evolve_plans(
            graph, state, component, genes, labels, values, trace,
            20 * n if moves is None else moves, mutation, units.mean(areas), weights.weights,
            bound * (1 + 1e-12) + 1e-9, counts, work, room, best, span,
        )  # fmt: skip
        if made < span[1] or values[best] <= bound * (1 + 1e-12) + 1e-9:
            break
    return _finish(
        units, areas, objective, labels[best], began, "genetic", remarks, trace[:made],
        values[best],
    )  # fmt: skip


def _spans(total, most, began, time_limit, milestones=()):
    """(first, stop) of the calls that make `total` steps, until the time is up; one call without.

    A call also stops after each milestone.
    """
    ends = {total, *(mark + 1 for mark in milestones if 0 <= mark < total)}
    if time_limit is not None:
        ends |= set(range(most, total, most))
    first = 0
    for stop in sorted(ends):
        if first and time_limit is not None and perf_counter() - began > time_limit:
            return
        yield first, stop
        first = stop


def _finish(units, areas, objective, label, began, method, remarks, trace, value):
    bound = simple_bound(units, areas, objective)
    return Plan.of(
        units, label, objective=objective, bound=bound, proven=value <= bound * (1 + 1e-9) + 1e-9,
        seconds=perf_counter() - began, method=method, remarks=remarks,
        trace=np.column_stack([np.arange(len(trace)), trace]),
    )  # fmt: skip
