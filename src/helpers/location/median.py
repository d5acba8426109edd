"""The p-median by the method of your choice, with one kind of answer."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from helpers.checks import one_of

from .exact import reduce_problem, solve
from .heuristics import fasterpam_plan, kmeans_plan
from .problem import PatrolProblem, PMedianSolution, plain_solution
from .pyomo_model import solve_pyomo
from .reach import finite
from .spopt_models import solve_spopt

__all__ = ["METHODS", "p_median", "sweep"]

METHODS = ("exact", "pyomo", "spopt", "heuristic", "kmeans")


def p_median(
    demand,
    distance,
    patrols: int,
    *,
    method: str = "exact",
    time_limit: float | None = None,
    fixed=(),
    solver: str | None = None,
    seed: int = 0,
) -> PMedianSolution:
    r"""Place p patrols so that demand travels least.

    .. math::

        \min \sum_i \sum_j c_i d_{ij} x_{ij}

        \sum_j x_{ij} = 1, \qquad x_{ij} \le y_j, \qquad \sum_j y_j = p, \qquad
        x_{ij}, y_j \in \{0, 1\}

    Every node is served once, from an open site, and p sites are open: equations 1-6 of the San
    Miguel paper, which calls the model p-center.

    Parameters
    ----------
    demand : (n,) array
        c_i, predicted crimes at each demand node.
    distance : (n, m) array or PlanarDistance
        d_ij; a `PlanarDistance` never builds the matrix (methods ``exact`` and ``kmeans``).
    patrols : int
        p, the fixed posts included.
    method : {"exact", "pyomo", "spopt", "heuristic", "kmeans"}
        ``exact``: Lagrangian bundle and branching, proven to 1e-9.  ``pyomo``: the paper's model in
        Pyomo.  ``spopt``: PySAL's class.  ``heuristic``: FasterPAM.  ``kmeans``: weighted K-means,
        centres snapped to the nearest site (needs a `PlanarDistance`).
    time_limit : float, optional
        Seconds of wall-clock time; the best plan found by then is returned with its gap.
    fixed : sequence of int
        Sites where a patrol must stand (not for ``heuristic`` and ``kmeans``).
    solver : str, optional
        For ``pyomo`` ("glpk" by default, "highs", any Pyomo name) and ``spopt`` ("highs", "cbc").
    seed : int
        For ``heuristic`` and ``kmeans``.

    Returns
    -------
    PMedianSolution

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), an unknown method, a solver that is not installed or found
        no plan in time.

    Notes
    -----
    ``exact`` drops nodes without demand and merges coincident ones.  A radius :math:`r_i` for each
    node gives a bound on every plan,

    .. math:: L(r) = \sum_i c_i r_i + \text{the sum of the } p \text{ smallest } s_j, \qquad
        s_j = -\sum_i c_i \max(0, r_i - d_{ij}),

    which a proximal bundle method climbs.  An interchange search gives plans; sites that the bound
    rules out are dropped for good (reduced cost); what is open is split by counting: a region of
    sites holds at most k patrols, or at least k + 1.  Where costs are whole numbers and a small
    tree has not closed, HiGHS solves what the bound leaves: the pairs of node and site whose excess
    over the bound is no more than the gap.

    References
    ----------
    Cornuéjols, Fisher & Nemhauser (1977), Management Science 23, on the bound;
    ReVelle & Swain (1970), Geographical Analysis 2: 30-42.

    Examples
    --------
    >>> plan = p_median([1, 1, 5], [[0, 1, 9], [1, 0, 8], [9, 8, 0]], 2)
    >>> plan.sites.tolist(), plan.objective, plan.proven
    ([0, 2], 1.0, True)
    """
    one_of(method, "method", METHODS)
    problem = PatrolProblem(demand, distance, patrols, fixed)
    if method == "exact":
        return solve(problem, time_limit=time_limit)[0]
    if method in ("heuristic", "kmeans") and problem.fixed:
        raise ValueError(f"method {method!r} cannot keep fixed posts; use 'exact' or 'pyomo'.")
    if method == "pyomo":
        return solve_pyomo(problem, solver or "glpk", time_limit)
    if method == "spopt":
        return solve_spopt(problem, solver or "highs", time_limit)
    start = time.process_time()
    make = fasterpam_plan if method == "heuristic" else kmeans_plan
    return plain_solution(problem, make(problem, seed), -np.inf, start, method)


def sweep(
    demand,
    distance,
    patrols: Iterable[int] = range(1, 15),
    *,
    method: str = "exact",
    time_limit: float | None = None,
    fixed=(),
    seed: int = 0,
) -> list[PMedianSolution]:
    """One plan for each number of patrols.

    Parameters
    ----------
    demand, distance, method, fixed, seed
        As in `p_median`.
    patrols : iterable of int
        Numbers of patrols.
    time_limit : float, optional
        Seconds for each number of patrols.

    Returns
    -------
    list of PMedianSolution
        In the order of `patrols`; the exact method reuses the reduced instance and starts each
        plan from the previous one.

    Raises
    ------
    ValueError
        As `p_median`, for any of the numbers.

    Examples
    --------
    >>> [s.objective for s in sweep([1, 1, 5], [[0, 1, 9], [1, 0, 8], [9, 8, 0]], [1, 2, 3])]
    [17.0, 1.0, 0.0]
    """
    if not isinstance(patrols, Iterable):
        raise ValueError(f"patrols is {patrols!r}; pass several numbers, such as range(1, 15).")
    numbers = list(patrols)
    if method != "exact":
        return [
            p_median(
                demand, distance, p, method=method, time_limit=time_limit, fixed=fixed, seed=seed
            )
            for p in numbers
        ]
    problems = [PatrolProblem(demand, distance, p, fixed) for p in numbers]
    instance = reduce_problem(finite(problems[0])[0]) if problems else None
    out: list[PMedianSolution] = []
    for problem in problems:
        hint = out[-1].sites if out and out[-1].sites.size < problem.patrols else None
        out.append(solve(problem, instance=instance, hint=hint, time_limit=time_limit)[0])
    return out
