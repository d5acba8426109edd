"""What record a demand rests on: crimes counted, their months, and the months that lack."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from helpers.location import study

BOX = shapely.box(0, 0, 4000, 2000)


def record_of(months: dict[str, int], every: str, **more) -> study.CrimeRecord:
    """Record of so many crimes in each month, all at one place."""
    times = pd.Series(pd.to_datetime([f"{m}-15" for m, n in months.items() for _ in range(n)]))
    past = study.history([[500, 500]] * len(times), times, BOX, 4, 2, every=every)
    return study.crime_record(times, past, **more)


def forecast_for(period: str, **parameters) -> pd.DataFrame:
    made = pd.DataFrame({"period": [period] * 2})
    made.attrs["provenance"] = {"parameters": parameters}
    return made


def test_history_rests_on_the_periods_before_the_last():
    found = record_of({"2016-07": 3, "2017-07": 4, "2018-07": 9}, "year")
    assert (found.crimes, found.months) == (7, "July 2016 and July 2017")
    assert found.known == (
        "The data hold crimes of July 2016, July 2017 and July 2018 only: 3 of the 25 months from "
        "the first to the last. Nothing is known of other months of the year."
    )


def test_a_single_month_is_counted_itself_and_says_that_it_is_alone():
    found = record_of({"2024-05": 2}, "month")
    assert (found.crimes, found.months) == (2, "May 2024")
    assert found.known == (
        "The data hold crimes of May 2024 only. Nothing is known of other months of the year."
    )


@pytest.mark.parametrize(
    ("period", "since", "crimes", "months"),
    [
        ("2018", "auto", 24, "January 2016 to December 2017"),
        ("2018", "2017", 12, "January to December 2017"),
        ("2017-03", "2016-12", 3, "December 2016 to February 2017"),
        ("2017-03", None, 14, "January 2016 to February 2017"),
    ],
)
def test_a_forecast_rests_on_what_it_was_learnt_from(period, since, crimes, months):
    every = {f"{m}": 1 for m in pd.period_range("2016-01", "2018-12", freq="M")}
    asked = {} if since is None else {"since": since}
    found = record_of(every, "year", forecast=forecast_for(period, **asked))
    assert (found.crimes, found.months) == (crimes, months)
    assert found.known == "The data hold crimes of January 2016 to December 2018, every month."


def test_many_gaps_are_counted_and_not_listed():
    months = [f"{year}-{month:02}" for year in (2020, 2021) for month in range(1, 12, 2)]
    found = record_of(dict.fromkeys(months, 1), "year")
    assert found.known.startswith(
        "The data hold crimes of 12 of the 23 months from January 2020 to November 2021 only."
    )


def test_times_that_nobody_knows_have_no_months():
    found = record_of({"2010-01": 5}, "month", undated=True)
    assert found == (5, "", "When the crimes happened is not known.")


def test_history_and_test_have_the_period_of_the_forecast():
    """Data of 2014 to 2021, a forecast for 2019: neither plan nor test may take another period."""
    times = pd.Series(
        pd.to_datetime([f"{year}-{m:02}-05" for year in range(2014, 2022) for m in (3, 7)])
    )
    xy = [[500, 500]] * len(times)
    given = {"every": "year", "forecast": forecast_for("2019")}
    past = study.history(xy, times, BOX, 4, 2, **given)
    assert (past.basis, past.aside, past.held) == ("mean of 2014 to 2018", "2019", 8)
    assert past.counts.tolist() == [2, 0, 0, 0, 0, 0, 0, 0]
    assert study.crime_record(times, past).crimes == 10
    later = study.later_period(xy, times, BOX, 4, 2, [0], every="year", period=past.aside)
    assert (later.name, later.crimes, later.after) == ("2019", 2, ("2020", "2021"))
    assert (later.known, later.hours) == (True, 24 * 62)
    # without a forecast the last is put aside, and nothing comes after it
    past = study.history(xy, times, BOX, 4, 2, every="year")
    assert (past.basis, past.aside) == ("mean of 2014 to 2020", "2021")
    later = study.later_period(xy, times, BOX, 4, 2, [0], every="year", period=past.aside)
    assert (later.name, later.after) == ("2021", ())


def test_a_forecast_for_a_month_of_a_year_is_judged_by_that_month():
    times = pd.Series(pd.to_datetime(["2016-07-01", "2017-07-02", "2018-07-03", "2018-08-04"]))
    given = {"every": "year", "forecast": forecast_for("2018-07")}
    past = study.history([[500, 500]] * 4, times, BOX, 4, 2, **given)
    assert (past.basis, past.aside) == ("mean of July 2016 and July 2017", "2018-07")
    later = study.later_period(
        [[500, 500]] * 4, times, BOX, 4, 2, [0], every="year", period="2018-07"
    )
    assert (later.name, later.mask.tolist()) == ("July 2018", [False, False, True, False])


def test_a_forecast_of_what_the_data_do_not_hold_puts_nothing_else_aside():
    """Nor one for the first period, before which there is nothing to count."""
    times = pd.Series(pd.to_datetime(["2016-07-01", "2017-07-02", "2018-07-03"]))
    for period in ("2030", "2016"):
        given = {"every": "year", "forecast": forecast_for(period)}
        past = study.history([[500, 500]] * 3, times, BOX, 4, 2, **given)
        assert (past.aside, past.labels) == ("2018", ("2016", "2017"))
    one = study.history(
        [[500, 500]], times[:1], BOX, 4, 2, every="year", forecast=forecast_for("2016")
    )
    assert (one.aside, one.labels, one.held) == ("", ("2016",), 1)
