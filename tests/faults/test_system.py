"""What the system refuses gets one sentence and exit code 1, and the next run heals it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from helpers.compendium import OutputError
from helpers.compendium.files import atomic_write, refusal, write_json


def told(said: subprocess.CompletedProcess) -> str:
    assert "Traceback" not in said.stdout + said.stderr, said.stdout + said.stderr
    return said.stdout + said.stderr


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (28, "the disk is full; free some space"),
        (30, "the disk is read-only; set POLICE_PLANNING_OUTPUT"),
        (13, "no permission; change the permissions"),
        (20, "is in the way; move it elsewhere"),
        (36, "the name is too long"),
        (5, "(Input/output error); mend that and run again"),
    ],
)
def test_each_refusal_has_its_mend(tmp_path, number, sentence):
    error = OSError(number, os.strerror(number))
    assert sentence in refusal(tmp_path / "a.json", error)


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    full = pytest.raises(OutputError, match=r"a\.csv cannot be written: the disk is full")
    with full, atomic_write(path):
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_place_of_a_file_is_moved_aside_not_removed(tmp_path):
    (tmp_path / "a.json").mkdir()
    (tmp_path / "a.json" / "mine.txt").write_text("mine")
    write_json(tmp_path / "a.json", {"b": 1})
    assert json.loads((tmp_path / "a.json").read_text()) == {"b": 1}
    assert (tmp_path / "a.json.aside" / "mine.txt").read_text() == "mine"


def test_output_folders_that_cannot_be(project, notebook, compendium, tmp_path, monkeypatch):
    notebook("97_tiny")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PYTHONPATH", str(project / "src"))
    for output, sentence in {
        str(tmp_path / "file"): "is in the way",
        str(tmp_path / "file" / "deeper"): "is in the way",
        "/proc/here": "cannot be written",
    }.items():
        for words in (["run"], ["check"]):
            said = subprocess.run(
                [sys.executable, "-m", "helpers.cli", *words],
                cwd=project,
                env={**os.environ, "POLICE_PLANNING_OUTPUT": output},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert said.returncode == 1, (output, words, said.stdout, said.stderr)
            if words == ["run"]:
                assert sentence in told(said)
    said = subprocess.run(
        [sys.executable, "-m", "helpers.cli", "check"],
        cwd=project,
        env={**os.environ, "POLICE_PLANNING_OUTPUT": str(tmp_path / "not" / "there" / "yet")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "MB free" in told(said)


def test_a_full_disk_within_a_section_is_one_sentence(project, notebook, compendium):
    body = (
        "import errno, os\n"
        "from helpers.compendium import files\n"
        "def full(path):\n"
        "    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))\n"
        "files.to_disk = full\n"
        "section.document({'a': 1}, 'proof', title='P')\n"
    )
    notebook("97_tiny", body=body)
    said = compendium("run")
    assert said.returncode == 1
    assert "97_tiny_proof.json cannot be written: the disk is full" in told(said)


def test_a_section_that_never_ends_is_ended(project, notebook, compendium):
    notebook("97_tiny", body="import time\ntime.sleep(600)")
    notebook("98_follows", after=("97_tiny",))
    begin = time.perf_counter()
    said = compendium("run", "--timeout", "0.05")
    assert time.perf_counter() - begin < 200
    assert said.returncode == 1
    assert "the section did not end within 0.05 minutes; allow it more with --timeout" in told(said)
    assert "97_tiny did not end well" in told(said)
    assert compendium("run", "--timeout", "-1").returncode == 2


@pytest.mark.parametrize("moment", ["import", "section"])
def test_stopped_at_any_moment(project, notebook, moment):
    notebook("97_tiny", body="import time\ntime.sleep(100)")
    # what run_all.py hands over to
    begin = "import sys; sys.path.insert(0, '.'); import run_all; exec(run_all.START)"
    process = subprocess.Popen(
        [sys.executable, "-c", begin],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    if moment == "section":
        assert "running" in process.stdout.readline()
    time.sleep(1.0)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    assert "stopped" in error
    _, alive = psutil.wait_procs(below, timeout=15)
    assert not alive
