"""Distances and travel times along streets, from patrol sites to demand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from helpers.checks import one_of, positive

from ._contracted import contracted_ways

__all__ = [
    "StreetNetwork",
    "read_graphml",
    "snap_to_streets",
    "street_distances",
    "street_network",
]


END = 1e-9
# Most distances that are held at once while ways are searched: 16 MB.
HELD = 2_000_000
# Sources from which contracting the streets first is the shorter work, and the most nodes for which
# its memory is taken: 0.4 GB.
MANY = 60
CONTRACTED = 200_000


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """A street graph: straight segments between nodes, one or two ways.

    Attributes
    ----------
    nodes : (k, 2) array
        Coordinates in a projected CRS.
    segments : (s, 2) int array
        Start and end node; a one-way segment is driven from start to end.
    length : (s,) array
        Length of each segment, metres when the CRS is in metres.
    speed : (s,) array
        km/h; NaN where the source gives none.
    oneway : (s,) bool array
    """

    nodes: np.ndarray
    segments: np.ndarray
    length: np.ndarray
    speed: np.ndarray
    oneway: np.ndarray


def street_network(streets, *, tolerance: float = 0.01) -> StreetNetwork:
    """Build the graph from a `streets` layer of lines.

    Line ends and vertices that fall on the same cell of a `tolerance` lattice are one crossing;
    lines that cross without a common vertex do not meet (bridges).

    Parameters
    ----------
    streets : GeoDataFrame
        Lines in a projected CRS.  Optional columns: ``length_m`` (replaces the drawn length),
        ``speed_kmh``, ``oneway`` (true: driven in the drawn direction only).
    tolerance : float
        In the unit of the CRS.

    Returns
    -------
    StreetNetwork

    Raises
    ------
    ValueError
        If the layer is empty, geographic (degrees), or holds something other than lines.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (3, 0), (3, 4)])]))
    >>> net.length.tolist()
    [3.0, 4.0]
    """
    if len(streets) == 0:
        raise ValueError("the streets layer is empty; check the file or its layer name.")
    if streets.crs is not None and streets.crs.is_geographic:
        raise ValueError(
            "streets are in degrees; project them first: streets.to_crs(streets.estimate_utm_crs())."
        )
    exploded = streets.explode(index_parts=False, ignore_index=True)
    kinds = set(exploded.geometry.geom_type)
    if kinds - {"LineString"}:
        raise ValueError(
            f"streets must be lines; the layer also holds {', '.join(kinds - {'LineString'})}."
        )
    lines = [np.asarray(line.coords)[:, :2] for line in exploded.geometry]
    column = exploded.get
    drawn = np.array([_lengths(line).sum() for line in lines])
    told = column("length_m")
    factor = np.ones(len(lines)) if told is None else _ratio(told.to_numpy(float), drawn)
    speed = column("speed_kmh")
    speed = np.full(len(lines), np.nan) if speed is None else speed.to_numpy(float)
    oneway = column("oneway")
    oneway = np.zeros(len(lines), bool) if oneway is None else oneway.to_numpy(bool)
    return _network(lines, factor, speed, oneway, tolerance)


def read_graphml(path, *, crs: str | None = None, tolerance: float = 0.01) -> StreetNetwork:
    """Read a GraphML file as OSMnx writes it.

    Nodes carry ``x, y``; edges ``length``, and optionally ``geometry`` (WKT), ``speed_kph`` or
    ``maxspeed``.  The graph is directed: a two-way street is two edges, joined here into one.

    Parameters
    ----------
    path : path
        The GraphML file.
    crs : str, optional
        Projected CRS to bring the coordinates to; needed when the file is in degrees.
    tolerance : float
        As in `street_network`.

    Returns
    -------
    StreetNetwork

    Raises
    ------
    ValueError
        If the file is in degrees and no `crs` is given, or has no edges.
    """
    import networkx as nx
    from pyproj import CRS, Transformer
    from shapely import wkt

    graph = nx.read_graphml(Path(path))
    source = CRS.from_user_input(graph.graph.get("crs", "EPSG:4326"))
    if crs is None and source.is_geographic:
        raise ValueError(f"{Path(path).name} is in degrees; pass crs, a projected CRS in metres.")
    move = Transformer.from_crs(source, crs or source, always_xy=True)
    place = {
        key: np.array(move.transform(float(data["x"]), float(data["y"])))
        for key, data in graph.nodes(data=True)
    }
    waiting: dict = {}
    lines, told, speed, oneway = [], [], [], []
    for u, v, data in graph.edges(data=True):
        length = float(data.get("length", np.nan))
        back = waiting.get((v, u), [])
        twin = next(
            (k for k in back if told[k] == length or np.isclose(told[k], length, 1e-6)), None
        )
        if twin is not None and u != v and graph.is_directed():
            back.remove(twin)
            oneway[twin] = False
            continue
        if "geometry" in data:
            xy = np.asarray(wkt.loads(data["geometry"]).coords)[:, :2]
            xy = np.column_stack(move.transform(xy[:, 0], xy[:, 1]))
        else:
            xy = np.array([place[u], place[v]])
        waiting.setdefault((u, v), []).append(len(lines))
        lines.append(xy)
        told.append(length)
        speed.append(_speed(data.get("speed_kph", data.get("maxspeed"))))
        oneway.append(graph.is_directed())
    if not lines:
        raise ValueError(f"{Path(path).name} has no edges; check that it is a street graph.")
    drawn = np.array([_lengths(line).sum() for line in lines])
    told = np.array(told)
    factor = _ratio(np.where(np.isnan(told), drawn, told), drawn)
    return _network(lines, factor, np.array(speed), np.array(oneway), tolerance)


def _ratio(told: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return np.divide(told, drawn, out=np.ones_like(drawn), where=drawn > 0)


def _speed(value) -> float:
    """The first number in OSM's maxspeed ("50", "30 mph", "['30', '50']"), in km/h."""
    digits = "".join(c if c.isdigit() or c == "." else " " for c in str(value)).split()
    if value is None or not digits:
        return np.nan
    return float(digits[0]) * (1.609344 if "mph" in str(value) else 1.0)


