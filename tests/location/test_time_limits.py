"""Searches that end early: a valid plan, a valid bound, and soon."""

import time
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import milp

from helpers.location import (
    PlanarDistance,
    backup_covering,
    capacitated_p_median,
    certify,
    maximal_covering,
    mean_worst,
    mean_worst_frontier,
    p_center,
    p_median,
    travel,
)

PATROLS = 12
SOON = 5.0  # seconds: a machine that does much else, not a slow search


@pytest.fixture(scope="module")
def wide():
    """600 nodes of which no search proves anything in a hundredth of a second."""
    rng = np.random.default_rng(3)
    xy = rng.random((600, 2)) * 10_000
    demand = rng.integers(1, 9, 600).astype(float)
    p_median(demand, PlanarDistance(xy), 2)  # kernels are compiled before the clock starts
    return demand, PlanarDistance(xy)


def weighed(demand, distance, sites, weight):
    reach = distance[:, sites].min(axis=1)
    return (1 - weight) * demand @ reach / demand.sum() + weight * reach[demand > 0].max()


def covered(demand, distance, sites, radius, backup):
    times = (distance[:, sites] <= radius).sum(axis=1)
    return (1 - backup) * demand[times >= 1].sum() + backup * demand[times >= 2].sum()


def test_searches_end_soon_with_a_plan_and_a_bound(wide):
    demand, distance = wide
    matrix = distance.columns(np.arange(600))
    optimum = p_median(demand, distance, PATROLS)
    assert optimum.proven
    start = time.perf_counter()
    plan = p_median(demand, distance, PATROLS, time_limit=0.01)
    assert not plan.proven and plan.bound <= optimum.objective <= plan.objective
    assert plan.objective == travel(demand, distance, plan.sites)
    kept = certify(demand, distance, PATROLS, time_limit=0.01)
    assert kept.proof is None and kept.solution.objective >= optimum.objective
    centre = p_center(demand, distance, PATROLS, time_limit=0.01)
    assert centre.objective == matrix[:, centre.sites].min(axis=1).max()
    assert not centre.proven and centre.bound <= 1932  # a plan of 1931.3 m is known
    shared = capacitated_p_median(demand, distance, PATROLS, time_limit=0.01)
    assert np.allclose(shared.service.sum(axis=1), demand)
    assert shared.service.sum(axis=0).max() <= 1.2 / PATROLS * demand.sum() * (1 + 1e-9)
    assert shared.bound <= optimum.objective <= shared.objective
    mixed = mean_worst(demand, distance, PATROLS, weight=0.8, time_limit=0.01)
    assert mixed.objective == pytest.approx(weighed(demand, matrix, mixed.sites, 0.8))
    assert not mixed.proven
    assert mixed.bound <= weighed(demand, matrix, optimum.sites, 0.8)
    assert time.perf_counter() - start < 5 * SOON
    for one in (plan, kept.solution, centre, shared, mixed):
        assert len(set(one.sites.tolist())) == PATROLS


def test_covering_ends_soon_with_a_plan_and_a_bound(wide):
    demand, distance = wide
    matrix = distance.columns(np.arange(600))
    start = time.perf_counter()
    plan = maximal_covering(demand, distance, PATROLS, 900, time_limit=0.01)
    second = backup_covering(demand, distance, PATROLS, 1500, time_limit=0.01)
    assert time.perf_counter() - start < 2 * SOON
    assert plan.objective == covered(demand, matrix, plan.sites, 900, 0.0)
    assert plan.objective <= 1228 <= plan.bound  # 1,228 is proven in a third of a second
    assert second.objective == covered(demand, matrix, second.sites, 1500, 0.5)
    assert second.objective <= 1382 <= second.bound  # in eight
    assert not plan.proven and not second.proven


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [0.0, 1e-6, None])
def test_bounds_hold_whenever_the_search_ends(seed, limit):
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 5, 16).astype(float)
    demand[0] = 2
    a, b = rng.random((16, 2)), rng.random((10, 2))
    distance = np.hypot(*(a[:, None] - b[None]).T).T
    plans = [list(c) for c in combinations(range(10), 3)]
    best = {
        "mean": min(travel(demand, distance, c) for c in plans),
        "worst": min(weighed(demand, distance, c, 1.0) for c in plans),
        "mixed": min(weighed(demand, distance, c, 0.4) for c in plans),
        "cover": max(covered(demand, distance, c, 0.3, 0.6) for c in plans),
    }
    found = {
        "mean": p_median(demand, distance, 3, time_limit=limit),
        "worst": p_center(demand, distance, 3, time_limit=limit),
        "mixed": mean_worst(demand, distance, 3, weight=0.4, time_limit=limit),
    }
    for name, plan in found.items():
        assert plan.bound - 1e-12 <= best[name] <= plan.objective + 1e-12
        assert plan.proven or limit is not None
    cover = backup_covering(demand, distance, 3, 0.3, backup=0.6, time_limit=limit)
    assert cover.objective - 1e-9 <= best["cover"] <= cover.bound + 1e-9
    assert found["mixed"].objective == pytest.approx(
        weighed(demand, distance, found["mixed"].sites, 0.4)
    )
    shared = capacitated_p_median(demand, distance, 3, share=1.0, time_limit=limit)
    assert shared.bound - 1e-9 <= best["mean"] <= shared.objective + 1e-9
    frontier = mean_worst_frontier(demand, distance, 3, time_limit=limit)
    assert (np.diff(frontier["worst"]) < 0).all()
    assert frontier["worst"].iloc[-1] >= best["worst"] - 1e-12


def test_a_certificate_without_proof_is_not_saved(wide, tmp_path):
    demand, distance = wide
    with pytest.raises(ValueError, match="not proven in time"):
        certify(demand, distance, PATROLS, time_limit=0.01).save(tmp_path / "plan.json")


@pytest.mark.parametrize("method", ["exact", "heuristic", "kmeans"])
def test_more_patrols_than_places_with_demand_cost_nothing(method):
    xy = np.array([[0.0, 0.0], [0.0, 0.0], [300.0, 0.0], [0.0, 400.0], [900.0, 900.0]])
    demand = [0.1, 0.2, 0.7, 0.0, 0.0]
    for patrols in (2, 3, 4, 5):
        plan = p_median(demand, PlanarDistance(xy), patrols, method=method)
        assert plan.objective == 0 and len(set(plan.sites.tolist())) == patrols
        assert method != "exact" or plan.proven


def test_no_clock_chooses_between_p_centers_that_are_as_good(monkeypatch):
    """Without a limit nothing is asked for a time, so a busy machine gets the same posts."""
    from helpers.location import cover

    asked = []

    def program(*model, options, **more):
        asked.append(options)
        return milp(*model, options=options, **more)

    monkeypatch.setattr(cover, "milp", program)
    monkeypatch.setattr(cover, "TREE", 0.0)  # our own tree gives up at once
    monkeypatch.setattr(cover, "FIRST", 0.0)
    xy = np.random.default_rng(4).uniform(0, 100, (60, 2))
    distance = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    p_center(np.ones(60), distance, 6)
    assert asked
    assert not [options for options in asked if "time_limit" in options]
