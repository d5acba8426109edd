"""The tables that the patrol sections show, from arrays and frames: demand, plans, judgements."""

from .demand import (
    DEMANDS,
    DrawnPlan,
    GridDemand,
    History,
    Quadrants,
    coarse_demand,
    distances,
    grid_demand,
    history,
    quadrants,
    to_first,
)
from .plans import (
    Comparison,
    Roster,
    compare_solvers,
    judged_by_all_objectives,
    mean_distances,
    plan_table,
    roster,
    tree_nodes,
)

__all__ = [
    "DEMANDS",
    "Comparison",
    "DrawnPlan",
    "GridDemand",
    "History",
    "Quadrants",
    "Roster",
    "coarse_demand",
    "compare_solvers",
    "distances",
    "grid_demand",
    "history",
    "judged_by_all_objectives",
    "mean_distances",
    "plan_table",
    "quadrants",
    "roster",
    "to_first",
    "tree_nodes",
]
