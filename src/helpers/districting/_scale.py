"""Searches that give the same plan in any unit of the population, compared without rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import wraps

import numpy as np

from .objectives import Objective, as_objective
from .plan import Plan
from .units import Units

# Totals within which the tolerances of the searches and of the linear solver, which are absolute,
# are small beside the data.
_LEAST, _MOST = 1.0, 2.0**40
_EXACT = 2.0**52  # up to here sums of whole numbers, and their halves, are exact
_DIGITS = 13  # decimals tried, from the first digit of the largest figure
_DENOMINATOR = 10_000_000
_ROUNDING = 4.0 * np.finfo(float).eps


def working_units(units: Units, areas: int) -> tuple[Units, float]:
    r"""The units with whole-number populations, and the factor that made them so.

    Whole numbers of a usual size stay as they are.  Others are written as multiples
    :math:`p_i = a_i u` of a common unit *u*: decimals by their last digit, others by continued
    fractions of :math:`p_i / \min p`.  Sums of the whole numbers :math:`a_i` are exact, so that two
    plans have the same eq. 1 or differ by a known step.  Where no such *u* is found the figures are
    rounded to the finest grid on which :math:`k \sum a_i` is exact, about the fifteenth digit of
    the total.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.

    Returns
    -------
    Units
        ``units`` itself where nothing had to be done.
    float
        What an amount is multiplied by to be one of these units.
    """
    people = units.population
    total = people.sum()
    if _LEAST <= total <= _MOST and np.equal(people, np.round(people)).all():
        return units, 1.0
    whole = _decimal(people, areas)
    if whole is None:
        whole = _rational(people, areas)
    if whole is None:
        whole = np.round(people / total * 2.0 ** np.floor(np.log2(_EXACT / areas)))
    whole = whole / np.gcd.reduce(whole.astype(np.int64))
    return replace(units, population=whole), float(whole.sum() / total)


def _decimal(people: np.ndarray, areas: int) -> np.ndarray | None:
    """The least whole numbers that times a power of ten are the populations, if there are any."""
    first = -int(np.floor(np.log10(people.max())))
    for digits in range(first, first + _DIGITS):
        # in two halves: 10 ** 320 is no number, and 10 ** -320 has few digits
        scaled = people * 10.0 ** (digits // 2) * 10.0 ** (digits - digits // 2)
        whole = np.round(scaled)
        if whole.sum() * areas > _EXACT:
            return None
        if (np.abs(scaled - whole) <= _ROUNDING * scaled).all():
            return whole
    return None


def _rational(people: np.ndarray, areas: int) -> np.ndarray | None:
    """Whole numbers in the proportions of the populations, from fractions of the smallest."""
    smallest = people[people > 0].min()
    share = 1
    ratios = [Fraction(float(p / smallest)).limit_denominator(_DENOMINATOR) for p in people]
    for ratio in {ratio.denominator for ratio in ratios}:
        share = np.lcm.reduce([share, ratio], dtype=object)
        if share * people.sum() / smallest * areas > _EXACT:
            return None
    whole = np.array([float(ratio * share) for ratio in ratios])
    scaled = people / smallest * share
    return whole if (np.abs(scaled - whole) <= _ROUNDING * scaled).all() else None


def in_any_unit(search: Callable[..., Plan]) -> Callable[..., Plan]:
    """Run a search in whole numbers of the population, and tell the plan in the given unit.

    The searches compare with tolerances such as 1e-9.  On a map whose populations are of that
    size, every plan would pass for optimal; on one of 1e12, the linear solver would lose digits.
    """

    @wraps(search)
    def run(
        units: Units, areas: int, *, objective: str | Objective = "eq1", **options: object
    ) -> Plan:
        remarks = units.check(areas)
        working, factor = working_units(units, areas)
        if working is units:
            return search(units, areas, objective=objective, **options)
        sought = as_objective(objective)
        if sought.distance == 0 and sought.shape == 0:
            wish, ratio = Objective(population=1.0), sought.population / factor
        else:
            wish, ratio = replace(sought, population=sought.population / factor), 1.0
        for name in ("start_temperature", "temperature"):
            if options.get(name) is not None:
                options[name] = options[name] / ratio
        found = search(working, areas, objective=wish, **options)
        own = len(working.check(areas))
        return Plan.of(
            units,
            found.assignment,
            objective=objective,
            bound=found.bound * ratio,
            proven=found.proven,
            seconds=found.seconds,
            method=found.method,
            remarks=(*remarks, *found.remarks[own:]),
            trace=found.trace * [1.0, ratio],
        )

    return run
