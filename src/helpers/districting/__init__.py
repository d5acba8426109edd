"""Contiguous plans: units grouped into areas, by every method of the paper or with a proof."""

from .arithmetic import REFUSALS, drawn_sums, judged_columns, printed_sums
from .automatic_zoning import azp, azp_sa, azp_within
from .beats import (
    Ensemble,
    FewMoves,
    chain_measures,
    effective_size,
    few_moves,
    plan_ensemble,
    standing,
)
from .colouring import map_colours
from .cooling import annealing, random_plan, simple_bound
from .evolution import genetic, genetic_paper, paper_settings
from .ground import pieces_on_the_ground
from .methods import METHODS, district
from .objectives import (
    OBJECTIVES,
    Objective,
    area_centres,
    area_totals,
    closed_form_bound,
    compactness,
    evaluate,
    polsby_popper,
    population_difference,
    radial_compactness,
)
from .optimum import ParetoFront, certify_plan, exact, lexicographic, pareto_front
from .plan import Plan, best_of, broken_areas, canonical
from .shapes import area_shapes, second_moments, shape_measures
from .spanning_trees import recombination
from .tables import area_statistics, area_table, seed_study, summarise_study
from .units import DistrictingError, Units
from .verifier import verify_plan
from .workload import PolicePlan, Workload, police_plan, police_table, workload_units

__all__ = [
    "METHODS",
    "OBJECTIVES",
    "REFUSALS",
    "DistrictingError",
    "Ensemble",
    "FewMoves",
    "Objective",
    "ParetoFront",
    "Plan",
    "PolicePlan",
    "Units",
    "Workload",
    "annealing",
    "area_centres",
    "area_shapes",
    "area_statistics",
    "area_table",
    "area_totals",
    "azp",
    "azp_sa",
    "azp_within",
    "best_of",
    "broken_areas",
    "canonical",
    "certify_plan",
    "chain_measures",
    "closed_form_bound",
    "compactness",
    "district",
    "drawn_sums",
    "effective_size",
    "evaluate",
    "exact",
    "few_moves",
    "genetic",
    "genetic_paper",
    "judged_columns",
    "lexicographic",
    "map_colours",
    "paper_settings",
    "pareto_front",
    "pieces_on_the_ground",
    "plan_ensemble",
    "police_plan",
    "police_table",
    "polsby_popper",
    "population_difference",
    "printed_sums",
    "radial_compactness",
    "random_plan",
    "recombination",
    "second_moments",
    "seed_study",
    "shape_measures",
    "simple_bound",
    "standing",
    "summarise_study",
    "verify_plan",
    "workload_units",
]
