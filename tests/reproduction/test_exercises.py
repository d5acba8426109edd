"""Each exercise has a hint and an answer, and the numbers in its answer are what comes out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.compendium import BEFORE_VARIABLE, OUTPUT_VARIABLE, read_section
from helpers.compendium.store import outputs_index

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("[1-9]*.ipynb"))


def last_cell(path: Path):
    return nbformat.read(path, as_version=4).cells[-1]


def exercises(source: str) -> dict[str, str]:
    """Text of each numbered exercise."""
    parts = re.split(r"^(\d)\. ", source, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def answer(text: str) -> str:
    return re.search(r"<summary>Answer</summary>(.*?)</details>", text, re.DOTALL)[1]


def stated_in(path: Path) -> dict[str, dict]:
    """What the notebook states of its exercises: a second run of one has a letter behind its number."""
    return last_cell(path).metadata.get("compendium", {}).get("exercises", {})


def runnable() -> list:
    """The first stated exercise of each notebook that is not long; EXERCISES=all gives all."""
    every = os.environ.get("EXERCISES") == "all"
    found = []
    for path in NOTEBOOKS:
        numbers = [n for n, about in stated_in(path).items() if every or not about.get("long")]
        found += [
            pytest.param(path, number, id=f"{path.stem[:2]}.{number}")
            for number in numbers[: None if every else 1]
        ]
    return found


def with_default() -> list:
    """Exercises whose answers state numbers of the default run."""
    return [
        pytest.param(path, number, id=f"{path.stem[:2]}.{number}")
        for path in NOTEBOOKS
        for number, about in stated_in(path).items()
        if "default" in about
    ]


def untold(text: str, forms: dict[str, str], path: Path) -> list[str]:
    """Numbers that a section saved and that an answer does not have."""
    numbers = json.loads(path.read_text(encoding="utf-8"))["numbers"]
    plain = " ".join(text.replace("\xa0", " ").split())
    lacking = []
    for key, form in forms.items():
        value = numbers[key]["value"]
        shown = form.format(*value) if isinstance(value, list) else form.format(value)
        shown = shown.replace("\xa0", " ").replace("%", " %")
        if shown not in plain:
            lacking.append(f"{key}: {shown}")
    return lacking


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_exercise_has_a_folded_hint_and_a_folded_answer(path):
    for number, text in exercises(last_cell(path).source).items():
        folded = re.findall(r"<details><summary>(\w+)</summary>(.*?)</details>", text, re.DOTALL)
        assert [name for name, _ in folded] == ["Hint", "Answer"], number
        assert all(len(inside.split()) > 5 for _, inside in folded), number
        # it says what to change or to look at: a parameter, a function or a cell by its words, a title
        assert re.search(r"`[^`]+`|\*[^*]+\*", text.split("<details>")[0]), number


def test_most_notebooks_have_an_exercise_that_is_run():
    assert len({param.values[0] for param in runnable()}) >= 8


@pytest.mark.parametrize(("path", "number"), runnable())
def test_the_answer_has_the_numbers_that_come_out(path, number, reproduced, tmp_path, monkeypatch):
    cell = last_cell(path)
    stated = cell.metadata["compendium"]["exercises"][number]
    card = read_section(path.stem)
    assert set(stated["parameters"]) <= set(card.parameters)
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    said = subprocess.run(
        [sys.executable, "-m", "papermill", str(path), str(tmp_path / "out.ipynb"),
         "-y", json.dumps(stated["parameters"])],
        env={**os.environ, BEFORE_VARIABLE: str(reproduced)},
        capture_output=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    city = card.parameters["city"].default
    path_of = outputs_index(city, path.stem).with_name(f"{path.stem}_numbers.json")
    assert untold(answer(exercises(cell.source)[number[0]]), stated["answer"], path_of) == []


@pytest.mark.parametrize(("path", "number"), with_default())
def test_the_answer_has_the_numbers_of_the_default_run(path, number, reproduced):
    city = read_section(path.stem).parameters["city"].default
    saved = reproduced / "data" / "processed" / city / f"{path.stem}_numbers.json"
    text = answer(exercises(last_cell(path).source)[number[0]])
    assert untold(text, stated_in(path)[number]["default"], saved) == []
