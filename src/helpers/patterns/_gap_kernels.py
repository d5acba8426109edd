"""Compiled loop of drawn gaps between two distribution functions."""

import numpy as np

from helpers.compiled import compiled


@compiled(nogil=True)
def widest_gaps(steps, dealt):
    """Largest distance of each row's share of points from a uniform distribution.

    `steps` are exponential numbers, shape (k, m + 1): sums of them over their total are uniform
    numbers in ascending order. `dealt` is the share of the points at each of them, shape (k, m).
    """
    found = np.empty(len(steps))
    for row in range(len(steps)):
        total = 0.0
        for n in range(steps.shape[1]):
            total += steps[row, n]
        until, after, widest = 0.0, 0.0, 0.0
        for n in range(dealt.shape[1]):
            until += steps[row, n]
            u = until / total
            share = dealt[row, n]
            after += share
            widest = max(widest, after - u, u - (after - share))
        found[row] = widest
    return found
