"""A result knows the cell that saved it, by the source that the kernel is running."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from helpers.compendium import at_work


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A notebook of three cells, and a kernel that has run the sources it is given."""
    cells = [
        {"cell_type": "code", "id": "first", "source": ["a = 1\n", "b = 2"]},
        {"cell_type": "markdown", "id": "said", "source": "a = 1"},
        {"cell_type": "code", "id": "twice", "source": "c = 3"},
        {"cell_type": "code", "id": "again", "source": "c = 3"},
    ]
    (tmp_path / "11_probe.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setattr(at_work, "NOTEBOOKS", tmp_path)

    def run(*sources: object) -> None:
        shell = SimpleNamespace(user_ns={"In": list(sources)})
        monkeypatch.setattr("IPython.get_ipython", lambda: shell)

    return run


def test_the_cell_is_the_one_whose_source_runs(kernel):
    kernel("", "x = 0", "a = 1\nb = 2\n")
    assert at_work.cell_at_work("11_probe") == "first"


@pytest.mark.parametrize(
    "sources",
    [("a = 1\nb = 3",), ("c = 3",), ("a = 1",), ()],
    ids=["edited", "a source that stands twice", "markdown", "nothing ran"],
)
def test_no_cell_where_it_is_not_sure(kernel, sources):
    kernel(*sources)
    assert at_work.cell_at_work("11_probe") == ""


def test_no_cell_without_a_kernel_or_a_notebook(kernel, monkeypatch):
    kernel("a = 1\nb = 2")
    assert at_work.cell_at_work("12_other") == ""
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert at_work.cell_at_work("11_probe") == ""
