"""What can be found by words, and taken away as files: all of it, each once, under its address."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from helpers.report.downloads import file_size
from helpers.report.search import INDEX, LONGEST, Search


def entries(report: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Links of each entry by kind and title, each link's address by its label."""
    script = (report / "assets" / "search-index.js").read_text(encoding="utf-8")
    head = f'"use strict";\nwindow.{INDEX} = '
    assert script.startswith(head) and script.endswith(";\n")
    rows = json.loads(script[len(head) : -2])
    assert len({(*said[:3], *said[4:]) for said in rows}) == len(rows)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind, title, _, links, *_ in rows:
        found.setdefault((kind, title), {}).update({label: to for label, to, *_ in links})
    return found


def test_headings_figures_tables_and_claims_are_in_the_index(built):
    report = built.root / "report"
    found = entries(report)
    assert found["heading", "Your turn"] == {
        "Leeds": "notebooks/leeds/12_patrol_exploration.html#your-turn",
        "Setúbal": "notebooks/setubal/21_district_hot_spots.html#your-turn",
    }
    tables = found["table", "Table counts"]
    assert tables["Leeds"] == "tables/leeds/12_patrol_exploration_counts.csv"
    assert len(tables) == 2
    page = "notebooks/leeds/12_patrol_exploration.html"
    assert found["figure", "Title of counts"]["Leeds"] == f"{page}#figure_counts"
    # a figure that no notebook shows is alone among all figures
    assert all("city=" in a for a in found["figure", "Title of hot"].values())
    assert found["claim", "LIM-02: p value of the test along x"] == {"ledger": "claims.html#LIM-02"}
    assert built.hostile in found["page", "Data and their sources"]


def test_a_link_to_a_file_says_its_form_and_size_and_one_to_an_exhibit_its_city(built):
    report = built.root / "report"
    script = (report / "assets" / "search-index.js").read_text(encoding="utf-8")
    rows = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    files = [link for kind, _, _, links, *_ in rows if kind == "table" for link in links]
    for _, address, form in files:
        path = report / unquote(address)
        if path.suffix == ".zip":
            assert form.endswith(f" in {path.name}")
        else:
            assert form == f"{path.suffix[1:].upper()}, {file_size(path.stat().st_size)}"
    assert len(files) >= 2
    assert all(
        len(link) == 2 for kind, _, _, links, *_ in rows if kind != "table" for link in links
    )
    ours = entries(report)["exhibit", "San Miguel (Lima): Figure 6"]
    assert set(ours) == {"list of exhibits", "Leeds, section 12"}


def test_every_address_of_the_index_leads_somewhere(built):
    report = built.root / "report"
    for (kind, title), links in entries(report).items():
        for address in links.values():
            name, _, anchor = address.partition("#")
            page = report / unquote(name)
            assert page.is_file(), (kind, title, address)
            if anchor and "=" not in anchor:
                ids = re.findall(r'id="([^"]*)"', page.read_text(encoding="utf-8"))
                assert unquote(anchor) in [unescape(each) for each in ids], (title, address)


def test_what_is_alike_in_two_cities_is_one_entry():
    search = Search()
    search.add("table", "Means ", " by\nnumber", "Leeds", "a.csv")
    search.add("table", "Means", "by number", "Toronto", "b.csv")
    search.add("table", "Means", "by number", "Toronto", "b.csv")
    search.add("table", "Means", "x" * 999, "Toronto", "c.csv")
    rows = json.loads(search.script.partition(" = ")[2].rstrip(";\n"))
    assert rows == [
        ["table", "Means", "by number", [["Leeds", "a.csv"], ["Toronto", "b.csv"]]],
        ["table", "Means", "x" * LONGEST, [["Toronto", "c.csv"]]],
    ]


