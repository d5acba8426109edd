"""Every export of ../shared/exports becomes a city with the counts of its truth.json."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.cities import load_city
from helpers.cli import main

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "exports"
EXPORTS = Path(os.environ.get("SHARED_EXPORTS", BESIDE))
FOLDERS = sorted(p.parent for p in EXPORTS.glob("*/truth.json")) if EXPORTS.is_dir() else []
if not FOLDERS:
    pytest.skip(
        "the exports to compare with are in the shared folder, which is not beside the project",
        allow_module_level=True,
    )


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda p: p.name)
def made(request, tmp_path_factory):
    folder, truth = request.param, json.loads((request.param / "truth.json").read_text("utf-8"))
    flags = [str(folder / f) if (folder / f).is_file() else f for f in truth["flags"]]
    target = tmp_path_factory.mktemp("cities") / folder.name
    words = ["new-city", folder.name, "--events", str(folder / truth["events"]), *flags]
    status = main([*words, "--folder", str(target), "--yes"])
    return truth, target, status


def test_written(made):
    truth, target, status = made
    assert status == 0
    card = (target / "city.yml").read_text("utf-8") + (target / "SOURCES.md").read_text("utf-8")
    for pattern in truth.get("must_say", []):
        assert re.search(pattern, card)


def test_rows_are_usable_or_rejected(made):
    truth, target, _ = made
    rejected = pd.read_csv(target / "rejected.csv")
    town = load_city(target)
    if town.has("events"):
        usable = len(town.layer("events"))
    else:
        usable = int(town.layer("zones")["events"].sum())
    assert usable in listed(truth["usable"])
    assert usable + len(rejected) == truth["rows"]
    assert (rejected["reason"] != "").all()


def test_places_times_kinds(made):
    truth, target, _ = made
    town = load_city(target)
    assert town.crs in truth["crs_accepted"]
    if truth.get("data") == "zones":
        zones = town.layer("zones").set_index("zone")["events"].to_dict()
        assert zones in [a["per_zone"] for a in truth["zones"]["accepted"]]
        return
    events = town.layer("events")
    precision = town.card.layers.events.time_precision
    assert precision in listed(truth["time_precision"])
    for accepted in truth.get("accepted", []):
        if accepted["usable"] != len(events) or accepted["precision"] != precision:
            continue
        mean = events.to_crs(4326).get_coordinates().mean().to_numpy()
        if not np.allclose(mean, accepted["mean"], atol=2e-5):
            continue
        assert events["kind"].nunique() in accepted["kinds"].values()
        months = events["time"].dt.strftime("%Y-%m").value_counts().sort_index().to_dict()
        assert months in list(accepted["months"].values())
        if precision == "hour" and accepted["hours"]:
            hours = np.bincount(events["time"].dt.hour, minlength=24).tolist()
            assert hours in list(accepted["hours"].values())
        return
    assert "accepted" not in truth


def test_originals_are_copies(made):
    _, target, _ = made
    assert any((target / "original").rglob("*"))
