"""Compiled loops that list close pairs of points and weigh them for the window's edge."""

import math

import numpy as np

from helpers.compiled import compiled

from ._kernels import circle_fraction, edges_about, set_covariance


@compiled(nogil=True)
def neighbour_counts(points, starts, columns, rows, reach, limit, found):
    """Number of other points within √limit of each point; `points` are sorted by cell."""
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                for other in range(max(row - reach, 0), min(row + reach, rows - 1) + 1):
                    first = starts[other * columns + left]
                    for j in range(first, starts[other * columns + right + 1]):
                        dx = points[j, 0] - points[i, 0]
                        dy = points[j, 1] - points[i, 1]
                        if dx * dx + dy * dy <= limit and i != j:
                            found[i] += 1


@compiled(nogil=True)
def neighbour_list(points, starts, columns, reach, rows, limit, begin, end, cells, i_of, j_of, far):
    """Ordered pairs within √limit whose first point is begin to end, and their distances.

    `cells[i]` is the cell of point i.
    """
    count = 0
    for i in range(begin, end):
        row = cells[i] // columns
        column = cells[i] - row * columns
        right = min(column + reach, columns - 1)
        left = max(column - reach, 0)
        for other in range(max(row - reach, 0), min(row + reach, rows - 1) + 1):
            first = starts[other * columns + left]
            for j in range(first, starts[other * columns + right + 1]):
                dx = points[j, 0] - points[i, 0]
                dy = points[j, 1] - points[i, 1]
                squared = dx * dx + dy * dy
                if squared <= limit and i != j:
                    i_of[count] = i
                    j_of[count] = j
                    far[count] = math.sqrt(squared)
                    count += 1


@compiled(nogil=True)
def isotropic_weights(points, i_of, j_of, limit, distances, edges, weights):
    """One over the fraction of the circle about x_i through x_j in the polygon, at most 100.

    Pairs of one i follow one another; `distances` are those of the points to the boundary.
    """
    near = np.empty((len(edges), 5))
    about = -1
    count = 0
    for k in range(len(i_of)):
        i = i_of[k]
        x = points[i, 0]
        y = points[i, 1]
        dx = points[j_of[k], 0] - x
        dy = points[j_of[k], 1] - y
        squared = dx * dx + dy * dy
        if squared <= distances[i] * distances[i]:
            weights[k] = 1.0
            continue
        if about != i:
            about = i
            count = edges_about(x, y, edges, limit, near)
        weights[k] = 1.0 / max(circle_fraction(squared, x, y, near, count, edges), 0.01)


@compiled(nogil=True)
def overlaps(points, i_of, j_of, width, height, table, step, slabs, areas):
    """Area of W ∩ (W + x_j − x_i) of each pair.

    By the sides of a rectangle if width > 0, interpolated in `table` (lags step apart, zero lag in
    the middle of the first column) if that is not empty, summed exactly over `slabs` otherwise.
    """
    middle = table.shape[0] // 2
    for k in range(len(i_of)):
        dx = points[j_of[k], 0] - points[i_of[k], 0]
        dy = points[j_of[k], 1] - points[i_of[k], 1]
        if width > 0.0:
            areas[k] = (width - abs(dx)) * (height - abs(dy))
        elif table.size > 0:
            if dx < 0.0:
                dx = -dx
                dy = -dy
            u = dx / step
            v = dy / step + middle
            a = int(u)
            b = int(v)
            u -= a
            v -= b
            below = (1.0 - u) * table[b, a] + u * table[b, a + 1]
            areas[k] = (1.0 - v) * below + v * (
                (1.0 - u) * table[b + 1, a] + u * table[b + 1, a + 1]
            )
        else:
            areas[k] = set_covariance(dx, dy, *slabs)


@compiled(nogil=True)
def time_pairs(moments, limits, low, high, sums, rows, columns):
    """Sums over ordered pairs of moments, by the first limit that holds the time between.

    `moments` ascend within [low, high]. With v_ij 1 if both t_i − u and t_i + u lie in there and 2
    otherwise: `sums` gets Σ v, Σ v² and Σ v_ij v_ji, `rows` and `columns` each moment's Σ_j v_ij and
    Σ_j v_ji.
    """
    largest = limits[-1]
    for i in range(len(moments)):
        k = 0
        for j in range(i + 1, len(moments)):
            apart = moments[j] - moments[i]
            if apart > largest:
                break
            while apart > limits[k]:
                k += 1
            first = 1.0 if moments[i] - apart >= low and moments[i] + apart <= high else 2.0
            second = 1.0 if moments[j] - apart >= low and moments[j] + apart <= high else 2.0
            sums[0, k] += first + second
            sums[1, k] += first * first + second * second
            sums[2, k] += 2.0 * first * second
            rows[i, k] += first
            rows[j, k] += second
            columns[i, k] += second
            columns[j, k] += first
