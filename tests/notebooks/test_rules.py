"""The rules that every notebook keeps."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import pytest

from helpers.compendium import AUTO, list_sections, read_section

ROOT = Path(__file__).resolve().parents[2]
LONGEST_CELL = 25
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LAYERS = {
    "events", "boundary", "stations", "patrols", "streets", "zones", "borders", "criteria",
    "map_layers",
}  # fmt: skip


def named(path: Path) -> str:
    return path.stem


@pytest.fixture(params=NOTEBOOKS, ids=named)
def notebook(request):
    return request.param.stem, nbformat.read(request.param, as_version=4)


def code(content) -> list[str]:
    return [cell.source for cell in content.cells if cell.cell_type == "code"]


def test_is_valid_and_stripped(notebook):
    _, content = notebook
    nbformat.validate(content)
    for cell in content.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert set(content.metadata) == {"kernelspec", "language_info", "compendium"}
    assert content.metadata.kernelspec.name == "python3"


def test_file_is_written_in_the_one_way(notebook):
    name, _ = notebook
    text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    again = json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert text == again, "sort the keys, indent by 1, end with a newline"


def test_begins_with_title_then_parameters(notebook):
    name, content = notebook
    assert content.cells[0].cell_type == "markdown"
    assert content.cells[0].source.startswith("# ")
    tagged = [i for i, c in enumerate(content.cells) if "parameters" in c.metadata.get("tags", [])]
    first = next(i for i, c in enumerate(content.cells) if c.cell_type == "code")
    assert tagged == [first]
    card = read_section(name)
    if card.scope == "city":
        assert {"city", "seed"} <= set(card.parameters)
    for parameter in card.parameters.values():
        assert parameter.default is not None or parameter.comment
        assert parameter.default != AUTO or parameter.comment, f"say what {AUTO} means"
        assert parameter.name == "city" or parameter.comment, f"{parameter.name} has no comment"


def test_opens_its_section_by_its_own_name(notebook):
    name, content = notebook
    assert f'open_section("{name}", globals())' in code(content)[1]


def test_cells_are_short_and_define_nothing(notebook):
    _, content = notebook
    for source in code(content):
        assert len(source.splitlines()) <= LONGEST_CELL
        plain = "\n".join(line for line in source.splitlines() if not line.startswith("%"))
        for node in ast.walk(ast.parse(plain)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)


def test_no_cell_overwrites_a_parameter(notebook):
    """Cells run again in one kernel hand the section what the name then holds."""
    name, content = notebook
    parameters = read_section(name).parameters
    for source in code(content)[1:]:
        plain = "\n".join(line for line in source.splitlines() if not line.startswith("%"))
        for node in ast.walk(ast.parse(plain)):
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Store):
                continue
            taken = f"section.parameters[{chr(34)}{node.id}{chr(34)}]"
            assert node.id not in parameters or taken in source, f"{node.id} in\n{source}"


def test_cell_ids_are_words(notebook):
    _, content = notebook
    ids = [cell.id for cell in content.cells]
    assert len(ids) == len(set(ids))
    for name in ids:
        # a generated id is eight hexadecimal digits; ours say what the cell is
        assert not (len(name) == 8 and set(name) <= set("0123456789abcdef")), name


def test_each_figure_has_a_caption_cell(notebook):
    _, content = notebook
    for cell, following in zip(content.cells, [*content.cells[1:], None], strict=True):
        if cell.cell_type == "code" and "section.figure(" in cell.source:
            assert following is not None
            assert following.cell_type == "markdown", cell.id


def test_ends_with_your_turn(notebook):
    _, content = notebook
    last = content.cells[-1]
    assert last.cell_type == "markdown"
    assert last.source.startswith("## Your turn")
    exercises = [line for line in last.source.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")]
    assert 2 <= len(exercises) <= 3


def test_card_names_layers_and_sections_that_exist(notebook):
    name, _ = notebook
    card = read_section(name)
    assert {layer for group in card.needs for layer in group} <= LAYERS
    assert set(card.after) <= set(list_sections())
    assert card.scope in ("city", "compendium")
    assert card.title
    assert card.paper


def test_only_forecasting_may_import_tensorflow(notebook):
    name, content = notebook
    if not name.startswith("14_"):
        assert "tensorflow" not in "\n".join(code(content))
