"""The swaps that plans begin with: alone, because a proof would hide what is wrong with them."""

import numpy as np
import pytest

from helpers.location import _kernels as kernels
from helpers.location._cover_kernels import swap_centers

SLACK = 1e-9


def plain_interchange(distance, weights, sites, fixed, rounds):
    """The same rule by whole costs: candidates in turn, each for the post whose loss is least."""
    sites, m, since, j = list(sites), len(distance), 0, 0

    def cost(plan):
        return float(weights @ distance[plan].min(axis=0))

    for _ in range(rounds * m):
        if since >= m or len(sites) == fixed:
            break
        if j not in sites:
            swaps = [[*sites[:k], j, *sites[k + 1 :]] for k in range(fixed, len(sites))]
            best = min(swaps, key=cost)
            if cost(best) - cost(sites) < -1e-12 * cost(sites):
                sites, since = best, 0
        since += 1
        j = (j + 1) % m
    return sites, cost(sites)


def case(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 14)), int(rng.integers(2, 12))
    p = int(rng.integers(1, min(m, 5) + 1))
    fixed = int(rng.integers(0, p + 1))
    return rng.random((m, n)), rng.random(n) + 0.1, rng.permutation(m)[:p], fixed


@pytest.mark.parametrize("rounds", [1, 30])
def test_the_interchange_is_the_one_by_whole_costs(rounds):
    for seed in range(60):
        distance, weights, sites, fixed = case(seed)
        wanted, cost = plain_interchange(distance, weights, sites, fixed, rounds)
        found = sites.astype(np.int64)
        value = kernels.interchange(distance, weights, found, fixed, rounds)
        assert found.tolist() == wanted, seed
        # after the last round of few, the objective told may be that before the last swap
        if rounds > 1:
            assert value == pytest.approx(cost, rel=1e-12)


def test_no_single_swap_helps_at_its_end_and_what_is_fixed_stays():
    for seed in range(40):
        distance, weights, sites, fixed = case(seed)
        found = sites.astype(np.int64)
        value = kernels.interchange(distance, weights, found, fixed, 100)
        assert found[:fixed].tolist() == sites[:fixed].tolist()
        assert len(set(found.tolist())) == len(sites)
        for k in range(fixed, len(sites)):
            for j in set(range(len(distance))) - set(found.tolist()):
                other = [*found[:k], j, *found[k + 1 :]]
                assert weights @ distance[other].min(axis=0) >= value * (1 - SLACK)


@pytest.mark.parametrize("m", [2, 3, 7])
def test_the_last_candidate_is_asked_too(m):
    """Posts at site 0; only site m - 1 is better, and no swap before it has begun a new round."""
    distance = np.full((m, 4), 2.0)
    distance[0], distance[-1] = 1.0, 0.5
    found = np.array([0])
    assert kernels.interchange(distance, np.ones(4), found, 0, 1 if m > 2 else 2) >= 2.0
    assert found.tolist() == [m - 1]


def test_no_swap_of_centers_helps_and_what_is_held_stays():
    for seed in range(40):
        by_site, _, sites, held = case(seed)
        distance = np.ascontiguousarray(by_site.T)
        found = swap_centers(distance, sites.astype(np.int64), held, 1, 1)
        assert found[:held].tolist() == sites[:held].tolist()
        assert len(set(found.tolist())) == len(sites)
        reach = distance[:, found].min(axis=1).max()
        assert reach <= distance[:, sites].min(axis=1).max()
        for k in range(held, len(sites)):
            for j in set(range(distance.shape[1])) - set(found.tolist()):
                other = [*found[:k], j, *found[k + 1 :]]
                assert distance[:, other].min(axis=1).max() >= reach
