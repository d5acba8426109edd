"""Plans side by side: by number of patrols, by solver, by objective; the roster of the one kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from ..distances import PlanarDistance
from ..evaluation import excess
from ..median import p_median
from ..problem import CoverageSolution, PMedianSolution, _columns, assign, travel

__all__ = [
    "Comparison",
    "Roster",
    "compare_solvers",
    "judged_by_all_objectives",
    "mean_distances",
    "plan_table",
    "roster",
    "tree_nodes",
]


def plan_table(solutions: Iterable[PMedianSolution], demand) -> pd.DataFrame:
    """One row a plan: ``patrols, mean_m, gap, proven``; mean_m is the cost per unit of demand."""
    total = float(np.sum(demand))
    rows = [(one.sites.size, one.objective / total, one.gap, one.proven) for one in solutions]
    return pd.DataFrame(rows, columns=["patrols", "mean_m", "gap", "proven"])


def mean_distances(demand, distance, plans: Mapping[Any, Iterable[int]]) -> pd.Series:
    """Mean distance from a unit of demand to the nearest post, one number a plan, by its name."""
    total = float(np.sum(demand))
    return pd.Series({name: travel(demand, distance, s) / total for name, s in plans.items()})


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same p-median by several methods.

    Attributes
    ----------
    table : DataFrame
        ``grid, method, crime_metres, bound_crime_metres, gap, proven, above_optimum, seconds``,
        one row a method that found a plan.  The bound is missing for a heuristic; `above_optimum`
        is relative to the cheapest plan; `seconds` is wall time, imports and compilation left out.
    sites : dict of method to (p,) int array
        Its plan.
    failed : dict of method to str
        What kept the others from one (a solver that is not installed, say).
    """

    table: pd.DataFrame
    sites: dict[str, np.ndarray]
    failed: dict[str, str]

    @property
    def agreeing(self) -> int:
        """How many methods prove an optimum."""
        return int(self.table["proven"].sum())

    @property
    def spread(self) -> float:
        """Largest relative difference between the costs that are proven optimal, 0 or more."""
        proven = self.table.loc[self.table["proven"], "crime_metres"]
        return float(excess(proven.max(), proven.min())) if len(proven) else 0.0


def compare_solvers(
    demand,
    distance,
    patrols: int,
    methods: Mapping[str, Mapping[str, Any]],
    *,
    planar: PlanarDistance | None = None,
    seed: int = 0,
    time_limit: float | None = None,
) -> Comparison:
    """Give one p-median to several methods, and judge all plans by the same distances.

    Each method first solves a problem of three nodes: what is imported or compiled on first use is
    paid before its clock starts.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    patrols : int
        p.
    methods : mapping of name to keywords
        Of `helpers.location.p_median`: ``method`` and ``solver``.
    planar : PlanarDistance, optional
        Distances for K-means, which knows coordinates only; `distance` by default.
    seed : int
        Of the heuristics.
    time_limit : float, optional
        Seconds for each method.

    Returns
    -------
    Comparison
    """
    rows, sites, failed = [], {}, {}
    for name, how in methods.items():
        across = planar if planar is not None and how.get("method") == "kmeans" else distance
        try:
            p_median([1.0, 1.0, 2.0], PlanarDistance([[0, 0], [0, 1], [2, 0]]), 2, **how)
            start = perf_counter()
            plan = p_median(demand, across, patrols, seed=seed, time_limit=time_limit, **how)
            spent = perf_counter() - start
        except ValueError as problem:
            failed[name] = str(problem)
            continue
        sites[name] = plan.sites
        bound = plan.bound if np.isfinite(plan.bound) else np.nan
        cost = travel(demand, distance, plan.sites)
        rows.append((name, cost, bound, plan.gap, plan.proven, spent))
    names = ["method", "crime_metres", "bound_crime_metres", "gap", "proven", "seconds"]
    table = pd.DataFrame(rows, columns=names)
    table.insert(0, "grid", f"{len(demand)} nodes")
    above = excess(table["crime_metres"], table["crime_metres"].min())
    table.insert(6, "above_optimum", np.round(above, 9))
    return Comparison(table, sites, failed)


