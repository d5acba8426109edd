"""What a simulated cluster process expects in each cell: the best forecast there can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from helpers.checks import positive

from .cells import Cells
from .events import place_array


def disc_shares(cells: Cells, centres: Any, radius: float) -> np.ndarray:
    """Share of each disc that lies in each cell, inside the window.

    An intensity that is even in discs (a Matérn cluster process given its parents) times this is
    the expected number of events of each cell.

    Parameters
    ----------
    cells : Cells
        Cells with the centre outside give their share to their home, as their events do.
    centres : (m, 2) array
        Metres.
    radius : float
        Metres.

    Returns
    -------
    (m, cells) array
        Rows add up to the share of the disc inside the window.

    Examples
    --------
    >>> from helpers.forecasting import make_cells
    >>> cells = make_cells(shapely.box(0, 0, 10, 10), 2, 1)
    >>> disc_shares(cells, [[5.0, 5.0]], 2.0).round(3).tolist()
    [[0.5, 0.5]]
    """
    middle = place_array(centres, "centres")
    radius = positive(radius, "radius")
    x, y = cells.table["x"].to_numpy(), cells.table["y"].to_numpy()
    up, across = cells.steps
    boxes = shapely.box(x - across / 2, y - up / 2, x + across / 2, y + up / 2)
    shapely.prepare(cells.geometry)
    cut = ~shapely.covers(cells.geometry, boxes)
    boxes[cut] = shapely.intersection(boxes[cut], cells.geometry)
    discs = shapely.buffer(shapely.points(middle), radius, quad_segs=90)
    whole = shapely.area(discs)
    disc, cell = shapely.STRtree(boxes).query(discs, predicate="intersects")
    area = shapely.area(shapely.intersection(discs[disc], boxes[cell]))
    found = np.zeros((len(middle), len(cells)))
    np.add.at(found, (disc, cells.home[cell]), area / whole[disc])
    return found
