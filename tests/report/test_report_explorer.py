"""The explorer of weights on the page of a ranking: what it shows, and when it does not."""

from __future__ import annotations

import json
import re
from html import unescape
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.report import build
from helpers.report.places import Places

SECTION = "31_priority_ranking"
HOSTILE = "</script><b a='\"'>Mill & {{ 1 }}"
ZONES = ["Port", HOSTILE, "Hill"]
TABLES = {
    "values": pd.DataFrame({"zone": ["Hill", "Port", HOSTILE], "rate": [0.0, 1.0, 0.5],
                            "income": [1.0, 0.5, 0.5]}),
    "weights": pd.DataFrame({"criterion": ["income", "rate"], "label": ["Income", "Rate & co"],
                             "place": [1, 2], "exact": ["3/4", "1/4"], "weight": [0.75, 0.25]}),
    "ranking": pd.DataFrame({"zone": ["Hill", "Port", HOSTILE], "rank": [1, 2, 3],
                             "position": [1, 2, 3], "score": [0.75, 0.625, 0.5]}),
}  # fmt: skip


def saved(results, **changes) -> str:
    """The page of a section that left these tables and a widget."""
    results.section(SECTION, "Which zones first")
    results.city("leeds", "Leeds")
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "VBox()"}
    shown = {"output_type": "display_data", "data": widget, "metadata": {}}
    cell = {"cell_type": "code", "execution_count": 1, "id": "explore", "metadata": {},
            "outputs": [shown, shown], "source": "explorer"}  # fmt: skip
    results.run("leeds", SECTION, cells=[cell])
    tables = [(name, f.to_csv(index=False)) for name, f in {**TABLES, **changes}.items()]
    results.outputs("leeds", SECTION, "Which zones first", tables=tables)
    build(results.root)
    page = results.root / "report" / "notebooks" / "leeds" / f"{SECTION}.html"
    return page.read_text(encoding="utf-8")


def test_the_page_lists_weights_and_first_zones_without_a_script(results):
    page = saved(results)
    explorer = re.search(r"<section class=\"explorer\".*?</section>", page, re.DOTALL)[0]
    cells = [unescape(text) for text in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", explorer)]
    text = " ".join(cells)
    assert "Income 100 0.750" in text and "Rate & co 33 0.250" in text
    assert [name for name in cells if name in ZONES] == ["Hill", "Port", HOSTILE]
    # once, in the place of the first widget; its plain text is nowhere
    assert page.count('class="explorer"') == 1
    assert "VBox" not in page


def test_the_data_are_in_the_order_of_the_ranking_and_only_text(results):
    page = saved(results)
    data = json.loads(unescape(re.search(r'data-explorer="([^"]*)"', page)[1]))
    assert data == {
        "zones": ["Hill", "Port", HOSTILE],
        "values": [[1.0, 0.0], [0.5, 1.0], [0.5, 0.5]],
        "weights": [0.75, 0.25],
    }
    assert page.count("<script") == 2  # the site's own


def test_the_start_page_and_the_search_lead_to_it(results):
    page = saved(results)
    assert page.count('id="weights_explorer"') == 1
    report = results.root / "report"
    start = (report / "index.html").read_text(encoding="utf-8")
    place = f"notebooks/leeds/{SECTION}.html"
    asked = re.search(r'aria-label="Which zones first".*?</nav>', start, re.DOTALL)[0]
    assert re.findall(r'href="([^"]*)">([^<]*)<', asked) == [(place, "Leeds")]
    lessons = re.search(r'<p class="learn">(.*?)</p>', start, re.DOTALL)[1]
    assert re.findall(r'href="([^"]*)"', lessons) == [f"{place}#weights_explorer", "search.html"]
    index = (report / "assets" / "search-index.js").read_text(encoding="utf-8")
    (row,) = [r for r in json.loads(index.partition(" = ")[2].rstrip(";\n")) if "Explorer" in r[1]]
    assert row[3] == [["Leeds", f"{place}#weights_explorer"]] and "Move a swing" in row[4]


def test_who_learns_of_queues_is_led_where_calls_wait():
    quiet, busy = {"calls": 0.03, "minutes": 30.0}, {"calls": 9.0, "minutes": 40.0}
    planners = {
        name: SimpleNamespace(queue=queue)
        for name, queue in (("mesa", quiet), ("leeds", busy), ("rome", None), ("own", quiet))
    }
    for leading, expected in (([], "leeds"), (["rome"], "leeds"), (["rome", "own"], "own")):
        inventory = SimpleNamespace(ordered=[], leading=leading, cities=dict.fromkeys(planners))
        found = Places().lessons(inventory, planners)
        assert found["waits"] == f"planner/{expected}.html#busy"
    inventory = SimpleNamespace(ordered=[], leading=[], cities={"rome": None})
    assert Places().lessons(inventory, {"rome": SimpleNamespace(queue=None)}) == {}


def test_a_ranking_of_simulated_data_says_so_and_comes_after_real_ones(results):
    saved(results)
    for name, status in (("aberdeen", "SYNTHETIC"), ("lima", "")):
        results.city(name, name.title())
        results.run(name, SECTION, cells=[results.text("Words.", "a")])
        table = [("x", "a\n1\n")]
        results.outputs(name, SECTION, "Which zones first", tables=table, status=status)
    start = build(results.root).read_text(encoding="utf-8")
    asked = re.search(r'aria-label="Which zones first".*?</nav>', start, re.DOTALL)[0]
    assert re.findall(r">([^<]*)</a>", asked) == ["Leeds", "Lima", "Aberdeen (partly simulated)"]
    # of a run that was asked for one city, that one comes first
    start = build(results.root, ["aberdeen"]).read_text(encoding="utf-8")
    asked = re.search(r'aria-label="Which zones first".*?</nav>', start, re.DOTALL)[0]
    assert re.findall(r">([^<]*)</a>", asked)[0] == "Aberdeen (partly simulated)"


@pytest.mark.parametrize(
    "change",
    [
        {"values": TABLES["values"].assign(rate=[0, 2, 0.5])},
        {"values": TABLES["values"].assign(rate=["a", "b", "c"])},
        {"values": TABLES["values"].drop(columns="income")},
        {"values": TABLES["values"].head(2)},
        {"weights": TABLES["weights"].assign(weight=[0.5, 0.1])},
        {"weights": TABLES["weights"].drop(columns="label")},
        {"ranking": TABLES["ranking"].assign(zone=["Hill", "Hill", "Port"])},
        {"ranking": TABLES["ranking"].assign(score=[float("nan")] * 3)},
    ],
    ids=["beyond 1", "words", "criterion", "zone", "sum", "label", "twice", "no score"],
)
def test_results_that_do_not_fit_give_a_page_without_it(results, change):
    page = saved(results, **change)
    assert "data-explorer" not in page
    assert "Which zones first" in page


def test_a_damaged_file_gives_a_page_without_it(results):
    saved(results)
    path = results.root / "data/processed/leeds" / f"{SECTION}_values.csv"
    path.write_text("zone,rate\nPort,1\n", encoding="utf-8")
    build(results.root)
    page = results.root / "report" / "notebooks" / "leeds" / f"{SECTION}.html"
    assert "data-explorer" not in page.read_text(encoding="utf-8")
