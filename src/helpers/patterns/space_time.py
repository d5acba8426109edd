"""The K function of space and time: more events near in both than either alone explains?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from ._checks import checked_pattern
from ._events import checked_limits, checked_moments, rounding
from ._pair_list import PairStream
from ._pair_list_kernels import time_pairs

__all__ = ["SpaceTimeK", "space_time_k"]

_KEPT_PAIRS = 20_000_000
"""Ordered pairs that permutations keep in memory, about half a gigabyte."""


@dataclass(frozen=True)
class SpaceTimeK:
    """K of space and time beside the product of the two alone.

    Attributes
    ----------
    table : DataFrame
        One row a distance and a time: distance, span, K_space, K_time, K_space_time, D, D0, se,
        standardised.
    statistic : float
        Σ of the standardised D over all rows whose standard error is above 0.
    p_value : float
        Share of permutations, the observed order among them, whose statistic is at least as large;
        missing without permutations.
    permutations : int
    """

    table: pd.DataFrame
    statistic: float
    p_value: float
    permutations: int


def space_time_k(
    points,
    times,
    window,
    distances,
    spans,
    *,
    period=None,
    permutations: int = 0,
    seed=None,
) -> SpaceTimeK:
    r"""Space-time K function with its exact standard error under permuted times.

    For n events in a window of area A and a period of length T, with sums over ordered pairs,
    :math:`w_{ij}` the isotropic weight of :func:`ripley_k` and :math:`v_{ij} = 1` if both
    :math:`t_i - |t_i - t_j|` and :math:`t_i + |t_i - t_j|` lie in the period, else 2:

    .. math::

        K(s, t) = \frac{A\, T}{n (n - 1)} \sum_{i \ne j} w_{ij} v_{ij}
        1\{d_{ij} \le s\}\, 1\{|t_i - t_j| \le t\}

        K(s) = \frac{A}{n (n - 1)} \sum_{i \ne j} w_{ij} 1\{d_{ij} \le s\}, \qquad
        K(t) = \frac{T}{n (n - 1)} \sum_{i \ne j} v_{ij} 1\{|t_i - t_j| \le t\}

        D(s, t) = K(s, t) - K(s) K(t), \qquad D_0(s, t) = \frac{D(s, t)}{K(s) K(t)}

    Without interaction D is 0, and D_0 is the share by which events near in both exceed that. If the
    times are permuted among the places, K(s, t) has the mean K(s) K(t) exactly; `se` is its exact
    standard deviation, for :math:`X = \sum_{i \ne j} A_{ij} B_{\pi(i) \pi(j)}` from sums over pairs of
    pairs that are equal, reversed, share one event or none.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        At least four events. Coincident pairs have distance 0 and count.
    times : array_like of shape (n,)
        Dates, or numbers.
    window : Window or shapely polygon
    distances : sequence of float
        s, ascending, in units of the coordinates.
    spans : sequence of float
        t, ascending, in days where `times` are dates, else in their unit.
    period : pair of date or float, optional
        First and last moment at which an event would have been recorded; by default those of the
        first and the last event, which makes T a little too short.
    permutations : int
        For the test of the statistic; the standard errors need none.
    seed : int or numpy Generator
        Needed with permutations.

    Returns
    -------
    SpaceTimeK

    Raises
    ------
    ValueError
        For fewer than four events, points outside the window, times outside the period, limits that
        do not ascend, permutations without a seed or of more than 20 million ordered pairs.

    Notes
    -----
    The statistic's null distribution is not normal: its rows depend on one another.

    References
    ----------
    P. Diggle, A. Chetwynd, R. Häggkvist, S. Morris (1995), Second-order analysis of space-time
    clustering, Statistical Methods in Medical Research 4.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 100, 100)
    >>> places = [[50, 50], [50, 52], [20, 20], [20, 22], [80, 50]]
    >>> result = space_time_k(places, [1, 2, 8, 9, 5], square, [5], [1.5], period=(0, 10))
    >>> result.table[["K_space", "K_time", "K_space_time"]].round(1).to_numpy().tolist()
    [[2000.0, 2.0, 20000.0]]
    """
    points, window = checked_pattern(points, window, "raise", "the space-time K function")
    moments, unit = checked_moments(times)
    if len(points) != len(moments):
        raise ValueError(f"one moment a point: got {len(moments)} times for {len(points)} points")
    n = len(points)
    if n < 4:
        raise ValueError(f"the space-time K function needs at least four events, got {n}")
    low, high = _checked_period(period, moments)
    distances = checked_limits(distances, "distances", True)
    spans = checked_limits(spans, "spans", True)
    # what lies on a limit or on the period's ends is within it, up to rounding
    slack = rounding(moments) / unit
    near, brief = distances + rounding(points), spans + slack
    moments = (moments - low) / unit + slack
    length = float(high - low) / unit
    period = length + 2 * slack
    permutations = whole_number(permutations, "permutations", least=0)
    if permutations and seed is None:
        raise ValueError("permutations need a seed: pass seed=1 or a numpy Generator")

    stream = PairStream(points, window, float(near[-1]), isotropic=True)
    if permutations and stream.total > _KEPT_PAIRS:
        raise ValueError(
            f"{stream.total:,} ordered pairs within {distances[-1]:g} are too many to permute: take "
            "shorter distances, or no permutations (the standard errors are exact without)"
        )
    space, kept, observed = _space_sums(stream, moments, period, near, brief, permutations)
    time = _time_sums(moments, period, brief)
    scale = window.area * length / (n * (n - 1))
    k_space = window.area / (n * (n - 1)) * space.total
    k_time = length / (n * (n - 1)) * time.total
    product = np.outer(k_space, k_time)
    d = scale * observed - product
    se = scale * np.sqrt(np.maximum(_variance(n, space, time), 0.0))
    # a variance that is 0 is not quite so in floating point
    known = se > 1e-7 * np.maximum(product, np.finfo(float).tiny)
    standardised = np.divide(d, se, out=np.full(d.shape, np.nan), where=known)
    statistic = float(standardised[known].sum()) if known.any() else np.nan
    p_value = np.nan
    if permutations and known.any():
        reached = 0
        for generator in np.random.default_rng(seed).spawn(permutations):
            counts = _joint(kept, generator.permutation(moments), period, brief, observed.shape)
            simulated = ((scale * counts - product)[known] / se[known]).sum()
            reached += bool(simulated >= statistic - 1e-9 * max(1.0, abs(statistic)))
        p_value = (1 + reached) / (permutations + 1)
    ratio = np.divide(d, product, out=np.full(d.shape, np.nan), where=product > 0)
    table = pd.DataFrame(
        {
            "distance": np.repeat(distances, len(spans)),
            "span": np.tile(spans, len(distances)),
            "K_space": np.repeat(k_space, len(spans)),
            "K_time": np.tile(k_time, len(distances)),
            "K_space_time": scale * observed.ravel(),
            "D": d.ravel(),
            "D0": ratio.ravel(),
            "se": se.ravel(),
            "standardised": standardised.ravel(),
        }
    )
    return SpaceTimeK(table, statistic, p_value, permutations)


@dataclass(frozen=True)
class _Sums:
    """Of a matrix M of weights of ordered pairs, for each of k limits, cumulated.

    Σ M, Σ M², Σ M_ij M_ji; and over events Σ r², Σ c², Σ r c of its sums of rows and columns.
    """

    total: np.ndarray
    squares: np.ndarray
    mutual: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    crossed: np.ndarray

    @classmethod
    def of(cls, sums: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> _Sums:
        rows, columns = rows.cumsum(axis=1), columns.cumsum(axis=1)
        twos = [(a * b).sum(axis=0) for a, b in ((rows, rows), (columns, columns), (rows, columns))]
        return cls(*sums.cumsum(axis=1), *twos)

    @property
    def parts(self) -> list[np.ndarray]:
        """Sums over two ordered pairs that are equal, reversed, and share one event in four ways."""
        followed = self.crossed - self.mutual
        return [
            self.squares,
            self.mutual,
            self.rows - self.squares,
            self.columns - self.squares,
            followed,
            followed,
        ]


def _variance(n: int, space: _Sums, time: _Sums) -> np.ndarray:
    """Variance of Σ A_ij B_ij under permutation, shape (s, t)."""
    pairs = n * (n - 1)
    ways = [pairs] * 2 + [pairs * (n - 2)] * 4
    square = np.zeros((len(space.total), len(time.total)))
    rest = [space.total**2, time.total**2]
    for a, b, orders in zip(space.parts, time.parts, ways, strict=True):
        square += np.outer(a, b) / orders
        rest = [rest[0] - a, rest[1] - b]
    square += np.outer(*rest) / (pairs * (n - 2) * (n - 3))
    return square - (np.outer(space.total, time.total) / pairs) ** 2


def _space_sums(stream: PairStream, moments, period, distances, spans, keep):
    """Sums of the weights in space, the list of pairs if it is to be kept, and the joint sums."""
    n, s = len(stream.points), len(distances)
    sums, rows, columns = np.zeros((3, s)), np.zeros(n * s), np.zeros(n * s)
    joint = np.zeros((s, len(spans)))
    kept = []
    for pairs in stream:
        band = np.searchsorted(distances, pairs.d)
        weight = pairs.isotropic
        sums[0] += np.bincount(band, weight, minlength=s)
        sums[1] += np.bincount(band, weight**2, minlength=s)
        sums[2] += np.bincount(band, weight * stream.isotropic_about(pairs.j, pairs.i), minlength=s)
        rows += np.bincount(pairs.i * s + band, weight, minlength=n * s)
        columns += np.bincount(pairs.j * s + band, weight, minlength=n * s)
        listed = [(pairs.i, pairs.j, band, weight)]
        joint += _joint(listed, moments, period, spans, joint.shape, cumulated=False)
        if keep:
            kept += listed
    found = _Sums.of(sums, rows.reshape(n, s), columns.reshape(n, s))
    return found, kept, joint.cumsum(axis=0).cumsum(axis=1)


def _joint(listed, moments, period, spans, shape, cumulated=True):
    """Σ w_ij v_ij by band of distance and of time."""
    found = np.zeros(shape[0] * shape[1])
    for i, j, band, weight in listed:
        apart = np.abs(moments[i] - moments[j])
        near = np.flatnonzero(apart <= spans[-1])
        at, apart = moments[i[near]], apart[near]
        whole = (at - apart >= 0) & (at + apart <= period)
        cell = band[near] * shape[1] + np.searchsorted(spans, apart)
        value = np.where(whole, weight[near], 2 * weight[near])
        found += np.bincount(cell, value, minlength=len(found))
    found = found.reshape(shape)
    return found.cumsum(axis=0).cumsum(axis=1) if cumulated else found


def _time_sums(moments, period, spans) -> _Sums:
    shape = len(moments), len(spans)
    sums, rows, columns = np.zeros((3, shape[1])), np.zeros(shape), np.zeros(shape)
    time_pairs(np.sort(moments), spans, 0.0, float(period), sums, rows, columns)
    return _Sums.of(sums, rows, columns)


def _checked_period(period, moments):
    if period is None:
        low, high = moments.min(), moments.max()
    else:
        try:
            first, last = period
        except (TypeError, ValueError) as error:
            raise ValueError("period is a pair: first and last moment") from error
        dated = np.issubdtype(moments.dtype, np.integer)
        low, high = checked_moments(pd.to_datetime([first, last]) if dated else [first, last])[0]
        beyond = (moments < low) | (moments > high)
        if beyond.any():
            raise ValueError(f"{beyond.sum()} events lie outside the period: drop them first")
    if not high > low:
        raise ValueError("the period has no length: all events are of one moment")
    return low, high
