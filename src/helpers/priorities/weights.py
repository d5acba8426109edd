"""Weights of criteria: by swings (SMARTS), or by a ranking alone (SMARTER)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from helpers.checks import listed, near, whole_number

from .errors import PriorityError

TOLERANCE = 1e-9
"""How far from 1 a sum of weights may be: rounding, nothing else."""


def rank_order_centroid(count: int) -> list[Fraction]:
    r"""Rank-order centroid (ROC) weights of `count` ranked criteria, as exact fractions.

    .. math:: w_k = \frac1K \sum_{i=k}^{K} \frac1i

    They are the mean of all weight vectors with :math:`w_1 \ge w_2 \ge \dots \ge w_K \ge 0` and
    sum 1 (Recife paper, Table 3; Edwards and Barron 1994, Organizational Behavior and Human
    Decision Processes 60:306-325).

    Raises
    ------
    PriorityError
        `count` below 1.

    Examples
    --------
    >>> rank_order_centroid(3)
    [Fraction(11, 18), Fraction(5, 18), Fraction(1, 9)]
    >>> [round(float(weight), 4) for weight in rank_order_centroid(6)]
    [0.4083, 0.2417, 0.1583, 0.1028, 0.0611, 0.0278]
    """
    count = whole_number(count, "the number of criteria", error=PriorityError)
    tails = [Fraction(0)]
    for i in range(count, 0, -1):
        tails.append(tails[-1] + Fraction(1, i))
    return [tail / count for tail in reversed(tails[1:])]


def smarter_weights(order: Sequence[str], criteria: Iterable[str] | None = None) -> pd.Series:
    """SMARTER: ROC weights of criteria ranked by the importance of their swings.

    Parameters
    ----------
    order : sequence of str
        Criteria, most important first.
    criteria : iterable of str, optional
        All criteria there are; `order` must then name each once.

    Returns
    -------
    Series
        Criterion → weight, in the order of `criteria` (of `order` when not given); sum 1.

    Raises
    ------
    PriorityError
        A criterion that is unknown, repeated or left out.

    Examples
    --------
    >>> smarter_weights(["crime", "income"], criteria=["income", "crime"])
    income    0.25
    crime     0.75
    dtype: float64
    """
    order = list(order)
    names = order if criteria is None else list(criteria)
    check_order(order, names)
    weights = [float(weight) for weight in rank_order_centroid(len(order))]
    return pd.Series(weights, index=order)[names]


def swing_weights(swings: Mapping[str, float], order: Sequence[str] | None = None) -> pd.Series:
    r"""SMARTS: weights in proportion to the swings.

    Someone imagines a zone at the least urgent end of every criterion and says which criterion's
    swing to the most urgent end would matter most: it gets 100, the others a share of that.

    .. math:: w_j = s_j \Big/ \sum_k s_k

    Parameters
    ----------
    swings : dict
        Criterion → swing from 0 to 100; the greatest is 100.
    order : sequence of str, optional
        The ranking given before the swings; the swings must not contradict it.

    Returns
    -------
    Series
        Criterion → weight; sum 1.

    Raises
    ------
    PriorityError
        A swing outside 0–100, no swing of 100, or swings that contradict the ranking.

    Examples
    --------
    >>> swing_weights({"crime": 100, "income": 60, "density": 40}).tolist()
    [0.5, 0.3, 0.2]
    """
    given = pd.Series(swings, dtype=float)
    bad = ~given.between(0, 100)
    if bad.any():
        raise PriorityError(
            f"the swing of {listed(given.index[bad])} is not between 0 and 100: "
            f"{given[bad].tolist()}"
        )
    if given.empty or given.max() != 100:
        raise PriorityError(
            "the criterion whose swing matters most has swing 100; here the greatest is "
            f"{given.max() if len(given) else 'missing'}"
        )
    if order is not None:
        check_order(order, given.index)
        ranked = given[list(order)]
        if not ranked.is_monotonic_decreasing:
            first = int(np.flatnonzero(np.diff(ranked) > 0)[0])
            raise PriorityError(
                f"the ranking puts {ranked.index[first]!r} before {ranked.index[first + 1]!r}, but "
                f"their swings are {ranked.iloc[first]:g} and {ranked.iloc[first + 1]:g}; correct "
                "one of them"
            )
    return given / given.sum()


def check_order(order: Sequence[str], criteria: Iterable[str]) -> None:
    """Refuse a ranking of criteria that does not name each exactly once.

    Raises
    ------
    PriorityError
        A criterion that is unknown, repeated or left out.
    """
    order, criteria = list(order), list(criteria)
    for name in order:
        if name not in criteria:
            raise PriorityError(
                f"the ranking names {name!r}, which is no criterion{near(name, criteria)} "
                f"(criteria: {listed(criteria, 12)})"
            )
    twice = sorted({str(name) for name in order if order.count(name) > 1})
    if twice:
        raise PriorityError(f"the ranking names {listed(twice)} more than once")
    left = [name for name in criteria if name not in order]
    if left:
        raise PriorityError(f"the ranking leaves out {listed(left)}; place every criterion")


def check_weights(weights: Mapping[str, float] | pd.Series, criteria: Iterable[str]) -> pd.Series:
    """Weights in the order of `criteria`.

    Raises
    ------
    PriorityError
        Criteria that do not match, a negative or missing weight, a sum that is not 1.
    """
    given = pd.Series(weights, dtype=float)
    criteria = list(criteria)
    for name in given.index:
        if name not in criteria:
            raise PriorityError(
                f"there is a weight for {name!r}, which is no criterion{near(name, criteria)}"
            )
    left = [name for name in criteria if name not in given.index]
    if left:
        raise PriorityError(f"there is no weight for {listed(left)}")
    bad = ~(given >= 0)
    if bad.any():
        raise PriorityError(
            f"the weight of {listed(given.index[bad])} is negative or missing; weights are 0 or more"
        )
    total = given.sum()
    if abs(total - 1) > TOLERANCE:
        raise PriorityError(
            f"the weights sum to {total:.12g}, not 1; divide each by their sum if their ratios are "
            "what you mean"
        )
    return given[criteria]
