"""What a city answers: layers, computed fields, statuses, what was left out."""

from __future__ import annotations

import os
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.cities import LAYERS, CityError, layers, load_city
from helpers.compendium import ROOT, find_city
from helpers.sources import sha256_of
from helpers.space import street_network

from .conftest import FILES


def test_layers_of_the_sound_city(sound):
    town = find_city(sound)
    assert (town.name, town.title, town.crs) == ("squares", "Four squares", "EPSG:27700")
    assert set(town.layers) == set(LAYERS)
    zones = town.layer("zones")
    assert zones["crimes"].tolist() == [1, 1, 1, 2]
    assert zones["rate"].tolist() == pytest.approx([10, 5, 1000 / 300, 5])
    assert zones["area_km2"].tolist() == [1, 1, 1, 1]
    assert zones["perimeter_km"].tolist() == [4, 4, 4, 4]
    assert zones["x"].tolist() == [430500, 431500, 430500, 431500]
    borders = town.layer("borders")
    assert list(zip(borders["zone_a"], borders["zone_b"], strict=True)) == [
        ("A", "B"),
        ("A", "C"),
        ("A", "D"),
        ("B", "D"),
        ("C", "D"),
    ]
    assert town.layer("streets")["length_m"].tolist() == [500, 1000]
    assert town.layer("stations")["officers"].tolist() == [12, 7]
    assert town.layer("criteria")["income"].tolist() == ["low", "high"]
    assert town.layer("map_layers")["image"].tolist() == [sound / "map.png"]
    assert town.policy.posts == "patrols"
    assert {path.name for path in town.input_files()} == {path.name for path in sound.iterdir()}
    assert {name: field.unit for name, field in town.fields().items()} == {
        "population": "persons",
        "crimes": "crimes",
        "rate": "per 1000",
    }


def test_streets_have_directions_speeds_and_classes(sound):
    lines = [
        '"LINESTRING (430000 430000, 430300 430400)",30,yes,residential',
        '"LINESTRING (430300 430400, 431300 430400)",,-1,',
        '"LINESTRING (431300 430400, 431300 431400)",50,,primary',
    ]
    (sound / "streets.csv").write_text("wkt,speed_kmh,oneway,class\n" + "\n".join(lines) + "\n")
    streets = load_city(sound).layer("streets")
    assert streets["oneway"].tolist() == [True, True, False]
    assert streets["class"].tolist() == ["residential", "", "primary"]
    assert streets["speed_kmh"].fillna(0).tolist() == [30, 0, 50]
    assert streets.geometry.iloc[1].coords[0] == (431300, 430400)  # turned into its direction
    network = street_network(streets)
    assert network.oneway.tolist() == [True, True, False]
    assert np.isnan(network.speed[1])


def test_labels_are_told_apart_and_names_shortened(edit, sound):
    town = load_city(sound)
    alone = town.labels(["crimes", "rate"])
    assert list(alone) == ["crimes", "rate"]
    assert alone["crimes"] == town.fields()["crimes"].label
    names = town.layer("zones")["name"]
    long = names.iloc[0]
    assert town.zone_names().tolist() == names.tolist()
    assert town.zone_names({long: "x"}).tolist() == ["x", *names.iloc[1:]]


def test_two_fields_of_one_label_are_told_apart(edit, sound):
    town = load_city(sound)
    first, second = (town.fields()[name].label for name in ("crimes", "rate"))
    edit("city.yml", f"label: {second}", f"label: {first}")
    labels = load_city(sound).labels(["crimes", "rate"])
    assert labels == {"crimes": f"{first} (crimes)", "rate": f"{first} (rate)"}


