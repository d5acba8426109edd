"""Compiled inner loops of the districting searches."""

from collections import namedtuple

import numpy as np

from helpers.compiled import compiled

# What the compilation leaves out, which halves its time: C wrappers, which nothing uses; counts
# of references where no array is made (a callee without a word on them would inherit that); Python
# wrappers where only other kernels call.
MAKES_ARRAYS = {"no_cfunc_wrapper": True, "_nrt": True}
LOOPS = MAKES_ARRAYS | {"_nrt": False}
INNER = LOOPS | {"no_cpython_wrapper": True}

# The units as arrays. `indptr, indices` are the contiguity lists; `source[e]` is the unit in
# whose list entry e stands and `reverse[e]` the entry of the opposite direction. `b_*` are
# the border lengths. Kilometres everywhere.
Graph = namedtuple(
    "Graph",
    "indptr indices source reverse b_indptr b_indices b_km population area perimeter x y",
)

# One plan being changed. `label` holds the areas; `pop, area, per, size` their totals;
# `near[i]` is the summed distance of unit i to its own area and `radial[j]` the least of
# these in area j (kept up only if eq. 2 counts). `head, after, before` chain the members of
# each area; `area` and `per` are kept up only if eq. 4 counts. `cut[:n_cut[0]]` lists the contiguity entries that join two areas and `place`
# says where each stands in it. `seen` and `stamp` mark visited units, `queue` holds them.
State = namedtuple(
    "State",
    "label pop area per size near radial head after before cut place n_cut seen stamp queue rng",
)


GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@compiled(**INNER)
def mixed(z):
    """The random bits that a state of a SplitMix64 generator gives."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled(**LOOPS)
def draw(rng):
    """The next 64 random bits of a SplitMix64 generator whose state is rng[0]."""
    rng[0] += GOLDEN
    return mixed(rng[0])


@compiled(**INNER)
def unit_interval(bits):
    """Random bits as a number in [0, 1)."""
    return np.float64(bits >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled(**LOOPS)
def uniform(rng):
    """A random number in [0, 1)."""
    return unit_interval(draw(rng))


@compiled(**INNER)
def none_below(rng, count, chance):
    """Whether none of the next `count` random numbers is below `chance`; if so they are drawn."""
    hits, state = 0, rng[0]
    for i in range(count):  # the states are known beforehand, so the loop goes several at once
        hits += unit_interval(mixed(state + np.uint64(i + 1) * GOLDEN)) < chance
    if hits == 0:
        rng[0] += np.uint64(count) * GOLDEN
    return hits == 0


@compiled(**INNER)
def below(rng, n):
    """A random whole number in 0..n-1."""
    return np.int64(uniform(rng) * n)


# ------------------------------------------------------------------ arrays
@compiled(**INNER)
def copy(source, target):
    """Write one array over another."""
    for i in range(len(source)):
        target[i] = source[i]


# ------------------------------------------------------------------ contiguity
@compiled(**LOOPS)
def can_leave(graph, state, unit):
    """Whether the unit's area stays in one non-empty piece without the unit."""
    indptr, indices = graph.indptr, graph.indices
    label, seen, queue = state.label, state.seen, state.queue
    home = label[unit]
    found = 0
    for e in range(indptr[unit], indptr[unit + 1]):
        if label[indices[e]] == home:
            queue[found] = indices[e]
            found += 1
    if found == 0:
        return False
    if found == 1:
        return True
    # Most units that may leave have neighbours that touch one another: look at those alone
    # before walking through the whole area.
    stamp = state.stamp
    stamp[0] += 2
    near, done = stamp[0], stamp[0] + 1
    for q in range(found):
        seen[queue[q]] = near
    top = queue[0]
    seen[top] = done
    reached = 1
    queue[found] = top
    first, last = found, found + 1
    while first < last:
        i = queue[first]
        first += 1
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if seen[j] == near:
                seen[j] = done
                reached += 1
                queue[last] = j
                last += 1
    if reached == found:
        return True
    # Now from the reached ones through the area, until the others are met.
    stamp[0] += 1
    visited = stamp[0]
    seen[unit] = visited
    first = found
    while first < last:
        i = queue[first]
        first += 1
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if label[j] == home and seen[j] != visited and seen[j] != done:
                if seen[j] == near:
                    reached += 1
                    if reached == found:
                        return True
                seen[j] = visited
                queue[last] = j
                last += 1
    return False


