"""The reduced p-median that the Lagrangian bound leaves over, as a mixed-integer program."""

from __future__ import annotations

import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

MOST = 40_000  # pairs of node and site that a program may have


class ReducedProblem:
    """Which sites and pairs of node and site a plan near the bound can use.

    For radii r the Lagrangian is L = Σ w_i r_i + Σ s_j over the q lowest savings
    s_j = −Σ_i w_i max(0, r_i − d_ij). Any plan with site j open costs at least L + s_j − s_(q), and
    w_i (d_ij − r_i) more where it serves node i from site j beyond r_i. So every plan that costs
    at most L + δ lives on the pairs whose sum of the two is at most δ.

    Parameters
    ----------
    weights, radii : (n,) array
    distance : (k, n) array
        From the sites that may open.
    from_open : (n,) array
        Distance to the nearest site that is open in any case, infinite where there is none.
    open_savings : float
        Sum of s_j of those sites.
    count : int
        Sites to open, q.
    """

    def __init__(self, weights, radii, distance, from_open, open_savings: float, count: int):
        self.weights, self.distance, self.count = weights, distance, count
        self.from_open = from_open
        savings = -(np.maximum(radii - distance, 0.0) @ weights)
        order = np.sort(savings)
        self.lagrangian = float(weights @ radii + open_savings + order[:count].sum())
        beyond = np.maximum(weights * (distance - radii), 0.0)
        self.excess = np.maximum(savings - order[count - 1], 0.0)[:, None] + beyond
        self.excess[distance >= from_open] = np.inf
        self.excess_open = np.maximum(weights * (from_open - radii), 0.0)

    def solve(self, best: float, deadline: float, offer) -> float:
        """A lower bound of the optimum: `best` or the optimum itself where the program is solved.

        Where more than `MOST` pairs are left, it is not asked.

        Parameters
        ----------
        best
            Cost of a known plan; only cheaper ones are looked for.
        deadline
            On the clock of `time.perf_counter`.
        offer
            Called with the positions of the sites of the plan found.
        """
        slack, left = best - self.lagrangian, deadline - time.perf_counter()
        if left <= 0 or np.count_nonzero(self.excess <= slack) > MOST:
            return self.lagrangian
        answer, cost = self._program(slack, left)
        if answer.x is not None:
            offer(np.flatnonzero(answer.x[: len(self.distance)] > 0.5))
        if answer.status == 0:
            return min(cost, best)
        # without a plan among the pairs there is none that costs less than the known one
        return best if answer.status == 2 else self.lagrangian

    def _program(self, slack: float, seconds: float):
        """The least Σ w d x over the pairs within `slack`: HiGHS's answer and the plan's cost."""
        k, n = self.distance.shape
        site, node = np.nonzero(self.excess <= slack)
        pair = np.arange(site.size)
        reached = np.isfinite(self.from_open)
        rest = np.where(reached, self.from_open, 0.0)
        cost = self.weights[node] * (self.distance[site, node] - rest[node])
        ones = np.ones(site.size)
        served = coo_array((ones, (node, k + pair)), shape=(n, k + pair.size))
        linked = coo_array(
            (np.r_[ones, -ones], (np.r_[pair, pair], np.r_[k + pair, site])),
            shape=(pair.size, k + pair.size),
        )
        opened = coo_array((np.ones(k), (np.zeros(k, int), np.arange(k))), shape=(1, k + pair.size))
        must = (~reached | (self.excess_open > slack)).astype(float)
        options = {"mip_rel_gap": 0.0}
        if np.isfinite(seconds):
            options["time_limit"] = seconds
        answer = milp(
            np.r_[np.zeros(k), cost],
            integrality=np.r_[np.ones(k), np.zeros(pair.size)],
            bounds=Bounds(0, 1),
            constraints=[
                LinearConstraint(served.tocsr(), must, 1),
                LinearConstraint(linked.tocsr(), -np.inf, 0),
                LinearConstraint(opened.tocsr(), self.count, self.count),
            ],
            options=options,
        )
        value = np.inf if answer.fun is None else answer.fun + float(self.weights @ rest)
        return answer, value
