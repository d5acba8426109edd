"""Cities side by side: numbers, medians without simulated data, and why a number is missing."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import runpy
from pathlib import Path

import pandas as pd
import pytest

from helpers.cities import load_city
from helpers.compendium import ROOT
from helpers.compendium.claims.rows import Saved
from helpers.report import build, measures
from helpers.report.comparison import Bar, Comparison, Entry, Panel
from helpers.report.inventory import CityRecord
from helpers.report.measures import (
    MEASURES,
    Found,
    NoNumber,
    Results,
    busiest,
    count_skill,
    districts_over_optimum,
    imbalance,
    significant,
    straight,
)

HERE = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
METHODS = (
    'method,field,median,median_share,seeds\n"GA, eq. 1",people,30,0.3,10\n'
    "AZP-SA,people,25,0.25,10\nAZP-SA,old,90,0.9,10\n"
)
OPTIMUM = "field,closed_form_bound,best_plan,best_share,proven\npeople,10,20,0.2,optimal\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of five real cities and a simulated one, with numbers of sections 15, 16 and 23."""
    with pytest.MonkeyPatch.context() as patch:
        made = _filled(HERE["place"](tmp_path_factory.mktemp("cities"), patch))
        yield build(made.root).parent


def _filled(results):
    for section in ("15_patrol_allocation", "16_patrol_evaluation", "23_district_results"):
        results.section(section, section)
    for place, saving in {"leeds": 0.1, "toronto": 0.2, "mesa": 0.6, "a": 0.15, "b": 0.5}.items():
        results.city(place, place.title())
        _saved(results, place, "16_patrol_evaluation", {"saving_equal_p": saving})
    results.city("made", "Made", synthetic=["events"])
    _saved(results, "made", "16_patrol_evaluation", {"saving_equal_p": 0.9}, status="SYNTHETIC")
    nodes = "node,x,y\n" + "".join(f"{i},{100 * (i % 4)},{50 * (i // 4)}\n" for i in range(8))
    numbers = {"mean_m": 50.0, "p": 4, "unit": "m", "above_optimum_K-means": 0.04}
    _saved(results, "leeds", "15_patrol_allocation", numbers, [("nodes", nodes)])
    _saved(
        results, "toronto", "15_patrol_allocation", {**numbers, "unit": "min"}, [("nodes", nodes)]
    )
    _saved(
        results,
        "leeds",
        "23_district_results",
        {"areas": 4},
        [("methods", METHODS), ("optimum", OPTIMUM)],
    )
    results.run("mesa", "15_patrol_allocation", "not run", reason="city has no stations")
    return results


def _saved(results, city, section, numbers, tables=(), status=""):
    results.run(city, section, cells=[results.text(f"# {section}", "h")])
    results.outputs(city, section, section, tables=tables)
    results.numbers(city, section, numbers)
    if status:
        path = results.root / f"data/processed/{city}/{section}_numbers.json"
        path.write_text(
            path.read_text("utf-8").replace('"status": ""', f'"status": "{status}"'), "utf-8"
        )
        listed = path.with_name(f"{section}_outputs.json")
        index = json.loads(listed.read_text("utf-8"))
        results_of = [entry for entry in index["outputs"] if entry["kind"] != "numbers"]
        index["outputs"] = [*results_of, results._entry("numbers", "numbers", path, "", "", "")]
        listed.write_text(json.dumps(index), "utf-8")


def rows(report) -> dict[tuple[str, str], dict[str, str]]:
    table = csv.DictReader(io.StringIO((report / "comparison.csv").read_text("utf-8")))
    return {(row["city"], row["key"]): row for row in table}


def test_numbers_have_no_dimension_and_say_why_they_are_missing(report):
    found = rows(report)
    # 8 squares of 100 by 50 m; four posts; 50 m on average
    ratio = 50 / math.sqrt(8 * 100 * 50 / 4)
    assert float(found["leeds", "distance_ratio"]["value"]) == pytest.approx(ratio)
    assert "minutes" in found["toronto", "distance_ratio"]["no_number"]
    assert found["mesa", "distance_ratio"]["no_number"] == "city has no stations"
    assert found["made", "distance_ratio"]["no_number"] == "has not run"
    # of the first field only, over the optimum
    assert float(found["leeds", "districts_azp_sa_ratio"]["value"]) == pytest.approx(25 / 20)
    assert float(found["leeds", "districts_ga_ratio"]["value"]) == pytest.approx(30 / 20)
    assert found["leeds", "districts_ga_ratio"]["note"] == "people, 4 areas, 10 runs"
    assert found["leeds", "imbalance"]["note"] == (
        "people, 4 areas, at least 10.0 % by its largest zones"
    )
    # what lies 4 % above the optimum is 1.04 times as much, as of districts
    assert float(found["leeds", "kmeans_ratio_at_p"]["value"]) == pytest.approx(1.04)
    page = (report / "comparison.html").read_text("utf-8")
    panel = page.partition('<h3 id="districts_ga_ratio">')[2].partition("</table>")[0]
    assert ">1.500<" in panel and "%</td>" not in panel
    assert found["made", "saving_today"]["simulated"] == "yes"
    assert found["leeds", "saving_today"]["simulated"] == "no"
    assert all(bool(row["value"]) != bool(row["no_number"]) for row in found.values())


