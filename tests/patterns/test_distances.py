"""Nearest neighbours where many points share a place."""

import numpy as np
from scipy.spatial.distance import cdist

from helpers.patterns import nearest_neighbour_g
from helpers.patterns.distances import _to_nearest
from helpers.space import Window


def test_shared_places_are_at_distance_nought_and_lone_ones_as_far_as_they_are():
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 100, (40, 2))
    points = rng.permutation(np.vstack([places, places[:15], places[:3]]))
    apart = cdist(points, points)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(_to_nearest(points), apart.min(axis=1))
    table = nearest_neighbour_g(points, Window.rectangle(0, 0, 100, 100), [0.0, 1.0], "raw")
    assert table["raw"][0] == (15 * 2 + 3) / len(points)


def test_a_hundred_thousand_points_at_one_place_take_no_square_of_time():
    """A leaf of a tree that holds them all would be looked through once for each: 10^10 steps."""
    points = np.vstack([np.zeros((100_000, 2)), [[3.0, 4.0]]])
    d = _to_nearest(points)
    assert d[:-1].max() == 0.0
    assert d[-1] == 5.0
