"""What city.yml says of the events."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from .layer_spec import FileLayer
from .mapping import TIME_PARTS, Constant, Text, TimeParts

YEARS = (1900, 2100)  # a time outside them is a slip


def _is_constant(source: Any) -> bool:
    return isinstance(source, Constant) or (isinstance(source, dict) and "constant" in source)


class Events(FileLayer):
    """Recorded crimes.

    Attributes
    ----------
    time_precision : {"hour", "day", "month"}
        How exactly the time of an event is known.
    time_format : str, optional
        Of the time column, as in Python's strptime, when it is not ISO 8601.
    outside : {"error", "drop"}
        What to do with events outside the boundary, far from all others, or of a zone that the
        city has not.
    without_place : {"error", "drop"}
        What to do with events that have no coordinates.
    bad_time : {"error", "drop"}
        What to do with events whose time is missing or is none.
    rejected : str, optional
        Table of the rows that were set aside before, with the column ``reason``.
    """

    known_columns: ClassVar[tuple[str, ...]] = (
        "kind",
        "time",
        "zone",
        "count",
        "id",
        "x",
        "y",
        "geometry",
    )
    constant_columns: ClassVar[tuple[str, ...]] = ("kind", "time")
    joined_columns: ClassVar[tuple[str, ...]] = ("time",)
    only_mapped: ClassVar[tuple[str, ...]] = ("count", "id")

    time_precision: Literal["hour", "day", "month"]
    time_format: Text | None = None
    outside: Literal["error", "drop"] = "error"
    without_place: Literal["error", "drop"] = "error"
    bad_time: Literal["error", "drop"] = "error"
    rejected: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _precision_of_a_constant(cls, stated: Any) -> Any:
        """One time for all rows tells no period from the next, so that its precision may be left out."""
        columns = stated.get("columns") if isinstance(stated, dict) else None
        if isinstance(columns, dict) and _is_constant(columns.get("time")):
            return {"time_precision": "month", **stated}
        return stated

    @model_validator(mode="after")
    def _constant_is_a_time(self) -> Events:
        text = self.constant("time")
        if text is None:
            return self
        if self.time_format is not None:
            raise ValueError("`time_format` reads a column; a constant time is written as 2016-07")
        try:
            year = datetime.fromisoformat(f"{text}-01-01"[:10]).year
        except ValueError:
            year = 0
        written = re.fullmatch(r"\d{4}(-\d{2}){0,2}", text)
        if not written or not YEARS[0] <= year <= YEARS[1]:
            raise ValueError(
                f"the constant time {text!r} is no year, month or day from {YEARS[0]} to {YEARS[1]}; "
                'write it as "2016", "2016-07" or "2016-07-31"'
            )
        return self

    @model_validator(mode="after")
    def _parts_reach_the_precision(self) -> Events:
        parts = self.columns.get("time")
        if not isinstance(parts, TimeParts):
            return self
        if self.time_format is not None:
            raise ValueError(
                "`time_format` reads text; parts of a time are whole numbers, remove it"
            )
        order = TIME_PARTS[: TIME_PARTS.index(self.time_precision) + 1]
        given = parts.named()
        for part in order:
            if part not in given:
                raise ValueError(
                    f"`time_precision` is {self.time_precision}, but `time` names no column of the "
                    f"{part}; add `{part}`, or state the true `time_precision`"
                )
        return self

    @model_validator(mode="after")
    def _pattern_reads_times(self) -> Events:
        pattern = self.time_format
        if pattern is None:
            return self
        told = f"`time_format` is {pattern!r}, which"
        mend = 'write one of Python\'s strptime, such as "%d/%m/%Y %H:%M"'
        if "%z" in pattern.lower():
            raise ValueError(f"{told} has a time zone; store local times without one")
        try:
            datetime.strptime(_TRIED[0].strftime(pattern), pattern)
        except (ValueError, re.error):
            raise ValueError(f"{told} is no pattern of times; {mend}") from None
        if "%p" in pattern and "%I" not in pattern:
            raise ValueError(
                f"{told} has %p beside %H, which ignores it; write %I for hours up to 12"
            )
        if not all(_reads(pattern, time, self.time_precision) for time in _TRIED):
            told_12 = "; %I wants %p beside it" if "%I" in pattern and "%p" not in pattern else ""
            raise ValueError(
                f"{told} does not tell one {self.time_precision} from the next{told_12}; {mend}, or "
                "state the true `time_precision`"
            )
        return self


# the days and months differ from each other, and so do the halves of the day
_TRIED = (
    datetime(2016, 7, 30, 10),
    datetime(2016, 7, 30, 22),
    datetime(2015, 2, 1, 0),
    datetime(2016, 12, 31, 12),
)


def _reads(pattern: str, time: datetime, precision: str) -> bool:
    """Whether a pattern gives a time back as exactly as promised."""
    try:
        read = datetime.strptime(time.strftime(pattern), pattern)
    except (ValueError, re.error):
        return False
    parts = {"month": 2, "day": 3, "hour": 4}[precision]
    return read.timetuple()[:parts] == time.timetuple()[:parts]
