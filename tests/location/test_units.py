"""The same plan in any unit: demand and distances from 1e-12 to 1e12 times as large."""

from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest

from helpers.location import (
    PlanarDistance,
    backup_covering,
    capacitated_p_median,
    certify,
    expected_covering,
    maximal_covering,
    mean_worst,
    mean_worst_frontier,
    p_center,
    p_median,
    verify,
)

P, RADIUS, BUSY = 3, 0.25, 0.6
EXPONENTS = (-12, -9, -7, -4, 4, 9, 12)


class Instance:
    """Fourteen nodes, nine sites, and what every plan of three patrols costs."""

    def __init__(self, seed: int, whole: bool):
        rng = np.random.default_rng(seed)
        self.demand = rng.integers(1, 9, 14).astype(float) if whole else rng.random(14)
        self.nodes, self.sites = rng.random((14, 2)), rng.random((9, 2))
        self.distance = np.hypot(*(self.nodes[:, None] - self.sites[None]).T).T
        self.plans = [list(c) for c in combinations(range(9), P)]

    def least(self, cost):
        return min(cost(self.distance[:, plan]) for plan in self.plans)

    def best(self) -> dict[str, tuple[float, int, int]]:
        """Optimum by enumeration; powers of the demand's and of the distance's unit it carries."""
        c, total = self.demand, self.demand.sum()
        once = -self.least(lambda d: -c[(d <= RADIUS).any(axis=1)].sum())
        both = -self.least(
            lambda d: -0.5 * (c[(d <= RADIUS).any(1)].sum() + c[(d <= RADIUS).sum(1) > 1].sum())
        )
        median = self.least(lambda d: c @ d.min(axis=1))
        worst = self.least(lambda d: d.min(axis=1).max())
        mixed = self.least(lambda d: 0.5 * (c @ d.min(axis=1)) / total + 0.5 * d.min(axis=1).max())
        return {
            "median": (median, 1, 1),
            "planar": (median, 1, 1),
            "certificate": (median, 1, 1),
            "pyomo": (median, 1, 1),
            "spopt": (median, 1, 1),
            "center": (worst, 0, 1),
            "spopt center": (worst, 0, 1),
            "mean and worst": (mixed, 0, 1),
            "covering": (once, 1, 0),
            "spopt covering": (once, 1, 0),
            "backup": (both, 1, 0),
            "expected": (self.most_expected(), 1, 0),
        }

    def most_expected(self) -> float:
        """Several patrols may stand at one site."""
        plans = combinations_with_replacement(range(9), P)
        times = [(self.distance[:, list(plan)] <= RADIUS).sum(axis=1) for plan in plans]
        return max(self.demand @ (1 - BUSY**k) for k in times)

    def solve(self, model: str, demand_unit: float, unit: float):
        c, d = self.demand * demand_unit, self.distance * unit
        if model == "certificate":
            found = certify(c, d, P)
            cost, bound = verify(found.proof, c, d, patrols=P, objective=found.solution.objective)
            assert bound >= cost * (1 - 1.1e-9)
            return found.solution
        if model == "planar":
            return p_median(c, PlanarDistance(self.nodes * unit, self.sites * unit), P)
        return {
            "median": lambda: p_median(c, d, P),
            "pyomo": lambda: p_median(c, d, P, method="pyomo", solver="highs"),
            "spopt": lambda: p_median(c, d, P, method="spopt"),
            "center": lambda: p_center(c, d, P),
            "spopt center": lambda: p_center(c, d, P, method="spopt"),
            "mean and worst": lambda: mean_worst(c, d, P),
            "covering": lambda: maximal_covering(c, d, P, RADIUS * unit),
            "spopt covering": lambda: maximal_covering(c, d, P, RADIUS * unit, method="spopt"),
            "backup": lambda: backup_covering(c, d, P, RADIUS * unit),
            "expected": lambda: expected_covering(c, d, P, RADIUS * unit, busy=BUSY),
        }[model]()


