"""What city.yml learned: `bad_time: drop` and `boundary: {derive: events}`."""

from __future__ import annotations

import pytest

from helpers.cities import CityError, load_city

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
