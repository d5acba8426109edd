"""Near repeats: are there more pairs of events close in space and in time than the two explain?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import joblib
import numpy as np
import pandas as pd
from scipy import stats

from helpers.checks import one_of, whole_number

from ._close_pairs import METRICS, ClosePairs
from ._events import checked_events, checked_limits

__all__ = ["NearRepeats", "knox_test", "near_repeat_table"]


@dataclass(frozen=True)
class NearRepeats:
    """Pairs of events by distance and time, beside what permuted times give.

    Attributes
    ----------
    table : DataFrame
        One row a cell; see the function that made it.
    events, places : int
        Number of events, and of distinct places.
    permutations : int
    p_value : float
        Of all cells at once: how often the largest standardised excess of a permutation is at
        least the observed one. Missing without permutations.
    """

    table: pd.DataFrame
    events: int
    places: int
    permutations: int
    p_value: float


def near_repeat_table(
    points,
    times,
    distances=(0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000),
    spans=(1, 3, 7, 14, 21, 28),
    *,
    closed: str = "right",
    metric: str = "euclidean",
    strata=None,
    permutations: int = 199,
    seed=None,
    jobs: int = 1,
) -> NearRepeats:
    r"""Near-repeat table: pairs of events by bands of distance and bands of time.

    With :math:`A_{ij} = 1` where the distance of the pair lies in the band of distance and
    :math:`B_{ij} = 1` where the time between them lies in the band of time, and both patterns kept
    while the times are permuted among the places,

    .. math::

        X = \sum_{i < j} A_{ij} B_{ij}, \qquad
        E(X) = \frac{n_s n_t}{N}, \qquad N = \frac{n (n - 1)}{2}, \qquad
        n_s = \sum_{i < j} A_{ij}, \quad n_t = \sum_{i < j} B_{ij}

        E(X^2) = \frac{n_s n_t}{N} + \frac{S_2 T_2}{n (n - 1) (n - 2)}
        + \frac{4\, (n_s^2 - n_s - S_2)\, (n_t^2 - n_t - T_2)}{n (n - 1) (n - 2) (n - 3)}

    where :math:`S_2 = \sum_i a_i (a_i - 1)` with :math:`a_i = \sum_j A_{ij}`, and :math:`T_2`
    likewise. Mean and standard deviation are exact and need no permutation; the p values do.

    Parameters
    ----------
    points : array_like of shape (n, 2), DataFrame with columns x and y, or GeoSeries
        Places of the events, projected. Events repeat places; each event counts.
    times : array_like of shape (n,)
        Dates, or numbers in any unit.
    distances : sequence of float
        Upper limits of the bands, in units of the coordinates. A first limit of 0 gives the same
        place a band of its own.
    spans : sequence of float
        Upper limits of the bands of time: days where `times` are dates, else in their unit. With a
        first limit of 0 events of the same moment have a band of their own; so that offences of
        one incident, recorded as several events, do not pass for repeats.
    closed : {"right", "left"}
        Which end belongs to a band: (100, 200], the first [0, 100], or [100, 200). The R package
        NearRepeat takes the latter unless told otherwise.
    metric : {"euclidean", "manhattan"}
    strata : array_like of shape (n,), optional
        Permute times only among events of the same stratum (the year, the quarter, the district and
        year), so that districts whose crime rose or fell do not pass for near repeats. `expected`
        is then the exact mean of these permutations, and `sd` that of the permutations made.
    permutations : int
        0 for none.
    seed : int or numpy Generator
        Needed with permutations. Each has its own stream, so that `jobs` changes nothing.
    jobs : int
        Threads; −1 for all cores.

    Returns
    -------
    NearRepeats
        Its table has the columns space_over, space_to, time_over, time_to (limits of the bands),
        pairs_space, pairs_time (n_s, n_t), observed, expected, sd, ratio (observed / expected), z,
        p_normal (upper tail of z), p_poisson (P(Y ≥ observed) of a Poisson Y of mean expected),
        p (share of permutations, the observed order among them, with at least as many) and
        p_family (the same for the largest z of all cells: what is small here is so however
        many cells were looked at). p and p_family are missing without permutations.

    Raises
    ------
    ValueError
        For fewer than four events, lengths that differ, missing times, limits that do not ascend,
        permutations without a seed.

    Notes
    -----
    Counted on places: whether two places are close is asked once, and their events are merged in
    order of time; memory does not grow with the number of pairs. Limits hold what equals them up to
    rounding.

    All p values are of an excess, one-sided. R's surveillance gives P(Y > observed) as its Poisson
    p; here it is P(Y ≥ observed).

    References
    ----------
    G. Knox (1964), The detection of space-time interactions, Applied Statistics 13; N. Mantel
    (1967), The detection of disease clustering and a generalized regression approach, Cancer
    Research 27 (the moments); S. Johnson and others (2007), Space-time patterns of risk, Journal of
    Quantitative Criminology 23; P. Westfall, S. Young (1993), Resampling-based Multiple Testing.

    Examples
    --------
    >>> places = [[0, 0], [0, 0], [50, 0], [900, 0], [900, 40]]
    >>> table = near_repeat_table(places, [1, 2, 9, 1, 9], (0, 100), (1, 7), permutations=0).table
    >>> table[["space_to", "time_to", "observed"]].to_numpy().astype(int).tolist()
    [[0, 1, 1], [0, 7, 0], [100, 1, 0], [100, 7, 1]]
    """
    pairs, limits = _prepared(points, times, distances, spans, closed, metric)
    counted = _Counted.of(pairs, strata, permutations, seed, jobs, cumulated=False)
    over = [np.concatenate([[0.0], each[:-1]]) for each in limits]
    space, time = (np.repeat(np.arange(len(limits[0])), len(limits[1])),
                   np.tile(np.arange(len(limits[1])), len(limits[0])))  # fmt: skip
    columns = {
        "space_over": over[0][space],
        "space_to": limits[0][space],
        "time_over": over[1][time],
        "time_to": limits[1][time],
    }
    return counted.result(columns, pairs)


def knox_test(
    points,
    times,
    distances,
    spans,
    *,
    closed: str = "right",
    metric: str = "euclidean",
    strata=None,
    permutations: int = 199,
    seed=None,
    jobs: int = 1,
) -> NearRepeats:
    r"""Knox test: pairs of events within δ of one another in space and within τ in time.

    .. math::

        X(\delta, \tau) = \sum_{i < j} 1\{d_{ij} \le \delta\}\, 1\{|t_i - t_j| \le \tau\}

    with the moments under permuted times that :func:`near_repeat_table` states.

    Parameters
    ----------
    points, times
        As in :func:`near_repeat_table`.
    distances, spans : float or sequence of float
        δ and τ, ascending; every pair of them is a test.
    closed, metric, strata, permutations, seed, jobs
        As in :func:`near_repeat_table`; with ``closed="left"`` pairs below δ and τ.

    Returns
    -------
    NearRepeats
        Its table has the columns distance, span, and from pairs_space on those of
        :func:`near_repeat_table`.

    Raises
    ------
    ValueError
        As :func:`near_repeat_table`.

    References
    ----------
    G. Knox (1964), The detection of space-time interactions, Applied Statistics 13.

    Examples
    --------
    >>> places = [[0, 0], [0, 0], [50, 0], [900, 0], [900, 40]]
    >>> result = knox_test(places, [1, 2, 9, 1, 9], 100, 7, permutations=0)
    >>> result.table[["pairs_space", "pairs_time", "observed", "expected"]].to_numpy().tolist()
    [[4.0, 6.0, 2.0, 2.4]]
    """
    pairs, limits = _prepared(points, times, distances, spans, closed, metric)
    counted = _Counted.of(pairs, strata, permutations, seed, jobs, cumulated=True)
    columns = {
        "distance": np.repeat(limits[0], len(limits[1])),
        "span": np.tile(limits[1], len(limits[0])),
    }
    return counted.result(columns, pairs)


def _prepared(points, times, distances, spans, closed, metric):
    """The events ready to count, and the limits of both kinds of bands in the caller's units."""
    one_of(closed, "closed", ("right", "left"))
    one_of(metric, "metric", METRICS)
    points, moments, unit = checked_events(points, times, "a table of pairs in space and time")
    distances = checked_limits(distances, "distances", closed == "right")
    spans = checked_limits(spans, "spans", closed == "right")
    pairs = ClosePairs.of(points, moments, distances, spans * unit, closed == "right", metric)
    return pairs, (distances, spans)


