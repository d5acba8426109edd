"""Compiled inner loops of the exact p-median engine.

Arrays are laid out as sites × customers (one row a candidate site), float64, C-contiguous.
`BLOCK` neighbouring customers share a lower bound of their distance to each site, so that the
blocks out of a site's reach cost one comparison.
"""

import numpy as np

from helpers.compiled import compiled

BLOCK = 32
HOT = 0.25  # of what the bound lacks: sites whose s is so near the p lowest are always looked at
EXCHANGES = 60  # between pairs of cuts, for a step of the bundle: more cost more than they save
# Sums may be reordered so that the loops vectorise; infinities and NaN keep their meaning.
FAST = {"reassoc", "contract", "nsz", "arcp"}
# What the compilation leaves out, which makes it faster: C wrappers, which nothing uses, and counts
# of references where no array is made (a callee without a word on them would inherit that).
MAKES_ARRAYS = {"fastmath": FAST, "no_cfunc_wrapper": True, "_nrt": True}
LOOPS = MAKES_ARRAYS | {"_nrt": False}


@compiled(**MAKES_ARRAYS)
def block_minima(distance):
    """Smallest distance of each site to each block of `BLOCK` customers."""
    m, n = distance.shape
    blocks = (n + BLOCK - 1) // BLOCK
    out = np.empty((m, blocks))
    for j in range(m):
        for b in range(blocks):
            least = np.inf
            for i in range(b * BLOCK, min(n, b * BLOCK + BLOCK)):
                if distance[j, i] < least:
                    least = distance[j, i]
            out[j, b] = least
    return out


@compiled(**LOOPS)
def planar_savings(cx, cy, sx, sy, manhattan, weights, radii, out):
    """out[j] = -sum_i w_i max(0, r_i - d_ij), distances made on the fly, no matrix."""
    n = cx.size
    for j in range(sx.size):
        x, y = sx[j], sy[j]
        total = 0.0
        if manhattan:
            for i in range(n):
                total += weights[i] * max(radii[i] - abs(cx[i] - x) - abs(cy[i] - y), 0.0)
        else:
            for i in range(n):
                dx, dy = cx[i] - x, cy[i] - y
                total += weights[i] * max(radii[i] - np.sqrt(dx * dx + dy * dy), 0.0)
        out[j] = -total


@compiled(**LOOPS)
def matrix_savings(distance, weights, radii, out):
    """The same from a customers × sites matrix, read row by row, never transposed."""
    out[:] = 0.0
    for i in range(distance.shape[0]):
        r, w = radii[i], weights[i]
        for j in range(distance.shape[1]):
            out[j] -= w * max(r - distance[i, j], 0.0)


@compiled(**MAKES_ARRAYS)
def interchange(distance, weights, sites, fixed, rounds):
    """Swap one open site for a closed one while that helps; `sites` is changed in place.

    Eager first improvement over all candidates (FasterPAM, Schubert & Rousseeuw 2021); the first
    `fixed` entries of `sites` never leave.  Returns the objective.
    """
    m, n = distance.shape
    p = sites.size
    near = np.empty(n, np.int64)
    d1 = np.empty(n)
    d2 = np.empty(n)
    loss = np.empty(p)
    delta = np.empty(p)
    is_open = np.empty(m, np.bool_)
    for j in range(m):
        is_open[j] = False
    for k in range(p):
        is_open[sites[k]] = True
    total = 0.0
    stale = True
    since = 0
    j = 0
    for _ in range(rounds * m):
        if stale:
            for i in range(n):
                a, b, ka = np.inf, np.inf, 0
                for k in range(p):
                    d = distance[sites[k], i]
                    if d < a:
                        b = a
                        a, ka = d, k
                    elif d < b:
                        b = d
                d1[i], d2[i], near[i] = a, b, ka
            total = 0.0
            for k in range(p):
                loss[k] = np.inf if k < fixed else 0.0
            for i in range(n):
                total += weights[i] * d1[i]
                loss[near[i]] += weights[i] * (d2[i] - d1[i])
            stale = False
        if since >= m or p == fixed:
            break
        if not is_open[j]:
            gain = 0.0
            for k in range(p):
                delta[k] = loss[k]
            for i in range(n):
                d = distance[j, i]
                if d < d2[i]:
                    if d < d1[i]:
                        gain += weights[i] * (d - d1[i])
                        delta[near[i]] += weights[i] * (d1[i] - d2[i])
                    else:
                        delta[near[i]] += weights[i] * (d - d2[i])
            best = 0
            if p == 1:
                gain = -total
                delta[0] = 0.0
                for i in range(n):
                    gain += weights[i] * distance[j, i]
            for k in range(p):
                if delta[k] < delta[best]:
                    best = k
            if gain + delta[best] < -1e-12 * total:
                is_open[sites[best]] = False
                is_open[j] = True
                sites[best] = j
                stale = True
                since = 0
        since += 1
        j = j + 1 if j + 1 < m else 0
    return total


