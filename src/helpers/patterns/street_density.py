"""Density of events along streets: what spreads from each of them as heat does along wires."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu

from helpers.checks import positive
from helpers.space import StreetNetwork, snap_to_streets

__all__ = ["density_along", "network_density"]

POLES = 24
"""Of the contour; its error falls as exp(-1.36 POLES)."""

FINENESS = 8
"""Pieces of a bandwidth on the coarser mesh."""


def network_density(
    network: StreetNetwork,
    points: ArrayLike,
    bandwidth: float,
    at: ArrayLike | None = None,
    *,
    leave_one_out: bool = False,
) -> np.ndarray:
    r"""Kernel density along streets by the heat equation.

    The kernel of a point is what one unit of heat has become at time :math:`t = \sigma^2 / 2` on the
    network,

    .. math:: \frac{\partial u}{\partial t} = \frac{\partial^2 u}{\partial x^2}

    along streets, continuous at crossings, where what flows in flows out, and without loss at
    free ends. On a long straight street that is the normal density with standard deviation
    :math:`\sigma`. The integral over the network is the number of points.

    Parameters
    ----------
    network : StreetNetwork
        Every street is walked both ways.
    points : (n, 2) array
        In the CRS of the network; each is moved to the nearest place of a street.
    bandwidth : float
        σ, in the unit of the CRS.
    at : (m, 2) array, optional
        Where the density is wanted, moved to streets likewise; at the points when not given.
    leave_one_out : bool
        Each point's density from all others: only at the points.

    Returns
    -------
    ndarray, shape (m,)
        Points per unit of length.

    Raises
    ------
    ValueError
        For no points, a bandwidth that is not positive, or `leave_one_out` with places.

    Notes
    -----
    Linear finite elements on two meshes, of which the second halves the pieces of the first, with
    Richardson's extrapolation; the exponential by a contour integral, one sparse solution a pole.
    A kernel that walks ways and splits at crossings is faster, but is no density there, or keeps no
    mass.

    References
    ----------
    G. McSwiggan, A. Baddeley, G. Nair (2017), Kernel density estimation on a linear network,
    Scandinavian Journal of Statistics 44; L. Trefethen, J. Weideman, T. Schmelzer (2006), Talbot
    quadratures and rational approximations, BIT 46 (the contour).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1000, 0)])]))
    >>> network_density(net, [[500, 0]], 50.0, [[500, 0], [550, 0]]).round(6).tolist()
    [0.007979, 0.004839]
    """
    width = positive(bandwidth, "bandwidth")
    if leave_one_out and at is not None:
        raise ValueError("leave_one_out is about the points; give no other places with it.")
    given = np.asarray(points, dtype=float).reshape(-1, 2)
    if not len(given):
        raise ValueError("a density along streets needs a point.")
    asked = given if at is None else np.asarray(at, dtype=float).reshape(-1, 2)
    segment, along, _ = snap_to_streets(network, np.concatenate([given, asked]))
    first, second = (
        _heat(network, segment, along, len(given), width, pieces, leave_one_out)
        for pieces in (1, 2)
    )
    return np.maximum((4 * second - first) / 3, 0.0)


def density_along(
    network: StreetNetwork, points: ArrayLike, bandwidth: float
) -> tuple[np.ndarray, np.ndarray]:
    """The density of `network_density` on short pieces of all streets, to be drawn.

    Parameters
    ----------
    network, points, bandwidth
        As there.

    Returns
    -------
    lines : ndarray, shape (k, 2, 2)
        Ends of pieces no longer than half a bandwidth.
    density : ndarray, shape (k,)
        In their middles, points per unit of length.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (90, 0)])]))
    >>> lines, density = density_along(net, [[10, 0]], 60.0)
    >>> lines[:, :, 0].tolist(), bool(density[0] > density[-1])
    ([[0.0, 30.0], [30.0, 60.0], [60.0, 90.0]], True)
    """
    begin, end = (network.nodes[network.segments[:, side]] for side in (0, 1))
    drawn = np.linalg.norm(end - begin, axis=1)
    count = np.maximum(1, np.ceil(drawn / (positive(bandwidth, "bandwidth") / 2))).astype(int)
    which = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    first, last = number / count[which], (number + 1) / count[which]
    way = (end - begin)[which]
    lines = np.stack([begin[which] + share[:, None] * way for share in (first, last)], axis=1)
    return lines, network_density(network, points, bandwidth, lines.mean(axis=1))


def _heat(
    network: StreetNetwork,
    segment: np.ndarray,
    along: np.ndarray,
    sources: int,
    width: float,
    pieces: int,
    leave_one_out: bool,
) -> np.ndarray:
    """Heat on one mesh at the places after the sources."""
    tail, head, length, node = _mesh(network, segment, along, width / FINENESS, pieces)
    size = int(max(tail.max(), head.max())) + 1
    mass = _assembled(tail, head, length / 3, length / 6, size)
    stiffness = _assembled(tail, head, 1 / length, -1 / length, size)
    begin, end = node[:sources], node[sources:]
    own, which = np.unique(begin, return_inverse=True)
    tally = np.bincount(which)
    load = np.zeros((size, len(own) if leave_one_out else 1))
    if leave_one_out:
        load[own, np.arange(len(own))] = 1.0
    else:
        load[own, 0] = tally
    angle = (2 * np.arange(POLES // 2) + 1) * np.pi / POLES
    bend = 0.6407 * angle
    z = POLES * (-0.5017 + bend / np.tan(bend) + 0.2645j * angle)
    turn = POLES * (0.6407 / np.tan(bend) - 0.6407 * bend / np.sin(bend) ** 2 + 0.2645j)
    time = width**2 / 2
    heat = np.zeros_like(load)
    for pole, weight in zip(z, np.exp(z) * turn, strict=True):
        solved = splu((pole * mass + time * stiffness).tocsc()).solve(load.astype(complex))
        # the pole below the axis gives the conjugate
        heat += (2 / POLES) * (weight * solved).imag
    if not leave_one_out:
        return heat[end, 0]
    everything = heat[own] @ tally
    return (everything - np.diag(heat[own]))[which]


def _mesh(
    network: StreetNetwork, segment: np.ndarray, along: np.ndarray, step: float, pieces: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces of streets (ends and length) no longer than the step over `pieces`; node of each place.

    Every place is a node, so that neither sources nor answers are spread over neighbours.
    """
    count = len(network.nodes)
    street = np.concatenate([segment, np.tile(np.arange(len(network.length)), 2)])
    share = np.concatenate([along, np.zeros(len(network.length)), np.ones(len(network.length))])
    spots, spot = np.unique(np.column_stack([street, share.round(12)]), axis=0, return_inverse=True)
    on, where = spots[:, 0].astype(int), spots[:, 1]
    name = count + np.arange(len(spots))
    name[where == 0] = network.segments[on[where == 0], 0]
    name[where == 1] = network.segments[on[where == 1], 1]
    follows = np.flatnonzero(on[1:] == on[:-1])
    gap = (where[follows + 1] - where[follows]) * network.length[on[follows]]
    cut = pieces * np.maximum(1, np.ceil(gap / step)).astype(int)
    which = np.repeat(np.arange(len(cut)), cut)
    number = np.arange(len(which)) - np.repeat(np.cumsum(cut) - cut, cut)
    inner = count + len(spots) + np.arange(len(which))
    tail = np.where(number == 0, name[follows][which], inner - 1)
    head = np.where(number == cut[which] - 1, name[follows + 1][which], inner)
    used, again = np.unique(np.concatenate([tail, head]), return_inverse=True)
    place = np.searchsorted(used, name[spot.ravel()[: len(segment)]])
    return again[: len(tail)], again[len(tail) :], (gap / cut)[which], place


def _assembled(tail, head, own, other, size: int) -> sparse.csc_matrix:
    """Matrix of all pieces, each with `own` at its ends and `other` between them."""
    rows = np.concatenate([tail, head, tail, head])
    columns = np.concatenate([tail, head, head, tail])
    values = np.concatenate([own, own, other, other])
    return sparse.csc_matrix((values, (rows, columns)), shape=(size, size))
