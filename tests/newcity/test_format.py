"""What city.yml learned, and that new-city writes it: constants, counts, the rejected rows."""

from __future__ import annotations

import pytest

from helpers.cities import CityError, load_city
from helpers.cli import main
from helpers.newcity import talk

from . import exports

CARD = """title: Town
country: Spain
crs: EPSG:25830
licence: none
source_line: none
layers:
  events:
    file: crimes.csv
    columns: {kind: offence, time: when, x: lon, y: lat}
    crs: EPSG:4326
    time_precision: hour
    BAD
  boundary:
    derive: events
"""


def town(tmp_path, bad):
    table = exports.frame()
    table.loc[[3, 7, 9], "when"] = ["s/i", "", "1018-01-01 10:00"]
    folder = tmp_path / "town"
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "crimes.csv", index=False)
    (folder / "city.yml").write_text(CARD.replace("BAD", bad))
    return load_city(folder)


def test_bad_times_are_dropped_and_counted(tmp_path):
    city = town(tmp_path, "bad_time: drop")
    assert len(city.layer("events")) == 297
    assert city.remarks("events") == [
        "3 of 300 events have no time that can be read and are left out.",
        "300 rows = 297 used + 3 set aside (no_time 2, bad_time 1).",
    ]


def test_bad_times_are_refused_by_default(tmp_path):
    with pytest.raises(CityError, match=r"row 5|row 9"):
        town(tmp_path, "note: x").layer("events")


def test_a_hull_around_the_events(tmp_path):
    city = town(tmp_path, "bad_time: drop")
    outline = city.layer("boundary").geometry.iloc[0]
    assert city.layer("events").within(outline).all()
    assert outline.area < 2 * city.layer("events").union_all().convex_hull.area
    assert city.status("boundary") == "derived"
    assert city.remarks("boundary") == [
        f"the boundary is a hull around the events with a margin, {outline.area / 1e6:.1f} km², not an "
        "administrative border."
    ]


def made(tmp_path, table, *flags):
    table.to_csv(tmp_path / "crimes.csv", index=False)
    words = ["new-city", "town", "--events", str(tmp_path / "crimes.csv"), *flags]
    assert main([*words, "--folder", str(tmp_path / "town"), "--yes"]) == 0
    return load_city(tmp_path / "town")


def test_new_city_writes_constants_as_such(tmp_path):
    table = exports.frame().drop(columns=["offence", "when"]).assign(number=range(300))
    city = made(tmp_path, table, "--kind", "=crime", "--time", "=2020")
    assert city.layers["events"].constant("kind") == "crime"
    assert city.layers["events"].constant("time") == "2020"
    assert [remark.split(",")[0] for remark in city.remarks("events")] == [
        "the kind of every event is 'crime'",
        "the time of every event is '2020'",
    ]
    told = "\n".join(talk.sections_of(city))
    assert "city has no stations; besides, one time for all events, which city.yml states" in told
    assert "would unlock 14" not in told
    (city.folder / "stations.csv").write_text("station,x,y\nA,440000,4474000\n")
    card = city.folder / "city.yml"
    card.write_text(card.read_text() + "  stations:\n    file: stations.csv\n")
    told = "\n".join(talk.sections_of(load_city(city.folder)))
    assert "one time for all events, which city.yml states" in told
    assert "would unlock 14" not in told


def test_new_city_accounts_for_every_row_of_the_export(tmp_path):
    table = exports.frame()
    table.loc[[3, 7], "when"] = "s/i"
    table.loc[11, "lon"] = None
    table["cantidad"] = [0, 3, 2] + [1] * 297
    city = made(tmp_path, table, "--count", "cantidad")
    rows = city.rows()
    assert rows.rows == 300 and rows.used + sum(rows.set_aside.values()) == 300
    assert rows.set_aside["no_place"] == 1 and rows.set_aside["no_crime"] == 1
    assert rows.events == len(city.layer("events")) == rows.used + 3
