"""A whole run: every section that can run ran, again gives the same bytes, and knows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers.compendium import claims, list_cities, list_sections, read_section
from helpers.report.gallery import astray
from helpers.runner import make_plan

ROOT = Path(__file__).resolve().parents[2]
PAPERMILL = [sys.executable, "-m", "papermill"]


def tables_and_figures(output: Path) -> dict[str, bytes]:
    """Bytes of every result by its place; executed notebooks, stamps and report carry times."""
    found = {}
    for pattern in ("figures/*/*.*", "data/processed/*/[0-9]*.*", "data/processed/*/*.parquet"):
        for path in sorted(output.glob(pattern)):
            found[path.relative_to(output).as_posix()] = path.read_bytes()
    return found


def test_every_section_that_can_run_has_run(reproduced):
    entries = json.loads((reproduced / "data/processed/run.json").read_text(encoding="utf-8"))
    found = {(e["city"], e["section"]): e["state"] for e in entries}
    found = {key: state for key, state in found.items() if key[0] in list_cities()}
    expected = {
        (task.city, task.section): "not run" if task.reason else "done"
        for task in make_plan(list_cities())
    }
    assert found == expected
    assert ("leeds", "12_patrol_exploration") in found


def test_the_repeat_finds_everything_up_to_date(reproduced, whole_run):
    said = whole_run(reproduced)
    assert said.returncode == 0
    assert "Everything is up to date" in said.stdout


def test_a_second_clean_run_gives_the_same_bytes(reproduced, whole_run, tmp_path):
    # Leeds runs every section; three at once instead of two: the order of the work must not matter
    said = whole_run(tmp_path, "--jobs", "3", "--city", "leeds")
    assert said.returncode == 0, said.stdout + said.stderr
    first, second = tables_and_figures(reproduced), tables_and_figures(tmp_path)
    ran = {Path(name).name[:2] for name in second}
    assert ran >= {name[:2] for name in list_sections() if read_section(name).scope == "city"}
    first = {name: content for name, content in first.items() if name in second}
    assert len(first) == len(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert sum(name.endswith(".png") for name in first) > 10
    assert sum(name.endswith((".csv", ".parquet")) for name in first) > 5


def test_each_figure_is_shown_once(reproduced):
    for place in sorted((reproduced / "data/processed").glob("*/notebooks/[0-9]?_*.ipynb")):
        if place.name.endswith(".partial.ipynb"):
            continue
        cells = json.loads(place.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        images = sum("image/png" in output.get("data", {}) for output in outputs)
        index = place.parents[1] / f"{place.stem}_outputs.json"
        saved = json.loads(index.read_text(encoding="utf-8"))["outputs"] if index.is_file() else []
        assert images == sum(entry["file"].endswith(".png") for entry in saved), place


def test_the_gallery_shows_what_the_run_drew(reproduced):
    wrong = astray(reproduced)
    assert wrong == [], "run python3 run_all.py gallery, look at the figures, and commit them"


def test_every_claim_has_a_verdict_or_a_section_yet_to_be_built(reproduced):
    place = reproduced / "data/processed/compendium/90_claims_ledger.csv"
    ledger = pd.read_csv(place, keep_default_na=False)
    assert len(ledger) == 89
    assert set(ledger["verdict"]) <= {*claims.VERDICTS, claims.NOT_BUILT}
    judged = ledger[ledger["verdict"].isin(claims.VERDICTS)]
    assert (judged["tolerance"] != "").all()
    assert (judged["notebook"] != "").all()
    assert judged["evidence"].isin(claims.EVIDENCE).all()
    assert len(judged) == 89
    for row in judged.to_dict("records"):
        told = ("printed", "reading", "verdict", "evidence", "note", "tolerance")
        assert all(row[name] for name in told), row["claim_id"]
        # the figure that shows it was drawn in the city whose number stands there, and so was the cell
        saved = json.loads(
            (place.parents[1] / row["city"] / f"{row['notebook']}_outputs.json").read_text("utf-8")
        )["outputs"]
        shown = row["figure"] in {e["name"] for e in saved if e["kind"] == "figure"}
        assert (shown and row["cell"] != "") != bool(row["unshown"]), row["claim_id"]
    assert judged.loc[judged["unshown"] != "", "claim_id"].tolist() == ["LIM-24"]
    exhibits = pd.read_csv(place.with_name("90_claims_concordance.csv"), keep_default_na=False)
    assert len(exhibits) == 67
    assert ((exhibits["file"] != "") | (exhibits["note"] != "")).all()


def papermill(folder: Path, output: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "POLICE_PLANNING_OUTPUT": str(output)}
    notebook = ROOT / "notebooks" / "21_district_hot_spots.ipynb"
    command = [*PAPERMILL, os.path.relpath(notebook, folder), str(output / "out.ipynb"), *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("place", ["", "notebooks"])
def test_plain_papermill_gives_the_same_results(reproduced, tmp_path, place):
    said = papermill(ROOT / place, tmp_path, "-p", "city", "leeds")
    assert said.returncode == 0, said.stderr
    ours = tables_and_figures(tmp_path)
    theirs = tables_and_figures(reproduced)
    same = [name for name in ours if "/21_" in name and not name.endswith("_outputs.json")]
    assert any(name.endswith(".png") for name in same)
    assert [name for name in same if ours[name] != theirs[name]] == []


def test_plain_papermill_refuses_a_misspelt_parameter(tmp_path):
    said = papermill(ROOT, tmp_path, "-p", "ctiy", "leeds")
    assert said.returncode != 0
    assert "has no parameter 'ctiy'; did you mean 'city'?" in said.stderr
    assert not (tmp_path / "figures").exists()
