"""Travel along streets: the part of a network that hangs together, and who drives where on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from .streets import StreetNetwork, _points, placed

__all__ = ["ConnectedPart", "StreetFlow", "connected_part", "street_flow"]


@dataclass(frozen=True, eq=False)
class ConnectedPart:
    """The largest part of a street network in which every crossing can reach every other.

    Attributes
    ----------
    network : StreetNetwork
        The segments of that part alone.
    length : float
        Of all segments of the whole network, in the unit of its CRS.
    left_out : float
        Share of that length that is not in the part, 0 to 1.
    pieces : int
        How many parts the streets fall into when the directions of one-way streets are ignored.
    """

    network: StreetNetwork
    length: float
    left_out: float
    pieces: int


def connected_part(network: StreetNetwork) -> ConnectedPart:
    """Keep the largest strongly connected part of a street network, by length.

    Street data are cut at the edge of a map, so pieces of them hang in the air, and some one-way
    streets lead out only.  A patrol that starts there arrives nowhere.

    Parameters
    ----------
    network : StreetNetwork
        From `street_network` or `read_graphml`.

    Returns
    -------
    ConnectedPart

    References
    ----------
    Tarjan (1972), SIAM Journal on Computing 1: 146-160 (scipy.sparse.csgraph).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> streets = gpd.GeoDataFrame(
    ...     geometry=[LineString([(0, 0), (3, 0)]), LineString([(0, 9), (1, 9)])]
    ... )
    >>> part = connected_part(street_network(streets))
    >>> part.network.length.tolist(), part.left_out, part.pieces
    ([3.0], 0.25, 2)
    """
    tail, head = network.segments.T
    both = ~network.oneway
    size = len(network.nodes)
    rows, columns = np.r_[tail, head[both]], np.r_[head, tail[both]]
    graph = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, strong = connected_components(graph, directed=True, connection="strong")
    inside = strong[tail] == strong[head]
    extent = np.bincount(strong[tail[inside]], weights=network.length[inside], minlength=1)
    kept = inside & (strong[tail] == extent.argmax())
    pieces, _ = connected_components(graph, directed=False)
    whole = float(network.length.sum())
    part = StreetNetwork(
        network.nodes,
        network.segments[kept],
        network.length[kept],
        network.speed[kept],
        network.oneway[kept],
    )
    left_out = 0.0 if kept.all() else float(network.length[~kept].sum() / whole)
    return ConnectedPart(part, whole, left_out, int(pieces))


@dataclass(frozen=True, eq=False)
class StreetFlow:
    r"""How much travels along each piece of street, both directions together.

    With :math:`f_e` the amount on piece :math:`e` and :math:`l_e` its length,
    :math:`\sum_e f_e\, l_e` is the travel on the streets; the ways between places and streets
    are not in it.

    Attributes
    ----------
    lines : (k, 2, 2) array
        Ends of each piece with an amount above zero.
    amount : (k,) array
    length : (k,) array
    """

    lines: np.ndarray
    amount: np.ndarray
    length: np.ndarray


def street_flow(
    network: StreetNetwork, demand_xy, site_xy, served, amount, *, cost=None
) -> StreetFlow:
    """Amounts on the streets when each demand node is reached from its site by the shortest way.

    Parameters
    ----------
    network : StreetNetwork
        Its sites must reach their nodes: see `connected_part`.
    demand_xy : (n, 2) array
        Coordinates of the demand nodes, in the CRS of the network.
    site_xy : (p, 2) array
        Of the sites.
    served : (n,) int array
        Number of the site that serves each node, from 0.
    amount : (n,) array
        What travels to each node, not negative.
    cost : (s,) array, optional
        Of each segment, what a way has least of: its length by default, its minutes for the
        quickest ways.

    Returns
    -------
    StreetFlow

    Raises
    ------
    ValueError
        Bad coordinates; a node that its site does not reach.

    References
    ----------
    Dijkstra (1959), Numerische Mathematik 1: 269-271 (scipy.sparse.csgraph).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from helpers.space import street_network
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (3, 0), (3, 4)])]))
    >>> flow = street_flow(net, [[3, 0], [3, 4]], [[0, 0]], [0, 0], [2, 5])
    >>> flow.amount.tolist(), flow.length.tolist()
    ([5.0, 7.0], [4.0, 3.0])
    """
    demand, sites = _points(demand_xy), _points(site_xy)
    served, amount = np.asarray(served, dtype=int), np.asarray(amount, dtype=float)
    places, where = np.unique(np.concatenate([demand, sites]), axis=0, return_inverse=True)
    where = where.ravel()
    measured = placed(network, places, network.length)
    graph, spots, _, xy = measured if cost is None else placed(network, places, cost)
    ends, starts = spots[where[: len(demand)]], spots[where[len(demand) :]]
    carried: dict[tuple[int, int], float] = {}
    for site, start in enumerate(starts):
        mine = np.flatnonzero((served == site) & (amount > 0))
        if not mine.size:
            continue
        away, before = dijkstra(graph, indices=start, return_predecessors=True)
        if np.isinf(away[ends[mine]]).any():
            raise ValueError(
                f"site {site} does not reach all of its nodes along the streets; keep the connected "
                "part of the network."
            )
        for node in mine:
            here = int(ends[node])
            while here != start:
                came = int(before[here])
                piece = (min(here, came), max(here, came))
                carried[piece] = carried.get(piece, 0.0) + amount[node]
                here = came
    pieces = np.array(sorted(carried), dtype=int).reshape(-1, 2)
    there, back = pieces.T
    lengths = measured.graph.maximum(measured.graph.T)
    length = np.asarray(lengths[there, back], dtype=float).ravel()
    amounts = np.array([carried[a, b] for a, b in pieces.tolist()], dtype=float)
    real = length > 0  # a place at a crossing is a node of its own, no way from it
    return StreetFlow(xy[pieces[real]], amounts[real], length[real])
