"""Compiled loops of the genetic algorithms."""

import numpy as np

from helpers.compiled import compiled

from .._kernels import (
    INNER,
    LOOPS,
    MAKES_ARRAYS,
    anneal,
    below,
    copy,
    distance,
    fill_state,
    grow,
    mean_rise,
    none_below,
    shape_of,
    state_value,
    uniform,
)


@compiled(**LOOPS)
def decode_rings(graph, centres, label, queue, one_each):
    """Areas from centres: in gene order each area takes its free first-order neighbours.

    Rounds repeat until every unit that can be reached has an area. With `one_each` an area
    takes one neighbour a round, otherwise all of them.
    """
    if one_each:
        return _decode_one_each(graph, centres, label)
    # The units taken in one round stand in the queue in gene order, so that the next round
    # serves the areas in that order too; older units have no free neighbour left.
    for i in range(len(label)):
        label[i] = -1
    last = len(centres)
    for a in range(last):
        label[centres[a]] = a
        queue[a] = centres[a]
    first, every = 0, len(label)
    while first < last < every:
        i = queue[first]
        first += 1
        for e in range(graph.indptr[i], graph.indptr[i + 1]):
            j = graph.indices[e]
            if label[j] == -1:
                label[j] = label[i]
                queue[last] = j
                last += 1
    return last == every


# The place of the one bit of a word, by its six top bits once it is multiplied by DE_BRUIJN
# (Leiserson, Prokop & Randall 1998).
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
PLACES = np.empty(64, np.int64)
PLACES[[(int(DE_BRUIJN) << i) % 2**64 >> 58 for i in range(64)]] = np.arange(64)


@compiled(**INNER)
def neighbour_words(graph, near):
    """The neighbours of each unit as the bits of a word, for at most 64 units."""
    for i in range(len(near)):
        near[i] = 0
        for e in range(graph.indptr[i], graph.indptr[i + 1]):
            near[i] |= np.uint64(1) << np.uint64(graph.indices[e])


@compiled(**INNER)
def decode_words(near, centres, label, queue):
    """What `decode_rings` does, all free neighbours of a unit at once: its lists are ascending."""
    one, last = np.uint64(1), len(centres)
    free = ~np.uint64(0) >> np.uint64(64 - len(label))
    for a in range(last):
        label[centres[a]] = a
        queue[a] = centres[a]
        free &= ~(one << np.uint64(centres[a]))
    first = 0
    while first < last and free:
        i = queue[first]
        first += 1
        taken = near[i] & free
        free ^= taken
        while taken:
            left = taken & (taken - one)
            j = PLACES[((taken ^ left) * DE_BRUIJN) >> np.uint64(58)]
            label[j] = label[i]
            queue[last] = j
            last += 1
            taken = left
    return free == 0


@compiled(**INNER)
def _decode_one_each(graph, centres, label):
    n, k = len(label), len(centres)
    for i in range(n):
        label[i] = -1
    for a in range(k):
        label[centres[a]] = a
    free = n - k
    while free > 0:
        before = free
        for a in range(k):
            taken = -1
            for i in range(n):
                if label[i] != a or taken >= 0:
                    continue
                for e in range(graph.indptr[i], graph.indptr[i + 1]):
                    if label[graph.indices[e]] == -1:
                        taken = graph.indices[e]
                        break
            if taken >= 0:
                label[taken] = a
                free -= 1
        if free == before:
            return False
    return True


@compiled(**INNER)
def balance(population, label, mu, pop):
    """Equation (1) of labels."""
    for a in range(len(pop)):
        pop[a] = 0.0
    for i in range(len(label)):
        pop[label[i]] += population[i]
    value = 0.0
    for a in range(len(pop)):
        value += abs(pop[a] - mu)
    return value


@compiled(**INNER)
def label_value(graph, label, centres, mu, weights, pop, area, per):
    """The weighted objective of labels; eq. 2 with the given centres."""
    k = len(pop)
    if weights[1] <= 0.0 and weights[2] <= 0.0:
        return weights[0] * balance(graph.population, label, mu, pop)
    for a in range(k):
        pop[a] = 0.0
        area[a] = 0.0
        per[a] = 0.0
    radial = 0.0
    for i in range(len(label)):
        a = label[i]
        pop[a] += graph.population[i]
        if weights[1] > 0.0:
            radial += distance(graph, i, centres[a])
        if weights[2] > 0.0:
            area[a] += graph.area[i]
            per[a] += graph.perimeter[i]
            for e in range(graph.b_indptr[i], graph.b_indptr[i + 1]):
                if label[graph.b_indices[e]] == a:
                    per[a] -= graph.b_km[e]
    value = weights[1] * radial
    for a in range(k):
        value += weights[0] * abs(pop[a] - mu)
        if weights[2] > 0.0:
            value += weights[2] * shape_of(per[a], area[a])
    return value


