"""The self-exciting process: known parameters recovered, pairs one by one, closed forms, updating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import forecasting as fc
from helpers.forecasting import incidents as tr
from helpers.space import Window

WINDOW = Window.rectangle(0, 0, 10_000, 10_000)
TRUE = {"mu": 4.0, "theta": 0.5, "omega": 0.1, "sigma": 120.0}
START = pd.Timestamp("2016-01-01")


def as_events(drawn: pd.DataFrame) -> pd.DataFrame:
    times = START + pd.to_timedelta(drawn["day"], unit="D")
    return fc.event_table(drawn[["x", "y"]], ["crime"] * len(drawn), times, every="month")


def counted(events: pd.DataFrame, cells) -> fc.CountModel:
    past = fc.count_by_period(events, cells)
    return fc.count_model(past, fc.CountSettings(5000.0, np.inf), "shrunken history")


def at_places(theta: float, seed: int, places: int = 150, days: int = 730) -> pd.DataFrame:
    """Crimes at a few places that repeat; some trigger others at the same place, some 5 days later."""
    rng = np.random.default_rng(seed)
    sites = rng.uniform(0, 3000, (places, 2))
    weight = rng.dirichlet(np.ones(places))
    number = rng.poisson(5.0 * days)
    at, day = rng.choice(places, number, p=weight), rng.uniform(0, days, number)
    while theta and number:
        born = rng.uniform(size=number) < theta
        fresh_at = at[-number:][born]
        fresh = (
            day[-number:][born]
            + 1
            + rng.geometric(1 / 5.0, born.sum())
            - rng.uniform(size=born.sum())
        )
        kept = fresh < days
        at, day, number = np.r_[at, fresh_at[kept]], np.r_[day, fresh[kept]], int(kept.sum())
    table = pd.DataFrame({"x": sites[at, 0], "y": sites[at, 1], "day": day})
    return as_events(table.sort_values("day", ignore_index=True))


@pytest.fixture(scope="module")
def cells():
    return fc.make_cells(WINDOW, 40, 40)


@pytest.fixture(scope="module")
def events():
    return as_events(fc.simulate_self_exciting(WINDOW, 730, **TRUE, seed=4))


@pytest.fixture(scope="module")
def fitted(events, cells):
    return fc.fit_self_exciting(events, counted(events, cells), permutations=19)


def test_parameters_that_made_the_events_are_found(fitted):
    found = fitted.triggering
    # every place has one crime here, and its share takes some of what was triggered
    assert TRUE["theta"] - 0.08 < found.low < found.theta < TRUE["theta"] < found.high + 0.03
    assert found.delay == pytest.approx(1 / TRUE["omega"], rel=0.2)
    # a Gaussian of 120 m leaves 3 % beyond 320 m
    assert found.per_band[:4].sum() > 0.9 * found.theta
    assert found.converged
    assert fitted.test.p == 1 / 20


@pytest.fixture(scope="module")
def repeated():
    return at_places(0.3, seed=3)


def brute_sums(incidents, delay, bands):
    """What each incident sees of each earlier one, pair by pair."""
    n, ends = len(incidents.place), np.r_[0.0, bands]
    stay, site = 1 - 1 / delay, incidents.sites
    share = np.bincount(incidents.place, minlength=len(site)) / n
    apart = np.hypot(*(site[:, None] - site[None]).transpose(2, 0, 1))
    band = np.where(apart == 0, 0, np.searchsorted(ends[1:], apart) + 1)
    about = np.array(
        [[share[band[b] == k].sum() for k in range(len(ends))] for b in range(len(site))]
    )
    seen = np.zeros((n, len(ends)))
    for i in range(n):
        for j in range(n):
            wait = incidents.day[i] - incidents.day[j]
            here, there = incidents.place[i], incidents.place[j]
            if wait > 0 and band[there, here] < len(ends):
                k = band[there, here]
                seen[i, k] += (1 - stay) * stay ** (wait - 1) / about[there, k]
    return seen


@pytest.mark.parametrize("delay", [1.0, 1.2, 8.0, 60.0])
def test_sums_by_place_are_the_sums_over_all_pairs(repeated, delay):
    incidents = tr.incident_table(repeated.iloc[:400])
    bands = (100.0, 250.0, 600.0)
    links = tr.place_links(incidents, bands)
    found, totals = tr.band_sums(incidents, links, delay)
    np.testing.assert_allclose(
        found[:, 1:], brute_sums(incidents, delay, bands), rtol=1e-9, atol=1e-12
    )
    # several delays at once are each by itself
    for at, (sums, total) in zip(
        (3.0, delay), tr.bands_sums(incidents, links, (3.0, delay)), strict=True
    ):
        alone = tr.band_sums(incidents, links, at)
        np.testing.assert_array_equal(sums, alone[0])
        np.testing.assert_array_equal(total, alone[1])
    # the total is the sum over all days and places that were observed
    lived = 1 - (1 - 1 / delay) ** (incidents.days - 1.0 - incidents.day)
    assert totals[1] == pytest.approx(lived.sum())


def test_the_fit_is_that_of_all_pairs(repeated):
    """The EM algorithm over a list of pairs climbs to the same likelihood and the same parameters."""
    past = repeated.iloc[:400]
    bands = (100.0, 250.0, 600.0)
    fitted = fc.fit_triggering(past, bands=bands)
    incidents = fitted.incidents
    _, totals = tr.band_sums(incidents, fitted.links, fitted.delay)
    course = tr.daily_course(incidents.day, incidents.days)[incidents.day]
    parts = np.column_stack([course, brute_sums(incidents, fitted.delay, bands)])
    held = totals > 0
    level = np.where(held, len(course) / np.maximum(totals, 1e-12) / held.sum(), 0.0)
    for _ in range(20_000):
        rate = parts @ level
        level = np.where(
            held, level * (parts / rate[:, None]).sum(axis=0) / np.maximum(totals, 1e-12), 0
        )
    gain = np.log(parts @ level).sum() - np.log(course * len(course) / incidents.days).sum()
    assert fitted.gain == pytest.approx(gain, abs=0.01)
    assert fitted.theta == pytest.approx(level[1:].sum(), abs=2e-3)
    np.testing.assert_allclose(fitted.per_band, level[1:], atol=4e-3)


def test_a_fit_where_places_repeat_is_well_posed(repeated):
    """The likelihood of a Gaussian in space has no bound there: its spread went to a metre."""
    fitted = fc.fit_triggering(repeated)
    assert fitted.converged
    assert 0.2 < fitted.theta < 0.3
    assert fitted.delay == pytest.approx(5.0, abs=1.5)
    assert fitted.per_band[0] > 0.8 * fitted.theta
    # with many crimes a place its share takes little; what falls on one day is one incident
    many = fc.fit_triggering(at_places(0.3, seed=4, days=4000))
    assert many.theta == pytest.approx(0.3, abs=0.03)


def test_no_triggering_gives_no_sign_and_triggering_does(repeated):
    """The level of the test: of 40 cities without triggering a twentieth show a sign, more or less."""
    found = []
    for seed in range(40):
        quiet = at_places(0.0, seed=100 + seed, places=40, days=200)
        test = fc.triggering_test(fc.fit_triggering(quiet), quiet["time"].min(), seed=seed)
        found.append(test.p <= 0.05)
    assert sum(found) <= 6
    test = fc.triggering_test(fc.fit_triggering(repeated), repeated["time"].min())
    assert test.p == 1 / 20
    assert test.gain > 5 * test.permuted.max()


def test_a_city_that_only_grows_triggers_nothing():
    """The course of the city takes the trend; without it days near each other would look like triggering."""
    rng = np.random.default_rng(5)
    day = np.sort(730 * np.sqrt(rng.uniform(size=3000)))
    sites = rng.uniform(0, 3000, (60, 2))
    at = sites[rng.integers(0, 60, 3000)]
    growing = as_events(pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "day": day}))
    fitted = fc.fit_triggering(growing)
    assert fitted.low == 0.0
    assert fitted.theta < 0.03


def test_crimes_of_one_place_and_day_are_one_incident():
    """Five offences an hour apart are no chain of crimes that trigger each other."""
    rng = np.random.default_rng(6)
    day = np.sort(rng.integers(0, 700, 500))
    sites = rng.uniform(0, 3000, (80, 2))[rng.integers(0, 80, 500)]
    rows = np.repeat(np.arange(500), 5)
    hours = np.tile(np.arange(5), 500) / 24
    many = pd.DataFrame({"x": sites[rows, 0], "y": sites[rows, 1], "day": day[rows] + hours})
    fitted = fc.fit_triggering(as_events(many))
    assert fitted.incidents.events == 2500
    assert len(fitted.incidents.place) == len(np.unique(np.column_stack([sites, day]), axis=0))
    assert fitted.theta < 0.1
    assert fc.triggering_test(fitted, START).p > 0.05


def test_number_of_events_is_that_of_the_branching_process(events):
    """Each event has 1 / (1 − θ) descendants, itself included, but for the edges."""
    expected = TRUE["mu"] * 730 / (1 - TRUE["theta"])
    assert len(events) == pytest.approx(expected, rel=0.06)


def test_the_expectation_is_that_of_its_level(fitted):
    """Background and all that it triggers are as many as the last year's, once excitement is even."""
    year = [fitted.until + month for month in range(1, 13)]
    steady = replace(fitted, excitement=0 * fitted.excitement)
    expected = fitted.base.forecast(year).sum()
    assert steady.forecast(year).sum() == pytest.approx(expected, rel=0.05)
    # what starts without excitement lacks the part θ / (1 − θ) / (1 − q) days' worth, at first
    assert steady.forecast(year).sum() < expected
    assert (fitted.forecast(year) >= 0).all()


