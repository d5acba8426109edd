"""Alternative texts of figures: their caption, and what the notebook states next."""

from __future__ import annotations

import base64
import re

from helpers.report import build
from helpers.report.statements import plain, said_of


def said(text: str) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text}}


IMAGE = {"data": {"image/png": ""}}


def test_a_statement_is_the_next_text_with_a_number_before_another_figure():
    def cells(*outputs: list) -> list:
        return [{"cell_type": "code", "outputs": list(each)} for each in outputs]

    told = said("* **Crimes**: 100 hot spots.")
    assert said_of(cells([IMAGE], [told]), 0, 0) == "Crimes: 100 hot spots."
    assert said_of(cells([IMAGE, IMAGE, told]), 0, 0) == ""
    assert said_of(cells([told, IMAGE], [said("No number.")], [told]), 0, 1) != ""
    assert said_of(cells([IMAGE], [], [], [told]), 0, 0) == ""
    assert said_of(cells([IMAGE], [said("**The 7 zones.** A caption.")]), 0, 0) == ""
    # plain words state something though they begin in bold
    words = said("**In plain words (events simulated).** 74\xa0% keep their class.")
    found = said_of(cells([IMAGE], [words]), 0, 0)
    assert found == "In plain words (events simulated). 74 % keep their class."
    # what stands under another heading is about something else
    heading = {"cell_type": "markdown", "source": ["Words.\n", "## Costs"]}
    assert said_of([*cells([IMAGE]), heading, *cells([told])], 0, 0) == ""


def test_where_nothing_is_stated_the_reader_is_told_what_is_to_be_seen():
    under = said("**Plans.** Posts.\n\n*See:* how *few* hold it. " + "It goes on. " * 40)
    seen = said_of([{"outputs": [IMAGE, under]}], 0, 0)
    assert seen.startswith("To see: how few hold it. It goes on.") and len(seen) < 275
    found = [{"outputs": [IMAGE, under]}, {"outputs": [said("Of 9 posts 3 moved.")]}]
    assert said_of(found, 0, 0) == "Of 9 posts 3 moved."
    assert said_of([{"outputs": [IMAGE, said("**Plans.** Posts.")]}], 0, 0) == ""
    assert said_of([{"outputs": [IMAGE]}], 0, 0) == ""


def test_a_long_statement_ends_with_a_sentence():
    cells = [{"outputs": [IMAGE, said("It is 7. " + "It goes on and on. " * 30)]}]
    short = said_of(cells, 0, 0)
    assert short.startswith("It is 7. It goes on") and short.endswith("on.") and len(short) <= 260


def test_marks_of_a_text_are_no_words():
    assert plain(r"**9** of `x` in $I$; Gi\* \[a\] 2\*3") == "9 of x in I; Gi* [a] 2*3"


def test_the_text_stands_wherever_the_figure_is_shown(results):
    results.section("12_patrol_exploration", "Exploration")
    results.city("leeds", "Leeds")
    drawn = results.png(30, 20, 9)
    shown = {"output_type": "display_data", "metadata": {},
             "data": {"image/png": base64.b64encode(drawn).decode()}}  # fmt: skip
    cell = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "source": "x",
            "outputs": [shown, said("9 patrols <do>.")]}  # fmt: skip
    results.run("leeds", "12_patrol_exploration", cells=[results.text("# E", "h"), cell])
    results.outputs("leeds", "12_patrol_exploration", "E", [("curve", drawn, "A curve.")])
    report = build(results.root).parent
    for page in ("figures.html", "notebooks/leeds/12_patrol_exploration.html", "index.html"):
        alts = re.findall(r'<img [^>]*alt="([^"]*)"', (report / page).read_text("utf-8"))
        assert alts == ["A curve. 9 patrols &lt;do&gt;."], page
