"""What the documents name is there: files, folders, modules, functions."""

from __future__ import annotations

import calendar
import csv
import importlib
import inspect
import json
import re
import typing
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
# what the changelog tells of as gone, and what a reader is to make
GONE = {"benchmarks/patrols.py", "notebooks/NN_name.ipynb"}
# what a command makes, ignored by git
MADE = {"docs/api/"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_names_is_there(path):
    text = path.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    for link in (link for link in links if link and ":" not in link):
        assert (path.parent / link).exists(), link
    for name in set(re.findall(r"`((?:tests|benchmarks|src|notebooks|docs)/[\w/.-]+)`", text)):
        assert name in GONE | MADE or (ROOT / name).exists(), name
    for dotted in set(re.findall(r"\bhelpers(?:\.[a-z_]+)+", text)):
        assert _exists(dotted), dotted


def _exists(dotted: str) -> bool:
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        return "." in dotted and hasattr(importlib.import_module(module), name)
    return True


def test_the_map_names_functions_that_exist_and_says_where():
    """docs/methods.md: every name is a link to the file that defines what a folder exports."""
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    places = dict(re.findall(r"^\[`(\w+)`\]: \.\./(\S+)$", text, re.MULTILINE))
    assert set(re.findall(r"\[`(\w+)`\]", text)) == places.keys()
    assert len(places) > 100
    for name, place in places.items():
        module = importlib.import_module(_dotted(place))
        door = importlib.import_module(".".join(module.__name__.split(".")[:2]))
        own = (
            set(vars(module))
            if {"study", "claims", "map_symbols"} & set(Path(place).with_suffix("").parts)
            else set()
        )
        assert getattr(module, name).__module__ == module.__name__, name
        assert name in {*door.__all__, *own}, name
    # what a table calls a function is one that is linked
    for row in re.findall(r"^\|.*", text, re.MULTILINE):
        named = re.sub(r"\[`\w+`\]", "", row.split("|")[2])
        assert "`" not in named, row


def _dotted(place: str) -> str:
    return ".".join(Path(place).relative_to("src").with_suffix("").parts)


def test_the_map_holds_no_formula():
    """Formulas have one home, the docstring of the function that computes them."""
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert re.findall(r"<su[bp]>|[Σ∑√∫≤≥²]|\$|^>.*", text, re.MULTILINE) == []


def test_the_readme_counts_the_claims_as_the_ledger_does():
    told = re.search(
        r"\| claims \| (\d+) published", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    with (ROOT / "data" / "raw" / "claims.csv").open(encoding="utf-8", newline="") as rows:
        assert told and int(told[1]) == sum(1 for _ in csv.DictReader(rows))


# as sources name people: surnames, the last of them before the year
NAME = r"(?:[a-z]'|[A-Z]')?[A-ZÅÉØ][^\W\d_]+(?:-[A-Z][^\W\d_]+)*"
BEFORE_YEAR = re.compile(rf"({NAME})(?: and others| et al\.)?,? \(?(\d{{4}})\b")
TWO_BEFORE_YEAR = re.compile(
    rf"(?:\b(?:and|&) |(?={NAME}(?: and others| et al\.)))({NAME})(?: and others| et al\.)?,? "
    r"\(?(\d{4})\b"
)
REFERENCES = re.compile(
    r"\n *References\n *-{5,}\n(.*?)(?=\n *\"\"\"|\n\n *\w+\n *-{4,})", re.DOTALL
)
MONTHS = set(calendar.month_name[1:])
ACCENT = re.compile(r"\{\\(?:[^\w\s]|[a-z] )?(\w+)\}")


def bare(text: str) -> str:
    """Letters without their accents, by which names are compared."""
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "O"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def bibliography() -> dict[str, list[str]]:
    """Surnames of the authors of each entry of references.bib, by year."""
    entries = re.split(r"(?m)^@", (ROOT / "references.bib").read_text("utf-8"))[1:]
    found: dict[str, list[str]] = {}
    for entry in entries:
        author = re.search(r"author\s*=\s*\{(.*?)\},\s+title", entry, re.DOTALL)
        year = re.search(r"year\s*=\s*\{(\d{4})\}", entry)
        if author and year:
            found.setdefault(year[1], []).append(bare(ACCENT.sub(r"\1", author[1])))
    return found


def uncited(text: str, pattern: re.Pattern, known: dict[str, list[str]]) -> list[str]:
    """Sources of a text that the bibliography lacks."""
    flat = bare(" ".join(text.split()))
    return [
        f"{name} {year}"
        for name, year in pattern.findall(flat)
        if name not in MONTHS
        if not any(re.search(rf"\b{re.escape(name)}\b", names) for names in known.get(year, ()))
    ]


def test_every_source_of_a_method_is_in_the_bibliography():
    known = bibliography()
    assert uncited("Getis and Ord (1992); Nobody and Noone 1992", TWO_BEFORE_YEAR, known) == [
        "Noone 1992"
    ]
    wrong = {}
    for path in sorted((ROOT / "src" / "helpers").rglob("*.py")):
        text = path.read_text("utf-8")
        lacking = uncited(" ".join(REFERENCES.findall(text)), BEFORE_YEAR, known)
        if lacking := sorted({*lacking, *uncited(text, TWO_BEFORE_YEAR, known)}):
            wrong[str(path.relative_to(ROOT))] = lacking
    for path in (
        *sorted((ROOT / "notebooks").rglob("*.md")),
        *sorted((ROOT / "notebooks").glob("*.ipynb")),
    ):
        if lacking := uncited(path.read_text("utf-8"), TWO_BEFORE_YEAR, known):
            wrong[path.name] = lacking
    # the last column of the tables of methods
    methods = (ROOT / "docs" / "methods.md").read_text("utf-8")
    sources = " ; ".join(
        line.rsplit("|", 2)[1] for line in methods.splitlines() if line.endswith("|")
    )
    if lacking := uncited(sources, BEFORE_YEAR, known):
        wrong["methods.md"] = lacking
    assert wrong == {}


def start_here() -> str:
    text = (ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8")
    return "\n".join("".join(c["source"]) for c in json.loads(text)["cells"])


def test_a_city_is_brought_by_the_command_first_wherever_it_is_said_how():
    begins = {
        "notebooks/00_start_here.ipynb": start_here().partition("## How to bring a city")[2],
        "docs/data.md": (ROOT / "docs" / "data.md").read_text(encoding="utf-8"),
        "cities/README.md": (ROOT / "cities" / "README.md").read_text(encoding="utf-8"),
        "README.md": (ROOT / "README.md").read_text(encoding="utf-8").partition("Your own city")[2],
    }
    for name, text in begins.items():
        command, by_hand = text.find("new-city"), text.find("city.yml")
        assert 0 <= command < by_hand, name


def test_every_word_that_a_figure_may_carry_is_explained():
    """The words come from the code: what `City.status` answers, and what a card may state."""
    from helpers.cities import City
    from helpers.cities.layer_spec import LayerSpec

    stated = typing.get_args(typing.get_type_hints(LayerSpec)["status"])
    known = set(re.findall(r'"([A-Za-z-]+)"', inspect.getsource(City.status))) & {
        *re.findall(r"``([A-Za-z-]+)``", City.status.__doc__)
    }
    words = {*stated, *known} - {""}
    assert {"derived", "approximate", "stand-in", "SYNTHETIC"} <= words
    assert [word for word in words if f"*{word}*:" not in start_here()] == []
