"""A random part of a pattern: its size, its repeatability, and that it keeps two places."""

import numpy as np
import pytest

from helpers.patterns import thinned


def test_part_is_drawn_from_the_points_and_repeats():
    points = np.arange(40.0).reshape(20, 2)
    part = thinned(points, 7, seed=3)
    assert part.shape == (7, 2)
    assert {tuple(p) for p in part} <= {tuple(p) for p in points}
    assert len({tuple(p) for p in part}) == 7
    np.testing.assert_array_equal(part, thinned(points, 7, seed=3))
    np.testing.assert_array_equal(part, np.random.default_rng(3).permutation(points)[:7])


@pytest.mark.parametrize("seed", range(5))
def test_two_places_survive_where_nearly_all_points_share_one(seed):
    points = np.vstack([np.zeros((10_000, 2)), [[5.0, 5.0]]])
    part = thinned(points, 10, seed=seed)
    assert len(part) == 10
    assert len(np.unique(part, axis=0)) == 2


def test_no_more_than_there_are_and_one_place_stays_one():
    assert thinned([[1, 1], [2, 2]], 5, seed=0).shape == (2, 2)
    assert len(np.unique(thinned([[1, 1]] * 9, 5, seed=0), axis=0)) == 1
    with pytest.raises(ValueError, match="number is a whole number"):
        thinned([[1, 1]], 1.5)
