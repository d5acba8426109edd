"""PySAL spopt's p-median, with its answer in our solution type."""

from __future__ import annotations

import time
import warnings

import numpy as np

from .median import plain_solution
from .problem import PatrolProblem, PMedianSolution


def solve_spopt(problem: PatrolProblem, solver: str, time_limit: float | None) -> PMedianSolution:
    """`spopt.locate.PMedian` on the nodes that carry demand (it serves zero weights anywhere)."""
    import pulp
    from spopt.locate import PMedian

    start = time.process_time()
    engine = pulp_solver(solver, time_limit)
    held = np.flatnonzero(problem.demand > 0)
    extra = {}
    if problem.fixed:
        flags = np.zeros(problem.sites, int)
        flags[list(problem.fixed)] = 1
        # spopt takes fixed sites only together with capacities: large enough to bind nothing
        room = np.full(problem.sites, problem.demand.sum())
        extra = {"predefined_facilities_arr": flags, "facility_capacities": room}
    try:
        with warnings.catch_warnings():
            # spopt still uses the parts of PuLP that version 4 will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            model = PMedian.from_cost_matrix(
                problem.matrix()[held], problem.demand[held], problem.patrols, **extra
            ).solve(engine, results=False)
    except RuntimeError as error:
        raise ValueError(
            f"spopt with {solver} found no plan; allow more time or use method='exact'."
        ) from error
    sites = open_sites(model, problem.patrols, solver)
    # PuLP calls a time-limited incumbent optimal in `status`; `sol_status` tells the truth
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    bound = float(pulp.value(model.problem.objective)) if proven else -np.inf
    return plain_solution(problem, sites, bound, start, f"spopt ({solver})", tolerance=1e-6)


def pulp_solver(solver: str, time_limit: float | None):
    """A silent PuLP solver that goes all the way to a zero gap."""
    import pulp

    if solver == "highs":
        engine = pulp.HiGHS(msg=False, timeLimit=time_limit, gapRel=0.0)
    elif solver == "cbc":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            engine = pulp.PULP_CBC_CMD(msg=False, timeLimit=time_limit, gapRel=0.0)
    else:
        raise ValueError(f"solver is {solver!r}; spopt takes 'highs' or 'cbc' here.")
    if not engine.available():
        raise ValueError(f"PuLP finds no {solver}; install it (pip install highspy, or pulp).")
    return engine


def open_sites(model, patrols: int, solver: str) -> np.ndarray:
    """Facilities a solved spopt model opens."""
    values = [variable.varValue for variable in model.fac_vars]
    sites = np.flatnonzero([value is not None and value > 0.5 for value in values])
    if sites.size != patrols:
        raise ValueError(f"spopt with {solver} found no plan; allow more time or use 'exact'.")
    return sites