def test_all_files_are_listed_with_their_size(built):
    report = built.root / "report"
    page = (report / "downloads.html").read_text(encoding="utf-8")
    listed = [unquote(unescape(a)) for a in re.findall(r'href="(tables/[^"]*)"', page)]
    there = [
        p.relative_to(report).as_posix() for p in (report / "tables").rglob("*") if p.is_file()
    ]
    assert sorted(listed) == sorted(there) and len(listed) >= 2
    size = (report / "tables/leeds/12_patrol_exploration_counts.csv").stat().st_size
    assert f"Table counts · {size}\u00a0B" in page


EXPLAINS = r"""# Title

Two zones are **neighbours** where they touch. **Nothing else counts.**

## Who is near?

The **Moran's $I$** asks; the **$\\hat\\lambda$** does not. <b>Read</b> on for the default city ([Leeds](a.html)).

| exhibit | here |
|---|---|
| Figure 9 | the Ripley function |

## Your turn

1. Set `k = 3`. What **changes**?

   <details><summary>Hint</summary>

   * a queue
   </details>

2. Take Leeds.
"""


def explained() -> list:
    """What the parts of a cell with this text explain."""
    from helpers.report.clean import Headings
    from helpers.report.explained import parts_of_cells
    from helpers.report.markdown import render_markdown

    text = EXPLAINS.partition("\n")[2]
    html = render_markdown(text, headings=Headings(), raw_html=True)
    body = f'<div class="cell text-cell" id="cell-a">\n{html}\n</div>\n'
    output = '<div class="text-cell"><p>An **output** with <strong>numbers</strong></p></div>'
    return list(parts_of_cells(f"{output}{body}{output}"))


def test_the_words_and_terms_under_a_heading_are_found():
    found = explained()
    assert [(cell, part.anchor, part.title) for cell, part in found] == [
        ("cell-a", "", ""),
        ("cell-a", "who-is-near", "Who is near?"),
        ("cell-a", "your-turn", "Your turn"),
    ]
    first, near, turn = (part for _, part in found)
    # a sentence in bold is no term
    assert first.terms == [("neighbours", "Two zones are neighbours where they touch.")]
    assert [term for term, _ in near.terms] == ["Moran's I"]
    assert "Figure 9 the Ripley function" in near.text and "lambda" not in near.text
    # what the page adds for one city would keep cities apart
    assert near.text.count("Leeds") == 0
    assert turn.terms == []
    assert turn.exercises == ["Set k = 3. What changes? Hint a queue", "Take Leeds."]


def test_a_page_is_found_by_its_headings_and_what_stands_under_them():
    search = Search()
    html = (
        "<header><p>menu</p></header><main id='main'><h1>Leeds: posts</h1><p>Choose.</p>"
        "<section><h2 id='busy'>When busy</h2><p>Calls wait.</p><script>x</script>"
        "<table><thead><tr><th>Mean</th></tr></thead><tbody><tr><td>7</td></tr></tbody></table>"
        "</section></main><footer>Made offline</footer>"
    )
    search.add_page("planner", "where posts are", "Leeds", "planner/leeds.html", html)
    rows = json.loads(search.script.partition(" = ")[2].rstrip(";\n"))
    assert rows == [
        ["planner", "where posts are", "where posts are", [["Leeds", "planner/leeds.html"]],
         "Leeds: posts Choose."],
        ["planner", "When busy", "where posts are", [["Leeds", "planner/leeds.html#busy"]],
         "Calls wait. Mean"],
    ]  # fmt: skip


def test_the_page_of_what_was_found_has_the_words(built):
    report = built.root / "report"
    checked = 0
    script = (report / "assets" / "search-index.js").read_text(encoding="utf-8")
    for kind, title, _, links, *_ in json.loads(script.partition(" = ")[2].rstrip(";\n")):
        if kind in ("heading", "term"):
            for _, address in links:
                html = (report / unquote(address.partition("#")[0])).read_text("utf-8")
                text = " ".join(unescape(re.sub("<[^>]*>", "", html)).split())
                assert title in text, (kind, title, address)
                checked += 1
    assert checked > 3
