"""Which rows of a layer are used, and which are set aside for which reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.sources import Table

from .errors import CityError
from .rows import Rows

_SAID = {
    "remote": "lie far from all others",
    "outside": "lie outside the boundary",
    "unknown_zone": "are of no known zone",
}


@dataclass
class Aside:
    """The rows of a table, each set aside once, with the first reason.

    Attributes
    ----------
    table : Table
    reason : ndarray of str
        "" where a row is used.
    before : dict
        Rows that a list says were rejected before, by reason.
    remarks : list of str
    events : int
        What the rows that are used stand for, once these are known.
    """

    table: Table
    reason: np.ndarray = field(init=False)
    before: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    events: int = 0

    def __post_init__(self) -> None:
        self.reason = np.full(len(self.table.frame), "", dtype=object)

    def copy(self) -> Aside:
        """The same of the same table, so that what is put aside further stays out of this one."""
        other = Aside(self.table, before=dict(self.before), remarks=list(self.remarks))
        other.reason, other.events = self.reason.copy(), self.events
        return other

    @property
    def kept(self) -> np.ndarray:
        """Positions of the rows that are used."""
        return np.flatnonzero(self.reason == "")

    def put(self, rows: np.ndarray, reason: str) -> None:
        """Set rows aside that are not already; `rows` is a mask or holds positions."""
        fresh = np.zeros(len(self.reason), dtype=bool)
        fresh[rows] = True
        self.reason[fresh & (self.reason == "")] = reason

    def say(self, told: str, *reasons: str) -> None:
        """Remark how many rows were set aside for `reasons`, of those that were left before."""
        count = int(np.isin(self.reason, reasons).sum())
        if count:
            left = count + len(self.kept)
            self.remarks.append(f"{count:,} of {left:,} events {told} and are left out")

    def said(self, reason: str) -> None:
        """Remark a reason that says itself."""
        self.say(_SAID[reason], reason)

    def refuse_all(self, lacking: str) -> None:
        """Refuse a table of which no row is left.

        Raises
        ------
        CityError
        """
        if not len(self.kept):
            raise CityError(f"{self.table.name}: {lacking}; the layer needs some")

    def rows(self) -> Rows:
        """Where the rows went."""
        counts = pd.Series(self.reason[self.reason != ""], dtype=object).value_counts()
        total = dict(self.before)
        for reason, count in counts.items():
            total[str(reason)] = total.get(str(reason), 0) + int(count)
        used = len(self.kept)
        rows = len(self.reason) + sum(self.before.values())
        order = sorted(total.items(), key=lambda item: (-item[1], item[0]))
        return Rows(rows, used, dict(order), self.events)
