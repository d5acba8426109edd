"""Populations that are no whole numbers: fronts against enumeration, and any unit of measure."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.districting import (
    METHODS,
    Objective,
    district,
    evaluate,
    exact,
    lexicographic,
    pareto_front,
)
from helpers.districting._scale import working_units
from helpers.districting.optimum.search import value_step

from .conftest import all_plans, make_units
from .test_limits import PEOPLE, ladder, triangle

QUIET = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
SIZES = [10.0**power for power in range(-12, 13, 3) if power]


def fraction_of_eq1(people, labels):
    """Equation (1) in rational arithmetic."""
    held = [
        sum(p for p, a in zip(people, labels, strict=True) if a == area) for area in set(labels)
    ]
    mean = Fraction(sum(people), len(held))
    return sum(abs(amount - mean) for amount in held)


@st.composite
def fractional_maps(draw):
    """A small map, its populations as floats, and as the fractions that the floats stand for."""
    n = draw(st.integers(3, 7))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    links = {(int(rng.integers(0, i)), i) for i in range(1, n)}
    links |= {(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.3}
    shares = draw(st.sampled_from([2, 4, 3, 7, 10, 100, 10**6, 10**9]))
    most = draw(st.sampled_from([5, 30, 10**6])) * min(shares, 1000)
    numbers = draw(st.lists(st.integers(0, most), min_size=n, max_size=n).filter(any))
    people = [Fraction(number, shares) for number in numbers]
    links = sorted(links)
    units = make_units(
        [float(p) for p in people], links, rng.uniform(0.1, 2, len(links)), rng.uniform(0.5, 3, n)
    )
    return units, people


@QUIET
@given(case=fractional_maps(), second=st.sampled_from(["eq2", "eq4"]), data=st.data())
def test_front_of_fractions_equals_enumeration(case, second, data):
    units, people = case
    areas = data.draw(st.integers(1, min(4, len(units))))
    points = sorted(
        (fraction_of_eq1(people, labels.tolist()), evaluate(units, labels)[second])
        for labels in all_plans(units, areas)
    )
    least = points[0][0]
    limit = data.draw(st.sampled_from([least, 2 * least, points[-1][0]]))
    efficient, lowest = [], np.inf
    for balance, shape in points:
        if balance <= limit and shape < lowest * (1 - 1e-9):
            lowest = shape
            efficient.append((balance, shape))
    front = pareto_front(units, areas, second=second, limit=float(limit))
    found = [
        (fraction_of_eq1(people, plan.assignment.tolist()), plan.objectives[second])
        for plan in front.plans
    ]
    assert front.complete
    assert [balance for balance, _ in found] == [balance for balance, _ in efficient]
    assert [shape for _, shape in found] == pytest.approx([shape for _, shape in efficient])


@QUIET
@given(case=fractional_maps(), data=st.data())
def test_least_difference_of_fractions_equals_enumeration(case, data):
    units, people = case
    areas = data.draw(st.integers(1, min(4, len(units))))
    plan = exact(units, areas)
    values = [fraction_of_eq1(people, labels.tolist()) for labels in all_plans(units, areas)]
    assert plan.proven
    assert fraction_of_eq1(people, plan.assignment.tolist()) == min(values)


def test_points_a_billionth_apart_are_two():
    # lay closer than the search could tell apart, and the front was called complete
    people = np.array([4.0, 4.0 + 1e-9, 4.0 + 3e-9])
    front = pareto_front(triangle(people), 2, limit=100.0)
    plans = {
        round(evaluate(triangle(people), labels)["eq1"] * 1e9): labels
        for labels in all_plans(triangle(people), 2)
    }
    assert len(plans) == 3
    shapes = [evaluate(triangle(people), plans[key])["eq4"] for key in sorted(plans)]
    efficient = [s for i, s in enumerate(shapes) if all(s < other for other in shapes[:i])]
    assert [plan.objectives["eq4"] for plan in front.plans] == pytest.approx(efficient)


def test_front_of_the_columbus_crimes_ends():
    from helpers.compendium import find_city
    from helpers.districting import Units

    units = Units.from_city(find_city("columbus"), "crime")
    best = exact(units, 7, time_limit=30.0)
    front = pareto_front(units, 7, limit=1.1 * best.value, time_limit=30.0)
    values = front.table()
    assert front.complete
    assert (values["eq1"].diff().dropna() > 0).all()
    assert (values["eq4"].diff().dropna() < 0).all()


@pytest.mark.parametrize(
    ("people", "whole"),
    [
        ([6.5, 6.75, 4.0], [26, 27, 16]),
        ([0.1, 0.2, 0.3], [1, 2, 3]),
        ([1 / 3, 2 / 3, 5 / 3], [1, 2, 5]),
        ([3e-12, 5e-12, 0.0], [3, 5, 0]),
        ([3e15, 5e15, 1e15], [3, 5, 1]),
        ([3e-300, 5e-300, 1e-300], [3, 5, 1]),
        ([np.pi, 2 * np.pi, 3.5 * np.pi], [2, 4, 7]),
    ],
)
def test_populations_are_multiples_of_a_common_unit(people, whole):
    units = triangle(np.array(people))
    working, factor = working_units(units, 2)
    assert working.population.tolist() == whole
    assert factor * units.population == pytest.approx(working.population, rel=1e-12)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_figures_without_a_common_unit_keep_fifteen_digits(size):
    people = np.sqrt([2.0, 3.0, 5.0]) * size
    working, factor = working_units(triangle(people), 2)
    assert (working.population == np.round(working.population)).all()
    assert 2 * working.population.sum() <= 2.0**53
    np.testing.assert_allclose(working.population / factor, people, rtol=1e-14)


def test_usual_maps_stay_as_they_are():
    units = ladder(PEOPLE * 2)
    assert working_units(units, 3) == (units, 1.0)


def test_step_of_equation_one_is_the_least_difference_of_any_two_plans():
    for people in (PEOPLE, PEOPLE * 6, np.array([2.0, 4, 6, 8, 2, 4, 6, 8])):
        units = ladder(people)
        for areas in (2, 3, 4):
            values = {
                fraction_of_eq1([int(p) for p in people], labels.tolist())
                for labels in all_plans(units, areas)
            }
            step = value_step(units, areas, Objective(population=1.0))
            assert step > 0
            assert all(float(v / Fraction(step).limit_denominator(1000)) % 1 == 0 for v in values)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("wish", ["eq1", "eq2", "eq3", "eq4", "mixed"])
@pytest.mark.parametrize("method", list(METHODS))
def test_no_method_and_no_objective_depends_on_the_unit(method, wish, size):
    def objective(unit):
        # kilometres stay kilometres, so the weight of eq. 1 is per unit of the population
        weights = {"eq3": Objective(1 / unit, 1.0), "mixed": Objective(1 / unit, 2.0, 3.0)}
        return weights.get(wish, wish)

    quick = {"seed": 3}
    if method == "azp":
        quick["engine"] = "compiled"
    usual = district(ladder(PEOPLE), 3, method=method, objective=objective(1.0), **quick)
    other = district(ladder(PEOPLE * size), 3, method=method, objective=objective(size), **quick)
    factor = size if wish == "eq1" else 1.0
    assert other.value == pytest.approx(usual.value * factor, rel=1e-9, abs=0)
    assert other.bound == pytest.approx(usual.bound * factor, rel=1e-9, abs=1e-12 * factor)
    assert other.proven == usual.proven


@pytest.mark.parametrize("size", SIZES)
def test_fronts_do_not_depend_on_the_unit(size):
    usual = pareto_front(ladder(PEOPLE + 0.25), 3, limit=60.0).table()
    other = pareto_front(ladder((PEOPLE + 0.25) * size), 3, limit=60.0 * size).table()
    np.testing.assert_allclose(other["eq1"] / size, usual["eq1"], rtol=1e-9)
    np.testing.assert_allclose(other["eq4"], usual["eq4"], rtol=1e-12)
    first = lexicographic(ladder((PEOPLE + 0.25) * size), 3)
    assert first.proven
    assert first.objectives["eq4"] == pytest.approx(usual["eq4"].iloc[0])
