"""Figures of section 11 show what they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import plots

IMAGE = np.full((80, 80, 3), 200, dtype=np.uint8)
SOME, NONE = np.array([[20.0, 30.0], [50.0, 60.0]]), np.empty((0, 2))


def rings(axis) -> list[int]:
    return [len(each.get_offsets()) for each in axis.collections]


def test_each_method_has_a_panel_with_its_marks():
    marks = {
        "plain": {"right": SOME[:1], "wrong": NONE, "missed": SOME[1:]},
        "visible": {"right": SOME, "wrong": NONE, "missed": NONE},
    }
    figure = plots.read_parts(IMAGE, marks, diameter=9, status="SYNTHETIC")
    assert [len(axis.images) for axis in figure.axes] == [1, 1, 1]
    assert [sum(rings(axis)) for axis in figure.axes] == [0, 2, 2]
    assert figure.axes[1].get_title(loc="left") == "b  Peaks of the correlation"
    # the map is nobody's publication, which the figure says itself
    assert figure.axes[0].get_title(loc="left") == "a  Drawn by us"
    assert "SYNTHETIC map, derived" in foot(
        plots.read_parts(IMAGE, marks, diameter=9, status="derived")
    )
    # the picture keeps its frame, whatever lies at its rim
    assert figure.axes[2].get_xlim() == (-0.5, 79.5)


def foot(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_a_whole_map_says_who_drew_it():
    figure = plots.published_map(IMAGE)
    assert "drawn by us" in figure.axes[0].get_title(loc="left")
    assert "SYNTHETIC map" in foot(figure)
    assert "SYNTHETIC" in foot(plots.published_map(IMAGE, status="SYNTHETIC"))


def test_curves_and_dots_have_the_values():
    steps = pd.DataFrame(
        {"method": ["plain", "plain", "visible", "visible"], "threshold": [0.5, 0.9] * 2}
    ).assign(precision=1.0, recall=[0.8, 0.5, 0.98, 0.6], f1=0.9)
    figure = plots.threshold_curves(steps, 0.75)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert list(drawn["Recall"]) == [0.98, 0.6]
    crowded = steps.rename(columns={"threshold": "crowding"})
    layers = pd.DataFrame({"crowding": [0.0, 3.0], "recall": [1.0, 0.7]})
    axis = plots.crowding_curves(crowded, layers).axes[0]
    assert axis.get_xlim()[1] >= 3
    dots = next(line for line in axis.get_lines() if line.get_label() == "layers of the city")
    assert list(dots.get_ydata()) == [1.0, 0.7]


def test_backgrounds_and_maps():
    pictures = {"plain": (IMAGE, SOME), "night": (IMAGE, NONE)}
    figure = plots.background_pictures(
        pictures, {"plain": 0.991, "night": 1.0}, diameter=9, most=40
    )
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles[:2] == ["a  plain: F1 0.991", "b  night: F1 1.000"]
    assert rings(figure.axes[0]) == [1]  # the other lies beyond what is shown
    assert not figure.axes[2].get_visible()
    figure = plots.located_map(None, (0, 0, 100, 90), SOME, NONE)
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a  Located: 2", "b  Missed: 0"]
