"""The exact engine against enumeration, known optima and its own verifier."""

import copy
import itertools
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.location import PlanarDistance, certify, p_median, sweep, travel, verify
from helpers.location import _kernels as kernels
from helpers.location.exact import Search, reduce_problem, solve
from helpers.location.problem import PatrolProblem


def enumerate_best(demand, distance, p, fixed=()):
    return min(
        float(demand @ distance[:, list(c)].min(axis=1))
        for c in combinations(range(distance.shape[1]), p)
        if set(fixed) <= set(c)
    )


@st.composite
def small_problems(draw):
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    p = draw(st.integers(1, m))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    demand = draw(st.sampled_from([rng.random(n), rng.integers(0, 4, n).astype(float)]))
    demand[0] = max(demand[0], 1.0)
    kind = draw(st.sampled_from(["random", "ties", "plane", "coincident"]))
    if kind == "random":
        distance = rng.random((n, m))
    elif kind == "ties":
        distance = rng.integers(0, 5, (n, m)).astype(float)
    else:
        spread = 3 if kind == "coincident" else 50
        a, b = rng.integers(0, spread, (n, 2)), rng.integers(0, spread, (m, 2))
        distance = PlanarDistance(a, b, draw(st.sampled_from(["euclidean", "manhattan"])))
    fixed = tuple(range(draw(st.integers(0, p)))) if draw(st.booleans()) else ()
    return demand, distance, p, fixed


# two fixed posts at one place, and as many patrols as places
TWICE_FIXED = PlanarDistance([[1, 0], [1, 1]], [[2, 2], [2, 0], [2, 0], [1, 0]])


@settings(max_examples=150, deadline=None)
@given(small_problems())
@example((np.array([1.0, 0.3]), TWICE_FIXED, 3, (0, 1, 2)))
def test_optimum_and_proof_agree_with_enumeration(case):
    demand, distance, p, fixed = case
    planar = isinstance(distance, PlanarDistance)
    matrix = distance.columns(np.arange(distance.shape[1])) if planar else distance
    best = enumerate_best(demand, matrix, p, fixed)
    certificate = certify(demand, distance, p, fixed=fixed)
    plan = certificate.solution
    assert plan.objective == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert plan.proven and plan.gap <= 1e-9 and plan.bound <= plan.objective
    assert len(set(plan.sites.tolist())) == p and set(fixed) <= set(plan.sites.tolist())
    assert demand @ matrix[np.arange(len(demand)), plan.assignment] == pytest.approx(best)
    data = {"distance": matrix}
    if planar:
        data = {
            "demand_xy": distance.demand_xy,
            "site_xy": distance.site_xy,
            "metric": distance.metric,
        }
    cost, bound = verify(certificate.proof, demand, patrols=p, fixed=fixed, **data)
    assert cost == pytest.approx(best, rel=1e-9, abs=1e-9) and bound <= cost
    assert bound >= cost * (1 - 2e-9) - 1e-11


@pytest.mark.parametrize("seed", range(6))
def test_branching_agrees_with_enumeration(seed):
    # random costs without geometry have a wide relaxation gap, so the tree is used
    rng = np.random.default_rng(seed)
    demand, distance = rng.random(30), rng.random((30, 14)) ** 0.3
    for p in (3, 4, 5):
        proof = certify(demand, distance, p).proof
        best = enumerate_best(demand, distance, p)
        assert verify(proof, demand, distance, patrols=p)[0] == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("name", ["grid40x24_s1", "grid40x24_s2", "grid40x24_s3", "grid40x24_s3f"])
def test_grids_of_960_nodes_are_proven(pmedian, name):
    demand, distance, best = pmedian.grid(name)
    plans = sweep(demand, distance)
    assert all(plan.proven and plan.gap <= 1e-9 for plan in plans)
    assert [plan.objective for plan in plans] == pytest.approx(best.tolist(), rel=1e-9)


