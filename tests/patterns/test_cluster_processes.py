"""Cluster processes: reference fits, closed forms, recovery of simulated parameters."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from scipy import integrate

from helpers.patterns import (
    bootstrap_cluster_process,
    cluster_k,
    fit_cluster_process,
    ripley_k,
    simulate,
)
from helpers.space import Window

NAMES = {"matern": "MatClust", "thomas": "Thomas"}


@pytest.mark.parametrize("kind", ["matern", "thomas"])
def test_reference_fits(reference, kind):
    expected = reference.expected["cluster_fit"][NAMES[kind]]["exact"]
    r = reference.table("K")["r"].to_numpy()
    fit = fit_cluster_process(reference.points, reference.window, kind, r)
    assert fit.identifiable == expected["identifiable"]
    assert fit.poisson_objective == pytest.approx(expected["poisson_objective"], rel=1e-6)
    assert fit.objective <= expected["objective"] * (1 + 1e-6)
    if expected["identifiable"]:
        assert fit.kappa == pytest.approx(expected["kappa"], rel=1e-4)
        assert fit.scale == pytest.approx(expected["scale"], rel=1e-4)
        assert fit.mu == pytest.approx(expected["mu"], rel=1e-4)
        assert fit.reason == ""
    else:
        assert np.isnan([fit.kappa, fit.scale, fit.mu]).all()
        assert fit.reason


@pytest.mark.parametrize("kind", ["matern", "thomas"])
def test_default_distances_agree_with_spatstat(reference, kind):
    """Where the pattern has a scale it is spatstat's; where it has none ours says so."""
    expected = reference.expected["cluster_fit"][NAMES[kind]]
    fit = fit_cluster_process(reference.points, reference.window, kind)
    assert fit.identifiable == expected["exact"]["identifiable"]
    if fit.identifiable:
        assert fit.scale == pytest.approx(expected["spatstat_default_call"]["scale"], rel=3e-3)
    else:
        assert np.isnan(fit.scale)
        assert "Poisson process" in fit.reason


def test_random_points_seldom_have_a_radius():
    """The test of identifiability keeps its level, in a rectangle and in San Miguel's outline."""
    outline = shapely.Polygon(
        [(0, 0), (3.5, 1), (3.4, 2.4), (2.6, 3.4), (2.4, 6.8), (-0.6, 6.4), (-0.2, 3), (-3.9, 2)]
    )
    for window in (Window.rectangle(0, 0, 1, 1), Window(outline)):
        r = np.linspace(0, window.shorter_side / 4, 33)
        found = [
            fit_cluster_process(window.random_points(60, seed), window, "matern", r)
            for seed in range(1000, 1100)
        ]
        passed = np.mean([fit.p_value <= 0.05 for fit in found])
        assert passed == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 100))
        assert np.mean([fit.identifiable for fit in found]) <= passed
        # Without the test a third of them would have had a radius.
        gained = [fit.objective <= 0.8 * fit.poisson_objective for fit in found]
        assert np.mean(gained) > 0.2


def test_gains_of_the_test_are_those_of_a_search_over_the_box():
    window = Window.rectangle(0, 0, 4, 3)
    points = simulate(window, "matern", kappa=1.5, scale=0.3, mu=6, seed=2)
    r = np.linspace(0, 0.75, 40)
    fit = fit_cluster_process(points, window, "matern", r)
    n, area = len(points), window.area
    kappas = np.geomspace(0.01 / area, 1e4 * n / area, 48)
    scales = np.geomspace(np.sqrt(area) / 1000, 2 * np.sqrt(area), 48)
    gains = []
    for stream in np.random.default_rng(0).spawn(99):
        k = ripley_k(window.random_points(n, stream), window, r, "isotropic")["isotropic"]
        k[0] = 0.0
        contrasts = [
            np.mean((cluster_k(r, "matern", kappa, scale) ** 0.25 - k**0.25) ** 2)
            for kappa in kappas
            for scale in scales
        ]
        gains.append(np.mean(((np.pi * r**2) ** 0.25 - k**0.25) ** 2) - min(contrasts))
        if len(gains) == 3:
            break
    for gain in gains:
        assert np.abs(fit.chance_gains - gain).min() < 1e-10
    assert fit.p_value == 0.01


def test_a_ready_k_is_fitted_without_estimating_it_again(monkeypatch):
    window = Window.rectangle(0, 0, 5, 5)
    points = simulate(window, "thomas", kappa=1, scale=0.2, mu=10, seed=4)
    r = np.linspace(0, 1, 60)
    expected = fit_cluster_process(points, window, "thomas", r)
    k = ripley_k(points, window, r)
    monkeypatch.delattr("helpers.patterns.cluster_processes.ripley_k")
    fit = fit_cluster_process(points, window, "thomas", k=k)
    assert (fit.kappa, fit.scale, fit.mu) == (expected.kappa, expected.scale, expected.mu)
    for options in ({"k": k, "r": r}, {"k": k.drop(columns="isotropic")}):
        with pytest.raises(ValueError, match="columns r and isotropic"):
            fit_cluster_process(points, window, "thomas", **options)


def test_bad_levels_of_the_test():
    window = Window.rectangle(0, 0, 1, 1)
    points = window.random_points(20, seed=1)
    with pytest.raises(ValueError, match="at least 99"):
        fit_cluster_process(points, window, level=0.01, simulations=50)
    with pytest.raises(ValueError, match="level"):
        fit_cluster_process(points, window, level=5)
    with pytest.raises(ValueError, match="simulations is a whole number"):
        fit_cluster_process(points, window, simulations=99.5)
    with pytest.raises(ValueError, match="seed is a whole number"):
        fit_cluster_process(points, window, seed=None)


