import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.districting import (
    DistrictingError,
    annealing,
    area_statistics,
    area_table,
    map_colours,
    random_plan,
    seed_study,
    summarise_study,
)

from .conftest import graph_of


def test_area_table_adds_up(residents):
    plan = annealing(residents, 28)
    table = area_table(residents, plan)
    assert table["units"].sum() == 55
    assert table["population"].sum() == 851_258
    assert table["difference"].abs().sum() == pytest.approx(plan.objectives["eq1"])
    assert table["compactness"].sum() == pytest.approx(plan.objectives["eq4"])
    assert table["area_km2"].sum() == pytest.approx(residents.area_km2.sum())
    assert table.loc[plan.assignment[0], "names"].startswith("Torrão")


@pytest.mark.parametrize(("ddof", "plain"), [(1, statistics.stdev), (0, statistics.pstdev)])
def test_statistics_against_the_standard_library(residents, ddof, plain):
    plan = random_plan(residents, 28, seed=2)
    people = area_table(residents, plan)["population"].tolist()
    row = area_statistics(residents, plan, ddof=ddof)
    assert row["average"] == pytest.approx(30_402.07, abs=0.01)
    assert row["median"] == statistics.median(people)
    assert row["standard_deviation"] == pytest.approx(plain(people))
    assert (row["minimum"], row["maximum"]) == (min(people), max(people))


def test_study_does_not_depend_on_the_number_of_processes(residents):
    options = {"annealing": {}, "short": {"method": "annealing", "moves": 400, "restarts": 1}}
    one = seed_study(residents, 28, options, seeds=range(4))
    two = seed_study(residents, 28, options, seeds=range(4), jobs=2)
    same = [c for c in one.columns if c != "seconds"]
    assert one[same].equals(two[same])
    table = summarise_study(one, optimum=283_886.42857)
    assert table.index.tolist() == ["annealing", "short"]
    assert table.loc["annealing", "optimal_seeds"] == 4
    assert table.loc["annealing", "median_over_optimum"] == pytest.approx(1.0)
    assert table.loc["short", "best"] <= table.loc["short", "median"] <= table.loc["short", "worst"]
    with pytest.raises(DistrictingError, match="at least one method"):
        seed_study(residents, 28, [])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), areas=st.integers(1, 55))
def test_touching_areas_get_different_colours(residents, seed, areas):
    labels = random_plan(residents, areas, seed).assignment
    colours = map_colours(residents, labels)
    assert len(colours) == areas
    for i, j in graph_of(residents).edges:
        if labels[i] != labels[j]:
            assert colours[labels[i]] != colours[labels[j]]
    assert colours.max() < 6
    assert np.array_equal(colours, map_colours(residents, labels))
