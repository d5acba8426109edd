"""A plan along streets: how well the streets hang together, and how much travels on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from helpers.space import StreetFlow, connected_part, street_flow, street_network

from ..problem import assign, travel

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["StreetTravel", "street_travel"]


@dataclass(frozen=True, eq=False)
class StreetTravel:
    """What a plan makes drive along the streets.

    Attributes
    ----------
    flow : StreetFlow
        Crimes whose patrol drives along each piece of street.
    length_km : float
        Of all streets of the layer.
    left_out : float
        Share of that length on which nothing drives, because it does not hang together with the
        rest.
    pieces : int
        How many parts the streets fall into.
    access_m : float
        Of the mean way of a crime, what is straight: from the post to its street, and from the
        street to the node.
    farthest_m : float
        From the farthest node with demand straight to the nearest street.
    detour : float
        Mean way over the mean straight way to the same posts; NaN where no crime has any way.
    """

    flow: StreetFlow
    length_km: float
    left_out: float
    pieces: int
    access_m: float
    farthest_m: float
    detour: float


def street_travel(streets: gpd.GeoDataFrame, xy, demand, distance, sites) -> StreetTravel:
    r"""Drive to every node from its post along the streets, and add up.

    With :math:`f_e` the crimes that travel along piece :math:`e` of length :math:`l_e`, and
    :math:`d_{ij}` the way to node :math:`i` from its post :math:`j`, the straight part of the mean
    way is

    .. math:: \frac{\sum_i c_i d_{ij} - \sum_e f_e l_e}{\sum_i c_i}

    Parameters
    ----------
    streets : GeoDataFrame
        Lines of the street network, in metres.
    xy : (n, 2) array
        Coordinates of the nodes, which are the sites too, metres.
    demand : (n,) array
        Crimes expected at each node.
    distance : (n, n) array
        Along the streets, from `distances`.
    sites : (p,) int array
        The plan.

    Returns
    -------
    StreetTravel
    """
    xy, demand = np.asarray(xy, dtype=float), np.asarray(demand, dtype=float)
    sites = np.sort(np.asarray(sites))
    post = assign(distance, sites)
    part = connected_part(street_network(streets))
    network = part.network
    flow = street_flow(network, xy, xy[sites], np.searchsorted(sites, post), demand)
    total = demand.sum()
    along = travel(demand, distance, sites)
    straight = float(demand @ np.hypot(*(xy - xy[post]).T))
    lines = shapely.linestrings(network.nodes[network.segments])
    held = shapely.points(xy[demand > 0])
    _, away = shapely.STRtree(lines).query_nearest(held, all_matches=False, return_distance=True)
    return StreetTravel(
        flow=flow,
        length_km=part.length / 1000,
        left_out=part.left_out,
        pieces=part.pieces,
        access_m=max(0.0, float((along - flow.amount @ flow.length) / total)),
        farthest_m=float(away.max()),
        detour=along / straight if straight > 0 else np.nan,
    )
