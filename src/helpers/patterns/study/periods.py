"""Years of events: which is the last full one, and which months a year holds."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import pandas as pd


def last_full_year(times) -> int:
    """The last year with as many months as the fullest one.

    Parameters
    ----------
    times : Series of datetime64

    Returns
    -------
    int

    Examples
    --------
    >>> last_full_year(pd.Series(pd.to_datetime(["2021-05-01", "2021-06-01", "2022-06-01"])))
    2021
    """
    months = _months(times).map(len)
    return int(months.index[months == months.max()].max())


def period_name(years: Sequence[int], times=None, stated: str | None = None) -> str:
    """Years as words, with the full names of their months where they do not hold all twelve.

    Parameters
    ----------
    years : sequence of int
    times : Series of datetime64, optional
        Of the events; without them no month is named.
    stated : str, optional
        As in `year_names`.

    Returns
    -------
    str

    Examples
    --------
    >>> period_name([2019]), period_name([2016, 2017, 2018]), period_name([2016, 2018])
    ('2019', '2016 to 2018', '2016, 2018')
    >>> period_name([2022], pd.Series(pd.to_datetime(["2021-07-01", "2022-02-01"])))
    'February 2022'
    """
    years = sorted(years)
    names = {} if times is None else _names(times, stated, calendar.month_name)
    told = [names.get(year, str(year)) for year in years]
    plain = told == [str(year) for year in years]
    whole = plain and years == list(range(years[0], years[-1] + 1))
    return f"{years[0]} to {years[-1]}" if whole and len(years) > 1 else ", ".join(told)


def year_names(times, stated: str | None = None) -> dict[int, str]:
    """How a figure names each year: with its months, cut short, where it does not hold all twelve.

    Parameters
    ----------
    times : Series of datetime64
    stated : str, optional
        One time for all events, where no column has theirs: a bare year tells no month.

    Returns
    -------
    dict from int to str

    Examples
    --------
    >>> year_names(pd.Series(pd.to_datetime(["2021-07-01", "2022-02-01", "2022-04-01"])))
    {2021: 'Jul 2021', 2022: 'Feb, Apr 2022'}
    """
    return _names(times, stated, calendar.month_abbr)


def _names(times, stated: str | None, called: Sequence[str]) -> dict[int, str]:
    """Name of each year, its months as they are called there."""
    months = _months(times)
    if stated is not None and len(stated) == len("2010"):
        return {int(year): str(year) for year in months.index}
    return {int(year): f"{_named(found, called)}{year}" for year, found in months.items()}


def _months(times) -> pd.Series:
    """Months of each year, ascending."""
    times = pd.Series(times)
    found = times.dt.month.groupby(times.dt.year).unique()
    return found.map(sorted)


def _named(months: Sequence[int], called: Sequence[str]) -> str:
    names = [called[month] for month in months]
    if len(names) == 12:
        return ""
    run = list(months) == list(range(months[0], months[-1] + 1))
    if run and len(names) > 1:
        return f"{names[0]}–{names[-1]} "
    return ", ".join(names) + " "
