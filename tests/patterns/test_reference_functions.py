"""G, F, K, L against the independent reference values of fourteen patterns."""

import json

import numpy as np
import pytest

from helpers.patterns import empty_space_f, l_function, nearest_neighbour_g, ripley_k


@pytest.fixture(scope="module")
def tolerances(shared):
    return json.loads((shared / "reference" / "point_patterns" / "tolerances.json").read_text())


def largest_difference(found, expected):
    # With duplicates compare from k = 1: see the README of the reference.
    assert np.isnan(found).tolist() == np.isnan(expected).tolist()
    return np.nanmax(np.abs(found - expected)[1:])


def test_nearest_neighbour_g(reference, tolerances):
    expected = reference.table("G")
    found = nearest_neighbour_g(reference.points, reference.window, expected["r"])
    assert list(found.columns) == ["r", "theory", "raw", "border", "km", "hanisch"]
    assert found["theory"].to_numpy() == pytest.approx(expected["theo"].to_numpy(), abs=1e-9)
    names = {"raw": "raw", "border": "rs", "km": "km", "hanisch": "han"}
    for ours, theirs in names.items():
        tolerance = tolerances["G"][theirs]
        if theirs == "han":
            rectangle = reference.expected["window_type"] == "rectangle"
            tolerance = tolerance["rectangle_abs" if rectangle else "polygon_abs"]
        else:
            tolerance = tolerance["abs"]
        assert largest_difference(found[ours], expected[theirs]) <= tolerance, ours


def test_hanisch_over_all_observed_distances(reference):
    table = reference.table("G")
    r = table["r"].to_numpy()
    on_grid = nearest_neighbour_g(reference.points, reference.window, r, "hanisch")
    further = np.append(r, reference.window.diameter)
    overall = nearest_neighbour_g(reference.points, reference.window, further, "hanisch")
    ratio = on_grid["hanisch"].iloc[-1] / overall["hanisch"].iloc[-2]
    expected = reference.expected["G"]["hanisch_total_over_grid_total"]
    assert ratio == pytest.approx(expected, rel=1e-4)


def test_empty_space_f(reference, tolerances):
    """A million locations on four patterns of different windows, a quarter of that on the others."""
    expected = reference.table("F")
    whole = reference.folder.name in ("chorley", "crime_deg_a", "letterR_sim", "redwood")
    locations = 1_000_000 if whole else 250_000
    found = empty_space_f(reference.points, reference.window, expected["r"], locations=locations)
    assert list(found.columns) == ["r", "theory", "raw", "border", "km", "chiu_stoyan"]
    names = {"raw": "raw", "border": "rs", "km": "km", "chiu_stoyan": "cs"}
    limit = tolerances["F"]["with_at_least_1e6_points"]["abs"] * (1 if whole else 4**0.75)
    for ours, theirs in names.items():
        tolerance = max(limit, 2 * reference.expected["F"]["uncertainty"][theirs])
        assert largest_difference(found[ours], expected[theirs]) <= tolerance, ours


@pytest.mark.parametrize("exact", [True, False])
def test_ripley_k(reference, tolerances, exact):
    expected = reference.table("K")
    found = ripley_k(reference.points, reference.window, expected["r"], exact_overlap=exact)
    assert list(found.columns) == ["r", "theory", "none", "border", "translation", "isotropic"]
    rectangle = reference.expected["window_type"] == "rectangle"
    overlap = "trans_polygon_exact_overlap" if exact else "trans_polygon_raster_fft"
    limits = {
        "none": ("un", "un"),
        "border": ("border", "border"),
        "translation": ("trans", "trans_rectangle" if rectangle else overlap),
        "isotropic": ("iso", "iso_rectangle" if rectangle else "iso_polygon"),
    }
    for ours, (theirs, name) in limits.items():
        scale = np.nanmax(np.abs(expected[theirs]))
        difference = largest_difference(found[ours], expected[theirs])
        assert difference <= tolerances["K"][name]["rel"] * scale, ours


def test_l_function(reference):
    expected = reference.table("K")
    found = l_function(reference.points, reference.window, expected["r"], "isotropic")
    assert list(found.columns) == ["r", "theory", "isotropic"]
    scale = expected["L_iso"].max()
    assert largest_difference(found["isotropic"], expected["L_iso"]) <= 1e-6 * scale
