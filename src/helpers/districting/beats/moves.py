"""The best plans that change at most m units of the plan of today."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from helpers.checks import whole_number

from .._kernels import fill_state, mean_rise, state_value
from .._scale import working_units
from .._states import graph_arrays, new_state
from ..objectives import population_difference
from ..units import DistrictingError, Units
from . import _kernels
from .program import Program, branch_and_cut

__all__ = ["FewMoves", "few_moves"]

_LEVELS = 60
_EFFORT = 8e6  # under half a second


@dataclass(frozen=True, eq=False)
class FewMoves:
    """The best plan found that differs from today's in at most `most` units.

    Attributes
    ----------
    most : int
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, with the numbers of today's areas.
    moved : numpy.ndarray of int
        Units that change their area.
    value : float
        Eq. 1.
    bound : float
        Proven lower bound on eq. 1 with at most `most` changes, at most `value`.
    proven : bool
        Whether no plan with as few changes is better.
    seconds : float
    """

    most: int
    assignment: np.ndarray
    moved: np.ndarray
    value: float
    bound: float
    proven: bool
    seconds: float

    @property
    def gap(self) -> float:
        """How much less of `value`, as a share, a plan with as few changes can have at most."""
        return (self.value - self.bound) / self.value if self.value > 0 else 0.0


def few_moves(
    units: Units,
    today: np.ndarray,
    most: int,
    *,
    seed: int | np.random.Generator = 0,
    start: np.ndarray | None = None,
    restarts: int = 3,
    effort: float = _EFFORT,
) -> FewMoves:
    r"""The plan of least eq. 1 among contiguous ones that change at most `most` units.

    Annealing among such plans finds one.  The bound is that of an integer program: with
    :math:`x_{ij} = 1` where unit i goes to another area j,

    .. math::

        \min \sum_j 2 s_j, \quad s_j \ge P_j - \mu, \quad
        P_j = P_j^0 + \sum_i p_i x_{ij} - \sum_{i \in Z_j^0} \sum_l p_i x_{il}, \quad
        \sum_{ij} x_{ij} \le m, \quad \sum_j x_{ij} \le 1 .

    Contiguity comes as cuts: units S that part a unit a of area j from the rest hold one of j, if so
    many of today's units of j are in the rest that one must stay; else with any unit b of the rest
    :math:`y_a + y_b - \sum_{v \in S} y_v \le 1`, where y is 1 for the units of j.  Minimum cuts find those
    that the linear relaxation breaks.  Branch and cut goes on until the bound meets the plan or
    `effort` is spent, counted in steps of the solver and not in seconds, so that the answer does not
    depend on the machine's speed; what is left open then has the bound of its linear programs.

    Parameters
    ----------
    units : Units
        The areal units.
    today : array of int, shape (n,)
        Area of each unit; its areas may be in pieces, which then stay as they are allowed.
    most : int
        How many units may change, m.
    seed : int or numpy.random.Generator
        Of the annealing.
    start : array of int, shape (n,), optional
        A plan with as few changes that is known to be good.
    restarts : int
        Annealing runs.
    effort : float
        Work of the branch and cut: steps of the simplex method times rows and columns, in all.

    Returns
    -------
    FewMoves

    Raises
    ------
    DistrictingError
        The plan of today does not fit, or `most` is no whole number.
    """
    began = perf_counter()
    most = whole_number(most, "most", 0, error=DistrictingError)
    labels = np.asarray(today)
    if labels.shape != (len(units),) or labels.min() < 0:
        raise DistrictingError(
            f"today's plan has shape {labels.shape}, expected an area for each of {len(units)} units"
        )
    areas = int(labels.max()) + 1
    working, factor = working_units(units, areas)
    rng = np.random.default_rng(seed)
    best = _annealed(working, labels, areas, most, rng, start, restarts)
    best, bound, proven = _bounded(working, labels, areas, most, best, effort)
    value = population_difference(units, best)
    return FewMoves(
        most=most,
        assignment=best,
        moved=np.flatnonzero(best != labels),
        value=value,
        bound=value if proven else min(bound / factor, value),
        proven=proven,
        seconds=perf_counter() - began,
    )


def _annealed(units, today, areas, most, rng, start, restarts):
    graph, weights, mu = graph_arrays(units), np.array([1.0, 0.0, 0.0]), units.mean(areas)
    best = today.astype(np.int64) if start is None else np.array(start, dtype=np.int64)
    best_value = population_difference(units, best)
    moves = max(15 * len(units), 6000)
    work = np.zeros((2, len(units)), dtype=np.int64)
    for run in range(restarts if most else 0):
        state = new_state(graph, today if run % 2 == 0 else best, areas, rng)
        fill_state(graph, state, False)
        value = state_value(state, mu, weights)
        first = mean_rise(graph, state, mu, weights, 200)
        if not first > 0:
            break
        best_value = _kernels.anneal_near(
            graph, state, today.astype(np.int64), most, mu, weights, best, value, best_value,
            first, 1e-4 ** (1.0 / _LEVELS), moves, _LEVELS, work,
        )  # fmt: skip
    return best


def _bounded(units, today, areas, most, best, effort):
    """The better of `best` and the program's plans, a bound, and whether they meet."""
    value = population_difference(units, best)
    program = Program(units, today, areas, most)
    if not program.pairs or value == 0.0:
        return best, value, True
    # half of eq. 1 in k-ths of a person is whole
    step = (
        2.0
        * np.gcd.reduce([areas * int(p) for p in units.population] + [int(units.population.sum())])
        / areas
    )
    near = max(step * (1.0 - 1e-6), 1e-9 * value)
    best, value, bound = branch_and_cut(program, best, value, near, effort)
    return best, bound, bool(bound >= value)
