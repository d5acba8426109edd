r"""What a ranking of criteria settles for sure, without drawing any weights.

Weights that respect the order :math:`w_1 \ge w_2 \ge \dots \ge w_m \ge 0`, :math:`\sum_k w_k = 1`,
are a simplex.  Its corners are :math:`(1, 0, \dots)`, :math:`(1/2, 1/2, 0, \dots)`, ...,
:math:`(1/m, \dots, 1/m)` (Barron and Barrett 1996, Management Science 42:1515-1523), and a score is
linear in the weights: what holds at all corners holds everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .errors import PriorityError
from .weights import rank_order_centroid

__all__ = [
    "OrderedDominance",
    "cut",
    "ordered_corners",
    "ordered_dominance",
    "potentially_first",
    "questions",
    "rank_intervals",
]

LEAST = 1e-12  # a lead below this, in units of value, is none
# ... and for integer programs, whose solver lets a whole number be off by a millionth
SURELY = 1e-5
MOST = 2000  # zones of whose pairs a table is kept
OPEN = 80  # undecided pairs of a zone up to which its ranks are found exactly


def ordered_corners(criteria: int) -> np.ndarray:
    """Corners of the weights in a given order, the most important criterion first.

    Parameters
    ----------
    criteria
        Number m of criteria.

    Returns
    -------
    ndarray, shape (m, m)
        One row a corner: the first k weights are 1 / k.

    Examples
    --------
    >>> ordered_corners(2).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    if criteria < 1:
        raise PriorityError("an order needs at least one criterion")
    return np.tril(np.ones((criteria, criteria))) / np.arange(1, criteria + 1)[:, None]


def cut(corners: np.ndarray, normal: Sequence[float]) -> np.ndarray:
    r"""Points whose hull is the part of a polytope with :math:`a \cdot w \ge 0`.

    Parameters
    ----------
    corners : ndarray, shape (n, m)
        Points whose hull the polytope is.
    normal : sequence of float, shape (m,)
        The direction a.

    Returns
    -------
    ndarray, shape (k, m)
        The points that fulfil it, and where the joins of those that do with those that do not
        cross the border; corners of the part are among them.

    Examples
    --------
    >>> cut(ordered_corners(2), [1, -2]).round(3).tolist()  # the first counts twice the second
    [[1.0, 0.0], [0.667, 0.333]]
    """
    side = corners @ np.asarray(normal, dtype=float)
    kept, left = corners[side >= 0], corners[side < 0]
    high, low = side[side >= 0], side[side < 0]
    share = high[:, None] / (high[:, None] - low)
    crossed = kept[:, None, :] + share[..., None] * (left - kept[:, None, :])
    # a point on the border crosses at itself
    fresh = crossed[np.broadcast_to(high[:, None] > 0, share.shape)]
    return np.unique(np.concatenate([kept, fresh]).round(15), axis=0)[::-1]


@dataclass(frozen=True)
class OrderedDominance:
    """Which zones are before which under all weights that respect an order.

    Attributes
    ----------
    decided : int
        Number of pairs whose order no weights can turn round.
    pairs : int
        Number of pairs.
    undominated : list
        Zones that nothing is before.
    before : DataFrame of bool or None
        Row zone before column zone: at least as high at every corner, higher at one; None above
        `MOST` zones.
    """

    decided: int
    pairs: int
    undominated: list
    before: pd.DataFrame | None


