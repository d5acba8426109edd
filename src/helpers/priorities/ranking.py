"""Ranking of zones by the additive model, cut into segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks import listed

from .errors import PriorityError
from .weights import check_weights

TIE = 1e-12
"""Scores nearer than this are one score: the difference is rounding."""


@dataclass(frozen=True)
class Ranking:
    """Zones from the most urgent to the least, with a stated rule for ties.

    Attributes
    ----------
    scores : Series
        Zone → score; more is more urgent.
    ranks : Series
        Zone → 1 + number of zones with a greater score: tied zones share the best rank, and the
        ranks after them are skipped (1, 2, 2, 4), as in SMAA.
    positions : Series
        Zone → place in a strict order 1 … n: by score, then by the tie breaker, then by the
        order of the table.
    """

    scores: pd.Series
    ranks: pd.Series
    positions: pd.Series

    def table(self) -> pd.DataFrame:
        """One row a zone, most urgent first: ``rank, position, score``."""
        return pd.DataFrame(
            {"rank": self.ranks, "position": self.positions, "score": self.scores}
        ).sort_values("position")

    def segments(self, sizes: Mapping[str, int]) -> pd.Series:
        """Zone → segment, cut from the top into segments of given sizes.

        Parameters
        ----------
        sizes : dict
            Segment → number of zones, the most urgent first.

        Raises
        ------
        PriorityError
            Sizes that do not sum to the number of zones.

        Examples
        --------
        >>> ranking = rank_zones(pd.Series([0.2, 0.9, 0.5], index=["a", "b", "c"]))
        >>> ranking.segments({"high": 1, "low": 2}).to_dict()
        {'a': 'low', 'b': 'high', 'c': 'low'}
        """
        check_sizes(sizes, len(self.positions))
        names = np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))
        return pd.Series(names[self.positions.to_numpy() - 1], index=self.positions.index)


def additive_scores(values: pd.DataFrame, weights: Mapping[str, float] | pd.Series) -> pd.Series:
    r"""Additive model of SMARTS and SMARTER.

    .. math:: V(a_i) = \sum_j w_j \, v_j(x_{ij})

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion (from `partial_values`).
    weights : Series or dict
        Criterion → weight, none negative, sum 1.

    Returns
    -------
    Series
        Zone → score from 0 to 1.

    Raises
    ------
    PriorityError
        Weights that do not fit (see `check_weights`), or values outside 0–1.

    Examples
    --------
    >>> values = pd.DataFrame({"crime": [1.0, 0.0], "income": [0.5, 1.0]}, index=["a", "b"])
    >>> additive_scores(values, {"crime": 0.75, "income": 0.25}).tolist()
    [0.875, 0.25]
    """
    weights = check_weights(weights, values.columns)
    return pd.Series(unit_values(values) @ weights.to_numpy(), index=values.index, name="score")


def rank_zones(scores: pd.Series, tie_breaker: pd.Series | None = None) -> Ranking:
    """Rank zones by score.

    Parameters
    ----------
    scores : Series
        Zone → score; more is more urgent.
    tie_breaker : Series, optional
        Zone → number that orders zones of equal score, more first.

    Raises
    ------
    PriorityError
        A score that is missing, a zone twice, or a tie breaker for other zones.

    Examples
    --------
    >>> rank_zones(pd.Series({"a": 0.3, "b": 0.7, "c": 0.7, "d": 0.1})).table()
       rank  position  score
    b     1         1    0.7
    c     1         2    0.7
    a     3         3    0.3
    d     4         4    0.1
    """
    if not scores.index.is_unique:
        twice = scores.index[scores.index.duplicated()].unique()
        raise PriorityError(f"zone {listed(twice)} appears more than once among the scores")
    numbers = scores.to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        raise PriorityError(f"zone {listed(scores.index[~np.isfinite(numbers)])} has no score")
    second = np.zeros(len(numbers))
    if tie_breaker is not None:
        if not tie_breaker.index.is_unique or set(tie_breaker.index) != set(scores.index):
            raise PriorityError(
                "the tie breaker and the scores must name the same zones, each once"
            )
        second = tie_breaker[scores.index].to_numpy(dtype=float)
    first, group = tied_ranks(numbers)
    order = np.lexsort([np.arange(len(numbers)), -second, group])
    positions = np.empty(len(numbers), dtype=int)
    positions[order] = np.arange(1, len(numbers) + 1)
    return Ranking(
        scores=scores,
        ranks=pd.Series(first, index=scores.index, name="rank"),
        positions=pd.Series(positions, index=scores.index, name="position"),
    )


def tied_ranks(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank of each score, the greatest first, and its group: scores a rounding apart are one group.

    Parameters
    ----------
    scores : (n,) array
        Finite numbers.

    Returns
    -------
    ranks, groups : (n,) arrays of int
        Ranks from 1, shared by a group, those after it skipped; groups from 0.

    Examples
    --------
    >>> [part.tolist() for part in tied_ranks(np.array([0.3, 0.7, 0.7, 0.1]))]
    [[3, 1, 1, 4], [1, 0, 0, 2]]
    """
    order = np.argsort(-scores, kind="stable")
    group = np.empty(len(scores), dtype=int)
    group[order] = np.cumsum(np.concatenate([[0], np.diff(-scores[order]) > TIE]))
    return np.searchsorted(group[order], group) + 1, group


def equal_sizes(count: int, segments: Sequence[str]) -> dict[str, int]:
    """Sizes of segments as equal as can be, the first ones taking what is left over.

    Examples
    --------
    >>> equal_sizes(7, ["high", "medium", "low"])
    {'high': 3, 'medium': 2, 'low': 2}
    """
    share, rest = divmod(count, len(segments))
    return {name: share + (i < rest) for i, name in enumerate(segments)}


def check_sizes(sizes: Mapping[str, int], count: int) -> None:
    """Refuse sizes of segments that are negative or do not sum to the number of zones."""
    if any(size < 0 for size in sizes.values()) or sum(sizes.values()) != count:
        raise PriorityError(
            f"the segments hold {sum(sizes.values())} zones and there are {count}; correct the "
            f"sizes {dict(sizes)}"
        )


def unit_values(values: pd.DataFrame) -> np.ndarray:
    """Values as an array of floats, shape (n, m), each from 0 to 1.

    Raises
    ------
    PriorityError
        A value that is missing or outside 0–1.
    """
    array = values.to_numpy(dtype=float)
    bad = ~((array >= 0) & (array <= 1)).all(axis=1)
    if bad.any():
        raise PriorityError(
            f"zone {listed(values.index[bad])} has values outside 0 to 1; make them with "
            "partial_values"
        )
    return array
