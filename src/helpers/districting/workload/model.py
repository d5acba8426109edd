"""The work that calls make in the areas of a plan, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..objectives import area_totals
from ..units import DistrictingError, Units

__all__ = ["Workload", "police_table", "workload_units"]


@dataclass(frozen=True, eq=False)
class Workload:
    r"""Calls of each unit, what each takes on the spot, and the minutes between units.

    With the car of area j at rest in its middle unit :math:`c_j`, the work of the area is

    .. math:: W_j = \sum_{i \in Z_j} \sum_k n_{ik} (s_k + t_{i c_j}), \qquad
        \sum_{i \in Z_j} n_i t_{i c_j} = \min_{c \in Z_j} \sum_{i \in Z_j} n_i t_{ic}

    with :math:`n_{ik}` calls of kind k in unit i and :math:`s_k` minutes of service.

    Attributes
    ----------
    calls : numpy.ndarray, shape (n,)
        Of all kinds, over the period.
    service : numpy.ndarray, shape (n,)
        Minutes of service that the calls of the unit take in all.
    minutes : numpy.ndarray, shape (n, n)
        Travel between the middles of units.
    standard : float
        Minutes within which a call should be reached.

    References
    ----------
    D'Amico, Wang, Batta and Rump (2002), A simulated annealing approach to police district design,
    Computers & Operations Research 29(6).
    """

    calls: np.ndarray
    service: np.ndarray
    minutes: np.ndarray
    standard: float

    @classmethod
    def of(
        cls,
        units: Units,
        calls: pd.DataFrame,
        *,
        service_minutes: float | Mapping[str, float] = 30.0,
        speed_kmh: float = 30.0,
        standard: float = 10.0,
        minutes: np.ndarray | None = None,
    ) -> Workload:
        """Work from a table of calls.

        Parameters
        ----------
        units : Units
            The areal units.
        calls : pandas.DataFrame
            One row a unit, by zone code; a column a kind.
        service_minutes : float or mapping of str to float
            Minutes of a call, of all kinds or by kind.
        speed_kmh : float
            Of a car between the middles of units as the crow flies, detours included.
        standard : float
            Minutes within which a call should be reached.
        minutes : numpy.ndarray, shape (n, n), optional
            Travel times from elsewhere, such as along streets, in place of the speed.

        Raises
        ------
        DistrictingError
            A zone without a row, a kind without minutes, or a number that is not above zero.
        """
        if not (speed_kmh > 0 and standard > 0):
            raise DistrictingError("the speed and the response standard must be above zero")
        lacking = [zone for zone in units.zones if zone not in calls.index]
        if lacking:
            raise DistrictingError(f"the table of calls has no row for zone {lacking[0]!r}")
        counts = calls.loc[list(units.zones)]
        if isinstance(service_minutes, Mapping):
            unknown = [kind for kind in counts.columns if kind not in service_minutes]
            if unknown:
                raise DistrictingError(f"service_minutes has no minutes for kind {unknown[0]!r}")
            each = np.array([float(service_minutes[kind]) for kind in counts.columns])
        else:
            each = np.full(counts.shape[1], float(service_minutes))
        if not (np.isfinite(each) & (each >= 0)).all():
            raise DistrictingError("minutes of service must be zero or more")
        numbers = counts.to_numpy(dtype=float)
        if minutes is None:
            apart = np.hypot(units.x[:, None] - units.x, units.y[:, None] - units.y) / 1000.0
            minutes = apart / speed_kmh * 60.0
        if minutes.shape != (len(units),) * 2 or not np.isfinite(minutes).all():
            raise DistrictingError("minutes must be a finite table of every unit to every other")
        return cls(numbers.sum(axis=1), numbers @ each, np.asarray(minutes, float), float(standard))


def workload_units(units: Units, workload: Workload, assignment: np.ndarray | None = None) -> Units:
    """The units with work in place of the population, as the linear searches and proofs take it.

    Travel depends on the plan, and so does the work; with the travel of a given plan held, work adds up
    over units, and `exact`, `annealing` and `recombination` share it out like any amount.

    Parameters
    ----------
    units : Units
        The areal units.
    workload : Workload
        Of the same units.
    assignment : array of int, shape (n,), optional
        The plan whose travel is held; none counts service alone.

    Returns
    -------
    Units
        ``population`` in whole minutes, ``field`` = ``"workload"``.
    """
    work = workload.service.copy()
    if assignment is not None:
        middle = police_table(units, workload, assignment)["middle"].to_numpy()
        home = middle[np.asarray(assignment)]
        work += workload.calls * workload.minutes[home, np.arange(len(units))]
    return replace(units, population=np.round(work), field="workload")


def police_table(units: Units, workload: Workload, assignment: np.ndarray) -> pd.DataFrame:
    """What each area of a plan asks of its cars.

    Parameters
    ----------
    units : Units
        The areal units.
    workload : Workload
        Of the same units.
    assignment : array of int, shape (n,)
        Area of each unit, 0 to k - 1.

    Returns
    -------
    pandas.DataFrame
        Index ``area``; calls, service_hours, travel_hours, work_hours, work_share (over the mean of
        the areas), response_minutes (mean over calls), late_share (of calls beyond the standard),
        farthest_minutes (the farthest unit with a call), middle (index of the unit), compactness.
    """
    labels = np.asarray(assignment)
    rows = []
    for area in range(int(labels.max()) + 1):
        own = np.flatnonzero(labels == area)
        n = workload.calls[own]
        spent = workload.minutes[np.ix_(own, own)] @ n
        at = int(spent.argmin())
        away = workload.minutes[own[at], own]
        called = n > 0
        total = n.sum()
        rows.append(
            {
                "calls": total,
                "service_hours": workload.service[own].sum() / 60.0,
                "travel_hours": spent[at] / 60.0,
                "response_minutes": spent[at] / total if total else 0.0,
                "late_share": n[away > workload.standard].sum() / total if total else 0.0,
                "farthest_minutes": away[called].max() if called.any() else 0.0,
                "middle": int(own[at]),
            }
        )
    table = pd.DataFrame(rows).rename_axis("area")
    table.insert(3, "work_hours", table["service_hours"] + table["travel_hours"])
    table.insert(4, "work_share", table["work_hours"] / table["work_hours"].mean())
    totals = area_totals(units, labels)
    return table.assign(compactness=totals["perimeter_km"] ** 2 / totals["area_km2"])
