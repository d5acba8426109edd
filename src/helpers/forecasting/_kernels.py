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
def votes_by_rows(near, apart, tally, asked, complete):
    """Answers of the nearest rows for each number of neighbours asked.

    A row holds the events of equal features. Rows at one distance are a shell, whose events share
    the votes that are left evenly. Ties go to the kind whose nearest vote is nearest, then to the
    kind whose column comes first.

    Gives the answers (targets, numbers), the votes at the last number (targets, kinds), and whether
    the rows given held enough events; `complete` where they are all rows that there are.
    """
    targets, given = near.shape
    kinds = tally.shape[1]
    answer = np.full((targets, len(asked)), -1, dtype=np.int32)
    votes = np.zeros((targets, kinds))
    enough = np.zeros(targets, dtype=np.bool_)
    sums = np.zeros(kinds)
    shell = np.zeros(kinds)
    first_seen = np.zeros(kinds, dtype=np.int64)
    for target in range(targets):
        sums[:] = 0.0
        first_seen[:] = given
        total = 0.0
        number = 0
        at = 0
        while at < given and number < len(asked):
            limit = apart[target, at] * (1.0 + 1e-9) + 1e-9
            shell[:] = 0.0
            size = 0.0
            end = at
            while end < given and apart[target, end] <= limit:
                for kind in range(kinds):
                    count = tally[near[target, end], kind]
                    if count > 0:
                        shell[kind] += count
                        size += count
                        first_seen[kind] = min(first_seen[kind], at)
                end += 1
            if end == given and not complete:
                break
            while number < len(asked) and size > 0 and asked[number] <= total + size + 1e-6:
                part = (asked[number] - total) / size
                best = -1
                for kind in range(kinds):
                    vote = sums[kind] + part * shell[kind]
                    votes[target, kind] = vote
                    lead = 1.0 if best < 0 else vote - votes[target, best]
                    nearer = first_seen[kind] < first_seen[best]
                    if lead > 1e-9 or (lead > -1e-9 and nearer):
                        best = kind
                answer[target, number] = best
                number += 1
            total += size
            sums += shell
            at = end
        enough[target] = number == len(asked)
    return answer, votes, enough
