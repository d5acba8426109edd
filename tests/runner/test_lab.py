"""The lab: copies that are never overwritten, results of their own, those of the run readable."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from helpers.compendium import BEFORE_VARIABLE, NOTEBOOKS, OUTPUT_VARIABLE, SCRATCH, output_root
from helpers.compendium.store import Shelf, result_path, saved_file
from helpers.runner import lab

NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def test_every_notebook_is_copied_and_what_was_changed_stays(tmp_path):
    assert lab.copy_notebooks(tmp_path) == []
    assert sorted(path.name for path in tmp_path.glob("*.ipynb")) == NAMES
    mine, other = tmp_path / NAMES[0], tmp_path / NAMES[1]
    mine.write_text("mine")
    other.unlink()
    assert lab.copy_notebooks(tmp_path) == []
    assert mine.read_text() == "mine"
    assert other.read_bytes() == (NOTEBOOKS / NAMES[1]).read_bytes()


def test_a_copy_of_an_older_notebook_is_renewed_unless_it_was_changed(tmp_path):
    lab.copy_notebooks(tmp_path)
    noted = tmp_path / lab.COPIED
    copied = json.loads(noted.read_text())
    for name in NAMES[:2]:
        # as if the project had another notebook when it was copied
        (tmp_path / name).write_text("older")
        copied[name] = lab.file_hash(tmp_path / name)
    noted.write_text(json.dumps(copied))
    (tmp_path / NAMES[0]).write_text("older, and mine")
    assert lab.copy_notebooks(tmp_path) == [NAMES[0]]
    assert (tmp_path / NAMES[0]).read_text() == "older, and mine"
    assert (tmp_path / NAMES[1]).read_bytes() == (NOTEBOOKS / NAMES[1]).read_bytes()


def test_a_damaged_note_takes_nothing_of_the_students(tmp_path):
    lab.copy_notebooks(tmp_path)
    (tmp_path / NAMES[0]).write_text("mine")
    (tmp_path / lab.COPIED).write_text("[")
    lab.copy_notebooks(tmp_path)
    assert (tmp_path / NAMES[0]).read_text() == "mine"


def test_results_go_to_scratch_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv(OUTPUT_VARIABLE, raising=False)
    own = lab.environment()
    assert own == {OUTPUT_VARIABLE: str(SCRATCH), BEFORE_VARIABLE: str(output_root())}
    monkeypatch.setenv(OUTPUT_VARIABLE, "elsewhere")
    assert lab.environment() == {}


def test_root_is_let_in_and_words_are_passed_on(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert lab.command(tmp_path, ["--no-browser"])[-2:] == ["--allow-root", "--no-browser"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "--allow-root" not in lab.command(tmp_path, [])


@pytest.fixture
def both(tmp_path, monkeypatch):
    """A folder of the run with a result of section 15, and an empty one of the student's."""
    run, own = tmp_path / "run", tmp_path / "own"

    def save(root, value):
        monkeypatch.setenv(OUTPUT_VARIABLE, str(root))
        shelf = Shelf("leeds", "15_patrol_allocation", "X", {"parameters": {"patrols": value}})
        shelf.begin()
        path = result_path("leeds", shelf.section, "plan", ".csv")
        pd.DataFrame({"patrol": [value]}).to_csv(path, index=False)
        shelf.add(path, kind="table", name="plan", title="", caption="", status="")

    save(run, 8)
    monkeypatch.setenv(OUTPUT_VARIABLE, str(own))
    monkeypatch.setenv(BEFORE_VARIABLE, str(run))
    return save, own


def found() -> int:
    path, made_from = saved_file("leeds", "15_patrol_allocation", "plan")
    assert pd.read_csv(path)["patrol"].tolist() == [made_from["parameters"]["patrols"]]
    return made_from["parameters"]["patrols"]


def test_what_the_run_left_is_read_until_the_student_has_his_own(both):
    save, own = both
    assert found() == 8
    save(own, 9)
    assert found() == 9


def test_without_the_variable_nothing_is_read_from_elsewhere(both, monkeypatch):
    monkeypatch.delenv(BEFORE_VARIABLE)
    assert saved_file("leeds", "15_patrol_allocation", "plan") is None
