"""Which zones first: value functions, weights, rankings and how far to trust them.

The method of the Recife paper (sections 3 to 5) for any table of criteria::

    functions = value_functions(criteria, measurements)
    values = partial_values(measurements, functions)
    weights = smarter_weights(["occurrences", "density", "income"])
    ranking = rank_zones(additive_scores(values, weights))
    trust = smaa(values, order=list(weights.index), sizes={"high": 20, "low": 42}, seed=1)
"""

from helpers.priorities.acceptability import Acceptability, share_error, smaa, spread_values
from helpers.priorities.agreement import class_moves, kendall_agreement
from helpers.priorities.errors import PriorityError
from helpers.priorities.explorer import weight_explorer
from helpers.priorities.indicators import gini, gini_lorenz, hdi_arithmetic, hdi_geometric
from helpers.priorities.outranking import Sorting, electre_tri, promethee, quantile_profiles
from helpers.priorities.ranking import Ranking, additive_scores, equal_sizes, rank_zones
from helpers.priorities.sensitivity import vary_weight
from helpers.priorities.simplex import sample_weights
from helpers.priorities.values import (
    Discrete,
    PiecewiseLinear,
    decreasing,
    discrete,
    increasing,
    partial_values,
    peaked,
    value_functions,
)
from helpers.priorities.weights import rank_order_centroid, smarter_weights, swing_weights

__all__ = [
    "Acceptability",
    "Discrete",
    "PiecewiseLinear",
    "PriorityError",
    "Ranking",
    "Sorting",
    "additive_scores",
    "class_moves",
    "decreasing",
    "discrete",
    "electre_tri",
    "equal_sizes",
    "gini",
    "gini_lorenz",
    "hdi_arithmetic",
    "hdi_geometric",
    "increasing",
    "kendall_agreement",
    "partial_values",
    "peaked",
    "promethee",
    "quantile_profiles",
    "rank_order_centroid",
    "rank_zones",
    "sample_weights",
    "share_error",
    "smaa",
    "smarter_weights",
    "spread_values",
    "swing_weights",
    "value_functions",
    "vary_weight",
    "weight_explorer",
]
