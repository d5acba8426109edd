"""Does a crime raise the chance of others near and soon? A process on places, fitted without a list of pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize_scalar, nnls
from scipy.spatial import KDTree

from helpers.checks import positive, whole_number

from ._kernels import excitation
from ._threads import one_thread_of_all
from .events import check_events

BANDS = (100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0)
"""Outer ends of the bands of distance, metres; the place itself is a band of its own before them."""

DELAYS = (1.2, 3.0, 8.0, 22.0, 60.0)
"""Mean delays that are tried before the best is refined, days. Longer ones are the trend's."""

TEST_DELAYS = (1.2, 5.0, 30.0)
"""Mean delays over which the test takes the best gain, of what was observed and of what was permuted."""

SHORTEST = 0.05  # days that the shortest mean delay tried is above one day
LEAST_EVENTS = 20
MOST_LINKS = 10_000_000  # pairs of places within the reach, some 0.2 GB
TREND_DAYS = 30.0
CLOSE_ENOUGH = 0.01  # of the maximum of the log-likelihood, proven by its gradient
CHI_SQUARE = 1.92  # half the 95 % point with one degree of freedom


@dataclass(frozen=True)
class Incidents:
    """Crimes by place and day: several of one place and day are one incident.

    Attributes
    ----------
    place, day : (n,) array of int
        In order of the days, counted from the first.
    sites : (m, 2) array
        Coordinates of the places, metres.
    days : int
        Days observed.
    events : int
        Crimes that the incidents stand for.
    snapped : float
        Side of the squares whose places were taken for one, metres; 0 where every place is its own.
    """

    place: np.ndarray = field(repr=False)
    day: np.ndarray = field(repr=False)
    sites: np.ndarray = field(repr=False)
    days: int
    events: int
    snapped: float = 0.0


@dataclass(frozen=True)
class Links:
    """Places about each place, by band of distance: a table of neighbours in rows.

    Attributes
    ----------
    begin : (m + 1,) array
        Where the neighbours of each place begin.
    other, band : (links,) array
        Neighbour and band of each link; the place itself is its first, of band 0.
    share : (m,) array
        Part of all incidents at each place.
    about : (m, bands) array
        Part of all incidents in each band about each place.
    """

    begin: np.ndarray = field(repr=False)
    other: np.ndarray = field(repr=False)
    band: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    about: np.ndarray = field(repr=False)


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


def incident_table(
    past: pd.DataFrame, until: pd.Timestamp | None = None, *, reach: float = BANDS[-1]
) -> Incidents:
    """Merge the crimes of one place and day.

    Several offences of one incident are published as several crimes: taken as crimes that trigger
    each other within the hour, they would be all that a fit sees.  Where more than 10 million pairs
    of places lie within the reach, places are snapped to the middles of squares.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`, with times of a day's precision or better.
    until : pandas.Timestamp, optional
        Last day observed; that of the last event when not given.
    reach : float
        Metres.

    Returns
    -------
    Incidents

    Raises
    ------
    ValueError
        Fewer than 20 events, or times that all fall on the first of a month.

    Examples
    --------
    >>> from helpers.forecasting import event_table
    >>> times = ["2016-01-01 03:00", "2016-01-01 04:00"] + ["2016-01-02 00:00"] * 18
    >>> found = incident_table(event_table([[0, 0]] * 20, ["a"] * 20, times))
    >>> found.day.tolist(), found.events
    ([0, 1], 20)
    """
    check_events(past)
    if len(past) < LEAST_EVENTS:
        raise ValueError(f"{len(past)} events are too few for a self-exciting process.")
    if (past["time"].dt.day == 1).all():
        raise ValueError(
            "all events are dated the first of a month: a self-exciting process needs the day."
        )
    day = past["time"].dt.normalize()
    last = day.max() if until is None else max(day.max(), until.normalize())
    start = day.min()
    number = ((day - start) / pd.Timedelta(days=1)).round().astype(int).to_numpy()
    place = past[["x", "y"]].to_numpy()
    sites, snapped = np.unique(place, axis=0), 0.0
    while KDTree(sites).count_neighbors(KDTree(sites), reach) > 2 * MOST_LINKS:
        snapped = 2 * snapped or reach / 100
        place = (np.floor(past[["x", "y"]].to_numpy() / snapped) + 0.5) * snapped
        sites = np.unique(place, axis=0)
    sites, which = np.unique(place, axis=0, return_inverse=True)
    keys = np.unique(number * len(sites) + which)
    return Incidents(
        keys % len(sites), keys // len(sites), sites, (last - start).days + 1, len(past), snapped
    )


