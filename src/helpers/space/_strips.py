"""Which of many points lie in a polygon: one that asks for its edges strip by strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ._kernels import sides_of

_FEW = 32  # points that one asks of shapely alone


@dataclass(frozen=True, eq=False)
class Strips:
    """A polygon's edges listed by the horizontal strips that they reach into.

    Attributes
    ----------
    geometry : shapely Polygon or MultiPolygon
    edges : ndarray of float, shape (m, 4)
        Rows ax, ay, bx, by, all rings.
    begin : ndarray of int, shape (strips + 1,)
    listed : ndarray of int
        Rows begin[k] to begin[k + 1] are the edges of strip k.
    low, step : float
        Lower end of the lowest strip, height of each.
    """

    geometry: BaseGeometry
    edges: np.ndarray
    begin: np.ndarray
    listed: np.ndarray
    low: float
    step: float

    @classmethod
    def of(cls, geometry: BaseGeometry) -> Strips:
        """Twice as many strips as edges, 64 at least."""
        path, ring = shapely.get_coordinates(
            shapely.get_rings(shapely.get_parts(geometry)), return_index=True
        )
        same = ring[1:] == ring[:-1]
        edges = np.hstack([path[:-1], path[1:]])[same]
        below = np.minimum(edges[:, 1], edges[:, 3])
        above = np.maximum(edges[:, 1], edges[:, 3])
        low, high = float(below.min()), float(above.max())
        strips = min(max(64, 2 * len(edges)), 20_000)
        step = (high - low) / strips
        # one strip more at either end: rounding must not lose an edge
        first = np.clip(((below - low) / step).astype(np.int64) - 1, 0, strips)
        last = np.clip(((above - low) / step).astype(np.int64) + 1, 0, strips)
        number = last - first + 1
        edge = np.repeat(np.arange(len(edges)), number)
        strip = np.arange(len(edge)) - np.repeat(np.cumsum(number) - number - first, number)
        order = np.argsort(strip, kind="stable")
        begin = np.concatenate([[0], np.cumsum(np.bincount(strip, minlength=strips + 1))])
        return cls(geometry, edges, begin.astype(np.int64), edge[order], low, step)

    def holds(self, points: np.ndarray, predicate: Callable) -> np.ndarray:
        """Whether each point lies in the polygon, as ``predicate(geometry, x, y)`` says it.

        Points clear of all edges are asked of the strips, which for them say what `shapely.contains_xy`
        and `shapely.intersects_xy` say; the others, and a few points, are asked of the predicate.
        """
        if len(points) <= _FEW:
            return predicate(self.geometry, points[:, 0], points[:, 1])
        # a copy, for views of other kinds would be compiled for once more
        points = np.array(points, dtype=float, order="C")
        side = sides_of(points, self.edges, self.begin, self.listed, self.low, self.step)
        inside = side == 1
        near = np.flatnonzero(side == 2)
        if len(near):
            shapely.prepare(self.geometry)
            inside[near] = predicate(self.geometry, points[near, 0], points[near, 1])
        return inside