@pytest.mark.parametrize("p", [2, 9])
def test_grid_of_5040_nodes(pmedian, p):
    demand, distance, best = pmedian.grid("grid80x63_s1")
    plan = p_median(demand, distance, p)
    assert plan.proven
    assert plan.objective == pytest.approx(best[p], rel=1e-9)


@pytest.mark.parametrize("number", [1, 3, 5, 9, 11, 15, 17, 19, 21, 25, 27])
def test_orlib_optima(pmedian, number):
    demand, distance, p, best = pmedian.orlib(number)
    plan = p_median(demand, distance, p)
    assert plan.proven
    assert plan.objective == best == plan.bound


def test_rl1304_with_ten_patrols_is_proven(pmedian):
    demand, distance, best = pmedian.tsplib("rl1304", 10)
    plan = p_median(demand, distance, 10)
    assert plan.proven
    assert plan.objective == best


@pytest.mark.parametrize("p", [300, 500])
def test_what_the_bound_leaves_of_rl1304_is_solved_as_a_program(pmedian, p):
    demand, distance, best = pmedian.tsplib("rl1304", p)
    plan = p_median(demand, distance, p)
    assert plan.proven
    assert plan.objective == best


def test_the_program_gets_no_more_time_than_the_tree_has_had(pmedian, monkeypatch):
    """pmed17 with 10 patrols: its program runs for eight seconds, its tree closes in a few tenths."""
    from helpers.location import exact

    demand, distance, p, best = pmedian.orlib(17)
    begun, given = time.perf_counter(), []
    solve = exact.ReducedProblem.solve

    def timed(self, best, deadline, offer):
        now = time.perf_counter()
        given.append((deadline - now, now - begun))
        return solve(self, best, deadline, offer)

    monkeypatch.setattr(exact.ReducedProblem, "solve", timed)
    monkeypatch.setattr(exact, "PATIENCE", 0.0)
    plan = p_median(demand, distance, p)
    assert plan.proven and plan.objective == best
    assert given and all(seconds <= spent for seconds, spent in given)
    limits = [seconds for seconds, _ in given]
    assert all(later >= 1.9 * first for first, later in itertools.pairwise(limits))


def dense_field(kind):
    """960 of 960 nodes with demand: counts, or six hills over a plain."""
    x, y = np.meshgrid(np.arange(40.0), np.arange(24.0))
    xy = np.c_[x.ravel(), y.ravel()]
    rng = np.random.default_rng(0)
    if kind == "counts":
        return xy, rng.poisson(3, 960) + 0.25
    demand = np.full(960, 0.02)
    for _ in range(6):
        top, spread = rng.uniform([0, 0], [40, 24]), rng.uniform(2, 8)
        height = rng.uniform(0.3, 1)
        demand += height * np.exp(-((xy - top) ** 2).sum(axis=1) / 2 / spread**2)
    return xy, demand


@pytest.mark.parametrize(("kind", "patrols", "most"), [("counts", 10, 60), ("smooth", 12, 50)])
def test_demand_everywhere_is_proven_however_nodes_and_sites_are_numbered(kind, patrols, most):
    """960 of 960 nodes: a tree that stands still under one numbering stands still by luck only."""
    xy, demand = dense_field(kind)
    objectives, nodes = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        node, site = rng.permutation(960), rng.permutation(960)
        problem = PatrolProblem(demand[node], PlanarDistance(xy[node], xy[site]), patrols)
        plan, search, _ = solve(problem)
        assert plan.proven
        objectives.append(plan.objective)
        nodes.append(search.nodes)
    assert objectives == pytest.approx([objectives[0]] * 3, rel=1e-9)
    assert max(nodes) <= most, nodes


