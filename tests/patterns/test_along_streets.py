"""K along streets against values made elsewhere, networkx, spaghetti, and known truth."""

import warnings
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from helpers.patterns import (
    network_envelope,
    network_k,
    network_pair_correlation,
    random_street_places,
)
from helpers.space import snap_to_streets, street_distances, street_network


def lattice(columns=5, rows=4, block=100.0, shift=0.0):
    rng = np.random.default_rng(8)
    at = {
        (c, r): np.array([c, r]) * block + rng.uniform(-shift, shift, 2)
        for c in range(columns)
        for r in range(rows)
    }
    lines = [
        LineString([at[c, r], at[other]])
        for c, r in at
        for other in ((c + 1, r), (c, r + 1))
        if other in at
    ]
    return street_network(gpd.GeoDataFrame(geometry=lines))


@pytest.mark.parametrize(("name", "strict"), [("hand9", True), ("chicago", False)])
def test_values_are_those_made_elsewhere(shared, name, strict):
    folder = shared / "reference" / "second" / "4_network" / name
    vertices = pd.read_csv(folder / "vertices.csv")[["x", "y"]].to_numpy()
    edges = pd.read_csv(folder / "edges.csv")[["from", "to"]].to_numpy()
    lines = [LineString(vertices[edge]) for edge in edges]
    network = street_network(gpd.GeoDataFrame(geometry=lines), tolerance=1e-5)
    points = pd.read_csv(folder / "points.csv")
    places = points[["x", "y"]].to_numpy()
    pairs = pd.read_csv(folder / "pair_distances.csv")
    ways = street_distances(network, places, access=False, unreachable="inf")
    # coordinates of the files are rounded, and so are the ends of the streets, by up to 1e-5
    assert ways[pairs["i"], pairs["j"]] == pytest.approx(pairs["d"], abs=2e-3)
    expected = pd.read_csv(folder / "K.csv")
    corrections = {"none": 1e-9, "geometric": 1e-9 if strict else 3e-3}
    for power, ending in ((None, "K"), (0, "Kinhom"), (1, "Kinhom_norm1"), (2, "Kinhom_norm2")):
        weights = {} if power is None else {"intensity": points["lambda"], "normalise": power}
        found = network_k(network, places, expected["r"], **weights)
        for column, relative in corrections.items():
            theirs = expected[f"{ending}_{'Ang' if column == 'geometric' else 'none'}"]
            tolerance = relative * theirs.max()
            assert found[column].to_numpy() == pytest.approx(theirs, abs=tolerance)
    bandwidth = 15 if name == "hand9" else 30
    for column, weights in (
        ("pcf_Ang", {}),
        ("pcfinhom_norm1_Ang", {"intensity": points["lambda"]}),
    ):
        found = network_pair_correlation(network, places, bandwidth, expected["r"], **weights)
        tolerance = (1e-7 if strict else 5e-3) * expected[column].max()
        assert found["geometric"].to_numpy() == pytest.approx(expected[column], abs=tolerance)


def graph_with_points(network, segment, along):
    """The network as a graph whose nodes are crossings and points, for networkx."""
    graph = nx.Graph()
    for s, (a, b) in enumerate(network.segments):
        on = sorted([(along[i], f"p{i}") for i in np.flatnonzero(segment == s)])
        chain = [(0.0, int(a)), *on, (1.0, int(b))]
        for (t, u), (v, w) in pairwise(chain):
            graph.add_edge(u, w, weight=(v - t) * network.length[s])
    return graph


def places_at(graph, source, d):
    """Places exactly d from a node, street by street."""
    way = nx.single_source_dijkstra_path_length(graph, source)
    count = 0
    for u, w, data in graph.edges(data=True):
        length = data["weight"]
        # going in from either end up to where the two ways meet
        for near, far in ((u, w), (w, u)):
            into = d - way[near]
            count += 0 <= into < length and way[near] + into < way[far] + length - into
    return count


