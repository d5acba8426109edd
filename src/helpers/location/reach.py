"""Plans that leave no node with demand beyond a distance, or out of reach."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .cover import cover_all
from .problem import PatrolProblem


def has_unreachable(problem: PatrolProblem) -> bool:
    """Whether some node with demand cannot be reached from some site."""
    distance = problem.distance
    return isinstance(distance, np.ndarray) and bool(np.isinf(distance[problem.demand > 0]).any())


def finite(problem: PatrolProblem) -> tuple[PatrolProblem, np.ndarray | None]:
    """The problem with penalties where a site cannot serve a node, and a plan that pays none.

    Returns
    -------
    problem : PatrolProblem
        The same one where every site reaches every node with demand.
    plan : (p,) int array or None

    Raises
    ------
    ValueError
        No plan of so many patrols reaches every node with demand.
    """
    if not has_unreachable(problem):
        return problem, None
    matrix = problem.matrix()
    reach = np.isfinite(matrix[problem.demand > 0])
    plan = cover_all(reach, problem, np.inf)
    if plan is None or plan.size == 0:
        raise ValueError(none_reaches(problem))
    far = float(matrix[problem.demand > 0].max(where=reach, initial=0.0))
    return held_within(problem, matrix, far), plan


def held_within(problem: PatrolProblem, matrix: np.ndarray, cap: float) -> PatrolProblem:
    r"""The same p-median where a node beyond `cap` costs more than any plan within it.

    A site beyond `cap` of node i (or out of its reach) is put at the distance

    .. math:: \text{cap} + 1.01\, C / c_i, \qquad C = \sum_i c_i \max_{d_{ij} \le \text{cap}} d_{ij}

    where C is more than any plan costs that serves all within `cap`.
    """
    held = problem.demand > 0
    within = np.where(held[:, None] & (matrix <= cap), matrix, 0.0).max(axis=1)
    most = float(problem.demand @ within)
    penalty = np.full(problem.demand.size, cap)
    penalty[held] += 1.01 * most / problem.demand[held] if most > 0 else cap or 1.0
    blocked = np.where(matrix > cap, penalty[:, None], matrix)
    return PatrolProblem(problem.demand, blocked, problem.patrols, problem.fixed)


def parts(problem: PatrolProblem) -> int:
    """Parts of nodes with demand that no site joins: each needs a patrol of its own."""
    near = sparse.csr_matrix(np.isfinite(problem.matrix()[problem.demand > 0]))
    n = near.shape[0]
    graph = sparse.bmat([[None, near], [near.T, None]])
    return len(np.unique(connected_components(graph, directed=False)[1][:n]))


def none_reaches(problem: PatrolProblem) -> str:
    """The sentence where no plan reaches every node with demand."""
    return (
        f"no plan of {problem.patrols} patrols reaches every demand node: infinite distances split "
        f"the demand into {parts(problem)} parts that need a patrol each, fixed posts included; "
        "raise patrols, or drop the nodes of the smallest parts."
    )