def test_a_city_alone_writes_nothing(sound, outputs):
    """Only `find_city` lets derived outlines be kept, and that beside the results."""
    card = (sound / "city.yml").read_text()
    card = card.replace("{zone: code, geometry: wkt}", "{zone: code, x: e, y: n, area_km2: km2}")
    (sound / "city.yml").write_text(card)
    table = "code,people,e,n,km2\nA,100,430500,430500,3\nB,200,431500,430500,1\n"
    (sound / "zones.csv").write_text(table + "C,300,430500,431500,2\nD,400,431500,431500,1\n")
    before = {path: path.stat().st_mtime_ns for path in sound.rglob("*")}
    town = load_city(sound)
    town.check()
    assert town.status("zones") == "schematic"
    assert len(town.listed_files()) == 14
    assert {path: path.stat().st_mtime_ns for path in sound.rglob("*")} == before
    assert not list(outputs.rglob("*"))


def test_layers_are_read_once_and_only_when_asked_for(sound, monkeypatch):
    read = []
    real = layers.read_table

    def noted(paths, **more):
        read.extend(path.name for path in paths)
        return real(paths, **more)

    monkeypatch.setattr(layers, "read_table", noted)
    town = load_city(sound)
    assert town.input_files() and town.title and town.status("zones") == ""
    assert read == ["maps.csv"]  # the one table that names further files
    town.check()
    town.check()
    assert sorted(read) == sorted(
        path.name for path in sound.glob("*.csv") if path.name != "points.csv"
    )


def test_attached_tables(edit, sound):
    (sound / "truth.csv").write_text("cell,rate\n1,0.5\n2,\n")
    assert load_city(sound).attached("truth.csv") is None
    digest = sha256_of(sound / "truth.csv")
    edit("city.yml", "layers:\n", f"files: {{truth.csv: {digest}}}\nlayers:\n")
    town = load_city(sound)
    assert town.attached("truth.csv")["cell"].tolist() == [1, 2]
    assert town.attached("truth.csv")["rate"].isna().tolist() == [False, True]
    assert town.attached("other.csv") is None
    (sound / "truth.csv").write_text("cell,rate\n1,0.6\n")
    with pytest.raises(CityError, match=r"^squares/truth\.csv has changed: its sha256 begins"):
        town.attached("truth.csv")


def test_sources_and_listed_files(sound):
    town = load_city(sound)
    assert town.sources == ""
    (sound / "SOURCES.md").write_bytes(b"\xef\xbb\xbf# Where from\n")
    (sound / ".venv").mkdir()
    (sound / ".venv" / "secret.py").write_text("1")
    (sound / "other.txt").write_text("not the city's")
    (sound / "loop").symlink_to(sound)
    assert town.sources == "# Where from\n"
    listed = town.listed_files()
    assert [entry.name for entry in listed] == sorted(["SOURCES.md", *FILES])
    assert {(entry.size, entry.sha256) for entry in listed if entry.name == "map.png"} == {
        (5, "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d")
    }
    (sound / "SOURCES.md").write_bytes(b"\xff\xfa")
    with pytest.raises(CityError, match=r"^squares/SOURCES\.md, row 1: byte 0xff is not utf-8"):
        assert town.sources


def test_a_layer_is_your_own(sound):
    town = find_city(sound)
    first = town.layer("zones")
    first["population"] = 0
    first.loc[0, "name"] = "changed"
    assert town.layer("zones")["population"].tolist() == [100, 200, 300, 400]
    assert town.layer("zones")["name"][0] == "A"


def test_synthetic_layers_say_so(edit):
    edit("city.yml", "layers:\n", "synthetic: [events]\nlayers:\n")
    folder = edit("city.yml", "shape: increasing,", "shape: increasing, synthetic: true,")
    town = find_city(folder)
    assert town.synthetic == ["events"]
    assert town.status("events") == town.status("criteria") == "SYNTHETIC"
    assert town.status("zones") == ""


def test_events_left_out_are_counted(edit):
    edit("events.csv", "430500,431500,C", "439500,431500,C")
    edit("events.csv", "430100,430100,A", "NaN,nan,A")
    edit("events.csv", "431500,430500,B", "431500,430500,X")
    folder = edit(
        "city.yml",
        "    time_precision: month",
        "    time_precision: month\n    outside: drop\n    without_place: drop",
    )
    town = find_city(folder)
    assert town.layer("events")["zone"].tolist() == ["D", "D"]
    assert town.layer("events").index.tolist() == [0, 1]
    assert town.remarks("events") == [
        "1 of 5 events have no coordinates and are left out.",
        "1 of 4 events lie outside the boundary and are left out.",
        "1 of 3 events are of no known zone and are left out.",
        "5 rows = 2 used + 3 set aside (no_place 1, outside 1, unknown_zone 1).",
    ]
    assert town.layer("zones")["crimes"].tolist() == [0, 0, 0, 2]


