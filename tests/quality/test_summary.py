"""What is said of a whole city: the account of its rows adds up."""

from __future__ import annotations

import json

import pytest

from helpers.cities import load_city
from helpers.quality import quality_of

SQUARE = [[350000, 6300000], [350100, 6300000], [350100, 6300100], [350000, 6300100]]


@pytest.fixture
def town(tmp_path):
    """Eight rows were given: three were rejected, two are left out, three are in use as four crimes."""
    outline = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32719"}},
        "features": [{"type": "Feature", "properties": {},
                      "geometry": {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}}],
    }  # fmt: skip
    (tmp_path / "boundary.geojson").write_text(json.dumps(outline))
    rows = [
        ("theft", "2024-01-01", 350010, 6300010, "a.csv", 2),
        ("theft", "2024-01-02", 350020, 6300020, "a.csv", 3),
        ("theft", "2024-01-02", 350020, 6300020, "a.csv", 3),
        ("arson", "2024-03-03", 350030, 6300020, "a.csv", 4),
        ("arson", "2024-03-03", "", "", "a.csv", 5),
        ("arson", "2024-03-03", 360000, 6300020, "a.csv", 6),
    ]
    lines = [",".join(map(str, row)) for row in rows]
    (tmp_path / "events.csv").write_text("\n".join(["kind,time,x,y,file,row", *lines, ""]))
    (tmp_path / "rejected.csv").write_text(
        "file,row,reason,column,value\na,7,no_time,t,\na,8,odd,t,\na,9,no_time,t,\n"
    )
    events = {
        "file": "events.csv", "time_precision": "day", "outside": "drop", "without_place": "drop",
        "extra": ["file", "row"],
    }  # fmt: skip
    card = {
        "title": "T", "country": "not stated", "crs": "EPSG:32719", "licence": "Open",
        "source_line": "s", "layers": {"events": events, "boundary": {"file": "boundary.geojson"}},
    }  # fmt: skip
    (tmp_path / "city.yml").write_text(json.dumps(card))
    return load_city(tmp_path)


def test_rows_given_are_rows_in_use_and_rows_set_aside(town):
    account = quality_of(town).facts["account"]
    assert account["rejected"] == [["no time", 2], ["odd", 1]]
    assert [count for _, count in account["left_out"]] == [1, 1]
    assert account["used"] == 3
    assert account["given"] == 3 + 3 + 2


def test_numbers_of_a_city(town):
    found = quality_of(town)
    events = found.facts["events"]
    assert (events["count"], events["first"], events["last"]) == (4, "2024-01-01", "2024-03-03")
    assert events["months"] == [["2024-01", 3], ["2024-02", 0], ["2024-03", 1]]
    assert events["kinds"] == [["theft", 3], ["arson", 1]]
    assert events["weekdays"] == [1, 2, 0, 0, 0, 0, 1]
    assert events["week"] is None
    assert events["rows"] == 3
    # two crimes of one row are no repeats of one another
    assert (events["repeats"]["places"], events["repeats"]["events_there"]) == (3, 0)
    assert found.facts["boundary"]["area_km2"] == pytest.approx(0.01)
    assert found.facts["sources"] == {"given": False, "blanks": ["country in city.yml"]}
    assert found.facts["layers"] == [["events", 4, ""], ["boundary", 1, ""]]
    json.dumps(found.facts, allow_nan=False)


def test_repeated_places_are_told_in_metres_and_degrees(town, tmp_path):
    rows = "theft,2024-01-01,350010,6300010,a,{}\n"
    (tmp_path / "events.csv").write_text(
        "kind,time,x,y,file,row\n" + "".join(rows.format(k) for k in (2, 3))
    )
    repeats = quality_of(load_city(tmp_path)).facts["events"]["repeats"]
    x, y, longitude, latitude, count = repeats["most"][0]
    assert (x, y, count) == (350010, 6300010, 2)
    # UTM zone 19 south, at Santiago
    assert longitude == pytest.approx(-70.6, abs=0.1) and latitude == pytest.approx(-33.4, abs=0.1)


def test_the_crimes_of_a_row_that_counts_them_are_no_repeats(town, tmp_path):
    (tmp_path / "events.csv").write_text(
        "kind,time,x,y,n\ntheft,2024-01-01,350010,6300010,40\narson,2024-01-02,350020,6300010,2\n"
    )
    card = json.loads((tmp_path / "city.yml").read_text())
    card["layers"]["events"] |= {"columns": {"count": "n"}, "extra": []}
    (tmp_path / "city.yml").write_text(json.dumps(card))
    events = quality_of(load_city(tmp_path)).facts["events"]
    assert (events["count"], events["rows"]) == (42, 2)
    assert (events["repeats"]["repeated"], events["repeats"]["most"]) == (0, [])


def test_a_rejected_list_that_is_a_link_is_not_read(town, tmp_path):
    away = tmp_path / "away.txt"
    (tmp_path / "rejected.csv").rename(away)
    (tmp_path / "rejected.csv").symlink_to(away)
    assert quality_of(town).facts["account"]["rejected"] == []


def test_a_map_of_one_place_has_a_width(town, tmp_path):
    (tmp_path / "events.csv").write_text(
        "kind,time,x,y,file,row\n" + "theft,2024-01-01,350010,6300010,a,1\n" * 2
    )
    card = json.loads((tmp_path / "city.yml").read_text())
    del card["layers"]["boundary"]
    (tmp_path / "city.yml").write_text(json.dumps(card))
    found = quality_of(load_city(tmp_path))
    assert found.bounds == (349910, 6299910, 350110, 6300110)
    assert found.facts["events"]["one_time"] and found.facts["boundary"] is None
