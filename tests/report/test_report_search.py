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
    assert len({(kind, title, words) for kind, title, words, _ in rows}) == len(rows)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind, title, _, links in rows:
        found.setdefault((kind, title), {}).update({label: to for label, to, *_ in links})
    return found


def test_headings_figures_tables_and_claims_are_in_the_index(built):
    report = built.root / "report"
    found = entries(report)
    assert found["heading", "Your turn"] == {
        "Leeds": "notebooks/leeds/12_patrol_exploration.html#your-turn"
    }
    tables = found["table", "Table counts"]
    assert tables["Leeds"] == "tables/leeds/12_patrol_exploration_counts.csv"
    assert len(tables) == 2
    assert "city=leeds" in found["figure", "Title of counts"]["Leeds"]
    assert found["claim", "LIM-02: p value of the test along x"] == {"ledger": "claims.html#LIM-02"}
    assert built.hostile in found["page", "Data and their sources"]


def test_a_link_to_a_file_says_its_form_and_size_and_one_to_an_exhibit_its_city(built):
    report = built.root / "report"
    script = (report / "assets" / "search-index.js").read_text(encoding="utf-8")
    rows = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    files = [link for kind, *_, links in rows if kind == "table" for link in links]
    for _, address, form in files:
        path = report / unquote(address)
        if path.suffix == ".zip":
            assert form.endswith(f" in {path.name}")
        else:
            assert form == f"{path.suffix[1:].upper()}, {file_size(path.stat().st_size)}"
    assert len(files) >= 2
    assert all(len(link) == 2 for kind, *_, links in rows if kind != "table" for link in links)
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
