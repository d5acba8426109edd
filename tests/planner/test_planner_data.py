"""The data of the planner page: what was saved, to the last digit, and nothing that does not fit."""

from __future__ import annotations

import base64
import json
import runpy
import shlex
import zlib
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from helpers.cities import load_city
from helpers.compendium.store import read_content, result_path, saved_file
from helpers.location import study
from helpers.location.study import distances
from helpers.planner import PROOFS, read_planner
from helpers.planner.by_history import by_history
from helpers.planner.command import command
from helpers.planner.names import ZONES
from helpers.planner.plans import proofs
from helpers.planner.remarks import cautions
from helpers.runner import parse_value

TOWN = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
EXAMPLE, CITY, CRS, MOST = TOWN["EXAMPLE"], TOWN["CITY"], TOWN["CRS"], TOWN["MOST"]
SECTION, HOSTILE, SHIFT = EXAMPLE["SECTION"], EXAMPLE["HOSTILE"], EXAMPLE["SHIFT"]
JUDGED = EXAMPLE["JUDGED"]


def planner_of(results, **changes):
    town = load_city(results.raw / CITY)
    return read_planner(CITY, town, title="Leeds", place=CITY, **changes)


def saved_again(name: str, change, section: str = SECTION) -> None:
    """Save a layer of a section anew, with a change."""
    path, _ = saved_file(CITY, section, name)
    frame = change(read_content(path))
    index = path.with_name(f"{section}_outputs.json")
    content = json.loads(index.read_text(encoding="utf-8"))
    saver = EXAMPLE["Saver"].__new__(EXAMPLE["Saver"])
    shelf = EXAMPLE["Shelf"](CITY, section, section, content["provenance"])
    shelf.begin()
    shelf._entries.extend(content["outputs"])
    saver.shelf = shelf
    saver.frame(name, frame)


def test_every_plan_is_there_with_its_bound(kept, solved):
    data = json.loads(planner_of(kept).data)
    assert list(data["plans"]) == ["all", SHIFT, "history"]
    assert list(data["plans"]["all"]) == ["p-median", "p-center", "covering", "backup"]
    for (objective, p), plan in solved.plans.items():
        row = data["plans"]["all"][objective][p - 1]
        assert row[0] == p and row[4] == plan.sites.tolist() and row[3] is bool(plan.proven)
        assert row[1] == plan.objective and row[2] == plan.bound
    assert data["start"] == {"p": 4, "objective": "p-median"}
    assert data["radius"] == solved.radius


def test_nodes_keep_every_digit(kept, solved):
    data, nodes = json.loads(planner_of(kept).data), solved.nodes
    assert [data["xs"][i] for i in data["ix"]] == nodes["x"].tolist()
    assert [data["ys"][i] for i in data["iy"]] == nodes["y"].tolist()
    assert data["expected"] == nodes["expected"].tolist()
    assert data["node"] == nodes["node"].tolist()
    assert data["cell"] == [250.5, 260.25]
    degrees = gpd.GeoSeries(gpd.points_from_xy(nodes["x"], nodes["y"]), crs=CRS).to_crs(4326)
    # what is shown is rounded once, from these
    assert data["lon"] == degrees.x.tolist()
    assert data["lat"] == degrees.y.tolist()


def test_the_outline_is_the_boundary_with_fewer_corners(kept):
    data = json.loads(planner_of(kept).data)
    path, _ = saved_file(CITY, SECTION, "plans_boundary (GeoJSON)")
    boundary = gpd.read_file(path).to_crs(CRS).union_all()
    outline = shapely.Polygon(data["outline"][0])
    assert shapely.symmetric_difference(outline, boundary).area < 0.01 * boundary.area
    assert len(data["outline"][0]) < shapely.get_num_coordinates(boundary)


def test_hostile_names_stay_inside_the_script_element(kept):
    planner = planner_of(kept)
    assert "<" not in planner.data
    data = json.loads(planner.data)
    assert data["places"][data["place"][3]] == f"{HOSTILE} 3"
    assert data["today"]["label"] == f"Posts {HOSTILE}"


