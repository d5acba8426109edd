"""Tables of crimes by shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..cell_kinds import cell_mixes
from ..cells import Cells
from ..shifts import Shifts, read_shifts, shift_table, spoken_span

USUAL_SHIFTS = {
    "day": "6-14",
    "evening": "14-22",
    "weekday night": "Sun-Thu 22-6",
    "weekend night": "Fri-Sat 22-6",
}
"""Three watches a day, the night of the weekend apart: another city may have others."""


def expected_by_shift(
    events: pd.DataFrame,
    cells: Cells,
    total: np.ndarray,
    wanted: Sequence[pd.Period],
    label: str,
    spans: Mapping[str, str] = USUAL_SHIFTS,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Expected crimes of each node and shift, from events known to the hour.

    Shares of the shifts about each node are shrunk to the city's as those of kinds are
    (`cell_mixes`).

    Parameters
    ----------
    events : pandas.DataFrame
        The past, from `event_table`.
    cells : Cells
        Of the nodes.
    total : (nodes,) array
        Expected crimes of all shifts.
    wanted : sequence of pandas.Period
        The period to come.
    label : str
        Of it.
    spans : mapping of str to str
        As `read_shifts` reads them.
    seed : int

    Returns
    -------
    pandas.DataFrame
        As `shift_table` gives it, and ``when``: the days and hours of the shift.
    """
    shifts = read_shifts(spans)
    known = sorted(events["time"].dt.to_period("M").unique())
    mix = np.ones((len(cells), 1))
    if len(shifts.names) > 1:
        named = events.assign(kind=np.array(shifts.names, dtype=object)[shifts.of(events["time"])])
        mix, _ = cell_mixes(named, cells, shifts.names, seed=seed)
    table = shift_table(cells.table, total, mix, shifts, known, wanted, label)
    return table.assign(when=table["shift"].map({k: spoken_span(v) for k, v in spans.items()}))


def shift_sums(expected: pd.DataFrame, events: pd.DataFrame, shifts: Shifts) -> pd.DataFrame:
    """All nodes together: what each shift expects and what then happened.

    Parameters
    ----------
    expected : pandas.DataFrame
        From `expected_by_shift`.
    events : pandas.DataFrame
        What then happened, from `event_table`.
    shifts : Shifts

    Returns
    -------
    pandas.DataFrame
        ``shift, when, hours, expected, happened, per_100_hours`` (expected crimes of a hundred
        hours).
    """
    groups = expected.groupby("shift", sort=False)
    number = np.bincount(shifts.of(events["time"]), minlength=len(shifts.names))
    first = groups[["when", "hours"]].first()
    table = first.assign(expected=groups["expected"].sum())
    table["happened"] = pd.Series(number, index=list(shifts.names))
    table["per_100_hours"] = 100 * table["expected"] / table["hours"]
    return table.rename_axis("shift").reset_index()


def shift_surfaces(expected: pd.DataFrame, cells: Cells) -> dict[str, np.ndarray]:
    """Expected crimes of a hundred hours of each shift as grids, missing outside the window."""
    found = {}
    for name, rows in expected.groupby("shift", sort=False):
        rate = 100 * rows["expected"].to_numpy() / rows["hours"].to_numpy()
        grid = np.where(cells.inside, rate, np.nan)
        found[str(name)] = grid.reshape(cells.rows, cells.columns)
    return found


def clock_excess(events: pd.DataFrame) -> float:
    """Share of events at midnight and noon beyond those of the hours beside them.

    Unknown hours are often entered as one of these.
    """
    number = np.bincount(events["time"].dt.hour, minlength=24)
    beside = (number[23] + number[1] + number[11] + number[13]) / 2
    return float(max(0.0, number[0] + number[12] - beside) / len(events))