@dataclass(frozen=True)
class _Counted:
    """Counts of all cells, shape (s, t), with their moments and those of the permutations."""

    pairs_space: np.ndarray
    pairs_time: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    sd: np.ndarray
    simulated: np.ndarray

    @classmethod
    def of(cls, pairs: ClosePairs, strata, permutations, seed, jobs, cumulated: bool) -> _Counted:
        permutations = whole_number(permutations, "permutations", least=0)
        if permutations and seed is None:
            raise ValueError("permutations need a seed: pass seed=1 or a numpy Generator")
        members, stratum = _strata(strata, pairs)
        streams = np.random.default_rng(seed).spawn(permutations)
        run = joblib.delayed(pairs.permuted)
        shape = (0, len(pairs.bands[0]), pairs.within.shape[1])
        simulated = joblib.Parallel(n_jobs=jobs, prefer="threads")(
            run(stream, members) for stream in streams
        )
        simulated = np.stack(simulated) if permutations else np.zeros(shape, dtype=np.int64)
        observed = pairs.count()
        space, time = pairs.space_degrees, pairs.time_degrees
        if cumulated:
            observed = observed.cumsum(axis=0).cumsum(axis=1)
            simulated = simulated.cumsum(axis=1).cumsum(axis=2)
            space, time = space.cumsum(axis=1), time.cumsum(axis=1)
        n = len(pairs.labels)
        n_s, twice_s = _pairs_and_twos(space, pairs.events_at)
        n_t, twice_t = _pairs_and_twos(time, np.bincount(pairs.ranks))
        moments = [
            [permutation_moments(n, a, b, s, t) for b, t in zip(n_t, twice_t, strict=True)]
            for a, s in zip(n_s, twice_s, strict=True)
        ]
        expected, variance = np.moveaxis(np.array(moments), 2, 0)
        if stratum is not None:
            expected = pairs.strata_means(stratum)
            if cumulated:
                expected = expected.cumsum(axis=0).cumsum(axis=1)
            known = permutations > 1
            variance = simulated.var(axis=0, ddof=1) if known else np.full(expected.shape, np.nan)
        return cls(np.array(n_s), np.array(n_t), observed, expected, np.sqrt(variance), simulated)

    def result(self, columns: dict, pairs: ClosePairs) -> NearRepeats:
        s, t = self.observed.shape
        above = self.observed - self.expected
        ratio = np.divide(
            self.observed, self.expected, out=np.full((s, t), np.nan), where=self.expected > 0
        )
        varying = self.sd > 0
        z = np.divide(above, self.sd, out=np.full((s, t), np.nan), where=varying)
        p = family = np.full((s, t), np.nan)
        p_value = np.nan
        permutations = len(self.simulated)
        if permutations:
            p = (1 + (self.simulated >= self.observed).sum(axis=0)) / (permutations + 1)
            if varying.any():
                scores = (self.simulated - self.expected)[:, varying] / self.sd[varying]
                largest = scores.max(axis=1)
                # the same count gives the same score up to the last bits
                reached = largest[:, None, None] >= z - 1e-9 * np.maximum(1, np.abs(z))
                family = np.where(varying, (1 + reached.sum(axis=0)) / (permutations + 1), np.nan)
                p_value = float(np.nanmin(family))
        table = pd.DataFrame(
            columns
            | {
                "pairs_space": np.repeat(self.pairs_space, t),
                "pairs_time": np.tile(self.pairs_time, s),
                "observed": self.observed.ravel(),
                "expected": self.expected.ravel(),
                "sd": self.sd.ravel(),
                "ratio": ratio.ravel(),
                "z": z.ravel(),
                "p_normal": stats.norm.sf(z).ravel(),
                "p_poisson": stats.poisson.sf(self.observed - 1, self.expected).ravel(),
                "p": p.ravel(),
                "p_family": family.ravel(),
            }
        )
        return NearRepeats(table, len(pairs.labels), len(pairs.places), permutations, p_value)


