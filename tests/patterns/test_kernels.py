"""Compiled loops against plain numpy, scipy and shapely versions of the same quantities."""

import numpy as np
import pytest
import shapely
from scipy import special
from scipy.spatial import cKDTree

from helpers.patterns import kernel_density, kernel_mass
from helpers.patterns._gaussian_kernels import gaussian_sums
from helpers.patterns._kernels import (
    bin_of,
    coverage,
    edges_about,
    gaussian_masses,
)
from helpers.patterns._kernels import circle_fraction as circle_fraction_of
from helpers.patterns._pairs import (
    exact_set_covariance,
    fft_set_covariance,
    pair_sums,
)
from helpers.patterns._smoothing import _BoundaryRule
from helpers.patterns.dbscan import density_labels
from helpers.patterns.distances import _to_nearest, _to_points
from helpers.space import Window

HOLED = shapely.Polygon(
    [(0, 0), (10, 0), (10, 6), (6, 9), (0, 8)],
    [[(2, 2), (4, 2), (4, 5), (2, 4)], [(6, 1), (8, 1), (7, 3)]],
)
SIX_PARTS = shapely.MultiPolygon(
    [shapely.box(3 * k, 2 * k, 3 * k + 1 + k / 5, 2 * k + 1) for k in range(5)]
    + [shapely.Polygon([(20, 0), (24, 0), (22, 5)], [[(21.5, 1), (22.5, 1), (22, 2)]])]
)
WINDOWS = {
    "rectangle": Window.rectangle(0, 0, 10, 7),
    "turned": Window(shapely.affinity.rotate(shapely.box(0, 0, 10, 7), 30)),
    "holed": Window(HOLED),
    "six parts": Window(SIX_PARTS),
}


@pytest.fixture(params=WINDOWS, ids=lambda name: name)
def window(request) -> Window:
    return WINDOWS[request.param]


def circle_fraction(window, centre, radius):
    """Fraction of a circle in the window: cut it at all crossings, look at the arcs' middles."""
    a = window.edges[:, :2] - centre
    step = window.edges[:, 2:] - window.edges[:, :2]
    p = (a * step).sum(axis=1)
    q = (step**2).sum(axis=1)
    root = p**2 - q * ((a**2).sum(axis=1) - radius**2)
    crossing = root > 0
    angles = [0.0, 2 * np.pi]
    for sign in (-1, 1):
        t = (-p[crossing] + sign * np.sqrt(root[crossing])) / q[crossing]
        at = a[crossing] + t[:, None] * step[crossing]
        angles.extend(np.arctan2(at[:, 1], at[:, 0])[(t >= 0) & (t <= 1)] % (2 * np.pi))
    angles = np.sort(angles)
    middle = (angles[1:] + angles[:-1]) / 2
    on_circle = centre + radius * np.column_stack([np.cos(middle), np.sin(middle)])
    inside = shapely.contains_xy(window.geometry, on_circle)
    return np.diff(angles)[inside].sum() / (2 * np.pi)


def test_pair_sums_are_those_of_a_double_loop(window):
    points = window.random_points(70, seed=5)
    # A coincident pair, and a triple with one point on the boundary.
    vertex = window.edges[0, :2]
    points = np.vstack([points, points[:1], [vertex, vertex, vertex]])
    r = np.array([0.0, 0.05, 0.4, 1.1, 2.0, 3.3])
    found = pair_sums(points, window, r, translation=True, isotropic=True, exact_overlap=True)
    b = shapely.distance(window.geometry.boundary, shapely.points(points))
    count = np.zeros(len(r), dtype=int)
    border = np.zeros(len(r), dtype=int)
    translation = np.zeros(len(r))
    isotropic = np.zeros(len(r))
    for i, p in enumerate(points):
        for j, q in enumerate(points):
            d = np.sqrt(((p - q) ** 2).sum())
            if i == j or d > r[-1]:
                continue
            moved = shapely.affinity.translate(window.geometry, *(q - p))
            overlap = window.geometry.intersection(moved).area
            weight = 1.0 if d <= b[i] else 1 / max(circle_fraction(window, p, d), 0.01)
            within = d <= r
            count += within
            border += within & (b[i] >= r)
            translation += within / overlap
            isotropic += within * weight
    assert found.count.tolist() == count.tolist()
    assert found.border.tolist() == border.tolist()
    assert found.eligible.tolist() == [(b >= value).sum() for value in r]
    assert found.translation == pytest.approx(translation, rel=1e-9)
    assert found.isotropic == pytest.approx(isotropic, rel=1e-9)
    alone = pair_sums(points, window, r, counts=False, isotropic=True)
    assert alone.count.tolist() == count.tolist()
    assert alone.isotropic.tolist() == found.isotropic.tolist()


