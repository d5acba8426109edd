"""Plans along streets: libpysal's geodanet, and a generated grid city with one-way streets."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from libpysal.examples import get_path
from shapely import LineString

from helpers.location import certify, p_median, travel, verify
from helpers.space import street_distances, street_network

BLOCK = 100.0


def one_way_city(columns: int, rows: int):
    """Rows of streets alternate one way east and one way west; all others run both ways."""
    lines, oneway = [], []
    for r in range(rows):
        for c in range(columns - 1):
            ends = [(c * BLOCK, r * BLOCK), ((c + 1) * BLOCK, r * BLOCK)]
            lines.append(LineString(ends if r % 2 == 0 else ends[::-1]))
            oneway.append(True)
    for c in range(columns):
        for r in range(rows - 1):
            lines.append(LineString([(c * BLOCK, r * BLOCK), (c * BLOCK, (r + 1) * BLOCK)]))
            oneway.append(False)
    streets = gpd.GeoDataFrame({"oneway": oneway}, geometry=lines, crs="EPSG:32630")
    corners = np.array([[c * BLOCK, r * BLOCK] for r in range(rows) for c in range(columns)])
    return street_network(streets), corners


def test_one_way_city_is_solved_to_the_best_of_all_plans():
    network, corners = one_way_city(5, 4)
    distance = street_distances(network, corners)
    assert not np.allclose(distance, distance.T)
    demand = np.random.default_rng(2).integers(0, 6, len(corners)).astype(float)
    for p in (1, 2, 3):
        best = min(
            demand @ distance[:, list(plan)].min(axis=1)
            for plan in combinations(range(len(corners)), p)
        )
        proof = certify(demand, distance, p)
        assert proof.solution.objective == pytest.approx(best)
        assert verify(proof.proof, demand, distance, patrols=p)[0] == pytest.approx(best)
    # the patrol drives to the crime: the way back would be another plan's cost
    assert travel(demand, distance, [0]) != pytest.approx(travel(demand, distance.T, [0]))


def test_geodanet_crimes_from_street_corners():
    network = street_network(gpd.read_file(get_path("streets.shp")))
    crimes = gpd.read_file(get_path("crimes.shp"))
    xy = np.column_stack([crimes.geometry.x, crimes.geometry.y])
    distance = street_distances(network, xy, network.nodes)
    demand = np.ones(len(xy))
    straight = np.hypot(*(xy[:, None] - network.nodes[None]).T).T
    assert (distance >= straight - 1e-6).all()
    plan = p_median(demand, distance, 4)
    assert plan.proven
    # HiGHS on the paper's equations, 60 of the crimes
    few, sites = slice(0, 60), np.unique(np.r_[plan.sites, np.arange(0, len(network.nodes), 6)])
    small = distance[few][:, sites]
    theirs = p_median(demand[few], small, 4, method="pyomo", solver="highs")
    assert p_median(demand[few], small, 4).objective == pytest.approx(theirs.objective, rel=1e-9)
    # posts chosen by straight line cannot be nearer along the streets
    flat = p_median(demand, straight, 4)
    assert travel(demand, distance, flat.sites) >= plan.objective


def test_unreachable_demand_is_named_before_any_solving():
    streets = gpd.GeoDataFrame(
        geometry=[LineString([(0, 0), (100, 0)]), LineString([(0, 900), (100, 900)])]
    )
    places = [[0, 0], [100, 0], [50, 900]]
    with pytest.raises(ValueError, match=r"demand nodes cannot be reached.*nodes 0, 1, 2"):
        street_distances(street_network(streets), places)
    distance = street_distances(street_network(streets), places, unreachable="inf")
    with pytest.raises(ValueError, match="split the demand into 2 parts"):
        p_median([1, 1, 1], distance, 1)
