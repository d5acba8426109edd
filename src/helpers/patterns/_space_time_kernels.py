"""Compiled loops over pairs of events that are close in space and in time."""

import numpy as np

from helpers.compiled import compiled


@compiled(nogil=True)
def space_band(dx, dy, limits, squares, manhattan, closed):
    """Smallest k whose limit holds a pair that far apart; their number if none does.

    `squares` are the squared limits; a closed limit holds a pair exactly at it.
    """
    last = len(limits) - 1
    if manhattan:
        far = abs(dx) + abs(dy)
        bounds = limits
    else:
        far = dx * dx + dy * dy
        bounds = squares
    if far > bounds[last] or (not closed and far == bounds[last]):
        return last + 1
    k = 0
    if closed:
        while far > bounds[k]:
            k += 1
    else:
        while far >= bounds[k]:
            k += 1
    return k


@compiled(nogil=True)
def place_degrees(places, events, starts, columns, rows, reach, bands, degrees):
    """Number of other events in each band of distance about an event of each place.

    `places` are sorted by cell, `events` counts those of each place.
    """
    limits, squares, manhattan, closed = bands
    n_bands = len(limits)
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                degrees[i, 0] += events[i] - 1
                for other in range(row, min(row + reach, rows - 1) + 1):
                    first = i + 1 if other == row else starts[other * columns + left]
                    last = starts[other * columns + right + 1]
                    for j in range(first, last):
                        dx = places[j, 0] - places[i, 0]
                        dy = places[j, 1] - places[i, 1]
                        k = space_band(dx, dy, limits, squares, manhattan, closed)
                        if k < n_bands:
                            degrees[i, k] += events[j]
                            degrees[j, k] += events[i]


@compiled(nogil=True)
def strata_pairs(places, groups, starts, columns, rows, reach, bands, pairs):
    """Pairs of events by band of distance and by the strata of the two.

    `groups[i, g]` counts the events of place i in stratum g. A pair across g and h counts once in
    [g, h] or in [h, g].
    """
    limits, squares, manhattan, closed = bands
    n_bands = len(limits)
    strata = groups.shape[1]
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                for g in range(strata):
                    pairs[0, g, g] += groups[i, g] * (groups[i, g] - 1) // 2
                    for h in range(g + 1, strata):
                        pairs[0, g, h] += groups[i, g] * groups[i, h]
                for other in range(row, min(row + reach, rows - 1) + 1):
                    first = i + 1 if other == row else starts[other * columns + left]
                    last = starts[other * columns + right + 1]
                    for j in range(first, last):
                        dx = places[j, 0] - places[i, 0]
                        dy = places[j, 1] - places[i, 1]
                        k = space_band(dx, dy, limits, squares, manhattan, closed)
                        if k < n_bands:
                            for g in range(strata):
                                if groups[i, g] > 0:
                                    for h in range(strata):
                                        pairs[k, g, h] += groups[i, g] * groups[j, h]


@compiled(nogil=True)
def sort_by_place(labels, ranks, first, sorted_ranks):
    """Counting sort of events in order of time by their place; within a place time ascends.

    `labels[e]` is the place of event e, `ranks[e]` its moment, `first` the place of each place's
    first event in the answer.
    """
    at = np.empty(len(first), dtype=np.int64)
    for p in range(len(first)):
        at[p] = first[p]
    for e in range(len(labels)):
        p = labels[e]
        sorted_ranks[at[p]] = ranks[e]
        at[p] += 1


@compiled(nogil=True)
def _merge(a, a_end, b, b_end, s, ranks, earliest, within, steps, counts):
    """Pairs of an event of a with one of b, by band of time or by steps apart, into counts[s]."""
    if a_end - a > b_end - b:
        a, a_end, b, b_end = b, b_end, a, a_end
    bands = within.shape[1]
    long = b_end - b > 8 * (a_end - a)
    for i in range(a, a_end):
        moment = ranks[i]
        low = moment - steps if steps > 0 else earliest[moment]
        if long:
            top = b_end
            while b < top:
                middle = (b + top) // 2
                if ranks[middle] < low:
                    b = middle + 1
                else:
                    top = middle
        else:
            while b < b_end and ranks[b] < low:
                b += 1
        if b == b_end:
            return
        if steps > 0:
            high = moment + steps
            for j in range(b, b_end):
                other = ranks[j]
                if other > high:
                    break
                counts[s, abs(other - moment)] += 1
        else:
            high = within[moment, bands - 1]
            for j in range(b, b_end):
                other = ranks[j]
                if other > high:
                    break
                k = 0
                while max(other, moment) > within[min(other, moment), k]:
                    k += 1
                counts[s, k] += 1


@compiled(nogil=True)
def space_time_pairs(
    places, first, ranks, earliest, within, steps, starts, columns, rows, reach, bands, counts
):
    """Pairs of events by band of distance and of time, by a merge over two places' moments.

    The events of place p are first[p] to first[p + 1] of `ranks`, the ranks of their moments,
    ascending. `within[m, k]` is the last moment that band k holds for an event at moment m,
    `earliest[m]` the first that the last band does. With `steps` above 0 moments are even, pairs up
    to so many steps apart are counted, and the second index of `counts` is the steps apart.
    """
    limits, squares, manhattan, closed = bands
    n_bands = len(limits)
    n_times = within.shape[1]
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                a = first[i]
                a_end = first[i + 1]
                for e in range(a, a_end - 1):
                    moment = ranks[e]
                    last = moment + steps if steps > 0 else within[moment, n_times - 1]
                    k = 0
                    for f in range(e + 1, a_end):
                        later = ranks[f]
                        if later > last:
                            break
                        if steps > 0:
                            k = later - moment
                        else:
                            while later > within[moment, k]:
                                k += 1
                        counts[0, k] += 1
                for other in range(row, min(row + reach, rows - 1) + 1):
                    near = i + 1 if other == row else starts[other * columns + left]
                    end = starts[other * columns + right + 1]
                    for j in range(near, end):
                        dx = places[j, 0] - places[i, 0]
                        dy = places[j, 1] - places[i, 1]
                        s = space_band(dx, dy, limits, squares, manhattan, closed)
                        if s < n_bands:
                            _merge(
                                a, a_end, first[j], first[j + 1], s,
                                ranks, earliest, within, steps, counts,
                            )  # fmt: skip