def test_shares_of_circles_are_those_by_arc_cosines():
    # few-edged and many-edged windows, circles from tiny to wider than the window
    circle = Window(shapely.Point(0, 0).buffer(5, quad_segs=90))
    for window in (circle, Window(HOLED), Window(SIX_PARTS)):
        points = window.random_points(400, seed=7)
        distances = window.distance_to_boundary(points)
        r = np.linspace(0, 8, 41)
        sums = pair_sums(points, window, r, counts=False, isotropic=True)
        near = np.empty((len(window.edges), 5))
        expected = np.zeros(len(r))
        for (x, y), b in zip(points, distances, strict=True):
            squares = ((points - (x, y)) ** 2).sum(axis=1)
            count = edges_about(x, y, window.edges, 64.0, near)
            for squared in squares[(squares > b * b) & (squares <= 64.0)]:
                share = circle_fraction_of(squared, x, y, near, count, window.edges)
                expected += (1 / max(share, 0.01) - 1) * (np.sqrt(squared) <= r)
        assert sums.isotropic - sums.count == pytest.approx(expected, rel=1e-11)


def test_circles_that_touch_corners_and_sides():
    # From the middle of a square: through all four corners, and touching all four sides.
    window = Window.rectangle(0, 0, 2, 2)
    points = np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 2.0]])
    sums = pair_sums(points, window, np.array([0.5, 1.2, 1.5]), isotropic=True)
    # Middle to side: the whole circle inside. Side to middle and to corner: half of the circle.
    # Corner to side and to middle: a quarter. Middle to corner: nothing inside, weight 100.
    assert sums.isotropic.tolist() == pytest.approx([0, 1 + 2 + 2 + 4, 9 + 4 + 100])


def test_exact_set_covariance_is_shapelys(window):
    rng = np.random.default_rng(2)
    lags = rng.uniform(-4, 4, (60, 2))
    lags = np.vstack([lags, [[0, 0], [1, 0], [0, 1], [-3, 0], [100, 0]]])
    expected = [
        window.geometry.intersection(shapely.affinity.translate(window.geometry, *lag)).area
        for lag in lags
    ]
    assert exact_set_covariance(window, lags) == pytest.approx(expected, rel=1e-10, abs=1e-11)


def test_fft_set_covariance(window):
    table, step = fft_set_covariance(window, 2.4, cells=512)
    middle = table.shape[0] // 2
    rng = np.random.default_rng(4)
    reach = int(2.4 / step)
    u, v = rng.integers(0, reach, 300), rng.integers(-reach, reach, 300)
    exact = exact_set_covariance(window, np.column_stack([u, v]) * step)
    error = np.abs(table[middle + v, u] - exact) / window.area
    # Where a shift lies along a side, γ has a crease that the raster rounds off.
    assert np.median(error) < 2e-5
    assert error.mean() < 1e-4
    assert error.max() < 3e-3
    assert table[middle, 0] == window.area


def test_coverage_is_the_clipped_area_of_each_cell():
    window = Window(HOLED)
    found = coverage(np.ascontiguousarray(window.edges * 0.7), 7, 8)
    scaled = shapely.affinity.scale(HOLED, 0.7, 0.7, origin=(0, 0))
    expected = [
        [scaled.intersection(shapely.box(x, y, x + 1, y + 1)).area for x in range(8)]
        for y in range(7)
    ]
    assert found == pytest.approx(np.array(expected), abs=1e-12)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.7, 40.0])
def test_kernel_mass_is_owens(window, sigma):
    locations = window.random_points(40, seed=1)

    def wedge(h, a):
        # Normal mass of a right-angled triangle at the origin: angle minus Owen's T function.
        return np.arctan(a) / (2 * np.pi) - special.owens_t(h, a)

    expected = []
    for u in locations:
        a = (window.edges[:, :2] - u) / sigma
        b = (window.edges[:, 2:] - u) / sigma
        step = b - a
        length = np.hypot(*step.T)
        h = (a[:, 0] * step[:, 1] - a[:, 1] * step[:, 0]) / length
        ta = (a * step).sum(axis=1) / length
        tb = (b * step).sum(axis=1) / length
        sign, h = np.sign(h), np.abs(h)
        expected.append((sign * (wedge(h, tb / h) - wedge(h, ta / h))).sum())
    assert kernel_mass(locations, window, sigma) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_gaussian_sums_are_those_of_a_double_loop():
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 10, (200, 2))
    points = points[np.argsort(points[:, 0])]
    weights = rng.uniform(1, 2, 200)
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    kernel = np.exp(-squared / (2 * 0.8**2)) / (2 * np.pi * 0.8**2)
    own = np.arange(200)
    found = gaussian_sums(points, points, weights, np.full(200, -1), 0.8, 39.0)
    assert found == pytest.approx(kernel @ weights, rel=1e-12)
    np.fill_diagonal(kernel, 0)
    found = gaussian_sums(points, points, weights, own, 0.8, 39.0)
    assert found == pytest.approx(kernel @ weights, rel=1e-12)
    # kernels so narrow that what lies nearest adds 1e-300, or nothing
    kernel = np.exp(-squared / (2 * 0.01**2)) / (2 * np.pi * 0.01**2)
    np.fill_diagonal(kernel, 0)
    expected = kernel @ weights
    assert 0 < expected[expected > 0].min() < 1e-200
    found = gaussian_sums(points, points, weights, own, 0.01, 39.0)
    assert found == pytest.approx(expected, rel=1e-9, abs=0)


