"""Whether so many sites reach every node: reduction, greedy, then HiGHS."""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from .problem import PatrolProblem


def cover_all(reach: np.ndarray, problem: PatrolProblem, deadline: float) -> np.ndarray | None:
    """The p sites that reach every node; an empty array if there are none, None if time is up."""
    fixed = list(problem.fixed)
    rest = np.unique(np.packbits(reach[~reach[:, fixed].any(axis=1)], axis=1), axis=0)
    rows = np.unpackbits(rest, axis=1, count=problem.sites).astype(bool)
    left = problem.patrols - len(fixed)
    if len(rows) == 0:
        return filled(fixed, problem)
    if left == 0 or not rows.any(axis=1).all():
        return np.empty(0, int)
    kept = np.arange(problem.sites)
    size = -1
    while size != rows.size and rows.size < 4_000_000:
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
    greedy: list[int] = []
    open_rows = rows.copy()
    while len(open_rows):
        j = int(np.argmax(open_rows.sum(axis=0)))
        greedy.append(int(kept[j]))
        open_rows = open_rows[~open_rows[:, j]]
    if len(greedy) <= left:
        return filled([*fixed, *greedy], problem)
    options = {"mip_rel_gap": 0.0}
    if np.isfinite(deadline):
        options["time_limit"] = max(0.1, deadline - time.perf_counter())
    result = milp(
        np.ones(kept.size),
        integrality=np.ones(kept.size),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(sparse.csr_matrix(rows.astype(float)), 1.0, np.inf),
        options=options,
    )
    if result.x is not None and round(result.x.sum()) <= left:
        return filled([*fixed, *kept[result.x > 0.5].tolist()], problem)
    if result.status == 0 or (result.mip_dual_bound or 0) > left + 1e-6:
        return np.empty(0, int)
    return None


def filled(plan: list[int], problem: PatrolProblem) -> np.ndarray:
    """Spare patrols go to spare sites."""
    plan = list(dict.fromkeys(plan))
    spare = (j for j in range(problem.sites) if j not in set(plan))
    while len(plan) < problem.patrols:
        plan.append(next(spare))
    return np.array(plan)
