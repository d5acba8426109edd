"""Figures of today's plan: what is proven, what moves, where it stands."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import plots


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def test_the_curve_tells_proven_from_found():
    table = pd.DataFrame(
        {
            "plan": ["today", "up to 1 change", "up to 5 changes", "up to 9 changes", "drawn anew"],
            "most_moved": [0, 1, 5, 9, np.nan],
            "eq1": [90, 70, 40, 30, 10],
            "bound": [np.nan, 70, 20, 0, np.nan],
            "proven": ["", "optimal", "no proof", "no proof", ""],
        }
    )
    figure = plots.changes_curve(table, unit="crimes")
    drawn = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}
    assert drawn["proven"] == [[0, 90], [1, 70]]
    assert drawn["best found"] == [[5, 40], [9, 30]]
    assert drawn["proven bound, gap"] == [[5, 20]]  # a bound of nothing is none
    assert [text.get_text() for text in figure.axes[0].texts] == ["50.0\xa0%"]
    assert drawn["drawn anew"] == [[0, 10], [1, 10]]


def test_moved_zones_are_hatched():
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    zones = gpd.GeoDataFrame({"zone": list("ABCD")}, geometry=shapes, crs="EPSG:27700")
    plans = {"today": [0, 0, 1, 1], "one": [0, 1, 1, 1], "anew": [1, 1, 0, 0]}
    figure = plots.changed_zones(zones, plans, colours=[0, 1])
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a  today", "b  one", "c  anew"]
    hatched = [
        sum(len(c.get_paths()) for c in axis.collections if c.get_hatch()) for axis in figure.axes
    ]
    assert hatched == [0, 1, 1]  # four zones that move together have one outline
    assert {axis.get_xlabel() for axis in figure.axes} == {""}


def test_random_plans_and_the_lines_of_plans():
    rng = np.random.default_rng(0)
    names = ("eq1", "eq4", "mean_polsby_popper")
    measures = pd.DataFrame(rng.normal(5, 1, (500, 3)), columns=list(names))
    marks = {"today": dict.fromkeys(names, 9.0), "anew": dict.fromkeys(names, 4.0)}
    figure = plots.among_random(measures, marks)
    for axis in figure.axes:
        assert sum(patch.get_height() for patch in axis.patches if patch.get_width() < 1) >= 500
        assert [line.get_xdata()[0] for line in axis.lines] == [9.0, 4.0]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["today", "anew"]


def test_settings_by_mutation_rate():
    tried = pd.DataFrame(
        {
            "mutation": [0.0, 0.0, 0.01],
            "eq1": [5.0, 6, 3],
            "least": [4.0, 5, 3],
            "greatest": [7.0, 8, 4],
            "stagnation": [10, 20, 90],
            "distinct": [0.1, 0.2, 0.6],
            "published": [False, False, True],
        }
    )
    figure = plots.settings_ranges(tried, floor=3, unit="persons")
    spans = figure.axes[0].collections[0].get_segments()
    assert [segment[:, 1].tolist() for segment in spans] == [[4, 7], [5, 8], [3, 4]]
    for axis, name in zip(figure.axes, ("eq1", "stagnation", "distinct"), strict=True):
        assert axis.lines[0].get_ydata().tolist() == tried[name].tolist()
        assert axis.lines[1].get_ydata().tolist() == [tried[name].iloc[2]]
        assert [tick.get_text() for tick in axis.get_xticklabels()] == ["0", "1"]
