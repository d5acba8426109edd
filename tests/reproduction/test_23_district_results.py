"""Section 23: statistics of the runs, the proven front, the ledger's values for Setúbal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
NAME = "23_district_results"
RESIDENTS, OLDER = "Residents 2011", "Residents aged 65 and over, 2011"
OPTIMUM = {"population": 283_886.4285714, "population_65": 51_429.0}


@pytest.fixture(scope="module")
def setubal(reproduced):
    return reproduced / "data" / "processed" / "setubal"


@pytest.fixture(scope="module")
def runs(setubal):
    return pd.read_parquet(setubal / f"{NAME}_runs.parquet")


@pytest.fixture(scope="module")
def numbers(setubal):
    saved = json.loads((setubal / f"{NAME}_numbers.json").read_text(encoding="utf-8"))
    return {name: entry["value"] for name, entry in saved["numbers"].items()}


def test_the_citys_table_of_published_values_is_that_of_the_claims():
    printed = pd.read_csv(RAW / "setubal" / "published.csv")
    claims = pd.read_csv(RAW / "claims.csv", dtype=str).set_index("claim_id")["published"]
    rules = yaml.safe_load((RAW / "claims_rules.yml").read_text(encoding="utf-8"))
    methods = {"GA, eq. 1": "ga_eq1", "GA, eq. 3": "ga_eq3", "AZP-SA": "azp_sa"}
    stated = {
        f"{row.field}_{methods[row.method]}_{row.statistic}": row.printed
        for row in printed.itertuples()
    }
    of_claims = {
        rules[f"SET-{n:02d}"]["number"]: float(claims[f"SET-{n:02d}"]) for n in range(6, 41)
    }
    assert stated == of_claims


def test_every_method_ran_thirty_times(runs):
    count = runs.groupby(["field", "method"])["seed"].nunique()
    assert (count == 30).all()
    assert len(count) == 2 * 9  # GA on four objectives among them


def test_no_run_is_below_the_closed_form_bound(runs):
    freguesias = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    for field, column in (("population", "pop_2011"), ("population_65", "pop65_2011")):
        people = freguesias[column]
        bound = 2 * np.maximum(people - people.sum() / 28, 0).sum()
        assert bound == pytest.approx(OPTIMUM[field])
        values = runs.loc[runs["field"] == field, "eq1"]
        assert (values >= bound - 1e-5).all()
        # our own searches meet it with every seed
        own = runs[(runs["field"] == field) & runs["method"].isin(["annealing", "genetic"])]
        assert own["eq1"].to_numpy() == pytest.approx(bound)
    part = runs.groupby("field")[["average"]].agg(["min", "max"])
    assert part.loc["population"].to_numpy() == pytest.approx(851_258 / 28)
    assert part.loc["population_65"].to_numpy() == pytest.approx(156_793 / 28)


def test_the_order_of_the_methods_is_not_the_papers(runs):
    middle = runs.groupby(["field", "method"])["eq1"].median()
    for field in OPTIMUM:
        part = middle[field]
        assert part["GA, eq. 1"] < part["AZP-SA"] < part["AZP"]


def test_the_front_is_efficient_and_no_run_beats_it(setubal, runs):
    front = pd.read_csv(setubal / f"{NAME}_front.csv")
    assert set(front["proven"]) == {"proven"}
    for label, field in ((RESIDENTS, "population"), (OLDER, "population_65")):
        line = front[front["field"] == label]
        assert line["eq1"].is_monotonic_increasing
        assert line["eq4"].is_monotonic_decreasing
        assert line["eq1"].iloc[0] == pytest.approx(OPTIMUM[field], abs=1e-3)
        for plan in runs[runs["field"] == field].itertuples():
            reachable = line[line["eq1"] <= plan.eq1 + 1e-3]
            assert plan.eq4 >= reachable["eq4"].min() - 1e-3
    assert front[front["field"] == RESIDENTS]["eq4"].iloc[0] == pytest.approx(1_108.409, abs=1e-3)


@pytest.mark.parametrize("city", ["setubal", "leeds", "toronto"])
def test_polsby_popper_and_equation_4_are_of_the_same_perimeters(reproduced, city):
    """The mean over k areas is no less than 4 pi k / (4), whatever the outlines that are drawn."""
    folder = reproduced / "data/processed" / city
    areas = json.loads((folder / f"{NAME}_numbers.json").read_text(encoding="utf-8"))["numbers"]
    front = pd.read_csv(folder / f"{NAME}_front.csv")
    tables = [(front, areas["areas"]["value"])]
    if city != "setubal":
        plans = pd.read_csv(folder / f"{NAME}_plans_plans.csv").set_index("plan")
        changes = pd.read_csv(folder / f"{NAME}_changes.csv")
        tables.append((changes, plans.loc["today_stand_in", "areas"]))
    for table, k in tables:
        least = 4 * np.pi * k / table["eq4"]
        assert (table["mean_polsby_popper"] >= least - 1e-4).all()


def test_extremes_are_recognised_by_name(setubal):
    found = pd.read_csv(setubal / f"{NAME}_extremes.csv")
    people = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    short = people["freguesia"].str.replace("União das freguesias", "UF")
    column = {RESIDENTS: "pop_2011", OLDER: "pop65_2011"}
    named = {}
    for row in found[found["of"] > 0].itertuples():
        values = people.set_index(short)[column[row.field]]
        # a name may hold " + " of its own in no freguesia
        assert values[row.zones.split(" + ")].sum() == row.printed
        named[row.field, row.printed] = row.zones
    assert named[RESIDENTS, 450] == "São Martinho"
    assert named[RESIDENTS, 890] == "Abela"
    assert set(named[RESIDENTS, 96_290].split(" + ")) == {"Amora", "Corroios"}
    assert len(named[RESIDENTS, 115_683].split(" + ")) == 3
    assert named[OLDER, 161] == "São Martinho"
    assert named[OLDER, 296] == "São Francisco da Serra"


def test_pysals_own_objective_gives_the_published_extremes_of_residents_only(setubal):
    within = pd.read_csv(setubal / f"{NAME}_within.csv")
    runs = within.groupby(["field", "engine"])["seed"].nunique()
    assert runs.to_dict() == {
        (RESIDENTS, "compiled"): 30, (OLDER, "compiled"): 30, (RESIDENTS, "spopt"): 4,
    }  # fmt: skip
    part = within[within["field"] == RESIDENTS]
    # each of the two engines: the least area is common, the greatest is not
    for _, own in part.groupby("engine"):
        assert (own["minimum"] == 450).mean() > 0.7
        assert 0 < (own["maximum"] == 96_290).mean() < 0.5
    assert (part["population_difference"] > 1.5 * OPTIMUM["population"]).all()
    older = within[within["field"] == OLDER]
    assert not (older["minimum"] == 296).any()
    assert not (older["maximum"] == 16_154).any()
    assert (older["population_difference"] > 75_691.5).all()


def test_the_published_sum_of_over_65_lies_inside_azp_with_eq1(runs):
    part = runs[(runs["field"] == "population_65") & (runs["method"] == "AZP")]["eq1"]
    assert part.min() < 75_691.5 < part.max()


def test_numbers_that_the_ledger_judges(numbers, runs):
    printed = pd.read_csv(RAW / "setubal" / "published.csv")
    methods = {"GA, eq. 1": "ga_eq1", "GA, eq. 3": "ga_eq3", "AZP-SA": "azp_sa"}
    for row in printed.itertuples():
        part = runs[(runs["field"] == row.field) & (runs["method"] == row.method)][row.statistic]
        key = f"{row.field}_{methods[row.method]}_{row.statistic}"
        assert numbers[key] == pytest.approx(part.median(), rel=1e-6)
        assert numbers[f"{key}_least"] == pytest.approx(part.min(), rel=1e-6)
        assert numbers[f"{key}_greatest"] == pytest.approx(part.max(), rel=1e-6)
        if row.statistic in ("minimum", "maximum"):
            # an extreme matches only where a run ends with it
            met = int((part == row.printed).sum())
            assert (numbers[f"{key}_met"], numbers[f"{key}_reached"]) == (met, met > 0)
    freguesias = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    guessed = freguesias["pop65_2011_status"] == "estimate"
    share = freguesias.loc[guessed, "pop65_2011"].sum() / freguesias["pop65_2011"].sum()
    assert numbers["population_65_estimated_zones"] == guessed.sum()
    assert numbers["population_65_estimated"] == pytest.approx(share)
    assert numbers["population_leader"] == "GA, eq. 1"
    assert numbers["population_azp_sa_population_difference"] < 501_320.7
    assert numbers["population_within_minimum"] > 0 < numbers["population_within_maximum"]
    assert numbers["population_65_within_minimum"] == numbers["population_65_within_maximum"] == 0


def test_other_cities_have_no_published_column(reproduced):
    for city in ("leeds", "columbus", "georgia"):
        folder = reproduced / "data" / "processed" / city
        assert "printed" not in pd.read_csv(folder / f"{NAME}_tables.csv")
        optimum = pd.read_csv(folder / f"{NAME}_optimum.csv")
        assert (optimum["bound"] <= optimum["best_plan"] + 1e-6).all()
        runs = pd.read_parquet(folder / f"{NAME}_runs.parquet")
        for field, bound in zip(runs["field"].unique(), optimum["bound"], strict=True):
            assert (runs.loc[runs["field"] == field, "eq1"] >= bound - 1e-6).all()


@pytest.mark.parametrize("city", ["leeds", "toronto"])
def test_few_changes_to_a_stand_in_of_today(reproduced, city):
    folder = reproduced / "data/processed" / city
    table = pd.read_csv(folder / f"{NAME}_changes.csv").set_index("plan")
    few = table[table["most_moved"].notna()]
    assert few.index[0] == "today (stand-in)"
    assert (few["zones_moved"] <= few["most_moved"]).all()
    assert (few["eq1"].diff().dropna() <= 0).all()
    assert few["proven"].iloc[1:3].tolist() == ["optimal", "optimal"]
    assert (few["bound"].dropna() <= few["eq1"].iloc[1:] * (1 + 1e-9)).all()
    assert table.loc["drawn anew", "eq1"] < 0.2 * few["eq1"].iloc[0]
    # the files have the same plans: zones that differ are those that moved
    zones = pd.read_csv(folder / f"{NAME}_plans_zones.csv")
    plans = pd.read_csv(folder / f"{NAME}_plans_plans.csv").set_index("plan")
    for most in (1, 2, 5):
        name = f"today_stand_in_{most}_changed"
        row = few.iloc[[0, 1, 2, 3][(0, 1, 2, 5).index(most)]]
        assert plans.loc[name, "eq1"] == pytest.approx(row["eq1"], rel=1e-3)
        # and say of each what the table says, so that no page tells another verdict
        assert plans.loc[name, "proven"] == (row["proven"] == "optimal")
        assert plans.loc[name, "bound"] == pytest.approx(row["bound"], abs=1e-3)
        pairs = zones.groupby(["today_stand_in", name]).size().rename("n").reset_index()
        stayed = pairs.groupby("today_stand_in")["n"].max().sum()
        assert len(zones) - stayed == row["zones_moved"]
    stands = pd.read_csv(folder / f"{NAME}_standing.csv").set_index("measure")
    # nearest-station areas are more compact and less even than nearly all random ones
    assert stands.loc["eq4", "below"] < 0.05
    assert stands.loc["eq1", "value"] > stands.loc["eq1", "high"]
    # an area of today holds more than any random one may: a share in (1) would tell of that limit
    assert few["largest_area"].iloc[0] > 1.5 and np.isnan(stands.loc["eq1", "below"])
    assert (stands["effective"] > 100).all()
