"""Tables of the sections on point patterns, against arithmetic by hand and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import special, stats

from helpers import patterns
from helpers.compendium.columns import styled
from helpers.patterns import study
from helpers.patterns.study.clustering import Goodness
from helpers.patterns.study.space_time import Unevenness
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
    rows = study.shared_places(points, SQUARE, [True, False, True, True, True])["value"]
    assert rows.tolist() == [5, 3, 0.5, 2, 1.0, 5.0]
    assert "share of rows whose place another row has" in rows.index
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
    gaps = study.drawn_gaps(points, 999, seed=1)
    table = study.csr_table({"some": tests}, {"some": gaps}).set_index("covariate")
    assert table.loc["x", "d"] == pytest.approx(0.7)
    assert table.loc["distance", "d"] == pytest.approx(0.7, abs=1e-3)
    assert table.loc["y", "d"] == pytest.approx(0.5)
    assert table["repeats"].tolist() == [0, 2, 0]
    # P[D ≥ d] for n = 3 and d ≥ 2/3 is 2 (1 − d)³
    assert 10 ** table.loc["x", "log10_p"] == pytest.approx(2 * 0.3**3)
    # and so it is by drawing the places, three tests of which are one family
    assert table.loc["x", "p_drawn"] == pytest.approx(2 * 0.3**3, abs=0.02)
    assert table.loc["x", "p_holm"] == pytest.approx(3 * table["p_drawn"].min(), rel=0.5)
    assert table["tests_together"].tolist() == [3] * 3
    again = study.csr_table({"some": tests}, {"some": gaps}, ["some"])
    assert again["log10_p"].isna().all()
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
    table = study.csr_by_kind(points, kinds, unit, near, everywhere, fewest=5, seed=1)
    assert table.index.tolist() == ["west", "even"]
    assert table.loc["west", "d_x"] == pytest.approx(0.9)
    assert table.loc["even", "d_y"] == pytest.approx(0.05)
    np.testing.assert_allclose(table["d_x"], table["d_distance"], atol=2e-3)
    # five places, six tests: the D whose exact p is 5 % of a sixth
    assert table.loc["west", "d_least"] == pytest.approx(stats.kstwo.isf(0.05 / 6, 5), abs=0.03)
    assert table.loc["west", "p_holm"] <= 0.05
    assert table[["patterns_drawn", "tests_together"]].to_numpy().tolist() == [[999, 6]] * 2
    # nothing drawn was as wide: the least p there is, told as such in the table
    assert table.loc["west", "p_holm"] == pytest.approx(6 / 1000)
    assert "≤ 0.006" in styled(table).to_html()
    # none has as many as asked: the most frequent stay
    again = study.csr_by_kind(points, kinds, unit, near, everywhere, fewest=99)
    assert sorted(again.index) == ["even", "west"]


def test_drawn_places_keep_their_level_where_events_repeat_them():
    """Kolmogorov's limit rejects true randomness far too often there; drawn places do not."""
    rng, unit = np.random.default_rng(8), Window.rectangle(0, 0, 1, 1)
    repeats = rng.integers(1, 12, 60)
    by_formula = drawn = 0
    for _ in range(200):
        points = np.repeat(unit.random_points(60, rng), repeats, axis=0)
        test = patterns.spatial_ks(points, unit, "x")
        by_formula += test.p_exact <= 0.05
        gaps = study.drawn_gaps(points, 199, rng)
        drawn += study.share_as_wide(gaps, test.statistic) <= 0.05
    assert by_formula > 60
    assert 2 <= drawn <= 20


def test_drawn_gaps_of_single_points_follow_the_exact_distribution():
    gaps = study.drawn_gaps(np.random.default_rng(2).random((50, 2)), 4000, seed=3)
    for level in (0.5, 0.1, 0.05):
        assert (gaps > stats.kstwo.isf(level, 50)).mean() == pytest.approx(level, abs=0.02)


