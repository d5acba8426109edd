"""Near-repeat tables and Knox tests: exact counts, exact moments, level and power."""

from itertools import permutations as orders
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.patterns import knox_test, near_repeat_table

CASES = ("csr", "near_repeats", "repeated_places_days")
SPANS = (1, 3, 7, 14, 21, 28)


@pytest.fixture(params=CASES)
def case(request, shared):
    folder = shared / "reference" / "second" / "5_space_time" / request.param
    events = pd.read_csv(folder / "points.csv")
    return folder, events[["x", "y"]], events["t"]


def test_near_repeat_counts_are_those_made_elsewhere(case):
    folder, points, times = case
    expected = pd.read_csv(folder / "near_repeat.csv")
    limits = expected["space_to_m"].unique()
    found = near_repeat_table(points, times, limits, SPANS, permutations=0).table
    assert len(found) == len(expected) == len(limits) * len(SPANS)
    for ours, theirs in (("space_to", "space_to_m"), ("time_to", "time_to_days")):
        assert found[ours].tolist() == expected[theirs].tolist()
    for counts in ("pairs_space", "pairs_time", "observed"):
        assert found[counts].tolist() == expected[counts].tolist()
    assert found["expected"].to_numpy() == pytest.approx(expected["expected"], rel=1e-9)
    assert found["sd"].to_numpy() ** 2 == pytest.approx(expected["variance"], rel=1e-8)
    assert found["z"].to_numpy() == pytest.approx(expected["z"], abs=1e-7, nan_ok=True)
    assert found["ratio"].to_numpy() == pytest.approx(expected["ratio"], rel=1e-8, nan_ok=True)


def test_knox_counts_are_those_made_elsewhere(case):
    folder, points, times = case
    expected = pd.read_csv(folder / "knox.csv")
    limits = expected["delta_m"].unique(), expected["tau_days"].unique()
    result = knox_test(points, times, *limits, permutations=999, seed=5, jobs=2)
    found = result.table
    assert found["distance"].tolist() == expected["delta_m"].tolist()
    assert found["span"].tolist() == expected["tau_days"].tolist()
    for counts in ("pairs_space", "pairs_time", "observed"):
        assert found[counts].tolist() == expected[counts].tolist()
    assert found["sd"].to_numpy() ** 2 == pytest.approx(expected["variance"], rel=1e-8)
    for ours, theirs in (("p_normal", "p_normal_upper"), ("p_poisson", "p_poisson_upper")):
        assert found[ours].to_numpy() == pytest.approx(expected[theirs], rel=1e-6, nan_ok=True)
    # Where there are counts enough the normal tail, from half a pair below, is the permutations'.
    many = found[found["expected"] > 20]
    assert len(many) > 5
    tail = stats.norm.sf((many["observed"] - 0.5 - many["expected"]) / many["sd"])
    assert many["p"].to_numpy() == pytest.approx(tail, abs=0.05)
    assert (found["p_family"] >= found["p"])[found["sd"] > 0].all()
    assert result.p_value == found["p_family"].min()


def by_brute_force(points, times, distances, spans, closed, metric):
    counts = np.zeros((len(distances), len(spans)), dtype=int)
    for i in range(len(points)):
        for j in range(i):
            gap = np.abs(points[i] - points[j])
            d = gap.sum() if metric == "manhattan" else np.hypot(*gap)
            t = abs(times[i] - times[j])
            s = np.searchsorted(distances, d, side="left" if closed == "right" else "right")
            k = np.searchsorted(spans, t, side="left" if closed == "right" else "right")
            if s < len(distances) and k < len(spans):
                counts[s, k] += 1
    return counts


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("closed", ["right", "left"])
@pytest.mark.parametrize("kind", ["days", "hours", "any moment", "quarters of an hour"])
def test_counts_are_those_of_a_double_loop(kind, closed, metric):
    """On a lattice, where distances and times tie with the limits all the time."""
    rng = np.random.default_rng(3)
    points = rng.integers(0, 8, (150, 2)) * 50.0
    points[100:] = points[rng.integers(0, 6, 50)]
    whole = rng.integers(0, 60, 150)
    times = {
        "days": whole,
        "hours": whole + rng.integers(0, 24, 150) / 24,
        "any moment": rng.uniform(0, 60, 150),
        "quarters of an hour": whole + rng.integers(0, 96, 150) / 96,
    }[kind]
    distances = [0, 50, 100, 150, 300] if closed == "right" else [50, 100, 150, 300]
    spans = [0, 1, 2, 7, 14] if closed == "right" else [0.5, 1, 2, 7, 14]
    found = near_repeat_table(
        points, times, distances, spans, closed=closed, metric=metric, permutations=0
    ).table
    # fractions of a day as whole numbers: nothing is rounded
    exact = np.rint(times * 96) if kind != "any moment" else times
    scale = 96 if kind != "any moment" else 1
    expected = by_brute_force(
        points, exact, np.array(distances), np.array(spans) * scale, closed, metric
    )
    assert found["observed"].tolist() == expected.ravel().tolist()
    if kind != "any moment":  # as dates: exact to the microsecond
        dates = pd.Timestamp("2020-02-27") + pd.to_timedelta(exact * 15, unit="min")
        again = near_repeat_table(
            points, dates, distances, spans, closed=closed, metric=metric, permutations=0
        ).table
        pd.testing.assert_frame_equal(again, found)
        zoned = near_repeat_table(
            points, dates.tz_localize("UTC").tz_convert("America/Lima"), distances, spans,
            closed=closed, metric=metric, permutations=0,
        ).table  # fmt: skip
        pd.testing.assert_frame_equal(zoned, found)


