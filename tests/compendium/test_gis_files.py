"""Layers leave as files that a GIS opens: they come back whole, and are the same bytes each time."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers.compendium import OUTPUT_VARIABLE, Section
from helpers.compendium.card import SectionCard
from helpers.compendium.gis_files import write_geojson
from helpers.compendium.store import Shelf, read_content, result_path, saved_file

POSTS = gpd.GeoDataFrame(
    {"post": ["A", "=B"], "share": [0.25, 0.75], "zones": [[1, 2], [3]]},
    geometry=[shapely.Point(430000, 433000), shapely.Point(431000, 434000)],
    crs=27700,
)
# the outer ring clockwise, as shapely makes boxes the other way round
AREAS = gpd.GeoDataFrame(
    {"area": [1, 2], "proven": [True, False]},
    geometry=[
        shapely.box(430000, 433000, 431000, 434000).reverse(),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
    ],
    crs=27700,
)


@pytest.fixture
def section(tmp_path, monkeypatch) -> Section:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    card = SectionCard("15_x", "X", "none", (), (), "city", {}, tmp_path / "15_x.ipynb")
    shelf = Shelf("leeds", "15_x", "X", {"inputs": "ab", "parameters": {"patrols": 2}})
    return Section(card, None, {"seed": 1}, "SYNTHETIC", shelf)


def saved(section, *layers: str) -> list[Path]:
    """The files of the layers of a plan, in the order in which they are written."""
    files = [result_path("leeds", "15_x", "plan", ".gpkg")]
    for layer in layers:
        files += [
            result_path("leeds", "15_x", f"plan_{layer}", end) for end in (".csv", ".geojson")
        ]
    return [path for path in files if path.exists()]


def test_layers_come_back_from_every_file(section, tmp_path):
    about = {"objective": "p-median", "bound": np.float64(1.5), "gap": float("nan")}
    frames = {"posts": POSTS, "areas": AREAS, "zones": pd.DataFrame({"zone": ["007"], "area": [2]})}
    # nothing is shown of a machine's paths where a cell ends with it
    assert section.layers(frames, "plan", about=about, title="T", caption="C.") is None
    written = saved(section, *frames)
    names = [path.name.removeprefix("15_x_plan") for path in written]
    assert names == [
        ".gpkg", "_posts.csv", "_posts.geojson", "_areas.csv", "_areas.geojson", "_zones.csv",
    ]  # fmt: skip
    posts = gpd.read_file(written[0], layer="posts")
    assert posts.crs.to_epsg() == 27700
    assert posts.geometry.geom_equals(POSTS.geometry).all()
    assert posts["zones"].tolist() == ["[1, 2]", "[3]"]
    assert gpd.read_file(written[0], layer="areas").geom_type.unique().tolist() == ["MultiPolygon"]
    with sqlite3.connect(written[0]) as base:
        told = dict(base.execute("SELECT what, value FROM about"))
    assert (told["status"], told["objective"], told["bound"]) == ("SYNTHETIC", "p-median", "1.5")
    assert (told["gap"], json.loads(told["parameters"])) == ("null", {"patrols": 2})
    sheet = pd.read_csv(written[1])
    assert sheet["post"].tolist() == ["A", "'=B"]
    assert sheet[["x", "y"]].to_numpy().tolist() == [[430000, 433000], [431000, 434000]]
    # Leeds lies at 53.8 degrees north, 1.5 west
    assert sheet["latitude"].between(53.79, 53.81).all()
    assert sheet["longitude"].between(-1.55, -1.52).all()
    # who opens the sheet alone can tell the system of x and y
    assert sheet["crs_of_x_y"].tolist() == ["EPSG:27700"] * 2
    path, made_from = saved_file("leeds", "15_x", "plan_zones")
    assert (path, made_from["parameters"]) == (written[5], {"patrols": 2})
    assert read_content(path)["zone"].tolist() == ["007"]


def test_geojson_is_what_its_standard_asks(section):
    section.layers({"areas": AREAS}, "plan", about={"bound": 1.5}, title="T")
    path = saved(section, "areas")[2]
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["about"]["bound"] == 1.5
    assert "crs" not in content
    ring = content["features"][0]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw
    assert ring[0] == ring[-1]
    again = gpd.read_file(path).to_crs(27700)
    apart = again.geometry[0].hausdorff_distance(AREAS.geometry[0])
    assert apart < 0.02
    assert all(round(v, 7) == v for point in ring for v in point)


def test_the_same_layers_are_the_same_bytes_at_any_time(section, monkeypatch):
    def made():
        section.layers({"posts": POSTS}, "plan", title="T")
        return [path.read_bytes() for path in saved(section, "posts")]

    first = made()
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2031-01-01T00:00:00.000Z"})
    try:
        again = made()
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE").startswith("2031")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    assert first == again


def test_layers_without_a_system_or_a_name_are_refused(section):
    bare = POSTS.set_crs(None, allow_override=True)
    with pytest.raises(ValueError, match="in which system"):
        section.layers({"posts": bare}, "plan", title="T")
    for frames in ({}, {"about": POSTS}):
        with pytest.raises(ValueError, match="by name"):
            section.layers(frames, "plan", title="T")


def test_a_layer_of_nothing_but_shapes_is_written(tmp_path):
    """A boundary has no columns, and pandas writes no row of a frame without any."""
    write_geojson(tmp_path / "line.geojson", AREAS[["geometry"]])
    back = gpd.read_file(tmp_path / "line.geojson").to_crs(27700)
    assert shapely.symmetric_difference(back.geometry, AREAS.geometry).area.max() < 100
    assert back.area.round(-2).tolist() == AREAS.area.round(-2).tolist()