def ordered_dominance(
    values: pd.DataFrame, order: Sequence[str], corners: np.ndarray | None = None
) -> OrderedDominance:
    r"""Dominance under ranked weights.

    Zone a is before zone b under all weights in the order if and only if, criteria sorted by their
    importance,

    .. math:: \sum_{h \le k} \left(v_h(a) - v_h(b)\right) \ge 0 \quad \text{for every } k,

    once strictly.

    Parameters
    ----------
    values : DataFrame
        Value of each zone in each criterion.
    order : sequence of str
        All criteria, the most important first.
    corners : ndarray, optional
        Other admissible weights, as `cut` gives them, columns in the order.

    Examples
    --------
    >>> values = pd.DataFrame({"x": [1, 0.5, 0], "y": [0, 0.6, 0.9]}, index=list("abc"))
    >>> found = ordered_dominance(values, ["x", "y"])
    >>> found.decided, found.undominated
    (2, ['a', 'b'])
    """
    scores, count = _scores(values, order, corners), len(values)
    kept = np.zeros((count, count), dtype=bool) if count <= MOST else None
    free, decided = np.ones(count, dtype=bool), 0
    for place in range(count):
        lead = scores[place] - scores
        behind = (lead >= -LEAST).all(axis=1) & (lead > LEAST).any(axis=1)
        free &= ~behind
        decided += int(behind.sum())
        if kept is not None:
            kept[place] = behind
    before = None if kept is None else pd.DataFrame(kept, values.index, values.index)
    found = values.index[free].tolist()
    return OrderedDominance(decided, count * (count - 1) // 2, found, before)


def potentially_first(values: pd.DataFrame, order: Sequence[str]) -> pd.Series:
    r"""By how much each zone can lead all others, under the best weights for it.

    A linear program a zone: :math:`\max \varepsilon` with
    :math:`\sum_k w_k (v_k(a) - v_k(b)) \ge \varepsilon` for all other b, weights in the order.  Only
    zones that nothing is surely before can lead, and only these need to be led.

    Parameters
    ----------
    values, order
        As in `ordered_dominance`.

    Returns
    -------
    Series
        Zone → greatest lead, in units of value, for the undominated zones; not above 0 where no
        weights put it first alone, and infinite where there is no other.

    Examples
    --------
    >>> values = pd.DataFrame({"x": [1, 0.5, 0], "y": [0, 0.6, 0.9]}, index=list("abc"))
    >>> potentially_first(values, ["x", "y"]).round(3).to_dict()
    {'a': 0.5, 'b': 0.05}
    """
    from scipy.optimize import linprog

    candidates = ordered_dominance(values, order).undominated
    scores = _scores(values.loc[candidates], order, None)
    count, corners = scores.shape
    leads = {}
    for place, zone in enumerate(candidates):
        others = np.delete(np.arange(count), place)
        if not len(others):
            leads[zone] = np.inf
            continue
        # variables: shares of the corners, and the lead, which is maximised
        rows = np.column_stack([scores[others] - scores[place], np.ones(count - 1)])
        equal = np.append(np.ones(corners), 0)[None, :]
        goal = np.append(np.zeros(corners), -1.0)
        bounds = [(0, None)] * corners + [(None, None)]
        found = linprog(goal, rows, np.zeros(count - 1), equal, [1.0], bounds)
        leads[zone] = -found.fun
    return pd.Series(leads, name="lead", dtype=float)


def rank_intervals(
    values: pd.DataFrame, order: Sequence[str], zones: Sequence | None = None
) -> pd.DataFrame:
    """Best and worst rank that weights in the order can give each zone.

    Two integer programs a zone, over those that some weights put before it and others do not: the
    fewest and the most of them that can be ahead at once.  Where there are more than `OPEN` of
    them, bounds stand instead: none and all of them ahead.

    Parameters
    ----------
    values, order
        As in `ordered_dominance`.
    zones : sequence, optional
        Those whose ranks are wanted, among all the others; all where none are named.

    Returns
    -------
    DataFrame
        Columns ``best_rank``, ``worst_rank``: ranks from 1; zones of equal score share the better one,
        and a lead below 0.00001 is none.  ``attained``: whether they are, or are bounds.

    Examples
    --------
    >>> values = pd.DataFrame({"x": [1, 0.5, 0], "y": [0, 0.6, 0.9]}, index=list("abc"))
    >>> rank_intervals(values, ["x", "y"])[["best_rank", "worst_rank"]].to_numpy().tolist()
    [[1, 2], [1, 2], [3, 3]]
    """
    scores = _scores(values, order, None)
    asked = values.index if zones is None else pd.Index(zones)
    rows = []
    for place in values.index.get_indexer(asked):
        leads = scores - scores[place]
        always, ever = (leads > LEAST).all(axis=1), (leads > LEAST).any(axis=1)
        # one that is before only in part of the weights, ties at a corner among them
        open_leads = leads[ever & ~always]
        exact = len(open_leads) <= OPEN
        ahead = [0, len(open_leads)]
        if exact:
            ahead = [_ahead(open_leads, least=least) for least in (True, False)]
        rows.append([*(1 + int(always.sum()) + number for number in ahead), exact])
    return pd.DataFrame(rows, asked, ["best_rank", "worst_rank", "attained"])


def _ahead(leads: np.ndarray, *, least: bool) -> int:
    """How many of these leads can be above 0 at once, at least or at most."""
    count, corners = leads.shape
    if not count:
        return 0
    # counted[i] = 1 where the lead is above 0 (at most), or may not be below it (at least)
    sign = 1.0 if least else -1.0
    most = np.abs(leads).max(axis=1)
    # lead <= most * counted, or lead >= SURELY - most * (1 - counted)
    ahead = np.column_stack([sign * leads, -np.diag(most) if least else np.diag(most + SURELY)])
    shares = np.append(np.ones(corners), np.zeros(count))
    whole = np.append(np.zeros(corners, dtype=bool), np.ones(count, dtype=bool))
    upper = np.append(np.zeros(count) if least else most, 1.0)
    lower = np.append(np.full(count, -np.inf), 1.0)
    return round(abs(_least(sign * whole, np.vstack([ahead, shares]), lower, upper, whole)))


def _least(
    cost: np.ndarray, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray, whole: np.ndarray
) -> float:
    """Least cost of variables between 0 and 1, some of them whole, by HiGHS."""
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = rows.shape
    program.col_cost_ = cost.astype(float)
    program.col_lower_, program.col_upper_ = np.zeros(len(cost)), np.ones(len(cost))
    program.row_lower_, program.row_upper_ = lower, upper
    program.integrality_ = [
        highspy.HighsVarType.kInteger if is_whole else highspy.HighsVarType.kContinuous
        for is_whole in whole
    ]
    place, column = np.nonzero(rows)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.searchsorted(place, np.arange(len(rows) + 1)).astype(np.int32)
    program.a_matrix_.index_ = column.astype(np.int32)
    program.a_matrix_.value_ = rows[place, column]
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.passModel(program)
    solver.run()
    return float(solver.getInfo().objective_function_value)


def questions(values: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Which comparison of two swings would decide most pairs, if it could be answered.

    For each pair of criteria next to each other in the order: is the swing of the first worth at
    least so many times that of the second?  The number is that of the rank-order centroid, to one
    decimal; either answer cuts the admissible weights in two.

    Parameters
    ----------
    values, order
        As in `ordered_dominance`.

    Returns
    -------
    DataFrame
        swing_of, against, times; decided_yes and decided_no (pairs decided after each answer) and
        gained (by which even the less telling answer adds), the most telling question first.
    """
    corners = ordered_corners(len(order))
    now = ordered_dominance(values, order).decided
    centre = rank_order_centroid(len(order))
    rows = []
    for place in range(len(order) - 1):
        times = round(float(centre[place] / centre[place + 1]), 1)
        normal = np.zeros(len(order))
        normal[place], normal[place + 1] = 1, -times
        decided = [
            ordered_dominance(values, order, cut(corners, sign * normal)).decided
            for sign in (1, -1)
        ]
        gained = min(decided) - now
        rows.append((order[place], order[place + 1], times, *decided, gained))
    columns = ["swing_of", "against", "times", "decided_yes", "decided_no", "gained"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("gained", ascending=False, kind="stable", ignore_index=True)


def _scores(values: pd.DataFrame, order: Sequence[str], corners: np.ndarray | None) -> np.ndarray:
    """Score of every zone at every corner, shape (zones, corners)."""
    if sorted(order) != sorted(values.columns):
        raise PriorityError(f"the order {list(order)} is not one of all criteria")
    weights = ordered_corners(len(order)) if corners is None else corners
    return values[list(order)].to_numpy(dtype=float) @ weights.T
