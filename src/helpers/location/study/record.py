"""What record a demand rests on: how many crimes, of which months, and which months lack."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from .demand import GridHistory, labelled, newest_period

__all__ = ["CrimeRecord", "crime_record", "month_spans"]

MOST_SPANS = 6
"""Spans of months that are named one by one."""


class CrimeRecord(NamedTuple):
    """What a demand was counted or learnt from, and what the data hold at all.

    Attributes
    ----------
    crimes : int
        Crimes that the demand rests on, wherever they lie.
    months : str
        Of which months they are; nothing where times are not known.
    known : str
        Of which months the data hold crimes, and what lacks, in a sentence.
    """

    crimes: int
    months: str
    known: str


def crime_record(
    times: pd.Series,
    past: GridHistory,
    forecast: pd.DataFrame | None = None,
    *,
    undated: bool = False,
) -> CrimeRecord:
    """Crimes and months that a demand rests on.

    Parameters
    ----------
    times : Series of datetime
        Of all crimes of the data, at least one.
    past : GridHistory
        Earlier periods that were counted, from `helpers.location.study.history`.
    forecast : DataFrame, optional
        The forecast that is the demand, with a column ``period``: it was learnt from the crimes
        before its newest period, from its parameter ``since`` on where its provenance
        (``attrs["provenance"]``) states one.  None where the demand is history.
    undated : bool
        The times are one value that stands for all because none is known.

    Examples
    --------
    >>> import shapely
    >>> from helpers.location.study import history
    >>> times = pd.Series(pd.to_datetime(["2016-07-03", "2017-07-09", "2018-07-01"]))
    >>> past = history([[5, 5]] * 3, times, shapely.box(0, 0, 10, 10), 1, 1, every="year")
    >>> crime_record(times, past).crimes
    2
    """
    if undated:
        return CrimeRecord(len(times), "", "When the crimes happened is not known.")
    if forecast is None:
        counted = times[labelled(times, past.every).isin(past.labels)]
    else:
        asked = forecast.attrs.get("provenance", {}).get("parameters", {}).get("since")
        counted = times[times < pd.Period(newest_period(forecast)).start_time]
        if asked not in (None, "auto"):
            counted = counted[counted >= pd.Period(str(asked)).start_time]
    return CrimeRecord(len(counted), month_spans(_months(counted)), _known(_months(times)))


def month_spans(months: Sequence[pd.Period]) -> str:
    """Months as people write them, those that follow each other as one span.

    Parameters
    ----------
    months : sequence of Period
        Months, ascending and each once.

    Examples
    --------
    >>> month_spans(pd.period_range("2023-11", "2024-02", freq="M"))
    'November 2023 to February 2024'
    >>> month_spans(pd.PeriodIndex(["2016-07", "2018-03", "2018-04"], freq="M"))
    'July 2016 and March to April 2018'
    """
    months = list(months)
    if not months:
        return ""
    breaks = [k for k, (a, b) in enumerate(pairwise(months), 1) if b != a + 1]
    starts, ends = [0, *breaks], [*breaks, len(months)]
    if len(starts) > MOST_SPANS:
        return f"{len(months)} of the {_between(months)} months {_span(months[0], months[-1], 'from ')}"
    spans = [_span(months[a], months[b - 1]) for a, b in zip(starts, ends, strict=True)]
    return " and ".join([", ".join(spans[:-1]), spans[-1]] if len(spans) > 1 else spans)


def _span(first: pd.Period, last: pd.Period, before: str = "") -> str:
    if first == last:
        return f"{first:%B %Y}"
    begin = f"{first:%B}" if first.year == last.year else f"{first:%B %Y}"
    return f"{before}{begin} to {last:%B %Y}"


def _between(months: Sequence[pd.Period]) -> int:
    """Months from the first to the last, both counted."""
    first, last = months[0], months[-1]
    return 12 * (last.year - first.year) + last.month - first.month + 1


def _months(times: pd.Series) -> list[pd.Period]:
    return sorted(times.dt.to_period("M").unique())


def _known(months: list[pd.Period]) -> str:
    """Of which months the data hold crimes, and what lacks."""
    every, several = _between(months), len({month.month for month in months})
    whole = len(months) == every
    spans = month_spans(months)
    counted = spans.startswith(f"{len(months)} of")
    told = f"The data hold crimes of {spans}{'' if whole and several == 12 else ' only'}"
    if not whole and not counted:
        told += f": {len(months)} of the {every} months from the first to the last"
    elif whole and several == 12:
        told += ", every month"
    return f"{told}.{'' if several == 12 else ' Nothing is known of other months of the year.'}"
