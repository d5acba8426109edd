"""Every section carries a city that it has never seen, or says in a sentence why it cannot.

All cities and sections go through one run of the command line. Choose some of them with ``-k``::

    pytest tests/own_cities/test_own_cities.py -k "hostile and 31"

runs the sections that the chosen tests name, and those that they build on, and nothing else.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.compendium import ROOT, list_sections, read_section, verbatim
from shown import glued, nonsense, texts, words_of

_spec = importlib.util.spec_from_file_location("towns", Path(__file__).with_name("towns.py"))
towns = importlib.util.module_from_spec(_spec)
sys.modules["towns"] = towns
_spec.loader.exec_module(towns)

SECTIONS = [name for name in list_sections() if read_section(name).scope == "city"]

# What these cities do not have, so that "not run" is the right answer. Nothing else may be left out.
LACKING = {
    ("one_month", "14"): "stations|month",
    ("one_month_stations", "14"): "month",
    ("no_fields", "14"): "one time for all events, which city.yml states",
    ("no_fields", "21"): "field",
    ("no_fields", "22"): "field",
    ("no_fields", "23"): "field",
    ("flat", "31"): "no criteria in which the zones differ; a ranking weighs",
    ("flat", "32"): "no criteria in which the zones differ; a ranking weighs",
    ("one_criterion", "31"): "one criterion in which the zones differ",
    ("one_criterion", "32"): "one criterion in which the zones differ",
    ("two_rated", "31"): "two zones with criteria",
    ("two_rated", "32"): "two zones with criteria",
}


@pytest.fixture(scope="module")
def ran(request, tmp_path_factory) -> dict[tuple[str, str], str]:
    """Outcome of each section for each city: ``done``, ``failed``, or why it has not run."""
    pairs = {
        (item.callspec.params["town"], item.callspec.params["section"])
        for item in request.session.items
        if item.path == request.path and "ran" in item.fixturenames
    }
    folder = tmp_path_factory.mktemp("own")
    output = Path(os.environ.get("OWN_CITIES_OUTPUT") or folder / "output")
    found = {"output": output, "said": "", "exits": []}
    together: dict[frozenset[str], list[str]] = {}
    for name in (*towns.NAMES, *towns.ODD_NAMES):
        if sections := frozenset(section for town, section in pairs if town == name):
            together.setdefault(sections, []).append(name)
    for sections, names in together.items():
        run_sections(names, set(sections), folder, found)
    return found


def run_sections(names: list[str], sections: set[str], folder: Path, found: dict) -> None:
    """Run sections, with those that they need, for some cities, and note how each ended."""
    for section in SECTIONS[::-1]:
        sections |= set(read_section(section).after) if section in sections else set()
    words = ["run", "--quick"]
    for name in names:
        words += ["--city", str(towns.make(name, folder))]
    for section in sections:
        words += ["--section", section]
    changes = {
        "PYTHONPATH": str(ROOT / "src"),
        "POLICE_PLANNING_OUTPUT": str(found["output"]),
        "COLUMNS": "400",
    }
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cli", *words],
        cwd=folder,
        env=os.environ | changes,
        capture_output=True,
        encoding="utf-8",
        timeout=1500,
        check=False,
    )
    line = re.compile(r"^([✓=✗–]) +(\S+) +(\d\d_\w+) +(?:[\d.]+ s +)?(.+)$")
    states = {}
    for text in done.stdout.splitlines():
        if match := line.match(text):
            states[match[2], match[3]] = f"not run: {match[4]}" if match[1] == "–" else match[4]
    found |= states
    found["said"] += done.stdout + done.stderr
    # the command line fails where a section does, and nowhere else
    found["exits"].append((done.returncode, int("failed" in states.values())))


def city_name(town: str) -> str:
    return towns.FOLDERS.get(town, town)


def seen_texts(output: Path, city: str, section: str) -> dict[str, list[str]]:
    return texts(output / "data" / "processed" / city / "notebooks" / f"{section}.ipynb")


# Cities at the edges of the methods of 31 and 32; the methods of the others have tests of their own.
ODD = (
    "few",
    "ties",
    "constant",
    "missing_criteria",
    "far_units",
    "flat",
    "one_criterion",
    "two_rated",
)
# Cities that differ from the others in one thing run the sections that it touches; the environment
# variable OWN_CITIES=all runs all of them.
PATROLS, DISTRICTS = ("1",), ("2", "3")
TOUCHED = {
    "one_month": PATROLS,
    "one_month_stations": PATROLS,
    "integer_codes": DISTRICTS,
    "no_policy": ("15", "16"),
}
ALL = os.environ.get("OWN_CITIES") == "all"
PAIRS = [
    (town, section)
    for town in towns.NAMES
    for section in SECTIONS
    if ALL or section.startswith(TOUCHED.get(town, ("",)))
]
PAIRS += [(t, s) for t in ODD for s in SECTIONS if s[0] == "3"]
RUN = [(t, s) for t, s in PAIRS if (t, s[:2]) not in LACKING]


def over(pairs: list[tuple[str, str]]) -> pytest.MarkDecorator:
    """A test for each pair of a city and a section."""
    ids = [f"{town}-{section}" for town, section in pairs]
    return pytest.mark.parametrize(("town", "section"), pairs, ids=ids)


@over(PAIRS)
def test_a_section_is_done_or_says_what_the_city_lacks(ran, town, section):
    outcome = ran[city_name(town), section]
    wanted = LACKING.get((town, section[:2]))
    if wanted is None:
        assert outcome in ("done", "up to date"), ran["said"]
    else:
        assert outcome.startswith("not run")
        assert re.search(wanted, outcome)
    for code, expected in ran["exits"]:
        assert code == expected, ran["said"]


@over(RUN)
def test_what_a_section_shows_makes_sense(ran, town, section):
    seen = seen_texts(ran["output"], city_name(town), section)
    pages = [*seen["markdown"], *map(words_of, seen["html"]), *seen["plain"]]
    if town == "hostile":  # names that look like nonsense, and are the city's own
        pages = [re.sub(r"\{\\?\w+\\?\}|\{x\\\}|(?:long )+long", "", page) for page in pages]
    for page in pages:
        assert not nonsense(page)
    for page in [] if town == "hostile" else seen["markdown"]:
        assert not glued(page)
    assert not seen["stderr"]


@over(RUN)
def test_every_figure_and_table_that_is_named_exists(ran, town, section):
    processed = ran["output"] / "data" / "processed" / city_name(town)
    index = json.loads((processed / f"{section}_outputs.json").read_text(encoding="utf-8"))
    assert index["outputs"]
    for made in index["outputs"]:
        assert (ran["output"] / made["file"]).stat().st_size
        assert "nan" not in made["caption"].split(), made
        assert "None" not in made["caption"].split(), made


@over([pair for pair in RUN if pair[0] == "hostile"])
def test_hostile_names_are_shown_as_they_stand(ran, town, section):
    city = towns.TOWNS[town]
    names = [*city.kinds, *city.stations, *map(city.names, range(1, 17)), city.title, city.policy]
    names += [stated["label"] for stated in [*city.fields.values(), *city.criteria.values()]]
    seen = seen_texts(ran["output"], town, section)
    for page in seen["markdown"]:
        for name in names:
            assert verbatim(name) == name or name not in page, (name, page)
    for page in seen["html"]:
        assert not re.search(r"<b>(?:fraud|Bold|need|\"Town)|<script>alert|<i>(?:West|No_)", page)
    if section.startswith("31"):
        shown = " ".join(words_of(page) for page in seen["html"])
        for label in (stated["label"] for stated in city.criteria.values()):
            assert " ".join(label.split()) in " ".join(shown.split())
