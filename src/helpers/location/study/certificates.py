"""Certificates of all plans that a run keeps, in few digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..certificate import Certificate
from ..compact import compacted
from ..curve import center_proof
from ..distances import PlanarDistance
from ..problem import CoverageSolution, PMedianSolution
from .by_shift import ShiftPlans

__all__ = ["all_proofs", "proofs", "uncertified"]

Proofs = dict[str, dict[str, Any]]


def proofs(
    curve: Iterable[Certificate], demand, distance: np.ndarray | PlanarDistance | None = None
) -> Proofs:
    """Certificates of the proven plans of a curve, by the number of patrols as text.

    Parameters
    ----------
    curve : iterable of Certificate
        From `helpers.location.certified_curve`.
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance, optional
        By which the bounds are made again with fewer digits; without it proofs stay as they are.
    """
    known = {str(one.solution.sites.size): one.proof for one in curve if one.proof is not None}
    if distance is None:
        return known
    short = compacted(list(known.values()), demand, distance)
    return {p: proof for p, proof in zip(known, short, strict=True) if proof is not None}


def all_proofs(
    curves: Mapping[str, Iterable[Certificate]],
    plans: Mapping[tuple[str, int], PMedianSolution | CoverageSolution],
    demand,
    distance: np.ndarray | PlanarDistance,
    radius: float,
    shifts: ShiftPlans | None = None,
) -> dict[str, Any]:
    """Certificates of every curve by its objective, and of the p-medians of each shift.

    Parameters
    ----------
    curves : mapping of objective to certificates
        ``p-median``, ``p-center`` and ``covering``, from `helpers.location.certified_curve`.
    plans : mapping of (objective, number of patrols) to solution
        From `all_plans`: the proven p-centers among them get a certificate of another kind where
        the curve has none.
    demand : (n,) array
        Weight of each demand node.
    distance : (n, n) array or PlanarDistance
        From node i to site j.
    radius : float
        Reach of the covering plans.
    shifts : ShiftPlans or None
        None where hours are not known.

    Returns
    -------
    dict
        Certificates by the number of patrols, under the objectives' names; under ``shifts`` the
        same of the p-medians of each shift, by its name.
    """
    ways = distance
    if isinstance(distance, PlanarDistance):
        ways = distance.columns(np.arange(distance.shape[1]))
    centers = proofs(curves["p-center"], demand)
    for (name, p), plan in plans.items():
        missing = name == "p-center" and plan.proven and str(p) not in centers
        if missing and (found := center_proof(demand, ways, plan)) is not None:
            centers[str(p)] = found
    of_shifts = shifts.curves.items() if shifts is not None else ()
    return {
        "p-median": proofs(curves["p-median"], demand, distance),
        "p-center": dict(sorted(centers.items(), key=lambda item: int(item[0]))),
        "covering": proofs(curves["covering"], demand, (ways > radius).astype(float)),
        "shifts": {name: proofs(own, shifts.demand[name], distance) for name, own in of_shifts},
    }


def uncertified(
    plans: Mapping[tuple[str, int], PMedianSolution | CoverageSolution], kept: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Numbers of patrols of the proven plans without a certificate, by objective.

    Parameters
    ----------
    plans : mapping of (objective, number of patrols) to solution
        From `all_plans`.
    kept : mapping
        From `all_proofs`.

    Examples
    --------
    >>> from types import SimpleNamespace as Plan
    >>> plans = {("p-center", p): Plan(proven=p < 3) for p in (1, 2, 3)}
    >>> uncertified(plans, {"p-center": {"1": {}}})
    {'p-center': [2]}
    """
    out: dict[str, list[int]] = {}
    for (name, p), plan in sorted(plans.items()):
        if plan.proven and str(p) not in kept.get(name, {}):
            out.setdefault(name, []).append(p)
    return out