@compiled(**LOOPS)
def price(distance, minima, weights, clipped, reach, sites, start, end, s):
    """Take sum_i w_i max(0, clipped_i - d_ij) off s[j], for the sites from `start` to `end`."""
    n = weights.size
    full = n // BLOCK
    for at in range(start, end):
        j = sites[at]
        total = 0.0
        for b in range(full):
            if minima[j, b] < reach[b]:
                first = b * BLOCK
                for i in range(BLOCK):
                    total += weights[first + i] * max(
                        clipped[first + i] - distance[j, first + i], 0.0
                    )
        for i in range(full * BLOCK, n):
            total += weights[i] * max(clipped[i] - distance[j, i], 0.0)
        s[j] -= total


@compiled(**LOOPS)
def pick(s, sites, end, chosen):
    """The lowest s of the first `end` sites, in rising order; of equal ones the first."""
    p = chosen.size
    held = 0
    total = 0.0
    for at in range(end):
        j = sites[at]
        v = s[j]
        if held < p:
            k = held
            held += 1
        elif v < s[chosen[p - 1]]:
            k = p - 1
        else:
            continue
        while k > 0 and s[chosen[k - 1]] > v:
            chosen[k] = chosen[k - 1]
            k -= 1
        chosen[k] = j
    for k in range(p):
        total += s[chosen[k]]
    return total


@compiled(**LOOPS)
def lagrangian(
    distance, minima, weights, point, unit, cap, inside, counts, const, sites, hot, every, floor,
    clipped, reach, s, chosen, gradient,
):  # fmt: skip
    """Value and supergradient of the Lagrangian dual at point = (radii, mu / unit).

    L = const + sum_i w_i min(r_i, cap_i) + sum_k mu_k b_k + (sum of the p smallest s_j),
    s_j = -sum_i w_i max(0, min(r_i, cap_i) - d_ij) - sum_k mu_k A_kj.
    Over the first `hot` of `sites` alone the value is too high; where it is below `floor`, so is L,
    and the other sites are not looked at. The gradient's plane lies above L in either case.
    Fills `clipped` radii, `reach` (their block maxima), `s`, the `chosen` sites, the `gradient`.
    Returns the value and whether all sites were looked at.
    """
    m, n = distance.shape
    base = const
    for i in range(n):
        clipped[i] = min(point[i], cap[i])
        base += weights[i] * clipped[i]
        gradient[i] = 1.0
    for b in range(reach.size):
        most = -np.inf
        for i in range(b * BLOCK, min(n, b * BLOCK + BLOCK)):
            most = max(most, clipped[i])
        reach[b] = most
    for j in range(m):
        s[j] = 0.0
    for k in range(counts.size):
        mu = point[n + k] * unit
        base += mu * counts[k]
        if mu != 0.0:
            for j in range(m):
                s[j] -= mu * inside[k, j]
    price(distance, minima, weights, clipped, reach, sites, 0, hot, s)
    value = base + pick(s, sites, hot, chosen)
    complete = hot == m
    if not complete and not value < floor:
        price(distance, minima, weights, clipped, reach, sites, hot, m, s)
        value = base + pick(s, every, m, chosen)
        complete = True
    for k in range(chosen.size):
        j = chosen[k]
        for b in range(reach.size):
            if minima[j, b] < reach[b]:
                for i in range(b * BLOCK, min(n, b * BLOCK + BLOCK)):
                    gradient[i] -= 1.0 if distance[j, i] < clipped[i] else 0.0
    for i in range(n):
        if point[i] >= cap[i]:
            gradient[i] = 0.0
    for k in range(counts.size):
        g = counts[k]
        for q in range(chosen.size):
            g -= inside[k, chosen[q]]
        gradient[n + k] = g
    return value, complete


