"""The self-exciting process: known parameters recovered, a closed form, updating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import forecasting as fc
from helpers.forecasting.self_exciting import _run
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
