"""Relatives of the p-median against exhaustive enumeration."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from helpers.location import (
    backup_covering,
    capacitated_p_median,
    center_sweep,
    expected_covering,
    maximal_covering,
    mean_worst,
    mean_worst_frontier,
    p_center,
    p_median,
)


@pytest.fixture(params=range(4))
def case(request):
    rng = np.random.default_rng(request.param)
    demand = rng.integers(0, 5, 16).astype(float)
    demand[0] = 2
    a, b = rng.random((16, 2)), rng.random((10, 2))
    return demand, np.hypot(*(a[:, None] - b[None]).T).T, 3


def plans(distance, p):
    return [list(c) for c in combinations(range(distance.shape[1]), p)]


def test_p_center(case):
    demand, distance, p = case
    held = demand > 0
    best = min(distance[held][:, c].min(axis=1).max() for c in plans(distance, p))
    plan = p_center(demand, distance, p)
    assert plan.proven and plan.objective == pytest.approx(best) == plan.bound
    fixed = min(distance[held][:, c].min(axis=1).max() for c in plans(distance, p) if 4 in c)
    assert p_center(demand, distance, p, fixed=(4,)).objective == pytest.approx(fixed)


def test_a_sweep_of_centers_is_what_each_is_alone(case):
    demand, distance, _ = case
    numbers = [5, 1, 3, 2, 8]
    swept = center_sweep(demand, distance, numbers, fixed=(4,))
    for p, plan in zip(numbers, swept, strict=True):
        assert plan.proven and plan.sites.size == p and 4 in plan.sites
        assert plan.objective == p_center(demand, distance, p, fixed=(4,)).objective
    with pytest.raises(ValueError, match="several numbers"):
        center_sweep(demand, distance, 3)


def test_a_sweep_out_of_time_holds_the_optimum_between_its_bounds():
    rng = np.random.default_rng(0)
    xy = rng.random((150, 2))
    distance = np.hypot(*(xy[:, None] - xy[None]).T).T
    best = center_sweep(np.ones(150), distance, range(1, 9))
    assert all(plan.proven for plan in best)
    for limit in (0.0, 0.02):
        short = center_sweep(np.ones(150), distance, range(1, 9), time_limit=limit)
        assert limit > 0 or not all(plan.proven for plan in short)
        for plan, optimum in zip(short, best, strict=True):
            assert plan.bound <= optimum.objective <= plan.objective


def test_covering(case):
    demand, distance, p = case
    for radius in (0.15, 0.3):
        times = {tuple(c): (distance[:, c] <= radius).sum(axis=1) for c in plans(distance, p)}
        best = max(demand[t >= 1].sum() for t in times.values())
        plan = maximal_covering(demand, distance, p, radius)
        assert plan.proven and plan.objective == pytest.approx(best)
        assert demand[plan.covered].sum() == plan.objective
        best = max(0.4 * demand[t >= 1].sum() + 0.6 * demand[t >= 2].sum() for t in times.values())
        plan = backup_covering(demand, distance, p, radius, backup=0.6)
        assert plan.proven and plan.objective == pytest.approx(best)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("fixed", [(), (4,)])
def test_spopt_agrees_on_center_and_covering(case, solver, fixed):
    demand, distance, p = case
    ours = p_center(demand, distance, p, fixed=fixed)
    theirs = p_center(demand, distance, p, fixed=fixed, method="spopt", solver=solver)
    assert theirs.proven and theirs.objective == pytest.approx(ours.objective)
    assert set(fixed) <= set(theirs.sites.tolist())
    for radius in (0.15, 0.3):
        ours = maximal_covering(demand, distance, p, radius, fixed=fixed)
        how = {"fixed": fixed, "method": "spopt", "solver": solver}
        theirs = maximal_covering(demand, distance, p, radius, **how)
        assert theirs.proven and theirs.objective == pytest.approx(ours.objective)
        assert theirs.bound == pytest.approx(ours.bound)
        assert demand[theirs.covered].sum() == pytest.approx(theirs.objective)


def test_relatives_refuse_an_unknown_method(case):
    demand, distance, p = case
    with pytest.raises(ValueError, match="method is one of exact, spopt, not"):
        p_center(demand, distance, p, method="pyomo")
    with pytest.raises(ValueError, match="method is one of exact, spopt, not"):
        maximal_covering(demand, distance, p, 1.0, method="pyomo")


def transport(demand, matrix, capacity):
    n, p = matrix.shape
    serve = np.kron(np.eye(n), np.ones((1, p)))
    load = np.kron(np.ones((1, n)), np.eye(p))
    return linprog(matrix.ravel(), A_ub=load, b_ub=[capacity] * p, A_eq=serve, b_eq=demand).fun


def test_capacitated(case, monkeypatch):
    from helpers.location import capacitated

    demand, distance, p = case
    capacity = 0.4 * demand.sum()
    best = min(transport(demand, distance[:, c], capacity) for c in plans(distance, p))
    plan = capacitated_p_median(demand, distance, p, share=0.4)
    assert plan.proven and plan.objective == pytest.approx(best)
    assert np.allclose(plan.service.sum(axis=1), demand)
    assert (plan.service.sum(axis=0) <= capacity + 1e-6).all()
    monkeypatch.setattr(capacitated, "EXACT_SIZE", 0)
    near = capacitated_p_median(demand, distance, p, share=0.4)
    assert best <= near.objective + 1e-9 and near.bound <= best + 1e-9
    with pytest.raises(ValueError, match=r"at least 0\.3333"):
        capacitated_p_median(demand, distance, p, share=0.2)


def test_mean_and_worst(case):
    demand, distance, p = case
    held = demand > 0
    points = [
        (
            demand @ distance[:, c].min(axis=1) / demand.sum(),
            distance[held][:, c].min(axis=1).max(),
        )
        for c in plans(distance, p)
    ]
    best = sorted(
        {
            a
            for a in points
            if not any(b != a and b[0] <= a[0] + 1e-12 and b[1] <= a[1] + 1e-12 for b in points)
        }
    )
    frontier = mean_worst_frontier(demand, distance, p)
    assert frontier["proven"].all()
    assert np.allclose(frontier[["mean", "worst"]], best)
    assert frontier["mean"].iloc[0] * demand.sum() == pytest.approx(
        p_median(demand, distance, p).objective
    )
    for weight in (0.0, 0.3, 1.0):
        value = min((1 - weight) * a + weight * b for a, b in points)
        assert mean_worst(demand, distance, p, weight=weight).objective == pytest.approx(value)
    few = mean_worst_frontier(demand, distance, p, steps=2)
    assert few["worst"].iloc[-1] == pytest.approx(best[-1][1])


def test_bad_weights_and_radii(case):
    demand, distance, p = case
    with pytest.raises(ValueError, match="radius"):
        maximal_covering(demand, distance, p, 0)
    with pytest.raises(ValueError, match="backup"):
        backup_covering(demand, distance, p, 1, backup=2)
    with pytest.raises(ValueError, match="weight"):
        mean_worst(demand, distance, p, weight=-1)


def test_p_center_of_orlib_pmed1(pmedian):
    # 127 is the known 5-center of pmed1 (Daskin; Elloumi, Labbé & Pochet 2004, Table 1)
    demand, distance, p, _ = pmedian.orlib(1)
    assert p_center(demand, distance, p).objective == 127


def test_a_node_without_demand_may_be_out_of_reach():
    demand, distance = [2.0, 1, 0, 3], [[0.0, 9, 8], [7, 0, 6], [np.inf, 1, 2], [5, 4, 9]]
    plan = p_median(demand, distance, 1)
    assert (plan.sites.tolist(), plan.objective, plan.proven) == ([0], 22.0, True)
    both = mean_worst(demand, distance, 1)
    assert both.objective == pytest.approx(0.5 * 22 / 6 + 0.5 * 7)
    assert both.proven
    front = mean_worst_frontier(demand, distance, 1)
    assert front["mean"].tolist() == [pytest.approx(22 / 6)]


@pytest.mark.parametrize("limit", [0.0, 0.01, 0.03])
def test_no_plan_of_the_frontier_beats_another_on_both(limit):
    generator = np.random.default_rng(1)
    places, demand = generator.random((90, 2)) * [1000, 700], generator.random(90)
    distance = np.hypot(*(places[:, None] - places[None]).T).T
    front = mean_worst_frontier(demand, distance, 7, time_limit=limit)
    assert (np.diff(front["mean"]) > 0).all()
    assert (np.diff(front["worst"]) < 0).all()


def test_more_busy_patrols_than_sites_share_them():
    near = np.array([[0.0, 9, 9], [9, 0, 9], [9, 9, 9]])  # the third site reaches nobody
    plan = expected_covering([8, 4, 5], near, 4, 1, busy=0.5)
    # 8 (1 - 0.5^a) + 4 (1 - 0.5^(4 - a)) is most at a = 2 (9.0) and a = 3 (9.0)
    assert (plan.proven, plan.objective, plan.bound) == (True, 9.0, 9.0)
    assert plan.sites.size == 4 and set(plan.sites) == {0, 1}
    # a fixed post that reaches nobody keeps its patrol
    held = expected_covering([8, 4, 5], near, 4, 1, busy=0.5, fixed=[2])
    assert held.sites.tolist() == [0, 0, 1, 2] and held.objective == 8.0
    assert held.proven
    # of plans that are best, the one that is given
    assert expected_covering([8, 4, 5], near, 4, 1, busy=0.5, start=[1, 0, 0, 1]).sites.tolist() == [0, 0, 1, 1]  # fmt: skip
    assert expected_covering([8, 4, 5], near, 4, 1, busy=0.5, start=[1, 0, 0, 0]).sites.tolist() == [0, 0, 0, 1]  # fmt: skip
    for other in ([0, 1], [0, 0, 1, 1]):
        with pytest.raises(ValueError, match="the plan to start from"):
            expected_covering([8, 4, 5], near, 4, 1, busy=0.5, fixed=[2], start=other)


@pytest.mark.parametrize("limit", [None, 0.0])
def test_a_plan_for_busy_patrols_and_its_bound_hold_when_time_is_up(limit):
    rng = np.random.default_rng(8)
    xy, demand = rng.random((120, 2)), rng.integers(1, 9, 120)
    apart = np.hypot(*(xy[:, None] - xy[None]).T).T
    plan = expected_covering(demand, apart, 6, 0.2, busy=0.7, time_limit=limit)
    best = expected_covering(demand, apart, 6, 0.2, busy=0.7)
    assert best.proven
    assert plan.objective <= best.objective <= plan.bound * (1 + 1e-12)
    assert plan.objective >= 0.99 * best.objective
    assert plan.gap == pytest.approx(1 - plan.objective / plan.bound)
    assert plan.proven == (limit is None)
    # no exchange of one patrol helps
    reach = apart <= 0.2
    times = reach[:, plan.sites].sum(axis=1)
    for site in set(plan.sites.tolist()):
        without = 0.7 ** (times - reach[:, site])
        assert (demand @ (1 - without[:, None] * 0.7**reach)).max() <= plan.objective * (1 + 1e-9)
