"""Tables of the grid on which patrols are placed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..cells import Cells

UNKNOWN = "too few crimes to tell"
"""Stands for the kind where next to nothing happened before."""

LEAST_KNOWN = 5.0
"""Past events about a cell, below which its mix of kinds is that of the city."""


def next_periods(periods: Sequence[pd.Period], every: str) -> tuple[list[pd.Period], str]:
    """The months that come after a test period, and what to call them.

    Parameters
    ----------
    periods : sequence of pandas.Period
        Months of the test period.
    every : str
        ``"year"``: the same months a year later; ``"month"``: the next month.

    Examples
    --------
    >>> next_periods([pd.Period("2018-06", "M"), pd.Period("2018-07", "M")], "year")
    ([Period('2019-06', 'M'), Period('2019-07', 'M')], '2019')
    >>> next_periods([pd.Period("2018-12", "M")], "month")
    ([Period('2019-01', 'M')], '2019-01')
    """
    later = [period + (12 if every == "year" else 1) for period in periods]
    return later, str(later[0]) if len(later) == 1 else str(later[0].year)


def crimes_within(times: pd.Series, months: Sequence[pd.Period]) -> int:
    """How many times lie in some months.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2019-06-30", "2019-07-01", "2020-07-31"]))
    >>> crimes_within(times, [pd.Period("2019-07", "M"), pd.Period("2020-07", "M")])
    2
    """
    return int(times.dt.to_period("M").isin(months).sum())


def surface(cells: Cells, values: np.ndarray) -> np.ndarray:
    """Values of the cells as a grid, shape (rows, columns); missing outside the window."""
    return np.where(cells.inside, values, np.nan).reshape(cells.rows, cells.columns)


def expected_and_happened(expected: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Expected crimes of all nodes together beside those that happened, kind by kind.

    Parameters
    ----------
    expected : pandas.DataFrame
        From `expected_crimes`.
    events : pandas.DataFrame
        What then happened, from `event_table`.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (``all`` first), ``expected, happened``; a kind that did not happen has 0.
    """
    sums = expected.groupby("kind", sort=False)["expected"].sum()
    happened = events["kind"].value_counts()
    # the table calls a kind named "all" by another name, for "all" is the total
    happened = happened.rename({"all": "all (kind)"}).reindex(sums.index, fill_value=0)
    happened["all"] = len(events)
    return pd.DataFrame({"expected": sums, "happened": happened}).reset_index()


def busiest_shared(cells: Cells, expected: np.ndarray, actual: np.ndarray, most: int = 10) -> int:
    """How many of the busiest cells were expected to be.

    Parameters
    ----------
    cells : Cells
    expected, actual : (cells,) array
    most : int
        How many cells are the busiest.
    """
    busiest = [
        set(np.argsort(np.where(cells.inside, values, -1))[-most:]) for values in (expected, actual)
    ]
    return len(busiest[0] & busiest[1])


def most_probable(
    cells: Cells, mix: np.ndarray, kinds: Sequence[str], known: np.ndarray
) -> pd.DataFrame:
    """The kind of highest probability in each cell inside the window.

    Parameters
    ----------
    cells : Cells
    mix : (cells, kinds) array
    kinds : sequence of str
        By `kind_order`: of equal probabilities the first is the answer.
    known : (cells,) array
        Past events about each cell, from `cell_history`.

    Returns
    -------
    pandas.DataFrame
        ``x, y`` (centre, metres) and ``kind``, one row a cell inside; `UNKNOWN` where fewer than
        five events are known about the cell, whose mix is the city's.
    """
    answer = pd.Series(list(kinds), dtype=object)[mix[cells.inside].argmax(axis=1)].to_numpy()
    answer = np.where(known[cells.inside] < LEAST_KNOWN, UNKNOWN, answer)
    centres = cells.table.loc[cells.inside, ["x", "y"]].reset_index(drop=True)
    return centres.assign(kind=answer)


def known_surface(cells: Cells, values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`surface` of what is known: missing too where fewer than five events are."""
    return surface(cells, np.where(known < LEAST_KNOWN, np.nan, values))
