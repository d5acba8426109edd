"""What every test may ask for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IGNORED = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")


# What takes longest goes first, so that no process is left alone with it at the end.
LONGEST = [
    "tests/reproduction/test_whole_run.py", "tests/runner", "tests/faults", "tests/districting",
    "tests/patterns", "tests/forecasting",
]  # fmt: skip


def pytest_addoption(parser):
    parser.addoption(
        "--instances",
        type=int,
        help="random instances on which each location model is held against enumeration; "
        "1,000 by default, of the slow ones a quarter",
    )


def pytest_collection_modifyitems(items):
    def rank(item) -> int:
        place = item.path.relative_to(ROOT).as_posix()
        return next((i for i, start in enumerate(LONGEST) if place.startswith(start)), 99)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference polygons, values and instances kept beside the project, never inside it."""
    root = Path(__file__).resolve().parents[1].parent / "shared"
    if not root.is_dir():
        pytest.skip("the shared reference folder is not beside the project")
    return root


@pytest.fixture(autouse=True)
def numbers_print_as_before():
    """Opening a section sets how pandas prints numbers; no other test may see that."""
    import pandas as pd

    before = pd.get_option("display.float_format")
    yield
    pd.set_option("display.float_format", before)


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the project under an awkward path, where a test may break what it likes.

    It has the code, the city of Setúbal and no notebook but the section on hot spots; commands
    run in it with `helpers_command`.
    """
    place = tmp_path / "été à Setúbal"
    copied = ("src/helpers", "data/raw/setubal", "notebooks/words")
    for folder in copied:
        shutil.copytree(ROOT / folder, place / folder, ignore=IGNORED)
    for name in (
        "uv.lock",
        "pyproject.toml",
        "run_all.py",
        *(path.relative_to(ROOT) for path in sorted((ROOT / "data" / "raw").glob("claims*.*"))),
        "notebooks/21_district_hot_spots.ipynb",
    ):
        shutil.copy(ROOT / name, place / name)
    # Where the city is renamed it is a user's own, which may speak of existing sections only.
    card = place / "data" / "raw" / "setubal" / "city.yml"
    text = card.read_text(encoding="utf-8")
    begin, end = text.index("  22_district_models:"), text.index("  23_district_results:")
    rest = text[end:]
    after = re.search(r"^\S", rest, re.MULTILINE)
    card.write_text(text[:begin] + (rest[after.start() :] if after else ""), encoding="utf-8")
    return place


@pytest.fixture
def compendium(project):
    """Run the command line of the copied project: ``compendium("run", "--city", "setubal")``."""

    def command(*words: str, **more) -> subprocess.CompletedProcess:
        environment = {**os.environ, "PYTHONPATH": str(project / "src")}
        environment.pop("POLICE_PLANNING_OUTPUT", None)
        return subprocess.run(
            [sys.executable, "-m", "helpers.cli", *words],
            cwd=more.pop("cwd", project.parent),
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
            **more,
        )

    return command
