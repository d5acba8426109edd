"""What the documents name is there: files, folders, modules, functions."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
# what the changelog tells of as gone, and what a reader is to make
GONE = {"benchmarks/patrols.py", "notebooks/NN_name.ipynb"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_names_is_there(path):
    text = path.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    for link in (link for link in links if link and ":" not in link):
        assert (path.parent / link).exists(), link
    for name in set(re.findall(r"`((?:tests|benchmarks|src|notebooks|docs)/[\w/.-]+)`", text)):
        assert name in GONE or (ROOT / name).exists(), name
    for dotted in set(re.findall(r"\bhelpers(?:\.[a-z_]+)+", text)):
        assert _exists(dotted), dotted


def _exists(dotted: str) -> bool:
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        return "." in dotted and hasattr(importlib.import_module(module), name)
    return True


OPTIONS = {"ppl", "cvl", "travel_counts"}  # values and parameters of functions


def test_the_functions_of_the_methods_are_exported():
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    folders = ("patterns", "forecasting", "location", "hot_spots", "districting", "priorities")
    known: set[str] = set()
    for folder in folders:
        module = importlib.import_module(f"helpers.{folder}")
        known |= {*module.__all__, *vars(module)}
    known |= set(vars(importlib.import_module("helpers.compendium.claims")))
    sections = text.partition("## Derived zones")[0]
    named = re.findall(r"\(`([a-z_]+)`(?:, `([a-z_]+)`)*", sections)
    names = {name for found in named for name in found if name}
    assert len(names) > 20
    assert names - known == OPTIONS