def _lengths(line: np.ndarray) -> np.ndarray:
    return np.hypot(*np.diff(line, axis=0).T)


def _network(lines, factor, speed, oneway, tolerance) -> StreetNetwork:
    points = np.concatenate(lines)
    key = np.round(points / tolerance).astype(np.int64)
    _, first, label = np.unique(key, axis=0, return_index=True, return_inverse=True)
    label = label.ravel()
    last = np.cumsum([len(line) for line in lines]) - 1
    start = np.setdiff1d(np.arange(len(points)), last)
    owner = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    segments = np.column_stack([label[start], label[start + 1]])
    length = np.hypot(*(points[start + 1] - points[start]).T) * factor[owner]
    real = segments[:, 0] != segments[:, 1]
    return StreetNetwork(
        points[first], segments[real], length[real], speed[owner][real], oneway[owner][real]
    )


def street_distances(
    network: StreetNetwork,
    demand_xy,
    site_xy=None,
    *,
    weight: str = "length",
    speed: float = 30.0,
    access: bool = True,
    unreachable: str = "raise",
) -> np.ndarray:
    r"""Shortest way from each patrol site to each demand node, (n, m).

    Points are snapped to the nearest point of the nearest segment, which is split there, so two
    points on one street are as far apart as they are along it.

    Parameters
    ----------
    network : StreetNetwork
        From `street_network` or `read_graphml`.
    demand_xy : (n, 2) array
        Coordinates of the demand nodes, in the CRS of the network.
    site_xy : (m, 2) array, optional
        The demand nodes by default.
    weight : {"length", "time"}
        Length in the CRS's unit, or minutes at the segments' speed (lengths in metres).
    speed : float
        km/h where a segment has none, and off the street.
    access : bool
        Whether the straight way between a point and the street counts.
    unreachable : {"raise", "inf"}
        What to do with demand that a site cannot reach.

    Returns
    -------
    (n, m) array
        Travel goes from site j to node i, so one-way streets make the matrix asymmetric.

    Raises
    ------
    ValueError
        Bad coordinates, an unknown weight, or demand nodes that cannot be reached (named).

    Notes
    -----
    A few sources are searched from one by one.  For 60 and more the streets are contracted first: in
    an order in which they fall apart early, each node :math:`v` is replaced by the ways through it,

    .. math:: w_{ab} \leftarrow \min(w_{ab}, w_{av} + w_{vb})

    for each two higher neighbours :math:`a, b`, so that some shortest way between any two nodes
    first only rises and then only falls in that order.

    References
    ----------
    Dijkstra (1959), Numerische Mathematik 1: 269-271 (scipy.sparse.csgraph);
    Dibbelt, Strasser & Wagner (2016), Journal of Experimental Algorithmics 21: 1.5.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (3, 0), (3, 4)])]))
    >>> street_distances(net, [[0, 0], [3, 4]], [[1, 0]]).ravel().tolist()
    [1.0, 6.0]
    """
    one_of(weight, "weight", ("length", "time"))
    positive(speed, "speed")
    demand = _points(demand_xy)
    sites = demand if site_xy is None else _points(site_xy)
    both = np.unique(np.concatenate([demand, sites]), axis=0, return_inverse=True)
    places, where = both[0], both[1].ravel()
    # metres per minute, to turn a length into minutes
    pace = np.where(np.isnan(network.speed), speed, network.speed) * 1000 / 60
    cost = network.length if weight == "length" else network.length / pace
    graph, spots, away, _ = placed(network, places, cost)
    index_d, index_s = where[: len(demand)], where[len(demand) :]
    if site_xy is None:
        index_s = index_d
    unique_d, back_d = np.unique(index_d, return_inverse=True)
    unique_s, back_s = np.unique(index_s, return_inverse=True)
    # the shorter list is searched from: against the streets' directions where that is demand
    if len(unique_d) < len(unique_s):
        found = _searched(graph.T.tocsr(), spots[unique_d], spots[unique_s])
    else:
        found = _searched(graph, spots[unique_s], spots[unique_d]).T
    out = found[back_d.ravel()][:, back_s.ravel()]
    if access:
        walk = away if weight == "length" else away / (speed * 1000 / 60)
        out = out + walk[index_d][:, None] + walk[index_s][None, :]
        out[index_d[:, None] == index_s[None, :]] = 0.0
    lost = np.flatnonzero(np.isinf(out).any(axis=1))
    if lost.size and unreachable == "raise":
        some = ", ".join(map(str, lost[:10]))
        raise ValueError(
            f"{lost.size} of {len(demand)} demand nodes cannot be reached from every site along the "
            f"streets (nodes {some}{', ...' if lost.size > 10 else ''}); keep the largest connected "
            "part of the network, mend its one-way streets, or pass unreachable='inf'."
        )
    return np.ascontiguousarray(out)


