"""Scores against scikit-learn, closed forms and enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_poisson_deviance, precision_recall_fscore_support

from helpers import forecasting as fc

KINDS = ("a", "b", "c")


@pytest.fixture(scope="module")
def forecast():
    rng = np.random.default_rng(2)
    given = rng.dirichlet([2, 1, 1], 300)
    observed = np.array(KINDS)[[rng.choice(3, p=p) for p in given]]
    return given, observed


def test_scores_are_those_of_scikit_learn(forecast):
    given, observed = forecast
    score = fc.score_kinds(given, KINDS, observed)
    assert score.log_loss == pytest.approx(log_loss(observed, given, labels=list(KINDS)))
    truth = observed[:, None] == np.array(KINDS)
    assert score.brier == pytest.approx(((given - truth) ** 2).sum(axis=1).mean())
    assert score.accuracy == pytest.approx((given.argmax(1) == truth.argmax(1)).mean())
    table = fc.by_kind(given, KINDS, observed)
    assert table["events"].is_monotonic_decreasing
    table = table.loc[list(KINDS)]
    named = np.array(KINDS)[given.argmax(axis=1)]
    precision, recall, _, events = precision_recall_fscore_support(observed, named, labels=KINDS)
    np.testing.assert_allclose(table["precision"], precision)
    np.testing.assert_allclose(table["recall"], recall)
    np.testing.assert_array_equal(table["events"], events)


def test_a_true_forecast_is_calibrated(forecast):
    table = fc.calibration(*[forecast[0], KINDS, forecast[1]], bins=5)
    assert table["number"].sum() == 900
    spread = 3 * np.sqrt(table["forecast"] * (1 - table["forecast"]) / table["number"])
    assert ((table["happened"] - table["forecast"]).abs() <= spread).all()


def test_equal_probabilities_stay_in_one_group():
    """However the file is sorted: ten groups of two values are two."""
    given = np.tile([0.3, 0.7], (100, 1))
    observed = np.array(["a"] * 40 + ["b"] * 60)
    for order in (np.arange(100), np.random.default_rng(0).permutation(100)):
        table = fc.calibration(given, "ab", observed[order])
        np.testing.assert_allclose(table.to_numpy(), [[0.3, 0.4, 100], [0.7, 0.6, 100]])


def test_groups_without_ties_are_of_equal_size():
    given = np.linspace(0.01, 0.49, 50)
    table = fc.calibration(np.column_stack([given, 1 - given]), "ab", ["b"] * 50)
    assert table["number"].tolist() == [10] * 10


def test_skill_is_zero_for_the_reference_and_one_for_the_truth():
    assert fc.skill([0.0, 0.0], [1.0, 2.0]) == 1
    assert fc.skill([1.0, 2.0], [1.0, 2.0]) == 0


def test_interval_of_a_mean_is_the_textbooks():
    """One event a place: the percentile bootstrap is mean ± 1.96 standard errors, nearly."""
    rng = np.random.default_rng(6)
    values, places = rng.normal(5, 2, 800), rng.uniform(size=(800, 2))
    low, high = fc.location_interval(values, np.ones(800), places, draws=2000)
    error = values.std() / np.sqrt(800)
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.2 * error)


def test_events_of_one_place_stand_and_fall_together():
    """Ten copies of every event at its place add no certainty."""
    rng = np.random.default_rng(6)
    values, places = rng.normal(5, 2, 100), rng.uniform(size=(100, 2))
    once = fc.location_interval(values, np.ones(100), places)
    ten = fc.location_interval(np.repeat(values, 10), np.ones(1000), np.repeat(places, 10, axis=0))
    assert once == pytest.approx(ten)


def test_deviance_is_that_of_scikit_learn():
    rng = np.random.default_rng(3)
    mean, number = rng.uniform(0.1, 5, 200), rng.poisson(2, 200)
    assert fc.poisson_deviance(mean, number) == pytest.approx(mean_poisson_deviance(number, mean))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=6),
    st.sampled_from([0.25, 0.5, 0.75]),
)
@settings(max_examples=80, deadline=None)
def test_hits_are_the_mean_over_all_orders_of_ties(cells, share):
    """Every order of the cells that the forecast allows is tried."""
    score, number = np.array(cells, dtype=float).T
    wanted = share * len(cells)
    if number.sum() == 0 or wanted < 1:
        return
    caught = []
    for order in itertools.permutations(range(len(cells))):
        order = np.array(order)
        if (np.diff(score[order]) <= 0).all():
            full = int(wanted)
            part = number[order[full]] * (wanted - full) if full < len(order) else 0
            caught.append(number[order[:full]].sum() + part)
    hits = fc.hit_rates(score, number, [share])["hit rate"].iloc[0]
    assert hits == pytest.approx(np.mean(caught) / number.sum())


def test_indices_follow_their_definitions():
    score, number = np.arange(100.0)[::-1], np.r_[np.full(10, 8), np.full(90, 1)]
    table = fc.hit_rates(score, number, [0.1, 0.2])
    total = 80 + 90
    assert table["hit rate"].tolist() == pytest.approx([80 / total, 90 / total])
    assert table["PAI"].tolist() == pytest.approx([80 / total / 0.1, 90 / total / 0.2])
    assert table["PEI"].tolist() == pytest.approx([1, 1])
    worst = fc.hit_rates(99 - score, number, [0.1])
    assert worst["PEI"].iloc[0] == pytest.approx(10 / 80)
    curve = fc.hit_curve(score, number, 11)
    assert curve["hit rate"].iloc[1] == pytest.approx(80 / total)


def test_no_forecast_beats_hindsight_and_the_truth_only_by_luck():
    rng = np.random.default_rng(9)
    rate = rng.gamma(0.5, 2, 400)
    ceiling = fc.pei_ceiling(rate, draws=100)
    assert (ceiling["high"] < 1).all()
    assert (ceiling["low"] > 0.5).all()
    mean = np.mean([fc.hit_rates(rate, rng.poisson(rate))["PEI"] for _ in range(100)], axis=0)
    np.testing.assert_allclose(ceiling["mean"], mean, atol=0.02)


def test_lead_of_a_forecast_on_itself_is_nothing():
    rng = np.random.default_rng(9)
    cell = rng.integers(0, 50, 300)
    places = rng.uniform(size=(300, 2))
    score = rng.uniform(size=50)
    same = fc.pei_interval(score, cell, places, 0.1, reference=score)
    assert same == (0.0, 0.0)
    happened = np.bincount(cell, minlength=50)
    low, high = fc.pei_interval(happened, cell, places, 0.1, reference=99 - happened)
    assert 0 < low < high <= 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fc.score_kinds([[0.5, 0.6]], "ab", ["a"]), "add up to one"),
        (lambda: fc.score_kinds([[0.5, 0.5]], "ab", ["a", "b"]), "shape"),
        (lambda: fc.score_kinds([[-0.5, 1.5]], "ab", ["a"]), "not negative"),
        (lambda: fc.score_kinds(np.empty((0, 2)), "ab", []), "no events"),
        (lambda: fc.score_kinds([[1.0]], "a", ["a"]), "one kind only"),
        (lambda: fc.poisson_deviance([0.0], [1]), "expected to have none"),
        (lambda: fc.poisson_deviance([1.0, 2.0], [1]), "one value a cell"),
        (lambda: fc.poisson_deviance([np.nan], [1]), "finite"),
        (lambda: fc.hit_rates([1.0, 2.0], [1, 0], [2]), "share"),
        (lambda: fc.calibration([[0.5, 0.5]], "ab", ["a"], bins=2.5), "bins is a whole number"),
    ],
)
def test_scores_refuse_what_has_no_score(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_what_has_no_hits_has_a_missing_score_and_not_a_zero():
    table = fc.hit_rates([1.0, 2.0], [0, 0], [0.5])
    assert table[["hit rate", "PAI", "PEI"]].isna().all(axis=None)
    assert np.isnan(fc.pei_interval([2.0, 1.0], [-1, -1], [[0, 0], [9, 9]], 0.5)).all()
    assert np.isnan(fc.location_interval([0.0], [0.0], [[0, 0]])).all()
    # one crime in fifty draws or so: those without any say nothing of the efficiency
    rare = fc.pei_ceiling([0.02, 0.0], [0.5], draws=200, seed=1)
    assert rare.to_numpy().tolist() == [[1.0, 1.0, 1.0]]
    assert fc.pei_ceiling([0.0, 0.0], [0.5], draws=9)["mean"].isna().all()


def test_intervals_of_several_ratios_are_those_of_each():
    """Tables ask for all at once: the draws are made and gone through once."""
    rng = np.random.default_rng(2)
    places = rng.integers(0, 30, (200, 2))
    above, below = rng.normal(size=(200, 3)), rng.uniform(1, 2, (200, 3))
    together = fc.location_intervals(above, below, places, draws=99, seed=4)
    for each, ends in zip(range(3), together, strict=True):
        alone = fc.location_interval(above[:, each], below[:, each], places, draws=99, seed=4)
        assert alone == pytest.approx(tuple(ends), rel=1e-12)