@compiled(**LOOPS)
def hot_sites(s, most, sites):
    """Put the sites with s up to `most` first, each part in its order; how many they are."""
    hot = np.int64(0)
    for j in range(s.size):
        if s[j] <= most:
            sites[hot] = j
            hot += 1
    cold = hot
    for j in range(s.size):
        if not s[j] <= most:
            sites[cold] = j
            cold += 1
    return hot


@compiled(**MAKES_ARRAYS)
def simplex_qp(gram, errors, t, share, k, steps):
    """Minimise t/2 x'Gx + e'x over the unit simplex, by exact steps along the worst pair."""
    slope = np.empty(k)
    for a in range(k):
        v = errors[a]
        for c in range(k):
            v += t * gram[a, c] * share[c]
        slope[a] = v
    for _ in range(steps):
        low = 0
        high = -1
        mean = 0.0
        for a in range(k):
            if slope[a] < slope[low]:
                low = a
            if share[a] > 0.0:
                mean += share[a] * slope[a]
                if high < 0 or slope[a] > slope[high]:
                    high = a
        gap = slope[high] - slope[low]
        if gap <= 1e-4 * abs(mean) + 1e-300:
            break
        curve = t * (gram[low, low] + gram[high, high] - 2.0 * gram[low, high])
        step = share[high] if curve <= 0.0 else min(share[high], gap / curve)
        share[low] += step
        share[high] = share[high] - step if step < share[high] else 0.0
        for a in range(k):
            slope[a] += step * t * (gram[low, a] - gram[high, a])


@compiled(**LOOPS)
def gram_row(cuts, metric, held, row, gram):
    """Refresh one row and column of the cuts' inner products."""
    for c in range(held):
        v = 0.0
        for i in range(metric.size):
            v += metric[i] * cuts[c, i] * cuts[row, i]
        gram[c, row] = v
        gram[row, c] = v


