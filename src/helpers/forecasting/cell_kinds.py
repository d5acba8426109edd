"""Expected crimes of each kind in each cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .baselines import Neighbourhood, tune_neighbourhood
from .cells import Cells, locate
from .events import check_events, check_kinds
from .features import BANDWIDTHS, city_mix, mixes, neighbourhood_counts


def cell_mixes(
    past: pd.DataFrame, cells: Cells, kinds, *, seed: int = 0
) -> tuple[np.ndarray, Neighbourhood]:
    """Probability of each kind for a crime in each cell, from the past alone.

    Past events are moved to the centres of their cells; the mix around each centre is shrunk to
    the city's of the last period, with width and prior tuned by `tune_neighbourhood`.  Times the
    expected crimes of all kinds this gives those of each, which add up.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`.
    cells : Cells
    kinds
        Order of the columns.
    seed : int

    Returns
    -------
    (cells, kinds) array
        Rows add up to one.
    Neighbourhood
    """
    check_events(past)
    kinds = check_kinds(kinds)
    centres = cells.table[["x", "y"]].to_numpy()
    moved = _at_centres(past, cells)
    widths = [width for width in BANDWIDTHS if width == 0 or width >= 0.4 * min(cells.steps)]
    chosen, _ = tune_neighbourhood(moved, kinds, widths, seed=seed)
    recent = moved[moved["period"] == moved["period"].max()]
    counts = neighbourhood_counts(centres, moved, kinds, [chosen.bandwidth])[0]
    return mixes(counts, city_mix(recent, kinds), chosen.prior), chosen


def cell_history(past: pd.DataFrame, cells: Cells, neighbourhood: Neighbourhood) -> np.ndarray:
    """Past events about each cell, weighted by distance: what its mix of kinds stands on.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`.
    cells : Cells
    neighbourhood : Neighbourhood
        From `cell_mixes`.

    Returns
    -------
    (cells,) array
    """
    check_events(past)
    moved = _at_centres(past, cells).assign(kind="any")
    centres = cells.table[["x", "y"]].to_numpy()
    return neighbourhood_counts(centres, moved, ("any",), [neighbourhood.bandwidth])[0, :, 0]


def _at_centres(past: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    moved = past.copy()
    moved[["x", "y"]] = cells.table[["x", "y"]].to_numpy()[locate(cells, past[["x", "y"]])]
    return moved


def expected_crimes(
    cells: Cells, total: np.ndarray, mix: np.ndarray, kinds, period: str
) -> pd.DataFrame:
    """The table that the allocation of patrols reads: expected crimes by node, kind and period.

    Parameters
    ----------
    cells : Cells
    total : (cells,) array
        Expected crimes of all kinds; zero outside the boundary.
    mix : (cells, kinds) array
        From `cell_mixes`.
    kinds
        One that is called ``"all"`` is written ``"all (kind)"``.
    period : str
        Label of the forecast period.

    Returns
    -------
    pandas.DataFrame
        ``node`` (from south to north, in each row from west to east), ``column``, ``row``, ``x``,
        ``y`` (centre, metres), ``kind`` (``"all"`` first), ``period``, ``expected``.

    Raises
    ------
    ValueError
        If shapes differ, or cells outside the boundary expect crimes.
    """
    kinds = check_kinds(kinds)
    total, mix = np.asarray(total, dtype=float), np.asarray(mix, dtype=float)
    if total.shape != (len(cells),) or mix.shape != (len(cells), len(kinds)):
        raise ValueError("give one total and one mix for each cell of the grid.")
    if (total[~cells.inside] != 0).any():
        raise ValueError("cells outside the boundary expect no crimes.")
    # "all" is the name of the total
    kinds = tuple("all (kind)" if kind == "all" else kind for kind in kinds)
    nodes = cells.table[["column", "row", "x", "y"]].rename_axis("node").reset_index()
    parts = [nodes.assign(kind="all", period=period, expected=total)]
    for number, kind in enumerate(kinds):
        parts.append(nodes.assign(kind=kind, period=period, expected=total * mix[:, number]))
    return pd.concat(parts, ignore_index=True)
