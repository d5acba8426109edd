"""Zones drawn from points lie in one piece each."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.space import voronoi_zones
from helpers.space.pieces import one_part_each

WINDOW = shapely.Polygon([(0, 0), (1000, 0), (1000, 400), (600, 400), (600, 1000), (0, 1000)])


def mixed(seed, count, zones):
    """Points in the window, their zones drawn without regard to place: many pieces."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 1000, (4 * count, 2))
    points = points[shapely.contains_xy(WINDOW, points)][:count]
    owner = np.append(np.arange(zones), rng.integers(0, zones, len(points) - zones))
    return points, owner


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), zones=st.integers(2, 12))
def test_zones_are_one_piece_each_and_cover_without_overlap(seed, zones):
    points, owner = mixed(seed, 80, zones)
    names = [f"z{k}" for k in range(zones)]
    drawn = voronoi_zones(points, [names[k] for k in owner], names, WINDOW)
    assert (shapely.get_type_id(drawn) == 3).all()
    assert shapely.is_valid(drawn).all()
    assert shapely.area(drawn).sum() == pytest.approx(WINDOW.area, rel=1e-9)
    assert shapely.union_all(drawn).symmetric_difference(WINDOW).area < 1e-4


def strip(*widths):
    """Boxes side by side, 10 m high."""
    ends = np.cumsum([0, *widths])
    return [shapely.box(a, 0, b, 10) for a, b in itertools.pairwise(ends)]


def test_the_piece_with_most_points_stays_though_another_is_larger():
    large, other, small = strip(60, 10, 20)
    zones = np.array([shapely.MultiPolygon([large, small]), other])
    places = np.array([[5.0, 5.0], [65.0, 5.0], [80.0, 5.0]])
    found = one_part_each(zones, places, np.array([0, 1, 0]), np.array([1, 1, 2]))
    assert [zone.bounds for zone in found] == [(70, 0, 90, 10), (0, 0, 70, 10)]
    equal = one_part_each(zones, places, np.array([0, 1, 0]), np.array([2, 1, 2]))
    assert [zone.bounds for zone in equal] == [(0, 0, 60, 10), (60, 0, 90, 10)]


def test_a_piece_goes_where_its_border_is_longest():
    # the piece of zone 0 at the right touches zone 1 along 10 m and zone 2 along 20 m
    home, middle, piece = strip(30, 30, 20)
    above = shapely.box(55, 10, 80, 20)
    zones = np.array([shapely.MultiPolygon([home, piece]), middle, above])
    places = np.array([[5.0, 5.0], [45.0, 5.0], [60.0, 15.0]])
    found = one_part_each(zones, places, np.arange(3), np.ones(3))
    assert found[2].area == above.area + piece.area
    assert found[1].area == middle.area


def test_pieces_behind_pieces_follow():
    # from the left: 0, then 1, then pieces of 0 and of 1 that no kept part of another touches
    a, b, c, d = strip(30, 40, 20, 10)
    zones = np.array([shapely.MultiPolygon([a, c]), shapely.MultiPolygon([b, d])])
    places = np.array([[5.0, 5.0], [45.0, 5.0]])
    found = one_part_each(zones, places, np.array([0, 1]), np.ones(2))
    assert found[0].equals(a)
    assert found[1].equals(shapely.box(30, 0, 100, 10))


def test_an_island_stays_with_its_zone():
    home, other = strip(30, 30)
    island = shapely.box(200, 0, 220, 10)
    zones = np.array([shapely.MultiPolygon([home, island]), other])
    found = one_part_each(zones, np.array([[5.0, 5.0], [45.0, 5.0]]), np.arange(2), np.ones(2))
    assert shapely.area(found).tolist() == [500, 300]


def test_leeds_zones_are_one_piece_each():
    # 92 of 482 were in several
    from helpers.compendium import find_city

    town = find_city("leeds")
    shapes = town.layer("zones").geometry.to_numpy()
    assert (shapely.get_type_id(shapes) == 3).all()
    boundary = town.layer("boundary").geometry.iloc[0]
    assert shapely.area(shapes).sum() == pytest.approx(boundary.area, rel=1e-9)