@compiled(**LOOPS)
def bundle(
    distance, minima, weights, cap, sense, inside, counts, const, unit,
    t, least_t, tolerance, stall, target, iterations,
    x, z, clipped, reach, s, chosen, gradient, direction, metric,
    cuts, picked, gram, errors, share, sites, every, openness, savings,
):  # fmt: skip
    """Maximise the Lagrangian dual by a proximal bundle method; the centre `x` moves in place.

    x = (radii, multipliers of the regions in units of `unit`).  Stops at `target`, after
    `iterations` evaluations, when no direction promises more than `tolerance`, or when 60
    evaluations closed less than the share `stall` of the distance to the target.
    Fills `openness` (the fractional solution y) and `savings` (s_j at the best multipliers); the
    other arrays are room to work in.  Returns the bound, the last t, the evaluations used.
    """
    m, n = distance.shape
    dim = x.size
    size = share.size
    best = -np.inf
    held = np.int64(0)  # a plain 0 is a type of its own, for which the callees compile anew
    null_steps = 0
    used = 0
    promise = 0.0
    error = 0.0
    mark = -np.inf
    margin = -1.0
    hot = np.int64(m)
    for j in range(m):
        every[j] = j
        sites[j] = j
    for i in range(dim):
        z[i] = x[i]
    while used < iterations and best < target:
        if used > 0:
            simplex_qp(gram, errors, t, share, held, EXCHANGES)
            error = 0.0
            norm = 0.0
            for i in range(dim):
                direction[i] = 0.0
            for c in range(held):
                if share[c] > 0.0:
                    error += share[c] * errors[c]
                    for i in range(dim):
                        direction[i] += share[c] * cuts[c, i]
            for i in range(dim):
                norm += metric[i] * direction[i] * direction[i]
            promise = t * norm + error
            # 20 t: the model stays flat far beyond the next step, so the bound is at its top
            if 20.0 * t * norm + error <= tolerance:
                break
            if used % 60 == 0:
                if best - mark < stall * (target - best):
                    break
                mark = best
            for i in range(dim):
                z[i] = x[i] + t * direction[i]
            for k in range(dim - n):
                if sense[k] * z[n + k] < 0.0:
                    z[n + k] = 0.0
        # a step that rises needs the true value; one that does not is as good without the cold sites
        floor = best + 0.1 * promise if used > 0 else -np.inf
        value, complete = lagrangian(
            distance, minima, weights, z, unit, cap, inside, counts, const, sites, hot, every, floor,
            clipped, reach, s, chosen, gradient,
        )  # fmt: skip
        used += 1
        if complete:
            last = s[chosen[chosen.size - 1]]
            if margin < 0.0:
                margin = HOT * max(target - value, 0.0)
            else:
                margin *= 0.8
                for at in range(hot, m):
                    if s[sites[at]] < last:
                        margin *= 2.0
                        break
            hot = hot_sites(s, last + margin, sites)
        slot = held
        if held < size:
            held += 1
        else:
            slot = -1
            for c in range(held):
                if share[c] == 0.0 and (slot < 0 or errors[c] > errors[slot]):
                    slot = c
            if slot < 0:
                # all cuts matter: merge the two that matter least, the primal sum is kept
                slot = 0
                for c in range(held):
                    if share[c] < share[slot]:
                        slot = c
                other = 1 if slot == 0 else 0
                for c in range(held):
                    if c != slot and share[c] < share[other]:
                        other = c
                f = share[slot] / (share[slot] + share[other])
                for i in range(dim):
                    cuts[other, i] += f * (cuts[slot, i] - cuts[other, i])
                for j in range(m):
                    picked[other, j] += f * (picked[slot, j] - picked[other, j])
                errors[other] += f * (errors[slot] - errors[other])
                share[other] += share[slot]
                gram_row(cuts, metric, held, other, gram)
        for i in range(dim):
            cuts[slot, i] = gradient[i]
        for j in range(m):
            picked[slot, j] = 0.0
        for q in range(chosen.size):
            picked[slot, chosen[q]] = 1.0
        gram_row(cuts, metric, held, slot, gram)
        share[slot] = 0.0
        rise = value - best
        serious = complete and (used == 1 or rise >= 0.1 * promise)
        v = rise
        for i in range(dim):
            v += metric[i] * gradient[i] * (x[i] - z[i])
        errors[slot] = max(v, 0.0)
        if used == 1:
            errors[0] = 0.0
            share[0] = 1.0
        elif serious:
            for c in range(held):
                v = -rise
                for i in range(dim):
                    v += metric[i] * cuts[c, i] * (z[i] - x[i])
                errors[c] = max(errors[c] + v, 0.0)
            if rise >= 0.5 * promise and null_steps == 0:
                t *= 2.0
        if not serious:
            null_steps += 1
            if null_steps >= 4 and errors[slot] > error and t > least_t:
                t *= 0.7
                null_steps = 1
        else:
            best = value
            null_steps = 0
            for i in range(dim):
                x[i] = z[i]
            for j in range(m):
                savings[j] = s[j]
    if used > 1:
        simplex_qp(gram, errors, t, share, held, EXCHANGES)
    for j in range(m):
        openness[j] = 0.0
        for c in range(held):
            openness[j] += share[c] * picked[c, j]
    return best, t, used


