"""Example results for the tests of the report."""

from __future__ import annotations

import pytest
from example_results import Results, fill


@pytest.fixture
def results(tmp_path, monkeypatch) -> Results:
    """An empty place for results, which the report reads instead of the project's own."""
    made = Results(tmp_path / "été à Setúbal")
    monkeypatch.setattr("helpers.report.inventory.RAW", made.raw)
    monkeypatch.setattr("helpers.claims.RAW", made.raw)
    monkeypatch.setattr("helpers.sections.NOTEBOOKS", made.notebooks)
    return made


@pytest.fixture
def filled(results) -> Results:
    """Results in every state that a run can end in."""
    return fill(results)
