"""Tables of forecasts of the number of crimes in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..cells import CellCounts, Cells, count_by_period, locate
from ..count_models import Choice
from ..count_scores import (
    SHARES,
    hit_curve,
    hit_rates,
    pei_ceiling,
    pei_parts,
    poisson_deviance,
)
from ..events import event_table
from ..recurrent import recurrent_or_reason
from ..scores import location_intervals
from ..self_exciting import SelfExciting, self_exciting_or_reason
from ..updating import rolling
from .truth import TRUTH

FIRST = "historical mean"
"""What every other model is compared with."""

IF_TRUE = "if this forecast were the truth"


# ------------------------------------------------------------------------------------- the events


@dataclass(frozen=True)
class MonthlyEvents:
    """Events by month, before the test period and in it.

    Attributes
    ----------
    before, during : pandas.DataFrame
        From `event_table`, period by month.
    begin : pandas.Timestamp
        First moment of the test period.
    """

    before: pd.DataFrame
    during: pd.DataFrame
    begin: pd.Timestamp

    @property
    def known(self) -> pd.DataFrame:
        """All of them."""
        return pd.concat([self.before, self.during], ignore_index=True)


def monthly_events(points: Any, kinds: Any, times: Any, future: pd.DataFrame) -> MonthlyEvents:
    """The same events with months for periods, split where the test period begins.

    Parameters
    ----------
    points, kinds, times
        As in `event_table`.
    future : pandas.DataFrame
        Events of the test period; later ones are dropped.
    """
    table = event_table(points, kinds, times, every="month")
    begin = future["period"].iloc[0].start_time
    known = table[table["time"] <= future["time"].max()]
    return MonthlyEvents(known[known["time"] < begin], known[known["time"] >= begin], begin)


# ------------------------------------------------------------------------- month after month


@dataclass(frozen=True)
class Rehearsal:
    """Models as they were before the last year of the past.

    Attributes
    ----------
    models : dict
        Name → model of counts.
    later : pandas.DataFrame
        Events of that last year; none where the past is too short for a rehearsal.
    process : SelfExciting or None
        As it is among the models.
    no_process, no_recurrent : str
        Why there is none; empty where there is one.
    """

    models: dict[str, Any] = field(repr=False)
    later: pd.DataFrame = field(repr=False)
    process: SelfExciting | None = field(repr=False)
    no_process: str
    no_recurrent: str


def early_models(
    events: pd.DataFrame,
    past: CellCounts,
    choice: Choice,
    fitted: Mapping[str, Any],
    *,
    precision: str,
    epochs: int = 12,
    permutations: int = 19,
    seed: int = 0,
) -> Rehearsal:
    """The models that were judged on the last year of the past, and those that need no such judge.

    A self-exciting process joins them where times are known to the day, a recurrent network where
    there are months enough; both are fitted on what was before that year.

    Parameters
    ----------
    events : pandas.DataFrame
        The past by month, from `event_table`.
    past : CellCounts
        The same, counted.
    choice : Choice
        From `choose_count_model`.
    fitted : dict
        Name → model fitted on all the past, which stands in where there is no last year.
    precision : str
        ``"month"``, ``"day"`` or ``"hour"``.
    epochs : int
        Of the recurrent network.
    permutations : int
        Of the test for triggering.
    seed : int
    """
    cells = past.cells
    before = [p for p in past.periods if p not in choice.block] or list(past.periods)
    early = events[events["period"].isin(before)]
    models = dict(choice.models) if choice.block else dict(fitted)
    base = models["shrunken history"]
    how = {"permutations": permutations, "seed": seed}
    process, no_process = self_exciting_or_reason(early, base, precision, **how)
    counts = count_by_period(early, cells)
    recurrent, no_recurrent = recurrent_or_reason(counts, base, epochs=epochs, seed=seed)
    models |= {each.name: each for each in (process, recurrent) if each is not None}
    later = events[events["period"].isin(choice.block)]
    return Rehearsal(models, later, process, no_process, no_recurrent)


@dataclass(frozen=True)
class History:
    """Scores month after month, each forecast made before its month.

    Attributes
    ----------
    table : pandas.DataFrame
        ``period, model, deviance, hits, events, skill``: one row a month and model.
    models : dict
        The models at the beginning of the test period.
    start : int
        How many months come before the test period.
    """

    table: pd.DataFrame
    models: dict[str, Any] = field(repr=False)
    start: int


def score_history(rehearsal: Rehearsal, during: pd.DataFrame) -> History:
    r"""Forecast each month from all before it, score it, update.

    Skill is :math:`1 - D / D_0` with the Poisson deviances of the model and of the historical mean,
    updated alike.

    Parameters
    ----------
    rehearsal : Rehearsal
    during : pandas.DataFrame
        Events of the test period by month.
    """
    tables, models, start = [], rehearsal.models, 0
    if len(rehearsal.later):
        rehearsed = rolling(models, rehearsal.later)
        tables, models, start = [rehearsed.table], rehearsed.models, len(rehearsed.periods)
    tables.append(rolling(models, during).table)
    table = pd.concat(tables, ignore_index=True)
    reference = table[table["model"] == FIRST].set_index("period")["deviance"]
    table["skill"] = 1 - table["deviance"] / table["period"].map(reference)
    return History(table, models, start)


# ---------------------------------------------------------------------------- the whole period


def count_forecasts(
    fitted: Mapping[str, Any], now: Mapping[str, Any], periods: Sequence[pd.Period]
) -> dict[str, np.ndarray]:
    """Expected events of the whole test period by model, shape (cells,) each.

    Parameters
    ----------
    fitted : dict
        Name → model fitted on all the past.
    now : dict
        Name → model updated up to the test period; used where `fitted` lacks the name.
    periods : sequence of pandas.Period
        Months of the test period.
    """
    models = {**fitted, **{name: model for name, model in now.items() if name not in fitted}}
    return {name: model.forecast(periods) for name, model in models.items()}


def count_scores(
    forecasts: Mapping[str, np.ndarray],
    observed: np.ndarray,
    cells: Cells,
    events: pd.DataFrame,
    *,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Deviance, PAI and PEI of each forecast, and its lead on the historical mean.

    Parameters
    ----------
    forecasts : dict of str to (cells,) array
        `FIRST` must be among them; where `TRUTH` is, deviances from it are given too.
    observed : (cells,) array
    cells : Cells
    events : pandas.DataFrame
        Those that were counted, ``x, y``.
    draws, seed : int
        Of the bootstrap over places.

    Returns
    -------
    pandas.DataFrame
        Index ``model``; ``deviance`` (mean Poisson deviance of a cell inside), and for 1, 5 and
        10 per cent of the cells ``pai_1, pei_1, lead_1, lead_1_low, lead_1_high`` …: the lead is the
        PEI minus the historical mean's, with its 95 % interval.  ``deviance_from_truth`` last.
    """
    inside = cells.inside
    table = _pei_table(forecasts, observed, cells, events, inside, draws, seed)
    deviance = {n: poisson_deviance(e[inside], observed[inside]) for n, e in forecasts.items()}
    table.insert(0, "deviance", pd.Series(deviance))
    if TRUTH in forecasts:
        rate = forecasts[TRUTH][inside]
        apart = {n: poisson_deviance(e[inside], rate) for n, e in forecasts.items()}
        table["deviance_from_truth"] = pd.Series(apart)
    return table


