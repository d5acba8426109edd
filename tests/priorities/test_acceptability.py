"""Acceptability analysis against closed forms, exact volumes, a plain version."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from scipy.stats import kstest, rankdata

from helpers.priorities import (
    PriorityError,
    additive_scores,
    rank_order_centroid,
    rank_zones,
    sample_weights,
    share_error,
    smaa,
    smarter_weights,
    spread_values,
)
from helpers.priorities._kernels import weigh

SIZES = {"high": 2, "medium": 3, "low": 4}


@pytest.fixture
def compromise():
    """Two specialists, and a compromise that wins for weights of x from 0.4 to 0.6."""
    return pd.DataFrame({"x": [1, 0, 0.6], "y": [0, 1, 0.6]}, index=["a", "b", "c"])


@pytest.fixture
def four_criteria():
    values = [
        [1.0, 0.1, 0.4, 0.2], [0.7, 0.5, 0.3, 0.9], [0.2, 1.0, 0.6, 0.0],
        [0.0, 0.4, 1.0, 0.7], [0.5, 0.6, 0.5, 1.0], [0.6, 0.0, 0.0, 0.3],
    ]  # fmt: skip
    return pd.DataFrame(values, columns=list("wxyz"), index=[f"A{i}" for i in range(1, 7)])


# ---------------------------------------------------------------------------------- sampling


def test_sampler_is_uniform_on_the_simplex():
    """Each weight of m uniform ones has the distribution function 1 − (1 − w)^(m − 1)."""
    weights = sample_weights(20_000, 5, seed=3)
    assert np.allclose(weights.sum(axis=1), 1) and (weights >= 0).all()
    for column in weights.T:
        assert kstest(column, lambda w: 1 - (1 - w) ** 4).pvalue > 0.001
    # variance (m − 1) / (m² (m + 1)), covariance −1 / (m² (m + 1)), as of Dirichlet(1, …, 1)
    covariance = np.cov(weights.T)
    assert np.diag(covariance) == pytest.approx(np.full(5, 4 / 150), rel=0.05)
    assert covariance[0, 1] == pytest.approx(-1 / 150, rel=0.1)


@pytest.mark.parametrize("criteria", [1, 2, 3, 6, 10])
def test_mean_of_the_ordered_sampler_converges_to_roc_weights(criteria):
    order = np.random.default_rng(1).permutation(criteria).tolist()
    weights = sample_weights(40_000, criteria, order=order, seed=2)
    ranked = weights[:, order]
    assert (np.diff(ranked, axis=1) <= 0).all()
    expected = [float(w) for w in rank_order_centroid(criteria)]
    error = ranked.std(axis=0) / np.sqrt(len(ranked)) + 1e-15
    assert (np.abs(ranked.mean(axis=0) - expected) / error).max() < 4.5


def test_ordered_sampler_is_uniform_on_the_ordered_part():
    """For three criteria w3 / (1/3) has the distribution function 1 − (1 − t)²."""
    weights = sample_weights(20_000, 3, order=[0, 1, 2], seed=4)
    assert kstest(3 * weights[:, 2], lambda t: 1 - (1 - t) ** 2).pvalue > 0.001


def test_bad_sampling_orders():
    with pytest.raises(PriorityError, match="does not order"):
        sample_weights(10, 3, order=[0, 0, 1], seed=1)


# ------------------------------------------------------------------------------ closed forms


def test_acceptability_of_a_compromise(compromise):
    """First: a for w > 0.6, b for w < 0.4, c between; w is uniform without an order."""
    result = smaa(compromise, vectors=40_000, seed=5)
    first = result.rank_acceptability[1]
    assert (np.abs(first - [0.4, 0.4, 0.2]) / share_error(first, 40_000)).max() < 4.5
    central = result.central_weights
    error = result.central_weights_error
    assert (np.abs(central["x"] - [0.8, 0.2, 0.5]) / error["x"]).max() < 4.5
    # uniform on an interval of length 0.4: standard deviation 0.4 / √12
    expected = 0.4 / np.sqrt(12) / np.sqrt(result.rank_counts[0, 0])
    assert error.loc["a", "x"] == pytest.approx(expected, rel=0.02)
    # a beats b for w > 1/2, a beats c for w > 0.6
    wins = result.pairwise_winning
    assert wins.loc["a", "b"] == pytest.approx(0.5, abs=0.011)
    assert wins.loc["a", "c"] == pytest.approx(0.4, abs=0.011)
    assert result.confidence.tolist() == [1, 1, 1]
    # a is first for w > 0.6, second (behind c) down to 0.5, last below
    assert result.expected_rank.loc["a", "mean"] == pytest.approx(
        0.4 * 1 + 0.1 * 2 + 0.5 * 3, abs=0.02
    )


def test_acceptability_with_an_order(compromise):
    """With x before y, w is uniform on (1/2, 1): c first below 0.6, b never."""
    result = smaa(compromise, order=["x", "y"], vectors=40_000, seed=6)
    assert result.rank_acceptability[1].to_numpy() == pytest.approx([0.8, 0, 0.2], abs=0.01)
    assert np.isnan(result.central_weights.loc["b"]).all()
    assert np.isnan(result.confidence["b"])
    assert result.central_weights.loc["a", "x"] == pytest.approx(0.8, abs=0.005)


def test_exact_acceptability_of_another_library(four_criteria):
    """Volumes of the favourable polytopes, measured with pysensmcda 2.0.0 (exact_acceptability)."""
    free = [0.12670514, 0.10894785, 0.15380409, 0.19212389, 0.41841903, 0]
    ordered = [0.53139991, 0.26412523, 0.05264498, 0, 0.15182988, 0]
    for order, exact in ((None, free), (list("wxyz"), ordered)):
        result = smaa(four_criteria, order=order, vectors=100_000, seed=7)
        first = result.rank_acceptability[1].to_numpy()
        error = share_error(np.array(exact), 100_000) + 1e-12
        assert (np.abs(first - exact) / error).max() < 4.5
    central = smaa(four_criteria, order=list("wxyz"), vectors=100_000, seed=8)
    exact = [0.61167059, 0.22819324, 0.12015915, 0.03997702]
    off = (
        np.abs(central.central_weights.loc["A1"] - exact) / central.central_weights_error.loc["A1"]
    )
    assert off.max() < 4.5


def test_monte_carlo_error_is_what_repetition_shows(compromise):
    first = [
        smaa(compromise, vectors=400, seed=s).rank_acceptability.loc["a", 1] for s in range(300)
    ]
    assert np.std(first) == pytest.approx(share_error(0.4, 400), rel=0.15)
    means = [smaa(compromise, vectors=400, seed=s).indicators().loc["I1"] for s in range(300)]
    table = pd.DataFrame(means)
    assert table["mean"].std() == pytest.approx(table["error"].mean(), rel=0.15)


# ------------------------------------------------------------------- against a plain version


def plain(values, weights, reference, sizes):
    """SMAA by one loop over weight vectors, as one would write it first."""
    n = len(values)
    segments = reference.segments(sizes)
    counts, wins = np.zeros((n, n), int), np.zeros((n, n), int)
    by_segment = pd.DataFrame(0, values.index, list(sizes))
    within, unmoved = [], []
    for w in weights:
        scores = np.round(values.to_numpy() @ w, 12)
        ranks = rankdata(-scores, method="min").astype(int)
        counts[np.arange(n), ranks - 1] += 1
        wins += ranks[:, None] < ranks[None, :]
        order = np.lexsort([reference.positions, ranks])
        now = pd.Series(np.repeat(list(sizes), list(sizes.values())), values.index[order])
        for zone, name in now.items():
            by_segment.loc[zone, name] += 1
        off = np.abs(ranks - reference.ranks.to_numpy())
        within.append([(off <= k).sum() for k in range(4)])
        unmoved.append((now[values.index] == segments).sum())
    return counts, wins, by_segment, np.array(within), np.array(unmoved)


def test_kernel_counts_as_the_plain_version_does():
    generator = np.random.default_rng(9)
    matrix = generator.random((9, 4)).round(1)
    matrix[5] = matrix[2]  # two zones that tie under every weight vector
    matrix[8] = matrix[2]
    values = pd.DataFrame(matrix, index=list("abcdefghi"), columns=list("wxyz"))
    order = list("zxyw")
    reference = rank_zones(additive_scores(values, smarter_weights(order, values.columns)))
    result = smaa(values, order=order, sizes=SIZES, vectors=500, seed=10)
    child = np.random.default_rng(10).spawn(1)[0]
    weights = sample_weights(500, 4, order=[3, 1, 2, 0], seed=child)
    counts, wins, by_segment, within, unmoved = plain(values, weights, reference, SIZES)
    np.testing.assert_array_equal(result.rank_counts, counts)
    np.testing.assert_array_equal(result.wins, wins)
    np.testing.assert_array_equal(result.segment_counts, by_segment.to_numpy())
    np.testing.assert_array_equal(result.within, within)
    np.testing.assert_array_equal(result.unmoved, unmoved)
    ranks = counts @ np.arange(1, 10) / 500
    np.testing.assert_allclose(result.expected_rank["mean"], ranks)
    assert result.rank_counts[2].tolist() == result.rank_counts[5].tolist()
    assert result.pairwise_winning.loc["c", "f"] == 0 == result.pairwise_winning.loc["f", "c"]


def test_weighing_is_a_matrix_product():
    generator = np.random.default_rng(17)
    weights, losses = generator.random((7, 4)), generator.random((4, 9))
    out = np.empty((7, 9))
    weigh(weights, losses, out)
    np.testing.assert_allclose(out, weights @ losses, rtol=1e-14)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 10_000))
def test_identities(zones, criteria, seed):
    matrix = np.random.default_rng(seed).random((zones, criteria))
    matrix[:, 0] = np.linspace(0, 1, zones)
    values = pd.DataFrame(matrix, columns=[f"c{j}" for j in range(criteria)])
    order = list(values.columns)
    result = smaa(values, order=order, sizes={"up": 1, "down": zones - 1}, vectors=200, seed=seed)
    b = result.rank_acceptability.to_numpy()
    np.testing.assert_allclose(b.sum(axis=0), 1)
    np.testing.assert_allclose(b.sum(axis=1), 1)
    np.testing.assert_allclose(result.expected_rank["mean"], b @ np.arange(1, zones + 1))
    wins = result.pairwise_winning.to_numpy()
    np.testing.assert_allclose(wins + wins.T + np.eye(zones), 1)
    # a zone's expected rank is 1 + the number of zones expected to beat it
    np.testing.assert_allclose(result.expected_rank["mean"], 1 + wins.sum(axis=0))
    levels = result.indicators().loc[["I1", "I2", "I3", "I4"], "mean"]
    assert levels.is_monotonic_increasing
    # central weights, weighted by acceptability, add up to the mean of all vectors
    mean = sample_weights(200, criteria, order=range(criteria),
                          seed=np.random.default_rng(seed).spawn(1)[0]).mean(axis=0)  # fmt: skip
    np.testing.assert_allclose(b[:, 0] @ result.central_weights.fillna(0).to_numpy(), mean)


def test_blocks_streams_and_workers_change_nothing(monkeypatch, four_criteria):
    monkeypatch.setattr("helpers.priorities.acceptability.BLOCK", 24 * 100)
    one = smaa(four_criteria, vectors=2_050, sizes={"up": 3, "down": 3}, seed=11)
    # threads: starting processes takes longer than the test
    with parallel_config("threading"):
        two = smaa(four_criteria, vectors=2_050, sizes={"up": 3, "down": 3}, jobs=2, seed=11)
    for name in ("rank_counts", "wins", "segment_counts", "within", "unmoved", "first_weights"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert len(one.within) == 2_050
    free = [0.12670514, 0.10894785, 0.15380409, 0.19212389, 0.41841903, 0]
    assert one.rank_acceptability[1].to_numpy() == pytest.approx(free, abs=0.05)


def test_many_zones_count_only_the_first_ranks():
    values = pd.DataFrame(np.random.default_rng(12).random((1_500, 3)), columns=list("xyz"))
    result = smaa(values, vectors=50, seed=13)
    assert result.rank_counts.shape == (1_500, 100)
    assert (result.rank_counts.sum(axis=0) == 50).all()
    with pytest.raises(PriorityError, match="pairwise=True"):
        _ = result.pairwise_winning


# ------------------------------------------------------------------------------- uncertainty


def test_confidence_factor_of_two_uncertain_zones():
    """Values 0.6 ± 0.2 and 0.5 ± 0.2, uniform: P(first wins) = 1 − (3/4)²/2."""
    values = pd.DataFrame({"x": [0.6, 0.5]}, index=["a", "b"])
    result = smaa(values, uncertainty=spread_values(values, 0.2), vectors=40_000, seed=14)
    expected = 1 - 0.75**2 / 2
    assert result.confidence_draws == 40_000
    error = share_error(expected, 40_000)
    assert abs(result.confidence["a"] - expected) < 4.5 * error
    assert abs(result.confidence["b"] - (1 - expected)) < 4.5 * error
    assert abs(result.rank_acceptability.loc["a", 1] - expected) < 4.5 * error


def test_no_spread_is_no_uncertainty(four_criteria):
    certain = smaa(four_criteria, vectors=3_000, seed=15)
    draws = spread_values(four_criteria, {"w": 0.0})
    spread = smaa(four_criteria, uncertainty=draws, vectors=3_000, seed=15)
    np.testing.assert_allclose(
        certain.rank_acceptability, spread.rank_acceptability, atol=4 * 0.5 / np.sqrt(3_000)
    )
    assert spread.confidence.dropna().eq(1).all()


# --------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"order": ["x"]}, "leaves out y"),
        ({"order": ["x", "x", "y"]}, "x more than once"),
        ({"sizes": {"up": 1, "down": 1}}, "hold 2 zones and there are 3"),
        ({"vectors": 0}, "at least 1"),
        ({"reference": rank_zones(pd.Series({"a": 1.0, "b": 0.5}))}, "same zones"),
    ],
)
def test_bad_input(compromise, options, sentence):
    with pytest.raises(PriorityError, match=sentence):
        smaa(compromise, **{"seed": 1, **options})


def test_uncertain_values_travel_to_workers(four_criteria):
    draw = pickle.loads(pickle.dumps(spread_values(four_criteria, 0.1)))
    drawn = draw(np.random.default_rng(1), 5)
    assert drawn.shape == (5, 6, 4)
    assert (np.abs(drawn - four_criteria.to_numpy()) <= 0.1).all()
    assert drawn.min() >= 0 and drawn.max() <= 1


def test_bad_spread(compromise):
    with pytest.raises(PriorityError, match="'z' is no criterion"):
        spread_values(compromise, {"z": 0.1})
    with pytest.raises(PriorityError, match="between 0 and 1"):
        spread_values(compromise, -0.1)


def test_table_is_in_the_reference_order(compromise):
    result = smaa(compromise, order=["x", "y"], sizes={"up": 1, "down": 2}, vectors=400, seed=16)
    table = result.table()
    assert table.index.tolist() == ["a", "c", "b"]
    assert table.loc["a", "segment"] == "up"
    assert table.loc["a", "segment_stability"] == table.loc["a", "first"]
    with pytest.raises(PriorityError, match="sizes"):
        _ = smaa(compromise, vectors=10, seed=1).segment_stability
