"""How many crimes a city has in all: season, growth, and how far a year may be from the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

MONTHS = 12
FEWEST_SEASONS = 3  # full years: two to learn the season from, one to see whether it helps
FEWEST_CHANGES = 3  # from year to year, below which a growth is not told from chance
CONFIDENCE = 0.95
CLEAR = 3.84
COMMON_YEAR = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=float)


@dataclass(frozen=True)
class Pace:
    """Season and growth of a city's crimes, by which the level of the last year is multiplied.

    Attributes
    ----------
    season : tuple of 12 float
        Factor of each calendar month, one on average over the days of a year; empty for none.
    growth : float
        Factor from one year to the next; one for none.
    """

    season: tuple[float, ...] = ()
    growth: float = 1.0

    def days(self, until: pd.Period, periods: Any) -> float:
        """Days of periods to come, each counted by its factor.

        Parameters
        ----------
        until : pandas.Period
            Last period seen; the level is that of the year that it ends.
        periods : sequence of pandas.Period

        Examples
        --------
        >>> july = pd.Period("2018-07", "M")
        >>> Pace().days(july, [july + 1]), Pace(growth=2.0).days(july, [july + 12 - 6]) > 31
        (31.0, True)
        """
        total = 0.0
        middle = until.end_time - pd.Timedelta(days=182.5)
        for period in periods:
            number = (period.end_time.normalize() - period.start_time.normalize()).days + 1
            factor = self.season[period.start_time.month - 1] if self.season else 1.0
            centre = period.start_time + (period.end_time - period.start_time) / 2
            total += number * factor * self.growth ** ((centre - middle).days / 365.25)
        return float(total)


STEADY = Pace()


@dataclass(frozen=True)
class LevelInterval:
    """How many crimes a whole period may have.

    Attributes
    ----------
    expected : float
    low, high : float
        95 % predictive interval; missing where the past holds no change to judge it by.
    changes : int
        Changes from one year (or period) to the next that it stands on.
    every : str
        ``"year"`` or ``"period"``: what the changes are between.
    deviation : float
        Standard deviation of such a change, as a share, without the luck of the counts.
    """

    expected: float
    low: float
    high: float
    changes: int
    every: str
    deviation: float


def find_pace(totals: Mapping[pd.Period, float]) -> Pace:
    """Season and growth, where the past carries them.

    The season of calendar months is taken where three full years of months are known and the months
    of the last are closer to those of the years before than to an even course, by more than chance
    gives (Poisson deviance, 3.84);
    the growth where three changes from year to year are known whose mean is clear of zero
    (t test, 5 %).

    Parameters
    ----------
    totals : mapping of pandas.Period to float
        Crimes of each period of the past.

    Returns
    -------
    Pace

    Examples
    --------
    >>> months = pd.period_range("2014-01", "2018-12", freq="M")
    >>> busy = {m: 3000 if m.month in (6, 7, 8) else 1000 for m in months}
    >>> pace = find_pace(busy)
    >>> round(pace.season[6] / pace.season[0], 3), pace.growth
    (3.0, 1.0)
    """
    blocks = _years(totals)
    changes = _changes(blocks)
    growth = 1.0
    known = len(changes) >= FEWEST_CHANGES and np.ptp(changes) > 0
    if known and stats.ttest_1samp(changes, 0.0).pvalue < 1 - CONFIDENCE:
        growth = float(np.exp(np.mean(changes)))
    return Pace(_season(blocks), growth)


def level_interval(
    totals: Mapping[pd.Period, float], expected: float, pace: Pace = STEADY
) -> LevelInterval:
    r"""95 % predictive interval of the crimes of a whole period.

    The next change of the logarithm is taken for one more of the k known ones :math:`r_i`, which hold
    both how the level walks and the luck of the counts:

    .. math:: \log \mu \pm t_{k,\, 0.975}\, \sqrt{\tfrac1k \sum_i r_i^2}

    with μ expected; never narrower than the luck of the counts alone.  Where no two years have the
    same months, the changes are those from one period to the next.

    Parameters
    ----------
    totals : mapping of pandas.Period to float
        Crimes of each period of the past.
    expected : float
        μ.
    pace : Pace
        Of which the growth is taken off the changes, at the price of a degree of freedom.

    Returns
    -------
    LevelInterval

    Examples
    --------
    >>> julys = {pd.Period("2016-07", "M"): 9000, pd.Period("2017-07", "M"): 10000}
    >>> found = level_interval(julys, 10000.0)
    >>> found.changes, found.low < 9000 < 11000 < found.high
    (1, True)
    """
    blocks, every = _years(totals), "year"
    if not _changes(blocks):
        blocks, every = (
            [{period: totals[period]} for period in sorted(totals, reverse=True)],
            "period",
        )
        rates = np.array([_daily(block) for block in blocks])
        changes = list(np.log(rates[:-1] / rates[1:])) if (rates > 0).all() else []
    else:
        changes = _changes(blocks)
    if not changes or expected <= 0:
        return LevelInterval(float(expected), np.nan, np.nan, 0, every, np.nan)
    numbers = np.array([sum(block.values()) for block in blocks[: len(changes) + 1]], dtype=float)
    noise = float(np.mean(1 / numbers[:-1] + 1 / numbers[1:]))
    grown, k = pace.growth != 1.0, len(changes)
    away = np.array(changes) - (np.log(pace.growth) if grown else 0.0)
    freedom = k - 1 if grown else k
    variance = float((away**2).sum() / freedom) * (1 + 1 / k if grown else 1)
    luck = stats.norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(1 / numbers[0] + 1 / expected)
    wide = max(stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(variance), luck)
    low, high = (float(expected * np.exp(sign * wide)) for sign in (-1, 1))
    deviation = float(np.sqrt(max(0.0, variance - noise)))
    return LevelInterval(float(expected), low, high, k, every, deviation)


def _years(totals: Mapping[pd.Period, float]) -> list[dict[pd.Period, float]]:
    """Periods of each year back from the last one, latest year first."""
    last = max(totals).start_time
    blocks: dict[int, dict[pd.Period, float]] = {}
    for period, number in totals.items():
        back = (last.year - period.start_time.year) * MONTHS + last.month - period.start_time.month
        blocks.setdefault(back // MONTHS, {})[period] = float(number)
    return [blocks[number] for number in sorted(blocks)]


def _changes(blocks: Sequence[Mapping[pd.Period, float]]) -> list[float]:
    """Logarithms of the change of the daily level from year to year, where the months are the same."""
    months = [sorted(period.start_time.month for period in block) for block in blocks]
    found = []
    for later in range(len(blocks) - 1):
        rates = _daily(blocks[later]), _daily(blocks[later + 1])
        if months[later] != months[later + 1] or min(rates) <= 0:
            break
        found.append(float(np.log(rates[0] / rates[1])))
    return found


def _season(blocks: Sequence[Mapping[pd.Period, float]]) -> tuple[float, ...]:
    """Factors of the months, if those of the years before fit the last year better than none."""
    full = []
    for block in blocks:
        if sorted(period.start_time.month for period in block) != list(range(1, MONTHS + 1)):
            break
        full.append(block)
    if len(full) < FEWEST_SEASONS:
        return ()
    last = {period.start_time.month: number for period, number in full[0].items()}
    days = {period.start_time.month: period.days_in_month for period in full[0]}
    observed = np.array([last[month] for month in sorted(last)])
    length = np.array([days[month] for month in sorted(days)], dtype=float)
    even = length * observed.sum() / length.sum()
    uneven = length * _factors(full[1:])
    uneven *= observed.sum() / uneven.sum()
    if (uneven <= 0).any() or _deviance(uneven, observed) + CLEAR >= _deviance(even, observed):
        return ()
    return tuple(float(factor) for factor in _factors(full))


def _factors(blocks: Sequence[Mapping[pd.Period, float]]) -> np.ndarray:
    """Each month's daily level over its year's, summed over the years."""
    number, wanted = np.zeros(MONTHS), np.zeros(MONTHS)
    for block in blocks:
        daily = _daily(block)
        for period, count in block.items():
            month = period.start_time.month - 1
            number[month] += count
            wanted[month] += daily * period.days_in_month
    factors = number / wanted
    return factors * (COMMON_YEAR.sum() / (COMMON_YEAR @ factors))


def _daily(block: Mapping[pd.Period, float]) -> float:
    days = sum((p.end_time.normalize() - p.start_time.normalize()).days + 1 for p in block)
    return sum(block.values()) / days


def _deviance(expected: np.ndarray, observed: np.ndarray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(observed > 0, observed * np.log(observed / expected), 0.0)
    return float(2 * (log - observed + expected).sum())
