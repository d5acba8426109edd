"""Section 13 on Leeds and San Miguel: plain arithmetic, a known truth, the paper's claims."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN

from helpers.compendium.claims import ledger, published

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
NAME = "13_patrol_clustering"
PUBLISHED = 4.585156e-3
TRUE_RADIUS = 507.223  # metres: the published radius along the meridian
AREA = {"leeds": 551.74e6, "san_miguel": 9.675876e6}


def points_of(city: str) -> pd.DataFrame:
    """Kind and place of each event, projected without the project's readers."""
    file, kind, crs = {
        "leeds": ("street_crime_july_2016_2018.csv", "crime_type", "EPSG:27700"),
        "san_miguel": ("events.csv", "kind", "EPSG:32718"),
    }[city]
    table = pd.read_csv(RAW / city / file)
    onto_grid = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = onto_grid.transform(table["lon"], table["lat"])
    return pd.DataFrame({"kind": table[kind], "x": x, "y": y})


@pytest.fixture(scope="module", params=["leeds", "san_miguel"])
def city(request, reproduced):
    return request.param, reproduced / "data" / "processed" / request.param


@pytest.fixture(scope="module")
def saved(city):
    folder = city[1]
    numbers = json.loads((folder / f"{NAME}_numbers.json").read_text(encoding="utf-8"))["numbers"]
    return {
        "numbers": {name: entry["value"] for name, entry in numbers.items()},
        "dbscan": pd.read_csv(folder / f"{NAME}_dbscan.csv", index_col="kind"),
        "fits": pd.read_csv(folder / f"{NAME}_fits.csv", index_col=["pattern", "process"]),
        "functions": pd.read_csv(folder / f"{NAME}_functions.csv", index_col=[0, 1]),
        "merging": pd.read_csv(folder / f"{NAME}_merging.csv"),
        "clusters": gpd.read_parquet(folder / f"{NAME}_clusters.parquet"),
    }


def test_events_and_places(city, saved):
    expected = {"leeds": (29_640, 7_636), "san_miguel": (7_483, 7_483)}[city[0]]
    assert (saved["numbers"]["events"], saved["numbers"]["places"]) == expected


def test_ratio_is_lambda_pi_eps_squared_over_min_samples(city, saved):
    table, eps = saved["dbscan"], saved["numbers"]["eps_m"]
    expected = table["events"] / AREA[city[0]] * np.pi * eps**2
    np.testing.assert_allclose(table["expected_in_eps"], expected, rtol=1e-4)
    np.testing.assert_allclose(table["ratio_fixed"], expected / 5, rtol=2e-4)
    np.testing.assert_allclose(table["ratio_rule"], expected / table["min_samples_rule"], rtol=1e-3)
    assert (table["ratio_rule"] < 1).all()


def test_what_an_event_sees_is_a_plain_count(city, saved):
    events, eps = points_of(city[0]), saved["numbers"]["eps_m"]
    kind = saved["dbscan"].index[-1]  # the rarest
    mine = events.loc[events["kind"] == kind, ["x", "y"]].to_numpy()
    seen = (cdist(mine, mine) <= eps).sum(axis=1).mean()
    assert saved["dbscan"].loc[kind, "seen_in_eps"] == pytest.approx(seen, rel=1e-4)


@pytest.mark.parametrize("rank", [1, -1])
def test_clusters_are_those_of_plain_dbscan(city, saved, rank):
    """scikit-learn on every event, without joining those that share a place."""
    table, eps = saved["dbscan"], saved["numbers"]["eps_m"]
    kind = table.index[rank]
    events = points_of(city[0])
    mine = events.loc[events["kind"] == kind, ["x", "y"]].to_numpy()
    labels = DBSCAN(eps=eps, min_samples=table.loc[kind, "min_samples_rule"]).fit_predict(mine)
    sizes = np.sort(np.bincount(labels[labels >= 0]))
    clusters = saved["clusters"].query("kind == @kind")
    # a point between two clusters may belong to either
    np.testing.assert_allclose(np.sort(clusters["size"]), sizes, atol=3)
    assert table.loc[kind, "alone_rule"] == pytest.approx((labels < 0).mean(), abs=1e-4)


