"""Section 23: statistics of the runs, the proven front, the ledger's values for Setúbal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
def claims(setubal):
    saved = (setubal / f"{NAME}_claims.json").read_text(encoding="utf-8")
    return json.loads(saved)["claims"]


def test_every_method_ran_thirty_times(runs):
    count = runs.groupby(["field", "method"])["seed"].nunique()
    assert (count == 30).all()
    assert len(count) == 2 * 7


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


def test_extremes_are_recognised_by_name(setubal):
    found = pd.read_csv(setubal / f"{NAME}_extremes.csv")
    people = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    short = people["freguesia"].str.replace("União das freguesias", "UF")
    column = {RESIDENTS: "pop_2011", OLDER: "pop65_2011"}
    named = {}
    for row in found[found["of"] > 0].itertuples():
        values = people.set_index(short)[column[row.field]]
        # a name may hold " + " of its own in no freguesia
        assert values[row.zones.split(" + ")].sum() == row.published
        named[row.field, row.published] = row.zones
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


def test_verdicts(claims, runs):
    numbers = [*range(6, 41), 45]
    assert sorted(claims) == [f"SET-{n:02d}" for n in numbers]
    by = {}
    for name, entry in claims.items():
        by.setdefault(entry["verdict"], set()).add(name)
    assert by["paper-inconsistent"] == {"SET-16", "SET-33"}
    for n in (6, 11, 21, 26):
        assert claims[f"SET-{n:02d}"]["verdict"] == "match"
        assert "by construction" in claims[f"SET-{n:02d}"]["note"]
    # an extreme matches only where a run ends with it, and its value is the runs' median
    extremes = {
        ("population", "GA, eq. 1"): ((9, "minimum", 890), (10, "maximum", 115_877)),
        ("population", "GA, eq. 3"): ((14, "minimum", 890), (15, "maximum", 115_683)),
        ("population", "AZP-SA"): ((19, "minimum", 450), (20, "maximum", 96_290)),
        ("population_65", "GA, eq. 3"): ((24, "minimum", 161), (25, "maximum", 18_493)),
        ("population_65", "AZP-SA"): ((29, "minimum", 296), (30, "maximum", 16_154)),
    }
    for (field, method), three in extremes.items():
        part = runs[(runs["field"] == field) & (runs["method"] == method)]
        for n, what, published in three:
            claim, met = claims[f"SET-{n:02d}"], int((part[what] == published).sum())
            assert claim["verdict"] == ("match" if met else "differs")
            assert claim["value"] == pytest.approx(part[what].median())
            assert claim["note"].startswith(f"{met} of 30 runs end with")
    freguesias = pd.read_csv(RAW / "setubal" / "freguesias.csv")
    guessed = freguesias["pop65_2011_status"] == "estimate"
    share = freguesias.loc[guessed, "pop65_2011"].sum() / freguesias["pop65_2011"].sum()
    said = f"{guessed.sum()} of 55 zones ({share:.0%} of the total) are estimates"
    assert all(said in claims[f"SET-{n}"]["note"] for n in (*range(21, 31), *range(37, 41)))
    assert claims["SET-45"]["value"] == "GA, eq. 1"
    assert claims["SET-45"]["verdict"] == "differs"
    assert claims["SET-36"]["value"] < 501_320.7
    assert all(entry["note"] for entry in claims.values())


def test_other_cities_have_no_published_column(reproduced):
    for city in ("leeds", "columbus", "georgia"):
        folder = reproduced / "data" / "processed" / city
        assert "published" not in pd.read_csv(folder / f"{NAME}_tables.csv")
        assert not (folder / f"{NAME}_claims.json").exists()
        optimum = pd.read_csv(folder / f"{NAME}_optimum.csv")
        assert (optimum["bound"] <= optimum["best plan"] + 1e-6).all()
        runs = pd.read_parquet(folder / f"{NAME}_runs.parquet")
        for field, bound in zip(runs["field"].unique(), optimum["bound"], strict=True):
            assert (runs.loc[runs["field"] == field, "eq1"] >= bound - 1e-6).all()
