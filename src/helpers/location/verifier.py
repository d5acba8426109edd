"""Re-prove a p-median plan from the data alone, in exact integer arithmetic, without the engine."""

import json
from fractions import Fraction
from math import isqrt
from pathlib import Path

import numpy as np

DIGITS = 56  # distances become integer brackets low <= scale × d <= high; weights are exact


def verify(
    proof, demand, distance=None, *, patrols, fixed=(), objective=None,
    demand_xy=None, site_xy=None, metric="euclidean",
):  # fmt: skip
    """Return (plan's cost, proven lower bound on every plan); raise ValueError if not proven.

    Data: a matrix `distance` (nodes, sites) or coordinates.  Claim: how many `patrols`, which posts
    are `fixed`, and the `objective`, said by who checks and never taken from the file.  Proven: no plan costs less than cost × (1 - 1e-9), or than the cost itself if all costs
    are whole.  A wrong certificate can only fail.  Weak duality: Cornuéjols, Fisher & Nemhauser
    (1977), Management Science 23.
    """
    proof = proof if isinstance(proof, dict) else json.loads(Path(proof).read_text())
    fixed, sites, grain = sorted(set(fixed)), proof["sites"], proof.get("grain", 1)
    if (proof["patrols"], sorted(proof["fixed"])) != (patrols, fixed):
        raise ValueError("the certificate is for another number of patrols or other fixed posts.")
    rows = np.flatnonzero(np.asarray(demand, float) > 0)
    w, unit = _whole(np.asarray(demand, float)[rows])
    if distance is None:
        (low, high, scale), fine = _planar(np.asarray(demand_xy)[rows], site_xy, metric), 0
    else:
        (exact, fine), scale = _whole(far := np.asarray(distance, float)[rows]), _unit(far)
        low, high = exact * scale // fine, -(-exact * scale // fine)
    whole, first = unit == fine == 1, {}  # sites with the same distances are one site
    kind = [first.setdefault(tuple(column), j) for j, column in enumerate(low.T)]
    known = all(type(j) is int and 0 <= j < len(kind) for j in sites)
    if not known or not len(set(sites)) == len(sites) == patrols or not set(fixed) <= set(sites):
        raise ValueError("the plan does not have p different sites with every fixed post.")
    p = patrols - len(fixed) + len(opened := {kind[j] for j in fixed})
    cost = lowest = int(w @ high[:, sites].min(axis=1))
    claimed = Fraction(cost, unit * scale) if objective is None else Fraction(objective)
    if abs(Fraction(cost, unit * scale) - claimed) > claimed / 10**9:
        raise ValueError("the certified plan does not cost what is claimed.")
    cut = cost - scale + 1 if whole else cost - cost // 10**9
    stack = [(proof["tree"], set(kind) - opened, opened, [])]
    while stack:  # a node: the sites still free, those forced, the counts imposed on regions
        (node, free, opened, regions), bound = stack.pop(), 0
        steps = list(node.get("steps", []))
        while (state := _count(free, opened, regions, p)) is not None and bound < cut:
            free, opened = state
            if (q := p - len(opened)) == 0 or len(free) == q or not steps:
                break
            step = steps.pop(0)
            mu = [int(Fraction(v) * scale * unit) for v in step["mu"]]
            pairs = zip(mu, regions, strict=True)
            pairs = [(u if u * x[1] > 0 else 0, x) for u, x in pairs]  # wrong signs count as zero
            r = np.array([int(step["radii"][i] * grain * scale) for i in rows], dtype=object)
            if opened:
                r = np.minimum(r, low[:, sorted(opened)].min(axis=1))
            s = [(-int(w @ np.maximum(r - low[:, j], 0)), j) for j in free]
            s = sorted((v - sum(u for u, (area, _, _) in pairs if j in area), j) for v, j in s)
            bound = int(w @ r) + sum(v for v, _ in s[:q])
            bound += sum(u * (n - len(area & opened)) for u, (area, _, n) in pairs)
            keep = {j for k, (v, j) in enumerate(s) if k < q or bound + v - s[q - 1][0] < cut}
            must = {j for v, j in s[:q] if bound - v + s[q][0] >= cut}
            free, opened = keep - must, opened | must
        if state is None or bound >= cut:
            lowest = lowest if state is None else min(lowest, bound)
        elif "sites" in node:
            area, n = set(node["sites"]), int(node["count"])
            stack.append((node["at_least"], free, opened, [*regions, (area, 1, n + 1)]))
            stack.append((node["at_most"], free, opened, [*regions, (area, -1, n)]))
        else:  # one plan left: it must cost what the certified plan costs, or more
            plan = sorted(opened if len(opened) == p else opened | free)
            value = int(w @ low[:, plan].min(axis=1))
            if len(plan) != p or value < cut:
                raise ValueError("a branch of the tree is open: optimality is not proven.")
            lowest = min(lowest, value)
    return tuple(float(Fraction(v, unit * scale)) for v in (cost, cost if whole else lowest))


def _count(free, opened, regions, p):
    """Sites that the counting rules leave free and force open; None if no plan obeys them."""
    free, opened, size = free - opened, set(opened), -1
    while size != len(free):
        size = len(free)
        for area, sense, n in regions:
            missing, room = n - len(area & opened), len(area & free)
            if (missing < 0 and sense < 0) or (missing > room and sense > 0):
                return None
            opened = opened | (area & free) if 0 < missing == room and sense > 0 else opened
            free = free - area if missing == 0 and sense < 0 else free - opened
    return (free, opened) if len(opened) <= p <= len(opened) + len(free) else None


def _planar(demand_xy, site_xy, metric):
    """Integers low <= scale × d <= high for every pair, from the coordinates' exact values; scale."""
    xy, n = np.concatenate([demand_xy, np.asarray(site_xy)]).astype(float), len(demand_xy)
    (points, unit), fine = _whole(xy), _unit(np.ptp(xy, axis=0))
    dx, dy = (np.abs(np.subtract.outer(v[:n], v[n:])) for v in points.T)
    square = ((dx + dy) ** 2 if metric == "manhattan" else dx**2 + dy**2) * fine**2
    low = np.frompyfunc(isqrt, 1, 1)(square // unit**2)
    return low, low + ((low * unit) ** 2 != square).astype(object), fine


def _unit(far):
    """The power of two that gives the longest distance `DIGITS` binary digits, whatever its unit."""
    return 2 ** min(900, max(0, DIGITS - int(np.frexp(np.max(far))[1])))


def _whole(values):
    """Floats as exact integers over one common denominator."""
    ratios = np.frompyfunc(float.as_integer_ratio, 1, 1)(np.asarray(values, float))
    unit = max((below for _, below in ratios.flat), default=1)  # powers of two
    return np.frompyfunc(lambda v: v[0] * (unit // v[1]), 1, 1)(ratios), unit
