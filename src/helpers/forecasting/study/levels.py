"""Tables of how sure a forecast of counts is: its level, its cells, its months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..cells import CellCounts, Cells
from ..count_models import Choice, period_totals
from ..levels import CONFIDENCE, LevelInterval, Pace, level_interval
from .counts import FIRST, TRUTH

FEWEST_MONTHS = 6
"""Months of a paired test: with five, all of them better would still be 1 in 16."""

MOST_EXACT = 16
"""Months up to which all signs are gone through; beyond, the normal distribution stands in."""


def level_facts(
    past: CellCounts, expected: np.ndarray, observed: np.ndarray, pace: Pace
) -> dict[str, Any]:
    """The number of all crimes: expected, with its interval, and happened.

    Parameters
    ----------
    past : CellCounts
        Before the test period.
    expected, observed : (cells,) array
    pace : Pace
        Season and growth of the forecast.

    Returns
    -------
    dict
        ``interval`` (a `LevelInterval`), ``happened``, ``inside`` (whether it lies in the interval;
        None where there is none), ``z``: how many standard deviations of a Poisson number it lies
        off, ``season`` and ``growth``.
    """
    found: LevelInterval = level_interval(period_totals(past), float(expected.sum()), pace)
    happened = int(observed.sum())
    inside = bool(found.low <= happened <= found.high) if found.changes else None
    z = (happened - found.expected) / np.sqrt(found.expected) if found.expected > 0 else np.nan
    told = {"interval": found, "happened": happened, "inside": inside, "z": float(z)}
    return told | {"season": bool(pace.season), "growth": pace.growth}


def rehearsed_spread(choice: Choice, past: CellCounts, name: str) -> float:
    r"""How far cells were off in the last year of the past, beyond the luck of the counts.

    .. math:: \alpha = \max\Big(0, \frac{\sum_i (n_i - \mu_i)^2 - \mu_i}{\sum_i \mu_i^2}\Big)

    with the counts n of the last year and what the model expected of it before, its level set to
    what happened: the variance of a count is then :math:`\mu + \alpha \mu^2`.

    Parameters
    ----------
    choice : Choice
        From `choose_count_model`.
    past : CellCounts
    name : str
        Of the model.

    Returns
    -------
    float
        Missing where the past was too short for a rehearsal.
    """
    if not choice.block:
        return float("nan")
    inside = past.cells.inside
    happened = past.of(choice.block).counts.sum(axis=0)[inside]
    expected = choice.models[name].rate()[inside]
    expected = expected * (happened.sum() / expected.sum())
    off = ((happened - expected) ** 2 - expected).sum() / (expected**2).sum()
    return max(0.0, float(off))


def count_table(
    cells: Cells,
    forecasts: Mapping[str, np.ndarray],
    observed: np.ndarray,
    best: str,
    spread: float,
    level: LevelInterval,
) -> pd.DataFrame:
    """Expected and happened crimes of each cell inside, with the interval of the chosen model.

    The interval is that of a negative binomial number whose variance holds three parts: the luck of
    the count, how far cells were off in the rehearsal, and how far the level may be off.

    Parameters
    ----------
    cells : Cells
    forecasts : dict of str to (cells,) array
    observed : (cells,) array
    best : str
        Whose intervals are given.
    spread : float
        From `rehearsed_spread`.
    level : LevelInterval

    Returns
    -------
    pandas.DataFrame
        ``cell, x, y`` (centre, metres), ``model, expected, happened``, ``low, high`` (95 %, of the
        chosen model; missing where there was no rehearsal): one row a model and cell.
    """
    inside = cells.inside
    frame = cells.table.loc[inside, ["x", "y"]].rename_axis("cell").reset_index()
    frame = frame.assign(happened=observed[inside])
    off = spread + (level.deviation**2 if level.changes else 0.0)
    tables = []
    for name, expected in forecasts.items():
        mean = expected[inside]
        low, high = _ends(mean, off) if name == best else (np.nan, np.nan)
        tables.append(frame.assign(model=name, expected=mean, low=low, high=high))
    return pd.concat(tables, ignore_index=True)


def _ends(mean: np.ndarray, off: float) -> tuple[Any, Any]:
    """Ends of the 95 % intervals of counts with variance mean + off mean²."""
    tails = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    if np.isnan(off):
        return np.nan, np.nan
    if off < 1e-9:
        return tuple(stats.poisson.ppf(tail, mean) for tail in tails)
    return tuple(stats.nbinom.ppf(tail, 1 / off, 1 / (1 + off * mean)) for tail in tails)


def covered(table: pd.DataFrame) -> float:
    """Share of the cells whose count lies in its interval; missing where there are none."""
    known = table[table["low"].notna()]
    if known.empty:
        return float("nan")
    return float(known["happened"].between(known["low"], known["high"]).mean())


def monthly_tests(history: pd.DataFrame, start: int) -> pd.DataFrame:
    r"""Whether a model beats the historical mean month after month, by a paired test.

    The differences :math:`d_m` of the deviances of the months of the test period are compared with
    all :math:`2^m` ways of choosing their signs (for more than 16 months with the normal
    distribution of their mean), one-sided; Holm's correction over the models.  Months that follow
    each other are taken to be exchangeable.

    Parameters
    ----------
    history : pandas.DataFrame
        ``period, model, deviance``.
    start : int
        Months before the test period.

    Returns
    -------
    pandas.DataFrame
        ``model, months, better`` (months in which it was), ``deviance_difference`` (mean), ``p, p_holm``;
        no row where the test period has fewer than six months.
    """
    months = list(dict.fromkeys(history["period"]))[start:]
    wide = history[history["period"].isin(months)].pivot(
        index="period", columns="model", values="deviance"
    )
    columns = ["model", "months", "better", "deviance_difference", "p", "p_holm"]
    others = [name for name in dict.fromkeys(history["model"]) if name not in (FIRST, TRUTH)]
    if len(months) < FEWEST_MONTHS:
        return pd.DataFrame(columns=columns)
    rows = []
    for name in others:
        away = (wide[name] - wide[FIRST]).to_numpy()
        rows.append((name, len(away), int((away < 0).sum()), away.mean(), _sign_p(away)))
    table = pd.DataFrame(rows, columns=columns[:-1])
    order = np.argsort(table["p"].to_numpy(), kind="stable")
    steps = table["p"].to_numpy()[order] * (len(table) - np.arange(len(table)))
    holm = np.empty(len(table))
    holm[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return table.assign(p_holm=holm)


def _sign_p(away: np.ndarray) -> float:
    """Chance of a sum as low, were each sign as likely as the other."""
    if len(away) > MOST_EXACT:
        root = np.sqrt((away**2).sum())
        return float(stats.norm.cdf(away.sum() / root)) if root > 0 else 1.0
    signs = 1 - 2 * ((np.arange(2 ** len(away))[:, None] >> np.arange(len(away))) & 1)
    sums = signs @ away
    return float((sums <= away.sum() + 1e-12 * np.abs(away).sum()).mean())
