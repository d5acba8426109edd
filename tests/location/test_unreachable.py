"""Infinite distances: what nobody needs does no harm, what somebody needs is served or refused."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from helpers.location import (
    backup_covering,
    capacitated_p_median,
    certify,
    maximal_covering,
    mean_worst,
    mean_worst_frontier,
    p_center,
    p_median,
    sweep,
    travel,
)

P, RADIUS = 3, 0.3
CASES = ("a node without demand", "a site", "two parts", "one way")


@pytest.fixture(params=CASES)
def case(request):
    rng = np.random.default_rng(7)
    demand, (a, b) = rng.random(12), (rng.random((12, 2)), rng.random((8, 2)))
    demand[3] = 0
    distance = np.hypot(*(a[:, None] - b[None]).T).T
    if request.param == "a node without demand":
        distance[3] = np.inf
    elif request.param == "a site":
        distance[:, 5] = np.inf
    elif request.param == "two parts":
        distance[:6, :4] = distance[6:, 4:] = np.inf
    else:
        distance[rng.random((12, 8)) < 0.4] = np.inf
        distance[distance.min(axis=1) == np.inf, 0] = 1.0
    return demand, distance


def least(case, cost, fixed=()):
    demand, distance = case
    held = demand > 0
    return min(
        cost(demand[held], distance[held][:, list(plan)])
        for plan in combinations(range(8), P)
        if set(fixed) <= set(plan)
    )


@pytest.mark.parametrize("fixed", [(), (6,)])
def test_the_median_is_the_cheapest_plan_that_reaches_all(case, fixed):
    best = least(case, lambda c, d: c @ d.min(axis=1), fixed)
    for method in ("exact", "pyomo", "spopt"):
        solver = "highs" if method == "pyomo" else None
        plan = p_median(*case, P, method=method, solver=solver, fixed=fixed)
        assert plan.proven and plan.objective == pytest.approx(best, rel=1e-9)
        assert plan.objective == travel(*case, plan.sites)
    if not fixed:
        assert p_median(*case, P, method="heuristic").objective >= best * (1 - 1e-12)
    assert sweep(*case, [P, P + 1], fixed=fixed)[0].objective == pytest.approx(best, rel=1e-9)


def test_center_and_mean(case):
    best = least(case, lambda c, d: d.min(axis=1).max())
    for method in ("exact", "spopt"):
        plan = p_center(*case, P, method=method)
        assert plan.proven and plan.objective == pytest.approx(best)
    mixed = least(case, lambda c, d: 0.5 * c @ d.min(1) / c.sum() + 0.5 * d.min(1).max())
    plan = mean_worst(*case, P)
    assert plan.proven and plan.objective == pytest.approx(mixed)
    frontier = mean_worst_frontier(*case, P)
    assert frontier["worst"].iloc[-1] == pytest.approx(best)
    assert np.isfinite(frontier["mean"]).all()


def test_covering(case):
    once = -least(case, lambda c, d: -c[(d <= RADIUS).any(axis=1)].sum())
    for method in ("exact", "spopt"):
        plan = maximal_covering(*case, P, RADIUS, method=method)
        assert plan.proven and plan.objective == pytest.approx(once)
    both = -least(
        case,
        lambda c, d: -0.5 * (c[(d <= RADIUS).any(1)].sum() + c[(d <= RADIUS).sum(1) > 1].sum()),
    )
    assert backup_covering(*case, P, RADIUS).objective == pytest.approx(both)


def transport(c, d, share):
    """Least travel from given posts, by the definition; infinite where shares cannot be kept."""
    n, p = d.shape
    cost = np.where(np.isfinite(d), d, 1e4).ravel()
    loads = np.kron(np.ones(n), np.eye(p))
    served = np.kron(np.eye(n), np.ones(p))
    found = linprog(cost, loads, np.full(p, share * c.sum()), served, c)
    return found.fun if found.fun < 1e3 else np.inf


def test_shares(case):
    best = least(case, lambda c, d: transport(c, d, 0.5))
    if not np.isfinite(best):
        with pytest.raises(ValueError, match="none serves more than"):
            capacitated_p_median(*case, P, share=0.5)
        return
    plan = capacitated_p_median(*case, P, share=0.5)
    assert plan.proven and plan.objective == pytest.approx(best)
    assert (plan.service[~np.isfinite(case[1][:, plan.sites])] == 0).all()


def test_a_node_that_no_site_reaches():
    distance = [[0.0, 1.0], [np.inf, np.inf]]
    for solve in (p_median, p_center, capacitated_p_median, mean_worst):
        with pytest.raises(ValueError, match="node 1\\) cannot be reached from any site"):
            solve([1, 1], distance, 1)
        assert solve([1, 0], distance, 1).objective == 0
    assert maximal_covering([1, 1], distance, 1, 2.0).objective == 1


def test_too_few_patrols_for_the_parts():
    distance = np.where(np.eye(3) > 0, 0.0, np.inf)
    for solve in (p_median, p_center, mean_worst):
        with pytest.raises(ValueError, match="into 3 parts"):
            solve([1, 1, 1], distance, 2)
        assert solve([1, 1, 1], distance, 3).objective == 0
    with pytest.raises(ValueError, match="finite distances"):
        certify([1, 1, 1], distance, 3)
