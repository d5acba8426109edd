"""Toronto: totals as published, measures of the tables kept, derived outlines near the published ones."""

from __future__ import annotations

import importlib.util

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.compendium import RAW, find_city


@pytest.fixture(scope="module")
def toronto(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLICE_PLANNING_OUTPUT", str(tmp_path_factory.mktemp("toronto")))
        town = find_city("toronto")
        town.layer("zones")
    return town


def test_totals_are_those_of_the_publishers(toronto):
    zones, events = toronto.layer("zones"), toronto.layer("events")
    assert len(events) == 239_935 == zones["events"].sum()
    assert (events["time"].dt.year == 2019).sum() == 34_064
    assert zones["population"].sum() == 2_731_571
    assert zones["land_km2"].sum() == pytest.approx(630.2, abs=0.1)
    assert toronto.layer("borders")["contact"].value_counts().to_dict() == {
        "rook": 351,
        "point": 67,
    }


def test_derived_outlines_keep_the_measures_of_the_table(toronto):
    zones = toronto.layer("zones").set_index("zone")
    assert zones.loc["77", "area_km2"] == pytest.approx(13.416, abs=1e-3)
    assert zones.loc["77", "land_km2"] == pytest.approx(7.4, abs=0.1)
    assert abs(zones.geometry["77"].area / 1e6 - 13.4) > 1  # water holds no crime to draw it from
    assert toronto.status("zones") == "derived"
    assert shapely.get_num_geometries(zones.geometry.to_numpy()).max() == 1


def test_outlines_resemble_the_published_ones(toronto, shared):
    zones = toronto.layer("zones")
    published = gpd.read_file(shared / "data" / "toronto" / "neighbourhoods.geojson").to_crs(26917)
    published = published.assign(zone=published["zone"].astype(str)).set_index("zone")
    theirs = published.geometry.loc[zones["zone"]].to_numpy()
    ours = zones.geometry.to_numpy()
    common = shapely.area(shapely.intersection(ours, theirs))
    overlap = common / shapely.area(shapely.union(ours, theirs))
    assert np.median(overlap) > 0.78
    outline, true = toronto.layer("boundary").geometry.iloc[0], shapely.union_all(theirs)
    assert outline.intersection(true).area / outline.union(true).area > 0.94


def test_the_criteria_are_as_the_program_makes_them():
    folder = RAW / "toronto"
    spec = importlib.util.spec_from_file_location("make_toronto", folder / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert make.table() == (folder / "criteria.csv").read_text(encoding="utf-8")


def test_the_criteria_from_the_raw_tables():
    """Four of them again, without the program."""
    folder = RAW / "toronto"
    people = pd.read_csv(folder / "neighbourhoods.csv").set_index("zone")
    made = pd.read_csv(folder / "criteria.csv").set_index("zone")
    assert made["density"][75] == pytest.approx(
        people["residents_2016"][75] / people["area_km2"][75], abs=0.05
    )
    growth = (1 + made["growth"] / 100) ** 5 * people["residents_2011"]
    np.testing.assert_allclose(growth, people["residents_2016"], rtol=3e-4)
    assert made["occurrences"].value_counts().tolist() == [28] * 5
    order = ["very low", "low", "medium", "high", "very high"]
    ends = made.groupby("occurrences")["crimes_per_1000"].agg(["min", "max"]).loc[order]
    assert (ends["max"].to_numpy()[:-1] <= ends["min"].to_numpy()[1:]).all()
    assert (made["gini_low"] < made["gini"]).all() and (made["gini"] < made["gini_high"]).all()