def test_a_layer_of_which_nothing_is_left_says_where_to_look(edit):
    boundary = "430000 430000, 432000 430000, 432000 432000, 430000 432000, 430000 430000"
    edit("city.yml", "    time_precision: month", "    time_precision: month\n    outside: drop")
    folder = edit("boundary.csv", boundary, boundary.replace("43", "53"))
    with pytest.raises(CityError, match="and so do all others; check the `crs` of the events"):
        find_city(folder).layer("events")


def test_events_of_other_codes_than_the_zones_say_where_to_look(edit):
    edit("city.yml", "    time_precision: month", "    time_precision: month\n    outside: drop")
    for row in ("A", "B", "C", "D"):
        folder = edit("zones.csv", f"\n{row},", f"\nE0{row},")
    with pytest.raises(CityError, match="nor is any other event's; map the column"):
        find_city(folder).layer("events")


def test_events_are_counted_by_place_where_they_have_no_zone(edit):
    folder = edit("city.yml", ", zone: code}\n    time", "}\n    time")
    assert find_city(folder).layer("zones")["crimes"].tolist() == [1, 1, 1, 2]


def test_times_are_as_exact_as_the_card_says(edit, sound):
    text = (sound / "events.csv").read_text()
    for month in ("2016-07", "2017-07", "2018-07"):
        text = text.replace(month, f"{month}-09 17:45:10")
    (sound / "events.csv").write_text(text)
    expected = {"month": "2016-07-01T00", "day": "2016-07-09T00", "hour": "2016-07-09T17"}
    card = (sound / "city.yml").read_text()
    for precision, first in expected.items():
        changed = card.replace("time_precision: month", f"time_precision: {precision}")
        (sound / "city.yml").write_text(changed)
        times = find_city(sound).layer("events")["time"]
        assert times.dtype == "datetime64[s]"
        assert times[0] == pd.Timestamp(first)


def test_dates_of_another_form(edit, sound):
    text = (sound / "events.csv").read_text()
    for month in ("2016-07", "2017-07", "2018-07"):
        text = text.replace(month, f"31/07/{month[:4]} 09.30")
    (sound / "events.csv").write_text(text)
    folder = edit(
        "city.yml", "precision: month", 'precision: hour\n    time_format: "%d/%m/%Y %H.%M"'
    )
    assert find_city(folder).layer("events")["time"][0] == pd.Timestamp("2016-07-31 09:00")


def test_boundary_from_zones(sound):
    card = (sound / "city.yml").read_text()
    stated = "    file: boundary.csv\n    columns: {geometry: wkt}\n"
    assert stated in card
    (sound / "city.yml").write_text(card.replace(stated, "    derive: zones\n", 1))
    town = find_city(sound)
    assert town.layer("boundary").geometry.iloc[0].equals(shapely.box(430e3, 430e3, 432e3, 432e3))
    assert len(town.layer("events")) == 5


def test_borders_from_zones(edit):
    folder = edit("city.yml", "  borders:\n    file: borders.csv", "  borders:\n    derive: zones")
    borders = find_city(folder).layer("borders")
    assert borders["shared_km"].tolist() == [1, 1, 0, 0, 1, 1]
    assert borders["contact"].value_counts().to_dict() == {"rook": 4, "point": 2}


