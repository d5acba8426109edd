"""Faults put into a copy of the source are noticed by the tests that name them, without ../shared.

Two are tried; ``MUTATIONS=all`` tries every one (some minutes), ``MUTATIONS=grid`` those with "grid" in
their name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from tests.conftest import IGNORED, ROOT
from tests.faults.mutations import MUTATIONS

ASKED = os.environ.get("MUTATIONS", "")
# each alone; by default two of different files and tests at once, which costs one start of Python
ONE_BY_ONE = [[m] for m in MUTATIONS if ASKED == "all" or ASKED in m.name]
TRIED = ONE_BY_ONE if ASKED else [MUTATIONS[:2]]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_what_a_mutation_replaces_stands_there_once_and_its_tests_exist(mutation):
    text = (ROOT / "src/helpers" / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, "the source has changed: mend the mutation"
    assert mutation.new != mutation.old
    for test in mutation.tests:
        path, _, name = test.partition("::")
        held = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert not name or re.search(rf"^def {name}\(", held, re.MULTILINE), test


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the source and the tests, with nothing beside it."""
    place = tmp_path_factory.mktemp("mutations") / "project"
    for folder in ("src", "tests", "notebooks"):
        shutil.copytree(ROOT / folder, place / folder, ignore=IGNORED)
    for name in ("pyproject.toml", "uv.lock", "run_all.py", "README.md"):
        shutil.copy(ROOT / name, place / name)
    (place / "data").mkdir()
    (place / "data/raw").symlink_to(ROOT / "data/raw", target_is_directory=True)
    return place


def run(place, tests) -> subprocess.CompletedProcess:
    """The tests in the copy; loops run as plain Python, which is sooner than compiling them anew."""
    environment = {**os.environ, "PYTHONPATH": str(place / "src"), "NUMBA_DISABLE_JIT": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    words = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-o", "filterwarnings="]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words, *(f"tests/{test}" for test in tests)],
        cwd=place,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("tried", TRIED, ids=lambda tried: " and ".join(m.name for m in tried))
def test_a_fault_in_the_source_is_noticed(copied, tried):
    paths = [copied / "src/helpers" / mutation.file for mutation in tried]
    before = [path.read_text(encoding="utf-8") for path in paths]
    for mutation, path, text in zip(tried, paths, before, strict=True):
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        done = run(copied, [test for mutation in tried for test in mutation.tests])
    finally:
        for path, text in zip(paths, before, strict=True):
            path.write_text(text, encoding="utf-8")
    # 1: tests have failed; a source that cannot even be imported gives another number
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    for mutation in tried:
        failed = [f"FAILED tests/{test}" in done.stdout for test in mutation.tests]
        assert any(failed), (mutation.name, done.stdout[-2000:])


@pytest.mark.skipif(ASKED != "all", reason="MUTATIONS=all tries every fault and this")
def test_without_a_fault_the_same_tests_pass(copied):
    done = run(copied, sorted({test for mutation in MUTATIONS for test in mutation.tests}))
    assert done.returncode == 0, done.stdout[-2000:]
