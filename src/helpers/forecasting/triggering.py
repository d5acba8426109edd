"""Does a crime raise the chance of others near and soon? A process on places, fitted without a list of pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from helpers.checks import whole_number

from ._threads import one_thread_of_all
from .incidents import BANDS, Incidents, Links, band_sums, bands_sums, incident_table, place_links
from .mixtures import CLOSE_ENOUGH, mixture_weights

DELAYS = (1.2, 3.0, 8.0, 22.0, 60.0)
"""Mean delays that are tried before the best is refined, days. Longer ones are the trend's."""

TEST_DELAYS = (1.2, 5.0, 30.0)
"""Mean delays over which the test takes the best gain, of what was observed and of what was permuted."""

SHORTEST = 0.05  # days that the shortest mean delay tried is above one day
ALONE = 0.98  # share of the incidents that none triggers, where the search begins
CHI_SQUARE = 1.92  # half the 95 % point with one degree of freedom


@dataclass(frozen=True)
class Triggering:
    r"""A fitted process of incidents that raise the chance of others near and soon.

    On day d the expected incidents at place A are

    .. math:: \lambda_A(d) = \pi_A \Big(\mu\, m(d) + \sum_{j : d_j < d} \sum_b
        \frac{a_b\, [A \in b(B_j)]}{\Pi(B_j, b)}\, (1 - q)\, q^{d - d_j - 1}\Big)

    with the place's share π of all incidents, the city's course m (smoothed over 30 days), and
    Π(B, b) the share of the places in band b about B.  Places keep their shares however high these
    are, so that the fit is well posed where places repeat; θ speaks of time only.  The shares hold the
    triggered incidents too: where a place has few, that takes some of θ, which is rather too small.

    Attributes
    ----------
    per_band : (bands,) array
        a, the incidents that one triggers directly in each band.
    theta : float
        Their sum.
    low, high : float
        95 % interval of θ, by the profile likelihood at the fitted delay.
    delay : float
        1 / (1 − q), mean delay in days; at most 60.
    gain : float
        Log-likelihood above that of no triggering at all.
    gap : float
        What the gain may at most lie below its maximum at this delay.
    converged : bool
        Whether that is below 0.01.
    edges : tuple of float
        Outer ends of the bands, metres; 0 first, the place itself.
    incidents : Incidents
    links : Links
    """

    per_band: np.ndarray
    theta: float
    low: float
    high: float
    delay: float
    gain: float
    gap: float
    converged: bool
    edges: tuple[float, ...]
    incidents: Incidents = field(repr=False)
    links: Links = field(repr=False)


@dataclass(frozen=True)
class TriggeringTest:
    """Whether the gain of the fit is more than chance gives.

    Attributes
    ----------
    gain : float
        Best gain over the delays tried.
    permuted : (permutations,) array
        The same after the days were dealt out again among the incidents of each year.
    p : float
        Share of gains at least as high, the observed one among them.
    """

    gain: float
    permuted: np.ndarray
    p: float


@one_thread_of_all
def fit_triggering(
    past: pd.DataFrame, until: pd.Timestamp | None = None, *, bands: tuple[float, ...] = BANDS
) -> Triggering:
    """Fit the process by maximum likelihood, exactly, in time and space.

    Given the delay the likelihood is that of a mixture, with one maximum, which is found by
    sequential quadratic programming; the delay is searched along the profile so gained.  Sums over
    earlier incidents are kept place by place and fade from day to day, so that no pair of incidents
    is ever listed.

    Parameters
    ----------
    past, until
        As in `incident_table`.
    bands : tuple of float
        Outer ends of the bands of distance, metres.

    Returns
    -------
    Triggering

    Raises
    ------
    ValueError
        As in `incident_table`; bands that do not rise.
    """
    incidents = incident_table(past, until, reach=bands[-1])
    links = place_links(incidents, bands)
    gains = _gains(incidents, links, DELAYS)
    best = max(gains, key=gains.__getitem__)
    at = DELAYS.index(best)
    if gains[best] > CHI_SQUARE:
        ends = DELAYS[max(0, at - 1)], DELAYS[min(len(DELAYS) - 1, at + 1)]
        bounds = tuple(np.log(end - 1.0 if end > DELAYS[0] else SHORTEST) for end in ends)

        def lost(log_wait):
            delay = 1.0 + float(np.exp(log_wait))
            gains[delay] = _profile(incidents, links, delay)[0]
            return -gains[delay]

        minimize_scalar(lost, bounds=bounds, method="bounded", options={"xatol": 0.1})
        best = max(gains, key=gains.__getitem__)
    gain, weights, gap, ratio, lived = _profile(incidents, links, best)
    n = len(incidents.place)
    per_band = weights[1:] * n / np.maximum(lived[1:], 1e-12)
    theta, triggered = float(per_band.sum()), float(weights[1:].sum())
    scale = theta / triggered if triggered > 0 else 1.0
    low, high = (scale * end for end in _interval(ratio, weights))
    return Triggering(
        per_band, theta, low, high, float(best), float(gain), float(gap),
        bool(gap < CLOSE_ENOUGH), (0.0, *bands), incidents, links,
    )  # fmt: skip


