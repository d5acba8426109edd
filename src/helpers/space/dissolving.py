"""Zones dissolved into the areas of a plan, each group of zones once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

__all__ = ["dissolved"]


class _Group:
    """Polygons that are equal to others where they are the same objects in the same order."""

    __slots__ = ("key", "shapes")

    def __init__(self, shapes: np.ndarray):
        self.shapes = shapes
        self.key = tuple(map(id, shapes))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Group) and self.key == other.key


@lru_cache(maxsize=4096)
def _union(group: _Group) -> shapely.Geometry:
    return shapely.union_all(group.shapes)


def dissolved(
    shapes: Sequence[shapely.Geometry], label: Any, areas: Iterable[Any] | None = None
) -> np.ndarray:
    """The union of the zones of each area.

    Plans of one map share many of their areas, and each is asked for by several tables and layers:
    a union that was made of the same zones is kept.

    Parameters
    ----------
    shapes : sequence of shapely geometries, length n
        Polygon of each zone.
    label : (n,) array
        Area of each zone.
    areas : iterable, optional
        The areas wanted, in this order; 0, 1, … to the largest label by default.

    Returns
    -------
    (k,) array of shapely geometries

    Examples
    --------
    >>> squares = [shapely.box(x, 0, x + 1, 1) for x in range(3)]
    >>> shapely.area(dissolved(squares, [0, 0, 1])).tolist()
    [2.0, 1.0]
    """
    drawn = np.empty(len(shapes), dtype=object)
    drawn[:] = list(shapes)
    label = np.asarray(label)
    wanted = range(int(label.max()) + 1) if areas is None else areas
    found = [_union(_Group(drawn[label == area])) for area in wanted]
    whole = np.empty(len(found), dtype=object)
    whole[:] = found
    return whole
