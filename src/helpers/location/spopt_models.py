"""PySAL spopt's p-median, p-center, maximal covering, with their answers in our solution types."""

from __future__ import annotations

import time
import warnings

import numpy as np

from .problem import CoverageSolution, PatrolProblem, PMedianSolution, assign, plain_solution
from .reach import finite
from .units import SolverUnits


def solve_spopt(problem: PatrolProblem, solver: str, time_limit: float | None) -> PMedianSolution:
    """`spopt.locate.PMedian` on the nodes that carry demand (it serves zero weights anywhere)."""
    import pulp
    from spopt.locate import PMedian

    start = time.process_time()
    engine = pulp_solver(solver, time_limit)
    units = SolverUnits.of(finite(problem)[0])
    extra = {}
    if problem.fixed:
        flags = np.zeros(problem.sites, int)
        flags[list(problem.fixed)] = 1
        # spopt takes fixed sites only together with capacities: large enough to bind nothing
        room = np.full(problem.sites, units.weights.sum())
        extra = {"predefined_facilities_arr": flags, "facility_capacities": room}
    try:
        with warnings.catch_warnings():
            # spopt still uses the parts of PuLP that version 4 will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            model = PMedian.from_cost_matrix(
                units.matrix, units.weights, problem.patrols, **extra
            ).solve(engine, results=False)
    except RuntimeError as error:
        raise ValueError(
            f"spopt with {solver} found no plan; allow more time or use method='exact'."
        ) from error
    sites = open_sites(model, problem.patrols, solver)
    # PuLP calls a time-limited incumbent optimal in `status`; `sol_status` tells the truth
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    value = float(pulp.value(model.problem.objective)) * units.cost_unit
    bound = value if proven else -np.inf
    return plain_solution(problem, sites, bound, start, f"spopt ({solver})", tolerance=1e-6)


def spopt_p_center(problem: PatrolProblem, solver: str, time_limit: float | None):
    """`spopt.locate.PCenter` on the nodes that carry demand."""
    from spopt.locate import PCenter

    start = time.process_time()
    units = SolverUnits.of(finite(problem)[0])
    sites, proven, _ = _solved(
        problem,
        solver,
        time_limit,
        lambda **fixed: PCenter.from_cost_matrix(units.matrix, problem.patrols, **fixed),
    )
    objective = float(units.matrix[:, sites].min(axis=1).max()) * units.distance_unit
    return PMedianSolution(
        sites=sites,
        assignment=assign(problem.distance, sites),
        objective=objective,
        bound=objective if proven else -np.inf,
        gap=0.0 if proven else np.nan,
        proven=proven,
        seconds=time.process_time() - start,
        method=f"spopt ({solver})",
    )


def spopt_maximal_covering(
    problem: PatrolProblem, radius: float, solver: str, time_limit: float | None
) -> CoverageSolution:
    """`spopt.locate.MCLP` on the nodes that carry demand."""
    from spopt.locate import MCLP

    start = time.process_time()
    units, matrix, weights = SolverUnits.of(problem), problem.matrix(), problem.demand
    sites, proven, value = _solved(
        problem,
        solver,
        time_limit,
        lambda **fixed: MCLP.from_cost_matrix(
            units.matrix, units.weights, radius / units.distance_unit, problem.patrols, **fixed
        ),
    )
    covered = (matrix[:, sites] <= radius).any(axis=1)
    objective = float(weights[covered].sum())
    bound = max(value * units.demand_unit, objective) if proven else np.inf
    return CoverageSolution(
        sites=sites,
        covered=covered,
        objective=objective,
        bound=bound,
        gap=(bound - objective) / bound if proven and bound > 0 else np.nan,
        proven=proven,
        seconds=time.process_time() - start,
        method=f"spopt ({solver})",
    )


def _solved(problem: PatrolProblem, solver: str, time_limit: float | None, build):
    """Sites of a model that `build` makes, whether they are proven optimal, the objective."""
    import pulp

    engine = pulp_solver(solver, time_limit)
    fixed = {}
    if problem.fixed:
        flags = np.zeros(problem.sites, int)
        flags[list(problem.fixed)] = 1
        fixed = {"predefined_facilities_arr": flags}
    try:
        with warnings.catch_warnings():
            # spopt still uses the parts of PuLP that version 4 will drop
            warnings.simplefilter("ignore", DeprecationWarning)
            model = build(**fixed).solve(engine, results=False)
    except RuntimeError as error:
        raise ValueError(
            f"spopt with {solver} found no plan; allow more time or use method='exact'."
        ) from error
    sites = open_sites(model, problem.patrols, solver)
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    return sites, proven, float(pulp.value(model.problem.objective))


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
