"""The report of a run for one's own cities: they come first; hostile names are only text."""

from __future__ import annotations

import json
import re

import pytest

from helpers.compendium import stamp_path
from helpers.report import build

PERIODS = "one month of events; this section compares periods"
TOO_LONG = "the section did not end within 15 minutes; allow it more with --timeout MINUTES"
NASTY = "=Ville \"A\" <b>& 'co'</b> $x^2$ 🚓 {{ 7*7 }} </script><script>alert(1)</script>"


@pytest.fixture
def town(results):
    """A city of one's own beside two bundled ones, of which one has run."""
    results.section("12_patrol_exploration", "Patrol exploration", "San Miguel IV")
    results.section("14_patrol_forecasting", "Forecasting", "San Miguel VI")
    results.section("15_patrol_allocation", "Patrol allocation", "San Miguel VII")
    results.section("16_patrol_evaluation", "Patrol evaluation", "San Miguel VII")
    results.city("leeds", "Leeds")
    results.city("setubal", "Setúbal district")
    results.own = results.root.parent / "mytown"
    results.city("mytown", NASTY)
    (results.raw / "mytown").rename(results.own)
    place = {"place": str(results.own)}
    cells = [results.text(f"# {NASTY}\n\nA first look.", "top")]
    results.run("mytown", "12_patrol_exploration", cells=cells, **place)
    results.run("mytown", "14_patrol_forecasting", "not run", reason=PERIODS, **place)
    results.run("mytown", "15_patrol_allocation", "failed", cells=cells, lines=[TOO_LONG], **place)
    grey = results.png(40, 30, 120)
    figures = [("kinds", grey, f"Kinds of {NASTY}")]
    results.outputs(
        "mytown", "12_patrol_exploration", NASTY, figures, [("counts", "a\n1\n")], NASTY
    )
    results.run("leeds", "12_patrol_exploration", cells=cells, place="leeds")
    results.outputs(
        "leeds", "12_patrol_exploration", "x", [("kinds", results.png(9, 9, 1), "Leeds.")]
    )
    return results


def read(root, address="index.html", cities=("mytown",)) -> str:
    return (build(root, cities).parent / address).read_text("utf-8")


def test_the_city_asked_for_opens_the_report(town):
    page = read(town.root)
    glance, _, after = page.partition('<h2 id="matrix">')
    assert "figures/mytown/" in glance and "figures/leeds/" not in glance
    matrix, _, rest = after.partition('<h2 id="others">')
    assert "mytown" in matrix and "Setúbal" not in matrix
    assert "leeds" not in matrix.partition("<details")[0]
    others, _, idle = rest.partition('<details class="idle">')
    assert "sources.html#leeds" in others and "Setúbal" not in others
    assert "1 bundled city has not run yet" in idle and "--city setubal" in idle
    assert "They are judged where the cities of the papers run" in idle
    assert "<dt>Sections complete</dt><dd>1</dd>" in page


def test_without_names_all_cities_are_shown_alike(town):
    page = read(town.root, cities=None)
    columns = re.findall(r'<th scope="col"><a href="sources.html#(\w+)"', page)
    # what has not run is folded
    assert columns == ["leeds", "mytown"]
    assert "<strong>Setúbal district</strong>, sections 12, 14, 15, 16 not run" in page
    assert '<details class="idle">' not in page and 'id="others"' not in page


def test_a_city_asked_for_that_is_unknown_takes_nothing_with_it(town):
    assert "mytown" in read(town.root, cities=["nowhere", "mytown"])
    assert "mytown" in read(town.root, cities=[])


def test_the_folder_is_named_beside_a_title_that_does_not_say_it(town):
    page = read(town.root, cities=None)
    heads = re.findall(r'<th scope="col"><a href="sources[^>]*>(.*?)</th>', page)
    assert heads[0] == "Leeds</a>"
    assert heads[1].endswith('</a><br><span class="small">mytown</span>')


def test_why_a_section_did_not_run_and_why_it_failed(town):
    page = read(town.root)
    assert f"not run: {PERIODS}" in page
    assert f"section 14 not run: {PERIODS}." in page
    cell = page.partition("</span> failed</a>")[2].partition("</td>")[0]
    assert TOO_LONG in cell
    assert TOO_LONG in read(town.root, "notebooks/mytown/15_patrol_allocation.html")


def test_a_section_that_was_not_asked_for_and_cannot_run_says_why(town, monkeypatch):
    before = read(town.root)
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(town.root))
    path = stamp_path("mytown", "city")
    assert "section 16 not run: city has no streets." not in before
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"lacking": {"16_patrol_evaluation": "city has no streets"}}), encoding="utf-8"
    )
    page = read(town.root)
    assert "section 16 not run: city has no streets." in page
    assert "section 16 not run yet." in before


def test_what_an_earlier_run_left_of_a_section_that_cannot_run_now_is_not_shown(town):
    stale = town.png(8, 8, 8)
    town.outputs("mytown", "14_patrol_forecasting", "Old", [("old", stale, "Of an earlier run.")])
    assert "Of an earlier run." not in read(town.root, "figures.html")


def test_hostile_names_are_text_on_every_page(town):
    report = build(town.root, ["mytown"]).parent
    pages = sorted(report.rglob("*.html"))
    assert len(pages) == 13
    for path in pages:
        page = path.read_text("utf-8")
        assert "alert(1)</script>" not in page, path
        assert "<b>& " not in page and "<b>&amp;" not in page, path
        # the site's two; the search has its index and its script beside them
        assert page.count("<script") == (4 if path.name == "search.html" else 2), path
        # no attribute ends early: whatever follows the nasty quote stays inside it
        assert not re.search(r'="[^"<>]*=Ville "', page), path
    first = (report / "index.html").read_text("utf-8")
    assert "{{ 7*7 }}" in first and "$x^2$" in first and "🚓" in first
    alt = re.search(
        r'figures/mytown/[^>]*alt="([^"]*)"', (report / "figures.html").read_text("utf-8")
    )
    assert alt[1].startswith(
        "Kinds of =Ville &#34;A&#34; &lt;b&gt;&amp; &#39;co&#39;&lt;/b&gt; $x^2$"
    )
    assert (
        json.loads((town.root / "data/processed/run.json").read_text("utf-8"))[0]["city"]
        == "mytown"
    )
