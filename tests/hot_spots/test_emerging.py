"""Emerging hot spots: trends against values made elsewhere, classes by their definitions."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.hot_spots import (
    EMERGING_CLASSES,
    emerging_classes,
    emerging_hot_spots,
    getis_ord,
    mann_kendall,
    neighbours,
)


def test_mann_kendall_is_that_made_elsewhere(shared):
    folder = shared / "reference" / "second" / "6_trend_and_moran" / "mann_kendall"
    series = pd.read_csv(folder / "series.csv")
    expected = pd.read_csv(folder / "mann_kendall.csv").set_index("series")
    assert len(expected) == 8
    for name, group in series.groupby("series"):
        found = mann_kendall(group.sort_values("t")["value"]).iloc[0]
        row = expected.loc[name]
        assert found["s"] == row["S"]
        for ours, theirs in (
            ("variance", "variance"), ("z", "z"), ("p", "p_two_sided"),
            ("tau_a", "tau_a"), ("tau_b", "tau_b"), ("slope", "sen_slope"),
        ):  # fmt: skip
            assert found[ours] == pytest.approx(row[theirs], abs=1e-6, rel=1e-8, nan_ok=True), name


def test_mann_kendall_of_many_series_is_scipys_tau():
    values = np.random.default_rng(1).integers(0, 6, (30, 14))
    found = mann_kendall(values)
    tau = [stats.kendalltau(np.arange(14), row).statistic for row in values]
    assert found["tau_b"].tolist() == pytest.approx(tau)
    slope = [stats.theilslopes(row)[0] for row in values]
    assert found["slope"].tolist() == pytest.approx(slope)


@pytest.mark.parametrize(
    ("hot", "trend", "name"),
    [
        ("0000000001", 0, "New hot spot"),
        ("cc00000001", 1, "New hot spot"),
        ("0000000111", 0, "Consecutive hot spot"),
        ("c000000011", 0, "Consecutive hot spot"),
        ("1111111111", 1, "Intensifying hot spot"),
        ("1110111111", 1, "Intensifying hot spot"),
        ("0111111111", 1, "Intensifying hot spot"),
        ("1111111111", 0, "Persistent hot spot"),
        ("1111c11111", -1, "Diminishing hot spot"),
        ("0110000001", 0, "Sporadic hot spot"),
        ("1011111110", 0, "No pattern"),
        ("011000c001", 0, "Oscillating hot spot"),
        ("1111111110", -1, "Historical hot spot"),
        ("1111111100", -1, "No pattern"),
        ("0000000000", 1, "No pattern"),
    ],
)
def test_classes_by_their_definitions(hot, trend, name):
    state = np.array([{"0": 0, "1": 1, "c": -1}[each] for each in hot])
    assert list(emerging_classes([state, -state], [trend, -trend])) == [
        name,
        name.replace("hot", "cold"),
    ]


def described(state, trend):
    """Every class whose definition, read word by word, holds."""
    found = []
    for sign, spot in ((1, "hot spot"), (-1, "cold spot")):
        hot = [sign * each == 1 for each in state]
        cold = any(sign * each == -1 for each in state)
        share = sum(hot) / len(hot)
        first = hot.index(True) if any(hot) else None
        unbroken = first is not None and all(hot[first:])
        before = hot[:-1]
        if hot[-1] and not any(before):
            found.append(f"New {spot}")
        if unbroken and len(hot) - first >= 2 and share < 0.9:
            found.append(f"Consecutive {spot}")
        if hot[-1] and share >= 0.9:
            kind = {1: "Intensifying", 0: "Persistent", -1: "Diminishing"}[sign * trend]
            found.append(f"{kind} {spot}")
        if hot[-1] and any(before) and not unbroken and share < 0.9:
            found.append(f"{'Oscillating' if cold else 'Sporadic'} {spot}")
        if not hot[-1] and share >= 0.9:
            found.append(f"Historical {spot}")
    return found or ["No pattern"]


def test_every_history_of_six_periods_has_the_one_class_that_describes_it():
    states = np.array(list(product((-1, 0, 1), repeat=6)))
    for trend in (-1, 0, 1):
        found = emerging_classes(states, np.full(len(states), trend))
        assert [[each] for each in found] == [described(state, trend) for state in states]


def grid(side=8):
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    zones = pd.DataFrame(
        {"zone": range(side**2), "x": column.ravel() * 1.0, "y": row.ravel() * 1.0}
    )
    return neighbours(zones, "band"), zones


def test_each_period_by_itself():
    graph, _ = grid()
    counts = pd.DataFrame(np.random.default_rng(2).poisson(9, (64, 6)))
    counts[3] = 7  # a period without differences has no spots
    found = emerging_hot_spots(counts, graph, correction="none")
    for k in (0, 5):
        assert found.z[k].tolist() == getis_ord(counts[k], graph).z.tolist()
        assert found.p[k].tolist() == getis_ord(counts[k], graph).p.tolist()
    assert (found.z[3] == 0).all() and (found.state[3] == 0).all()
    # hot and cold change places with the sign of the field
    turned = emerging_hot_spots(-counts, graph, correction="none")
    names = found.table["class"].astype(str)
    swapped = names.str.replace("hot", "x").str.replace("cold", "hot").str.replace("x", "cold")
    assert turned.table["class"].astype(str).tolist() == swapped.tolist()
    assert len(set(names)) > 2
    # the order of rows is that of the graph, whatever that of the table
    shuffled = emerging_hot_spots(counts.sample(frac=1, random_state=1), graph, correction="none")
    pd.testing.assert_frame_equal(shuffled.table, found.table)


PLANTED = {
    "Consecutive hot spot": np.repeat([20.0, 50.0], [9, 3]),
    "Persistent hot spot": np.full(12, 50.0),
    "Diminishing hot spot": np.linspace(55, 30, 24),
    "Intensifying hot spot": np.linspace(30, 55, 24),
    "Historical hot spot": np.repeat([60.0, 20.0], [11, 1]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_found(name):
    graph, zones = grid(10)
    planted = (zones["x"] <= 2) & (zones["y"] <= 2)
    mean = np.full((100, len(PLANTED[name])), 20.0)
    mean[planted] = PLANTED[name]
    table = emerging_hot_spots(pd.DataFrame(np.random.default_rng(5).poisson(mean)), graph).table
    assert table["class"][11] == name  # the middle of the nine zones
    far = (zones["x"] > 4) | (zones["y"] > 4)
    assert (table["class"][far].isin(["No pattern"])).mean() > 0.9


def test_where_nothing_is_little_is_found():
    """Of 1,000 zones without any pattern at most 20 get a class."""
    graph, _ = grid(10)
    rng = np.random.default_rng(5)
    fields = [pd.DataFrame(rng.poisson(20, (100, 12))) for _ in range(10)]
    named = [
        (emerging_hot_spots(each, graph).table["class"] != "No pattern").sum() for each in fields
    ]
    assert sum(named) <= 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 0}, "alpha lies between"),
        ({"correction": "bonferroni"}, "correction is one of"),
        ({"values": pd.DataFrame(np.zeros((64, 3)))}, "at least four periods"),
        ({"values": pd.DataFrame(np.full((64, 4), np.nan))}, "no finite value"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    graph, _ = grid()
    usual = {"values": pd.DataFrame(np.ones((64, 5))), "graph": graph}
    with pytest.raises(ValueError, match=message):
        emerging_hot_spots(**usual | change)


def test_states_are_checked():
    assert len(set(EMERGING_CLASSES)) == 17
    with pytest.raises(ValueError, match="−1, 0 or 1"):
        emerging_classes([[0, 2]], [0])
    with pytest.raises(ValueError, match="at least two periods"):
        emerging_classes([[0]], [0])
    with pytest.raises(ValueError, match="at least three periods"):
        mann_kendall([1, 2])
    with pytest.raises(ValueError, match="missing"):
        mann_kendall([1, 2, np.nan])
