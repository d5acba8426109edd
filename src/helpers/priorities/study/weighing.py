"""Weights of the criteria by the method that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import pandas as pd

from helpers.checks import one_of

from ..errors import PriorityError
from ..values import Described
from ..weights import check_weights, rank_order_centroid, smarter_weights, swing_weights

__all__ = [
    "criteria_weights",
]

EXACT = 10_000
"""Largest denominator of a weight that is written as a fraction."""


def criteria_weights(
    criteria: Mapping[str, Described],
    *,
    method: str = "smarter",
    order: Sequence[str] | None = None,
    swings: Mapping[str, float] | None = None,
    alike: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Weights of the criteria by SMARTER or SMARTS, the most important first.

    Parameters
    ----------
    criteria : dict
        Criterion → its description (``label``).
    method : {"smarter", "smarts"}
        From the ranking of the criteria alone (rank-order centroid), or from their swings.
    order : sequence of str, optional
        Criteria, most important first; as listed where not given.
    swings : dict, optional
        Criterion → swing from 0 to 100; needed by ``"smarts"``.
    alike : iterable of str
        Criteria that are left out; `order` and `swings` may still name them.
    labels : dict, optional
        Criterion → words, in the place of those of its description.

    Returns
    -------
    DataFrame
        Columns ``criterion, label, place`` (1 is most important), ``exact`` (the weight as a
        fraction, in words) and ``weight``; the weights sum to 1.

    Raises
    ------
    PriorityError
        Another method, no swings for SMARTS, or an order or swings that do not fit the criteria.
    """
    one_of(method, "method", ("smarter", "smarts"), error=PriorityError)
    alike, names = set(alike), list(criteria)
    if method == "smarter":
        place = [name for name in (names if order is None else order) if name not in alike]
        weights = smarter_weights(place, names)
        exact = dict(zip(place, rank_order_centroid(len(place)), strict=True))
    else:
        if not swings:
            raise PriorityError('method "smarts" needs swings: criterion → 0 to 100')
        kept = {name: swing for name, swing in swings.items() if name not in alike}
        weights = check_weights(swing_weights(kept), names)
        place = weights.sort_values(ascending=False, kind="stable").index.tolist()
        exact = {name: Fraction(w).limit_denominator(EXACT) for name, w in weights.items()}
    said = {name: item.label for name, item in criteria.items()} | dict(labels or {})
    return pd.DataFrame(
        {
            "criterion": place,
            "label": [said[name] for name in place],
            "place": range(1, len(place) + 1),
            "exact": [str(exact[name]) for name in place],
            "weight": weights[place].to_numpy(),
        }
    )
