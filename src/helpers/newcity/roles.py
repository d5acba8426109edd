"""What the columns of a table are for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .spread import Spread
from .tables import RawTable

SAMPLE = 4000


@dataclass
class Roles:
    """Columns of a table by what they are for.

    Attributes
    ----------
    kind : str
        "" where no column tells.
    time : list of str
        One column, or several that are joined.
    how : {"", "one", "clock", "parts"}
        How they are joined: not at all, a date with a clock, or parts of a date.
    x, y : str
        "" where the file's own geometry is the place, or there is none.
    point : str
        A column that holds both coordinates as text.
    one_place : list of str
        Columns of coordinates that are the same in all rows, where no others were found.
    ids : list of str
        Columns that number the crimes.
    count : str
        Column of how many crimes a row is.
    form, sign : str
        Form of the clock and sign that parts thousands, once read from all rows or a sample of them.
    spread : Spread or None
        Columns of counts, of a table by zones.
    flags : list of str
        Columns that say yes or no, one a kind.
    why : dict
        From role to the reason, with the runner-up.
    scores : dict
        From role to how sure the guess is, 0 to 1.
    """

    kind: str = ""
    time: list[str] = field(default_factory=list)
    how: str = ""
    x: str = ""
    y: str = ""
    point: str = ""
    one_place: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    count: str = ""
    form: str = ""
    sign: str = ""
    spread: Spread | None = None
    flags: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)

    def columns(self) -> set[str]:
        """Every column that a role names."""
        spread = self.spread
        counts = [*spread.columns, spread.whole] if spread is not None else []
        named = [
            self.kind,
            *self.time,
            self.x,
            self.y,
            self.point,
            self.count,
            *self.ids,
            *self.flags,
        ]
        return {name for name in [*named, *counts] if name}


def sample_of(table: RawTable) -> pd.DataFrame:
    """Rows from all over the table, enough to know a column by."""
    count = len(table)
    if count <= SAMPLE:
        return table.frame
    rows = np.unique(np.linspace(0, count - 1, SAMPLE).astype(int))
    return table.frame.iloc[rows].reset_index(drop=True)


def three(texts: pd.Series) -> list[str]:
    """The three commonest texts of a column, between quotes."""
    held = texts[~is_missing(texts)]
    return [repr(str(value)[:40]) for value in held.value_counts().index[:3]]
