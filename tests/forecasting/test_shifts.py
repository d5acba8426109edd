"""Shifts of the week, and crimes by shift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import forecasting as fc
from helpers.forecasting import study

WEEK = pd.date_range("2018-01-01", periods=168, freq="h")  # from a Monday on


def test_the_usual_shifts_part_the_week():
    shifts = fc.read_shifts(study.USUAL_SHIFTS)
    named = pd.Series(np.array(shifts.names)[shifts.of(WEEK)], index=WEEK)
    assert named.value_counts().to_dict() == {
        "day": 56,
        "evening": 56,
        "weekday night": 40,
        "weekend night": 16,
    }
    # the night belongs to the day on which it begins
    assert named["2018-01-06 03:00"] == "weekend night"
    assert named["2018-01-07 23:00"] == "weekday night"
    assert named["2018-01-01 02:00"] == "weekday night"
    assert named["2018-01-06 06:00"] == "day"


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ({"day": "6-22"}, "Mon 0:00 is in no shift"),
        ({"day": "0-24", "night": "22-6"}, "Mon 0:00 is in the shifts 'day' and 'night'|Mon 22:00"),
        ({"day": "from 6"}, "'from 6' is no span such as"),
        ({"day": "Mo-Fr 0-24"}, "is no span"),
        ({"day": "Foo 0-24"}, "is no span"),
        ({"day": "25-30"}, "from 0 to 24"),
        ({"day": "6-6"}, "not equal"),
        ({}, "at least one"),
    ],
)
def test_shifts_that_part_nothing_are_refused(spans, words):
    with pytest.raises(ValueError, match=words):
        fc.read_shifts(spans)


def test_hours_of_a_period_are_counted_on_the_calendar():
    shifts = fc.read_shifts(study.USUAL_SHIFTS)
    periods = list(pd.period_range("2018-02", "2018-03", freq="M"))
    hours = pd.date_range("2018-02-01", "2018-03-31 23:00", freq="h")
    found = shifts.hours(periods)
    np.testing.assert_array_equal(found, np.bincount(shifts.of(hours), minlength=4))


@pytest.fixture(scope="module")
def nights():
    """Crimes of the west fall into nights of the weekend, those of the east into days."""
    rng = np.random.default_rng(2)
    hours = pd.date_range("2016-01-01", "2017-12-31 23:00", freq="h")
    shifts = fc.read_shifts(study.USUAL_SHIFTS)
    which = np.array(shifts.names)[shifts.of(hours)]
    west = rng.choice(hours[which == "weekend night"], 900)
    east = rng.choice(hours[which == "day"], 600)
    x = np.r_[rng.uniform(0, 400, 900), rng.uniform(600, 1000, 600)]
    places = np.column_stack([x, rng.uniform(0, 400, 1500)])
    return fc.event_table(places, ["a"] * 1500, [*west, *east])


def test_shares_of_the_shifts_are_those_of_the_places(nights):
    cells = fc.make_cells(shapely.box(0, 0, 1000, 400), 5, 2)
    total = np.full(10, 30.0)
    year = list(pd.period_range("2018-01", "2018-12", freq="M"))
    table = study.expected_by_shift(nights, cells, total, year, "2018", seed=1)
    columns = ["node", "column", "row", "x", "y", "shift", "period", "hours", "expected", "when"]
    assert sorted(table) == sorted(columns)
    wide = table.pivot(index="node", columns="shift", values="expected")
    np.testing.assert_allclose(wide.sum(axis=1), total)
    middle = cells.table["x"]
    assert (wide.loc[(middle < 300).to_numpy(), "weekend night"] > 24).all()
    assert (wide.loc[(middle > 700).to_numpy(), "day"] > 24).all()
    sums = study.shift_sums(table, nights, fc.read_shifts(study.USUAL_SHIFTS))
    assert sums.set_index("shift")["happened"].to_dict() == {
        "day": 600,
        "evening": 0,
        "weekday night": 0,
        "weekend night": 900,
    }
    assert sums["when"].tolist()[::3] == ["6:00-14:00", "Fri-Sat 22:00-6:00"]
    np.testing.assert_allclose(sums["per_100_hours"], 100 * sums["expected"] / sums["hours"])
    maps = study.shift_surfaces(table, cells)
    assert maps["day"].shape == (2, 5)
    assert maps["day"].sum() == pytest.approx(sums["per_100_hours"][0])


def test_a_month_with_more_weekends_has_more_of_their_nights(nights):
    cells = fc.make_cells(shapely.box(0, 0, 1000, 400), 5, 2)
    shifts = fc.read_shifts(study.USUAL_SHIFTS)
    mix = np.tile([0.25, 0.25, 0.25, 0.25], (10, 1))
    year = list(pd.period_range("2017-01", "2017-12", freq="M"))
    few, many = (
        fc.shift_table(cells.table, np.ones(10), mix, shifts, year, [pd.Period(m, "M")], m)
        for m in ("2018-02", "2018-03")
    )
    nights_of = [each[each["shift"] == "weekend night"]["expected"].sum() for each in (few, many)]
    assert nights_of[1] > nights_of[0]


def test_one_shift_is_all(nights):
    cells = fc.make_cells(shapely.box(0, 0, 1000, 400), 5, 2)
    month = [pd.Period("2018-01", "M")]
    table = study.expected_by_shift(nights, cells, np.ones(10), month, "1", {"always": "0-24"})
    np.testing.assert_allclose(table["expected"], 1.0)


def test_unknown_hours_show_at_midnight_and_noon():
    hours = [f"2018-01-{day:02} {hour:02}:30" for day in range(1, 29) for hour in range(24)]
    even = fc.event_table(np.zeros((len(hours), 2)), ["a"] * len(hours), hours)
    assert study.clock_excess(even) == 0.0
    more = hours + ["2018-01-01 00:00"] * 56 + ["2018-01-01 12:00"] * 56
    uneven = fc.event_table(np.zeros((len(more), 2)), ["a"] * len(more), more)
    assert study.clock_excess(uneven) == pytest.approx(112 / len(more))
