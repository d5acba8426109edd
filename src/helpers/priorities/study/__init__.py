"""The tables that the sections on priorities show, from tables of criteria."""

from .any_weights import central_weights, drawn_weights, running_mean
from .classes import CLASSES, ClassRanking, class_of_first, rank_in_classes, share_of
from .methods import Comparison, compare_methods, objections, sort_by_quantiles
from .weighing import criteria_weights
from .zones import CriteriaTable, criteria_table, names_of, zone_codes, zones_by_name

__all__ = [
    "CLASSES",
    "ClassRanking",
    "Comparison",
    "CriteriaTable",
    "central_weights",
    "class_of_first",
    "compare_methods",
    "criteria_table",
    "criteria_weights",
    "drawn_weights",
    "names_of",
    "objections",
    "rank_in_classes",
    "running_mean",
    "share_of",
    "sort_by_quantiles",
    "zone_codes",
    "zones_by_name",
]
