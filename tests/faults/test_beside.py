"""A notebook by hand beside a run: its results are never taken for the run's."""

from __future__ import annotations

import json
import os
import subprocess
import sys

OPEN = """
from helpers.compendium import open_section
section = open_section("97_tiny", {"city": "setubal", "count": COUNT})
section.number("count", section.parameters["count"])
"""


def by_hand(project, count: int, **more) -> subprocess.CompletedProcess:
    """Open the tiny section outside a run, as a kernel of JupyterLab or papermill would."""
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), **more}
    environment.pop("POLICE_PLANNING_OUTPUT", None)
    return subprocess.run(
        [sys.executable, "-c", OPEN.replace("COUNT", str(count))],
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def count_of(project) -> int:
    path = project / "data/processed/setubal/97_tiny_numbers.json"
    return json.loads(path.read_text(encoding="utf-8"))["numbers"]["count"]["value"]


def test_results_of_other_parameters_are_seen_as_such(project, notebook, compendium):
    notebook("97_tiny", body="section.number('count', count)")
    assert compendium("run").returncode == 0
    assert by_hand(project, 8).returncode == 0
    assert count_of(project) == 8
    assert "to run" in compendium("list").stdout
    said = compendium("run")
    assert "Everything is up to date" not in said.stdout
    assert count_of(project) == 3


def test_nothing_is_saved_by_hand_while_a_run_is_at_work(project, notebook, compendium):
    # the section itself plays the notebook by hand: it asks outside the run's own environment
    body = (
        "import os, subprocess, sys\n"
        "shell = {k: v for k, v in os.environ.items() if k != 'POLICE_PLANNING_RUN'}\n"
        f"code = {OPEN.replace('COUNT', '8')!r}\n"
        "other = subprocess.run([sys.executable, '-c', code], env=shell, capture_output=True,\n"
        "                       encoding='utf-8')\n"
        "section.number('refused', other.stderr.strip().splitlines()[-1])\n"
        "section.number('count', count)\n"
    )
    notebook("97_tiny", body=body)
    said = compendium("run")
    assert said.returncode == 0, said.stdout
    path = project / "data/processed/setubal/97_tiny_numbers.json"
    numbers = json.loads(path.read_text(encoding="utf-8"))["numbers"]
    assert "BusyError: a run (run_all.py) is at work" in numbers["refused"]["value"]
    assert numbers["count"]["value"] == 3


def test_a_section_opened_twice_belongs_to_the_last(tmp_path, monkeypatch):
    import pytest

    from helpers.compendium import OUTPUT_VARIABLE, BusyError, open_section

    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    first = open_section("21_district_hot_spots", {"city": "setubal"})
    first.number("a", 1)
    second = open_section("21_district_hot_spots", {"city": "setubal", "k": 5})
    with pytest.raises(BusyError, match="was opened again elsewhere for setubal"):
        first.number("b", 2)
    second.number("c", 3)
    index = json.loads(
        (tmp_path / "data/processed/setubal/21_district_hot_spots_outputs.json").read_text()
    )
    assert index["provenance"]["parameters"]["k"] == 5
    assert [entry["name"] for entry in index["outputs"]] == ["numbers"]


def test_what_is_inherited_is_said(tmp_path, monkeypatch, capsys):
    import pandas as pd
    import pytest

    from helpers.compendium import OUTPUT_VARIABLE, MissingResultError, open_section

    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    later = open_section("32_priority_robustness", {"city": "recife"})
    with pytest.raises(MissingResultError, match="run section 31 first"):
        later.read("31", "weights")
    frame = pd.DataFrame({"zone": ["001", "=A"], "rank": [1, 2]}).set_index("zone")
    usual = open_section("31_priority_ranking", {"city": "recife"})
    usual.table(frame, "weights", title="W")
    assert later.read("31", "weights").equals(frame)
    assert "Note" not in capsys.readouterr().out

    changed = open_section("31_priority_ranking", {"city": "recife", "method": "smarts"})
    changed.table(frame, "weights", title="W")
    for _ in range(2):
        later = open_section("32_priority_robustness", {"city": "recife"})
        found = later.read("31", "weights")
        assert found.attrs["provenance"]["parameters"]["method"] == "smarts"
        later.read("31", "weights")
        # shown as Markdown by IPython; plain Python prints the object
        assert capsys.readouterr().out.count("Markdown") == 1
    from helpers.compendium.section import inheritance

    told = inheritance(changed.card, later.town, changed.provenance, changed.provenance["inputs"])
    assert told == (
        "Section 31 ran with `method = 'smarts'`, which is not its default; what follows depends "
        "on it."
    )
