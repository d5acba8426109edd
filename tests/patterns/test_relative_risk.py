"""Relative risk of a kind against values made elsewhere and known truth."""

import json

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape

from helpers.patterns import kernel_density, kind_probabilities, log_relative_risk
from helpers.patterns._partial_densities import PartialDensities, quadrature
from helpers.space import Window

SQUARE = Window.rectangle(0, 0, 1, 1)
CASES = ("ants", "rect_cc", "thin_2types")


@pytest.fixture(params=CASES)
def case(request, shared):
    folder = shared / "reference" / "second" / "2_relative_risk" / request.param
    window = Window(shape(json.loads((folder / "window.geojson").read_text())["geometry"]))
    facts = json.loads((folder / "expected.json").read_text())
    return folder, pd.read_csv(folder / "points.csv"), window, facts


@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_probabilities_are_those_made_elsewhere(case, correction):
    folder, points, window, facts = case
    at_points, at_grid = (pd.read_csv(folder / f"at_{name}.csv") for name in ("points", "grid"))
    for width, sigma in facts["sigma"].items():
        for at, expected in (("points", at_points), (at_grid[["x", "y"]], at_grid)):
            found = kind_probabilities(
                points[["x", "y"]], points["mark"], window, sigma, at, correction=correction
            )
            assert set(found) == set(facts["types"])
            for kind in found:
                theirs = expected[f"p_{kind}_{width}_{correction}"]
                assert found[kind].to_numpy() == pytest.approx(theirs, abs=1e-8)


@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_log_risk_and_tolerance_are_those_made_elsewhere(case, correction):
    folder, points, window, facts = case
    expected = pd.read_csv(folder / "log_relative_risk.csv")
    places, (first, second) = expected[["x", "y"]].to_numpy(), sorted(facts["types"])
    chosen = (points["mark"] == first).to_numpy()
    for width, sigma in facts["sigma"].items():
        ending = f"{width}_{correction}"
        risk = log_relative_risk(
            points[["x", "y"]], points["mark"], window, first, sigma, places, correction=correction
        )
        # where a density is next to nothing the integral's last digits show in its logarithm
        assert risk.log_risk == pytest.approx(expected[f"logrr_{ending}"], abs=1e-6)
        assert risk.p_asymptotic == pytest.approx(expected[f"p_pooled_{ending}"], abs=1e-6)
        coordinates = points[["x", "y"]].to_numpy()
        smooth = PartialDensities.over(coordinates, window, sigma, correction, 2, places)
        for name, some in ((first, chosen), (second, ~chosen), ("pooled", chosen | ~chosen)):
            column = f"f_{name}_{ending}"
            theirs = expected[column]
            assert smooth.densities(some) == pytest.approx(theirs, abs=1e-6 * theirs.max())


def test_a_surface_is_the_same_as_at_its_nodes():
    points = SQUARE.random_points(80, seed=3)
    kinds = np.arange(80) % 3 == 0
    for correction in ("uniform", "diggle"):
        settings = {"correction": correction, "permutations": 19, "seed": 1}
        risk = log_relative_risk(points, kinds, SQUARE, True, 0.1, cells=9, **settings)
        x, y = np.meshgrid(risk.log_risk.x, risk.log_risk.y)
        nodes = np.column_stack([x.ravel(), y.ravel()])
        there = log_relative_risk(points, kinds, SQUARE, True, 0.1, nodes, **settings)
        assert risk.log_risk.values.ravel() == pytest.approx(there.log_risk)
        assert risk.p_asymptotic.values.ravel() == pytest.approx(there.p_asymptotic)
        assert risk.p_permutation.values.ravel() == pytest.approx(there.p_permutation)
        assert risk.p_value == there.p_value


def test_quadrature_is_exact_for_polynomials():
    holed = shape(
        {
            "type": "Polygon",
            "coordinates": [
                [[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]],
                [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]],
            ],
        }
    )
    at, area = quadrature(Window(holed), 0.7)
    assert area.sum() == pytest.approx(11)
    # ∫ x² y over the rectangle less that over the hole
    expected = 64 / 3 * 9 / 2 - 7 / 3 * 3 / 2
    assert (at[:, 0] ** 2 * at[:, 1]) @ area == pytest.approx(expected)


