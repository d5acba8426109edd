"""Forecast, see what happened, score, update: period after period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .cells import count_by_period
from .count_scores import chosen_cells, poisson_deviance
from .events import check_events


@dataclass(frozen=True)
class Rolling:
    """Scores of forecasts that were each made before their period, and updated after it.

    Attributes
    ----------
    table : pandas.DataFrame
        ``period, model, deviance, hits`` (share of the period's crimes in the chosen share of
        cells), ``events``.
    models : dict
        The models after the last period.
    forecasts : dict of str to (periods, cells) array
    observed : (periods, cells) array
    periods : tuple of pandas.Period
    """

    table: pd.DataFrame
    models: dict[str, Any] = field(repr=False)
    forecasts: dict[str, np.ndarray] = field(repr=False)
    observed: np.ndarray = field(repr=False)
    periods: tuple[pd.Period, ...] = field(repr=False)


def update(model: Any, new_events: pd.DataFrame) -> Any:
    """A model of counts after new events, without starting over.

    Sums are discounted and added to, excitement fades and is added, memories move on; what was
    tuned or trained stays.

    Parameters
    ----------
    model : CountModel, BoostedModel, SelfExciting or Recurrent
    new_events : pandas.DataFrame
        From `event_table`, all after what the model has seen.

    Returns
    -------
    A new model of the same type; the one given stays as it was.

    Raises
    ------
    LeakageError
        If some of the events are not new.
    ValueError
        If the model is none of these.
    """
    if not hasattr(model, "updated"):
        raise ValueError(f"{type(model).__name__} is no model of counts that can be updated.")
    check_events(new_events)
    return model.updated(new_events)


def rolling(
    models: Mapping[str, Any], later: pd.DataFrame, *, every: str = "month", share: float = 0.05
) -> Rolling:
    """Judge models on one period after another, each forecast made before its period.

    As the San Miguel paper asks: the forecast is made, the crimes happen, errors are counted, the
    models are updated, and the next forecast is made.

    Parameters
    ----------
    models : mapping of str to model
        All fitted on the same past.
    later : pandas.DataFrame
        Events after it, from `event_table`.
    every : str
        Length of the periods, as in `event_table`.
    share : float
        Of the cells, for the share of hits.

    Returns
    -------
    Rolling

    Raises
    ------
    LeakageError
        If a model has seen any of `later`.
    """
    if not models:
        raise ValueError("there is no model to judge.")
    models = dict(models)
    cells = next(iter(models.values())).cells
    counts = count_by_period(later, cells, every)
    inside = cells.inside
    period_of = pd.PeriodIndex(later["time"].dt.to_period(counts.periods[0].freqstr))
    rows, made = [], {name: [] for name in models}
    for period, observed in zip(counts.periods, counts.counts, strict=True):
        new = later[period_of == period]
        for name, model in models.items():
            expected = model.forecast(period)
            made[name].append(expected)
            chosen = chosen_cells(expected[inside], share)
            rows.append(
                (
                    period,
                    name,
                    poisson_deviance(expected[inside], observed[inside]),
                    chosen @ observed[inside] / observed.sum(),
                    int(observed.sum()),
                )
            )
            models[name] = update(model, new)
    table = pd.DataFrame(rows, columns=["period", "model", "deviance", "hits", "events"])
    forecasts = {name: np.array(each) for name, each in made.items()}
    return Rolling(table, models, forecasts, counts.counts, counts.periods)