def test_k_is_that_of_networkx_with_repeated_places():
    network = lattice(4, 3, shift=20)
    rng = np.random.default_rng(3)
    places = random_street_places(network, 14, seed=1)
    places = np.vstack([places, places[:4], places[:2]])
    segment, along, away = snap_to_streets(network, places)
    assert away.max() < 1e-9
    graph = graph_with_points(network, segment, along)
    ways = dict(nx.all_pairs_dijkstra_path_length(graph))
    r = np.sort(rng.uniform(0, 400, 15))
    v = 1 / rng.uniform(0.01, 0.04, 20)
    none, geometric, weighed = (np.zeros(15) for _ in range(3))
    for i in range(20):
        for j in range(20):
            if i != j:
                d = ways[f"p{i}"][f"p{j}"]
                # just beyond, which at the point itself are the two ways that begin there
                m = places_at(graph, f"p{i}", d + 1e-7)
                none += d <= r
                geometric += (d <= r) / m
                weighed += (d <= r) * v[i] * v[j] / m
    length = network.length.sum()
    found = network_k(network, places, r)
    assert found["none"].to_numpy() == pytest.approx(length / 380 * none)
    assert found["geometric"].to_numpy() == pytest.approx(length / 380 * geometric)
    found = network_k(network, places, r, intensity=1 / v, normalise=2)
    assert found["geometric"].to_numpy() == pytest.approx(
        weighed / length * (length / v.sum()) ** 2
    )


def test_k_without_correction_is_spaghettis():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import spaghetti

        network = lattice(4, 4, shift=25)
        ends = network.nodes[network.segments]
        streets = spaghetti.Network(
            in_data=gpd.GeoDataFrame(geometry=[LineString(e) for e in ends])
        )
        places = random_street_places(network, 25, seed=4)
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T))
        streets.snapobservations(points, "events")
        ways = np.asarray(streets.allneighbordistances("events", fill_diagonal=np.inf))
    r = np.linspace(3, 500, 20)
    expected = [(ways <= limit).sum() for limit in r]
    found = network_k(network, places, r, "none")["none"].to_numpy()
    assert found * 25 * 24 / network.length.sum() == pytest.approx(expected)


def test_points_at_random_have_r_on_any_network_and_clustered_ones_more():
    """Of 20 random patterns at most three are called clustered (0.98 at 5 %); the clustered one is."""
    network = lattice(5, 5, shift=30)
    r = np.arange(0, 160, 10.0)
    curves = [
        network_k(network, random_street_places(network, 120, seed=k), r)["geometric"]
        for k in range(40)
    ]
    assert np.mean(curves, axis=0)[5:] == pytest.approx(r[5:], rel=0.08)
    p = [
        network_envelope(
            network, random_street_places(network, 60, seed=k), r, simulations=39, seed=k
        ).p_value
        for k in range(20)
    ]
    assert np.sum(np.array(p) <= 0.05) <= 3
    centres = random_street_places(network, 12, seed=1)
    spread = np.random.default_rng(1).normal(0, 8, (60, 2))
    clustered = network_envelope(
        network, np.repeat(centres, 5, axis=0) + spread, r, simulations=39, seed=2
    )
    assert clustered.p_value == 1 / 40
    assert (clustered.table["observed"] > clustered.table["global_high"])[2:6].all()
    again = network_envelope(
        network, np.repeat(centres, 5, axis=0) + spread, r, simulations=39, seed=2, jobs=2
    )
    pd.testing.assert_frame_equal(again.table, clustered.table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": [[1, 2]]}, "two points, got 1"),
        ({"points": [[1, 2], [1, 2]]}, "two different places"),
        ({"intensity": [1.0]}, "2 positive numbers"),
        ({"intensity": [1.0, -1.0]}, "2 positive numbers"),
        ({"normalise": 5}, "power 0, 1 or 2"),
        ({"corrections": "isotropic"}, "corrections are among"),
        ({"points": [[1, np.nan], [1, 2]]}, "finite pairs"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    usual = {"network": lattice(), "points": [[10, 0], [50, 100]]}
    with pytest.raises(ValueError, match=message):
        network_k(**usual | change)