@compiled(**INNER)
def touches(graph, state, unit, area):
    """Whether a neighbour of the unit is in the area."""
    for e in range(graph.indptr[unit], graph.indptr[unit + 1]):
        if state.label[graph.indices[e]] == area:
            return True
    return False


# ------------------------------------------------------------------ objective
@compiled(**INNER)
def distance(graph, i, j):
    """Straight-line kilometres between two units."""
    dx = graph.x[i] - graph.x[j]
    dy = graph.y[i] - graph.y[j]
    return np.sqrt(dx * dx + dy * dy)


@compiled(**INNER)
def border_with(graph, state, unit, area):
    """Length of the border that the unit shares with the other units of an area."""
    km = 0.0
    for e in range(graph.b_indptr[unit], graph.b_indptr[unit + 1]):
        if state.label[graph.b_indices[e]] == area:
            km += graph.b_km[e]
    return km


@compiled(**INNER)
def shape_of(perimeter, area):
    """Perimeter squared over area; 0 for an empty area."""
    return perimeter * perimeter / area if area > 0.0 else 0.0


@compiled(**LOOPS)
def flip_change(graph, state, unit, to, mu, weights):
    """Change of the objective if the unit moves to another area (eqs 1 and 4 in O(degree))."""
    home = state.label[unit]
    change = 0.0
    if weights[0] > 0.0:
        p = graph.population[unit]
        change += weights[0] * (
            abs(state.pop[home] - p - mu)
            - abs(state.pop[home] - mu)
            + abs(state.pop[to] + p - mu)
            - abs(state.pop[to] - mu)
        )
    if weights[2] > 0.0:
        own, area = graph.perimeter[unit], graph.area[unit]
        left = 0.0
        if state.size[home] > 1:
            left = shape_of(
                state.per[home] - own + 2.0 * border_with(graph, state, unit, home),
                state.area[home] - area,
            )
        joined = shape_of(
            state.per[to] + own - 2.0 * border_with(graph, state, unit, to),
            state.area[to] + area,
        )
        change += weights[2] * (
            left
            + joined
            - shape_of(state.per[home], state.area[home])
            - shape_of(state.per[to], state.area[to])
        )
    if weights[1] > 0.0:
        best, i = np.inf, state.head[home]
        while i >= 0:
            if i != unit:
                best = min(best, state.near[i] - distance(graph, i, unit))
            i = state.after[i]
        left = best if best < np.inf else 0.0
        own, best, i = 0.0, np.inf, state.head[to]
        while i >= 0:
            d = distance(graph, i, unit)
            own += d
            best = min(best, state.near[i] + d)
            i = state.after[i]
        change += weights[1] * (left + min(best, own) - state.radial[home] - state.radial[to])
    return change


@compiled(**LOOPS)
def exchange_change(graph, state, unit, to, back, mu):
    """Change of eq. 1 if `unit` goes to another area and `back` comes to the unit's area."""
    home, origin = state.label[unit], state.label[back]
    gain, loss = graph.population[unit], graph.population[back]
    change = abs(state.pop[home] - gain + loss - mu) - abs(state.pop[home] - mu)
    if origin == to:
        return change + abs(state.pop[to] + gain - loss - mu) - abs(state.pop[to] - mu)
    change += abs(state.pop[to] + gain - mu) - abs(state.pop[to] - mu)
    return change + abs(state.pop[origin] - loss - mu) - abs(state.pop[origin] - mu)


