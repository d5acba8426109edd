"""Every symbol of a formula is said to be something, in the notebook where the formula stands."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
# numbers, and the sign of an integral's variable
KNOWN = {"e", r"\pi", "d"}
LETTERS = r"\\(?:alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|mu|pi|rho|sigma|tau|phi|chi|omega|Delta|Sigma)\b|[A-Za-z]"


def bare(formula: str) -> str:
    """A formula without its words and without what hangs above or below a symbol."""
    formula = re.sub(r"\\(?:text|textit|mathrm|operatorname)\{[^{}]*\}", " ", formula)
    formula = re.sub(r"\\(?:hat|bar)\b", " ", formula)
    for _ in range(3):
        formula = re.sub(r"[_^](?:\{[^{}]*\}|\\?[A-Za-z]+\b|.)", " ", formula)
    return formula


def symbols(formula: str) -> list[str]:
    """Letters of a formula in their order, without indices, names of functions and what a sum runs over.

    >>> symbols(r"\\hat K(r)^{1/4} + \\sum_{i \\in Z} p_i \\max(0, \\mu)")
    ['K', 'r', 'p', '\\\\mu']
    """
    runs = set(re.findall(r"\\(?:sum|prod|max|min)_\{?([A-Za-z])\b", formula))
    names = re.findall(rf"{LETTERS}|\\[A-Za-z]+", bare(formula))
    return [name for name in names if re.fullmatch(LETTERS, name) and name not in runs]


def formulas(text: str) -> tuple[list[str], list[str]]:
    """Those on lines of their own, and those inside the sentences."""
    apart = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    return apart, re.findall(r"\$([^$]+)\$", re.sub(r"\$\$.+?\$\$", " ", text, flags=re.DOTALL))


def test_the_sets_below_a_sum_are_symbols_of_it():
    assert symbols(r"\sum_{i \in S} \max(0, r_i - d_{ij})") == ["r", "d"]
    assert symbols(r"\max_z |F(z) - D| + \sum_{l=k}^K 1/l") == ["F", "D"]
    assert sets(r"\sum_{i \in Z_j} d_{ij} + \int_W k") == ["Z", "W"]


def sets(formula: str) -> list[str]:
    r"""Capital letters below a sum or an integral that are not the letter that runs.

    ``\sum_{i \in Z_j}`` has Z; the S of ``\sum_S`` runs.
    """
    found = re.findall(r"\\in ([A-Z])|\\int_([A-Z])", formula)
    return [one or other for one, other in found]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_symbol_is_explained_where_it_is_used(path):
    """To explain one is to begin a formula of a sentence with it: "with $d_{ij}$ the distance"."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    apart, inside = formulas(text.partition("## Your turn")[0])
    used = {name for one in [*apart, *inside] for name in [*symbols(one), *sets(one)]}
    begun = {first[0] for one in inside if (first := symbols(one.lstrip("|")))
             and re.match(rf"\W*(?:\\(?:hat|bar)\W*)?{re.escape(first[0])}", one)}  # fmt: skip
    assert sorted(used - begun - KNOWN) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_bracket_must_grow_to_close_round_a_fraction(path):
    """A browser without a font for mathematics draws every bracket as high as a letter."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    grown = re.compile(r"\\left\s*[(\[](?:(?!\\right).)*(?:\\d?frac|\^\{)", re.DOTALL)
    assert [found[0] for found in grown.finditer(text)] == []
