"""Today's districts: a table of zones, or polygons joined to zones by greatest overlap."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest
import shapely

from helpers.cities import CityError, load_city
from helpers.cities.beats import districts_of_stations
from helpers.compendium import find_city
from helpers.compendium.needs import Condition

TABLE = "    file: districts.csv\n    columns: {zone: code, district: beat}\n"
POLYGONS = "    file: beats.geojson\n    columns: {district: beat}\n"


def cut(sound, edit, x, right=432_000):
    """Two beats that part the city at `x`, the western in two rows."""
    shapes = [
        shapely.box(430e3, 430e3, x, 431e3),
        shapely.box(430e3, 431e3, x, 432e3),
        shapely.box(x, 430e3, right, 432e3),
    ]
    frame = gpd.GeoDataFrame({"beat": ["West", "West", "East"]}, geometry=shapes, crs=27700)
    frame.to_crs(4326).to_file(sound / "beats.geojson")
    edit("city.yml", TABLE, POLYGONS)
    return load_city(sound)


def test_a_table_in_the_order_of_the_zones(sound):
    town = load_city(sound)
    assert town.layer("districts").values.tolist() == [
        ["A", "West"], ["B", "East"], ["C", "West"], ["D", "East"],
    ]  # fmt: skip
    assert town.remarks("districts") == []
    assert Condition.read("districts.count >= 3").lacking(town) == (
        "two districts of today; this section needs three or more"
    )


def test_polygons_by_greatest_overlap(sound, edit):
    """At 431,400 the western beat holds 40 % of B and D, and not the points inside them."""
    town = cut(sound, edit, 431_400)
    assert town.layer("districts")["district"].tolist() == ["West", "East", "West", "East"]
    assert town.remarks("districts") == [
        "each zone is of the district that covers most of it; a point inside lies in another "
        "district, or in none, for 0 of 4 zones (0.0\xa0%)."
    ]


def test_the_share_that_a_point_would_put_elsewhere(sound, edit):
    """A zone in the form of a C: its point inside lies at its back, its ground in the arms."""
    inner = "431000 431000, 431000 430000))"
    ring = shapely.box(431e3, 430e3, 432e3, 431e3) - shapely.box(431_050, 430_300, 432e3, 430_700)
    old = 'B,200,"POLYGON ((431000 430000, 432000 430000, 432000 431000, ' + inner + '"'
    edit("zones.csv", old, f'B,200,"{ring.wkt}"')
    place = shapely.point_on_surface(ring).x
    town = cut(sound, edit, round(place) + 20)
    table = town.layer("districts").set_index("zone")["district"]
    west = ring.intersection(shapely.box(430e3, 430e3, round(place) + 20, 432e3)).area
    assert table["B"] == ("West" if west > ring.area / 2 else "East")
    assert table["B"] == "East"
    assert "for 1 of 4 zones (25.0\xa0%)" in town.remarks("districts")[0]


def test_places_where_polygons_are_for_drawing_only(sound, edit):
    card = (sound / "city.yml").read_text()
    card = card.replace("{zone: code, geometry: wkt}", "{zone: code, x: east, y: north}")
    card = card[: card.index("  borders:")] + card[card.index("  criteria:") :]
    (sound / "city.yml").write_text(card)
    (sound / "zones.csv").write_text(
        "code,people,east,north,area_km2\nA,1,430500,430500,1\nB,2,431500,430500,1\n"
        "C,3,430500,431500,1\nD,4,431500,431500,1\n"
    )
    town = cut(sound, edit, 431_600)
    assert town.layer("districts")["district"].tolist() == ["West"] * 4
    assert town.remarks("districts") == ["each zone is of the district in which its place lies."]
    assert town.status("districts") == "schematic"


FAULTS = {
    "zone without district": (
        "districts.csv", "B,East\n", "",
        "squares/districts.csv: no district for zone 'B' (1 of 4 zones have none); add a row for it",
    ),
    "district of an unknown zone": (
        "districts.csv", "B,East", "Bb,East",
        "squares/districts.csv, row 5, column code: 'Bb' is not among the zones; did you mean 'B'? "
        "correct it or remove the row",
    ),
    "zone of two districts": (
        "districts.csv", "B,East", "A,East",
        "squares/districts.csv, row 3, column code: 'A' is given more than once as a zone; keep one "
        "row for it (2 such rows: 3, 5)",
    ),
    "empty district": (
        "districts.csv", "B,East", "B,",
        "squares/districts.csv, row 5, column beat is empty; write the district of every row",
    ),
    "no such column": (
        "city.yml", "district: beat", "district: beet",
        "squares/districts.csv: no column 'beet' for district; did you mean 'beat'? correct the name "
        "in squares/city.yml, layers.districts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_a_table(edit, fault):
    name, old, new, message = FAULTS[fault]
    folder = edit(name, old, new)
    with pytest.raises(CityError) as told:
        load_city(folder).layer("districts")
    assert str(told.value) == message


def test_faults_of_polygons(sound, edit):
    town = cut(sound, edit, 431_000, right=431_000.5)
    (sound / "beats.geojson").write_text(
        gpd.GeoDataFrame(
            {"beat": ["West"]}, geometry=[shapely.box(430e3, 430e3, 430.9e3, 432e3)], crs=27700
        )
        .to_crs(4326)
        .to_json()
    )
    with pytest.raises(CityError, match=r"beats.geojson: zone 'B' lies in no district \(2 of 4"):
        town.layer("districts")
    frame = gpd.GeoDataFrame(
        {"beat": ["West", "East"]},
        geometry=[shapely.box(430e3, 430e3, 432e3, 432e3), shapely.box(431e3, 430e3, 432e3, 432e3)],
        crs=27700,
    )
    (sound / "beats.geojson").write_text(frame.to_crs(4326).to_json())
    with pytest.raises(CityError, match=r"the polygons of districts 'West' and 'East' overlap"):
        load_city(sound).layer("districts")


def test_districts_need_zones(sound, edit):
    card = (sound / "city.yml").read_text()
    start, end = card.index("  zones:"), card.index("  criteria:")
    (sound / "city.yml").write_text(card[:start] + card[end:])
    with pytest.raises(CityError, match="districts are made of zones; state the layer zones too"):
        load_city(sound)


def row_of_zones(lengths):
    """Squares in a row, a kilometre each; the borders between them as long as stated, in km."""
    count = len(lengths) + 1
    zones = gpd.GeoDataFrame(
        {
            "zone": list("ABCDEFGH"[:count]),
            "perimeter_km": 4.0,
            "x": [500.0 + 1000 * i for i in range(count)],
            "y": 500.0,
        },
        geometry=[shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(count)],
    )
    pairs = {"zone_a": zones["zone"][:-1].to_numpy(), "zone_b": zones["zone"][1:].to_numpy()}
    return zones, pd.DataFrame({**pairs, "shared_km": lengths, "contact": "rook"})


def test_a_stand_in_goes_over_zones_that_touch():
    """Station S stands 400 m from the middle of E, which only a way round by D reaches."""
    zones, borders = row_of_zones([1, 1, 1, 1])
    posts = [shapely.Point(600, 500), shapely.Point(3600, 500), shapely.Point(3500, 500)]
    stations = gpd.GeoDataFrame({"station": ["R", "S", "T"]}, geometry=posts)
    table, told = districts_of_stations(zones, borders, stations)
    assert table["district"].tolist() == ["R", "R", "T", "T", "T"]
    assert told[1:] == ["no zone is nearest to S."]
    # a border of three metres is no way: C and D are reached from the west alone
    zones, borders = row_of_zones([1, 1, 1, 0.003])
    ring = pd.DataFrame({"zone_a": ["A"], "zone_b": ["E"], "shared_km": [1.0], "contact": "rook"})
    borders = pd.concat([borders, ring], ignore_index=True)
    posts = [shapely.Point(1500, 500), shapely.Point(4500, 500)]
    stations = gpd.GeoDataFrame({"station": ["R", "S"]}, geometry=posts)
    table, told = districts_of_stations(zones, borders, stations)
    assert table["district"].tolist() == ["R", "R", "R", "R", "S"]
    assert len(told) == 1


def test_a_stand_in_needs_stations_and_says_what_it_is(sound, edit):
    edit("city.yml", TABLE, "    derive: stations\n    file: districts.csv\n")
    with pytest.raises(CityError, match="either `file: <name>` or `derive: stations`"):
        load_city(sound)
    edit("city.yml", "    derive: stations\n    file: districts.csv\n", "    derive: stations\n")
    assert load_city(sound).status("districts") == "stand-in"


def test_the_stand_in_of_a_bundled_city_hangs_together():
    town = find_city("leeds")
    assert town.status("districts") == "stand-in"
    table, borders = town.layer("districts"), town.layer("borders")
    home = table.set_index("zone")["district"]
    within = borders[home[borders["zone_a"]].to_numpy() == home[borders["zone_b"]].to_numpy()]
    graph = nx.from_pandas_edgelist(within, "zone_a", "zone_b")
    graph.add_nodes_from(home.index)
    assert nx.number_connected_components(graph) == home.nunique()
