"""Additive scores, ranks, segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from helpers.priorities import PriorityError, additive_scores, equal_sizes, rank_zones, vary_weight


def test_additive_scores_by_hand():
    values = pd.DataFrame({"x": [1, 0, 0.5], "y": [0, 1, 0.5]}, index=["a", "b", "c"])
    scores = additive_scores(values, {"y": 0.25, "x": 0.75})
    assert scores.to_dict() == {"a": 0.75, "b": 0.25, "c": 0.5}


def test_ties_share_the_best_rank_and_the_tie_breaker_orders_them():
    scores = pd.Series({"a": 0.3, "b": 0.1 + 0.2, "c": 0.9, "d": 0.1})
    crimes = pd.Series({"d": 9, "c": 1, "b": 5, "a": 2})
    plain, broken = rank_zones(scores), rank_zones(scores, tie_breaker=crimes)
    # 0.1 + 0.2 is not 0.3 to a computer, but it is to the ranking
    assert plain.ranks.to_dict() == {"a": 2, "b": 2, "c": 1, "d": 4}
    assert plain.positions.to_dict() == {"a": 2, "b": 3, "c": 1, "d": 4}
    assert broken.positions.to_dict() == {"a": 3, "b": 2, "c": 1, "d": 4}
    assert broken.ranks.equals(plain.ranks)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_ranks_are_scipys_competition_ranks(numbers):
    ranking = rank_zones(pd.Series(numbers, dtype=float) / 7)
    assert ranking.ranks.tolist() == rankdata([-n for n in numbers], method="min").tolist()
    assert sorted(ranking.positions) == list(range(1, len(numbers) + 1))
    # a strict order that never contradicts the ranks
    assert (ranking.positions.sort_values().index == ranking.table().index).all()
    assert ranking.table()["rank"].is_monotonic_increasing


def test_segments_have_the_given_sizes():
    ranking = rank_zones(pd.Series(np.linspace(1, 0, 62)))
    sizes = {"very high": 12, "high": 14, "medium": 14, "low": 11, "very low": 11}
    segments = ranking.segments(sizes)
    assert segments.value_counts().to_dict() == sizes
    assert segments[:12].eq("very high").all() and segments[51:].eq("very low").all()
    with pytest.raises(PriorityError, match="hold 61 zones and there are 62"):
        ranking.segments({**sizes, "low": 10})


def test_equal_sizes():
    assert list(equal_sizes(94, list("abcde")).values()) == [19, 19, 19, 19, 18]


def test_vary_weight_keeps_the_ratio_of_the_others():
    values = pd.DataFrame({"x": [1, 0, 0], "y": [0, 1, 0], "z": [0, 0, 1.0]}, index=list("abc"))
    table = vary_weight(values, {"x": 0.5, "y": 0.3, "z": 0.2}, "x", [0, 0.36, 0.39, 1])
    # b's weight is 0.6 (1 − w): a overtakes b at w = 0.375 and c at w = 2/7
    assert table["a"].tolist() == [3, 2, 1, 1]
    assert table["b"].tolist() == [1, 1, 2, 2]
    assert table.loc[1.0].tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: rank_zones(pd.Series({"a": np.nan, "b": 1.0})), "zone a has no score"),
        (lambda: rank_zones(pd.Series([1.0, 2.0], index=["a", "a"])), "zone a appears more"),
        (
            lambda: rank_zones(pd.Series({"a": 1.0}), tie_breaker=pd.Series({"b": 1.0})),
            "same zones",
        ),
        (
            lambda: additive_scores(pd.DataFrame({"x": [0.0, 1.2]}, index=["a", "b"]), {"x": 1}),
            "zone b has values outside 0 to 1",
        ),
        (
            lambda: vary_weight(pd.DataFrame({"x": [0, 1]}), {"x": 1.0}, "y"),
            "'y' is none of the criteria",
        ),
    ],
)
def test_bad_input(make, sentence):
    with pytest.raises(PriorityError, match=sentence):
        make()