def test_holms_steps_by_hand():
    np.testing.assert_allclose(study.holm([[0.01, 0.3], [0.02, 0.04]]), [[0.04, 0.3], [0.06, 0.08]])


def test_nearest_distance_needs_a_target():
    with pytest.raises(ValueError, match="no targets"):
        study.nearest_distance([[0, 0]], np.empty((0, 2)))


# ------------------------------------------------------------------------------------- functions


def test_at_most_leaves_small_patterns_alone():
    points = SQUARE.random_points(20, 1)
    assert study.at_most(points, 20, 5) is points
    np.testing.assert_array_equal(study.at_most(points, 7, 5), patterns.thinned(points, 7, 5))


def test_points_by_kind_needs_points_and_places():
    many = [[i, 0] for i in range(8)]
    points = many + [[1, 1]] * 9 + [[i, 5] for i in range(5)] + [[2, 2]]
    kinds = ["many"] * 8 + ["one place"] * 9 + ["few"] * 5 + ["rare"]
    assert list(study.points_by_kind(points, kinds, fewest=5)) == ["many", "few"]
    assert list(study.points_by_kind(points, kinds, fewest=6)) == ["many"]
    # none has as many as asked: the most frequent stays
    found = study.points_by_kind(points, kinds, fewest=1000)
    assert {kind: mine.tolist() for kind, mine in found.items()} == {"many": many}
    with pytest.raises(ValueError, match="at 9 different places"):
        study.points_by_kind(points, kinds, places=9)


def test_distances_reach_the_longest_there_is():
    points = [[0, 0], [0, 0], [30, 40], [30, 100]]
    r = study.distances_of_g(points)
    assert (r[0], r[-1], len(r)) == (0, 60, 513)
    assert r[256] == pytest.approx(60 / 4)
    # no point is alone: the longest distance from a place to the next
    assert study.distances_of_g(points * 2)[-1] == 60
    # from the corners of the square its centre is farthest
    r = study.distances_of_f([[500, 500]], SQUARE)
    assert r[-1] == pytest.approx(500 * np.sqrt(2), rel=0.01)


R = np.array([0.0, 10.0, 20.0])
FLAT = pd.DataFrame({"r": R, "theory": [0.0, 0.2, 0.4]})


def envelope_of(**columns) -> patterns.Envelope:
    table = pd.DataFrame({"r": R, **columns})
    return patterns.Envelope(table, 0.04, "G", "km", 39, 0.05)


def test_departure_of_k_is_in_metres():
    """K of a disc of half as large a radius again: L(r) − r = r / 2."""
    table = pd.DataFrame({"r": R, "theory": np.pi * R**2, "isotropic": np.pi * (1.5 * R) ** 2})
    np.testing.assert_allclose(study.departure("K", table, "isotropic"), R / 2)
    band = envelope_of(global_low=np.pi * (0.5 * R) ** 2, global_high=np.pi * (2 * R) ** 2)
    drawn = study.departures("K", {"every event": table}, band)
    np.testing.assert_allclose(drawn["low"], -R / 2)
    np.testing.assert_allclose(drawn["high"], R)
    assert list(drawn) == ["r", "every event", "low", "high"]


def test_departures_of_g_by_hand():
    once = FLAT.assign(km=[0.0, 0.1, 0.2])
    band = envelope_of(global_low=[0.0, 0.1, 0.3], global_high=[0.0, 0.3, 0.6])
    # each against the randomness of as many points as it has
    more = FLAT.assign(theory=[0.0, 0.4, 0.6], km=[0.1, 0.5, 0.9])
    drawn = study.departures("G", {"each place once": once, "every event": more}, band)
    np.testing.assert_allclose(drawn["every event"], [0.1, 0.1, 0.3])
    np.testing.assert_allclose(drawn["each place once"], [0.0, -0.1, -0.2])
    np.testing.assert_allclose(drawn["low"], [0.0, -0.1, -0.1])
    np.testing.assert_allclose(drawn["high"], [0.0, 0.1, 0.2])
    with pytest.raises(ValueError, match="same distances"):
        study.departures("G", {"a": once.assign(r=2 * R)}, band)


