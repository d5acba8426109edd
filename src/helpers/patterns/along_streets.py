"""Second-order functions along streets: clustering of what can only happen on a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import joblib
import numpy as np
import pandas as pd
from scipy import sparse, stats
from scipy.sparse.csgraph import dijkstra

from helpers.checks import one_of, positive, whole_number
from helpers.space import StreetNetwork, snap_to_streets

from ._checks import checked_corrections, checked_distances
from .envelopes import Envelope, extreme_rank_envelope

__all__ = [
    "network_envelope",
    "network_k",
    "network_pair_correlation",
    "random_street_places",
]

CORRECTIONS = ("none", "geometric")
_BLOCK = 32


def network_k(
    network: StreetNetwork,
    points,
    r=None,
    corrections=None,
    *,
    intensity=None,
    normalise: int = 1,
) -> pd.DataFrame:
    r"""K function along streets, as counts stand or corrected for the network's shape.

    With n points on streets of total length L, :math:`d_{ij}` the shortest way between two of them, and
    :math:`m_i(d)` the number of places of the network that are exactly d from point i:

    .. math::

        \text{none: } \frac{L}{n (n - 1)} \sum_{i \ne j} 1\{d_{ij} \le r\}, \qquad
        \text{geometric: } \frac{L}{n (n - 1)} \sum_{i \ne j}
        \frac{1\{d_{ij} \le r\}}{m_i(d_{ij})}

    The second is r for points spread at random, whatever the network. With an intensity λ per unit of
    length each pair is weighed by :math:`1 / (\lambda_i \lambda_j)` and the sum is divided by L and
    multiplied by :math:`(L / \sum_i 1 / \lambda_i)^m`, m the power `normalise`.

    Parameters
    ----------
    network : StreetNetwork
        Every street is walked both ways.
    points : (n, 2) array
        In the CRS of the network; each is moved to the nearest place of a street.
    r : (k,) array, optional
        Ascending distances; by default 513 to a quarter of the longer side of the network's extent.
    corrections : str or sequence of str, optional
        Among "none", "geometric"; by default both.
    intensity : (n,) array, optional
        λ at each point, positive.
    normalise : {0, 1, 2}

    Returns
    -------
    DataFrame
        Columns r, theory = r, and one a correction. Without a correction the value of points at random
        depends on the network: compare with :func:`network_envelope`.

    Raises
    ------
    ValueError
        For fewer than two different places, bad r or corrections, intensities that are not positive.

    Notes
    -----
    Events that repeat their places are counted at places. Where a distance is exactly that of a
    crossing, places just beyond it are counted in m; so m is 2 for pairs at one place along a street.

    References
    ----------
    A. Okabe, I. Yamada (2001), The K-function method on a network, Geographical Analysis 33; Q. Ang,
    A. Baddeley, G. Nair (2012), Geometrically corrected second order analysis of events on a linear
    network, Scandinavian Journal of Statistics 39.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (100, 0)])]))
    >>> table = network_k(net, [[20, 0], [50, 0], [60, 0]], [0, 15, 35])
    >>> table[["none", "geometric"]].round(2).to_numpy().tolist()
    [[0.0, 0.0], [33.33, 16.67], [66.67, 41.67]]
    """
    corrections = checked_corrections(corrections, CORRECTIONS)
    r = checked_distances(r, _default_range(network))
    spots = _Spots.of(network, points, intensity)
    sums = {name: np.zeros(len(r) + 1) for name in corrections}
    for d, weight, places in spots.pairs(float(r[-1]), "geometric" in corrections):
        k = np.searchsorted(r, d)
        for name in corrections:
            part = weight if name == "none" else weight / places
            sums[name] += np.bincount(k, part, minlength=len(r) + 1)
    factor = spots.factor(normalise)
    columns = {"r": r, "theory": r}
    columns |= {name: factor * np.cumsum(each[:-1]) for name, each in sums.items()}
    return pd.DataFrame(columns)


def network_pair_correlation(
    network: StreetNetwork,
    points,
    bandwidth: float,
    r=None,
    *,
    intensity=None,
    normalise: int = 1,
) -> pd.DataFrame:
    r"""Pair correlation along streets, corrected for the network's shape: 1 for points at random.

    .. math::

        g(r) = \frac{L}{n (n - 1)} \sum_{i \ne j, \; 0 < d_{ij} \le R}
        \frac{\varphi_s(r - d_{ij})}{m_i(d_{ij})\, c(r)}

    with the normal density :math:`\varphi_s` of standard deviation s, R the largest r, and c(r) the
    kernel's mass in [0, R]; with an intensity as in :func:`network_k`.

    Parameters
    ----------
    network, points, r, intensity, normalise
        As in :func:`network_k`. Pairs at the same place are left out.
    bandwidth : float
        s, in units of the coordinates.

    Returns
    -------
    DataFrame
        Columns r, theory = 1, geometric.

    Raises
    ------
    ValueError
        As :func:`network_k`; also for a bandwidth that is not positive.

    References
    ----------
    Q. Ang, A. Baddeley, G. Nair (2012).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])]))
    >>> even = np.column_stack([np.arange(5, 900, 10), np.zeros(90)])
    >>> table = network_pair_correlation(net, even, 20, [0, 50, 100, 200])
    >>> bool(abs(table["geometric"][1:3] - 1).max() < 0.05)
    True
    """
    s = positive(bandwidth, "bandwidth")
    r = checked_distances(r, _default_range(network))
    spots = _Spots.of(network, points, intensity)
    total = np.zeros(len(r))
    for d, weight, places in spots.pairs(float(r[-1]), True):
        apart = d > 0
        d, weight = d[apart], (weight / places)[apart]
        for begin in range(0, len(d), 100_000):
            part = slice(begin, begin + 100_000)
            total += stats.norm.pdf((r[:, None] - d[part]) / s) @ weight[part] / s
    mass = stats.norm.cdf((r[-1] - r) / s) - stats.norm.cdf(-r / s)
    estimate = spots.factor(normalise) * total / mass
    return pd.DataFrame({"r": r, "theory": np.ones(len(r)), "geometric": estimate})


def network_envelope(
    network: StreetNetwork,
    points,
    r=None,
    correction: str = "geometric",
    *,
    simulations: int = 199,
    alpha: float = 0.05,
    seed=None,
    jobs: int = 1,
) -> Envelope:
    """K along streets beside that of as many points at random on the same streets.

    Parameters
    ----------
    network, points, r
        As in :func:`network_k`.
    correction : {"geometric", "none"}
    simulations, alpha, seed, jobs
        As in :func:`csr_envelope`, whose envelopes and test these are.

    Returns
    -------
    Envelope

    Raises
    ------
    ValueError
        As :func:`network_k` and :func:`csr_envelope`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])]))
    >>> heaps = [[x + k, 0] for x in (100, 450, 700) for k in range(9)]
    >>> network_envelope(net, heaps, np.arange(0, 60, 5), simulations=39, seed=1).p_value
    0.025
    """
    one_of(correction, "correction", CORRECTIONS)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, got {alpha}")
    simulations = whole_number(simulations, "simulations")
    rank = int(np.floor(alpha * (simulations + 1) / 2 + 1e-9))
    if rank < 1:
        raise ValueError(
            f"{simulations} simulations cannot give an envelope of level {alpha}: "
            f"take at least {int(np.ceil(2 / alpha - 1 - 1e-9))}"
        )
    r = checked_distances(r, _default_range(network))
    observed = network_k(network, points, r, correction)[correction].to_numpy()
    run = joblib.delayed(_simulated)
    streams = np.random.default_rng(seed).spawn(simulations)
    curves = np.vstack(
        joblib.Parallel(n_jobs=jobs, prefer="threads")(
            run(network, len(points), stream, r, correction) for stream in streams
        )
    )
    p_value, global_low, global_high = extreme_rank_envelope(observed, curves, alpha)
    ordered = np.sort(curves, axis=0)
    table = pd.DataFrame(
        {
            "r": r,
            "observed": observed,
            "theory": r,
            "mean": curves.mean(axis=0),
            "low": ordered[rank - 1],
            "high": ordered[simulations - rank],
            "global_low": global_low,
            "global_high": global_high,
        }
    )
    return Envelope(table, p_value, "network K", correction, simulations, alpha)


def random_street_places(network: StreetNetwork, n: int, seed=None) -> np.ndarray:
    """Places spread evenly at random over the length of the streets.

    Parameters
    ----------
    network : StreetNetwork
    n : int
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (n, 2)

    Raises
    ------
    ValueError
        If n is no whole number.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 0), (9, 6)])]))
    >>> places = random_street_places(net, 8000, seed=1)
    >>> round(float((places[:, 1] > 0).mean()), 1)
    0.4
    """
    segment, along = _random_spots(network, whole_number(n, "n", least=0), seed)
    start, end = (network.nodes[network.segments[segment, k]] for k in (0, 1))
    return start + along[:, None] * (end - start)


def _random_spots(network, n, seed) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    until = np.cumsum(network.length)
    draws = generator.uniform(0, until[-1], n)
    segment = np.minimum(np.searchsorted(until, draws, side="right"), len(until) - 1)
    return segment, generator.uniform(size=n)


def _simulated(network, n, stream, r, correction) -> np.ndarray:
    # places as coordinates could be snapped to a street that crosses above: keep the street
    spots = _Spots.at(network, *_random_spots(network, n, stream))
    total = np.zeros(len(r) + 1)
    for d, weight, places in spots.pairs(float(r[-1]), correction == "geometric"):
        part = weight if correction == "none" else weight / places
        total += np.bincount(np.searchsorted(r, d), part, minlength=len(r) + 1)
    return spots.factor(1) * np.cumsum(total[:-1])


@dataclass(frozen=True, eq=False)
class _Spots:
    """Distinct places on a network, sorted by street, and what the points at each weigh together."""

    network: StreetNetwork
    segment: np.ndarray
    along: np.ndarray
    weight: np.ndarray
    squares: np.ndarray
    points: int
    weighed: bool

    @classmethod
    def of(cls, network: StreetNetwork, points, intensity) -> _Spots:
        segment, along, _ = snap_to_streets(network, points)
        return cls.at(network, segment, along, intensity)

    @classmethod
    def at(cls, network, segment, along, intensity=None) -> _Spots:
        n = len(segment)
        if n < 2:
            raise ValueError(f"a function of pairs along streets needs two points, got {n}")
        v = np.ones(n)
        if intensity is not None:
            values = np.asarray(intensity, dtype=float)
            if values.shape != (n,) or not (np.isfinite(values) & (values > 0)).all():
                raise ValueError(f"intensities are {n} positive numbers, one a point")
            v = 1 / values
        spots, spot = np.unique(np.column_stack([segment, along]), axis=0, return_inverse=True)
        if len(spots) < 2:
            raise ValueError("points along streets need two different places: all are one")
        sums = [np.bincount(spot.ravel(), each) for each in (v, v * v)]
        return cls(network, spots[:, 0].astype(int), spots[:, 1], *sums, n, intensity is not None)

    def factor(self, normalise: int) -> float:
        """What a sum over pairs is multiplied by."""
        if isinstance(normalise, bool) or normalise not in (0, 1, 2):
            raise ValueError(f"normalise is the power 0, 1 or 2, not {normalise!r}")
        length = float(self.network.length.sum())
        if not self.weighed:
            return length / (self.points * (self.points - 1))
        return (length / float(self.weight.sum())) ** normalise / length

    @cached_property
    def _graph(self) -> sparse.csr_matrix:
        network = self.network
        tail, head = network.segments.T
        order = np.lexsort((network.length, np.maximum(tail, head), np.minimum(tail, head)))
        low, high = np.minimum(tail, head)[order], np.maximum(tail, head)[order]
        # of parallel streets the shortest is the way
        first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)]
        size = len(network.nodes)
        return sparse.csr_matrix(
            (network.length[order][first], (low[first], high[first])), shape=(size, size)
        )

    def pairs(
        self, largest: float, count_places: bool
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Ordered pairs up to `largest` apart: distance, product of weights, m_i of the distance."""
        lengths = self.network.length[self.segment]
        before, after = self.along * lengths, (1 - self.along) * lengths
        starts, ends = self.network.segments[self.segment].T
        for begin in range(0, len(self.segment), _BLOCK):
            block = np.arange(begin, min(begin + _BLOCK, len(self.segment)))
            nodes, where = np.unique(
                np.concatenate([starts[block], ends[block]]), return_inverse=True
            )
            way = dijkstra(self._graph, directed=False, indices=nodes, limit=largest)
            where = where.ravel()
            for i, start, end in zip(block, where[: len(block)], where[len(block) :], strict=True):
                to_node = np.minimum(way[start] + before[i], way[end] + after[i])
                d = np.minimum(to_node[starts] + before, to_node[ends] + after)
                own = self.segment == self.segment[i]
                d[own] = np.minimum(d[own], np.abs(before[own] - before[i]))
                near = np.flatnonzero(d <= largest)
                weight = self.weight[i] * self.weight[near]
                itself = near == i
                # pairs of different points at the same place
                weight[itself] = self.weight[i] ** 2 - self.squares[i]
                kept = weight > 1e-12 * self.weight[i] ** 2
                d, weight = d[near[kept]], weight[kept]
                places = self._places(i, to_node, before[i], after[i], d) if count_places else d
                yield d, weight, places

    def _places(self, i, to_node, before, after, d) -> np.ndarray:
        """Number of places of the network just beyond each distance d from spot i.

        Along a street whose ends are a and b from the spot, ways from the two ends meet where both
        are (a + b + length) / 2 long: between a and that, and b and that, each distance is one place.
        The spot's own street is two, one from the spot to each end.
        """
        tail, head = self.network.segments.T
        own = self.segment[i]
        others = np.arange(len(tail)) != own
        a, b = to_node[tail[others]], to_node[head[others]]
        known = np.isfinite(a) | np.isfinite(b)
        lengths = self.network.length[others][known]
        a, b = a[known], b[known]
        # beyond the reach of the search no place is counted: what is infinite meets nowhere near
        meet = np.where(np.isfinite(a) & np.isfinite(b), (a + b + lengths) / 2, np.inf)
        a_end, b_end = np.minimum(meet, a + lengths), np.minimum(meet, b + lengths)
        first = [a, b]
        last = [np.where(np.isfinite(a), a_end, a), np.where(np.isfinite(b), b_end, b)]
        for node, length in ((tail[own], before), (head[own], after)):
            meet = (to_node[node] + length) / 2
            first.append(np.array([0.0, to_node[node]]))
            last.append(np.array([meet, meet]))
        first, last = np.concatenate(first), np.concatenate(last)
        some = last > first
        begun = np.searchsorted(np.sort(first[some]), d, side="right")
        ended = np.searchsorted(np.sort(last[some]), d, side="right")
        return np.maximum(begun - ended, 1)


def _default_range(network: StreetNetwork) -> float:
    return float(np.ptp(network.nodes, axis=0).max()) / 4
