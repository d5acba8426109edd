"""Figures of the quality page: what is drawn is what was counted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.text import Text

from helpers import plots

WINDOW = shapely.box(0, 0, 4000, 2000)
NAMES = ["$x_1$ & $y$", "_under", "<b>Bold</b>"]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def texts(figure) -> list[str]:
    figure.draw_without_rendering()
    return [text.get_text().strip() for text in figure.findobj(Text) if text.get_visible()]


def heights(ax) -> list[float]:
    return [bar.get_height() for bar in ax.patches]


def test_squares_without_events_stay_white():
    counts = np.array([[0, 3, 40], [1, 0, 0]])
    edges = np.arange(4) * 1000.0, np.arange(3) * 1000.0
    figure = plots.counts_map(counts, *edges, WINDOW.bounds, WINDOW, status="boundary derived")
    mesh = figure.axes[0].collections[0]
    drawn = mesh.get_array().reshape(counts.shape)
    np.testing.assert_array_equal(np.ma.getmaskarray(drawn), counts == 0)
    np.testing.assert_array_equal(drawn.compressed(), [3, 40, 1])
    said = texts(figure)
    assert "events in a square of 1,000 m × 1,000 m" in said
    assert "boundary derived" in said


def test_a_map_needs_no_boundary_and_no_second_place():
    figure = plots.places_map(np.array([[5.0, 5.0]]), (-95, -95, 105, 105))
    (line,) = [one for one in figure.axes[0].get_lines() if one.get_marker() == "o"]
    assert line.get_xdata().tolist() == [5.0]


def test_zones_with_and_without_a_field():
    zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9, 9), shapely.box(9, 0, 20, 9)])
    assert len(plots.zones_map(zones).axes) == 1
    said = texts(plots.zones_map(zones, [10_000, 40_000], label="Residents (persons)"))
    assert "Residents (persons)" in said
    assert not any("e+" in word for word in said)


@pytest.mark.parametrize("count", [1, 7, 36, 600])
def test_every_month_is_drawn(count):
    months = [f"{2000 + k // 12}-{k % 12 + 1:02d}" for k in range(count)]
    numbers = np.arange(count) + 1
    ax = plots.months_chart(months, numbers).axes[0]
    if count <= 60:
        assert heights(ax) == numbers.tolist()
    else:
        assert ax.patches[0].get_data().values.tolist() == numbers.tolist()
    shown = [label.get_text() for label in ax.get_xticklabels()]
    assert 0 < len(shown) <= 14
    for place, label in zip(ax.get_xticks(), shown, strict=True):
        assert months[int(place)] == label
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("month", "events")


def test_a_week_from_monday_to_sunday():
    week = np.arange(168).reshape(7, 24)
    ax = plots.week_tiles(week).axes[0]
    np.testing.assert_array_equal(ax.collections[0].get_array().reshape(7, 24), week)
    assert [label.get_text() for label in ax.get_yticklabels()][::6] == ["Mon", "Sun"]
    assert ax.get_ylim() == (7, 0)


def test_weekdays():
    assert heights(plots.weekdays_chart([1, 2, 3, 4, 5, 6, 7]).axes[0]) == [1, 2, 3, 4, 5, 6, 7]


def test_kinds_are_named_as_they_are_and_a_sum_is_grey():
    figure = plots.kinds_chart([*NAMES, "9 other kinds"], [5, 4, 3, 20], summed=True)
    bars = figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == [5, 4, 3, 20]
    assert bars[-1].get_facecolor() != bars[0].get_facecolor() == bars[2].get_facecolor()
    assert set(NAMES) <= set(texts(figure))
