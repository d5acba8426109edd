"""Every notebook, all cells run twice in one kernel, the second time after a changed parameter."""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from helpers.compendium import BEFORE_VARIABLE, OUTPUT_VARIABLE, read_section
from shown import texts

OWN = ("12", "13", "14")
_spec = importlib.util.spec_from_file_location(
    "towns", Path(__file__).parents[1] / "own_cities" / "towns.py"
)
towns = importlib.util.module_from_spec(_spec)
sys.modules["towns"] = towns
_spec.loader.exec_module(towns)
NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def again(notebook, change: str) -> list:
    """The code cells once more, the parameters cell with what a reader wrote into it."""
    cells = copy.deepcopy([cell for cell in notebook.cells if cell.cell_type == "code"])
    for cell in cells:
        cell.id = f"{cell.id}-again-{abs(hash(change))}"
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\n{change}"
    return cells


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_cells_run_again_after_a_change(path, reproduced, tmp_path, monkeypatch):
    # what the sections before left is read where the default run put it; what reads nothing of
    # others runs on a smaller city, for the cells are the same
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(BEFORE_VARIABLE, str(reproduced))
    parameters = read_section(path.stem).parameters
    first = "quick = True" if "quick" in parameters else ""
    if path.stem[:2] in OWN:
        first += f"\ncity = {str(towns.make('three_stations', tmp_path))!r}"
    elif path.stem[:2] in ("22", "23"):
        first += '\ncity = "columbus"'
    change = "seed = seed + 1" if "seed" in parameters else 'paper = "lima"'
    notebook = nbformat.read(path, as_version=4)
    rounds = [again(notebook, first), again(notebook, f"{first}\n{change}")]
    notebook.cells = [cell for cells in rounds for cell in cells]
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(tmp_path))
    nbformat.write(notebook, tmp_path / "all.ipynb")
    assert not texts(tmp_path / "all.ipynb")["stderr"]
