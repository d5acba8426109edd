"""Tables of the plan of today: what changes cost and bring, and where it stands among random plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from ..beats import FewMoves, few_moves
from ..colouring import map_colours
from ..ground import pieces_on_the_ground
from ..methods import district
from ..objectives import (
    Objective,
    area_totals,
    compactness,
    polsby_popper,
    population_difference,
)
from ..plan import Plan, broken_areas
from ..units import Units

if TYPE_CHECKING:
    import shapely

__all__ = [
    "Beats",
    "anew",
    "change_facts",
    "changes",
    "changes_table",
    "kept_plans",
    "todays_beats",
    "travel_km",
]


# What section 23 calls a plan that puts balance first and shape second.
SHAPED = "balance, then shape"
# and one of as many areas as today that begins from nothing
ANEW = "drawn anew"


@dataclass(frozen=True, eq=False)
class Beats:
    """The districts of today as a plan of the units.

    Attributes
    ----------
    units : Units
    assignment : numpy.ndarray of int, shape (n,)
        District of each unit, numbered in the order of `names`.
    names : tuple of str
    residents : numpy.ndarray or None
        Of each unit, where the zones have a field ``population``.
    status : str
        ``"stand-in"`` where nobody publishes them.
    broken : tuple of str
        Districts that are not contiguous by the table of borders.
    """

    units: Units
    assignment: np.ndarray
    names: tuple[str, ...]
    residents: np.ndarray | None
    status: str
    broken: tuple[str, ...]

    @property
    def title(self) -> str:
        """``"today"``, with what the districts are where they are no published ones."""
        return f"today ({self.status})" if self.status else "today"

    @property
    def colours(self) -> np.ndarray:
        """A colour number for each district, such that districts that touch differ."""
        return map_colours(self.units, self.assignment)


def todays_beats(town: Any, units: Units) -> Beats | None:
    """The districts of today, where the city states two or more, and one or more a piece of the map.

    None where it does not.

    Parameters
    ----------
    town : City
        Whose layer ``districts`` is read.
    units
        The areal units, in the order of the city's zones.
    """
    if not town.has("districts"):
        return None
    names, labels = np.unique(town.layer("districts")["district"], return_inverse=True)
    if len(names) < max(2, int(units.components.max()) + 1):
        return None
    zones = town.layer("zones")
    residents = zones["population"].to_numpy(dtype=float) if "population" in zones else None
    broken = tuple(str(names[area]) for area in broken_areas(units, labels))
    status = town.status("districts")
    return Beats(units, labels, tuple(map(str, names)), residents, status, broken)


def changes(beats: Beats, counts: Sequence[int], *, seed: int = 0) -> list[FewMoves]:
    """The best plan with at most m zones changed, for each m; none is worse than one with fewer.

    Parameters
    ----------
    beats
        From :func:`todays_beats`.
    counts
        Numbers of changes m, rising.
    seed
        Of the searches.
    """
    found: list[FewMoves] = []
    for most in counts:
        start = found[-1].assignment if found else None
        found.append(few_moves(beats.units, beats.assignment, most, seed=seed, start=start))
    return found


def anew(beats: Beats, *, seed: int = 0, time_limit: float | None = None) -> np.ndarray:
    """A plan of as many areas that owes nothing to today's, numbered as the districts it covers most.

    It is annealed for equation (1) with a little of (4): balance alone draws areas with long arms.

    Parameters
    ----------
    beats
        From :func:`todays_beats`.
    seed, time_limit
        Of the annealing.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
    """
    how = {"method": "annealing", "seed": seed, "restarts": 4, "time_limit": time_limit}
    wish = Objective.scaled(beats.units, len(beats.names), distance=0.0, shape=0.1)
    plan = district(beats.units, len(beats.names), objective=wish, **how)
    common = np.zeros((plan.areas, plan.areas))
    np.add.at(common, (plan.assignment, beats.assignment), 1.0)
    own, theirs = linear_sum_assignment(-common)
    return theirs[np.argsort(own)][plan.assignment]


def travel_km(units: Units, assignment: np.ndarray) -> float:
    r"""Mean distance of what the units hold from the middle of their area.

    .. math:: \frac{\sum_j \min_{c \in Z_j} \sum_{i \in Z_j} p_i d_{ic}}{\sum_i p_i}

    Parameters
    ----------
    units
        The areal units.
    assignment : array of int, shape (n,)
        Area of each.

    Returns
    -------
    float
        Kilometres, straight lines between centres of units.
    """
    total = 0.0
    for area in np.unique(assignment):
        own = np.flatnonzero(assignment == area)
        x, y = units.x[own], units.y[own]
        apart = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
        total += (units.population[own] @ apart).min() / 1000.0
    return float(total / units.population.sum())


def changes_table(
    beats: Beats,
    found: Sequence[FewMoves],
    new: np.ndarray,
    shapes: Sequence[shapely.Geometry] | None = None,
) -> pd.DataFrame:
    """Today beside plans with few changes and one drawn anew: what moves, and what it brings.

    Parameters
    ----------
    beats, found, new
        From :func:`todays_beats`, :func:`changes` and :func:`anew`.
    shapes
        Polygon of each unit.

    Returns
    -------
    pandas.DataFrame
        plan (`Beats.title`, ``"up to 2 changes"`` … ``"drawn anew"``), most_moved (how many zones may, of today
        and of few changes), zones_moved, residents_moved (share;
        only where residents are known), eq1, eq1_share (of all), largest_area and smallest_area (what an area
        holds, in equal shares), travel_km, eq4, mean_polsby_popper, with `shapes` areas_in_pieces,
        bound (of eq. 1 with as few changes), gap_share (how much of eq. 1 a better plan with as few changes may save at
        most), proven (``"optimal"``, ``"no proof"`` or nothing).
    """
    rows: list[tuple[str, np.ndarray, FewMoves | None]] = [(beats.title, beats.assignment, None)]
    for few in found:
        rows.append((f"up to {few.most} change{'s' * (few.most != 1)}", few.assignment, few))
    rows.append((ANEW, new, None))
    return pd.DataFrame([_measured(beats, *row, shapes) for row in rows])


def _measured(beats, name, assignment, few, shapes) -> dict[str, Any]:
    units = beats.units
    moved = assignment != beats.assignment
    totals = area_totals(units, assignment)
    share = totals["population"] / units.mean(len(beats.names))
    eq1 = population_difference(units, assignment)
    most = 0 if name == beats.title else np.nan if few is None else few.most
    row: dict[str, Any] = {"plan": name, "most_moved": most, "zones_moved": int(moved.sum())}
    if beats.residents is not None:
        row["residents_moved"] = beats.residents[moved].sum() / beats.residents.sum()
    row |= {
        "eq1": eq1,
        "eq1_share": eq1 / units.population.sum(),
        "largest_area": share.max(),
        "smallest_area": share.min(),
        "travel_km": travel_km(units, assignment),
        "eq4": compactness(units, assignment),
        "mean_polsby_popper": float(polsby_popper(units, assignment).mean()),
    }
    if shapes is not None:
        row["areas_in_pieces"] = int((pieces_on_the_ground(shapes, assignment)["pieces"] > 1).sum())
    proof = "" if few is None else "optimal" if few.proven else "no proof"
    if few is None:
        return row | {"bound": np.nan, "gap_share": np.nan, "proven": proof}
    return row | {"bound": few.bound, "gap_share": few.gap, "proven": proof}


def kept_plans(
    best: Mapping[str, Plan],
    picked: Mapping[tuple[str, str], Plan],
    units: Mapping[str, Units],
    beats: Beats | None,
    found: Sequence[FewMoves] = (),
    fresh: np.ndarray | None = None,
) -> dict[str, tuple[Units, Plan]]:
    """The plans that leave section 23 as files, by names that can head a column.

    Parameters
    ----------
    best, units
        The best plan for equation (1) and the units, by field.
    picked
        Plans by field and name, of which those that put balance first and shape second are kept.
    beats, found, fresh
        Today's, plans with few changes and one drawn anew; left out where an area is in pieces.
    """
    kept = {f"{field}_balance": (units[field], plan) for field, plan in best.items()}
    for (field, name), plan in picked.items():
        if name == SHAPED:
            kept[f"{field}_balance_then_shape"] = units[field], plan
    if beats is None:
        return kept
    name = "_".join(["today", *beats.status.replace("-", "_").split(", ")]).rstrip("_")
    plans = {name: (beats.assignment, beats.title)}
    plans |= {
        f"{name}_{few.most}_changed": (few.assignment, f"{beats.title}, few changes")
        for few in found
    }
    if fresh is not None:
        plans["drawn_anew"] = fresh, ANEW
    for name, (assignment, method) in plans.items():
        if not broken_areas(beats.units, assignment):
            kept[name] = beats.units, Plan.of(beats.units, assignment, method=method)
    return kept


def change_facts(beats: Beats, table: pd.DataFrame, found: Sequence[FewMoves]) -> dict[str, Any]:
    """What the words say of the changes: today's imbalance, what the first and most changes leave.

    Parameters
    ----------
    beats, table, found
        As above.
    """
    rows = table.set_index("plan")
    lines = [
        {
            "most": few.most,
            "moved": len(few.moved),
            "eq1": few.value,
            "proven": few.proven,
            "gap": few.gap,
            "names": [beats.units.names[i] for i in few.moved[:3]],
            "residents": rows["residents_moved"].iloc[place + 1]
            if "residents_moved" in rows
            else None,
        }
        for place, few in enumerate(found)
    ]
    return {
        "today": rows.loc[beats.title].to_dict(),
        "anew": rows.loc[ANEW].to_dict(),
        "lines": lines,
        "districts": len(beats.names),
        "status": beats.status,
        "broken": list(beats.broken),
    }
