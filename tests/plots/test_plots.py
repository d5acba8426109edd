"""Figures: exact colours and places, text that can be read, bytes that repeat."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps, pyplot
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.text import Text
from shapely.geometry import MultiPolygon, Polygon, box

from helpers import plots
from helpers.compendium import settle_layout
from helpers.plots.charts import _spread
from helpers.plots.maps import _round_length

TOWN = (0.0, 0.0, 30_000.0, 20_000.0)


@pytest.fixture(autouse=True)
def style():
    plots.use_style()
    yield
    pyplot.close("all")


@pytest.fixture
def zones():
    """Six square zones of ten kilometres, two rows of three."""
    cells = [box(x, y, x + 10_000, y + 10_000) for y in (0, 10_000) for x in (0, 10_000, 20_000)]
    return gpd.GeoDataFrame({"zone": list("abcdef")}, geometry=cells, crs="EPSG:3763")


def png(figure) -> bytes:
    """Bytes of a figure, saved as a section saves it."""
    target = io.BytesIO()
    settle_layout(figure)
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def pixels(figure) -> np.ndarray:
    """Colours of a figure, shape (height, width, 3), 0 to 1, the first row at the top."""
    return pyplot.imread(io.BytesIO(png(figure)))[..., :3]


def colour_at(figure, ax, place) -> np.ndarray:
    """Colour of the figure at a place of a panel's data coordinates."""
    image = pixels(figure)
    x, y = ax.transData.transform(place)
    return image[image.shape[0] - 1 - int(y), int(x)]


def texts(figure) -> list[Text]:
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def everything(zones) -> list:
    """One figure of each sort."""
    values = np.array([1.0, 2, 3, 4, 5, np.nan])
    made = []
    figure, axes = plots.map_panels(1, 2, TOWN, bar=True, source="Source", status="schematic")
    plots.choropleth(axes[0, 0], zones, values, label="persons", edges=[0, 2, 4, 6])
    plots.hot_spot_map(axes[0, 1], zones, [*plots.HOT_SPOTS][:6])
    plots.frame(axes[0, 0], (0, 0, 9000, 9000), "b")
    plots.enlarged(axes[0, 1])
    plots.letter(axes.flat, ["Amounts", "Spots"])
    plots.hot_spot_key(figure)
    plots.name_places(axes[0, 1], [(5000, 5000), (6000, 5500)], ["Here", "There"])
    made.append(figure)
    figure, axes = plots.map_panels(1, 2, TOWN, bar=True, furniture="all")
    plots.raster_map(
        axes[0, 0],
        np.arange(6.0).reshape(2, 3),
        [0, 1e4, 2e4, 3e4],
        [0, 1e4, 2e4],
        label="per km²",
        window=box(1000, 1000, 29_000, 19_000),
    )
    plots.links_map(axes[0, 1], np.array([(0, 0), (3e4, 2e4)]), np.array([(0, 1)]))
    made.append(figure)
    figure, axes = plots.panels(2, 2, source="Source " * 60, status="SYNTHETIC")
    table = pd.DataFrame({"2016": [3.0, 30], "2017": [4.0, 20]}, index=["rare", "frequent"])
    plots.bars(axes[0, 0], table.index, table["2016"], label="events")
    plots.dots(axes[0, 1], table, label="events", logarithmic=True)
    x = np.linspace(0, 1, 20)
    plots.curves(
        axes[1, 0],
        x,
        {"a": x**2, "b": x},
        theory=x / 2,
        envelope=(x / 3, x),
        x_label="r, m",
        y_label="K",
        legend=False,
    )
    plots.direct_labels(axes[1, 0])
    plots.gap(axes[1, 0], 0.5, 0.25, 0.5, "D = 0.25")
    columns = pd.MultiIndex.from_product([["normal", "permutation"], ["queen", "band"]])
    classes = pd.DataFrame([["Hot spot 99 %"] * 4] * 2, index=["a", "b"], columns=columns)
    plots.tiles(axes[1, 1], classes, plots.HOT_SPOTS)
    plots.foot_legend(figure, {"one": "#000000", "two": "#ff0000"}, title="Key")
    made.append(figure)
    return made