def test_links_and_disconnected_maps(edit):
    edit("borders.csv", "B,D,1,rook\nD,C,1,rook\nA,D,0,point\n", "")
    folder = edit("city.yml", "file: borders.csv", "file: borders.csv\n    links: [[D, B]]")
    assert len(find_city(folder).layer("borders")) == 2
    folder = edit("city.yml", "links: [[D, B]]", "allow_disconnected: true")
    assert len(find_city(folder).layer("borders")) == 2


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_zones_in_a_file_of_polygons(suffix, sound):
    zones = find_city(sound).layer("zones")[["zone", "population", "geometry"]]
    zones = zones.rename(columns={"zone": "code", "population": "people"})
    path = sound / f"zones.{suffix}"
    if suffix == "parquet":
        zones.to_parquet(path)
    else:
        zones.to_crs(4326 if suffix == "geojson" else 27700).to_file(path)
    card = (sound / "city.yml").read_text()
    old = "    file: zones.csv\n    columns: {zone: code, geometry: wkt}"
    assert old in card
    geometry = ", geometry: geometry" if suffix == "parquet" else ""
    new = f"    file: zones.{suffix}\n    columns: {{zone: code{geometry}}}"
    (sound / "city.yml").write_text(card.replace(old, new))
    found = find_city(sound).layer("zones")
    assert found["population"].tolist() == [100, 200, 300, 400]
    np.testing.assert_allclose(found.geometry.area, 1e6, rtol=1e-6)
    assert found.crs == "EPSG:27700"


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_points_in_a_spatial_file(suffix, sound):
    points = gpd.GeoDataFrame(
        {"patrol": ["P1", "P2"]},
        geometry=gpd.GeoSeries.from_xy([430500, 431500], [430500, 431500]),
        crs=27700,
    )
    path = sound / f"patrols.{suffix}"
    if suffix == "parquet":
        points.to_parquet(path)
    else:
        points.to_crs(4326).to_file(path)
    card = (sound / "city.yml").read_text()
    (sound / "city.yml").write_text(card.replace("patrols.csv", f"patrols.{suffix}"))
    found = find_city(sound).layer("patrols").get_coordinates().to_numpy()
    np.testing.assert_allclose(found, [[430500, 430500], [431500, 431500]], atol=1e-2)


def test_police_uk_download(sound):
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context\n"
    )
    row = ",{month},Force,Force,{place},On or near,{zone},Squares,Burglary,,\n"
    for month, place, zone in [
        ("2016-07", "-1.535000,53.769000", "A"),
        ("2016-08", ",", ""),
        ("2016-08", "-1.525000,53.772000", "B"),
    ]:
        path = sound / f"{month}-street.csv"
        text = path.read_text() if path.exists() else header
        path.write_text(text + row.format(month=month, place=place, zone=zone))
    card = (sound / "city.yml").read_text()
    start, end = card.index("  events:"), card.index("  boundary:")
    events = """\
  events:
    file: [2016-07-street.csv, 2016-08-street.csv]
    columns: {kind: Crime type, time: Month, zone: LSOA code, x: Longitude, y: Latitude}
    crs: EPSG:4326
    time_precision: month
    without_place: drop
    extra: [Location]
"""
    (sound / "city.yml").write_text(card[:start] + events + card[end:])
    town = find_city(sound)
    found = town.layer("events")
    assert found["zone"].tolist() == ["A", "B"]
    assert found["time"].dt.month.tolist() == [7, 8]
    assert found["Location"].tolist() == ["On or near", "On or near"]
    assert town.remarks("events") == [
        "1 of 3 events have no coordinates and are left out.",
        "3 rows = 2 used + 1 set aside (no_place 1).",
    ]


def test_semicolons_decimal_commas_and_an_old_encoding(sound):
    rows = "patrol;x;y\nSão João;430500,5;430500\nP2;431500;431500,25\n"
    (sound / "patrols.csv").write_bytes(rows.encode("cp1252"))
    card = (sound / "city.yml").read_text()
    stated = 'file: patrols.csv\n    encoding: cp1252\n    decimal: ","'
    (sound / "city.yml").write_text(card.replace("file: patrols.csv", stated))
    patrols = find_city(sound).layer("patrols")
    assert patrols["patrol"].tolist() == ["São João", "P2"]
    assert patrols.geometry.x.tolist() == [430500.5, 431500]


