"""Sections: their cards, their parameters, and what their code stands on."""

from __future__ import annotations

import json

import pytest

from helpers.compendium import card as sections
from helpers.compendium import fingerprints
from helpers.compendium.card import Parameter, ParameterError, SectionCard, check_parameters
from helpers.compendium.parameter_types import ParameterType


def card(**parameters) -> SectionCard:
    declared = {name: Parameter(name, value) for name, value in parameters.items()}
    return SectionCard("15_x", "X", "paper", (("events",), ("a", "b")), (), "city", declared, None)


def write_notebook(folder, name: str, cells: list[tuple[str, list[str]]]) -> None:
    made = [
        {"cell_type": "code", "metadata": {"tags": tags}, "source": source, "outputs": []}
        for source, tags in cells
    ]
    content = {"cells": made, "metadata": {"compendium": {"title": "T", "needs": ["events|zones"]}}}
    (folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    monkeypatch.setattr(sections, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(fingerprints, "NOTEBOOKS", tmp_path)
    return tmp_path


def test_parameters_keep_their_type():
    given = {"count": 3, "size": 2, "words": "one", "city": 12, "any": [1, 2]}
    checked = check_parameters(
        card(count=1, size=1.5, words=["a"], city="leeds", any="auto"), given
    )
    assert checked == {"count": 3, "size": 2.0, "words": ["one"], "city": "12", "any": [1, 2]}
    assert isinstance(checked["size"], float)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ctiy", "leeds", "did you mean 'city'"),
        ("patrols", "eight", "takes a whole number such as 4, not 'eight'"),
        ("patrols", 1.5, "takes a whole number"),
        ("patrols", True, "takes a whole number"),
        ("quick", 1, "takes True or False"),
        ("quick", "yes", "takes True or False"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_mend(name, value, sentence):
    with pytest.raises(ParameterError, match=sentence):
        check_parameters(card(city="leeds", patrols=4, quick=False), {name: value})


TYPED = {
    "fields": "list of str", "zoom": "list of 4 float", "areas": "int", "side": "float",
    "names": "dict of str", "swings": "dict of float",
}  # fmt: skip


def typed_card() -> SectionCard:
    declared = {
        name: Parameter(name, "auto", "", ParameterType.read(kind)) for name, kind in TYPED.items()
    }
    return SectionCard("15_x", "X", "paper", (), (), "city", declared, None)


@pytest.mark.parametrize(
    ("name", "value", "brought"),
    [
        ("fields", "population", ["population"]),
        ("fields", ["a", "b"], ["a", "b"]),
        ("fields", "auto", "auto"),
        ("zoom", [1, 2, 3.5, 4], [1.0, 2.0, 3.5, 4.0]),
        ("areas", 12, 12),
        ("side", 250, 250.0),
        ("names", {"a": "b"}, {"a": "b"}),
        ("swings", {"a": 1}, {"a": 1.0}),
    ],
)
def test_automatic_parameters_are_brought_to_the_type_of_the_card(name, value, brought):
    checked = check_parameters(typed_card(), {name: value})[name]
    assert checked == brought
    assert repr(checked) == repr(brought)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("zoom", 1, "parameter 'zoom' of section 15_x takes a list of 4 numbers or 'auto', not 1."),
        ("zoom", [1, 2, 3], "takes a list of 4 numbers or 'auto', not [1, 2, 3]."),
        ("zoom", [1, 2, 3, "x"], "takes a list of 4 numbers or 'auto', not [1, 2, 3, 'x']."),
        (
            "zoom",
            [1, 2, 3, float("inf")],
            "takes a list of 4 numbers or 'auto', not [1, 2, 3, inf].",
        ),
        ("fields", 261, "takes a list of texts or 'auto', not 261; put each text between quotes."),
        ("fields", {"a": 1}, "takes a list of texts or 'auto', not {'a': 1}."),
        ("areas", "many", "takes a whole number or 'auto', not 'many'."),
        ("areas", True, "takes a whole number or 'auto', not True."),
        ("areas", "atuo", "takes a whole number or 'auto', not 'atuo'; did you mean 'auto'?"),
        ("side", float("nan"), "takes a number or 'auto', not nan."),
        ("names", "a", "takes keys with texts or 'auto', not 'a'."),
        ("swings", {"a": "b"}, "takes keys with numbers or 'auto', not {'a': 'b'}."),
    ],
)
def test_a_wrong_automatic_parameter_is_named_with_its_mend(name, value, sentence):
    with pytest.raises(ParameterError) as caught:
        check_parameters(typed_card(), {name: value})
    assert str(caught.value).endswith(sentence)


@pytest.mark.parametrize(
    ("default", "value", "sentence"),
    [
        ([2, 4], "a", "takes a list of whole numbers such as [2, 4], not 'a'."),
        ([2, 4], [2.5], "takes a list of whole numbers such as [2, 4], not [2.5]."),
        ([2, 4.5], ["a"], "takes a list of numbers such as [2, 4.5], not ['a']."),
        (1.5, float("inf"), "takes a number such as 1.5, not inf."),
    ],
)
def test_items_of_a_list_are_checked_against_the_default(default, value, sentence):
    with pytest.raises(ParameterError) as caught:
        check_parameters(card(many=default), {"many": value})
    assert str(caught.value).endswith(sentence)


def test_every_automatic_parameter_states_its_type():
    """A comment tells the type to people only."""
    for name in sections.list_sections():
        for parameter in sections.read_section(name).parameters.values():
            assert parameter.default != sections.AUTO or parameter.type, (name, parameter.name)


@pytest.mark.parametrize("types", [{"y": "str"}, {"x": "text"}, {"x": "list of 0 str"}])
def test_a_card_that_states_no_type_is_refused(types, notebooks):
    write_notebook(notebooks, "15_x", [('x = "auto"  # auto: what it is', ["parameters"])])
    content = json.loads((notebooks / "15_x.ipynb").read_text())
    content["metadata"]["compendium"]["types"] = types
    (notebooks / "15_x.ipynb").write_text(json.dumps(content))
    with pytest.raises(ParameterError, match=r"no parameter|is no type of a parameter"):
        sections.read_section("15_x")


def test_alternatives_of_layers():
    assert card().missing({"events", "b"}) == []
    assert card().missing({"b"}) == ["events"]
    assert card().missing({"events"}) == ["a or b"]


def test_card_is_read_from_the_notebook(notebooks):
    cell = 'city = "leeds"\nbands = [1.0, 2.5]  # km\nnear = "auto"  # auto: the nearest\n'
    write_notebook(notebooks, "15_x", [(cell, ["parameters"])])
    read = sections.read_section("15")
    assert read.name == "15_x"
    assert read.needs == (("events", "zones"),)
    assert read.parameters["bands"] == Parameter("bands", [1.0, 2.5], "km")
    assert read.parameters["near"].comment == "auto: the nearest"


def test_unknown_section_suggests_a_near_one(notebooks):
    write_notebook(notebooks, "15_allocation", [("x = 1", ["parameters"])])
    with pytest.raises(ParameterError, match="did you mean '15_allocation'"):
        sections.read_section("15_alocation")


@pytest.mark.parametrize("source", ["x = 1 + y", "import os", "x, y = 1, 2", "x = f()"])
def test_parameters_cell_holds_plain_literals_only(notebooks, source):
    write_notebook(notebooks, "15_x", [(source, ["parameters"])])
    with pytest.raises(ParameterError):
        sections.read_section("15_x")


def test_code_is_followed_through_imports(tmp_path, monkeypatch):
    package = tmp_path / "helpers"
    for folder in ("alpha", "beta"):
        (package / folder).mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "alpha" / "__init__.py").write_text("from ._inner import f\n")
    (package / "alpha" / "_inner.py").write_text(
        "def f():\n    from helpers.beta import g\n    return g\n"
    )
    (package / "alpha" / "style.txt").write_text("a style")
    (package / "beta" / "__init__.py").write_text("from helpers.beta.deep import g\n")
    (package / "beta" / "deep.py").write_text("g = 1\n")
    (package / "beta" / "__pycache__").mkdir()
    (package / "beta" / "__pycache__" / "deep.g-1.py311.nbi").write_text("compiled")
    (package / "beta" / "unused.py").write_text("raise SystemExit\n")
    for folder in ("alpha/theme", "gamma/assets"):
        (package / folder).mkdir(parents=True)
    (package / "gamma" / "__init__.py").write_text("")
    (package / "alpha" / "theme" / "page.css").write_text("a colour")
    (package / "gamma" / "assets" / "page.js").write_text("a script that nothing here imports")
    monkeypatch.setattr(fingerprints, "HELPERS", package)
    files = fingerprints.imported_files("from helpers import alpha")
    names = {path.relative_to(package).as_posix() for path in files}
    assert names == {
        "__init__.py", "alpha/__init__.py", "alpha/_inner.py", "alpha/style.txt", "alpha/theme/page.css",
        "beta/__init__.py", "beta/deep.py",
    }  # fmt: skip
    before = fingerprints.files_hash(files)
    (package / "beta" / "deep.py").write_text("g = 2\n")
    assert fingerprints.files_hash(files) != before
    (package / "beta" / "unused.py").write_text("g = 3\n")
    assert fingerprints.imported_files("from helpers import alpha") == files


