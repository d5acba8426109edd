"""The rhythm of events over the months, the week and the day, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from helpers.checks import one_of, whole_number

__all__ = ["Rhythm", "rhythm"]

_CYCLES = {"month": range(1, 13), "weekday": range(7), "hour": range(24)}
INTERVALS = ("quasi-poisson", "poisson", "bootstrap")


@dataclass(frozen=True)
class Rhythm:
    """Rates over a cycle.

    Attributes
    ----------
    table : DataFrame
        One row a month (1 … 12), weekday (0 = Monday) or hour (0 … 23): events, days (that had it),
        rate (events a day), low, high, relative (rate over the mean rate of the period).
    dispersion : float
        Pearson's, of the counts a day: 1 for Poisson ones.
    p_value : float
        Of one rate in all rows, the dispersion accounted for; missing with fewer than two rows, and 0
        below 1e-308: see `log10_p`.
    log10_p : float
        Decimal logarithm of p, also where p itself is too small a number.
    by, interval : str
    confidence : float
    """

    table: pd.DataFrame
    dispersion: float
    p_value: float
    log10_p: float
    by: str
    interval: str
    confidence: float


def rhythm(
    times,
    by: str = "month",
    *,
    period=None,
    interval: str = "quasi-poisson",
    confidence: float = 0.95,
    replications: int = 999,
    seed=None,
) -> Rhythm:
    r"""Events a day by month, weekday or hour, with intervals.

    With :math:`y_{dc}` the events of day d in part c of the cycle and :math:`D_c` the days that have
    it (those of February, the Mondays, all days for an hour):

    .. math::

        \hat\mu_c = \frac{1}{D_c} \sum_d y_{dc}, \qquad
        \hat\phi = \frac{1}{\sum_c (D_c - 1)} \sum_c \sum_d
        \frac{(y_{dc} - \hat\mu_c)^2}{\hat\mu_c}

    Intervals: "quasi-poisson" :math:`\hat\mu_c \exp(\pm q \sqrt{\max(\hat\phi, 1) / n_c})` with
    :math:`n_c` events; "poisson" the exact ones of the count; "bootstrap" percentiles of the rate
    over days drawn with replacement, for months and weekdays among those of the same row. Without
    any event the upper end is :math:`\max(\hat\phi, 1)` times the exact Poisson one, or for the
    bootstrap, which knows no other days, 0.

    The test of one rate in all rows refers :math:`X^2 / \max(\hat\phi, 1)`, X² Pearson's of the
    events against the days, to F with C − 1 and :math:`\sum_c (D_c - 1)` degrees of freedom.

    Parameters
    ----------
    times : array_like of dates, shape (n,)
    by : {"month", "weekday", "hour"}
    period : pair of dates, optional
        First and last day that were observed, both included; by default those of the first and the
        last event. A month that began before the data did counts only its days in the period.
    interval : {"quasi-poisson", "poisson", "bootstrap"}
    confidence : float
    replications : int
        Of the bootstrap.
    seed : int or numpy Generator
        Needed for the bootstrap.

    Returns
    -------
    Rhythm
        Rows without a day in the period are left out.

    Raises
    ------
    ValueError
        For times that are no dates, events outside the period, a period of less than two days, hours
        asked of times that are all midnight, a bootstrap without a seed.

    Notes
    -----
    Days are taken as independent. A trend over the years or spells of many days leave intervals too
    narrow: compare years. An hour that the clock skips or repeats once a year counts as any other.
    Reported times heap on midnight, noon and full hours: look at the counts before a peak there is
    believed.

    References
    ----------
    P. McCullagh, J. Nelder (1989), Generalized Linear Models, 6.2 (dispersion); F. Garwood (1936),
    Biometrika 28 (exact intervals).

    Examples
    --------
    >>> days = pd.date_range("2021-01-01", "2021-12-31").repeat(2)
    >>> found = rhythm(days, "month")
    >>> found.table.loc[2, ["events", "days", "rate"]].tolist(), round(found.dispersion, 6)
    ([56.0, 28.0, 2.0], 0.0)
    """
    one_of(by, "by", _CYCLES)
    one_of(interval, "interval", INTERVALS)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, got {confidence}")
    moments = _dates(times)
    first, last = _period(period, moments)
    if by == "hour" and (moments == moments.normalize()).all():
        raise ValueError("all times are midnight: days are known, hours are not")
    counts, part = _daily(moments, first, last, by)
    days = (
        np.array([counts.shape[0]] * 24)
        if part is None
        else np.bincount(part, minlength=counts.shape[1])
    )
    seen = days > 0
    events = counts.sum(axis=0)[seen]
    days = days[seen]
    rate = events / days
    dispersion, freedom = _dispersion(counts[:, seen], _mask(part, counts)[:, seen], rate)
    factor = max(dispersion, 1.0)
    q = stats.norm.ppf(0.5 + confidence / 2)
    if interval == "bootstrap":
        whole_number(replications, "replications", least=99)
        if seed is None:
            raise ValueError("a bootstrap needs a seed: pass seed=1 or a numpy Generator")
        generator = np.random.default_rng(seed)
        drawn = _bootstrap(counts, part, replications, generator)[:, seen] / days
        low, high = np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    else:
        tail = 0.5 - confidence / 2
        low = np.where(events > 0, stats.chi2.ppf(tail, 2 * np.maximum(events, 1)) / 2, 0.0)
        high = stats.chi2.isf(tail, 2 * (events + 1)) / 2
        if interval == "quasi-poisson":
            with np.errstate(divide="ignore", invalid="ignore"):
                half = q * np.sqrt(factor / events)
                low = np.where(events > 0, events * np.exp(-half), 0.0)
                high = np.where(events > 0, events * np.exp(half), factor * high)
        low, high = low / days, high / days
    p_value = log10_p = np.nan
    if len(days) > 1 and freedom > 0 and events.sum() > 0:
        expected = events.sum() * days / days.sum()
        chi2 = ((events - expected) ** 2 / expected).sum()
        degrees = len(days) - 1
        p_value = float(stats.f.sf(chi2 / factor / degrees, degrees, freedom))
        log10_p = _log10_tail(float(chi2 / factor / degrees), degrees, freedom)
    mean = events.sum() / days.sum()
    table = pd.DataFrame(
        {
            "events": events,
            "days": days,
            "rate": rate,
            "low": low,
            "high": high,
            "relative": rate / mean if mean > 0 else np.full(len(rate), np.nan),
        },
        index=pd.Index(np.array(_CYCLES[by])[seen], name=by),
    )
    return Rhythm(table, dispersion, p_value, log10_p, by, interval, confidence)


def _log10_tail(statistic: float, degrees: int, freedom: int) -> float:
    """Decimal logarithm of P[F(degrees, freedom) > statistic].

    Where the tail is no number any more it is the incomplete beta function I_y(a, b) with
    a = freedom / 2, b = degrees / 2, y = freedom / (freedom + degrees · statistic), by its series
    y^a (1 − y)^b / (a B(a, b)) · (1 + (a + b) / (a + 1) · y + …), whose terms fall as powers of y.
    """
    tail = stats.f.sf(statistic, degrees, freedom)
    if tail > 1e-300:
        return float(np.log10(tail))
    a, b = freedom / 2, degrees / 2
    y = freedom / (freedom + degrees * statistic)
    total = term = 1.0
    for step in range(1_000_000):
        term *= y * (a + b + step) / (a + 1 + step)
        total += term
        if term < 1e-15 * total:
            break
    log = a * np.log(y) + b * np.log1p(-y) - np.log(a) - special.betaln(a, b) + np.log(total)
    return float(log / np.log(10))


def _dates(times) -> pd.DatetimeIndex:
    if isinstance(getattr(times, "dtype", None), pd.DatetimeTZDtype):
        # the clock on the wall is the one that a rhythm follows
        times = pd.DatetimeIndex(times).tz_localize(None)
    values = times.to_numpy() if isinstance(times, pd.Series | pd.Index) else np.asarray(times)
    if not np.issubdtype(values.dtype, np.datetime64):
        raise ValueError("times are dates: read texts with pandas.to_datetime")
    moments = pd.DatetimeIndex(values)
    if len(moments) == 0:
        raise ValueError("a rhythm needs events, got none")
    if moments.isna().any():
        raise ValueError(f"{int(moments.isna().sum())} events have no date: remove them first")
    return moments


def _period(period, moments) -> tuple[pd.Timestamp, pd.Timestamp]:
    if period is None:
        first, last = moments.min().normalize(), moments.max().normalize()
    else:
        try:
            first, last = (pd.Timestamp(each).normalize() for each in period)
        except (TypeError, ValueError) as error:
            raise ValueError("period is a pair of dates: first and last day") from error
        beyond = (moments < first) | (moments >= last + pd.Timedelta(days=1))
        if beyond.any():
            raise ValueError(f"{int(beyond.sum())} events lie outside the period: drop them first")
    if last <= first:
        raise ValueError("a rhythm needs a period of at least two days")
    return first, last


def _daily(moments, first, last, by):
    """Events of each day in each part of the cycle; and the part of each day where it has one."""
    calendar = pd.date_range(first, last)
    day = (moments.normalize() - first).days.to_numpy()
    if by == "hour":
        cell = day * 24 + moments.hour.to_numpy()
        counts = np.bincount(cell, minlength=24 * len(calendar)).reshape(-1, 24)
        return counts, None
    part = (calendar.month - 1 if by == "month" else calendar.day_of_week).to_numpy()
    counts = np.zeros((len(calendar), len(_CYCLES[by])), dtype=np.int64)
    counts[np.arange(len(calendar)), part] = np.bincount(day, minlength=len(calendar))
    return counts, part


def _mask(part, counts) -> np.ndarray:
    """Whether a day has a part of the cycle."""
    if part is None:
        return np.ones(counts.shape, dtype=bool)
    return part[:, None] == np.arange(counts.shape[1])


def _dispersion(counts, mask, rate) -> tuple[float, int]:
    """Pearson's dispersion of counts a day about their rates, and its degrees of freedom."""
    freedom = int((mask.sum(axis=0) - 1).sum())
    known = rate > 0
    squares = ((counts - rate) ** 2 * mask)[:, known] / rate[known]
    return (float(squares.sum() / freedom) if freedom > 0 else np.nan), freedom


def _bootstrap(counts, part, replications, generator) -> np.ndarray:
    """Events of each part over days drawn with replacement, shape (replications, parts)."""
    drawn = np.zeros((replications, counts.shape[1]))
    groups = [np.arange(len(counts))] if part is None else [
        np.flatnonzero(part == k) for k in range(counts.shape[1]) if (part == k).any()
    ]  # fmt: skip
    for members in groups:
        even = np.full(len(members), 1 / len(members))
        for k in range(replications):
            drawn[k] += generator.multinomial(len(members), even) @ counts[members]
    return drawn
