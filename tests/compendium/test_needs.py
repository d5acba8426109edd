"""Conditions on cards: what is counted, and the sentence that a city gets which lacks it."""

from __future__ import annotations

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


def test_a_card_asks_for_layers_before_it_counts(tmp_path):
    conditions = (Condition.read("events.periods >= 3: it compares periods"),)
    needs = (("events",), ("stations", "patrols"))
    card = SectionCard("15_x", "X", "none", needs, (), "city", {}, tmp_path, conditions)
    assert card.lacking(Town()) == "city has no stations or patrols"
    card = SectionCard("15_x", "X", "none", (("events",),), (), "city", {}, tmp_path, conditions)
    assert card.lacking(Town()) == "two months of events; it compares periods"


def test_the_vocabulary_counts_layers_that_exist():
    from helpers.cities import LAYERS

    assert {name.partition(".")[0] for name in MEASURES} <= set(LAYERS)
