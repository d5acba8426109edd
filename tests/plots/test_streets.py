"""Figures of travel along streets: widths follow amounts, posts are numbered."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from shapely.geometry import LineString, box

from helpers import plots

WINDOW = box(0, 0, 1000, 1000)
STREETS = gpd.GeoDataFrame(geometry=[LineString([(0, y), (1000, y)]) for y in (100, 500, 900)])


class Flow(NamedTuple):
    lines: np.ndarray
    amount: np.ndarray


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def busy(figure):
    found = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    return max(found, key=lambda lines: lines.get_zorder())


@pytest.mark.parametrize(
    ("amount", "keys"),
    [
        ([24.0, 6.0, 0.01], ["20 crimes", "8 crimes", "2 crimes"]),
        ([3.2, 1.0, 1.0], ["3 crimes", "1 crime", "0.3 crimes"]),
    ],
)
def test_width_is_proportional_to_the_crimes_and_never_unseen(amount, keys):
    lines = np.array([[[0, y], [500, y]] for y in (100.0, 500, 900)])
    posts = np.array([[0, 100.0], [0, 500]])
    figure = plots.travel_map(Flow(lines, np.array(amount)), STREETS, posts, WINDOW, source="S")
    widths = busy(figure).get_linewidths()
    assert widths[0] / widths[1] == pytest.approx(amount[0] / amount[1])
    assert min(widths) >= 0.5
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["post of the plan", *keys]
    assert [text.get_text() for text in figure.axes[0].texts[-2:]] == ["1", "2"]


def test_nothing_travels_where_posts_stand_on_all_demand():
    none = Flow(np.empty((0, 2, 2)), np.empty(0))
    figure = plots.travel_map(none, STREETS, np.array([[0, 100.0]]), WINDOW)
    assert len(busy(figure).get_segments()) == 0
    assert len(figure.axes[0].get_legend().get_texts()) == 1


def test_streets_are_drawn_under_plans_where_there_are_some():
    class Plan(NamedTuple):
        served: np.ndarray
        posts: np.ndarray

    import pandas as pd

    plan = Plan(np.zeros((1, 2), int), np.array([[250.0, 500]]))
    table = pd.DataFrame({"patrols": [1], "mean_m": [3.0], "gap": [0.0], "proven": [True]})
    ground = {
        "edges": (np.array([0, 500, 1000]), np.array([0, 1000])),
        "window": WINDOW,
        "dots": (np.array([[250.0, 500]]), np.array([1.0])),
    }
    count = {}
    for name, streets in (("without", None), ("with", STREETS)):
        axis = plots.sweep_maps([plan], table, streets=streets, **ground).axes[0]
        count[name] = sum(
            len(c.get_segments()) for c in axis.collections if isinstance(c, LineCollection)
        )
    assert count["with"] - count["without"] == len(STREETS)


def test_density_is_drawn_per_kilometre_the_busiest_on_top():
    lines = np.array([[[0, 0], [50, 0]], [[50, 0], [100, 0]], [[100, 0], [100, 50]]], dtype=float)
    figure = plots.street_density_map(lines, np.array([0.002, 0.01, 0.0]), box(0, -9, 120, 60))
    drawn = next(c for c in figure.axes[0].collections if c.get_array() is not None)
    assert drawn.get_array().tolist() == [0, 2, 10]
    assert np.array(drawn.get_segments()[-1]).tolist() == [[50, 0], [100, 0]]
