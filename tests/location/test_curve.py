"""Curves of plans with their proofs: against enumeration, at any scale; the p-center's verifier."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist

from helpers.location import PlanarDistance, center_sweep, certified_curve, verify, verify_center
from helpers.location._cover_kernels import dominated, search_cover, swap_centers
from helpers.location.cover import cover, undominated
from helpers.location.problem import PatrolProblem


@pytest.fixture(params=range(12))
def town(request):
    generator = np.random.default_rng(request.param)
    xy = generator.integers(0, 12, (11, 2)).astype(float)
    weight = generator.integers(0, 5, 11).astype(float)
    weight[0] = 3.0
    return xy, weight, cdist(xy, xy)


def best(weight, far, p, worth):
    return min(worth(weight, far[:, s].min(axis=1)) for s in combinations(range(len(far)), p))


WORTH = {
    "p-median": lambda w, d: w @ d,
    "p-center": lambda w, d: d[w > 0].max(),
    "covering": lambda w, d: -w[d <= 3].sum(),
}


@pytest.mark.parametrize("objective", WORTH)
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_curves_are_those_of_enumeration_and_their_proofs_hold(town, objective, unit):
    xy, weight, far = town
    numbers = [4, 1, 2]
    found = certified_curve(
        unit * weight, far, numbers, objective=objective, radius=3 if objective == "covering" else None
    )  # fmt: skip
    for p, one in zip(numbers, found, strict=True):
        wanted = abs(best(weight, far, p, WORTH[objective]))
        wanted *= 1 if objective == "p-center" else unit
        plan = one.solution
        low, high = sorted((plan.objective, plan.bound))
        assert low * (1 - 1e-9) <= wanted <= high * (1 + 1e-9)
        # what an integer program proves leaves no prices behind
        assert plan.proven if objective == "p-center" else (one.proof is not None) == plan.proven
        if not plan.proven:
            continue
        assert plan.objective == pytest.approx(wanted, rel=1e-9)
        if objective == "p-median":
            assert verify(one.proof, unit * weight, far, patrols=p)[0] == pytest.approx(wanted)
        elif objective == "covering":
            cost, bound = verify(one.proof, unit * weight, (far > 3).astype(float), patrols=p)
            assert unit * weight.sum() - cost == pytest.approx(wanted)
            assert bound == pytest.approx(cost, abs=1e-9 * unit)
        elif one.proof:
            told = verify_center(one.proof, weight, patrols=p, demand_xy=xy, site_xy=xy)
            assert told[0] == pytest.approx(wanted)


def test_linear_bounds_prove_most_centers_and_are_never_above_the_exact_ones(town):
    _, weight, far = town
    exact = center_sweep(weight, far, range(1, 6))
    linear = center_sweep(weight, far, range(1, 6), effort=0)
    assert all(a.bound <= b.objective * (1 + 1e-12) for a, b in zip(linear, exact, strict=True))
    assert all(a.objective >= b.objective for a, b in zip(linear, exact, strict=True))
    assert sum(a.proven for a in linear) >= 3


def test_trees_prove_what_linear_programs_leave_open():
    far = cdist(*[np.random.default_rng(2).random((60, 2))] * 2)
    kinds = {
        effort: center_sweep(np.ones(60), far, [5, 6, 7], effort=effort)
        for effort in (0, 1e6, None)
    }
    proven = {size: sum(one.proven for one in kind) for size, kind in kinds.items()}
    assert proven[0] < proven[1e6] == proven[None] == 3
    for some, every in zip(kinds[1e6], kinds[None], strict=True):
        assert some.objective == every.objective


def test_fixed_posts_stay_in_every_curve_and_their_centers_are_proven(town):
    _, weight, far = town
    for one in certified_curve(weight, far, [2, 3], objective="p-center", fixed=[5]):
        p = one.solution.sites.size
        assert 5 in one.solution.sites
        wanted = min(
            far[:, s].min(axis=1)[weight > 0].max()
            for s in combinations(range(11), p)
            if 5 in s
        )  # fmt: skip
        assert one.solution.bound <= wanted * (1 + 1e-12) <= one.solution.objective * (1 + 1e-9)
        if one.proof:
            verify_center(one.proof, weight, far, patrols=p, fixed=[5])


def test_a_wrong_certificate_of_a_center_is_refused():
    xy = np.array([[0.0, 0], [4, 0], [9, 0], [14, 0]])
    weight, far = np.ones(4), cdist(xy, xy)
    proof = certified_curve(weight, far, [2], objective="p-center")[0].proof
    assert verify_center(proof, weight, far, patrols=2, objective=5.0)[0] == 5.0
    with pytest.raises(ValueError, match="not proven"):
        verify_center({**proof, "prices": [1, 1, 0, 0]}, weight, far, patrols=2)
    with pytest.raises(ValueError, match="not proven"):
        verify_center({**proof, "sites": [0, 1]}, weight, far, patrols=2)
    with pytest.raises(ValueError, match="as far as is claimed"):
        verify_center(proof, weight, far, patrols=2, objective=4.0)
    with pytest.raises(ValueError, match="another number"):
        verify_center(proof, weight, far, patrols=3)
    # prices below nothing pay for nobody
    with pytest.raises(ValueError, match="not proven"):
        verify_center({**proof, "prices": [-9, 1, 1, -9]}, weight, far, patrols=2)


def test_curves_refuse_what_they_cannot_do():
    far = [[0, 4.0], [4, 0]]
    with pytest.raises(ValueError, match="radius"):
        certified_curve([1, 1], far, [1], objective="covering")
    with pytest.raises(ValueError, match="objective is one of p-median, p-center, covering"):
        certified_curve([1, 1], far, [1], objective="median")
    assert certified_curve([1, 1], PlanarDistance([[0, 0], [4, 0]]), []) == []


def test_dominated_rows_are_those_of_set_inclusion():
    generator = np.random.default_rng(3)
    table = generator.random((40, 70)) < generator.uniform(0.02, 0.2, (40, 1))
    table[7], table[20] = table[3], True
    rows = [set(np.flatnonzero(row)) for row in table]
    packed = np.pad(np.packbits(table, axis=1), ((0, 0), (0, 7))).view(np.uint64)
    for holding in (True, False):
        wanted = [
            any((b < a if holding else a < b) or (a == b and j < i) for j, b in enumerate(rows) if j != i)
            for i, a in enumerate(rows)
        ]  # fmt: skip
        assert dominated(packed, holding).tolist() == wanted
    small, nodes, sites = undominated(table[table.any(axis=1)])
    assert (table[table.any(axis=1)][np.ix_(nodes, sites)] == small).all()


def test_swapped_centers_keep_fixed_posts_and_never_get_worse():
    generator = np.random.default_rng(5)
    xy = generator.random((60, 2))
    far = cdist(xy, xy)
    start = np.arange(5)
    found = swap_centers(far, start, 2, 40, 1)
    assert found[:2].tolist() == [0, 1]
    assert len(set(found.tolist())) == 5
    before, after = (far[:, plan].min(axis=1).max() for plan in (start, found))
    assert after < before


@pytest.mark.parametrize("seed", range(200))
def test_covers_are_those_of_brute_force(seed):
    rng = np.random.default_rng(seed)
    nodes, sites = rng.integers(4, 16), rng.integers(3, 11)
    reach = rng.random((nodes, sites)) < rng.uniform(0.15, 0.6)
    reach[np.arange(nodes), rng.integers(0, sites, nodes)] = True
    fixed = tuple(rng.choice(sites, rng.integers(0, 2), replace=False).tolist())
    plans = {
        q: [set(c) | set(fixed) for c in combinations(range(sites), q)] for q in range(sites + 1)
    }
    least = min(
        len(plan) for q in plans for plan in plans[q] if plan and reach[:, [*plan]].any(1).all()
    )
    for p in range(max(1, len(fixed)), min(sites, least + 1) + 1):
        problem = PatrolProblem(np.ones(nodes), np.where(reach, 1.0, 2.0), p, fixed)
        for effort in (0, 30, 1e3, None):
            found = cover(reach, problem, np.inf, effort=effort)
            assert found.need <= least
            if found.plan is not None:
                assert len(set(found.plan.tolist())) == p
                assert set(fixed) <= set(found.plan.tolist())
                assert reach[:, found.plan].any(axis=1).all()
            if effort is None:
                assert (found.plan is not None) == (p >= least)
                assert (found.need > p) == (p < least)


@pytest.mark.parametrize("size", [9, 13])
def test_the_tree_proves_what_prices_leave_open(size):
    # each node is reached from three sites, as points of a plane from lines: the relaxation is n / 3
    rng = np.random.default_rng(size)
    reach = np.zeros((3 * size, size + 4), dtype=bool)
    for row in reach:
        row[rng.choice(size + 4, 3, replace=False)] = True
    exact = {
        p: any(reach[:, list(c)].any(axis=1).all() for c in combinations(range(size + 4), p))
        for p in range(1, 9)
    }
    by_tree = {}
    for p in exact:
        table = sparse.csr_matrix(reach), sparse.csr_matrix(reach.T)
        lists = [a.astype(np.int64) for t in table for a in (t.indptr, t.indices)]
        answer, chosen = search_cover(*lists, np.full(len(reach), 0.1), p, 1e6)
        by_tree[p] = answer
        assert answer != 1 or reach[:, chosen].any(axis=1).all()
        assert search_cover(*lists, np.full(len(reach), 0.1), p, 0.0)[0] == -1
    assert by_tree == {p: int(yes) for p, yes in exact.items()}
    assert {0, 1} <= set(by_tree.values())


@pytest.mark.parametrize("number", (1, 3, 5, 7, 9))
def test_centers_of_orlib_are_proven(pmedian, number):
    demand, distance, p, _ = pmedian.orlib(number)
    # optima of the p-center on these graphs: Elloumi, Labbé & Pochet (2004), table 1
    known = {1: 127, 3: 93, 5: 48, 7: 64, 9: 37}[number]
    (found,) = center_sweep(demand, distance, [p], effort=3e8)
    assert found.proven
    assert found.objective == known
