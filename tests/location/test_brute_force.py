"""Every location model against enumeration: 1,000 random instances, as many as ``--instances`` says."""

from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from helpers.location import (
    backup_covering,
    capacitated_p_median,
    center_sweep,
    certify,
    expected_coverage,
    expected_covering,
    maximal_covering,
    mean_worst,
    mean_worst_frontier,
    p_center,
    p_median,
    sweep,
    verify,
)

SEED = 20260


class Instance:
    """A small problem of any kind: ties, places that coincide, sites out of reach, any unit."""

    def __init__(self, rng: np.random.Generator):
        n, m = int(rng.integers(1, 9)), int(rng.integers(2, 8))
        self.p = int(rng.integers(1, min(m, 4) + 1))
        whole = rng.random() < 0.4
        demand = rng.integers(0, 5, n).astype(float) if whole else rng.random(n)
        demand[rng.integers(n)] += 1
        kind = rng.integers(4)
        if kind == 0:
            distance = rng.random((n, m))
        elif kind == 1:
            distance = rng.integers(0, 5, (n, m)).astype(float)
        else:
            a, b = rng.random((n, 2)), rng.random((m, 2))
            if kind == 3:
                a, b = np.rint(3 * a), np.rint(3 * b)
            distance = np.hypot(*(a[:, None] - b[None]).T).T
        if rng.random() < 0.2:
            distance[rng.random((n, m)) < 0.2] = np.inf
            distance[:, 0] = np.where(np.isinf(distance).all(axis=1), 1.0, distance[:, 0])
        self.demand_unit = 10.0 ** rng.integers(-9, 10) if rng.random() < 0.5 else 1.0
        self.unit = 10.0 ** rng.integers(-9, 10) if rng.random() < 0.5 else 1.0
        self.demand, self.distance = demand * self.demand_unit, distance * self.unit
        share = rng.random() < 0.3
        self.fixed = (int(rng.integers(m)),) if share else ()
        self.radius = float(rng.choice([0.3, 1.0, 1.5])) * self.unit * (1 + 1e-9)
        self.weight, self.busy = float(rng.random()), float(rng.random() * 0.95)
        held = demand > 0
        self.c, self.d = self.demand[held], self.distance[held]
        self.plans = [
            list(plan) for plan in combinations(range(m), self.p) if set(self.fixed) <= set(plan)
        ]

    def least(self, cost) -> float:
        return min(cost(self.d[:, plan]) for plan in self.plans)

    @property
    def given(self):
        return self.demand, self.distance, self.p

    def median(self):
        return self.least(lambda d: self.c @ d.min(axis=1))

    def worst(self):
        return self.least(lambda d: d.min(axis=1).max())

    def reached(self, d, times=1):
        return self.c[(d <= self.radius).sum(axis=1) >= times].sum()

    def most_expected(self):
        """Patrols may share a site, so plans are multisets."""
        several = combinations_with_replacement(range(self.distance.shape[1]), self.p)
        return max(
            float(self.c @ (1 - self.busy ** (self.d[:, list(plan)] <= self.radius).sum(axis=1)))
            for plan in several
            if set(self.fixed) <= set(plan)
        )


def refused_alike(case, solve) -> bool:
    """Where no plan reaches all demand, the model says so."""
    if np.isfinite(case.median()):
        return False
    with pytest.raises(ValueError, match="no plan of"):
        solve()
    return True


def holds(plan, best, *, least=True):
    """Proven, and the optimum; its bound on the right side."""
    assert plan.proven
    assert plan.objective == pytest.approx(best, rel=1e-9, abs=1e-300)
    sign = 1 if least else -1
    assert sign * plan.bound <= sign * best + 1e-9 * abs(best)


def median(case):
    def solve():
        return p_median(*case.given, fixed=case.fixed)

    if not refused_alike(case, solve):
        holds(solve(), case.median())


def certificate(case):
    if np.isinf(case.d).any():
        return
    found = certify(*case.given, fixed=case.fixed)
    holds(found.solution, case.median())
    claim = {"patrols": case.p, "fixed": case.fixed, "objective": found.solution.objective}
    cost, bound = verify(found.proof, case.demand, case.distance, **claim)
    assert cost == pytest.approx(case.median(), rel=1e-9, abs=1e-300)
    assert cost * (1 - 1.1e-9) <= bound <= cost


