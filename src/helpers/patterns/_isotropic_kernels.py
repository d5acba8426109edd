"""Compiled loops of isotropic K: distances of all pairs, and what of circles lies in a polygon.

Loops go over arrays without branches, several numbers at a time: that, not the arithmetic, is
what the time of many pairs hangs on.
"""

import math

import numpy as np

from helpers.compiled import compiled

from ._kernels import bin_of, circle_fraction, edges_about

BANDS = 64
"""Bands of squared distance by which a point's pairs are sorted, so that an edge meets few of them."""

_TURN = 1.0 / (2.0 * math.pi)
_EIGHTH = math.sqrt(2.0) - 1.0
# atan(m) / m as a polynomial of m² for |m| <= tan(π / 8), through the Chebyshev points: 7e-17 off
_ARC = (
    1.0,
    -0.3333333333332844,
    0.1999999999885511,
    -0.14285714180976467,
    0.11111106180455946,
    -0.09090773074808413,
    0.07689953496306848,
    -0.0664023393042932,
    0.05688349226808552,
    -0.04348052215715138,
    0.02113537315767703,
)


@compiled(nogil=True, error_model="numpy")
def pair_histogram(x, y, repeats, starts, columns, rows, reach, r, inverse_step, histogram):
    """Unordered pairs by distance, by bin of r: smallest k with d <= r[k]; as `pair_counts`."""
    last = len(r)
    least, largest = r[0], r[-1]
    limit = largest * largest
    even = inverse_step > 0.0
    scale = inverse_step if even else _guide_scale(r)
    guide = _guide(r, scale)
    room = _largest_row(starts, columns, rows, reach)
    away, bins = np.empty(room), np.empty(room, np.int32)
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                own = repeats[i]
                for other in range(row, min(row + reach, rows - 1) + 1):
                    first = i + 1 if other == row else starts[other * columns + left]
                    size = starts[other * columns + right + 1] - first
                    _squares(x[first : first + size], y[first : first + size], x[i], y[i], away)
                    for n in range(size):
                        # what is too far goes to the last bin, which is not asked for
                        away[n] = math.sqrt(away[n]) if away[n] <= limit else np.inf
                        bins[n] = np.int32((min(away[n], largest) - least) * scale)
                    if not even:
                        for n in range(size):
                            bins[n] = guide[max(bins[n], 0)]
                    theirs = repeats[first : first + size]
                    for n in range(size):
                        d = away[n]
                        k = min(max(bins[n], 0), last - 1)
                        while k < last and r[k] < d:
                            k += 1
                        while k > 0 and r[k - 1] >= d:
                            k -= 1
                        histogram[k] += own * theirs[n]


@compiled(nogil=True, error_model="numpy")
def _guide_scale(r):
    """Steps of `_guide` in one unit of r, four for each bin."""
    return 4.0 * len(r) / (r[-1] - r[0]) if r[-1] > r[0] else 0.0


@compiled(nogil=True, error_model="numpy")
def _guide(r, scale):
    """For each of so many even steps over r the first bin that ends there or later."""
    steps = int((r[-1] - r[0]) * scale) + 1
    guide = np.empty(steps + 1, np.int32)
    k = 0
    for step in range(steps + 1):
        while k < len(r) - 1 and (r[k] - r[0]) * scale < step:
            k += 1
        guide[step] = k
    return guide


