"""Figures of service areas: what is drawn is the plan, the tree, the trace and the bound."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
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
        shares={"one": [0.57, 1.43], "two": [0.286, 1.714]},
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


def test_traces_say_when_the_best_was_met_and_do_not_hug_the_edge():
    traces = {"a": np.array([[0, 90.0], [5, 80], [9, 80]]), "b": np.array([[0, 82.0], [1, 80]])}
    figure = plots.search_traces(
        traces, bounds={"a": 80, "b": 80}, steps={"a": "rounds", "b": "plans"}, unit="persons"
    )
    said = [axis.texts[-1].get_text() for axis in figure.axes]
    assert said == ["80\n(rounds: 5)", "80\n(plans: 1)"]
    low, high = figure.axes[0].get_ylim()
    assert 70 < low < 80 < 90 < high


def test_a_trace_of_one_step_has_no_parts_of_a_step():
    traces = {"a": np.array([[0, 90.0], [5, 80]]), "b": np.array([[0, 80.0]])}
    figure = plots.search_traces(
        traces, bounds={"a": 80, "b": 80}, steps={"a": "rounds", "b": "plans"}, unit="persons"
    )
    figure.canvas.draw()
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["0"]


def test_dots_that_coincide_are_rings():
    index = pd.MultiIndex.from_product([["a"], ["one"]], names=["field", "method"])
    shares = pd.DataFrame(
        {"best": 0.1, "median": 0.1, "worst": 0.1, "printed": np.nan}, index=index
    )
    figure = plots.method_dots(shares, {"a": "First"}, bounds={"a": 0.1})
    sizes = [line.get_markersize() for line in figure.axes[0].get_lines()[:3]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_crowded_runs_are_drawn_once_more_where_the_panel_is_empty():
    crowd = [("f", "run", "one", 10.0 + 0.01 * i, 100.0 - i) for i in range(10)]
    far = [("f", "printed", "one", 100.0, 100.0), ("f", "mixture", "", 60.0, 60.0)]
    points = pd.DataFrame([*crowd, *far], columns=["field", "kind", "method", "eq1", "eq4"])
    look = {"bounds": {"f": 10.0}, "limits": {"f": (5, 105)}, "units": {"f": "persons"}}
    (axis,) = plots.exchange(points, ["one"], {"f": "Field"}, **look).axes
    (inset,) = axis.child_axes
    assert inset.get_lines()[0].get_xydata().tolist() == [list(row[3:]) for row in crowd[:7]]
    wide = points.assign(eq1=np.linspace(10, 100, len(points)))
    (axis,) = plots.exchange(wide, ["one"], {"f": "Field"}, **look).axes
    assert not axis.child_axes


def test_dots_and_diamonds_of_each_method():
    index = pd.MultiIndex.from_product([["a", "b"], ["one", "two"]], names=["field", "method"])
    shares = pd.DataFrame(
        {"best": 0.1, "median": 0.2, "worst": 0.3, "printed": [0.25, np.nan, np.nan, np.nan]},
        index=index,
    )
    figure = plots.method_dots(shares, {"a": "First", "b": "Second"}, bounds={"a": 0.1, "b": 0.05})
    first, second = figure.axes
    assert titles(figure) == ["a  First", "b  Second"]
    assert [line.get_xdata()[0] for line in first.get_lines()[:3]] == [0.1, 0.2, 0.3]
    assert first.get_lines()[3].get_xdata()[0] == 0.1  # the bound
    assert first.get_lines()[4].get_xdata()[0] == 0.25  # the published value
    assert second.get_lines()[3].get_xdata()[0] == 0.05
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()][-2:] == ["published", "proven bound"]
    # what the key shows is what is drawn: an open diamond, a dashed line
    assert [line.get_marker() for line in key.get_lines()[-2:]] == ["D", "None"]
    assert key.get_lines()[-1].get_linestyle() == "--"
    bare = plots.method_dots(shares.assign(printed=np.nan), {"a": "A"}, bounds={"a": 0.1})
    assert "published" not in [text.get_text() for text in bare.legends[0].get_texts()]


def test_a_grid_of_plans_has_a_map_each(row):
    plans = {("f", name): [0, 0, 1, 1] for name in ("x", "y", "z")}
    colours = {key: np.array([0, 1]) for key in plans}
    figure = plots.plan_grid(row, plans, titles={key: key[1] for key in plans}, colours=colours)
    assert titles(figure) == ["a  x", "b  y", "c  z"]
    tints = plots.tints(2)
    assert all(colours_of(axis) == [tints[0]] * 2 + [tints[1]] * 2 for axis in figure.axes)


def test_exchange_has_a_colour_a_method_and_a_line_for_the_front():
    points = pd.DataFrame(
        [
            ("f", "run", "one", 5.0, 9.0), ("f", "run", "two", 6.0, 8.0),
            ("f", "printed", "two", 7.0, 9.0), ("f", "mixture", "", 5.5, 7.0),
            ("f", "front", "", 4.0, 8.0), ("f", "front", "", 5.0, 6.0),
        ],
        columns=["field", "kind", "method", "eq1", "eq4"],
    )  # fmt: skip
    figure = plots.exchange(
        points, ["one", "two"], {"f": "Field"}, bounds={"f": 4}, limits={"f": (3, 8)},
        units={"f": "persons"},
    )  # fmt: skip
    (axis,) = figure.axes
    one, _, two, printed, mixture, front, bound = axis.get_lines()
    assert one.get_xydata().tolist() == [[5, 9]]
    assert two.get_xydata().tolist() == [[6, 8]]
    assert printed.get_xydata().tolist() == [[7, 9]]
    assert printed.get_color() == two.get_color() == plots.CATEGORIES[2]
    assert mixture.get_xydata().tolist() == [[5.5, 7]]
    assert front.get_xydata().tolist() == [[4, 8], [5, 6]]
    assert bound.get_xdata()[0] == 4
    assert axis.get_xlim() == (3, 8)
    assert axis.get_xlabel() == "(1), persons"
    keys = [text.get_text() for text in figure.legends[0].get_texts()]
    assert keys == ["one", "two", "mixtures", "published", "proven front", "proven bound"]