@compiled(**LOOPS)
def flip(graph, state, unit, to, with_distance, with_shape):
    """Move a unit to another area and bring every total up to date."""
    home = state.label[unit]
    if with_shape:
        own = graph.perimeter[unit]
        state.per[home] += 2.0 * border_with(graph, state, unit, home) - own
        state.per[to] += own - 2.0 * border_with(graph, state, unit, to)
        state.area[home] -= graph.area[unit]
        state.area[to] += graph.area[unit]
    state.pop[home] -= graph.population[unit]
    state.pop[to] += graph.population[unit]
    state.size[home] -= 1
    state.size[to] += 1
    if state.size[home] == 0:
        state.per[home] = 0.0
        state.area[home] = 0.0
    before, after = state.before[unit], state.after[unit]
    if before >= 0:
        state.after[before] = after
    else:
        state.head[home] = after
    if after >= 0:
        state.before[after] = before
    if with_distance:
        best, i = np.inf, state.head[home]
        while i >= 0:
            state.near[i] -= distance(graph, i, unit)
            best = min(best, state.near[i])
            i = state.after[i]
        state.radial[home] = best if best < np.inf else 0.0
        own, best, i = 0.0, np.inf, state.head[to]
        while i >= 0:
            d = distance(graph, i, unit)
            own += d
            state.near[i] += d
            best = min(best, state.near[i])
            i = state.after[i]
        state.near[unit] = own
        state.radial[to] = min(best, own)
    state.before[unit] = -1
    state.after[unit] = state.head[to]
    if state.head[to] >= 0:
        state.before[state.head[to]] = unit
    state.head[to] = unit
    state.label[unit] = to
    for e in range(graph.indptr[unit], graph.indptr[unit + 1]):
        other = state.label[graph.indices[e]]
        set_cut(state, e, other != to)
        set_cut(state, graph.reverse[e], other != to)


@compiled(**INNER)
def set_cut(state, entry, joins_two):
    """Put a contiguity entry in the list of cut entries, or take it out."""
    place, cut = state.place, state.cut
    if joins_two and place[entry] < 0:
        place[entry] = state.n_cut[0]
        cut[state.n_cut[0]] = entry
        state.n_cut[0] += 1
    elif not joins_two and place[entry] >= 0:
        state.n_cut[0] -= 1
        moved = cut[state.n_cut[0]]
        cut[place[entry]] = moved
        place[moved] = place[entry]
        place[entry] = -1


@compiled(**LOOPS)
def fill_state(graph, state, with_distance):
    """Compute every total of a state from its labels."""
    for a in range(len(state.pop)):
        state.pop[a] = 0.0
        state.area[a] = 0.0
        state.per[a] = 0.0
        state.size[a] = 0
        state.radial[a] = 0.0
        state.head[a] = -1
    for e in range(len(state.place)):
        state.place[e] = -1
    state.n_cut[0] = 0
    for i in range(len(state.label)):
        a = state.label[i]
        state.pop[a] += graph.population[i]
        state.area[a] += graph.area[i]
        state.per[a] += graph.perimeter[i] - border_with(graph, state, i, a)
        state.size[a] += 1
        state.before[i] = -1
        state.after[i] = state.head[a]
        if state.head[a] >= 0:
            state.before[state.head[a]] = i
        state.head[a] = i
        for e in range(graph.indptr[i], graph.indptr[i + 1]):
            set_cut(state, e, state.label[graph.indices[e]] != a)
    if with_distance:
        for a in range(len(state.pop)):
            best = np.inf
            i = state.head[a]
            while i >= 0:
                total = 0.0
                j = state.head[a]
                while j >= 0:
                    total += distance(graph, i, j)
                    j = state.after[j]
                state.near[i] = total
                best = min(best, total)
                i = state.after[i]
            state.radial[a] = best


@compiled(**LOOPS)
def state_value(state, mu, weights):
    """The weighted objective of a state from its totals."""
    value = 0.0
    for a in range(len(state.pop)):
        value += weights[0] * abs(state.pop[a] - mu) + weights[1] * state.radial[a]
        if weights[2] > 0.0:
            value += weights[2] * shape_of(state.per[a], state.area[a])
    return value


