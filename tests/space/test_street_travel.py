"""What hangs together and what travels where on streets, against networkx and conservation."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from libpysal.examples import get_path
from scipy import sparse
from shapely import LineString

from helpers.space import (
    StreetNetwork,
    connected_part,
    street_distances,
    street_flow,
    street_network,
)


@pytest.fixture(scope="module")
def geodanet():
    return street_network(gpd.read_file(get_path("streets.shp")))


def lines(*ends, oneway=None):
    frame = gpd.GeoDataFrame(geometry=[LineString(pair) for pair in ends])
    return street_network(frame if oneway is None else frame.assign(oneway=oneway))


def as_digraph(network) -> nx.DiGraph:
    graph = nx.DiGraph()
    for (u, v), length, oneway in zip(
        network.segments, network.length, network.oneway, strict=True
    ):
        for a, b in [(u, v)] if oneway else [(u, v), (v, u)]:
            if not graph.has_edge(a, b) or graph[a][b]["weight"] > length:
                graph.add_edge(a, b, weight=length)
    return graph


def test_streets_of_one_piece_are_kept_whole(geodanet):
    part = connected_part(geodanet)
    assert (part.left_out, part.pieces) == (0.0, 1)
    assert part.length == pytest.approx(geodanet.length.sum())
    np.testing.assert_array_equal(part.network.segments, geodanet.segments)


def test_the_longest_part_is_kept_not_the_one_of_most_segments():
    crumbs = [((0, 50), (1, 50)), ((1, 50), (2, 50)), ((2, 50), (3, 50))]
    part = connected_part(lines(((0, 0), (100, 0)), *crumbs))
    assert part.network.length.tolist() == [100.0]
    assert part.left_out == pytest.approx(3 / 103)
    assert part.pieces == 2


def test_a_street_that_only_leads_out_is_left_out():
    square = [((0, 0), (9, 0)), ((9, 0), (9, 9)), ((9, 9), (0, 9)), ((0, 9), (0, 0))]
    out = ((9, 9), (9, 30))
    network = lines(*square, out, oneway=[True] * 5)
    part = connected_part(network)
    assert sorted(part.network.length.tolist()) == [9.0] * 4
    assert part.pieces == 1  # one piece on the map, and no way back
    assert part.left_out == pytest.approx(21 / 57)
    with pytest.raises(ValueError, match="cannot be reached"):
        street_distances(network, [[1, 0], [9, 29]])
    assert np.isfinite(street_distances(part.network, [[1, 0], [9, 29]])).all()


def test_the_part_is_the_largest_strong_component_of_networkx():
    generator = np.random.default_rng(5)
    ends = generator.integers(0, 7, (40, 2, 2)) * 100.0
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    network = lines(*ends, oneway=generator.random(len(ends)) < 0.7)
    graph = as_digraph(network)
    lengths = []
    for members in nx.strongly_connected_components(graph):
        inside = np.isin(network.segments, list(members)).all(axis=1)
        lengths.append(network.length[inside].sum())
    part = connected_part(network)
    assert part.network.length.sum() == pytest.approx(max(lengths))
    assert part.pieces == nx.number_weakly_connected_components(graph)
    assert 0 < part.left_out < 1


def test_flow_on_geodanet_is_that_of_shortest_paths_of_networkx(geodanet):
    generator = np.random.default_rng(3)
    sites, nodes = [5, 90, 180], np.arange(0, len(geodanet.nodes), 3)
    amount = generator.integers(1, 6, len(nodes)).astype(float)
    graph = as_digraph(geodanet).to_undirected()
    far = np.array(
        [[nx.shortest_path_length(graph, s, n, weight="weight") for s in sites] for n in nodes]
    )
    served = far.argmin(axis=1)
    flow = street_flow(geodanet, geodanet.nodes[nodes], geodanet.nodes[sites], served, amount)
    # every unit travels its shortest way, no more and no less
    assert flow.amount @ flow.length == pytest.approx(amount @ far.min(axis=1))
    np.testing.assert_allclose(
        np.hypot(*(flow.lines[:, 0] - flow.lines[:, 1]).T), flow.length, rtol=1e-6
    )
    # and each piece is one of theirs, or a part of one
    carried = {}
    for node, site, much in zip(nodes, served, amount, strict=True):
        way = nx.shortest_path(graph, sites[site], node, weight="weight")
        for piece in pairwise(way):
            key = frozenset(piece)
            carried[key] = carried.get(key, 0.0) + much
    assert flow.amount.max() == max(carried.values())
    assert sorted(flow.amount) == sorted(carried.values())


def test_each_way_begins_at_its_site_and_ends_at_its_node(geodanet):
    """What leaves minus what arrives at a point is what its node demands."""
    generator = np.random.default_rng(8)
    xy = generator.uniform(geodanet.nodes.min(axis=0), geodanet.nodes.max(axis=0), (60, 2))
    amount = generator.integers(0, 4, 60).astype(float)
    far = street_distances(geodanet, xy, xy[:4])
    served = far.argmin(axis=1)
    flow = street_flow(geodanet, xy, xy[:4], served, amount)
    on_streets = street_distances(geodanet, xy, xy[:4], access=False).min(axis=1)
    straight = (
        far.min(axis=1)
        - np.take_along_axis(
            street_distances(geodanet, xy, xy[:4], access=False), served[:, None], axis=1
        ).ravel()
    )
    assert flow.amount @ flow.length == pytest.approx(amount @ (far.min(axis=1) - straight))
    assert flow.amount @ flow.length >= amount @ on_streets - 1e-6
    assert flow.amount.max() <= amount.sum()


def test_one_way_streets_are_driven_in_their_direction_only():
    square = [((0, 0), (9, 0)), ((9, 0), (9, 9)), ((9, 9), (0, 9)), ((0, 9), (0, 0))]
    network = lines(*square, oneway=[True] * 4)
    flow = street_flow(network, [[0, 0]], [[9, 0]], [0], [2.0])
    assert flow.amount.tolist() == [2.0] * 3
    assert flow.length.sum() == 27


def test_a_node_out_of_reach_is_refused():
    network = lines(((0, 0), (9, 0)), ((0, 9), (9, 9)))
    with pytest.raises(ValueError, match="site 0 does not reach"):
        street_flow(network, [[0, 9]], [[0, 0]], [0], [1.0])


def test_searching_from_the_shorter_side_changes_no_distance(geodanet, monkeypatch):
    """Also with one-way streets, and a few sources at a time."""
    oneway = np.random.default_rng(1).random(len(geodanet.length)) < 0.2
    part = connected_part(
        type(geodanet)(geodanet.nodes, geodanet.segments, geodanet.length, geodanet.speed, oneway)
    ).network
    xy = geodanet.nodes[::9] + 3.0
    whole = street_distances(part, xy)
    assert not np.allclose(whole, whole.T)
    np.testing.assert_allclose(street_distances(part, xy[:4], xy), whole[:4])
    np.testing.assert_allclose(street_distances(part, xy, xy[:4]), whole[:, :4])
    monkeypatch.setattr("helpers.space.streets.HELD", 1)
    np.testing.assert_allclose(street_distances(part, xy[:4], xy), whole[:4])


def town(seed: int):
    """Streets in several parts, some one way, some without length, with parallel ways."""
    rng = np.random.default_rng(seed)
    across, up = np.meshgrid(np.arange(12), np.arange(12))
    corners = 100 * np.column_stack([across.ravel(), up.ravel()]) + rng.uniform(-30, 30, (144, 2))
    number = np.arange(144).reshape(12, 12)
    pieces = np.r_[
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        rng.integers(0, 144, (20, 2)),
    ]
    pieces = pieces[(pieces[:, 0] != pieces[:, 1]) & (rng.random(len(pieces)) < 0.7)]
    length = np.hypot(*(corners[pieces[:, 1]] - corners[pieces[:, 0]]).T)
    length[rng.random(len(pieces)) < 0.05] = 0.0
    oneway = rng.random(len(pieces)) < 0.3
    return StreetNetwork(corners, pieces, length, np.full(len(pieces), np.nan), oneway)


@pytest.mark.parametrize("seed", range(4))
def test_contracted_streets_have_the_ways_of_dijkstra(seed, monkeypatch):
    network = town(seed)
    xy = network.nodes[np.random.default_rng(seed).integers(0, 144, 90)] + [20.0, 5.0]
    how = {"unreachable": "inf", "access": False}
    contracted = street_distances(network, xy, **how)
    monkeypatch.setattr("helpers.space.streets.MANY", np.inf)
    one_by_one = street_distances(network, xy, **how)
    assert not np.allclose(one_by_one, one_by_one.T)
    np.testing.assert_array_equal(np.isinf(contracted), np.isinf(one_by_one))
    np.testing.assert_allclose(contracted, one_by_one, rtol=1e-12, atol=1e-9)


def test_streets_that_cannot_be_contracted_are_searched_one_by_one(geodanet, monkeypatch):
    """A pattern without the arcs that contraction adds."""

    def plain(graph):
        linked = (graph + graph.T).tocsc()
        return sparse.tril(linked, -1, format="csc"), np.arange(graph.shape[0])

    xy = geodanet.nodes[:80] + 3.0
    expected = street_distances(geodanet, xy)
    monkeypatch.setattr("helpers.space._contracted._factor", plain)
    np.testing.assert_allclose(street_distances(geodanet, xy), expected, rtol=1e-12, atol=1e-9)