def test_sides_are_shares_of_the_area_by_the_trapezoidal_rule():
    """Above by 0, 0.2, 0 (area 2) and below by 0.1 from 10 to 20 on (areas 0.5 and 1)."""
    table = FLAT.assign(km=[0.0, 0.4, 0.4], border=[0.0, 0.3, 0.3], raw=[0.0, 0.0, 0.0])
    tables = {"G": table, "F": FLAT.assign(km=FLAT["theory"])}
    other = {name: table[["r", "theory", "km"]] for name, table in tables.items()}
    found = study.sides({"one": tables, "two": other}, dict.fromkeys(tables, envelope_of()))
    # p stands where its test was made, and nowhere else
    assert found["p_global"].dropna().to_dict() == {
        ("G", "one", "km"): 0.04,
        ("F", "one", "km"): 0.04,
    }
    everything, found = found, found.xs("one", level="pattern")
    assert found.loc[("G", "km"), ["above_csr", "below_csr"]].tolist() == [1, 0]
    # up to 10 above by 0.1 and then down to −0.1: areas of 1 above and 0.5 below
    assert found.loc[("G", "border"), "above_csr"] == pytest.approx(2 / 3)
    assert found.loc[("G", "raw"), "below_csr"] == 1
    assert found.loc["F"][["above_csr", "below_csr"]].isna().all(axis=None)
    agreed = study.agreement(everything)
    # the uncorrected estimate has no say
    assert agreed.loc["G", "sign"] == 1
    assert agreed.loc["G", "above_least"] == pytest.approx(2 / 3)
    assert agreed.loc["F", "sign"] == 0
    assert agreed["p_global"].tolist() == [0.04, 0.04]
    inside = study.Course((), 9.0, 0)
    courses = {"G": study.Course(("below (5 m)", "above (9 m)"), 9.0, 0), "F": inside}
    kept = {key: value for key, (value, _) in study.side_numbers(agreed, courses).items()}
    assert (kept["g_sign"], kept["g_p"], kept["f_sign"]) == (1, 0.04, 0)
    assert (kept["g_course"], kept["f_course"]) == ("below (5 m), then above (9 m)", "")
    assert kept["g_simulations"] == envelope_of().simulations


@pytest.mark.parametrize(
    ("above", "sign"), [([0.9, 0.6], 1), ([0.4, 0.1], -1), ([0.9, 0.4], 0), ([0.5, 0.9], 0)]
)
def test_agreement_wants_every_correction_on_one_side(above, sign):
    index = pd.MultiIndex.from_product([["K"], ["every event"], ["border", "isotropic"]])
    index.names = ["function", "pattern", "correction"]
    table = pd.DataFrame({"above_csr": above, "p_global": 0.1, "simulations": 39}, index)
    table["below_csr"] = 1 - table["above_csr"]
    assert study.agreement(table).loc["K", "sign"] == sign


def test_envelopes_by_kind_go_on_with_the_generator():
    kinds = {"a": SQUARE.random_points(20, 1), "b": SQUARE.random_points(30, 2)}
    chance = {"simulations": 39, "alpha": 0.05}
    found = study.envelopes_by_kind(kinds, SQUARE, "G", seed=np.random.default_rng(4), **chance)
    one = np.random.default_rng(4)
    for kind, points in kinds.items():
        expected = patterns.csr_envelope(points, SQUARE, "G", seed=one, **chance)
        pd.testing.assert_frame_equal(found[kind].table, expected.table)
    table = study.p_values({"G": found})
    assert table["p_g"].tolist() == [found["a"].p_value, found["b"].p_value]
    assert table["simulations_g"].tolist() == [39, 39]


