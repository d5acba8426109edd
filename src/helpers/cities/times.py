"""Times of events: of one column, of several joined, of parts, or one for all; local, truncated."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .columns import Columns
from .errors import CityError
from .events_spec import YEARS, Events
from .mapping import TIME_PARTS, Constant, TimeParts

# the least that a text must hold for its time to be as exact as the card says
_PRECISION = {
    "month": (r"\d{4}-\d{2}", "a month; write it as 2016-07"),
    "day": (r"\d{4}-\d{2}-\d{2}", "a day; write it as 2016-07-31"),
    "hour": (r"\d{4}-\d{2}-\d{2}[T ]\d{2}", "a day with its hour; write it as 2016-07-31 17:45"),
}
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?$"


def read_times(columns: Columns[Events]) -> tuple[pd.Series, np.ndarray]:
    """Local times, truncated to the precision that the card states.

    Returns
    -------
    times : Series of datetime64[s]
        NaT where the card leaves bad times out.
    missing : ndarray of bool
        Which of these say nothing, rather than something that is no time.

    Raises
    ------
    CityError
        A time that is missing, none, in a time zone, less exact than stated, or of another century.
    """
    source = columns.spec.columns.get("time", "time")
    index = columns.table.frame.index
    if isinstance(source, Constant):
        whole = pd.Series(pd.Timestamp(source.constant), index=index, dtype="datetime64[s]")
        return whole, np.zeros(len(index), dtype=bool)
    if isinstance(source, str):
        values, shown = columns.raw(source, "time"), source
        if not pd.api.types.is_datetime64_any_dtype(values):
            values = columns.words(source, "time")
    elif isinstance(source, TimeParts):
        values, shown = _of_parts(columns, source), " + ".join(source.named().values())
    else:
        values, shown = _joined(columns, source), " + ".join(source)
    return _Reader(columns, values, shown).times()


class _Reader:
    """Reads one series of times; what it refuses is shown as the column `shown`."""

    def __init__(self, columns: Columns[Events], values: pd.Series, shown: str) -> None:
        self.columns, self.values, self.shown = columns, values, shown
        self.drop = columns.spec.bad_time == "drop"
        self.bad = np.zeros(len(values), dtype=bool)

    def times(self) -> tuple[pd.Series, np.ndarray]:
        if pd.api.types.is_datetime64_any_dtype(self.values):
            missing = self.values.isna().to_numpy()
            parsed = self._typed()
        else:
            missing = is_missing(self.values) if self.drop else self.values.eq("").to_numpy()
            missing = missing | self.values.isna().to_numpy()
            parsed = self._read(missing)
        year = parsed.dt.year
        self._refuse(
            (year < YEARS[0]) | (year > YEARS[1]),
            f"lies outside the years {YEARS[0]} to {YEARS[1]}",
            "correct it",
        )
        seconds = parsed.mask(self.bad).astype("datetime64[s]")
        precision = self.columns.spec.time_precision
        if precision == "month":
            seconds = seconds.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
        else:
            seconds = seconds.dt.floor("D" if precision == "day" else "h")
        return seconds, missing

    def _typed(self) -> pd.Series:
        if getattr(self.values.dt, "tz", None) is not None:
            raise CityError(
                f"{self.columns.table.name}, column {self.shown}: times carry a time zone; store "
                "local times without one"
            )
        self._refuse(self.values.isna(), "is empty", "write the time of every row")
        return self.values

    def _read(self, missing: np.ndarray) -> pd.Series:
        text, pattern = self.values, self.columns.spec.time_format
        self._refuse(missing, "is empty", "write the time of every row")
        start, mend = _PRECISION[self.columns.spec.time_precision]
        if pattern is None:
            zoned = text.str.contains(r"[T ]\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$", regex=True)
            self._refuse(zoned, "carries a time zone", "write local time without one")
            self._refuse(~text.str.match(start), "is not", mend, " ")
            parsed = pd.to_datetime(text.mask(self.bad), format="ISO8601", errors="coerce")
        else:
            try:
                parsed = pd.to_datetime(text, format=pattern, errors="coerce")
            except (ValueError, re.error) as error:
                raise CityError(
                    f"{self.columns.card}: time_format {pattern!r} cannot be used ({error}); write "
                    "another"
                ) from None
            mend = f"a time of the form {pattern!r}; correct it or the time_format in city.yml"
        self._refuse(parsed.isna(), "is not", mend, " ")
        return parsed

    def _refuse(
        self, wrong: pd.Series | np.ndarray, problem: str, mend: str, joiner: str = "; "
    ) -> None:
        if self.drop:
            self.bad = self.bad | np.asarray(pd.Series(wrong).fillna(False), dtype=bool)
        else:
            self.columns.refuse(wrong, self.shown, problem, mend, joiner, values=self.values)


def _joined(columns: Columns[Events], names: list[str]) -> pd.Series:
    """Cells of several columns with a blank between them, the last of them a clock."""
    texts = [columns.words(name, "time") for name in names]
    texts = [text.mask(is_missing(text) | text.isna().to_numpy(), "") for text in texts]
    # a spreadsheet gives a date the clock of midnight, which is none where another column holds it
    texts[:-1] = [text.str.replace(_MIDNIGHT, "", regex=True) for text in texts[:-1]]
    pattern = columns.spec.time_format
    texts[-1] = clock_text(texts[-1], None if pattern is None else pattern.split(" ")[-1])
    whole = texts[0]
    for text in texts[1:]:
        whole = whole + " " + text
    return whole.str.strip()


def clock_text(texts: pd.Series, pattern: str | None) -> pd.Series:
    """Clocks written as a number, such as 5 for 00:05, with their zeros; others as they are.

    The whole column tells a number HHMM from whole hours: some have three digits, or are above 24.

    Parameters
    ----------
    texts : Series of str
    pattern : str or None
        Of this column, as in strptime; where none is given a clock becomes ``HH:MM``.

    Examples
    --------
    >>> clock_text(pd.Series(["1830", "5", "700"]), None).tolist()
    ['18:30', '00:05', '07:00']
    >>> clock_text(pd.Series(["18", "5", ""]), None).tolist()
    ['18:00', '05:00', '']
    >>> clock_text(pd.Series(["5", "700"]), "%H%M").tolist()
    ['0005', '0700']
    >>> clock_text(pd.Series(["18:05"]), None).tolist()
    ['18:05']
    """
    bare = texts.str.replace(r"\.0+$", "", regex=True)
    digits = bare.str.fullmatch(r"[0-9]{1,4}").to_numpy(dtype=bool)
    if pattern is not None:
        return texts.mask(digits, bare.str.zfill(4)) if pattern == "%H%M" else texts
    held = bare[digits]
    if held.str.len().gt(2).any() or held.astype("int64").gt(24).any():
        full = bare.str.zfill(4)
        return texts.mask(digits, full.str[:2] + ":" + full.str[2:])
    return texts.mask(digits, bare.str.zfill(2) + ":00")


def _of_parts(columns: Columns[Events], parts: TimeParts) -> pd.Series:
    """ISO 8601 of the parts that the precision asks for; nothing where all of them are missing."""
    named = parts.named()
    least = TIME_PARTS.index(columns.spec.time_precision) + 1
    wanted = [part for part in TIME_PARTS if part in named][:least]
    whole = pd.Series("", index=columns.table.frame.index, dtype="str")
    nothing = np.ones(len(whole), dtype=bool)
    for part in wanted:
        text = columns.words(named[part], part).str.replace(r"\.0+$", "", regex=True)
        nothing &= is_missing(text)
        width, before = (4, "") if part == "year" else (2, " " if part == "hour" else "-")
        whole = whole + before + text.str.zfill(width)
    return whole.mask(nothing, "")
