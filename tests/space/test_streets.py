"""Street distances against networkx, closed forms on a grid city, and the geodanet streets."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from libpysal.examples import get_path
from shapely import LineString

from helpers.space import read_graphml, street_distances, street_network, with_speeds


def grid_city(columns=5, rows=4, block=100.0, oneway_rows=True):
    """Streets every `block` metres; rows alternate one way east, one way west."""
    lines, oneway = [], []
    for r in range(rows):
        for c in range(columns - 1):
            a, b = (c * block, r * block), ((c + 1) * block, r * block)
            lines.append(LineString([a, b] if r % 2 == 0 else [b, a]))
            oneway.append(oneway_rows)
    for c in range(columns):
        for r in range(rows - 1):
            lines.append(LineString([(c * block, r * block), (c * block, (r + 1) * block)]))
            oneway.append(False)
    return gpd.GeoDataFrame({"oneway": oneway}, geometry=lines, crs="EPSG:32630")


def test_two_way_grid_is_manhattan():
    city = street_network(grid_city(oneway_rows=False))
    xy = np.array([[c * 100.0, r * 100.0] for c in range(5) for r in range(4)])
    expected = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    assert np.allclose(street_distances(city, xy), expected, atol=1e-6)


def test_one_way_streets_agree_with_networkx():
    frame = grid_city()
    graph = nx.DiGraph()
    for line, oneway in zip(frame.geometry, frame.oneway, strict=True):
        a, b = line.coords
        graph.add_edge(a, b, weight=line.length)
        if not oneway:
            graph.add_edge(b, a, weight=line.length)
    nodes = sorted(graph)
    found = street_distances(street_network(frame), np.array(nodes))
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    expected = np.array([[lengths[site][node] for site in nodes] for node in nodes])
    assert np.allclose(found, expected, atol=1e-6)
    assert not np.allclose(found, found.T)


def test_points_on_one_street_and_access():
    city = street_network(grid_city(oneway_rows=False))
    d = street_distances(city, [[30.0, 10.0]], [[70.0, 5.0]])
    assert d[0, 0] == pytest.approx(40 + 10 + 5)
    assert street_distances(city, [[30.0, 10.0]], [[70.0, 5.0]], access=False)[
        0, 0
    ] == pytest.approx(40)


def test_two_places_on_one_spot_of_a_street():
    city = street_network(grid_city(oneway_rows=False))
    d = street_distances(city, [[30.0, 10.0], [30.0, 4.0]], [[30.0, 0.0]], access=False)
    assert d.ravel().tolist() == [0.0, 0.0]


def test_one_way_street_forces_the_way_round():
    city = street_network(grid_city())
    # row 0 runs east: from (70, 0) back to (30, 0) round the block through row 1
    back = street_distances(city, [[30.0, 0.0]], [[70.0, 0.0]])[0, 0]
    assert back == pytest.approx(30 + 100 + 100 + 100 + 30)


def test_travel_time_uses_the_speed_of_each_street():
    frame = gpd.GeoDataFrame(
        {"speed_kmh": [60.0, 30.0]},
        geometry=[LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (1000, 500)])],
    )
    minutes = street_distances(street_network(frame), [[1000, 500]], [[0, 0]], weight="time")
    assert minutes[0, 0] == pytest.approx(1.0 + 1.0)


def test_length_column_replaces_the_drawn_length():
    frame = gpd.GeoDataFrame({"length_m": [250.0]}, geometry=[LineString([(0, 0), (100, 0)])])
    assert street_distances(street_network(frame), [[50, 0]], [[0, 0]])[0, 0] == pytest.approx(125)


def test_unreachable_nodes_are_named():
    frame = gpd.GeoDataFrame(
        geometry=[LineString([(0, 0), (100, 0)]), LineString([(0, 900), (100, 900)])]
    )
    net = street_network(frame)
    with pytest.raises(ValueError, match=r"1 of 2 demand nodes .*nodes 1"):
        street_distances(net, [[10, 0], [10, 900]], [[50, 0]])
    d = street_distances(net, [[10, 0], [10, 900]], [[50, 0]], unreachable="inf")
    assert d[0, 0] == pytest.approx(40)
    assert np.isinf(d[1, 0])


def test_degrees_are_refused():
    frame = gpd.GeoDataFrame(geometry=[LineString([(-1.5, 53.8), (-1.4, 53.8)])], crs="EPSG:4326")
    with pytest.raises(ValueError, match="degrees"):
        street_network(frame)


def test_geodanet_crimes_agree_with_networkx():
    streets = gpd.read_file(get_path("streets.shp"))
    crimes = gpd.read_file(get_path("crimes.shp"))
    net = street_network(streets)
    graph = nx.Graph()
    for (u, v), length in zip(net.segments, net.length, strict=True):
        if not graph.has_edge(u, v) or graph[u][v]["weight"] > length:
            graph.add_edge(u, v, weight=length)
    assert nx.number_connected_components(graph) == 1
    nodes = [0, 57, 120, 200]
    found = street_distances(net, net.nodes[nodes])
    for a, i in enumerate(nodes):
        reach = nx.single_source_dijkstra_path_length(graph, i)
        assert np.allclose(found[:, a], [reach[j] for j in nodes], rtol=1e-9, atol=1e-5)
    xy = np.column_stack([crimes.geometry.x, crimes.geometry.y])[:40]
    d = street_distances(net, xy)
    straight = np.hypot(*(xy[:, None] - xy[None]).T).T
    assert (d >= straight - 1e-6).all()
    assert np.allclose(d, d.T)


def test_graphml_as_osmnx_writes_it(tmp_path):
    graph = nx.MultiDiGraph(crs="EPSG:32630")
    for k, (x, y) in enumerate([(0, 0), (100, 0), (100, 100)]):
        graph.add_node(k, x=str(x), y=str(y))
    graph.add_edge(0, 1, length="100.0", oneway="False", maxspeed="50")
    graph.add_edge(1, 0, length="100.0", oneway="False", maxspeed="50")
    bend = LineString([(100, 0), (150, 50), (100, 100)]).wkt
    graph.add_edge(1, 2, length="141.4213562373095", oneway="True", geometry=bend)
    path = tmp_path / "town.graphml"
    nx.write_graphml(graph, path)
    net = read_graphml(path)
    assert net.oneway.sum() == 2  # the bend's two segments
    assert np.nanmax(net.speed) == 50
    d = street_distances(net, [[100, 100], [0, 0]], [[0, 0]])
    assert d[:, 0] == pytest.approx([100 + 141.4213562373095, 0])
    with pytest.raises(ValueError, match="cannot be reached"):
        street_distances(net, [[0, 0]], [[100, 100]])


def test_streets_get_their_own_speed_or_that_of_their_class():
    streets = gpd.GeoDataFrame(
        {"speed_kmh": [50, np.nan, np.nan, np.nan], "class": ["service", "trunk_link", "", "path"]},
        geometry=[LineString([(0, k), (9, k)]) for k in range(4)],
    )
    found = with_speeds(streets, 20)
    assert found["speed_kmh"].tolist() == [50, 70, 20, 20]
    assert found["speed_from"].tolist() == ["stated", "class", "assumed", "assumed"]
    bare = with_speeds(streets[["geometry"]], 25)
    assert set(bare["speed_kmh"]) == {25}
    with pytest.raises(ValueError, match="not above zero"):
        with_speeds(streets.assign(speed_kmh=[0, 1, 1, 1]))
    with pytest.raises(ValueError, match="speed"):
        with_speeds(streets, 0)
