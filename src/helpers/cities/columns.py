"""Columns of a layer, converted and checked; each fault points at its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from helpers.checks import near
from helpers.sources import Table, is_missing

from .errors import CityError, gathered
from .layer_spec import LayerSpec

Spec_co = TypeVar("Spec_co", bound=LayerSpec, covariant=True)

_SHOWN = 5


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
            told = (
                f"{self.table.name}: no column {column!r} for {what}{hint} correct the name in "
                f"{self.card}"
            )
            faults = gathered()
            if faults is None:
                raise CityError(told)
            faults.sentences.append(told)
            faults.cells |= {(self.table.name, k, column) for k in range(len(frame))}
            return pd.Series("", index=frame.index, dtype="str")
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
            if empty:
                blank = blank | is_missing(text)
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
        values: pd.Series | None = None,
    ) -> None:
        """Raise a CityError about the rows where `wrong` is true, if there are any.

        The message quotes the first of them in the file's `column`, or in `values` where these are
        made of several columns.
        """
        positions = np.flatnonzero(np.asarray(wrong, dtype=bool))
        faults = gathered()
        if faults is not None:
            place = {self.source("x"), self.source("y")}
            same = place if column in place else {column}
            fresh = [
                int(k)
                for k in positions
                if not any((self.table.name, k, c) in faults.cells for c in same)
            ]
            positions = np.array(fresh, dtype=int)
            faults.cells |= {(self.table.name, k, column) for k in fresh}
        if not len(positions):
            return
        quoted = self.table.frame[column] if values is None else values
        shown = quote(quoted.iloc[positions[0]])
        told = (
            f"{self.table.place(positions[0])}, column {column}{': ' if shown else ' '}{shown}"
            f"{problem}{joiner}{mend}"
            f"{self.others(positions)}"
        )
        if faults is None:
            raise CityError(told)
        faults.sentences.append(told)

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
