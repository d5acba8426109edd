"""Quadrats, KS tests, kernel estimates and bandwidths against the independent reference values."""

import numpy as np
import pytest

from helpers.patterns import (
    bandwidth,
    choose_bandwidth,
    kernel_density,
    kernel_mass,
    quadrat_test,
    spatial_ks,
)
from helpers.space import Window


def test_quadrats(reference):
    for case in reference.expected["quadrat"]:
        result = quadrat_test(reference.points, reference.window, case["nx"], case["ny"])
        assert result.table["observed"].tolist() == case["observed"]
        assert result.table["expected"].to_numpy() == pytest.approx(case["expected"], rel=1e-5)
        assert result.df == case["df"]
        assert result.statistic == pytest.approx(case["statistic"], rel=1e-6)
        assert result.p_two_sided == pytest.approx(case["p_two_sided"], rel=1e-5)
        assert result.p_clustered == pytest.approx(case["p_clustered"], rel=1e-5)
        assert result.p_regular == pytest.approx(case["p_regular"], rel=1e-5)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_spatial_ks(reference, axis):
    expected = reference.expected["spatial_ks"]["exact"][axis]
    result = spatial_ks(reference.points, reference.window, axis)
    assert result.statistic == pytest.approx(expected["D"], abs=1e-9)
    assert result.p_exact == pytest.approx(expected["p_exact"], rel=1e-6)
    assert result.p_asymptotic == pytest.approx(expected["p_asymptotic"], rel=1e-6)
    assert result.ties == expected["ties"]


@pytest.mark.parametrize("axis", ["x", "y"])
def test_spatial_ks_of_a_function_agrees_with_the_exact_area(reference, axis):
    def coordinate(x, y):
        return x if axis == "x" else y

    result = spatial_ks(reference.points, reference.window, coordinate, locations=250_000)
    exact = reference.expected["spatial_ks"]["exact"][axis]["D"]
    assert result.statistic == pytest.approx(exact, abs=3e-4)


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_kernel_density(reference, width):
    table = reference.table("kde")
    sigma = reference.expected["kde_sigma"][width]
    at = table[["x", "y"]].to_numpy()
    # The table gives locations to twelve digits: in degrees that is 5e-11, not nothing beside sigma.
    rounding = 5e-12 * np.abs(at).max() / sigma
    mass = kernel_mass(at, reference.window, sigma)
    assert mass == pytest.approx(table[f"mass_{width}"].to_numpy(), abs=1e-8 + rounding)
    for correction in ("none", "uniform", "diggle"):
        expected = table[f"{correction}_{width}"].to_numpy()
        found = kernel_density(reference.points, reference.window, sigma, at, correction=correction)
        assert found == pytest.approx(expected, abs=(1e-8 + rounding) * expected.max())


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_leave_one_out(reference, width):
    found = kernel_density(
        reference.points,
        reference.window,
        reference.expected["kde_sigma"][width],
        "points",
        leave_one_out=True,
    )
    expected = reference.expected["kde_leave_one_out_sumlog"][width]
    # The reference cuts the kernel off: the one gorilla nest 11.8 sigma from all others gets 1e-300
    # there, by the definition it has 1.0e-35.
    if reference.expected["name"] == "gorillas" and width == "narrow":
        assert found.min() == pytest.approx(1.0102639386e-35, rel=1e-9)
        found[found.argmin()] = 1e-300
    assert np.log(found).sum() == pytest.approx(expected, abs=1e-6)


def test_bandwidths(reference):
    expected = reference.expected["bandwidth"]
    points, window = reference.points, reference.window
    assert bandwidth(points, window, "scott") == pytest.approx(expected["scott"], rel=1e-11)
    assert bandwidth(points, window, "scott_iso") == pytest.approx(expected["scott_iso"], rel=1e-11)
    assert bandwidth(points, window, "diggle") == pytest.approx(expected["diggle"], rel=0.02)

    nodes = reference.table("bw_ppl")["sigma"].to_numpy()
    choice = choose_bandwidth(points, window, "ppl")
    at_node = np.searchsorted(choice.curve["sigma"], nodes * (1 - 1e-7))
    assert choice.curve["sigma"].to_numpy()[at_node] == pytest.approx(nodes, rel=1e-8)
    curve = choice.curve["criterion"].to_numpy()
    at_expected = curve[at_node[np.abs(nodes - expected["ppl"]).argmin()]]
    # The best node is the reference's or as good, and what lies between the nodes is no worse.
    assert np.nanmax(curve[at_node]) - at_expected < 0.5
    assert choice.criterion >= np.nanmax(curve[at_node])
    best = np.nanargmax(curve[at_node])
    assert nodes[max(best - 1, 0)] < choice.sigma * (1 + 1e-9)
    assert choice.sigma < nodes[min(best + 1, len(nodes) - 1)] * (1 + 1e-9)

    found = bandwidth(points, window, "cvl")
    steps = np.abs(nodes - found).argmin() - np.abs(nodes - expected["CvL"]).argmin()
    assert abs(steps) <= 1


@pytest.mark.parametrize("turned", [False, True])
def test_scott_of_points_on_a_line_along_an_axis_is_that_along_the_line(turned):
    """The geometric mean with an axis along which nothing varies would be no bandwidth at all."""
    line = np.column_stack([np.arange(64.0), np.full(64, 5.0)])
    along = line[:, 0].std(ddof=1) / 2  # 64 ** (-1 / 6)
    points = line[:, ::-1] if turned else line
    window = Window.rectangle(-1, -1, 70, 70)
    assert bandwidth(points, window, "scott_iso") == pytest.approx(along, rel=1e-12)
