"""G and K as their formulas read, by loops over the points: no tables made elsewhere."""

import numpy as np
import pytest
import shapely

from helpers.patterns import nearest_neighbour_g, ripley_k
from helpers.space import Window

WINDOW = Window(
    shapely.Polygon([(0, 0), (10, 0), (10, 6), (6, 9), (0, 8)], [[(2, 2), (4, 2), (4, 5), (2, 4)]])
)
R = np.array([0.0, 0.2, 0.5, 0.9, 1.4])


@pytest.fixture(scope="module")
def points():
    return WINDOW.random_points(40, seed=3)


@pytest.fixture(scope="module")
def apart(points):
    return np.hypot(*(points[:, None] - points[None]).T)


def test_k_is_the_mean_number_of_further_points_over_the_intensity(points, apart):
    n, found = len(points), ripley_k(points, WINDOW, R, "none")["none"]
    pairs = [(apart[~np.eye(n, dtype=bool)] <= r).sum() for r in R]
    assert found.to_numpy() == pytest.approx(WINDOW.area * np.array(pairs) / (n * (n - 1)))


def test_g_by_each_of_its_formulas(points, apart):
    found = nearest_neighbour_g(points, WINDOW, R, ("raw", "border", "km"))
    d = np.where(np.eye(len(points), dtype=bool), np.inf, apart).min(axis=1)
    b = shapely.distance(WINDOW.geometry.boundary, shapely.points(points))
    for k, r in enumerate(R):
        row = found.iloc[k]
        assert row["raw"] == pytest.approx((d <= r).mean())
        assert row["border"] == pytest.approx(((d <= r) & (b >= r)).sum() / (b >= r).sum())
        surviving = 1.0
        for s in np.unique(d[(d <= r) & (d <= b)]):
            surviving *= 1 - ((d == s) & (d <= b)).sum() / (np.minimum(d, b) >= s).sum()
        assert row["km"] == pytest.approx(1 - surviving)
