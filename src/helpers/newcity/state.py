"""A city before it is written, and the rows that are set aside from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from .cells import safe_text
from .choices import Question
from .roles import Roles
from .tables import RawTable
from .zoning import ZoneDraft


@dataclass
class Draft:
    """A city before it is written.

    Attributes
    ----------
    table : RawTable
    roles : Roles
    events : DataFrame or None
        ``kind``, ``time``, ``x``, ``y`` (metres), ``zone``, ``row``; None for a city of counts.
    rejected : DataFrame
        ``file``, ``row``, ``reason``, ``column``, ``value``.
    rows : int
        Rows of data; what is usable and what is rejected add up to it.
    usable : int
    precision : str
    crs : CRS or None
        Of the city.
    source : CRS or None
        Of the coordinates in the file.
    boundary : geometry or None
        In metres; `derived` says whether it was drawn around the events.
    zones : ZoneDraft or None
    questions : list of Question
    facts : list of str
        All decisions, in sentences.
    files : list of Path
        The originals.
    degrees : ndarray or None
        Places of the usable rows.
    order : str
        Of day and month.
    parts : list of (Path, str)
        Tables written already, piece by piece, with their names in the folder.
    tally : dict
        Of a large file: rows set aside, by reason.
    constants : dict
        One value for all rows, of the kind or the time.
    known : Known or None
        Where this is a piece of a large file.
    only_dates : bool
        Whether times in universal time are all midnights, and so dates.
    merged : int
        Where rows are counts by kind, month and place: metres to which places were merged.
    """

    table: RawTable
    roles: Roles
    rows: int = 0
    usable: int = 0
    events: pd.DataFrame | None = None
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame)
    precision: str = ""
    crs: pyproj.CRS | None = None
    source: pyproj.CRS | None = None
    boundary: Any = None
    derived: bool = False
    margin: float = 0.0
    zones: ZoneDraft | None = None
    questions: list[Question] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    time_zone: str = ""
    degrees: Any = None
    order: str = ""
    parts: list[tuple[Path, str]] = field(default_factory=list)
    tally: dict[str, int] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    known: Known | None = None
    only_dates: bool = False
    merged: int = 0

    def reasons(self) -> dict[str, int]:
        """How many rows were set aside for which reason, the commonest first."""
        if self.tally or not len(self.rejected):
            return dict(sorted(self.tally.items(), key=lambda item: -item[1]))
        return {str(k): int(n) for k, n in self.rejected["reason"].value_counts().items()}


@dataclass
class Known:
    """What is known of a file before one of its pieces is read.

    Attributes
    ----------
    degrees : ndarray
        Places of the city, from a sample of the whole file.
    source : CRS
        Of the coordinates in the file.
    crs : CRS
        Of the city.
    seen : Seen
        The rows before.
    only_dates : bool
        Whether times in universal time are dates.
    """

    degrees: np.ndarray
    source: pyproj.CRS
    crs: pyproj.CRS
    only_dates: bool = False
    seen: Seen = field(default_factory=lambda: Seen())


class Seen:
    """Whole numbers that were seen before: 8 bytes each, in sorted runs of doubling length."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def again(self, values: np.ndarray) -> np.ndarray:
        """Which values were seen before, earlier in this call too; all are seen from now on."""
        fresh = ~pd.Series(values).duplicated().to_numpy()
        for run in self._runs:
            near = np.searchsorted(run, values).clip(max=len(run) - 1)
            fresh &= run[near] != values
        run = np.sort(values[fresh])
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")  # two sorted runs, which this merges
        if len(run):
            self._runs.append(run)
        return ~fresh


class Aside:
    """Rows set aside, each once, with the first reason."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        self.reason = np.full(len(table), "", dtype=object)
        self.column = np.full(len(table), "", dtype=object)
        self.value = np.full(len(table), "", dtype=object)

    @property
    def kept(self) -> np.ndarray:
        """Which rows are not set aside."""
        return self.reason == ""

    def put(self, rows: np.ndarray, reason: Any, column: str, value: Any) -> int:
        """Set rows aside; how many were not already."""
        fresh = rows & self.kept
        self.reason[fresh] = reason[fresh] if isinstance(reason, np.ndarray) else reason
        self.column[fresh] = column
        self.value[fresh] = value[fresh] if isinstance(value, np.ndarray) else value
        return int(fresh.sum())

    def frame(self) -> pd.DataFrame:
        """The rows as ``rejected.csv`` lists them."""
        rows = np.flatnonzero(~self.kept)
        return pd.DataFrame({
            "file": self.table.files[rows], "row": self.table.rows[rows], "reason": self.reason[rows],
            "column": self.column[rows], "value": safe_text(pd.Series(self.value[rows], dtype=object).astype(str)).to_numpy(),
        })  # fmt: skip

    def tally(self) -> str:
        """How many rows were set aside for which reason, as words."""
        counts = pd.Series(self.reason[~self.kept]).value_counts()
        return ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