def test_drawn_plans_move_no_fixed_post():
    """Plans drawn near the best one keep its fixed posts and its number of patrols."""
    xy, demand = dense_field("smooth")
    instance = reduce_problem(PatrolProblem(demand, PlanarDistance(xy), 6, (3, 500)))
    search = Search(instance, 6, (3, 500), np.inf, False)
    everything = np.arange(instance.sites.size)
    search.open_pool(everything, instance.columns(everything))
    rng, before = np.random.default_rng(0), search.best
    drawn = [search.nearby(rng) for _ in range(50)]
    assert all(plan.size == np.unique(plan).size == 6 for plan in drawn)
    assert all(np.isin(search.fixed, plan).all() for plan in drawn)
    moved = [np.setdiff1d(plan, search.plan).size for plan in drawn]
    assert max(moved) == 3 and len({tuple(plan) for plan in drawn}) > 40
    alive = np.setdiff1d(everything, search.fixed)
    better = search.starts(alive, np.full(alive.size, 4 / alive.size), search.fixed)
    assert better == (search.best < before)
    assert np.isin(search.fixed, search.plan).all()
    assert search.best == pytest.approx(
        demand @ PlanarDistance(xy).columns(instance.sites[search.plan]).min(axis=1)
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_program_alone_finds_the_optimum(seed):
    """Radii of any quality bound the optimum, and what they leave over holds it."""
    from helpers.location._reduced import ReducedProblem

    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 9, 2)
    q, forced = int(rng.integers(1, m + 1)), int(rng.integers(0, 3))
    weights = rng.integers(1, 5, n).astype(float)
    distance = rng.integers(0, 9, (n, m + forced)).astype(float)
    fixed = range(m, m + forced)
    best = enumerate_best(weights, distance, q + forced, fixed)
    radii = distance.min(axis=1) + rng.random(n) * 6
    from_open = distance[:, m:].min(axis=1) if forced else np.full(n, np.inf)
    savings = -float((np.maximum(radii[:, None] - distance[:, m:], 0).T @ weights).sum())
    program = ReducedProblem(weights, radii, distance[:, :m].T, from_open, savings, q)
    assert program.lagrangian <= best + 1e-9
    found = []
    for known in (best, best + rng.integers(1, 20)):
        assert program.solve(known, np.inf, found.append) == pytest.approx(best)
    # where a worse plan was known, the program had to find the optimal one itself
    plan = np.concatenate([found[-1], np.arange(m, m + forced)])
    assert weights @ distance[:, plan].min(axis=1) == best


def test_working_sets_prove_what_the_whole_matrix_proves(pmedian, monkeypatch):
    from helpers.location import exact

    demand, distance, best = pmedian.grid("grid40x24_s3")
    monkeypatch.setattr(exact, "DENSE", 40_000)  # a tenth of the instance's matrix
    monkeypatch.setattr(exact, "WORKING", 0)
    for p in (3, 7, 12):
        plan = p_median(demand, distance, p)
        assert plan.proven
        assert plan.objective == pytest.approx(best[p], rel=1e-9)
        matrix = distance.columns(np.arange(960))
        assert p_median(demand, matrix, p).objective == pytest.approx(best[p], rel=1e-9)


def test_time_limit_returns_the_best_plan_with_its_gap(pmedian):
    demand, distance, best = pmedian.tsplib("pcb3038", 20)
    plan = p_median(demand, distance, 20, time_limit=1.0)
    assert not plan.proven and 0 < plan.gap < 1
    assert plan.bound <= best <= plan.objective
    assert plan.objective == travel(demand, distance, plan.sites)


def test_certificate_of_a_960_node_plan(pmedian, tmp_path):
    demand, distance, best = pmedian.grid("grid40x24_s2")
    path = certify(demand, distance, 13).save(tmp_path / "plan.json")
    xy = distance.demand_xy
    cost, bound = verify(path, demand, patrols=13, demand_xy=xy, site_xy=xy)
    assert cost == pytest.approx(best[13], rel=1e-11)
    assert cost * (1 - 1.1e-9) <= bound <= cost


