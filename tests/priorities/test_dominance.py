"""Exact statements under ranked weights: corners, programs, questions, against enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from helpers.compendium import RAW, find_city
from helpers.priorities import (
    PriorityError,
    cut,
    ordered_corners,
    ordered_dominance,
    partial_values,
    potentially_first,
    questions,
    rank_intervals,
    sample_weights,
    study,
    value_functions,
)

ORDER = ["a", "b", "c"]


@pytest.fixture
def values() -> pd.DataFrame:
    table = np.random.default_rng(5).random((12, 3)).round(2)
    return pd.DataFrame(table, index=[f"z{i}" for i in range(12)], columns=ORDER)


def dense(corners: np.ndarray, steps: int = 60) -> np.ndarray:
    """Weights all over the hull of the corners, the corners among them."""
    shares = [
        (i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)
    ]  # fmt: skip
    return np.array(shares) / steps @ corners


def test_corners_are_ordered_and_span_what_is_drawn():
    corners = ordered_corners(4)
    assert np.allclose(corners.sum(axis=1), 1)
    assert (np.diff(corners, axis=1) <= 0).all()
    drawn = sample_weights(500, 4, order=range(4), seed=1)
    shares = np.linalg.solve(corners.T, drawn.T)
    assert shares.min() > -1e-12
    # uniform on the simplex: the mean is the centre, which are the rank-order centroid weights
    assert corners.mean(axis=0) == pytest.approx([0.520833, 0.270833, 0.145833, 0.0625], abs=1e-6)


def test_dominance_is_what_no_weights_turn_round(values):
    scores = values.to_numpy() @ dense(ordered_corners(3)).T
    found = ordered_dominance(values, ORDER)
    for i, j in combinations(range(12), 2):
        one, other = scores[i] - scores[j], scores[j] - scores[i]
        assert found.before.iloc[i, j] == (one >= -1e-12).all()
        assert found.before.iloc[j, i] == (other >= -1e-12).all()
    assert found.pairs == 66
    assert found.decided == found.before.to_numpy().sum()
    # cumulative sums of values in the order say the same
    sums = values.cumsum(axis=1).to_numpy()
    by_sums = (sums[:, None] >= sums[None] - 1e-12).all(axis=2) & ~np.eye(12, dtype=bool)
    assert (found.before.to_numpy() == by_sums).all()


def test_who_can_be_first_and_where_each_can_stand(values):
    weights = dense(ordered_corners(3), 120)
    scores = values.to_numpy() @ weights.T
    leads = potentially_first(values, ORDER)
    assert set(leads.index) == set(ordered_dominance(values, ORDER).undominated)
    for place, zone in enumerate(values.index):
        lead = (scores[place] - np.delete(scores, place, axis=0).max(axis=0)).max()
        if zone in leads:
            assert leads[zone] >= lead - 1e-9
            assert leads[zone] == pytest.approx(lead, abs=0.01)
        else:
            assert lead <= 1e-9
    ranks = (scores[:, None] < scores[None] - 1e-12).sum(axis=1) + 1
    found = rank_intervals(values, ORDER)
    assert found["best_rank"].tolist() == ranks.min(axis=1).tolist()
    assert found["worst_rank"].tolist() == ranks.max(axis=1).tolist()
    two = values.index[[5, 2]]
    pd.testing.assert_frame_equal(rank_intervals(values, ORDER, two), found.loc[two])


def test_ranks_among_many_undecided_pairs_are_bounded(values, monkeypatch):
    exact = rank_intervals(values, ORDER)
    assert exact["attained"].all()
    monkeypatch.setattr("helpers.priorities.dominance.OPEN", 1)
    bounds = rank_intervals(values, ORDER)
    assert not bounds["attained"].all()
    assert (bounds["best_rank"] <= exact["best_rank"]).all()
    assert (bounds["worst_rank"] >= exact["worst_rank"]).all()


def test_a_cut_keeps_what_fulfils_it():
    corners = ordered_corners(3)
    normal = np.array([1, -2, 0])
    kept, left = cut(corners, normal), cut(corners, -normal)
    assert (kept @ normal >= -1e-12).all()
    assert (left @ normal <= 1e-12).all()
    # the two parts make up the whole: the same least and greatest score in every direction
    for direction in np.random.default_rng(0).normal(size=(20, 3)):
        whole = corners @ direction
        parts = np.concatenate([kept @ direction, left @ direction])
        assert parts.max() == pytest.approx(whole.max())
        assert parts.min() == pytest.approx(whole.min())


def test_a_question_decides_what_the_cut_weights_decide(values):
    table = questions(values, ORDER)
    assert table["gained"].is_monotonic_decreasing
    row = table[table["swing_of"] == "a"].iloc[0]
    assert row["times"] == 2.2  # (1 + 1/2 + 1/3) / (1/2 + 1/3), to one decimal
    weights = dense(ordered_corners(3), 200)
    yes = values.to_numpy() @ weights[weights[:, 0] >= 2.2 * weights[:, 1]].T
    decided = sum(
        (yes[i] >= yes[j] - 1e-9).all() or (yes[j] >= yes[i] - 1e-9).all()
        for i, j in combinations(range(12), 2)
    )
    assert row["decided_yes"] <= decided
    assert row["decided_yes"] >= decided - 1  # the grid does not reach every corner
    now = ordered_dominance(values, ORDER).decided
    assert table[["decided_yes", "decided_no"]].to_numpy().min() >= now


def test_an_order_of_other_criteria_is_refused(values):
    with pytest.raises(PriorityError, match="not one of all criteria"):
        ordered_dominance(values, ["a", "b"])


def test_equal_zones_are_not_before_each_other():
    same = pd.DataFrame({"a": [0.5, 0.5], "b": [0.2, 0.2]}, index=["x", "y"])
    found = ordered_dominance(same, ["a", "b"])
    assert found.decided == 0
    assert rank_intervals(same, ["a", "b"]).to_numpy().tolist() == [[1, 1, True], [1, 1, True]]
    assert potentially_first(same, ["a", "b"]).tolist() == pytest.approx([0, 0])


def test_first_places_in_shuffled_tables_betray_a_heavy_criterion():
    town = find_city("recife")
    described = town.layers["criteria"].criteria
    table = study.criteria_table(town.layer("criteria"), described)
    assert table.directions == ["max", "max", "max", "min", "max", "max"]
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    order = town.parameters["31_priority_ranking"]["order"]
    weights = [0.4083, 0.2417, 0.1583, 0.1028, 0.0611, 0.0278]
    degrees = table.measures["occurrences"]
    found = study.class_of_first(values, degrees, weights, order, "occurrences", seed=1)
    assert found.sum(axis=1).tolist() == pytest.approx([1] * 6)
    order_of_classes = ["very low", "low", "medium", "high", "very high"]
    assert list(found) == [name for name in order_of_classes if name in found]
    medium = study.share_of(found, "medium")
    # with occurrences in the first place a zone of medium occurrences all but never leads
    assert medium[0] < 0.01
    assert min(medium[1:]) > 0.02 and max(medium[1:]) < 0.35
    assert medium[5] == pytest.approx(14 / 62, abs=0.1)
    assert study.share_of(found, "unheard of") == [0.0] * 6


def test_the_criteria_of_recife_are_as_made():
    scale = pd.read_csv(RAW / "recife" / "criteria.csv")["hdi"]
    assert set(scale) == {"low", "medium low", "medium high", "high"}
