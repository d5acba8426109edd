"""Re-prove a plan of districts from the data alone, in exact arithmetic, without the engine."""

from fractions import Fraction
from math import gcd, lcm

MOST_SUBSETS, MOST_STEPS = 400_000, 2_000_000  # what plain Python does in some seconds
FINE = 2**20  # prices are whole multiples of this part of the data's own step


def verify_plan(certificate, population, links, *, areas, value=None):
    """Return (equation 1 of the plan, a lower bound on every plan's, how the bound is proven).

    Data: what each zone holds and which pairs of zones are contiguous, in the certificate's order
    of zones.  Claim: how many `areas`, and the `value`, said by who checks.  The bound is the larger
    of two that need no certificate (`arithmetic`): zones above the equal share, and whole numbers
    that no k areas share equally.  Where these do not meet the plan, the `prices` of the certificate's
    zones are used: in a plan cheaper than U only connected subsets S with
    sum of min(p, mu) <= mu + U/2 - sum of (p - mu)+ can be areas; all are listed here, the
    least that any of them costs over its zones' prices is the price of an area, and no k of those
    near enough cover each zone once.  A wrong certificate can only fail to prove.  Raises ValueError where the plan
    is none or is not what is claimed.
    """
    people, unit = _whole(population)
    touching = [set() for _ in people]
    for i, j in links:
        touching[int(i)].add(int(j))
        touching[int(j)].add(int(i))
    total, k = sum(people), int(areas)
    members = {}
    for zone, area in enumerate(certificate["assignment"]):
        members.setdefault(area, []).append(zone)
    if len(certificate["assignment"]) != len(people) or len(members) != k:
        raise ValueError("the plan does not give each zone one of the areas asked for.")
    for part in members.values():
        if not _connected(part, touching):
            raise ValueError(f"the area of zone {part[0]} is not contiguous.")
    # all in k-ths of a part of the common unit, so that the equal share, `mu`, is whole too
    g, back = gcd(*people), FINE * k * unit
    held, mu = [FINE * k * p for p in people], FINE * total
    cost = sum(abs(sum(held[i] for i in part) - mu) for part in members.values())
    reached = Fraction(cost, back)
    claimed = reached if value is None else Fraction(value)
    if abs(reached - claimed) > abs(claimed) / 10**9:
        raise ValueError(f"the plan has {float(reached)}, not the {float(claimed)} claimed.")
    rest = total // g % k
    spare = sum(max(h - mu, 0) for h in held)  # what zones above the equal share have too much
    bound, way = max(2 * spare, FINE * 2 * rest * (k - rest) * g), "arithmetic"
    if bound < cost and "prices" in certificate:
        most = cost - FINE * 2 * gcd(k * g, total)  # the dearest plan that would be cheaper
        low, how = _priced(certificate["prices"], held, mu, k, most, spare, touching, back)
        bound, way = (low, how) if low > bound else (bound, way)
    return float(reached), float(Fraction(min(bound, cost), back)), way


def _priced(prices, held, mu, k, most, spare, touching, back):
    """The bound that the prices prove, and how: over `most` where there is no cheaper plan."""
    zones = [int(Fraction(v) * back) for v in prices["zones"]]
    subsets = _subsets(held, mu, mu + most // 2 - spare, mu - most // 2, touching)
    if subsets is None:
        return 0, ""
    costs = [2 * max(sum(held[i] for i in s) - mu, 0) - sum(zones[i] for i in s) for s in subsets]
    area = min(costs, default=most + 1)
    low = sum(zones) + k * area
    if not subsets or low > most:
        return most + back**2, "prices"
    near = [(c - area, s) for c, s in zip(costs, subsets, strict=True) if c - area <= most - low]
    covered = _cover(sorted(near), len(held), k, most - low)
    if covered:
        raise ValueError("a cheaper plan exists: the plan is not optimal.")
    return (low, "prices") if covered is None else (most + back**2, "prices and cover")


def _subsets(held, mu, cap, least, touching):
    """Connected subsets, as sorted tuples, with sum of min(p, mu) <= cap that hold `least` or more."""
    weight, found = [min(h, mu) for h in held], []
    for root in range(len(held)):
        # (subset, its weight, zones that may join, zones that may not join any more)
        stack = [((root,), weight[root], sorted(j for j in touching[root] if j > root), {root})]
        while stack:
            subset, load, waiting, closed = stack.pop()
            if load > cap:
                continue
            if sum(held[i] for i in subset) >= least:
                found.append(tuple(sorted(subset)))
                if len(found) > MOST_SUBSETS:
                    return None
            shut = set(closed) | set(waiting)
            for place, zone in enumerate(waiting):
                if load + weight[zone] <= cap:
                    fresh = sorted(j for j in touching[zone] if j > root and j not in shut)
                    stack.append(
                        ((*subset, zone), load + weight[zone], waiting[place + 1 :] + fresh, shut)
                    )
    return found


def _cover(near, zones, k, left):
    """Whether k of the subsets cover each zone once within `left`; None where there are too many."""
    by_first = [[] for _ in range(zones)]
    for dear, subset in near:
        by_first[subset[0]].append((dear, frozenset(subset)))
    stack, steps = [(frozenset(), 0, left)], 0
    while stack:
        done, used, room = stack.pop()
        steps += 1
        if steps > MOST_STEPS:
            return None
        if len(done) == zones:
            if used == k:
                return True
            continue
        if used == k:
            continue
        first = next(i for i in range(zones) if i not in done)
        for dear, subset in by_first[first]:
            if dear <= room and not subset & done:
                stack.append((done | subset, used + 1, room - dear))
    return False


def _connected(part, touching):
    inside, queue = set(part), [part[0]]
    seen = {part[0]}
    while queue:
        fresh = (touching[queue.pop()] & inside) - seen
        seen |= fresh
        queue += fresh
    return len(seen) == len(inside)


def _whole(values):
    """Numbers as exact integers over one common denominator: decimals as they are written."""
    exact = [Fraction(repr(float(v))) for v in values]
    unit = lcm(*(v.denominator for v in exact))
    return [int(v * unit) for v in exact], unit
