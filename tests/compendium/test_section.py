"""Results: what is saved, what travels with it, and that it is whole or not there."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers import plots
from helpers.compendium import (
    OUTPUT_VARIABLE,
    ParameterError,
    Section,
    find_city,
    open_section,
    plain,
    read_section,
    sweep_temporary,
    words,
)
from helpers.compendium import section as results
from helpers.compendium.card import SectionCard
from helpers.compendium.files import atomic_write
from helpers.compendium.store import Shelf, read_content


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def section(outputs) -> Section:
    card = SectionCard("15_x", "X", "none", (), (), "city", {}, outputs / "15_x.ipynb")
    shelf = Shelf("leeds", "15_x", "X", {"inputs": "ab", "code": "cd"})
    return Section(card, None, {"seed": 1, "near": "auto"}, "SYNTHETIC", shelf)


def index(outputs) -> dict:
    return json.loads((outputs / "data/processed/leeds/15_x_outputs.json").read_text("utf-8"))


def draw():
    figure, axes = plots.panels(width=2, height=1)
    axes[0, 0].plot([0, 1], [0, 1])
    return figure


def test_figures_are_the_same_bytes_each_time_and_carry_their_provenance(section, outputs):
    section.figure(draw(), "line", title="Été", caption="A line.", svg=True)
    path = outputs / "figures/leeds/15_x_line.png"
    first = path.read_bytes(), path.with_suffix(".svg").read_bytes()
    section.figure(draw(), "line", title="Été", caption="A line.", svg=True)
    assert (path.read_bytes(), path.with_suffix(".svg").read_bytes()) == first
    text = Image.open(path).text
    assert text["Title"] == "Été"
    assert json.loads(text["Comment"]) == {"inputs": "ab"}
    assert "Software" not in text
    entries = index(outputs)["outputs"]
    assert [entry["file"] for entry in entries] == [
        "figures/leeds/15_x_line.png", "figures/leeds/15_x_line.svg",
    ]  # fmt: skip
    assert entries[0]["status"] == "SYNTHETIC"


def test_what_a_figure_says_in_letters_is_listed_with_it(section, outputs):
    figure, axes = plots.panels(1, 2, width=4, height=2)
    axes[0, 0].set_title("a  2 posts:\nmean 4,084 m", loc="left")
    axes[0, 1].set(xlabel=r"income, US\$ of $n$", title="b")
    section.figure(figure, "pair", title="P", svg=True)
    drawn = "Panels: a 2 posts: mean 4,084 m. Axes: income, US$ of n."
    assert [entry.get("drawn", "") for entry in index(outputs)["outputs"]] == [drawn, ""]


def test_what_shows_nothing_of_the_city_has_none_of_its_status(section, outputs):
    section.figure(draw(), "line", title="L", of_city=False, svg=True)
    section.table(pd.DataFrame({"x": [1]}), "fixed", title="T", of_city=False)
    section.table(pd.DataFrame({"x": [1]}), "own", title="T")
    found = {entry["name"]: entry["status"] for entry in index(outputs)["outputs"]}
    assert found == {"line": "", "line (SVG)": "", "fixed": "", "own": "SYNTHETIC"}


@pytest.mark.parametrize(
    ("city", "number", "told"),
    [
        ("recife", "32", "5 of 6 criteria simulated"),
        ("san_miguel", "13", "events simulated"),
        ("recife_bairros", "31", ""),
        ("setubal", "22", ""),
    ],
)
def test_captions_say_what_is_simulated(outputs, city, number, told):
    card = read_section(number)
    section = Section(card, find_city(city), {}, "", Shelf(city, card.name, "X", {}))
    assert section.caveat == told
    block = "table_indicators" if number == "32" else next(
        name for name in words.block_names(card.name)
        if name.startswith("table_") and not words.block_facts(card.name, name)
    )  # fmt: skip
    ends = f"{told[:1].upper()}{told[1:]}."
    assert section._about(block, {}).caption.endswith(ends)
    assert section._about(block, {}).shown_caption.endswith(ends)
    assert "simulated" not in section._about(block, {}, of_city=False).caption


def test_a_figure_is_listed_with_the_status_at_its_foot(section, outputs):
    for status in ("derived, approximate", ""):
        signed, _ = plots.panels(width=2, height=1, source="Census", status=status)
        section.figure(signed, "line", title="L")
        assert index(outputs)["outputs"][0]["status"] == status


@pytest.mark.parametrize(("city", "judged"), [("setubal", True), ("leeds", False)])
def test_a_section_knows_whether_its_findings_are_compared_with_a_paper(outputs, city, judged):
    card = SectionCard("21_x", "X", "none", (), (), "city", {}, outputs / "21_x.ipynb")
    assert Section(card, None, {}, "", Shelf(city, "21_x", "X", {})).is_judged is judged


def test_tables_come_back_as_they_went(section, outputs):
    frame = pd.DataFrame({"name": ["Torrão", "a,b"], "x": [0.1, np.nan]})
    assert section.table(frame, "both", title="T") is frame
    path = outputs / "data/processed/leeds/15_x_both.csv"
    assert path.read_bytes() == 'name,x\nTorrão,0.1\n"a,b",\n'.encode()
    pd.testing.assert_frame_equal(pd.read_csv(path), frame)
    section.table(frame.set_index("name"), "all", title="T", file_format="parquet")
    again = pd.read_parquet(path.with_name("15_x_all.parquet"))
    pd.testing.assert_frame_equal(again, frame.set_index("name"))
    with pytest.raises(ValueError, match="csv or parquet"):
        section.table(frame, "both", title="T", file_format="xlsx")


def test_a_table_that_is_not_shown_names_the_file_that_has_it(section, outputs, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr("helpers.compendium.section._display_markdown", told.append)
    monkeypatch.setattr("helpers.compendium.section._display", lambda shown: None)
    monkeypatch.setattr(
        type(section),
        "_about",
        lambda *a, **k: SimpleNamespace(title="T", caption="", head="**T.**", reading=""),
    )
    frame = pd.DataFrame({"kind": list("abc")})
    section.table(frame, "hidden", rows=0, file_format="parquet")
    section.table(frame, "long", rows=2)
    section.table(frame, "whole")
    name = section.name
    assert f"it is the file `{name}_hidden.parquet`, of 3 rows." in told[0]
    assert f"The first 2 of 3 rows; the file `{name}_long.csv` has all." in told[2]
    assert "file" not in told[4]


def test_a_file_says_more_than_the_table_that_is_shown(section, outputs):
    frame = pd.DataFrame({"node": [4, 9]}, index=pd.Index([1, 2], name="patrol"))
    beside = {"x": np.array([0.5, 1.5]), "crs_of_x_y": "EPSG:27700", "demand": "=count"}
    assert section.table(frame, "plan", title="T", beside=beside) is frame
    path = outputs / "data/processed/leeds/15_x_plan.csv"
    wanted = frame.assign(**beside)
    pd.testing.assert_frame_equal(read_content(path), wanted, check_dtype=False)
    assert "'=count" in path.read_text(encoding="utf-8")


def test_documents_come_back_as_they_went(section, outputs):
    path = section.document({"radii": np.array([0.1, 1 / 3])}, "proof", title="P", caption="C.")
    assert path == outputs / "data/processed/leeds/15_x_proof.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"radii": [0.1, 1 / 3]}
    entry = index(outputs)["outputs"][0]
    assert (entry["kind"], entry["title"], entry["status"]) == ("document", "P", "SYNTHETIC")


def test_numbers_gather_in_one_file(section, outputs):
    section.number("share", np.float64(0.25), unit="fraction")
    section.number("undefined", float("nan"))
    saved = json.loads((outputs / "data/processed/leeds/15_x_numbers.json").read_text())
    assert saved["numbers"]["share"] == {"value": 0.25, "unit": "fraction", "note": ""}
    assert saved["numbers"]["undefined"]["value"] is None
    assert [entry["kind"] for entry in index(outputs)["outputs"]] == ["numbers"]


def test_plain_values():
    value = {"a": np.array([1, 2]), 3: (np.int64(4), float("inf")), "c": pd.Series([True])}
    assert plain(value) == {"a": [1, 2], "3": [4, None], "c": [True]}


def test_a_setting_is_the_citys_or_the_rules(section):
    assert section.setting("near", otherwise=7) == 7
    assert section.setting("seed", otherwise=7) == 1


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_a_killed_write_are_swept(tmp_path):
    (tmp_path / "leeds").mkdir()
    left = tmp_path / "leeds" / ".15_x_line.abcd.tmp.png"
    left.touch()
    kept = tmp_path / "leeds" / "15_x_line.png"
    kept.touch()
    sweep_temporary(tmp_path)
    assert not left.exists()
    assert kept.exists()


def test_a_notebook_opened_with_a_misspelt_parameter_is_refused(outputs):
    cells = ["", "city = 'setubal'", "# Parameters\ndefinitoin = 'knn'\n"]
    given = {"city": "setubal", "seed": 1, "definitoin": "knn", "_dh": ["x"], "In": cells}
    with pytest.raises(ParameterError, match=r"no parameter .definitoin.; did you mean"):
        open_section("21_district_hot_spots", given)


def test_a_notebook_knows_its_city_and_its_provenance(outputs):
    opened = open_section("21_district_hot_spots", {"city": "setubal", "helper": np})
    assert opened.city == "setubal"
    assert "schematic" in opened.status
    assert set(opened.provenance) == {
        "section", "city", "parameters", "code", "inputs", "lock", "git_commit",
    }  # fmt: skip
    assert "city" not in opened.provenance["parameters"]


def test_without_git_the_commit_is_empty(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert results.git_commit() == ""


def test_a_p_value_that_is_too_small_a_number_is_none_the_less_none(section, outputs):
    frame = pd.DataFrame({"p_one_rate": [0.0, 0.25], "share": [0.0, 0.5]})
    section.table(frame, "rhythms", title="T")
    path = outputs / "data/processed/leeds/15_x_rhythms.csv"
    assert pd.read_csv(path).to_numpy().tolist() == [[1e-300, 0.0], [0.25, 0.5]]
    # a name of the data means what is said of it
    section.table(frame, "own", title="T", headings={"p_one_rate": "Rate"})
    assert pd.read_csv(path.with_name("15_x_own.csv"))["p_one_rate"].tolist() == [0, 0.25]


def test_rounding_makes_no_p_value_nought():
    frame = pd.DataFrame({"p": [1.23456e-9, 0.51234], "deviance": [1.234567, 2.0]})
    found = results.rounded(frame, 5)
    assert found["p"].tolist() == [1.235e-9, 0.5123]
    assert found["deviance"].tolist() == [1.23457, 2.0]


def test_a_table_is_rounded_once_from_every_digit(section, outputs, monkeypatch):
    """0.04148 is 4.1 %; rounded to 0.0415 for the file first, it would be 4.2 %."""
    seen = []
    monkeypatch.setattr(results, "_display", seen.append)
    said = words.About("T", "", "T", "", "")
    monkeypatch.setattr(Section, "_about", lambda self, block, facts, of_city=True: said)
    frame = pd.DataFrame({"share": [0.041481, 0.04162], "gap": [3e-16, 0.5]})
    section.table(frame, "plan", decimals=4)
    kept = pd.read_csv(outputs / "data/processed/leeds/15_x_plan.csv")
    assert kept.to_numpy().tolist() == [[0.0415, 0], [0.0416, 0.5]]
    shown = next(each for each in seen if hasattr(each, "to_html")).to_html()
    assert "4.1\xa0%" in shown and "4.2\xa0%" in shown
    # what the file has as 0 is shown as 0, not as noise
    assert "e-16" not in shown
    section.table(frame, "plan", decimals={"gap": 9})
    kept = pd.read_csv(outputs / "data/processed/leeds/15_x_plan.csv")
    assert kept["share"].tolist() == [0.041481, 0.04162] and kept["gap"].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("made", "needs", "told"),
    [
        ({"criteria": ["a", "b"]}, (("criteria",),), "all criteria simulated"),
        ({"criteria": ["b"]}, (("criteria",),), "1 of 2 criteria simulated"),
        ({"events": []}, (("events",), ("boundary",)), "events simulated"),
        ({"events": [], "zones": [], "map_layers": []}, (("events", "map_layers"), ("zones",)),
         "events, map layers and zones simulated"),
        # a layer that is simulated and that the section does not need
        ({"zones": []}, (("events",),), ""),
    ],
)  # fmt: skip
def test_a_caveat_names_what_is_simulated_of_what_is_needed(outputs, made, needs, told):
    class Town:
        simulated_criteria = made.get("criteria", [])
        card = SimpleNamespace(layers=SimpleNamespace(criteria=SimpleNamespace(criteria="ab")))

        def has(self, layer):
            return True

        def status(self, layer):
            return "SYNTHETIC" if layer in made else "derived"

    card = SectionCard("15_x", "X", "none", needs, (), "city", {}, outputs / "15_x.ipynb")
    assert Section(card, Town(), {}, "", Shelf("leeds", "15_x", "X", {})).caveat == told