def place_links(incidents: Incidents, bands: tuple[float, ...] = BANDS) -> Links:
    """Places within each band of distance about each place, and how many incidents they had.

    Parameters
    ----------
    incidents : Incidents
    bands : tuple of float
        Outer ends, metres, rising.

    Returns
    -------
    Links

    Raises
    ------
    ValueError
        If the ends of the bands do not rise.
    """
    ends = np.array([positive(end, "each band") for end in bands])
    if not len(ends) or (np.diff(ends) <= 0).any():
        raise ValueError(f"the ends of the bands rise from the first on, not {bands}.")
    sites, m = incidents.sites, len(incidents.sites)
    pairs = KDTree(sites).query_pairs(ends[-1], output_type="ndarray")
    apart = np.hypot(*(sites[pairs[:, 0]] - sites[pairs[:, 1]]).T)
    band = (np.searchsorted(ends, apart) + 1).astype(np.int8)
    own = np.arange(m)
    source = np.r_[own, pairs[:, 0], pairs[:, 1]]
    # the place itself first, then nearer bands first: the order of summation is that of the data
    order = np.lexsort((np.r_[np.zeros(m, np.int8), band, band], source))
    other = np.r_[own, pairs[:, 1], pairs[:, 0]][order].astype(np.int32)
    band = np.r_[np.zeros(m, np.int8), band, band][order]
    begin = np.r_[0, np.cumsum(np.bincount(source, minlength=m))]
    share = np.bincount(incidents.place, minlength=m) / len(incidents.place)
    cell = source[order] * (len(ends) + 1) + band
    about = np.bincount(cell, share[other], minlength=m * (len(ends) + 1))
    return Links(begin, other, band, share, about.reshape(m, -1))


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
    gains = {delay: _profile(incidents, links, delay)[0] for delay in DELAYS}
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
        return max(_profile(shuffled, links, delay)[0] for delay in TEST_DELAYS)

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


def band_sums(incidents: Incidents, links: Links, delay: float) -> tuple[np.ndarray, np.ndarray]:
    """What each incident sees of the earlier ones, band by band, and what all of them give in all.

    Parameters
    ----------
    incidents : Incidents
    links : Links
    delay : float
        Mean delay, days, above 1.

    Returns
    -------
    (n, bands + 1) array
        The course m of the city first.
    (bands + 1,) array
        Sum over all places and days of each column, were its coefficient one.
    """
    stay = 1.0 - 1.0 / delay
    per_source = np.where(links.about > 0, 1.0 / np.maximum(links.about, 1e-300), 0.0)
    seen = excitation(
        incidents.place, incidents.day, links.begin, links.other, links.band, per_source, stay
    )
    course = daily_course(incidents.day, incidents.days)
    lived = 1.0 - stay ** (incidents.days - 1.0 - incidents.day)
    held = (links.about > 0)[incidents.place]
    totals = np.r_[float(incidents.days), lived @ held]
    return np.column_stack([course[incidents.day], seen]), totals


def daily_course(day: np.ndarray, days: int) -> np.ndarray:
    """The city's incidents a day, smoothed over 30 days, one on average."""
    number = np.bincount(day, minlength=days).astype(float)
    smooth = gaussian_filter1d(number, TREND_DAYS, mode="constant")
    mass = gaussian_filter1d(np.ones(days), TREND_DAYS, mode="constant")
    course = np.maximum(smooth / mass, 1e-6)
    return course * (days / course.sum())


def mixture_weights(
    ratio: np.ndarray, start: np.ndarray | None = None, steps: int = 60
) -> tuple[np.ndarray, float]:
    r"""Weights of a mixture by maximum likelihood: sequential quadratic programming (Kim et al. 2020).

    .. math:: \max_w \sum_i \log \sum_k w_k r_{ik}, \qquad w \ge 0, \quad \sum_k w_k = 1

    Parameters
    ----------
    ratio : (n, k) array
        r, likelihood of each observation under each part.
    start : (k,) array, optional
    steps : int

    Returns
    -------
    (k,) array
    float
        What the log-likelihood may at most lie below its maximum (Lindsay's bound).

    Examples
    --------
    >>> weights, gap = mixture_weights(np.array([[1.0, 0.2], [0.2, 1.0], [0.2, 1.0]]))
    >>> weights.round(3).tolist(), gap < 0.01
    ([0.25, 0.75], True)
    """
    n, k = ratio.shape
    weights = np.full(k, 1.0 / k) if start is None else np.maximum(start, 1e-6)
    weights /= weights.sum()
    gap = np.inf
    for _ in range(steps):
        mixed = ratio @ weights
        inverse = 1.0 / mixed
        slope = ratio.T @ inverse
        gap = float((slope - n).max())
        if gap < 0.1 * CLOSE_ENOUGH:
            break
        scaled = ratio * inverse[:, None]
        curve = scaled.T @ scaled / n
        curve[np.diag_indices(k)] += 1e-9 * np.trace(curve)
        # one Newton step within the bounds, as non-negative least squares
        root = np.linalg.cholesky(curve).T
        goal = np.linalg.solve(root.T, curve @ weights + slope / n - 1.0)
        step = nnls(root, goal)[0] - weights
        now, part = np.log(mixed).mean() - weights.sum(), 1.0
        rise = (slope / n - 1.0) @ step
        while part > 1e-6:
            tried = weights + part * step
            mixed = ratio @ tried
            if (mixed > 0).all() and np.log(mixed).mean() - tried.sum() >= now + 1e-4 * part * rise:
                break
            part /= 2
        weights = np.maximum(tried, 0.0)
    return weights / weights.sum(), gap


def _profile(incidents, links, delay):
    """Gain, weights, gap, likelihood ratios and totals at one mean delay."""
    sums, totals = band_sums(incidents, links, delay)
    # each part as a density over all places and days, over that of no triggering
    density = sums / np.where(totals > 0, totals, np.inf)
    ratio = density / density[:, :1]
    weights, gap = mixture_weights(ratio)
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
