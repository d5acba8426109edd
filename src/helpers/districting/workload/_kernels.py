"""Compiled annealing of police plans."""

import numpy as np

from helpers.compiled import compiled

from .._kernels import LOOPS, below, can_leave, copy, flip, shape_of, uniform


@compiled(**LOOPS)
def measure_area(state, area, without, plus, calls, service, minutes, standard, out):
    """Work, travel and late calls of an area less one unit and plus another (-1: none)."""
    least, middle, held, count = np.inf, -1, 0.0, 0
    c = state.head[area]
    first = plus >= 0
    while first or c >= 0:
        unit = plus if first else c
        if first or unit != without:
            spent = calls[plus] * minutes[unit, plus] if plus >= 0 else 0.0
            i = state.head[area]
            while i >= 0:
                if i != without:
                    spent += calls[i] * minutes[unit, i]
                i = state.after[i]
            if spent < least:
                least, middle = spent, unit
            held += service[unit]
            count += 1
        if first:
            first = False
        else:
            c = state.after[c]
    if count == 0:
        out[0], out[1], out[2] = 0.0, 0.0, 0.0
        return
    late = 0.0
    if plus >= 0 and minutes[middle, plus] > standard:
        late += calls[plus]
    i = state.head[area]
    while i >= 0:
        if i != without and minutes[middle, i] > standard:
            late += calls[i]
        i = state.after[i]
    out[0], out[1], out[2] = held + least, least, late


@compiled(**LOOPS)
def police_value(per_area, shapes, weights, total_calls, standard):
    """The objective of measured areas: balance, response, late calls and shape, each over a reference."""
    k = len(per_area)
    work, travel, late, shape = 0.0, 0.0, 0.0, 0.0
    for a in range(k):
        work += per_area[a, 0]
        travel += per_area[a, 1]
        late += per_area[a, 2]
        shape += shapes[a]
    mean, off = work / k, 0.0
    for a in range(k):
        off += abs(per_area[a, 0] - mean)
    return (
        weights[0] * off / work
        + weights[1] * travel / total_calls / standard
        + weights[2] * late / total_calls
        + weights[3] * shape / (16.0 * k)
    )


@compiled(**LOOPS)
def anneal_police(
    graph, state, calls, service, minutes, standard, weights, total_calls, per_area, shapes, best,
    temperature, cooling, moves, levels, room,
):  # fmt: skip
    """Annealing by flips; `best` receives the best plan, whose value is returned."""
    rng, k = state.rng, len(per_area)
    yes, no = np.bool_(True), np.bool_(False)
    for a in range(k):
        measure_area(state, a, -1, -1, calls, service, minutes, standard, per_area[a])
        shapes[a] = shape_of(state.per[a], state.area[a])
    value = police_value(per_area, shapes, weights, total_calls, standard)
    best_value = value
    copy(state.label, best)
    for _ in range(levels):
        for _ in range(moves):
            if state.n_cut[0] == 0:
                return best_value
            e = state.cut[below(rng, state.n_cut[0])]
            unit, to = graph.source[e], state.label[graph.indices[e]]
            home = state.label[unit]
            if state.size[home] == 1 or not can_leave(graph, state, unit):
                continue
            for c in range(3):
                room[0, c], room[1, c] = per_area[home, c], per_area[to, c]
            room[2, 0], room[2, 1] = shapes[home], shapes[to]
            measure_area(state, home, unit, -1, calls, service, minutes, standard, per_area[home])
            measure_area(state, to, -1, unit, calls, service, minutes, standard, per_area[to])
            flip(graph, state, unit, to, no, yes)
            shapes[home] = shape_of(state.per[home], state.area[home])
            shapes[to] = shape_of(state.per[to], state.area[to])
            other = police_value(per_area, shapes, weights, total_calls, standard)
            if other - value > -temperature * np.log(1.0 - uniform(rng)):
                flip(graph, state, unit, home, no, yes)
                for c in range(3):
                    per_area[home, c], per_area[to, c] = room[0, c], room[1, c]
                shapes[home], shapes[to] = room[2, 0], room[2, 1]
                continue
            value = other
            if value < best_value - 1e-12:
                best_value = value
                copy(state.label, best)
        temperature *= cooling
    return best_value
