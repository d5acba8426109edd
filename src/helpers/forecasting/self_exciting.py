"""A self-exciting point process: crimes that raise the chance of crimes near and soon."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.checks import whole_number

from .cells import Cells, locate, period_days
from .count_models import CountModel, _new_counts, seen
from .events import LeakageError, check_events
from .incidents import BANDS
from .triggering import Triggering, TriggeringTest, fit_triggering, triggering_test

LAST_YEARS = 4  # over more, places change their shares, which the process keeps
EXPLODES = 0.99  # an event triggers fewer others than this, or the expectation has no bound
LEVEL = 0.05  # of the test for triggering


@dataclass(frozen=True)
class SelfExciting:
    r"""A fitted process, with the excitement that its events have left.

    Of the expected crimes of a day, the history of the cells gives the part 1 - θ (θ here the mean over
    all cells); what earlier crimes trigger is added (Mohler et al. 2011; `Triggering` has the equation):

    .. math:: \lambda_c(d) = (1 - \theta)\, f_c(d) + \sum_{j : d_j < d} W_{c_j c}\, (1 - q)\, q^{d - d_j - 1}

    with :math:`W_{c' c}` the crimes that one in cell c' triggers in cell c.

    Attributes
    ----------
    base : CountModel
        f: carries the cells, the level and the last period.
    triggering : Triggering
        The fit by places.
    test : TriggeringTest
        Against no triggering.
    spread : sparse (cells, cells) array
        W.
    excitement : (cells,) array
        Triggered events of the day after `until`.
    """

    base: CountModel = field(repr=False)
    triggering: Triggering
    test: TriggeringTest
    spread: Any = field(repr=False)
    excitement: np.ndarray = field(repr=False)
    name: str = "self-exciting process"

    @property
    def until(self) -> pd.Period:
        """Last period seen."""
        return self.base.until

    @property
    def cells(self) -> Cells:
        """The grid."""
        return self.base.cells

    @property
    def theta(self) -> float:
        """Mean number of events that one event triggers directly, at most 0.99."""
        return min(self.triggering.theta, EXPLODES)

    def forecast(self, periods: Any) -> np.ndarray:
        r"""Expected crimes in each cell over the periods that follow, triggered ones included.

        With E the excitement, the expectation obeys

        .. math:: E(d + 1) = q E(d) + (1 - q)\, W^\top \big((1 - \theta) f + E(d)\big)

        from day to day; events triggered by events to come are thus counted.  Days between the last
        period seen and the first wanted are gone through without being counted.
        """
        wanted = self.base.later(periods)
        steady = self._steady()
        excitement, total = self.excitement, np.zeros(len(self.cells))
        period = self.until
        while period < wanted[-1]:
            period += 1
            days = period_days(period)
            background = steady * (self.base.effective_days([period]) / days)
            for _ in range(days):
                if period in wanted:
                    total += background + excitement
                excitement = self._next(excitement, background + excitement)
        return total

    def updated(self, new: pd.DataFrame) -> SelfExciting:
        """The process after new events: their excitement is added, its parameters stay."""
        check_events(new)
        base = seen(self.base, _new_counts(self.base, new))
        gap = (base.until.end_time - self.until.end_time) / pd.Timedelta(days=1)
        kept = self.excitement * self._stay ** round(gap)
        left = _left(self.spread, self._stay, new, base.until, self.cells)
        return replace(self, base=base, excitement=kept + left)

    def _steady(self) -> np.ndarray:
        """Background events a day: what leaves the level as it is once triggered ones are added."""
        rate = self.base.rate()
        triggered = rate @ np.asarray(self.spread.sum(axis=1)) / rate.sum()
        return (1 - triggered) * rate

    @property
    def _stay(self) -> float:
        return 1.0 - 1.0 / self.triggering.delay

    def _next(self, excitement: np.ndarray, rate: np.ndarray) -> np.ndarray:
        return self._stay * excitement + (1 - self._stay) * (self.spread.T @ rate)


def fit_self_exciting(
    past: pd.DataFrame,
    base: CountModel,
    *,
    bands: tuple[float, ...] = BANDS,
    years: int = LAST_YEARS,
    permutations: int = 19,
    seed: int = 0,
) -> SelfExciting:
    """Fit the triggering on places, and put it on the cells of a model of counts.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`, with times of a day's precision or better.
    base : CountModel
        Fitted on the same past: grid, background and level.
    bands : tuple of float
        As in `fit_triggering`.
    years : int
        Of the past that the triggering is fitted on, at its end: places keep their shares in the
        process, and over many years they do not.
    permutations, seed : int
        As in `triggering_test`.

    Returns
    -------
    SelfExciting

    Raises
    ------
    ValueError
        As in `fit_triggering`.
    """
    check_events(past)
    if past["time"].max() > base.until.end_time:
        raise LeakageError(f"the model of counts ends with {base.until}, the events later.")
    begin = base.until.end_time - pd.DateOffset(years=whole_number(years, "years"))
    recent = past[past["time"] > begin]
    fitted = fit_triggering(recent, base.until.end_time, bands=bands)
    how = {"permutations": permutations, "seed": seed}
    test = triggering_test(fitted, recent["time"].min(), **how)
    matrix = _cell_matrix(fitted, base.cells)
    left = _left(matrix, 1.0 - 1.0 / fitted.delay, past, base.until, base.cells)
    return SelfExciting(base, fitted, test, matrix, left)


def self_exciting_or_reason(
    past: pd.DataFrame, base: CountModel, precision: str, **settings: Any
) -> tuple[SelfExciting | None, str]:
    """`fit_self_exciting`, or None where the events cannot carry it, with the reason.

    Parameters
    ----------
    past, base, **settings
        As in `fit_self_exciting`.
    precision : str
        How exactly times are known: ``"month"``, ``"day"`` or ``"hour"``.

    Returns
    -------
    SelfExciting or None
    str
        Why there is none; empty for a process.
    """
    if precision not in ("hour", "day"):
        return None, f"times are known to the {precision} only"
    try:
        return fit_self_exciting(past, base, **settings), ""
    except ValueError as error:
        return None, str(error).rstrip(".")


def simulate_self_exciting(
    window: Any,
    days: float,
    *,
    mu: float,
    theta: float,
    omega: float,
    sigma: float,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw a process with an even background; triggered events outside the window are lost.

    Parameters
    ----------
    window : Window
        With `random_points` and `contains`.
    days : float
    mu, theta, omega, sigma
        As in `SelfExciting`; θ below one, or the process explodes.
    seed : int

    Returns
    -------
    pandas.DataFrame
        ``x, y, day, parent`` (−1 for background), in order of time.

    Raises
    ------
    ValueError
        If θ is not below one.
    """
    if not 0 <= theta < 1:
        raise ValueError(f"theta is at least 0 and below 1, not {theta!r}: else it explodes.")
    rng = np.random.default_rng(seed)
    number = rng.poisson(mu * days)
    place, time = window.random_points(number, rng), rng.uniform(0, days, number)
    parent = np.full(number, -1)
    fresh = np.arange(number)
    while len(fresh):
        children = rng.poisson(theta, len(fresh))
        of = np.repeat(fresh, children)
        born = time[of] + rng.exponential(1 / omega, len(of))
        at = place[of] + sigma * rng.standard_normal((len(of), 2))
        kept = born < days
        fresh = np.arange(len(time), len(time) + kept.sum())
        place, time = np.vstack([place, at[kept]]), np.r_[time, born[kept]]
        parent = np.r_[parent, of[kept]]
    seen = window.contains(place)
    table = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "day": time, "parent": parent})
    return table[seen].sort_values("day", ignore_index=True)


def _cell_matrix(fitted: Triggering, cells: Cells) -> csr_array:
    """Crimes that one in a cell (row) triggers in each cell, from the places of the cell."""
    links, sites = fitted.links, fitted.incidents.sites
    where = locate(cells, _inside_grid(cells, sites))
    source = np.repeat(np.arange(len(sites)), np.diff(links.begin))
    bands = fitted.per_band * min(1.0, EXPLODES / max(fitted.theta, 1e-12))
    weight = bands[links.band] * links.share[links.other] / links.about[source, links.band]
    size = (len(cells), len(cells))
    sums = csr_array(
        (links.share[source] * weight, (where[source], where[links.other])), shape=size
    )
    total = np.bincount(where, links.share, minlength=len(cells))
    # a crime where none was before excites its own cell as much
    new = csr_array((bands.sum() * (total == 0), (range(size[0]), range(size[0]))), shape=size)
    scale = np.where(total > 0, 1.0 / np.maximum(total, 1e-300), 0.0)
    return csr_array(sums.multiply(scale[:, None])) + new


def _inside_grid(cells: Cells, sites: np.ndarray) -> np.ndarray:
    """Places, with those that snapping moved over the grid's edge moved back."""
    west, south, east, north = cells.geometry.bounds
    return np.clip(sites, (west, south), (east, north))


def _left(spread: Any, stay: float, events: pd.DataFrame, until: pd.Period, cells: Cells):
    """Triggered events that these events leave for the day after a period."""
    end = until.end_time.normalize()
    age = ((end - events["time"].dt.normalize()) / pd.Timedelta(days=1)).round().to_numpy()
    weight = (1.0 - stay) * stay**age
    where = locate(cells, events[["x", "y"]])
    return spread.T @ np.bincount(where, weight, minlength=len(cells))