@compiled(**INNER)
def take(used, i):
    """Whether the bit of unit i was set in the words `used`; it is set now."""
    word, bit = i >> 6, np.uint64(1) << np.uint64(i & 63)
    before = used[word] & bit
    used[word] |= bit
    return before != 0


@compiled(**INNER)
def repair(genes, component, used, count, rng):
    """Replace repeated centres by random others, then give every component a centre."""
    n, k, parts = len(component), len(genes), len(count)
    for w in range(len(used)):
        used[w] = 0
    for g in range(k):
        while take(used, genes[g]):
            genes[g] = below(rng, n)
    if parts == 1:
        return
    for c in range(parts):
        count[c] = 0
    for g in range(k):
        count[component[genes[g]]] += 1
    for c in range(parts):
        if count[c] > 0:
            continue
        g = below(rng, k)
        while count[component[genes[g]]] < 2:
            g = below(rng, k)
        i = below(rng, n)
        while component[i] != c:
            i = below(rng, n)
        count[component[genes[g]]] -= 1
        genes[g] = i
        count[c] = 1


@compiled(**INNER)
def same(genes, others):
    """Whether two chromosomes are equal, gene by gene."""
    for g in range(len(genes)):  # noqa: SIM110 (compiled: no generators)
        if genes[g] != others[g]:
            return False
    return True


@compiled(**INNER)
def repeats(genes, used):
    """Whether a centre stands twice in a chromosome."""
    for w in range(len(used)):
        used[w] = 0
    for g in range(len(genes)):  # noqa: SIM110 (compiled: no generators)
        if take(used, genes[g]):
            return True
    return False


