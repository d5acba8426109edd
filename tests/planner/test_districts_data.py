"""The data of the districts page: zones, borders, values and plans, as they were saved."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pandas as pd
import pytest
import shapely

from helpers.cities import load_city
from helpers.planner import read_districts
from helpers.planner.districts import like_first, plan_meaning, proof_known

HERE = Path(__file__).parent
TOWN = runpy.run_path(str(HERE / "conftest.py"))
EXAMPLE = runpy.run_path(str(HERE / "example_districts.py"))
CITY, HOSTILE = TOWN["CITY"], TOWN["EXAMPLE"]["HOSTILE"]


def card(results) -> None:
    """The city says what the field of its zones is called."""
    path = results.raw / CITY / "city.yml"
    said = json.loads(path.read_text(encoding="utf-8"))
    fields = {"residents": {"column": "residents", "label": EXAMPLE["LABEL"], "unit": "persons"}}
    said["layers"]["zones"] = {
        "file": "zones.csv",
        "geometry": {"derive": "schematic"},
        "fields": fields,
    }
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def districts(saved):
    card(saved)
    zones = EXAMPLE["town"](HOSTILE)
    EXAMPLE["save"](CITY, zones)
    return saved, zones


def read(results):
    return read_districts(CITY, load_city(results.raw / CITY), title="Leeds")


def test_zones_values_and_plans_are_those_that_were_saved(districts):
    results, zones = districts
    found = read(results)
    data = json.loads(found.data)
    assert "<" not in found.data and found.stand_in
    assert (data["city"], data["title"]) == (CITY, "Leeds")
    assert data["zones"] == zones["zone"].tolist() and data["names"] == zones["name"].tolist()
    assert data["fields"] == [
        {"name": "residents", "label": EXAMPLE["LABEL"], "values": zones["residents"].tolist()}
    ]
    assert [plan["areas"] for plan in data["plans"]] == [
        zones[name].tolist() for name in ("today", "best", "today_2_changed")
    ]
    assert [plan["areas"] for plan in found.plans] == [3, 3, 3]
    assert [plan["proven"] for plan in data["plans"]] == [False, True, True]
    assert [plan["known"] for plan in found.plans] == [
        "not asked", "proven: none has less", "proven: with up to 2 zones moved none has less"
    ]  # fmt: skip
    total = zones["residents"].sum()
    for plan in found.plans:
        off = EXAMPLE["differences"](zones[plan["name"]], zones["residents"])
        assert (
            plan["share"] == f"{100 * off / total:.2f}\xa0%" and plan["label"] == EXAMPLE["LABEL"]
        )


def test_a_plan_of_as_many_areas_tells_how_many_zones_change_hands(districts):
    results, zones = districts
    says = {plan["name"]: plan["says"] for plan in read(results).plans}
    # areas 1 and 2 of the plan have most zones of today's 1 and 2: whatever their numbers are
    numbers = zones["best"].map({1: 30, 2: 10, 3: 20})
    EXAMPLE["save"](CITY, zones.assign(best=numbers))
    again = {plan["name"]: plan["says"] for plan in read(results).plans}
    assert says == again and says["best"].endswith(
        " 5 of the 12 zones would be in another district than today."
    )
    assert "would be" not in says["today"] + says["today_2_changed"]


def test_plans_are_told_by_their_number_of_areas(districts):
    results, zones = districts
    EXAMPLE["save"](CITY, zones.assign(best=[1] * 6 + [2] * 6))
    found = read(results).comparable
    assert {many: [plan["name"] for plan in plans] for many, plans in found.items()} == {
        (3, EXAMPLE["LABEL"]): ["today", "today_2_changed"], (2, EXAMPLE["LABEL"]): ["best"]
    }  # fmt: skip


def test_a_bound_is_told_of_what_it_is_about():
    row = {"plan": "a_balance", "eq1": 8.0, "value": 8.0, "bound": 2.0, "proven": False}
    assert proof_known(row, 100, "up to 5 zones moved") == (
        "not proven: with up to 5 zones moved none has less than 2.00\xa0%"
    )
    # the bound on a mixture with shape is none on the differences
    assert proof_known(row | {"value": 0.1}, 100, "all plans") == "not proven"
    assert proof_known(row, 1e6, "all plans") == "not proven: the bound is below 0.01\xa0%"
    assert proof_known(row | {"bound": 0.0}, 100, "all plans") == "not proven"
    for name in ("a_balance_then_shape", "drawn_anew"):
        assert proof_known(row | {"plan": name}, 100, "all plans") == "not asked"


def test_todays_plan_opens_and_those_of_as_many_areas_follow():
    """Plans of 33 areas beside 12 of today are not like for like."""
    layer = pd.DataFrame({"many": [1, 2, 3, 4], "today_stand_in_1_changed": [1, 1, 1, 2],
                          "today_stand_in": [1, 1, 2, 2], "drawn_anew": [2, 1, 2, 1]})  # fmt: skip
    ordered = like_first(pd.DataFrame({"plan": layer.columns}), layer)
    assert ordered["plan"].tolist() == [
        "today_stand_in", "today_stand_in_1_changed", "drawn_anew", "many"
    ]  # fmt: skip
    # where nothing is known of today the order is as it was
    rest = layer[["many", "drawn_anew"]]
    assert like_first(pd.DataFrame({"plan": rest.columns}), rest)["plan"].tolist() == [*rest]


def test_each_plan_says_what_it_is():
    """No reader has to know what `today (stand-in)` or `drawn anew` mean."""
    told = {name: plan_meaning(name, "Crimes") for name in (
        "today", "today_stand_in", "today_stand_in_1_changed", "today_5_changed", "drawn_anew",
        "crimes_balance", "crimes_balance_then_shape")}  # fmt: skip
    assert len(set(told.values())) == len(told)
    assert "is not published" in told["today_stand_in"]
    assert (
        "the stand-in for today's districts, but for at most one zone "
        in (told["today_stand_in_1_changed"])
    )
    assert "as many areas as today's" in told["drawn_anew"]
    assert all("Crimes" in said for name, said in told.items() if name not in list(told)[:2])


def test_borders_are_shared_sides_and_no_corners(districts):
    results, zones = districts
    data = json.loads(read(results).data)
    columns = EXAMPLE["COLUMNS"]
    beside = {
        (i, j)
        for i in range(len(zones))
        for j in range(i + 1, len(zones))
        if j - i == columns or (j - i == 1 and j % columns)
    }
    assert {tuple(pair) for pair in data["borders"]} == beside
    for rings, square in zip(data["rings"], zones.geometry, strict=True):
        drawn = shapely.Polygon(rings[0])
        assert shapely.symmetric_difference(drawn, square).area < 0.01 * square.area


def test_values_of_other_zones_make_no_page(districts):
    results, zones = districts
    assert read(results) is not None
    EXAMPLE["save"](CITY, zones.assign(zone=[f"other {i}" for i in range(len(zones))]).iloc[:-1])
    only = EXAMPLE["SAVER"](CITY, EXAMPLE["VALUES"])
    only.frame("spots", zones[["zone"]].assign(field=EXAMPLE["LABEL"], value=1.0))
    assert read(results) is None
