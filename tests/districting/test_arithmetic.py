"""Sums of whole residents: nothing true is refused, the paper's columns are judged as by hand."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest

from helpers import districting
from helpers.compendium import claims
from helpers.districting.arithmetic import possible_sums, possible_totals


def printed(values, deviation=1) -> dict[str, str]:
    """The statistics of areas as a table prints them, to one decimal."""
    mean = np.mean(values)
    found = {
        "average": mean,
        "median": np.median(values),
        "standard_deviation": np.std(values, ddof=deviation),
        "minimum": min(values),
        "maximum": max(values),
        "population_difference": np.abs(np.asarray(values) - mean).sum(),
    }
    return {name: f"{value:.1f}" for name, value in found.items()}


@pytest.mark.parametrize("deviation", [0, 1])
@pytest.mark.parametrize("areas", [3, 4, 5, 6])
def test_no_plan_that_exists_is_refused(areas, deviation):
    most = {3: 11, 4: 7, 5: 5, 6: 4}[areas]
    for values in combinations_with_replacement(range(most + 1), areas):
        if values[0] == values[-1]:
            continue  # no area above the mean
        above = int((np.array(values) > np.mean(values)).sum())
        held = sum(v for v in values if v > np.mean(values))
        found = possible_sums(printed(values, deviation), areas, sum(values)).set_index("above")
        assert found.loc[above, "refused"] == "", values
        assert found.loc[above, "held"] == held, values


def test_numbers_that_belong_to_no_plan_are_mostly_refused():
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        values = generator.integers(100, 60_000, 28)
        column = printed(values)
        # a sum of differences of another plan
        other = float(column["population_difference"]) * generator.uniform(0.6, 1.4)
        column["population_difference"] = f"{other:.1f}"
        refused += (possible_sums(column, 28, int(values.sum()))["refused"] != "").all()
    assert refused > 100


def test_the_papers_columns():
    columns = claims.printed_columns()
    judged = districting.judged_columns(districting.printed_sums(columns))
    assert judged["refused"].to_dict() == {
        "residents_ga_eq1": False,
        "residents_ga_eq3": False,
        "residents_azp_sa": True,
        "over_65_ga_eq3": False,
        "over_65_azp_sa": False,
    }
    assert judged["stated"].tolist() == [851_258] * 3 + [None] * 2
    eq1, eq3, azp = (judged.loc[f"residents_{name}"] for name in ("ga_eq1", "ga_eq3", "azp_sa"))
    assert (eq1["above"], eq1["held"]) == ([11], [673_458])
    assert (eq3["above"], eq3["held"]) == ([8], [638_110])
    # 11 areas hold 673,458 of 851,258: 2 (673,458 - 11 x 851,258 / 28) = 678,070.4
    assert pytest.approx(678_070.4, abs=0.05) == 2 * (673_458 - 11 * 851_258 / 28)
    assert not azp["fits"]
    assert [reason[:2] for reason in azp["reasons"]] == ["9:", "23"]
    assert azp["totals"] == [839_458]
    # at that total 15 areas above the mean hold 700,370
    assert pytest.approx(501_320.7, abs=0.05) == 2 * (700_370 - 15 * 839_458 / 28)


def test_the_other_total_near_the_average_has_its_median_on_the_wrong_side():
    column = claims.printed_columns().loc["residents_azp_sa"]
    assert list(possible_totals(column["average"], 28)) == [839_456, 839_457, 839_458]
    found = possible_sums(column.to_dict(), 28, 839_457).set_index("above")
    assert found.index[found["refused"] != "whole"].tolist() == [6]
    assert found.loc[6, "refused"] == "median"
    # six areas above a mean of 29,980.6 leave the 14th and 15th below it, not at 33,653.5
    assert float(column["median"]) > 839_457 / 28


def test_what_is_drawn_are_the_totals_that_speak():
    drawn = districting.drawn_sums(districting.printed_sums(claims.printed_columns()))
    totals = drawn.groupby("column", sort=False)["total"].unique().map(list).to_dict()
    assert totals["residents_ga_eq1"] == [851_258]
    assert totals["residents_azp_sa"] == [851_258, 839_458]
    assert totals["over_65_azp_sa"] == [156_793]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"median": "much"}, "'much' is no printed number"), ({"areas": 2}, "3 or more are needed")],
)
def test_what_is_no_table_is_refused(change, sentence):
    column = {**claims.printed_columns().loc["residents_ga_eq1"].to_dict(), **change}
    with pytest.raises(districting.DistrictingError, match=sentence):
        possible_sums(column, int(column["areas"]), 851_258)
    with pytest.raises(districting.DistrictingError, match="has no median"):
        possible_sums({k: v for k, v in column.items() if k != "median"}, 28, 851_258)


def test_a_column_of_another_number_of_areas_has_its_own_mean():
    values = [10, 20, 30, 41]
    frame = pd.DataFrame({"small": {**printed(values), "areas": 4, "total": sum(values)}}).T
    judged = districting.judged_columns(districting.printed_sums(frame.rename_axis("column")))
    assert judged.loc["small", "above"] == [2]
    assert judged.loc["small", "held"] == [71]
