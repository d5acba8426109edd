"""Section 21 on Setúbal and Leeds: every printed number recomputed from the raw tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
NAME = "21_district_hot_spots"


@pytest.fixture(scope="module")
def setubal(reproduced):
    return reproduced / "data" / "processed" / "setubal"


@pytest.fixture(scope="module")
def freguesias():
    return pd.read_csv(RAW / "setubal" / "freguesias.csv", dtype={"dicofre": str})


def test_fields_are_the_census(setubal):
    fields = pd.read_csv(setubal / f"{NAME}_fields.csv", index_col="field")
    assert fields["count"].tolist() == [55, 55]
    assert fields["sum"].tolist() == [851_258, 156_793]


def test_scores_are_the_closed_formula_at_the_default_band(setubal, freguesias):
    spots = pd.read_csv(setubal / f"{NAME}_spots.csv", dtype={"zone": str})
    x, y = freguesias["x_tm06_m"].to_numpy(), freguesias["y_tm06_m"].to_numpy()
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    band = np.sort(distance, axis=1)[:, 1].max()
    weights = (distance <= band * (1 + 1e-9)).astype(float)
    n, members = len(x), weights.sum(axis=1)
    for label, column in {"Residents 2011": "pop_2011"}.items():
        field = freguesias[column].to_numpy(dtype=float)
        spread = field.std() * np.sqrt((n * members - members**2) / (n - 1))
        z = (weights @ field - field.mean() * members) / spread
        part = spots[spots["field"] == label].set_index("zone").loc[freguesias["dicofre"]]
        np.testing.assert_allclose(part["z"], z, atol=1e-6)
        # a p value has four digits in the file, however small
        np.testing.assert_allclose(part["p"], 2 * norm.sf(np.abs(z)), rtol=5.1e-4, atol=0)
        np.testing.assert_array_equal(part["members"], members)


def test_numbers_that_the_ledger_judges(setubal):
    saved = json.loads((setubal / f"{NAME}_numbers.json").read_text(encoding="utf-8"))["numbers"]
    numbers = {name: entry["value"] for name, entry in saved.items()}
    assert (numbers["zones"], numbers["groups"], numbers["population_total"]) == (55, 13, 851_258)
    assert numbers["area_km2"] == pytest.approx(5214.7, abs=0.05)
    cold = "União das freguesias de São Domingos e Vale de Água"
    assert numbers["population_cold"] == ["Abela", cold]
    assert (numbers["population_hot_inside"], numbers["population_hot_outside"]) == (24, 0)
    assert "Sesimbra (Santiago)" in numbers["population_65_not_hot"]
    assert "Sesimbra (Castelo)" not in numbers["population_65_not_hot"]
    assert len(numbers["population_65_not_hot"]) == 13
    assert numbers["population_65_coldest"] == "Abela"
    assert numbers["cold_same_to_km"] == pytest.approx(19.8, abs=0.05)
    assert numbers["population_cold_90"] == 6


def test_the_choice_of_neighbours_changes_the_answer(setubal):
    table = pd.read_csv(setubal / f"{NAME}_choices.csv")
    table = table.set_index(["field", "test", "definition"]).sort_index()
    residents = table.loc["Residents 2011", "normal"]
    assert residents["cold_95"].to_dict() == {"queen": 2, "rook": 2, "nearest": 16, "band": 2}
    assert residents["hot_95"].to_dict() == {"queen": 9, "rook": 10, "nearest": 10, "band": 24}
    # a correction never adds spots
    for test in ("normal", "permutation"):
        for column in ("hot_95", "cold_95"):
            plain = table.xs(test, level="test")[column]
            assert (table.xs(f"{test}, FDR", level="test")[column] <= plain).all()


def test_leeds_counts_every_crime_once(reproduced):
    fields = pd.read_csv(
        reproduced / "data/processed/leeds" / f"{NAME}_fields.csv", index_col="field"
    )
    assert (fields["count"] == 482).all()
    assert fields.loc["Residents 2011", "sum"] == 751_485
    assert fields.loc["Street crimes, July 2016, 2017, 2018", "sum"] == 29_640