def permutation_moments(n: int, n_s: int, n_t: int, s_2: int, t_2: int) -> tuple[float, float]:
    """Exact mean and variance of a count of pairs under permutation; whole numbers throughout.

    The variance is a small difference of large numbers: fractions keep it exact.
    """
    pairs = n * (n - 1) // 2
    mean = Fraction(n_s * n_t, pairs)
    square = mean + Fraction(s_2 * t_2, n * (n - 1) * (n - 2))
    apart = 4 * (n_s * n_s - n_s - s_2) * (n_t * n_t - n_t - t_2)
    square += Fraction(apart, n * (n - 1) * (n - 2) * (n - 3))
    return float(mean), float(square - mean * mean)


def _pairs_and_twos(degrees: np.ndarray, weights: np.ndarray) -> tuple[list[int], list[int]]:
    """By band the number of pairs, and of ordered pairs of pairs that share an event."""
    pairs = [int(weights @ column) // 2 for column in degrees.T]
    return pairs, [int(weights @ (column * (column - 1))) for column in degrees.T]


def _strata(strata, pairs: ClosePairs) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Events of each stratum in order of time, and the stratum's number of each; one where None."""
    n = len(pairs.labels)
    if strata is None:
        return [np.arange(n)], None
    values = np.asarray(strata)
    if values.shape != (n,):
        raise ValueError(f"strata name the stratum of each of {n} events, got {values.shape}")
    if pd.isna(values).any():
        raise ValueError(f"{int(pd.isna(values).sum())} events have no stratum: name one for each")
    number = pd.factorize(values, sort=True)[0][pairs.order]
    return [np.flatnonzero(number == k) for k in range(number.max() + 1)], number
