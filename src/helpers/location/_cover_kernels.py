"""Compiled inner loops of covers and centers: which rows of a table decide, swaps of posts."""

import numpy as np

from helpers.compiled import compiled


@compiled()
def dominated(bits, holding):
    """Which rows of a table of bits need not be looked at.

    With `holding` those that hold all of another row's bits, else those whose bits another row
    holds; of equal rows all but the first.
    """
    n, words = bits.shape
    out = np.zeros(n, np.bool_)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            small, large = (j, i) if holding else (i, j)
            within, equal = True, True
            for k in range(words):
                if bits[small, k] & ~bits[large, k]:
                    within = False
                    break
                if bits[small, k] != bits[large, k]:
                    equal = False
            if within and (not equal or j < i):
                out[i] = True
                break
    return out


@compiled()
def _serve(distance, plan, post, first, second):
    """Place in the plan of the nearest post of each node, its distance, that of the next one."""
    for i in range(distance.shape[0]):
        first[i], second[i], post[i] = np.inf, np.inf, 0
        for k in range(plan.size):
            d = distance[i, plan[k]]
            if d < first[i]:
                second[i] = first[i]
                first[i], post[i] = d, k
            elif d < second[i]:
                second[i] = d


@compiled()
def swap_centers(distance, plan, held, rounds, seed):
    """Move posts so that the worst-served node gets nearer to one: swaps, then shakes.

    A swap opens a site that is nearer to the worst-served node than its post and closes the post
    that is missed least; when none helps, up to three posts of the best plan are drawn anew.  The
    first `held` posts stay.  Returns the best plan after `rounds` descents.
    """
    n, m = distance.shape
    p = plan.size
    best, least = plan.copy(), np.inf
    now = plan.copy()
    post, first, second = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
    own, left = np.zeros(p), np.zeros(p)
    open_ = np.zeros(m, np.bool_)
    state = np.uint64(seed)
    for turn in range(rounds):
        open_[:] = False
        for k in range(p):
            open_[now[k]] = True
        _serve(distance, now, post, first, second)
        while True:
            worst = int(np.argmax(first))
            reach = first[worst]
            swap_in, swap_out, value = -1, -1, reach
            for j in range(m):
                if open_[j] or not distance[worst, j] < value:
                    continue
                own[:] = 0.0
                left[:] = 0.0
                top, lost = 0.0, False
                for i in range(n):
                    d = distance[i, j]
                    with_it = min(first[i], d)
                    if with_it >= value:
                        lost = True
                        break
                    k = post[i]
                    own[k] = max(own[k], with_it)
                    left[k] = max(left[k], min(second[i], d))
                if lost:
                    continue
                runner, leader = 0.0, -1
                for k in range(p):
                    if own[k] > top or leader < 0:
                        runner, top, leader = top, own[k], k
                    elif own[k] > runner:
                        runner = own[k]
                for k in range(held, p):
                    others = runner if k == leader else top
                    reached = max(left[k], others)
                    if reached < value:
                        value, swap_in, swap_out = reached, j, k
            if swap_in < 0:
                break
            open_[now[swap_out]] = False
            open_[swap_in] = True
            now[swap_out] = swap_in
            _serve(distance, now, post, first, second)
        if first.max() < least:
            least = first.max()
            best[:] = now
        if p in (held, m):
            break
        now[:] = best
        open_[:] = False
        for k in range(p):
            open_[now[k]] = True
        for _ in range(1 + turn % 3):
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            k = held + int((state >> np.uint64(33)) % np.uint64(p - held))
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            j = int((state >> np.uint64(33)) % np.uint64(m))
            if not open_[j]:
                open_[now[k]] = False
                open_[j] = True
                now[k] = j
    return best
