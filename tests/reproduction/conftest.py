"""One whole run of every bundled city, made once for all tests of what a run gives."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def whole_run():
    """Run every section of every bundled city: ``whole_run(folder for the results, *words)``."""

    def run(output: Path, *words: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "POLICE_PLANNING_OUTPUT": str(output)}
        while True:
            said = subprocess.run(
                [sys.executable, "-m", "helpers.cli", "run", *words],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                encoding="utf-8",
                timeout=1800,
                check=False,
            )
            # another process of the tests is bringing the same folder up to date
            if said.returncode != 2 or "another run is at work" not in said.stderr:
                return said
            time.sleep(1)

    return run


@pytest.fixture(scope="session")
def reproduced(whole_run) -> Path:
    """Folder with the results of the default run: the project's own, brought up to date."""
    said = whole_run(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    return ROOT
