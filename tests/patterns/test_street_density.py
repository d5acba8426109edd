"""Density along streets against values made elsewhere, the normal density, and what must hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely import LineString

from helpers.patterns import network_density
from helpers.space import street_network


def network_of(*lines):
    return street_network(gpd.GeoDataFrame(geometry=[LineString(line) for line in lines]))


@pytest.mark.parametrize(("name", "width"), [("hand9", 20), ("hand9", 50), ("chicago", 150)])
def test_values_are_those_made_elsewhere(shared, name, width):
    folder = shared / "reference" / "second" / "4_network" / name
    vertices = pd.read_csv(folder / "vertices.csv")[["x", "y"]].to_numpy()
    edges = pd.read_csv(folder / "edges.csv")[["from", "to"]].to_numpy()
    lines = [LineString(vertices[edge]) for edge in edges]
    network = street_network(gpd.GeoDataFrame(geometry=lines), tolerance=1e-5)
    points = pd.read_csv(folder / "points.csv")[["x", "y"]].to_numpy()
    places = pd.read_csv(folder / "locations.csv")[["x", "y"]].to_numpy()
    at_places = pd.read_csv(folder / "heat_at_locations.csv")[f"density_{width}"]
    at_points = pd.read_csv(folder / "heat_at_points.csv")
    found = network_density(network, points, width, places)
    assert np.abs(found - at_places).max() <= 1e-5 * at_places.max()
    found = network_density(network, points, width)
    assert np.abs(found - at_points[f"all_{width}"]).max() <= 1e-5 * found.max()
    if name == "hand9":
        found = network_density(network, points, width, leave_one_out=True)
        theirs = at_points[f"leave_one_out_{width}"]
        assert np.abs(found - theirs).max() <= 1e-5 * theirs.max()


def test_it_is_the_normal_density_on_one_long_street():
    x = np.linspace(300, 700, 21)
    network = network_of([(0, 0), (400, 0), (1000, 0)])
    found = network_density(network, [[500, 3]], 40, np.column_stack([x, 0 * x]))
    assert found == pytest.approx(stats.norm.pdf(x, 500, 40), abs=1e-6 * found.max())


def test_a_crossing_parts_what_flows_and_nothing_is_lost():
    arms = [(300, 0), (-300, 0), (0, 300), (0, -300)]
    network = network_of(*([(0, 0), arm] for arm in arms))
    step = np.arange(0.5, 300)
    along = [np.outer(step, np.array(arm) / 300) for arm in arms]
    found = network_density(network, [[100, 0], [100, 0]], 60, np.concatenate(along))
    assert found.sum() == pytest.approx(2, rel=1e-5)
    own, *others = found.reshape(4, -1)
    assert all(other == pytest.approx(others[0]) for other in others)
    # of k streets each of the others gets 2/k of what would go straight on, far from all ends
    assert others[0][20] == pytest.approx(2 * 0.5 * stats.norm.pdf(120.5, 0, 60), rel=1e-2)
    assert own.max() == pytest.approx(found.max())


def test_leaving_out_is_leaving_out():
    network = network_of([(0, 0), (200, 0), (200, 150)], [(200, 0), (400, 0)])
    points = np.array([[30.0, 0], [150, 0], [150, 0], [200, 90]])
    found = network_density(network, points, 35, leave_one_out=True)
    each = [network_density(network, np.delete(points, k, axis=0), 35, points[k : k + 1])[0]
            for k in range(4)]  # fmt: skip
    assert found == pytest.approx(each, rel=2e-4)


def test_refuses_what_it_cannot_do():
    network = network_of([(0, 0), (200, 0)])
    with pytest.raises(ValueError, match="needs a point"):
        network_density(network, np.empty((0, 2)), 20)
    with pytest.raises(ValueError, match="bandwidth"):
        network_density(network, [[0, 0]], 0)
    with pytest.raises(ValueError, match="no other places"):
        network_density(network, [[0, 0]], 20, [[1, 0]], leave_one_out=True)
