"""How many sites it takes to reach every node: reduction, greedy, linear bound, then HiGHS."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from .problem import PatrolProblem

DENSEST = 4_000_000  # entries of the table of nodes and sites up to which dominance is looked for
SHORT = 0.5  # seconds for the question without an objective, which is quick where a cover exists


@dataclass(frozen=True, eq=False)
class Cover:
    """What is known about covering all nodes.

    Attributes
    ----------
    plan : (p,) int array or None
        Sites that reach every node, spare ones included.
    need : int
        No plan of fewer sites reaches every node; more than there are sites if none does.
    """

    plan: np.ndarray | None
    need: int


def cover(reach: np.ndarray, problem: PatrolProblem, deadline: float) -> Cover:
    """Whether p sites, the fixed ones among them, reach every node.

    After dominated nodes and sites are dropped, in this order, until one of them answers: greedy;
    the linear relaxation rounded up; "at most p sites" without an objective, for half a second;
    the least number of sites.

    Parameters
    ----------
    reach : (n, m) bool array
        Whether site j reaches node i.
    problem : PatrolProblem
        For p, the fixed posts and the number of sites.
    deadline : float
        On the clock of `time.perf_counter`.
    """
    fixed = list(problem.fixed)
    rest = np.unique(np.packbits(reach[~reach[:, fixed].any(axis=1)], axis=1), axis=0)
    rows = np.unpackbits(rest, axis=1, count=problem.sites).astype(bool)
    left = problem.patrols - len(fixed)
    if len(rows) == 0:
        return Cover(filled(fixed, problem), len(fixed))
    if not rows.any(axis=1).all():
        return Cover(None, problem.sites + 1)
    if left == 0:
        return Cover(None, len(fixed) + 1)
    rows, kept = undominated(rows)

    def known(chosen, need: int = 0) -> Cover:
        plan = None if chosen is None else filled([*fixed, *kept[chosen].tolist()], problem)
        return Cover(plan, len(fixed) + need)

    greedy = greedy_cover(rows)
    if len(greedy) <= left:
        return known(greedy)
    table = sparse.csr_matrix(rows.astype(float))
    relaxed = linprog(np.ones(kept.size), -table, -np.ones(len(rows)), bounds=(0, 1))
    need = int(np.ceil(relaxed.fun - 1e-6)) if relaxed.status == 0 else 1
    if need > left:
        return known(None, need)
    end = min(deadline, time.perf_counter() + SHORT)
    answer = _program(table, left, end, np.zeros(kept.size))
    if answer.x is not None:
        return known(np.flatnonzero(answer.x > 0.5))
    if answer.status == 2:
        return known(None, left + 1)
    answer = _program(table, kept.size, deadline, np.ones(kept.size))
    if answer.x is not None and round(answer.x.sum()) <= left:
        return known(np.flatnonzero(answer.x > 0.5))
    bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else 0.0
    return known(None, max(need, int(np.ceil(bound - 1e-6)) if np.isfinite(bound) else 0))


def _program(table, most: int, deadline: float, cost):
    options = {"mip_rel_gap": 0.0}
    if np.isfinite(deadline):
        options["time_limit"] = max(0.1, deadline - time.perf_counter())
    count = sparse.csr_matrix(np.ones((1, table.shape[1])))
    return milp(
        cost,
        integrality=np.ones(table.shape[1]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(table, 1.0, np.inf),
            LinearConstraint(count, 0.0, most),
        ],
        options=options,
    )


def cover_all(reach: np.ndarray, problem: PatrolProblem, deadline: float) -> np.ndarray | None:
    """The p sites that reach every node; an empty array if there are none, None if time is up."""
    found = cover(reach, problem, deadline)
    if found.plan is None and found.need > problem.patrols:
        return np.empty(0, int)
    return found.plan


def undominated(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nodes and sites that decide, as a smaller table, and the numbers of its sites."""
    kept = np.arange(rows.shape[1])
    size = -1
    while size != rows.size and rows.size < DENSEST:
        size = rows.size
        # a node whose sites include another node's sites is covered whenever that one is
        f = rows.astype(np.float32)
        common = f @ f.T
        inside = (common >= f.sum(axis=1)[:, None]) & ~np.eye(len(rows), dtype=bool)
        same = inside & inside.T & (np.arange(len(rows))[:, None] > np.arange(len(rows)))
        rows = rows[~((inside & ~inside.T).any(axis=0) | same.any(axis=1))]
        # a site that covers a subset of another's nodes is not needed
        f = rows.astype(np.float32)
        common = f.T @ f
        inside = (common >= f.sum(axis=0)[:, None]) & ~np.eye(kept.size, dtype=bool)
        same = inside & inside.T & (np.arange(kept.size)[:, None] > np.arange(kept.size))
        keep = ~((inside & ~inside.T).any(axis=1) | same.any(axis=1))
        rows, kept = rows[:, keep], kept[keep]
    return rows, kept


def greedy_cover(rows: np.ndarray) -> list[int]:
    """Sites one by one, each the one that reaches most of the nodes left."""
    chosen: list[int] = []
    while len(rows):
        chosen.append(int(np.argmax(rows.sum(axis=0))))
        rows = rows[~rows[:, chosen[-1]]]
    return chosen


def filled(plan: list[int], problem: PatrolProblem) -> np.ndarray:
    """Spare patrols go to spare sites."""
    plan = list(dict.fromkeys(plan))
    spare = (j for j in range(problem.sites) if j not in set(plan))
    while len(plan) < problem.patrols:
        plan.append(next(spare))
    return np.array(plan)