def test_bins_are_those_of_searchsorted():
    even = np.linspace(0.3, 2.0, 40)
    uneven = np.sort(np.random.default_rng(1).uniform(0, 2, 40))
    values = np.concatenate([np.random.default_rng(2).uniform(0, 3, 500), even, uneven, [0.0]])
    for r, step in ((even, 1 / (even[1] - even[0])), (uneven, 0.0)):
        found = [bin_of(value, r, step) for value in values]
        assert found == np.searchsorted(r, values).tolist()


def test_places_carry_the_pairs_of_their_points():
    """Events that repeat places, beside the same events a hair's breadth apart."""
    ell = Window(shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)]))
    rng = np.random.default_rng(5)
    points = np.repeat(ell.random_points(60, rng), rng.integers(1, 6, 60), axis=0)
    apart = points + rng.uniform(-1e-9, 1e-9, points.shape)
    r = np.array([1e-6, 0.3, 1.1, 2.0])
    wanted = {"translation": True, "isotropic": True}
    found, single = (pair_sums(each, ell, r, **wanted) for each in (points, apart))
    for name in ("count", "border", "eligible"):
        np.testing.assert_array_equal(getattr(found, name), getattr(single, name))
    np.testing.assert_allclose(found.translation, single.translation, rtol=1e-7)
    np.testing.assert_allclose(found.isotropic, single.isotropic, rtol=1e-7)


@pytest.mark.parametrize("sigma", [0.02, 0.4, 5.0])
def test_mass_on_a_grid_is_that_of_each_node(sigma):
    """One product of matrices, by the Gauss points of the boundary, beside the edges one by one."""
    holed = shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 10), (0, 9)]).difference(
        shapely.Point(3, 3).buffer(1)
    )
    rule = _BoundaryRule.of(Window(holed), sigma)
    x, y = np.linspace(-6, 6, 23), np.linspace(-5, 6, 17)
    nodes = np.column_stack([np.tile(x, len(y)), np.repeat(y, len(x))])
    direct = gaussian_masses(nodes, rule.edges, sigma).reshape(len(y), len(x))
    np.testing.assert_allclose(rule.on_grid(x, y), direct, atol=1e-11)


def test_density_of_repeated_places_is_that_of_each_event():
    square = Window.rectangle(0, 0, 10, 10)
    rng = np.random.default_rng(6)
    points = np.repeat(square.random_points(40, rng), rng.integers(1, 5, 40), axis=0)
    apart = points + rng.uniform(-1e-9, 1e-9, points.shape)
    for correction in ("none", "uniform", "diggle"):
        for at, left_out in ((None, False), ("points", False), ("points", True)):
            options = {"at": at, "correction": correction, "leave_one_out": left_out}
            found, single = (
                kernel_density(each, square, 0.8, **options) for each in (points, apart)
            )
            found, single = (getattr(each, "values", each) for each in (found, single))
            np.testing.assert_allclose(found, single, rtol=1e-6)


@pytest.mark.parametrize("shape", ["even", "few", "one town", "on a line", "shared places"])
def test_nearest_distances_are_those_of_a_tree(shape):
    """Also where squares are crowded, where one axis has no length, and from beyond the points."""
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 1000, (3 if shape == "few" else 600, 2))
    if shape == "one town":
        points[50:] = rng.normal(500, 1, (550, 2))
    if shape == "on a line":
        points[:, 1] = 7.0
    if shape == "shared places":
        points[300:] = points[:300]
    elsewhere = rng.uniform(-500, 1500, (500, 2))
    tree = cKDTree(points)
    np.testing.assert_array_equal(_to_points(points, elsewhere), tree.query(elsewhere)[0])
    np.testing.assert_array_equal(
        np.sort(_to_nearest(points)), np.sort(tree.query(points, k=2)[0][:, 1])
    )


@pytest.mark.parametrize("eps", [10.0, 30.0, 70.0, 400.0, 5000.0])
def test_density_labels_are_those_of_a_general_dbscan(eps):
    """On a lattice, so that places repeat and many lie at eps exactly."""
    from sklearn.cluster import DBSCAN

    points = np.round(np.random.default_rng(5).normal(0, 600, (1500, 2)), -1)
    labels, core = density_labels(points, eps, 6)
    plain = DBSCAN(eps=eps, min_samples=6).fit(points)
    np.testing.assert_array_equal(labels, plain.labels_)
    np.testing.assert_array_equal(np.flatnonzero(core), plain.core_sample_indices_)


def test_points_far_from_most_of_the_window_are_searched_by_a_tree(monkeypatch):
    """Rings about a location far from all points go through as many squares as the map has."""
    from helpers.patterns import distances

    def never(*_):
        raise AssertionError("squares are mostly empty")

    monkeypatch.setattr(distances, "nearest_distances", never)
    two = np.array([[5.0, 5.0], [5.0, 5.001]])
    elsewhere = np.random.default_rng(4).uniform(0, 10, (50, 2))
    np.testing.assert_allclose(_to_points(two, elsewhere), cKDTree(two).query(elsewhere)[0])
