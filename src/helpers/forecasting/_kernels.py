"""Compiled loops of the forecasts."""

from __future__ import annotations

import numpy as np

from helpers.compiled import compiled

RESCALED = 200.0  # the clock of the decayed sums begins anew when its exponent reaches this


@compiled(nogil=True)
def excitation(place, day, begin, other, band, per_source, stay):
    """Decayed sums of earlier days at the places about each incident, band by band.

    Incidents are in order of their days; those of one day are added only after all of them are
    read. With stay the chance q that a delay goes on by a day, an incident of day e weighs
    (1 - q) q^(d - e - 1) on day d.
    """
    found = np.zeros((len(place), per_source.shape[1]))
    # of each place, the sum of q^(base - e) over its incidents so far
    sums = np.zeros(per_source.shape[0])
    base = day[0] if len(day) else 0
    fade = -np.log(stay) if stay > 0 else np.inf
    first = 0
    while first < len(place):
        today = day[first]
        last = first
        while last < len(place) and day[last] == today:
            last += 1
        if stay <= 0:
            # only the day before counts
            if today - base > 1:
                sums[:] = 0.0
            factor = 1.0
        else:
            if (today - base) * fade > RESCALED:
                sums *= stay ** (today - base)
                base = today
            factor = (1.0 - stay) * stay ** (today - base - 1)
        for i in range(first, last):
            here = place[i]
            for at in range(begin[here], begin[here + 1]):
                source = other[at]
                if sums[source] > 0.0:
                    found[i, band[at]] += factor * sums[source] * per_source[source, band[at]]
        if stay <= 0:
            sums[:] = 0.0
            base = today
            for i in range(first, last):
                sums[place[i]] += 1.0
        else:
            weight = stay ** (base - today)
            for i in range(first, last):
                sums[place[i]] += weight
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