def test_the_expectation_follows_its_recursion(fitted):
    stay, rate = 1 - 1 / fitted.triggering.delay, fitted.base.rate()
    given = np.asarray(fitted.spread.sum(axis=1))
    background = rate * (1 - (given * rate).sum() / rate.sum())
    excitement, total = fitted.excitement.copy(), np.zeros(len(fitted.cells))
    nearby = fitted.spread.toarray()
    for _ in range(fc.period_days(fitted.until + 1)):
        total += background + excitement
        excitement = stay * excitement + (1 - stay) * (background + excitement) @ nearby
    np.testing.assert_allclose(fitted.forecast([fitted.until + 1]), total, rtol=1e-9, atol=1e-12)
    later = fitted.forecast([fitted.until + 2])
    both = fitted.forecast([fitted.until + 1, fitted.until + 2])
    np.testing.assert_allclose(both, total + later, rtol=1e-9)


def test_a_crime_triggers_theta_others_wherever_it_is(fitted):
    given = np.asarray(fitted.spread.sum(axis=1))
    assert given.max() <= fitted.theta + 1e-9
    # less where no place lies in some band about it
    assert 0.9 * fitted.theta < given[fitted.cells.inside].mean()


def test_updating_adds_the_excitement_of_new_events(events, cells):
    """The state after an update is that of all events at once."""
    last = events["period"].max()
    early = events[events["period"] < last]
    model = fc.fit_self_exciting(early, counted(early, cells), permutations=1)
    updated = fc.update(model, events[events["period"] == last])
    assert updated.until == last
    age = (last.end_time.normalize() - events["time"].dt.normalize()) / pd.Timedelta(days=1)
    delay = model.triggering.delay
    weight = (1 - 1 / delay) ** age.to_numpy() / delay
    tally = np.bincount(fc.locate(cells, events[["x", "y"]]), weight, minlength=len(cells))
    np.testing.assert_allclose(updated.excitement, model.spread.T @ tally, rtol=1e-9, atol=1e-12)
    assert updated.theta == model.theta
    with pytest.raises(fc.LeakageError):
        fc.update(updated, early)
    with pytest.raises(fc.LeakageError):
        updated.forecast([last])


