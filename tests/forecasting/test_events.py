"""Events in time order, and the guard against leaks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from helpers import forecasting as fc

SPOTS = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]
WHEN = ["2016-07-01", "2017-07-01", "2018-07-01"]


@pytest.mark.parametrize(
    ("points", "kinds", "times", "words"),
    [
        (SPOTS, ["a", "b", "a"], None, "no time"),
        (SPOTS, ["a", "b", "a"], ["2016-07-01", None, "2018-07-01"], "1 of 3 events have no time"),
        (SPOTS, ["a", "b", "a"], ["2016-01-01", "2016-13-45", "no"], "cannot be read as dates"),
        (SPOTS, ["a", None, "a"], WHEN, "no kind"),
        (SPOTS, ["a", "b"], WHEN, "3 points, 2 kinds"),
        ([[0, np.nan], [1, 1], [2, 2]], ["a", "b", "a"], WHEN, "row 0 has no place"),
        ([0, 1, 2], ["a", "b", "a"], WHEN, r"shape \(n, 2\)"),
        ("here", ["a", "b", "a"], WHEN, "pairs of numbers"),
        (np.empty((0, 2)), [], [], "no events"),
        (
            gpd.GeoSeries.from_xy([-77, -77, -77], [-12, -12, -12], crs=4326),
            ["a", "b", "a"],
            WHEN,
            "degrees",
        ),
    ],
)
def test_events_that_cannot_be_used_are_refused(points, kinds, times, words):
    with pytest.raises(ValueError, match=words):
        fc.event_table(points, kinds, times)


def test_unknown_length_of_period_is_refused():
    with pytest.raises(ValueError, match="every is one of year, month"):
        fc.event_table(SPOTS, ["a", "b", "a"], WHEN, every="fortnight")


def test_one_period_only_is_refused_with_the_reason():
    events = fc.event_table(SPOTS, ["a", "b", "a"], ["2018-07-01"] * 3)
    with pytest.raises(ValueError, match=r"one period \(2018\): a forecast needs at least two"):
        fc.split_by_time(events)


def test_split_leaves_later_events_out():
    events = fc.event_table(SPOTS, ["a", "b", "c"], WHEN)
    split = fc.split_by_time(events, "2017")
    assert (split.train["kind"].tolist(), split.test["kind"].tolist()) == (["a"], ["b"])
    assert split.kinds == ("a",)
    with pytest.raises(ValueError, match="'2016' is the first period"):
        fc.split_by_time(events, "2016")
    with pytest.raises(ValueError, match="no events in period '2020'"):
        fc.split_by_time(events, "2020")


def test_one_kind_only_is_refused_with_the_reason():
    events = fc.event_table(SPOTS, ["a", "a", "a"], WHEN)
    split = fc.split_by_time(events)
    with pytest.raises(ValueError, match=r"one kind only \('a'\)"):
        fc.climatology(split.test, split.train, split.kinds)
    with pytest.raises(ValueError, match="one kind only"):
        fc.fit_kind_model(split.train, split.kinds)
    with pytest.raises(ValueError, match="one kind only"):
        fc.neighbour_curve(np.zeros((30, 1)), ["a"] * 30)


@pytest.fixture(scope="module")
def planted():
    """Kinds are chance, but in the last year each place has one kind: only a leak knows which."""
    rng = np.random.default_rng(3)
    sites = rng.uniform(0, 3000, (40, 2))
    parts = []
    for year in (2016, 2017, 2018):
        at = rng.integers(0, 40, 700)
        kind = rng.integers(0, 4, 700) if year < 2018 else np.arange(40)[at] % 4
        parts.append(pd.DataFrame({"at": at, "kind": kind, "time": f"{year}-06-01"}))
    table = pd.concat(parts)
    return fc.event_table(sites[table["at"]], np.array(list("abcd"))[table["kind"]], table["time"])


def test_a_planted_leak_is_caught(planted):
    """The history of every forecaster is checked, so that none can see what it is to forecast."""
    split = fc.split_by_time(planted)
    leaking = pd.concat([split.train, split.test], ignore_index=True)
    with pytest.raises(fc.LeakageError):
        fc.history_features(split.test, leaking, split.kinds)
    with pytest.raises(fc.LeakageError):
        fc.climatology(split.test, leaking, split.kinds)
    with pytest.raises(fc.LeakageError):
        fc.recent_climatology(split.test, leaking, split.kinds)
    with pytest.raises(fc.LeakageError):
        fc.neighbourhood_climatology(split.test, leaking, split.kinds, fc.Neighbourhood(0.0, 5.0))
    model = fc.fit_kind_model(leaking, split.kinds)
    with pytest.raises(fc.LeakageError):
        fc.forecast_kinds(model, split.test)
    with pytest.raises(fc.LeakageError):
        fc.update_kind_model(model, split.test)


def test_the_planted_leak_would_have_paid(planted, monkeypatch):
    """Without the guard the leaking forecast is nearly perfect; the honest one has no skill."""
    split = fc.split_by_time(planted)
    base = fc.score_kinds(
        fc.climatology(split.test, split.train, split.kinds), split.kinds, split.test["kind"]
    )
    spot = fc.Neighbourhood(0.0, 5.0)

    def gain(history):
        given = fc.neighbourhood_climatology(split.test, history, split.kinds, spot)
        score = fc.score_kinds(given, split.kinds, split.test["kind"])
        return fc.skill(score.loss, base.loss)

    assert gain(split.train) < 0.02
    monkeypatch.setattr("helpers.forecasting.baselines.refuse_leak", lambda past, future: None)
    assert gain(pd.concat([split.train, split.test])) > 0.3


def test_the_kinds_of_the_test_year_change_no_forecast(planted):
    """The forecast is the same whatever then happens."""
    split = fc.split_by_time(planted)
    model = fc.fit_kind_model(split.train, split.kinds)
    other = split.test.assign(kind=split.test["kind"].to_numpy()[::-1])
    for honest, again in zip(
        fc.forecast_kinds(model, split.test).values(),
        fc.forecast_kinds(model, other).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(honest, again)


def test_counts_refuse_to_forecast_what_they_have_seen(planted):
    import shapely

    cells = fc.make_cells(shapely.box(0, 0, 3000, 3000), 6, 6)
    counts = fc.count_by_period(planted, cells)
    model = fc.count_model(counts, fc.CountSettings(300.0, 1.0), "test")
    with pytest.raises(fc.LeakageError, match="cannot forecast 2018-06"):
        model.forecast(counts.periods[-1])
    with pytest.raises(fc.LeakageError, match="already seen"):
        fc.update(model, planted)
    with pytest.raises(fc.LeakageError):
        fc.rolling({"test": model}, planted)
