"""Figures of the first look: what is drawn is what the tables hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import plots

WINDOW = shapely.box(0, 0, 4000, 2000)
NAMES = ["$x_1$ & $y$", "_under", "<b>Bold</b>"]


@pytest.fixture(autouse=True)
def style():
    plots.use_style()


def texts(figure) -> list[str]:
    from matplotlib.text import Text

    figure.draw_without_rendering()
    return [text.get_text().strip() for text in figure.findobj(Text) if text.get_visible()]


def test_counts_show_the_last_five_years_and_no_nought():
    counts = pd.DataFrame({year: [10, 5, 0] for year in range(2010, 2020)}, index=NAMES)
    figure = plots.counts_chart(counts, source="Somewhere")
    drawn = {line.get_label(): line for line in figure.axes[0].get_lines()}
    assert list(drawn) == ["2015", "2016", "2017", "2018", "2019"]
    np.testing.assert_array_equal(drawn["2019"].get_xdata(), [10, 5, np.nan])
    assert set(NAMES) <= set(texts(figure))


def test_counts_stop_at_forty_kinds():
    counts = pd.DataFrame({2020: np.arange(60, 0, -1)}, index=[f"k{i}" for i in range(60)])
    assert len(plots.counts_chart(counts).axes[0].get_yticks()) == 40


def test_stations_beyond_the_window_are_not_drawn():
    places = gpd.points_from_xy([1000, 9000], [1000, 1000])
    stations = gpd.GeoDataFrame({"station": ["In", "Out"]}, geometry=places)
    said = texts(plots.events_map(np.array([[5.0, 5.0], [6.0, 6.0]]), WINDOW, stations))
    assert "In" in said
    assert "Out" not in said
    assert len(plots.events_map(np.array([[5.0, 5.0]]), WINDOW).axes) == 1


def test_quadrats_are_coloured_by_density_and_by_departure():
    boxes = [shapely.box(1000 * i, 0, 1000 * (i + 1), 2000) for i in range(4)]
    tiles = gpd.GeoDataFrame(
        {"per_km2": [0.0, 10.0, 200.0, 3000.0], "residual": [-4.0, -2.0, 0.0, 9.0]}, geometry=boxes
    )
    figure = plots.quadrat_maps(tiles, WINDOW)
    said = texts(figure)
    assert {"a  Events per km²", "b  Departure from CSR", "3,000"} <= set(said)
    left, right = (ax.collections[0].get_facecolors() for ax in figure.axes[:2])
    assert len(np.unique(left, axis=0)) == 4
    # the middle of the scale is white, and nought is there
    assert right[2, :3].min() > 0.95


def test_density_panels_say_their_bandwidth():
    grid = np.ones((4, 8))
    surfaces = {sigma: sigma * grid for sigma in (150.0, 300.0, 600.0)}
    figure = plots.density_maps(surfaces, 0.1 * grid, (0, 4000, 0, 2000), WINDOW)
    said = texts(figure)
    assert {"a  σ = 150 m", "b  σ = 300 m", "c  σ = 600 m", "d  Edge effect at σ = 300 m"} <= set(
        said
    )


def curve(gap_at: float) -> pd.DataFrame:
    value = np.array([1000.0, 2000.0, 3000.0])
    return pd.DataFrame(
        {"value": value, "observed": [0.3, 0.9, 1.0], "expected": [0.25, gap_at, 0.75]}
    )


def test_the_widest_gap_is_marked_with_d():
    figure = plots.csr_curves(
        {"x, km": curve(0.5), "y, km": curve(0.4)}, [0.4, 0.5], ["Across", "Up"]
    )
    said = texts(figure)
    assert {"a  Across", "b  Up", "D = 0.40", "D = 0.50", "x, km", "y, km"} <= set(said)
    label = next(text for text in figure.axes[0].texts if text.get_text() == "D = 0.40")
    assert label.xy == (2.0, 0.5)  # kilometres; the lower end
    assert figure.axes[1].get_ylabel() == ""
    assert figure.get_figwidth() == plots.PAGE
    alone = plots.csr_curves({"distance, km": curve(0.5)}, [0.4])
    assert alone.get_figwidth() == 4.4


def test_dots_name_the_covariate():
    columns = ["d_x", "d_y", "d_distance", "d_least"]
    table = pd.DataFrame([[0.1, 0.2, 0.3, 0.05]] * 3, index=NAMES, columns=columns)
    figure = plots.csr_dots(table, "distance to the nearest station")
    said = texts(figure)
    assert {"x", "y", "distance to the nearest station", "least at 5 %"} <= set(said)
    assert figure.axes[0].get_xlim()[0] == 0
    assert list(table) == columns
