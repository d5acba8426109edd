"""Figures of patrol plans: what is at its place, in its colour and named."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import LogNorm, to_rgb
from shapely.geometry import Point, box

from helpers import plots

WINDOW = box(0, 0, 4000, 2000)
EDGES = np.linspace(0, 4000, 5), np.linspace(0, 2000, 3)
DOTS = np.array([[500.0, 500], [3500, 1500]]), np.array([4.0, 1])
GROUND = {"edges": EDGES, "window": WINDOW, "dots": DOTS}
FOOT = {"source": "Source: made up", "status": "derived"}


class Plan(NamedTuple):
    served: np.ndarray
    posts: np.ndarray


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


@pytest.fixture
def plan() -> Plan:
    west = np.arange(4) < 2
    return Plan(np.where([west, west], 0, 1), np.array([[500.0, 500], [3500, 1500]]))


@pytest.fixture
def today() -> gpd.GeoDataFrame:
    """One post in the frame, one far outside."""
    return gpd.GeoDataFrame(geometry=[Point(1000, 1000), Point(90_000, 0)], crs="EPSG:3763")


def titles(figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]


def discs(ax, marker: str = "o") -> list[tuple[str, np.ndarray]]:
    """Colour and places of the markers of a panel."""
    lines = [
        line for line in ax.get_lines() if line.get_marker() == marker and len(line.get_xdata())
    ]
    return [(line.get_color(), np.column_stack(line.get_data())) for line in lines]


def test_demand_ends_at_a_three_hundredth_and_is_white_where_there_is_none(today):
    field = np.array([[0.0, 1, 30, 600], [0, 0, 0, 2]])
    figure = plots.demand_map(field, EDGES, WINDOW, label="crimes", posts=today, **FOOT)
    mesh = figure.axes[0].collections[0]
    assert isinstance(mesh.norm, LogNorm)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (2, 600)
    assert mesh.get_array().mask.tolist() == (field == 0).tolist()
    ((_, places),) = discs(figure.axes[0], "^")
    assert places.tolist() == [[1000, 1000]]
    assert discs(plots.demand_map(field, EDGES, WINDOW, label="crimes").axes[0], "^") == []


@pytest.mark.parametrize(
    ("patrols", "shown"),
    [([1], ["a  1 patrol: 1,234 m, gap 1.2%"]),
     ([2, 1, 3], ["a  2 patrols: 1,234 m", "b  1 patrol: 1,234 m, gap 1.2%", "c  3 patrols: 1,234 m"])],
)  # fmt: skip
def test_each_number_of_patrols_has_a_map_and_an_open_plan_its_gap(plan, patrols, shown):
    table = pd.DataFrame({"patrols": patrols, "mean_m": 1234.4, "gap": 0.0123})
    table["proven"] = table["patrols"] > 1
    figure = plots.sweep_maps([plan] * len(patrols), table, **GROUND, **FOOT)
    assert titles(figure) == shown
    ((colour, places),) = discs(figure.axes[0])
    assert to_rgb(colour) == to_rgb(plots.ALERT)
    assert places.tolist() == plan.posts.tolist()


def test_methods_and_objectives_carry_their_names_and_numbers(plan):
    maps = {"exact": plan, "K-means": plan}
    figure = plots.method_maps(maps, {"exact": 1000.0, "K-means": 1100.4}, **GROUND, **FOOT)
    assert titles(figure) == ["a  exact: 1,000 m", "b  K-means: 1,100 m"]
    names = ["p-median", "p-center", "covering", "backup"]
    table = pd.DataFrame({"mean_m": 900.0, "longest_m": [4000.0, 2500, 5000, 6000]}, index=names)
    figure = plots.objective_maps(dict.fromkeys(names, plan), table, **GROUND, **FOOT)
    assert titles(figure)[1] == "b  p-center: mean 900 m, longest 2.5 km"
    assert len(titles(figure)) == 4


def test_patrols_are_numbered_in_the_order_of_their_posts(plan, today):
    figure = plots.who_serves_whom(
        plan.served + 1, plan.posts[::-1], today=today, today_name="Police stations",
        today_status="approximate", **GROUND, **FOOT,
    )  # fmt: skip
    (ax,) = figure.axes
    numbers = {text.get_text(): text.xy for text in ax.texts if text.get_text().isdigit()}
    assert {name: tuple(place) for name, place in numbers.items()} == {
        "1": (3500, 1500),
        "2": (500, 500),
    }
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend[0] == "today: police stations (approximate)"
    bare = plots.who_serves_whom(plan.served + 1, plan.posts, **GROUND, **FOOT)
    legend = [text.get_text() for text in bare.axes[0].get_legend().get_texts()]
    assert legend == ["post of the plan", "crimes expected (by area)"]
