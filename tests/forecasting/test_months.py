"""Months that the data hold in part, told from months that are whole or sparse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.compendium import words
from helpers.forecasting import study


def told(times, precision="day") -> list[tuple]:
    found = study.partial_months(pd.Series(times), precision)
    return [(str(part["month"]), part["first"], part["last"], part["days"]) for part in found]


def test_a_period_that_begins_on_the_fifteenth_is_told():
    assert told(pd.date_range("2020-01-15", "2021-12-31")) == [("2020-01", 15, 31, 31)]
    assert told(pd.date_range("2020-01-01", "2021-12-10")) == [("2021-12", 1, 10, 31)]
    assert told(pd.date_range("2020-02-03", "2020-02-20")) == [("2020-02", 3, 20, 29)]
    hours = pd.date_range("2020-01-15 05:00", "2020-03-31 22:00", freq="7h")
    assert told(hours, "hour") == [("2020-01", 15, 31, 31)]


def test_whole_months_and_months_without_days_are_not():
    assert told(pd.date_range("2020-01-01", "2021-12-31")) == []
    # one missing day is no part of a month
    assert told(pd.date_range("2020-01-02", "2021-12-30")) == []
    assert told(pd.date_range("2020-01-15", "2020-12-31"), "month") == []
    assert told(pd.Series([], dtype="datetime64[ns]")) == []
    with pytest.raises(ValueError, match="precision"):
        told(pd.date_range("2020-01-15", "2020-12-31"), "week")


def test_each_run_of_months_has_ends_of_its_own():
    """Julys of three years, of which the second begins late."""
    julys = [
        ("2016-07-01", "2016-07-31"),
        ("2017-07-12", "2017-07-31"),
        ("2018-07-01", "2018-07-31"),
    ]
    days = np.concatenate([pd.date_range(*each) for each in julys])
    assert told(days) == [("2017-07", 12, 31, 31)]


def test_few_events_begin_late_by_chance():
    """Events on one day in ten: a first one within the month says nothing of where the data begin."""
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(400):
        days = pd.date_range("2020-01-01", "2021-12-31")
        wrong += bool(told(days[rng.random(len(days)) < 0.1]))
    # two ends, each at 1 %
    assert wrong <= 20


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], ""),
        (
            [{"month": "2020-01", "first": 15, "last": 31, "days": 31}],
            "has days 15 to 31 of 31",
        ),
    ],
)
def test_the_section_says_which_months_are_in_part(parts, said):
    class Town:
        synthetic = ()

        def status(self, layer):
            return ""

    facts = {"town": Town(), "numbers": {"train_events": 9, "test_events": 3}, "kinds": 2}
    facts |= {"period": "2021", "stations": 1, "used": 1, "parameters": {"nearest": 1}}
    facts |= {"precision": "day", "new_kinds": [], "parts": parts}
    text = words.render("14_patrol_forecasting", "events", facts)
    assert ("in part" in text) == bool(parts) and said in text
