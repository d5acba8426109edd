"""One call for every districting method."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks import one_of

from .automatic_zoning import azp, azp_sa
from .cooling import annealing
from .evolution import genetic, genetic_paper
from .objectives import Objective
from .optimum import exact
from .plan import Plan
from .spanning_trees import recombination
from .units import DistrictingError, Units

__all__ = ["METHODS", "district"]

METHODS = {
    "exact": exact,
    "annealing": annealing,
    "recombination": recombination,
    "genetic": genetic,
    "genetic_paper": genetic_paper,
    "azp": azp,
    "azp_sa": azp_sa,
}


def district(
    units: Units,
    areas: int,
    *,
    objective: str | Objective = "eq1",
    method: str = "exact",
    seed: int | np.random.Generator = 0,
    time_limit: float | None = None,
    **options: Any,
) -> Plan:
    """Group units into contiguous areas.

    Parameters
    ----------
    units : Units
        The areal units, from :meth:`Units.from_city` or :meth:`Units.from_frames`.
    areas : int
        Number of areas k.
    objective : {"eq1", "eq2", "eq3", "eq4"} or Objective
        Eq. 1, differences from the mean (`population_difference`); eq. 2, distances to area
        centres in km (`radial_compactness`); eq. 3, their raw sum; eq. 4, shapes
        (`compactness`); or weights.
    method : str
        One of :data:`METHODS`: ``exact`` (with a proof where one is possible), ``annealing``,
        ``recombination`` (large maps), ``genetic``, ``genetic_paper``, ``azp``, ``azp_sa``.
    seed : int or numpy.random.Generator
        Seed or generator of every random step.
    time_limit : float, optional
        Seconds, about, for any method.
    **options
        Passed on to the method.

    Returns
    -------
    Plan
        ``assignment`` in the order of the units, its four measures, a proven bound and the gap.

    Raises
    ------
    DistrictingError
        An unknown method or objective, or a number of areas that has no plan.

    Examples
    --------
    >>> none = np.empty((0, 2), dtype=int)
    >>> row = Units(tuple("abcd"), tuple("abcd"), np.array([1.0, 2, 2, 1]), np.ones(4),
    ...             np.full(4, 4.0), np.arange(4.0), np.zeros(4),
    ...             np.array([[0, 1], [1, 2], [2, 3]]), none, [])
    >>> plan = district(row, 2)
    >>> plan.assignment, plan.objectives["eq1"], plan.proven
    (array([0, 0, 1, 1]), 0.0, True)
    """
    one_of(method, "method", METHODS, error=DistrictingError)
    return METHODS[method](
        units, areas, objective=objective, seed=seed, time_limit=time_limit, **options
    )