@compiled(**LOOPS)
def least_decided(order, ordered, alive, openness, d, y, outer):
    """The ball of sites whose number of open ones, Σ y, is least decided.

    `order` and `ordered` have a row a centre: the sites, nearest first, and how far they are. Only
    those `alive` count, and a ball takes all sites at its rim. The score is how far Σ y is from a
    whole number, times 0.35 and the moat, the share of the way from the last site in use (y > 0.02)
    inside to the first one outside.
    Fills the rows `d`, `y` and `outer`, room to work in. Returns the row, how many sites alive the
    ball has, Σ y, the score (-1 where there is no ball).
    """
    row, size, within, best = np.int64(0), np.int64(0), 0.0, -1.0
    for r in range(order.shape[0]):
        held = 0
        for at in range(order.shape[1]):
            j = order[r, at]
            if alive[j]:
                d[held] = ordered[r, at]
                y[held] = openness[j]
                held += 1
        beyond = -1.0
        for k in range(held - 1, -1, -1):
            outer[k] = beyond
            if y[k] > 0.02:
                beyond = d[k]
        total, inner = 0.0, 0.0
        for k in range(held - 1):
            total += y[k]
            if y[k] > 0.02:
                inner = d[k]
            if d[k + 1] > d[k]:
                part = total - np.floor(total)
                score = min(part, 1.0 - part)
                moat = (outer[k] - inner) / max(outer[k], 1e-300) if outer[k] >= 0.0 else 0.0
                score *= 0.35 + moat
                if score > best:
                    row, size, within, best = np.int64(r), np.int64(k + 1), total, score
    return row, size, within, best


@compiled()
def bisect_tickets(edges, first, tickets):
    """Of each ticket in [0, 1) the first place whose edge is above it.

    `edges` rise to 1; `first` is the answer for each of the equal parts of [0, 1), a power of two in
    number so that a ticket's part is found without rounding.
    """
    places = np.empty(tickets.size, np.int64)
    parts = first.size
    for t in range(tickets.size):
        place = first[int(tickets[t] * parts)]
        while edges[place] <= tickets[t]:
            place += 1
        places[t] = place
    return places


@compiled()
def dispatch(
    arrival, node, service, reach, speed, travel_counts, start, end, served, begun, busy
):  # fmt: skip
    """Serve crimes in order of arrival: nearest free patrol, else the first to come free.

    Fills `served` (patrol), `begun` (time it sets out) and adds to `busy` the time of each patrol
    between `start` and `end`.
    """
    p = reach.shape[1]
    free_at = np.zeros(p)
    for e in range(arrival.size):
        now = arrival[e]
        best = -1
        for k in range(p):
            if free_at[k] <= now and (best < 0 or reach[node[e], k] < reach[node[e], best]):
                best = k
        moment = now
        if best < 0:
            best = 0
            for k in range(p):
                if free_at[k] < free_at[best]:
                    best = k
            moment = free_at[best]
        length = service[e]
        if travel_counts:
            length += reach[node[e], best] / speed
        served[e] = best
        begun[e] = moment
        free_at[best] = moment + length
        busy[best] += max(0.0, min(end, moment + length) - max(start, moment))


@compiled()
def dispatch_by_class(
    arrival, urgent, node, service, reach, speed, travel_counts, start, end, served, begun, busy
):  # fmt: skip
    """As `dispatch`, but of the crimes that wait those that are urgent are answered first.

    Nobody is called off a crime; crimes of one class are answered in order of arrival.
    """
    p, number = reach.shape[1], arrival.size
    free_at = np.zeros(p)
    # the crimes that wait, by class, in order of arrival
    queue, first, last = (
        np.empty((2, number), np.int64),
        np.zeros(2, np.int64),
        np.zeros(2, np.int64),
    )
    e = 0
    while e < number or first[0] < last[0] or first[1] < last[1]:
        soonest = 0
        for k in range(p):
            if free_at[k] < free_at[soonest]:
                soonest = k
        waiting = first[0] < last[0] or first[1] < last[1]
        if waiting and (e == number or free_at[soonest] <= arrival[e]):
            kind = 0 if first[0] < last[0] else 1
            crime, best, moment = queue[kind, first[kind]], soonest, free_at[soonest]
            first[kind] += 1
        else:
            crime, moment, best = e, arrival[e], -1
            e += 1
            for k in range(p):
                if free_at[k] <= moment and (
                    best < 0 or reach[node[crime], k] < reach[node[crime], best]
                ):
                    best = k
            if best < 0:
                kind = 0 if urgent[crime] else 1
                queue[kind, last[kind]] = crime
                last[kind] += 1
                continue
        length = service[crime]
        if travel_counts:
            length += reach[node[crime], best] / speed
        served[crime] = best
        begun[crime] = moment
        free_at[best] = moment + length
        busy[best] += max(0.0, min(end, moment + length) - max(start, moment))
