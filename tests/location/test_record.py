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
