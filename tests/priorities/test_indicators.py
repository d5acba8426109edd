"""Human development and Gini indices against published values and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.priorities import (
    PriorityError,
    gini,
    gini_grouped,
    gini_lorenz,
    hdi_arithmetic,
    hdi_geometric,
    pareto_exponent,
)


@pytest.mark.parametrize(
    ("life", "literacy", "enrolment", "income", "published"),
    [
        (71.4, 87.4, 68.7, 8_407, 0.775),  # Turkey, the technical note's own example
        (81.5, 99.0, 95.4, 36_510, 0.968),  # Iceland
        (71.7, 88.6, 87.5, 8_402, 0.800),  # Brazil
    ],
)
def test_arithmetic_hdi_of_the_report_2007(life, literacy, enrolment, income, published):
    """Human Development Report 2007/2008, Table 1 (year 2005)."""
    assert float(hdi_arithmetic(life, literacy, enrolment, income)) == pytest.approx(
        published, abs=5.1e-4
    )


def test_geometric_hdi_of_the_report_2010():
    """China, the example of technical note 1 in the Human Development Report 2010."""
    assert float(hdi_geometric(73.5, 7.5, 11.4, 7_263)) == pytest.approx(0.663, abs=5e-4)


@pytest.mark.parametrize(
    ("life", "mean", "expected", "income", "published"),
    [
        (82.4, 12.9, 18.1, 66_494, 0.957),  # Norway: 18.1 years count as 18
        (75.9, 8.0, 15.4, 14_263, 0.765),  # Brazil
        (62.4, 2.1, 6.5, 1_201, 0.394),  # Niger
    ],
)
def test_geometric_hdi_with_fixed_goalposts(life, mean, expected, income, published):
    """Human Development Report 2020, Table 1 (year 2019); inputs are printed rounded."""
    value = float(hdi_geometric(life, mean, expected, income, edition=2014))
    assert value == pytest.approx(published, abs=1e-3)


def test_geometric_hdi_punishes_imbalance():
    balanced = hdi_geometric(52.5, 7.5, 9, 2738.6, edition=2014)
    lopsided = hdi_geometric(78.5, 7.5, 9, 376, edition=2014)
    assert float(balanced) == pytest.approx(0.5, abs=1e-3)
    assert float(lopsided) < float(balanced)


def test_indices_accept_arrays_and_refuse_nonsense():
    assert hdi_arithmetic([71.4, 81.5], [87.4, 99], [68.7, 95.4], [8407, 36510]).shape == (2,)
    for bad in (0, -5, np.nan):
        with pytest.raises(PriorityError, match="positive"):
            hdi_geometric(70, 7, 11, bad)
    with pytest.raises(PriorityError, match="per cent"):
        hdi_arithmetic(70, 870, 70, 5000)
    with pytest.raises(PriorityError, match="2010, 2014"):
        hdi_geometric(70, 7, 11, 5000, edition=1990)


def test_gini_of_known_distributions():
    """Uniform 1/3, exponential 1/2, Pareto 1 / (2 α − 1), from their quantiles."""
    p = (np.arange(200_000) + 0.5) / 200_000
    assert gini(p) == pytest.approx(1 / 3, abs=1e-5)
    assert gini(-np.log1p(-p)) == pytest.approx(1 / 2, abs=1e-4)
    assert gini((1 - p) ** (-1 / 3)) == pytest.approx(1 / 5, abs=1e-3)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30).filter(any))
def test_gini_is_half_the_relative_mean_difference(incomes):
    y = np.array(incomes, dtype=float)
    direct = np.abs(y[:, None] - y[None, :]).mean() / (2 * y.mean())
    assert gini(y) == pytest.approx(direct, abs=1e-12)
    assert gini(7.5 * y) == pytest.approx(direct, abs=1e-12)
    values, counts = np.unique(y, return_counts=True)
    assert gini(values, counts) == pytest.approx(direct, abs=1e-12)


def test_grouped_shares_bound_the_published_gini_from_below():
    """United States 2010: income shares by fifth and of the top 5 %, published Gini 0.469."""
    population = [0, 0.2, 0.4, 0.6, 0.8, 0.95, 1]
    shares = np.array([3.3, 8.5, 14.6, 23.4, 28.9, 21.3])
    bound = gini_lorenz(population, np.concatenate([[0], np.cumsum(shares) / shares.sum()]))
    assert 0.469 - 0.025 < bound < 0.469


@pytest.mark.parametrize(
    ("population", "income", "sentence"),
    [
        ([0, 0.5, 1], [0, 0.8, 1], "convex"),
        ([0, 0.5, 0.9], [0, 0.2, 1], "0 to 1"),
        ([0, 1], [0, 0.2, 1], "one length"),
    ],
)
def test_bad_lorenz_curves(population, income, sentence):
    with pytest.raises(PriorityError, match=sentence):
        gini_lorenz(population, income)


@pytest.mark.parametrize("incomes", [[0, 0], [-1, 2], [np.nan, 1]])
def test_bad_incomes(incomes):
    with pytest.raises(PriorityError, match="0 or more"):
        gini(incomes)


def test_gini_of_classes_lies_within_its_bounds():
    # one closed class from 0 to 2 around 1: evenly spread 1/3, at most all at 0 and 2: 1/2
    found = gini_grouped([10, 0, 0], [0, 2, 4])
    assert (found.low, found.index, found.high) == pytest.approx((0.0, 1 / 3, 0.5))


def test_gini_of_a_pareto_tail_alone():
    # all in the open class: G = 1 / (2 alpha - 1), mean alpha a / (alpha - 1)
    found = gini_grouped([0, 0, 7], [0, 10, 20], tail=2.0)
    assert found.index == pytest.approx(1 / 3)
    assert found.top_mean == pytest.approx(40)
    assert found.low == 0
    assert found.high == pytest.approx(1 - 1 / 3)  # nearly all at 20, the rest far above


def test_gini_of_classes_from_single_incomes():
    random = np.random.default_rng(5)
    incomes = 10 * (1 - random.random(200_000)) ** (-1 / 2.5)  # Pareto from 10, exponent 2.5
    edges = np.array([0, 10, 12, 15, 20, 30, 45.0])
    counts = np.histogram(incomes, np.append(edges, np.inf))[0]
    found = gini_grouped(counts, edges)
    assert found.index == pytest.approx(gini(incomes), abs=0.02)
    assert gini(incomes) == pytest.approx(1 / 4, abs=0.01)
    assert pareto_exponent(counts, edges) == pytest.approx(2.5, abs=0.1)


@pytest.mark.parametrize(
    ("counts", "edges", "tail"),
    [
        ([1, 2], [0, 1], None),
        ([1, 2, 3], [0, 2, 1], None),
        ([1, -2, 3], [0, 1, 2], None),
        ([0, 0, 0], [0, 1, 2], None),
        ([1, 2, 3], [-1, 1, 2], None),
        ([1, 2, 3], [0, 1, 2], 1.0),
    ],
)
def test_classes_that_are_none_are_refused(counts, edges, tail):
    with pytest.raises(PriorityError):
        gini_grouped(counts, edges, tail=tail)