@compiled(**LOOPS)
def pick_by_rank(size, rng):
    """A position 0..size-1 of the list from best to worst, with weight size − position."""
    ticket = below(rng, size * (size + 1) // 2)
    # position j begins at the ticket j (2 size + 1 − j) / 2, so the root is at most one off
    position = np.int64(size + 0.5 - np.sqrt((size + 0.5) ** 2 - 2.0 * ticket))
    position = min(max(position, 0), size - 1)
    while position > 0 and position * (2 * size + 1 - position) > 2 * ticket:
        position -= 1
    while (position + 1) * (2 * size - position) <= 2 * ticket:
        position += 1
    return position


@compiled(**MAKES_ARRAYS)
def evolve_centres(
    graph, component, genes, other, values, best_label, trace, crossover, mutation, one_each, mu,
    weights, rng, work, best, span, elite, by_gene, mend,
):  # fmt: skip
    """Some generations of the paper's genetic algorithm; returns (best value, swapped).

    `span` holds the first generation to make and the one to stop before, `best` the best value
    so far (infinite before the first). After an odd number of generations the chromosomes to go
    on with are in `other`, and `swapped` is True.

    `genes` and `other` have one row for each chromosome of a generation, `values` one place;
    `trace` receives the best value by generation, `best_label` the best plan. `work` holds
    scratch arrays: label, queue and used for the units, count for the components, population,
    area and perimeter for the areas.

    What the paper leaves open: the best `elite` chromosomes go on unchanged; `by_gene` says whether
    each gene mutates with that probability or one gene of a chromosome; `mend` whether repeated
    centres are replaced or the chromosome is worth nothing.
    """
    label, queue, used, count, pop, area, per = work
    size, k = genes.shape
    n, generations = len(component), len(trace) - 1
    swapped = False
    near = np.empty(n if n <= 64 and not one_each else 0, np.uint64)
    neighbour_words(graph, near)
    known, reached = np.full(size, np.nan), np.empty(size)
    for s in range(size if span[0] == 0 else 0):
        for g in range(k):
            genes[s, g] = below(rng, n)
        repair(genes[s], component, used, count, rng)
    for generation in range(span[0], span[1]):
        for s in range(size):
            values[s] = known[s]
            if not np.isnan(known[s]):
                continue
            values[s] = np.inf
            if not mend and repeats(genes[s], used):
                continue
            if len(near):
                whole = decode_words(near, genes[s], label, queue)
            else:
                whole = decode_rings(graph, genes[s], label, queue, one_each)
            if whole:
                values[s] = label_value(graph, label, genes[s], mu, weights, pop, area, per)
            if values[s] < best:
                best = values[s]
                copy(label, best_label)
        trace[generation] = best
        if generation == generations:
            break
        order = np.argsort(values)
        for s in range(elite):
            copy(genes[order[s]], other[s])
            reached[s] = values[order[s]]
        for s in range(elite, size, 2):
            first, second = order[pick_by_rank(size, rng)], order[pick_by_rank(size, rng)]
            mother, father = genes[first], genes[second]
            cut = k
            if k > 1 and uniform(rng) < crossover:
                cut = 1 + below(rng, k - 1)
            for g in range(k):
                other[s, g] = mother[g] if g < cut else father[g]
                if s + 1 < size:
                    other[s + 1, g] = father[g] if g < cut else mother[g]
            for child in range(s, min(s + 2, size)):
                if by_gene:
                    if not none_below(rng, k, mutation):
                        for g in range(k):
                            if uniform(rng) < mutation:
                                other[child, g] = below(rng, n)
                elif uniform(rng) < mutation:
                    other[child, below(rng, k)] = below(rng, n)
                if mend:
                    repair(other[child], component, used, count, rng)
                # a child that is its parent again need not be grown again
                reached[child] = np.nan
                if same(other[child], mother):
                    reached[child] = values[first]
                elif same(other[child], father):
                    reached[child] = values[second]
        copy(reached, known)
        genes, other = other, genes
        swapped = not swapped
    return best, swapped


@compiled(**INNER, inline="always")  # called in one place: no build of its own
def climb(graph, state, mu, weights, moves, best, with_distance, target, counts, scratch):
    """A short cold annealing from the labels of a state; returns the value of `best`.

    It has as many levels as `scratch` has places.
    """
    fill_state(graph, state, with_distance)
    value = state_value(state, mu, weights)
    copy(state.label, best)
    temperature = 0.02 * mean_rise(graph, state, mu, weights, np.int64(50))
    if temperature <= 0.0:
        return value
    _, found, _ = anneal(
        graph, state, mu, weights, value, best, value, temperature, 0.5,
        moves // len(scratch) + 1, len(scratch), target, scratch, counts,
    )  # fmt: skip
    return found


@compiled(**INNER)
def centres_of(graph, label, total, centres):
    """The central unit of every area: the least summed distance to its other units."""
    n = len(label)
    for i in range(n):
        total[i] = 0.0
    for i in range(n):
        for j in range(i):
            if label[i] == label[j]:
                d = distance(graph, i, j)
                total[i] += d
                total[j] += d
    for a in range(len(centres)):
        centres[a] = -1
    for i in range(n):
        a = label[i]
        if centres[a] < 0 or total[i] < total[centres[a]]:
            centres[a] = i


@compiled(**LOOPS)
def evolve_plans(
    graph, state, component, genes, labels, values, trace, moves, mutation, mu, weights, target,
    counts, work, growth, best, span,
):  # fmt: skip
    """Steady-state search over centres: cross, grow balanced areas, climb, read centres back.

    `genes`, `labels` and `values` (infinite at first) have one row for each plan kept; `trace`
    receives the best value after each child. `work` holds scratch arrays: child for the areas,
    grown, plan, total and used for the units, count for the components, one place for each
    level of a climb; `growth` those of `grow`; `span` the first child to make and the one to stop
    before, `best` the row of the best plan so far. Returns (row of the best plan, children made).
    """
    child, grown, plan, total, used, count, scratch = work
    size, k = genes.shape
    n, rng = len(component), state.rng
    with_distance = weights[1] > 0.0
    for step in range(span[0], span[1]):
        first = step < size
        if first:
            for g in range(k):
                child[g] = below(rng, n)
        else:
            # Two tournaments; each centre of the child comes from either parent, so centres
            # that both share are likely kept.
            mother = below(rng, size)
            rival = below(rng, size)
            mother = mother if values[mother] <= values[rival] else rival
            father = below(rng, size)
            for g in range(k):
                child[g] = genes[mother, g]
            swaps = 1 + below(rng, max(k // 2, 1))
            for _ in range(swaps):
                child[below(rng, k)] = genes[father, below(rng, k)]
            for g in range(k):
                if uniform(rng) < mutation:
                    child[g] = below(rng, n)
        repair(child, component, used, count, rng)
        for i in range(n):
            grown[i] = -1
        grow(graph, grown, child, rng, growth)
        copy(grown, state.label)
        value = climb(
            graph, state, mu, weights, moves, plan, with_distance, target, counts, scratch
        )
        slot = step
        if not first:
            slot = 0
            for s in range(1, size):
                if values[s] > values[slot]:
                    slot = s
        same = False
        if not first:
            for s in range(size):
                if values[s] == value:
                    same = True
        if first or (value <= values[slot] and not same):
            values[slot] = value
            copy(plan, labels[slot])
            centres_of(graph, plan, total, child)
            copy(child, genes[slot])
            if value < values[best] or slot == best:
                best = slot
                for s in range(min(step + 1, size)):
                    if values[s] < values[best]:
                        best = s
        trace[step] = values[best]
        if values[best] <= target:
            return best, step + 1
    return best, span[1]