MODELS = sorted(Instance(0, False).best())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("whole", [False, True])
def test_every_model_proves_the_optimum_in_every_unit(model, whole):
    case = Instance(1, whole)
    best, of_demand, of_distance = case.best()[model]
    for demand_unit, unit in [(10.0**k, 1.0) for k in EXPONENTS] + [
        (1.0, 10.0**k) for k in EXPONENTS
    ]:
        plan = case.solve(model, demand_unit, unit)
        carried = demand_unit**of_demand * unit**of_distance
        assert plan.objective / carried == pytest.approx(best, rel=1e-9), (demand_unit, unit)
        assert plan.proven
        assert plan.bound / carried == pytest.approx(best, rel=1e-6)
        assert abs(plan.gap) <= 1e-6


@pytest.mark.parametrize("method", ["heuristic", "kmeans"])
def test_heuristics_find_the_same_plan_in_every_unit(method):
    case = Instance(2, False)
    there = PlanarDistance(case.nodes, case.sites)
    plan = p_median(case.demand, there, P, method=method)
    for k in EXPONENTS:
        for demand_unit, unit in ((10.0**k, 1.0), (1.0, 10.0**k)):
            there = PlanarDistance(case.nodes * unit, case.sites * unit)
            again = p_median(case.demand * demand_unit, there, P, method=method)
            assert again.sites.tolist() == plan.sites.tolist()
            assert again.objective == pytest.approx(plan.objective * demand_unit * unit, rel=1e-9)


def test_shares_are_kept_in_every_unit():
    case = Instance(3, False)
    plan = capacitated_p_median(case.demand, case.distance, P)
    assert plan.proven
    for k in EXPONENTS:
        for demand_unit, unit in ((10.0**k, 1.0), (1.0, 10.0**k)):
            again = capacitated_p_median(case.demand * demand_unit, case.distance * unit, P)
            assert again.proven
            assert again.objective == pytest.approx(plan.objective * demand_unit * unit, rel=1e-9)
            shares = again.service.sum(axis=0) / (case.demand.sum() * demand_unit)
            assert shares.max() <= 1.2 / P + 1e-9
            np.testing.assert_allclose(again.service.sum(axis=1), case.demand * demand_unit)


def test_the_frontier_is_the_same_in_every_unit():
    case = Instance(4, False)
    first = mean_worst_frontier(case.demand, case.distance, P)
    for k in EXPONENTS:
        for demand_unit, unit in ((10.0**k, 1.0), (1.0, 10.0**k)):
            again = mean_worst_frontier(case.demand * demand_unit, case.distance * unit, P)
            assert again["proven"].all()
            expected = first[["mean", "worst"]].to_numpy() * unit
            np.testing.assert_allclose(again[["mean", "worst"]], expected, rtol=1e-9)


@pytest.mark.parametrize("planar", [False, True])
def test_a_tree_of_cases_is_proven_and_checked_in_every_unit(planar):
    """Instances whose proof needs branching."""
    rng = np.random.default_rng(3 if planar else 5)
    distance, demand = rng.random((40, 16)), rng.random(40)
    if planar:
        xy, demand = rng.random((40, 2)), np.ones(40)
    p = 5 if planar else 4
    costs = []
    for k in (0, *EXPONENTS):
        for demand_unit, unit in ((10.0**k, 1.0), (1.0, 10.0**k)):
            there = PlanarDistance(xy * unit) if planar else distance * unit
            found = certify(demand * demand_unit, there, p)
            assert "at_least" in found.proof["tree"]
            given = (
                {"demand_xy": xy * unit, "site_xy": xy * unit} if planar else {"distance": there}
            )
            cost, bound = verify(found.proof, demand * demand_unit, patrols=p, **given)
            assert cost * (1 - 1.1e-9) <= bound <= cost
            costs.append(cost / demand_unit / unit)
    np.testing.assert_allclose(costs, costs[0], rtol=1e-9)
