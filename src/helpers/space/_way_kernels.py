"""Compiled loops of the shortest ways: streets contracted in an order, then swept up and down."""

import numpy as np

from helpers.compiled import compiled

LANES = 32
"""Sources that are swept together: their distances to a node lie side by side."""


@compiled(nogil=True)
def contract(start, head, row_start, row_tail, row_arc, there, back):
    """Shorten each arc by the ways through the nodes below both of its ends, in place.

    Arcs lead from a node to higher ones: those of node v are `start[v]` to `start[v + 1]`, sorted
    by `head`; `row_tail` and `row_arc` list them by head.  `there` and `back` are the costs of an
    arc upwards and downwards.  False where an arc is missing that such a way would need.
    """
    n = start.size - 1
    seen = np.full(n, -1)
    arc = np.empty(n, np.int64)
    for a in range(n):
        for e in range(start[a], start[a + 1]):
            seen[head[e]] = a
            arc[head[e]] = e
        for k in range(row_start[a], row_start[a + 1]):
            low = row_arc[k]
            up, down = there[low], back[low]
            for e in range(low + 1, start[row_tail[k] + 1]):
                b = head[e]
                if seen[b] != a:
                    return False
                q = arc[b]
                there[q] = min(there[q], down + there[e])
                back[q] = min(back[q], back[e] + up)
    return True


@compiled(nogil=True)
def ways(start, head, there, back, sources, ends, out):
    """Fill out[i, j] with the cost of the shortest way from source i to end j."""
    n = start.size - 1
    cost = np.empty((n, LANES))
    for first in range(0, sources.size, LANES):
        lanes = min(LANES, sources.size - first)
        cost[:] = np.inf
        for lane in range(lanes):
            v = sources[first + lane]
            cost[v, lane] = 0.0
            while start[v] < start[v + 1]:
                so_far = cost[v, lane]
                for e in range(start[v], start[v + 1]):
                    u = head[e]
                    cost[u, lane] = min(cost[u, lane], so_far + there[e])
                v = head[start[v]]
        for v in range(n - 1, -1, -1):
            for e in range(start[v], start[v + 1]):
                u, step = head[e], back[e]
                for lane in range(LANES):
                    way = cost[u, lane] + step
                    if way < cost[v, lane]:
                        cost[v, lane] = way
        for j in range(ends.size):
            for lane in range(lanes):
                out[first + lane, j] = cost[ends[j], lane]
