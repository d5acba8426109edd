"""Re-prove a p-median plan from the data alone, in exact integer arithmetic.

Shares no code with the engine that made the certificate: weights are exact integers, distances
integer brackets ``lo <= 2**40 d <= hi`` (square roots by `math.isqrt`), multipliers any integers.
A wrong certificate can only fail; it can not make a false claim pass.
"""

import json
from fractions import Fraction
from math import ceil, floor, isqrt, lcm
from pathlib import Path

import numpy as np

SCALE = 2**40


def verify(certificate, demand, distance=None, *, demand_xy=None, site_xy=None, metric="euclidean"):
    """Return (plan's cost, proven lower bound on every plan); raise ValueError if not proven.

    `certificate` is the saved file or its dict; the data are a matrix `distance` (nodes, sites)
    or coordinates.  "Proven" means cost × (1 - 1e-9) at least, or the cost itself if all costs
    are whole numbers.  Source: weak duality, Cornuéjols, Fisher & Nemhauser (1977).

    Examples
    --------
    >>> verify({"patrols": 1, "fixed": [], "sites": [0], "tree": {"steps": [
    ...     {"radii": [2.0, 4.0], "mu": []}]}}, [5, 1], [[0, 3], [3, 0]])
    (3.0, 3.0)
    """
    if not isinstance(certificate, dict):
        certificate = json.loads(Path(certificate).read_text())
    demand = [Fraction(float(c)) for c in demand]
    rows = [i for i, c in enumerate(demand) if c > 0]
    unit = lcm(*(demand[i].denominator for i in rows))
    w = np.array([int(demand[i] * unit) for i in rows], dtype=object)
    if distance is not None:
        exact = [[Fraction(float(d)) * SCALE for d in np.asarray(distance)[i]] for i in rows]
        low = np.array([[floor(d) for d in row] for row in exact], dtype=object)
        high = np.array([[ceil(d) for d in row] for row in exact], dtype=object)
        whole = unit == 1 and all(d % SCALE == 0 for row in exact for d in row)
    else:
        low, high, whole = *_brackets(np.asarray(demand_xy)[rows], site_xy, metric), False
    kinds: dict = {}  # sites with the same distances are one site
    kind = [kinds.setdefault(tuple(column), j) for j, column in enumerate(low.T)]
    fixed = certificate["fixed"]
    p = certificate["patrols"] - len(fixed) + len({kind[j] for j in fixed})
    sites = certificate["sites"]
    if len(set(sites)) != certificate["patrols"] or not set(fixed) <= set(sites):
        raise ValueError("the plan does not have p different sites with every fixed post.")
    cost = int(w @ high[:, sites].min(axis=1))
    cut = cost - SCALE + 1 if whole else cost - cost // 10**9
    lowest = cost

    def settle(free, opened, regions):
        """Apply counting rules; None if no plan fits, else the sites still free and open."""
        while True:
            if len(opened) > p or len(opened) + len(free) < p:
                return None
            before = len(free)
            for area, sense, count in regions:
                missing = count - len(area & opened)
                if (sense < 0 and missing < 0) or (sense > 0 and missing > len(area & free)):
                    return None
                if sense < 0 and missing == 0:
                    free = free - area
                elif sense > 0 and missing == len(area & free):
                    opened, free = opened | (area & free), free - area
            if len(free) == before:
                return free, opened

    stack = [(certificate["tree"], set(kind), {kind[j] for j in fixed}, [])]
    while stack:
        node, free, opened, regions = stack.pop()
        free, steps, state, closed = free - opened, list(node.get("steps", [])), None, False
        while (state := settle(free, opened, regions)) is not None and not closed:
            free, opened = state
            q = p - len(opened)
            if q == 0 or len(free) == q or not steps:
                break
            step = steps.pop(0)
            mu = [int(v * SCALE) * unit for v in step["mu"]]
            mu += [0] * (len(regions) - len(mu))
            if any(v * sense < 0 for v, (_, sense, _) in zip(mu, regions, strict=True)):
                raise ValueError("a multiplier has the wrong sign.")
            r = np.array([int(step["radii"][i] * SCALE) for i in rows], dtype=object)
            if opened:
                r = np.minimum(r, low[:, sorted(opened)].min(axis=1))
            order = []
            for j in free:
                saved = -int(w @ np.maximum(r - low[:, j], 0))
                order.append((saved - sum(v for v, g in zip(mu, regions, strict=True) if j in g[0]), j))
            order.sort()
            bound = int(w @ r) + sum(s for s, _ in order[:q])
            bound += sum(v * (n - len(a & opened)) for v, (a, _, n) in zip(mu, regions, strict=True))
            closed, lowest = bound >= cut, min(lowest, bound) if bound >= cut else lowest
            last, following = order[q - 1][0], order[q][0]
            free = {j for k, (s, j) in enumerate(order) if k < q or bound + s - last < cut}
            must = {j for s, j in order[:q] if bound - s + following >= cut}
            free, opened = free - must, opened | must
        if closed or state is None:
            continue
        if "sites" in node:
            area, count = set(node["sites"]), node["count"]
            stack.append((node["at_least"], free, opened, [*regions, (area, 1, count + 1)]))
            stack.append((node["at_most"], free, opened, [*regions, (area, -1, count)]))
        elif len(free) + len(opened) == p or len(opened) == p:
            plan = sorted(opened | free if len(opened) < p else opened)
            value = int(w @ low[:, plan].min(axis=1))
            if value < cut:
                raise ValueError("a plan of the tree costs less than the certified one.")
            lowest = min(lowest, value)
        else:
            raise ValueError("a branch of the tree is not closed: optimality is not proven.")
    value = Fraction(cost, unit * SCALE)
    return float(value), float(value if whole else Fraction(lowest, unit * SCALE))


def _brackets(demand_xy, site_xy, metric):
    """Integers lo <= 2**40 d <= hi for every pair, from the coordinates' exact values."""
    points = [[Fraction(float(v)) for v in xy] for xy in (*demand_xy, *site_xy)]
    unit = lcm(*(v.denominator for xy in points for v in xy))
    points = [[int(v * unit) for v in xy] for xy in points]
    low = np.empty((len(demand_xy), len(site_xy)), dtype=object)
    high = low.copy()
    for i, (x, y) in enumerate(points[: len(demand_xy)]):
        for j, (a, b) in enumerate(points[len(demand_xy) :]):
            if metric == "manhattan":
                exact = Fraction((abs(x - a) + abs(y - b)) * SCALE, unit)
                low[i, j], high[i, j] = floor(exact), ceil(exact)
            else:
                square = ((x - a) ** 2 + (y - b) ** 2) * SCALE**2
                root = isqrt(square // unit**2)
                low[i, j], high[i, j] = root, root + (root**2 * unit**2 != square)
    return low, high
