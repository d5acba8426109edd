"""Criteria put in the place of those that a city has: the simulated ones of Recife by an atlas."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from helpers.cities import load_city
from helpers.cli import main
from helpers.compendium import RAW

NAMED = (
    ("density", "Densidade"), ("growth", "Crescimento"), ("bad_conditions", "Precárias"), ("gini", "GINI")
)  # fmt: skip


@pytest.fixture
def recife(tmp_path):
    return shutil.copytree(RAW / "recife", tmp_path / "recife_atlas")


@pytest.fixture
def atlas(tmp_path):
    """A made-up table with the headings of another language, rows in another order."""
    rng = np.random.default_rng(8)
    zones = load_city(RAW / "recife").layer("criteria")["zone"].to_numpy()
    table = pd.DataFrame({"UDH": zones})
    for k, (_, column) in enumerate(NAMED):
        table[column] = rng.integers(1, 90, len(zones)) / (k + 1)
    table["IDH"] = rng.integers(600, 950, len(zones)) / 1000
    table = table.sample(frac=1, random_state=2)
    table.to_csv(tmp_path / "atlas.csv", index=False)
    return table.set_index("UDH").loc[zones]


def attach(folder, *more):
    said = [f"--criterion={name}={column}" for name, column in NAMED[:3]]
    file = str(folder.parent / "atlas.csv")
    return main(["attach", str(folder), "criteria", file, "--key", "UDH", *said, *more])


def test_an_atlas_takes_the_place_of_simulated_criteria(recife, atlas, capsys):
    before = load_city(recife)
    assert before.synthetic == ["criteria"]
    old = before.layer("criteria").set_index("zone")["occurrences"]
    assert attach(recife, "--criterion", "hdi=IDH:decreasing") == 0
    said = capsys.readouterr().out
    assert "density, growth, bad_conditions, hdi, gini of atlas.csv; as before: occurrences" in said
    now = load_city(recife)
    assert now.synthetic == []
    assert not any(one.synthetic for one in now.card.layers.criteria.criteria.values())
    table = now.layer("criteria").set_index("zone")
    for name, column in (*NAMED, ("hdi", "IDH")):
        assert table[name].tolist() == atlas[column].tolist()
    assert table["occurrences"].tolist() == old.tolist()
    specs = now.card.layers.criteria.criteria
    assert (specs["hdi"].shape, specs["hdi"].values) == ("decreasing", {})
    assert specs["density"].label == "Demographic density"
    assert specs["occurrences"].values["very high"] == 1
    # what is set for the sections stays, and so does the order of the criteria
    assert now.card.parameters == before.card.parameters
    assert list(specs) == list(before.card.layers.criteria.criteria)


def test_what_is_left_simulated_is_still_called_so(recife, atlas):
    assert attach(recife) == 0
    now = load_city(recife)
    simulated = {name for name, one in now.card.layers.criteria.criteria.items() if one.synthetic}
    assert simulated == {"hdi"}
    assert now.synthetic == ["criteria"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--criterion", "hdi=IDH"], "hdi was of levels and is of numbers here"),
        (["--criterion", "hdi=Idh"], "no column 'Idh' for --criterion; it has Densidade"),
        (["--key", "IDH"], "column IDH joins 0\xa0% of its rows to a zone"),
    ],
)
def test_a_bad_table_leaves_the_city_as_it_was(recife, atlas, capsys, more, told):
    card = (recife / "city.yml").read_bytes()
    assert attach(recife, *more) == 2
    assert told in capsys.readouterr().err
    assert (recife / "city.yml").read_bytes() == card
    assert load_city(recife).synthetic == ["criteria"]


def test_a_missing_zone_a_word_and_no_known_column_are_told(recife, atlas, capsys, tmp_path):
    def said(table, *more):
        table.to_csv(tmp_path / "atlas.csv")
        line = ["attach", str(recife), "criteria", str(tmp_path / "atlas.csv"), "--key", "UDH"]
        assert main([*line, *more]) == 2
        return capsys.readouterr().err

    assert "no row for zone 'A62' (1 zones)" in said(atlas.drop("A62"))
    wrong = atlas.astype(object)
    wrong.loc["A5", "GINI"] = "n/d"
    assert "column GINI, zone A5: 'n/d' is no number" in said(wrong)
    assert "say which is which with --criterion density=COLUMN" in said(atlas.drop(columns="GINI"))
    assert "--criterion says nothing of boundary" in refused(recife, capsys)


def refused(folder, capsys):
    line = ["attach", str(folder), "boundary", "x.geojson", "--criterion", "a=b"]
    assert main(line) == 2
    return capsys.readouterr().err
