"""A run killed at any moment, and killed again, ends in the same bytes as one clean run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

RUN = [sys.executable, "-m", "helpers.cli", "run", "--city", "setubal"]
# What carries seconds or times of day is not a result: stamps, the run's own notes, and the
# executed notebooks with the report made of them.
NOT_RESULTS = {"stamps", "notebooks", "report"}


def results(root: Path) -> dict[str, bytes]:
    found = {}
    for folder in (root / "figures", root / "data" / "processed"):
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(root)
            if path.is_file() and not NOT_RESULTS & set(place.parts) and len(place.parts) > 2:
                found[place.as_posix()] = path.read_bytes()
    return {k: v for k, v in found.items() if Path(k).parent.name not in ("processed", "figures")}


def start(project: Path, output: Path) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    environment["POLICE_PLANNING_OUTPUT"] = str(output)
    say = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.Popen(RUN, cwd=project, env=environment, **say)


def finish(project: Path, output: Path) -> None:
    process = start(project, output)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said


@pytest.mark.parametrize("seed", [1])
def test_kills_then_a_run_give_the_bytes_of_a_clean_run(project, tmp_path, seed):
    began = time.perf_counter()
    finish(project, tmp_path / "clean")
    whole = time.perf_counter() - began
    moments = random.Random(seed)
    for _ in range(2):
        process = start(project, tmp_path / "killed")
        time.sleep(moments.uniform(0.2, whole))
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        # the worker and its kernel end by themselves and write no more
        _, alive = psutil.wait_procs(children, timeout=15)
        assert not alive
    # wherever the kills struck, a file half written lies about now
    for folder in ("figures", "data/processed", "report"):
        place = tmp_path / "killed" / folder / "setubal"
        place.mkdir(parents=True, exist_ok=True)
        (place / ".21_district_hot_spots_fields.0a1b2c3d.tmp.png").write_bytes(b"half")
    finish(project, tmp_path / "killed")
    clean, killed = results(tmp_path / "clean"), results(tmp_path / "killed")
    assert any(name.endswith(".png") for name in clean)
    assert any(name.endswith(".csv") for name in clean)
    assert killed == clean
    assert not list((tmp_path / "killed").rglob("*.tmp*"))
