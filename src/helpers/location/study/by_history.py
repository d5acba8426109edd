"""The plans that history would give, where the demand is a forecast: two answers to hold side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..curve import certified_curve
from ..distances import PlanarDistance
from .certificates import proofs
from .demand import GridDemand, GridHistory

__all__ = ["plans_by_history"]


def plans_by_history(
    past: GridHistory,
    demand: GridDemand,
    distance: np.ndarray | PlanarDistance,
    numbers: Iterable[int],
    *,
    time_limit: float | None = None,
) -> dict[str, Any]:
    """p-medians of the mean of the earlier periods, where those that are kept rest on a forecast.

    Parameters
    ----------
    past : GridHistory
        What the earlier periods had in every quadrant.
    demand : GridDemand
        The nodes, on the same grid.
    distance : (n, n) array or PlanarDistance
        From node i to site j; the nodes are the sites.
    numbers : iterable of int
        Numbers of patrols; more than there are nodes with demand are left out.
    time_limit : float, optional
        Seconds of wall-clock time for each plan.

    Returns
    -------
    dict
        ``basis``, the demand in words; ``crimes``, how many were counted; ``expected``, the crimes of a period at each node, in the
        order of the nodes; ``plans``: of each ``patrols``, ``value`` and ``bound`` in crimes times
        the unit of the ways (None where no bound is known), ``proven``, and ``nodes``, the numbers
        of the nodes where the posts stand; ``certificates`` of these plans by the number of
        patrols.  Empty where the demand is history itself, or nothing happened at the nodes.
    """
    inside = past.cells["inside"].to_numpy(bool)
    expected = past.counts[inside]
    if not demand.forecast or not expected.sum() > 0:
        return {}
    places = int((expected > 0).sum())
    asked = [p for p in numbers if p <= places]
    curve = certified_curve(expected, distance, asked, time_limit=time_limit)
    node = demand.nodes["node"].to_numpy()
    plans = [
        {
            "patrols": one.solution.sites.size,
            "value": one.solution.objective,
            "bound": one.solution.bound if np.isfinite(one.solution.bound) else None,
            "proven": one.solution.proven,
            "nodes": node[one.solution.sites].tolist(),
        }
        for one in curve
    ]
    return {
        "basis": past.basis,
        "crimes": round(float(past.counts.sum()) * len(past.earlier)),
        "expected": expected.tolist(),
        "plans": plans,
        "certificates": proofs(curve, expected, distance),
    }
