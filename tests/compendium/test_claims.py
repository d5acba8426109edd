"""The ledger: every published value has a place, and silence is seen."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.compendium import OUTPUT_VARIABLE, claims, processed_dir
from helpers.compendium.card import read_section
from helpers.compendium.section import Section
from helpers.compendium.store import Shelf

HOT_SPOTS = "21_district_hot_spots"


@pytest.fixture
def section(tmp_path, monkeypatch) -> Section:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    return Section(read_section(HOT_SPOTS), None, {}, "", Shelf("setubal", HOT_SPOTS, "X", {}))


def row(claim_id: str) -> dict:
    frame = claims.ledger()
    return frame.loc[frame["claim_id"] == claim_id].iloc[0].to_dict()


def run_notebook() -> None:
    path = processed_dir("setubal") / "notebooks" / f"{HOT_SPOTS}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{}")


def test_the_published_values_are_those_of_the_papers(shared):
    ours = claims.published().set_index("claim_id")
    theirs = pd.read_csv(shared / "claims" / "claims.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(ours, theirs.set_index("claim_id").loc[ours.index, ours.columns])
    assert len(ours) == 73


def test_every_claim_has_a_notebook_to_judge_it(section):
    ledger = claims.ledger()
    assert len(ledger) == 73
    assert ledger["verdict"].isin([claims.NOT_BUILT, claims.NOT_RUN]).all()
    assert row("SET-41")["verdict"] == claims.NOT_RUN


def test_a_recorded_claim_is_in_the_ledger(section):
    run_notebook()
    claims.record(section, "SET-04", 851258, verdict="match", tolerance="exact")
    found = row("SET-04")
    assert (found["published"], found["reproduced"]) == ("851258", "851,258")
    assert (found["verdict"], found["city"], found["notebook"]) == ("match", "setubal", HOT_SPOTS)


def test_a_notebook_that_ran_and_said_nothing_is_seen(section):
    run_notebook()
    claims.record(section, "SET-04", 851258, verdict="match", tolerance="exact")
    silent = claims.unjudged(claims.ledger())
    assert "SET-04" not in silent
    assert {"SET-01", "SET-41"} <= set(silent)


@pytest.mark.parametrize(
    ("claim", "verdict", "note", "sentence"),
    [
        ("SET-99", "match", "", "no claim 'SET-99'"),
        ("SET-04", "good", "", "'good' is no verdict"),
        ("SET-04", "differs", "", "needs a note"),
        ("REC-06", "data-unavailable", "", "needs a note"),
    ],
)
def test_a_bad_record_is_refused(section, claim, verdict, note, sentence):
    with pytest.raises(ValueError, match=sentence):
        claims.record(section, claim, 1, verdict=verdict, tolerance="", note=note)
