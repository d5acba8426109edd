"""Simulation envelopes: how far a summary function strays when the null model is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import joblib
import numpy as np
import pandas as pd
from scipy.stats import rankdata

from helpers.checks import one_of, whole_number
from helpers.space import Window

from ._checks import checked_corrections, checked_distances, checked_pattern
from .distances import (
    F_CORRECTIONS,
    distance_range,
    empty_space_at,
    empty_space_f,
    nearest_neighbour_g,
    spread_locations,
)
from .second_order import default_range, l_function, pair_correlation, ripley_k

__all__ = ["Envelope", "csr_envelope"]

_LOCATIONS = 10_000
"""Locations of F in an envelope: all curves have the same, so that their error is alike."""

_STATISTICS = {
    "G": (nearest_neighbour_g, "km"),
    "F": (empty_space_f, "km"),
    "K": (ripley_k, "isotropic"),
    "L": (l_function, "isotropic"),
    "g": (pair_correlation, "isotropic"),
}


@dataclass(frozen=True)
class Envelope:
    """Summary function of a pattern beside those of simulations of complete spatial randomness.

    Attributes
    ----------
    table : DataFrame
        Columns r, observed, theory, mean (of the simulations), low, high (pointwise envelope),
        global_low, global_high (simultaneous envelope).
    p_value : float
        Of the global test: the share of curves, observed one included, at least as extreme as the
        observed one over the whole of r.
    statistic, correction : str
        Which function, which edge correction.
    simulations : int
    alpha : float
        Level of both envelopes. The pointwise one is wrong with this probability at each r, the
        global one anywhere at all.
    """

    table: pd.DataFrame
    p_value: float
    statistic: str
    correction: str
    simulations: int
    alpha: float


def csr_envelope(
    points,
    window,
    statistic: str = "L",
    correction: str | None = None,
    r=None,
    *,
    simulations: int = 199,
    alpha: float = 0.05,
    seed=None,
    jobs: int = 1,
    simulator: Callable | None = None,
    outside: str = "raise",
) -> Envelope:
    """Pointwise and global envelopes of a summary function under complete spatial randomness.

    The simulations are n independent uniform points in the window, n as observed (CSR conditional
    on the number of points). Pointwise: the ⌊α (s + 1) / 2⌋-th smallest and largest of s simulated
    values at each r. Global: the extreme rank length envelope. Every curve, the observed one too,
    gets its two-sided ranks at all r, sorted; curves are ordered by these lists, the curve with
    the smaller least ranks being more extreme. The envelope is the hull of the curves that are not
    among the α most extreme; the observed curve leaves it somewhere exactly if p ≤ α.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
    window : Window or shapely polygon
    statistic : {"G", "F", "K", "L", "g"}
        Nearest neighbour, empty space, Ripley's K, Besag's L, pair correlation.
    correction : str, optional
        A column of the statistic's table; "km" for G and F and "isotropic" for the others.
    r : array_like of shape (k,), optional
        Distances, as in the function itself.
    simulations : int
        At least 2 / α − 1, that is 39 at the 5 % level.
    alpha : float
    seed : int or numpy Generator
        Each simulation has its own stream, so that the result does not depend on `jobs`.
    jobs : int
        Threads (the compiled loops run side by side); −1 for all cores.
    simulator : callable, optional
        ``simulator(rng)`` returns the (m, 2) points of one simulation of another null model.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    Envelope

    Raises
    ------
    ValueError
        For unknown names, too few simulations for alpha, and as the function itself.

    References
    ----------
    M. Myllymäki, T. Mrkvička, P. Grabarnik, H. Seijo, U. Hahn (2017), Global envelope tests for
    spatial processes, JRSS B 79.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 1, 1)
    >>> envelope = csr_envelope(square.random_points(50, seed=1), square, simulations=39, seed=2)
    >>> list(envelope.table.columns)[:4], 0 < envelope.p_value <= 1
    (['r', 'observed', 'theory', 'mean'], True)
    """
    one_of(statistic, "statistic", _STATISTICS)
    function, usual = _STATISTICS[statistic]
    correction = usual if correction is None else correction
    simulations = checked_simulations(simulations, alpha)
    points, window = checked_pattern(points, window, outside, "an envelope")
    ranges = distance_range if statistic in "GF" else default_range
    r = checked_distances(r, ranges(window, len(points)))
    if statistic == "F":
        checked_corrections(correction, F_CORRECTIONS)
        function = partial(empty_space_at, spread_locations(window, _LOCATIONS))
    table = function(points, window, r, (correction,))
    streams = np.random.default_rng(seed).spawn(simulations)
    run = joblib.delayed(_simulated)
    curves = joblib.Parallel(n_jobs=jobs, prefer="threads")(
        run(stream, simulator, len(points), window, function, r, correction) for stream in streams
    )
    observed = table[correction].to_numpy()
    curves = np.vstack(curves)
    result, p_value = envelope_table(r, observed, table["theory"], curves, alpha)
    return Envelope(result, p_value, statistic, correction, simulations, alpha)


def checked_simulations(simulations, alpha: float) -> int:
    """Number of simulations, if an envelope of level alpha can be made of so many."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, got {alpha}")
    simulations = whole_number(simulations, "simulations")
    if alpha * (simulations + 1) / 2 < 1 - 1e-9:
        raise ValueError(
            f"{simulations} simulations cannot give an envelope of level {alpha}: "
            f"take at least {int(np.ceil(2 / alpha - 1 - 1e-9))}"
        )
    return simulations


