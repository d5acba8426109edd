"""How many sites it takes to reach every node: reduction, greedy, linear bound, a tree, then HiGHS."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from ._cover_kernels import dominated, search_cover
from .problem import PatrolProblem

SHORT = 100  # nodes for the question without an objective, which is quick where a cover exists
TREE = 3e7  # nodes of the tree times entries of the table: about half a second
FIRST = 5e5  # of these, before the linear relaxation is asked
A_SECOND = 5e7  # of these, on a machine that is not fast


@dataclass(frozen=True, eq=False)
class Cover:
    """What is known about covering all nodes.

    Attributes
    ----------
    plan : (p,) int array or None
        Sites that reach every node, spare ones included.
    need : int
        No plan of fewer sites reaches every node; more than there are sites if none does.
    prices : (n,) array or None
        Where the linear relaxation showed that p sites are too few: a price of each node, the
        dual solution.  No site reaches nodes of more than 1 in all, and all nodes together cost
        more than the sites that are not fixed.
    """

    plan: np.ndarray | None
    need: int
    prices: np.ndarray | None = None


def cover(
    reach: np.ndarray, problem: PatrolProblem, deadline: float, *, effort: float | None = None
) -> Cover:
    """Whether p sites, the fixed ones among them, reach every node.

    After dominated nodes and sites are dropped, in this order, until one of them answers: greedy;
    the linear relaxation rounded up; a tree of our own, whose branches end by prices that follow the
    subgradient (`search_cover`); "at most p sites" without an objective, over a few nodes of
    HiGHS; the least number of sites.

    Parameters
    ----------
    reach : (n, m) bool array
        Whether site j reaches node i.
    problem : PatrolProblem
        For p, the fixed posts and the number of sites.
    deadline : float
        On the clock of `time.perf_counter`.
    effort : float, optional
        Nodes of the tree times entries of the table where the tree is the last to be asked, so that no
        clock changes the answer; 0 for the linear relaxation alone.

    References
    ----------
    Beasley (1987), European Journal of Operational Research 31: 85-93, on trees of covers with
    Lagrangean bounds.
    """
    fixed = list(problem.fixed)
    open_ = np.flatnonzero(~reach[:, fixed].any(axis=1))
    _, first = np.unique(np.packbits(reach[open_], axis=1), axis=0, return_index=True)
    sole = open_[first]
    rows = reach[sole]
    left = problem.patrols - len(fixed)
    if len(rows) == 0:
        return Cover(filled(fixed, problem), len(fixed))
    if not (reached := rows.any(axis=1)).all():
        return Cover(None, problem.sites + 1, _prices(reach, sole[~reached], problem.sites + 1.0))
    if left == 0:
        return Cover(None, len(fixed) + 1, _prices(reach, sole[:1], 1.0))
    rows, deciding, kept = undominated(rows)

    def known(chosen, need: int = 0) -> Cover:
        plan = None if chosen is None else filled([*fixed, *kept[chosen].tolist()], problem)
        return Cover(plan, len(fixed) + need)

    greedy = greedy_cover(rows)
    if len(greedy) <= left:
        return known(greedy)
    table = sparse.csr_matrix(rows.astype(float))
    lists = (*_lists(rows), *_lists(rows.T))
    quick = FIRST if effort is None else min(FIRST, effort)
    flat = (rows / rows.sum(axis=0)).min(axis=1, where=rows, initial=1.0)
    found, chosen = search_cover(*lists, flat, left, quick / table.nnz)
    if found == 1:
        return known(chosen)
    relaxed = linprog(np.ones(kept.size), -table, -np.ones(len(rows)), bounds=(0, None))
    need = int(np.ceil(relaxed.fun - 1e-6)) if relaxed.status == 0 else 1
    if need > left:
        prices = _prices(reach, sole[deciding], np.maximum(-relaxed.ineqlin.marginals, 0.0))
        return Cover(None, len(fixed) + need, prices)
    most = TREE if effort is None else effort
    if np.isfinite(deadline):
        most = min(most, A_SECOND * max(0.0, deadline - time.perf_counter()))
    price = -relaxed.ineqlin.marginals if relaxed.status == 0 else np.ones(len(rows))
    found, chosen = search_cover(*lists, price, left, most / table.nnz)
    if found >= 0:
        return known(chosen) if found == 1 else known(None, left + 1)
    if effort is not None:
        return known(None, need)
    answer = _program(table, left, deadline, np.zeros(kept.size), node_limit=SHORT)
    if answer.x is not None:
        return known(np.flatnonzero(answer.x > 0.5))
    if answer.status == 2:
        return known(None, left + 1)
    answer = _program(table, kept.size, deadline, np.ones(kept.size))
    if answer.x is not None and round(answer.x.sum()) <= left:
        return known(np.flatnonzero(answer.x > 0.5))
    bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else 0.0
    return known(None, max(need, int(np.ceil(bound - 1e-6)) if np.isfinite(bound) else 0))


def _lists(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the list of each row begins, and what the rows hold."""
    table = sparse.csr_matrix(rows)
    return table.indptr.astype(np.int64), table.indices.astype(np.int64)


def _prices(reach: np.ndarray, nodes: np.ndarray, values) -> np.ndarray:
    prices = np.zeros(len(reach))
    prices[nodes] = values
    return prices


def _program(table, most: int, deadline: float, cost, **more):
    options = {"mip_rel_gap": 0.0, **more}
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


def undominated(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The nodes and sites that decide, as a smaller table, and their numbers."""
    nodes, sites = np.arange(rows.shape[0]), np.arange(rows.shape[1])
    size = -1
    while size != rows.size:
        size = rows.size
        # a node whose sites include another node's sites is covered whenever that one is
        keep = ~dominated(words(rows), True)
        rows, nodes = rows[keep], nodes[keep]
        # a site that covers a subset of another's nodes is not needed
        keep = ~dominated(words(rows.T), False)
        rows, sites = rows[:, keep], sites[keep]
    return rows, nodes, sites


def words(rows: np.ndarray) -> np.ndarray:
    """Rows of a table of booleans as whole words of 64 bits."""
    packed = np.packbits(rows, axis=1)
    spare = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, spare)))).view(np.uint64)


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
