"""Compiled loops over points sorted by squares: the nearest one, clusters of density, distances."""

from __future__ import annotations

import numpy as np

from helpers.compiled import compiled

from ._places import extent

CROWDED = 40  # points of a square
FILLED = 0.2  # of the squares, at least: rings about one that lies far from all points are long


def by_squares(points: np.ndarray, side: float, also: np.ndarray | None = None):
    """Points in order of squares, with what finds them again.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    side : float
        Of the squares; longer where there would be more than four million.
    also : ndarray of float, shape (m, 2), optional
        Other locations that the squares are to cover.

    Returns
    -------
    tuple
        Order of the points, where those of each square begin, squares along both axes, low corner, side.
    """
    low, high = extent(points)
    if also is not None:
        least, greatest = extent(also)
        low, high = np.minimum(low, least), np.maximum(high, greatest)
    # a little longer, so that rounding never parts places that are neighbours by two squares
    side = max(float(side) * (1 + 1e-9), float((high - low).max()) / 2000, 1e-300)
    steps = ((high - low) * (1.0 / side)).astype(np.int64) + 1
    order, begin = _sorted_by_squares(np.array(points, dtype=float, order="C"), steps, low, side)
    return order, begin, steps, low, side


@compiled(nogil=True)
def _sorted_by_squares(points, steps, low, side):
    """Points in order of squares, those of one square as they came, and where each square begins."""
    n = len(points)
    inverse = 1.0 / side
    square = np.empty(n, dtype=np.int64)
    begin = np.zeros(steps[0] * steps[1] + 1, dtype=np.int64)
    for i in range(n):
        column = int((points[i, 0] - low[0]) * inverse)
        square[i] = column * steps[1] + int((points[i, 1] - low[1]) * inverse)
        begin[square[i] + 1] += 1
    for k in range(1, len(begin)):
        begin[k] += begin[k - 1]
    following = begin.copy()
    order = np.empty(n, dtype=np.int64)
    for i in range(n):
        order[following[square[i]]] = i
        following[square[i]] += 1
    return order, begin


def even(begin: np.ndarray) -> bool:
    """Whether no square is so full, nor so many are empty, that a tree would find its way faster."""
    held = np.diff(begin)
    return int(held.max()) <= CROWDED and bool((held > 0).mean() >= FILLED)


@compiled(nogil=True)
def nearest_distances(points, begin, steps, low, side, targets, own):
    """Distance of each target to the nearest point, in rings of squares about the target's.

    own[i] is the point that target i itself is, which does not count; -1 for none.
    """
    found = np.empty(len(targets))
    inverse = 1.0 / side
    for i in range(len(targets)):
        x, y = targets[i, 0], targets[i, 1]
        column = min(max(int((x - low[0]) * inverse), 0), steps[0] - 1)
        row = min(max(int((y - low[1]) * inverse), 0), steps[1] - 1)
        across, along = x - low[0] - column * side, y - low[1] - row * side
        margin = max(0.0, min(min(across, side - across), min(along, side - along)))
        best, beyond = np.inf, 0.0
        ring = 0
        while ring <= steps[0] + steps[1] and best > beyond * beyond:
            for u in range(max(0, column - ring), min(steps[0], column + ring + 1)):
                inner = abs(u - column) < ring
                jump = 2 * ring if inner else 1
                for v in range(row - ring, row + ring + 1, jump):
                    if v < 0 or v >= steps[1]:
                        continue
                    square = u * steps[1] + v
                    for j in range(begin[square], begin[square + 1]):
                        if j != own[i]:
                            dx, dy = x - points[j, 0], y - points[j, 1]
                            best = min(best, dx * dx + dy * dy)
            # less what rounding may have moved a point that lies on a side
            beyond = (margin + ring * side) * (1.0 - 1e-9)
            ring += 1
        found[i] = np.sqrt(best)
    return found


@compiled(nogil=True)
def product_limit(observed, ends, r):
    """Kaplan-Meier estimate at ascending r, from ascending observed distances and ends of all."""
    found = np.empty(len(r))
    surviving = 1.0
    first = 0
    before = 0
    for k in range(len(r)):
        while first < len(observed) and observed[first] <= r[k]:
            last = first
            while last < len(observed) and observed[last] == observed[first]:
                last += 1
            while ends[before] < observed[first]:
                before += 1
            surviving *= 1.0 - (last - first) / (len(ends) - before)
            first = last
        found[k] = 1.0 - surviving
    return found


@compiled(nogil=True)
def density_reached(points, weights, begin, steps, low, side, eps, least, first):
    """DBSCAN: cluster of each place, and whether it is a core.

    Places lie in order of squares no shorter than eps; `first` names them in the order in which
    clusters are numbered. A place that cores of several clusters reach is the first cluster's.
    """
    n = len(points)
    column = np.empty(n, dtype=np.int64)
    row = np.empty(n, dtype=np.int64)
    core = np.zeros(n, dtype=np.bool_)
    limit = eps * eps
    inverse = 1.0 / side
    for i in range(n):
        column[i] = int((points[i, 0] - low[0]) * inverse)
        row[i] = int((points[i, 1] - low[1]) * inverse)
        mass = 0
        for u in range(max(0, column[i] - 1), min(steps[0], column[i] + 2)):
            lowest = u * steps[1] + max(0, row[i] - 1)
            highest = u * steps[1] + min(steps[1], row[i] + 2)
            for j in range(begin[lowest], begin[highest]):
                dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
                if dx * dx + dy * dy <= limit:
                    mass += weights[j]
            if mass >= least:
                break
        core[i] = mass >= least
    label = np.full(n, -1, dtype=np.int64)
    waiting = np.empty(n, dtype=np.int64)
    number = 0
    for start in first:
        if label[start] >= 0 or not core[start]:
            continue
        label[start] = number
        waiting[0] = start
        top = 1
        while top > 0:
            top -= 1
            i = waiting[top]
            for u in range(max(0, column[i] - 1), min(steps[0], column[i] + 2)):
                lowest = u * steps[1] + max(0, row[i] - 1)
                highest = u * steps[1] + min(steps[1], row[i] + 2)
                for j in range(begin[lowest], begin[highest]):
                    if label[j] >= 0:
                        continue
                    dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
                    if dx * dx + dy * dy <= limit:
                        label[j] = number
                        if core[j]:
                            waiting[top] = j
                            top += 1
        number += 1
    return label, core