# ------------------------------------------------------------------------------------ clustering


def test_treatments_name_what_was_done():
    events = np.repeat(SQUARE.random_points(30, 3), 2, axis=0)
    treated = study.treatments(events, SQUARE, [30, 100], np.random.default_rng(7))
    names = ["as published", "each place once", "moved up to 30 m", "moved up to 100 m"]
    assert list(treated) == names
    draw = np.random.default_rng(7)
    for step in (30, 100):
        expected = patterns.jittered(events, SQUARE, step, draw)
        np.testing.assert_array_equal(treated[f"moved up to {step} m"], expected)
    assert len(treated["each place once"]) == 30
    assert list(study.treatments(SQUARE.random_points(30, 3), SQUARE, [])) == ["as published"]


def test_places_by_size_and_the_busiest_hundredth():
    points = [[0, 0]] * 5 + [[1, 1]] * 5 + [[2, 2]] + [[3, 3]] * 2
    assert study.place_sizes(points).to_dict() == {1: 1, 2: 1, 5: 2}
    assert study.busiest_share(points) == pytest.approx(5 / 13)
    # two of 200 places
    many = [[i, 0] for i in range(200)] + [[0, 0]] * 99 + [[1, 0]] * 49
    assert study.busiest_share(many) == pytest.approx(150 / 348)


def fit_of(scale: float, **changes) -> patterns.ClusterFit:
    """A Matérn fit whose estimate is the model, over distances up to 100."""
    r = np.linspace(0, 100, 11)
    known = bool(np.isfinite(scale))
    kappa = 5e-6 if known else np.nan
    k = patterns.cluster_k(r, "matern", 5e-6, scale) if known else np.pi * r**2
    table = pd.DataFrame({"r": r, "theory": np.pi * r**2, "observed": k, "fitted": k})
    given = {
        "kind": "matern", "kappa": kappa, "scale": scale, "mu": 40.0, "identifiable": known,
        "reason": "" if known else "none", "objective": 0.1, "poisson_objective": 0.4,
        "p_value": 0.01, "level": 0.05, "chance_gains": np.zeros(99), "intensity": 2e-4,
        "table": table,
    }  # fmt: skip
    return patterns.ClusterFit(**{**given, **changes})


@pytest.mark.parametrize(
    ("scale", "reach"), [(30.0, 100), (80.0, 160), (400.0, 250), (np.nan, 100)]
)
def test_reach_is_twice_the_radius_within_bounds(scale, reach):
    assert study.fit_reach(fit_of(scale), SQUARE) == reach


def test_fits_table_by_hand():
    fits = {("all", "Matérn"): fit_of(80.0), ("random", "Matérn"): fit_of(np.nan)}
    table = study.fits_table(fits)
    row = table.loc[("all", "Matérn")]
    assert (row["reach_m"], row["scale_m"], row["events_per_cluster"]) == (100, 80, 40)
    assert row["parents_per_km2"] == pytest.approx(5)
    assert row["contrast"] == pytest.approx(0.25)
    assert table["identifiable"].tolist() == ["yes", "no"]
    assert table["why_not"].tolist() == ["", "none"]
    assert table["scale_m"].isna().tolist() == [False, True]


def test_l_curves_of_a_known_process():
    """Beyond 2R a Matérn process has K = π r² + 1 / κ."""
    table = study.l_curves({"Matérn, R": fit_of(40.0), "Thomas, σ": fit_of(np.nan)})
    assert list(table) == ["r", "estimate", "Matérn, R = 40 m"]
    expected = np.sqrt(100**2 + 1 / (5e-6 * np.pi)) - 100
    assert table["Matérn, R = 40 m"].iloc[-1] == pytest.approx(expected)
    assert table["estimate"].iloc[0] == 0


