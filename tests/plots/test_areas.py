"""Maps of areas over time."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.colors import to_rgba

from helpers import plots
from helpers.hot_spots import EMERGING_CLASSES
from helpers.plots.style import EMPTY


@pytest.fixture
def areas():
    boxes = [shapely.box(x, 0, x + 1000, 1000) for x in range(0, 4000, 1000)]
    return gpd.GeoDataFrame(geometry=boxes)


def test_every_class_has_a_colour_of_its_own():
    assert set(plots.EMERGING) == set(EMERGING_CLASSES)
    assert len(set(plots.EMERGING.values())) == len(EMERGING_CLASSES)


def test_emerging_map_names_the_classes_that_are_there(areas):
    classes = ["New hot spot", "No pattern", "Persistent cold spot", "No pattern"]
    figure = plots.emerging_map(areas, classes, shapely.box(0, 0, 4000, 1000))
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["New hot spot", "No pattern", "Persistent cold spot"]


def fills_of(axis):
    fills = [c.get_facecolor() for c in axis.collections if len(c.get_facecolor())]
    return [tuple(fill) for fill in np.concatenate(fills)]


def test_change_map_outlines_what_is_sure_and_leaves_the_rest_grey(areas):
    window = shapely.box(0, 0, 4000, 1000)
    figure = plots.change_map(areas, [1, 3.0, 1, 0.2], [False, True, False, True], window)
    axis = figure.axes[0]
    thick = [each for each in axis.collections + axis.lines + axis.patches
             if np.max(each.get_linewidth()) == 1.3]  # fmt: skip
    assert len(thick) == 2
    grey = [c for c in axis.collections if to_rgba(EMPTY) in map(tuple, c.get_facecolor())]
    assert [len(each.get_paths()) for each in grey] == [2]
    assert [t.get_text() for t in figure.axes[-1].get_xticklabels()][::8] == ["≤ 0.5", "≥ 2"]
    assert not plots.change_map(areas, np.ones(4), [False] * 4, window).legends


def test_a_small_change_that_is_sure_shows_its_direction(areas):
    window = shapely.box(0, 0, 4000, 1000)
    figure = plots.change_map(areas, [1, 1.03, 1, 0.97], [False, True, False, True], window)
    _, more, _, less = fills_of(figure.axes[0])[:4]
    assert more[0] > more[2] + 0.05 and less[2] > less[0] + 0.05, (more, less)
