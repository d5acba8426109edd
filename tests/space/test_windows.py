"""Windows: closed forms, shapely and brute force as references."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from helpers.space import Window, as_points, as_window
from helpers.space._strips import Strips

HOLED = shapely.Polygon(
    [(0, 0), (10, 0), (10, 6), (6, 9), (0, 8)],
    [[(2, 2), (4, 2), (4, 5), (2, 4)], [(6, 1), (8, 1), (7, 3)]],
)
SIX_PARTS = shapely.MultiPolygon(
    [shapely.box(3 * k, 2 * k, 3 * k + 1 + k / 5, 2 * k + 1) for k in range(5)]
    + [shapely.Polygon([(20, 0), (24, 0), (22, 5)], [[(21.5, 1), (22.5, 1), (22, 2)]])]
)
SHAPES = {
    "rectangle": shapely.box(-1, 2, 4, 5),
    "concave": shapely.Polygon([(0, 0), (8, 0), (8, 6), (5, 1), (3, 5)]),
    "holed": HOLED,
    "six parts": SIX_PARTS,
}


@pytest.fixture(params=SHAPES, ids=lambda name: name)
def window(request) -> Window:
    return Window(SHAPES[request.param])


def located(window, n=400, seed=0):
    xmin, ymin, xmax, ymax = window.bounds
    return np.random.default_rng(seed).uniform((xmin - 1, ymin - 1), (xmax + 1, ymax + 1), (n, 2))


def test_measures_are_shapelys(window):
    assert window.area == pytest.approx(window.geometry.area)
    assert window.perimeter == pytest.approx(window.geometry.length)
    lengths = np.hypot(*(window.edges[:, 2:] - window.edges[:, :2]).T)
    assert lengths.sum() == pytest.approx(window.geometry.length)
    points = shapely.get_coordinates(window.geometry)
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    assert window.diameter == pytest.approx(gaps.max())
    # Counter-clockwise outside, clockwise holes: the shoelace sum is the area.
    ax, ay, bx, by = window.edges.T
    assert ((ax * by - bx * ay).sum() / 2) == pytest.approx(window.area)


def test_boundary_distance_is_shapelys(window):
    points = located(window)
    expected = shapely.distance(window.geometry.boundary, shapely.points(points))
    assert window.distance_to_boundary(points) == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_contains_is_closed(window):
    points = located(window)
    assert (
        window.contains(points) == shapely.covers(window.geometry, shapely.points(points))
    ).all()
    on_boundary = window.geometry.boundary.interpolate(np.linspace(0, 1, 50), normalized=True)
    assert window.contains(shapely.get_coordinates(on_boundary)).all()


def test_swept_areas_are_those_of_clipped_polygons(window):
    xmin, ymin, xmax, ymax = window.bounds
    for x in np.linspace(xmin - 0.5, xmax + 0.5, 23):
        clipped = window.geometry.intersection(shapely.box(xmin - 1, ymin - 1, x, ymax + 1))
        assert window.area_left_of([x])[0] == pytest.approx(clipped.area, abs=1e-12)
    for y in np.linspace(ymin - 0.5, ymax + 0.5, 23):
        clipped = window.geometry.intersection(shapely.box(xmin - 1, ymin - 1, xmax + 1, y))
        assert window.area_below([y])[0] == pytest.approx(clipped.area, abs=1e-12)


def test_tiles_partition_the_window(window):
    tiles = window.tiles(4, 3)
    assert tiles["area"].sum() == pytest.approx(window.area, rel=1e-12)
    assert (tiles["area"] > 0).all()
    assert tiles.geometry.union_all().symmetric_difference(window.geometry).area < 1e-9
    # Row 0 is the top, column 0 the left, row by row.
    xmin, ymin, xmax, ymax = window.bounds
    centres = shapely.get_coordinates(shapely.centroid(tiles.geometry.to_numpy()))
    assert (np.floor((centres[:, 0] - xmin) / (xmax - xmin) * 4) == tiles["column"]).all()
    assert (2 - np.floor((centres[:, 1] - ymin) / (ymax - ymin) * 3) == tiles["row"]).all()
    assert (np.diff(tiles["row"] * 4 + tiles["column"]) > 0).all()


def test_eroded_area():
    assert Window.rectangle(0, 0, 4, 2).eroded_area([0, 0.5, 1, 3]).tolist() == [8, 3, 0, 0]
    # A square with a square hole: straight sides minus a grown hole with round corners.
    window = Window(shapely.box(0, 0, 10, 10) - shapely.box(4, 4, 6, 6))
    expected = 9**2 - (2 * 2 + 4 * 2 * 0.5 + np.pi * 0.25)
    assert window.eroded_area([0.5])[0] == pytest.approx(expected, rel=1e-6)


def test_random_points_are_uniform(window):
    points = window.random_points(20_000, seed=3)
    assert points.shape == (20_000, 2)
    assert shapely.covers(window.geometry, shapely.points(points)).all()
    tiles = window.tiles(5, 5)
    expected = 20_000 * tiles["area"] / window.area
    pairs = shapely.STRtree(tiles.geometry.to_numpy()).query(shapely.points(points))
    inside = shapely.covers(tiles.geometry.to_numpy()[pairs[1]], shapely.points(points)[pairs[0]])
    counts = np.bincount(pairs[1][inside], minlength=len(tiles))
    assert (np.abs(counts - expected) < 4.5 * np.sqrt(expected) + 1).all()
    assert (points == window.random_points(20_000, seed=3)).all()


def test_spread_points_integrate(window):
    points = window.spread_points(100_000)
    assert len(points) == pytest.approx(100_000, rel=2e-3)
    assert points.mean(axis=0) == pytest.approx(
        shapely.get_coordinates(window.geometry.centroid)[0], abs=2e-3 * window.diameter
    )


@given(
    name=st.sampled_from(sorted(SHAPES)),
    factor=st.sampled_from([1e-3, 0.37, 12.0, 1e3]),
    shift=st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
    angle=st.floats(0, 360),
)
@settings(max_examples=30, deadline=None)
def test_changes_of_unit_origin_and_direction(name, factor, shift, angle):
    def moved(geometry):
        geometry = affinity.rotate(geometry, angle, origin=(0, 0))
        geometry = affinity.scale(geometry, factor, factor, origin=(0, 0))
        return affinity.translate(geometry, shift[0] * factor, shift[1] * factor)

    before = Window(SHAPES[name])
    after = Window(moved(SHAPES[name]))
    points = located(before, 100)
    carried = shapely.get_coordinates(moved(shapely.MultiPoint(points)))
    assert after.area == pytest.approx(before.area * factor**2, rel=1e-7)
    assert after.distance_to_boundary(carried) == pytest.approx(
        before.distance_to_boundary(points) * factor, rel=1e-6, abs=1e-10 * factor * 1e4
    )
    assert (after.contains(carried) == before.contains(points)).all()
    # Points on the boundary stay in the window whatever the rounding does to them.
    edge = before.geometry.boundary.interpolate(np.linspace(0, 1, 37), normalized=True)
    edge = shapely.get_coordinates(moved(shapely.MultiPoint(shapely.get_coordinates(edge))))
    assert after.contains(edge).all()


def test_anything_that_describes_a_window():
    square = shapely.box(0, 0, 1, 1)
    frame = gpd.GeoDataFrame(geometry=[square, shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    assert as_window(square).area == 1
    assert as_window(Window(square)).area == 1
    assert as_window(frame).area == 2
    assert as_window(frame.geometry).crs == frame.crs
    assert Window(square).is_rectangle
    assert not Window(affinity.rotate(square, 45)).is_rectangle
    # A multipolygon of one part is a polygon, orientation and a third coordinate do not matter.
    turned = shapely.MultiPolygon([shapely.Polygon([(0, 0, 5), (0, 1, 5), (1, 1, 5), (1, 0, 5)])])
    assert Window(turned).is_rectangle


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "make_valid"),
        (shapely.Polygon(), "empty"),
        (shapely.Point(0, 0), "not a Point"),
        (shapely.LineString([(0, 0), (1, 1)]), "not a LineString"),
        (shapely.Polygon([(0, 0), (1, 0), (np.inf, 1)]), "infinite"),
        ("POLYGON", "not str"),
        (
            shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]),
            "make_valid",
        ),
    ],
)
def test_bad_windows(geometry, message):
    with pytest.raises(ValueError, match=message):
        as_window(geometry)


def test_bad_rectangles():
    with pytest.raises(ValueError, match="xmin < xmax"):
        Window.rectangle(1, 0, 1, 2)
    with pytest.raises(ValueError, match="xmin < xmax"):
        Window.rectangle(0, 0, np.inf, 2)
    with pytest.raises(ValueError, match="columns is a whole number of at least 1"):
        Window.rectangle(0, 0, 1, 1).tiles(0, 3)


def test_degrees_are_refused_with_the_projection_to_use():
    lima = gpd.GeoSeries(gpd.points_from_xy([-77.09, -77.08], [-12.08, -12.07]), crs="EPSG:4326")
    square = Window.rectangle(-78, -13, -77, -12)
    with pytest.raises(ValueError, match="EPSG:32718"):
        as_points(lima, square)
    boundary = gpd.GeoSeries([shapely.box(-1.8, 53.7, -1.3, 53.9)], crs="EPSG:4326")
    with pytest.raises(ValueError, match="EPSG:32630"):
        as_window(boundary)
    with pytest.raises(ValueError, match="EPSG:32630"):
        Window(boundary.iloc[0], crs="EPSG:4326")
    # Plain numbers that happen to be degrees are planar coordinates like any others.
    assert len(as_points([[-77.09, -12.08]], square)) == 1


def test_bad_points():
    square = Window(shapely.box(0, 0, 1, 1), crs="EPSG:27700")
    cases = [
        ([[0.5, 0.5], [np.nan, 0.2]], "rows 1"),
        ([[0.5, 0.5], [0.2, np.inf]], "rows 1"),
        ([[0.5, 0.5, 0.5]], "shape"),
        ([0.5, 0.5], "shape"),
        ([["a", "b"]], "array of numbers"),
        ([[0.5, 0.5], [2, 0.5], [0.5, -3]], "rows 1, 2"),
        (gpd.GeoSeries([shapely.box(0, 0, 1, 1)]), "Polygon"),
        (gpd.GeoSeries([shapely.Point(0.5, 0.5), None]), "no geometry"),
        (gpd.GeoSeries([shapely.Point(0.5, 0.5)], crs="EPSG:3857"), "to_crs"),
    ]
    for points, message in cases:
        with pytest.raises(ValueError, match=message):
            as_points(points, square)
    kept = as_points([[0.5, 0.5], [2, 0.5]], square, outside="drop")
    assert kept.tolist() == [[0.5, 0.5]]
    with pytest.raises(ValueError, match="raise"):
        as_points([[0.5, 0.5]], square, outside="ignore")
    assert as_points([], square).shape == (0, 2)
    same = gpd.GeoSeries([shapely.Point(0.5, 0.5)], crs="EPSG:27700")
    assert as_points(same, square).tolist() == [[0.5, 0.5]]


def test_distances_are_cut_where_asked():
    ell = Window(shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)]))
    for window in (ell, Window.rectangle(0, 0, 10, 10)):
        points = window.random_points(300, 1)
        whole = window.distance_to_boundary(points)
        cut = window.distance_to_boundary(points, at_most=0.7)
        np.testing.assert_array_equal(cut, np.minimum(whole, 0.7))


def test_many_points_lie_where_shapely_says_corners_and_edges_too(window):
    corners = shapely.get_coordinates(window.geometry)
    rng = np.random.default_rng(3)
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    spread = rng.uniform((west - 1, south - 1), (east + 1, north + 1), (2_000, 2))
    level = np.column_stack([spread[:500, 0], rng.choice(corners[:, 1], 500)])
    along = corners[:-1] + rng.random((len(corners) - 1, 1)) * np.diff(corners, axis=0)
    points = np.vstack([spread, level, corners, along])
    for predicate in (shapely.contains_xy, shapely.intersects_xy):
        found = Strips.of(window.geometry).holds(points, predicate)
        assert (found == predicate(window.geometry, *points.T)).all()
