"""Grids of quadrats over a window."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from helpers.space import cell_of, grid, grid_size

RING = shapely.Point(0, 0).buffer(1000, 64).difference(shapely.Point(0, 0).buffer(400, 64))


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (7, 3), (40, 24)])
def test_areas_add_up_to_the_window(columns, rows):
    cells = grid(RING, columns, rows, crs="EPSG:27700")
    assert len(cells) == columns * rows
    assert cells.crs == "EPSG:27700"
    assert cells["area_km2"].sum() == pytest.approx(RING.area / 1e6, rel=1e-9)
    clipped = shapely.area(shapely.intersection(cells.geometry.to_numpy(), RING)) / 1e6
    np.testing.assert_allclose(cells["area_km2"], clipped, atol=1e-12)
    assert shapely.union_all(cells.geometry).area == pytest.approx(2000**2, rel=1e-9)


def test_order_and_centres():
    cells = grid(shapely.box(0, 0, 30, 20), 3, 2, polygons=False)
    assert cells["column"].tolist() == [0, 1, 2, 0, 1, 2]
    assert cells["row"].tolist() == [0, 0, 0, 1, 1, 1]
    assert cells["x"].tolist() == [5, 15, 25, 5, 15, 25]
    assert cells["y"].tolist() == [5, 5, 5, 15, 15, 15]
    assert cells["inside"].all()
    assert "geometry" not in cells


def test_centres_in_a_hole_are_outside():
    cells = grid(RING, 7, 7, polygons=False)
    middle = cells[(cells["column"] == 3) & (cells["row"] == 3)].iloc[0]
    assert not middle["inside"]
    radius = np.hypot(cells["x"], cells["y"])
    np.testing.assert_array_equal(cells["inside"], (radius < 1000) & (radius > 400))


def test_each_point_is_in_the_cell_it_is_given():
    points = np.random.default_rng(4).uniform(-1200, 1200, (3000, 2))
    cells = grid(RING, 9, 6)
    index = cell_of(points, RING, 9, 6)
    out = np.abs(points).max(axis=1) > 1000
    np.testing.assert_array_equal(index == -1, out)
    held = shapely.contains(cells.geometry.to_numpy()[index[~out]], shapely.points(points[~out]))
    assert held.all()


def test_points_on_lines_belong_to_one_cell():
    x, y = np.meshgrid(np.arange(4.0), np.arange(3.0))
    points = np.column_stack([x.ravel(), y.ravel()])
    index = cell_of(points, shapely.box(0, 0, 3, 2), 3, 2)
    assert index.tolist() == [0, 1, 2, 2, 3, 4, 5, 5, 3, 4, 5, 5]


def test_bad_grids():
    with pytest.raises(ValueError, match="0 × 4 quadrats is empty"):
        grid(RING, 0, 4)
    with pytest.raises(ValueError, match="no area"):
        grid(shapely.LineString([(0, 0), (1, 1)]), 2, 2)


@pytest.mark.parametrize("box", [(1000, 1000), (40_000, 700), (300, 90_000), (12_345, 6_789)])
def test_usual_grid_has_about_960_squares(box):
    columns, rows = grid_size(shapely.box(5, 7, 5 + box[0], 7 + box[1]))
    assert 850 < columns * rows < 1150
    assert box[0] / columns == pytest.approx(box[1] / rows, rel=0.15)


def test_one_side_given_makes_squares_with_it():
    box = shapely.box(0, 0, 3000, 1000)
    assert grid_size(box, columns=12) == (12, 4)
    assert grid_size(box, rows=12) == (36, 12)
    assert grid_size(box, 5, 9) == (5, 9)
    assert grid_size(box, columns=1) == (1, 1)
    with pytest.raises(ValueError, match="no area"):
        grid_size(shapely.LineString([(0, 0), (1, 1)]))
