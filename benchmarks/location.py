"""The location engines beside their peers, on grids made here (about 60 % of the cells are empty)."""

from __future__ import annotations

from functools import cache

import numpy as np
from measure import Case

from helpers.location import (
    PlanarDistance,
    maximal_covering,
    p_center,
    p_median,
    sweep,
    travel,
)


@cache
def grid(columns: int, rows: int, seed: int = 1):
    """Demand counts and distances between the cell centres of a clustered grid city."""
    rng = np.random.default_rng(seed)
    parents = max(columns * rows // 40, 4)
    place = rng.uniform(-4, [columns + 4, rows + 4], (parents, 2))
    radius, size = rng.uniform(1.5, 5, parents), rng.gamma(0.7, 1, parents)
    xy = np.stack(np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5), -1).reshape(-1, 2)
    density = np.zeros(len(xy))
    for centre, r, s in zip(place, radius, size, strict=True):
        density += s / r**2 * (((xy - centre) ** 2).sum(axis=1) < r * r)
    density = 0.88 * density / density.sum() + 0.12 / len(xy)
    low, high = 0.0, 1e4 * len(xy)
    for _ in range(80):  # total intensity by bisection: 60 % of the cells expected empty
        middle = (low + high) / 2
        low, high = (middle, high) if np.exp(-density * middle).mean() > 0.6 else (low, middle)
    return rng.poisson(density * low).astype(float), PlanarDistance(xy)


def above(mine: float, theirs: float) -> str:
    """How far a peer's cost lies above ours, which is proven."""
    excess = theirs / mine - 1
    return "the same optimum" if abs(excess) < 1e-6 else f"{100 * excess:+.2f} %"


def plan_of(function, size, *given, value="objective", **way):
    """A maker: the grid is made before the clock starts, and what is installed imported."""

    def make():
        demand, distance = grid(*size)
        if way:
            small = PlanarDistance([[0, 0], [1, 1], [3, 1]])
            function([1, 1, 2], small, 2, *given[1:], **way)
        return lambda: getattr(function(demand, distance, *given, **way), value)

    return make


def bipartite(size, patrols: int):
    """pbp-pmedian, which takes a dense matrix of costs."""

    def make():
        import pbp_pmedian

        demand, distance = grid(*size)
        matrix, held = distance.columns(np.arange(demand.size)), demand > 0
        cost = np.ascontiguousarray((matrix[held] * demand[held][:, None]).T)
        return lambda: travel(demand, matrix, list(pbp_pmedian.solve(cost, patrols)[1]))

    return make


def medians(size, patrols: int, limit: float, cbc: bool) -> dict:
    """Every peer of the p-median."""
    peers = {
        "kmedoids FasterPAM, 20 restarts": plan_of(p_median, size, patrols, method="heuristic"),
        "scikit-learn K-means, snapped": plan_of(p_median, size, patrols, method="kmeans"),
        "pbp-pmedian": bipartite(size, patrols),
        "Pyomo + HiGHS": plan_of(
            p_median, size, patrols, method="pyomo", solver="highs", time_limit=limit
        ),
        "spopt + HiGHS": plan_of(p_median, size, patrols, method="spopt", time_limit=limit),
    }
    if cbc:
        peers["spopt + CBC"] = plan_of(
            p_median, size, patrols, method="spopt", solver="cbc", time_limit=limit
        )
    return peers


def cases() -> list[Case]:
    large, middle, small, least = (40, 24), (20, 12), (12, 12), (12, 8)
    quick = medians(least, 5, 30, cbc=False)
    del quick["pbp-pmedian"]
    found = [
        Case("p-median, 96 nodes, p = 5", plan_of(p_median, least, 5), quick, above, quick=True),
        Case(
            "p-median, 144 nodes, p = 5",
            plan_of(p_median, small, 5),
            {
                "Pyomo + GLPK": plan_of(
                    p_median, small, 5, method="pyomo", solver="glpk", time_limit=240
                )
            },
            above,
        ),
    ]
    # what takes minutes is asked once
    for size, patrols, left_out in (
        (middle, 5, ()),
        (large, 5, ("spopt + HiGHS", "spopt + CBC")),
        (large, 10, ("spopt + HiGHS", "spopt + CBC", "Pyomo + HiGHS")),
    ):
        peers = medians(size, patrols, 300, cbc=True)
        peers = {name: make for name, make in peers.items() if name not in left_out}
        name = f"p-median, {size[0] * size[1]} nodes, p = {patrols}"
        found.append(Case(name, plan_of(p_median, size, patrols), peers, above))
    for function, name, given, value in (
        (p_center, "p-center, 240 nodes, p = 4", (4,), "objective"),
        (maximal_covering, "maximal covering, 240 nodes, p = 4, radius 3", (4, 3.0), "objective"),
    ):
        peer = plan_of(function, middle, *given, value=value, method="spopt", time_limit=240)
        ours = plan_of(function, middle, *given, value=value)
        found.append(Case(name, ours, {"spopt + HiGHS": peer}, above))
    return found


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""

    def curve(n: int):
        columns = round(np.sqrt(n * 1.6))
        demand, distance = grid(columns, round(n / columns))
        return lambda: [plan.gap for plan in sweep(demand, distance)]

    return {"p-medians, p = 1 to 14, proven": ("nodes", (240, 960, 5_000, 20_000), curve)}
