"""Value functions."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.priorities import (
    PriorityError,
    decreasing,
    discrete,
    increasing,
    partial_values,
    peaked,
    value_functions,
)


def described(shape, scale=None, peak=None, values=None):
    return SimpleNamespace(shape=shape, scale=scale, peak=peak, values=values or {})


@pytest.fixture
def table():
    return pd.DataFrame(
        {"density": [10.0, 40.0, 25.0], "degree": ["low", "high", "low"]}, index=["a", "b", "c"]
    )


def test_piecewise_linear_by_hand():
    function = increasing(0, 100, points=[(20, 0.5), (60, 0.9)])
    # between (20, 0.5) and (60, 0.9) the slope is 0.01 a unit
    assert function(pd.Series([0, 10, 20, 30, 60, 80, 100.0])).to_numpy() == pytest.approx(
        [0, 0.25, 0.5, 0.6, 0.9, 0.95, 1]
    )


def test_peaked_with_elicited_flanks():
    function = peaked(0, 4, 10, points=[(1, 0.6), (8, 0.2)])
    values = function(pd.Series([0, 0.5, 1, 4, 6, 8, 9, 10.0])).to_numpy()
    assert values == pytest.approx([0, 0.3, 0.6, 1, 0.6, 0.2, 0.1, 0])


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_decreasing_mirrors_increasing(low, width, shares):
    measures = pd.Series(low + width * np.array(shares)).clip(low, low + width)
    up = increasing(low, low + width)(measures)
    down = decreasing(low, low + width)(measures)
    np.testing.assert_allclose(up + down, 1, atol=1e-12)
    assert up[measures.sort_values().index].is_monotonic_increasing
    assert up.between(0, 1).all()


def test_values_of_a_described_table(table):
    criteria = {
        "degree": described("discrete", values={"low": 0, "high": 1}),
        "density": described("decreasing"),
    }
    values = partial_values(table, value_functions(criteria, table))
    assert list(values) == ["degree", "density"]
    assert values.loc["a"].tolist() == [0, 1]
    assert values.loc["b"].tolist() == [1, 0]
    assert values.loc["c"].tolist() == [0, 0.5]


def test_stated_scale_comes_before_the_local_one(table):
    functions = value_functions({"density": described("increasing", scale=[0, 50])}, table)
    assert functions["density"].scale == (0, 50)
    assert functions["density"](table["density"]).tolist() == [0.2, 0.8, 0.5]


def test_missing_cells_are_named_and_excluded_only_when_asked(table):
    table.loc["b", "density"] = np.nan
    table.loc["b", "degree"] = None
    functions = {"density": increasing(0, 50), "degree": discrete({"low": 0, "high": 1})}
    with pytest.raises(PriorityError, match=r"zone b \(density, degree\) has no measure"):
        partial_values(table, functions)
    table.loc["c", "degree"] = "high"
    values = partial_values(table, functions, missing="exclude")
    assert values.index.tolist() == ["a", "c"]
    assert values.attrs["excluded"] == ["b"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.assign(density=5.0), "density' is the same in every zone"),
        (lambda t: t.assign(degree=["low", "hgh", "low"]), "zone b has 'hgh'.*mean 'high'"),
        (lambda t: t.assign(density=[1, 2, 51.0]), "zone c lies outside the scale 0 to 50"),
        (lambda t: t.assign(density=["x", "y", "z"]), "holds words"),
        (lambda t: t.assign(density=[1, 2, np.inf]), "zone c is infinite"),
        (lambda t: t.assign(income=1), "'income' has no value function"),
        (lambda t: t.drop(columns="density").assign(densty=1), "'density' has no column.*densty"),
        (lambda t: t.set_axis(["a", "b", "a"]), "zone a appears more than once"),
    ],
)
def test_bad_tables(table, change, sentence):
    functions = {"density": increasing(0, 50), "degree": discrete({"low": 0, "high": 1})}
    with pytest.raises(PriorityError, match=sentence):
        partial_values(change(table), functions)


def test_direction_is_needed(table):
    with pytest.raises(PriorityError, match="'density' has no direction"):
        value_functions({"density": described(None)}, table)
    with pytest.raises(PriorityError, match="mean 'increasing'"):
        value_functions({"density": described("increasng")}, table)
    with pytest.raises(PriorityError, match="the same in every zone"):
        value_functions({"density": described("increasing")}, table.assign(density=3.0))


@pytest.mark.parametrize(
    "make",
    [
        lambda: increasing(1, 1),
        lambda: increasing(0, 10, points=[(5, 0.8), (7, 0.2)]),
        lambda: increasing(0, 10, points=[(12, 0.5)]),
        lambda: increasing(0, 10, points=[(5, 1.5)]),
        lambda: peaked(0, 12, 10),
        lambda: peaked(0, 5, 10, points=[(2, 0.5), (3, 0.1)]),
        lambda: discrete({"only": 1}),
        lambda: discrete({"low": 0.2, "high": 1}),
    ],
)
def test_points_that_break_the_shape(make):
    with pytest.raises(PriorityError):
        make()


def test_a_peak_beside_all_measures_gets_a_scale_as_far_beyond_it():
    measures = pd.DataFrame({"age": [31.5, 40.0, 50.0]}, index=list("abc"))
    criterion = described("peaked", peak=30)
    function = value_functions({"age": criterion}, measures)["age"]
    assert function.scale == (10.0, 50.0)
    assert function(measures["age"]).tolist() == [0.925, 0.5, 0.0]
    criterion = described("peaked", peak=60)
    function = value_functions({"age": criterion}, measures)["age"]
    assert function.scale == (31.5, 88.5)
    assert function(measures["age"]).iloc[0] == 0.0
