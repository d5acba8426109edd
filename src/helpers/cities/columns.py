"""Columns of a layer, converted and checked; each fault points at its row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from helpers.checks import near
from helpers.sources import Table

from .errors import CityError
from .events_spec import YEARS
from .layer_spec import LayerSpec

Spec_co = TypeVar("Spec_co", bound=LayerSpec, covariant=True)

_SHOWN = 5
# the least that a text must hold for its time to be as exact as the card says
_PRECISION = {
    "month": (r"\d{4}-\d{2}", "a month; write it as 2016-07"),
    "day": (r"\d{4}-\d{2}-\d{2}", "a day; write it as 2016-07-31"),
    "hour": (r"\d{4}-\d{2}-\d{2}[T ]\d{2}", "a day with its hour; write it as 2016-07-31 17:45"),
}


@dataclass(frozen=True)
class Columns(Generic[Spec_co]):
    """Reads the columns of one layer's table.

    Attributes
    ----------
    table : Table
    spec : LayerSpec
        What the card says of the layer, in the class of that layer.
    card : str
        City and layer, as messages name them: ``leeds/city.yml, layers.events``.
    """

    table: Table
    spec: Spec_co
    card: str

    def source(self, name: str) -> str:
        """Name in the file of the layer's column `name`."""
        source = self.spec.columns.get(name, name)
        return source if isinstance(source, str) else name

    def has(self, name: str) -> bool:
        """Whether the file has the layer's column `name`."""
        return name in self.spec.columns or name in self.table.frame.columns

    def raw(self, column: str, what: str) -> pd.Series:
        """A column of the file, whatever it holds; `what` says what it is needed for."""
        frame = self.table.frame
        if column not in frame.columns:
            known = [" ".join(str(name).split()) for name in frame.columns]
            hint = near(column, known) or f" (it has {_some(known)});"
            raise CityError(
                f"{self.table.name}: no column {column!r} for {what}{hint} correct the name in "
                f"{self.card}"
            )
        return frame[column]

    def text(self, column: str, what: str) -> pd.Series:
        """A column of words without surrounding blanks, none of them empty."""
        words = self.words(column, what)
        self.refuse(
            words.isna() | words.eq(""), column, "is empty", f"write the {what} of every row"
        )
        return words

    def words(self, column: str, what: str) -> pd.Series:
        """A column of words without surrounding blanks; some may be empty."""
        values = self.raw(column, what)
        if pd.api.types.is_float_dtype(values) and values.dropna().mod(1).eq(0).all():
            values = values.astype("Int64")  # codes that a typed file holds as 1.0, 2.0
        elif values.dtype == object:
            # one file of several holds such codes, another text
            values = values.map(_whole, na_action="ignore")
        return values.astype("str").str.strip()

    def numbers(
        self, column: str, what: str, *, negative: bool = False, empty: bool = False
    ) -> pd.Series:
        """A column of finite numbers: int64 where all are whole, else float64."""
        values = self.raw(column, what)
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            text = values.astype("str").str.strip()
            blank = values.isna() | text.str.lower().isin(["", "nan"])
            if self.spec.decimal == ",":
                text = text.str.replace(",", ".", regex=False)
            parsed = pd.to_numeric(text.mask(blank), errors="coerce")
            self.refuse(
                parsed.isna() & ~blank,
                column,
                "is not a number",
                "write digits, a point for decimals, no unit and no separator of thousands",
            )
        else:
            blank, parsed = values.isna(), values
        if not empty:
            self.refuse(blank, column, "is empty", f"write the {what} of every row")
        numbers = pd.to_numeric(parsed, errors="coerce").astype("float64")
        self.refuse(
            ~np.isfinite(numbers) & ~blank, column, "is not finite", "write an ordinary number"
        )
        if not negative:
            self.refuse(numbers < 0, column, "is negative", f"no {what} is below zero; correct it")
        if not blank.any() and numbers.mod(1).eq(0).all() and numbers.abs().max() < 2**53:
            return numbers.astype("int64")
        return numbers

    def times(
        self, column: str, precision: str, pattern: str | None, *, drop: bool = False
    ) -> pd.Series:
        """A column of local times, truncated to their precision.

        With `drop`, a time that is missing or none is NaT instead of refused.
        """
        bad = np.zeros(len(self.table.frame), dtype=bool)

        def refuse(
            wrong: pd.Series, name: str, problem: str, mend: str, joiner: str = "; "
        ) -> None:
            nonlocal bad
            if drop:
                bad = bad | np.asarray(wrong.fillna(False), dtype=bool)
            else:
                self.refuse(wrong, name, problem, mend, joiner)

        values = self.raw(column, "time")
        if pd.api.types.is_datetime64_any_dtype(values):
            if getattr(values.dt, "tz", None) is not None:
                raise CityError(
                    f"{self.table.name}, column {column}: times carry a time zone; store local "
                    "times without one"
                )
            refuse(values.isna(), column, "is empty", "write the time of every row")
            parsed = values
        else:
            text = self.words(column, "time") if drop else self.text(column, "time")
            start, mend = _PRECISION[precision]
            if pattern is None:
                zoned = text.str.contains(r"[T ]\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$", regex=True)
                refuse(zoned, column, "carries a time zone", "write local time without one")
                refuse(~text.str.match(start), column, "is not", mend, joiner=" ")
                parsed = pd.to_datetime(text.mask(bad), format="ISO8601", errors="coerce")
            else:
                try:
                    parsed = pd.to_datetime(text, format=pattern, errors="coerce")
                except (ValueError, re.error) as error:
                    raise CityError(
                        f"{self.card}: time_format {pattern!r} cannot be used ({error}); write "
                        "another"
                    ) from None
                mend = f"a time of the form {pattern!r}; correct it or the time_format in city.yml"
            refuse(parsed.isna(), column, "is not", mend, joiner=" ")
        year = parsed.dt.year
        refuse(
            (year < YEARS[0]) | (year > YEARS[1]),
            column,
            f"lies outside the years {YEARS[0]} to {YEARS[1]}",
            "correct it",
        )
        seconds = (
            parsed.mask(bad).astype("datetime64[s]") if drop else parsed.astype("datetime64[s]")
        )
        if precision == "month":
            return seconds.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
        return seconds.dt.floor("D" if precision == "day" else "h")

    def unique(self, values: pd.Series, column: str, what: str) -> None:
        """Refuse a value that stands in two rows."""
        twice = values.duplicated(keep=False)
        if twice.any():
            first = values[twice].iloc[0]
            self.refuse(
                values.eq(first).to_numpy(),
                column,
                f"is given more than once as a {what}",
                "keep one row for it",
            )

    def refuse(
        self,
        wrong: pd.Series | np.ndarray,
        column: str,
        problem: str,
        mend: str,
        joiner: str = "; ",
    ) -> None:
        """Raise a CityError about the rows where `wrong` is true, if there are any."""
        positions = np.flatnonzero(np.asarray(wrong, dtype=bool))
        if not len(positions):
            return
        shown = quote(self.table.frame[column].iloc[positions[0]])
        raise CityError(
            f"{self.table.place(positions[0])}, column {column}{': ' if shown else ' '}{shown}"
            f"{problem}{joiner}{mend}"
            f"{self.others(positions)}"
        )

    def others(self, positions: Sequence[int] | np.ndarray) -> str:
        """`` (3 such rows: 17, 21, 40)``, or nothing when there is one only."""
        if len(positions) < 2:
            return ""
        unit = self.table.unit
        several = len(self.table.names) > 1
        places = [
            self.table.place(k) if several else str(self.table.number(k)[1])
            for k in positions[:_SHOWN]
        ]
        more = ", …" if len(positions) > _SHOWN else ""
        return f" ({len(positions):,} such {unit}s: {', '.join(places)}{more})"


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def quote(value: object) -> str:
    """A value as a message shows it; nothing for an empty one."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value == "":
        return ""
    text = str(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'!r} "


def _some(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
