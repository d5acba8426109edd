"""Today's districts: a table of zones, or polygons joined to zones by greatest overlap."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from helpers.cities import CityError, load_city
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
        "district, or in none, for 0 of 4 zones (0.0%)."
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
    assert "for 1 of 4 zones (25.0%)" in town.remarks("districts")[0]


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
