"""The tables that the sections on priorities show, from tables of criteria."""

from .any_weights import central_weights, drawn_weights, running_mean
from .classes import CLASSES, ClassRanking, class_of_first, rank_in_classes, share_of
from .counted import CountedRatio, SteadyRatio, counted_ratios, fewest_events, ratios_told
from .methods import Comparison, compare_methods, objections, sort_by_quantiles
from .weighing import criteria_weights
from .zones import CriteriaTable, criteria_table, names_of, zone_codes, zones_by_name

__all__ = [
    "CLASSES",
    "ClassRanking",
    "Comparison",
    "CountedRatio",
    "CriteriaTable",
    "SteadyRatio",
    "central_weights",
    "class_of_first",
    "compare_methods",
    "counted_ratios",
    "criteria_table",
    "criteria_weights",
    "drawn_weights",
    "fewest_events",
    "names_of",
    "objections",
    "rank_in_classes",
    "ratios_told",
    "running_mean",
    "share_of",
    "sort_by_quantiles",
    "zone_codes",
    "zones_by_name",
]
