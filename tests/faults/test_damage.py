"""Whatever a run reads back may be damaged, missing, a folder, of another version: it is made again."""

from __future__ import annotations

import json
import shutil

import pytest

BOOKS = [
    "data/processed/run.json",
    "data/processed/report.json",
    "data/processed/setubal/stamps/city.json",
    "data/processed/setubal/stamps/97_tiny.json",
    "data/processed/setubal/97_tiny_outputs.json",
]
DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "empty": lambda path: path.write_bytes(b""),
    "another shape": lambda path: path.write_text("[]" if path.name != "run.json" else "{}"),
    "of another version": lambda path: path.write_text('{"key": 3, "outputs": [1], "files": 7}'),
    "not text": lambda path: path.write_bytes(b"\xff\xfe\x00{"),
    "a folder": lambda path: (path.unlink(), (path / "in").mkdir(parents=True)),
    "deeply nested": lambda path: path.write_text("[" * 100_000),
}


@pytest.fixture
def ran(project, notebook, compendium):
    notebook("97_tiny")
    said = compendium("run", "--jobs", "1")
    assert said.returncode == 0, said.stdout + said.stderr
    return project


@pytest.mark.parametrize("turn", [0, 2, 5])
def test_damaged_bookkeeping_is_made_again(ran, compendium, turn):
    kinds = list(DAMAGE)
    damaged = {name: kinds[(turn + k) % len(kinds)] for k, name in enumerate(BOOKS)}
    for name, kind in damaged.items():
        DAMAGE[kind](ran / name)
    said = compendium("run", "--jobs", "1")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    for name, kind in damaged.items():
        # what another version left is old, not damaged
        if kind != "of another version" and not name.endswith("_outputs.json"):
            assert f"made again, for it was damaged or gone: {name}" in said.stdout.replace(
                f"{ran.name}/", ""
            )
        assert json.loads((ran / name).read_text(encoding="utf-8"))
    assert "Everything is up to date" in compendium("run").stdout


def test_a_report_that_is_not_whole_is_built_again(ran, compendium):
    pages = [ran / "report" / name for name in ("claims.html", "index.html", "assets/site.css")]
    whole = [path.read_bytes() for path in pages]
    pages[0].unlink()
    pages[1].write_text("garbage")
    pages[2].write_bytes(b"")
    said = compendium("run")
    assert said.returncode == 0
    assert all(path.name in said.stdout for path in pages)
    assert [path.read_bytes() for path in pages] == whole


def test_an_executed_notebook_that_is_another_is_made_again(ran, compendium):
    path = ran / "data/processed/setubal/notebooks/97_tiny.ipynb"
    path.write_text("{}")
    assert "97_tiny.ipynb" in compendium("run").stdout
    assert json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_a_city_folder_that_is_a_file_is_told(ran, compendium):
    shutil.rmtree(ran / "data/processed/setubal")
    (ran / "data/processed/setubal").write_text("in the way")
    said = compendium("run")
    assert said.returncode == 1
    assert "is in the way; move it elsewhere and run again" in said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr
