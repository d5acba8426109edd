"""Tables of results: what areas hold, how methods differ over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .methods import district
from .objectives import Objective, area_totals, polsby_popper
from .plan import Plan
from .units import DistrictingError, Units

__all__ = ["area_statistics", "area_table", "seed_study", "summarise_study"]


def area_table(units: Units, plan: Plan) -> pd.DataFrame:
    """One row an area: how many units, population, difference from mu, geometry, names.

    Parameters
    ----------
    units : Units
        The areal units.
    plan : Plan
        The plan to describe.

    Returns
    -------
    pandas.DataFrame
        Index ``area``; columns units, population, difference (P_j − mu), area_km2,
        perimeter_km, compactness (perimeter² / area, the term of eq. 4), polsby_popper
        (:func:`polsby_popper`), names.
    """
    totals = area_totals(units, plan.assignment)
    table = pd.DataFrame(
        {
            "units": totals["units"],
            "population": totals["population"],
            "difference": totals["population"] - units.mean(plan.areas),
            "area_km2": totals["area_km2"],
            "perimeter_km": totals["perimeter_km"],
            "compactness": totals["perimeter_km"] ** 2 / totals["area_km2"],
            "polsby_popper": polsby_popper(units, plan.assignment),
            "names": [
                " + ".join(units.names[i] for i in plan.members(a)) for a in range(plan.areas)
            ],
        }
    )
    return table.rename_axis("area")


def area_statistics(units: Units, plan: Plan, *, ddof: int = 1) -> pd.Series:
    """The rows of the paper's Tables 1 to 3 for one plan.

    Parameters
    ----------
    units : Units
        The areal units.
    plan : Plan
        The plan to describe.
    ddof : int
        1 for the sample standard deviation (n − 1), 0 for that of the population. The paper
        does not say which it uses and its plans were not published, so its numbers cannot
        tell them apart; for 28 areas they differ by 1.8 %.

    Returns
    -------
    pandas.Series
        average, median, standard_deviation, minimum, maximum (population of an area),
        compactness (eq. 4), population_difference (eq. 1).
    """
    population = area_totals(units, plan.assignment)["population"]
    return pd.Series(
        {
            "average": population.mean(),
            "median": np.median(population),
            "standard_deviation": population.std(ddof=ddof) if len(population) > ddof else 0.0,
            "minimum": population.min(),
            "maximum": population.max(),
            "compactness": plan.objectives["eq4"],
            "population_difference": plan.objectives["eq1"],
        }
    )


def seed_study(
    units: Units,
    areas: int,
    methods: Iterable[str] | Mapping[str, Mapping[str, Any]],
    *,
    objective: str | Objective = "eq1",
    seeds: Iterable[int] = range(30),
    time_limit: float | None = None,
    jobs: int = 1,
) -> pd.DataFrame:
    """Every method over many seeds: a distribution, not one lucky run.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    methods : iterable of str, or mapping of label to options
        Names of :data:`METHODS`; in a mapping the options may hold ``method`` to run one
        method twice under two labels.
    objective : str or Objective
        Name of an equation, or weights.
    seeds : iterable of int
        One run for each.
    time_limit : float, optional
        Seconds for one run.
    jobs : int
        Processes (joblib); the table does not depend on it.

    Returns
    -------
    pandas.DataFrame
        One row a run: method, seed, eq1 to eq4, the statistics of :func:`area_statistics`,
        proven, seconds.

    Raises
    ------
    DistrictingError
        No method, no seed, or what a method refuses.
    """
    from joblib import Parallel, delayed

    if not isinstance(methods, Mapping):
        methods = {name: {} for name in methods}
    seeds = list(seeds)
    if not methods or not seeds:
        raise DistrictingError("a study needs at least one method and one seed")
    rows = Parallel(n_jobs=jobs)(
        delayed(_one_run)(units, areas, label, dict(options), objective, seed, time_limit)
        for label, options in methods.items()
        for seed in seeds
    )
    return pd.DataFrame(rows)


def _one_run(units, areas, label, options, objective, seed, time_limit):
    method = options.pop("method", label)
    plan = district(
        units, areas, objective=objective, method=method, seed=seed, time_limit=time_limit,
        **options,
    )  # fmt: skip
    return {
        "method": label,
        "seed": seed,
        **plan.objectives,
        **area_statistics(units, plan).to_dict(),
        "proven": plan.proven,
        "seconds": plan.seconds,
    }


def summarise_study(
    study: pd.DataFrame, *, value: str = "eq1", optimum: float | None = None
) -> pd.DataFrame:
    """Best, median and worst of a study by method, and how often the optimum was met.

    Parameters
    ----------
    study : pandas.DataFrame
        From :func:`seed_study`.
    value : str
        Column to summarise.
    optimum : float, optional
        Proven optimum; adds the shares over it and the number of seeds that met it.

    Returns
    -------
    pandas.DataFrame
        Index ``method`` in the order of the study; columns best, median, worst, seeds,
        seconds (median) and, with an optimum, median_over_optimum and optimal_seeds.
    """
    groups = study.groupby("method", sort=False)[value]
    table = pd.DataFrame(
        {
            "best": groups.min(),
            "median": groups.median(),
            "worst": groups.max(),
            "seeds": groups.size(),
            "seconds": study.groupby("method", sort=False)["seconds"].median(),
        }
    )
    if optimum is not None:
        if optimum > 0:
            table["median_over_optimum"] = table["median"] / optimum
        # relative to what an area holds, so that a map of small figures is judged like any other
        size = min(1.0, study["maximum"].max()) if "maximum" in study else 1.0
        met = study[value] <= optimum * (1 + 1e-9) + 1e-9 * size
        table["optimal_seeds"] = met.groupby(study["method"], sort=False).sum()
    return table
