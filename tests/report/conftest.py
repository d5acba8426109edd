"""Example results for the tests of the report."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLE = runpy.run_path(str(Path(__file__).with_name("example_results.py")))


def place(folder: Path, patch: pytest.MonkeyPatch):
    """An empty place for results, which the report reads instead of the project's own."""
    made = EXAMPLE["Results"](folder / "été à Setúbal")
    patch.setattr("helpers.compendium.towns.RAW", made.raw)
    patch.setattr("helpers.compendium.claims.files.RAW", made.raw)
    patch.setattr("helpers.compendium.card.NOTEBOOKS", made.notebooks)
    return made


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An empty place for results."""
    return place(tmp_path, monkeypatch)


@pytest.fixture
def filled(results):
    """Results in every state that a run can end in."""
    return EXAMPLE["fill"](results)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Results in every state with the site built from them, for tests that only read."""
    from helpers.report import build

    with pytest.MonkeyPatch.context() as patch:
        made = EXAMPLE["fill"](place(tmp_path_factory.mktemp("site"), patch))
        build(made.root)
    return made
