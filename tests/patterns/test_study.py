"""Tables of the sections on point patterns, against arithmetic by hand and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from helpers import patterns
from helpers.patterns import study
from helpers.patterns.surface import IntensitySurface
from helpers.space import Window

SQUARE = Window.rectangle(0, 0, 1000, 1000)


def log_tail_of_even(statistic: float, df: int) -> float:
    """log10 P[χ²(df) > x] for even df, as the sum of Poisson probabilities that it is."""
    terms = np.arange(df // 2)
    logs = terms * np.log(statistic / 2) - statistic / 2 - special.gammaln(terms + 1)
    return float(special.logsumexp(logs) / np.log(10))


def tail(statistic: float, df: int) -> float:
    square = patterns.quadrat_test([[0.2, 0.2], [0.7, 0.7]], Window.rectangle(0, 0, 1, 1), 2, 2)
    changed = {**vars(square), "statistic": statistic, "df": df}
    return patterns.QuadratTest(**changed).log10_p


@pytest.mark.parametrize(("statistic", "df"), [(3.0, 4), (90.0, 69), (600.0, 30), (1300.0, 9)])
def test_log_tail_is_scipys_where_that_is_a_number(statistic, df):
    assert tail(statistic, df) == pytest.approx(stats.chi2.logsf(statistic, df) / np.log(10))


def test_log_tail_by_hand_beyond_the_numbers():
    """Two degrees of freedom: e^−x/2; four: (1 + x/2) e^−x/2; one: twice the normal tail."""
    assert tail(5000.0, 2) == pytest.approx(-2500 / np.log(10), rel=1e-13)
    assert tail(1e6, 4) == pytest.approx((np.log(500_001) - 5e5) / np.log(10), rel=1e-13)
    normal = np.log(2) + special.log_ndtr(-np.sqrt(9000.0))
    assert tail(9000.0, 1) == pytest.approx(normal / np.log(10), rel=1e-12)


@pytest.mark.parametrize(
    ("statistic", "df"), [(77_000.0, 68), (4000.0, 700), (9000.0, 4000), (42_000.0, 30_000)]
)
def test_log_tail_is_the_poisson_sum(statistic, df):
    assert stats.chi2.sf(statistic, df) < 1e-300
    assert tail(statistic, df) == pytest.approx(log_tail_of_even(statistic, df), rel=1e-11)


def test_log_tail_has_no_step_where_the_way_changes():
    """Where sf falls below 1e-300 both ways are still numbers."""
    for df in (1, 5, 69, 1021):
        x = stats.chi2.isf(1e-299, df)
        around = np.array([tail(float(x * f), df) for f in np.linspace(0.995, 1.01, 31)])
        slope = np.diff(around)
        assert (slope < 0).all()
        assert np.ptp(slope) < 0.01 * abs(slope.mean())


def test_jitter_is_uniform_on_the_disc():
    """Of uniform steps a quarter is shorter than half the longest, and each quadrant has a quarter."""
    points = np.full((20_000, 2), 500.0)
    step = patterns.jittered(points, SQUARE, 40, seed=3) - points
    length = np.hypot(*step.T)
    assert length.max() <= 40
    assert (length < 20).mean() == pytest.approx(0.25, abs=0.01)
    assert length.mean() == pytest.approx(2 / 3 * 40, rel=0.01)
    quadrant = (step > 0) @ [1, 2]
    np.testing.assert_allclose(np.bincount(quadrant) / len(points), 0.25, atol=0.01)


def test_jitter_leaves_where_they_are_those_that_would_leave():
    corner = np.zeros((4000, 2))
    moved = patterns.jittered(corner, SQUARE, 10, seed=1)
    assert SQUARE.contains(moved).all()
    assert (moved == 0).all(axis=1).mean() == pytest.approx(0.75, abs=0.03)
    with pytest.raises(ValueError, match="step"):
        patterns.jittered(corner, SQUARE, 0)


def test_counts_by_kind_come_most_frequent_first():
    kinds = pd.Series(["b", "a", "b", "b", "c", "c"])
    counts = study.counts_by_kind(kinds, pd.Series([2020, 2020, 2020, 2022, 2022, 2022]))
    assert counts.index.tolist() == ["b", "c", "a"]
    assert counts.to_dict("list") == {2020: [2, 0, 1], 2022: [1, 2, 0]}
    assert (counts.index.name, counts.columns.name) == ("kind", "year")


def test_shared_places_by_hand():
    points = [[1, 1], [1, 1], [1, 1], [5, 5], [9, 9]]
    facts = study.shared_places(points, SQUARE)["value"]
    assert facts.tolist() == [5, 3, 0.6, 3, 1.0, 5.0]
    with pytest.raises(ValueError, match="no points"):
        study.shared_places(np.empty((0, 2)), SQUARE)


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [(20, 10, 8, 4), (10, 10, 7, 7), (100, 1, 10, 1), (1, 10_000, 10, 200)],
)
def test_quadrats_are_about_square(width, height, columns, rows):
    assert study.rows_of_squares(Window.rectangle(0, 0, width, height), columns) == rows


def test_quadrat_tests_by_hand():
    """Nine points in one of four equal tiles, and one elsewhere: E = 2.5."""
    points = [[100 + i, 100] for i in range(9)] + [[900, 900]]
    test = patterns.quadrat_test(points, SQUARE, 2, 2)
    row = study.quadrat_tests({"all": test}).loc["all"]
    x2 = (6.5**2 + 1.5**2 + 2 * 2.5**2) / 2.5
    assert row["x2"] == pytest.approx(x2)
    assert (row["points"], row["df"], row["tiles_under_5"]) == (10, 3, 4)
    assert row["variance_mean_ratio"] == pytest.approx(x2 / 3)
    assert row["tiles_beyond_3"] == 1  # 6.5 / √2.5 = 4.1
    assert 10 ** row["log10_p"] == pytest.approx(stats.chi2.sf(x2, 3))


def test_bandwidths_are_those_of_the_rules_on_the_samples():
    events = np.repeat(SQUARE.random_points(60, 5), 2, axis=0)
    places = np.unique(events, axis=0)
    found = study.bandwidths(events, places, SQUARE, 40, np.random.default_rng(9))
    assert (found.events, found.places) == (40, 40)
    draw = np.random.default_rng(9)
    some = {
        "some_events_m": patterns.thinned(events, 40, draw),
        "some_places_m": patterns.thinned(places, 40, draw),
    }
    assert list(found.table) == ["all_events_m", *some]
    for column, part in some.items():
        for rule in ("scott_iso", "diggle", "ppl", "cvl"):
            expected = patterns.bandwidth(part, SQUARE, rule)
            assert found.table.loc[rule, column] == pytest.approx(expected, rel=1e-12)
    assert found.table["all_events_m"].notna().tolist() == [True, False, False, False]
    notes = [
        (column.split("_")[1], note)
        for column, part in some.items()
        for rule in ("diggle", "ppl", "cvl")
        if (note := patterns.choose_bandwidth(part, SQUARE, rule).note)
    ]
    assert list(found.notes) == notes


def surface_of(values) -> IntensitySurface:
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    x, y = np.arange(columns) + 0.5, np.arange(rows) + 0.5
    return IntensitySurface(x, y, values, 1.0, "none", (0, columns, 0, rows))


def test_hills_are_cells_that_no_neighbour_overtops():
    values = [
        [9, 1, 0, 0, 2],
        [1, 1, 0, 0, 0],
        [0, 0, 0.5, 0, np.nan],
        [0, 0, 0, 0, 4],
    ]
    surface = surface_of(values)
    assert study.hills(surface, 0.3) == 2
    assert study.hills(surface, 0.2) == 3
    assert study.hills(surface_of(-np.array([[1.0, 2.0], [3.0, 4.0]])), 1.0) == 1


def test_hills_of_two_kernels_merge_where_these_are_wide():
    """Two equal normal hills have two tops exactly if they are more than 2σ apart."""
    points = [[400, 500], [600, 500]]
    for sigma, tops in ((90, 2), (110, 1)):
        surface = patterns.kernel_density(points, SQUARE, sigma, correction="none", cells=201)
        assert study.hills(surface) == tops


def test_edge_corrections_of_a_point_in_the_corner():
    """Without correction a quarter of the kernel is left; Diggle's correction keeps the point."""
    table = study.edge_corrections([[0, 0]], SQUARE, 50.0, cells=400)
    assert table.loc["none", "integral"] == pytest.approx(0.25, abs=1e-4)
    assert table.loc["diggle", "integral"] == pytest.approx(1, abs=4e-4)
    assert (table["events"] == 1).all()