def judged_by_all_objectives(
    demand,
    distance,
    plans: Mapping[Any, PMedianSolution | CoverageSolution],
    radius: float,
) -> pd.DataFrame:
    r"""What each plan is worth by the objectives of all.

    With :math:`d_i` the way from node :math:`i` to the nearest post of a plan and :math:`k_i` the
    number of its posts within the radius:

    .. math:: \frac{\sum_i c_i d_i}{\sum_i c_i}, \qquad \max_{i : c_i > 0} d_i, \qquad
        \frac{\sum_{i : k_i \ge 1} c_i}{\sum_i c_i}, \qquad
        \frac{\sum_{i : k_i \ge 2} c_i}{\sum_i c_i}

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node; nodes without demand count nowhere.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    plans : mapping of objective to solution
        Plans to judge.
    radius : float
        Reach of the covering models.

    Returns
    -------
    DataFrame
        Indexed by ``objective``: ``mean_m, longest_m, one_within_radius, two_within_radius``, in
        the order of the formula, and ``proven, gap`` of the plan's own objective.
    """
    demand = np.asarray(demand, float)
    held = demand > 0
    share = demand[held] / demand.sum()
    rows = []
    for plan in plans.values():
        ways = _columns(distance, plan.sites)[held]
        near = (ways <= radius).sum(axis=1)
        nearest = ways.min(axis=1)
        one = {
            "mean_m": share @ nearest,
            "longest_m": nearest.max(),
            "one_within_radius": share[near > 0].sum(),
            "two_within_radius": share[near > 1].sum(),
            "proven": plan.proven,
            "gap": plan.gap,
        }
        rows.append(one)
    return pd.DataFrame(rows, index=pd.Index(list(plans), name="objective", tupleize_cols=False))


@dataclass(frozen=True, eq=False)
class Roster:
    """Who serves whom.

    Attributes
    ----------
    table : DataFrame
        Indexed by ``patrol``, 1 for the busiest: ``node, lon, lat`` of its post (degrees, WGS 84),
        ``expected`` (crimes it answers), ``share`` of all, ``mean_m`` and ``longest_m`` of its ways
        to nodes with demand.
    patrol : (n,) int array
        Of each node, the patrol whose post is nearest.
    posts : (p, 2) array
        Coordinates in the order of the patrols, metres.
    """

    table: pd.DataFrame
    patrol: np.ndarray
    posts: np.ndarray


def roster(nodes: pd.DataFrame, distance, sites, crs: str) -> Roster:
    """Number the patrols of a plan by the crimes they are expected to answer, most first.

    Parameters
    ----------
    nodes : DataFrame
        ``node, x, y, expected``, one row a demand node; the nodes are the sites.
    distance : (n, n) array or PlanarDistance
        From node i to site j.
    sites : (p,) int array
        Rows of `nodes` where patrols stand.
    crs : str
        Coordinate system of x and y.

    Returns
    -------
    Roster
    """
    sites = np.sort(np.asarray(sites))
    demand = nodes["expected"].to_numpy(float)
    served = np.searchsorted(sites, assign(distance, sites))
    ways = _columns(distance, sites)[np.arange(len(nodes)), served]
    held = demand > 0
    load = np.bincount(served, weights=demand, minlength=len(sites))
    cost = np.bincount(served[held], weights=demand[held] * ways[held], minlength=len(sites))
    longest = np.zeros(len(sites))
    np.maximum.at(longest, served[held], ways[held])
    order = np.argsort(-load, kind="stable")
    rank = np.empty(len(sites), dtype=int)
    rank[order] = np.arange(1, len(sites) + 1)
    posts = nodes.iloc[sites[order]]
    lon, lat = _to_degrees(crs).transform(posts["x"].to_numpy(), posts["y"].to_numpy())
    table = pd.DataFrame(
        {
            "node": posts["node"].to_numpy(),
            "lon": np.round(lon, 5),
            "lat": np.round(lat, 5),
            "expected": load[order],
            "share": load[order] / demand.sum(),
            "mean_m": np.divide(cost, load, out=np.zeros(len(sites)), where=load > 0)[order],
            "longest_m": longest[order],
        },
        index=pd.RangeIndex(1, len(sites) + 1, name="patrol"),
    )
    return Roster(table, rank[served], posts[["x", "y"]].to_numpy())


def plan_columns(
    made: Roster, plan: PMedianSolution | CoverageSolution, crs: str, **parameters: Any
) -> dict[str, Any]:
    """What a file of posts says beside their table: where, in which system, of which plan.

    Parameters
    ----------
    made : Roster
        The posts, in the order of the file's rows.
    plan : solution
        Whose posts they are.
    crs : str
        Coordinate system of x and y, in metres.
    **parameters
        Columns that are the same in every row: city, objective, demand …

    Returns
    -------
    dict
        ``x, y`` ((p,) arrays, metres), ``crs_of_x_y``, the parameters, ``p``, and the plan's
        ``value``, ``bound`` (NaN where none is known), ``gap`` and ``proven``.
    """
    bound = plan.bound if np.isfinite(plan.bound) else np.nan
    verdict = {"value": plan.objective, "bound": bound, "gap": plan.gap, "proven": plan.proven}
    where = {"x": made.posts[:, 0], "y": made.posts[:, 1], "crs_of_x_y": crs}
    return {**where, **parameters, "p": plan.sites.size, **verdict}


@lru_cache(maxsize=8)
def _to_degrees(crs: str) -> Transformer:
    """One for each system: making it takes as long as thousands of points."""
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def tree_nodes(proof: Mapping[str, Any]) -> int:
    """Nodes of the branching tree of a certificate; 1 where nothing had to be split."""
    stack, count = [proof["tree"]], 0
    while stack:
        node = stack.pop()
        count += 1
        stack += [node[branch] for branch in ("at_least", "at_most") if branch in node]
    return count