def test_what_a_reader_without_scripts_sees_is_the_opening_plan(kept, solved):
    planner = planner_of(kept)
    plan = solved.plans["p-median", 4]
    assert [row[0] for row in planner.posts] == [1, 2, 3, 4]
    assert sum(row[4] for row in planner.posts) == pytest.approx(1)
    assert [row[4] for row in planner.posts] == sorted((r[4] for r in planner.posts), reverse=True)
    assert {row[1] for row in planner.posts} == {
        f"{HOSTILE} {solved.nodes['node'][site]}" for site in plan.sites
    }
    assert [row[:2] for row in planner.curve] == [
        (p, solved.plans["p-median", p].objective) for p in range(1, MOST + 1)
    ]


def test_proofs_are_a_script_of_what_was_saved(kept, solved):
    script = planner_of(kept).proofs
    head = f'"use strict";\nwindow.{PROOFS} = "'
    assert script.startswith(head) and script.endswith('";\n')
    found = json.loads(zlib.decompress(base64.b64decode(script[len(head) : -3])))
    wanted = {
        "all": {"p-median": solved.proofs, "p-center": solved.center},
        EXAMPLE["SHIFT"]: {"p-median": solved.certificates["evening"]},
        "history": {"p-median": solved.certificates["earlier"]},
    }
    assert found == json.loads(json.dumps(wanted))
    assert len(script) < 0.5 * len(json.dumps(wanted))
    numbers = list(range(1, MOST + 1))
    assert json.loads(planner_of(kept).data)["proofs"] == {
        "all": {"p-median": numbers, "p-center": [2]},
        EXAMPLE["SHIFT"]: {"p-median": numbers[:3]},
        "history": {"p-median": numbers},
    }


def test_proofs_about_other_nodes_are_left_out(solved):
    short = {"tree": {"steps": [{"radii": [1.0], "mu": []}]}}
    shorter = {p: {**proof, **short} for p, proof in solved.proofs.items()}
    beyond = {"2": {**solved.center["2"], "beyond": {**solved.center["2"]["beyond"], **short}}}
    saved = {"p-median": shorter, "p-center": beyond, "covering": {"1": 5}, "backup": None}
    assert proofs({"all": saved}, len(solved.nodes)) == {}


def test_the_interval_on_later_crimes_comes_along(kept, solved):
    later = json.loads(planner_of(kept).data)["later"]
    assert later["period"] == "July 2018"
    mean = solved.plans["p-median", 2].objective / solved.nodes["expected"].sum()
    now = [len(TOWN["TODAY"]), 1.2 * mean]
    np.testing.assert_allclose(later["today"][:2], now)
    saved = 1 - 1.05 / 1.2
    row = [2, 1.05 * mean, 0.95 * mean, 1.2 * mean, saved, saved - 0.15, saved + 0.1]
    np.testing.assert_allclose(later["exact"][1], row)


def test_without_posts_of_today_nothing_is_saved_against_them(saved):
    before = json.loads(planner_of(saved).data)["later"]
    saved_again("afterwards", lambda rows: rows[rows["method"] != EXAMPLE["TODAY"]], JUDGED)
    later = json.loads(planner_of(saved).data)["later"]
    assert later["today"] is None
    assert later["exact"] == [row[:4] for row in before["exact"]]


def test_later_crimes_that_are_no_numbers_are_left_out(saved):
    saved_again("afterwards", lambda rows: rows.assign(low_m=np.nan), JUDGED)
    assert json.loads(planner_of(saved).data)["later"] is None


@pytest.mark.parametrize(
    ("precision", "by_shift", "words"),
    [
        ("month", False, "Its crimes have no hours: every plan is for day and night."),
        ("hour", False, "No forecast by shift was made: every plan is for day and night."),
        ("hour", True, None),
    ],
)
def test_why_there_are_no_plans_by_shift_is_said(precision, by_shift, words):
    layers = SimpleNamespace(events=SimpleNamespace(time_precision=precision))
    town = SimpleNamespace(synthetic=(), policy=None, card=SimpleNamespace(layers=layers))
    said = cautions(town, {"metric": "euclidean"}, by_shift=by_shift)
    assert [s for s in said if "day and night" in s] == ([words] if words else [])


def test_a_page_with_plans_by_shift_does_not_say_that_it_has_none(saved):
    assert not any("day and night" in sentence for sentence in planner_of(saved).cautions)

    def day(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["shift"] == "all"]

    saved_again("plans_curve", day)
    saved_again("plans_posts", day)
    said = planner_of(saved).cautions
    assert "Its crimes have no hours: every plan is for day and night." in said


