"""Texts of a city's files reach the reader as they stand, in sentences and in tables."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest

from helpers.compendium import verbatim
from helpers.compendium.texts import styled_html
from helpers.report.markdown import render_markdown

NAMES = [
    "Quarter 7",
    "$ and $$ and $x_1$",
    "<b>Bold</b> & <script>alert(1)</script> &amp; &#36;",
    "\"quoted\" 'single'",
    "=1+1",
    "+ plus",
    "1. one",
    "- minus",
    "---",
    "> quote",
    "# heading",
    "_under_ __score__ d",
    "{brace} {0}",
    "100% %s",
    r"back\slash \frac{1}{2} \(x\) \[y\]",
    "*star* `tick` | pipe ~~gone~~",
    "[link](http://x.y/z) ![image](http://x.y/z.png) <http://a.b> www.a.b",
    "🚓 пост 警察",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sentence", ["{}", "Before {} after.", "{}, then {}."])
def test_a_name_in_markdown_is_shown_as_it_stands(name, sentence):
    page = render_markdown(sentence.replace("{}", verbatim(name)))
    assert re.fullmatch(r"<p>[^<>]*</p>\s*", page)
    assert unescape(page.strip()[3:-4]) == sentence.replace("{}", name)


def test_line_breaks_in_a_name_begin_no_paragraph():
    assert verbatim("one\n\n# two") == r"one \# two"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_styled_table_is_shown_as_it_stands(name):
    frame = pd.DataFrame({name: [name, "b"], "n": [1.25, None]}, index=pd.Index([name, "z"]))
    styled = frame.style.format("{:.1f}", subset="n", na_rep="–").set_caption(name)
    page = styled_html(styled)
    cells = [unescape(cell) for cell in re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", page)]
    assert cells.count(name) == 3  # as heading, as index and in its cell
    assert "1.2" in cells
    assert "–" in cells
    assert unescape(re.search(r"<caption>([^<]*)</caption>", page)[1]) == name
    assert styled.data.equals(frame)


def test_a_table_read_again_has_the_texts_that_were_saved(tmp_path):
    from helpers.compendium.files import write_json
    from helpers.compendium.store import described, no_formulas, read_content

    frame = pd.DataFrame(
        {"=name": ["NA", "None", "=1+1", ""], "-n": [1.0, None, 3.0, 4.0]},
        index=pd.Index(["NA", "nan", "-1", "007"], name="zone"),
    )
    path = tmp_path / "t.csv"
    no_formulas(frame).to_csv(path)
    write_json(tmp_path / "t.csv.json", described(frame))
    again = read_content(path)
    assert again.index.tolist() == frame.index.tolist()
    assert again["=name"].tolist() == frame["=name"].tolist()
    assert again["-n"].isna().tolist() == [False, True, False, False]
