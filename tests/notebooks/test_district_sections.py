"""Sections 21 to 23 can run twice in one kernel."""

import ast

import nbformat
import pytest

from helpers.compendium import read_section


@pytest.mark.parametrize("number", ["21", "22", "23"])
def test_no_cell_takes_the_name_of_a_parameter(number):
    # a second run read `seeds = range(…)` of the first as what the reader had asked for
    card = read_section(number)
    for cell in nbformat.read(card.path, as_version=4).cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            names = {node.id for node in ast.walk(ast.parse(cell.source)) if hasattr(node, "id")}
            assert not names & set(card.parameters), cell.id