@compiled(nogil=True, error_model="numpy")
def pair_isotropic(
    x, y, repeats, starts, columns, rows, reach, r, inverse_step, distances, edges, extra
):
    """Sum of (w_ij − 1) over the ordered pairs with d_ij > b_i, by bin of r.

    w_ij is one over the fraction of the circle about x_i through x_j in the polygon; for
    d_ij <= b_i the circle lies inside, so w_ij = 1 adds nothing here. Returns the largest w_ij.
    """
    largest = r[-1]
    limit = largest * largest
    heaviest = 1.0
    near = np.empty((len(edges), 5))
    room = (2 * reach + 1) * _largest_row(starts, columns, rows, reach) + 1
    squares, inverse, turns = np.empty(room), np.empty(room), np.empty(room)
    across, up = np.empty(room), np.empty(room)
    numbers, found, theirs = np.empty(room), np.empty(room), np.empty(room)
    band = np.empty(room, np.int32)
    ends = np.empty(BANDS + 1, np.int64)
    scale = BANDS / limit if limit > 0.0 else 0.0
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                if distances[i] >= largest:
                    continue
                lower = distances[i] * distances[i]
                size = 0
                for other in range(max(row - reach, 0), min(row + reach, rows - 1) + 1):
                    first = starts[other * columns + left]
                    stop = starts[other * columns + right + 1]
                    _squares(x[first:stop], y[first:stop], x[i], y[i], turns)
                    for n in range(stop - first):
                        found[size] = turns[n]
                        theirs[size] = repeats[first + n]
                        size += (turns[n] <= limit) & (turns[n] > lower) & (first + n != i)
                if size == 0:
                    continue
                ends[:] = 0
                for n in range(size):
                    band[n] = min(int(found[n] * scale), BANDS - 1)
                    ends[band[n] + 1] += 1
                for b in range(BANDS):
                    ends[b + 1] += ends[b]
                for n in range(size):
                    at = ends[band[n]]
                    squares[at] = found[n]
                    numbers[at] = theirs[n]
                    ends[band[n]] = at + 1
                # ends[b] is now where band b ends
                for n in range(size):
                    inverse[n] = 1.0 / math.sqrt(squares[n])
                    across[n] = 1.0
                    up[n] = 0.0
                count = edges_about(x[i], y[i], edges, limit, near)
                for k in range(count):
                    b = min(int(near[k, 0] * scale), BANDS - 1)
                    first = 0 if b == 0 else ends[b - 1]
                    stop = ends[int(min(max(near[k, 1], near[k, 2]) * scale, BANDS - 1.0))]
                    part = squares[first:stop], inverse[first:stop], across[first:stop]
                    _cross(*part, up[first:stop], near[k])
                _as_turns(across[:size], up[:size], turns)
                for n in range(size):
                    share = turns[n]
                    if not 1e-9 < share < 1.0 - 1e-9:
                        share = circle_fraction(squares[n], x[i], y[i], near, count, edges)
                    weight = 1.0 / max(share, 0.01)
                    heaviest = max(heaviest, weight)
                    if weight > 1.0:
                        k = bin_of(math.sqrt(squares[n]), r, inverse_step)
                        extra[k] += repeats[i] * numbers[n] * (weight - 1.0)
    return heaviest


@compiled(nogil=True)
def _largest_row(starts, columns, rows, reach):
    """Most points in one row of the cells about a cell."""
    most = 0
    for row in range(rows):
        for column in range(columns):
            first = starts[row * columns + max(column - reach, 0)]
            most = max(most, starts[row * columns + min(column + reach, columns - 1) + 1] - first)
    return most


@compiled(nogil=True, error_model="numpy")
def _squares(xs, ys, x, y, away):
    """Squared distances of points to one of them."""
    for n in range(len(xs)):
        dx = xs[n] - x
        dy = ys[n] - y
        away[n] = dx * dx + dy * dy


@compiled(nogil=True, error_model="numpy")
def _cross(squares, inverse, across, up, edge):
    """Turn (across, up) of each circle by the angle that it gains or loses where an edge cuts it.

    What `circle_fraction` adds to an angle multiplies a complex number of size 1 here, so that
    no arc cosine is needed: its cosine u is known, and its sine v.
    """
    nearest, at_a, at_b, h = edge[0], edge[1], edge[2], edge[3]
    to_x, to_y = math.cos(edge[4]), math.sin(edge[4])
    for n in range(len(squares)):
        a = at_a < squares[n]
        b = at_b < squares[n]
        u = min(max(h * inverse[n], -1.0), 1.0)
        v = math.sqrt((1.0 - u) * (1.0 + u))
        p = (u - v) * (u + v)
        q = -2.0 * u * v
        p = to_x * u + to_y * v if b else p
        q = to_y * u - to_x * v if b else q
        p = to_x * u - to_y * v if a else p
        q = -(to_y * u + to_x * v) if a else q
        missed = (nearest >= squares[n]) | (a & b)
        p = 1.0 if missed else p
        q = 0.0 if missed else q
        before = across[n]
        across[n] = before * p - up[n] * q
        up[n] = before * q + up[n] * p


@compiled(nogil=True, error_model="numpy")
def _as_turns(across, up, turns):
    """Angles of directions from the first axis counter-clockwise, full turns from 0 to 1."""
    for n in range(len(across)):
        wide, high = abs(across[n]), abs(up[n])
        small, large = min(wide, high), max(wide, high)
        far = small > _EIGHTH * large
        slope = (small - large if far else small) / (small + large if far else large)
        z = slope * slope
        value = _ARC[10]
        value = value * z + _ARC[9]
        value = value * z + _ARC[8]
        value = value * z + _ARC[7]
        value = value * z + _ARC[6]
        value = value * z + _ARC[5]
        value = value * z + _ARC[4]
        value = value * z + _ARC[3]
        value = value * z + _ARC[2]
        value = value * z + _ARC[1]
        value = value * z + _ARC[0]
        turn = value * slope * _TURN
        turn = turn + 0.125 if far else turn
        turn = 0.25 - turn if high > wide else turn
        turn = 0.5 - turn if across[n] < 0.0 else turn
        turns[n] = 1.0 - turn if up[n] < 0.0 else turn
