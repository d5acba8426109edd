"""What the project itself writes comes through: every formula, every word about the data."""

from __future__ import annotations

import json
import re

import pytest

from helpers.compendium import NOTEBOOKS, RAW
from helpers.report.markdown import render_markdown

NOTEBOOK_FILES = sorted(NOTEBOOKS.glob("*.ipynb"))
SOURCES = sorted(RAW.glob("*/SOURCES.md"))


def unconverted(text: str) -> list[str]:
    """Formulas shown as they were written, and dollar signs and commands left outside formulas."""
    html = render_markdown(text, raw_html=True)
    shown = re.sub(r"<annotation.*?</annotation>|<code>.*?</code>", "", html, flags=re.DOTALL)
    return re.findall(r'<code class="tex">.*?</code>|\$[^$]*\$|\\[a-z]+', shown)


@pytest.mark.parametrize("path", NOTEBOOK_FILES, ids=lambda path: path.stem)
def test_every_formula_of_the_notebooks_becomes_mathml(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert texts
    assert [bad for text in texts for bad in unconverted(text)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.parent.name)
def test_every_formula_about_the_data_becomes_mathml(path):
    assert unconverted(path.read_text(encoding="utf-8")) == []


def test_a_formula_that_fails_is_found():
    assert unconverted(r"A $\nosuchcommand{x}$ and $y$") == [
        r'<code class="tex">\nosuchcommand{x}</code>'
    ]