# ------------------------------------------------------------------ starting plans
@compiled(**LOOPS)
def grow(graph, label, seeds, rng, work):
    """Grow areas from seed units: the least populated area takes its oldest free neighbour.

    `label` must be −1 everywhere. Areas that cannot grow drop out; every unit that can be
    reached from a seed is assigned. `work` holds scratch arrays: population, whether it can
    grow, first and last entry of the waiting list for each area, then the entries and what
    follows each, with one place for each contiguity entry and each area.
    """
    pop, alive, first, last, entry, follow = work
    k, n = len(seeds), len(label)
    used = 0
    for a in range(k):
        label[seeds[a]] = a
        pop[a] = graph.population[seeds[a]]
        alive[a] = True
        first[a] = -1
        last[a] = -1
    for q in range(len(follow)):
        follow[q] = -1
    for a in range(k):
        for e in range(graph.indptr[seeds[a]], graph.indptr[seeds[a] + 1]):
            entry[used] = graph.indices[e]
            if last[a] >= 0:
                follow[last[a]] = used
            else:
                first[a] = used
            last[a] = used
            used += 1
    free = n - k
    while free > 0:
        least, pick = np.inf, -1
        for a in range(k):
            if alive[a] and pop[a] < least:
                least, pick = pop[a], a
        if pick < 0:
            return
        unit = -1
        while first[pick] >= 0 and unit < 0:
            if label[entry[first[pick]]] < 0:
                unit = entry[first[pick]]
            first[pick] = follow[first[pick]]
        if first[pick] < 0:
            last[pick] = -1
        if unit < 0:
            alive[pick] = False
            continue
        label[unit] = pick
        pop[pick] += graph.population[unit]
        free -= 1
        # A random turn of the neighbour list, so that shapes differ from seed to seed.
        degree = graph.indptr[unit + 1] - graph.indptr[unit]
        turn = below(rng, degree) if degree > 0 else 0
        for step in range(degree):
            j = graph.indices[graph.indptr[unit] + (step + turn) % degree]
            if label[j] < 0:
                entry[used] = j
                if last[pick] >= 0:
                    follow[last[pick]] = used
                else:
                    first[pick] = used
                last[pick] = used
                used += 1


# ------------------------------------------------------------------ annealing
@compiled(**LOOPS)
def mean_rise(graph, state, mu, weights, tries):
    """Mean size of the worsening flips of a plan: the natural starting temperature."""
    total, count = 0.0, 0
    for _ in range(tries):
        if state.n_cut[0] == 0:
            break
        e = state.cut[below(state.rng, state.n_cut[0])]
        change = flip_change(
            graph, state, graph.source[e], state.label[graph.indices[e]], mu, weights
        )
        if change > 0.0:
            total += change
            count += 1
    return total / count if count > 0 else 0.0


