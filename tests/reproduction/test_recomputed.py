"""Verdicts recomputed from the raw tables by a script of its own are those of the ledger."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

from helpers.compendium.claims import ledger

SCRIPT = Path(__file__).with_name("recompute.py")
VERDICTS = runpy.run_path(str(SCRIPT))["VERDICTS"]


def test_it_knows_nothing_of_the_project():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    ]
    assert not [name for name in modules if name.startswith("helpers")]
    assert len(VERDICTS) >= 25


@pytest.fixture(scope="module")
def judged(reproduced) -> dict[str, str]:
    return ledger().set_index("claim_id")["verdict"].to_dict()


@pytest.mark.parametrize("claim", VERDICTS)
def test_the_ledger_has_the_same_verdict(claim, judged):
    assert judged[claim] == VERDICTS[claim]()[0]
