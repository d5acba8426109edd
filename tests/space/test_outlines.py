"""The boundary derived from points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.space import study_area

COORDINATE = st.floats(-5000, 5000, allow_nan=False).map(lambda value: round(value, 2))


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=60, unique=True),
    factor=st.floats(1.05, 4.0),
)
def test_has_the_area_and_holds_the_points(points, factor):
    points = np.array(points)
    hull = shapely.convex_hull(shapely.multipoints(points))
    if hull.geom_type != "Polygon" or shapely.minimum_bounding_radius(hull) ** 2 > 50 * hull.area:
        return  # on a line or nearly so
    area = hull.area * factor
    drawn = study_area(points, area)
    assert drawn.is_valid
    assert not drawn.interiors
    assert drawn.area == pytest.approx(area, rel=1e-6)
    assert shapely.contains_properly(drawn, shapely.points(points)).all()


def test_follows_a_concave_region():
    corner = shapely.Polygon([(0, 0), (9e3, 0), (9e3, 3e3), (3e3, 3e3), (3e3, 9e3), (0, 9e3)])
    points = np.random.default_rng(1).uniform(0, 9e3, (4000, 2))
    points = points[shapely.contains_xy(corner, points)]
    drawn = study_area(points, corner.area)
    overlap = drawn.intersection(corner).area / drawn.union(corner).area
    assert overlap > 0.95  # measured 0.966
    hull = shapely.convex_hull(corner)
    assert corner.area / hull.area < 0.72


def test_is_the_same_whatever_the_order_and_the_repeats():
    points = np.random.default_rng(2).normal(0, 1000, (300, 2))
    again = np.vstack([points[::-1], points[:50]])
    assert study_area(points, 4e7).equals_exact(study_area(again, 4e7), 0)


@pytest.mark.parametrize(
    ("points", "area", "message"),
    [
        ([[0, 0], [1, 1], [0, 0]], 10, "at least three distinct points"),
        ([[0, 0], [1, 1], [2, 2]], 10, "on one line"),
        ([[0, 0], [1, 0], [np.nan, 2]], 10, "finite coordinates"),
        ([[0, 0], [10, 0], [0, 10]], 1.0, "need at least .* but the stated area is"),
    ],
)
def test_bad_points(points, area, message):
    with pytest.raises(ValueError, match=message):
        study_area(np.array(points, dtype=float), area)
