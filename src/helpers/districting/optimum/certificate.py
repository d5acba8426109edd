"""What others need to check a proven plan: the plan, and the prices that prove its bound."""

from __future__ import annotations

from typing import Any

from .._scale import working_units
from .._states import graph_arrays
from ..cooling import simple_bound
from ..objectives import as_objective
from ..plan import Plan
from ..units import Units
from ._cover import LinearBound, list_candidates
from .search import candidate_costs, value_step

__all__ = ["certify_plan"]

# Subsets that `helpers.districting.verifier` lists again in some seconds.
_MOST = 200_000


def certify_plan(units: Units, plan: Plan, *, most: int = _MOST) -> dict[str, Any]:
    """A plan for equation (1) with what proves its bound, as JSON types.

    `helpers.districting.verifier.verify_plan` reads it with what the zones hold and which touch, and
    proves the bound again in exact arithmetic: by the zones alone where the bound that costs nothing
    is met; else by ``prices`` of each zone and of an area (the duals of choosing areas among
    connected subsets), and an exact cover over the few subsets that are near enough.

    Parameters
    ----------
    units : Units
        The areal units.
    plan : Plan
        A plan for equation (1), proven or not.
    most : int
        Where more connected subsets than this could be areas there are no prices, and the verifier
        proves the bound that costs nothing and no more.

    Returns
    -------
    dict
        what, field, areas, zones (codes), assignment (area of each, from 0), value, bound, proven,
        way (``"arithmetic"``, ``"prices"`` or ``"none"``), and with prices ``prices``.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.districting.verifier import verify_plan
    >>> none = np.empty((0, 2), dtype=int)
    >>> row = Units(tuple("abc"), tuple("abc"), np.array([9.0, 1, 2]), np.ones(3), np.full(3, 4.0),
    ...             np.arange(3.0), np.zeros(3), np.array([[0, 1], [1, 2]]), none, [])
    >>> verify_plan(certify_plan(row, Plan.of(row, [0, 1, 1])), row.population, row.links, areas=2)
    (6.0, 6.0, 'arithmetic')
    """
    content: dict[str, Any] = {
        "what": "districting plan with its bound",
        "equation": "1, the sum of the differences from the equal share",
        "field": units.field,
        "areas": plan.areas,
        "zones": list(units.zones),
        "assignment": [int(area) for area in plan.assignment],
        "value": float(plan.objectives["eq1"]),
        "bound": float(plan.bound),
        "proven": bool(plan.proven),
        "way": "none",
    }
    if not plan.proven:
        return content
    value = content["value"]
    if value <= simple_bound(units, plan.areas) * (1 + 1e-9):
        return content | {"way": "arithmetic"}
    working, factor = working_units(units, plan.areas)
    weights = as_objective("eq1")
    limit = value * factor - value_step(working, plan.areas, weights)
    found = list_candidates(working, graph_arrays(working), plan.areas, limit / 2.0, most)
    if not found.complete or len(found) == 0:
        return content | ({} if len(found) else {"way": "prices", "prices": _flat(len(units))})
    cost = candidate_costs(working, plan.areas, weights, found)
    linear = LinearBound(found, cost, len(units), plan.areas)
    linear.solve(len(found))
    *zones, area = (float(price) / factor for price in linear.prices)
    return content | {"way": "prices", "prices": {"zones": zones, "area": area}}


def _flat(zones: int) -> dict[str, Any]:
    return {"zones": [0.0] * zones, "area": 0.0}
