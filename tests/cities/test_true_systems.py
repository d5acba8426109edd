"""A city's system must be true to length, its polygons must meet, its times must be told apart."""

from __future__ import annotations

import json

import pytest
import shapely

from helpers.cities import CityError, load_city
from helpers.space import is_true_at

CARD = """\
title: True lengths
country: Nowhere
crs: {crs}
licence: CC0
source_line: made for a test
layers:
  events:
    file: events.csv
    columns: {columns}
    crs: EPSG:4326
    time_precision: {precision}
{more}"""


def town(tmp_path, rows, *, crs="EPSG:32631", precision="hour", more="", extra=""):
    folder = tmp_path / "true"
    folder.mkdir(exist_ok=True)
    (folder / "events.csv").write_text("number,kind,time,x,y\n" + rows, encoding="utf-8")
    columns = "{kind: kind, time: time, x: x, y: y" + extra + "}"
    text = CARD.format(crs=crs, columns=columns, precision=precision, more=more)
    (folder / "city.yml").write_text(text, encoding="utf-8")
    return load_city(folder)


ONE = "1,Theft,2020-01-01 10:00,3.0,52.0\n2,Theft,2020-01-02 10:00,3.01,52.01\n"


def test_web_mercator_is_refused_with_the_zone_to_take(tmp_path):
    with pytest.raises(CityError, match=r"crs EPSG:3857 .* by \+62\.\d\s% at the city.*EPSG:32631"):
        town(tmp_path, ONE, crs="EPSG:3857").layer("events")


def test_an_equal_area_system_may_be_off_by_one_per_cent_in_one_direction():
    # a b = 1 of Conus Albers: 0.6 % too long one way and as much too short the other in Georgia
    assert is_true_at("EPSG:5070", 1_150_000, 1_150_000)[0]
    assert not is_true_at("EPSG:5070", 1_150_000, 0)[0]
    true, error = is_true_at("EPSG:3857", 0.0, 6_800_000.0)  # 52° north: 1 / cos 52° - 1
    assert not true
    assert error == pytest.approx(0.62, abs=0.01)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("%d/%m/%Y %I:%M", "%I wants %p beside it"),
        ("%d/%m/%Y %H:%M %p", "%p beside %H, which ignores it"),
        ("%d/%m/%Y", "does not tell one hour from the next"),
        ("%d/%m %H:%M", "does not tell one hour from the next"),
        ("%d/%m/%Y %H:%M %z", "has a time zone"),
        ("%d/%m/%Y %K", "is no pattern of times"),
    ],
)
def test_patterns_that_lose_the_hour_are_refused(tmp_path, pattern, said):
    with pytest.raises(CityError, match=said):
        town(tmp_path, ONE, more=f'    time_format: "{pattern}"\n').layer("events")


def test_a_clock_of_twelve_hours_keeps_its_halves(tmp_path):
    rows = "1,Theft,03/07/2020 10:30 PM,3.0,52.0\n2,Theft,03/07/2020 12:10 AM,3.01,52.01\n"
    city = town(tmp_path, rows, more='    time_format: "%d/%m/%Y %I:%M %p"\n')
    assert city.layer("events")["time"].dt.hour.tolist() == [22, 0]


def test_rows_that_repeat_with_their_number_are_set_aside(tmp_path):
    again = "7,Theft,2020-01-01 10:00,3.0,52.0\n"
    other = "7,Assault,2020-01-01 10:00,3.0,52.0\n"  # another crime of the same case
    unnumbered = ",Theft,2020-01-01 10:00,3.0,52.0\n" * 2
    city = town(tmp_path, again + again + other + unnumbered, extra=", id: number")
    assert len(city.layer("events")) == 4
    assert city.rows().set_aside == {"duplicate": 1}
    assert len(town(tmp_path, again + again).layer("events")) == 2


def zones(tmp_path, *shapes, borders="{derive: zones}"):
    """A city of events and zones in metres of EPSG:32631."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, shape in zip("abcdef", shapes, strict=False)
    ]
    (tmp_path / "true").mkdir()
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}}
    whole = {"type": "FeatureCollection", "crs": system, "features": features}
    (tmp_path / "true" / "zones.geojson").write_text(json.dumps(whole))
    more = f"""\
  zones:
    file: zones.geojson
    columns: {{zone: code}}
    fields:
      crimes: {{count: events, label: Crimes, unit: crimes}}
  borders: {borders}
"""
    return town(tmp_path, ONE, more=more)


X, Y = 500_000, 5_760_000
LEFT = shapely.box(X, Y, X + 1000, Y + 1000)


def right(west, south=0, north=1000):
    return shapely.box(X + west, Y + south, X + 2000, Y + north)


@pytest.mark.parametrize("west", [1000.3, 1000.005, 1000.007, 995.0], ids=str)
def test_polygons_that_do_not_meet_are_refused_and_measured_when_snapped(tmp_path, west):
    city = zones(tmp_path, LEFT, right(west))
    with pytest.raises(CityError, match=r"'a' and 'b' share|overlap"):
        city.layer("borders")


@pytest.mark.parametrize("west", [1000.3, 1000.005, 1000.007], ids=str)
def test_a_stated_width_closes_the_gap(tmp_path, west):
    borders = zones(tmp_path, LEFT, right(west), borders="{derive: zones, snap: 1}").layer(
        "borders"
    )
    assert borders["shared_km"].tolist() == pytest.approx([1.0], abs=2e-3)
    assert borders["contact"].tolist() == ["rook"]


@pytest.mark.parametrize(("south", "north", "shared"), [(0, 1000, 1.0), (200, 700, 0.5)])
def test_a_coverage_is_taken_as_it_is(tmp_path, south, north, shared):
    city = zones(tmp_path, LEFT, right(1000, south, north))
    assert city.layer("borders")["shared_km"].tolist() == [shared]


def test_a_street_between_zones_is_no_gap(tmp_path):
    accepted = "{derive: zones, allow_disconnected: true}"
    assert zones(tmp_path, LEFT, right(1010), borders=accepted).layer("borders").empty


def test_events_in_no_zone_are_told(tmp_path):
    city = zones(tmp_path, LEFT, right(1000))
    assert city.layer("zones")["crimes"].sum() == 0
    assert "2 of 2 events lie in no zone and count in none." in city.remarks("events")
