"""Tables about one plan of a map: its areas, its search, and what other wishes would change."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..colouring import map_colours
from ..cooling import simple_bound
from ..evolution import genetic_paper, paper_settings
from ..ground import pieces_on_the_ground
from ..methods import district
from ..objectives import Objective
from ..plan import Plan
from ..shapes import area_shapes
from ..tables import area_table
from ..units import Units
from .runs import relative_shares

if TYPE_CHECKING:
    import shapely

__all__ = [
    "OVER_SEEDS",
    "areas_by_size",
    "beside",
    "contact_table",
    "exchange_table",
    "genetic_defaults",
    "open_choices_table",
    "search_table",
    "settings_table",
    "traced_runs",
    "wished_plans",
    "wishes",
]

GENETIC = ("population", "generations", "mutation", "crossover")
OVER_SEEDS = ["least", "eq1", "greatest", "stagnation", "distinct"]
# What the paper does not say of its genetic algorithm, changed one at a time.
OPEN_CHOICES: dict[str, dict[str, Any]] = {
    "as here": {},
    "one gene of a chromosome mutates": {"mutate": "chromosome"},
    "repeated centres are refused": {"repeated": "refuse"},
    "the best chromosome goes on": {"elite": 1},
    "the best ten go on": {"elite": 10},
    "an area takes one zone a turn": {"take": "one"},
}


def contact_table(
    zones: pd.DataFrame,
    borders: pd.DataFrame,
    field: str,
    areas: int,
    *,
    restarts: int = 6,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """What the definition of neighbours changes: links, pieces of the map, balance within reach.

    Parameters
    ----------
    zones, borders, field
        As in :meth:`helpers.districting.Units.from_frames`.
    areas
        Number of areas k.
    restarts, time_limit
        Of the annealing (seed 0) that shares the field out under each definition.

    Returns
    -------
    pandas.DataFrame
        contacts (rook, queen), estuary_borders (join, do not join; only where some are marked),
        pairs, separate_parts, and best_eq1 and bound_eq1 where k areas can cover the parts.
    """
    marked = "across_estuary" in borders
    rows = []
    for contacts, linked in product(("rook", "queen"), (True, False) if marked else (True,)):
        units = Units.from_frames(zones, borders, field, contacts=contacts, estuary_links=linked)
        parts = int(units.components.max()) + 1
        row: dict[str, Any] = {"contacts": contacts}
        row |= {"estuary_borders": "join" if linked else "do not join"} if marked else {}
        row |= {"pairs": len(units.links), "separate_parts": parts}
        if areas >= parts:
            how = {"method": "annealing", "seed": 0, "restarts": restarts}
            plan = district(units, areas, time_limit=time_limit, **how)
            row |= {"best_eq1": plan.value, "bound_eq1": plan.bound}
        rows.append(row)
    return pd.DataFrame(rows)


def areas_by_size(
    units: Units, plan: Plan, shapes: Sequence[shapely.Geometry] | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """The areas of a plan, the largest first, numbered in that order from 1.

    Parameters
    ----------
    units
        The areal units.
    plan
        The plan.
    shapes
        Polygon of each unit.

    Returns
    -------
    table : pandas.DataFrame
        area, units, amount (what it holds), difference, area_km2, perimeter_km, compactness,
        polsby_popper, with `shapes` pieces and detached_share (:func:`pieces_on_the_ground`), reock
        and moment_of_inertia (:func:`area_shapes`), names.
    number : numpy.ndarray of int, shape (k,)
        The number of each area of the plan.
    """
    table = area_table(units, plan)
    if shapes is not None:
        ground = dict(pieces_on_the_ground(shapes, plan.assignment))
        drawn = area_shapes(shapes, plan.assignment)
        ground |= {name: drawn[name] for name in ("reock", "moment_of_inertia")}
        for name in ground:
            table.insert(len(table.columns) - 1, name, ground[name])
    table = table.sort_values("population", ascending=False)
    number = np.empty(plan.areas, dtype=int)
    number[table.index] = np.arange(1, plan.areas + 1)
    table = table.rename(columns={"population": "amount"}).reset_index(drop=True)
    table.insert(0, "area", range(1, plan.areas + 1))
    return table, number


def search_table(runs: Mapping[str, Plan], floor: float = 0.0) -> pd.DataFrame:
    """Where searches for equation (1) ended, beside the bound.

    Parameters
    ----------
    runs
        Plans by method.
    floor
        A proven bound of another search, which holds for all.

    Returns
    -------
    pandas.DataFrame
        method, value, bound (the larger of its own and `floor`), optimal (whether they meet).
    """
    rows = []
    for name, plan in runs.items():
        bound = max(plan.bound, floor)
        rows.append((name, plan.value, bound, plan.value <= bound * (1 + 1e-9)))
    return pd.DataFrame(rows, columns=["method", "value", "bound", "optimal"])


# Searches whose way is drawn, with their options.
TRACED: dict[str, dict[str, Any]] = {
    "genetic_paper": {},
    "genetic": {},
    "annealing": {"restarts": 6},
}


def traced_runs(
    units: Units, areas: int, *, seed: int, time_limit: float | None = None
) -> dict[str, Plan]:
    """One run for equation (1) of each of the searches whose way is drawn.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    seed, time_limit
        Of every run.
    """
    return {
        name: district(units, areas, seed=seed, method=name, time_limit=time_limit, **more)
        for name, more in TRACED.items()
    }


def wished_plans(units: Units, areas: int, *, time_limit: float | None = None) -> dict[str, Plan]:
    """One annealing run (three starts, seed 0) for each of the :func:`wishes`.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    time_limit
        Of every run.
    """
    how = {"method": "annealing", "restarts": 3, "seed": 0, "time_limit": time_limit}
    return {
        name: district(units, areas, objective=wish, **how)
        for name, wish in wishes(units, areas).items()
    }


def wishes(units: Units, areas: int) -> dict[str, str | Objective]:
    """What can be asked of a plan: equations (1) and (3), and scaled mixtures with (2) and (4).

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    """
    scaled = Objective.scaled
    return {
        "(1) alone": "eq1",
        "(3), raw": "eq3",
        "(1) and (2), scaled": scaled(units, areas),
        "(1) and (4), scaled": scaled(units, areas, distance=0, shape=1),
        "(1) and a little of (4)": scaled(units, areas, distance=0, shape=0.1),
    }


def exchange_table(units: Units, plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Plans for different objectives, measured by equations (1), (2) and (4).

    Parameters
    ----------
    units
        The areal units.
    plans
        By what was asked for.

    Returns
    -------
    pandas.DataFrame
        Index ``objective``; eq1, eq2, eq4, eq1_share (of all that is shared out).
    """
    table = pd.DataFrame({name: dict(plan.objectives) for name, plan in plans.items()}).T
    table = table[["eq1", "eq2", "eq4"]].rename_axis("objective")
    return table.assign(eq1_share=table["eq1"] / units.population.sum())


