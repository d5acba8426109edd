"""A plan for each shift: which posts stay, and what it costs not to move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..certificate import Certificate
from ..curve import certified_curve
from ..distances import PlanarDistance
from ..problem import _columns, travel
from .demand import GridDemand

__all__ = ["ShiftPlans", "shift_demand", "shift_hours", "shift_plans"]


def shift_demand(expected: pd.DataFrame | None, demand: GridDemand) -> dict[str, np.ndarray]:
    """Crimes expected at each node in each shift, newest period, by the shift's name.

    Parameters
    ----------
    expected : DataFrame or None
        ``node, x, y, shift, period, expected``, on the grid of the nodes; None where hours are not
        known.
    demand : GridDemand
        The nodes; where their demand is no forecast, shifts have none either.

    Returns
    -------
    dict
        Empty where nothing is expected, or where the places are of another grid.
    """
    if expected is None or not demand.forecast:
        return {}
    nodes = demand.nodes
    newest = expected[expected["period"].astype(str) == expected["period"].astype(str).max()]
    found = {}
    for name, rows in newest.groupby("shift", sort=False):
        mine = rows.set_index("node").reindex(nodes["node"])
        if not np.allclose(mine[["x", "y"]], nodes[["x", "y"]], atol=1):
            return {}
        found[str(name)] = mine["expected"].to_numpy(float)
    return found if all(each.sum() > 0 for each in found.values()) else {}


def shift_hours(expected: pd.DataFrame | None) -> pd.DataFrame:
    """Days and hours of each shift, and how many hours it has in the newest period.

    Parameters
    ----------
    expected : DataFrame or None
        ``shift, when, period, hours``, as section 14 saves them; None where hours are not known.

    Returns
    -------
    DataFrame
        Indexed by ``shift``: ``when, hours``.
    """
    if expected is None:
        return pd.DataFrame(columns=["when", "hours"]).rename_axis("shift")
    newest = expected[expected["period"].astype(str) == expected["period"].astype(str).max()]
    return newest.groupby("shift", sort=False)[["when", "hours"]].first()


@dataclass(frozen=True, eq=False)
class ShiftPlans:
    """Plans of the shifts beside one plan that stands all day.

    Attributes
    ----------
    table : DataFrame
        Indexed by ``shift``: ``when`` and ``hours`` where they are known (days and hours, and how
        many of them the crimes are of), ``expected`` (crimes), ``own_m`` and ``fixed_m`` (mean way under the
        plan of the shift and under the plan that stands all day), ``costs`` (how much longer the
        second is, relative), ``stay`` (posts of the shift that are posts of the whole day),
        ``moved_m`` (mean way of the patrols whose post changes from the shift before), ``gap,
        proven``.
    demand : mapping of shift to (n,) array
        Crimes expected at each node.
    sites : dict of str to (p,) int array
        Plan of each shift.
    curves : dict of str to list of Certificate
        p-medians of each shift for the numbers asked.
    saved : float
        Share of the travel of all shifts that moving saves.
    apart : float
        The largest share of a shift's crimes that would have to be expected elsewhere for its map
        to be that of all shifts together; 0 where all have one map.
    """

    table: pd.DataFrame
    demand: Mapping[str, np.ndarray]
    sites: dict[str, np.ndarray]
    curves: dict[str, list[Certificate]]
    saved: float
    apart: float


def shift_plans(
    demand: Mapping[str, np.ndarray],
    distance: np.ndarray | PlanarDistance,
    sites,
    numbers,
    *,
    hours: pd.DataFrame | None = None,
    time_limit: float | None = None,
) -> ShiftPlans | None:
    r"""Plan each shift by itself, and hold the plan of the whole day against it.

    With :math:`C_s(S)` the travel of shift :math:`s` under the posts :math:`S`, what standing still
    costs a shift is :math:`C_s(S_{\text{day}}) / C_s(S_s) - 1`, and what moving saves altogether is

    .. math:: 1 - \frac{\sum_s C_s(S_s)}{\sum_s C_s(S_{\text{day}})}

    The map of a shift, :math:`w_{is}` over the nodes, lies as far from that of all shifts as the share
    of its crimes that other nodes would have to take over (total variation), at most

    .. math::
       \max_s \tfrac{1}{2} \sum_i \left| \frac{w_{is}}{\sum_k w_{ks}}
       - \frac{\sum_r w_{ir}}{\sum_k \sum_r w_{kr}} \right|

    Patrols go from the posts of one shift to those of the next so that they drive least together
    (an assignment problem); the first shift comes after the last.

    Parameters
    ----------
    demand : mapping of shift to (n,) array
        Weight of each demand node, in the order of the shifts.  None are planned where it is empty.
    distance : (n, n) array or PlanarDistance
        From node i to site j; the nodes are the sites.
    sites : (p,) int array
        The plan that stands all day.
    numbers : iterable of int
        Numbers of patrols of `curves`; p is among them.
    hours : DataFrame, optional
        From `shift_hours`.
    time_limit : float, optional
        Seconds of wall-clock time for each plan.
    """
    from scipy.optimize import linear_sum_assignment

    if not demand:
        return None
    sites = np.sort(np.asarray(sites))
    curves = {
        name: certified_curve(weight, distance, numbers, time_limit=time_limit)
        for name, weight in demand.items()
    }
    own = {
        name: next(one.solution for one in curve if one.solution.sites.size == sites.size)
        for name, curve in curves.items()
    }
    names = list(demand)
    rows = []
    for place, name in enumerate(names):
        weight, plan = demand[name], own[name]
        total = float(weight.sum())
        fixed = travel(weight, distance, sites)
        before = own[names[place - 1]].sites
        ways = _columns(distance, before)[plan.sites]
        there, back = linear_sum_assignment(ways)
        moved = ways[there, back]
        rows.append(
            {
                "expected": total,
                "own_m": plan.objective / total,
                "fixed_m": fixed / total,
                "costs": fixed / plan.objective - 1 if plan.objective > 0 else 0.0,
                "stay": int(np.isin(plan.sites, sites).sum()),
                "moved_m": float(moved[moved > 0].mean()) if (moved > 0).any() else 0.0,
                "gap": plan.gap,
                "proven": plan.proven,
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(names, name="shift"))
    if hours is not None:
        table = hours.reindex(names).join(table)
    still = float((table["fixed_m"] * table["expected"]).sum())
    moving = float((table["own_m"] * table["expected"]).sum())
    saved = 1 - moving / still if still > 0 else 0.0
    plans = {k: one.sites for k, one in own.items()}
    return ShiftPlans(table, demand, plans, curves, saved, _apart(demand.values()))


def _apart(maps: Iterable[np.ndarray]) -> float:
    """Largest total variation distance of one map from their sum."""
    each = np.array([*maps], float)
    whole = each.sum(axis=0) / each.sum()
    return float(np.abs(each / each.sum(axis=1, keepdims=True) - whole).sum(axis=1).max() / 2)