def test_remarks_say_what_the_page_is_not(saved):
    remarks = planner_of(saved).remarks
    assert f"Events: {HOSTILE}" in remarks
    assert any("nobody reported" in sentence for sentence in remarks)
    assert any("known roughly only" in sentence for sentence in remarks)
    assert f"Today's posts: {TOWN['NOTE']}" in remarks
    assert any(sentence.endswith(f"or the {EXAMPLE['EARLIER']} where that is chosen.") for sentence in remarks)  # fmt: skip
    made = f"made from {EXAMPLE['CRIMES']:,} crimes of {EXAMPLE['MONTHS']}, or the"
    assert any(made in sentence for sentence in remarks)
    few = planner_of(saved).cautions
    assert few[:2] == ["Recorded crimes only.", EXAMPLE["KNOWN"]]
    assert few[2].startswith(f"Posts {HOSTILE} of today")
    card = saved.raw / CITY / "city.yml"
    said = {**json.loads(card.read_text(encoding="utf-8")), "synthetic": ["events"]}
    card.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    remarks = planner_of(saved).remarks
    assert remarks[0].startswith("The crimes are simulated")
    assert planner_of(saved).cautions[0].startswith("Simulated crimes")
    assert not any("nobody reported" in sentence for sentence in remarks)


def test_a_plan_that_lacks_a_post_is_left_out(saved):
    def lacking(posts: pd.DataFrame) -> pd.DataFrame:
        own = (posts["objective"] == "covering") & (posts["p"] == 3) & (posts["patrol"] == 2)
        assert own.sum() == 1
        return posts[~own]

    saved_again("plans_posts", lacking)
    data = json.loads(planner_of(saved).data)
    assert [row[0] for row in data["plans"]["all"]["covering"]] == [1, 2, 4, 5]
    assert [row[0] for row in data["plans"]["all"]["backup"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("plans_posts", lambda posts: posts.assign(node=posts["node"] + 1000)),
        ("plans_curve", lambda curve: curve.assign(objective="none")),
        ("plans_curve", lambda curve: curve.drop(columns="bound")),
    ],
)
def test_plans_that_do_not_fit_make_no_page(saved, name, change):
    assert planner_of(saved) is not None
    saved_again(name, change)
    assert planner_of(saved) is None


def test_a_damaged_file_makes_no_page(saved):
    path = result_path(CITY, SECTION, "plans_posts", ".csv")
    path.write_text(path.read_text(encoding="utf-8").replace("p-median", "p-center", 1))
    assert planner_of(saved) is None


def same_inputs(results, section: str, inputs: str) -> None:
    """What a section saved was made from these files."""
    index = results.root / "data/processed" / CITY / f"{section}_outputs.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    content["provenance"]["inputs"] = inputs
    index.write_text(json.dumps(content), encoding="utf-8")


def test_where_no_names_were_saved_stations_name_the_places(saved, solved):
    from helpers.compendium import input_hash

    saved_again("plans_nodes", lambda nodes: nodes.drop(columns="place"))
    assert json.loads(planner_of(saved).data)["place"] == []
    at = {"station": [HOSTILE, "West"], "x": [432_000, 430_000], "y": [433_500, 433_500]}
    pd.DataFrame(at).to_csv(saved.raw / CITY / "stations.csv", index=False)
    inputs = input_hash(load_city(saved.raw / CITY))
    same_inputs(saved, SECTION, inputs)
    data, nodes = json.loads(planner_of(saved).data), solved.nodes
    for i in (0, len(nodes) - 1):
        east, north = nodes["x"][i] - at["x"], nodes["y"][i] - np.array(at["y"])
        ways = np.hypot(east, north) / 1000
        k = int(ways.argmin())
        angle = np.degrees(np.arctan2(north[k], east[k]))  # from the east, to the left
        winds = {"E": 0, "NE": 45, "N": 90, "NW": 135, "W": 180, "SW": -135, "S": -90, "SE": -45}
        wind = min(winds, key=lambda name: abs((angle - winds[name] + 180) % 360 - 180))
        told = f"{ways[k]:.1f} km {wind} of {at['station'][k]}"
        assert data["places"][data["place"][i]] == told
    # the zone says more than a station, where zones have names and are those of the same files
    for names, found in (([HOSTILE, "East"], [HOSTILE, "East"]), (["A 1", "B 2"], None)):
        zones = [shapely.box(430_000, 430_000, 431_000, 440_000), shapely.box(431_000, 430_000, 440_000, 440_000)]  # fmt: skip
        layer = gpd.GeoDataFrame({"zone": [1, 2], "name": names}, geometry=zones, crs=CRS)
        EXAMPLE["Saver"](CITY, ZONES).shapes("plans_zones", layer)
        assert HOSTILE not in json.loads(planner_of(saved).data)["places"]
        same_inputs(saved, ZONES, inputs)
        data = json.loads(planner_of(saved).data)
        if found is None:
            assert all(place.endswith(("West", HOSTILE)) for place in data["places"])
            continue
        east = nodes["x"] > 431_000
        assert [data["places"][i] for i in data["place"]] == np.where(east, *found[::-1]).tolist()