def test_reading_cards_needs_no_pandas():
    code = (
        "import sys\n"
        "from helpers.compendium import find_city, list_cities\n"
        "assert [find_city(name).card.title for name in list_cities()]\n"
        "assert not {'numpy', 'pandas', 'geopandas', 'pyproj', 'shapely'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


DERIVED_CRITERIA = """\
  criteria:
    derive: zones
    criteria:
      people: {field: population, label: Residents, shape: increasing, scale: [0, 500]}
      rate: {field: rate, label: Crimes per head, shape: increasing}
"""


@pytest.fixture
def of_zones(sound):
    """The sound city with criteria that are fields of its zones."""
    path = sound / "city.yml"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split("  criteria:\n    file", 1)
    after = rest[rest.index("  map_layers:") :]
    path.write_text(before + DERIVED_CRITERIA + after, encoding="utf-8")
    return sound


def test_criteria_may_be_fields_of_the_zones(of_zones):
    town = find_city(of_zones)
    criteria, zones = town.layer("criteria"), town.layer("zones")
    assert list(criteria) == ["zone", "name", "people", "rate"]
    assert criteria["zone"].tolist() == zones["zone"].tolist()
    assert criteria["people"].tolist() == [100, 200, 300, 400]
    assert criteria["rate"].tolist() == pytest.approx([10, 5, 1000 / 300, 5])
    assert town.status("criteria") == ""


def test_criteria_that_count_simulated_events_are_synthetic(of_zones):
    path = of_zones / "city.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("layers:\n", "synthetic: [events]\nlayers:\n", 1))
    assert find_city(of_zones).status("criteria") == "SYNTHETIC"
    assert find_city(of_zones).simulated_criteria == ["rate"]
    # residents are not counted from events
    text = path.read_text(encoding="utf-8").replace("{field: rate,", "{field: population,")
    path.write_text(text)
    assert find_city(of_zones).status("criteria") == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{field: rate,", "{field: rat,", "names 'rat', which is no field of the zones; did you "
         "mean 'rate'?"),
        ("{field: rate,", "{column: rate,", "the criterion rate names a column; with `derive: zones` "
         "each names a field"),
        ("{field: rate,", "{field: rate, column: b,", "exactly one of `column` and `field`"),
        ("    derive: zones\n    criteria", "    criteria", "either `file: <name>` or `derive: zones`"),
        ("scale: [0, 500]", "scale: [0, 350]", "zone 'D' has population 400, outside the scale 0 to "
         "350 of the criterion people (1 such zones)"),
        ("shape: increasing}", "shape: discrete, values: {a: 1}}", "a field is a number"),
    ],
)  # fmt: skip
def test_faults_of_criteria_of_zones(of_zones, old, new, says):
    path = of_zones / "city.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CityError) as caught:
        find_city(of_zones).layer("criteria")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("layers", "single", "made"),
    [
        ("", (), []),
        ("", ("b",), ["b"]),
        # a layer that says it of some is real in the others
        ("criteria", ("b",), ["b"]),
        ("criteria", (), ["a", "b"]),
        ("criteria", ("a", "b"), ["a", "b"]),
    ],
)
def test_criteria_that_are_simulated_are_known_one_by_one(tmp_path, layers, single, made):
    flag = {name: ", synthetic: true" if name in single else "" for name in "ab"}
    (tmp_path / "c.csv").write_text("zone,name,a,b\n1,Port,1,2\n2,Mill,3,4\n", encoding="utf-8")
    (tmp_path / "city.yml").write_text(
        "title: T\ncountry: C\ncrs: EPSG:31985\nlicence: L\nsource_line: S\ndescription: D\n"
        f"synthetic: [{layers}]\nlayers:\n  criteria:\n    file: c.csv\n    criteria:\n"
        + "".join(
            f"      {n}: {{column: {n}, label: {n}, shape: increasing{f}}}\n"
            for n, f in flag.items()
        ),
        encoding="utf-8",
    )
    town = load_city(tmp_path)
    assert town.simulated_criteria == made
    assert town.status("criteria") == ("SYNTHETIC" if made else "")
