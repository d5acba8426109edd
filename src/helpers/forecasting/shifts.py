"""Crimes by shift: parts of the week that a duty roster names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24
SPAN = re.compile(r"(?:([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))?\s+)?(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True)
class Shifts:
    """Which shift each hour of the week belongs to.

    Attributes
    ----------
    names : tuple of str
    hour_of_week : (168,) array of int
        Number of the shift; the first hour is that after midnight on Monday.
    """

    names: tuple[str, ...]
    hour_of_week: np.ndarray = field(repr=False)

    def of(self, times: Any) -> np.ndarray:
        """Number of the shift of each time.

        Parameters
        ----------
        times : (n,) sequence of dates
        """
        when = pd.DatetimeIndex(pd.Series(times))
        return self.hour_of_week[when.day_of_week.to_numpy() * HOURS + when.hour.to_numpy()]

    def hours(self, periods: Sequence[pd.Period]) -> np.ndarray:
        """Hours of each shift in these periods, shape (shifts,)."""
        total = np.zeros(len(self.names))
        per_day = np.stack(
            [
                np.bincount(day, minlength=len(self.names))
                for day in self.hour_of_week.reshape(len(DAYS), HOURS)
            ]
        )
        for period in periods:
            days = pd.date_range(period.start_time, period.end_time.normalize(), freq="D")
            total += per_day[days.day_of_week].sum(axis=0)
        return total


def read_shifts(spans: Mapping[str, str]) -> Shifts:
    """Shifts from hours and days of the week.

    A span is ``"22-6"``, every day from 22 to 6 o'clock, or ``"Fri-Sat 22-6"``, those that begin on
    Friday and on Saturday; several are parted by commas.

    Parameters
    ----------
    spans : mapping of str to str
        Name of the shift → its spans.

    Returns
    -------
    Shifts

    Raises
    ------
    ValueError
        A span that cannot be read, an hour in two shifts or in none.

    Examples
    --------
    >>> shifts = read_shifts({"day": "6-22", "night": "22-6"})
    >>> shifts.of(["2018-07-01 05:59", "2018-07-01 06:00"]).tolist()
    [1, 0]
    """
    if not spans:
        raise ValueError("name at least one shift.")
    found = np.full(len(DAYS) * HOURS, -1)
    for number, (name, text) in enumerate(spans.items()):
        for span in str(text).split(","):
            for hour in _hours(name, span.strip()):
                if found[hour] >= 0:
                    other = list(spans)[found[hour]]
                    raise ValueError(f"{_clock(hour)} is in the shifts '{other}' and '{name}'.")
                found[hour] = number
    if (found < 0).any():
        raise ValueError(f"{_clock(int((found < 0).argmax()))} is in no shift.")
    return Shifts(tuple(spans), found)


def spoken_span(text: str) -> str:
    """The hours of a shift as a clock shows them.

    Parameters
    ----------
    text : str
        As `read_shifts` reads it.

    Examples
    --------
    >>> spoken_span("Fri-Sat 22-6, Sun 0-24")
    'Fri-Sat 22:00-6:00, Sun 0:00-24:00'
    """
    spans = (re.sub(r"(\d+)-(\d+)$", r"\1:00-\2:00", span.strip()) for span in text.split(","))
    return ", ".join(spans)


def shift_table(
    nodes: pd.DataFrame,
    total: np.ndarray,
    mix: np.ndarray,
    shifts: Shifts,
    known: Sequence[pd.Period],
    wanted: Sequence[pd.Period],
    label: str,
) -> pd.DataFrame:
    r"""Expected crimes of each node and shift.

    .. math:: \mu_{is} = \mu_i\, \frac{p_{is} h_s / g_s}{\sum_r p_{ir} h_r / g_r}

    with the node's expected crimes μ, the chance p that a crime there falls into a shift, and the
    shares of the hours of the week that the shift has in the period to come (h) and had in the
    past (g).

    Parameters
    ----------
    nodes : pandas.DataFrame
        ``column, row, x, y``, one row a node.
    total : (nodes,) array
        μ.
    mix : (nodes, shifts) array
        p, rows adding up to one.
    shifts : Shifts
    known, wanted : sequence of pandas.Period
        The past and the period to come.
    label : str
        Of the period to come.

    Returns
    -------
    pandas.DataFrame
        ``node, column, row, x, y, shift, period, hours`` (of the shift in the period),
        ``expected``.
    """
    hours = shifts.hours(wanted)
    part = mix * (hours / hours.sum()) / (shifts.hours(known) / shifts.hours(known).sum())
    part = part / part.sum(axis=1, keepdims=True)
    frame = nodes[["column", "row", "x", "y"]].rename_axis("node").reset_index()
    tables = [
        frame.assign(
            shift=name, period=label, hours=hours[number], expected=total * part[:, number]
        )
        for number, name in enumerate(shifts.names)
    ]
    return pd.concat(tables, ignore_index=True)


def _hours(name: str, span: str) -> list[int]:
    """Hours of the week of a span."""
    read = SPAN.fullmatch(span)
    if read is None or not {read[1], read[2]} <= {None, *DAYS}:
        raise ValueError(f"shift '{name}': '{span}' is no span such as '22-6' or 'Fri-Sat 22-6'.")
    begin, end = int(read[3]), int(read[4])
    if begin >= HOURS or end > HOURS or begin == end:
        raise ValueError(f"shift '{name}': the hours of '{span}' are from 0 to 24, and not equal.")
    first = DAYS.index(read[1]) if read[1] else 0
    last = DAYS.index(read[2] or read[1]) if read[1] else len(DAYS) - 1
    days = [(first + day) % len(DAYS) for day in range((last - first) % len(DAYS) + 1)]
    length = (end - begin) % HOURS or HOURS
    week = len(DAYS) * HOURS
    return [(day * HOURS + begin + hour) % week for day in days for hour in range(length)]


def _clock(hour: int) -> str:
    return f"{DAYS[hour // HOURS]} {hour % HOURS}:00"