def test_clusters_table_is_whole(city, saved):
    clusters, table = saved["clusters"], saved["dbscan"]
    assert clusters.groupby("kind").size().to_dict() == table["clusters_rule"].to_dict()
    np.testing.assert_allclose(clusters.area, clusters["hull_area_m2"], rtol=1e-9)
    # events that all share one place have no density
    spread = clusters[clusters["hull_area_m2"] > 0]
    np.testing.assert_allclose(
        spread["density_per_m2"], spread["size"] / spread["hull_area_m2"], rtol=1e-9
    )
    assert clusters["density_per_m2"].isna().sum() == len(clusters) - len(spread)
    centres = shapely.points(clusters["x"], clusters["y"])
    assert (shapely.distance(clusters.geometry.array, centres) < 0.01).all()
    assert (clusters["locations"] <= clusters["size"]).all()
    shares = clusters.groupby("kind")["size"].sum() / table["events"] + table["alone_rule"]
    np.testing.assert_allclose(shares, 1, atol=1e-3)


def test_merging_follows_the_ratio(saved):
    """At a twentieth nothing has merged; well beyond one nearly everything has."""
    merging = saved["merging"]
    assert (merging.query("ratio < 0.05")["largest"] < 0.2).all()
    assert (merging.query("ratio > 3")["largest"] > 0.75).all()
    random = merging.query("kind == 'random points'")
    assert (random.query("ratio < 0.5")["largest"] < 0.1).all()
    assert (random.query("ratio > 2")["largest"] > 0.95).all()


def test_functions_lie_on_the_papers_side_of_csr(saved):
    functions = saved["functions"]
    assert (functions.loc[["G", "K"], "above_csr"] > 0.9).all()
    assert (functions.loc["F", "below_csr"] > 0.99).all()
    assert (functions["p_global"] <= 0.05).all()


def test_claims_of_the_paper(reproduced):
    """G and K lie above CSR and F below; of the simulated events the radius is found again."""
    rows = ledger().set_index("claim_id").loc[["LIM-04", "LIM-05", "LIM-06", "LIM-07"]]
    assert (rows["city"] == "san_miguel").all()
    assert (rows["verdict"] == "synthetic").all()
    assert rows["reproduced"].tolist() == ["1", "-1", "1", "0.00461"]
    others = ["leeds: 1 (close)", "leeds: -1 (close)", "leeds: 1 (close)"]
    others.append("leeds: 0.01442 (data-unavailable)")
    assert rows["elsewhere"].tolist() == others
    assert rows.loc["LIM-04", "note"].endswith(
        "at least 95 % of that area with each correction, global test p = 0.025"
    )
    assert "0.00282 to 0.0062 degrees (311 to 685 m), which holds it" in rows.loc["LIM-07", "note"]


def test_the_notebook_has_the_radius_that_the_paper_prints(city):
    radii = published().set_index("claim_id").loc["LIM-07", "published"]
    degrees = pd.read_csv(city[1] / f"{NAME}_degrees.csv", index_col="quantity")["value"]
    assert degrees["R of the paper, degrees"] == float(radii) == PUBLISHED


def test_fit_finds_the_radius_that_made_the_events(reproduced):
    folder = reproduced / "data" / "processed" / "san_miguel"
    text = (folder / f"{NAME}_numbers.json").read_text(encoding="utf-8")
    found = {name: entry["value"] for name, entry in json.loads(text)["numbers"].items()}
    assert found["radius_low_m"] < TRUE_RADIUS < found["radius_high_m"]
    assert found["radius_m"] == pytest.approx(TRUE_RADIUS, rel=0.1)
    assert found["radius_degrees"] == pytest.approx(PUBLISHED, rel=0.1)
    assert found["refits_identifiable"] > 0.9


def test_snapped_coordinates_make_g_jump(reproduced):
    """Moving events by less than their clusters leaves the radius; taking places once does not."""
    folder = reproduced / "data" / "processed" / "leeds"
    fits = pd.read_csv(folder / f"{NAME}_fits.csv", index_col=["pattern", "process"])
    radius = fits["scale_m"].xs("Matérn", level="process")
    for pattern in radius.index[radius.index.str.startswith("moved")]:
        assert radius[pattern] == pytest.approx(radius["as published"], rel=0.05)
    assert radius["each place once"] > 1.15 * radius["as published"]
    # the radius grows with the reach: no scale of clusters, but the town itself
    wide = fits["scale_m"].xs("Matérn, widest reach", level="process").iloc[0]
    assert wide > 1.5 * radius["as published"]


def test_everything_simulated_says_so(reproduced):
    folder = reproduced / "data" / "processed" / "san_miguel"
    index = json.loads((folder / f"{NAME}_outputs.json").read_text(encoding="utf-8"))
    assert {entry["status"] for entry in index["outputs"]} == {"SYNTHETIC"}
