"""What published statistics of plans, read closely, say of the plans behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..cooling import random_plan
from ..plan import Plan
from ..units import DistrictingError, Units
from .board import connected_subsets
from .runs import BOTH, STATISTICS

__all__ = [
    "METHOD_KEYS",
    "checked_printed",
    "doubts",
    "extremes_by_name",
    "ledger_numbers",
    "like_published",
]

METHOD_KEYS = {"GA, eq. 1": "ga_eq1", "GA, eq. 3": "ga_eq3", "AZP-SA": "azp_sa"}
"""How a number is named after the method of a published column."""

PLAIN = "AZP"  # without annealing: no published method, read beside AZP-SA
EXTREMES = ("minimum", "maximum")
MOST = 4  # zones of a set that is looked for


def checked_printed(
    printed: pd.DataFrame | None, fields: Sequence[str], methods: Sequence[str]
) -> pd.DataFrame | None:
    """The published values of these fields.

    Parameters
    ----------
    printed
        field, method, statistic, printed; or None.
    fields
        The fields that are shared out.
    methods
        The methods that run.

    Returns
    -------
    pandas.DataFrame or None
        None where nothing is published on them.

    Raises
    ------
    DistrictingError
        A column is missing, a method or a statistic is not known, or a value stands twice.
    """
    if printed is None:
        return None
    key = ["field", "method", "statistic"]
    for column in [*key, "printed"]:
        if column not in printed:
            raise DistrictingError(f"the table of published values has no column {column!r}")
    for column, known in (("method", list(methods)), ("statistic", [*STATISTICS, *BOTH])):
        if strange := sorted(set(printed[column]) - set(known)):
            raise DistrictingError(
                f"published values are of {column} {strange[0]!r}, which is none of {known}"
            )
    if printed.duplicated(key).any():
        twice = ", ".join(printed.loc[printed.duplicated(key), key].iloc[0])
        raise DistrictingError(f"two published values of {twice}")
    own = printed[printed["field"].isin(fields)].reset_index(drop=True)
    return own if len(own) else None


def extremes_by_name(
    units: Mapping[str, Units], names: Sequence[str], printed: pd.DataFrame
) -> pd.DataFrame:
    """Published smallest and largest areas, recognised as sums of contiguous zones.

    An area is a set of contiguous zones, so a published number must be the sum of one; all sets
    of up to four zones are tried. How many of them would hit it by accident is judged by how
    densely sums lie around it: the number of sums within a tenth of it, over the width of that
    interval.

    Parameters
    ----------
    units
        Units by field.
    names
        Names of the zones.
    printed
        Published values: field, method, statistic, printed.

    Returns
    -------
    pandas.DataFrame
        field, method, what (minimum, maximum), printed, zones (names of the smallest set, or
        ``"none"``), of (how many zones it has, 0 for none), by_chance.
    """
    names = list(names)
    sets = {
        field: connected_subsets(units[field], most=MOST)
        for field in dict.fromkeys(printed["field"])
    }
    sums = {
        field: np.array([units[field].population[subset].sum() for subset in subsets])
        for field, subsets in sets.items()
    }
    rows = []
    for line in printed[printed["statistic"].isin(EXTREMES)].itertuples():
        near = sums[line.field]
        fits = [sets[line.field][i] for i in np.flatnonzero(near == line.printed)]
        smallest = min(fits, key=len, default=[])
        text = " + ".join(names[i] for i in smallest) or "none"
        chance = (np.abs(near - line.printed) <= 0.1 * line.printed).sum() / (0.2 * line.printed)
        row = (line.field, line.method, line.statistic, line.printed, text, len(smallest), chance)
        rows.append(row)
    columns = ["field", "method", "what", "printed", "zones", "of", "by_chance"]
    return pd.DataFrame(rows, columns=columns)


def doubts(
    printed: pd.DataFrame,
    units: Mapping[str, Units],
    areas: int,
    best: Mapping[str, Plan],
    tries: Mapping[str, Sequence[float]],
    runs: pd.DataFrame,
    methods: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Published numbers that cannot be, or that speak against the search they are from.

    Parameters
    ----------
    printed
        Published values: field, method, statistic, printed.
    units, best, tries
        Units, best plan, and equation (1) of random plans, by field.
    areas
        Number of areas k.
    runs
        From :func:`run_methods`, with a column ``field``.
    methods
        Options by method, as given to :func:`run_methods`: a plan made for equation (3) is judged by
        (3), of which its printed (1) is a lower bound.

    Returns
    -------
    dict
        averages: those which k areas do not add up to the total (field, method, printed, people,
        total, share); starts: sums of differences that half of the random plans beat in the
        equation that the method is for (field, method, printed, equation, better, random_best, low,
        high: where the method's runs end); far: sums of differences over a proven optimum (field,
        method, printed, equation, optimum, ratio). A column whose average cannot be is in neither.
    """
    found: dict[str, list[dict[str, Any]]] = {"averages": [], "starts": [], "far": []}
    average = printed["statistic"] == "average"
    # whether an average can be comes before what its column is worth
    for line in pd.concat([printed[average], printed[~average]]).itertuples():
        said: dict[str, Any] = {"field": line.field, "method": line.method, "printed": line.printed}
        if line.statistic == "average":
            total, people = units[line.field].population.sum(), areas * line.printed
            # printed with one decimal
            if abs(people - total) > 0.06 * areas:
                share = total / areas
                found["averages"].append({**said, "people": people, "total": total, "share": share})
        refused = {(each["field"], each["method"]) for each in found["averages"]}
        if line.statistic != "population_difference" or (line.field, line.method) in refused:
            continue
        options = (methods or {}).get(line.method, {})
        equation = "eq3" if options.get("objective") == "eq3" else "eq1"
        said["equation"] = equation[2]
        random = np.asarray(tries[line.field])
        if equation == "eq3":
            plans = (random_plan(units[line.field], areas, r) for r in range(len(random)))
            random = np.array([plan.objectives["eq3"] for plan in plans])
        better = float((random < line.printed).mean())
        own = runs[(runs["field"] == line.field) & (runs["method"] == line.method)][equation]
        if better > 0.5:
            ends = {"low": own.min(), "high": own.max()}
            said_of = {"better": better, "random_best": random.min(), **ends}
            found["starts"].append({**said, **said_of})
        plan = best[line.field]
        if plan.proven and plan.value > 0 and line.printed > 1.05 * plan.value:
            ratio = line.printed / plan.value
            found["far"].append({**said, "optimum": plan.value, "ratio": ratio})
    return found


