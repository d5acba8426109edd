"""Certificates of plans: what they prove is true on every small instance, and false ones fail."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.districting import Plan, certify_plan, evaluate, exact, random_plan
from helpers.districting.verifier import verify_plan

from .conftest import all_plans, grid_units
from .test_exact import QUIET, possible, small_units


@QUIET
@given(units=small_units(largest=8), data=st.data())
def test_the_verifier_proves_what_the_engine_proved(units, data):
    areas = data.draw(st.sampled_from(possible(units)))
    plan = exact(units, areas)
    content = json.loads(json.dumps(certify_plan(units, plan)))
    value, bound, way = verify_plan(content, units.population, units.links, areas=areas)
    best = min(evaluate(units, labels)["eq1"] for labels in all_plans(units, areas))
    assert value == pytest.approx(best, abs=1e-9)
    assert bound == pytest.approx(best, abs=1e-9), way


@QUIET
@given(units=small_units(largest=7), data=st.data())
def test_no_prices_prove_more_than_is_true(units, data):
    areas = data.draw(st.sampled_from(possible(units)))
    plan = random_plan(units, areas, data.draw(st.integers(0, 99)))
    best = min(evaluate(units, labels)["eq1"] for labels in all_plans(units, areas))
    draw = np.random.default_rng(data.draw(st.integers(0, 99)))
    content = certify_plan(units, plan)
    content["prices"] = {"zones": draw.normal(0, 10, len(units)).tolist(), "area": 1e9}
    try:
        value, bound, _ = verify_plan(content, units.population, units.links, areas=areas)
    except ValueError as refused:
        assert "a cheaper plan exists" in str(refused)
        assert plan.objectives["eq1"] > best
    else:
        assert bound <= best * (1 + 1e-9) + 1e-9
        assert value == pytest.approx(plan.objectives["eq1"])


def test_the_neighbourhoods_of_columbus_need_prices_and_a_cover(columbus):
    units = columbus["rook"]
    plan = exact(units, 25, seed=0)
    content = certify_plan(units, plan)
    value, bound, way = verify_plan(content, units.population, units.links, areas=25)
    assert way == "prices and cover"
    assert value == bound == pytest.approx(plan.value)
    # half a million subsets of a board are more than plain Python lists: it says what it knows
    board = grid_units(10, 10)
    found = exact(board, 12, time_limit=1)
    _, bound, way = verify_plan(certify_plan(board, found), board.population, board.links, areas=12)
    assert way == "arithmetic"
    assert bound <= found.value


def test_false_claims_are_refused():
    board = grid_units(3, 3)
    plan = exact(board, 3)
    data = board.population, board.links
    content = certify_plan(board, plan)
    for claim, why in {
        (("areas", 4),): "one of the areas asked for",
        (("areas", 3), ("value", plan.value + 1)): "claimed",
    }.items():
        with pytest.raises(ValueError, match=why):
            verify_plan(content, *data, **dict(claim))
    apart = {**content, "assignment": [0, 1, 0, 1, 1, 1, 2, 2, 2]}
    with pytest.raises(ValueError, match="not contiguous"):
        verify_plan(apart, *data, areas=3)
    worse = max(
        (Plan.of(board, labels) for labels in itertools.islice(all_plans(board, 3), 200)),
        key=lambda other: other.value,
    )
    flat = {"zones": [0.0] * 9, "area": 0.0}
    with pytest.raises(ValueError, match="cheaper plan exists"):
        verify_plan({**certify_plan(board, worse), "prices": flat}, *data, areas=3)
