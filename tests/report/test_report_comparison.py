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

from helpers.report import build
from helpers.report.comparison import Bar, Entry, Panel
from helpers.report.inventory import CityRecord
from helpers.report.measures import MEASURES, Found, NoNumber, district_excess, significant

HERE = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
METHODS = (
    'method,field,median_over_optimum\n"GA, eq. 1",people,1.5\nAZP-SA,people,1.25\nAZP-SA,old,9\n'
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of three real cities and a simulated one, with numbers of sections 15, 16 and 23."""
    with pytest.MonkeyPatch.context() as patch:
        made = _filled(HERE["place"](tmp_path_factory.mktemp("cities"), patch))
        yield build(made.root).parent


def _filled(results):
    for section in ("15_patrol_allocation", "16_patrol_evaluation", "23_district_results"):
        results.section(section, section)
    for place, saving in {"leeds": 0.1, "toronto": 0.2, "mesa": 0.6}.items():
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
    _saved(results, "leeds", "23_district_results", {}, [("methods", METHODS)])
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
    # of the first field only
    assert float(found["leeds", "districts_azp_sa"]["value"]) == 0.25
    assert float(found["leeds", "districts_ga"]["value"]) == 0.5
    assert found["made", "saving_today"]["simulated"] == "yes"
    assert found["leeds", "saving_today"]["simulated"] == "no"
    assert all(bool(row["value"]) != bool(row["no_number"]) for row in found.values())


def test_simulated_cities_are_hatched_and_enter_no_median(report):
    page = (report / "comparison.html").read_text("utf-8")
    panel = page.partition('<h3 id="saving_today">')[2].partition("</table>")[0]
    assert "Median of 3 real cities" in panel and "20.0 %</td>" in panel
    hatched = re.findall(r'<tr class="simulated"><th scope="row">(\w+)', panel)
    assert hatched == ["Made"]
    assert panel.index(">Made") > max(
        panel.index(f">{name}") for name in ("Leeds", "Toronto", "Mesa")
    )
    link = "notebooks/leeds/16_patrol_evaluation.html#results"
    assert f'<a href="{link}">10.0 %</a>' in panel
    # two real cities have no median
    assert "Median" not in page.partition('<h3 id="kmeans_at_p">')[2].partition("</table>")[0]
    first = (report / "index.html").read_text("utf-8")
    assert (
        "less distance than from today&#39;s posts" in first and 'href="comparison.html"' in first
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


class _Saved:
    """Stands for the results of a section, with one table."""

    def __init__(self, table: pd.DataFrame):
        self.table = lambda name: table


def test_zones_count_as_spots_at_five_per_cent_in_the_first_field():
    classes = [
        "Hot spot 99 %",
        "Cold spot 95 %",
        "Hot spot 90 %",
        "Not significant",
        "Hot spot 99 %",
    ]
    spots = pd.DataFrame({"field": list("aaaab"), "class": classes})
    assert significant(_Saved(spots)).value == 0.5
    with pytest.raises(NoNumber):
        significant(_Saved(spots.rename(columns={"class": "other"})))


def test_an_optimum_that_nobody_proved_gives_no_excess():
    table = pd.DataFrame({"method": ["AZP"], "field": ["a"], "median_over_optimum": [math.nan]})
    with pytest.raises(NoNumber, match="no optimum"):
        district_excess("AZP")(_Saved(table))
    with pytest.raises(NoNumber, match="was not run"):
        district_excess("AZP-SA")(_Saved(table))
