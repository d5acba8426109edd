"""Searches that give the same plan in any unit of the population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

import numpy as np

from .objectives import Objective, as_objective
from .plan import Plan
from .units import Units

# Totals within which the tolerances of the searches and of the linear solver, which are absolute,
# are small beside the data.
_LEAST, _MOST = 1.0, 2.0**40
_MIDDLE = 20  # a total outside is brought to about 2**20


def working_factor(units: Units) -> float:
    """What the population is multiplied by while a search runs: 1 for most maps.

    A power of two, so that no digit is lost on the way.

    Parameters
    ----------
    units : Units
        The areal units.

    Returns
    -------
    float
    """
    total = units.population.sum()
    if _LEAST <= total <= _MOST:
        return 1.0
    return float(2.0 ** (_MIDDLE - np.floor(np.log2(total))))


def rescaled(units: Units, factor: float) -> Units:
    """The same units with every population times a factor."""
    return replace(units, population=units.population * factor)


def in_any_unit(search: Callable[..., Plan]) -> Callable[..., Plan]:
    """Run a search in a unit of the population that suits it, and tell the plan in the given one.

    The searches compare with tolerances such as 1e-9. On a map whose populations are of that
    size, every plan would pass for optimal; on one of 1e12, the linear solver would lose digits.
    """

    @wraps(search)
    def run(
        units: Units, areas: int, *, objective: str | Objective = "eq1", **options: object
    ) -> Plan:
        factor = working_factor(units)
        if factor == 1.0:
            return search(units, areas, objective=objective, **options)
        sought = as_objective(objective)
        if sought.distance == 0 and sought.shape == 0:
            working, ratio = Objective(population=1.0), sought.population / factor
        else:
            working, ratio = replace(sought, population=sought.population / factor), 1.0
        for name in ("start_temperature", "temperature"):
            if options.get(name) is not None:
                options[name] = options[name] / ratio
        scaled = rescaled(units, factor)
        found = search(scaled, areas, objective=working, **options)
        own = len(scaled.check(areas))
        return Plan.of(
            units,
            found.assignment,
            objective=objective,
            bound=found.bound * ratio,
            proven=found.proven,
            seconds=found.seconds,
            method=found.method,
            remarks=(*units.check(areas), *found.remarks[own:]),
            trace=found.trace * [1.0, ratio],
        )

    return run
