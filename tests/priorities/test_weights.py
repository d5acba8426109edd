"""Weights of criteria."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.priorities import PriorityError, rank_order_centroid, smarter_weights, swing_weights
from helpers.priorities.weights import check_weights


def test_roc_weights_of_the_paper_exactly():
    """Recife paper, Table 3: 0.4083, 0.2417, 0.1583, 0.1028, 0.0611, 0.0278."""
    weights = rank_order_centroid(6)
    assert weights == [
        Fraction(49, 120), Fraction(29, 120), Fraction(19, 120),
        Fraction(37, 360), Fraction(11, 180), Fraction(1, 36),
    ]  # fmt: skip
    assert [f"{float(w):.4f}" for w in weights] == [
        "0.4083", "0.2417", "0.1583", "0.1028", "0.0611", "0.0278",
    ]  # fmt: skip


@given(st.integers(1, 40))
def test_roc_weights_are_the_centroid_of_the_ordered_simplex(count):
    """The ordered simplex has the corners (1, 0, …), (1/2, 1/2, 0, …), …; ROC is their mean."""
    corners = [[Fraction(1, k) if j < k else 0 for j in range(count)] for k in range(1, count + 1)]
    assert rank_order_centroid(count) == [sum(c) / count for c in zip(*corners, strict=True)]
    assert sum(rank_order_centroid(count)) == 1


def test_smarter_keeps_the_order_of_the_table():
    weights = smarter_weights(["c", "a", "b"], criteria=["a", "b", "c"])
    assert weights.index.tolist() == ["a", "b", "c"]
    assert weights.to_numpy() == pytest.approx([5 / 18, 1 / 9, 11 / 18])


def test_swing_weights_by_hand():
    weights = swing_weights({"a": 100, "b": 60, "c": 40, "d": 0}, order=["a", "b", "c", "d"])
    assert weights.to_dict() == {"a": 0.5, "b": 0.3, "c": 0.2, "d": 0}


@pytest.mark.parametrize(
    ("swings", "order", "sentence"),
    [
        ({"a": 90, "b": 60}, None, "greatest is 90"),
        ({"a": 100, "b": -1}, None, "swing of b is not between"),
        ({"a": 120, "b": 100}, None, "swing of a is not between"),
        ({"a": 100, "b": float("nan")}, None, "swing of b"),
        ({}, None, "missing"),
        ({"a": 60, "b": 100}, ["a", "b"], "puts 'a' before 'b', but their swings are 60 and 100"),
    ],
)
def test_bad_swings(swings, order, sentence):
    with pytest.raises(PriorityError, match=sentence):
        swing_weights(swings, order)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (["crime", "incme"], "'incme', which is no criterion; did you mean 'income'"),
        (["crime", "crime", "income"], "crime more than once"),
        (["crime"], "leaves out income"),
    ],
)
def test_bad_rankings_of_criteria(order, sentence):
    with pytest.raises(PriorityError, match=sentence):
        smarter_weights(order, criteria=["crime", "income"])


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"a": 0.5, "b": 0.6}, "sum to 1.1"),
        ({"a": 1.5, "b": -0.5}, "weight of b is negative"),
        ({"a": 1.0, "b": float("nan")}, "weight of b is negative or missing"),
        ({"a": 1.0}, "no weight for b"),
        ({"a": 0.5, "b": 0.5, "c": 0}, "'c', which is no criterion"),
    ],
)
def test_bad_weights(weights, sentence):
    with pytest.raises(PriorityError, match=sentence):
        check_weights(weights, ["a", "b"])


def test_rounded_weights_are_refused_but_rounding_is_not():
    check_weights({"a": 0.1 + 0.2, "b": 0.7}, ["a", "b"])
    with pytest.raises(PriorityError, match=r"0\.9999"):
        check_weights({"a": 0.3333, "b": 0.6666}, ["a", "b"])
