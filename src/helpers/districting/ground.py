"""Plans on the ground: areas are contiguous by a table of borders; what do their polygons say?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.space import dissolved

if TYPE_CHECKING:
    import shapely

__all__ = ["pieces_on_the_ground"]


def pieces_on_the_ground(
    shapes: Sequence[shapely.Geometry], assignment: Sequence[int]
) -> pd.DataFrame:
    """In how many pieces each area lies, and how much of it is not in the largest one.

    Units may hang together by a corner, a stated link or a bridge, or lie in several pieces
    themselves: then an area is contiguous and yet in pieces for who has to drive.

    Parameters
    ----------
    shapes : sequence of shapely geometries, length n
        Polygon of each unit.
    assignment : sequence of int, length n
        Area of each unit, 0, 1, …

    Returns
    -------
    pandas.DataFrame
        Index ``area``; pieces (1 where the area is of one piece), detached_share (of its surface,
        outside its largest piece; 0 to 1).

    Examples
    --------
    >>> import shapely
    >>> squares = [shapely.box(x, 0, x + 1, 1) for x in (0, 1, 5)]
    >>> pieces_on_the_ground(squares, [0, 0, 0]).round(3).to_dict("list")
    {'pieces': [2], 'detached_share': [0.333]}
    """
    import shapely

    rows = []
    for whole in dissolved(shapes, assignment):
        parts = shapely.area(shapely.get_parts(whole))
        # not 1 less the largest share, which rounds to a little more than nothing
        rows.append((len(parts), (np.sort(parts)[:-1].sum() / parts.sum())))
    table = pd.DataFrame(rows, columns=["pieces", "detached_share"])
    return table.rename_axis("area")
