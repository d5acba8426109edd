"""Section 11: what a map of known truth gives back, and what the ledger makes of it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from helpers.compendium import find_city
from helpers.compendium.claims import ledger
from helpers.sources.map_symbols import pairs_within

NAME = "11_patrol_map_symbols"


@pytest.fixture(scope="module")
def results(reproduced):
    return reproduced / "data" / "processed" / "san_miguel"


@pytest.fixture(scope="module")
def numbers(results):
    content = json.loads((results / f"{NAME}_numbers.json").read_text(encoding="utf-8"))
    return {key: entry["value"] for key, entry in content["numbers"].items()}


def test_every_layer_is_read_as_well_as_the_paper_says(results, numbers):
    layers = pd.read_csv(results / f"{NAME}_layers.csv")
    assert layers["symbols"].sum() == numbers["symbols"] == 7483
    assert layers["f1"].min() == numbers["least_f1"] >= 0.97
    assert layers["error_px"].max() < 1
    assert numbers["share_located"] == layers["matched"].sum() / 7483


def test_backgrounds_that_were_not_looked_at(results, numbers):
    table = pd.read_csv(results / f"{NAME}_backgrounds.csv")
    unseen = table[(table["method"] == "visible") & ~table["adjusted"]]
    assert len(unseen) == 4
    assert unseen["f1"].min() == numbers["unseen_f1"] >= 0.97
    assert unseen["error_px"].max() < 1


def test_the_events_layer_is_the_city_s_own_as_far_as_it_was_located(results, numbers):
    """From the saved table, by pairs of its own: same kind, same year, within ten metres."""
    read = pd.read_csv(results / f"{NAME}_events.csv")
    own = find_city("san_miguel").layer("events")
    place = np.column_stack([own.geometry.x, own.geometry.y])
    year = own["time"].dt.year
    paired, apart = 0, []
    for (kind, time), mine in read.groupby(["kind", "time"]):
        true = place[(own["kind"] == kind) & (year == int(time[:4]))]
        found = mine[["x", "y"]].to_numpy()
        one, other = pairs_within(found, true, 10)
        paired += len(one)
        apart.append(np.linalg.norm(found[one] - true[other], axis=1))
    assert paired / len(own) == pytest.approx(numbers["share_located"], abs=0.001)
    assert np.concatenate(apart).mean() == pytest.approx(numbers["error_m"], abs=0.02)


def test_crowding_costs_completeness(results):
    table = pd.read_csv(results / f"{NAME}_crowding.csv")
    recall = table.pivot(index="crowding", columns="method", values="recall")
    assert (recall["visible"] >= recall["plain"]).all()
    assert recall["visible"].iloc[0] > 0.97 > recall["visible"].iloc[-1]


def test_crimes_at_one_place_are_one_symbol(reproduced):
    layers = pd.read_csv(reproduced / f"data/processed/leeds/{NAME}_layers.csv")
    assert (layers["found"] <= layers["places"]).all()
    assert layers["places_matched"].sum() / layers["places"].sum() > 0.9
    assert layers["matched"].sum() / layers["symbols"].sum() < 0.7


def test_the_claim_has_its_value(numbers):
    """Maps are rendered here in every town; the simulated one comes last, as everywhere."""
    row = ledger().set_index("claim_id").loc["LIM-01"]
    assert (row["verdict"], row["evidence"], row["city"]) == ("synthetic", "simulation", "leeds")
    assert f"San Miguel: {100 * numbers['share_located']:.1f}\xa0% (synthetic" in row["elsewhere"]