def test_simulated_cities_are_hatched_and_enter_no_median(report):
    page = (report / "comparison.html").read_text("utf-8")
    panel = page.partition('<h3 id="saving_today">')[2].partition("</table>")[0]
    assert "Median of 5 real maps" in panel and "20.0 %</td>" in panel
    hatched = re.findall(r'<tr class="simulated"><th scope="row">(\w+)', panel)
    assert hatched == ["Made"]
    assert panel.index(">Made") > max(
        panel.index(f">{name}") for name in ("Leeds", "Toronto", "Mesa")
    )
    link = "notebooks/leeds/16_patrol_evaluation.html#results"
    assert f'<a href="{link}">10.0 %</a>' in panel
    # fewer than five real maps have no median
    assert "Median" not in page.partition('<h3 id="kmeans_ratio_at_p">')[2].partition("</table>")[0]
    first = (report / "index.html").read_text("utf-8")
    assert (
        "less distance than from as many posts of today" in first
        and 'href="comparison.html"' in first
    )


def test_bars_begin_at_zero_also_where_numbers_are_negative():
    about = MEASURES[0]
    entries = [Entry(CityRecord(name, name), about, found) for name, found in
               {"a": Found(0.3, 0.2, 0.4), "b": Found(-0.1)}.items()]  # fmt: skip
    panel = Panel(about, entries)
    assert panel.zero == 20
    assert panel.bar(entries[0]) == Bar(20, 60, 60, 100)
    assert panel.bar(entries[1]) == Bar(0, 20)
    assert entries[1].text == "−10.0 %"


def _results(values=(), section="s", no_amounts=()) -> Results:
    """Results of a section with these numbers."""
    saved = Saved(dict(values), simulated=False, cells={})
    return Results("nowhere", section, saved, frozenset(no_amounts))


@pytest.fixture
def saved_tables(monkeypatch):
    """Give a section saved tables; returns where to put them, by name."""
    tables: dict[str, pd.DataFrame] = {}
    monkeypatch.setattr(
        measures.store, "saved_file", lambda city, section, name: name in tables and (name,)
    )
    monkeypatch.setattr(measures.store, "read_content", lambda name: tables[name])
    return tables


def test_zones_count_as_spots_with_false_discoveries_controlled(saved_tables):
    rows = [
        ("people", "normal", "queen", 5, 5, 0.7),
        ("people", "normal", "band", 5, 1, 1.0),
        ("people", "normal, FDR", "queen", 4, 4, 0.5),
        ("people", "normal, FDR", "band", 2, 1, 0.5),
        ("crimes", "normal, FDR", "band", 9, 0, 0.5),
    ]
    names = ["field", "test", "definition", "hot_95", "cold_95", "same_as_map"]
    saved_tables["choices"] = pd.DataFrame(rows, columns=names)
    saved_tables["fields"] = pd.DataFrame({"field": ["Residents 2016", "Crimes"]})
    found = significant(_results({"zones": 10}))
    # by queen, the range over both definitions beside it
    assert (found.value, found.low, found.high) == (0.8, 0.3, 0.8)
    assert found.note == "Residents 2016; 3 to 8 of 10 zones by 2 definitions of neighbours"
    whole = saved_tables["choices"]
    saved_tables["choices"] = whole.query("definition != 'queen'")
    with pytest.raises(NoNumber, match="border or a corner"):
        significant(_results({"zones": 10}))
    saved_tables["choices"] = whole
    saved_tables["choices"] = saved_tables["choices"].query("test == 'normal'")
    with pytest.raises(NoNumber, match="false discovery"):
        significant(_results({"zones": 10}))


def test_an_optimum_that_nobody_proved_gives_no_excess(saved_tables):
    # where nothing is proven the section saves no ratio to an optimum
    saved_tables["methods"] = pd.read_csv(io.StringIO(METHODS))
    best = pd.read_csv(io.StringIO(OPTIMUM))
    saved_tables["optimum"] = best.assign(proven="no proof, weak bound")
    with pytest.raises(NoNumber, match="nothing is proven there"):
        districts_over_optimum("AZP-SA")(_results())
    with pytest.raises(NoNumber, match="was not run"):
        districts_over_optimum("AZP")(_results())
    # an optimum of zero divides nothing
    saved_tables["optimum"] = best.assign(best_plan=0.0, best_share=0.0, closed_form_bound=0.0)
    with pytest.raises(NoNumber, match="least sum of differences is zero"):
        districts_over_optimum("AZP-SA")(_results())
    saved_tables["methods"] = saved_tables["methods"].assign(median=0.0)
    assert districts_over_optimum("AZP-SA")(_results()).value == 1
    assert "no zone larger than an equal share" in imbalance(_results()).note
    assert imbalance(_results()).value == 0


