"""ELECTRE TRI-B by hand and against another library; PROMETHEE II by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.priorities import PriorityError, electre_tri, promethee, quantile_profiles

FIVE = ["very high", "high", "medium", "low", "very low"]


def even_borders(columns):
    return pd.DataFrame([[level] * len(columns) for level in (0.8, 0.6, 0.4, 0.2)], columns=columns)


# ------------------------------------------------------------------------------- ELECTRE TRI


def test_electre_by_hand():
    """One border at 0.5; q = 0.1, p = 0.3, v = 0.45; weights 0.5, 0.3, 0.2; λ = 0.7.

    a = (0.9, 0.3, 0.5): leads of the border −0.4, 0.2, 0, so c = 1, (0.3 − 0.2) / 0.2 = 0.5, 1
    and C = 0.5 + 0.15 + 0.2 = 0.85; no lead above p, so σ = 0.85 ≥ λ: the upper class.
    Back: leads of a 0.4, −0.2, 0, so c = 0, 1, 1 and C = 0.5; d1 = (0.4 − 0.3) / 0.15 = 2/3 > C,
    so σ = 0.5 (1 − 2/3) / (1 − 0.5) = 1/3: the border is not preferred, upper class both ways.
    b = (0.9, 0.1, 0.9): leads −0.4, 0.4, −0.4: C = 0.7, d2 = 2/3 < C, so σ = 0.7 ≥ λ. Back:
    C = 0.3, d1 = d3 = 2/3 > C: σ = 0.3 (1/3 / 0.7)² = 0.068.
    c = (0.9, 0.0, 0.9): lead 0.5 ≥ v, veto: σ = 0: lower class by the pessimistic rule; back σ is
    as for b, so they are incomparable and the optimistic rule says upper.
    """
    values = pd.DataFrame(
        [[0.9, 0.3, 0.5], [0.9, 0.1, 0.9], [0.9, 0.0, 0.9]], index=list("abc"), columns=list("xyz")
    )
    result = electre_tri(
        values,
        {"x": 0.5, "y": 0.3, "z": 0.2},
        pd.DataFrame({"x": [0.5], "y": [0.5], "z": [0.5]}),
        ["up", "down"],
        indifference=0.1,
        preference=0.3,
        veto=0.45,
        cut=0.7,
    )
    assert result.over["up / down"].to_numpy() == pytest.approx([0.85, 0.7, 0])
    back = 0.3 * (1 / 3 / 0.7) ** 2
    assert result.under["up / down"].to_numpy() == pytest.approx([1 / 3, back, back])
    assert result.pessimistic.tolist() == ["up", "up", "down"]
    assert result.optimistic.tolist() == ["up", "up", "up"]


def test_electre_against_another_library():
    """Credibilities and classes measured with mcda 1.1.0 (ElectreTri) on the same table."""
    values = pd.DataFrame(
        [
            [0.63, 0.9, 0.78, 0.23], [0.3, 0.87, 0.01, 0.82], [0.8, 0.47, 0.3, 0.28],
            [0.25, 0.45, 0.5, 0.55], [1.0, 0.79, 0.62, 0.99], [0.22, 0.16, 0.61, 0.04],
            [0.04, 0.51, 0.47, 0.92], [0.63, 0.51, 0.5, 0.25], [0.01, 0.19, 0.69, 0.2],
            [0.37, 0.0, 0.83, 0.15], [0.27, 0.88, 0.51, 0.85], [0.64, 0.74, 0.09, 0.54],
        ],
        columns=list("abcd"),
    )  # fmt: skip
    borders = pd.DataFrame(
        [[0.7, 0.65, 0.75, 0.8], [0.45, 0.4, 0.4, 0.5], [0.2, 0.25, 0.15, 0.2]],
        columns=list("abcd"),
    )
    result = electre_tri(
        values,
        {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1},
        borders,
        ["3", "2", "1", "0"],
        indifference=0.05,
        preference=0.15,
        veto={"a": 0.45, "b": 0.5, "c": 0.6, "d": 0.7},
        cut=0.7,
    )
    assert [int(c) for c in result.pessimistic] == [3, 1, 2, 1, 3, 1, 0, 2, 0, 1, 1, 2]
    assert [int(c) for c in result.optimistic] == [3, 2, 2, 1, 3, 1, 2, 2, 1, 1, 2, 2]
    over = [
        [0.82, 0.9, 1.0], [0.0, 0.311111, 0.82], [0.121212, 0.8, 1.0], [0.0, 0.6, 1.0],
        [0.84, 1.0, 1.0], [0.0, 0.092857, 0.78], [0.0, 0.2, 0.6], [0.146853, 0.9, 1.0],
        [0.0, 0.007576, 0.57], [0.0, 0.263736, 0.7], [0.044444, 0.6, 1.0], [0.0, 0.8, 0.98],
    ]  # fmt: skip
    under = [
        [0.7, 0.0, 0.0], [0.7, 0.128571, 0.0], [0.8, 0.391304, 0.0], [1.0, 0.9, 0.37037],
        [0.149351, 0.0, 0.0], [1.0, 0.8, 0.8], [0.93, 0.68, 0.0], [1.0, 0.32, 0.003484],
        [1.0, 0.8, 0.533333], [0.94, 0.8, 0.0], [0.7, 0.052747, 0.0], [0.88, 0.195918, 0.000244],
    ]  # fmt: skip
    np.testing.assert_allclose(result.over, over, atol=6e-7)
    np.testing.assert_allclose(result.under, under, atol=6e-7)


def test_zones_on_a_border_belong_above_it():
    """A zone equal to a border outranks it; five classes are all within reach."""
    levels = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    values = pd.DataFrame({"x": levels, "y": levels})
    result = electre_tri(
        values,
        {"x": 0.5, "y": 0.5},
        even_borders(["x", "y"]),
        FIVE,
        indifference=0,
        preference=0.05,
    )
    expected = ["very high"] * 2 + ["high"] * 2 + ["medium"] * 2 + ["low"] * 2 + ["very low"]
    assert result.pessimistic.tolist() == expected
    assert result.optimistic.tolist() == expected


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.51, 1))
def test_pessimistic_never_exceeds_optimistic_and_both_are_monotone(seed, cut):
    generator = np.random.default_rng(seed)
    values = pd.DataFrame(generator.random((20, 3)), columns=list("xyz"))
    weights = pd.Series(generator.dirichlet([1, 1, 1]), index=list("xyz"))
    options = {"indifference": 0.02, "preference": 0.1, "veto": 0.5, "cut": cut}
    borders = even_borders(list("xyz"))
    low = electre_tri(values, weights, borders, FIVE, **options)
    high = electre_tri((values + 0.1).clip(upper=1), weights, borders, FIVE, **options)
    place = {name: -i for i, name in enumerate(FIVE)}
    assert (low.pessimistic.map(place) <= low.optimistic.map(place)).all()
    assert (low.pessimistic.map(place) <= high.pessimistic.map(place)).all()
    assert (low.optimistic.map(place) <= high.optimistic.map(place)).all()


def test_quantile_profiles_split_each_criterion():
    values = pd.DataFrame({"x": [0.9, 0.1, 0.5, 0.3], "y": [0.0, 1.0, 0.2, 0.6]})
    profiles = quantile_profiles(values, {"high": 1, "medium": 2, "low": 1})
    assert profiles.to_numpy() == pytest.approx(np.array([[0.7, 0.8], [0.2, 0.1]]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cut": 0.5}, "above 0.5"),
        ({"indifference": 0.3, "preference": 0.1}, "must rise"),
        ({"preference": 0.3, "veto": 0.2}, "must rise"),
        ({"indifference": -0.1}, "0 or more"),
        ({"indifference": {"x": 0.1}}, "need exactly the criteria x, y"),
        ({"classes": ["a", "b"]}, "4 border profiles make 5 classes, not 2"),
        ({"profiles": even_borders(["x", "y"]).iloc[::-1]}, "most urgent down"),
        ({"profiles": even_borders(["x"])}, "need exactly the criteria"),
    ],
)
def test_bad_electre_input(change, sentence):
    values = pd.DataFrame({"x": [0.2, 0.9], "y": [0.1, 0.8]})
    given = {"profiles": even_borders(["x", "y"]), "classes": FIVE, **change}
    profiles, classes = given.pop("profiles"), given.pop("classes")
    with pytest.raises(PriorityError, match=sentence):
        electre_tri(values, {"x": 0.5, "y": 0.5}, profiles, classes, **given)


# ------------------------------------------------------------------------------ PROMETHEE II


def flows(values, weights, q, p):
    """PROMETHEE II by its definition."""
    n = len(values)
    phi = np.zeros(n)
    for a in range(n):
        for b in range(n):
            lead = values[a] - values[b]
            share = np.clip((lead - q) / (p - q), 0, 1) - np.clip((-lead - q) / (p - q), 0, 1)
            phi[a] += weights @ share / (n - 1)
    return phi


def test_promethee_by_hand():
    """q = 0.1, p = 0.5: leads 0.4 and 0.3 count 0.75 and 0.5."""
    values = pd.DataFrame({"x": [0.9, 0.5], "y": [0.2, 0.5]}, index=["a", "b"])
    result = promethee(values, {"x": 0.6, "y": 0.4}, indifference=0.1, preference=0.5)
    assert result.loc["a"].to_numpy() == pytest.approx([0.45, 0.2, 0.25])
    assert result.loc["b"].to_numpy() == pytest.approx([0.2, 0.45, -0.25])


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 15), st.integers(0, 10_000))
def test_promethee_is_its_definition(zones, seed):
    generator = np.random.default_rng(seed)
    matrix = generator.random((zones, 3))
    weights = generator.dirichlet([1, 1, 1])
    values = pd.DataFrame(matrix, columns=list("xyz"))
    named = dict(zip("xyz", weights, strict=True))
    thresholds = {"x": 0.3, "y": 0.4, "z": 0.5}
    result = promethee(values, named, indifference=0.05, preference=thresholds)
    expected = flows(matrix, weights, np.full(3, 0.05), np.array([0.3, 0.4, 0.5]))
    np.testing.assert_allclose(result["net"], expected, atol=1e-12)
    assert result["net"].sum() == pytest.approx(0, abs=1e-12)


def test_bad_promethee_thresholds():
    values = pd.DataFrame({"x": [0.2, 0.9]})
    with pytest.raises(PriorityError, match="must exceed"):
        promethee(values, {"x": 1}, indifference=0.1, preference=0.1)
