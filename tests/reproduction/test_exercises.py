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


def runnable() -> list:
    """The first stated exercise of each notebook; EXERCISES=all in the environment gives all."""
    most = None if os.environ.get("EXERCISES") == "all" else 1
    found = []
    for path in NOTEBOOKS:
        stated = last_cell(path).metadata.get("compendium", {}).get("exercises", {})
        found += [
            pytest.param(path, number, id=f"{path.stem[:2]}.{number}")
            for number in list(stated)[:most]
        ]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_exercise_has_a_folded_hint_and_a_folded_answer(path):
    for number, text in exercises(last_cell(path).source).items():
        folded = re.findall(r"<details><summary>(\w+)</summary>(.*?)</details>", text, re.DOTALL)
        assert [name for name, _ in folded] == ["Hint", "Answer"], number
        assert all(len(inside.split()) > 5 for _, inside in folded), number
        # it says what to change: a parameter, a function, a cell or a file by its name
        assert "`" in text.split("<details>")[0], number


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
    numbers = json.loads(path_of.read_text(encoding="utf-8"))["numbers"]
    text = answer(exercises(cell.source)[number]).replace("\xa0", " ")
    for key, form in stated["answer"].items():
        value = numbers[key]["value"]
        shown = form.format(*value) if isinstance(value, list) else form.format(value)
        assert shown.replace("\xa0", " ") in text, (key, shown)