def test_posts_of_today_have_the_names_of_their_layer(saved):
    from helpers.compendium import input_hash

    saved_again("plans_today", lambda posts: posts.drop(columns="name"))
    x, y = TOWN["TODAY"][1]
    stations = pd.DataFrame({"station": ["Far", HOSTILE], "x": [1.0, x], "y": [1.0, y]})
    stations.to_csv(saved.raw / CITY / "stations.csv", index=False)
    # the names of other files are those of other posts
    assert json.loads(planner_of(saved).data)["today"]["names"] == ["", "", ""]
    same_inputs(saved, SECTION, input_hash(load_city(saved.raw / CITY)))
    assert json.loads(planner_of(saved).data)["today"]["names"] == ["", HOSTILE, ""]


def test_posts_of_today_are_those_that_section_16_compares(saved, solved):
    """A post beyond the boundary serves others: both sections decide by one function."""
    posts = gpd.GeoDataFrame(geometry=list(shapely.points(TOWN["TODAY"])), crs=TOWN["CRS"])
    corner = shapely.box(430_500, 433_000, 431_000, 434_000)  # one stands on its edge
    for boundary, own in [
        (shapely.box(430_000, 433_000, 433_000, 435_000), [True, True, False]),
        (corner, [True, False, False]),
        (shapely.box(0, 0, 1, 1), [True, True, True]),  # where none stands inside all are compared
    ]:
        land = gpd.GeoDataFrame(geometry=[boundary], crs=TOWN["CRS"])
        layer = study.ground_layers(land, posts)["today"]
        saved_again("plans_today", lambda _, layer=layer: layer)
        assert json.loads(planner_of(saved).data)["today"]["own"] == own
        judged = study.posts_of_today(posts, boundary)
        assert len(judged.own) == sum(own) and judged.compared.tolist() == own
    # one that says less, or of none that it counts, is that of all
    for less in (["compared"], ["inside", "compared"]):
        saved_again("plans_today", lambda _, less=less: layer.drop(columns=less))
        assert json.loads(planner_of(saved).data)["today"]["own"] == [True] * 3


def test_shifts_and_history_have_their_own_plans_and_demand(kept, solved):
    data = json.loads(planner_of(kept).data)
    for name, (weight, plans) in ((SHIFT, solved.evening), ("history", solved.earlier)):
        assert list(data["plans"][name]) == ["p-median"]
        rows = data["plans"][name]["p-median"]
        assert [row[0] for row in rows] == list(plans)
        for p, value, bound, proven, sites in rows:
            plan = plans[p]
            assert (value, bound, proven) == (plan.objective, plan.bound, bool(plan.proven))
            assert sites == plan.sites.tolist()
        np.testing.assert_allclose(data["shifts"][name], weight)
    assert data["history"] == EXAMPLE["EARLIER"]
    assert data["when"] == {SHIFT: EXAMPLE["WHEN"]}
    # calls of the shift's own hours, not of all
    calls = {SHIFT: solved.evening[0].sum() / 2920}
    assert data["queue"]["shifts"] == pytest.approx(calls)
    saved_again("shifts", lambda table: table.drop(columns="hours"))
    data = json.loads(planner_of(kept).data)
    assert (data["when"], data["queue"]["shifts"]) == ({}, {})


