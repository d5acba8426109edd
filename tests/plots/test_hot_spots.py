"""Figures of hot spots: each map shows its classes, each panel its field, names where they belong."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_hex

from helpers import plots

QUIET, HOT, COLD = "Not significant", "Hot spot 99 %", "Cold spot 95 %"


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


@pytest.fixture
def row():
    """Four squares of 1 km in a row."""
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    fields = {"people": [10.0, 20, 30, 40], "rate": [0.1, 0.2, 0.3, 0.4]}
    places = {"x": 500 + 1000.0 * np.arange(4), "y": 500.0}
    return gpd.GeoDataFrame({**fields, **places}, geometry=shapes, crs="EPSG:27700")


def fills(axis) -> list[str]:
    """Colours of the zones of a map, those without a finding apart."""
    return [to_hex(colour) for part in axis.collections for colour in part.get_facecolors()]


def test_fields_have_a_map_each_and_their_own_numbers(row):
    edges = {"people": [10, 25, 40], "rate": [0.1, 0.25, 0.4]}
    figure = plots.field_maps(
        row, {"people": "People", "rate": "Rate"}, edges=edges, units={"people": "n", "rate": "%"}
    )
    first, second = figure.axes[:2]
    assert first.get_title(loc="left") == "a  People"
    assert second.get_title(loc="left") == "b  Rate"
    assert len(set(fills(first))) == 2  # two classes
    bars = figure.axes[2:]
    assert [bar.get_xlabel() for bar in bars] == ["n", "%"]
    assert [text.get_text() for text in bars[0].get_xticklabels()] == ["10", "25", "40"]
    assert [text.get_text() for text in bars[1].get_xticklabels()] == ["0.1", "0.25", "0.4"]


def test_of_three_maps_the_fourth_panel_is_hidden(row):
    row["more"] = row["people"]
    names = ["people", "rate", "more"]
    edges = {key: [0, 50] for key in names}
    figure = plots.field_maps(
        row, {name: name for name in names}, edges=edges, units=dict.fromkeys(names, "")
    )
    assert [axis.get_visible() for axis in figure.axes[:4]] == [True, True, True, False]


def test_links_join_neighbours(row):
    pairs = {"band": np.array([[0, 1], [2, 3]])}
    figure = plots.neighbour_maps(row, pairs, {"band": 1.0})
    lines = figure.axes[0].collections[-1].get_segments()
    assert [line.tolist() for line in lines] == [
        [[500, 500], [1500, 500]],
        [[2500, 500], [3500, 500]],
    ]
    assert figure.axes[0].get_title(loc="left") == "a  band: 1.0 each"


def test_hot_spots_are_coloured_and_named_on_the_map_that_shows_them(row):
    figure = plots.hot_spot_maps(
        row,
        {"people": [COLD, QUIET, QUIET, HOT]},
        {"people": "People"},
        named={"people": [0, 3]},
        names=["west", "b", "c", "east"],
        how="1 km band",
        zoom=[2000, 0, 4000, 1000],
        source="Census",
    )
    whole, part = figure.axes[:2]
    colours = {plots.HOT_SPOTS[COLD], plots.HOT_SPOTS[HOT]}
    assert colours <= set(fills(whole))
    assert colours <= set(fills(part))
    assert "west" in {text.get_text() for text in whole.texts}
    assert "east" not in {text.get_text() for text in whole.texts}
    assert "east" in {text.get_text() for text in part.texts}
    assert figure.texts[0].get_text() == "Census. Gi*, 1 km band, two-sided, no correction"


def test_without_a_zoom_each_field_has_one_map(row):
    classes = {key: [QUIET, QUIET, QUIET, HOT] for key in ("people", "rate")}
    titles = {"people": "People", "rate": "Rate"}
    drawn = {"named": {key: [3] for key in classes}, "names": list("abcd"), "how": "queen"}
    figure = plots.hot_spot_maps(row, classes, titles, **drawn)
    assert [axis.get_title(loc="left") for axis in figure.axes[:2]] == ["a  People", "b  Rate"]
    assert all("d" in {text.get_text() for text in axis.texts} for axis in figure.axes[:2])


def test_tiles_are_the_classes_row_by_row():
    columns = pd.MultiIndex.from_tuples([("normal", "queen"), ("normal", "band")])
    table = pd.DataFrame([[HOT, QUIET], [COLD, HOT]], index=["A", "B"], columns=columns)
    figure = plots.choice_tiles(table, label="People")
    shown = [to_hex(colour) for colour in figure.axes[0].collections[0].get_facecolors()]
    assert shown == [plots.HOT_SPOTS[name].lower() for name in (HOT, QUIET, COLD, HOT)]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["A", "B"]


def test_curves_of_each_field_by_band():
    counts = pd.DataFrame(
        {"band_km": [1.0, 2, 1, 2], "field": ["a", "a", "b", "b"], "hot": [1, 2, 3, 4], "cold": 0}
    )
    figure = plots.band_curves(counts, {"a": "First", "b": "Second"})
    first, second = figure.axes
    assert first.get_lines()[0].get_ydata().tolist() == [1, 2]
    assert second.get_lines()[0].get_ydata().tolist() == [3, 4]
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a  First", "b  Second"]
    assert second.get_legend() is None


def test_a_name_wider_than_its_zone_is_led_to_it_by_a_line():
    shapes = [shapely.box(0, 0, 1900, 1000), shapely.box(1900, 0, 2100, 1000)]
    shapes.append(shapely.box(2100, 0, 4000, 1000))
    zones = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:27700")
    drawn = {"how": "queen", "names": ["Wide", "Narrow but named", "c"], "named": {"n": [0, 1]}}
    figure = plots.hot_spot_maps(zones, {"n": [HOT, HOT, QUIET]}, {"n": "People"}, **drawn)
    led = {
        text.get_text(): getattr(text, "arrow_patch", None) is not None
        for text in figure.axes[0].texts
    }
    assert led["Narrow but named"]
    assert not led["Wide"]


def test_headings_of_many_columns_stand_upright_and_apart():
    columns = pd.MultiIndex.from_product(
        [["normal", "permutation", "normal, FDR", "permutation, FDR"], ["queen", "rook", "nearest", "band"]]
    )  # fmt: skip
    table = pd.DataFrame(QUIET, ["A place with a name of many letters"], columns)
    figure = plots.choice_tiles(table, label="People")
    figure.draw_without_rendering()
    names = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    heads = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text()]
    assert all(a.x1 <= b.x0 for part in (names, heads) for a, b in pairwise(part))
    assert not any(head.overlaps(name) for head in heads for name in names)
