"""Compiled loops of the hot spots: sums over random surroundings."""

import numpy as np

from helpers.compiled import compiled


@compiled(nogil=True)
def count_extremes(order, field, degree, least, most, above, below):
    """Add to `above` and `below` how often each zone's random surroundings reach its own sums.

    Each row of `order` is an order of all zones; a zone's surroundings are the first so many of it,
    itself left out.
    """
    n = len(field)
    place = np.empty(n, np.int64)
    running = np.zeros(n + 1)
    for row in range(len(order)):
        for k in range(n):
            zone = order[row, k]
            place[zone] = k
            running[k + 1] = running[k] + field[zone]
        for zone in range(n):
            # where the zone itself is among its first, take one more and leave it out
            if place[zone] < degree[zone]:
                total = running[degree[zone] + 1] - field[zone]
            else:
                total = running[degree[zone]]
            above[zone] += total >= least[zone]
            below[zone] += total <= most[zone]
