"""What must hold for any pattern: invariances, thinning, order of the estimates, closed forms."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from helpers.patterns import (
    bandwidth,
    bandwidth_criterion,
    choose_bandwidth,
    empty_space_f,
    fit_cluster_process,
    kernel_density,
    l_function,
    nearest_neighbour_g,
    pair_correlation,
    quadrat_test,
    ripley_k,
    simulate,
    spatial_ks,
)
from helpers.space import Window

SHAPES = {
    "rectangle": shapely.box(0, 0, 9, 6),
    "holed": shapely.Polygon(
        [(0, 0), (10, 0), (10, 6), (6, 9), (0, 8)],
        [[(2, 2), (4, 2), (4, 5), (2, 4)], [(6, 1), (8, 1), (7, 3)]],
    ),
    "six parts": shapely.MultiPolygon(
        [shapely.box(3 * k, 2 * k, 3 * k + 2 + k / 5, 2 * k + 1.7) for k in range(5)]
        + [shapely.Polygon([(20, 0), (24, 0), (22, 5)])]
    ),
}
R = np.array([0.0, 0.13, 0.29, 0.51, 0.83, 1.17])

patterns = st.tuples(
    st.sampled_from(sorted(SHAPES)), st.integers(5, 60), st.integers(0, 2**32 - 1), st.booleans()
)


def drawn(pattern):
    name, n, seed, duplicates = pattern
    window = Window(SHAPES[name])
    points = window.random_points(n, seed)
    if duplicates:
        points = np.vstack([points, points[: n // 2]])
    return points, window


def moved(geometry, factor, angle, shift):
    geometry = affinity.rotate(geometry, angle, origin=(0, 0))
    geometry = affinity.scale(geometry, factor, factor, origin=(0, 0))
    return affinity.translate(geometry, *(np.array(shift) * factor))


def agree(found, expected, scale):
    assert np.isnan(found).tolist() == np.isnan(expected).tolist()
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale, nan_ok=True)


@given(
    pattern=patterns,
    factor=st.sampled_from([1e-3, 0.7, 1e3]),
    angle=st.floats(0, 360),
    shift=st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
)
@settings(max_examples=25, deadline=None)
def test_summary_functions_do_not_depend_on_unit_origin_and_direction(
    pattern, factor, angle, shift
):
    points, window = drawn(pattern)
    change = (factor, angle, shift)
    after = Window(moved(window.geometry, *change))
    carried = shapely.get_coordinates(moved(shapely.MultiPoint(points), *change))
    k, k_after = ripley_k(points, window, R), ripley_k(carried, after, R * factor)
    for name in ("none", "border", "translation", "isotropic"):
        # A coincident pair drawn apart by rounding still counts from the second distance on.
        expected = k[name].to_numpy()[1:]
        agree(k_after[name].to_numpy()[1:] / factor**2, expected, window.area)
    g = nearest_neighbour_g(points, window, R)
    g_after = nearest_neighbour_g(carried, after, R * factor)
    for name in ("raw", "border", "km", "hanisch"):
        agree(g_after[name].to_numpy()[1:], g[name].to_numpy()[1:], 1)


@given(pattern=patterns, factor=st.sampled_from([1e-3, 1e3]))
@settings(max_examples=10, deadline=None)
def test_tests_and_densities_do_not_depend_on_the_unit(pattern, factor):
    points, window = drawn(pattern)
    after = Window(moved(window.geometry, factor, 0, (0, 0)))
    carried = points * factor
    one, two = quadrat_test(points, window, 3, 2), quadrat_test(carried, after, 3, 2)
    assert two.statistic == pytest.approx(one.statistic, rel=1e-9)
    one, two = spatial_ks(points, window, "x"), spatial_ks(carried, after, "x")
    assert two.statistic == pytest.approx(one.statistic, rel=1e-9)
    assert two.ties == one.ties
    one = kernel_density(points, window, 0.8, "points", correction="diggle")
    two = kernel_density(carried, after, 0.8 * factor, "points", correction="diggle")
    assert two * factor**2 == pytest.approx(one, rel=1e-9)
    f = empty_space_f(points, window, R, locations=20_000)
    f_after = empty_space_f(carried, after, R * factor, locations=20_000)
    assert f_after["km"].to_numpy() == pytest.approx(f["km"].to_numpy(), abs=1e-3)


@given(pattern=patterns)
@settings(max_examples=15, deadline=None)
def test_the_mean_k_of_all_patterns_with_one_point_less_is_k(pattern):
    # Each pair survives in n − 2 of the n thinned patterns, so this holds exactly.
    points, window = drawn(pattern)
    points = points[:12]
    names = ["none", "translation", "isotropic"]
    whole = ripley_k(points, window, R, names)[names].to_numpy()
    thinned = [
        ripley_k(np.delete(points, i, axis=0), window, R, names)[names].to_numpy()
        for i in range(len(points))
        if len(np.unique(np.delete(points, i, axis=0), axis=0)) > 1
    ]
    if len(thinned) == len(points):
        assert np.mean(thinned, axis=0) == pytest.approx(whole, rel=1e-9, abs=1e-12)


@given(pattern=patterns)
@settings(max_examples=25, deadline=None)
def test_order_of_the_estimates(pattern):
    points, window = drawn(pattern)
    n, area = len(points), window.area
    k = ripley_k(points, window, R)
    assert (k[["none", "translation", "isotropic"]].diff().dropna() >= -1e-9).all(axis=None)
    # Corrections only add to pairs; the border method only leaves pairs out.
    assert (k["translation"] >= k["none"] * (1 - 1e-12)).all()
    assert (k["isotropic"] >= k["none"] * (1 - 1e-12)).all()
    b = window.distance_to_boundary(points)
    eligible = (b[:, None] >= R).sum(axis=0)
    counted = k["border"].fillna(0) * eligible * n / area
    assert (counted <= k["none"] * n * (n - 1) / area * (1 + 1e-12) + 1e-9).all()
    assert (k["border"].isna() == (eligible == 0)).all()
    g = nearest_neighbour_g(points, window, R)
    for name in ("raw", "km", "hanisch"):
        values = g[name].dropna().to_numpy()
        assert (np.diff(values) >= -1e-12).all()
        assert ((values >= 0) & (values <= 1 + 1e-12)).all()
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    d = distances.min(axis=1)
    for r, value in zip(R, g["border"], strict=True):
        if (b >= r).any():
            assert value == pytest.approx(((d <= r) & (b >= r)).sum() / (b >= r).sum())
        else:
            assert np.isnan(value)


def test_k_counts_multiplicity_and_l_is_its_root():
    window = Window.rectangle(0, 0, 1, 1)
    points = np.repeat(window.random_points(40, seed=2), 3, axis=0)
    k = ripley_k(points, window, [0.0, 1e-9])
    # 120 points with two coincident neighbours each.
    for name in ("none", "translation", "isotropic"):
        assert k[name][0] == pytest.approx(240 / (120 * 119))
    assert k["border"][0] == pytest.approx(2 / 120)
    table = l_function(points, window, [0.0, 0.1])
    again = ripley_k(points, window, [0.0, 0.1])
    assert table["isotropic"].to_numpy() == pytest.approx(np.sqrt(again["isotropic"] / np.pi))
    assert table["theory"].tolist() == pytest.approx([0.0, 0.1])
    g = nearest_neighbour_g(points, window, [0.0, 0.1])
    assert g[["raw", "border", "km"]].iloc[0].tolist() == [1, 1, 1]


@pytest.mark.parametrize("correction", ["translation", "isotropic"])
def test_k_of_random_points_is_unbiased(correction):
    window = Window(SHAPES["holed"])
    rng = np.random.default_rng(9)
    r = [0.5, 1.0, 1.5]
    found = [
        ripley_k(window.random_points(60, rng), window, r, correction)[correction].to_numpy()
        for _ in range(200)
    ]
    error = np.std(found, axis=0) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - np.pi * np.square(r)) < 4 * error).all()


def test_pair_correlation_is_the_kernel_sum_over_pairs():
    window = Window(SHAPES["holed"])
    points = window.random_points(80, seed=3)
    h, r = 0.3, np.array([0.0, 0.4, 0.9, 1.5])
    found = pair_correlation(points, window, r, bandwidth=h)
    expected = np.zeros(len(r))
    for i, p in enumerate(points):
        for j, q in enumerate(points):
            d = np.hypot(*(p - q))
            if i == j or d > r[-1] + h:
                continue
            overlap = window.geometry.intersection(affinity.translate(window.geometry, *(q - p)))
            kernel = np.maximum(0.75 / h * (1 - ((r - d) / h) ** 2), 0)
            expected += kernel / overlap.area / (2 * np.pi * d)
    expected *= window.area**2 / (80 * 79)
    assert np.isnan(found["translation"][0])
    assert found["translation"].to_numpy()[1:] == pytest.approx(expected[1:], rel=1e-3)
    # Both corrections estimate the same function.
    assert found["isotropic"].to_numpy()[1:] == pytest.approx(expected[1:], rel=0.1)


def test_beyond_what_the_window_allows_is_missing_not_wrong():
    strip = Window.rectangle(0, 0, 10, 1)
    points = strip.random_points(40, seed=1)
    table = ripley_k(points, strip, [0.2, 0.6, 1.5, 4.0, 6.0])
    assert table["border"].isna().tolist() == [False, True, True, True, True]
    assert table["translation"].isna().tolist() == [False, False, True, True, True]
    assert table["isotropic"].isna().tolist() == [False, False, False, False, True]
    assert table["none"].notna().all()
    assert nearest_neighbour_g(points, strip, [0.2, 0.6])["border"].isna().tolist() == [False, True]
    with pytest.raises(ValueError, match="shorten r"):
        fit_cluster_process(points, strip, r=[0.2, 0.6, 6.0])


def test_kernel_density_on_a_grid_is_that_at_its_cells():
    window = Window(SHAPES["holed"])
    points = window.random_points(300, seed=4)
    for correction in ("none", "uniform", "diggle"):
        surface = kernel_density(points, window, 0.6, correction=correction, cells=40)
        x, y = np.meshgrid(surface.x, surface.y)
        inside = window.contains(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
        assert (np.isnan(surface.values) == ~inside).all()
        at = np.column_stack([x[inside], y[inside]])
        expected = kernel_density(points, window, 0.6, at, correction=correction)
        assert surface.values[inside] == pytest.approx(expected, rel=1e-9)
        assert surface.value_at(at) == pytest.approx(expected, rel=1e-9)
    # Diggle's correction conserves mass; the grid does but for cells cut by the boundary.
    fine = kernel_density(points, window, 0.6, correction="diggle", cells=400)
    assert fine.integral == pytest.approx(300, rel=2e-3)


def test_many_pairs_are_summed_to_a_relative_error_below_a_millionth(monkeypatch):
    window = Window(SHAPES["holed"])
    rng = np.random.default_rng(6)
    points = np.vstack([window.random_points(1800, rng), rng.normal((1, 6), 0.05, (400, 2))])
    for sigma in (0.02, 0.09, 0.4, 3.0):
        for correction in ("diggle", "uniform"):
            options = {"correction": correction, "leave_one_out": sigma != 0.4}
            exact = kernel_density(points, window, sigma, "points", **options)
            with monkeypatch.context() as patch:
                patch.setattr("helpers.patterns._smoothing._MANY_PAIRS", 10)
                patch.setattr("helpers.patterns._smoothing._MANY_MASSES", 10)
                fast = kernel_density(points, window, sigma, "points", **options)
            assert fast == pytest.approx(exact, rel=1e-6)


def test_spatial_ks_against_functions_surfaces_and_arrays():
    window = Window(SHAPES["holed"])
    points = window.random_points(200, seed=8)

    def slope(x, y):
        return 2 * x + 5

    exact = spatial_ks(points, window, "x")
    assert spatial_ks(points, window, slope).statistic == pytest.approx(exact.statistic, abs=2e-4)
    assert spatial_ks(points, window, slope).covariate == "slope"
    everywhere = window.spread_points(200_000)
    arrays = (points[:, 0], everywhere[:, 0])
    found = spatial_ks(points, window, arrays)
    assert found.statistic == pytest.approx(exact.statistic, abs=1e-3)
    # Points that follow a surface: the test sees it in the surface, not in a flat one.
    surface = kernel_density(window.random_points(50, seed=1), window, 0.8, correction="diggle")
    weights = surface.value_at(everywhere)
    rng = np.random.default_rng(2)
    chosen = everywhere[rng.choice(len(everywhere), 800, p=weights / weights.sum())]
    assert spatial_ks(chosen, window, surface).p_exact < 1e-4
    assert spatial_ks(window.random_points(800, seed=3), window, surface).p_exact > 0.01


def test_spatial_ks_at_the_jumps_of_a_covariate():
    """By hand: D of a covariate of two levels is the difference of the shares of one of them."""
    window = Window.rectangle(0, 0, 1, 1)
    everywhere = window.spread_points(100_000)

    def east(x, y):
        return (x > 0.3).astype(float)

    points = window.random_points(120, seed=3)
    share = (everywhere[:, 0] > 0.3).mean()
    expected = abs(east(*points.T).mean() - share)
    found = spatial_ks(points, window, east, locations=100_000)
    assert found.statistic == pytest.approx(expected, rel=1e-9)
    assert found.largest_atom == pytest.approx(share)
    assert spatial_ks(points, window, "x").largest_atom == 0
    with pytest.raises(ValueError, match="3 everywhere"):
        spatial_ks(points, window, lambda x, y: 3.0 + 0 * x)


def test_size_of_spatial_ks():
    """5 % of random patterns for a smooth covariate, fewer for one of two or of ten levels."""
    window = Window(SHAPES["holed"])
    everywhere = window.spread_points(20_000)
    rng = np.random.default_rng(11)
    runs, rejected = 300, {"x": 0, "two": 0, "ten": 0}
    for _ in range(runs):
        points = window.random_points(100, rng)
        levels = {"two": lambda x: (x > 3).astype(float), "ten": np.floor}
        rejected["x"] += spatial_ks(points, window, "x").p_exact <= 0.05
        for name, level in levels.items():
            covariate = (level(points[:, 0]), level(everywhere[:, 0]))
            rejected[name] += spatial_ks(points, window, covariate).p_exact <= 0.05
    assert rejected["x"] / runs == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / runs))
    assert rejected["two"] / runs < 0.05
    assert rejected["ten"] / runs < 0.05
    # And it sees what is there: twice the intensity on one of two levels.
    crowded = np.vstack([points, points[points[:, 0] > 3]])
    covariate = tuple((part[:, 0] > 3).astype(float) for part in (crowded, everywhere))
    assert spatial_ks(crowded, window, covariate).p_exact < 0.05


def test_repeated_points_make_the_tests_reject_too_often():
    """What the docstrings say of 200 places: each place once is the row to read."""
    window = Window.rectangle(0, 0, 1, 1)
    rng = np.random.default_rng(1)
    runs, ks, quadrats = 120, [0, 0], [0, 0]
    for _ in range(runs):
        places = window.random_points(200, rng)
        for k, points in enumerate((places, np.repeat(places, 2, axis=0))):
            ks[k] += spatial_ks(points, window, "x").p_exact <= 0.05
            quadrats[k] += quadrat_test(points, window, 5).p_two_sided <= 0.05
    sampling = 4 * np.sqrt(0.25 / runs)
    assert ks[1] / runs == pytest.approx(0.31, abs=sampling)
    assert quadrats[1] / runs == pytest.approx(0.73, abs=sampling)
    assert max(ks[0], quadrats[0]) / runs < 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
    assert spatial_ks(np.repeat(places, 3, axis=0), window, "x").ties == 400


def test_p_values_too_small_for_a_number():
    window = Window.rectangle(0, 0, 1, 1)
    rng = np.random.default_rng(2)
    some = rng.uniform((0, 0), (0.75, 1), (300, 2))
    found = spatial_ks(some, window, "x")
    assert found.log10_p == pytest.approx(np.log10(found.p_exact))
    many = rng.uniform((0, 0), (0.5, 1), (20_000, 2))
    found = spatial_ks(many, window, "x")
    assert found.p_exact == 0
    assert found.log10_p == pytest.approx(-2 * 20_000 * 0.25 / np.log(10), rel=0.02)


def test_quadrats_that_expect_too_few():
    window = Window(
        shapely.Polygon([(0, 0), (10, 0), (10, 10.1), (9.99, 10.1), (9.99, 10), (0, 10)])
    )
    points = window.random_points(60, seed=1)
    test = quadrat_test(points, window, 2, 2)
    assert (test.sparse_tiles, test.note) == (0, "")
    slivers = quadrat_test(points, window, 1, 101)
    assert slivers.smallest_expected == pytest.approx(60 * 0.001 / window.area, rel=1e-6)
    assert slivers.sparse_tiles == len(slivers.table) == 101
    assert "101 of 101 tiles expect fewer than 5" in slivers.note


@pytest.mark.parametrize("count", [2.5, 2.0, True, "2", None, np.nan, np.inf, 0, -1, [2]])
def test_counts_are_whole_numbers(count):
    window = Window.rectangle(0, 0, 1, 1)
    points = window.random_points(30, seed=1)
    calls = {
        "columns": lambda: quadrat_test(points, window, count),
        "locations": lambda: empty_space_f(points, window, locations=count),
        "cells": lambda: kernel_density(points, window, 0.1, cells=count),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=f"{name}.* whole number"):
            call()
    assert len(quadrat_test(points, window, 2, np.int64(3)).table) == 6


@pytest.mark.parametrize("rule", ["ppl", "cvl"])
def test_bandwidths_are_optimal_between_the_candidates(rule):
    window = Window(SHAPES["holed"])
    points = simulate(window, "thomas", kappa=0.1, scale=0.5, mu=10, seed=5)
    choice = choose_bandwidth(points, window, rule)
    sign = -1 if rule == "ppl" else 1
    fine = bandwidth_criterion(points, window, rule, choice.sigma * np.geomspace(0.8, 1.25, 11))
    best = fine["sigma"][(sign * fine["criterion"]).idxmin()]
    assert choice.sigma == pytest.approx(best, rel=0.05)
    candidates = bandwidth_criterion(points, window, rule)["criterion"]
    assert sign * choice.criterion <= (sign * candidates).min()
    assert choice.note == ""
    assert bandwidth(points, window, rule) == choice.sigma


def test_a_bandwidth_at_the_end_of_its_range_says_so():
    window = Window.rectangle(0, 0, 1, 1)
    spread = (np.stack(np.meshgrid(np.arange(7), np.arange(7)), -1).reshape(-1, 2) + 0.5) / 7
    spread = spread + np.random.default_rng(1).uniform(-0.02, 0.02, spread.shape)
    choice = choose_bandwidth(spread, window, "ppl")
    assert "largest bandwidth tried" in choice.note
    assert choice.sigma == choice.curve["sigma"].max()
    tied = np.repeat(window.random_points(80, seed=1), 4, axis=0)
    choice = choose_bandwidth(tied, window, "diggle")
    assert "smallest bandwidth tried" in choice.note
    assert choice.sigma == choice.curve["sigma"].min()


def test_numbers_in_degrees_are_only_numbers():
    """A bare polygon in degrees is a plane like any other; one that says so is refused elsewhere."""
    window = Window(affinity.translate(affinity.scale(SHAPES["holed"], 1e-3, 1e-3), -77, -12))
    points = window.random_points(150, seed=2)
    shifted = (points - window.centre) * 1000
    moved_window = Window(
        affinity.scale(
            affinity.translate(window.geometry, *-window.centre), 1000, 1000, origin=(0, 0)
        )
    )
    k = ripley_k(points, window, R * 1e-3)["isotropic"].to_numpy()
    expected = ripley_k(shifted, moved_window, R)["isotropic"].to_numpy()
    assert k * 1e6 == pytest.approx(expected, rel=1e-6)


FUNCTIONS = {
    "K": ripley_k,
    "L": l_function,
    "g": pair_correlation,
    "G": nearest_neighbour_g,
    "F": empty_space_f,
    "fit": fit_cluster_process,
    "bandwidth": bandwidth,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bad_input(name):
    function = FUNCTIONS[name]
    square = shapely.box(0, 0, 1, 1)
    points = np.random.default_rng(1).uniform(size=(30, 2))
    cases = [
        (np.empty((0, 2)), square, "at least two points, got 0"),
        ([[0.5, 0.5]], square, "at least two points, got 1"),
        ([[0.5, 0.5]] * 9, square, "all points are equal"),
        ([*points, [3.0, 0.5]], square, "rows 30"),
        ([*points, [np.nan, 0.5]], square, "rows 30"),
        (points, shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "make_valid"),
        (points, shapely.Polygon(), "empty"),
        (points, gpd.GeoSeries([square], crs="EPSG:4326"), "to_crs"),
        (gpd.GeoSeries(gpd.points_from_xy(*points.T), crs="EPSG:4326"), square, "EPSG:326"),
    ]
    for bad_points, window, message in cases:
        with pytest.raises(ValueError, match=message):
            function(bad_points, window)
    dropped = function([*points, [3.0, 0.5]], square, outside="drop")
    kept = function(points, square)
    if isinstance(kept, pd.DataFrame):
        pd.testing.assert_frame_equal(dropped, kept)


@pytest.mark.parametrize("r", [[0.1], [0.2, 0.1], [-0.1, 0.1], [0, np.nan], [[0, 1]], [0.1, 0.1]])
def test_bad_distances(r):
    points = np.random.default_rng(1).uniform(size=(30, 2))
    for function in (ripley_k, nearest_neighbour_g, empty_space_f):
        with pytest.raises(ValueError, match="r "):
            function(points, shapely.box(0, 0, 1, 1), r)


def test_bad_names():
    points = np.random.default_rng(1).uniform(size=(30, 2))
    square = shapely.box(0, 0, 1, 1)
    for function in (ripley_k, nearest_neighbour_g, empty_space_f, pair_correlation):
        with pytest.raises(ValueError, match="corrections are among"):
            function(points, square, corrections="best")
    with pytest.raises(ValueError, match="correction is one of"):
        kernel_density(points, square, 0.1, correction="best")
    with pytest.raises(ValueError, match="positive"):
        kernel_density(points, square, -0.1)
    with pytest.raises(ValueError, match="covariate"):
        spatial_ks(points, square, "z")
    with pytest.raises(ValueError, match="two tiles"):
        quadrat_test(points, square, 1)
    with pytest.raises(ValueError, match="rule"):
        bandwidth(points, square, "silverman")
