"""Compiled loops of the windows: distances from many points to a polygon's boundary."""

import numpy as np

from helpers.compiled import compiled

BLOCK = 16
"""Edges to one bounding box.  Edges are stored ring by ring, so neighbours in the table are
neighbours in space and sixteen of them fill a small box."""


@compiled(nogil=True)
def boundary_distances(points, edges, boxes, block, at_most):
    """Distance of each point to the nearest of the edges (rows ax, ay, bx, by), or `at_most`."""
    distances = np.empty(len(points))
    n_boxes = len(boxes)
    nearest = 0
    for i in range(len(points)):
        x = points[i, 0]
        y = points[i, 1]
        # The edge nearest to the previous point is a good first guess: it prunes most boxes.
        best = min(_squared_distance(x, y, edges, nearest), at_most * at_most)
        for box in range(n_boxes):
            dx = max(boxes[box, 0] - x, x - boxes[box, 2], 0.0)
            dy = max(boxes[box, 1] - y, y - boxes[box, 3], 0.0)
            if dx * dx + dy * dy >= best:
                continue
            for e in range(box * block, min((box + 1) * block, len(edges))):
                candidate = _squared_distance(x, y, edges, e)
                if candidate < best:
                    best = candidate
                    nearest = e
        distances[i] = np.sqrt(best)
    return distances


@compiled(nogil=True)
def _squared_distance(x, y, edges, e):
    ax = edges[e, 0] - x
    ay = edges[e, 1] - y
    dx = edges[e, 2] - edges[e, 0]
    dy = edges[e, 3] - edges[e, 1]
    t = -(ax * dx + ay * dy) / (dx * dx + dy * dy)
    if t <= 0.0:
        return ax * ax + ay * ay
    if t >= 1.0:
        bx = edges[e, 2] - x
        by = edges[e, 3] - y
        return bx * bx + by * by
    # The cross product keeps full precision for points almost on the line.
    cross = ax * dy - ay * dx
    return cross * cross / (dx * dx + dy * dy)


@compiled(nogil=True)
def sides_of(points, edges, begin, listed, low, step):
    """Where points lie: 1 inside the polygon, 0 outside it, 2 too near an edge to say.

    The plane is cut into strips of equal height from `low` on; rows begin[k] to begin[k + 1] of
    `listed` are the edges that reach into strip k. A point is inside if a ray from it to the right
    crosses the boundary an odd number of times. On which side of an edge a point lies is the sign
    of a determinant, which counts where it is larger than its rounding error.
    """
    found = np.empty(len(points), dtype=np.int8)
    strips = len(begin) - 1
    for i in range(len(points)):
        x = points[i, 0]
        y = points[i, 1]
        found[i] = 0
        at = (y - low) / step
        if not (0.0 <= at < strips):
            continue
        strip = int(at)
        odd = False
        for k in range(begin[strip], begin[strip + 1]):
            e = listed[k]
            ay = edges[e, 1]
            by = edges[e, 3]
            if y in (ay, by):
                found[i] = 2
                break
            if (ay > y) == (by > y):
                continue
            left = (edges[e, 2] - edges[e, 0]) * (y - ay)
            right = (x - edges[e, 0]) * (by - ay)
            gap = left - right
            if abs(gap) <= 1e-14 * (abs(left) + abs(right)):
                found[i] = 2
                break
            if (gap > 0.0) == (by > ay):
                odd = not odd
        else:
            found[i] = odd
    return found
