"""Conditions on cards: what is counted, and the sentence that a city gets which lacks it."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest

from helpers.compendium.card import SectionCard
from helpers.compendium.needs import MEASURES, Condition, ConditionError, periods


class Town:
    """A city of eight events: six of one kind, of two months of one year, at three places."""

    def __init__(self, times=("2024-05-01", "2024-06-01")):
        places = gpd.points_from_xy([0, 0, 0, 1, 1, 2, 2, 2], [0] * 8)
        kinds = ["Theft"] * 6 + ["Robbery"] * 2
        when = pd.to_datetime([times[k % len(times)] for k in range(8)])
        self.events = gpd.GeoDataFrame({"kind": kinds, "time": when}, geometry=places)
        self.layers = {"events": None}

    def layer(self, name):
        assert name == "events"
        return self.events


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("events.count >= 8", ""),
        ("events.count >= 9", "eight events; this section needs nine or more"),
        ("events.kinds >= 3: it compares kinds", "two kinds of events; it compares kinds"),
        ("events.kinds_with(2) >= 2", ""),
        (
            "events.kinds_with(5) >= 2: it compares kinds",
            "one kind with 5 events or more; it compares kinds",
        ),
        ("events.places >= 4", "three places with events; this section needs four or more"),
        ("events.periods >= 2", ""),
        ("events.periods >= 3", "two months of events; this section needs three or more"),
    ],
)
def test_what_a_city_lacks(text, sentence):
    assert Condition.read(text).lacking(Town()) == sentence


def test_a_period_is_a_year_or_the_month_of_a_single_year():
    one = Town(["2024-05-01"])
    assert (
        Condition.read("events.periods >= 2: this section compares periods").lacking(one)
        == "one month of events; this section compares periods"
    )
    years = Town(["2022-05-01", "2023-05-01", "2024-01-01"])
    assert periods(years.events["time"]) == ("year", 3)
    assert "three years of events" in Condition.read("events.periods >= 4").lacking(years)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("events >= 2", "is no condition; write layer.measure >= number"),
        ("events.perids >= 2", "did you mean 'events.periods'"),
        ("events.kinds_with >= 2", "takes a number in brackets, or must not"),
        ("events.kinds(3) >= 2", "takes a number in brackets, or must not"),
    ],
)
def test_a_condition_that_nobody_can_read(text, sentence):
    with pytest.raises(ConditionError) as caught:
        Condition.read(text)
    assert sentence in str(caught.value)


def test_a_card_tells_of_layers_first_and_of_what_is_wrong_beside_them(tmp_path):
    conditions = (Condition.read("events.periods >= 3: it compares periods"),)
    needs = (("events",), ("stations", "patrols"))
    card = SectionCard("15_x", "X", "none", needs, (), "city", {}, tmp_path, conditions)
    assert card.lacking(Town()) == (
        "city has no stations or patrols; besides, two months of events; it compares periods"
    )
    card = SectionCard("15_x", "X", "none", (("events",),), (), "city", {}, tmp_path, conditions)
    assert card.lacking(Town()) == "two months of events; it compares periods"


def test_the_vocabulary_counts_layers_that_exist():
    from helpers.cities import LAYERS

    assert {name.partition(".")[0] for name in MEASURES} <= set(LAYERS)


def town(kinds: str, times: list[str], places: list[float] | None = None):
    """A city of events along a street, each kind a letter."""
    x = range(len(kinds)) if places is None else places
    events = gpd.GeoDataFrame(
        {"kind": list(kinds), "time": pd.to_datetime(times)},
        geometry=gpd.points_from_xy(x, [0] * len(kinds)),
    )
    return SimpleNamespace(layer=lambda name: events)


YEARS = ["2021-05-01", "2021-06-01", "2022-05-01", "2023-02-01", "2023-03-01"]
MONTHS = ["2023-05-01", "2023-05-31", "2023-06-01", "2023-07-01", "2023-07-09"]


@pytest.mark.parametrize(
    ("condition", "times", "lacking"),
    [
        ("events.before >= 3: so", YEARS, ""),
        ("events.before >= 4: so", YEARS, "three events before the last year; so"),
        ("events.before >= 4: so", MONTHS, "three events before the last month; so"),
        ("events.before >= 1: so", MONTHS[:2], "no events before the last month; so"),
        ("events.kinds_before >= 2: so", YEARS, "one kind of events before the last year; so"),
        ("events.places_before >= 2: so", YEARS, ""),
        (
            "events.places_before >= 3: so",
            YEARS,
            "two places with events before the last year; so",
        ),
    ],
)
def test_what_lies_before_the_last_period_is_counted(condition, times, lacking):
    n = len(times)
    city = town("aaabc"[:n], times, [0, 0, 1, 2, 3][:n])
    assert Condition.read(condition).lacking(city) == lacking


def test_kinds_are_counted_by_their_different_places():
    city = town("aaaabb", [*YEARS, "2023-01-01"], [0, 0, 0, 1, 2, 3])
    assert Condition.read("events.kinds_with_places(2) >= 2: so").lacking(city) == ""
    assert Condition.read("events.kinds_with_places(3) >= 1: so").lacking(city) == (
        "no kinds with events at 3 places or more; so"
    )
