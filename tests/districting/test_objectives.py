import geopandas
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.districting import (
    DistrictingError,
    Objective,
    Plan,
    area_centres,
    area_totals,
    broken_areas,
    canonical,
    closed_form_bound,
    compactness,
    evaluate,
    population_difference,
    radial_compactness,
    random_plan,
)

from .conftest import graph_of, grid_units, make_units


def test_closed_form_bound_of_the_paper_case(residents, over_65):
    assert closed_form_bound(residents, 28) == pytest.approx(283_886.4, abs=0.05)
    assert closed_form_bound(over_65, 28) == pytest.approx(51_429.0, abs=0.05)


def test_the_papers_extremes_are_unions_of_named_units(residents):
    people = dict(zip(residents.names, residents.population, strict=True))
    assert people["São Martinho"] == 450
    assert people["Abela"] == 890
    assert people["Amora"] + people["Corroios"] == 96_290
    three = [n for n in people if "Almada" in n or "Trafaria" in n or "Laranjeiro" in n]
    assert sum(people[n] for n in three) == 115_683


def test_four_squares_by_hand():
    units = grid_units(2, 2)
    units = make_units(
        [1, 2, 3, 4], units.links.tolist(), extra=2.0,
        x=np.array([0.0, 1000, 0, 1000]), y=np.array([0.0, 0, 1000, 1000]),
    )  # fmt: skip
    pairs = np.array([0, 0, 1, 1])
    values = evaluate(units, pairs)
    assert values["eq1"] == 4.0  # |3 − 5| + |7 − 5|
    assert values["eq2"] == pytest.approx(2.0)  # one kilometre in each pair
    assert values["eq3"] == pytest.approx(6.0)
    # each unit has perimeter 4; a pair 8 − 2 = 6
    area = units.area_km2
    assert values["eq4"] == pytest.approx(36 / (area[0] + area[1]) + 36 / (area[2] + area[3]))


def test_perimeters_and_areas_equal_dissolved_polygons(shared, residents):
    shapes = geopandas.read_file(shared / "data" / "setubal" / "freguesias.geojson")
    shapes = shapes.set_index("dicofre").loc[list(residents.zones)].to_crs(3763)
    plan = random_plan(residents, 12, seed=4)
    union = shapes.dissolve(plan.assignment)
    totals = area_totals(residents, plan.assignment)
    assert totals["area_km2"] == pytest.approx(union.area.to_numpy() / 1e6, rel=2e-4)
    assert totals["perimeter_km"] == pytest.approx(union.length.to_numpy() / 1e3, rel=2e-3)
    shape = (union.length**2 / union.area).sum()
    assert compactness(residents, plan.assignment) == pytest.approx(shape, rel=2e-3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), areas=st.integers(1, 55))
def test_equations_against_plain_loops(residents, seed, areas):
    labels = random_plan(residents, areas, seed).assignment
    mu = residents.population.sum() / areas
    eq1 = eq2 = 0.0
    centres = area_centres(residents, labels)
    for area in range(areas):
        members = [i for i in range(55) if labels[i] == area]
        eq1 += abs(sum(residents.population[i] for i in members) - mu)
        sums = {
            c: sum(
                ((residents.x[i] - residents.x[c]) ** 2 + (residents.y[i] - residents.y[c]) ** 2)
                ** 0.5
                for i in members
            )
            for c in members
        }
        eq2 += min(sums.values()) / 1000
        assert sums[centres[area]] == pytest.approx(min(sums.values()))
    assert population_difference(residents, labels) == pytest.approx(eq1)
    assert radial_compactness(residents, labels) == pytest.approx(eq2)
    assert radial_compactness(residents, labels, centres) == pytest.approx(eq2)
    assert eq1 >= closed_form_bound(residents, areas) - 1e-6


def test_objective_weights_are_checked():
    with pytest.raises(DistrictingError, match="zero or more"):
        Objective(population=-1.0)
    with pytest.raises(DistrictingError, match="not all zero"):
        Objective()


def test_scaled_objective_makes_the_terms_comparable(residents):
    scaled = Objective.scaled(residents, 28)
    labels = random_plan(residents, 28).assignment
    values = evaluate(residents, labels)
    terms = scaled.population * values["eq1"], scaled.distance * values["eq2"]
    assert 0.01 < terms[1] / terms[0] < 100
    assert values["eq2"] / values["eq1"] < 0.01  # raw, as the paper adds them, distance is lost


# ------------------------------------------------------------------ plans
def test_plan_is_immutable_and_canonical(residents):
    plan = random_plan(residents, 10, seed=1)
    with pytest.raises(ValueError, match="read-only"):
        plan.assignment[0] = 3
    with pytest.raises(TypeError):
        plan.objectives["eq1"] = 0.0
    shuffled = np.random.default_rng(0).permutation(10)[plan.assignment]
    assert np.array_equal(canonical(shuffled), plan.assignment)


def test_a_plan_that_is_not_contiguous_is_refused(residents):
    labels = np.zeros(55, dtype=int)
    labels[[0, 20]] = 1
    assert not graph_of(residents).has_edge(0, 20)
    with pytest.raises(DistrictingError, match="not contiguous: Torrão, Alhos Vedros"):
        Plan.of(residents, labels)
    with pytest.raises(DistrictingError, match="shape"):
        Plan.of(residents, np.zeros(3, dtype=int))


@settings(max_examples=50, deadline=None)
@given(labels=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_broken_areas_agree_with_networkx(labels):
    units = grid_units(3, 4)
    labels = canonical(labels)
    graph = graph_of(units)
    broken = [
        a
        for a in range(labels.max() + 1)
        if not nx.is_connected(graph.subgraph(np.flatnonzero(labels == a).tolist()))
    ]
    assert broken_areas(units, labels) == broken
