"""A city's name and place change nothing: a copy of a bundled city gives what the city gives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pyogrio
import pytest

from helpers.compendium import RAW, ROOT

COPIES = {"recife": "an_other_town", "columbus": "été-copy"}
SECTIONS = {
    "recife": ["31_priority_ranking", "32_priority_robustness"],
    "columbus": ["21_district_hot_spots", "22_district_models"],
}


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """Output of one run: both cities, and a copy of each under another name and path."""
    folder = tmp_path_factory.mktemp("copies")
    words = ["run", "--quick"]
    for city, name in COPIES.items():
        shutil.copytree(RAW / city, folder / name)
        words += ["--city", city, "--city", str(folder / name)]
    for sections in SECTIONS.values():
        words += [word for section in sections for word in ("--section", section)]
    output = folder / "output"
    changes = {"PYTHONPATH": str(ROOT / "src"), "POLICE_PLANNING_OUTPUT": str(output)}
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cli", *words],
        cwd=folder,
        env=os.environ | changes,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return output


def outputs(output, city: str, section: str) -> dict[str, dict]:
    """What a section left for a city, by name."""
    index = output / "data" / "processed" / city / f"{section}_outputs.json"
    listed = json.loads(index.read_text(encoding="utf-8"))["outputs"]
    return {made["name"]: made for made in listed}


def plain(path) -> object:
    """Content of a file without what tells where it comes from."""
    if path.suffix == ".png":
        from matplotlib.image import imread

        return imread(path)
    if path.suffix in (".json", ".geojson"):
        content = json.loads(path.read_text(encoding="utf-8"))
        return {k: v for k, v in content.items() if k not in ("provenance", "about")}
    if path.suffix == ".gpkg":
        names = [name for name, _ in pyogrio.list_layers(path) if name != "about"]
        return {name: pyogrio.read_dataframe(path, layer=name).to_csv() for name in names}
    return path.read_bytes()


@pytest.mark.parametrize(
    ("city", "section"), [(city, section) for city in SECTIONS for section in SECTIONS[city]]
)
def test_a_copy_gives_the_same_tables_numbers_plans_and_figures(output, city, section):
    for name in (city, COPIES[city]):
        executed = output / "data" / "processed" / name / "notebooks" / f"{section}.ipynb"
        assert executed.is_file(), f"section {section} has failed for {name}"
    ours, theirs = outputs(output, city, section), outputs(output, COPIES[city], section)
    assert list(ours) == list(theirs)
    assert {made["kind"] for made in ours.values()} >= {"figure", "table", "numbers"}
    for name, made in ours.items():
        other = theirs[name]
        for key in ("kind", "title", "caption", "status"):
            assert made[key] == other[key], name
        first, second = plain(output / made["file"]), plain(output / other["file"])
        same = np.array_equal(first, second) if made["kind"] == "figure" else first == second
        assert same, name
