"""Which zones first: value functions, weights, rankings and how far to trust them.

The method of the Recife paper (sections 3 to 5) for any table of criteria::

    functions = value_functions(criteria, measurements)
    values = partial_values(measurements, functions)
    weights = smarter_weights(["occurrences", "density", "income"])
    ranking = rank_zones(additive_scores(values, weights))
    trust = smaa(values, order=list(weights.index), sizes={"high": 20, "low": 42}, seed=1)
"""

from .acceptability import Acceptability, share_error, smaa, spread_values
from .agreement import class_moves, kendall_agreement
from .dominance import (
    OrderedDominance,
    cut,
    ordered_corners,
    ordered_dominance,
    potentially_first,
    questions,
    rank_intervals,
)
from .errors import PriorityError
from .explorer import weight_explorer
from .illustrations import example_shapes, human_development, lorenz_curves, printed_indices
from .indicators import (
    GroupedGini,
    gini,
    gini_grouped,
    gini_lorenz,
    hdi_arithmetic,
    hdi_geometric,
    pareto_exponent,
)
from .outranking import Sorting, electre_tri, promethee, quantile_profiles
from .ranking import Ranking, additive_scores, equal_sizes, rank_zones
from .residuals import MoranTest, Residual, moran_test, residual_on
from .sensitivity import vary_weight
from .shrinkage import ShrunkRatio, shrunk_ratio
from .simplex import sample_weights
from .values import (
    Discrete,
    PiecewiseLinear,
    decreasing,
    discrete,
    increasing,
    partial_values,
    peaked,
    value_functions,
)
from .weights import rank_order_centroid, smarter_weights, swing_weights

__all__ = [
    "Acceptability",
    "Discrete",
    "GroupedGini",
    "MoranTest",
    "OrderedDominance",
    "PiecewiseLinear",
    "PriorityError",
    "Ranking",
    "Residual",
    "ShrunkRatio",
    "Sorting",
    "additive_scores",
    "class_moves",
    "cut",
    "decreasing",
    "discrete",
    "electre_tri",
    "equal_sizes",
    "example_shapes",
    "gini",
    "gini_grouped",
    "gini_lorenz",
    "hdi_arithmetic",
    "hdi_geometric",
    "human_development",
    "increasing",
    "kendall_agreement",
    "lorenz_curves",
    "moran_test",
    "ordered_corners",
    "ordered_dominance",
    "pareto_exponent",
    "partial_values",
    "peaked",
    "potentially_first",
    "printed_indices",
    "promethee",
    "quantile_profiles",
    "questions",
    "rank_intervals",
    "rank_order_centroid",
    "rank_zones",
    "residual_on",
    "sample_weights",
    "share_error",
    "shrunk_ratio",
    "smaa",
    "smarter_weights",
    "spread_values",
    "swing_weights",
    "value_functions",
    "vary_weight",
    "weight_explorer",
]
