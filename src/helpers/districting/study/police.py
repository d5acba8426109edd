"""Tables of plans for the police: work, response, late calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..plan import Plan, broken_areas
from ..spanning_trees import recombination
from ..units import Units
from ..workload import Workload, police_plan, police_table, workload_units
from .today import Beats

__all__ = ["calls_by_kind", "further_plans", "police_plans", "police_rows", "service_table"]


def calls_by_kind(town: Any, units: Units) -> pd.DataFrame | None:
    """Recorded events of each zone by kind; None where there are none with zones.

    Parameters
    ----------
    town : City
        Whose layer ``events`` is counted.
    units
        The areal units.
    """
    if not town.has("events"):
        return None
    events = town.layer("events")
    if "zone" not in events:
        return None
    counts = pd.crosstab(events["zone"].astype(str), events["kind"])
    counts = counts.reindex(list(units.zones), fill_value=0)
    return counts if counts.to_numpy().sum() else None


def service_table(
    calls: pd.DataFrame, service_minutes: float | Mapping[str, float]
) -> pd.DataFrame:
    """Calls and service by kind.

    Parameters
    ----------
    calls
        From :func:`calls_by_kind`.
    minutes
        Of service of a call, of all kinds or by kind.

    Returns
    -------
    pandas.DataFrame
        kind, calls, service_minutes (a call), service_hours (in all); most calls first.
    """
    totals = calls.sum().sort_values(ascending=False, kind="stable")
    table = pd.DataFrame({"kind": totals.index, "calls": totals.to_numpy()})
    by_kind = isinstance(service_minutes, Mapping)
    table["service_minutes"] = (
        table["kind"].map(service_minutes) if by_kind else float(service_minutes)
    )
    return table.assign(service_hours=table["calls"] * table["service_minutes"] / 60.0)


def police_plans(
    units: Units,
    workload: Workload,
    beats: Beats | None,
    areas: int,
    *,
    seed: int,
    time_limit: float | None = None,
) -> dict[str, np.ndarray]:
    """Today's plan, where there is one, one that balances service, and one for all that police ask.

    Parameters
    ----------
    units, workload
        The areal units and their work.
    beats
        The districts of today; the others are as many.
    areas
        How many areas to make where there are none.
    seed, time_limit
        Of the searches.

    Returns
    -------
    dict of str to numpy.ndarray
        Area of each unit, by name: `Beats.title`, ``"service alone"`` (recombination),
        ``"service, travel, standard"`` (:func:`police_plan`).
    """
    count = len(beats.names) if beats else areas
    served = workload_units(units, workload)
    evenly = recombination(served, count, seed=seed, time_limit=time_limit)
    whole = police_plan(units, workload, count, seed=seed)
    return {
        **({beats.title: beats.assignment} if beats else {}),
        "service alone": evenly.assignment,
        "service, travel, standard": whole.plan.assignment,
    }


def police_rows(units: Units, workload: Workload, plans: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Plans of as many areas beside each other, by what they ask of the police.

    Parameters
    ----------
    units
        The areal units.
    workload
        Of the same units.
    plans
        Area of each unit, by name.

    Returns
    -------
    pandas.DataFrame
        plan, work_off (sum of the differences of work from its mean, over all work), largest_work and
        smallest_work (an area's work over the mean), travel_share (of all work), response_minutes
        (mean over calls), late_share (of calls beyond the standard), farthest_minutes, eq4.
    """
    rows = []
    for name, assignment in plans.items():
        table = police_table(units, workload, assignment)
        work, calls = table["work_hours"], table["calls"]
        rows.append(
            {
                "plan": name,
                "work_off": (work - work.mean()).abs().sum() / work.sum(),
                "largest_work": table["work_share"].max(),
                "smallest_work": table["work_share"].min(),
                "travel_share": table["travel_hours"].sum() / work.sum(),
                "response_minutes": (table["response_minutes"] * calls).sum() / calls.sum(),
                "late_share": (table["late_share"] * calls).sum() / calls.sum(),
                "farthest_minutes": table["farthest_minutes"].max(),
                "eq4": table["compactness"].sum(),
            }
        )
    return pd.DataFrame(rows)


def further_plans(
    units: Units,
    mixed: Mapping[str, Plan],
    police: Mapping[str, np.ndarray],
    rows: pd.DataFrame | None = None,
) -> tuple[dict[str, tuple[Units, Plan]], dict[str, dict[str, Any]]]:
    """The other plans of section 22 as its layers take them, and what is said of each.

    Parameters
    ----------
    units
        The areal units.
    mixed
        Plans by what they put together, from :func:`wished_plans`.
    police
        Area of each unit, from :func:`police_plans`; empty where calls are not known.  A plan with
        an area in pieces is left out.
    rows
        From :func:`police_rows`.

    Returns
    -------
    tuple of dict
        Units and plan by a name that can head a column, as :func:`plan_layers` takes them; ``title``
        and the figures of `rows`, by the same names.
    """
    plans = dict(mixed) | {
        name: Plan.of(units, assignment, method=name)
        for name, assignment in police.items()
        if not broken_areas(units, assignment)
    }
    figures = {} if rows is None else rows.set_index("plan").drop(columns="eq4").T.to_dict()
    kept, about = {}, {}
    for title, plan in plans.items():
        # "(1) and a little of (4)" becomes eq1_and_a_little_of_eq4
        words = re.sub(r"\((\d)\)", r"eq\1", title)
        name = re.sub(r"\W+", "_", words).strip("_")
        kept[name], about[name] = (units, plan), {"title": title, **figures.get(title, {})}
    return kept, about
