"""A self-exciting point process: crimes that raise the chance of crimes near and soon."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import positive, whole_number

from .cells import Cells, locate, period_days, spread
from .count_models import later_periods, surface
from .events import LeakageError, check_events

MOST_PAIRS = 8_000_000
SHORTENINGS = 60
LEAST_EVENTS = 20
MOST_STEPS_A_DAY = 24  # of a forecast: an hour is fine enough for an expectation
EXPLODES = 0.99  # an event triggers fewer others than this, or the expectation has no bound


@dataclass(frozen=True)
class SelfExciting:
    r"""A fitted process, with the excitement that its events have left.

    .. math:: \lambda(t, u) = \mu f(u) + \sum_{t_i < t} \theta\, \omega e^{-\omega (t - t_i)}\,
        \frac{e^{-|u - x_i|^2 / 2 \sigma^2}}{2 \pi \sigma^2}

    (Mohler et al. 2011), f the kernel density of the past.

    Attributes
    ----------
    mu : float
        Background events a day.
    theta : float
        Mean number of events that one event triggers directly, at most 0.99: from one on the
        expectation would grow without bound.
    omega : float
        Rate of forgetting, per day: the mean delay is 1 / ω days.
    sigma : float
        Spread of triggered events, metres.
    log_likelihood : (iterations,) array
        After each step of the EM algorithm.
    cells : Cells
    background : (cells,) array
        Share of the background in each cell.
    excitement : (cells,) array
        Triggered events a day at the end of `until`.
    until : pandas.Period
        Last period seen.
    shortened : float
        The reach that was used, as a part of the reach asked for: 1, or less where more pairs lay
        within it than memory should hold.  θ, the delay and the spread are then too small.
    """

    mu: float
    theta: float
    omega: float
    sigma: float
    log_likelihood: np.ndarray = field(repr=False)
    cells: Cells = field(repr=False)
    background: np.ndarray = field(repr=False)
    excitement: np.ndarray = field(repr=False)
    until: pd.Period
    shortened: float = 1.0
    name: str = "self-exciting process"

    def forecast(self, periods: Any) -> np.ndarray:
        r"""Expected crimes in each cell over the periods that follow, triggered ones included.

        With A the excitement and G the spreading by the triggering kernel, the expectation obeys

        .. math:: \lambda = \mu f + A, \qquad A' = -\omega A + \theta \omega\, G \lambda

        which is stepped in time; events triggered by events to come are thus counted.  The
        periods follow each other without a gap.
        """
        wanted = later_periods(self.until, periods)
        days = sum(period_days(each) for each in wanted)
        total, _ = _run(self, self.excitement, days)
        return total

    def updated(self, new: pd.DataFrame) -> SelfExciting:
        """The process after new events: their excitement is added, its parameters stay."""
        check_events(new)
        if new["time"].min() < self.until.end_time:
            raise LeakageError(
                f"the model has already seen events up to {self.until}; the new ones begin "
                f"{new['time'].min():%Y-%m-%d}."
            )
        until = pd.Period(new["time"].max(), self.until.freqstr)
        gap = (until.end_time - self.until.end_time) / pd.Timedelta(days=1)
        kept = self.excitement * np.exp(-self.omega * gap)
        return replace(self, excitement=kept + _left(self, new, until.end_time), until=until)


def fit_self_exciting(
    past: pd.DataFrame,
    cells: Cells,
    *,
    every: str = "M",
    bandwidth: float = 200.0,
    reach_m: float = 1000.0,
    reach_days: float = 120.0,
    iterations: int = 60,
) -> SelfExciting:
    """Fit by expectation and maximisation (Veen and Schoenberg 2008).

    The chance that event j triggered event i is its share of the intensity at i; the parameters
    are then the moments of the pairs so weighted.  Pairs farther apart than the reach are left
    out.  Triggered events beyond the boundary are not seen: the number that an event triggers is
    divided by the kernel's mass inside.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`, with times of a day's precision or better.
    cells : Cells
        Grid of the background and of the forecast.
    every : str
        Length of the periods to forecast, as pandas writes it.
    bandwidth : float
        Of the background, metres.
    reach_m, reach_days : float
        Of the triggering.  Where more than 8 million pairs lie within it, both are shortened by
        steps of a tenth until they do not: triggering over longer ways is then not seen, and the
        estimates are too small (`SelfExciting.shortened`).
    iterations : int
        Steps of the EM algorithm, at most.

    Returns
    -------
    SelfExciting

    Raises
    ------
    ValueError
        Fewer than 20 events, times that all fall on the first of a month (no precision of a
        day), or too many pairs however short the reach.
    """
    check_events(past)
    for name, value in {
        "bandwidth": bandwidth,
        "reach_m": reach_m,
        "reach_days": reach_days,
    }.items():
        positive(value, name)
    whole_number(iterations, "iterations")
    if len(past) < LEAST_EVENTS:
        raise ValueError(f"{len(past)} events are too few for a self-exciting process.")
    if (past["time"].dt.day == 1).all():
        raise ValueError(
            "all events are dated the first of a month: a self-exciting process needs the day."
        )
    past = past.sort_values("time", kind="stable")
    until = pd.Period(past["time"].max(), every)
    start = past["time"].min().normalize()
    time = ((past["time"] - start) / pd.Timedelta(days=1)).to_numpy()
    end = (until.end_time - start) / pd.Timedelta(days=1)
    place = past[["x", "y"]].to_numpy()
    late, delay, apart, shortened = _pairs(place, time, reach_m, reach_days)
    where = locate(cells, place)
    share = surface(cells, np.bincount(where, minlength=len(cells)), bandwidth) / len(place)
    area = cells.steps[0] * cells.steps[1]
    density = np.maximum(share[where], 1e-12) / area
    mu, theta, omega, sigma = 0.7 * len(place) / end, 0.3, 10 / reach_days, reach_m / 4
    ones, trace = cells.inside.astype(float), []
    for _ in range(iterations):
        kernel = np.exp(-omega * delay - apart / (2 * sigma**2))
        kernel *= theta * omega / (2 * np.pi * sigma**2)
        background = mu * density
        intensity = background + np.bincount(late, kernel, minlength=len(place))
        held = np.clip(spread(cells, ones, sigma)[where], 0.05, 1)
        lived = 1 - np.exp(-omega * (end - time))
        trace.append(np.log(intensity).sum() - mu * end - theta * (held * lived).sum())
        if len(trace) > 1 and abs(trace[-1] - trace[-2]) < 1e-4:
            break
        if not len(late):
            mu, theta = len(place) / end, 0.0
            break
        part = kernel / intensity[late]
        triggered = part.sum()
        mu = (background / intensity).sum() / end
        if not triggered > 1e-9:
            theta = 0.0
            break
        theta = min(triggered / (held * lived).sum(), EXPLODES)
        unlived = (theta * held * (end - time) * np.exp(-omega * (end - time))).sum()
        omega = triggered / ((part * delay).sum() + unlived)
        sigma = np.sqrt((part * apart).sum() / (2 * triggered))
        sigma = max(sigma, 1.0)
    model = SelfExciting(
        float(mu), float(theta), float(omega), float(sigma), np.array(trace), cells, share,
        np.zeros(len(cells)), until, shortened,
    )  # fmt: skip
    return replace(model, excitement=_left(model, past, until.end_time))


def self_exciting_or_reason(
    past: pd.DataFrame, cells: Cells, precision: str, **settings: Any
) -> tuple[SelfExciting | None, str]:
    """`fit_self_exciting`, or None where the events cannot carry it, with a sentence on either.

    Parameters
    ----------
    past, cells, **settings
        As in `fit_self_exciting`.
    precision : str
        How exactly times are known: ``"month"``, ``"day"`` or ``"hour"``.

    Returns
    -------
    SelfExciting or None
    str
        What the process says, or why there is none.
    """
    if precision not in ("hour", "day"):
        return None, f"No self-exciting process: times are known to the {precision} only."
    try:
        process = fit_self_exciting(past, cells, **settings)
    except ValueError as error:
        return None, f"No self-exciting process: {str(error).rstrip('.')}."
    if not process.theta:
        return process, "Self-exciting process: no crime triggers another."
    told = (
        f"Self-exciting process: each crime triggers {process.theta:.3f} others, on average "
        f"{1 / process.omega:.0f} days later and within some {process.sigma:.0f} m."
    )
    if process.shortened < 1:
        told += (
            f" These three are too small: there are more than {MOST_PAIRS:,} pairs of events within "
            f"the reach, and only those within {process.shortened:.0%} of it were looked at."
        )
    return process, told


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


def _run(model: SelfExciting, excitement: np.ndarray, days: float) -> tuple[np.ndarray, np.ndarray]:
    """Expected events of each cell over so many days, and the excitement left."""
    steps = int(np.ceil(days * min(max(1.0, 4 * model.omega), MOST_STEPS_A_DAY)))
    step = days / steps
    faded = np.exp(-model.omega * step)
    background = model.mu * model.background
    total = np.zeros(len(model.cells))
    for _ in range(steps):
        rate = background + excitement
        fresh = spread(model.cells, rate, model.sigma) * model.cells.inside
        # the mean of A over the step, while it tends to θ G λ
        goal = model.theta * fresh
        mean = goal + (excitement - goal) * (1 - faded) / (model.omega * step)
        total += (background + mean) * step
        excitement = goal + (excitement - goal) * faded
    return total, excitement


def _left(model: SelfExciting, events: pd.DataFrame, end: pd.Timestamp) -> np.ndarray:
    """Triggered events a day in each cell that these events leave at a moment."""
    age = ((end - events["time"]) / pd.Timedelta(days=1)).to_numpy()
    weight = model.theta * model.omega * np.exp(-model.omega * age)
    where = locate(model.cells, events[["x", "y"]])
    tally = np.bincount(where, weight, minlength=len(model.cells))
    return spread(model.cells, tally, model.sigma) * model.cells.inside


def _pairs(place, time, reach_m, reach_days):
    """Pairs within the reach: the later event, delay (days), squared distance; the part of the reach."""
    scaled = np.column_stack([place / reach_m, time / reach_days])
    tree = KDTree(scaled)
    reaches = 0.9 ** np.arange(SHORTENINGS)
    numbers = (tree.count_neighbors(tree, reach, p=np.inf) / 2 for reach in reaches)
    reach = next((r for r, pairs in zip(reaches, numbers, strict=True) if pairs <= MOST_PAIRS), 0)
    if not reach:
        raise ValueError(
            f"more than {MOST_PAIRS:,} pairs of events lie within {reach_m * reaches[-1]:.3g} m "
            f"and {reach_days * reaches[-1]:.3g} days."
        )
    pairs = tree.query_pairs(reach, p=np.inf, output_type="ndarray")
    # events are in order of time: the smaller number is the earlier
    early, late = pairs.min(axis=1), pairs.max(axis=1)
    delay = time[late] - time[early]
    apart = ((place[late] - place[early]) ** 2).sum(axis=1)
    kept = (delay > 0) & (apart <= (reach * reach_m) ** 2)
    order = np.lexsort((early[kept], late[kept]))
    return *(part[kept][order] for part in (late, delay, apart)), float(reach)
