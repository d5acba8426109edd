"""Compiled loops of the exact search: connected subsets as bit masks, prices, exact cover."""

import numpy as np

from helpers.compiled import compiled

from .._kernels import INNER, LOOPS, MAKES_ARRAYS, copy

# Position of the lowest set bit of a 64-bit word, by a de Bruijn sequence.
_SEQUENCE = 0x03F79D71B4CB0A89
_POSITION = np.zeros(64, dtype=np.int64)
for _i in range(64):
    _POSITION[(((1 << _i) * _SEQUENCE) & (2**64 - 1)) >> 58] = _i


@compiled(**INNER)
def lowest(word):
    """Position of the lowest set bit of a word that is not zero."""
    return _POSITION[((word & (~word + np.uint64(1))) * np.uint64(_SEQUENCE)) >> np.uint64(58)]


@compiled(**INNER)
def bit(i):
    """The word with bit i (of 0..63) set."""
    return np.uint64(1) << np.uint64(i)


@compiled(**MAKES_ARRAYS, no_cpython_wrapper=True)
def lengthened(values, room):
    """The values at the start of an array with room for more."""
    out = np.empty(room)
    for i in range(len(values)):
        out[i] = values[i]
    return out


@compiled(**MAKES_ARRAYS)
def enumerate_subsets(graph, weight, cap, least, order, most):
    """All connected subsets whose weights add up to at most `cap`, each once, as bit masks.

    A subset belongs to its first unit in `order`; units before that root are closed. From a
    root the open neighbours wait in a list; a subset is extended by each of them in turn, and
    those passed over stay closed below. Subsets with a population under `least` are walked
    through but not listed.

    Returns (masks, population, area, perimeter, complete); `complete` is False when more than
    `most` subsets would have to be listed.
    """
    n = len(weight)
    words = (n + 63) // 64
    room = 4096
    masks = np.empty((room, words), np.uint64)
    pops = np.empty(room)
    areas = np.empty(room)
    perimeters = np.empty(room)
    count = 0
    closed = np.empty(n, np.bool_)
    inside = np.empty(n, np.bool_)
    for i in range(n):
        closed[i] = False
        inside[i] = False
    subset = np.empty(n, np.int64)
    current = np.empty(words, np.uint64)
    for w in range(words):
        current[w] = np.uint64(0)
    # At depth d the units waiting are waiting[start[d]:stop[d]]; those from fresh[d] on were
    # first met there and are opened again on the way back.
    waiting = np.empty(min(n * (n + 1) // 2 + n + 1, 5_000_000), np.int64)
    start = np.empty(n + 2, np.int64)
    stop = np.empty(n + 2, np.int64)
    fresh = np.empty(n + 2, np.int64)
    load = np.empty(n + 2)
    pop = np.empty(n + 2)
    area = np.empty(n + 2)
    per = np.empty(n + 2)
    load[0] = pop[0] = area[0] = per[0] = 0.0
    complete = True
    for r in range(n):
        root = order[r]
        closed[root] = True
        if weight[root] > cap:
            continue
        depth, unit = 0, root
        while complete:
            if unit >= 0:
                depth += 1
                subset[depth - 1] = unit
                shared = 0.0
                for e in range(graph.b_indptr[unit], graph.b_indptr[unit + 1]):
                    if inside[graph.b_indices[e]]:
                        shared += graph.b_km[e]
                inside[unit] = True
                current[unit >> 6] |= bit(unit & 63)
                load[depth] = load[depth - 1] + weight[unit]
                pop[depth] = pop[depth - 1] + graph.population[unit]
                area[depth] = area[depth - 1] + graph.area[unit]
                per[depth] = per[depth - 1] + graph.perimeter[unit] - 2.0 * shared
                if pop[depth] >= least:
                    if count == most:
                        complete = False
                        break
                    if count == room:
                        room *= 2
                        longer = np.empty((room, words), np.uint64)
                        for s in range(count):
                            copy(masks[s], longer[s])
                        masks = longer
                        pops = lengthened(pops, room)
                        areas = lengthened(areas, room)
                        perimeters = lengthened(perimeters, room)
                    copy(current, masks[count])
                    pops[count] = pop[depth]
                    areas[count] = area[depth]
                    perimeters[count] = per[depth]
                    count += 1
                base, size = 0, 0
                if depth > 1:
                    base = stop[depth - 1]
                    left = stop[depth - 1] - start[depth - 1]
                    if base + left > len(waiting):
                        complete = False
                        break
                    for w in range(start[depth - 1], stop[depth - 1]):
                        waiting[base + size] = waiting[w]
                        size += 1
                start[depth] = base
                fresh[depth] = base + size
                if base + size + graph.indptr[unit + 1] - graph.indptr[unit] > len(waiting):
                    complete = False
                    break
                for e in range(graph.indptr[unit], graph.indptr[unit + 1]):
                    j = graph.indices[e]
                    if not closed[j]:
                        closed[j] = True
                        waiting[base + size] = j
                        size += 1
                stop[depth] = base + size
            unit = -1
            while start[depth] < stop[depth]:
                candidate = waiting[start[depth]]
                start[depth] += 1
                if load[depth] + weight[candidate] <= cap:
                    unit = candidate
                    break
            if unit < 0:
                for w in range(fresh[depth], stop[depth]):
                    closed[waiting[w]] = False
                gone = subset[depth - 1]
                inside[gone] = False
                current[gone >> 6] &= ~bit(gone & 63)
                depth -= 1
                if depth == 0:
                    break
        if not complete:
            break
    return masks[:count], pops[:count], areas[:count], perimeters[:count], complete


@compiled(**LOOPS)
def reduced_costs(masks, cost, side, unit_price, area_price, side_price, out):
    """cost(S) − prices of its units − price of an area − side(S) · side_price, for every S."""
    words = masks.shape[1]
    for s in range(len(cost)):
        value = cost[s] - area_price - side[s] * side_price
        for w in range(words):
            word = masks[s, w]
            while word != 0:
                value -= unit_price[64 * w + lowest(word)]
                word &= word - np.uint64(1)
        out[s] = value


@compiled(**MAKES_ARRAYS)
def members_of(masks, chosen):
    """Units of the chosen masks as (ptr, members)."""
    words = masks.shape[1]
    ptr = np.empty(len(chosen) + 1, np.int64)
    ptr[0] = 0
    for c in range(len(chosen)):
        total = 0
        for w in range(words):
            word = masks[chosen[c], w]
            while word != 0:
                total += 1
                word &= word - np.uint64(1)
        ptr[c + 1] = ptr[c] + total
    members = np.empty(ptr[-1], np.int32)
    at = 0
    for c in range(len(chosen)):
        for w in range(words):
            word = masks[chosen[c], w]
            while word != 0:
                members[at] = 64 * w + lowest(word)
                at += 1
                word &= word - np.uint64(1)
    return ptr, members


@compiled(**MAKES_ARRAYS)
def radial_costs(masks, x, y):
    """Eq. 2 of every subset: the least summed distance to one of its units (unit of x, y)."""
    out = np.empty(len(masks))
    units = np.empty(masks.shape[1] * 64, np.int64)
    for s in range(len(masks)):
        size = 0
        for w in range(masks.shape[1]):
            word = masks[s, w]
            while word != 0:
                units[size] = 64 * w + lowest(word)
                size += 1
                word &= word - np.uint64(1)
        best = np.inf
        for c in range(size):
            total = 0.0
            for m in range(size):
                dx = x[units[c]] - x[units[m]]
                dy = y[units[c]] - y[units[m]]
                total += np.sqrt(dx * dx + dy * dy)
            best = min(best, total)
        out[s] = best
    return out


@compiled(**MAKES_ARRAYS)
def renumber(masks, rank):
    """The masks with unit i moved to bit rank[i]; also the lowest bit of each."""
    out = np.empty(masks.shape, np.uint64)
    first = np.empty(len(masks), np.int64)
    for s in range(len(masks)):
        low = 64 * masks.shape[1]
        for w in range(masks.shape[1]):
            out[s, w] = np.uint64(0)
        for w in range(masks.shape[1]):
            word = masks[s, w]
            while word != 0:
                r = rank[64 * w + lowest(word)]
                low = min(low, r)
                out[s, r >> 6] |= bit(r & 63)
                word &= word - np.uint64(1)
        first[s] = low
    return out, first


@compiled(**INNER)
def least_surplus(rest, left, population, surplus, indptr, indices, mu, work):
    """Lower bound on the surplus over mu that `left` areas need for the units in `rest`.

    No area spans two components of the rest, and a component with population R cut into r
    areas has a surplus of at least max(its units' own surplus, R − r·mu). Areas go to the
    component that gains most, which is exact because the gains fall. Infinite when there are
    more components than areas. `work` holds scratch arrays for the units: component, whether
    one is known (False at first and at the end), those to visit; and for the components:
    population, own surplus, areas.
    """
    part, in_part, stack, total, own, share = work
    n = len(population)
    parts = 0
    for i in range(n):
        part[i] = 0 if rest[i >> 6] & bit(i & 63) else -2
    for i in range(n):
        if part[i] != 0 or in_part[i]:
            continue
        if parts == left:
            for j in range(n):
                in_part[j] = False
            return np.inf
        total[parts] = 0.0
        own[parts] = 0.0
        share[parts] = 1
        top = 1
        stack[0] = i
        in_part[i] = True
        while top > 0:
            top -= 1
            u = stack[top]
            total[parts] += population[u]
            own[parts] += surplus[u]
            for e in range(indptr[u], indptr[u + 1]):
                j = indices[e]
                if part[j] == 0 and not in_part[j]:
                    in_part[j] = True
                    stack[top] = j
                    top += 1
        parts += 1
    for j in range(n):
        in_part[j] = False
    for _ in range(left - parts):
        gain, pick = 0.0, -1
        for q in range(parts):
            now = max(own[q], total[q] - share[q] * mu)
            then = max(own[q], total[q] - (share[q] + 1) * mu)
            if now - then > gain:
                gain, pick = now - then, q
        if pick < 0:
            break
        share[pick] += 1
    need = 0.0
    for q in range(parts):
        need += max(own[q], total[q] - share[q] * mu)
    return need


@compiled(**LOOPS)
def exact_cover(
    masks, bucket, reduced, side, areas, width, margin, budget, slack_price, population, surplus,
    indptr, indices, mu, most, best, path, table, work,
):  # fmt: skip
    """Depth-first search for `areas` disjoint masks that cover all units at the least cost.

    Units are numbered by rank; `bucket[u]:bucket[u + 1]` are the masks whose lowest unit is
    u, by rising reduced cost. The next mask always covers the lowest free unit, so each
    cover is met once. A cover costs, above the linear bound, its reduced costs plus
    `slack_price` for each unit of the budget that it leaves. Cut off are: reduced costs
    adding up to more than `width`; surplus so far plus `least_surplus` of the rest over
    `budget`; and a rest met before at the same depth with neither a higher cost (without
    the price on the budget) nor a higher surplus, kept in a hash table.

    `best` receives the chosen masks. `path` holds one row for each depth of the units left (0
    at first), and arrays of the reduced costs, surplus, place in the bucket, unit and mask
    there; `table` the hash table: units left, depth (−1 at first), cost and surplus; `work`
    one row of units left and the scratch arrays of `least_surplus`.

    Returns (found, cost above the bound, complete, nodes).
    """
    rest, spent, over, at, unit, chosen = path
    keys, depth_of, cost_of, over_of = table
    left_over, room = work
    places = len(depth_of)
    n = len(population)
    words = masks.shape[1]
    for i in range(n):
        rest[0, i >> 6] |= bit(i & 63)
    spent[0] = over[0] = 0.0
    unit[0] = 0
    found, nodes, stored = False, 0, 0
    depth = 0
    at[0] = bucket[0]
    while depth >= 0:
        deeper = False
        u = unit[depth]
        while at[depth] < bucket[u + 1]:
            c = at[depth]
            at[depth] += 1
            cost = spent[depth] + reduced[c]
            if cost > width:
                break
            fits, empty = True, True
            for w in range(words):
                if masks[c, w] & ~rest[depth, w]:
                    fits = False
                    break
                left_over[w] = rest[depth, w] & ~masks[c, w]
                if left_over[w]:
                    empty = False
            if not fits:
                continue
            nodes += 1
            more = over[depth] + side[c]
            left = areas - depth - 1
            if empty:
                whole = cost
                if slack_price > 0.0:
                    whole += slack_price * max(budget - more, 0.0)
                if left == 0 and more <= budget and whole <= width:
                    chosen[depth] = c
                    copy(chosen, best)
                    width = whole - margin
                    found = True
                continue
            if left == 0:
                continue
            if nodes > most:
                return found, width + margin, False, nodes
            real = cost - slack_price * more
            h = np.uint64(depth + 1)
            for w in range(words):
                h = (h ^ left_over[w]) * np.uint64(0x9E3779B97F4A7C15)
                h ^= h >> np.uint64(29)
            slot = np.int64(h % np.uint64(places))
            same = False
            while depth_of[slot] >= 0:
                if depth_of[slot] == depth:
                    same = True
                    for w in range(words):
                        if keys[slot, w] != left_over[w]:
                            same = False
                            break
                    if same:
                        break
                slot = slot + 1 if slot + 1 < places else 0
            if same:
                if cost_of[slot] <= real and over_of[slot] <= more:
                    continue
                if cost_of[slot] >= real and over_of[slot] >= more:
                    cost_of[slot] = real
                    over_of[slot] = more
            elif stored < places // 2:
                stored += 1
                depth_of[slot] = depth
                cost_of[slot] = real
                over_of[slot] = more
                copy(left_over, keys[slot])
            need = least_surplus(left_over, left, population, surplus, indptr, indices, mu, room)
            if more + need > budget:
                continue
            chosen[depth] = c
            depth += 1
            copy(left_over, rest[depth])
            spent[depth] = cost
            over[depth] = more
            for w in range(words):
                if left_over[w]:
                    unit[depth] = 64 * w + lowest(left_over[w])
                    break
            at[depth] = bucket[unit[depth]]
            deeper = True
            break
        if not deeper:
            depth -= 1
    return found, width + margin, True, nodes