def test_densities_integrate_to_one():
    window = Window(shape({"type": "Polygon", "coordinates": [[[0, 0], [5, 0], [1, 4], [0, 0]]]}))
    points = window.random_points(200, seed=1)
    for correction in ("uniform", "diggle"):
        smooth = PartialDensities.over(points, window, 0.4, correction, 300, None)
        total = smooth.densities(np.arange(200) < 70).sum() * smooth.grid.cell_area
        assert total == pytest.approx(1, abs=0.005)


def test_repeated_places_count_each_time():
    points = np.repeat(SQUARE.random_points(40, seed=2), 3, axis=0)
    kinds = np.tile(["a", "b", "b"], 40)
    kinds[:9] = "a"
    risk = log_relative_risk(points, kinds, SQUARE, "a", 0.15, cells=12, permutations=19, seed=1)
    x, y = np.meshgrid(risk.log_risk.x, risk.log_risk.y)
    nodes = np.column_stack([x.ravel(), y.ravel()])
    f, g = (
        kernel_density(points[some], SQUARE, 0.15, nodes, correction="diggle") / some.sum()
        for some in (kinds == "a", kinds == "b")
    )
    assert risk.log_risk.values.ravel() == pytest.approx(np.log(f / g))
    assert (risk.cases, risk.others) == (46, 74)
    order = np.random.default_rng(1).permutation(120)
    again = log_relative_risk(points[order], kinds[order], SQUARE, "a", 0.15, cells=12)
    assert again.log_risk.values == pytest.approx(risk.log_risk.values)


def test_level_and_power():
    """Kinds at random: of 60 windows at most eight are called different (0.99), and 5 % of the places.

    Kinds that depend on the place are found, and where.
    """
    rng = np.random.default_rng(6)
    p, low = [], []
    for k in range(60):
        points = SQUARE.random_points(150, seed=rng) ** [0.6, 1]
        kinds = rng.uniform(size=150) < 0.3
        risk = log_relative_risk(
            points, kinds, SQUARE, True, 0.2, cells=10, permutations=39, seed=k
        )
        p.append(risk.p_value)
        low.append(
            [(each.values <= 0.05).mean() for each in (risk.p_permutation, risk.p_asymptotic)]
        )
    assert 0 <= np.sum(np.array(p) <= 0.05) <= 8
    by_permutation, asymptotic = np.mean(low, axis=0)
    assert by_permutation == pytest.approx(0.05, abs=0.02)
    assert 0.002 < asymptotic < 0.05  # conservative at so wide a kernel
    points = SQUARE.random_points(400, seed=rng)
    kinds = rng.uniform(size=400) < np.where(np.hypot(*(points - 0.3).T) < 0.2, 0.7, 0.2)
    risk = log_relative_risk(points, kinds, SQUARE, True, 0.1, cells=20, permutations=99, seed=1)
    assert risk.p_value == 0.01
    assert risk.p_permutation.value_at([[0.3, 0.3]])[0] == 0.01
    assert risk.p_asymptotic.value_at([[0.3, 0.3]])[0] < 0.01
    assert (risk.p_permutation.values <= 0.01).mean() < 0.25


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "c"}, "there are a, b"),
        ({"kinds": ["a"] * 3}, "there are a"),
        ({"kinds": ["a"]}, "one kind a point"),
        ({"correction": "none"}, "correction is one of"),
        ({"permutations": 9}, "need a seed"),
        ({"bandwidth": 0}, "bandwidth is a positive"),
        ({"points": [[0.1, 0.2], [0.3, 0.4], [5, 5]]}, "outside the window"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    usual = {
        "points": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.5]], "kinds": ["a", "b", "a"],
        "window": SQUARE, "kind": "a", "bandwidth": 0.1,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        log_relative_risk(**usual | change)
