"""When events are said to have happened: months, weekdays, hours, and heaps at convenient times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAST_RATIO = 1.2
"""A heap has at least so many times the expected events."""

CHANCE = 0.001
"""A heap is rarer than this by chance."""


@dataclass(frozen=True)
class Heap:
    """How often a convenient time was written down, beside how often it should be.

    Attributes
    ----------
    at : {"first", "midnight", "noon"}
        The first day of a month; the hours from 0 and from 12 o'clock.
    seen : int
        Events there.
    expected : float
        Events there, were the time like those beside it.
    chance : float
        Probability of at least `seen` events where `expected` is true.
    """

    at: str
    seen: int
    expected: float
    chance: float

    @property
    def ratio(self) -> float:
        """Seen over expected; infinite where none was expected and some were seen."""
        if self.expected > 0:
            return self.seen / self.expected
        return float("inf") if self.seen else 1.0

    @property
    def is_heap(self) -> bool:
        """Whether it is at least a fifth above the expected, and no chance of one in a thousand."""
        return self.ratio >= LEAST_RATIO and self.chance < CHANCE


def month_counts(times: pd.Series) -> pd.Series:
    """Events of each month from the first to the last, those without any as 0.

    Parameters
    ----------
    times : Series of datetime64
        At least one.

    Returns
    -------
    Series of int64
        Index: months as a PeriodIndex.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2024-01-31", "2024-03-01", "2024-03-02"]))
    >>> month_counts(times).tolist()
    [1, 0, 2]
    """
    months = times.dt.to_period("M")
    every = pd.period_range(months.min(), months.max(), freq="M")
    return months.value_counts().reindex(every, fill_value=0).astype("int64")


def weekday_counts(times: pd.Series) -> np.ndarray:
    """Events of each weekday, Monday first: shape (7,), int64."""
    return np.bincount(times.dt.day_of_week.to_numpy(), minlength=7).astype("int64")


def hours_of_week(times: pd.Series) -> np.ndarray:
    """Events of each hour of each weekday, Monday first: shape (7, 24), int64."""
    place = times.dt.day_of_week.to_numpy().astype("int64") * 24 + times.dt.hour.to_numpy()
    return np.bincount(place, minlength=168).astype("int64").reshape(7, 24)


def time_heaps(times: pd.Series, precision: str) -> list[Heap]:
    r"""Heaps at the first of a month, at midnight and at noon, as far as the times can tell.

    Of :math:`n_m` events of month :math:`m`, of which :math:`d_m` days lie between the first and
    the last event, an even spread puts

    .. math:: E_{\text{first}} = \sum_{m} n_m / d_m

    on the first days, over the months whose first day lies in between and that have more days
    than that.  The chance is that of a Poisson variable of this mean.  An hour :math:`h` is
    compared with the mean of the two beside it, because crime has a daily course:

    .. math:: E_h = (n_{h-1} + n_{h+1}) / 2

    The chance is that of a binomial variable with :math:`n_{h-1} + n_h + n_{h+1}` draws and
    probability 1/3.

    Parameters
    ----------
    times : Series of datetime64
        At least one.
    precision : {"hour", "day", "month"}
        How exactly they are known.

    Returns
    -------
    list of Heap
        Empty for months; the first of a month for days; all three for hours.  The first of a
        month is left out where no month has one among other days, an hour where neither it nor
        those beside it have an event.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-05-01"] * 31 + ["2024-05-31"] * 31))
    >>> [(heap.seen, heap.expected) for heap in time_heaps(days, "day")]
    [(31, 2.0)]
    """
    if precision == "month":
        return []
    found = [_first_days(times)]
    if precision == "hour":
        hours = np.bincount(times.dt.hour.to_numpy(), minlength=24)
        found += [_hour(hours, 0, "midnight"), _hour(hours, 12, "noon")]
    return [heap for heap in found if heap is not None]


def _first_days(times: pd.Series) -> Heap | None:
    from scipy import stats

    days = times.dt.floor("D")
    every = pd.date_range(days.min(), days.max(), freq="D")
    covered = pd.Series(1, index=every).groupby(every.to_period("M")).sum()
    has_first = every[every.day == 1].to_period("M")
    used = covered[covered.index.isin(has_first) & (covered > 1).to_numpy()]
    months = days.dt.to_period("M")
    counts = months.value_counts().reindex(used.index, fill_value=0)
    if not counts.sum():
        return None
    expected = float((counts / used).sum())
    seen = int((months.isin(used.index) & (days.dt.day == 1)).sum())
    return Heap("first", seen, expected, float(stats.poisson.sf(seen - 1, expected)))


def _hour(hours: np.ndarray, hour: int, at: str) -> Heap | None:
    from scipy import stats

    seen, beside = int(hours[hour]), int(hours[hour - 1] + hours[hour + 1])
    if not seen + beside:
        return None
    chance = float(stats.binom.sf(seen - 1, seen + beside, 1 / 3))
    return Heap(at, seen, beside / 2, chance)