def test_a_scale_or_a_shift_changes_nothing():
    rng = np.random.default_rng(1)
    points, times = rng.uniform(0, 1000, (120, 2)), rng.uniform(0, 90, 120)
    plain = near_repeat_table(points, times, (100, 300), (5, 10), permutations=19, seed=1).table
    for factor in (1e-9, 1e9):
        scaled = near_repeat_table(
            points * factor, times * factor, (100 * factor, 300 * factor),
            (5 * factor, 10 * factor), permutations=19, seed=1,
        ).table  # fmt: skip
        assert scaled.iloc[:, 4:].to_numpy() == pytest.approx(plain.iloc[:, 4:].to_numpy())
    moved = near_repeat_table(
        points + np.array([630_000, 4_833_000]),
        times + 700_000,
        (100, 300),
        (5, 10),
        permutations=0,
    ).table
    assert moved["observed"].tolist() == plain["observed"].tolist()


def test_the_order_of_events_and_the_threads_change_nothing():
    rng = np.random.default_rng(2)
    points, times = rng.integers(0, 9, (200, 2)) * 40.0, rng.integers(0, 50, 200)
    settings = {"distances": (0, 80), "spans": (0, 7), "permutations": 39, "seed": 4}
    table = near_repeat_table(points, times, **settings).table
    again = near_repeat_table(points, times, **settings, jobs=2).table
    pd.testing.assert_frame_equal(table, again)
    order = rng.permutation(200)
    moved = near_repeat_table(points[order], times[order], **settings | {"permutations": 0}).table
    pd.testing.assert_frame_equal(moved.iloc[:, :11], table.iloc[:, :11])


SIX = np.array([[0, 0], [0, 0], [60, 0], [60, 80], [300, 0], [300, 0]], dtype=float)
SIX_DAYS = np.array([1, 2, 2, 9, 4, 9])


def all_counts(strata):
    """Counts under every order of the times that leaves each in its stratum."""
    groups = [np.flatnonzero(strata == g) for g in np.unique(strata)]
    found = []
    for choice in product(*[list(orders(group)) for group in groups]):
        times = SIX_DAYS.copy()
        for group, order in zip(groups, choice, strict=True):
            times[group] = SIX_DAYS[list(order)]
        found.append(
            by_brute_force(
                SIX, times, np.array([0, 70, 400]), np.array([1, 5]), "right", "euclidean"
            )
        )
    return np.array(found)


def test_mean_and_variance_are_those_of_all_720_orders():
    counts = all_counts(np.zeros(6))
    assert len(counts) == 720
    table = near_repeat_table(SIX, SIX_DAYS, (0, 70, 400), (1, 5), permutations=0).table
    assert table["expected"].tolist() == pytest.approx(counts.mean(axis=0).ravel())
    assert table["sd"].tolist() == pytest.approx(counts.std(axis=0).ravel())