def test_csr_table_by_hand():
    """Three points in the unit square at x = 0.1, 0.2, 0.3: the widest gap is 1 − 0.3."""
    unit = Window.rectangle(0, 0, 1, 1)
    points = [[0.1, 0.5], [0.2, 0.5], [0.3, 0.5]]
    tests = study.csr_tests(points, unit, [0.1, 0.2, 0.3], np.linspace(0, 1, 10_001))
    table = study.csr_table({"some": tests}).set_index("covariate")
    assert table.loc["x", "d"] == pytest.approx(0.7)
    assert table.loc["distance", "d"] == pytest.approx(0.7, abs=1e-3)
    assert table.loc["y", "d"] == pytest.approx(0.5)
    assert table["repeats"].tolist() == [0, 2, 0]
    # P[D ≥ d] for n = 3 and d ≥ 2/3 is 2 (1 − d)³
    assert 10 ** table.loc["x", "log10_p"] == pytest.approx(2 * 0.3**3)
    assert table.loc["x", "enough"] == int(np.ceil((1.358 / 0.7) ** 2))
    assert list(study.csr_tests(points, unit)) == ["x", "y"]
    assert tests["x"].table["observed"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("n", [1, 7, 100, 7636])
def test_least_gap_and_enough_points_are_each_others_inverse(n):
    assert study.enough_points(study.least_gap(n)) == n
    assert stats.kstwobign.sf(study.least_gap(n) * np.sqrt(n)) == pytest.approx(0.05, abs=1e-4)


def test_csr_by_kind_counts_places_and_sorts_by_distance():
    unit = Window.rectangle(0, 0, 1, 1)
    even = np.column_stack([np.full(10, 0.5), (np.arange(10) + 0.5) / 10])
    west = np.column_stack([np.linspace(0.01, 0.1, 5), np.full(5, 0.5)])
    points = np.vstack([even, west, west, [[0.9, 0.9]]])
    kinds = ["even"] * 10 + ["west"] * 10 + ["rare"]
    near, everywhere = points[:, 0], unit.spread_points(20_000)[:, 0]
    table = study.csr_by_kind(points, kinds, unit, near, everywhere, fewest=5)
    assert table.index.tolist() == ["west", "even"]
    assert table.loc["west", "d_x"] == pytest.approx(0.9)
    assert table.loc["even", "d_y"] == pytest.approx(0.05)
    np.testing.assert_allclose(table["d_x"], table["d_distance"], atol=2e-3)
    assert table.loc["west", "d_least"] == pytest.approx(1.358 / np.sqrt(5))
    # none has as many as asked: the most frequent stay
    again = study.csr_by_kind(points, kinds, unit, near, everywhere, fewest=99)
    assert sorted(again.index) == ["even", "west"]


def test_nearest_distance_needs_a_target():
    with pytest.raises(ValueError, match="no targets"):
        study.nearest_distance([[0, 0]], np.empty((0, 2)))