class Placed(NamedTuple):
    """Places on a street graph.

    Attributes
    ----------
    graph : sparse matrix
        Cost of each piece of street, the places' feet among its nodes.
    spots : (places,) int array
        Node of each place.
    away : (places,) array
        From each place straight to its foot.
    xy : (nodes of the graph, 2) array
        Coordinates of all nodes.
    """

    graph: sparse.csr_matrix
    spots: np.ndarray
    away: np.ndarray
    xy: np.ndarray


def placed(network: StreetNetwork, places: np.ndarray, cost: np.ndarray) -> Placed:
    """Put places on the streets; one at the end of a segment is the crossing itself."""
    segment, along, away = snap_to_streets(network, places)
    size = network.nodes.shape[0]
    graph = _split(network, cost, segment, along, size)
    begin, end = (network.nodes[network.segments[segment, side]] for side in (0, 1))
    # whatever way the segment runs
    spots = size + np.arange(len(places))
    spots = np.where(along <= END, network.segments[segment, 0], spots)
    spots = np.where(along >= 1 - END, network.segments[segment, 1], spots)
    feet = begin + along[:, None] * (end - begin)
    return Placed(graph, spots, away, np.vstack([network.nodes, feet]))


def _searched(graph: sparse.csr_matrix, sources: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Shortest ways from each source to each end, a few sources at a time to spare memory."""
    if len(sources) >= MANY and graph.shape[0] <= CONTRACTED:
        ways = contracted_ways(graph, sources, ends)
        if ways is not None:
            return ways
    few = max(1, HELD // graph.shape[0])
    found = np.empty((len(sources), len(ends)))
    for first in range(0, len(sources), few):
        part = slice(first, first + few)
        found[part] = dijkstra(graph, directed=True, indices=sources[part])[:, ends]
    return found


def _points(values) -> np.ndarray:
    xy = np.asarray(values, dtype=float)
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise ValueError(f"coordinates have shape {xy.shape}; pass finite pairs, shape (n, 2).")
    return xy


def snap_to_streets(network: StreetNetwork, points) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest segment of each point, and where on it the nearest place is.

    Parameters
    ----------
    network : StreetNetwork
    points : (n, 2) array
        In the CRS of the network.

    Returns
    -------
    segment : (n,) int array
    along : (n,) array
        Share of the segment from its start to the foot, 0 to 1.
    away : (n,) array
        Straight distance of the point to the foot.

    Raises
    ------
    ValueError
        For coordinates that are no finite pairs.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> net = street_network(gpd.GeoDataFrame(geometry=[LineString([(0, 0), (4, 0)])]))
    >>> [float(each[0]) for each in snap_to_streets(net, [[1, 2]])]
    [0.0, 0.25, 2.0]
    """
    places = _points(points)
    import shapely

    ends = network.nodes[network.segments]
    tree = shapely.STRtree(shapely.linestrings(ends))
    segment = tree.nearest(shapely.points(places))
    a, b = ends[segment, 0], ends[segment, 1]
    edge = b - a
    square = np.maximum((edge**2).sum(axis=1), 1e-300)
    along = np.clip(((places - a) * edge).sum(axis=1) / square, 0.0, 1.0)
    away = np.hypot(*(places - a - along[:, None] * edge).T)
    return segment, along, away


def _split(network, cost, segment, along, size) -> sparse.csr_matrix:
    """The graph with each place as a node on its segment."""
    tail, head, value, oneway = [], [], [], []
    order = np.lexsort((along, segment))
    touched, begin = np.unique(segment[order], return_index=True)
    groups = np.split(order, begin[1:])
    whole = np.ones(len(cost), bool)
    whole[touched] = False
    tail.append(network.segments[whole, 0])
    head.append(network.segments[whole, 1])
    value.append(cost[whole])
    oneway.append(network.oneway[whole])
    for s, group in zip(touched, groups, strict=True):
        chain = np.r_[network.segments[s, 0], size + group, network.segments[s, 1]]
        tail.append(chain[:-1])
        head.append(chain[1:])
        value.append(np.diff(np.r_[0.0, along[group], 1.0]) * cost[s])
        oneway.append(np.full(chain.size - 1, network.oneway[s]))
    tail, head = np.concatenate(tail), np.concatenate(head)
    value, oneway = np.concatenate(value), np.concatenate(oneway)
    rows = np.r_[tail, head[~oneway]]
    columns = np.r_[head, tail[~oneway]]
    data = np.r_[value, value[~oneway]]
    # parallel ways: keep the shortest (a sparse matrix would add them up)
    order = np.lexsort((data, columns, rows))
    rows, columns, data = rows[order], columns[order], data[order]
    first = np.r_[True, (np.diff(rows) != 0) | (np.diff(columns) != 0)]
    total = size + len(segment)
    # stored zeros stay edges: two places may share one spot of a street
    return sparse.csr_matrix((data[first], (rows[first], columns[first])), shape=(total, total))
