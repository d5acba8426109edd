"""Damaged results, and a city's folder with what does not belong on a page: the report goes on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest

from helpers.report import build
from helpers.report.folders import list_files, read_text

SECRET = "root:x:0:0"
DAMAGES = {
    "cut short": lambda raw: raw[: len(raw) // 2],
    "empty": lambda raw: b"",
    "a list of others": lambda raw: b"[[], 7, null]",
    "an empty object": lambda raw: b"{}",
    "not UTF-8": lambda raw: b"\xff\xfe\x00{\xe9",
    "too deep": lambda raw: b"[" * 100_000,
    "a folder": None,
}
FILES = {
    "run": "out/data/processed/run.json",
    "outputs": "out/data/processed/leeds/12_patrol_exploration_outputs.json",
    "numbers": "out/data/processed/leeds/12_patrol_exploration_numbers.json",
    "stamp": "out/data/processed/leeds/stamps/city.json",
    "notebook": "out/data/processed/leeds/notebooks/12_patrol_exploration.ipynb",
    "figure": "out/figures/leeds/12_patrol_exploration_counts.png",
    "table": "out/data/processed/leeds/12_patrol_exploration_counts.csv",
    "card": "raw/leeds/city.yml",
    "sources": "raw/leeds/SOURCES.md",
}
OTHERS = ("figure", "table", "card", "sources")
ANY = ("not UTF-8", "a folder")


def damage(path, how) -> None:
    raw = path.read_bytes() if path.is_file() else b'{"remarks": ["x"]}'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.mkdir() if how is None else path.write_bytes(how(raw))


@pytest.mark.parametrize(
    ("file", "how"),
    # every damage to what is JSON; to anything else those that it can have
    [(file, how) for file in FILES for how in DAMAGES if how in ANY or file not in OTHERS],
)
def test_one_damaged_file_takes_nothing_else_with_it(filled, file, how):
    damage(filled.root.parent / FILES[file], DAMAGES[how])
    report = build(filled.root).parent
    first = (report / "index.html").read_text("utf-8")
    assert "notebooks/setubal/21_district_hot_spots.html" in first
    assert "Hot and cold spots." in (report / "figures.html").read_text("utf-8")
    assert "Somewhere" in (report / "sources.html").read_text("utf-8")
    ledger = (report / "claims.html").read_text("utf-8")
    assert 'id="SET-41" data-item data-paper="setubal" data-verdict="differs"' in ledger
    if file not in ("notebook", "run"):
        assert (report / "notebooks/leeds/12_patrol_exploration.html").is_file()
    if file in ("numbers", "outputs"):
        assert 'id="LIM-02" data-item data-paper="lima" data-verdict="no verdict"' in ledger


VALUES = [None, 7, -1, [], {}, "", [7], {"a": 7}, float("nan"), True, "\ud800", "a\0b", "x" * 5000]


def test_the_entries_of_a_run_may_hold_anything(filled):
    path = filled.root / "data/processed/run.json"
    entries = json.loads(path.read_text("utf-8"))
    keys = ("city", "section", "state", "reason", "lines", "seconds", "place")
    # a city for each, so that every entry is taken
    bad = [
        {**entries[0], "city": f"{key} {i}", key: value}
        for key in keys
        for i, value in enumerate(VALUES)
    ]
    path.write_text(json.dumps([*entries, *bad]), "utf-8")
    report = build(filled.root).parent
    first = (report / "index.html").read_text("utf-8")
    assert "notebooks/setubal/21_district_hot_spots.html" in first
    assert (report / "notebooks/leeds/12_patrol_exploration.html").is_file()
    # an entry without a usable city or section is none; all others have a column
    assert all(f"{key} {i}" in first for key in keys[2:] for i in range(len(VALUES)))
    assert "section 0" not in first


@pytest.mark.parametrize("key", ["title", "provenance", "outputs", "parameters", "git_commit"])
@pytest.mark.parametrize("value", [None, 7, [7], "\ud800"])
def test_a_list_of_results_may_hold_anything(filled, key, value):
    path = filled.root / "data/processed/leeds/12_patrol_exploration_outputs.json"
    index = json.loads(path.read_text("utf-8"))
    about = index["provenance"] if key in ("parameters", "git_commit") else index
    about[key] = value
    path.write_text(json.dumps(index), "utf-8")
    page = build(filled.root).parent / "notebooks/leeds/12_patrol_exploration.html"
    assert "A first look." in page.read_text("utf-8")


def test_the_entries_of_a_list_of_results_may_hold_anything(filled):
    path = filled.root / "data/processed/leeds/12_patrol_exploration_outputs.json"
    index = json.loads(path.read_text("utf-8"))
    keys = ("kind", "name", "file", "title", "caption", "status", "sha256")
    bad = [{**entry, key: value} for entry in index["outputs"] for key in keys for value in VALUES]
    index["outputs"] += [*bad, *VALUES]
    path.write_text(json.dumps(index), "utf-8")
    page = build(filled.root).parent / "notebooks/leeds/12_patrol_exploration.html"
    assert "A first look." in page.read_text("utf-8")
    assert "12_<wbr>patrol_<wbr>exploration_<wbr>counts.csv" in page.read_text("utf-8")


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_number_may_hold_anything(filled, value):
    filled.numbers("leeds", "12_patrol_exploration", {"ks_p_x": value, "": value})
    ledger = (build(filled.root).parent / "claims.html").read_text("utf-8")
    assert 'id="LIM-02" data-item data-paper="lima" data-verdict=' in ledger
    assert 'id="SET-41" data-item data-paper="setubal" data-verdict="differs"' in ledger


@pytest.mark.parametrize("entry", [None, 7, [], {}, {"unit": "m"}], ids=repr)
def test_an_entry_of_the_numbers_may_hold_anything(filled, entry):
    filled.numbers("leeds", "12_patrol_exploration", {"ks_p_x": 1e-9})
    path = filled.root / "data/processed/leeds/12_patrol_exploration_numbers.json"
    content = json.loads(path.read_text("utf-8"))
    content["numbers"]["ks_p_x"] = entry
    path.write_text(json.dumps(content), "utf-8")
    listed = path.with_name("12_patrol_exploration_outputs.json")
    index = json.loads(listed.read_text("utf-8"))
    index["outputs"][-1]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    listed.write_text(json.dumps(index), "utf-8")
    ledger = (build(filled.root).parent / "claims.html").read_text("utf-8")
    assert 'id="LIM-02" data-item data-paper="lima" data-verdict="no verdict"' in ledger


@pytest.mark.parametrize(
    "notebook",
    [
        {"cells": [7]},
        {"cells": [[]]},
        {"cells": [{"cell_type": "code"}]},
        {"cells": [{"cell_type": "markdown", "metadata": [], "source": {}}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": [7]}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": [
            {"output_type": "display_data", "data": {"image/png": "§§§"}, "metadata": {}}]}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": [
            {"output_type": "error", "traceback": 7}]}]},
        {"cells": {}},
    ],
)  # fmt: skip
def test_a_notebook_may_hold_anything(filled, notebook):
    path = filled.root / "data/processed/leeds/notebooks/12_patrol_exploration.ipynb"
    path.write_text(json.dumps({"metadata": {}, "nbformat": 4, **notebook}), "utf-8")
    page = build(filled.root).parent / "notebooks/leeds/12_patrol_exploration.html"
    assert "The executed notebook cannot be shown" in page.read_text("utf-8")


OUTSIDE = [
    "../../etc/passwd", "/etc/passwd", "data/processed/../../../secret.txt", "../secret.txt",
    "data/processed/leeds/link.csv", "figures/leeds/link.png", "report/../../secret.txt",
]  # fmt: skip


def test_no_result_is_read_from_outside(filled):
    secret = filled.root.parent / "secret.txt"
    secret.write_text(SECRET, "utf-8")
    for name in ("data/processed/leeds/link.csv", "figures/leeds/link.png"):
        (filled.root / name).symlink_to(secret)
    path = filled.root / "data/processed/leeds/12_patrol_exploration_outputs.json"
    index = json.loads(path.read_text("utf-8"))
    index["outputs"] += [
        {"kind": kind, "name": "x", "file": file, "title": "Stolen", "sha256": "0" * 64}
        for kind in ("figure", "table", "document")
        for file in OUTSIDE
    ]
    path.write_text(json.dumps(index), "utf-8")
    report = build(filled.root).parent
    for found in report.rglob("*"):
        assert not found.is_file() or SECRET.encode() not in found.read_bytes(), found
    assert "Stolen" not in (report / "notebooks/leeds/12_patrol_exploration.html").read_text()


NO_NAMES = ["../../evil", "..", ".", "/tmp/evil", "a/evil", "a\\evil", "a\0evil", ".evil"]


def test_no_page_is_written_outside(filled):
    path = filled.root / "data/processed/run.json"
    entries = json.loads(path.read_text("utf-8"))
    entries += [{**entries[0], key: name} for key in ("city", "section") for name in NO_NAMES]
    path.write_text(json.dumps(entries), "utf-8")
    before = {p for p in filled.root.parent.rglob("*") if filled.root / "report" not in p.parents}
    report = build(filled.root).parent
    after = {p for p in filled.root.parent.rglob("*") if report not in p.parents}
    assert after - before == {report}
    assert "evil" not in (report / "index.html").read_text("utf-8")


def test_a_citys_folder_is_read_without_links_and_hidden_folders(filled):
    folder = filled.raw / "leeds"
    secret = filled.root.parent / "secret.txt"
    secret.write_text(SECRET, "utf-8")
    (folder / "SOURCES.md").unlink()
    (folder / "SOURCES.md").symlink_to(secret)
    (folder / "stolen.csv").symlink_to(secret)
    outside = filled.root.parent / "outside"
    outside.mkdir()
    (outside / "file.txt").write_text(SECRET, "utf-8")
    (folder / "linked").symlink_to(outside)
    for hidden in (".git", ".venv", "maps/.cache"):
        (folder / hidden).mkdir(parents=True)
        (folder / hidden / "config").write_text(SECRET, "utf-8")
    (folder / "maps" / "plan.txt").write_text("plan", "utf-8")
    os.mkfifo(folder / "pipe")
    page = (build(filled.root).parent / "sources.html").read_text("utf-8")
    assert SECRET not in page
    for name in ("stolen", "linked", "config", ".git", ".venv", "pipe"):
        assert f">{name}" not in page, name
    assert ">events.csv<" in page
    assert [name for name, _, _ in list_files(folder)] == [
        "city.yml",
        "events.csv",
        "maps/plan.txt",
    ]


def test_text_is_read_from_right_inside_the_folder(tmp_path):
    (tmp_path / "city").mkdir()
    (tmp_path / "secret.md").write_text(SECRET, "utf-8")
    (tmp_path / "city" / "SOURCES.md").write_bytes(b"\xef\xbb\xbfwords \xff")
    assert read_text(tmp_path / "city", "SOURCES.md") == "words \ufffd"
    for name in ("../secret.md", str(tmp_path / "secret.md"), "missing.md", ".", "a\0b"):
        assert read_text(tmp_path / "city", name) == ""


def test_a_city_that_cannot_be_read_says_why_and_keeps_its_sources(filled):
    (filled.raw / "leeds" / "city.yml").write_text("title: Leeds\nlayerz: {}\n", "utf-8")
    page = (build(filled.root).parent / "sources.html").read_text("utf-8")
    assert "This city cannot be read:" in page
    assert "leeds/city.yml: the key &#39;country&#39; is missing" in page
    assert "https://data.police.uk" in page


def test_a_city_that_refuses_a_part_says_why_and_shows_the_rest(filled, monkeypatch):
    from helpers.cities import City, CityError

    def refuse(town):
        raise CityError(f"{town.name}/SOURCES.md is a link; put the file itself there")

    monkeypatch.setattr(City, "sources", property(refuse), raising=False)
    monkeypatch.setattr(City, "listed_files", refuse, raising=False)
    page = (build(filled.root).parent / "sources.html").read_text("utf-8")
    assert "Not all of this city can be read:" in page
    assert page.count("<li>leeds/SOURCES.md is a link; put the file itself there</li>") == 1
    assert ">events.csv<" in page and "https://data.police.uk" in page


def test_a_city_whose_folder_is_gone_says_so(filled):
    shutil.rmtree(filled.raw / "leeds")
    report = build(filled.root).parent
    assert "no city named &#39;leeds&#39;" in (report / "sources.html").read_text("utf-8")
    assert "A first look." in (report / "notebooks/leeds/12_patrol_exploration.html").read_text()
