"""Kernels compiled ahead are those that the libraries call."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from helpers.runner import kernels

# no section of a bundled city calls these: thousands of nodes do, and checks
OTHERS = {"planar_savings", "matrix_savings", "set_covariance"}
HELPERS = Path(__file__).resolve().parents[2] / "src" / "helpers"


def called_kernels(library: Path) -> set[tuple[str, str]]:
    """(module, name) of every kernel that the other modules of a library call by name."""
    found = set()
    for path in library.rglob("*.py"):
        if path.name.endswith("_kernels.py"):
            continue
        package = ["helpers", *path.parent.relative_to(HELPERS).parts]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("_kernels"):
                named = (node.module or "").rpartition(".")[2]
                module = ".".join([*package[: len(package) - max(node.level - 1, 0)], named])
                found |= {(module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "_kernels":
                found.add((".".join([*package, "_kernels"]), node.attr))
    return found


@pytest.mark.parametrize(
    "library",
    [
        "districting",
        "location",
        "patterns",
        "priorities",
        "sources/map_symbols",
        "hot_spots",
        "space",
    ],
)
def test_every_kernel_that_a_library_calls_is_compiled_ahead(library):
    getattr(kernels, f"compile_{Path(library).name}")()
    entries = called_kernels(HELPERS / library)
    dispatchers = [getattr(importlib.import_module(module), name) for module, name in entries]
    dispatchers = [each for each in dispatchers if hasattr(each, "overloads")]
    assert dispatchers
    missing = {each.__name__ for each in dispatchers if not each.overloads}
    assert missing <= OTHERS
