"""Rows too many for single events, kept as counts by kind, month and place.

Places are merged as far as it takes to keep the number of rows bounded: first by the metre, then
into squares of 10, 50, 250 and 1,000 m.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from helpers.sources import SourceError, large_tables

from .errors import NewCityError

MOST_SINGLE = 10_000_000
"""Rows from which a city gets counts."""

MOST_COUNTED = 2_000_000
"""Rows of counts at the most, unless there are more with places by the kilometre."""

STEPS = (1, 10, 50, 250, 1000)
"""Metres to which places are merged, each a multiple of the one before."""


class CountedRows:
    """Counts of events by kind, time and place, at most so many rows of them.

    Attributes
    ----------
    step : int
        Metres to which places are merged so far.
    events : int
        How many were added.
    """

    def __init__(self, most: int = MOST_COUNTED) -> None:
        self.step, self.events = STEPS[0], 0
        self._most, self._tally = most, large_tables.Tally()
        self._known: dict[tuple[str, str], int] = {}

    def add(self, events: pd.DataFrame) -> None:
        """Add a table of ``kind``, ``time``, ``x``, ``y`` and, where a row is several, ``count``.

        Raises
        ------
        NewCityError
            Places more than 4,000 km apart, or more than half a million kinds and months.
        """
        own, codes = np.unique(
            events["kind"].astype("str") + "\0" + events["time"].astype("str"), return_inverse=True
        )
        pairs = [tuple(text.split("\0")) for text in own]
        numbers = np.array([self._known.setdefault(p, len(self._known)) for p in pairs])
        column, row = (np.floor(events[name].to_numpy() / self.step) for name in ("x", "y"))
        count = events["count"].to_numpy() if "count" in events else np.ones(len(events), "int64")
        self.events += int(count.sum())
        try:
            self._tally.add(column, row, numbers[codes], count)
        except SourceError as error:
            raise NewCityError(str(error)) from None
        if len(self._tally) > 2 * self._most:
            self._bound()

    def _bound(self) -> None:
        """Merge places until there are few enough rows, or the steps are used up."""
        groups = self._tally.groups()
        while len(groups[0]) > self._most and self.step < STEPS[-1]:
            coarser = STEPS[STEPS.index(self.step) + 1]
            times, self.step = coarser // self.step, coarser
            self._tally = large_tables.Tally()
            self._tally.add(groups[0] // times, groups[1] // times, groups[2], groups[3])
            groups = self._tally.groups()

    def frame(self, inside: Any = None) -> pd.DataFrame:
        """``kind``, ``time``, ``x``, ``y`` (middle of the square, metres), ``count``, in that order.

        Parameters
        ----------
        inside : polygon, optional
            In metres; a middle outside it is moved to the nearest place inside.
        """
        self._bound()
        column, row, code, count = self._tally.groups()
        words = np.array(list(self._known), dtype=object).reshape(-1, 2)[code]
        x, y = (np.round((number + 0.5) * self.step, 2) for number in (column, row))
        if inside is not None:
            x, y = _moved_inside(x, y, inside)
        columns = {"kind": words[:, 0], "time": words[:, 1], "x": x, "y": y, "count": count}
        return pd.DataFrame(columns).sort_values(["kind", "time", "x", "y"], ignore_index=True)


def _moved_inside(x: np.ndarray, y: np.ndarray, polygon: Any) -> tuple[np.ndarray, np.ndarray]:
    core = polygon.buffer(-0.5)
    shapely.prepare(polygon)
    out = np.flatnonzero(~shapely.contains_xy(polygon, x, y))
    if len(out) and not core.is_empty:
        near = shapely.shortest_line(shapely.points(x[out], y[out]), core)
        ends = shapely.get_coordinates(shapely.get_point(near, 1))
        x[out], y[out] = np.round(ends, 2).T
    return x, y
