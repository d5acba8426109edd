"""Certificates in few digits prove the same plans, and nothing else; those of p-centers by a p-median."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from helpers.location import PlanarDistance, center_proof, certify, p_center, verify, verify_center
from helpers.location.compact import compacted


def town(seed: int, n: int = 60):
    """Places and demand of a town, without demand at some places."""
    generator = np.random.default_rng(seed)
    xy = generator.uniform(0, 9000, (n, 2))
    return xy, generator.gamma(0.5, 8.0, n) * (generator.random(n) > 0.1)


def tree_of(seed: int):
    """A problem without geometry, whose proof needs a tree."""
    generator = np.random.default_rng(seed)
    weight = generator.integers(1, 9, 14).astype(float)
    return weight, generator.integers(1, 99, (14, 14)).astype(float)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_rounded_prices_prove_the_same_plans_in_fewer_letters(seed, metric):
    xy, weight = town(seed)
    distance, numbers = PlanarDistance(xy, metric=metric), (1, 3, 6)
    fixed = [4] if seed == 2 else []
    long = [certify(weight, distance, p, fixed=fixed).proof for p in numbers]
    short = compacted(long, weight, distance)
    place = {"demand_xy": xy, "site_xy": xy, "metric": metric, "fixed": fixed}
    for p, before, after in zip(numbers, long, short, strict=True):
        assert verify(after, weight, patrols=p, **place)[0] == pytest.approx(before["objective"])
        assert after["sites"] == before["sites"]
        assert np.log2(after["grain"]).is_integer()
    assert len(json.dumps(short)) < 0.6 * len(json.dumps(long))


@pytest.mark.parametrize("scale", [1.0, 1 / 3, 1e-7, 1e9])
def test_trees_and_whole_costs_close_after_rounding(scale):
    used = 0
    for seed in range(4):
        weight, far = tree_of(seed)
        proof = certify(weight, far * scale, 4).proof
        used += "sites" in proof["tree"]
        (short,) = compacted([proof], weight, far * scale)
        assert "grain" in short
        assert verify(short, weight, far * scale, patrols=4)[0] == pytest.approx(proof["objective"])
    assert used >= 2


def test_a_plan_that_another_one_beats_gets_no_short_proof():
    xy, weight = town(0)
    distance = PlanarDistance(xy)
    proof = certify(weight, distance, 3).proof
    worse = {**proof, "sites": [0, *proof["sites"][1:]]}
    lazy = {**proof, "tree": {"steps": []}}
    assert compacted([worse, None, lazy], weight, distance) == [worse, None, lazy]
    with pytest.raises(ValueError, match="not proven"):
        verify(worse, weight, patrols=3, demand_xy=xy, site_xy=xy)
    assert compacted([None], weight, distance) == [None]


@pytest.mark.parametrize("seed", range(6))
def test_a_p_median_that_leaves_a_node_out_proves_a_p_center(seed):
    xy, weight = town(seed, 12)
    far, p = cdist(xy, xy), 3
    held = weight > 0
    plan = p_center(weight, far, p)
    proof = center_proof(weight, far, plan)
    least = min(far[held][:, s].min(axis=1).max() for s in combinations(range(12), p))
    longest, bound = verify_center(proof, weight, far, patrols=p, objective=plan.objective)
    assert longest == least and bound == pytest.approx(least)
    worth = {s: far[held][:, s].min(axis=1).max() for s in combinations(range(12), p)}
    worse = {**proof, "sites": list(max(worth, key=worth.get))}
    with pytest.raises(ValueError, match=r"no node out|not proven|does not cost"):
        verify_center(worse, weight, far, patrols=p)
    other = {**proof, "beyond": {**proof["beyond"], "tree": {"steps": []}}}
    with pytest.raises(ValueError, match="not proven"):
        verify_center(other, weight, far, patrols=p)
