"""Problems in the units of a solver, whose tolerances are absolute; answers in the caller's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .problem import PatrolProblem

TOTAL = 20  # demand sums to less than 2^20 there: an absolute 1e-6 is 2e-12 of it at most
LENGTH = 10  # the longest finite distance is less than 2^10


def power_of_two(value: float, exponent: int) -> float:
    """The power of two u for which ``value / u`` lies in [2^(exponent − 1), 2^exponent).

    A division by it changes no digit, so that what comes back is the caller's number.

    Examples
    --------
    >>> power_of_two(3.0, 1), power_of_two(1e-7, 20) * 2**20 > 1e-7
    (2.0, True)
    """
    return math.ldexp(1.0, math.frexp(value)[1] - exponent) if value > 0 else 1.0


@dataclass(frozen=True, eq=False)
class SolverUnits:
    """A problem whose demand and distances have the size that a solver's tolerances are meant for.

    Attributes
    ----------
    weights : (k,) array
        Demand of the nodes that have some, in units of `demand_unit`; sums to less than 2^20.
    matrix : (k, m) array
        Their distances in units of `distance_unit`, the longest finite one less than 2^10.
    held : (k,) int array
        These nodes' numbers.
    demand_unit, distance_unit : float
        Powers of two.
    """

    weights: np.ndarray
    matrix: np.ndarray
    held: np.ndarray
    demand_unit: float
    distance_unit: float

    @classmethod
    def of(cls, problem: PatrolProblem) -> SolverUnits:
        """The problem's nodes with demand, in the solver's units."""
        held = np.flatnonzero(problem.demand > 0)
        weights, matrix = problem.demand[held], problem.matrix()[held]
        far = matrix.max(where=np.isfinite(matrix), initial=0.0)
        of_demand = power_of_two(float(weights.sum()), TOTAL)
        of_distance = power_of_two(float(far), LENGTH)
        return cls(weights / of_demand, matrix / of_distance, held, of_demand, of_distance)

    @property
    def cost_unit(self) -> float:
        """Unit of demand × distance."""
        return self.demand_unit * self.distance_unit

    def problem(self, patrols: int, fixed) -> PatrolProblem:
        """The p-median of these nodes in these units."""
        return PatrolProblem(self.weights, self.matrix, patrols, fixed)