def test_a_false_certificate_fails(pmedian):
    demand, distance, _ = pmedian.grid("grid40x24_s1")
    xy = distance.demand_xy
    proof = certify(demand, distance, 4).proof
    worse = copy.deepcopy(proof)
    held = np.flatnonzero(demand > 0)
    worse["sites"][0] = int(next(j for j in held if j not in worse["sites"]))
    lazy = copy.deepcopy(proof)
    lazy["tree"]["steps"] = []
    for false in (worse, lazy):
        with pytest.raises(ValueError, match="tree"):
            verify(false, demand, patrols=4, demand_xy=xy, site_xy=xy)


def test_a_worse_plan_is_not_proven():
    """Certificates made here: another plan, a tree without steps, a leaf that is cheaper."""
    rng = np.random.default_rng(4)
    demand, distance = rng.random(25), rng.random((25, 9))
    proof = certify(demand, distance, 3).proof
    assert verify(proof, demand, distance, patrols=3)[0] == pytest.approx(
        enumerate_best(demand, distance, 3)
    )
    worse, lazy = copy.deepcopy(proof), copy.deepcopy(proof)
    worse["sites"][0] = next(j for j in range(9) if j not in proof["sites"])
    lazy["tree"] = {"steps": []}
    for false in (worse, lazy):
        with pytest.raises(ValueError, match="tree"):
            verify(false, demand, distance, patrols=3)
    # of three sites 0 and 1 are best; every leaf of this tree is one plan
    leaf = {"steps": []}
    rest = {"steps": [], "sites": [0], "count": 0, "at_least": leaf, "at_most": leaf}
    tree = {"steps": [], "sites": [0, 1], "count": 1, "at_least": leaf, "at_most": rest}
    far = [[0, 9, 4], [9, 0, 5]]
    claim = {"patrols": 2, "fixed": [], "tree": tree}
    assert verify({**claim, "sites": [0, 1]}, [1, 1], far, patrols=2)[0] == 0
    with pytest.raises(ValueError, match="tree"):
        verify({**claim, "sites": [0, 2]}, [1, 1], far, patrols=2)


def test_kernels_agree_with_numpy():
    rng = np.random.default_rng(3)
    n, m, p = 45, 23, 4
    c, s = rng.random((n, 2)), rng.random((m, 2))
    w, r = rng.random(n), rng.random(n)
    matrix = np.sqrt(((c[:, None] - s[None]) ** 2).sum(axis=2))
    expected = -(w[:, None] * np.maximum(r[:, None] - matrix, 0)).sum(axis=0)
    out = np.empty(m)
    kernels.planar_savings(*(np.ascontiguousarray(v) for v in (*c.T, *s.T)), False, w, r, out)
    assert np.allclose(out, expected)
    kernels.matrix_savings(matrix, w, r, out)
    assert np.allclose(out, expected)
    d = np.ascontiguousarray(matrix.T)
    minima = kernels.block_minima(d)
    assert minima[5, 1] == d[5, 32:].min() and minima.shape == (m, 2)
    cap = np.full(n, 0.6)
    inside = (rng.random((1, m)) < 0.5).astype(float)
    point, unit = np.r_[r, 0.7], 2.0
    chosen, gradient, saved = np.empty(p, np.int64), np.empty(n + 1), np.empty(m)

    def dual(sites, hot, floor):
        return kernels.lagrangian(
            d, minima, w, point, unit, cap, inside, np.array([2.0]), 1.5, sites, hot, np.arange(m),
            floor, np.empty(n), np.empty(2), saved, chosen, gradient,
        )  # fmt: skip

    value, complete = dual(np.arange(m), m, -np.inf)
    assert complete
    u = np.minimum(r, cap)
    plain = -(w * np.maximum(u - d, 0)).sum(axis=1) - 1.4 * inside[0]
    assert np.allclose(saved, plain)
    best = np.argsort(plain)[:p]
    assert sorted(chosen) == sorted(best)
    assert value == pytest.approx(1.5 + w @ u + 1.4 * 2 + plain[best].sum())
    slope = np.where(r < cap, 1.0 - (d[best] < u).sum(axis=0), 0.0)
    assert np.allclose(gradient, np.r_[slope, 2.0 - inside[0][best].sum()])
    # without the cold sites the value is too high; it is made true unless it is below the floor
    sites = np.empty(m, np.int64)
    hot = kernels.hot_sites(plain, np.sort(plain)[p], sites)
    assert hot == p + 1 and sorted(sites[:hot]) == sorted(np.argsort(plain)[:hot])
    assert sorted(sites) == list(range(m))
    few = np.r_[sites[hot:], sites[:hot]].copy()  # the worst ones first
    high, complete = dual(few, m - hot, np.inf)
    left = np.sort(plain[sites[hot:]])[:p].sum()
    assert not complete and high == pytest.approx(1.5 + w @ u + 1.4 * 2 + left) and high > value
    again, complete = dual(few, m - hot, value)
    assert complete and again == pytest.approx(value) and np.allclose(saved, plain)
    assert np.allclose(gradient, np.r_[slope, 2.0 - inside[0][best].sum()])