def test_very_many_places_are_snapped_and_it_is_said(events, monkeypatch):
    monkeypatch.setattr(tr, "MOST_LINKS", 4_000)
    snapped = tr.incident_table(events)
    assert snapped.snapped > 0
    assert len(tr.place_links(snapped).other) <= 2 * 4_000 + len(snapped.sites)
    middle = snapped.sites / snapped.snapped
    np.testing.assert_allclose(middle - np.floor(middle), 0.5)


def test_bad_input_is_refused(events, cells):
    base = counted(events, cells)
    with pytest.raises(ValueError, match="too few"):
        fc.fit_self_exciting(events.head(5), base)
    monthly = events.assign(time=events["time"].dt.to_period("M").dt.start_time)
    with pytest.raises(ValueError, match="needs the day"):
        fc.fit_self_exciting(monthly, base)
    with pytest.raises(ValueError, match="explodes"):
        fc.simulate_self_exciting(WINDOW, 10, mu=1, theta=1.5, omega=1, sigma=1)
    with pytest.raises(ValueError, match="rise"):
        fc.fit_self_exciting(events, base, bands=(200.0, 100.0))
    for name, value in {"years": 0, "permutations": 2.5}.items():
        with pytest.raises(ValueError, match=name):
            fc.fit_self_exciting(events, base, **{name: value})
    early = counted(events[events["period"] < events["period"].max()], cells)
    with pytest.raises(fc.LeakageError):
        fc.fit_self_exciting(events, early)


def test_events_that_trigger_nothing_leave_the_background(cells):
    """All at one moment: nothing is earlier than anything."""
    places = np.random.default_rng(1).uniform(0, 10_000, (60, 2))
    events = fc.event_table(places, ["a"] * 60, ["2016-03-05"] * 60, every="month")
    process = fc.fit_self_exciting(events, counted(events, cells), permutations=3)
    assert process.theta == 0.0
    assert process.test.p == 1.0
    april = [pd.Period("2016-04", "M")]
    np.testing.assert_allclose(process.forecast(april), process.base.forecast(april))


def test_what_cannot_be_fitted_is_left_out_with_its_reason(events, cells):
    base = counted(events, cells)
    assert fc.self_exciting_or_reason(events, base, "month") == (
        None,
        "times are known to the month only",
    )
    none, why = fc.self_exciting_or_reason(events[:7], base, "day")
    assert none is None
    assert why == "7 events are too few for a self-exciting process"
