"""Compiled loops around the plan of today: random plans, and few changes."""

import numpy as np

from helpers.compiled import compiled

from .._kernels import (
    LOOPS,
    below,
    can_leave,
    copy,
    draw_tree,
    flip,
    flip_change,
    part_at,
    state_value,
    uniform,
)


@compiled(**LOOPS)
def wander(graph, state, mu, low, high, plans, every, measures, labels, stride, work):
    """A chain of random plans: `every` recombinations between two of them; returns the steps taken.

    Two areas across a random border are merged and cut along a random tree at a random edge of
    those that leave both between `low` and `high`; where there is none the plan stays. Row p of
    `measures` receives eqs 1 and 4, the mean of 4 pi area / perimeter² and the number of contiguous
    pairs that are in two areas; every `stride`-th plan goes into `labels`.
    """
    tree, parent, subtree, side, frontier = work
    indices, label, rng = graph.indices, state.label, state.rng
    k, taken, yes = len(state.pop), 0, np.bool_(True)
    for p in range(plans):
        for _ in range(every):
            if state.n_cut[0] == 0:
                return taken
            e = state.cut[below(rng, state.n_cut[0])]
            a, b = label[graph.source[e]], label[indices[e]]
            both, whole = state.size[a] + state.size[b], state.pop[a] + state.pop[b]
            draw_tree(graph, state, a, b, tree, parent, subtree, frontier)
            cut_at, found = -1, 0
            for q in range(1, both):
                part = subtree[tree[q]]
                if low <= part <= high and low <= whole - part <= high:
                    found += 1
                    if below(rng, found) == 0:
                        cut_at = tree[q]
            if cut_at < 0:
                continue
            taken += 1
            first, second = part_at(state, a, b, cut_at, tree, parent, side)
            for q in range(both):
                unit = tree[q]
                to = first if side[unit] == 1 else second
                if label[unit] != to:
                    flip(graph, state, unit, to, np.bool_(False), yes)
        eq1, eq4, round_ = 0.0, 0.0, 0.0
        for a in range(k):
            shape = state.per[a] * state.per[a] / state.area[a]
            eq1 += abs(state.pop[a] - mu)
            eq4 += shape
            round_ += 4.0 * np.pi / shape
        measures[p, 0] = eq1
        measures[p, 1] = eq4
        measures[p, 2] = round_ / k
        measures[p, 3] = state.n_cut[0] / 2
        if p % stride == 0:
            copy(label, labels[p // stride])
    return taken


@compiled(**LOOPS)
def anneal_near(
    graph,
    state,
    today,
    most,
    mu,
    weights,
    best,
    value,
    best_value,
    temperature,
    cooling,
    moves,
    levels,
    work,
):
    """Annealing by flips among plans that differ from `today` in at most `most` units.

    Where a flip would be one change too many, a changed unit drawn at random goes home with it.
    Eq. 1 alone is looked at.  Returns the best value; `best` receives the plan.
    """
    rng, label, no = state.rng, state.label, np.bool_(False)
    changed, place = work[0], work[1]
    moved = 0
    for i in range(len(today)):
        if label[i] != today[i]:
            changed[moved], place[i] = i, moved
            moved += 1
    for _ in range(levels):
        for _ in range(moves):
            if state.n_cut[0] == 0:
                return best_value
            e = state.cut[below(rng, state.n_cut[0])]
            unit, to = graph.source[e], label[graph.indices[e]]
            home = label[unit]
            if state.size[home] == 1:
                continue
            back, left, change = -1, -1, 0.0
            if moved == most and home == today[unit]:
                back = changed[below(rng, moved)]
                left, p = label[back], graph.population[back]
                if state.size[left] == 1 or not touches(graph, label, back, today[back]):
                    continue
                change = flip_change(graph, state, back, today[back], mu, weights)
                state.pop[left] -= p
                state.pop[today[back]] += p
                change += flip_change(graph, state, unit, to, mu, weights)
                state.pop[left] += p
                state.pop[today[back]] -= p
            else:
                change = flip_change(graph, state, unit, to, mu, weights)
            ticket = uniform(rng)
            if change > 0.0 and change > -temperature * np.log(1.0 - ticket):
                continue
            if back >= 0:
                if not can_leave(graph, state, back):
                    continue
                flip(graph, state, back, today[back], no, no)
            if not (
                state.size[home] > 1
                and touches(graph, label, unit, to)
                and can_leave(graph, state, unit)
            ):
                if back >= 0:
                    flip(graph, state, back, left, no, no)
                continue
            flip(graph, state, unit, to, no, no)
            value += change
            if back >= 0:
                moved = note_change(changed, place, moved, back, no)
            if home == today[unit]:
                moved = note_change(changed, place, moved, unit, np.bool_(True))
            elif to == today[unit]:
                moved = note_change(changed, place, moved, unit, no)
            if value < best_value - 1e-9 * abs(best_value):
                best_value = value
                copy(label, best)
        value = state_value(state, mu, weights)
        temperature *= cooling
    return best_value


@compiled(**LOOPS)
def touches(graph, label, unit, area):
    """Whether a neighbour of the unit is of the area."""
    for e in range(graph.indptr[unit], graph.indptr[unit + 1]):
        if label[graph.indices[e]] == area:
            return True
    return False


@compiled(**LOOPS)
def note_change(changed, place, moved, unit, gone):
    """Put a unit on the list of the changed ones, or take it off; returns how many they are."""
    if gone:
        changed[moved], place[unit] = unit, moved
        return moved + 1
    last = changed[moved - 1]
    changed[place[unit]], place[last] = last, place[unit]
    return moved - 1
