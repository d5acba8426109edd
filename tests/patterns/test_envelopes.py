"""Envelopes: the definition on small tables, seeds, levels."""

import numpy as np
import pytest
import shapely

from helpers.patterns import csr_envelope, simulate
from helpers.patterns.envelopes import extreme_rank_envelope
from helpers.space import Window

SQUARE = Window.rectangle(0, 0, 1, 1)


def test_extreme_rank_length_by_hand():
    # Two-sided ranks of five curves at three places, sorted: a 1 1 1, b 1 2 2, c 2 2 3, ...
    curves = np.array([[9.0, 9.0, 9.0], [1.0, 2.0, 2.0], [2.0, 1.0, 3.0], [3.0, 3.0, 4.0]])
    observed = np.array([4.0, 4.0, 1.0])
    everything = np.vstack([observed, curves])
    ranks = []
    for curve in everything:
        below = (everything < curve).sum(axis=0) + 1
        above = (everything > curve).sum(axis=0) + 1
        ranks.append(tuple(sorted(np.minimum(below, above))))
    expected = np.mean([other <= ranks[0] for other in ranks])
    p, low, high = extreme_rank_envelope(observed, curves, 0.25)
    assert p == expected
    kept = [
        curve
        for curve, own in zip(everything, ranks, strict=True)
        if np.mean([other <= own for other in ranks]) > 0.25
    ]
    assert low.tolist() == np.min(kept, axis=0).tolist()
    assert high.tolist() == np.max(kept, axis=0).tolist()


def test_the_curve_leaves_the_global_envelope_exactly_when_p_is_small():
    rng = np.random.default_rng(5)
    seen = set()
    for shift in np.linspace(0, 3, 40):
        curves = rng.normal(size=(99, 6)).cumsum(axis=1)
        observed = rng.normal(size=6).cumsum() + shift
        p, low, high = extreme_rank_envelope(observed, curves, 0.05)
        outside = bool(((observed < low) | (observed > high)).any())
        assert outside == (p <= 0.05)
        seen.add(outside)
    assert seen == {True, False}


def test_the_test_keeps_its_level():
    # Under the null model the p value is uniform over multiples of 1 / (s + 1).
    rng = np.random.default_rng(6)
    p = [
        extreme_rank_envelope(curves[0], curves[1:], 0.05)[0]
        for curves in (rng.normal(size=(40, 5)) for _ in range(800))
    ]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 800))


def test_the_same_for_any_number_of_jobs():
    points = SQUARE.random_points(60, seed=1)
    one = csr_envelope(points, SQUARE, "K", simulations=39, seed=8)
    two = csr_envelope(points, SQUARE, "K", simulations=39, seed=8, jobs=2)
    assert one.table.equals(two.table)
    assert one.p_value == two.p_value
    other = csr_envelope(points, SQUARE, "K", simulations=39, seed=9)
    assert not one.table.equals(other.table)


@pytest.mark.parametrize("statistic", ["G", "F", "K", "L", "g"])
def test_clustered_points_leave_the_envelope_and_random_ones_do_not(statistic):
    window = Window(shapely.box(0, 0, 1, 1) - shapely.box(0.4, 0.4, 0.6, 0.6))
    clustered = simulate(window, "matern", kappa=12, scale=0.05, mu=8, seed=3)
    random = window.random_points(100, seed=4)
    found = csr_envelope(clustered, window, statistic, simulations=39, seed=1)
    assert found.p_value <= 0.05
    table = found.table
    assert list(table.columns) == [
        "r",
        "observed",
        "theory",
        "mean",
        "low",
        "high",
        "global_low",
        "global_high",
    ]
    known = table["low"].notna()
    assert (table["low"] <= table["high"])[known].all()
    assert csr_envelope(random, window, statistic, simulations=39, seed=1).p_value > 0.05


def test_the_global_envelope_is_the_wider_one():
    points = SQUARE.random_points(40, seed=1)
    r = np.linspace(0.0, 0.25, 26)
    table = csr_envelope(points, SQUARE, "L", r=r, simulations=199, seed=3).table[1:]
    assert (table["global_low"] <= table["low"]).mean() > 0.9
    assert (table["global_high"] >= table["high"]).mean() > 0.9


def test_other_null_models():
    def lattice(rng):
        x, y = np.meshgrid(np.arange(8), np.arange(8))
        return (np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(0.3, 0.7, (64, 2))) / 8

    points = lattice(np.random.default_rng(1))
    assert csr_envelope(points, SQUARE, "G", simulations=39, seed=2).p_value <= 0.05
    own = csr_envelope(points, SQUARE, "G", simulations=39, seed=2, simulator=lattice)
    assert own.p_value > 0.05


def test_bad_input():
    points = SQUARE.random_points(20, seed=1)
    with pytest.raises(ValueError, match="statistic is one of"):
        csr_envelope(points, SQUARE, "J")
    with pytest.raises(ValueError, match="at least 39"):
        csr_envelope(points, SQUARE, simulations=10)
    with pytest.raises(ValueError, match="alpha"):
        csr_envelope(points, SQUARE, alpha=1.5)
    with pytest.raises(ValueError, match="corrections are among"):
        csr_envelope(points, SQUARE, "G", "isotropic")
