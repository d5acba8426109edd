"""Ratios of few events: estimates against a known truth, against esda, and what a ranking makes of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes

from helpers.priorities import PriorityError, shrunk_ratio, study


def test_a_rate_is_the_estimate_of_esda():
    random = np.random.default_rng(5)
    people = random.integers(5, 900, 80)
    counts = random.poisson(people * random.gamma(4, 0.02, 80))
    found = shrunk_ratio(counts, people, share=False)
    theirs = np.asarray(Empirical_Bayes(counts, people).r).ravel()
    assert found.between > 0
    assert found.estimate == pytest.approx(theirs)


def test_a_share_is_the_posterior_mean_of_the_beta_prior_with_its_moments():
    counts, of = np.array([0, 3, 9, 40, 2]), np.array([4, 5, 30, 60, 20])
    found = shrunk_ratio(counts, of, share=True)
    strength = found.mean * (1 - found.mean) / found.between - 1
    assert found.estimate == pytest.approx((counts + strength * found.mean) / (of + strength))


@pytest.mark.parametrize("share", [True, False])
def test_estimates_are_nearer_the_truth_and_the_variance_between_zones_is_found(share):
    random = np.random.default_rng(11)
    of = random.geometric(1 / 25, 3000)
    truth = random.beta(8, 20, 3000) if share else random.gamma(8, 1 / 28, 3000)
    counts = random.binomial(of, truth) if share else random.poisson(of * truth)
    found = shrunk_ratio(counts, of, share=share)
    assert found.between == pytest.approx(truth.var(), rel=0.15)
    raw, steady = (np.mean((each - truth) ** 2) for each in (found.raw, found.estimate))
    assert steady < 0.4 * raw
    # who comes first: the true ratios of the twentieth that each puts at the head
    chosen = [truth[np.argsort(-each)[:150]].mean() for each in (found.raw, found.estimate)]
    assert chosen[1] > chosen[0] + 0.2 * truth.std()


def test_where_chance_explains_all_nothing_is_left_of_the_differences():
    assert shrunk_ratio([1, 1, 1, 1], [2, 2, 2, 2], share=True).estimate.tolist() == [0.5] * 4
    found = shrunk_ratio([0, 1, 0, 1], [1, 1, 1, 1], share=True)
    assert (found.between, set(found.estimate)) == (0, {0.5})
    assert shrunk_ratio([0, 0], [3, 9], share=False).estimate.tolist() == [0, 0]
    # all or nothing everywhere: differences between zones are all there is, each zone keeps its own
    found = shrunk_ratio([50, 0, 50, 0], [50, 50, 50, 50], share=True)
    assert found.estimate == pytest.approx(found.raw, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "of", "share", "said"),
    [
        ([1, 2], [3], False, "one length"),
        ([], [], False, "one length"),
        ([1, -1], [3, 3], False, "0 or more"),
        ([1, 1], [3, 0], False, "above 0"),
        ([1, np.nan], [3, 3], False, "0 or more"),
        ([1, 4], [3, 3], True, "not more than there are"),
    ],
)
def test_what_is_no_ratio_of_counts_is_refused(counts, of, share, said):
    with pytest.raises(PriorityError, match=said):
        shrunk_ratio(counts, of, share=share)


def field(**known) -> SimpleNamespace:
    return SimpleNamespace(**({"count": None, "kinds": [], "ratio": None, "scale": 1} | known))


FIELDS = {
    "people": field(),
    "events": field(count="events"),
    "theft": field(count="events", kinds=["theft"]),
    "violence": field(count="events", kinds=["assault", "robbery"]),
    "assault": field(count="events", kinds=["assault"]),
    "rate": field(ratio=["events", "people"], scale=1000),
    "violent": field(ratio=["violence", "events"], scale=100),
    "assaults": field(ratio=["assault", "violence"]),
    "odds": field(ratio=["assault", "theft"]),
    "backwards": field(ratio=["people", "events"]),
}


def criterion(name: str) -> SimpleNamespace:
    known = {"label": name.title(), "unit": "", "shape": "increasing", "scale": None, "peak": None}
    return SimpleNamespace(field=name, values={}, **known)


def ratios(layer: pd.DataFrame, *names: str, derive: str | None = "zones"):
    """The criteria of a city with these zones, and its ratios of counts."""
    criteria = {name: criterion(name) for name in names}
    city = SimpleNamespace(
        layers={"criteria": SimpleNamespace(derive=derive, criteria=criteria)},
        fields=lambda: FIELDS,
        layer={"zones": layer}.__getitem__,
    )
    return criteria, study.counted_ratios(city)


def zones_of(violence, events) -> pd.DataFrame:
    codes = [str(i) for i in range(len(events))]
    known = {"zone": codes, "name": codes, "events": events, "violence": violence}
    frame = pd.DataFrame(known).assign(people=1000)
    return frame.assign(
        rate=frame["events"] / frame["people"] * 1000,
        violent=frame["violence"] / frame["events"] * 100,
    )


def test_ratios_of_counts_are_told_from_what_the_city_says_of_its_fields():
    names = ["rate", "violent", "odds", "backwards", "people", "assaults"]
    zones = zones_of([1, 2], [3, 4]).assign(theft=1, assault=1)
    _, found = ratios(zones, *names)
    assert {name: each.share for name, each in found.items()} == {
        "rate": False,
        "violent": True,
        "assaults": True,
    }
    # of a file
    assert ratios(zones, *names, derive=None)[1] == {}


def test_a_zone_of_one_violent_crime_is_no_longer_the_most_violent():
    random = np.random.default_rng(2)
    events = np.append(random.integers(40, 90, 30), 1)
    violence = np.append(random.binomial(events[:-1], random.beta(6, 14, 30)), 1)
    layer = zones_of(violence, events)
    criteria, counted = ratios(layer, "violent", "rate")
    plain, table = (
        study.criteria_table(layer, criteria),
        study.criteria_table(layer, criteria, counted=counted),
    )
    assert plain.measures["violent"].idxmax() == "30"
    assert table.measures["violent"].rank(ascending=False)["30"] > 5
    assert table.measures.index.equals(plain.measures.index)
    pd.testing.assert_series_equal(
        table.steady["violent"].raw, layer["violent"], check_names=False, check_index=False
    )
    assert table.beside_raw().columns.tolist() == [
        "Violent", "Violent, as counted", "Rate", "Rate, as counted",
    ]  # fmt: skip
    told = study.ratios_told(table.steady, table.labels, table.units).set_index("criterion")
    assert told.loc["Violent", ["fewest_zone", "fewest_events", "raw_ratio"]].tolist() == [
        "30",
        1,
        100,
    ]
    assert told.loc["Violent", "steadied"] < told.loc["Violent", "mean_ratio"] + 8
    assert told.loc["Violent", "mean_ratio"] == pytest.approx(100 * violence.sum() / events.sum())
    assert study.fewest_events(table.steady, table.measures.index)["30"] == 1
    ranked = study.rank_in_classes(
        table.measures["rate"], table.measures, table, alone="rate"
    ).table()
    assert ranked.loc["30", "fewest_events"] == 1
    assert (
        "fewest_events"
        not in study.rank_in_classes(
            plain.measures["rate"], plain.measures, plain, alone="rate"
        ).table()
    )
    # only zones that are ranked speak
    left = study.criteria_table(layer, criteria, counted=counted, leave_out=["30"])
    assert left.steady["violent"].mean == pytest.approx(
        100 * violence[:-1].sum() / events[:-1].sum()
    )


def test_what_differs_by_chance_is_left_out_unless_nothing_would_be_left():
    layer = zones_of([1, 0, 1, 0, 1], [2, 2, 2, 2, 2]).assign(people=[100, 5, 80, 3, 50])
    criteria, counted = ratios(layer, "people", "violent")
    third = layer.assign(more=[1, 2, 3, 4, 5])
    table = study.criteria_table(third, criteria | {"more": criterion("more")}, counted=counted)
    assert (table.by_chance, list(table.criteria)) == (["violent"], ["people", "more"])
    assert (table.one("violent"), table.one(None), table.one("people")) == (
        "more",
        "more",
        "people",
    )
    table = study.criteria_table(layer, criteria, counted=counted)
    assert (table.unsteady, table.alike, table.by_chance) == (["violent"], [], [])
    assert table.measures["violent"].tolist() == layer["violent"].tolist()
