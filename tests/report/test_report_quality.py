"""The page about a city's data: what it says, of hostile cities too, and when it is made anew."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from helpers.compendium import read_json, stamp_path
from helpers.report import build
from helpers.runner.quality import make_quality, tell_quality


class At:
    """A place that does jobs in this process."""

    def __init__(self, do, slots=1) -> None:
        self.do, self.slots, self.stop = do, lambda: slots, lambda: None


NASTY = "<b>$odd$</b> 🚓 =x {{ 7*7 }} <script>alert(1)</script>"
KINDS = ["$x_1$ & <script>alert(2)</script>", "=1+1", "🚓 robbery", "a" * 200, "\\frac{1}{2}"]


def words(page: str) -> str:
    """Text of a page, a blank between its elements."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def made(results, cities: dict[str, str], names=None) -> Path:
    """Describe cities as a run does, and build the report."""
    calls = []

    def do(job: dict) -> dict:
        calls.append(job["city"])
        return {"state": "done", "files": make_quality(job["city"])}

    assert tell_quality(cities, At(do), lambda path: None) == []
    made.calls = calls
    return build(results.root, names).parent


@pytest.fixture
def town(results, monkeypatch):
    """Write a city: ``town("name", rows, precision="day", boundary=…, …)``."""
    monkeypatch.setenv("POLICE_PLANNING_OUTPUT", str(results.root))
    results.section("12_patrol_exploration", "Patrol exploration", "San Miguel IV")

    def write(name: str, rows, precision: str = "day", boundary: bool = False, **card) -> Path:
        folder = results.raw / name
        folder.mkdir()
        lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
        table = "\n".join(["kind,time,x,y", *lines, ""])
        (folder / "events.csv").write_text(table, encoding="utf-8")
        layers = {"events": {"file": "events.csv", "time_precision": precision}}
        if boundary:
            layers["boundary"] = {"derive": "events"}
        content = {
            "title": name, "country": "not stated", "crs": "EPSG:32719", "licence": "not stated",
            "source_line": "Source: x", "layers": layers, **card,
        }  # fmt: skip
        (folder / "city.yml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return folder

    return write


def spread(count: int, step: timedelta = timedelta(days=1), kinds=("theft",), form="%Y-%m-%d"):
    """Events at places of their own, one a step from 1 May 2023."""
    first = datetime(2023, 5, 1)
    return [
        (kinds[k % len(kinds)], (first + k * step).strftime(form), 350_000 + 37 * (k % 11), 6_300_000 + 53 * k)
        for k in range(count)
    ]  # fmt: skip


def test_a_hostile_city_is_only_text(results, town):
    folder = town("odd", spread(30, kinds=KINDS), title=NASTY, description=NASTY)
    (folder / "rejected.csv").write_text(
        f'file,row,reason,column,value\na,1,no_place,x,\na,2,"{KINDS[0]}",x,\na,3,no_place,x,\n'
    )
    (folder / "SOURCES.md").write_text(f"| file | licence |\n|---|---|\n| {KINDS[0]} | … |\n")
    site = made(results, {"odd": "odd"})
    page = (site / "quality/odd.html").read_text("utf-8")
    assert "<script>alert" not in page and "<b>$odd$" not in page
    assert "{{ 7*7 }}" in page and "49" not in re.findall(r"<h1>(.*?)</h1>", page)[0]
    for kind in KINDS:
        assert html.escape(kind, quote=False) in page or html.escape(kind) in page
    said = words(page)
    assert "given 33 set aside when the city was made: no place 2" in said
    assert f"set aside when the city was made: {KINDS[0]} 1 in use 30" in said
    assert f"licence of {KINDS[0]}" in said
    assert "3 blanks are to be filled in" in said
    assert "The city has no boundary" in said


def test_known_to_the_day_and_to_the_hour(results, town):
    town("days", spread(40), boundary=True)
    town("hours", spread(48, timedelta(hours=7), form="%Y-%m-%d %H:%M"), "hour")
    town("months", spread(3, timedelta(days=31), form="%Y-%m"), "month")
    town("moment", spread(5, timedelta(0)))
    site = made(results, {name: name for name in ("days", "hours", "months", "moment")})
    pages = {path.stem: path.read_text("utf-8") for path in (site / "quality").glob("*.html")}
    said = {name: words(page) for name, page in pages.items()}
    assert "Times are known to the day only: hours are not known." in said["days"]
    assert "quality_weekdays.webp" in pages["days"] and "quality_week.webp" not in pages["days"]
    assert "midnight" not in said["days"] and "the first of a month 2 " in said["days"]
    assert "No official boundary was given" in said["days"]
    area = read_json(results.root / "data/processed/days/quality.json", {})["boundary"]["area_km2"]
    assert f"encloses {area:.2g} km²" in said["days"]
    assert "quality_week.webp" in pages["hours"]
    assert "the hour from 0:00 (midnight) 2 2.0 1.00 no" in said["hours"]
    assert "weekdays and hours are not known" in said["months"]
    assert "Heaps" not in said["months"] and "quality_week" not in pages["months"]
    assert "Every event carries the same time, 2023-05-01" in said["moment"]
    assert "Heaps" not in said["moment"]


def test_one_kind_and_one_place_without_boundary(results, town):
    town("dot", [("crime", "2023-05-01", 350_000, 6_300_000)] * 4)
    said = words((made(results, {"dot": "dot"}) / "quality/dot.html").read_text("utf-8"))
    assert "All events are of one kind, crime" in said
    assert "100 % of the events (4) share their place with another" in said


def test_figures_have_texts_that_say_what_they_find(results, town):
    town("days", spread(40, kinds=("theft", "theft", "arson")), boundary=True)
    page = (made(results, {"days": "days"}) / "quality/days.html").read_text("utf-8")
    texts = dict(
        re.findall(r'<img src="\.\./figures/days/quality_(\w+)\.webp" alt="([^"]+)"', page)
    )
    assert texts["kinds"] == "2 kinds; the commonest, theft, has 68 % of the events (27)."
    assert texts["months"] == (
        "Most events are of 2023-05 (31). Fewest are of 2023-06 (9); no month lacks events."
    )
    assert texts["map"].startswith(
        "40 events at 40 places, one dot a place. The line is the boundary"
    )


def test_it_is_made_anew_when_the_city_changes_and_only_then(results, town):
    folder = town("days", spread(40))
    made(results, {"days": "days"})
    assert made.calls == ["days"]
    key = read_json(stamp_path("days", "quality"), {})["key"]
    made(results, {"days": "days"})
    assert made.calls == []
    for name in ("rejected.csv", "SOURCES.md"):
        (folder / name).write_text(
            "file,row,reason,column,value\na,1,remote,x,\n", encoding="utf-8"
        )
        made(results, {"days": "days"})
        assert made.calls == ["days"], name
    with (folder / "events.csv").open("a", encoding="utf-8") as events:
        events.write("arson,2023-05-09,350000,6300000\n")
    site = made(results, {"days": "days"})
    assert made.calls == ["days"] and read_json(stamp_path("days", "quality"), {})["key"] != key
    assert "given 42" in words((site / "quality/days.html").read_text("utf-8"))


def test_what_was_damaged_is_made_again_and_never_shown(results, town):
    town("days", spread(40))
    made(results, {"days": "days"})
    page = results.root / "data/processed/days/quality.json"
    page.write_text(page.read_text("utf-8").replace('"count": 40', '"count": 41'), encoding="utf-8")
    assert not (build(results.root).parent / "quality").exists()
    assert "41" not in words(
        (made(results, {"days": "days"}) / "quality/days.html").read_text("utf-8")
    )
    assert made.calls == ["days"]


def test_a_figure_of_an_earlier_state_goes(results, town):
    folder = town("days", spread(40))
    made(results, {"days": "days"})
    (folder / "events.csv").write_text(
        "kind,time,x,y\na,2023-05-01,350000,6300000\n", encoding="utf-8"
    )
    made(results, {"days": "days"})
    left = [path.name for path in (results.root / "figures/days").iterdir()]
    assert left == ["quality_map.png"]


def test_the_same_city_gives_the_same_bytes(results, town):
    town("days", spread(40), boundary=True)
    assert make_quality("days") == make_quality("days")


def test_a_failure_is_told_and_takes_no_other_city_with_it(results, town):
    town("days", spread(40))
    town("bad", spread(40))

    def do(job: dict) -> dict:
        if job["city"] == "bad":
            return {"state": "failed", "lines": ["ValueError: x"]}
        return {"state": "done", "files": make_quality(job["city"])}

    wrong = tell_quality({"days": "days", "bad": "bad"}, At(do, 2), lambda path: None)
    assert wrong == ["the data of bad could not be described:", "ValueError: x"]
    pages = (build(results.root).parent / "quality").glob("*.html")
    assert [path.name for path in pages] == ["days.html"]


def test_the_page_is_found_from_the_city_and_its_sections(built):
    site = built.root / "report"
    assert 'href="quality/leeds.html"' in (site / "index.html").read_text("utf-8")
    assert 'href="quality/leeds.html"' in (site / "sources.html").read_text("utf-8")
    section = (site / "notebooks/leeds/12_patrol_exploration.html").read_text("utf-8")
    assert 'href="../../quality/leeds.html"' in section
    assert "quality/setubal.html" not in (site / "index.html").read_text("utf-8")


def test_a_city_of_zones_has_a_shorter_page(built):
    site = built.root / "report/quality"
    page = (site / f"{built.awkward}.html").read_text("utf-8")
    said = words(page)
    assert "Fields of the zones" in said and "When" not in said.split()
    assert "3 1 0 1.5 2,000,000 estimated 2" in said
    assert built.hostile in said and "<script>alert" not in page


def test_heaps_and_sections_are_told(built):
    said = words((built.root / "report/quality/leeds.html").read_text("utf-8"))
    assert "the first of a month has 2.7 times the events to be expected, and " in said
    assert "the hour from 0:00 (midnight) has events where none are to be expected" in said
    assert "21 Hot spots: city has no zones." in said
    assert "wrong by at most 0.04 %" in said
