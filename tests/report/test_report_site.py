"""The site as a whole: every page, link and word, from known results."""

from __future__ import annotations

import hashlib
import json
import re
import time
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from helpers.compendium import claims
from helpers.report import build

# Attributes by which a page makes a browser fetch something.
LOADING = {
    "img": ("src", "srcset"), "script": ("src",), "link": ("href",), "iframe": ("src",),
    "source": ("src", "srcset"), "video": ("src", "poster"), "audio": ("src",), "object": ("data",),
    "embed": ("src",), "input": ("src",), "body": ("background",),
}  # fmt: skip


class Page(HTMLParser):
    """What a test asks of a page: elements, links, headings and words."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict]] = []
        self.headings: list[tuple[int, str]] = []
        self.words: list[str] = []
        self._heading: int | None = None
        self.html = path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self._heading = int(tag[1])
            self.headings.append((self._heading, ""))

    def handle_endtag(self, tag):
        if re.fullmatch("h[1-6]", tag):
            self._heading = None

    def handle_data(self, data):
        self.words.append(data)
        if self._heading:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def anchors(self) -> set[str]:
        return {about["id"] for _, about in self.elements if "id" in about}

    def all(self, tag: str) -> list[dict]:
        return [about for name, about in self.elements if name == tag]


@pytest.fixture(scope="module")
def site(built) -> dict[str, Page]:
    """Every page of the built site by its address."""
    report = built.root / "report"
    pages = {p.relative_to(report).as_posix(): Page(p) for p in sorted(report.rglob("*.html"))}
    assert len(pages) == 18
    return pages


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_the_same_results_give_the_same_bytes(filled):
    first = contents(build(filled.root).parent)
    time.sleep(1.1)
    assert contents(build(filled.root).parent) == first
    assert sorted(p.name for p in filled.root.iterdir()) == ["data", "figures", "report"]


def test_the_pages_about_the_functions_are_linked_where_they_are(filled):
    first = build(filled.root)
    assert "Functions</a>" not in first.read_text("utf-8")
    pages = filled.root / "docs" / "api" / "index.html"
    pages.parent.mkdir(parents=True)
    pages.write_text("", encoding="utf-8")
    build(filled.root)
    for path in first.parent.rglob("*.html"):
        (link,) = re.findall(r'<a href="([^"]+)">Functions</a>', path.read_text("utf-8"))
        assert (path.parent / link).resolve() == pages.resolve(), path


def test_injected_cells_have_the_same_anchor_whatever_id_papermill_draws(filled):
    first = contents(build(filled.root).parent)
    for notebook in filled.root.rglob("*.ipynb"):
        notebook.write_text(notebook.read_text("utf-8").replace("9f3a77c1", "0badcafe"), "utf-8")
    assert contents(build(filled.root).parent) == first


def test_nothing_is_loaded_but_files_of_the_site(site):
    own = {"search.html": ["search-index.js", "search.js"]}
    for where, page in site.items():
        for tag, about in page.elements:
            assert "style" not in about, (page.path, tag)
            assert not [name for name in about if name.startswith("on")], (page.path, tag)
            for name in LOADING.get(tag, ()):
                address = about.get(name)
                if address and address != "data:,":
                    assert not re.match(r"[a-z]+:|//|/", address, re.IGNORECASE), address
        assert page.all("iframe") == page.all("object") == page.all("embed") == []
        assert "<style" not in page.html
        scripts = [about["src"].rpartition("/")[2] for about in page.all("script")]
        assert scripts == ["site.js", "figures.js", *own.get(where, [])]
    assert not re.search(
        r"url\(|@import|https?:",
        (next(iter(site.values())).path.parents[0] / "assets/site.css").read_text("utf-8"),
    )


def test_every_link_leads_somewhere(site):
    report = next(p.path for address, p in site.items() if address == "index.html").parent
    known = {page.path.resolve(): page for page in site.values()}
    links = 0
    for page in site.values():
        for _, about in page.elements:
            for name in ("href", "src"):
                address = about.get(name) or ""
                parts = urlsplit(address)
                if parts.scheme or (not parts.path and not parts.fragment):
                    continue
                target = (
                    (page.path.parent / unquote(parts.path)).resolve()
                    if parts.path
                    else page.path.resolve()
                )
                assert target.is_file(), (page.path.name, address)
                assert report.resolve() in target.parents
                fragment = unquote(parts.fragment)
                if fragment and "=" not in fragment:
                    assert fragment in known[target].anchors, (page.path.name, address)
                links += 1
    assert links > 200


def test_pages_can_be_read_aloud(site):
    for address, page in site.items():
        levels = [level for level, _ in page.headings]
        assert levels[0] == 1 and levels.count(1) == 1, address
        assert all(b <= a + 1 for a, b in pairwise(levels)), (address, levels)
        assert all(text.strip(" #") for _, text in page.headings), address
        assert page.all("html")[0]["lang"] == "en"
        assert page.all("a")[0]["href"] == "#main" and "main" in page.anchors
        ids = [about["id"] for _, about in page.elements if "id" in about]
        assert len(ids) == len(set(ids)), address
        for image in page.all("img"):
            assert image["alt"].strip(), address
            assert image["width"] and image["height"], address
        for cell in page.all("th"):
            assert cell.get("scope") or address.startswith("notebooks/"), address


def test_the_overview_says_how_every_section_stands(site):
    page = site["index.html"]
    assert "section 12 not run: city has no events." in page.text
    assert "sections 15, 21 not run yet." in page.text
    assert "✗ failed" in page.text
    assert "✓ up to date" in page.text
    assert "The claims ledger, over everything that ran: done" in page.text
    assert "first ValueError: p > sites" in page.text
    assert "Claims with a verdict 2 of 5" in page.text
    links = [about["href"] for about in page.all("a")]
    assert "notebooks/leeds/12_patrol_exploration.html" in links
    assert "notebooks/leeds/15_patrol_allocation.html" in links
    assert "notebooks/vila%20%26%20s%C3%A3o%20%231%2050%25/12_patrol_exploration.html" in links


def test_a_figure_is_one_file_wherever_it_is_shown(site, built):
    page = site["notebooks/leeds/12_patrol_exploration.html"]
    saved, loose = page.all("img")
    assert saved["src"] == "../../figures/leeds/12_patrol_exploration_counts.webp"
    assert saved["alt"] == "Crime counts by year & kind."
    assert (saved["width"], saved["height"]) == ("32", "24")
    assert loose["src"].startswith("../../images/")
    assert len(list((built.root / "report" / "images").iterdir())) == 1
    assert "base64" not in page.html


def test_the_copy_for_print_is_linked_but_not_shown(filled):
    index = filled.root / "data/processed/leeds/12_patrol_exploration_outputs.json"
    written = json.loads(index.read_text("utf-8"))
    drawn = filled.root / "figures/leeds/12_patrol_exploration_counts.svg"
    drawn.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    entry = {**written["outputs"][0], "file": drawn.relative_to(filled.root).as_posix()}
    written["outputs"].append(entry)
    index.write_text(json.dumps(written), "utf-8")
    report = build(filled.root).parent
    page = Page(report / "notebooks/leeds/12_patrol_exploration.html")
    address = "../../figures/leeds/12_patrol_exploration_counts.svg"
    assert address in [about["href"] for about in page.all("a")]
    assert (report / "figures/leeds" / drawn.name).is_file()
    assert "svg" not in (report / "figures.html").read_text("utf-8")


def test_a_notebook_page_has_all_of_the_notebook(site):
    page = site["notebooks/leeds/12_patrol_exploration.html"]
    assert page.headings[0] == (1, "Patrol exploration")
    assert [about.get("id") for about in page.all("div") if "cell" in about.get("class", "").split()] == [
        "cell-top", "cell-parameters", "cell-given-parameters", "cell-formulas", "cell-counts",
        "cell-loose", "cell-table", "cell-claim", "cell-html", "cell-turn",
    ]  # fmt: skip
    assert not [about for about in page.all("details") if "open" in about]
    assert page.html.count("<math") == 2
    assert '<code class="tex">' not in page.html
    assert "100 % red <i>" in page.text and "10 %" not in page.text
    assert "careful" in page.text
    assert "seed = 20260101" in page.text and 'kinds = ["a", "<b>"]' in page.text
    assert "commit 0123456789 " in page.text
    assert "1" * 64 in page.text and "f" * 64 in page.text
    assert "../../tables/leeds/12_patrol_exploration_counts.csv" in [
        a["href"] for a in page.all("a")
    ]


def test_exercises_name_the_default_city(site):
    own = site["notebooks/leeds/12_patrol_exploration.html"]
    assert "For the default city (Leeds, this one) 7 fall." in own.text
    other = site["notebooks/setubal/21_district_hot_spots.html"]
    assert "for the default city ( Leeds ) 7 fall" in other.text  # the link's text apart
    place = "../../notebooks/leeds/21_district_hot_spots.html"
    assert place in [about["href"] for about in other.all("a")]


def test_exercises_of_another_city_begin_with_whose_numbers_the_answers_have(site):
    other = site["notebooks/setubal/21_district_hot_spots.html"].text
    said = other.partition("Your turn")[2]
    assert said.index("The answers state the numbers of") < said.index("Try seed = 2")
    assert "run them with the default city first" in said
    assert "The answers state" not in site["notebooks/leeds/12_patrol_exploration.html"].text


def test_a_table_that_is_not_shown_leads_to_its_file(site):
    page = site["notebooks/leeds/12_patrol_exploration.html"]
    body = page.html.partition('id="results"')[0]
    link = '<a href="../../tables/leeds/12_patrol_exploration_counts.csv"><code>12_patrol_exploration_counts.csv</code></a>'
    assert f"the file {link}, of 2 rows" in body
    # what is no file of the section stays as it is
    assert "<code>12_patrol_exploration_gone.csv</code>" in body
    assert "12_patrol_exploration_gone.csv</code></a>" not in body


def test_a_failed_section_shows_where_it_stopped(site):
    page = site["notebooks/leeds/15_patrol_allocation.html"]
    assert "This section stopped before its end. ValueError : p > sites" in page.text
    assert {"href": "#cell-broken"} in page.all("a")
    assert "An Exception" not in page.text
    assert "\x1b" not in page.html
    last = page.html.rpartition('<pre class="traceback"')[2]
    assert "line 39" in last and "line 20" not in last


def test_the_ledger_has_every_claim_and_the_cell_that_computed_it(site):
    page = site["claims.html"]
    rows = [about for about in page.all("tr") if "data-verdict" in about]
    assert {about["id"]: about["data-verdict"] for about in rows} == {
        "LIM-02": "match",
        "LIM-12": "not run",
        "SET-04": "no verdict",
        "SET-41": "differs",
        "REC-03": "section not built yet",
    }
    links = [about["href"] for about in page.all("a")]
    # a value in a table is led to where it stands, another to its cell
    assert "notebooks/leeds/12_patrol_exploration.html#claim-LIM-02" in links
    assert "notebooks/setubal/21_district_hot_spots.html#cell-gi" in links
    assert "851,258" in page.text and "Abela; Torrão" in page.text and "another band" in page.text
    assert links.count("#SET-41") == 2 and "see SET-41 <b>" in page.text
    assert "printed: two names" in page.text and "inferred from the text" in page.text
    # what the value must not be read without stands under it
    assert "1e-09 along one axis only" in page.text
    kinds = [about["data-evidence"] for about in rows]
    assert kinds == ["replication", "input", "input", "tuned", ""]


def test_the_overview_answers_what_reproduces(site):
    for page in (site["index.html"], site["claims.html"]):
        assert "1 found elsewhere." in page.text
        assert "1 differs." in page.text
        # where nothing can be tested, no count of what was met reads as a failure
        assert "Not one of its 2 claims tests a result on the paper's own data." in page.text
        assert "0 of" not in page.text and "0 met" not in page.text
        assert all(f"{term} {said}" in page.text for term, said in claims.TERMS.items())


def test_what_was_chosen_says_when(site):
    page = site["deviations.html"]
    assert "who is a neighbour" in page.text and "after" in page.text
    links = [about["href"] for about in page.all("a")]
    assert "notebooks/setubal/21_district_hot_spots.html" in links and "claims.html#SET-41" in links
    assert "After: A paper of 2020." in site["notebooks/leeds/12_patrol_exploration.html"].text


def test_every_exhibit_has_its_counterpart_or_says_why_not(site, built):
    page = site["concordance.html"]
    links = [about["href"] for about in page.all("a")]
    assert "notebooks/leeds/12_patrol_exploration.html#figure_counts" in links
    assert "notebooks/setubal/21_district_hot_spots.html" in links
    assert "claims.html#SET-41" in links
    assert "12_ patrol_ exploration_ counts.png" in page.text or "counts.png" in page.text
    assert "drawn nowhere" in page.text and "1 differs" in page.text
    table = (built.root / "report" / "concordance.csv").read_text("utf-8")
    assert table.count("\n") == 7
    # an equation leads to the formula itself, from its number and its row, and to what shows it
    assert links.count("notebooks/leeds/12_patrol_exploration.html#cell-formulas") == 2
    assert page.text.count("the formula ; shown by") == 1


def test_an_exhibit_leads_to_the_figure_by_its_number_and_names_its_kind_once(site):
    page = site["concordance.html"]
    place = "notebooks/leeds/12_patrol_exploration.html#figure_counts"
    (chip,) = [a for a in page.all("a") if a.get("aria-label") == "Figure 6"]
    assert chip["href"] == place
    # one without a counterpart leads to its row
    (bare,) = [a for a in page.all("a") if a.get("aria-label") == "Figure 3"]
    assert bare["href"] == "#recife-fig-3" and "recife-fig-3" in page.anchors
    assert "Figure 6 test" in page.text and "VII method p-median" in page.text
    assert "A paper of 2020." in page.text


def test_exhibits_of_a_kind_are_in_the_order_of_their_numbers():
    import pandas as pd

    from helpers.report.ledger import read_exhibits

    named = ["Fig 2", "Fig 10", "Fig 1", "VI", "IV", "3.10", "3.2", "5", "2.1"]
    kinds = ["figure"] * 3 + ["method"] * 2 + ["part"] * 4
    columns = "paper shows title section file function note city status claims verdicts notebook cell output"
    rows = pd.DataFrame({"exhibit": named, "kind": kinds, **dict.fromkeys(columns.split(), "")})
    found = [exhibit.exhibit for exhibit in read_exhibits(rows, {}, [])]
    # what is no number stays as it is listed
    assert found == ["Fig 1", "Fig 2", "Fig 10", "VI", "IV", "2.1", "3.2", "3.10", "5"]


def test_the_words_on_figures_are_explained_where_they_are(site):
    from helpers.report.statuses import MEANINGS

    said = MEANINGS["schematic"]
    assert f"schematic {said}" in site["figures.html"].text
    assert MEANINGS["stand-in"] not in site["figures.html"].text
    notebook = site["notebooks/setubal/21_district_hot_spots.html"]
    assert f"Red words on the figures: schematic schematic {said}" in notebook.text
    assert "Red words" not in site["notebooks/leeds/12_patrol_exploration.html"].text
    badges = [a for _, a in notebook.elements if a.get("class") == "badge"]
    assert badges and all(a["title"] == f"schematic: {said}." for a in badges)


def test_what_a_city_says_cannot_act(site, built):
    for page in site.values():
        assert built.hostile not in page.html.replace("\n", "")
        assert "javascript:" not in page.html
    page = site["sources.html"]
    assert built.hostile in page.text
    assert "<img src=x onerror=alert(1)>" in page.text
    assert built.elsewhere not in [about.get("href") for about in page.all("a")]


def test_the_data_page_has_the_fingerprint_of_every_file(site):
    text = site["sources.html"].text
    assert text.count(hashlib.sha256(b"x,y\n1,2\n").hexdigest()) == 3


def test_the_gallery_can_be_filtered_by_city_and_section(site):
    items = [about for about in site["figures.html"].all("li") if "data-city" in about]
    assert [(about["data-city"], about["data-section"]) for about in items] == [
        ("leeds", "12_patrol_exploration"),
        ("setubal", "21_district_hot_spots"),
        ("vila & são #1 50%", "12_patrol_exploration"),
    ]


def test_a_report_is_possible_before_anything_ran(results):
    page = Page(build(results.root))
    assert "No section has run yet." in page.text


def test_broken_results_do_not_take_the_report_with_them(filled):
    processed = filled.root / "data" / "processed"
    notebook = processed / "leeds" / "notebooks" / "12_patrol_exploration.ipynb"
    notebook.write_text(notebook.read_text("utf-8")[:500], "utf-8")
    (processed / "setubal" / "21_district_hot_spots_outputs.json").write_text("{", "utf-8")
    (filled.raw / "setubal" / "city.yml").write_text("[: :", "utf-8")
    (filled.root / "figures" / "leeds" / "12_patrol_exploration_counts.png").unlink()
    report = build(filled.root).parent
    page = Page(report / "notebooks" / "leeds" / "12_patrol_exploration.html")
    assert "The executed notebook cannot be shown" in page.text


def test_a_build_that_fails_leaves_the_old_site(filled, monkeypatch):
    before = contents(build(filled.root).parent)

    def fail(self):
        raise RuntimeError("disk full")

    monkeypatch.setattr("helpers.report.site._Site._write_gallery", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        build(filled.root)
    assert contents(filled.root / "report") == before
    assert sorted(p.name for p in filled.root.iterdir()) == ["data", "figures", "report"]


def test_what_is_gone_from_the_results_goes_from_the_site(filled):
    old = build(filled.root).parent / "notebooks" / "setubal" / "21_district_hot_spots.html"
    assert old.is_file()
    (filled.root / "data/processed/setubal/notebooks/21_district_hot_spots.ipynb").unlink()
    build(filled.root)
    assert not old.exists()
