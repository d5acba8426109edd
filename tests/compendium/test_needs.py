"""Conditions on a card: what they count of a city, and the sentence where there is too little."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest

from helpers.compendium.needs import Condition


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
