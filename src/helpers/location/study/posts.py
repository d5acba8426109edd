"""Every plan as layers that a GIS opens: posts, territories, nodes, and what each plan is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from ..certificate import Certificate
from ..curve import certified_curve
from ..problem import CoverageSolution, PMedianSolution
from .by_shift import ShiftPlans
from .demand import GridDemand
from .measures import in_unit
from .plans import judged_by_all_objectives, roster
from .today import posts_of_today

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "MOST",
    "all_plans",
    "cheap_curves",
    "ground_layers",
    "layers_by_shift",
    "plan_layers",
]

MOST = 20  # patrols of the largest plan that is saved where nobody asks for more
Solution = PMedianSolution | CoverageSolution
Plans = Mapping[tuple[str, int], Solution]


def cheap_curves(
    demand, distance, numbers: Iterable[int], radius: float
) -> dict[str, list[Certificate]]:
    """p-centers and covering plans by bounds that cost little and are the same everywhere.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, n) array or PlanarDistance
        From node i to site j.
    numbers : iterable of int
        Numbers of patrols.
    radius : float
        Reach of the covering plans.
    """
    numbers = list(numbers)
    centers = certified_curve(demand, distance, numbers, objective="p-center")
    covers = certified_curve(demand, distance, numbers, objective="covering", radius=radius)
    return {"p-center": centers, "covering": covers}


def ground_layers(
    boundary: gpd.GeoDataFrame, posts: gpd.GeoDataFrame | None, **parameters: Any
) -> dict[str, gpd.GeoDataFrame]:
    """The boundary, and the posts of today: whether each stands within it, and is held against plans.

    Parameters
    ----------
    boundary : GeoDataFrame
        Polygons.
    posts : GeoDataFrame or None
        Points; None where the city states no policy, which gives no layer.
    **parameters
        Columns of both.
    """
    layers = {"boundary": boundary[["geometry"]].assign(**parameters)}
    if posts is not None:
        found = posts_of_today(posts, boundary.union_all())
        marks = {"inside": found.inside, "compared": found.compared}
        layers["today"] = posts[["geometry"]].assign(**parameters, **marks)
    return layers


def all_plans(
    curves: Mapping[str, Iterable[Certificate]], more: Mapping[str, Solution]
) -> dict[tuple[str, int], Solution]:
    """Plans by objective and number of patrols; of two the one with the smaller gap.

    Parameters
    ----------
    curves : mapping of objective to certificates
        From `helpers.location.certified_curve`.
    more : mapping of objective to solution
        Other plans.
    """
    found: dict[tuple[str, int], Solution] = {
        (name, one.solution.sites.size): one.solution
        for name, curve in curves.items()
        for one in curve
    }
    for name, one in more.items():
        key = name, one.sites.size
        if key not in found or one.gap < found[key].gap:
            found[key] = one
    for name in {name for name, _ in found}:
        _steady(found, name)
    return found


def _steady(plans: dict[tuple[str, int], Solution], name: str) -> None:
    """No plan is worse than one of fewer patrols, and a bound holds for fewer patrols too."""
    numbers = sorted(p for other, p in plans if other == name)
    sense = -1.0 if isinstance(plans[name, numbers[0]], CoverageSolution) else 1.0
    for fewer, p in pairwise(numbers):
        before, own = plans[name, fewer], plans[name, p]
        if sense * own.objective > sense * before.objective:
            sites = before.sites.tolist()
            spare = [j for j in own.sites.tolist() if j not in sites]
            sites = np.sort(np.array([*sites, *spare][:p]))
            plans[name, p] = replace(own, sites=sites, objective=before.objective)
    for p, more in list(pairwise(numbers))[::-1]:
        own, after = plans[name, p], plans[name, more]
        bound = max(sense * own.bound, sense * after.bound)
        bound = sense * min(bound, sense * own.objective)
        gap = abs(own.objective - bound) / max(abs(own.objective), abs(bound), 1e-300)
        proven = own.proven or gap == 0
        plans[name, p] = replace(own, bound=bound, gap=gap, proven=proven)


def plan_layers(
    demand: GridDemand, distance, plans: Plans, radius: float, crs: str, **parameters: Any
) -> dict[str, pd.DataFrame]:
    """Layers of all plans.

    Parameters
    ----------
    demand : GridDemand
        The nodes, which are the sites.
    distance : (n, n) array or PlanarDistance
        From node i to site j.
    plans : mapping of (objective, number of patrols) to solution
        From `all_plans`.
    radius : float
        Reach of the covering models.
    crs : str
        Coordinate system of the nodes, in metres.
    **parameters
        Columns that every plan carries, such as the metric.

    Returns
    -------
    dict
        ``curve``, one row a plan: ``objective, p``, ``value`` and ``bound`` of its own objective
        (crime-metres for the p-median, metres for the p-center, crimes for the covering models),
        ``gap, proven``, what it is worth by the other objectives, the radius and the parameters.
        ``posts``, one point a post: ``objective, p, patrol`` (1 for the busiest), ``node, x, y,
        expected, share, mean_m, longest_m``, the system of x and y (``crs_of_x_y``), and the row of
        its plan.  ``territories``, one polygon
        a post: the quadrants that it serves, dissolved.  ``nodes``: points with ``node, expected,
        share``.
    """
    import geopandas as gpd

    keys = pd.MultiIndex.from_tuples(plans, names=["objective", "p"])
    curve = judged_by_all_objectives(demand.weight, distance, plans, radius).set_axis(keys)
    curve = curve.rename(columns={"mean_m": "plan_mean_m", "longest_m": "plan_longest_m"})
    bounds = [one.bound if np.isfinite(one.bound) else np.nan for one in plans.values()]
    curve.insert(0, "value", [one.objective for one in plans.values()])
    curve.insert(1, "bound", bounds)
    # a plan that stands in for one of fewer patrols may be better than that
    center = (keys.get_level_values(0) == "p-center") & ~curve["proven"].to_numpy(bool)
    curve.loc[center, "value"] = curve.loc[center, "plan_longest_m"]
    curve.loc[center, "gap"] = 1 - curve.loc[center, "bound"] / curve.loc[center, "value"]
    curve = curve.assign(radius_m=radius, **parameters).reset_index()
    posts = {}
    shapes: list[shapely.Geometry] = []
    squares = _squares(demand)
    for key, plan in plans.items():
        mine = roster(demand.nodes, distance, plan.sites, crs)
        posts[key] = mine.table.reset_index()
        shapes += [
            shapely.coverage_union_all(squares[mine.patrol == patrol])
            for patrol in mine.table.index
        ]
    frame = pd.concat(posts, names=keys.names).droplevel(2).reset_index()
    frame = frame.drop(columns=["lon", "lat"])
    area = gpd.GeoDataFrame(frame, geometry=shapely.simplify(shapes, 0), crs=crs)
    frame = frame.merge(demand.nodes[["node", "x", "y"]], on="node", how="left")
    frame = frame.assign(crs_of_x_y=crs).merge(curve, on=keys.names)
    place = gpd.points_from_xy(frame["x"], frame["y"])
    nodes = demand.nodes[["node", "expected"]].assign(share=demand.weight / demand.total)
    return {
        "posts": gpd.GeoDataFrame(frame, geometry=place, crs=crs),
        "territories": area,
        "curve": curve,
        "nodes": gpd.GeoDataFrame(nodes, geometry=gpd.points_from_xy(*demand.xy.T), crs=crs),
    }


def layers_by_shift(
    demand: GridDemand,
    distance,
    plans: Plans,
    shifts: ShiftPlans | None,
    radius: float,
    crs: str,
    unit: str = "m",
    **parameters: Any,
) -> dict[str, pd.DataFrame]:
    """The layers of `plan_layers` for the whole day and for each shift, told apart by ``shift``.

    Parameters
    ----------
    demand, distance, plans, radius, crs, **parameters
        As in `plan_layers`; these plans are of the shift ``all``.
    shifts : ShiftPlans or None
        None where hours are not known.
    unit : {"m", "min"}
        Of the ways, for the names of the columns.

    Returns
    -------
    dict
        The same layers; the nodes have ``expected_<shift>`` as well.
    """
    several = {"all": plan_layers(demand, distance, plans, radius, crs, **parameters)}
    nodes = several["all"]["nodes"]
    if shifts is not None:
        for name, curve in shifts.curves.items():
            mine = replace(demand, nodes=demand.nodes.assign(expected=shifts.demand[name]))
            own = all_plans({"p-median": curve}, {})
            several[name] = plan_layers(mine, distance, own, radius, crs, **parameters)
            nodes = nodes.assign(**{f"expected_{name}": shifts.demand[name]})
    out = {}
    for layer in ("posts", "territories", "curve"):
        parts = [each[layer] for each in several.values()]
        whole = pd.concat(parts, ignore_index=True)
        whole.insert(0, "shift", np.repeat(list(several), [len(part) for part in parts]))
        out[layer] = in_unit(whole, unit)
    return {**out, "nodes": nodes}


def _squares(demand: GridDemand) -> np.ndarray:
    """Quadrant of each node."""
    x, y = demand.quadrants.edges
    column, row = (demand.nodes[name].to_numpy() for name in ("column", "row"))
    return shapely.box(x[column], y[row], x[column + 1], y[row + 1])
