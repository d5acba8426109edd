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


def test_pysals_own_objective_gives_the_published_extremes(setubal):
    within = pd.read_csv(setubal / f"{NAME}_within.csv")
    part = within[(within["field"] == RESIDENTS) & (within["seed"] != "published")]
    assert (part["minimum"] == 450).all()
    assert (part["maximum"] == 96_290).any()
    assert (part["population_difference"] > 1.5 * OPTIMUM["population"]).all()


def test_verdicts(claims):
    numbers = [*range(6, 41), 45]
    assert sorted(claims) == [f"SET-{n:02d}" for n in numbers]
    by = {}
    for name, entry in claims.items():
        by.setdefault(entry["verdict"], set()).add(name)
    assert by["paper-inconsistent"] == {"SET-16", "SET-33"}
    exact = {f"SET-{n:02d}" for n in (6, 9, 11, 14, 15, 19, 20, 21, 24, 26, 29)}
    assert exact <= by["match"]
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
