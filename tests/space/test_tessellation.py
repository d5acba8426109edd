"""Zones drawn from points or from centroids."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from helpers.space import borders_from_polygons, schematic_zones, voronoi_zones
from helpers.space.tessellation import _power_cells

WINDOW = shapely.Polygon([(0, 0), (100, 0), (100, 40), (60, 40), (60, 100), (0, 100)])


def scattered(seed: int, count: int) -> np.ndarray:
    points = np.random.default_rng(seed).uniform(0, 100, (4 * count, 2))
    return points[shapely.contains_xy(WINDOW, points)][:count]


@pytest.mark.parametrize("seed", range(5))
def test_each_place_belongs_to_the_zone_of_its_nearest_point(seed):
    points = np.random.default_rng(seed).uniform(0, 100, (60, 2))
    owner = np.arange(60)
    zones = [f"z{k}" for k in owner]
    drawn = voronoi_zones(points, zones, zones, shapely.box(0, 0, 100, 100))
    probes = scattered(seed + 100, 800)
    distance, nearest = cKDTree(points).query(probes, k=2)
    clear = distance[:, 1] - distance[:, 0] > 1e-6
    inside = shapely.contains(drawn[owner[nearest[:, 0]]], shapely.points(probes))
    assert inside[clear].all()


@pytest.mark.parametrize("seed", range(5))
def test_zones_cover_the_boundary_without_overlap(seed):
    points = scattered(seed, 200)
    zones = [f"z{k}" for k in range(9)]
    owner = [zones[k % 9] for k in range(len(points))]
    drawn = voronoi_zones(points, owner, zones, WINDOW)
    assert shapely.area(drawn).sum() == pytest.approx(WINDOW.area, rel=1e-9)
    assert shapely.union_all(drawn).symmetric_difference(WINDOW).area < 1e-6
    borders = borders_from_polygons(zones, drawn, tolerance=1e-6)
    outlines = shapely.length(drawn).sum()
    inner = 2 * 1e3 * borders["shared_km"].sum()
    assert outlines == pytest.approx(inner + WINDOW.length, abs=0.05)


def test_shared_place_goes_to_the_zone_with_most_points():
    points = np.array([[10, 10], [10, 10], [10, 10], [30, 30], [30, 10]], dtype=float)
    drawn = voronoi_zones(points, ["a", "b", "b", "a", "b"], ["a", "b"], WINDOW)
    assert drawn[1].contains(shapely.Point(10, 10))


def test_zone_with_no_other_place_keeps_a_shared_one():
    points = np.array([[10, 10], [10, 10], [10, 10], [30, 30]], dtype=float)
    drawn = voronoi_zones(points, ["b", "a", "a", "a"], ["a", "b"], WINDOW)
    assert drawn[1].contains(shapely.Point(10, 10))
    assert drawn[0].contains(shapely.Point(30, 30))


def test_zone_without_points_is_drawn_from_its_centroid():
    points = np.array([[10, 10], [30, 30]], dtype=float)
    zones = ["a", "b"]
    with pytest.raises(ValueError, match=r"1 of 2 zones have no point .* \(b\); give these zones"):
        voronoi_zones(points, ["a", "a"], zones, WINDOW)
    centroids = np.array([[np.nan, np.nan], [50, 20]])
    drawn = voronoi_zones(points, ["a", "a"], zones, WINDOW, centroids)
    assert drawn[1].contains(shapely.Point(50, 20))
    assert shapely.area(drawn).sum() == pytest.approx(WINDOW.area)


def test_points_of_other_zones_are_left_aside():
    points = np.array([[10, 10], [30, 30], [50, 20]], dtype=float)
    drawn = voronoi_zones(points, ["a", "b", "elsewhere"], ["a", "b"], WINDOW)
    assert shapely.area(drawn).sum() == pytest.approx(WINDOW.area)


def test_zone_whose_points_are_outside_is_refused():
    points = np.array([[10, 10], [1000, 1000]], dtype=float)
    with pytest.raises(ValueError, match="zone b lie outside the boundary"):
        voronoi_zones(points, ["a", "b"], ["a", "b"], WINDOW)


@pytest.mark.parametrize("seed", range(4))
def test_power_cells_are_those_of_the_least_power_distance(seed):
    rng = np.random.default_rng(seed)
    sites, weights = rng.uniform(0, 1, (25, 2)), rng.uniform(0, 0.02, 25)
    cells, pairs, lines = _power_cells(sites, weights)
    probes = rng.uniform(-0.5, 1.5, (3000, 2))
    power = ((probes[:, None] - sites[None]) ** 2).sum(axis=2) - weights
    ranked = np.sort(power, axis=1)
    clear = ranked[:, 1] - ranked[:, 0] > 1e-9
    held = shapely.contains(cells[power.argmin(axis=1)], shapely.points(probes))
    assert held[clear].all()
    for (i, j), line in zip(pairs, lines, strict=True):
        ends = shapely.get_coordinates(line)
        value = ((ends[:, None] - sites[None]) ** 2).sum(axis=2) - weights
        np.testing.assert_allclose(value[:, i], value[:, j], rtol=1e-7, atol=1e-7)


def test_equal_squares_come_out_equal():
    x, y = np.meshgrid(np.arange(5.0), np.arange(4.0))
    places = np.column_stack([x.ravel(), y.ravel()])
    cells = schematic_zones(places, np.ones(20))
    # inner cells are the unit squares themselves
    inner = ((x > 0) & (x < 4) & (y > 0) & (y < 3)).ravel()
    for cell, (a, b) in zip(cells[inner], places[inner], strict=True):
        assert cell.symmetric_difference(shapely.box(a - 0.5, b - 0.5, a + 0.5, b + 0.5)).area < 0.1
    np.testing.assert_allclose(shapely.area(cells), 1, rtol=1e-3)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(3, 30))
def test_each_centroid_lies_in_its_own_cell(seed, count):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 5e4, (count, 2))
    areas = rng.lognormal(17, 1.5, count)
    cells = schematic_zones(places, areas)
    assert shapely.contains_properly(cells, shapely.points(places)).all()
    assert shapely.area(cells).sum() > 0.999 * areas.sum()
    union = shapely.union_all(cells)
    assert union.area == pytest.approx(shapely.area(cells).sum(), rel=1e-6)


def test_areas_are_met_where_centroids_allow_it():
    rng = np.random.default_rng(3)
    x, y = np.meshgrid(np.arange(6.0), np.arange(6.0))
    places = 1e4 * np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-1e3, 1e3, (36, 2))
    areas = 1e8 * rng.uniform(0.7, 1.3, 36)
    np.testing.assert_allclose(shapely.area(schematic_zones(places, areas)), areas, rtol=5e-3)


def test_distant_zones_stay_apart():
    places = np.array([[0.0, 0.0], [1e3, 0.0], [8e4, 0.0], [8.1e4, 1e3]])
    cells = schematic_zones(places, np.full(4, 1e6))
    assert len(shapely.get_parts(shapely.union_all(cells).buffer(1))) == 2


@pytest.mark.parametrize(
    ("places", "areas", "message"),
    [
        ([[0, 0], [1, 1]], [1, 1], "at least three zones"),
        ([[0, 0], [1, 1], [1, 1]], [1, 1, 1], "same centroid"),
        ([[0, 0], [1, 1], [np.nan, 1]], [1, 1, 1], "centroid is missing"),
        ([[0, 0], [1, 1], [2, 1]], [1, 1, 0], "not above zero"),
        ([[0, 0], [1, 1], [2, 1]], [1, 1], "n areas"),
    ],
)
def test_bad_centroids(places, areas, message):
    with pytest.raises(ValueError, match=message):
        schematic_zones(np.array(places, dtype=float), np.array(areas, dtype=float))
