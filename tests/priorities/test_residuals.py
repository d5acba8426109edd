"""What a score holds beyond one criterion, and Moran's I of it by the moments of residuals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from esda import Moran
from libpysal.graph import Graph

from helpers.priorities import Residual, moran_test, residual_on


def ring(n: int) -> Graph:
    """Zones in a ring, each with two neighbours of weight one half."""
    pairs = [(i, (i + step) % n) for i in range(n) for step in (1, -1)]
    focal, near = (list(ends) for ends in zip(*pairs, strict=True))
    return Graph.from_arrays(focal, near, np.full(2 * n, 0.5))


def uneven(n: int, seed: int) -> Graph:
    """Zones whose neighbours, one to four of each, do not answer."""
    random = np.random.default_rng(seed)
    focal, near = [], []
    for zone in range(n):
        others = random.choice(np.delete(np.arange(n), zone), random.integers(1, 5), replace=False)
        focal += [zone] * len(others)
        near += others.tolist()
    return Graph.from_arrays(focal, near, np.ones(len(near))).transform("r")


def single(z: pd.Series) -> Residual:
    """Values of which only the mean was taken."""
    return Residual(z - z.mean(), None, np.ones((len(z), 1)))


def test_a_score_on_the_line_leaves_no_residual():
    one = pd.Series([0.0, 0.25, 0.5, 1.0])
    found = residual_on(0.2 + 0.6 * one, one)
    assert not found.varies
    assert found.explained == pytest.approx(1)
    assert residual_on(one * 0 + 0.3, one).explained is None


def test_moran_is_the_ratio_of_the_definition():
    """Residuals 1, 1, −1, −1 twice over, then in two halves."""
    graph = ring(8)
    found = moran_test(single(pd.Series([1.0, 1, -1, -1, 1, 1, -1, -1])), graph)
    assert found.statistic == pytest.approx(0)
    assert found.expected == pytest.approx(-1 / 7)
    assert not found.alike
    # four zones have two neighbours of their own sign, four have one of each
    found = moran_test(single(pd.Series([1.0, 1, 1, 1, -1, -1, -1, -1])), graph)
    assert found.statistic == pytest.approx(0.5)


def test_with_a_mean_alone_the_moments_are_those_of_single_values():
    values = pd.Series(np.random.default_rng(3).normal(size=40))
    graph = uneven(40, 4)
    theirs = Moran(values.to_numpy(), graph, permutations=0)
    found = moran_test(single(values), graph)
    assert (found.statistic, found.expected) == pytest.approx((theirs.I, theirs.EI))
    assert found.p == pytest.approx(theirs.p_norm)


def test_residuals_of_a_line_have_the_moments_of_many_draws():
    """A criterion that is itself a surface: its residuals are less alike than single values."""
    n, draws = 30, 1500
    graph = ring(n)
    one = pd.Series(np.cos(2 * np.pi * np.arange(n) / n))
    errors = np.random.default_rng(5).normal(size=(draws, n))
    tests = [moran_test(residual_on(pd.Series(error), one), graph) for error in errors]
    drawn = np.array([test.statistic for test in tests])
    standard_error = drawn.std() / np.sqrt(draws)
    assert tests[0].expected < -1 / (n - 1) - 3 * standard_error
    assert tests[0].expected == pytest.approx(drawn.mean(), abs=4 * standard_error)
    # a test at 5 % rejects in about 5 % of them
    assert np.mean([test.p < 0.05 for test in tests]) == pytest.approx(0.05, abs=0.02)