@compiled(**LOOPS)
def anneal(
    graph, state, mu, weights, value, best, best_value, temperature, cooling, moves, levels, target,
    trace, counts,
):  # fmt: skip
    """Simulated annealing with flips, swaps and relocations; returns value, best value, levels done.

    A flip moves a unit across a border, a swap exchanges two units over it, a relocation
    dissolves a one-unit area into a neighbour and cuts a new one-unit area elsewhere (with
    k near n no flip is possible there). `counts` gathers proposals and acceptances.
    """
    n = len(state.label)
    rng = state.rng
    with_distance = weights[1] > 0.0
    with_shape = weights[2] > 0.0
    only_population = not with_distance and not with_shape
    since = n
    for level in range(levels):
        for _ in range(moves):
            if state.n_cut[0] == 0:
                return value, best_value, level
            counts[0] += 1
            since += 1
            e = state.cut[below(rng, state.n_cut[0])]
            unit, other = graph.source[e], graph.indices[e]
            home, to = state.label[unit], state.label[other]
            # Metropolis: a change is accepted up to this (exponentially distributed) rise.
            allowed = -temperature * np.log(1.0 - uniform(rng))
            accepted = False
            if state.size[home] > 1 and uniform(rng) < 0.8:
                change = flip_change(graph, state, unit, to, mu, weights)
                if change <= allowed and can_leave(graph, state, unit):
                    flip(graph, state, unit, to, with_distance, with_shape)
                    value += change
                    accepted = True
            else:
                if state.size[home] == 1:
                    # Relocation: the area of `unit` moves to where `back` is cut off.
                    back = below(rng, n)
                    if back == unit or state.size[state.label[back]] == 1:
                        continue
                else:
                    # Swap with the unit across the border or a neighbour of it.
                    back = graph.indices[
                        graph.indptr[other]
                        + below(rng, graph.indptr[other + 1] - graph.indptr[other])
                    ]
                    if state.label[back] != to or uniform(rng) < 0.5:
                        back = other
                # By populations alone most of these are refused before anything is moved.
                if (
                    only_population
                    and weights[0] * exchange_change(graph, state, unit, to, back, mu) > allowed
                ):
                    continue
                if state.size[home] > 1 and not can_leave(graph, state, unit):
                    continue
                change = flip_change(graph, state, unit, to, mu, weights)
                alone = state.size[home] == 1
                flip(graph, state, unit, to, with_distance, with_shape)
                if (alone or touches(graph, state, back, home)) and can_leave(graph, state, back):
                    change += flip_change(graph, state, back, home, mu, weights)
                    accepted = change <= allowed
                if accepted:
                    flip(graph, state, back, home, with_distance, with_shape)
                    value += change
                else:
                    flip(graph, state, unit, home, with_distance, with_shape)
            if accepted:
                counts[1] += 1
                if value < best_value - 1e-9 * abs(best_value) and (
                    since >= n or n <= 256 or value <= target
                ):
                    since = 0
                    best_value = value
                    copy(state.label, best)
                    if value <= target:
                        trace[level] = best_value
                        return value, best_value, level + 1
        value = state_value(state, mu, weights)  # drops what rounding has gathered
        if value < best_value:
            best_value = value
            copy(state.label, best)
        trace[level] = best_value
        temperature *= cooling
    return value, best_value, levels


# ------------------------------------------------------------------ recombination
@compiled(**INNER)
def spread_of(state, weights, a, b):
    """The weighted eqs 2 and 4 of two areas."""
    return weights[1] * (state.radial[a] + state.radial[b]) + weights[2] * (
        shape_of(state.per[a], state.area[a]) + shape_of(state.per[b], state.area[b])
    )


@compiled(**INNER)
def draw_tree(graph, state, a, b, tree, parent, subtree, frontier):
    """A random tree through the units of two areas that touch, and what hangs below each unit.

    `tree` receives the units in the order in which they were reached, `parent` the unit from which,
    `subtree` the population of a unit with all below it.
    """
    indptr, indices = graph.indptr, graph.indices
    label, seen, rng = state.label, state.seen, state.rng
    both = state.size[a] + state.size[b]
    state.stamp[0] += 1
    reached = state.stamp[0]
    pick = below(rng, both)
    root = state.head[a]
    if pick >= state.size[a]:
        pick -= state.size[a]
        root = state.head[b]
    for _ in range(pick):
        root = state.after[root]
    seen[root] = reached
    tree[0] = root
    parent[root] = -1
    count, open_entries = 1, 0
    for f in range(indptr[root], indptr[root + 1]):
        j = indices[f]
        if label[j] == a or label[j] == b:
            frontier[open_entries] = f
            open_entries += 1
    while count < both:
        at = below(rng, open_entries)
        f = frontier[at]
        open_entries -= 1
        frontier[at] = frontier[open_entries]
        unit = indices[f]
        if seen[unit] == reached:
            continue
        seen[unit] = reached
        parent[unit] = graph.source[f]
        tree[count] = unit
        count += 1
        for g in range(indptr[unit], indptr[unit + 1]):
            j = indices[g]
            if (label[j] == a or label[j] == b) and seen[j] != reached:
                frontier[open_entries] = g
                open_entries += 1
    for q in range(both):
        subtree[tree[q]] = graph.population[tree[q]]
    for q in range(both - 1, 0, -1):
        subtree[parent[tree[q]]] += subtree[tree[q]]