def beside(units: Units, plans: Mapping[str, Plan]) -> dict[str, dict[str, np.ndarray]]:
    """What a figure of plans side by side is given: areas, colours, and what areas hold.

    Parameters
    ----------
    units
        The areal units.
    plans
        By title.

    Returns
    -------
    dict
        ``assignments``, ``colours`` and ``shares`` (in equal shares) by title.
    """
    return {
        "assignments": {t: plan.assignment for t, plan in plans.items()},
        "colours": {t: map_colours(units, plan.assignment) for t, plan in plans.items()},
        "shares": {t: relative_shares(units, plan) for t, plan in plans.items()},
    }


def genetic_defaults() -> list[float]:
    """Population, generations, mutation and crossover rate of :func:`genetic_paper`.

    Examples
    --------
    >>> genetic_defaults()
    [100, 500, 0.01, 1.0]
    """
    parameters = inspect.signature(genetic_paper).parameters
    return [parameters[name].default for name in GENETIC]


def settings_table(
    units: Units,
    areas: int,
    count: int,
    *,
    seed: int,
    seeds: int = 1,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """The paper's genetic algorithm under some settings of our grid, evenly picked, over seeds.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    count
        How many settings, 0 to 150.
    seed
        The first; run r takes ``seed + r``.
    seeds
        Runs of each setting.
    time_limit
        Of every run.

    Returns
    -------
    pandas.DataFrame
        Columns of :func:`paper_settings`, and over the seeds: eq1 (median), least, greatest,
        stagnation (median of the last generation that brought a better plan), distinct (median
        share of different centre sets in the last generation).  A run ends where the bound that
        costs nothing is met.
    """
    grid = paper_settings()
    tried = grid.iloc[:: max(1, len(grid) // max(count, 1))].head(count).copy()
    # a shorter run is the beginning of a longer one
    together = tried.groupby(["population", "crossover", "mutation"])["generations"]
    found = {}
    for (population, crossover, mutation), lengths in together:
        options = {"population": population, "crossover": crossover, "mutation": mutation}
        marks = sorted({int(length) for length in lengths})
        rows = _over_seeds(units, areas, options, marks, seed, seeds, time_limit)
        found |= {place: rows[int(length)] for place, length in lengths.items()}
    for name in OVER_SEEDS:
        tried[name] = [found[place][name] for place in tried.index]
    return tried


def open_choices_table(
    units: Units, areas: int, *, seed: int, seeds: int, time_limit: float | None = None
) -> pd.DataFrame:
    """What the paper leaves open, one choice at a time at its published setting, over seeds.

    Parameters
    ----------
    units, areas, seed, seeds, time_limit
        As in :func:`settings_table`.

    Returns
    -------
    pandas.DataFrame
        choice, and the figures of :func:`settings_table`.
    """
    generations = int(genetic_defaults()[1])
    rows = []
    for name, options in OPEN_CHOICES.items():
        ends = _over_seeds(units, areas, options, [generations], seed, seeds, time_limit)
        rows.append({"choice": name, **ends[generations]})
    return pd.DataFrame(rows)


def _over_seeds(
    units: Units,
    areas: int,
    options: Mapping[str, Any],
    marks: Sequence[int],
    seed: int,
    seeds: int,
    time_limit: float | None,
) -> dict[int, dict[str, float]]:
    """What runs over seeds had reached after so many generations, by that number."""
    runs: dict[int, list[tuple[float, float, float]]] = {mark: [] for mark in marks}
    for number in range(seeds):
        last: list[np.ndarray] = []
        plan = genetic_paper(
            units, areas, seed=seed + number, time_limit=time_limit, last=last,
            generations=marks[-1], milestones=tuple(marks[:-1]), until=simple_bound(units, areas),
            **options,
        )  # fmt: skip
        for place, mark in enumerate(marks):
            best = plan.trace[: mark + 1, 1]
            better = np.flatnonzero(np.diff(best) < 0)
            genes = last[min(place, len(last) - 1)]
            sets = np.unique(np.sort(genes, axis=1), axis=0)
            still = better[-1] + 1 if len(better) else 0
            runs[mark].append((best[-1], float(still), len(sets) / len(genes)))
    return {mark: _summary(*np.transpose(rows)) for mark, rows in runs.items()}


def _summary(values: np.ndarray, still: np.ndarray, distinct: np.ndarray) -> dict[str, float]:
    return {
        "eq1": float(np.median(values)),
        "least": float(values.min()),
        "greatest": float(values.max()),
        "stagnation": float(np.median(still)),
        "distinct": float(np.median(distinct)),
    }
