"""The space-time K function against values made elsewhere, all orders, and a double loop."""

import json
from itertools import permutations as orders

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape

from helpers.patterns import ripley_k, space_time_k
from helpers.space import Window

CASES = ("csr", "near_repeats", "repeated_places_days")
SQUARE = Window.rectangle(0, 0, 100, 100)


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_made_elsewhere(shared, name):
    folder = shared / "reference" / "second" / "5_space_time" / name
    events = pd.read_csv(folder / "points.csv")
    window = Window(shape(json.loads((folder / "window.geojson").read_text())["geometry"]))
    expected = pd.read_csv(folder / "space_time_K.csv")
    limits = expected["s_m"].unique(), expected["t_days"].unique()
    result = space_time_k(
        events[["x", "y"]], events["t"], window, *limits, period=(0, 365), permutations=99, seed=1
    )
    found = result.table.rename(
        columns={"distance": "s_m", "span": "t_days", "se": "se_permutation"}
    )
    for column in expected:
        largest = expected[column].abs().max()
        assert found[column].to_numpy() == pytest.approx(expected[column], abs=1e-6 * largest)
    # the pattern made without interaction, and the two made with it
    assert (result.p_value > 0.05) == (name == "csr")


def by_all_pairs(points, times, s, t, length):
    """K(s, t) of a few events, weights by Ripley's K of the pair alone."""
    n, total = len(points), 0.0
    for i in range(n):
        for j in range(n):
            d, u = np.hypot(*(points[i] - points[j])), abs(times[i] - times[j])
            if i == j or d > s or u > t:
                continue
            total += circle_weight(points[i], d) * (
                2 - (times[i] - u >= 0 and times[i] + u <= length)
            )
    return SQUARE.area * length / (n * (n - 1)) * total


def circle_weight(centre, radius):
    angles = (np.arange(400_000) + 0.5) / 400_000 * 2 * np.pi
    circle = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return 1 / ((circle >= 0) & (circle <= 100)).all(axis=1).mean()


SIX = np.array([[3, 4], [3, 4], [10, 9], [60, 60], [98, 99], [90, 97]], dtype=float)
TIMES = np.array([0.0, 1.5, 9.5, 4.0, 5.5, 7.0])


def test_small_pattern_by_all_pairs_and_all_orders():
    result = space_time_k(SIX, TIMES, SQUARE, [0, 6, 14], [0, 2.5], period=(0, 10)).table
    for row in result.itertuples():
        expected = by_all_pairs(SIX, TIMES, row.distance, row.span, 10)
        assert row.K_space_time == pytest.approx(expected, rel=1e-5), row
    # moments over all 720 orders of the times
    values = np.array(
        [
            space_time_k(SIX, TIMES[list(order)], SQUARE, [14], [2.5], period=(0, 10))
            .table["K_space_time"][0]
            for order in orders(range(6))
        ]
    )  # fmt: skip
    last = result.iloc[-1]
    assert values.mean() == pytest.approx(last["K_space"] * last["K_time"], rel=1e-9)
    assert values.std() == pytest.approx(last["se"], rel=1e-7)


def test_its_margin_in_space_is_ripleys_k():
    rng = np.random.default_rng(4)
    points, times = SQUARE.random_points(300, seed=2), rng.uniform(0, 50, 300)
    table = space_time_k(points, times, SQUARE, [2, 5, 9], [1, 3]).table
    k = ripley_k(points, SQUARE, [2, 5, 9], "isotropic")["isotropic"]
    assert table["K_space"][::2].to_numpy() == pytest.approx(k, rel=1e-12)


def test_dates_are_days_and_an_order_or_a_scale_changes_nothing():
    rng = np.random.default_rng(4)
    points, hours = SQUARE.random_points(200, seed=2), rng.integers(0, 24 * 50, 200)
    dates = pd.Timestamp("2019-10-20") + pd.to_timedelta(hours, unit="h")
    table = space_time_k(points, hours / 24, SQUARE, [5, 9], [1.01, 3.01]).table
    dated = space_time_k(points, dates, SQUARE, [5, 9], [1.01, 3.01]).table
    assert dated.to_numpy() == pytest.approx(table.to_numpy(), rel=1e-9)
    order = rng.permutation(200)
    moved = space_time_k(points[order], dates[order], SQUARE, [5, 9], [1.01, 3.01]).table
    assert moved.to_numpy() == pytest.approx(table.to_numpy(), rel=1e-9)
    small = Window.rectangle(0, 0, 1e-7, 1e-7)
    scaled = space_time_k(points * 1e-9, hours / 24, small, [5e-9, 9e-9], [1.01, 3.01]).table
    assert scaled["standardised"].to_numpy() == pytest.approx(table["standardised"], rel=1e-6)


def test_level_and_power():
    """Of 100 patterns without interaction five are called so (one to eleven, 0.98); nearly all with it."""
    found = []
    for share, patterns in ((0.0, 100), (0.2, 20)):
        rng = np.random.default_rng(3)
        p = []
        for k in range(patterns):
            points, times = SQUARE.random_points(120, seed=rng), rng.uniform(0, 100, 120)
            again = np.flatnonzero(rng.uniform(size=120) < share)
            points[again] = np.clip(points[again - 1] + rng.normal(0, 2, (len(again), 2)), 0, 100)
            times[again] = np.minimum(times[again - 1] + rng.exponential(2, len(again)), 100)
            limits = [3, 6], [3, 6]
            result = space_time_k(
                points, times, SQUARE, *limits, period=(0, 100), permutations=39, seed=k
            )
            p.append(result.p_value)
        found.append((np.array(p) <= 0.05).sum())
    assert 1 <= found[0] <= 11
    assert found[1] >= 18


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"period": (0, 5)}, "3 events lie outside the period"),
        ({"period": 3}, "period is a pair"),
        ({"times": np.ones(6)}, "no length"),
        ({"times": [1, 2]}, "one moment a point"),
        ({"permutations": 9}, "need a seed"),
        ({"distances": [3, 3]}, "must ascend"),
        ({"points": SIX + 20}, "outside the window"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    usual = {"points": SIX, "times": TIMES, "window": SQUARE, "distances": [5], "spans": [2]}
    with pytest.raises(ValueError, match=message):
        space_time_k(**usual | change)
