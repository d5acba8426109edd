"""Compiled loops of the forecasts."""

from __future__ import annotations

import numpy as np

from helpers.compiled import compiled

RESCALED = 200.0  # the clock of the decayed sums begins anew when its exponent reaches this


@compiled(nogil=True)
def excitation(place, day, begin, other, band, weight, bands, course, stays):
    """The city's course and decayed sums of earlier days about each incident, band by band.

    Incidents are in order of their days; those of one day are added only after all of them are
    read. With stay the chance q that a delay goes on by a day, an incident of day e weighs
    (1 - q) q^(d - e - 1) on day d, times the weight of the link that it is seen over. Links are gone
    over once for all stays.
    """
    delays = len(stays)
    found = np.zeros((delays, len(place), bands + 1))
    # of each place, the sum of q^(base - e) over its incidents so far
    sums = np.zeros((len(begin) - 1, delays))
    base = np.full(delays, day[0] if len(day) else 0)
    factor = np.ones(delays)
    gained = np.zeros((bands, delays))
    first = 0
    while first < len(place):
        today = day[first]
        last = first
        while last < len(place) and day[last] == today:
            last += 1
        for d in range(delays):
            stay = stays[d]
            if stay <= 0:
                # only the day before counts
                if today - base[d] > 1:
                    sums[:, d] = 0.0
                continue
            if (base[d] - today) * np.log(stay) > RESCALED:
                sums[:, d] *= stay ** (today - base[d])
                base[d] = today
            factor[d] = (1.0 - stay) * stay ** (today - base[d] - 1)
        for i in range(first, last):
            here = place[i]
            gained[:] = 0.0
            for at in range(begin[here], begin[here + 1]):
                for d in range(delays):
                    gained[band[at], d] += sums[other[at], d] * weight[at]
            for d in range(delays):
                found[d, i, 0] = course[today]
                for b in range(bands):
                    found[d, i, b + 1] = factor[d] * gained[b, d]
        for d in range(delays):
            stay = stays[d]
            added = 1.0
            if stay <= 0:
                sums[:, d] = 0.0
                base[d] = today
            else:
                added = stay ** (base[d] - today)
            for i in range(first, last):
                sums[place[i], d] += added
        first = last
    return found


@compiled(nogil=True)
def votes_by_rows(near, apart, begin, kind_of, rank_of, fold_of, left_out, kinds, asked, complete):
    """Answers of the nearest events for each number of neighbours asked.

    A row holds the events of equal features, in order of their ranks, which chance has given. Rows
    at one distance are a shell, whose events vote in order of rank. Events of the fold left out do
    not vote. Equal votes go to the kind whose nearest vote is nearest, then to the kind whose column
    comes first.

    Gives the answers (targets, numbers), the votes at the last number (targets, kinds), and whether
    the rows given held enough events; `complete` where they are all rows that there are.
    """
    targets, given = near.shape
    most = asked[-1]
    answer = np.full((targets, len(asked)), -1, dtype=np.int32)
    votes = np.zeros((targets, kinds), dtype=np.int64)
    enough = np.zeros(targets, dtype=np.bool_)
    first_seen = np.zeros(kinds, dtype=np.int64)
    head = np.zeros(given, dtype=np.int64)
    for target in range(targets):
        first_seen[:] = given
        total = 0
        number = 0
        at = 0
        while at < given and total < most:
            limit = apart[target, at] * (1.0 + 1e-9) + 1e-9
            end = at
            while end < given and apart[target, end] <= limit:
                head[end] = begin[near[target, end]]
                end += 1
            if end == given and not complete:
                break
            while total < most:
                # the event of the shell that comes first
                chosen = -1
                for row in range(at, end):
                    stop = begin[near[target, row] + 1]
                    while head[row] < stop and fold_of[head[row]] == left_out:
                        head[row] += 1
                    if head[row] < stop and (
                        chosen < 0 or rank_of[head[row]] < rank_of[head[chosen]]
                    ):
                        chosen = row
                if chosen < 0:
                    break
                kind = kind_of[head[chosen]]
                head[chosen] += 1
                votes[target, kind] += 1
                first_seen[kind] = min(first_seen[kind], at)
                total += 1
                if total == asked[number]:
                    best = 0
                    for each in range(1, kinds):
                        lead = votes[target, each] - votes[target, best]
                        if lead > 0 or (lead == 0 and first_seen[each] < first_seen[best]):
                            best = each
                    answer[target, number] = best
                    number += 1
            at = end
        enough[target] = number == len(asked)
    return answer, votes, enough


@compiled()
def kernel_sums(here, sites, tally, begin, low, side, steps, widths, reach):
    """Gaussian sums of the tallies of sites about each place, for rising widths.

    Sites lie in order of squares of the given side from the low corner on, `begin` says where those
    of each square begin; no reach is above the side. Width 0 counts what lies within its reach.
    """
    found = np.zeros((len(widths), len(here), tally.shape[1]))
    limit = reach**2
    for i in range(len(here)):
        x, y = here[i, 0], here[i, 1]
        column = int((x - low[0]) // side)
        row = int((y - low[1]) // side)
        for u in range(max(0, column - 1), min(steps[0], column + 2)):
            first = u * steps[1] + max(0, row - 1)
            last = u * steps[1] + min(steps[1], row + 2)
            for j in range(begin[first], begin[last]):
                apart = (x - sites[j, 0]) ** 2 + (y - sites[j, 1]) ** 2
                for w in range(len(widths) - 1, -1, -1):
                    if apart >= limit[w]:
                        break
                    weight = 1.0
                    if widths[w] > 0:
                        weight = np.exp(-apart / (2.0 * widths[w] ** 2))
                    for k in range(tally.shape[1]):
                        found[w, i, k] += weight * tally[j, k]
    return found
