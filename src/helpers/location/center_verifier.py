"""Re-prove a p-center plan from the data alone, with exact sums of prices, without the solver."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from .verifier import verify

NEAR = 1e-9  # of the radius: what distances as floating-point numbers may be off


def verify_center(
    proof, demand, distance=None, *, patrols, fixed=(), objective=None,
    demand_xy=None, site_xy=None, metric="euclidean",
):  # fmt: skip
    """Return (plan's longest way, proven lower bound on every plan's); raise ValueError if not proven.

    Data and claim are given as to `helpers.location.verify`.  Proven: no plan leaves every node
    with demand within less than its longest way × (1 - 1e-9).  A node has a price; a site pays for
    the nodes that it reaches within less than that, and if all nodes together cost more than the
    patrols can pay, one is left out.  Where prices do not suffice, ``beyond`` is the certificate
    that every plan leaves out one node or more.  A wrong certificate can only fail.
    """
    proof = proof if isinstance(proof, dict) else json.loads(Path(proof).read_text())
    fixed, sites = sorted(set(fixed)), proof["sites"]
    if (proof["patrols"], sorted(proof["fixed"])) != (patrols, fixed):
        raise ValueError("the certificate is for another number of patrols or other fixed posts.")
    if distance is None:
        apart = np.asarray(demand_xy, float)[:, None, :] - np.asarray(site_xy, float)[None, :, :]
        distance = np.abs(apart).sum(-1) if metric == "manhattan" else np.hypot(*apart.T).T
    held = np.asarray(demand, float) > 0
    far = np.asarray(distance, float)[held]
    known = all(type(j) is int and 0 <= j < far.shape[1] for j in sites)
    if not known or not len(set(sites)) == len(sites) == patrols or not set(fixed) <= set(sites):
        raise ValueError("the plan does not have p different sites with every fixed post.")
    longest = float(far[:, sites].min(axis=1).max())
    if abs(longest - (longest if objective is None else objective)) > NEAR * longest:
        raise ValueError("the certified plan does not reach as far as is claimed.")
    reach = far < longest * (1 - NEAR)
    if longest > 0 and "beyond" in proof:
        ways = (np.asarray(distance, float) >= longest * (1 - NEAR)).astype(float)
        left, _ = verify(proof["beyond"], held.astype(float), ways, patrols=patrols, fixed=fixed)
        if left < 1:
            raise ValueError("the certificate leaves no node out: optimality is not proven.")
        return longest, longest * (1 - NEAR)
    prices = [max(Fraction(0), Fraction(float(v))) for v in np.asarray(proof["prices"])[held]]
    for i in np.flatnonzero(reach[:, fixed].any(axis=1)):
        prices[i] = Fraction(0)
    pays = [sum((prices[i] for i in np.flatnonzero(column)), Fraction(0)) for column in reach.T]
    if longest > 0 and not sum(prices) > (patrols - len(fixed)) * max(pays):
        raise ValueError(
            "the prices do not show that a node is left out: optimality is not proven."
        )
    return longest, longest * (1 - NEAR) if longest > 0 else 0.0
