"""Work of the police: by hand, against plain arithmetic, against every plan of a small map."""

import numpy as np
import pandas as pd
import pytest

from helpers.districting import (
    DistrictingError,
    Workload,
    evaluate,
    police_plan,
    police_table,
    random_plan,
    workload_units,
)
from helpers.districting.study import police_rows, service_table

from .conftest import all_plans, assert_valid, grid_units


def board(rows=3, columns=3, seed=0, **options):
    units = grid_units(rows, columns, seed=seed)
    rng = np.random.default_rng(seed)
    calls = pd.DataFrame(
        {"assault": rng.integers(1, 30, len(units)), "theft": rng.integers(0, 60, len(units))},
        index=units.zones,
    )
    given = {"service_minutes": {"assault": 60.0, "theft": 20.0}, "standard": 3.0} | options
    return units, calls, Workload.of(units, calls, **given)


def value_of(units, workload, labels, weights=(1.0, 0.2, 1.0, 0.05)):
    """The objective by plain arithmetic."""
    work, travel, late = [], 0.0, 0.0
    for area in range(labels.max() + 1):
        own = np.flatnonzero(labels == area)
        spent = {c: sum(workload.calls[i] * workload.minutes[c, i] for i in own) for c in own}
        middle = min(spent, key=spent.get)
        work.append(workload.service[own].sum() + spent[middle])
        travel += spent[middle]
        late += sum(
            workload.calls[i] for i in own if workload.minutes[middle, i] > workload.standard
        )
    work, calls = np.array(work), workload.calls.sum()
    terms = (
        np.abs(work - work.mean()).sum() / work.sum(), travel / calls / workload.standard,
        late / calls, evaluate(units, labels)["eq4"] / (16 * len(work)),
    )  # fmt: skip
    return float(np.dot(weights, terms))


def test_work_by_hand():
    """Two squares of one kilometre, 2 minutes apart at 30 km/h: six calls here, two there."""
    units = grid_units(1, 2)
    calls = pd.DataFrame({"theft": [6, 2]}, index=units.zones)
    workload = Workload.of(units, calls, service_minutes=30, speed_kmh=30, standard=1.5)
    table = police_table(units, workload, [0, 0])
    row = table.loc[0]
    assert (row["middle"], row["calls"]) == (0, 8)
    assert row["service_hours"] == pytest.approx(4)
    assert row["travel_hours"] == pytest.approx(2 * 2 / 60)
    assert row["response_minutes"] == pytest.approx(0.5)
    assert row["late_share"] == pytest.approx(0.25)
    assert row["farthest_minutes"] == pytest.approx(2)
    held = workload_units(units, workload, [0, 0]).population
    assert held.tolist() == [180, 64]
    rows = police_rows(units, workload, {"two": np.array([0, 1])})
    assert rows.loc[0, ["work_off", "largest_work", "late_share"]].tolist() == pytest.approx(
        [0.5, 1.5, 0.0]
    )
    told = service_table(calls, {"theft": 30.0})
    assert told[["calls", "service_hours"]].to_numpy().tolist() == [[8, 4]]


def test_the_objective_is_that_of_plain_arithmetic():
    units, _, workload = board(5, 5, seed=4)
    for seed in range(4):
        start = random_plan(units, 5, seed).assignment
        found = police_plan(units, workload, 5, seed=seed, start=start)
        labels = found.plan.assignment
        assert_valid(units, found.plan, 5)
        assert found.value == pytest.approx(value_of(units, workload, labels))
        assert found.value <= value_of(units, workload, start) + 1e-12


def test_it_finds_the_best_of_every_plan_of_a_small_map():
    units, _, workload = board()
    for weights in ((1, 0.2, 1, 0.05), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1)):
        best = min(value_of(units, workload, np.array(p), weights) for p in all_plans(units, 3))
        named = dict(zip(("balance", "response", "late", "shape"), weights, strict=True))
        found = min(
            police_plan(units, workload, 3, seed=s, moves=40_000, **named).value for s in range(3)
        )
        assert found == pytest.approx(best), weights


def test_calls_in_other_numbers_and_hours_change_no_plan():
    units, calls, workload = board(4, 4, seed=2)
    first = police_plan(units, workload, 4)
    many = Workload.of(
        units, calls * 1000, service_minutes={"assault": 60.0, "theft": 20.0}, standard=3.0
    )
    again = police_plan(units, many, 4)
    assert again.plan.assignment.tolist() == first.plan.assignment.tolist()
    assert again.value == pytest.approx(first.value)


def test_what_is_refused():
    units, calls, workload = board()
    for options, why in {
        ("speed_kmh", 0.0): "above zero",
        ("service_minutes", -1.0): "zero or more",
        ("minutes", None): "",
    }.items():
        if why:
            with pytest.raises(DistrictingError, match=why):
                Workload.of(units, calls, **dict([options]))
    with pytest.raises(DistrictingError, match="no minutes for kind 'theft'"):
        Workload.of(units, calls, service_minutes={"assault": 1.0})
    with pytest.raises(DistrictingError, match="no row for zone '0'"):
        Workload.of(units, calls.iloc[1:])
    with pytest.raises(DistrictingError, match="weights"):
        police_plan(units, workload, 3, balance=-1)
    with pytest.raises(DistrictingError, match="no calls"):
        police_plan(units, Workload.of(units, calls * 0), 3)
