"""A reader never meets half a site."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.report import swap

SOURCES = Path(__file__).resolve().parents[2] / "src"


def folder(path: Path, word: str) -> Path:
    path.mkdir()
    (path / "index.html").write_text(word)
    return path


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


@pytest.mark.parametrize("exchange", [swap._exchange, lambda a, b: False])
def test_the_new_folder_takes_the_place_of_the_old(tmp_path, monkeypatch, exchange):
    monkeypatch.setattr(swap, "_exchange", exchange)
    place = tmp_path / "été #1"
    place.mkdir()
    for word in ("first", "second", "third"):
        swap.replace_folder(folder(place / "new", word), place / "report")
        assert (place / "report" / "index.html").read_text() == word
        assert left(place) == ["report"]


def test_linux_exchanges_in_one_step(tmp_path):
    if sys.platform != "linux":
        pytest.skip("the one-step exchange tested here is that of Linux")
    a, b = folder(tmp_path / "a", "A"), folder(tmp_path / "b", "B")
    assert swap._exchange(a, b)
    assert (a / "index.html").read_text() == "B"
    assert (b / "index.html").read_text() == "A"


def test_a_kill_between_the_two_renames_is_mended(tmp_path):
    folder(tmp_path / ".report-old", "whole")
    swap.recover(tmp_path / "report")
    assert left(tmp_path) == ["report"]
    folder(tmp_path / ".report-old", "older")
    swap.recover(tmp_path / "report")
    assert left(tmp_path) == ["report"]
    assert (tmp_path / "report" / "index.html").read_text() == "whole"


LOOP = """
import itertools, pathlib, sys
from helpers.report.swap import recover, replace_folder
place = pathlib.Path(sys.argv[1])
for word in itertools.count():
    recover(place / "report")
    new = place / f"new-{word}"
    new.mkdir()
    for page in ("a", "b", "c"):
        (new / page).write_text(str(word))
    replace_folder(new, place / "report")
"""


def test_a_killed_builder_leaves_a_whole_folder(tmp_path):
    if not hasattr(signal, "SIGKILL"):
        pytest.skip("this system has no SIGKILL")
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    for wait in (0.05, 0.11, 0.17):
        command = [sys.executable, "-c", LOOP, str(tmp_path)]
        with subprocess.Popen(command, env=environment) as process:
            while not (tmp_path / "report").is_dir() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(wait)
            process.kill()
        swap.recover(tmp_path / "report")
        words = {(tmp_path / "report" / page).read_text() for page in ("a", "b", "c")}
        assert len(words) == 1
        for other in tmp_path.glob("new-*"):
            swap._remove(other)
