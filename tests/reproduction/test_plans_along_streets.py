"""Sections 15 and 16 on the bundled city with streets: ways, cost, proof, all computed again."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.location import p_median

RAW = Path(__file__).resolve().parents[2] / "data" / "raw" / "geodanet"
PLAN, CURVE = "15_patrol_allocation", "16_patrol_evaluation"


@pytest.fixture(scope="module")
def folder(reproduced) -> Path:
    return reproduced / "data" / "processed" / "geodanet"


def numbers(folder: Path, section: str) -> dict:
    text = (folder / f"{section}_numbers.json").read_text(encoding="utf-8")
    return {name: entry["value"] for name, entry in json.loads(text)["numbers"].items()}


@pytest.fixture(scope="module")
def nodes(folder) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{PLAN}_nodes.parquet")


@pytest.fixture(scope="module")
def far(nodes) -> np.ndarray:
    """Ways between all nodes: lines of the file cut by shapely, shortest paths by networkx."""
    lines = gpd.read_file(RAW / "streets.geojson").geometry.to_numpy()
    pieces = [shapely.LineString(pair) for line in lines for pair in pairwise(line.coords)]
    places = shapely.points(nodes[["x", "y"]].to_numpy())
    own = [min(range(len(pieces)), key=pieces_by(place, pieces)) for place in places]
    graph, on = nx.Graph(), [[] for _ in pieces]
    for node, piece in enumerate(own):
        on[piece].append((pieces[piece].project(places[node]), node))
    for piece, stops in zip(pieces, on, strict=True):
        begin, end = piece.coords
        chain = [(0.0, begin), *sorted(stops), (piece.length, end)]
        for (here, a), (there, b) in pairwise(chain):
            graph.add_edge(a, b, weight=there - here)
    away = np.array(
        [pieces[piece].distance(place) for piece, place in zip(own, places, strict=True)]
    )
    found = np.empty((len(nodes), len(nodes)))
    for node in range(len(nodes)):
        reach = nx.single_source_dijkstra_path_length(graph, node)
        found[:, node] = [reach[other] for other in range(len(nodes))]
    found += away[:, None] + away[None, :]
    np.fill_diagonal(found, 0.0)
    return found


def pieces_by(place, pieces):
    away = shapely.distance(place, pieces)
    return lambda number: away[number]


def test_the_plan_costs_what_networkx_says(folder, nodes, far):
    told, weight = numbers(folder, PLAN), nodes["expected"].to_numpy()
    plan = pd.read_csv(folder / f"{PLAN}_plan.csv", index_col="patrol")
    sites = nodes["node"].searchsorted(plan["node"])
    own = far[np.arange(len(nodes)), sites[nodes["patrol"] - 1]]
    np.testing.assert_allclose(own, far[:, sites].min(axis=1), atol=1e-5)
    assert told["metric"] == "streets"
    assert weight.sum() == 287
    assert weight @ own / weight.sum() == pytest.approx(told["mean_m"], rel=1e-6)
    assert told["proven"] is True
    xy = nodes[["x", "y"]].to_numpy()
    straight = np.hypot(*(xy - xy[sites[nodes["patrol"] - 1]]).T)
    assert told["detour"] == pytest.approx((weight @ own) / (weight @ straight), rel=1e-6)
    assert told["streets_left_out"] == 0
    assert told["verified_cost"] == pytest.approx(told["verified_bound"], rel=1e-9)


def test_highs_finds_nothing_cheaper_among_the_posts_and_a_tenth_of_the_nodes(folder, nodes, far):
    weight = nodes["expected"].to_numpy()
    held = np.flatnonzero(weight)
    plan = pd.read_csv(folder / f"{PLAN}_plan.csv", index_col="patrol")
    sites = np.unique(np.r_[nodes["node"].searchsorted(plan["node"]), np.arange(0, len(nodes), 10)])
    theirs = p_median(
        weight[held], far[np.ix_(held, sites)], len(plan), method="spopt", solver="highs"
    )
    mean = theirs.objective / weight.sum()
    assert theirs.proven
    assert mean == pytest.approx(numbers(folder, PLAN)["mean_m"], rel=1e-6)


def test_the_curve_is_that_of_the_streets(folder, nodes, far):
    told, weight = numbers(folder, CURVE), nodes["expected"].to_numpy()
    means = pd.read_csv(folder / f"{CURVE}_means.csv", index_col=0)
    assert told["all_proven"] is True
    # one patrol: every node tried
    assert means["exact_m"].iloc[0] == pytest.approx((weight @ far).min() / weight.sum(), rel=1e-6)
    assert means["exact_m"].is_monotonic_decreasing
    assert (means["kmeans_m"] >= means["exact_m"] * (1 - 1e-9)).all()
    # no time is known, so nothing is judged by what came afterwards
    assert (told["later_crimes"], told["later_period"]) == (0, "all events")
    assert not (folder / f"{CURVE}_afterwards.csv").exists()
