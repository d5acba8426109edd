"""What a notebook asks of a folder of helpers is what the folder exports."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def asked_names(code: str) -> set[tuple[str, str]]:
    """(module of helpers, name) of everything that code asks of helpers."""
    tree = ast.parse(code)
    modules, asked = {}, set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module == "helpers":
            modules |= {alias.asname or alias.name: f"helpers.{alias.name}" for alias in node.names}
        elif node.module.startswith("helpers."):
            asked |= {(node.module, alias.name) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in modules:
            asked.add((modules[node.value.id], node.attr))
    return asked


def test_what_is_asked_is_seen():
    code = "from helpers import plots as p\nfrom helpers.space import grid\np.demand_map(1).x"
    assert asked_names(code) == {("helpers.plots", "demand_map"), ("helpers.space", "grid")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_name_that_a_notebook_asks_of_helpers_is_exported(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    asked = asked_names(code)
    assert asked
    missing = {
        f"{module}.{name}"
        for module, name in asked
        if not hasattr(importlib.import_module(module), name)
        and importlib.util.find_spec(f"{module}.{name}") is None
    }
    assert missing == set()
