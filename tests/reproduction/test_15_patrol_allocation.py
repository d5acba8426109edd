"""Section 15 on Leeds and San Miguel: costs recomputed from the data, the proof checked again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from helpers.compendium import claims
from helpers.location import verify, verify_center

NAME = "15_patrol_allocation"
SIMULATED = {"leeds": False, "san_miguel": True}


@pytest.fixture(scope="module", params=list(SIMULATED))
def city(request, reproduced) -> tuple[str, Path]:
    return request.param, reproduced / "data" / "processed" / request.param


@pytest.fixture(scope="module")
def saved(city):
    folder = city[1]
    read = {
        kind: json.loads((folder / f"{NAME}_{kind}.json").read_text(encoding="utf-8"))
        for kind in ("numbers", "outputs")
    }
    return {
        "numbers": {k: entry["value"] for k, entry in read["numbers"]["numbers"].items()},
        "outputs": read["outputs"]["outputs"],
        "nodes": pd.read_parquet(folder / f"{NAME}_nodes.parquet"),
        "plan": pd.read_csv(folder / f"{NAME}_plan.csv", index_col="patrol"),
        "methods": pd.read_csv(folder / f"{NAME}_methods.csv"),
        "objectives": pd.read_csv(folder / f"{NAME}_objectives.csv", index_col="objective"),
        "certificate": folder / f"{NAME}_certificate.json",
    }


def test_grid_has_the_papers_nodes(city, saved):
    assert saved["numbers"]["grid_nodes"] == 960
    # centres inside the boundary, counted without the project's grid
    assert saved["numbers"]["nodes"] == {"leeds": 673, "san_miguel": 549}[city[0]]
    assert len(saved["nodes"]) == saved["numbers"]["nodes"]


def test_everybody_is_served_by_the_nearest_post(saved):
    nodes, plan = saved["nodes"], saved["plan"]
    xy = nodes[["x", "y"]].to_numpy()
    posts = xy[nodes["node"].searchsorted(plan["node"])]
    far = cdist(xy, posts)
    own = far[np.arange(len(nodes)), nodes["patrol"] - 1]
    np.testing.assert_allclose(own, far.min(axis=1), atol=1e-9)
    weight = nodes["expected"].to_numpy()
    assert own @ weight / weight.sum() == pytest.approx(saved["numbers"]["mean_m"], rel=1e-9)
    for patrol, row in plan.iterrows():
        mine = (nodes["patrol"] == patrol).to_numpy()
        assert weight[mine].sum() == pytest.approx(row["expected"], abs=0.06)
        mean = weight[mine] @ own[mine] / weight[mine].sum()
        assert mean == pytest.approx(row["mean_m"], abs=0.06)
    assert plan["share"].sum() == pytest.approx(1, abs=1e-3)
    assert plan["expected"].is_monotonic_decreasing


def test_posts_have_their_own_longitude_and_latitude(city, saved):
    from pyproj import Transformer

    crs = {"leeds": "EPSG:27700", "san_miguel": "EPSG:32718"}[city[0]]
    plan = saved["plan"]
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(
        plan["lon"], plan["lat"]
    )
    nodes = saved["nodes"].set_index("node").loc[plan["node"]]
    np.testing.assert_allclose(x, nodes["x"], atol=1.5)
    np.testing.assert_allclose(y, nodes["y"], atol=1.5)


def test_the_saved_certificate_proves_the_saved_plan(saved):
    nodes = saved["nodes"]
    xy = nodes[["x", "y"]].to_numpy()
    weight = nodes["expected"].to_numpy()
    cost, bound = verify(saved["certificate"], weight, patrols=8, demand_xy=xy, site_xy=xy)
    assert cost / weight.sum() == pytest.approx(saved["numbers"]["mean_m"], rel=1e-9)
    assert cost * (1 - 1.1e-9) <= bound <= cost
    assert saved["numbers"]["proven"] is True


def test_no_single_move_of_a_post_helps(saved):
    """Plain numpy over every post and every node: a necessary condition of optimality."""
    nodes = saved["nodes"]
    xy, weight = nodes[["x", "y"]].to_numpy(), nodes["expected"].to_numpy()
    far = cdist(xy, xy)
    posts = nodes["node"].searchsorted(saved["plan"]["node"])
    cost = weight @ far[:, posts].min(axis=1)
    for k in range(len(posts)):
        rest = far[:, np.delete(posts, k)].min(axis=1)
        moved = weight @ np.minimum(far, rest[:, None])
        assert moved.min() >= cost * (1 - 1e-12)


def test_programs_that_prove_agree_and_heuristics_never_win(saved):
    methods = saved["methods"]
    assert {"exact", "FasterPAM", "K-means", "Pyomo, GLPK", "spopt, HiGHS"} <= set(
        methods["method"]
    )
    for _, group in methods.groupby("grid"):
        best = group.loc[group["method"] == "exact", "crime_metres"].iloc[0]
        assert group["crime_metres"].min() >= best * (1 - 1e-9)
        proven = group[group["proven"]]
        np.testing.assert_allclose(proven["crime_metres"], best, rtol=1e-8)
        np.testing.assert_allclose(proven["bound_crime_metres"], best, rtol=1e-6)
    assert len(methods[methods["proven"]]) == 6
    assert saved["numbers"]["above_optimum_K-means"] > 0


def test_each_objective_wins_its_own_column(saved):
    table = saved["objectives"]
    assert table["proven"].all()
    assert table["mean_m"].idxmin() == "p-median"
    assert table["longest_m"].idxmin() == "p-center"
    assert table["one_within_radius"].idxmax() == "covering"
    both = table["one_within_radius"] + table["two_within_radius"]
    assert both.idxmax() == "backup"


def test_claims_of_the_paper(city, saved):
    printed = claims.published().set_index("claim_id")["published"]
    simulated = SIMULATED[city[0]]
    judged = {
        name: claims.judge(rule, printed[name], saved["numbers"], simulated=simulated)
        for name, rule in claims.rules().items()
        if rule.section == "15"
    }
    assert judged == {
        "LIM-12": "match" if saved["numbers"]["grid_nodes"] == 960 else "differs",
        "LIM-13": "paper-inconsistent",
        "LIM-14": "paper-inconsistent",
    }
    assert saved["numbers"]["model"] == "p-median"


def test_everything_simulated_says_so(city, saved):
    simulated = {("SYNTHETIC" in entry["status"]) for entry in saved["outputs"]}
    assert simulated == {SIMULATED[city[0]]}


def test_a_planner_opens_the_posts_of_nine_patrols_without_python(city, saved):
    """What a GIS does: SQL on the GeoPackage, and geometry as the format's bytes say it."""
    import sqlite3

    import geopandas as gpd
    import shapely

    folder = saved["certificate"].parent
    with sqlite3.connect(folder / f"{NAME}_plans.gpkg") as book:
        rows = book.execute(
            "SELECT geom, x, y, share, proven FROM posts WHERE shift = 'all' AND "
            "objective = 'p-median' AND p = 9"
        ).fetchall()
        told = dict(book.execute("SELECT what, value FROM about"))
    assert len(rows) == 9
    boundary = gpd.read_file(folder / f"{NAME}_plans.gpkg", layer="boundary").union_all()
    for blob, x, y, _, proven in rows:
        point = shapely.from_wkb(bytes(blob)[8:])  # a point carries no envelope
        assert (point.x, point.y) == (x, y)
        assert boundary.contains(point)
        assert proven
    assert sum(share for *_, share, _ in rows) == pytest.approx(1)
    assert told["metric"] == "euclidean"
    areas = gpd.read_file(folder / f"{NAME}_plans.gpkg", layer="territories")
    assert areas.query("shift == 'all' and objective == 'p-center' and p == 9").shape[0] == 9
    curve = pd.read_csv(folder / f"{NAME}_plans_curve.csv").query("shift == 'all'")
    curve = curve.set_index(["objective", "p"])
    assert (curve.loc["p-median", "value"].diff().dropna() < 0).all()
    assert curve.loc["p-median", "proven"].all()
    assert set(curve.loc["covering"].index) == set(range(1, 21))
    lon_lat = json.loads((folder / f"{NAME}_plans_posts.geojson").read_text(encoding="utf-8"))
    assert abs(lon_lat["features"][0]["geometry"]["coordinates"][0]) < 180


def test_certificates_of_every_number_are_there_and_hold(saved):
    nodes = saved["nodes"]
    xy, weight = nodes[["x", "y"]].to_numpy(), nodes["expected"].to_numpy()
    folder = saved["certificate"].parent
    curve = pd.read_csv(folder / f"{NAME}_plans_curve.csv").query("shift == 'all'")
    curve = curve.set_index(["objective", "p"])
    medians = json.loads((folder / f"{NAME}_certificates.json").read_text(encoding="utf-8"))
    assert set(medians) == {str(p) for p in range(1, 21)}
    cost, _ = verify(medians["5"], weight, patrols=5, demand_xy=xy, site_xy=xy)
    assert cost == pytest.approx(curve.loc[("p-median", 5), "value"])
    centers = json.loads((folder / f"{NAME}_certificates_center.json").read_text(encoding="utf-8"))
    reach, _ = verify_center(centers["2"], weight, patrols=2, demand_xy=xy, site_xy=xy)
    assert reach == pytest.approx(curve.loc[("p-center", 2), "value"])