def test_simplex_qp_reaches_the_optimum():
    rng = np.random.default_rng(1)
    half = rng.normal(size=(6, 4))
    gram, errors, share = half @ half.T, rng.random(6), np.eye(6)[0].copy()
    kernels.simplex_qp(gram, errors, 0.7, share, 6, 5000)
    slope = 0.7 * gram @ share + errors
    assert share.sum() == pytest.approx(1.0) and (share >= 0).all()
    # optimality: the slope is least exactly where there is weight
    assert slope[share > 1e-6].max() - slope.min() < 1e-3 * abs(slope).max()


def test_the_least_decided_ball_is_the_best_of_all():
    rng = np.random.default_rng(5)
    y, alive = np.where(rng.random(40) < 0.5, 0.0, rng.random(40)), rng.random(40) < 0.8
    far = rng.integers(0, 12, (6, 40)).astype(float)  # with ties at the rims
    order = np.argsort(far, axis=1, kind="stable").astype(np.int32)
    rooms = [np.empty(40) for _ in range(3)]
    row, size, total, score = kernels.least_decided(
        order, np.take_along_axis(far, order, 1), alive, y, *rooms
    )
    best = {}
    for r, d in enumerate(far):
        for rim in np.unique(d[alive])[:-1]:
            ball = alive & (d <= rim)
            used = d[ball & (y > 0.02)]
            beyond = d[alive & (d > rim) & (y > 0.02)]
            inner = used.max() if used.size else 0.0
            moat = (beyond.min() - inner) / beyond.min() if beyond.size else 0.0
            part = y[ball].sum() % 1
            best[r, ball.sum()] = min(part, 1 - part) * (0.35 + moat), y[ball].sum()
    assert score == pytest.approx(max(best.values())[0]) and score > 0
    assert best[row, size] == pytest.approx((score, total))


def test_gram_row_and_interchange():
    rng = np.random.default_rng(2)
    cuts, metric, gram = rng.normal(size=(5, 7)), rng.random(7), np.zeros((5, 5))
    for k in range(5):
        kernels.gram_row(cuts, metric, 5, k, gram)
    assert np.allclose(gram, (cuts * metric) @ cuts.T)
    d, w = rng.random((12, 30)), rng.random(30)
    sites = np.array([0, 1, 2])
    value = kernels.interchange(d, w, sites, 1, 50)
    assert sites[0] == 0
    assert value == pytest.approx(w @ d[sites].min(axis=0))
    # no single swap of a free site helps
    for k in (1, 2):
        for j in range(12):
            trial = sites.copy()
            trial[k] = j
            assert w @ d[trial].min(axis=0) >= value * (1 - 1e-9)
