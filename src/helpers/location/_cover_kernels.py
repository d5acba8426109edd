"""Compiled inner loops of covers and centers: which rows of a table decide, a tree of covers, swaps of posts."""

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


@compiled()
def _take(at, members, which, count, step):
    """Add `step` to the count of all members of a row of a table of lists."""
    for q in range(at[which], at[which + 1]):
        count[members[q]] += step


@compiled()
def _too_few(site_at, site_nodes, covered, banned, price, left, steps, sums, hit):
    """Whether prices show that `left` sites cannot cover what is open; the prices are improved on the way.

    If a plan covers all, the `left` dearest sites cost no less than the open nodes do.  The prices
    follow the subgradient; `sums` receives what each site costs.
    """
    n, m = covered.size, banned.size
    for step in range(steps + 1):
        whole = 0.0
        for i in range(n):
            if covered[i] > 0:
                price[i] = 0.0
            whole += price[i]
        for j in range(m):
            sums[j] = 0.0
            if banned[j] == 0:
                for q in range(site_at[j], site_at[j + 1]):
                    sums[j] += price[site_nodes[q]]
        dearest = np.argsort(-sums)[:left]
        pays = 0.0
        for j in dearest:
            pays += sums[j]
        if whole - pays > 1e-9 * whole:
            return True
        if step == steps:
            break
        hit[:] = 0.0
        for j in dearest:
            if banned[j] == 0:
                for q in range(site_at[j], site_at[j + 1]):
                    hit[site_nodes[q]] += 1.0
        length = 0.0
        for i in range(n):
            hit[i] = 1.0 - hit[i] if covered[i] == 0 else 0.0
            if hit[i] < 0.0 and price[i] <= 0.0:
                hit[i] = 0.0
            length += hit[i] * hit[i]
        if length == 0.0:
            break
        pace = (pays - whole + 0.02 * whole) / length
        for i in range(n):
            price[i] = max(0.0, price[i] + pace * hit[i])
    return False


@compiled()
def search_cover(node_at, node_sites, site_at, site_nodes, price, most, limit):
    """Whether `most` sites cover all nodes: 1 and they, 0 if none do, -1 after `limit` nodes of the tree.

    Depth first.  The open node that fewest sites reach gets one of them, the dearest first; the ones
    tried before are not used in the branches after.  A branch ends where `_too_few` says so, from
    the prices of the branch above.
    """
    n, m = node_at.size - 1, site_at.size - 1
    covered, banned = np.zeros(n, np.int64), np.zeros(m, np.int64)
    free = node_at[1:] - node_at[:-1]
    prices = np.zeros((most + 1, n))
    prices[0] = price
    sums, hit = np.zeros(m), np.zeros(n)
    tried = np.zeros((most + 1, m), np.int64)
    many, at = np.zeros(most + 1, np.int64), np.zeros(most + 1, np.int64)
    chosen = np.zeros(most, np.int64)
    depth, entered = 0, 0
    while True:
        entered += 1
        if entered > limit:
            return -1, chosen[:0]
        tightest = -1
        for i in range(n):
            if covered[i] == 0 and (tightest < 0 or free[i] < free[tightest]):
                tightest = i
        if tightest < 0:
            return 1, chosen[:depth]
        left = most - depth
        many[depth], at[depth] = 0, -1
        if left > 0 and free[tightest] > 0:
            own = prices[depth]
            if depth > 0:
                own[:] = prices[depth - 1]
            if not _too_few(site_at, site_nodes, covered, banned, own, left, 8, sums, hit):
                count = 0
                for q in range(node_at[tightest], node_at[tightest + 1]):
                    j = node_sites[q]
                    if banned[j] == 0:
                        b = count
                        while b > 0 and sums[tried[depth, b - 1]] < sums[j]:
                            tried[depth, b] = tried[depth, b - 1]
                            b -= 1
                        tried[depth, b] = j
                        count += 1
                many[depth] = count
        while True:  # on to the next site, or back
            if at[depth] >= 0:
                j = tried[depth, at[depth]]
                _take(site_at, site_nodes, j, covered, -1)
                _take(site_at, site_nodes, j, free, -1)
                banned[j] = 1
            at[depth] += 1
            if at[depth] < many[depth]:
                break
            for b in range(many[depth]):
                banned[tried[depth, b]] = 0
                _take(site_at, site_nodes, tried[depth, b], free, 1)
            depth -= 1
            if depth < 0:
                return 0, chosen[:0]
        chosen[depth] = tried[depth, at[depth]]
        _take(site_at, site_nodes, chosen[depth], covered, 1)
        depth += 1
