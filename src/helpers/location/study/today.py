"""The posts of today: which of them are the town's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ..problem import travel
from .measures import distances

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["PostsOfToday", "posts_of_today"]


@dataclass(frozen=True, eq=False)
class PostsOfToday:
    """Posts of today, those that plans are compared with and those that serve others.

    Attributes
    ----------
    own : (k, 2) array
        Coordinates of those within the boundary; of all where none is within.
    outside : (m, 2) array
        Coordinates of the others.
    compared : (k + m,) bool array
        In the order of the layer, whether plans are compared with a post: whether it is an own one.
    inside : (k + m,) bool array
        Whether it stands within the boundary, its line included.
    """

    own: np.ndarray
    outside: np.ndarray
    compared: np.ndarray
    inside: np.ndarray

    def mean_with_outside(self, demand, xy, **ways: Any) -> float:
        """Mean way of a unit of demand to the nearest of all posts, were those outside free for it.

        NaN where there are none.

        Parameters
        ----------
        demand : (n,) array
            Weight of each demand node.
        xy : (n, 2) array
            Coordinates of the nodes, metres.
        **ways
            As `distances` takes them.
        """
        every = np.vstack([self.own, self.outside])
        if not len(every):
            return float("nan")
        far = distances(xy, every, **ways)
        return travel(demand, far, np.arange(len(every))) / float(np.sum(demand))


def posts_of_today(posts: gpd.GeoDataFrame | None, boundary: shapely.Geometry) -> PostsOfToday:
    """Part the posts of today into the town's own and those beyond its boundary.

    A post outside serves another town first, so a plan of as many patrols as stand inside is the
    one to hold against them.

    Parameters
    ----------
    posts : GeoDataFrame or None
        Points; None where the city states no policy.
    boundary : shapely Polygon or MultiPolygon
    """
    if posts is None:
        none, nobody = np.empty((0, 2)), np.empty(0, dtype=bool)
        return PostsOfToday(none, none, nobody, nobody)
    xy = np.column_stack([posts.geometry.x, posts.geometry.y])
    inside = np.asarray(shapely.covers(boundary, shapely.points(xy)), dtype=bool)
    compared = inside if inside.any() else np.ones(len(xy), dtype=bool)
    return PostsOfToday(xy[compared], xy[~compared], compared, inside)
