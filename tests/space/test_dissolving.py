"""Zones dissolved into areas: what shapely's own union gives, and each group of zones once."""

import numpy as np
import pytest
import shapely

from helpers.space import dissolved
from helpers.space.dissolving import _union


@pytest.fixture
def squares():
    return [shapely.box(x, y, x + 1, y + 1) for y in range(5) for x in range(6)]


def test_areas_are_the_unions_of_their_zones(squares):
    label = np.random.default_rng(1).integers(0, 4, 30)
    drawn = np.array(squares, dtype=object)
    for order in (None, [2, 0, 3, 1]):
        found = dissolved(squares, label, order)
        wanted = [shapely.union_all(drawn[label == area]) for area in order or range(4)]
        assert shapely.equals_exact(found, wanted).all()
        assert found.shape == (4,)


def test_areas_that_plans_share_are_made_once(squares):
    _union.cache_clear()
    first = np.repeat([0, 1, 2], 10)
    second = np.where(first == 2, 0, 2 - first)  # the same areas by other numbers
    one, other = dissolved(squares, first), dissolved(squares, second)
    assert _union.cache_info().misses == 3
    assert one[0] is other[2]
    # as good as the same is not the same: another map's zones are dissolved by themselves
    shifted = [shapely.transform(square, lambda xy: xy + 100) for square in squares]
    assert dissolved(shifted, first)[0].bounds[0] == 100
    assert _union.cache_info().misses == 6
