"""Months that events hold in part only, which are compared with whole ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import one_of

PRECISIONS = ("month", "day", "hour")
LEVEL = 0.01
"""A month is called partial where chance would leave so many days without an event more seldom."""


def partial_months(times: pd.Series, precision: str) -> list[dict[str, Any]]:
    r"""First and last months of events that begin after the first day, or end before the last one.

    A month that begins late may do so by chance, where events are few. Each run of months that
    follow each other has a first and a last day with an event; of the D days from these to those, n
    without any, a day is without one with probability

    .. math:: q = \frac{n + 1}{D + 2} ,

    and g days in a row at one end with :math:`q^g`: where that is below 0.01 and g is two or more,
    the data are taken to begin or end within the month.

    Parameters
    ----------
    times : Series of datetime64
    precision : {"month", "day", "hour"}
        To which they are known; of months nothing can be told.

    Returns
    -------
    list of dict
        In their order: ``month`` (a Period), ``first``, ``last`` (days of the month that the data
        hold) and ``days`` (that it has).

    Examples
    --------
    >>> days = pd.Series(pd.date_range("2020-01-15", "2020-03-31"))
    >>> partial_months(days, "day")
    [{'month': Period('2020-01', 'M'), 'first': 15, 'last': 31, 'days': 31}]
    """
    one_of(precision, "precision", PRECISIONS)
    times = pd.Series(times)
    if precision == "month" or times.empty:
        return []
    found: dict[pd.Period, dict[str, Any]] = {}
    runs = list(_runs(pd.DatetimeIndex(times.dt.normalize().unique()).sort_values()))
    span = sum((days[-1] - days[0]).days + 1 for days in runs)
    empty = (span - sum(map(len, runs)) + 1) / (span + 2)
    for days in runs:
        starts, ends = days[0].day - 1, days[-1].days_in_month - days[-1].day
        for day, key, gap in ((days[0], "first", starts), (days[-1], "last", ends)):
            if gap >= 2 and empty**gap < LEVEL:
                month = day.to_period("M")
                whole = {"month": month, "first": 1, "last": day.days_in_month}
                found.setdefault(month, {**whole, "days": day.days_in_month})[key] = day.day
    return list(found.values())


def _runs(days: pd.DatetimeIndex) -> Iterator[pd.DatetimeIndex]:
    """Days with an event, by runs of months that follow each other."""
    months = days.year * 12 + days.month
    cuts = np.flatnonzero(np.diff(months) > 1) + 1
    for part in np.split(np.arange(len(days)), cuts):
        yield days[part]
