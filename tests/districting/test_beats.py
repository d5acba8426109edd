"""The plan of today: few changes against brute force, random plans against what they must be."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from helpers.districting import (
    DistrictingError,
    area_totals,
    broken_areas,
    canonical,
    effective_size,
    evaluate,
    few_moves,
    plan_ensemble,
    population_difference,
    random_plan,
    standing,
)

from .conftest import all_plans, graph_of, grid_units
from .test_exact import QUIET, possible, small_units


def best_within(units, today, most):
    """Least eq. 1 of the contiguous plans with at most `most` changes, by trying all of them."""
    graph, areas, best = graph_of(units), int(today.max()) + 1, np.inf
    for count in range(most + 1):
        for who in itertools.combinations(range(len(units)), count):
            for where in itertools.product(range(areas), repeat=count):
                labels = today.copy()
                labels[list(who)] = where
                held = [np.flatnonzero(labels == j).tolist() for j in range(areas)]
                if all(h and nx.is_connected(graph.subgraph(h)) for h in held):
                    best = min(best, population_difference(units, labels))
    return best


@QUIET
@given(units=small_units(largest=7), data=st.data())
def test_few_moves_equal_brute_force(units, data):
    areas = data.draw(st.sampled_from(possible(units)))
    most = data.draw(st.integers(0, 3))
    today = random_plan(units, areas, data.draw(st.integers(0, 99))).assignment
    found = few_moves(units, today, most, restarts=data.draw(st.sampled_from([0, 1])))
    best = best_within(units, today, most)
    assert found.value == pytest.approx(best, abs=1e-9)
    assert found.proven
    assert len(found.moved) <= most
    assert (found.assignment != today).sum() == len(found.moved)
    assert not broken_areas(units, canonical(found.assignment))
    for effort in (0, 3e4, 3e5):  # the search ends early
        loose = few_moves(units, today, most, restarts=0, effort=effort)
        assert loose.bound <= best * (1 + 1e-9) + 1e-9
        assert loose.value >= best * (1 - 1e-9) - 1e-9
        assert not loose.proven or loose.value == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("seed", [*range(20), 241, 253, 266])
def test_bounds_of_more_changes_hold_against_all_plans(seed):
    # in the last three a small area begins again elsewhere
    shape, rng = [(3, 3), (4, 3), (5, 2), (3, 4)][seed % 4], np.random.default_rng(seed)
    board = grid_units(*shape, seed=seed)
    areas, most = int(rng.integers(2, 5)), int(rng.integers(1, 8))
    today = random_plan(board, areas, seed).assignment
    best = np.inf
    for plan in all_plans(board, areas):
        # an area of the plan may keep the number of any of today's
        same = np.zeros((areas, areas))
        np.add.at(same, (today, plan), 1.0)
        if len(today) - same[linear_sum_assignment(-same)].sum() <= most:
            best = min(best, population_difference(board, plan))
    for effort in (0, 1e5, 1e6, 1e8):
        found = few_moves(board, today, most, restarts=0, effort=effort)
        assert found.bound <= best * (1 + 1e-9) <= found.value * (1 + 2e-9)
    assert found.proven
    assert found.value == pytest.approx(best)


def test_branch_and_cut_tells_more_than_the_linear_relaxation():
    board = grid_units(8, 8, seed=4)
    today = np.repeat(np.arange(8), 8)
    loose, found = (few_moves(board, today, 6, effort=effort) for effort in (0, 2e7))
    assert not loose.proven
    assert loose.bound < 0.97 * found.bound <= 0.97 * found.value
    again = few_moves(board, today, 6, effort=2e7)
    assert again.bound == found.bound
    assert (again.assignment == found.assignment).all()


def test_few_moves_in_any_unit():
    board = grid_units(5, 5, seed=3)
    today = np.repeat([0, 1, 2, 3, 4], 5)
    import dataclasses

    first = few_moves(board, today, 2)
    for unit in (1e-9, 0.37, 1e9):
        other = dataclasses.replace(board, population=board.population * unit)
        found = few_moves(other, today, 2)
        assert found.proven
        assert found.value == pytest.approx(first.value * unit)
        many = few_moves(other, today, 8, effort=1e5)
        assert not many.proven
        assert many.bound == pytest.approx(few_moves(board, today, 8, effort=1e5).bound * unit)
    with pytest.raises(DistrictingError, match="expected an area for each"):
        few_moves(board, today[:5], 2)


def test_more_moves_never_do_worse_and_a_broken_area_may_stay():
    board = grid_units(6, 6, seed=1)
    today = np.repeat(np.arange(6), 6)
    today[[0, 35]] = [5, 0]  # two areas lie in two pieces
    values = [few_moves(board, today, m).value for m in (0, 1, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    assert values[0] == population_difference(board, today)
    assert values[-1] < values[0]


def test_random_plans_are_contiguous_and_within_the_tolerance():
    board = grid_units(8, 8, seed=2)
    ensemble = plan_ensemble(board, 6, plans=600, tolerance=0.4, seed=1)
    held = []
    for labels in ensemble.plans:
        assert len(set(labels.tolist())) == 6
        assert not broken_areas(board, labels)
        held.append(area_totals(board, labels)["population"])
    held = np.array(held)[5:]  # a grown plan may begin outside
    mean = board.mean(6)
    assert held.min() >= 0.6 * mean * (1 - 1e-9)
    assert held.max() <= max(1.4 * mean, board.population.max()) * (1 + 1e-9)
    # the measures are those of the plans
    for row, labels in zip(range(0, 600, 6), ensemble.plans, strict=True):
        own, totals = evaluate(board, labels), area_totals(board, labels)
        table = ensemble.measures.iloc[row]
        assert table["eq1"] == pytest.approx(own["eq1"])
        assert table["eq4"] == pytest.approx(own["eq4"])
        round_ = (4 * np.pi * totals["area_km2"] / totals["perimeter_km"] ** 2).mean()
        assert table["mean_polsby_popper"] == pytest.approx(round_)
        cut = (labels[board.links[:, 0]] != labels[board.links[:, 1]]).sum()
        assert table["cut_pairs"] == cut
    again = plan_ensemble(board, 6, plans=600, tolerance=0.4, seed=1)
    assert again.measures.equals(ensemble.measures)


def test_the_chain_reaches_every_plan_of_a_small_map():
    board = grid_units(2, 3)
    ensemble = plan_ensemble(board, 2, plans=4000, tolerance=1.0, every=1, seed=0)
    whole = {round(evaluate(board, labels)["eq1"], 6) for labels in all_plans(board, 2)}
    assert {round(v, 6) for v in ensemble.measures["eq1"]} == whole


def test_where_a_plan_stands():
    board = grid_units(8, 8, seed=2)
    ensemble = plan_ensemble(board, 4, plans=2000, seed=1)
    quarters = np.add.outer(2 * (np.arange(8) // 4), np.arange(8) // 4).ravel()
    table = standing(board, ensemble, quarters).set_index("measure")
    # four squares of 4 by 4: no plan has shorter borders
    assert table.loc["eq4", "below"] == 0
    assert table.loc["eq4", "value"] == pytest.approx(64)
    assert table.loc["mean_polsby_popper", "below"] == 1
    assert (table["low"] <= table["median"]).all() & (table["median"] <= table["high"]).all()
    assert table["below"].notna().all()
    with pytest.raises(DistrictingError, match="tolerance"):
        plan_ensemble(board, 4, tolerance=0)
    # an area of a single row of eight: too little for any random plan, so (1) has no share below
    uneven = np.repeat([0, 1, 2, 3], [8, 8, 24, 24])
    table = standing(board, ensemble, uneven).set_index("measure")
    assert area_totals(board, uneven)["population"].min() < 0.5 * board.mean(4)
    assert np.isnan(table.loc["eq1", "below"])
    assert table["below"].drop("eq1").notna().all()


def test_the_effective_size_of_an_autoregression():
    """A series with correlation r from step to step is worth (1 - r) / (1 + r) of its length."""
    rng = np.random.default_rng(0)
    for r in (0.0, 0.5, 0.9):
        values = np.zeros(40_000)
        for t, noise in enumerate(rng.normal(size=len(values) - 1)):
            values[t + 1] = r * values[t] + noise
        assert effective_size(values) == pytest.approx(40_000 * (1 - r) / (1 + r), rel=0.15)
    assert effective_size(np.ones(50)) == 50
