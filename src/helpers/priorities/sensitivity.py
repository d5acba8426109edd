"""How the ranking changes as the weight of one criterion moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.checks import listed

from .errors import PriorityError
from .ranking import tied_ranks, unit_values
from .weights import check_weights


def vary_weight(
    values: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    criterion: str,
    shares: Sequence[float] = tuple(np.linspace(0, 1, 51)),
) -> pd.DataFrame:
    """Ranks of all zones while one weight moves and the others keep their ratios.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    weights : Series or dict
        Starting weights, sum 1.
    criterion : str
        Whose weight moves.
    shares : sequence of float
        Weights to give it, from 0 to 1.

    Returns
    -------
    DataFrame
        One row a weight of the criterion, one column a zone, cells are ranks (1 is most urgent).

    Raises
    ------
    PriorityError
        An unknown criterion, a weight outside 0–1, or other criteria that all weigh nothing.

    Examples
    --------
    >>> values = pd.DataFrame({"x": [1.0, 0.0], "y": [0.0, 1.0]}, index=["a", "b"])
    >>> vary_weight(values, {"x": 0.5, "y": 0.5}, "x", [0.2, 0.8]).to_dict("index")
    {0.2: {'a': 2, 'b': 1}, 0.8: {'a': 1, 'b': 2}}
    """
    weights = check_weights(weights, values.columns)
    if criterion not in weights.index:
        raise PriorityError(f"{criterion!r} is none of the criteria {listed(weights.index, 12)}")
    rest = weights.drop(criterion)
    if rest.sum() == 0:
        raise PriorityError(f"every criterion but {criterion!r} weighs nothing: no ratio to keep")
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()].unique()
        raise PriorityError(f"zone {listed(twice)} appears more than once among the values")
    parts, moved = unit_values(values), np.empty(len(weights))
    others = weights.index != criterion
    ratios = (rest / rest.sum()).to_numpy()
    ranks = {}
    for share in shares:
        if not 0 <= share <= 1:
            raise PriorityError(f"a weight lies between 0 and 1, not at {share:g}")
        moved[others], moved[~others] = ratios * (1 - share), share
        ranks[float(share)] = tied_ranks(parts @ moved)[0]
    index = pd.Index(ranks, name="weight")
    table = np.array(list(ranks.values()), dtype=int).reshape(len(ranks), len(values))
    return pd.DataFrame(table, index, values.index)