def test_k_of_a_matern_cluster_is_the_disc_line_picking_distribution():
    # Density of the distance of two random points in a disc of radius R (closed form).
    radius = 1.7

    def density(s):
        z = s / (2 * radius)
        return 4 * s / (np.pi * radius**2) * (np.arccos(z) - z * np.sqrt(1 - z**2))

    for r in (0.3, 1.0, 2.5, 3.4, 5.0):
        share = integrate.quad(density, 0, min(r, 2 * radius))[0]
        found = cluster_k(r, "matern", kappa=0.2, scale=radius) - np.pi * r**2
        assert found == pytest.approx(share / 0.2, rel=1e-9)


def test_k_of_a_thomas_cluster_is_a_rayleigh_distribution():
    r = np.array([0.1, 0.5, 2.0])
    found = cluster_k(r, "thomas", kappa=2.0, scale=0.4) - np.pi * r**2
    assert found == pytest.approx((1 - np.exp(-(r**2) / (4 * 0.16))) / 2, rel=1e-12)


@pytest.mark.parametrize("kind", ["matern", "thomas"])
def test_simulated_patterns_have_the_intensity_and_k_of_the_model(kind):
    # An awkward window: two parts, one with a hole, so that clusters reach in from all sides.
    window = Window(
        shapely.union_all(
            [
                shapely.box(0, 0, 4, 3) - shapely.box(1, 1, 2, 2),
                shapely.Polygon([(5, 0), (8, 1), (6, 4)]),
            ]
        )
    )
    rng = np.random.default_rng(7)
    r = np.array([0.2, 0.4])
    numbers, estimates = [], []
    for _ in range(150):
        points = simulate(window, kind, kappa=3.0, scale=0.25, mu=8.0, seed=rng)
        numbers.append(len(points))
        sums = ripley_k(points, window, r, "translation")["translation"]
        # λ² K without bias: the ratio n (n − 1) / λ² takes the random number of points out.
        estimates.append(sums * len(points) * (len(points) - 1) / (24 * window.area) ** 2)
    error = np.std(numbers) / np.sqrt(len(numbers))
    assert np.mean(numbers) == pytest.approx(24 * window.area, abs=4 * error)
    error = np.std(estimates, axis=0) / np.sqrt(len(estimates))
    difference = np.mean(estimates, axis=0) - cluster_k(r, kind, 3.0, 0.25)
    assert (np.abs(difference) < 4 * error).all()


def test_offspring_of_a_matern_cluster_lie_within_the_radius_of_their_parents():
    window = Window.rectangle(0, 0, 5, 5)
    points, parent, parents = simulate(
        window, "matern", kappa=1, scale=0.4, mu=10, seed=1, with_parents=True
    )
    distance = np.hypot(*(points - parents[parent]).T)
    assert distance.max() <= 0.4
    # Uniform in the disc: the squared distance is uniform.
    assert np.mean(distance**2 / 0.16) == pytest.approx(0.5, abs=4 / np.sqrt(12 * len(points)))
    assert not window.contains(parents).all()


def test_the_fit_recovers_the_radius_and_the_bootstrap_interval_holds_it():
    window = Window.rectangle(0, 0, 20, 20)
    points = simulate(window, "matern", kappa=0.5, scale=0.7, mu=8, seed=11)
    fit = fit_cluster_process(points, window, "matern")
    assert fit.scale == pytest.approx(0.7, rel=0.1)
    one = bootstrap_cluster_process(fit, window, simulations=39, seed=5)
    few = [bootstrap_cluster_process(fit, window, simulations=4, seed=5, jobs=n) for n in (1, 2)]
    assert few[0].replicates.equals(few[1].replicates)
    assert one.table.loc["scale", "low"] < 0.7 < one.table.loc["scale", "high"]
    assert one.identifiable_share == 1


def test_unidentifiable_fits_are_not_simulated():
    window = Window.rectangle(0, 0, 1, 1)
    grid = (np.stack(np.meshgrid(np.arange(8), np.arange(8)), -1).reshape(-1, 2) + 0.5) / 8
    fit = fit_cluster_process(grid, window)
    assert not fit.identifiable
    with pytest.raises(ValueError, match="Poisson"):
        fit.simulate(window)
    with pytest.raises(ValueError, match="Poisson"):
        bootstrap_cluster_process(fit, window)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "poisson"}, "intensity"),
        ({"kind": "poisson", "intensity": 3.0, "mu": 2.0}, "mu"),
        ({"kind": "matern", "kappa": 1.0, "mu": 2.0}, "scale"),
        ({"kind": "thomas", "kappa": -1.0, "scale": 1.0, "mu": 2.0}, "kappa"),
        ({"kind": "cauchy", "kappa": 1.0, "scale": 1.0, "mu": 2.0}, "kind"),
        ({"kind": "poisson", "intensity": 1e12}, "unit"),
    ],
)
def test_simulation_refuses_bad_parameters(options, message):
    with pytest.raises(ValueError, match=message):
        simulate(Window.rectangle(0, 0, 1, 1), **options)


def test_refits_that_determine_nothing_leave_the_interval_missing():
    """Two expected points a pattern cannot show clusters: the share says so, and no error."""
    square = Window.rectangle(0, 0, 10, 10)
    points = simulate(square, "matern", kappa=1.0, scale=0.3, mu=20, seed=3)
    fit = fit_cluster_process(points, square, "matern")
    bootstrap = bootstrap_cluster_process(replace(fit, mu=0.02), square, simulations=3, seed=1)
    assert bootstrap.identifiable_share == 0
    assert bootstrap.table["estimate"]["scale"] == fit.scale
    assert bootstrap.table[["low", "high"]].isna().all(axis=None)
