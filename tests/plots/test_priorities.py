"""Figures of rankings: the right colour at the right place, the right numbers on them."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from shapely.geometry import box

from helpers import plots
from helpers.plots.priorities import class_colours

CLASSES = ["high", "medium", "low"]
COLOURS = class_colours(CLASSES)
NAMES = [f"Zone {i}" for i in range(13)]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


@pytest.fixture
def sorting():
    return pd.Series([CLASSES[i % 3] for i in range(13)], index=NAMES)


def fills(axis, which: int = 0) -> list[str]:
    return [to_hex(colour) for colour in axis.collections[which].get_facecolors()]


def legend_of(figure) -> dict[str, str]:
    legend = figure.legends[0]
    colours = [to_hex(h.get_markerfacecolor()) for h in legend.legend_handles]
    return dict(zip([t.get_text() for t in legend.get_texts()], colours, strict=True))


def test_tiles_have_the_colours_of_their_classes_and_the_last_row_is_filled_up(sorting):
    figure = plots.class_pair({"One": sorting, "Two": sorting[::-1]}, CLASSES)
    found = fills(figure.axes[0])
    assert found[:13] == [COLOURS[name] for name in sorting]
    assert found[13:] == [plots.EMPTY] * 7
    assert [text.get_text() for text in figure.axes[1].texts] == NAMES[::-1]
    assert figure.axes[0].get_title(loc="left") == "a  One"
    assert legend_of(figure) == COLOURS


def test_zones_on_a_map_are_found_by_name_and_the_others_are_hatched(sorting):
    names = [None, *NAMES[::-1], None]
    zones = gpd.GeoDataFrame(
        {"zone": range(15)}, geometry=[box(i, 0, i + 1, 9) for i in range(15)], index=names
    )
    figure = plots.class_pair({"One": sorting, "Two": sorting}, CLASSES, zones=zones)
    grey, coloured = figure.axes[0].collections[:2]
    assert len(grey.get_paths()) == 2 and grey.get_hatch() and not coloured.get_hatch()
    assert [to_hex(c) for c in coloured.get_facecolors()] == [COLOURS[n] for n in sorting[::-1]]


def test_moves_are_red_upwards_and_blue_downwards():
    moves = pd.Series([2, 0, -1], index=["a", "b", "c"])
    figure = plots.class_moves(moves)
    found = legend_of(figure)
    assert list(found) == ["2 up", "1 up", "same", "1 down"]
    scale = colormaps[plots.DIFFERENCE]
    assert found["2 up"] == to_hex(scale(0.83))
    assert found["1 down"] == to_hex(scale(0.5 - 0.33 / 2))
    assert fills(figure.axes[0])[:3] == [found["2 up"], found["same"], found["1 down"]]


def test_value_functions_show_their_points_and_the_zones_of_each_level():
    functions = {
        "rate": SimpleNamespace(shape="increasing", points=((0, 0.0), (10, 0.5), (40, 1.0))),
        "degree": SimpleNamespace(shape="discrete", levels={"low": 0.0, "high": 1.0, "none": 0.5}),
    }
    measures = pd.DataFrame({"rate": [0.0, 4, 40], "degree": ["low", "low", "high"]})
    names = {"rate": "Rate", "degree": "Degree"}
    units = {"rate": "per 1,000", "degree": ""}
    figure = plots.value_functions(functions, measures, labels=names, units=units)
    line, ticks = figure.axes[0].lines
    assert np.column_stack(line.get_data()).tolist() == [[0, 0], [10, 0.5], [40, 1]]
    assert ticks.get_xdata().tolist() == [0, 4, 40]
    assert figure.axes[0].get_xlabel() == "per 1,000"
    assert [text.get_text() for text in figure.axes[1].texts] == ["2", "1", "0"]


def test_parts_of_a_score_lie_end_to_end():
    parts = pd.DataFrame({"x": [0.3, 0.2], "y": [0.1, 0.4]}, index=["a", "b"])
    figure = plots.score_parts(parts, labels={"x": "Ex", "y": "Why"})
    bars = [(p.get_x(), p.get_width()) for p in figure.axes[0].patches]
    np.testing.assert_allclose(bars, [(0, 0.3), (0, 0.2), (0.3, 0.1), (0.2, 0.4)])
    assert list(legend_of(figure)) == ["Ex", "Why"]


def test_sweeps_mark_the_weight_in_use():
    ranks = pd.DataFrame({"a": [1, 2], "b": [2, 1]}, index=[0.0, 1.0])
    figure = plots.weight_sweeps({"x": ranks}, {"x": 0.3}, labels={"x": "Ex"}, zones=2)
    first, second, dotted = figure.axes[0].lines
    assert (first.get_ydata().tolist(), second.get_ydata().tolist()) == ([1, 2], [2, 1])
    assert dotted.get_xdata() == [0.3, 0.3]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["1", "2"]


def test_a_long_table_of_methods_shows_its_head_and_its_foot():
    index = [f"z{i}" for i in range(100)]
    table = pd.DataFrame({"Model": ["high"] * 50 + ["low"] * 50}, index=index)
    figure = plots.method_tiles(table, CLASSES)
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == [*index[:31], "38 not drawn", *index[-31:]]
    drawn = figure.axes[0].collections[0].get_facecolors()
    assert drawn[31, 3] == 0  # nothing stands in the gap
    shown = [to_hex(colour) for colour in np.delete(drawn, 31, axis=0)]
    assert shown == [COLOURS["high"]] * 31 + [COLOURS["low"]] * 31


def apart(figure, labels) -> bool:
    """Whether texts beside each other do not touch."""
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in labels if label.get_text()]
    return not any(a.x1 > b.x0 for a, b in pairwise(boxes) if a.y0 < b.y1 and b.y0 < a.y1)


def test_headings_of_methods_do_not_touch():
    names = ["SMARTER", "PROMETHEE II", "ELECTRE TRI-B, pessimistic", "ELECTRE TRI-B, optimistic"]
    zones = ["West Humber-Clairville", "Bay Street Corridor"]
    table = pd.DataFrame("high", zones, [*names, "Degree of occurrences alone"])
    figure = plots.method_tiles(table, CLASSES)
    assert apart(figure, figure.axes[0].get_xticklabels())


def test_numbers_and_levels_under_value_functions_do_not_touch():
    levels = {
        name: k / 4 for k, name in enumerate(["very low", "low", "medium", "high", "very high"])
    }
    functions = {
        "density": SimpleNamespace(shape="increasing", points=((0, 0.0), (44321, 1.0))),
        "degree": SimpleNamespace(shape="discrete", levels=levels),
        "income": SimpleNamespace(shape="decreasing", points=((30_000, 1.0), (210_000, 0.0))),
    }
    measures = pd.DataFrame({"density": [0.0, 44321], "degree": "low", "income": [3e4, 2.1e5]})
    names = {name: name for name in functions}
    figure = plots.value_functions(functions, measures, labels=names, units=names)
    density, degree, income = (axis.get_xticklabels() for axis in figure.axes)
    assert apart(figure, density) and apart(figure, income)
    # slanted names are apart as far as their lines are
    assert {label.get_rotation() for label in degree} == {35.0}


def test_four_levels_of_long_words_do_not_touch():
    levels = {"low": 1.0, "medium low": 0.67, "medium high": 0.33, "high": 0.0}
    functions = {name: SimpleNamespace(shape="discrete", levels=levels) for name in "abc"}
    measures = pd.DataFrame({name: ["low"] for name in functions})
    names = {name: name for name in functions}
    figure = plots.value_functions(functions, measures, labels=names, units=names)
    labels = figure.axes[0].get_xticklabels()
    assert {label.get_rotation() for label in labels} == {35.0} or apart(figure, labels)


def test_names_on_tiles_are_read_on_their_colour():
    found = pd.Series(["very high", "high", "medium", "very low"], index=["A1", "A2", "A3", "A4"])
    five = class_colours(["very high", "high", "medium", "low", "very low"])
    figure = plots.class_pair({"One": found, "Two": found}, list(five))
    inks = [text.get_color() for text in figure.axes[0].texts]
    assert inks == ["white", "white", plots.INK, plots.INK]
    moves = plots.class_moves(pd.Series([1, 0, -1], index=["A1", "A2", "A3"]))
    assert [text.get_color() for text in moves.axes[0].texts] == ["white", plots.INK, "white"]


@pytest.mark.parametrize("names", [["A1", "A2"], ["North St.James Town", "Regent Park"]])
def test_long_names_of_pairs_stand_once_with_their_numbers(names):
    wins = pd.DataFrame([[0.0, 0.8], [0.2, 0]], index=names, columns=names)
    axis = plots.pairwise_wins(wins).axes[0]
    below = [label.get_text() for label in axis.get_xticklabels()]
    beside = [label.get_text() for label in axis.get_yticklabels()]
    if names[0] == "A1":
        assert below == beside == names
    else:
        assert below == ["1", "2"]
        assert beside == ["1. North St.James Town", "2. Regent Park"]


def test_shares_of_classes_are_stacked_and_borders_stand_between_the_zones():
    shares = pd.DataFrame({"high": [1.0, 0.25], "low": [0, 0.75]}, index=["a", "b"])
    figure = plots.class_shares(shares, {"high": 1, "low": 1})
    axis = figure.axes[0]
    assert [(p.get_y(), p.get_height()) for p in axis.patches] == [
        (0, 1.0), (0, 0.25), (1, 0), (0.25, 0.75),
    ]  # fmt: skip
    assert [line.get_xdata()[0] for line in axis.lines] == [0.5]


def test_never_is_white_and_the_diagonal_too():
    shares = pd.DataFrame([[1.0, 0], [0, 1]], index=["a", "b"], columns=[1, 2])
    figure = plots.rank_acceptability({"One": shares, "Two": shares})
    mesh = figure.axes[0].collections[0].get_array()
    assert np.ma.getmaskarray(mesh).tolist() == [[False, True], [True, False]]
    wins = pd.DataFrame([[0.0, 0.8], [0.2, 0]], index=["a", "b"], columns=["a", "b"])
    figure = plots.pairwise_wins(wins)
    mesh = figure.axes[0].collections[0].get_array()
    assert np.ma.getmaskarray(mesh).tolist() == [[True, False], [False, True]]
    assert wins.loc["a", "a"] == 0


def test_stability_without_a_map_is_a_bar_a_zone():
    stable = pd.Series([1.0, 0.4], index=["a", "b"])
    figure = plots.class_stability(stable)
    assert [p.get_height() for p in figure.axes[0].patches] == [1, 0.4]
    zones = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], index=["b", "a"])
    figure = plots.class_stability(stable, zones=zones)
    found = fills(figure.axes[0])
    scale = colormaps[plots.AMOUNTS]
    assert found == [to_hex(scale(0.4)), to_hex(scale(1.0))]


def test_indicators_and_the_running_mean_are_drawn_at_their_values():
    table = pd.DataFrame({"q05": [0.1], "q50": [0.2], "q95": [0.4]}, index=["segment"])
    figure = plots.indicator_dots({"One": table, "Two": table})
    assert [line.get_xdata()[0] for line in figure.axes[0].lines] == [0.1, 0.2, 0.4]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["class"]
    means = pd.DataFrame({"vectors": [30, 100], "mean": [0.5, 0.6], "error": [0.1, 0.05]})
    figure = plots.running_mean(means)
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(0.3)
    assert band[:, 1].max() == pytest.approx(0.7)