@one_thread_of_all
def triggering_test(
    fitted: Triggering, start: pd.Timestamp, *, permutations: int = 19, seed: int = 0
) -> TriggeringTest:
    """Compare the gain with that of days dealt out again among the incidents of each year.

    Each place keeps its number of incidents of each year, and each day its number: rates of places
    that change from year to year, and the course of the city, are no triggering.

    Parameters
    ----------
    fitted : Triggering
    start : pandas.Timestamp
        The first day.
    permutations : int
        19 are the fewest that can show a sign at 5 %.
    seed : int

    Returns
    -------
    TriggeringTest
    """
    whole_number(permutations, "permutations")
    incidents, links = fitted.incidents, fitted.links
    year = (start.normalize() + pd.to_timedelta(incidents.day, unit="D")).year.to_numpy()
    streams = np.random.default_rng(seed).spawn(permutations)

    def best(place):
        shuffled = Incidents(place, incidents.day, incidents.sites, incidents.days, 0)
        return max(_gains(shuffled, links, TEST_DELAYS).values())

    def permuted(rng):
        place = incidents.place.copy()
        for each in np.unique(year):
            rows = np.flatnonzero(year == each)
            place[rows] = place[rng.permutation(rows)]
        return best(place)

    with ThreadPoolExecutor(2) as pool:
        observed, *gains = pool.map(
            lambda task: best(incidents.place) if task is None else permuted(task), [None, *streams]
        )
    p = (1 + sum(gain >= observed for gain in gains)) / (1 + permutations)
    return TriggeringTest(float(observed), np.array(gains), float(p))


def _profile(incidents, links, delay):
    """Gain, weights, gap, likelihood ratios and totals at one mean delay."""
    return _mixture(*band_sums(incidents, links, delay))


def _gains(incidents, links, delays):
    """Gain at each of some mean delays."""
    sums = bands_sums(incidents, links, delays)
    return {delay: _mixture(*each)[0] for delay, each in zip(delays, sums, strict=True)}


def _mixture(sums, totals):
    # each part as a density over all places and days, over that of no triggering
    ratio = sums / np.where(totals > 0, totals, np.inf)
    ratio /= ratio[:, :1].copy()
    # most incidents are triggered by none
    start = np.full(len(totals), (1.0 - ALONE) / (len(totals) - 1))
    start[0] = ALONE
    weights, gap = mixture_weights(ratio, start)
    return float(np.log(ratio @ weights).sum()), weights, gap, ratio, totals


def _interval(ratio: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Ends of the 95 % profile interval of the share triggered."""
    best, share = np.log(ratio @ weights).sum(), weights[1:].sum()
    inner = weights[1:] / share if share > 0 else np.full(len(weights) - 1, 1 / (len(weights) - 1))

    def lost(wanted):
        part = wanted * (0.99 * inner + 0.01 / len(inner))
        for _ in range(20):
            part = part * (ratio[:, 1:].T @ (1.0 / (1.0 - wanted + ratio[:, 1:] @ part)))
            part *= wanted / max(part.sum(), 1e-300)
        return best - np.log(1.0 - wanted + ratio[:, 1:] @ part).sum() - CHI_SQUARE

    ends = []
    for inside, outside in ((share, 0.0), (share, 0.999)):
        if lost(outside) <= 0:
            ends.append(outside)
            continue
        for _ in range(12):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if lost(middle) <= 0 else (inside, middle)
        ends.append(inside)
    return float(ends[0]), float(ends[1])
