"""Kernels kept on disk: damaged, moved or unwritable, a call gives the same answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[1] / "src"
KERNELS = """
import numpy as np
from helpers.compiled import compiled

@compiled(nogil=True)
def doubled(x):
    return 2 * x

@compiled()
def made(n):
    return np.full(n, doubled(n))
"""
ASK = "from town.{folder}._kernels import made; print(made(3).tolist(), sum(made.stats.cache_hits.values()))"


@pytest.fixture
def town(tmp_path):
    """A package with two kernels, called once, so that they are kept."""
    library = tmp_path / "town" / "patrols"
    library.mkdir(parents=True)
    for folder in (tmp_path / "town", library):
        (folder / "__init__.py").write_text("", encoding="utf-8")
    (library / "_kernels.py").write_text(KERNELS, encoding="utf-8")
    assert call(library) == "[6, 6, 6] 0"
    assert call(library) == "[6, 6, 6] 1"
    return library


def call(library: Path) -> str:
    path = os.pathsep.join([str(library.parents[1]), str(SOURCES)])
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    said = subprocess.run(
        [sys.executable, "-c", ASK.format(folder=library.name)],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_what_was_kept_may_be_damaged(town, suffix, content):
    kept = sorted((town / "__pycache__").glob(f"*.{suffix}"))
    assert len(kept) == 2
    for path in kept:
        if content is None:
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(content)
    assert call(town) == "[6, 6, 6] 0"
    if content is not None:
        assert call(town) == "[6, 6, 6] 1"


def test_a_folder_may_be_moved_with_what_was_kept(town):
    """Numba keeps the module's name inside, and looks for it by the file's name only."""
    moved = town.rename(town.with_name("location"))
    assert call(moved) == "[6, 6, 6] 0"
    assert call(moved) == "[6, 6, 6] 1"


def test_nothing_need_be_kept(town):
    shutil.rmtree(town / "__pycache__")
    (town / "__pycache__").write_text("no folder")
    assert call(town).startswith("[6, 6, 6]")
