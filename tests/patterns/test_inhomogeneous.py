"""Inhomogeneous and cross functions against values made elsewhere and known truth."""

import json

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape

from helpers.patterns import (
    cross_k,
    inhomogeneous_envelope,
    inhomogeneous_k,
    inhomogeneous_l,
    inhomogeneous_pair_correlation,
    kernel_density,
    points_of_intensity,
    ripley_k,
)
from helpers.space import Window

SQUARE = Window.rectangle(0, 0, 1, 1)
OURS = {"border": "border", "translation": "trans", "isotropic": "iso"}


def pattern(folder):
    window = Window(shape(json.loads((folder / "window.geojson").read_text())["geometry"]))
    return pd.read_csv(folder / "points.csv"), window


def agree(found, expected, relative):
    """Equal where ours has a value; relative to the largest one of the column."""
    known = found.notna() & expected.notna()
    assert known.sum() > 0.5 * expected.notna().sum() > 5
    tolerance = relative * expected.abs().max()
    assert found[known].to_numpy() == pytest.approx(expected[known], abs=tolerance)


@pytest.mark.parametrize("name", ["hole_letterR", "rect_redwood", "rect_sim", "thin_L"])
def test_inhomogeneous_functions_are_those_made_elsewhere(shared, name):
    folder = shared / "reference" / "second" / "1_inhomogeneous_k" / name
    points, window = pattern(folder)
    expected = pd.read_csv(folder / "K.csv")
    facts = json.loads((folder / "expected.json").read_text())
    places, intensity = points[["x", "y"]], points["lambda"]
    relative = {"border": 1e-9, "translation": 1e-8, "isotropic": 1e-6}
    for power, ending in ((0, ""), (1, "_norm"), (2, "_norm2")):
        r = expected["r"].to_numpy()
        found = inhomogeneous_k(places, window, intensity, r, normalise=power, exact_overlap=True)
        for column, theirs in OURS.items():
            agree(found[column], expected[theirs + ending], relative[column])
        line = inhomogeneous_l(places, window, intensity, r, "isotropic", normalise=power)
        agree(line["isotropic"], expected["L_iso" + ending], 1e-6)
    expected = pd.read_csv(folder / "pcf.csv")
    h = facts["pcf_halfwidth"]
    beyond = expected["r"] >= h
    for power, ending in ((0, ""), (1, "_norm")):
        for divisor in "rd":
            found = inhomogeneous_pair_correlation(
                places, window, intensity, expected["r"], bandwidth=h, divisor=divisor,
                normalise=power, exact_overlap=True,
            )  # fmt: skip
            for column in ("translation", "isotropic"):
                theirs = expected[f"g_{OURS[column]}_{divisor}{ending}"]
                agree(found[column][beyond], theirs[beyond], 1e-7)


def test_an_even_intensity_is_ripleys_k():
    points = SQUARE.random_points(200, seed=1)
    points[-20:] = points[:20]
    r = np.linspace(0, 0.2, 30)
    ripley = ripley_k(points, SQUARE, r)
    found = inhomogeneous_k(points, SQUARE, np.full(200, 200.0), r)
    for name in ("translation", "isotropic"):
        assert found[name].to_numpy() * 200 / 199 == pytest.approx(ripley[name])
    assert found["border"].to_numpy() == pytest.approx(ripley["border"])


def test_repeated_places_are_those_of_a_double_loop():
    rng = np.random.default_rng(5)
    window = Window(shape({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [0, 3], [0, 0]]]}))
    points = window.random_points(25, seed=2)
    points = np.vstack([points, points[:9], points[:4]])
    kinds = rng.permutation(np.arange(38) % 2)
    intensity, r = rng.uniform(2, 9, 38), np.array([0.0, 0.3, 0.7])
    b = window.distance_to_boundary(points)
    far = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    apart = ~np.eye(38, dtype=bool)
    weights = np.outer(1 / intensity, 1 / intensity)
    found = inhomogeneous_k(points, window, intensity, r, "border", normalise=0)["border"]
    cross = cross_k(points, kinds, window, 0, 1, r, ("none", "border"))
    for k, limit in enumerate(r):
        near, inner = (far <= limit) & apart, b >= limit
        above = (weights * near)[inner].sum()
        assert found[k] == pytest.approx(above / (1 / intensity)[inner].sum())
        pairs = near & (kinds == 0)[:, None] & (kinds == 1)
        assert cross["none"][k] == pytest.approx(window.area / 19**2 * pairs.sum())
        below = (inner & (kinds == 0)).sum()
        assert cross["border"][k] == pytest.approx(window.area / 19 * pairs[inner].sum() / below)