def seen_scores(
    forecasts: Mapping[str, np.ndarray],
    observed: np.ndarray,
    past: CellCounts,
    events: pd.DataFrame,
    *,
    best: str,
    chances: int = 200,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """PEI among the cells that had a crime before, and what the best forecast could reach there.

    Parameters
    ----------
    forecasts, observed, events, draws, seed
        As in `count_scores`.
    past : CellCounts
        Counts before the test period.
    best : str
        The forecast whose ceiling is asked: the mean PEI if crimes fell by chance about it.
    chances : int
        Draws for that.

    Returns
    -------
    pandas.DataFrame
        Index ``model``, last `IF_TRUE`; ``pei_1, lead_1, lead_1_low, lead_1_high`` …, as in
        `count_scores`; missing where nothing happened in these cells.
    """
    cells = past.cells
    seen = cells.inside & (past.counts.sum(axis=0) > 0)
    table = _pei_table(forecasts, observed, cells, events, seen, draws, seed)
    table = table[[name for name in table if not name.startswith("pai_")]]
    chance = pei_ceiling(forecasts[best][seen], draws=chances, seed=seed)["mean"]
    row = {f"pei_{100 * share:.0f}": value for share, value in chance.items()}
    return pd.concat([table, pd.DataFrame(row, index=[IF_TRUE])]).rename_axis("model")


def _pei_table(forecasts, observed, cells, events, among, draws, seed) -> pd.DataFrame:
    place = np.full(len(cells), -1)
    place[among] = np.arange(among.sum())
    places = events[["x", "y"]]
    cell = place[locate(cells, places)]
    plain, rows, parts = forecasts[FIRST][among], {}, []
    for name, expected in forecasts.items():
        row = {}
        for share, score in hit_rates(expected[among], observed[among]).iterrows():
            parts.append(pei_parts(expected[among], cell, share, plain))
            mark = f"{100 * share:.0f}"
            row |= {f"pai_{mark}": score["PAI"], f"pei_{mark}": score["PEI"]}
            row |= dict.fromkeys((f"lead_{mark}", f"lead_{mark}_low", f"lead_{mark}_high"), np.nan)
        rows[name] = row
    # one call: all intervals rest on the same draws
    above, below = (np.column_stack(part) for part in zip(*parts, strict=True))
    ends = location_intervals(above, below, places.to_numpy(), draws=draws, seed=seed)
    for row, mine in zip(rows.values(), ends.reshape(len(rows), -1, 2), strict=True):
        for share, (low, high) in zip(SHARES, mine, strict=True):
            mark = f"{100 * share:.0f}"
            row |= {f"lead_{mark}_low": low, f"lead_{mark}_high": high}
    table = pd.DataFrame(rows).T.rename_axis("model")
    for share in SHARES:
        mark = f"{100 * share:.0f}"
        table[f"lead_{mark}"] = table[f"pei_{mark}"] - table.loc[FIRST, f"pei_{mark}"]
    return table


def leads(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Who leads the historical mean, at each share of the cells.

    Parameters
    ----------
    table : pandas.DataFrame
        From `count_scores` or `seen_scores`.

    Returns
    -------
    list of dict
        One a share, with ``share`` (of the cells), ``mean`` (PEI of the historical mean), ``top``
        and ``value`` (the best other and its PEI), ``ahead``, the names of those whose interval
        lies above zero, and ``others``, how many intervals there are.
    """
    others = _others(table)
    found = []
    for share in SHARES:
        mark = f"{100 * share:.0f}"
        pei, low = table[f"pei_{mark}"], table[f"lead_{mark}_low"]
        top = pei[others].fillna(-1).idxmax()
        ahead = [name for name in others if low[name] > 0]
        row = {"share": share, "mean": float(pei[FIRST]), "top": top, "value": float(pei[top])}
        found.append({**row, "ahead": ahead, "others": len(others)})
    return found


def least_deviance(table: pd.DataFrame) -> tuple[str, float]:
    """The model of least deviance but for the historical mean, and by what share it lies below it.

    Examples
    --------
    >>> table = pd.DataFrame({"deviance": [2.0, 1.5, 1.0]}, index=[FIRST, "kernel density", TRUTH])
    >>> least_deviance(table)
    ('kernel density', 0.25)
    """
    gain = 1 - table.loc[_others(table), "deviance"] / table.loc[FIRST, "deviance"]
    return str(gain.idxmax()), float(gain.max())


def _others(table: pd.DataFrame) -> list[str]:
    return [name for name in table.index if name not in (FIRST, TRUTH, IF_TRUE)]


def hit_curves(
    forecasts: Mapping[str, np.ndarray], observed: np.ndarray, cells: Cells, points: int = 201
) -> dict[str, pd.DataFrame]:
    """Share of the crimes by share of the cells, for each forecast and for hindsight.

    Parameters
    ----------
    forecasts, observed, cells
        As in `count_scores`.
    points : int
        Of each curve.

    Returns
    -------
    dict of str to DataFrame
        ``share, hit rate`` each; ``"hindsight"`` is the last.
    """
    inside = cells.inside
    every = {**forecasts, "hindsight": observed}
    return {name: hit_curve(e[inside], observed[inside], points) for name, e in every.items()}
