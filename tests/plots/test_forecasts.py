"""Figures of forecasts: the right numbers at the right places, one colour a model."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex
from shapely.geometry import Point, box

from helpers import plots

WINDOW = box(0, 0, 400, 200)


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def test_neighbour_curves_show_both_and_the_rule():
    table = pd.DataFrame(
        {"neighbours": [1, 5], "accuracy": [0.2, 0.3], "standard_error": [0.01, 0.02]}
    )
    how = {"best": 5, "commonest": 0.31, "every": "year"}
    figure = plots.neighbour_curves(table, table[["neighbours", "accuracy"]], **how)
    axis = figure.axes[0]
    names = [text.get_text() for text in axis.get_legend().get_texts()]
    assert names == ["cross-validation", "last year from those before", "always the commonest kind"]
    assert axis.lines[2].get_ydata() == [0.31, 0.31]
    band = axis.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (pytest.approx(0.19), pytest.approx(0.32))
    alone = plots.neighbour_curves(table, None, **how)
    assert len(alone.axes[0].lines) == 3


def test_training_is_drawn_on_both_panels_with_the_epoch_that_is_kept():
    log = pd.DataFrame(
        {"epoch": [1, 2], "loss": [2.0, 1.0], "accuracy": [0.1, 0.2],
         "validation_loss": [2.5, 2.6], "validation_accuracy": [0.1, 0.15]}
    )  # fmt: skip
    figure = plots.network_training(log, 2)
    loss, accuracy = figure.axes
    assert loss.lines[1].get_ydata().tolist() == [2.5, 2.6]
    assert accuracy.lines[1].get_ydata().tolist() == [0.1, 0.15]
    assert loss.lines[2].get_xdata() == [2, 2]


def test_scores_of_kinds_have_the_colour_of_their_sort():
    names = ["base", "design", "model", "truth"]
    numbers = {name: [0.1, 0.2, 0.3, 0.4] for name in ("accuracy", "skill")}
    ends = {f"{n}_{e}": [0.0, 0.1, 0.2, 0.3] for n in numbers for e in ("low", "high")}
    table = pd.DataFrame({**numbers, **ends}, index=names)
    figure = plots.kind_scores(table, design=["design"], truth="truth")
    dots = figure.axes[0].collections[1]
    blue, orange = plots.CATEGORIES[:2]
    assert [to_hex(c) for c in dots.get_facecolors()] == [
        c.lower() for c in (blue, orange, blue, plots.INK)
    ]
    assert dots.get_offsets()[:, 0].tolist() == pytest.approx([10, 20, 30, 40])


def test_calibration_has_a_curve_a_forecast_the_diagonal_intervals_and_counts():
    table = pd.DataFrame(
        {"forecast": ["z", "z", "a"], "given": [0.1, 0.3, 0.2], "happened": [0.2, 0.4, 0.1],
         "low": [0.1, 0.3, 0.05], "high": [0.3, 0.5, 0.2], "number": [10, 20, 30]}
    )  # fmt: skip
    figure = plots.calibration_curves(table)
    first, second, diagonal = figure.axes[0].lines
    assert first.get_label() == "z" and first.get_ydata().tolist() == [0.2, 0.4]
    assert second.get_label() == "a"
    assert diagonal.get_xdata() == pytest.approx([0, 0.525])
    ends = [segment[:, 1].tolist() for segment in figure.axes[0].collections[0].get_segments()]
    assert ends == [[0.1, 0.3], [0.3, 0.5]]
    assert [line.get_ydata().tolist() for line in figure.axes[1].lines] == [[10, 20], [30]]


def test_the_architecture_shows_every_layer_with_its_units_and_activation():
    layers = pd.DataFrame(
        {"layer": ["input", "hidden 1", "output"], "layer_units": [3, 64, 20],
         "activation": ["", "relu", "softmax"], "layer_weights": [0, 256, 780]}
    )  # fmt: skip
    names = [f"kind {n}" for n in range(20)]
    figure = plots.network_architecture(layers, ["year", "d1", "d2"], names)
    axis = figure.axes[0]
    texts = [text.get_text() for text in axis.texts]
    assert "hidden 1\n64 units\nrelu\n256 weights" in texts
    assert "output\n20 units\nsoftmax\n780 weights" in texts
    assert {"year", "d1", "d2"} <= set(texts)
    # of many units the first and the last are drawn, with dots between
    assert texts.count("⋮") == 2
    dots = [c for c in axis.collections if len(c.get_offsets()) > 1]
    assert [len(each.get_offsets()) for each in dots] == [3, 10, 10]
    # every unit drawn is joined to every unit of the next layer that is drawn
    lines = [c for c in axis.collections if hasattr(c, "get_segments")]
    assert [len(each.get_segments()) for each in lines] == [30, 100]


def hits_table() -> pd.DataFrame:
    ends = {
        f"lead_{share}_{end}": [0.0, value]
        for share in (1, 5, 10)
        for end, value in (("low", -0.1 * share), ("high", 0.1 * share))
    }
    return pd.DataFrame(
        ends | {f"lead_{s}": [0.0, 0.01 * s] for s in (1, 5, 10)}, index=["mean", "other"]
    )


def test_leads_are_drawn_in_points_for_all_but_the_first():
    curve = pd.DataFrame({"share": [0, 0.1], "hit rate": [0, 0.6]})
    hits = {"mean": curve, "other": curve, "hindsight": curve}
    figure = plots.hit_rates(hits, hits_table(), first="mean", truth="other")
    left, right = figure.axes
    assert left.lines[0].get_ydata().tolist() == [0, 60]
    assert left.lines[2].get_linestyle() == "--"
    bars = [c for c in right.collections if hasattr(c, "get_segments")]
    spans = [c.get_segments()[0][:, 0].tolist() for c in bars]
    assert spans == [pytest.approx([-10 * s, 10 * s]) for s in (1, 5, 10)]
    # the estimates, and a label a row
    dots = [c for c in right.collections if c not in bars]
    assert [c.get_offsets()[0][0] for c in dots] == pytest.approx([1, 5, 10])
    assert [text.get_text() for text in right.get_yticklabels()] == ["other"]
    colours = {t.get_text() for t in figure.legends[0].get_texts()}
    assert colours == {"mean", "other", "hindsight"}
    assert left.lines[1].get_color() == plots.INK


def monthly(*periods: str) -> pd.DataFrame:
    months = [pd.Period(each, "M") for each in periods for _ in range(2)]
    number = len(periods)
    return pd.DataFrame(
        {"period": months, "model": ["b", "c"] * number, "hits": [0.5, 0.6] * number,
         "skill": [part for at in range(number) for part in (0, 0.1 + 0.1 * at)]}
    )  # fmt: skip


def test_the_history_keeps_the_colours_of_the_models():
    table = monthly("2018-01", "2018-02")
    figure = plots.score_history(table, start=1, models=["a", "b", "c"])
    skill = figure.axes[0]
    assert [line.get_color() for line in skill.lines[:2]] == list(plots.CATEGORIES[1:3])
    assert skill.lines[1].get_ydata().tolist() == pytest.approx([10, 20])
    assert skill.lines[2].get_xdata() == [0.5, 0.5]
    assert len(plots.score_history(table, start=0, models=["b", "c"]).axes[0].lines) == 2


def test_no_line_joins_months_that_do_not_follow_each_other():
    """Two Julys are no course."""
    skill = plots.score_history(monthly("2017-07", "2018-07"), start=0, models=["b", "c"]).axes[0]
    assert [len(line.get_xdata()) for line in skill.lines] == [1, 1, 1, 1]
    figure = plots.score_history(
        monthly("2018-01", "2018-02", "2018-06"), start=0, models=["b", "c"]
    )
    lines = figure.axes[0].lines[:2]
    assert [line.get_xdata().tolist() for line in lines] == [[0, 1], [5]]


def test_forecast_and_outcome_share_one_scale():
    expected, counted = np.array([[3.0, np.nan]]), np.array([[30.0, np.nan]])
    figure = plots.expected_and_counted(expected, counted, WINDOW, label="2018")
    scales = [axis.collections[0].norm for axis in figure.axes[:2]]
    assert [(s.vmin, s.vmax) for s in scales] == [(0.1, 30)] * 2
    assert figure.axes[0].get_title(loc="left") == "a  Forecast for 2018"


def meshes(axis) -> list[QuadMesh]:
    return [drawn for drawn in axis.collections if isinstance(drawn, QuadMesh)]


def test_no_crime_is_grey_and_the_ends_of_the_scale_are_named():
    expected, counted = np.array([[3.0, 0.2]]), np.array([[30.0, 0.0]])
    figure = plots.expected_and_counted(expected, counted, WINDOW, label="2018")
    none, some = meshes(figure.axes[1])
    assert np.ma.getmaskarray(none.get_array()).ravel().tolist() == [True, False]
    assert np.ma.getmaskarray(some.get_array()).ravel().tolist() == [False, True]
    assert to_hex(none.cmap(0.5)) == plots.EMPTY
    bars = figure.axes[2:]
    for bar in bars:
        assert [text.get_text() for text in bar.get_xticklabels()] == [
            "0.1",
            "0.3",
            "1",
            "3",
            "10",
            "30",
        ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["no crime"]


def test_kinds_are_drawn_as_differences_on_one_scale_and_empty_panels_are_hidden():
    shares = {"a": np.array([[0.1, 0.2]]), "b": np.array([[0.5, np.nan]])}
    figure = plots.kind_probabilities(shares, {"a": 0.15, "b": 0.505}, WINDOW)
    first, second = (meshes(axis)[0] for axis in figure.axes[:2])
    assert first.get_array().ravel().tolist() == pytest.approx([-5, 5])
    assert [(m.norm.vmin, m.norm.vmax) for m in (first, second)] == [(-6, 6)] * 2
    assert np.ma.getmaskarray(second.get_array()).ravel().tolist() == [False, True]
    assert figure.axes[1].get_title(loc="left") == "b, 50.5 %"
    assert [axis.get_visible() for axis in figure.axes[:6]] == [True, True, *[False] * 4]
    # a difference of half a point is no contrast
    pale = plots.kind_probabilities({"a": np.array([[0.15, 0.155]])}, {"a": 0.15}, WINDOW)
    assert pale.axes[0].collections[0].norm.vmax == 2


def test_shifts_share_one_scale():
    rates = {"day": np.array([[3.0, np.nan]]), "night": np.array([[30.0, 0.0]])}
    figure = plots.shift_maps(rates, WINDOW)
    scales = [meshes(axis)[-1].norm for axis in figure.axes[:2]]
    assert [(s.vmin, s.vmax) for s in scales] == [(0.1, 30)] * 2
    assert [axis.get_title(loc="left") for axis in figure.axes[:2]] == ["a  day", "b  night"]


def test_the_most_frequent_answer_has_the_first_colour():
    answers = pd.DataFrame({"x": [100, 300, 100], "y": [50, 50, 150], "kind": ["b", "a", "a"]})
    stations = gpd.GeoDataFrame(geometry=[Point(10, 10)])
    figure = plots.most_probable_kinds(answers, (100, 200), WINDOW, stations, unknown="?")
    squares = figure.axes[0].collections[0]
    assert [to_hex(c) for c in squares.get_facecolors()] == [
        plots.CATEGORIES[i].lower() for i in (1, 0, 0)
    ]
    corner = squares.get_paths()[0].vertices
    assert (corner.min(axis=0).tolist(), corner.max(axis=0).tolist()) == ([0, 0], [200, 100])


def test_cells_about_which_nothing_is_known_are_grey():
    answers = pd.DataFrame({"x": [100, 300, 100], "y": [50, 50, 150], "kind": ["?", "?", "a"]})
    stations = gpd.GeoDataFrame(geometry=[Point(10, 10)])
    figure = plots.most_probable_kinds(answers, (100, 200), WINDOW, stations, unknown="?")
    grey, coloured = figure.axes[0].collections[:2]
    assert {to_hex(c) for c in grey.get_facecolors()} == {plots.EMPTY}
    assert [to_hex(c) for c in coloured.get_facecolors()] == [plots.CATEGORIES[0].lower()]
    assert "?" in [text.get_text() for text in figure.legends[0].get_texts()]
