"""Tables about many runs: how methods differ over seeds, and what balance costs in shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..automatic_zoning import azp_within
from ..cooling import random_plan
from ..ground import pieces_on_the_ground
from ..methods import district
from ..objectives import Objective, area_totals, closed_form_bound, polsby_popper
from ..optimum import ParetoFront, exact, pareto_front
from ..plan import Plan, best_of
from ..shapes import area_shapes
from ..tables import area_statistics, seed_study, summarise_study
from ..units import Units

if TYPE_CHECKING:
    import shapely

__all__ = [
    "BOTH",
    "STATISTICS",
    "azp_within_runs",
    "balanced_then_compact",
    "best_of_runs",
    "efficient_plans",
    "exchange_facts",
    "exchange_limits",
    "exchange_points",
    "median_plan",
    "method_findings",
    "method_shares",
    "method_table",
    "mixtures",
    "optimum_table",
    "picked_plans",
    "proven_fronts",
    "random_values",
    "relative_shares",
    "run_methods",
    "runs_by_field",
    "spread_of_runs",
    "statistics_table",
]

WORDS = {"population_difference": "sum of differences", "standard_deviation": "standard deviation"}
STATISTICS = ["average", "median", "standard_deviation", "minimum", "maximum"]
# Methods of the paper whose plans are drawn.
DRAWN = ("GA, eq. 1", "GA, eq. 3", "AZP-SA")
BOTH = ["compactness", "population_difference"]
WEAK = 0.01  # a bound below this share of the best plan says little


# ------------------------------------------------------------------------------------------- runs


def run_methods(
    units: Units,
    areas: int,
    methods: Mapping[str, Mapping[str, Any]],
    *,
    seeds: Iterable[int],
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Every method over many seeds, each for its own objective.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    methods
        Options by label: ``method``, ``objective`` (equation (1) where not given), others.
    seeds, time_limit
        As in :func:`seed_study`.

    Returns
    -------
    pandas.DataFrame
        Rows and columns of :func:`seed_study` without ``seconds``.
    """
    seeds = list(seeds)
    parts = [
        seed_study(
            units,
            areas,
            {label: {key: value for key, value in options.items() if key != "objective"}},
            objective=options.get("objective", "eq1"),
            seeds=seeds,
            time_limit=time_limit,
        )
        for label, options in methods.items()
    ]
    return pd.concat(parts, ignore_index=True).drop(columns="seconds")


