"""Plans for several numbers of patrols by one objective, each with its bound and its proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from helpers.checks import one_of, positive

from .center import centers
from .certificate import Certificate, recorded
from .compact import compacted
from .problem import CoverageSolution, PatrolProblem, PMedianSolution

__all__ = ["CURVES", "center_proof", "certified_curve"]

CURVES = ("p-median", "p-center", "covering")
NEAR = 1e-9  # of a radius: what distances as floating-point numbers may be off
EFFORT = 5e6  # of the trees that are asked about a p-center, see `cover`: a tenth of a second
NODES = 10  # of the tree of a covering plan: the same on every machine


def certified_curve(
    demand,
    distance,
    patrols: Iterable[int],
    *,
    objective: str = "p-median",
    radius: float | None = None,
    fixed=(),
    time_limit: float | None = None,
) -> list[Certificate]:
    r"""A plan for each number of patrols, with the proof that none is better where there is one.

    A covering plan is a p-median whose distances are 0 within the radius and 1 beyond: the demand
    covered is all demand less its cost.  Its tree ends after 10 nodes.  A p-center is bounded by
    linear programs: with prices :math:`u_i \ge 0` of the nodes,

    .. math:: \sum_i u_i > p \max_j \sum_{i : d_{ij} < r} u_i

    shows that no p sites reach every node within less than r.  Where it does not, a tree of
    choices of sites does that has such prices at each branch, up to a fixed effort.  Both have a gap where that
    does not suffice.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j; finite.
    patrols : iterable of int
        Numbers of patrols.
    objective : {"p-median", "p-center", "covering"}
        What is best.
    radius : float, optional
        Reach of the covering plans, in the unit of `distance`; for ``covering`` only.
    fixed : sequence of int
        Sites where a patrol must stand.
    time_limit : float, optional
        Seconds of wall-clock time for each p-median.

    Returns
    -------
    list of Certificate
        In the order of `patrols`.  The ``proof`` of a p-median and of a covering plan is checked
        by `helpers.location.verify`, that of a p-center by `helpers.location.verify_center`; a
        p-center that a tree proves comes without one; `center_proof` makes it where its own tree is small.

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), another word for `objective`, infinite distances, a radius
        that is missing or not positive.

    References
    ----------
    Church & ReVelle (1976), Geographical Analysis 8: 406-415, on covering as a p-median.

    Examples
    --------
    >>> d = [[0, 4, 9], [4, 0, 5], [9, 5, 0]]
    >>> plans = certified_curve([1, 1, 1], d, [1, 2], objective="covering", radius=4)
    >>> [(plan.solution.objective, plan.solution.proven) for plan in plans]
    [(2.0, True), (3.0, True)]
    """
    one_of(objective, "objective", CURVES)
    numbers = list(patrols)
    problems = {p: PatrolProblem(demand, distance, p, fixed) for p in sorted(set(numbers))}
    if objective == "p-median":
        found = dict(
            zip(problems, recorded([*problems.values()], time_limit=time_limit), strict=True)
        )
    elif objective == "p-center":
        found = _centers(problems)
    else:
        positive(np.nan if radius is None else radius, "radius")
        found = _covers(problems, radius)
    return [found[p] for p in numbers]


def _centers(problems: dict[int, PatrolProblem]) -> dict[int, Certificate]:
    found = {}
    for p, plan, prices in centers(problems, effort=EFFORT):
        proof = None if prices is None else _priced(problems[p], plan, prices)
        found[p] = Certificate(plan, proof)
    return found


def _priced(problem: PatrolProblem, plan: PMedianSolution, prices: np.ndarray) -> dict:
    whole = np.zeros(problem.demand.size)
    whole[problem.demand > 0] = prices
    return {**_claim(problem, plan), "prices": whole.tolist()}


def center_proof(
    demand, distance, plan: PMedianSolution | CoverageSolution, *, fixed=()
) -> dict | None:
    r"""Certificate of a p-center that linear prices do not prove.

    With ways that are 0 where a node is reached within less than the radius and 1 elsewhere, and a
    weight of 1 at each node, a p-median counts the nodes that are left out.  If its least cost is
    at least 1, no plan has a shorter radius.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    plan : PMedianSolution or CoverageSolution
        The p-center, its radius as the objective.
    fixed : sequence of int
        Sites where a patrol must stand.

    Returns
    -------
    dict or None
        As `helpers.location.verify_center` checks it: under ``beyond`` the certificate of that
        p-median.  None where its tree of at most 10 nodes does not close, or a plan reaches all.
    """
    task = PatrolProblem(demand, distance, plan.sites.size, fixed)
    beyond = (task.matrix() >= plan.objective * (1 - NEAR)).astype(float)
    one = (task.demand > 0).astype(float)
    (left,) = recorded([replace(task, demand=one, distance=beyond)], most_nodes=NODES)
    if left.proof is None or left.solution.objective < 1:
        return None
    (short,) = compacted([left.proof], one, beyond)
    return {**_claim(task, plan), "beyond": short}


def _claim(problem: PatrolProblem, plan: PMedianSolution | CoverageSolution) -> dict:
    return {
        "what": "p-center optimality certificate",
        "patrols": problem.patrols,
        "fixed": [int(j) for j in problem.fixed],
        "sites": [int(j) for j in plan.sites],
        "objective": plan.objective,
    }


def _covers(problems: dict[int, PatrolProblem], radius) -> dict[int, Certificate]:
    beyond = (next(iter(problems.values())).matrix() > radius).astype(float)
    tasks = [replace(one, distance=beyond) for one in problems.values()]
    certified = recorded(tasks, most_nodes=NODES)
    return {
        p: Certificate(_covering(task, one, radius), one.proof)
        for (p, task), one in zip(zip(problems, tasks, strict=True), certified, strict=True)
    }


def _covering(task: PatrolProblem, found: Certificate, radius: float) -> CoverageSolution:
    """The same plan, as the demand that it covers."""
    total, plan = float(task.demand.sum()), found.solution
    covered = task.columns(plan.sites).min(axis=1) == 0
    objective, bound = float(task.demand[covered].sum()), total - plan.bound
    bound = objective if plan.proven else max(bound, objective)
    return CoverageSolution(
        sites=plan.sites,
        covered=covered,
        objective=objective,
        bound=bound,
        gap=(bound - objective) / bound if bound > 0 else 0.0,
        proven=plan.proven,
        seconds=plan.seconds,
        method="maximal covering",
    )