def test_means_are_not_summed_over_districts(saved_tables):
    saved_tables["methods"] = pd.read_csv(io.StringIO(METHODS))
    saved_tables["optimum"] = pd.read_csv(io.StringIO(OPTIMUM))
    for read in (imbalance, districts_over_optimum("AZP-SA")):
        with pytest.raises(NoNumber, match="no amount that can be summed"):
            read(_results(no_amounts=["people"]))
    fields = load_city(ROOT / "data/raw/columbus").fields()
    assert not any(field.is_amount for field in fields.values())
    leeds = load_city(ROOT / "data/raw/leeds").fields()
    assert leeds["events"].is_amount and not leeds["crime_rate"].is_amount


def test_ways_along_streets_are_not_compared_with_straight_ones(monkeypatch):
    read = straight(lambda results: results.found("mean"))
    own = {"mean": 2.0, "metric": "euclidean"}
    assert read(_results(own, measures.ALLOCATION)).value == 2
    with pytest.raises(NoNumber, match="along streets"):
        read(_results(own | {"metric": "streets"}, measures.ALLOCATION))
    # section 16 takes the metric of section 15
    streets = Saved({"metric": "streets"}, simulated=False, cells={})
    monkeypatch.setattr(measures.claims, "saved_numbers", lambda city, section: streets)
    with pytest.raises(NoNumber, match="along streets"):
        read(_results({"mean": 2.0}, "16_patrol_evaluation"))


def test_a_hundredth_of_few_places_is_not_compared():
    assert busiest(_results({"busiest": 0.1, "places": 1000})).note == "1,000 places"
    with pytest.raises(NoNumber, match="too few"):
        busiest(_results({"busiest": 0.1, "places": 194}))


def test_what_differs_between_cities_stands_beside_their_numbers(saved_tables, monkeypatch):
    """How many plans, months and criteria a number rests on, and which period it is of."""
    saved_tables["means"] = pd.DataFrame(
        {"patrols": [1, 2, 3, 5], "kmeans_m": [5.0, 4, 3, None], "exact_m": [5.0, 4, 3, 2]}
    )
    found = measures.kmeans_over_optimum(_results({"kmeans_excess_mean": 0.03}))
    assert (found.value, found.note) == (1.03, "mean of 3 plans, 1 to 3 patrols")
    saved_tables["score_history"] = pd.DataFrame({"period": ["2017-07", "2018-07", "2018-07"]})
    counts = {"count_deviance": 1.0, "history_deviance": 2.0, "period": "2018"}
    assert count_skill(_results(counts)).note == "one test month, 2018-07"
    others = {
        measures.ALLOCATION: Saved({"demand": "forecast for 2019"}, simulated=False, cells={}),
        measures.RANKING: Saved({"criteria": 6}, simulated=False, cells={}),
    }
    monkeypatch.setattr(measures.claims, "saved_numbers", lambda city, section: others[section])
    assert measures.of_criteria("settled")(_results({"settled": 0.5})).note == "6 criteria"
    row = {"method": "exact", "patrols": 3, "saving": 0.2, "saving_low": 0.1, "saving_high": 0.3}
    saved_tables["afterwards"] = pd.DataFrame([row])
    later = measures.saving_later(_results({"posts_used": 3, "later_period": "2021"}))
    assert later.note == "crimes of 2021; plan by forecast for 2019"
    # what a plan saves on the demand that it was made for is told with what it saves later
    equal = {"saving_equal_p": 0.22, "posts_used": 3, "later_period": "2021"}
    told = measures.saving_now(_results(equal))
    assert (told.value, told.note) == (
        0.22, "by the demand that it is planned for; 20.0\xa0% on the crimes of 2021"
    )  # fmt: skip
    alone = measures.saving_now(_results({"saving_equal_p": 0.22}))
    assert (alone.value, alone.note) == (0.22, "by the demand that it is planned for")


def test_the_start_page_says_under_which_weights_a_class_is_kept():
    settled = next(m for m in MEASURES if m.key == "settled")
    assert "at least 95 % of" in settled.about and "at least 95 % of" in settled.short


def test_a_page_without_a_median_promises_none():
    about = next(m for m in MEASURES if m.key == "settled")
    entries = [Entry(CityRecord(str(i), str(i)), about, Found(0.5)) for i in range(6)]
    assert not Comparison(entries).has_median
    entries += [Entry(CityRecord(str(i), str(i)), MEASURES[0], Found(0.5)) for i in range(6)]
    assert Comparison(entries).has_median


def test_the_start_page_shows_no_share_of_spots():
    assert not next(m for m in MEASURES if m.key == "significant_zones").short


def test_numbers_of_places_fields_and_zones_have_no_median():
    for key in ("busiest", "significant_zones", "imbalance"):
        measure = next(m for m in MEASURES if m.key == key)
        rows = [Entry(CityRecord(str(i), str(i)), measure, Found(0.1 * i)) for i in range(6)]
        assert Panel(measure, rows).median == "" and not measure.better
        assert Panel(MEASURES[0], rows).median
    counts = next(m for m in MEASURES if m.key == "skill_counts")
    assert not counts.short
