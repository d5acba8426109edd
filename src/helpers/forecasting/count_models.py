"""Expected numbers of crimes in each cell, from the counts of the past."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ._binned_trees import BinnedTrees
from ._threads import one_thread
from .cells import CellCounts, Cells, count_by_period, period_days, smooth
from .count_scores import poisson_deviance
from .events import LeakageError, check_events
from .levels import STEADY, Pace, find_pace

BANDWIDTHS = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0, 900.0)
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
HALF_LIVES = (np.inf, 1095.0, 365.0, 180.0)
EVEN = 0.01
YEAR = pd.Timedelta(days=365)
LEAST_KNOWN = 20  # events before the inner year, below which halves of all events stand in
MODELS = ("historical mean", "kernel density", "shrunken history", "gradient boosting")


@dataclass(frozen=True)
class CountSettings:
    """What is tuned in `CountModel`.

    Attributes
    ----------
    bandwidth : float
        Of the surface that cells are shrunk to, metres; infinite for an even one.
    strength : float
        Shape κ of the gamma distribution around it: 0 leaves each cell its own history, infinity
        leaves the surface.
    half_life : float
        Days after which an event counts half.
    """

    bandwidth: float
    strength: float
    half_life: float = np.inf


@dataclass(frozen=True)
class CountModel:
    r"""History of each cell, shrunk to a smoothed surface.

    With :math:`n_i` the events of cell i (older ones at a discount), E the days they took and
    :math:`b_i` the surface, events a day,

    .. math:: \lambda_i = b_i \, \frac{\kappa + n_i}{\kappa + b_i E}

    is the posterior mean where the rate of the cell is gamma distributed about :math:`b_i` with
    shape κ.  Its ends are the historical mean (κ = 0) and the kernel density (κ infinite).  The
    surface is smoothed with Jones's and Diggle's correction, divided by the kernel's mass inside the
    window, and so keeps the number of events.  All rates are then scaled to the number of events a day of the last year of the past.

    Attributes
    ----------
    name : str
    settings : CountSettings
    cells : Cells
    sums : (cells,) array
        n.
    exposure : float
        E, days.
    recent : tuple
        Start, days and number of events of each period of the last year.
    until : pandas.Period
        Last period seen.
    pace : Pace
        Season and growth of the city, where the past carries them.
    """

    name: str
    settings: CountSettings
    cells: Cells = field(repr=False)
    sums: np.ndarray = field(repr=False)
    exposure: float
    recent: tuple[tuple[pd.Timestamp, int, float], ...] = field(repr=False)
    until: pd.Period
    pace: Pace = STEADY

    def rate(self) -> np.ndarray:
        """Expected crimes a day in each cell."""
        shape = shrunken_rate(self.cells, self.sums, self.exposure, self.settings)
        return shape * (daily_level(self.recent) / shape.sum())

    def forecast(self, periods: Any) -> np.ndarray:
        """Expected crimes in each cell over periods to come."""
        return self.rate() * self.effective_days(self.later(periods))

    def effective_days(self, periods: Any) -> float:
        """Days of these periods, those of a busier season counted as more."""
        return self.pace.days(self.until, periods)

    def updated(self, new: pd.DataFrame) -> CountModel:
        """The model after new events: the sums are discounted and added to, nothing is refitted."""
        return seen(self, _new_counts(self, new))

    def later(self, periods: Any) -> list[pd.Period]:
        """Periods to forecast, as a list; all must come after the last one seen."""
        return later_periods(self.until, periods)


@dataclass(frozen=True)
class BoostedModel:
    r"""The shrunken history, corrected by Poisson gradient boosting.

    .. math:: \lambda_i = b_i \, e^{f(z_i)}

    with b_i the rate of ``shrunken history`` and f a sum of trees over the features z_i.

    Attributes
    ----------
    name : str
    base : CountModel
        The tuned history, which the trees correct; it carries the cells and the level.
    histories : tuple of CountModel
        Each gives one feature, the logarithm of its rate.
    """

    name: str
    base: CountModel
    histories: tuple[CountModel, ...] = field(repr=False)
    _trees: Any = field(repr=False)

    @property
    def until(self) -> pd.Period:
        """Last period seen."""
        return self.base.until

    @property
    def cells(self) -> Cells:
        """The grid."""
        return self.base.cells

    @property
    def pace(self) -> Pace:
        """Season and growth."""
        return self.base.pace

    @one_thread
    def rate(self) -> np.ndarray:
        """Expected crimes a day in each cell."""
        inside = self.cells.inside
        rate = self.base.rate()
        rate[inside] *= self._trees.predict(_features(self.histories)[inside])
        return rate * (daily_level(self.base.recent) / rate.sum())

    def forecast(self, periods: Any) -> np.ndarray:
        """Expected crimes in each cell over periods to come."""
        return self.rate() * self.base.effective_days(self.base.later(periods))

    def updated(self, new: pd.DataFrame) -> BoostedModel:
        """The model after new events: its features move, its trees stay."""
        counts = _new_counts(self.base, new)
        return replace(
            self,
            base=seen(self.base, counts),
            histories=tuple(seen(each, counts) for each in self.histories),
        )


def fit_count_models(past: CellCounts, *, seed: int = 0) -> dict[str, Any]:
    """Tune and fit the four models of counts on the past alone.

    Tuning forecasts the last year of the past from what was before it, and takes the least
    Poisson deviance.  Where the past is one period only, or fewer than 20 events lie before that
    year, half of all events, drawn at random, forecast the other half.

    Parameters
    ----------
    past : CellCounts
        From `count_by_period`, periods before the one to forecast.
    seed : int

    Returns
    -------
    dict of str to CountModel or BoostedModel
        ``historical mean`` (an even surface, no discount), ``kernel density`` (surface only),
        ``shrunken history`` (all three settings tuned), ``gradient boosting``.

    Raises
    ------
    ValueError
        If the past holds no period.
    """
    if not isinstance(past, CellCounts) or not past.periods:
        raise ValueError("there is no period to learn from; give counts by count_by_period.")
    before, target, _ = inner_block(past, seed)
    pace = find_pace(period_totals(past))
    step = min(past.cells.steps)
    # cells wider than any of these: smoothing over half a cell and over a whole one is tried
    widths = [width for width in BANDWIDTHS if width >= 0.35 * step] or [0.5 * step, step]
    choices = {
        "historical mean": [CountSettings(np.inf, k) for k in STRENGTHS],
        "kernel density": [CountSettings(width, np.inf) for width in widths],
        "shrunken history": [
            CountSettings(width, k, life)
            for life in (HALF_LIVES if len(past.periods) > 2 else HALF_LIVES[:1])
            for width in widths
            for k in STRENGTHS
        ],
    }
    models = {}
    for name, tried in choices.items():
        losses = tuning_losses(before, target, tried)
        model = count_model(past, tried[int(np.argmin(losses))], name)
        models[name] = replace(model, pace=pace)
    models["gradient boosting"] = fit_boosting(past, models["shrunken history"].settings, seed=seed)
    boosted = models["gradient boosting"]
    models["gradient boosting"] = replace(boosted, base=replace(boosted.base, pace=pace))
    return models


def period_totals(past: CellCounts) -> dict[pd.Period, float]:
    """Events of each period, in all cells together."""
    return dict(zip(past.periods, past.counts.sum(axis=1).astype(float).tolist(), strict=True))


@dataclass(frozen=True)
class Choice:
    """Which model of counts forecasts the last year of the past best.

    Attributes
    ----------
    best : str
        Name of the model with the least deviance.
    table : pandas.DataFrame
        Index ``model``; ``deviance`` of each on that year.
    models : dict
        The models, fitted on what was before that year.
    block : tuple of pandas.Period
        That year's periods; none where the past is one period, or holds fewer than 20 events
        before that year, and its halves stood in.
    """

    best: str
    table: pd.DataFrame
    models: dict[str, Any] = field(repr=False)
    block: tuple[pd.Period, ...]


def choose_count_model(past: CellCounts, *, seed: int = 0) -> Choice:
    """Judge the models of counts inside the past: all are fitted on what was before its last year.

    Parameters
    ----------
    past : CellCounts
    seed : int

    Returns
    -------
    Choice
    """
    before, target, _ = inner_block(past, seed)
    inside, losses = past.cells.inside, {}
    models = fit_count_models(before, seed=seed)
    for name, model in models.items():
        rate = model.rate()[inside]
        losses[name] = poisson_deviance(rate * (target.sum() / rate.sum()), target[inside])
    table = pd.DataFrame({"deviance": losses}).rename_axis("model")
    block = tuple(each for each in past.periods if each not in before.periods)
    return Choice(min(losses, key=losses.get), table, models, block)


def tuning_losses(before: CellCounts, target, tried) -> np.ndarray:
    """Deviance of each of the settings on the last year of the past, the level known."""
    inside, losses = before.cells.inside, []
    surfaces: dict[tuple[float, float], np.ndarray] = {}
    models = {life: count_model(before, CountSettings(np.inf, 1.0, life), "") for life in
              {each.half_life for each in tried}}  # fmt: skip
    for each in tried:
        model, key = models[each.half_life], (each.bandwidth, each.half_life)
        if key not in surfaces:
            surfaces[key] = surface(model.cells, model.sums, each.bandwidth) / model.exposure
        rate = _posterior(surfaces[key], model.sums, model.exposure, each.strength)
        # settings shape the pattern, not the level
        rate = rate * (target.sum() / rate.sum()) if rate.sum() > 0 else rate
        losses.append(poisson_deviance(rate[inside], target[inside]))
    return np.array(losses)


def count_model(past: CellCounts, settings: CountSettings, name: str) -> CountModel:
    """A model of counts with given settings, after the periods of the past."""
    first = past.periods[0]
    empty = CountModel(name, settings, past.cells, np.zeros(len(past.cells)), 0.0, (), first - 1)
    return seen(empty, past)


def seen(model: CountModel, new: CellCounts) -> CountModel:
    """The model after the counts of later periods."""
    sums, exposure, recent, until = model.sums, model.exposure, model.recent, model.until
    for period, counts in zip(new.periods, new.counts, strict=True):
        gap = (period.start_time - until.start_time).days
        kept = 0.5 ** (gap / model.settings.half_life)
        sums = kept * sums + counts
        exposure = kept * exposure + period_days(period)
        recent = (*recent, (period.start_time, period_days(period), float(counts.sum())))
        recent = tuple(each for each in recent if each[0] > period.start_time - YEAR)
        until = period
    return replace(model, sums=sums, exposure=exposure, recent=recent, until=until)


def shrunken_rate(cells: Cells, sums, exposure: float, settings: CountSettings) -> np.ndarray:
    """Equation of `CountModel`, before the level is set."""
    base = surface(cells, sums, settings.bandwidth) / exposure
    return _posterior(base, sums, exposure, settings.strength)


def surface(cells: Cells, sums: np.ndarray, bandwidth: float) -> np.ndarray:
    """Smoothed sums with a hundredth spread evenly, so that no cell is impossible."""
    even = cells.inside * (sums.sum() / cells.inside.sum())
    if np.isinf(bandwidth):
        return even
    return (1 - EVEN) * smooth(cells, sums, bandwidth) + EVEN * even


def daily_level(recent) -> float:
    """Events a day over the last year of the past."""
    return sum(number for _, _, number in recent) / sum(days for _, days, _ in recent)


def later_periods(until: pd.Period, periods: Any) -> list[pd.Period]:
    """Periods to forecast; all must come after the last one seen."""
    wanted = [periods] if isinstance(periods, pd.Period) else list(periods)
    if not wanted:
        raise ValueError("name at least one period to forecast.")
    early = [each for each in wanted if each.start_time <= until.start_time]
    if early:
        raise LeakageError(
            f"the model has seen events up to {until}; it cannot forecast {early[0]}."
        )
    return wanted


def inner_block(past: CellCounts, seed: int = 0) -> tuple[CellCounts, np.ndarray, int]:
    """What is known and what is forecast inside the past: the last year, from all before it."""
    last = past.periods[-1].start_time
    block = [each for each in past.periods if each.start_time > last - YEAR]
    if len(block) == len(past.periods) and len(block) > 1:
        block = block[-max(1, len(block) // 3) :]
    known = past.before(block[0])
    if known.counts.sum() >= LEAST_KNOWN:
        target = past.of(block).counts.sum(axis=0)
        return known, target, sum(period_days(each) for each in block)
    half = np.random.default_rng(seed).binomial(past.counts, 0.5)
    # of a handful of events chance may leave one side none
    if half.sum() == 0:
        half.flat[past.counts.argmax()] += 1
    elif half.sum() == past.counts.sum():
        half.flat[past.counts.argmax()] -= 1
    known = CellCounts(past.cells, past.periods, half)
    return known, (past.counts - half).sum(axis=0), sum(map(period_days, past.periods))


@one_thread
def fit_boosting(past: CellCounts, settings: CountSettings, *, seed: int = 0) -> BoostedModel:
    """Poisson boosting: each year of the past from the second on, from what was before it.

    Features are the logarithms of six rates of `CountModel` (own history, narrow to wide
    surfaces, the tuned one, one that forgets) and the coordinates.  A third of the cells is
    held out to choose the rounds.

    Parameters
    ----------
    past : CellCounts
    settings : CountSettings
        The tuned ones of ``shrunken history``.
    seed : int

    Returns
    -------
    BoostedModel
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    kinds = [
        settings,
        CountSettings(np.inf, 0.1),
        CountSettings(np.inf, 0.1, 365.0),
        CountSettings(200.0, np.inf),
        CountSettings(400.0, np.inf),
        CountSettings(1200.0, np.inf),
    ]
    inside = past.cells.inside
    features, targets, weights = [], [], []
    for known, block in _blocks(past, seed):
        histories = tuple(count_model(known, each, "") for each in kinds)
        features.append(_features(histories)[inside])
        # a Poisson model with offset: the ratio to the base, weighted by the base
        base = histories[0].rate()[inside]
        base *= block.sum() / base.sum()
        targets.append(block[inside] / base)
        weights.append(base)
    x, y, w = np.concatenate(features), np.concatenate(targets), np.concatenate(weights)

    def trees(rounds):
        return HistGradientBoostingRegressor(
            loss="poisson", learning_rate=0.05, max_iter=rounds, max_leaf_nodes=8,
            min_samples_leaf=30, l2_regularization=1.0, early_stopping=False, random_state=seed,
        )  # fmt: skip

    third = np.random.default_rng(seed).permutation(int(inside.sum())) % 3 == 0
    held = np.tile(third, len(features))
    rounds = 60
    if y[~held].sum() > 0 and y[held].sum() > 0:
        fitted = BinnedTrees.fit(trees(150), x[~held], y[~held], w[~held])
        losses = [
            poisson_deviance(stage * w[held], y[held] * w[held]) for stage in fitted.stages(x[held])
        ]
        rounds = int(np.argmin(losses)) + 1
    fitted = BinnedTrees.fit(trees(rounds), x, y, w)
    histories = tuple(count_model(past, each, "") for each in kinds)
    return BoostedModel("gradient boosting", histories[0], histories, fitted)


