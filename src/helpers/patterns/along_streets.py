"""Second-order functions along streets: clustering of what can only happen on a network."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
from scipy import stats

from helpers.checks import one_of, positive, whole_number
from helpers.space import StreetNetwork

from ._checks import checked_corrections, checked_distances
from ._street_spots import StreetSpots
from .envelopes import Envelope, checked_simulations, envelope_table

__all__ = [
    "network_envelope",
    "network_k",
    "network_pair_correlation",
    "random_street_places",
]

CORRECTIONS = ("none", "geometric")


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
    spots = StreetSpots.of(network, points, intensity)
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
    spots = StreetSpots.of(network, points, intensity)
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
    simulations = checked_simulations(simulations, alpha)
    r = checked_distances(r, _default_range(network))
    observed = network_k(network, points, r, correction)[correction].to_numpy()
    run = joblib.delayed(_simulated)
    streams = np.random.default_rng(seed).spawn(simulations)
    curves = np.vstack(
        joblib.Parallel(n_jobs=jobs, prefer="threads")(
            run(network, len(points), stream, r, correction) for stream in streams
        )
    )
    table, p_value = envelope_table(r, observed, r, curves, alpha)
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
    spots = StreetSpots.at(network, *_random_spots(network, n, stream))
    total = np.zeros(len(r) + 1)
    for d, weight, places in spots.pairs(float(r[-1]), correction == "geometric"):
        part = weight if correction == "none" else weight / places
        total += np.bincount(np.searchsorted(r, d), part, minlength=len(r) + 1)
    return spots.factor(1) * np.cumsum(total[:-1])


def _default_range(network: StreetNetwork) -> float:
    return float(np.ptp(network.nodes, axis=0).max()) / 4