def like_published(
    printed: pd.DataFrame, runs: Mapping[str, pd.DataFrame], method: str
) -> pd.DataFrame:
    """How often runs end with a published smallest and largest area, and around its equation (1).

    Parameters
    ----------
    printed
        Published values: field, method, statistic, printed.
    runs
        Runs by what was tried, each with field and the statistics.
    method
        The published method.

    Returns
    -------
    pandas.DataFrame
        field, minimum, maximum, difference (as published), tried, minimum_met, maximum_met
        (numbers of runs), low, high (of equation 1), inside (whether it lies between them). Only
        fields of which all three are published.
    """
    own = printed[printed["method"] == method]
    wide = own.pivot(index="field", columns="statistic", values="printed")
    wide = wide.reindex(index=dict.fromkeys(own["field"]), columns=[*EXTREMES, BOTH[1]]).dropna()
    rows = []
    for field, (least, most, difference) in zip(wide.index, wide.to_numpy(), strict=True):
        for name, table in runs.items():
            part = table[table["field"] == field]
            met = [
                int((part[what] == value).sum())
                for what, value in zip(EXTREMES, (least, most), strict=True)
            ]
            low, high = part[BOTH[1]].min(), part[BOTH[1]].max()
            inside = bool(low <= difference <= high)
            rows.append((field, least, most, difference, name, *met, low, high, inside))
    columns = ["field", *EXTREMES, "difference", "tried", "minimum_met", "maximum_met"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "inside"])


def ledger_numbers(
    runs: pd.DataFrame, printed: pd.DataFrame | None = None, named: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Each statistic of each published method over its seeds, as numbers with names.

    Parameters
    ----------
    runs
        From :func:`run_methods`, with a column ``field``.
    printed
        Published values: field, method, statistic, printed.
    named
        From :func:`extremes_by_name`.

    Returns
    -------
    dict
        ``<field>_<method>_<statistic>`` is the median over the seeds, with ``_least`` and
        ``_greatest``; methods as in :data:`METHOD_KEYS`; the two ends alone of AZP without
        annealing, as ``<field>_azp_<statistic>``. For a published smallest or largest area
        also ``_met`` (how many runs end with it), ``_reached`` (whether any does), ``_zones`` (a
        set of zones with that sum, or nothing) and ``_by_chance``; for each field
        ``<field>_leader``, the method of the least median sum of differences.
    """
    numbers: dict[str, Any] = {}
    own = runs[runs["method"].isin(METHOD_KEYS)]
    for (field, method), part in own.groupby(["field", "method"], sort=False):
        for what in [*STATISTICS, *BOTH]:
            key = f"{field}_{METHOD_KEYS[method]}_{what}"
            numbers[key] = float(part[what].median())
            numbers[f"{key}_least"] = float(part[what].min())
            numbers[f"{key}_greatest"] = float(part[what].max())
    plain = runs[runs["method"] == PLAIN]
    for field, part in plain.groupby("field", sort=False):
        for what in [*STATISTICS, *BOTH]:
            numbers[f"{field}_azp_{what}_least"] = float(part[what].min())
            numbers[f"{field}_azp_{what}_greatest"] = float(part[what].max())
    medians = own.groupby(["field", "method"], sort=False)["eq1"].median()
    for field in dict.fromkeys(own["field"]):
        numbers[f"{field}_leader"] = str(medians[field].idxmin())
    if printed is None or named is None:
        return numbers
    for line in named[named["method"].isin(METHOD_KEYS)].itertuples():
        key = f"{line.field}_{METHOD_KEYS[line.method]}_{line.what}"
        part = own[(own["field"] == line.field) & (own["method"] == line.method)]
        met = int((part[line.what] == line.printed).sum())
        numbers |= {f"{key}_met": met, f"{key}_reached": met > 0}
        numbers |= {f"{key}_zones": line.zones if line.of else ""}
        numbers |= {f"{key}_by_chance": float(line.by_chance)}
    return numbers
