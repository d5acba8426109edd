"""A plan along streets: how well the streets hang together, and how much travels on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from helpers.space import (
    StreetFlow,
    connected_part,
    snap_to_streets,
    street_flow,
    street_network,
    with_speeds,
)

from ..problem import assign
from .measures import Speeds, speeds

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
    speeds : Speeds or None
        Where the speeds come from; None where ways are metres.
    """

    flow: StreetFlow
    length_km: float
    left_out: float
    pieces: int
    access_m: float
    farthest_m: float
    detour: float
    speeds: Speeds | None = None


def street_travel(
    xy,
    demand,
    distance,
    sites,
    *,
    streets: gpd.GeoDataFrame,
    metric: str = "streets",
    speed: float = 30.0,
) -> StreetTravel:
    r"""Drive to every node from its post along the streets, and add up.

    With :math:`f_e` the crimes that travel along piece :math:`e` of length :math:`l_e`,
    :math:`a_i` the straight way between node :math:`i` and its street and :math:`a_j` that of its
    post, the mean way is

    .. math:: \frac{\sum_e f_e l_e + \sum_i c_i (a_i + a_j)}{\sum_i c_i}

    where nothing is straight for the node at which the post stands.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates of the nodes, which are the sites too, metres.
    demand : (n,) array
        Crimes expected at each node.
    distance : (n, n) array
        Along the streets, from `distances`.
    sites : (p,) int array
        The plan.
    streets : GeoDataFrame
        Lines of the street network, in metres.
    metric : {"streets", "minutes"}
        The shortest ways, or the quickest.
    speed : float
        As in `distances`.

    Returns
    -------
    StreetTravel
    """
    xy, demand = np.asarray(xy, dtype=float), np.asarray(demand, dtype=float)
    sites = np.sort(np.asarray(sites))
    post = assign(distance, sites)
    timed = metric == "minutes"
    network = street_network(with_speeds(streets, speed) if timed else streets)
    part = connected_part(network)
    cost = part.network.length / part.network.speed if timed else None
    served = np.searchsorted(sites, post)
    flow = street_flow(part.network, xy, xy[sites], served, demand, cost=cost)
    _, _, off = snap_to_streets(part.network, xy)
    straight = np.hypot(*(xy - xy[post]).T)
    access = float(demand @ np.where(straight > 0, off + off[post], 0.0))
    along, total = float(flow.amount @ flow.length) + access, demand.sum()
    beeline = float(demand @ straight)
    return StreetTravel(
        flow=flow,
        length_km=part.length / 1000,
        left_out=part.left_out,
        pieces=part.pieces,
        access_m=float(access / total),
        farthest_m=float(off[demand > 0].max()),
        detour=along / beeline if beeline > 0 else np.nan,
        speeds=speeds(streets, speed) if timed else None,
    )