@pytest.mark.parametrize("strata", [[0, 0, 0, 1, 1, 1], [5, 7, 5, 7, 9, 5], list("abcabc")])
def test_mean_within_strata_is_that_of_all_orders_within_them(strata):
    counts = all_counts(np.array(strata))
    table = near_repeat_table(
        SIX, SIX_DAYS, (0, 70, 400), (1, 5), strata=strata, permutations=0
    ).table
    assert table["expected"].tolist() == pytest.approx(counts.mean(axis=0).ravel())
    drawn = near_repeat_table(
        SIX, SIX_DAYS, (0, 70, 400), (1, 5), strata=strata, permutations=600, seed=1
    ).table
    assert drawn["sd"].tolist() == pytest.approx(counts.std(axis=0).ravel(), abs=0.06)
    # and as a Knox test: the cumulated table
    knox = knox_test(SIX, SIX_DAYS, (0, 70, 400), (1, 5), strata=strata, permutations=0).table
    cumulated = counts.mean(axis=0).cumsum(axis=0).cumsum(axis=1)
    assert knox["expected"].tolist() == pytest.approx(cumulated.ravel())


def simulated(rng, repeats):
    """180 events at 60 places over half a year; each may have a near repeat within a week."""
    places = rng.uniform(0, 3000, (60, 2))
    points = places[rng.choice(60, 180, p=rng.dirichlet(np.full(60, 0.7)))]
    times = rng.uniform(0, 180, 180)
    again = np.flatnonzero(rng.uniform(size=180) < repeats)
    moved = points[again] + rng.normal(0, 40, (len(again), 2))
    return np.vstack([points, moved]), np.append(
        times, times[again] + rng.exponential(3, len(again))
    )


def test_level_and_power():
    """Without near repeats 5 % of patterns are called so, of 200 one to nineteen (0.998).

    Of patterns where 15 or 30 % of the events are repeated nearby, 69 and 98 % are found.
    """
    found = {}
    for share, patterns in ((0.0, 200), (0.15, 40), (0.3, 40)):
        rng = np.random.default_rng(11)
        p = [
            knox_test(*simulated(rng, share), 100, 7, permutations=99, seed=k).table["p"][0]
            for k in range(patterns)
        ]
        found[share] = (np.array(p) <= 0.05).sum()
    assert 1 <= found[0.0] <= 19
    assert found[0.15] >= 20
    assert found[0.3] >= 37


def test_a_trend_of_districts_passes_for_near_repeats_unless_years_are_kept_apart():
    rng = np.random.default_rng(5)
    rising = rng.uniform(size=1200) < np.repeat([0.2, 0.8], 600)
    points = np.where(rising[:, None], [5000.0, 0], [0, 0]) + rng.uniform(0, 1500, (1200, 2))
    days = np.concatenate([rng.integers(0, 365, 600), rng.integers(365, 730, 600)])
    settings = {"distances": 500, "spans": 14, "permutations": 99, "seed": 1}
    assert knox_test(points, days, **settings).table["p"][0] == 0.01
    assert knox_test(points, days, strata=days // 365, **settings).table["p"][0] > 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spans": (7, 3)}, "spans must ascend"),
        ({"distances": ()}, "at least one"),
        ({"closed": "left"}, "nothing lies below 0"),
        ({"closed": "both"}, "closed is one of right, left"),
        ({"metric": "chebyshev"}, "metric is one of"),
        ({"permutations": 9}, "permutations need a seed"),
        ({"strata": [1, 2]}, "stratum of each of 6 events"),
        ({"strata": [1, 2, 1, 2, None, 1]}, "1 events have no stratum"),
        ({"times": [1, 2, np.nan, 4, 5, 6]}, "1 events have no time"),
        ({"times": ["2020-01-01"] * 6}, "pandas.to_datetime"),
        ({"times": [1, 2]}, "one moment a point"),
        ({"points": SIX[:3], "times": [1, 2, 3]}, "at least four events"),
        ({"points": np.where(SIX == 60, np.nan, SIX)}, "missing or infinite"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    usual = {
        "points": SIX, "times": SIX_DAYS, "distances": (0, 70), "spans": (1, 5), "permutations": 0
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        near_repeat_table(**usual | change)


def test_all_at_one_place_or_in_one_moment():
    table = near_repeat_table(
        np.zeros((5, 2)), [1, 2, 3, 4, 9], (0, 10), (1, 3), permutations=9, seed=1
    )
    assert table.table["observed"].tolist() == [3, 3, 0, 0]
    assert table.table["z"].isna().all() and (table.table["p"] == 1).all()
    table = near_repeat_table(SIX, np.ones(6), (0, 70), (0, 3), permutations=9, seed=1)
    assert table.table["observed"].tolist() == [2, 0, 2, 0]
    assert np.isnan(table.p_value)
