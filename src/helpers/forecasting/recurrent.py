"""A recurrent network over the history of each cell, the future work of the paper."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from ._keras import deterministic_keras
from ._training import asked, history_table, train
from .cells import CellCounts, Cells, period_days, smooth
from .count_models import CountModel, _new_counts, daily_level, seen

LEAST_PERIODS = 24
SURFACES = (150.0, 400.0)


@dataclass(frozen=True)
class Recurrent:
    """A long short-term memory network over the counts of the last periods.

    Attributes
    ----------
    base : CountModel
        Carries the cells, the level and the last period.
    history : pandas.DataFrame
        ``epoch``, ``loss``, ``validation_loss``.
    """

    base: CountModel = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    name: str = "recurrent network"
    _series: np.ndarray = field(repr=False, default=None)
    _scale: np.ndarray = field(repr=False, default=None)
    _model: Any = field(repr=False, default=None)

    @property
    def until(self) -> pd.Period:
        """Last period seen."""
        return self.base.until

    @property
    def cells(self) -> Cells:
        """The grid."""
        return self.base.cells

    def forecast(self, periods: Any) -> np.ndarray:
        """Expected crimes in each cell over periods to come, at the rate of the first of them."""
        days = self.base.effective_days(self.base.later(periods))
        inside = self.cells.inside
        given = self._model(_inputs(self._series, self._scale))
        rate = np.zeros(len(self.cells))
        # softplus may round to nothing, which no cell may be promised
        rate[inside] = np.maximum(given[:, 0].astype(float), 1e-12)
        return rate * (daily_level(self.base.recent) / rate.sum() * days)

    def updated(self, new: pd.DataFrame) -> Recurrent:
        """The network after new events: its memory moves on, its weights stay."""
        counts = _new_counts(self.base, new)
        series = np.concatenate([self._series, _channels(counts)])[-len(self._series) :]
        return replace(self, base=seen(self.base, counts), _series=series)


def fit_recurrent(
    past: CellCounts,
    base: CountModel,
    *,
    window: int = 12,
    units: int = 16,
    epochs: int = 12,
    patience: int = 2,
    batch: int = 1024,
    most: int = 50_000,
    seed: int = 0,
) -> Recurrent:
    """Train a recurrent network (LSTM) to forecast each cell's next period from its last ones.

    The series of a cell holds its own events a day and two smoothed surfaces; the loss is that of
    the Poisson distribution.  A tenth of the cells is held out to stop in time.

    Parameters
    ----------
    past : CellCounts
        At least 24 periods.
    base : CountModel
        Fitted on the same past: gives level and grid.
    window : int
        Periods that the network looks back.
    units, epochs, patience, batch, seed : int
    most : int
        Series learned from: where cells and periods give more, a random part of them; a fifth as
        many at most tell when to stop.

    Returns
    -------
    Recurrent

    Raises
    ------
    ValueError
        If there are fewer than 24 periods, or no more than the window.
    """
    for name, value in {"window": window, "units": units, "epochs": epochs, "batch": batch}.items():
        whole_number(value, name)
    if len(past.periods) < max(LEAST_PERIODS, window + 2):
        raise ValueError(
            f"a recurrent network needs at least {max(LEAST_PERIODS, window + 2)} periods, "
            f"there are {len(past.periods)}."
        )
    keras = deterministic_keras(seed)
    series = _channels(past)
    scale = series.mean(axis=(0, 1)) + 1e-12
    rng = np.random.default_rng(seed)
    number, first = series.shape[1], len(past.periods) - window
    held = rng.permutation(number) < max(1, number // 10)
    learned = np.flatnonzero(~held)
    some = np.arange(first * len(learned))
    if len(some) > whole_number(most, "most"):
        some = rng.permutation(len(some))[:most]
    # nothing but what is learned from is laid out: series overlap, and all would be twelve times as much
    begin, cell = np.divmod(some, len(learned))
    given = _laid_out(series, scale, window, begin, learned[cell])
    others = np.arange(first * held.sum())
    if len(others) > most // 5:
        others = np.sort(rng.permutation(len(others))[: most // 5])
    begin, cell = np.divmod(others, held.sum())
    kept = _laid_out(series, scale, window, begin, np.flatnonzero(held)[cell])
    model = keras.Sequential(
        [
            keras.layers.Input((window, series.shape[-1])),
            keras.layers.LSTM(units),
            keras.layers.Dense(1, activation="softplus"),
        ]
    )

    def measures(truth, found):
        return [keras.ops.mean(keras.losses.poisson(truth[:, None], found))]

    how = {"rate": 0.005, "epochs": epochs, "patience": patience, "batch": batch, "seed": seed}
    history = history_table(train(keras, model, measures, given, kept, **how), ["loss"])
    return Recurrent(base, history, _series=series[-window:], _scale=scale, _model=asked(model))


def recurrent_or_reason(
    past: CellCounts, base: CountModel, **settings: Any
) -> tuple[Recurrent | None, str]:
    """`fit_recurrent`, or None where the past is too short, with the reason.

    Parameters
    ----------
    past, base, **settings
        As in `fit_recurrent`.

    Returns
    -------
    Recurrent or None
    str
        Empty for a network.
    """
    months = len(past.periods)
    if months < LEAST_PERIODS:
        few = "1 month is" if months == 1 else f"{months} months are"
        return None, f"{few} too few, it needs {LEAST_PERIODS}"
    return fit_recurrent(past, base, **settings), ""


def _channels(counts: CellCounts) -> np.ndarray:
    """Events a day of each cell inside, its own and smoothed, shape (periods, cells, channels)."""
    cells, found = counts.cells, []
    for period, number in zip(counts.periods, counts.counts, strict=True):
        daily = number / period_days(period)
        layers = [daily, *(smooth(cells, daily, width) for width in SURFACES)]
        found.append(np.column_stack(layers)[cells.inside])
    return np.stack(found)


def _inputs(series: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Series of each cell, shape (cells, periods, channels)."""
    return np.swapaxes(series / scale, 0, 1).astype("float32")


def _laid_out(
    series: np.ndarray, scale: np.ndarray, window: int, begin: np.ndarray, cell: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Some series of a window's length, shape (n, window, channels), and what came after each."""
    inputs = np.empty((len(begin), window, series.shape[-1]), dtype="float32")
    for step in range(window):
        inputs[:, step] = series[begin + step, cell] / scale
    return inputs, (series[begin + window, cell, 0] / scale[0]).astype("float32")
