"""Figures of service areas: what is drawn is the plan, the tree, the trace and the bound."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.colors import to_hex

from helpers import plots


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


@pytest.fixture
def row():
    """Four squares of 1 km in a row."""
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    table = {"zone": list("ABCD"), "people": [4, 2, 7, 1], "x": [500, 1500, 2500, 3500], "y": 500}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:27700")


def colours_of(axis) -> list[str]:
    """Fill of each zone of a map in which every zone has an area, in the order of the zones."""
    return [to_hex(colour) for colour in axis.collections[0].get_facecolors()]


def titles(figure) -> list[str]:
    return [axis.get_title(loc="left") for axis in figure.axes]


def test_growth_shows_free_squares_and_bold_genes(row):
    rounds = [np.array([0, -1, -1, 1]), np.array([0, 0, -1, 1]), np.array([0, 0, 1, 1])]
    figure = plots.growth_maps(row, rounds, [0, 3])
    assert titles(figure) == ["a  three genes", "b  after one round", "c  after round 2"]
    tints = plots.tints(2)
    assert colours_of(figure.axes[2]) == [tints[0], tints[0], tints[1], tints[1]]
    assert [t.get_weight() for t in figure.axes[0].texts] == ["bold", "normal", "normal", "bold"]
    assert figure.axes[0].texts[2].get_text() == "C\n7"


def test_recombination_marks_the_edge_that_is_cut(row):
    tree = np.array([[0, 1], [1, 2]])
    figure = plots.recombination_maps(
        row, [0, 0, 2, 1], [True, True, True, False], [0, 2, 2, 1], tree=tree, cut=1
    )
    before, merged, after = figure.axes
    tints = plots.tints(3)
    assert colours_of(before) == [tints[0], tints[0], tints[2], tints[1]]
    assert colours_of(merged) == [tints[0], tints[0], tints[0], tints[1]]
    assert colours_of(after) == [tints[0], tints[2], tints[2], tints[1]]
    assert merged.get_lines()[-1].get_xydata().tolist() == [[2000, 500]]


def test_plan_and_bars_have_the_same_colours_and_numbers(row):
    figure = plots.plan_with_balance(
        row,
        [0, 0, 1, 1],
        colours=np.array([1, 0]),
        numbers=np.array([2, 1]),
        held=[8, 6],
        mean=7,
        unit="persons",
        label="Residents",
    )
    strip = figure.axes[-1]
    tints = plots.tints(2)
    assert colours_of(figure.axes[0]) == [tints[1], tints[1], tints[0], tints[0]]
    # the largest area is the second, number 1
    assert [to_hex(bar.get_facecolor()) for bar in strip.patches] == [tints[0], tints[1]]
    assert [text.get_text() for text in figure.axes[0].texts if text.get_text() in "12"] == [
        "2", "1",
    ]  # fmt: skip
    assert titles(figure) == ["a  2 areas", "b  Residents"]


def test_plans_beside_each_other_show_the_same_part(row):
    assignments = {"one": [0, 0, 1, 1], "two": [0, 1, 1, 1]}
    figure = plots.plans_beside(
        row,
        assignments,
        colours=dict.fromkeys(assignments, np.array([0, 1])),
        names={"one": ["57", "143"], "two": ["29", "171"]},
        zoom=[0, 0, 3000, 1000],
    )
    assert titles(figure) == ["a  one", "b  two"]
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim() == (-90, 3090)
    assert "29" in {text.get_text() for text in second.texts}
    assert first.spines["top"].get_visible()


def test_traces_end_above_their_bound():
    traces = {"a": np.array([[0, 9], [5, 4]]), "b": np.array([[0, 8], [1, 7], [2, 4]])}
    figure = plots.search_traces(
        traces, bounds={"a": 3, "b": 4}, steps={"a": "rounds", "b": "moves"}, unit="persons"
    )
    first, second = figure.axes
    assert first.get_lines()[0].get_xydata().tolist() == [[0, 9], [5, 4]]
    assert [axis.get_lines()[1].get_ydata()[0] for axis in figure.axes] == [3, 4]
    assert (first.get_xlabel(), second.get_xlabel()) == ("rounds", "moves")
    assert first.get_ylabel() == "(1), persons"
    # few points are marked, many are a line
    assert [axis.get_lines()[0].get_marker() for axis in figure.axes] == ["o", "None"]