def swept(case):
    def solve():
        return sweep(case.demand, case.distance, [case.p, case.distance.shape[1]], fixed=case.fixed)

    if not refused_alike(case, solve):
        holds(solve()[0], case.median())


def center(case):
    def solve():
        return p_center(*case.given, fixed=case.fixed)

    if not refused_alike(case, solve):
        holds(solve(), case.worst())


def center_swept(case):
    def solve():
        numbers = [case.distance.shape[1], case.p]
        return center_sweep(case.demand, case.distance, numbers, fixed=case.fixed)

    if not refused_alike(case, solve):
        holds(solve()[1], case.worst())


def mixed(case):
    def solve():
        return mean_worst(*case.given, weight=case.weight, fixed=case.fixed)

    if not refused_alike(case, solve):
        w, c = case.weight, case.c
        best = case.least(
            lambda d: (1 - w) * (c @ d.min(axis=1)) / c.sum() + w * d.min(axis=1).max()
        )
        holds(solve(), best)


def frontier(case):
    if not np.isfinite(case.median()):
        return
    found = mean_worst_frontier(*case.given, fixed=case.fixed)
    assert found["proven"].all()
    pairs = [
        (case.c @ case.d[:, k].min(1) / case.c.sum(), case.d[:, k].min(1).max()) for k in case.plans
    ]
    pairs = np.array([pair for pair in pairs if np.isfinite(pair).all()])
    for mean, worst in found[["mean", "worst"]].to_numpy():
        cheapest = pairs[pairs[:, 1] <= worst * (1 + 1e-12), 0].min()
        assert mean == pytest.approx(cheapest, rel=1e-9, abs=1e-300)
    assert found["worst"].iloc[-1] == pytest.approx(case.worst(), rel=1e-12)
    assert found["mean"].iloc[0] == pytest.approx(pairs[:, 0].min(), rel=1e-9, abs=1e-300)


def covering(case):
    best = -case.least(lambda d: -case.reached(d))
    plan = maximal_covering(*case.given, case.radius, fixed=case.fixed)
    holds(plan, best, least=False)


def backup(case):
    w = case.weight
    best = -case.least(lambda d: -(1 - w) * case.reached(d) - w * case.reached(d, 2))
    plan = backup_covering(*case.given, case.radius, backup=w, fixed=case.fixed)
    holds(plan, best, least=False)


def expected(case):
    best = case.most_expected()
    plan = expected_covering(*case.given, case.radius, busy=case.busy, fixed=case.fixed)
    holds(plan, best, least=False)
    share = expected_coverage(case.c, case.d, plan.sites, case.radius, busy=case.busy)
    assert share * case.c.sum() == pytest.approx(plan.objective, rel=1e-9, abs=0)


def shares(case):
    """Plans in the order of their cost without shares, which bounds their cost with shares."""
    c, unit, length = case.c / case.demand_unit, case.demand_unit, case.unit
    share, n = min(1.0, 1.3 / case.p), len(c)
    order = sorted((case.c @ case.d[:, k].min(1), k) for k in case.plans)
    best = np.inf
    for free, plan in order:
        if free >= best:
            break
        d = case.d[:, plan] / length
        loads, served = np.kron(np.ones(n), np.eye(case.p)), np.kron(np.eye(n), np.ones(case.p))
        upper = np.where(np.isfinite(d), c[:, None], 0).ravel()
        found = linprog(
            np.where(np.isfinite(d), d, 0).ravel(), loads, np.full(case.p, share * c.sum()),
            served, c, bounds=np.c_[np.zeros(upper.size), upper],
        )  # fmt: skip
        if found.status == 0:
            best = min(best, found.fun * unit * length)
    if np.isfinite(best):
        plan = capacitated_p_median(*case.given, share=share, fixed=case.fixed)
        assert plan.proven
        assert plan.objective == pytest.approx(best, rel=1e-7, abs=1e-9 * unit * length)


MODELS = (
    median, certificate, swept, center, center_swept, mixed, frontier, covering, backup, expected,
    shares,
)  # fmt: skip


SLOW = (shares, backup, covering, expected, frontier, mixed)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_random_instances(model, request):
    rng = np.random.default_rng(SEED)
    number = request.config.getoption("--instances") or (250 if model in SLOW else 1000)
    for _ in range(number):
        model(Instance(rng))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(MODELS))
def test_instances_that_hypothesis_looks_for(seed, model):
    model(Instance(np.random.default_rng(seed)))