@pytest.mark.parametrize("name", ["ants", "rect_cc", "thin_2types"])
def test_cross_k_is_that_made_elsewhere(shared, name):
    folder = shared / "reference" / "second" / "3_cross_k" / name
    points, window = pattern(folder)
    tables = sorted(folder.glob("K_*.csv"))
    assert len(tables) == 2
    for path in tables:
        expected = pd.read_csv(path)
        first, second = path.stem.split("_")[1:]
        found = cross_k(
            points[["x", "y"]], points["mark"], window, first, second, expected["r"],
            exact_overlap=True,
        )  # fmt: skip
        agree(found["none"], expected["un"], 1e-9)
        for column, relative in (("border", 1e-9), ("translation", 1e-8), ("isotropic", 1e-6)):
            agree(found[column], expected[OURS[column]], relative)


@pytest.mark.parametrize("correction", ["diggle", "uniform", "none"])
def test_an_intensity_that_leaves_its_point_out_is_that_of_all_others(correction):
    points = SQUARE.random_points(60, seed=4)
    points = np.vstack([points, points[:20], points[:5]])
    found = kernel_density(points, SQUARE, 0.1, "points", correction=correction, leave_one_out=True)
    for k in (0, 30, 84):  # three times at its place, alone, and the last of three
        others = np.delete(points, k, axis=0)
        rest = kernel_density(others, SQUARE, 0.1, points[k : k + 1], correction=correction)
        assert found[k] == pytest.approx(rest[0])


def test_points_drawn_from_a_surface_have_its_intensity():
    window = Window(shape({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [0, 3], [0, 0]]]}))
    surface = kernel_density(window.random_points(40, seed=3), window, 0.4, cells=64)
    drawn = points_of_intensity(surface, window, 40_000, seed=1)
    assert window.contains(drawn).all()
    left = (np.nan_to_num(surface.values) * (surface.x < 1)).sum() / np.nansum(surface.values)
    # cells that the edge cuts hold less than their middle says: a per cent or so
    assert (drawn[:, 0] < 1).mean() == pytest.approx(left, abs=0.02)


def test_uneven_is_not_clustered_and_clustered_is():
    """Of 16 uneven patterns at most three are called clustered (0.99 at 5 %); of 3 clustered ones all."""
    rng = np.random.default_rng(7)
    rejected = []
    for clustered, patterns in ((False, 16), (True, 3)):
        p = []
        for _ in range(patterns):
            points = SQUARE.random_points(250, seed=rng) ** [0.6, 1]
            if clustered:
                points = np.clip(
                    np.repeat(points[:50], 5, axis=0) + rng.normal(0, 0.012, (250, 2)), 0, 1
                )
            envelope = inhomogeneous_envelope(
                points, SQUARE, 0.12, r=np.linspace(0, 0.1, 21), simulations=39, seed=rng, cells=64
            )
            p.append(envelope.p_value)
        rejected.append((np.array(p) <= 0.05).sum())
    assert rejected[0] <= 3
    assert rejected[1] == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intensity": [1.0, 2.0]}, "one intensity a point"),
        ({"intensity": [1.0, 0.0, 1.0]}, "1 intensities are not positive"),
        ({"normalise": 3}, "power 0, 1 or 2"),
        ({"normalise": True}, "power 0, 1 or 2"),
        ({"corrections": "none"}, "corrections are among"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    usual = {
        "points": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.5]],
        "window": SQUARE,
        "intensity": [1.0] * 3,
    }
    with pytest.raises(ValueError, match=message):
        inhomogeneous_k(**usual | change)


def test_cross_k_refuses_unknown_kinds():
    points, kinds = [[0.1, 0.2], [0.3, 0.4]], ["a", "b"]
    with pytest.raises(ValueError, match="there are a, b"):
        cross_k(points, kinds, SQUARE, "a", "c")
    with pytest.raises(ValueError, match="two different kinds"):
        cross_k(points, kinds, SQUARE, "a", "a")
