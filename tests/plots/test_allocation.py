"""Figures of patrol plans: what is at its place, in its colour and named."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import EllipseCollection
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


def circles(ax) -> list[float]:
    """Widths of the circles of a panel, metres."""
    rings = [c for c in ax.collections if isinstance(c, EllipseCollection)]
    return [float(width) for ring in rings for width in ring.get_widths()]


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
    [([1], ["a  1 patrol: mean 1,234 m, gap 1.2\xa0%"]),
     ([2, 1, 3], ["a  2 patrols: mean 1,234 m", "b  1 patrol: mean 1,234 m, gap 1.2\xa0%", "c  3 patrols: mean 1,234 m"])],
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
    assert titles(figure) == ["a  exact: mean 1,000 m", "b  K-means: mean 1,100 m"]
    names = ["p-median", "p-center", "covering", "backup"]
    table = pd.DataFrame({"mean_m": 900.0, "longest_m": [4000.0, 2500, 5000, 6000]}, index=names)
    figure = plots.objective_maps(dict.fromkeys(names, plan), table, **GROUND, **FOOT)
    assert titles(figure)[1] == "b  p-center: mean 900 m, longest 2.5 km"
    assert len(titles(figure)) == 4
    timed = plots.objective_maps(
        dict.fromkeys(names, plan), table / 1000, unit="min", radius=300.0, **GROUND
    )
    assert titles(timed)[1] == "b  p-center: mean 0.9 min, longest 2.5 min"
    # the covering plans show their reach, a circle round each post; the others have none
    assert [circles(axis) for axis in timed.axes] == [[], [], [600.0, 600.0], [600.0, 600.0]]


def test_each_shift_has_its_plan_over_its_demand_beside_the_posts_of_the_day(plan):
    table = pd.DataFrame({"shift": ["day", "night"], "own_m": [900.0, 1100], "stay": [2, 1]})
    amounts = [np.array([4.0, 1]), np.array([1.0, 4])]
    figure = plots.shift_plan_maps([plan, plan], table, plan.posts, amounts, **GROUND, **FOOT)
    assert titles(figure) == [
        "a  day: mean 900 m, 2 of 2 stay",
        "b  night: mean 1,100 m, 1 of 2 stay",
    ]
    for axis in figure.axes[:2]:
        assert discs(axis, "s")[0][1].tolist() == plan.posts.tolist()
    one = plots.shift_plan_maps([plan], table[:1], plan.posts, amounts[:1], unit="min", **GROUND)
    assert titles(one) == ["a  day: mean 900.0 min, 2 of 2 stay"]
    told = table[:1].assign(when="6:00-22:00")
    one = plots.shift_plan_maps([plan], told, plan.posts, amounts[:1], **GROUND)
    assert titles(one) == ["a  day, 6:00-22:00\nmean 900 m, 2 of 2 stay"]


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


# ------------------------------------------------------------------------------------ evaluation


@pytest.fixture
def means() -> pd.DataFrame:
    return pd.DataFrame({"exact": [900.0, 500, 400], "K-means": [900.0, 600, 450]}, index=[1, 2, 3])


def marked(ax) -> dict[str, tuple[float, float]]:
    """Places of the single marks of a panel by their names."""
    return {
        str(line.get_label()): tuple(np.ravel(line.get_data()))
        for line in ax.get_lines()
        if len(line.get_xdata()) == 1
    }


def test_the_trade_off_marks_what_it_is_read_for(means):
    level = {"today": "Police stations", "today_m": 700.0, "posts": 3}
    figure = plots.tradeoff_curves(means, proven=True, knee=2, match=2, **level, **FOOT)
    (ax,) = figure.axes
    assert marked(ax) == {"knee": (2, 500), "matches today": (2, 500), "today's number": (3, 700)}
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:3] == ["exact, proven", "K-means", "today: police stations"]
    assert ax.get_ylim()[0] == 0
    # numbers of patrols are whole, and the doubt about today's posts is a band
    ticks = ax.get_xticks()
    assert (ticks == np.rint(ticks)).all()
    doubted = plots.tradeoff_curves(means, proven=True, doubt=(650.0, 800.0), **level).axes[0]
    assert "today, 95 %" in [text.get_text() for text in doubted.get_legend().get_texts()]
    (band,) = [p for p in doubted.patches if p.get_label() == "today, 95 %"]
    assert (band.get_y(), band.get_height()) == (650.0, 150.0)
    # twelve posts lie beyond the curve
    figure = plots.tradeoff_curves(means, proven=True, **{**level, "posts": 12})
    assert marked(figure.axes[0]) == {}
    one = plots.tradeoff_curves(means.loc[[1]], proven=True, match=1, **level).axes[0]
    assert one.get_xticks().tolist() == [1]
    bare = plots.tradeoff_curves(means, proven=False).axes[0]
    assert [text.get_text() for text in bare.get_legend().get_texts()] == ["exact", "K-means"]


@pytest.mark.parametrize("today", ["", "Police stations"])
def test_savings_are_against_today_or_the_rougher_plan(today):
    rows = [(name, p, 1000.0 / p, 0.1 * p - 0.6) for name in ("exact", "K-means", "hindsight")
            for p in (1, 2, 3)]  # fmt: skip
    rows += [("Police stations", 3, 600.0, 0.0)] if today else []
    table = pd.DataFrame(rows, columns=["method", "patrols", "mean_m", "saving"])
    table = table.assign(saving_low=table["saving"] - 0.1, saving_high=table["saving"] + 0.1)
    regret = pd.DataFrame({"exact": [0.0, 0.01, 0.02], "K-means": 0.03}, index=[1, 2, 3])
    reference = ("Police stations", 3) if today else ("K-means", 3)
    figure = plots.afterwards_curves(
        table, regret, period="2022", reference=reference, today=today, **FOOT
    )
    against = "today" if today else "K-means, 3"
    assert titles(figure) == [
        "a  Mean distance in 2022",
        f"b  Saved against {against}",
        "c  Above hindsight",
    ]
    saved, lost = figure.axes[1], figure.axes[2]
    assert saved.get_ylim()[0] == -30
    (bars,) = saved.collections
    assert bars.get_segments()[1][:, 1] == pytest.approx([-50, -30])
    exact = next(line for line in lost.get_lines() if line.get_label() == "exact")
    assert np.asarray(exact.get_ydata()) == pytest.approx([0, 1, 2])
    levels = [line for line in figure.axes[0].get_lines() if line.get_label() == "theory"]
    assert [set(line.get_ydata()) for line in levels] == ([{600.0}] if today else [])


def test_posts_far_from_the_town_do_not_shrink_it(plan):
    table = pd.DataFrame({"name": ["Posts", "exact plan"], "posts": [3, 2], "used": [2, 2]})
    table["mean_m"] = [1234.0, 900.0]
    posts = {"near": [[500.0, 500], [5000, 1000]], "far": [[500.0, 500], [90_000, 1000]]}
    wide = {}
    for name, places in posts.items():
        left = Plan(plan.served, np.array(places))
        figure = plots.beside_maps([left, plan], table, today="Posts", **GROUND, **FOOT)
        wide[name] = figure.axes[0].get_xlim()[1]
        assert titles(figure)[0] == "a  Posts: 2 of 3 posts\nnearest to a node; mean 1,234 m"
        ((today, _),), ((ours, _),) = discs(figure.axes[0]), discs(figure.axes[1])
        assert (today, ours) == (plots.CATEGORIES[0], plots.ALERT)
    assert wide["near"] > 5000
    assert wide["far"] < 4500


def test_the_simulation_shows_today_as_squares():
    columns = ["p50_min", "p80_min", "p90_min", "p95_min", "answering_m", "nearest_m"]
    table = pd.DataFrame([[5.0, 9, 12, 20, 800, 500], [4.0, 7, 9, 12, 600, 450]], columns=columns)
    table.index = [2, 3]
    today = {"patrols": 3, **dict(zip(columns, [6.0, 8, 10, 13, 700, 550], strict=True))}
    figure = plots.simulation_curves(table, today=today, **FOOT)
    squares = [place for _, places in discs(figure.axes[1], "s") for place in places.tolist()]
    assert squares == [[3, 700], [3, 550]]
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["50 % of crimes", "80 % of crimes", "90 % of crimes", "95 % of crimes",
                      "today's posts"]  # fmt: skip
    bare = plots.simulation_curves(table)
    assert discs(bare.axes[0], "s") == []
    assert bare.axes[0].get_yscale() == "log"
    at_once = plots.simulation_curves(table.assign(p50_min=0.0))
    assert at_once.axes[0].get_yscale() == "linear"
