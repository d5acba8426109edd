"""What sections leave: found again as it was saved, or not taken for it."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from helpers.compendium import OUTPUT_VARIABLE, fingerprint, is_current, read_index
from helpers.compendium.files import read_json, write_json
from helpers.compendium.store import (
    Shelf,
    complete,
    indexes_read_once,
    no_formulas,
    notebook_path,
    read_content,
    read_stamp,
    result_path,
    saved_file,
)

MADE_FROM = {"section": "15_x", "city": "leeds", "parameters": {"p": 8}}


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    opened = Shelf("leeds", "15_x", "X", MADE_FROM)
    opened.begin()
    return opened


def save(shelf, name="a", content=None):
    path = result_path("leeds", "15_x", name, ".json")
    with shelf.saving():
        write_json(path, content or {"n": 1})
        shelf.add(path, kind="document", name=name, title="", caption="", status="")
    return path


def test_a_result_is_found_with_what_it_was_made_from_while_it_is_whole(shelf):
    path = save(shelf)
    assert saved_file("leeds", "15_x", "a") == (path, MADE_FROM)
    assert read_content(path) == {"n": 1}
    path.write_text('{"n": 2}')
    assert saved_file("leeds", "15_x", "a") is None
    assert saved_file("leeds", "15_x", "b") is None


def test_opening_again_begins_anew(shelf):
    save(shelf)
    Shelf("leeds", "15_x", "X", MADE_FROM).begin()
    assert read_index("leeds", "15_x")["outputs"] == []
    assert saved_file("leeds", "15_x", "a") is None


def test_a_report_reads_each_list_of_results_once(shelf, monkeypatch):
    save(shelf)
    reads = []
    monkeypatch.setattr(
        "helpers.compendium.store.read_json",
        lambda path, *rest: reads.append(path.name) or json.loads(path.read_text()),
    )
    with indexes_read_once():
        first = read_index("leeds", "15_x")
        first["outputs"].clear()  # who reads may shorten its own list
        assert [known["name"] for known in read_index("leeds", "15_x")["outputs"]] == ["a"]
        with indexes_read_once():
            read_index("leeds", "15_x")
        read_index("leeds", "15_x")
    assert reads == ["15_x_outputs.json"]
    read_index("leeds", "15_x")
    assert len(reads) == 2


def test_current_is_what_the_stamp_names_and_nothing_less(shelf):
    path = save(shelf)
    notebook = notebook_path("leeds", "15_x")
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    complete("leeds", "15_x", "key", {"p": 8}, 1.23)
    assert read_stamp("leeds", "15_x")["seconds"] == 1.2
    assert is_current("leeds", "15_x", "key")
    assert not is_current("leeds", "15_x", "another")
    for one in (path, notebook, path.with_name("15_x_outputs.json")):
        before = one.read_bytes()
        one.write_bytes(before + b" ")
        told = []
        assert not is_current("leeds", "15_x", "key", told.append)
        assert told == [one]
        one.write_bytes(before)
        assert is_current("leeds", "15_x", "key")
        one.unlink()
        assert not is_current("leeds", "15_x", "key")
        one.write_bytes(before)


def test_results_of_other_parameters_are_not_stamped(shelf):
    save(shelf)
    with pytest.raises(RuntimeError, match="put results of other parameters in their place"):
        complete("leeds", "15_x", "key", {"p": 9}, 1.0)
    assert read_stamp("leeds", "15_x") == {}


def test_an_index_that_points_elsewhere_is_not_followed(shelf, tmp_path):
    save(shelf)
    path = tmp_path / "data/processed/leeds/15_x_outputs.json"
    index = json.loads(path.read_text())
    (tmp_path / "secret.txt").write_text("s")
    for entry in (
        {"kind": "table", "name": "s", "file": "secret.txt", "sha256": ""},
        {"kind": "table", "name": "s", "file": "figures/../secret.txt", "sha256": ""},
        {"kind": "table", "name": 3, "file": "figures/x.png", "sha256": ""},
        "no entry",
    ):
        path.write_text(json.dumps({**index, "outputs": [entry, *index["outputs"]]}))
        assert [known["name"] for known in read_index("leeds", "15_x")["outputs"]] == ["a"]


def test_one_rule_for_what_fixes_a_result(monkeypatch):
    before = fingerprint(code="a", parameters={"p": 1})
    assert fingerprint(parameters={"p": 1}, code="a") == before
    assert fingerprint(code="b", parameters={"p": 1}) != before
    monkeypatch.setattr("helpers.compendium.fingerprints.lock_hash", lambda: "other packages")
    assert fingerprint(code="a", parameters={"p": 1}) != before


def test_text_is_no_formula_and_comes_back_as_it_was(tmp_path, shelf):
    from helpers.compendium import Section
    from helpers.compendium.card import SectionCard

    frame = pd.DataFrame(
        {
            "zone": ["=cmd|' /C calc'!A0", "@SUM(A1)", "+44 20", "-12.5", "007", "\t=1"],
            "value": [-1.5, 0.1 + 0.2, np.nan, 1e-300, 2.0, 3.0],
        }
    )
    assert no_formulas(frame)["zone"].tolist() == [
        "'=cmd|' /C calc'!A0", "'@SUM(A1)", "'+44 20", "-12.5", "007", "'\t=1",
    ]  # fmt: skip
    card = SectionCard("15_x", "X", "none", (), (), "city", {}, tmp_path / "15_x.ipynb")
    section = Section(card, None, {}, "", shelf)
    for saved in (frame, frame.set_index("zone")):
        section.table(saved, "zones", title="Z")
        again = read_content(tmp_path / "data/processed/leeds/15_x_zones.csv")
        pd.testing.assert_frame_equal(again, saved, check_exact=True)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 10**5, None])
def test_what_cannot_be_read_back_is_told(tmp_path, content):
    path = tmp_path / "a.json"
    path.mkdir() if content is None else path.write_bytes(content)
    told = []
    assert read_json(path, {}, told.append) == {}
    assert told == [path]
    assert read_json(tmp_path / "not there.json", {}, told.append) == {}
    assert told == [path]


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"a": {}, "b": [], "c": {"d": [1, {"e": None}], "é": "\n"}},
        [[1.5, 2], {"a": True}, "x", None],
        {"entries": [{"name": "a", "sha": "0"}, {"name": "b", "sha": "1"}], "n": 1},
    ],
)
def test_json_is_read_back_as_it_was_written_a_member_a_line(tmp_path, content):
    write_json(tmp_path / "a.json", content)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == content
    if isinstance(content, dict) and "entries" in content:
        assert '  {"name": "b", "sha": "1"}\n' in text


def test_json_refuses_what_is_no_number_at_every_depth(tmp_path):
    for content in ({"a": math.nan}, {"a": {"b": {"c": [math.inf]}}}, [math.nan]):
        with pytest.raises(ValueError, match="JSON"):
            write_json(tmp_path / "a.json", content)
        assert not (tmp_path / "a.json").exists()


def test_what_a_run_saved_is_on_the_disk_before_its_stamp_is(shelf, monkeypatch):
    from helpers.compendium import files, store

    flushed = []

    def to_disk(path):
        assert not store.stamp_path("leeds", "15_x").is_file()
        flushed.append(path.name)

    monkeypatch.setattr(store, "to_disk", to_disk)
    path = result_path("leeds", "15_x", "plan", ".csv")
    for each in (path, path.with_name("15_x_plan.csv.json")):
        files.write_text(each, "patrol\n1\n", durable=False)
    shelf.begin()
    with shelf.saving():
        shelf.add(path, kind="table", name="plan", title="", caption="", status="")
    complete("leeds", "15_x", "key", MADE_FROM["parameters"], 1.0)
    assert set(flushed) == {"15_x_plan.csv", "15_x_plan.csv.json", "15_x_outputs.json"}
