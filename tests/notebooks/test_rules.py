"""The rules that every notebook keeps."""

from __future__ import annotations

import ast
import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from helpers.compendium import AUTO, find_city, list_cities, list_sections, read_section
from helpers.compendium.words import words_path

ROOT = Path(__file__).resolve().parents[2]
# What a reader of one notebook, and of all of them, is asked to follow.
MOST_LINES, MOST_OF_ALL, MEDIAN_CELL, LONGEST_CELL = 220, 1900, 6, 15
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHOWING = {"figure", "table", "document", "layers"}
DRAWING = {"panels", "map_panels", "set_title", "set_xlim", "scatter", "axhline", "text", "legend"}
LAYERS = {
    "events", "boundary", "stations", "patrols", "streets", "zones", "borders", "criteria",
    "districts", "map_layers",
}  # fmt: skip


def named(path: Path) -> str:
    return path.stem


@pytest.fixture(params=NOTEBOOKS, ids=named)
def notebook(request):
    return request.param.stem, nbformat.read(request.param, as_version=4)


def words_of(name: str) -> str:
    path = words_path(name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


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


def lines_of(source: str) -> int:
    """Every line, blank ones too: what a reader scrolls past."""
    return len(source.splitlines())


def test_the_notebook_keeps_its_budget(notebook):
    _, content = notebook
    cells = [lines_of(source) for source in code(content)]
    assert sum(cells) <= MOST_LINES
    assert statistics.median(cells) <= MEDIAN_CELL
    assert max(cells) <= LONGEST_CELL


def test_all_notebooks_together_keep_theirs():
    contents = [nbformat.read(path, as_version=4) for path in NOTEBOOKS]
    assert sum(lines_of(source) for each in contents for source in code(each)) <= MOST_OF_ALL


def trees(content) -> list[ast.AST]:
    return [ast.parse(source) for source in code(content)]


def test_cells_define_nothing(notebook):
    _, content = notebook
    for tree in trees(content):
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)


def test_no_sentence_is_built_in_code(notebook):
    """Words stand in notebooks/words; a conditional inside a string is a sentence in the making."""
    _, content = notebook
    for source, tree in zip(code(content), trees(content), strict=True):
        assert "IPython.display" not in source
        assert "fmt: skip" not in source
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                assert not any(isinstance(part, ast.IfExp) for part in ast.walk(node)), source
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SHOWING:
                given = {keyword.arg for keyword in node.keywords}
                assert not given & {"title", "caption"}, source


def test_no_cell_draws(notebook):
    """A figure is one function of plots, given tables."""
    _, content = notebook
    for source, tree in zip(code(content), trees(content), strict=True):
        for node in ast.walk(tree):
            name = getattr(node, "attr", "")
            assert name not in DRAWING, source
            if name == "plots" or not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            assert "matplotlib" not in ast.unparse(node), source


def test_no_notebook_knows_a_city_or_a_claim(notebook):
    name, content = notebook
    known = "|".join([*list_cities(), *(find_city(city).title for city in list_cities())])
    said = "\n".join(code(content)[1:]) + words_of(name)
    assert not re.findall(rf"\b(?:{known})\b", said)
    assert not re.findall(r"\b(?:LIM|SET|REC)-\d\d\b", said)


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


def test_ends_with_your_turn(notebook):
    _, content = notebook
    last = content.cells[-1]
    assert last.cell_type == "markdown"
    assert last.source.startswith("## Your turn")
    exercises = [line for line in last.source.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")]
    assert 2 <= len(exercises) <= 3


def test_what_is_folded_is_markdown(notebook):
    """Behind a summary Markdown begins only after an empty line."""
    _, content = notebook
    for cell in content.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"</summary>(?!\n\s*\n)", cell.source), cell.id


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


def test_what_looks_for_repeats_takes_a_row_of_several_crimes_once():
    """Near repeats, shared places, moved events and symbols see the first event of each row."""
    asking = ("near_repeats(", "shared_places(", "study.treatments(", "symbol_rows(")
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        source = "\n".join(
            "".join(cell["source"])
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
            if cell["cell_type"] == "code"
        )
        if any(name in source for name in asking):
            assert "first_of_row()" in source, path.name


def test_no_table_is_rounded_before_it_is_shown(notebook):
    """What is rounded for its file and again for the reader may end one digit off: say `decimals`."""
    _, content = notebook
    for tree in trees(content):
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if (
                called
                and node.func.attr == "table"
                and getattr(node.func.value, "id", "") == "section"
            ):
                inside = [each for each in ast.walk(node.args[0]) if isinstance(each, ast.Call)]
                names = {
                    getattr(each.func, "attr", getattr(each.func, "id", "")) for each in inside
                }
                assert not names & {"round", "rounded"}, ast.unparse(node)


def titles(section: str) -> str:
    """What a section's words say above its tables and figures, one a line."""
    blocks = re.findall(r"{% block (?:table|figure)_\w+ %}\n(.*)", words_of(section))
    return "\n".join(blocks)


def test_an_exercise_for_another_city_names_it(notebook):
    """It stands on the page of every city, of that one too, where nothing is to be set."""
    told = " ".join(notebook[1].cells[-1].source.split())
    assert "Set `city =" not in told
    for title, city in re.findall(r"(\w+) \(`city = \"(\w+)\"`\)", told):
        assert title == find_city(city).title
    assert told.count("`city = ") == len(re.findall(r"\w \(`city = ", told))


def test_exercises_point_to_what_can_be_seen(notebook):
    """Names of cells stand nowhere on a page: headings, titles and first words of cells do."""
    name, content = notebook
    told = " ".join(content.cells[-1].source.replace("\\*", "*").split())
    ids = {cell.id for cell in content.cells}
    named = re.findall(r"\b(?:cells?|table|figure|map|below) `([^`]+)`", told)
    assert [each for each in named if each in ids] == []
    firsts = [cell.source for cell in content.cells if cell.cell_type == "code"]
    for begun in re.findall(r"the cell that begins `([^`]+)`", told):
        assert sum(source.startswith(begun) for source in firsts) == 1, begun
    text = "\n".join(cell.source for cell in content.cells if cell.cell_type == "markdown")
    for heading in re.findall(r"the heading \*(.+?)\*", told):
        assert f"# {heading}\n" in f"{text}\n", heading
    other = next(iter(re.findall(r"of section (\d\d)", told)), "")
    known = titles(name) + "".join(
        titles(p.stem) for p in NOTEBOOKS if other and p.stem[:2] == other
    )
    for title in re.findall(r"\b(?:table|figure) \*((?:Gi\*|[^*])+)\*", told):
        assert any(line.startswith(title) for line in known.splitlines()), title