def test_refits_are_those_of_the_bootstrap_with_fewer_events():
    points = patterns.simulate(SQUARE, "matern", kappa=15e-6, scale=60, mu=40, seed=8)
    fit = patterns.fit_cluster_process(points, SQUARE, "matern")
    assert fit.identifiable
    found = study.refits(fit, SQUARE, events=100, simulations=8, seed=2)
    fewer = patterns.ClusterFit(**{**vars(fit), "mu": fit.mu * 100 / len(points)})
    same = patterns.bootstrap_cluster_process(fewer, SQUARE, simulations=8, seed=2)
    np.testing.assert_array_equal(found.scales, np.sort(same.replicates["scale"].dropna()))
    assert (found.low, found.high) == tuple(same.table.loc["scale", ["low", "high"]])
    assert same.replicates["n"].mean() == pytest.approx(100, rel=0.5)
    none = study.refits(fit_of(np.nan), SQUARE, events=10)
    assert (len(none.scales), none.identifiable_share) == (0, 0)


def test_a_radius_that_follows_the_reach_is_told():
    told = study.Refits(np.array([1500.0, 1900.0]), 1500.0, 1900.0, 1.0, 0.0)
    # a shorter reach and one inside the interval say nothing; a wider one above it does
    assert not study.grows_with_reach({1600.0: 1250.0, 6700.0: 1850.0}, 3400.0, told)
    assert study.grows_with_reach({1600.0: 1250.0, 6700.0: 4300.0}, 3400.0, told)
    none = study.Refits(np.array([]), np.nan, np.nan, 0.0, np.nan)
    assert not study.grows_with_reach({6700.0: 4300.0}, 3400.0, none)


def test_the_course_of_a_curve_is_where_it_leaves_its_envelope():
    ends = pd.DataFrame({"low": np.full(6, -1.0), "high": np.full(6, 1.0)})
    ends["r"] = 10 * np.arange(6)
    both = study.course(pd.Series([0.0, -2, -3, 0.5, 2, 3]), ends, 20)
    assert both == study.Course(("below (10 to 20 m)", "above (40 to 50 m)"), 20, 0)
    # a passage through the envelope is no turn
    found = study.course(pd.Series([0.0, 2, 0, 2, 1, -1]), ends, 0)
    assert found.stays == ("above (10 to 30 m)",)
    assert study.course(pd.Series(np.zeros(6)), ends).told == ""


def test_a_curve_that_leaves_its_envelope_for_a_step_takes_no_side():
    """On a grid of 512 steps nearly every curve touches the edge of a narrow envelope somewhere."""
    ends = pd.DataFrame({"r": np.arange(40.0), "low": -1.0, "high": 1.0})
    curve = pd.Series(np.r_[np.zeros(5), np.full(10, 2.0), np.zeros(5), -2.0, np.full(19, 2.0)])
    # three steps of r by default: the one below is counted, and what lies beside it is one
    assert study.course(curve, ends) == study.Course(("above (5 to 39 m)",), 3.0, 1)
    told = study.course(curve.where(curve < 0, 0), ends)
    assert (told.stays, told.short, told.told) == ((), 1, "nowhere for as much as 3 m")


def test_degrees_at_the_equator_and_at_sixty_north():
    """Lengths of a degree of the WGS 84 ellipsoid, from tables of geodesy."""
    from shapely import Point

    equator = study.degree_lengths(Point(-78, 0), "EPSG:4326")
    assert equator.north == pytest.approx(110_574, abs=1)
    assert equator.east == pytest.approx(111_320, abs=1)
    north = study.degree_lengths(Point(10, 60), "EPSG:4326")
    assert north.north == pytest.approx(111_412, abs=1)
    # along the shortest way, a little less than along the parallel (55,800 m)
    assert 55_795 < north.east < 55_800
    table = study.degrees_table(fit_of(80.0), fit_of(0.001), equator, 0.0046)["value"]
    assert table["the same in degrees of latitude"] == pytest.approx(80 / equator.north)
    assert table["the same east–west, m"] == pytest.approx(0.001 * equator.east)