def runs_by_field(
    units: Mapping[str, Units],
    areas: int,
    methods: Mapping[str, Mapping[str, Any]],
    *,
    seeds: Iterable[int],
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Every method over many seeds, for every field.

    Parameters
    ----------
    units
        Units by field.
    areas, methods, seeds, time_limit
        As in :func:`run_methods`.

    Returns
    -------
    pandas.DataFrame
        As of :func:`run_methods`, with a column ``field`` at the end.
    """
    seeds = list(seeds)
    each = {"seeds": seeds, "time_limit": time_limit}
    parts = [run_methods(own, areas, methods, **each).assign(field=f) for f, own in units.items()]
    return pd.concat(parts, ignore_index=True)


def best_of_runs(
    units: Units,
    areas: int,
    known: Plan,
    runs: pd.DataFrame,
    methods: Mapping[str, Mapping[str, Any]],
    *,
    time_limit: float | None = None,
    **listing: Any,
) -> Plan:
    """The known plan, or that of the best run and what an exact search makes of it.

    The best run is made again where it beats the known plan, whose proof had stopped; the exact
    search starts from there.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    known
        A plan for equation (1), with the bound proven so far.
    runs, methods, time_limit
        From, and as for, :func:`run_methods`; methods with another objective are left out.
    **listing
        Passed on to the exact search, such as ``most``.

    Returns
    -------
    Plan
    """
    own = [label for label, options in methods.items() if options.get("objective", "eq1") == "eq1"]
    part = runs[runs["method"].isin(own)]
    lead = part.loc[part["eq1"].idxmin()]
    if not lead["eq1"] < known.value * (1 - 1e-9):
        return known
    how = methods[lead["method"]]
    seed = int(lead["seed"])
    again = district(units, areas, seed=seed, time_limit=time_limit, **how)
    best = best_of(units, [known, again])
    if best.proven:
        return best
    # a better plan leaves fewer to rule out
    more = {"start": best.assignment, "seed": seed, "time_limit": time_limit, **listing}
    return best_of(units, [best, exact(units, areas, **more)])


def median_plan(
    units: Units,
    areas: int,
    runs: pd.DataFrame,
    options: Mapping[str, Any],
    *,
    time_limit: float | None = None,
) -> Plan:
    """The plan of the run with the median sum of differences, made again.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    runs
        Of one method: seed, eq1; of an even number the lower middle one counts.
    options, time_limit
        Of the method.
    """
    middle = runs.sort_values("eq1", kind="stable").iloc[(len(runs) - 1) // 2]
    return district(units, areas, seed=int(middle["seed"]), time_limit=time_limit, **options)


def azp_within_runs(
    units: Mapping[str, Units], areas: int, *, seeds: Iterable[int], peers: int
) -> pd.DataFrame:
    """PySAL's AZP with its own objective: compiled over many seeds, and as shipped as a check.

    Parameters
    ----------
    units
        Units by field.
    areas
        Number of areas k.
    seeds
        Of the compiled version, for every field.
    peers
        Runs of PySAL itself, for the first field.

    Returns
    -------
    pandas.DataFrame
        field, engine (compiled, spopt), seed, the statistics of :func:`area_statistics`.
    """
    seeds = list(seeds)
    asked = [(field, "compiled", seeds) for field in units]
    asked.append((next(iter(units)), "spopt", list(range(peers))))
    rows = []
    for field, engine, numbers in asked:
        for seed in numbers:
            plan = azp_within(units[field], areas, seed=seed, engine=engine)
            row = {"field": field, "engine": engine, "seed": seed}
            rows.append(row | area_statistics(units[field], plan).to_dict())
    return pd.DataFrame(rows)


def relative_shares(units: Units, plan: Plan) -> np.ndarray:
    """What each area holds, in equal shares: 1 is what each should have."""
    return area_totals(units, plan.assignment)["population"] / units.mean(plan.areas)


# ---------------------------------------------------------------------------------------- tables


def optimum_table(
    units: Mapping[str, Units],
    areas: int,
    best: Mapping[str, Plan],
    labels: Mapping[str, str],
    shapes: Sequence[shapely.Geometry] | None = None,
) -> pd.DataFrame:
    """The least sum of differences of each field: bounds, best plan, and whether they meet.

    Parameters
    ----------
    units, best, labels
        Units, best plan for equation (1), and label, by field.
    areas
        Number of areas k.
    shapes
        Polygon of each unit.

    Returns
    -------
    pandas.DataFrame
        field (label), closed_form_bound, bound, best_plan, best_share (of the total), proven
        (``"optimal"``, ``"no proof"``, or ``"no proof, weak bound"`` below 1 % of the best plan);
        mean_polsby_popper (from the tables of areas and borders, as (4)); with `shapes`
        areas_in_pieces and, of the polygons' areas, mean_reock and mean_moment_of_inertia.
    """
    rows = []
    for field, plan in best.items():
        weak = plan.bound < WEAK * plan.value
        rows.append(
            {
                "field": labels[field],
                "closed_form_bound": closed_form_bound(units[field], areas),
                "bound": plan.bound,
                "best_plan": plan.value,
                "best_share": plan.value / units[field].population.sum(),
                "proven": "optimal" if plan.proven else f"no proof{', weak bound' * weak}",
                **_shape(units[field], plan, shapes),
            }
        )
    return pd.DataFrame(rows)


def method_table(
    runs: pd.DataFrame,
    best: Mapping[str, Plan],
    totals: Mapping[str, float],
    labels: Mapping[str, str],
) -> pd.DataFrame:
    """Equation (1) of every method over its seeds.

    Parameters
    ----------
    runs
        From :func:`run_methods`, with a column ``field``.
    best, totals, labels
        Best plan, all that is shared out, and label, by field.

    Returns
    -------
    pandas.DataFrame
        method, field (label), best, median, worst, seeds, median_over_optimum and optimal_seeds
        (where an optimum is proven), median_share (of the total).
    """
    parts = []
    for field, plan in best.items():
        part = runs[runs["field"] == field].assign(seconds=0.0)
        met = {"optimum": plan.value} if plan.proven else {}
        table = summarise_study(part, **met).drop(columns="seconds")
        table.insert(0, "field", labels[field])
        parts.append(table.assign(median_share=table["median"] / totals[field]))
    return pd.concat(parts).reset_index()


def method_shares(
    runs: pd.DataFrame, totals: Mapping[str, float], printed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Best, median and worst sum of differences of every method, as shares of the total.

    Parameters
    ----------
    runs
        From :func:`run_methods`, with a column ``field``.
    totals
        All that is shared out, by field.
    printed
        Published values: field, method, statistic, printed.

    Returns
    -------
    pandas.DataFrame
        Index field, method; best, median, worst, printed (missing where nothing is published).
    """
    table = runs.groupby(["field", "method"], sort=False)["eq1"].agg(["min", "median", "max"])
    table.columns = ["best", "median", "worst"]
    table["printed"] = np.nan
    if printed is not None:
        sums = printed[printed["statistic"] == "population_difference"]
        sums = sums.set_index(["field", "method"])["printed"]
        table["printed"] = sums.reindex(table.index)
    whole = table.index.get_level_values("field").map(totals)
    return table.div(np.asarray(whole, dtype=float), axis=0)


def statistics_table(
    runs: pd.DataFrame,
    methods: Sequence[str],
    best: Mapping[str, pd.Series],
    labels: Mapping[str, str],
    printed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What the areas of each method's plans hold, over the seeds, beside what is published.

    Parameters
    ----------
    runs
        From :func:`run_methods`, with a column ``field``.
    methods
        Those to list.
    best
        Statistics of the best plan of all, by field.
    labels
        Label of each field.
    printed
        Published values: field, method, statistic, printed.

    Returns
    -------
    pandas.DataFrame
        field (label), method, statistic, printed (only where something is), least, median,
        greatest, of_best_plan.
    """
    known = {} if printed is None else dict(zip(_keys(printed), printed["printed"], strict=True))
    rows = []
    for (field, method), part in runs.groupby(["field", "method"], sort=False):
        for what in [*STATISTICS, *BOTH] if method in methods else []:
            words = WORDS.get(what, what)
            row = {"field": labels[field], "method": method, "statistic": words}
            row |= {} if printed is None else {"printed": known.get((field, method, what), np.nan)}
            row |= {"least": part[what].min(), "median": part[what].median()}
            rows.append(row | {"greatest": part[what].max(), "of_best_plan": best[field][what]})
    return pd.DataFrame(rows)


def spread_of_runs(
    runs: pd.DataFrame,
    labels: Mapping[str, str],
    printed: pd.DataFrame | None = None,
    method: str = "",
) -> pd.DataFrame:
    """Least, median and greatest of each statistic over runs, beside a published column.

    Parameters
    ----------
    runs
        From :func:`azp_within_runs`, with a column ``field``.
    labels
        Label of each field.
    printed, method
        Published values (field, method, statistic, printed), and the method of those to add.

    Returns
    -------
    pandas.DataFrame
        of_the_runs (least, median, greatest, published), field (label), engine, statistics.
    """
    names = [*STATISTICS, *BOTH]
    groups = runs.groupby(["field", "engine"], sort=False)[names]
    kinds = {"least": groups.min(), "median": groups.median(), "greatest": groups.max()}
    table = pd.concat(kinds, names=["of_the_runs"]).reset_index()
    table = table.sort_values(["engine", "field"], kind="stable", ignore_index=True)
    own = printed[printed["method"] == method] if printed is not None else []
    if len(own):
        wide = own.pivot(index="field", columns="statistic", values="printed")
        wide = wide.reindex(columns=names)
        wide = wide.reset_index().assign(of_the_runs="published", engine="")
        table = pd.concat([table, wide[table.columns]], ignore_index=True)
    return table.assign(field=table["field"].map(labels))


def method_findings(
    table: pd.DataFrame,
    best: Mapping[str, Plan],
    tries: Mapping[str, Sequence[float]],
    totals: Mapping[str, float],
) -> list[dict[str, Any]]:
    """What one would write down of the methods, field by field.

    Parameters
    ----------
    table
        From :func:`method_table`, fields in the order of `best`.
    best
        Best plan by field.
    tries, totals
        Equation (1) of random plans, and all that is shared out, by field.

    Returns
    -------
    list of dict
        label, best (of the runs), best_of_all and found_by (value and method of the best plan), least
        (median), leaders (methods that have it), optimal (whether it is the proven
        optimum), bound and weak, widest (method, best, worst; None where no method varies),
        random_best, random_median.
    """
    findings = []
    for (label, part), (field, plan) in zip(
        table.groupby("field", sort=False), best.items(), strict=True
    ):
        part = part.set_index("method")
        least = part["median"].min()
        wide = part.loc[(part["worst"] - part["best"]).idxmax()]
        varies = wide["worst"] > wide["best"]
        findings.append(
            {
                "label": label,
                "best": float(part["best"].min()),
                "best_of_all": plan.value,
                "found_by": plan.method,
                "least": float(least),
                "leaders": part.index[part["median"] <= least * (1 + 1e-9)].tolist(),
                "optimal": bool(plan.proven and least <= plan.value + 1e-9 * totals[field]),
                "bound": plan.bound,
                "weak": bool(plan.bound < WEAK * plan.value),
                "widest": {"method": wide.name, **wide[["best", "worst"]]} if varies else None,
                "random_best": float(np.min(tries[field])),
                "random_median": float(np.median(tries[field])),
            }
        )
    return findings


# ------------------------------------------------------------------------------ balance and shape


def mixtures(
    units: Units,
    areas: int,
    weights: Iterable[float],
    *,
    seed: int,
    restarts: int,
    time_limit: float | None = None,
) -> list[Plan]:
    """Plans for mixtures of equations (1) and (4), each scaled, by annealing.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    weights
        Of the shape, beside a weight of 1 for the balance.
    seed, restarts, time_limit
        Of each annealing.

    Returns
    -------
    list of Plan
    """
    how = {"method": "annealing", "seed": seed, "restarts": restarts, "time_limit": time_limit}
    wishes = [Objective.scaled(units, areas, distance=0, shape=weight) for weight in weights]
    return [district(units, areas, objective=wish, **how) for wish in wishes]


def balanced_then_compact(
    best: Plan, others: Sequence[Plan], front: ParetoFront | None, slack: float
) -> Plan:
    """A plan that puts balance first and shape second.

    Parameters
    ----------
    best
        The best plan for equation (1).
    others
        Plans to choose from as well.
    front
        Proven front; its first plan is the most compact of all of the best balance.
    slack
        How far above the best balance a plan may be where there is no front.
    """
    if front is not None and front.plans:
        return front.plans[0]
    close = best.objectives["eq1"] + slack
    near = [plan for plan in [best, *others] if plan.objectives["eq1"] <= close]
    return min(near, key=lambda plan: plan.objectives["eq4"])


def random_values(
    units: Mapping[str, Units], areas: int, count: int = 100
) -> dict[str, list[float]]:
    """Equation (1) of random contiguous plans, by field.

    Parameters
    ----------
    units
        By field.
    areas
        Number of areas k.
    count
        How many; plan number r has seed r.
    """
    return {
        field: [random_plan(unit, areas, number).objectives["eq1"] for number in range(count)]
        for field, unit in units.items()
    }


def proven_fronts(
    units: Mapping[str, Units],
    areas: int,
    best: Mapping[str, Plan],
    width: float | None,
    *,
    time_limit: float | None = None,
) -> dict[str, ParetoFront]:
    """The front of balance against shape of each field, up to `width` times the best (1).

    Parameters
    ----------
    units, best
        Units and the best plan for (1), by field.
    areas
        Number of areas k.
    width
        In optima; None or 0 seeks no front.
    time_limit
        Of each.
    """
    if not width:
        return {}
    return {
        field: pareto_front(unit, areas, limit=width * best[field].value, time_limit=time_limit)
        for field, unit in units.items()
    }


def picked_plans(
    units: Mapping[str, Units],
    areas: int,
    runs: Mapping[str, pd.DataFrame],
    methods: Mapping[str, Mapping[str, Any]],
    best: Mapping[str, Plan],
    mixed: Mapping[str, Sequence[Plan]],
    fronts: Mapping[str, ParetoFront],
    *,
    time_limit: float | None = None,
) -> dict[tuple[str, str], Plan]:
    """The plans that are drawn: those of three methods with the median (1), and a shaped one.

    Parameters
    ----------
    units, runs, best, mixed, fronts
        Units, rows of :func:`runs_by_field`, the best plan for (1), plans of mixtures and proven
        front, by field.
    areas
        Number of areas k.
    methods
        Options by method, as given to :func:`runs_by_field`.
    time_limit
        Of a run.

    Returns
    -------
    dict
        Plan by field and name: `DRAWN`, and ``"balance, then shape"`` of
        :func:`balanced_then_compact`, within 1 % of the total.
    """
    picked = {}
    for field, part in runs.items():
        for name in DRAWN:
            own = units[field], areas, part[part["method"] == name], methods[name]
            picked[field, name] = median_plan(*own, time_limit=time_limit)
        slack = 0.01 * units[field].population.sum()
        shaped = balanced_then_compact(best[field], mixed[field], fronts.get(field), slack=slack)
        picked[field, "balance, then shape"] = shaped
    return picked


def exchange_points(
    runs: pd.DataFrame,
    methods: Sequence[str],
    mixed: Mapping[str, Sequence[Plan]],
    fronts: Mapping[str, ParetoFront],
    printed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every plan to draw in the plane of equations (1) and (4).

    Parameters
    ----------
    runs
        From :func:`run_methods`, with a column ``field``.
    methods
        Those to draw.
    mixed
        Plans of mixtures, by field.
    fronts
        Proven fronts, by field.
    printed
        Published values: field, method, statistic, printed.

    Returns
    -------
    pandas.DataFrame
        field, kind (run, printed, mixture, front), method, eq1, eq4.
    """
    drawn = runs[runs["method"].isin(methods)]
    parts = [drawn[["field", "method", "eq1", "eq4"]].assign(kind="run")]
    if printed is not None:
        both = printed[printed["statistic"].isin(BOTH) & printed["method"].isin(methods)]
        both = both.pivot(index=["field", "method"], columns="statistic", values="printed")
        both = both.reindex(columns=BOTH).dropna()
        names = {"compactness": "eq4", "population_difference": "eq1"}
        parts.append(both.rename(columns=names).reset_index().assign(kind="printed"))
    for kind, plans in (("mixture", mixed), ("front", {f: x.plans for f, x in fronts.items()})):
        rows = [
            {"field": field, "method": "", "kind": kind, **_two(plan)}
            for field, found in plans.items()
            for plan in found
        ]
        parts.append(pd.DataFrame(rows, columns=["field", "method", "kind", "eq1", "eq4"]))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table[["field", "kind", "method", "eq1", "eq4"]]


def exchange_limits(
    points: pd.DataFrame, bound: float, total: float
) -> tuple[tuple[float, float], int]:
    """What part of equation (1) to draw: all runs, and the mixtures that are not far to the right.

    Parameters
    ----------
    points
        From :func:`exchange_points`, of one field.
    bound
        Proven bound of equation (1).
    total
        All that is shared out.

    Returns
    -------
    limits : tuple of float
    left_out : int
        How many mixtures lie to the right.
    """
    mixture = points["kind"] == "mixture"
    near = np.append(points.loc[~mixture, "eq1"].to_numpy(), bound)
    low, high = near.min(), near.max()
    room = max(high - low, 0.02 * high) or 0.01 * total
    swept = points.loc[mixture, "eq1"].to_numpy()
    drawn = swept <= high + 0.5 * room
    right = max(high, swept[drawn].max(initial=high))
    return (float(low - 0.05 * room), float(right + 0.07 * room)), int((~drawn).sum())


def efficient_plans(
    units: Mapping[str, Units],
    mixed: Mapping[str, Sequence[Plan]],
    fronts: Mapping[str, ParetoFront],
    labels: Mapping[str, str],
    shapes: Sequence[shapely.Geometry] | None = None,
) -> pd.DataFrame:
    """The plans that no other beats in both equations: of all where a front is proven, else of the
    mixtures (runs of other methods are not compared).

    Parameters
    ----------
    units, mixed, fronts, labels
        Units, plans of mixtures, proven fronts, and labels, by field.
    shapes
        Polygon of each unit.

    Returns
    -------
    pandas.DataFrame
        field (label), eq1, eq2, eq4, the measures of shape of `optimum_table`, proven (``"proven"`` or ``"no proof"``).
    """
    parts = []
    for field, found in mixed.items():
        front = fronts.get(field)
        plans = front.plans if front is not None else found
        table = pd.DataFrame(
            [dict(plan.objectives) | _shape(units[field], plan, shapes) for plan in plans]
        )
        table = table if front is not None else table.sort_values(["eq1", "eq4"])
        keep = table["eq4"] < table["eq4"].cummin().shift(fill_value=np.inf)
        table = table.loc[keep].drop(columns="eq3")
        table.insert(0, "field", labels[field])
        whole = front is not None and front.complete
        parts.append(table.assign(proven="proven" if whole else "no proof"))
    return pd.concat(parts, ignore_index=True)


def exchange_facts(runs: pd.DataFrame, front: ParetoFront | None, total: float) -> dict[str, Any]:
    """How far plans of the least sum of differences leave their shape to chance.

    Parameters
    ----------
    runs
        From :func:`run_methods`, of one field.
    front
        Proven front, where there is one.
    total
        All that is shared out.

    Returns
    -------
    dict
        plans, lowest (the least equation 1 of the runs), level (how many share it), least and greatest (their equation 4),
        front (number of efficient plans, None without a front), front_eq4 (the least equation 4
        at the least equation 1), short (why the front is not complete, or nothing).
    """
    level = runs["eq1"] <= runs["eq1"].min() + 1e-9 * total
    shape = runs.loc[level, "eq4"]
    facts: dict[str, Any] = {"plans": len(runs), "level": int(level.sum())}
    facts |= {"lowest": float(runs["eq1"].min())}
    facts |= {"least": float(shape.min()), "greatest": float(shape.max())}
    facts["short"] = front.note if front is not None else ""
    if front is None or not front.plans:
        return facts | {"front": None, "front_eq4": None}
    return facts | {"front": len(front.plans), "front_eq4": front.plans[0].objectives["eq4"]}


def _shape(units: Units, plan: Plan, shapes: Sequence[shapely.Geometry] | None) -> dict[str, float]:
    shown = {"mean_polsby_popper": float(polsby_popper(units, plan.assignment).mean())}
    if shapes is None:
        return shown
    pieces = pieces_on_the_ground(shapes, plan.assignment)["pieces"]
    drawn = area_shapes(shapes, plan.assignment).mean()
    shown |= {f"mean_{name}": float(drawn[name]) for name in ("reock", "moment_of_inertia")}
    return {"areas_in_pieces": int((pieces > 1).sum()), **shown}


def _two(plan: Plan) -> dict[str, float]:
    return {name: plan.objectives[name] for name in ("eq1", "eq4")}


def _keys(printed: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(printed[["field", "method", "statistic"]].itertuples(index=False, name=None))
