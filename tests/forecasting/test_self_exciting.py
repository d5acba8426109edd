"""The self-exciting process: known parameters recovered, a closed form, updating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import forecasting as fc
from helpers.forecasting.self_exciting import _pairs, _run
from helpers.space import Window

WINDOW = Window.rectangle(0, 0, 10_000, 10_000)
TRUE = {"mu": 4.0, "theta": 0.5, "omega": 0.1, "sigma": 120.0}


@pytest.fixture(scope="module")
def cells():
    return fc.make_cells(WINDOW, 40, 40)


@pytest.fixture(scope="module")
def events():
    drawn = fc.simulate_self_exciting(WINDOW, 730, **TRUE, seed=4)
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(drawn["day"], unit="D")
    return fc.event_table(drawn[["x", "y"]], ["crime"] * len(drawn), times, every="month")


@pytest.fixture(scope="module")
def fitted(events, cells):
    return fc.fit_self_exciting(events, cells, bandwidth=5000.0)


def test_parameters_that_made_the_events_are_found(fitted):
    assert fitted.theta == pytest.approx(TRUE["theta"], abs=0.06)
    assert fitted.omega == pytest.approx(TRUE["omega"], rel=0.15)
    assert fitted.sigma == pytest.approx(TRUE["sigma"], rel=0.06)
    assert fitted.mu == pytest.approx(TRUE["mu"], rel=0.12)


def test_likelihood_rises_with_every_step(fitted):
    steps = np.diff(fitted.log_likelihood)
    # the mass inside the window moves with sigma, which the steps leave aside
    assert (steps > -1e-5 * abs(fitted.log_likelihood[-1])).all()
    assert fitted.log_likelihood[-1] > fitted.log_likelihood[0]


def test_number_of_events_is_that_of_the_branching_process(events):
    """Each event has 1 / (1 − θ) descendants, itself included, but for the edges."""
    expected = TRUE["mu"] * 730 / (1 - TRUE["theta"])
    assert len(events) == pytest.approx(expected, rel=0.06)


def test_expectation_follows_its_closed_form(cells):
    """In the middle of a wide window: λ(t) = m + (λ0 − m) exp(−ω (1 − θ) t), m = μ / (1 − θ)."""
    place = np.zeros(len(cells))
    place[20 * 40 + 20] = 1.0
    model = fc.SelfExciting(
        3.0, 0.6, 0.2, 260.0, np.array([]), cells, place, 2.0 * place, pd.Period("2016-12", "M")
    )
    total, left = _run(model, model.excitement, 15)
    mean, rate, pull = 3.0 / 0.4, 5.0, 0.2 * 0.4
    expected = mean * 15 + (rate - mean) * (1 - np.exp(-pull * 15)) / pull
    assert total.sum() == pytest.approx(expected, rel=0.01)
    assert left.sum() == pytest.approx(mean + (rate - mean) * np.exp(-pull * 15) - 3.0, rel=0.02)


def test_updating_adds_the_excitement_of_new_events(fitted, events, cells):
    """The state after an update is that of all events at once."""
    last = events["period"].max()
    early = events[events["period"] < last]
    model = fc.fit_self_exciting(early, cells, bandwidth=5000.0)
    updated = fc.update(model, events[events["period"] == last])
    assert updated.until == last
    age = ((last.end_time - events["time"]) / pd.Timedelta(days=1)).to_numpy()
    whole = model.theta * model.omega * np.exp(-model.omega * age).sum()
    assert updated.excitement.sum() == pytest.approx(whole, rel=0.03)
    assert updated.theta == model.theta
    with pytest.raises(fc.LeakageError):
        fc.update(updated, early)
    with pytest.raises(fc.LeakageError):
        updated.forecast(last)


def test_crimes_without_excitement_are_found_to_have_none(cells):
    drawn = fc.simulate_self_exciting(WINDOW, 400, **{**TRUE, "theta": 0.0, "mu": 5.0}, seed=1)
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(drawn["day"], unit="D")
    events = fc.event_table(drawn[["x", "y"]], ["crime"] * len(drawn), times)
    fitted = fc.fit_self_exciting(events, cells, bandwidth=5000.0)
    assert fitted.theta < 0.1
    quiet = replace(fitted, excitement=np.zeros(len(cells)), theta=0.0)
    days = pd.Period(quiet.until, "M") + 1
    assert quiet.forecast(days).sum() == pytest.approx(quiet.mu * fc.period_days(days))


def test_bad_input_is_refused(events, cells):
    with pytest.raises(ValueError, match="too few"):
        fc.fit_self_exciting(events.head(5), cells)
    monthly = events.assign(time=events["time"].dt.to_period("M").dt.start_time)
    with pytest.raises(ValueError, match="needs the day"):
        fc.fit_self_exciting(monthly, cells)
    with pytest.raises(ValueError, match="explodes"):
        fc.simulate_self_exciting(WINDOW, 10, mu=1, theta=1.5, omega=1, sigma=1)
    for name, value in {"bandwidth": 0, "reach_m": np.nan, "iterations": 2.5}.items():
        with pytest.raises(ValueError, match=name):
            fc.fit_self_exciting(events, cells, **{name: value})


def test_events_that_trigger_nothing_leave_the_background(cells):
    """All at one moment: no pair has a delay, and every ratio of the EM step is nought over nought."""
    places = np.random.default_rng(1).uniform(0, 10_000, (60, 2))
    events = fc.event_table(places, ["a"] * 60, ["2016-03-05"] * 60, every="month")
    process = fc.fit_self_exciting(events, cells, bandwidth=500.0)
    assert process.theta == 0.0
    assert process.mu == pytest.approx(60 / 27, rel=1e-6)
    later = process.forecast(pd.Period("2016-04", "M"))
    assert later.sum() == pytest.approx(60 / 27 * 30, rel=1e-6)


def test_too_many_pairs_shorten_the_reach_until_they_fit(events, cells, monkeypatch):
    place = events[["x", "y"]].to_numpy()
    time = (events["time"] - events["time"].min()).dt.total_seconds().to_numpy() / 86400
    every, _, apart, whole = _pairs(place, time, 1000.0, 120.0)
    monkeypatch.setattr("helpers.forecasting.self_exciting.MOST_PAIRS", 5_000)
    late, delay, near, part = _pairs(place, time, 1000.0, 120.0)
    assert whole == 1.0 > part > 0.0
    assert len(late) < 5_000 < len(every)
    reach = 0.9 ** np.arange(60)
    bound = reach[np.searchsorted(-reach, -np.sqrt(near.max()) / 1000.0, side="right") - 1]
    assert delay.max() <= 120.0 * bound
    assert near.max() <= (1000.0 * bound) ** 2 < apart.max()
    with pytest.raises(ValueError, match="more than 5,000 pairs"):
        _pairs(np.zeros((200, 2)), np.zeros(200), 1000.0, 120.0)


def test_what_cannot_be_fitted_is_left_out_with_its_reason(events, cells):
    none, why = fc.self_exciting_or_reason(events, cells, "month")
    assert none is None
    assert why == "No self-exciting process: times are known to the month only."
    none, why = fc.self_exciting_or_reason(events[:7], cells, "day")
    assert none is None
    assert why.endswith("7 events are too few for a self-exciting process.")
    process, said = fc.self_exciting_or_reason(events, cells, "day", bandwidth=5000.0)
    assert process.theta > 0.4
    assert said.startswith(f"Self-exciting process: each crime triggers {process.theta:.3f} others")


def test_a_process_that_never_forgets_or_explodes_is_bounded(fitted):
    quick = replace(fitted, omega=24 * 60.0, theta=0.5)
    rate, _ = _run(quick, 0 * quick.background, 30.0)
    assert rate.sum() == pytest.approx(30 * quick.mu * (1 + 0.5), rel=0.4)