@compiled(**INNER)
def part_at(state, a, b, cut_at, tree, parent, side):
    """Which side of the cut tree each unit is on (1: cut off), and the areas of sides 1 and 0.

    The side that shares most with an area keeps its name.
    """
    both, overlap = state.size[a] + state.size[b], 0
    for q in range(both):
        unit = tree[q]
        off_root = unit == cut_at or (parent[unit] >= 0 and side[parent[unit]] == 1)
        side[unit] = 1 if off_root else 0
        if (side[unit] == 1) == (state.label[unit] == a):
            overlap += 1
    return (a, b) if 2 * overlap >= both else (b, a)


@compiled(**LOOPS)
def recombine(
    graph, state, mu, weights, value, best, best_value, temperature, cooling, steps, target, trace,
    counts, work,
):  # fmt: skip
    """Spanning-tree moves: two neighbouring areas are merged and cut apart along a random tree.

    The tree grows from a random unit by random border entries; of its edges the one whose
    cut balances the two populations best is cut (a random edge if eq. 1 does not count). The
    move is accepted by the Metropolis rule. `work` holds scratch arrays: tree, parent, subtree
    and side of length n, and frontier with one place for each contiguity entry. Returns
    (value, best value, steps).
    """
    tree, parent, subtree, side, frontier = work
    indices, label, rng = graph.indices, state.label, state.rng
    with_distance, with_shape = weights[1] > 0.0, weights[2] > 0.0
    for step in range(steps):
        if state.n_cut[0] == 0:
            return value, best_value, step
        counts[0] += 1
        temperature *= cooling
        trace[step] = best_value
        e = state.cut[below(rng, state.n_cut[0])]
        a, b = label[graph.source[e]], label[indices[e]]
        both = state.size[a] + state.size[b]
        whole = state.pop[a] + state.pop[b]
        draw_tree(graph, state, a, b, tree, parent, subtree, frontier)
        cut_at = -1
        if weights[0] > 0.0:
            least = np.inf
            for q in range(1, both):
                part = subtree[tree[q]]
                off = abs(part - mu) + abs(whole - part - mu)
                if off < least:
                    least, cut_at = off, tree[q]
        else:
            cut_at = tree[1 + below(rng, both - 1)]
        allowed = -temperature * np.log(1.0 - uniform(rng))
        change = 0.0
        if weights[0] > 0.0:
            change = weights[0] * (
                abs(subtree[cut_at] - mu)
                + abs(whole - subtree[cut_at] - mu)
                - abs(state.pop[a] - mu)
                - abs(state.pop[b] - mu)
            )
            if not with_distance and not with_shape and change > allowed:
                continue
        first, second = part_at(state, a, b, cut_at, tree, parent, side)
        before = 0.0
        if with_distance or with_shape:
            before = spread_of(state, weights, a, b)
        moved = 0
        for q in range(both):
            unit = tree[q]
            to = first if side[unit] == 1 else second
            if label[unit] != to:
                frontier[moved] = unit
                moved += 1
                flip(graph, state, unit, to, with_distance, with_shape)
        if with_distance or with_shape:
            change += spread_of(state, weights, a, b) - before
            if change > allowed:
                for q in range(moved):
                    unit = frontier[q]
                    to = b if label[unit] == a else a
                    flip(graph, state, unit, to, with_distance, with_shape)
                continue
        value += change
        counts[1] += 1
        if value < best_value - 1e-9 * abs(best_value):
            best_value = value
            copy(state.label, best)
            if value <= target:
                trace[step] = best_value
                return value, best_value, step + 1
    return value, best_value, steps


# ------------------------------------------------------------------ automatic zoning procedure
@compiled(**INNER)
def shuffle(values, size, rng):
    """Put the first `size` values into random order."""
    for i in range(size - 1, 0, -1):
        j = below(rng, i + 1)
        values[i], values[j] = values[j], values[i]