def test_clusters_by_kind_by_hand():
    """Two knots of ten and of six points, and one point alone, in a square of 1 km."""
    knot = np.array([[i % 5, i // 5] for i in range(10)], dtype=float)
    points = np.vstack([knot + 100, knot[:6] + 800, [[500, 500]]])
    found = study.clusters_by_kind({"a": points}, SQUARE, 20, 5, crs="EPSG:27700")
    row = found.table.loc["a"]
    assert row["expected_in_eps"] == pytest.approx(17 * np.pi * 20**2 / 1e6)
    assert row["ratio_fixed"] == pytest.approx(row["expected_in_eps"] / 5)
    assert row["ratio_rule"] == pytest.approx(row["expected_in_eps"] / row["min_samples_rule"])
    # all of a knot lie within eps of each other
    assert row["seen_in_eps"] == pytest.approx((10 * 10 + 6 * 6 + 1) / 17)
    for name in ("fixed", "rule"):
        assert row[f"clusters_{name}"] == 2
        assert row[f"largest_{name}"] == pytest.approx(10 / 17)
        assert row[f"alone_{name}"] == pytest.approx(1 / 17)
    assert found.clusters["size"].tolist() == [10, 6]
    assert found.clusters["hull_area_m2"].tolist() == pytest.approx([4.0, 4.0 - 2.0])
    assert found.clusters.crs == "EPSG:27700"
    assert found.clusters["kind"].tolist() == ["a", "a"]


def test_a_kind_without_clusters_has_no_largest():
    points = np.array([[100, 100], [500, 500], [900, 900], [100, 900], [900, 100]], dtype=float)
    found = study.clusters_by_kind({"a": points}, SQUARE, 10)
    assert np.isnan(found.table.loc["a", "largest_rule"])
    assert found.table.loc["a", "clusters_rule"] == 0
    assert found.clusters.empty


def test_merging_of_a_row_of_points():
    """Points 10 m apart are each alone below that, and one cluster from there on."""
    row = np.column_stack([np.arange(20) * 10.0 + 100, np.full(20, 500.0)])
    ratios = 20e-6 * np.pi * np.array([5, 10.001, 200]) ** 2 / 2
    table = study.merging({"row": row}, SQUARE, ratios, 2)
    assert table["clusters"].tolist() == [0, 1, 1]
    assert table["largest"].tolist() == [0, 1, 1]
    np.testing.assert_allclose(table["eps_m"], [5, 10.001, 200])


def test_outlines_of_clusters_stay_in_the_window():
    """A cluster round the inner corner of an L: its hull leaves the window, its outline does not."""
    corner = shapely.Polygon([(0, 0), (100, 0), (100, 40), (40, 40), (40, 100), (0, 100)])
    along = np.arange(5.0, 100, 5)
    points = np.vstack(
        [np.column_stack([along, 20 + 0 * along]), np.column_stack([20 + 0 * along, along])]
    )
    found = study.clusters_by_kind({"a": np.repeat(points, 9, axis=0)}, corner, 6, 3)
    outline = found.clusters.geometry.iloc[0]
    assert corner.covers(outline)
    hull = shapely.MultiPoint(points).convex_hull
    assert outline.area == pytest.approx(hull.intersection(corner).area)
    assert hull.area > outline.area + 50
    assert found.clusters["hull_area_m2"].iloc[0] == outline.area


def test_each_kind_has_its_own_radius():
    """Clusters of 30 m and of 90 m are told apart; random points take the radius of all."""
    made = {
        kind: patterns.simulate(SQUARE, "matern", kappa=60e-6, scale=scale, mu=15, seed=5)
        for kind, scale in (("close", 30), ("wide", 90))
    }
    made["random"] = SQUARE.random_points(300, 6)
    radii = study.radii_by_kind(made, SQUARE, np.linspace(0, 240, 65), 77.0)
    assert radii.loc["close", "radius_m"] == pytest.approx(30, rel=0.3)
    assert radii.loc["wide", "radius_m"] == pytest.approx(90, rel=0.3)
    assert np.isnan(radii.loc["random", "radius_m"])
    assert radii.loc["random", "eps_m"] == 77


def test_the_fitted_process_is_tested_against_its_own_simulations():
    points = patterns.simulate(SQUARE, "matern", kappa=20e-6, scale=60, mu=15, seed=5)
    fit = patterns.fit_cluster_process(points, SQUARE, "matern", np.linspace(0, 200, 65))
    good = study.goodness_of_fit(fit, points, SQUARE, events=200, simulations=39, seed=1)
    assert good.p_value > 0.05
    # rows of points are no such clusters
    rows = np.column_stack([np.tile(np.arange(40) * 5.0, 8), np.repeat(np.arange(8) * 120.0, 40)])
    bad = study.goodness_of_fit(fit, rows + 20, SQUARE, events=320, simulations=39, seed=1)
    assert bad.p_value <= 0.05


def test_years_and_their_months():
    days = pd.to_datetime(["2016-07-03", "2017-07-09", "2018-07-01", "2018-08-01", "2019-01-01"])
    times = pd.Series(days)
    assert study.last_full_year(times) == 2018
    assert study.last_full_year(times[:2]) == 2017
    assert study.year_names(times) == {
        2016: "Jul 2016", 2017: "Jul 2017", 2018: "Jul–Aug 2018", 2019: "Jan 2019",
    }  # fmt: skip
    # a period of one July a year is no period of years
    assert study.period_name([2016, 2017], times) == "July 2016, July 2017"
    # words have room for the whole name, where a figure cuts it short
    assert study.period_name([2018], times) == "July–August 2018"
    # a bare year that stands for all events tells no month
    one = pd.Series(pd.to_datetime(["2010-01-01"] * 3))
    assert study.year_names(one, stated="2010") == {2010: "2010"}
    assert study.year_names(one, stated="2010-01") == {2010: "Jan 2010"}
    assert study.period_name([2010], one, "2010") == "2010"
    full = pd.Series(pd.date_range("2020-01-01", "2021-03-31"))
    assert (study.last_full_year(full), study.year_names(full)[2020]) == (2020, "2020")


def test_near_repeats_find_what_was_made_and_nothing_else():
    """Half of the events come back next day within 60 m; without that no cell stands out."""
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2021-01-01")
    place, day = SQUARE.random_points(250, rng), rng.integers(0, 364, 250)
    back = np.clip(place + rng.uniform(-40, 40, (250, 2)), 0, 1000)
    others = SQUARE.random_points(250, rng), rng.integers(0, 364, 250)
    for partner, found in (((back, day + 1), True), (others, False)):
        times = pd.Series(start + pd.to_timedelta(np.concatenate([day, partner[1]]), "D"))
        table = study.near_repeats(np.vstack([place, partner[0]]), times, "day", seed=4)
        cell = table.table.set_index(["space", "time"]).loc[("to 100", "to 1")]
        assert (table.p_value <= 0.05) == found
        assert bool(cell["surely"]) == found
        assert (cell["ratio"] > 3) == found
    assert study.near_repeats(place, times[:250], "month", seed=1) is None


def test_rhythms_are_told_as_far_as_times_go():
    times = pd.Series(pd.date_range("2021-01-01", "2021-12-31 23:00", freq="h"))
    assert list(study.rhythms(times, "hour").tables) == ["month", "weekday", "hour"]
    found = study.rhythms(times.dt.normalize(), "day")
    assert list(found.tables) == ["month", "weekday"]
    np.testing.assert_allclose(found.tables["month"]["relative"], 1)
    assert study.rhythms(times, "month").tables == {}


def test_places_are_reported_once_where_they_are_shared():
    points = SQUARE.random_points(40, 3)
    twice = np.repeat(points, 2, axis=0)
    first, other = study.as_tested(twice).items()
    assert (first[0], len(first[1]), other[0], len(other[1])) == (
        "each place once",
        40,
        "every event",
        80,
    )
    assert list(study.as_tested(points)) == ["every event"]
    tables = study.functions_of(first[1], SQUARE)
    beside = study.functions_of(twice, SQUARE, tables)
    assert list(beside["G"]) == ["r", "theory", "km"]
    np.testing.assert_allclose(beside["F"]["km"], tables["F"]["km"])
    gaps = study.differences("K", tables["K"])
    assert list(gaps) == ["r", "border", "translation"]
    expected = np.sqrt(tables["K"]["border"] / np.pi) - np.sqrt(tables["K"]["isotropic"] / np.pi)
    np.testing.assert_allclose(gaps["border"], expected)


def test_merged_reads_the_shares_at_a_ratio_of_one():
    index = pd.Index(["a"] * 3 + ["b"] * 3 + [study.RANDOM] * 3, name="kind")
    table = pd.DataFrame(
        {
            "ratio": [0.1, 0.5, 10, 0.1, 0.2, 0.9, 0.1, 0.5, 10],
            "clusters": [5, 9, 2, 7, 3, 3, 50, 60, 1],
            "largest": [0.1, 0.2, 0.8, 0.1, 0.2, 0.3, 0.0, 0.0, 1.0],
        },
        index,
    )
    found = study.merged(table)
    # from 0.5 to 10 a ratio of one lies log 2 of log 20 along the way
    along = np.log(2) / np.log(20)
    assert found.at_one == pytest.approx((0.2 + 0.6 * along,) * 2)
    assert found.random == pytest.approx(along)
    assert found.busiest == (0.1, 0.5)
    few = study.merged(table.loc[["b"]])
    assert (few.at_one, few.random, few.busiest) == ((), None, (0.1, 0.1))


def test_an_inhomogeneous_l_that_collapses_is_told():
    def blunt(mean: float, low: float, high: float) -> bool:
        ends = {"r": [0.0, 900.0], "mean": [0.0, mean]}
        ends |= {"global_low": [0.0, low], "global_high": [0.0, high]}
        return Unevenness(pd.DataFrame(ends), 0.2, "L", "isotropic", 39, 0.05).blunt

    assert blunt(100, 80, 120)  # nothing is left
    assert blunt(880, 300, 1300)  # too wide to leave
    assert not blunt(880, 700, 1000)


def test_a_fit_that_could_hardly_fail_is_told():
    r = np.linspace(0, 100, 11)

    def weak(width: float) -> bool:
        table = {"r": r, "mean": r + 50, "global_low": r, "global_high": r + width}
        return Goodness(pd.DataFrame(table), 0.8, "L", "isotropic", 39, 0.05).weak

    assert weak(51) and not weak(49)


def test_the_outlined_share_is_that_of_chance_where_kinds_are_dealt_at_random():
    rng = np.random.default_rng(4)
    points = SQUARE.random_points(300, rng)
    west = np.where(points[:, 0] < 500, "a", "b")

    def outlined(kinds, seed: int) -> float:
        return study.commonest_risk(points, kinds, SQUARE, cells=16, seed=seed).outlined

    assert outlined(west, 1) > 0.7
    dealt = [outlined(rng.permutation(west), seed) for seed in range(20)]
    assert np.mean(dealt) == pytest.approx(2 / 40, abs=0.04)


def test_a_random_part_of_a_pattern_says_of_how_many():
    """Else its points per cluster stand beside those of all events as if they were of as many."""
    points = np.random.default_rng(1).uniform(0, 9, (50, 2))
    part = study.at_most(points, 20, 1)
    assert study.named_part("moved", part, points) == "moved, 20 of 50 events"
    assert study.named_part("moved", study.at_most(points, 50, 1), points) == "moved"