def _blocks(past: CellCounts, seed: int):
    """Year by year backwards: what was known, and what then happened."""
    found, rest = [], past
    while True:
        before, target, _ = inner_block(rest, seed)
        found.append((before, target))
        if len(before.periods) == len(rest.periods) or len(before.periods) < 2:
            return found
        span = before.periods[-1].start_time - before.periods[0].start_time
        if len(rest.periods) > 12 and span < YEAR:
            return found
        rest = before


def _features(histories: tuple[CountModel, ...]) -> np.ndarray:
    rates = [np.log(np.maximum(each.rate(), 1e-9)) for each in histories]
    place = histories[0].cells.table[["x", "y"]].to_numpy() / 1000
    return np.column_stack([*rates, place])


def _posterior(base: np.ndarray, sums: np.ndarray, exposure: float, strength: float) -> np.ndarray:
    if np.isinf(strength):
        return base
    with np.errstate(invalid="ignore"):
        rate = base * (strength + sums) / (strength + base * exposure)
    return np.where(base > 0, rate, 0.0)


def _new_counts(model: CountModel, new: pd.DataFrame) -> CellCounts:
    """Counts of new events by the model's periods; none may be old."""
    check_events(new)
    every = {"Y": "year", "M": "month", "W": "week", "D": "day"}[model.until.freqstr[0]]
    counts = count_by_period(new, model.cells, every)
    if counts.periods[0].start_time <= model.until.start_time:
        raise LeakageError(
            f"the model has already seen events up to {model.until}; the new ones begin in "
            f"{counts.periods[0]}."
        )
    return counts