def envelope_table(r, observed, theory, curves, alpha: float) -> tuple[pd.DataFrame, float]:
    """Table of an `Envelope` from simulated curves, shape (s, k), and the p value of the global test."""
    p_value, global_low, global_high = extreme_rank_envelope(observed, curves, alpha)
    rank = int(np.floor(alpha * (len(curves) + 1) / 2 + 1e-9))
    ordered = np.sort(curves, axis=0)
    known = ~np.isnan(curves).any(axis=0)
    table = pd.DataFrame(
        {
            "r": r,
            "observed": observed,
            "theory": theory,
            "mean": np.where(known, curves.mean(axis=0), np.nan),
            "low": np.where(known, ordered[rank - 1], np.nan),
            "high": np.where(known, ordered[len(curves) - rank], np.nan),
            "global_low": global_low,
            "global_high": global_high,
        }
    )
    return table, p_value


def _simulated(stream, simulator, n, window: Window, function, r, correction):
    if simulator is None:
        points = window.random_points(n, stream)
    else:
        points, _ = checked_pattern(simulator(stream), window, "raise", "a simulated pattern")
    return function(points, window, r, (correction,))[correction].to_numpy()


def extreme_rank_envelope(observed, curves, alpha: float):
    """Extreme rank length envelope of simulated curves, and the p value of the observed one.

    Parameters
    ----------
    observed : ndarray, shape (k,)
    curves : ndarray, shape (s, k)
    alpha : float

    Returns
    -------
    p_value : float
    low, high : ndarray, shape (k,)
        Missing where any curve is.
    """
    everything = np.vstack([observed, curves])
    low = np.full(len(observed), np.nan)
    high = low.copy()
    known = ~np.isnan(everything).any(axis=0)
    # Where all curves agree (r = 0) ranks say nothing.
    telling = np.flatnonzero(known)[np.ptp(everything[:, known], axis=0) > 0]
    if len(telling) == 0:
        low[known] = high[known] = observed[known]
        return 1.0, low, high
    upward = rankdata(everything[:, telling], axis=0)
    ranks = np.sort(np.minimum(upward, len(everything) + 1 - upward), axis=1)
    # Lexicographic order of the sorted ranks: the last key of lexsort is the first to compare.
    order = np.lexsort(ranks.T[::-1])
    changes = (np.diff(ranks[order], axis=0) != 0).any(axis=1)
    position = np.concatenate([[0], np.cumsum(changes)])
    place = np.empty(len(order), dtype=int)
    place[order] = position
    at_most = np.searchsorted(position, np.arange(position[-1] + 1), side="right")
    share = at_most[place] / len(order)
    kept = everything[share > alpha]
    low[known] = kept[:, known].min(axis=0)
    high[known] = kept[:, known].max(axis=0)
    return float(share[0]), low, high