@pytest.mark.parametrize(
    "change",
    [
        {"expected": [1.0]},
        {"plans": []},
        {"plans": [{"patrols": 2, "value": 1.0, "bound": None, "proven": False, "nodes": [0]}]},
        {"plans": [{"patrols": 1, "value": 1.0, "bound": None, "proven": False, "nodes": [-7]}]},
        {"basis": None, "expected": "many"},
    ],
)
def test_a_history_that_does_not_fit_is_left_out(solved, change):
    weight, plans = solved.earlier
    nodes = solved.nodes["node"]
    whole = EXAMPLE["_by_history"](solved.nodes, weight, plans)
    assert by_history(whole, nodes) is not None
    assert by_history({**whole, **change}, nodes) is None
    assert by_history(None, nodes) is None


def test_the_command_says_with_what_the_plans_were_made():
    usual = {"metric": "auto", "columns": "auto", "coarse": [10, 10], "patrols": 8, "quick": False}
    made = {"metric": "min utes", "columns": 40, "coarse": [5, 4], "patrols": 3, "quick": True, "other": 1}  # fmt: skip
    said = command("'my town'", "15", made, usual | {"columns": 40})
    given = shlex.split(said)
    assert given[:6] == ["python3", "run_all.py", "--city", "my town", "--section", "15"]
    assert given[7::2] == ["metric=min utes", "coarse=[5,4]", "quick=true"]
    assert parse_value("[5,4]") == [5, 4] and parse_value("true") is True


@pytest.mark.parametrize("metric", ["streets", "minutes"])
def test_streets_come_along_so_that_the_page_computes_ways(tmp_path, monkeypatch, solved, metric):
    from helpers.compendium import input_hash

    lines = [[(430_000, 433_000 + 260 * k), (432_300, 433_000 + 260 * k)] for k in range(8)]
    lines += [[(430_000 + 251 * k, 433_000), (430_000 + 251 * k, 435_000)] for k in range(10)]
    streets = gpd.GeoDataFrame(geometry=[shapely.LineString(line) for line in lines], crs=CRS)
    streets = gpd.GeoDataFrame(geometry=list(streets.union_all().geoms), crs=CRS)
    streets["speed_kmh"] = np.where(np.arange(len(streets)) % 2, 50.0, np.nan)
    made = TOWN["town"](tmp_path, monkeypatch, solved, metric=metric)
    card = made.raw / CITY / "city.yml"
    said = json.loads(card.read_text(encoding="utf-8"))
    said["layers"]["streets"] = {"file": "streets.geojson"}
    card.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    streets.to_crs(4326).to_file(card.with_name("streets.geojson"))
    (card.with_name("stations.csv")).write_text("x,y\n430500,433900\n", encoding="utf-8")
    town = load_city(made.raw / CITY)
    # plans of other files than those of now
    assert json.loads(planner_of(made).data)["network"] is None
    index = made.root / "data/processed" / CITY / f"{SECTION}_outputs.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    content["provenance"] |= {"inputs": input_hash(town), "parameters": {"speed": 24.0}}
    index.write_text(json.dumps(content), encoding="utf-8")
    planner = planner_of(made, usual={"metric": "auto", "speed": 30.0})
    data = json.loads(planner.data)
    # where streets are known the page says how to have minutes, and has them then
    asked = f"python3 run_all.py --city {CITY} --section 15 -p speed=24.0 -p metric=minutes"
    assert data["again"]["minutes"] == (asked if metric == "streets" else None)
    assert (data["metric"], data["radius"]) == (metric, solved.radius)
    assert planner.unit == ("crime-metres" if metric == "streets" else "crime-minutes")
    network, n = data["network"], len(solved.nodes)
    assert data["told"] == {}
    size = 1 + max(network["tail"] + network["head"])
    graph = sparse.csr_matrix((network["cost"], (network["tail"], network["head"])), (size, size))
    far = csgraph.dijkstra(graph)[np.ix_(network["spots"], network["spots"])]
    far += np.add.outer(network["away"], network["away"]) * ~np.eye(n, dtype=bool)
    ways = {"metric": metric, "streets": town.layer("streets"), "speed": 24.0}
    wanted = distances(solved.nodes[["x", "y"]], **ways)
    np.testing.assert_allclose(far.T, wanted, rtol=1e-12, atol=1e-9)
