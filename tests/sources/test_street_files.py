"""Extracts of OpenStreetMap and what OSMnx writes: segments, directions, speeds and classes."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pytest
import shapely

from helpers.sources import SourceError, read_street_file, street_segments
from helpers.space import street_distances, street_network

# a high street of two blocks, a one-way street drawn against its direction, a roundabout, a path
PLACES = {
    1: (0, 0),
    2: (0.01, 0),
    3: (0.02, 0),
    4: (0.01, 0.01),
    5: (0.02, 0.01),
    6: (0.03, 0),
    7: (0.04, 0),
    8: (0.1, 0),
    9: (0.11, 0),
    10: (0.12, 0),
    11: (0.11, 0.01),
    12: (0.11, -0.01),
}
WAYS = [
    (10, (1, 2, 3), {"highway": "secondary", "maxspeed": "30 mph"}),
    (11, (4, 2), {"highway": "residential", "oneway": "-1", "maxspeed": "20"}),
    (12, (3, 5, 6, 3), {"highway": "tertiary", "junction": "roundabout"}),
    (13, (1, 4), {"highway": "footway"}),
    (14, (1, 4), {"highway": "service", "service": "driveway"}),
    (15, (1, 4), {"highway": "residential", "access": "private"}),
    (16, (6, 7), {"highway": "service"}),
    (17, (7, 99), {"highway": "residential"}),  # 99 lies beyond the extract
    (18, (4, 5), {"railway": "rail"}),
    (19, (8, 9, 10), {"highway": "trunk"}),  # two that cross
    (20, (11, 9, 12), {"highway": "trunk"}),
]  # fmt: skip


def extract(path):
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in PLACES.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, version=1))
        for number, nodes, tags in WAYS:
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags, version=1))
    return path


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf", ".osm.gz", ".osm.bz2"])
def test_an_extract(tmp_path, suffix):
    found = read_street_file(extract(tmp_path / f"town{suffix}"), "town.osm").frame
    drawn = {
        tuple(map(tuple, np.round(shapely.get_coordinates(line), 6).tolist()))
        for line in found.geometry
    }
    at = {number: tuple(map(float, place)) for number, place in PLACES.items()}
    assert drawn == {
        (at[1], at[2]), (at[2], at[3]),  # cut at the crossing
        (at[2], at[4]),  # turned into its direction
        (at[3], at[5], at[6]), (at[6], at[3]),  # the roundabout, cut where the service way leaves
        (at[6], at[7]),
        (at[8], at[9]), (at[9], at[10]), (at[11], at[9]), (at[9], at[12]),
    }  # fmt: skip
    table = found.set_index(found["class"] + found["oneway"].astype(str))
    assert set(table.index) == {
        "secondaryFalse",
        "residentialTrue",
        "tertiaryTrue",
        "serviceFalse",
        "trunkFalse",
    }
    assert table["speed_kmh"]["secondaryFalse"].tolist() == [48.28, 48.28]
    assert table["speed_kmh"]["residentialTrue"] == 20 and np.isnan(
        table["speed_kmh"]["serviceFalse"]
    )


def test_only_the_area_of_the_city_is_read(tmp_path):
    found = read_street_file(extract(tmp_path / "town.osm"), "town.osm", (0.035, -1, 0.09, 1)).frame
    assert len(found) == 1 and found["class"].tolist() == ["service"]
    with pytest.raises(SourceError, match="no streets in the area"):
        read_street_file(tmp_path / "town.osm", "town.osm", (5, 5, 6, 6))
    kept = read_street_file(tmp_path / "town.osm", "town.osm").near(shapely.box(-1, -1, 0.005, 1))
    assert len(kept.frame) == 1


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\0\0\0\rnonsense", b"<osm version='0.6'></osm>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><osm version='0.6'><node id='1' lat='&b;' lon='1'/></osm>"])  # fmt: skip
@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf"])
def test_no_extract(tmp_path, data, suffix):
    path = tmp_path / f"town{suffix}"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=path.name):
        read_street_file(path, path.name)


def graph():
    """What OSMnx makes of such a town: a two-way street as two edges, a one-way one as one."""
    town = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx 2.0.1")
    for number in (1, 2, 3, 4):
        town.add_node(number, x=PLACES[number][0], y=PLACES[number][1], street_count=2)
    bend = "LINESTRING (0.01 0, 0.015 0.002, 0.02 0)"
    back = "LINESTRING (0.02 0, 0.015 0.002, 0.01 0)"
    common = {"osmid": 10, "highway": "secondary", "maxspeed": "30 mph", "oneway": False}
    town.add_edge(1, 2, **common, reversed=False, length=1113.19)
    town.add_edge(2, 1, **common, reversed=True, length=1113.19)
    mixed = {
        "osmid": "[10, 19]",
        "highway": "['residential', 'tertiary']",
        "maxspeed": "['30', '50']",
    }
    town.add_edge(2, 3, **mixed, oneway=False, reversed=False, length=1200.0, geometry=bend)
    town.add_edge(3, 2, **mixed, oneway=False, reversed=True, length=1200.0, geometry=back)
    town.add_edge(2, 4, osmid=11, highway="residential", oneway=True, reversed=True, length=1105.0)
    return town


def of_graphml(path):
    return read_street_file(path, path.name).frame


def check(found):
    assert len(found) == 3 and found.crs.to_epsg() == 4326
    found = found.set_index("class")
    assert found["oneway"].to_dict() == {"secondary": False, "tertiary": False, "residential": True}
    assert found["speed_kmh"]["secondary"] == 48.28 and found["speed_kmh"]["tertiary"] == 40
    assert np.isnan(found["speed_kmh"]["residential"])
    assert found["length_m"].to_dict() == {
        "secondary": 1113.19,
        "tertiary": 1200,
        "residential": 1105,
    }
    assert found.geometry["residential"].coords[0] == (0.01, 0.0)
    assert shapely.get_num_coordinates(found.geometry["tertiary"]) == 3


def test_graphml_of_osmnx(tmp_path):
    nx.write_graphml(graph(), tmp_path / "town.graphml")
    check(of_graphml(tmp_path / "town.graphml"))


def test_graphml_says_nothing_of_one_way(tmp_path):
    """Then an edge without a way back is one-way."""
    town = graph()
    for _, _, data in town.edges(data=True):
        del data["oneway"]
    nx.write_graphml(town, tmp_path / "town.graphml")
    check(of_graphml(tmp_path / "town.graphml"))


def test_geopackage_of_osmnx(tmp_path):
    town, path = graph(), tmp_path / "town.gpkg"
    rows = [
        {"u": u, "v": v, "key": k, **data} for u, v, k, data in town.edges(keys=True, data=True)
    ]
    table = pd.DataFrame(rows)
    lines = [
        shapely.from_wkt(row["geometry"]) if isinstance(row.get("geometry"), str)
        else shapely.LineString([PLACES[row["u"]], PLACES[row["v"]]])
        for row in rows
    ]  # fmt: skip
    edges = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=lines, crs=4326)
    pyogrio.write_dataframe(edges, path, layer="edges")
    read = pyogrio.read_dataframe(path, layer="edges")
    text = pd.DataFrame(read.drop(columns="geometry")).astype(object).fillna("").astype(str)
    check(street_segments("town.gpkg", text, read.geometry.to_numpy(), read.crs).frame)


def test_a_projected_graph(tmp_path):
    town = graph()
    town.graph["crs"] = "EPSG:32631"
    for _, data in town.nodes(data=True):
        data["x"], data["y"] = 500_000 + 1e5 * data["x"], 5_000_000 + 1e5 * data["y"]
    for _, _, data in town.edges(data=True):
        data.pop("geometry", None)
    nx.write_graphml(town, tmp_path / "town.graphml")
    found = of_graphml(tmp_path / "town.graphml")
    back = found.to_crs(32631).get_coordinates().to_numpy()
    assert back.min(axis=0) == pytest.approx([500_000, 5_000_000], abs=0.01)


@pytest.mark.parametrize(("text", "said"), [
    ("<graphml", "damaged"),
    ("<!DOCTYPE x [<!ENTITY a 'b'>]><graphml/>", "entities"),
    ("<graphml><graph><node id='1'/></graph></graphml>", "no x and y"),
    ("<graphml><graph></graph></graphml>", "no edges"),
])  # fmt: skip
def test_graphml_that_is_none(tmp_path, text, said):
    (tmp_path / "a.graphml").write_text(text)
    with pytest.raises(SourceError, match=said):
        read_street_file(tmp_path / "a.graphml", "a.graphml")


def test_a_shapefile_of_geofabrik():
    """B both ways, F as drawn, T against; maxspeed 0 is none."""
    lines = np.array([shapely.LineString([(k, 0), (k + 1, 0)]) for k in range(4)], dtype=object)
    table = pd.DataFrame({
        "fclass": ["primary", "residential", "tertiary", "footway"], "oneway": list("BFTB"),
        "maxspeed": ["50", "0", "30", "0"],
    })  # fmt: skip
    made = street_segments("roads.shp", table, lines, 4326)
    found = made.frame
    assert found["oneway"].tolist() == [False, True, True]
    assert found.geometry[2].coords[0] == (3.0, 0.0)
    assert found["speed_kmh"].fillna(-1).tolist() == [50, -1, 30]
    assert "1 lines are no streets for cars" in made.facts[0]


def test_a_table_without_words_stays_lines():
    lines = np.array([shapely.LineString([(0, 0), (1, 0)]), shapely.Point(0, 0)], dtype=object)
    found = street_segments("a.geojson", pd.DataFrame({"name": ["A", "B"]}), lines, 4326).frame
    assert list(found.columns) == ["geometry"] and len(found) == 1
    with pytest.raises(SourceError, match="no lines"):
        street_segments("a.geojson", pd.DataFrame({"name": ["B"]}), lines[1:], 4326)


def test_a_patrol_drives_as_the_extract_says(tmp_path):
    """From the side street nobody comes back, for it leads in only."""
    streets = read_street_file(extract(tmp_path / "town.osm"), "town.osm").frame.to_crs(32631)
    network = street_network(streets)
    place = gpd.GeoSeries(gpd.points_from_xy([0, 0.01], [0, 0.01]), crs=4326).to_crs(32631)
    xy = place.get_coordinates().to_numpy()
    ways = street_distances(network, xy, unreachable="inf")
    assert np.isinf(ways[0, 1]) and ways[1, 0] == pytest.approx(2219, rel=2e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_found_wherever_they_hide(tmp_path, encoding):
    """Behind a comment that is longer than what one would look at, in an encoding of two bytes."""
    text = f"<?xml version='1.0' encoding='{encoding}'?><!-- {'a' * 100_000} -->"
    text += "<!DOCTYPE x [<!ENTITY a 'b'>]><graphml><graph>&a;</graph></graphml>"
    (tmp_path / "a.graphml").write_text(text, encoding=encoding)
    with pytest.raises(SourceError, match="entities"):
        read_street_file(tmp_path / "a.graphml", "a.graphml")