@compiled(**INNER)
def units_around(graph, state, area, found, seen):
    """Units of other areas that touch an area; `found` receives them, their number is returned."""
    for j in range(len(seen)):
        seen[j] = False
    count = 0
    i = state.head[area]
    while i >= 0:
        for e in range(graph.indptr[i], graph.indptr[i + 1]):
            j = graph.indices[e]
            if state.label[j] != area and not seen[j]:
                seen[j] = True
                found[count] = j
                count += 1
        i = state.after[i]
    return count


@compiled(**MAKES_ARRAYS)
def zone_once(
    graph, state, mu, weights, value, best, best_value, temperature, plateau, uphill, done,
):  # fmt: skip
    """One run of AZP; returns the value and the best value.

    Areas come in random order. Each takes units that touch it, in random order, whenever the
    move is accepted; after a move its list of units is made anew. The run ends when no area has
    moved anything but level moves, or after `uphill` moves uphill. `done` counts the moves
    uphill, the level ones, and the others.
    """
    k = len(state.pop)
    rng = state.rng
    with_distance, with_shape = weights[1] > 0.0, weights[2] > 0.0
    order = np.empty(k, np.int64)
    for a in range(k):
        order[a] = a
    found = np.empty(len(state.label), np.int64)
    seen = np.empty(len(state.label), np.bool_)
    moved = True
    while moved:
        moved = False
        shuffle(order, k, rng)
        for area in order:
            again = True
            while again:
                again = False
                count = units_around(graph, state, area, found, seen)
                shuffle(found, count, rng)
                for q in range(count):
                    unit = found[q]
                    if state.size[state.label[unit]] == 1:
                        continue
                    change = flip_change(graph, state, unit, area, mu, weights)
                    level = abs(change) <= 1e-9 * max(1.0, abs(value))
                    if level and done[1] >= plateau:
                        continue
                    rises = not level and change > 0.0
                    if rises and (
                        temperature <= 0.0 or uniform(rng) >= np.exp(-change / temperature)
                    ):
                        continue
                    if not can_leave(graph, state, unit):
                        continue
                    flip(graph, state, unit, area, with_distance, with_shape)
                    value += change
                    done[1 if level else 0 if rises else 2] += 1
                    again = True
                    moved = moved or not level
                    if value < best_value - 1e-9 * abs(best_value):
                        best_value = value
                        copy(state.label, best)
                    if rises and done[0] >= uphill:
                        return value, best_value
                    break
    return value, best_value


@compiled(**LOOPS)
def like_change(graph, state, unit, area):
    """Change of the heterogeneity within areas when a unit moves to another area."""
    home, own = state.label[unit], graph.population[unit]
    change = 0.0
    for other in range(len(state.label)):
        if state.label[other] == area:
            change += abs(graph.population[other] - own)
        elif state.label[other] == home:
            change -= abs(graph.population[other] - own)
    return change


@compiled(**MAKES_ARRAYS)
def zone_alike(graph, state):
    """One run of AZP for the heterogeneity within areas; moves without change are accepted.

    It goes round as `zone_once` does and ends when no area has lowered the objective. Level
    moves need no limit: an area only takes units in its turn, so a turn ends, and a round of
    nothing but level moves is the last.
    """
    never = np.bool_(False)  # a plain False is a type of its own, for which `flip` compiles anew
    k, rng = len(state.pop), state.rng
    order = np.empty(k, np.int64)
    for a in range(k):
        order[a] = a
    found = np.empty(len(state.label), np.int64)
    seen = np.empty(len(state.label), np.bool_)
    lowered = True
    while lowered:
        lowered = False
        shuffle(order, k, rng)
        for area in order:
            again = True
            while again:
                again = False
                count = units_around(graph, state, area, found, seen)
                shuffle(found, count, rng)
                for q in range(count):
                    unit = found[q]
                    if state.size[state.label[unit]] == 1:
                        continue
                    change = like_change(graph, state, unit, area)
                    if change > 0.0 or not can_leave(graph, state, unit):
                        continue
                    flip(graph, state, unit, area, never, never)
                    lowered = lowered or change < 0.0
                    again = True
                    break