# ---------------------------------------------------------------------------- every figure


def test_the_same_figure_is_the_same_bytes(zones):
    first = [png(figure) for figure in everything(zones)]
    pyplot.close("all")
    assert first == [png(figure) for figure in everything(zones)]


def test_bytes_have_no_date_and_150_dots_an_inch(zones):
    for figure in everything(zones):
        drawn = png(figure)
        assert b"Creation" not in drawn
        assert b"matplotlib" not in drawn.lower()
        width = int.from_bytes(drawn[16:20], "big")
        assert width == round(figure.get_figwidth() * 150)


def test_no_text_is_smaller_than_seven_points(zones):
    for figure in everything(zones):
        figure.draw_without_rendering()
        assert min(text.get_fontsize() for text in texts(figure)) >= 7


def test_all_text_lies_on_the_figure(zones):
    for figure in everything(zones):
        figure.draw_without_rendering()
        written = [*figure.texts, *(text for legend in figure.legends for text in legend.texts)]
        for ax in figure.axes:
            written += [*ax.texts, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        for text in written:
            if text.get_text().strip():
                spot = text.get_window_extent()
                assert min(spot.x0, spot.y0) >= 0, text
                assert spot.x1 <= figure.bbox.x1, text
                assert spot.y1 <= figure.bbox.y1, text


def test_importing_the_plots_does_not_import_matplotlib():
    code = (
        "import sys, helpers.plots; print('matplotlib' in sys.modules, 'geopandas' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


# --------------------------------------------------------------------------------- palettes

# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def lab(colour, blindness: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as the colour-blind see it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = xyz @ linear / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_categories_are_told_apart(blindness):
    seen = [lab(colour, blindness) for colour in plots.CATEGORIES]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 12


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_hot_and_cold_are_told_apart(blindness):
    seen = {name: lab(colour, blindness) for name, colour in plots.HOT_SPOTS.items()}
    for a, b in combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 9, (a, b)
    # stronger is darker on both sides
    for kind in ("Hot", "Cold"):
        light = [seen[f"{kind} spot {level} %"][0] for level in (90, 95, 99)]
        assert light == sorted(light, reverse=True)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", [plots.AMOUNTS, plots.DENSITY])
def test_more_is_darker_in_the_sequential_palettes(name, blindness):
    light = [lab(colormaps[name](share), blindness)[0] for share in np.linspace(0, 1, 30)]
    assert (np.diff(light) < 0.5).all()
    assert light[0] - light[-1] > 60


def test_classes_are_those_of_the_statistic():
    from helpers.hot_spots import CLASSES

    assert tuple(plots.HOT_SPOTS) == CLASSES


# ------------------------------------------------------------------------------------- maps


def test_zones_have_the_colours_of_their_values(zones):
    figure, axes = plots.map_panels(1, 1, TOWN, bar=True, furniture="none")
    values = [1.0, 3.0, 5.0, 1.5, 3.5, 5.5]
    plots.choropleth(axes[0, 0], zones, values, label="persons", edges=[0, 2, 4, 6])
    palette = colormaps[plots.AMOUNTS]
    expected = palette([0, 127, 255])[:, :3]
    for position, value in enumerate(values):
        middle = zones.geometry[position].centroid
        seen = colour_at(figure, axes[0, 0], (middle.x, middle.y))
        np.testing.assert_allclose(seen, expected[int(value // 2)], atol=0.01)


def test_a_zone_without_a_value_is_hatched_grey(zones):
    figure, axes = plots.map_panels(1, 1, TOWN, furniture="none")
    values = [1, 2, 3, 4, 5, np.nan]
    plots.choropleth(axes[0, 0], zones, values, label="persons", bar=False)
    image = pixels(figure)
    corners = axes[0, 0].transData.transform([(21_000, 11_000), (29_000, 19_000)]).astype(int)
    (left, low), (right, high) = corners
    patch = image[image.shape[0] - high : image.shape[0] - low, left:right].reshape(-1, 3)
    grey = np.abs(patch - to_rgb(plots.EMPTY)).max(axis=1) < 0.02
    assert 0.4 < grey.mean() < 0.98  # the rest is the hatch


@pytest.mark.parametrize("hole", ["clockwise", "anticlockwise"])
def test_holes_and_parts_stay_what_they_are(hole):
    ring = list(box(4000, 4000, 8000, 8000).exterior.coords)
    ring = ring if hole == "clockwise" else ring[::-1]
    shape = MultiPolygon(
        [Polygon(box(0, 0, 12_000, 12_000).exterior.coords, [ring]), box(20_000, 0, 30_000, 9000)]
    )
    zone = gpd.GeoDataFrame({"zone": ["a"]}, geometry=[shape])
    figure, axes = plots.map_panels(1, 1, TOWN, furniture="none")
    plots.class_map(axes[0, 0], zone, ["x"], {"x": "#aa0000"})
    assert np.allclose(colour_at(figure, axes[0, 0], (2000, 2000)), to_rgb("#aa0000"), atol=0.01)
    assert np.allclose(colour_at(figure, axes[0, 0], (25_000, 5000)), to_rgb("#aa0000"), atol=0.01)
    assert np.allclose(colour_at(figure, axes[0, 0], (6000, 6000)), 1)


def test_a_surface_is_the_right_way_up_and_cut_at_its_window():
    figure, axes = plots.map_panels(1, 1, TOWN, furniture="none")
    values = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    plots.raster_map(
        axes[0, 0],
        values,
        [0, 1e4, 2e4, 3e4],
        [0, 1e4, 2e4],
        label="",
        bar=False,
        window=Polygon([(0, 0), (30_000, 0), (30_000, 20_000)]),
    )
    palette = colormaps[plots.DENSITY]
    south_east = colour_at(figure, axes[0, 0], (28_000, 3000))
    np.testing.assert_allclose(south_east, palette(2 / 5)[:3], atol=0.02)
    north_east = colour_at(figure, axes[0, 0], (28_500, 15_000))
    np.testing.assert_allclose(north_east, palette(1.0)[:3], atol=0.02)
    assert np.allclose(colour_at(figure, axes[0, 0], (5000, 15_000)), 1)


def test_scale_bar_is_as_long_as_it_says():
    figure, axes = plots.map_panels(1, 1, TOWN)
    figure.draw_without_rendering()
    ax = axes[0, 0]
    words = next(text.get_text() for text in ax.texts if text.get_text().endswith("km"))
    bar = ax.get_lines()[0].get_xdata()
    left, right = ax.get_xlim()
    assert (max(bar) - min(bar)) * (right - left) == pytest.approx(1000 * float(words.split()[0]))


@given(st.floats(1e-3, 1e9))
def test_scale_bar_lengths_are_round(length):
    found = _round_length(length)
    assert found <= length < 2.5000001 * found
    assert f"{found:.0e}"[0] in "125"


def test_maps_keep_their_shape(zones):
    figure, axes = plots.map_panels(1, 2, TOWN, bar=True)
    for ax in axes.flat:
        plots.choropleth(ax, zones, np.arange(6), label="persons")
    figure.draw_without_rendering()
    for ax in axes.flat:
        place = ax.get_window_extent()
        spans = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
        assert place.width / place.height == pytest.approx(spans[0] / spans[1], rel=0.01)
        # and use the width they were given
        assert place.width > 0.4 * figure.bbox.width


def test_names_do_not_collide():
    generator = np.random.default_rng(4)
    places = generator.uniform(4000, 16_000, (14, 2))
    figure, axes = plots.map_panels(1, 1, TOWN)
    plots.points_map(axes[0, 0], places)
    before = len(axes[0, 0].texts)
    plots.name_places(axes[0, 0], places, [f"Place {i}" for i in range(14)], centred=False)
    figure.draw_without_rendering()
    written = axes[0, 0].texts[before:]
    assert len(written) >= 12
    spots = [text.get_window_extent() for text in axes[0, 0].texts]
    assert not any(a.overlaps(b) for a, b in combinations(spots, 2))
    own = axes[0, 0].transData.transform(places)
    for text in written:
        others = np.delete(own, int(text.get_text().split()[1]), axis=0)
        assert text.get_window_extent().count_contains(others) == 0


# ----------------------------------------------------------------------------------- layout


def test_source_and_status_are_printed_and_do_not_meet():
    source = "Sources: " + ", ".join(f"publisher number {i}" for i in range(12))
    figure, _ = plots.panels(1, 1, width=plots.COLUMN, source=source, status="SYNTHETIC")
    figure.draw_without_rendering()
    foot = {text.get_text(): text.get_window_extent() for text in figure.texts}
    printed = next(text for text in foot if text.startswith("Sources"))
    assert printed.replace("\n", " ") == source
    assert not foot[printed].overlaps(foot["SYNTHETIC"])


def test_a_legend_makes_room_for_itself(zones):
    figure, axes = plots.map_panels(1, 1, TOWN, source="Source", status="derived")
    figure.draw_without_rendering()
    before = axes[0, 0].get_window_extent().width
    height = figure.get_figheight()
    legend = plots.foot_legend(figure, {f"area {i}": "#333333" for i in range(6)}, columns=3)
    plots.hot_spot_key(figure)
    figure.draw_without_rendering()
    assert figure.get_figheight() > height + 0.5
    assert axes[0, 0].get_window_extent().width == pytest.approx(before, rel=0.02)
    foot = next(text for text in figure.texts if text.get_text() == "Source").get_window_extent()
    key = figure.axes[-1].get_window_extent()
    strips = [foot, legend.get_window_extent(), key]
    assert not any(a.overlaps(b) for a, b in combinations(strips, 2))
    assert max(strip.y1 for strip in strips) <= axes[0, 0].get_window_extent().y0


def test_panels_are_lettered_in_reading_order():
    _, axes = plots.panels(2, 2)
    plots.letter(axes.flat, ["North", "South", "East", "West"])
    assert [ax.get_title(loc="left")[0] for ax in axes.flat] == list("abcd")


# ----------------------------------------------------------------------------------- charts


def test_dots_lie_at_their_values():
    table = pd.DataFrame({"2016": [3.0, 30], "2017": [4.0, 20]}, index=["rare", "frequent"])
    _, axes = plots.panels()
    plots.dots(axes[0, 0], table, label="events", logarithmic=True)
    drawn = {line.get_label(): line.get_xdata() for line in axes[0, 0].get_lines()}
    for year in table:
        np.testing.assert_array_equal(drawn[year], table[year])
    top, bottom = axes[0, 0].get_yticklabels()
    assert (top.get_text(), bottom.get_text()) == ("rare", "frequent")
    assert axes[0, 0].yaxis_inverted()


def test_bars_carry_their_values():
    _, axes = plots.panels()
    plots.bars(axes[0, 0], ["a", "b"], [1234.0, -5.0], label="persons")
    assert [bar.get_width() for bar in axes[0, 0].patches] == [1234.0, -5.0]
    assert {text.get_text() for text in axes[0, 0].texts} == {"1,234", "-5"}


def test_tiles_have_the_colours_of_their_classes():
    columns = pd.MultiIndex.from_product([["normal", "permutation"], ["queen", "band"]])
    classes = np.array([["Hot spot 99 %", "x", "Cold spot 90 %", "Not significant"]] * 3)
    figure, axes = plots.panels()
    plots.tiles(axes[0, 0], pd.DataFrame(classes, list("abc"), columns), plots.HOT_SPOTS)
    (collection,) = axes[0, 0].collections
    expected = [to_rgba(plots.HOT_SPOTS.get(name, plots.EMPTY)) for name in classes.ravel()]
    np.testing.assert_allclose(collection.get_facecolors(), expected)
    figure.draw_without_rendering()
    middles = np.array([path.get_extents().get_points().mean(0) for path in collection.get_paths()])
    across = middles[:4, 0]
    assert across[2] - across[1] > across[1] - across[0] == across[3] - across[2]
    assert {"normal", "permutation"} <= {text.get_text() for text in axes[0, 0].texts}


@given(
    st.lists(st.floats(-500, 500), min_size=1, max_size=12),
    st.floats(1, 40),
)
def test_names_of_curves_are_spread_without_changing_order(heights, least):
    heights = np.array(heights)
    placed = _spread(heights, least)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) >= least * (1 - 1e-9) - 1e-9).all()
    if (np.diff(heights[order]) >= least).all():
        np.testing.assert_allclose(placed, heights, atol=1e-9)


def test_negative_numbers_have_a_minus_sign():
    figure, axes = plots.panels()
    axes[0, 0].plot([-20_000, 20_000], [0, 1])
    plots.thousands(axes[0, 0], "x")
    figure.draw_without_rendering()
    labels = [text.get_text() for text in axes[0, 0].get_xticklabels()]
    assert "−20,000" in labels
    assert "20,000" in labels


def test_territories_that_touch_differ_in_colour():
    from helpers.plots.patrols import TERRITORIES, _shades

    generator = np.random.default_rng(4)
    posts = generator.uniform(0, [40, 24], (14, 2))
    centres = np.stack(np.meshgrid(np.arange(40), np.arange(24)), -1).reshape(-1, 2)
    served = np.hypot(*(centres[:, None] - posts).T).argmin(axis=0).reshape(24, 40)
    served[:3, :5] = -1
    shades = _shades(served)
    assert ((shades == -1) == (served == -1)).all()
    assert shades.max() < len(TERRITORIES)
    for a, b, c, d in ((served[1:], served[:-1], shades[1:], shades[:-1]),
                       (served[:, 1:], served[:, :-1], shades[:, 1:], shades[:, :-1])):  # fmt: skip
        apart = (a != b) & (a >= 0) & (b >= 0)
        assert (c[apart] != d[apart]).all()


def test_a_territory_map_shows_territories_posts_and_demand():
    figure, axes = plots.map_panels(1, 1, TOWN, furniture="none")
    axis = axes[0, 0]
    served = np.array([[0, 0, 1], [0, 0, 1]])
    edges = np.linspace(0, 30_000, 4), np.linspace(0, 20_000, 3)
    plots.territory_map(axis, served, *edges, window=box(*TOWN))
    plots.demand_dots(axis, [[5_000, 5_000], [25_000, 5_000]], [1.0, 4.0], largest=8)
    plots.posts_map(axis, [[5_000, 15_000], [25_000, 15_000]], names=[1, 2], colour="#b2182b")
    left, right = (colour_at(figure, axis, (x, 9_000)) for x in (12_000, 22_000))
    tints = np.array([to_rgb(colour) for colour in plots.patrols.TERRITORIES])
    for seen in (left, right):
        assert np.abs(tints - seen).max(axis=1).min() < 0.005
    assert not np.allclose(left, right)
    # areas, not diameters, are in proportion
    dots = next(c for c in axis.collections if hasattr(c, "get_sizes") and len(c.get_sizes()) == 2)
    assert dots.get_sizes().tolist() == [64, 16]  # the larger lies below
    assert [text.get_text() for text in axis.texts] == ["1", "2"]
    post = colour_at(figure, axis, (5_000 - 230, 15_000))
    np.testing.assert_allclose(post, to_rgb("#b2182b"), atol=0.02)


@pytest.mark.parametrize("long", [20_000, 100_000])
def test_a_town_much_longer_than_wide_leaves_room_for_titles(long):
    import io
    import warnings

    figure, axes = plots.map_panels(2, 2, (0, 0, long, 200), source="Source")
    plots.letter(axes.flat, ["200 m"] * 4)
    with warnings.catch_warnings():
        # matplotlib warns where panels collapse, and then lays nothing out
        warnings.simplefilter("error")
        figure.savefig(io.BytesIO())
    assert figure.get_figheight() > 2 * 0.6


def test_a_map_of_nothing_known_has_its_scale():
    figure, axes = plots.map_panels(1, 1, TOWN, bar=True, furniture="none")
    unknown = np.full((2, 3), np.nan)
    edges = [0, 1e4, 2e4, 3e4], [0, 1e4, 2e4]
    plots.raster_map(axes[0, 0], unknown, *edges, label="share", limits=(0.0, 2.0))
    figure.draw_without_rendering()
    bar = next(axis for axis in figure.axes if axis.get_xlabel() == "share")
    assert bar.get_xlim() == (0.0, 2.0)