def test_code_hash_sees_text_but_not_outputs(notebooks):
    write_notebook(notebooks, "15_x", [("x = 1", ["parameters"]), ("y = 2", [])])
    before = fingerprints.code_hash("15_x")
    content = json.loads((notebooks / "15_x.ipynb").read_text())
    content["cells"][1]["outputs"] = [{"text": "2"}]
    (notebooks / "15_x.ipynb").write_text(json.dumps(content))
    assert fingerprints.code_hash("15_x") == before
    write_notebook(notebooks, "15_x", [("x = 1", ["parameters"]), ("y = 3", [])])
    assert fingerprints.code_hash("15_x") != before


def test_the_kernel_of_a_run_states_the_code_that_the_run_began_with(notebooks, monkeypatch):
    write_notebook(notebooks, "15_x", [("x = 1", ["parameters"])])
    monkeypatch.setenv(fingerprints.CODE_VARIABLE, f"15_x {'a' * 64}")
    assert fingerprints.code_hash_of_run("15_x") == "a" * 64
    # it says nothing of another section, and nothing where no run began it
    monkeypatch.setenv(fingerprints.CODE_VARIABLE, f"16_x {'a' * 64}")
    assert fingerprints.code_hash_of_run("15_x") == fingerprints.code_hash("15_x")
    monkeypatch.delenv(fingerprints.CODE_VARIABLE)
    assert fingerprints.code_hash_of_run("15_x") == fingerprints.code_hash("15_x")
