"""Maps of plans: what is drawn is the plan, in the colours that the bars repeat."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib import pyplot
from matplotlib.colors import to_hex

from helpers import plots


@pytest.fixture
def row():
    """Four squares of 1 km in a row."""
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:27700")


def test_zones_and_bars_have_the_colour_of_their_area(row):
    figure, maps, strip = plots.plan_panels([row.total_bounds])
    plots.plan_map(maps[0], row, [0, 0, 1, 1], [1, 0])
    plots.balance(strip, ["1", "2"], [30, 10], mean=20, label="persons", colours=[1, 0])
    tints = plots.tints(2)
    fills = maps[0].collections[0].get_facecolors()
    assert [to_hex(fill) for fill in fills] == [tints[1], tints[1], tints[0], tints[0]]
    assert [to_hex(bar.get_facecolor()) for bar in strip.patches] == [tints[1], tints[0]]
    assert [bar.get_height() for bar in strip.patches] == [30, 10]
    outlines = maps[0].collections[1:]
    lengths = [sum(np.abs(np.diff(path.vertices, axis=0)).sum() for path in c.get_paths())
               for c in outlines]  # fmt: skip
    assert lengths == [6000, 6000]  # two areas of 2 km by 1 km
    pyplot.close(figure)


def test_areas_outside_the_map_get_no_name(row):
    figure, maps, _ = plots.plan_panels([(0, 0, 2000, 1000)])
    plots.name_areas(maps, row, [0, 1, 2, 2], ["one", "two", "three"])
    named = {text.get_text() for text in maps[0].texts}
    assert {"one", "two"} <= named
    assert "three" not in named
    pyplot.close(figure)


def test_an_area_in_several_parts_has_its_name_on_each_that_can_be_seen(row):
    """Areas 1 and 2 in turn, and a speck of area 1 that no name would fit on."""
    speck = gpd.GeoDataFrame(geometry=[shapely.box(3990, 1000, 4000, 1010)], crs=row.crs)
    zones = gpd.GeoDataFrame(geometry=[*row.geometry, *speck.geometry], crs=row.crs)
    figure, maps, _ = plots.plan_panels([row.total_bounds])
    plots.name_areas(maps, zones, [0, 1, 0, 1, 0], ["one", "two"])
    assert sorted(text.get_text() for text in maps[0].texts if text.get_text() in ("one", "two")) == [
        "one", "one", "two", "two",
    ]  # fmt: skip
    pyplot.close(figure)


def test_an_enlarged_map_names_the_part_of_an_area_that_it_shows(row):
    zoom = (0, 0, 1500, 1000)
    figure, maps, _ = plots.plan_panels([row.total_bounds, zoom])
    plots.name_areas(maps, row, [0, 1, 1, 1], ["one", "two"], zoom=zoom)
    named = [{t.get_text() for t in ax.texts} & {"one", "two"} for ax in maps]
    assert named == [{"two"}, {"one", "two"}]
    pyplot.close(figure)


@pytest.mark.parametrize(
    ("mean", "words"), [(3.6287e-8, "3.63e-08"), (0.5, "0.5"), (898.2, "898"), (75.335, "75.3")]
)
def test_equal_share_is_written_in_any_unit(row, mean, words):
    _, _, strip = plots.plan_panels([row.total_bounds])
    plots.balance(strip, ["1", "2"], [mean, mean], mean=mean, label="parts", colours=[1, 0])
    assert [text.get_text() for text in strip.texts] == [f"equal shares: {words}"]
