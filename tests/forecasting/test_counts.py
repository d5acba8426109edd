"""Counts on cells: conservation, closed forms, updating."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from sklearn.ensemble import HistGradientBoostingRegressor

from helpers import forecasting as fc
from helpers.forecasting._binned_trees import BinnedTrees
from helpers.forecasting.cells import smooth
from helpers.forecasting.count_models import inner_block

WINDOW = shapely.Polygon([(0, 0), (4000, 0), (4000, 2500), (2500, 4000), (0, 4000)])


@pytest.fixture(scope="module")
def cells():
    return fc.make_cells(WINDOW, 20, 20)


@pytest.fixture(scope="module")
def drifting():
    """Three years of events in four discs whose strengths differ; 700 a year."""
    rng = np.random.default_rng(12)
    centres = np.array([[900, 900], [2800, 900], [900, 2900], [2300, 2300]])
    which = rng.choice(4, 2100, p=[0.55, 0.25, 0.15, 0.05])
    radius, angle = 400 * np.sqrt(rng.uniform(size=2100)), rng.uniform(0, 2 * np.pi, 2100)
    points = centres[which] + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    times = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 1095, 2100), unit="D")
    return fc.event_table(points, rng.choice(["a", "b"], 2100), times, every="month"), centres


def test_every_event_is_counted_in_a_cell_with_its_centre_inside(cells, drifting):
    events, _ = drifting
    counts = fc.count_by_period(events, cells)
    assert counts.counts.sum() == len(events)
    assert counts.counts[:, ~cells.inside].sum() == 0
    assert [str(p) for p in counts.periods[:2]] == ["2016-01", "2016-02"]
    assert sum(fc.period_days(p) for p in counts.periods) == 1096
    # the corner that is cut off goes to the nearest centre inside
    corner = fc.locate(cells, [[3260.0, 3230.0]])
    place = cells.table.loc[corner[0], ["x", "y"]].to_numpy()
    centres = cells.table.loc[cells.inside, ["x", "y"]].to_numpy()
    own = cells.table.loc[16 * 20 + 16, ["x", "y"]].to_numpy(dtype=float)
    assert not cells.inside[16 * 20 + 16]
    assert np.hypot(*(place - own)) == np.hypot(*(centres - own).T).min()


def test_smoothing_keeps_the_sum_and_matches_plain_sums(cells):
    rng = np.random.default_rng(1)
    values = rng.poisson(1, len(cells)) * cells.inside
    found = smooth(cells, values, 300.0)
    assert found.sum() == pytest.approx(values.sum())
    # far from the edge: the plain kernel on cell centres, cut at four standard deviations
    one = np.zeros(len(cells))
    one[10 * 20 + 9] = 1.0
    place = cells.table[["x", "y"]].to_numpy()
    apart = np.abs(place - place[10 * 20 + 9])
    steps = np.arange(-6, 7)
    norm = np.exp(-((steps * 200.0) ** 2) / (2 * 300.0**2)).sum() ** 2
    plain = np.exp(-(apart**2).sum(axis=1) / (2 * 300.0**2)) / norm
    near = apart.max(axis=1) <= 600
    np.testing.assert_allclose(smooth(cells, one, 300.0)[near], plain[near], rtol=2e-3)


def test_shrunken_history_is_the_gamma_posterior(cells, drifting):
    counts = fc.count_by_period(drifting[0], cells)
    n, days = counts.counts.sum(axis=0), 1096
    kappa = 2.0
    model = fc.count_model(counts, fc.CountSettings(np.inf, kappa), "even")
    even = n.sum() / cells.inside.sum() / days
    posterior = np.where(cells.inside, (kappa + n) / (kappa / even + days), 0)
    rate = model.rate()
    np.testing.assert_allclose(rate / rate.sum(), posterior / posterior.sum())
    # the ends: no shrinking is the plain history, much is the surface
    plain = fc.count_model(counts, fc.CountSettings(np.inf, 1e-9), "").rate()
    np.testing.assert_allclose(plain / plain.sum(), n / n.sum(), atol=1e-8)
    kernel = fc.count_model(counts, fc.CountSettings(300.0, np.inf), "").rate()
    expected = 0.99 * smooth(cells, n, 300.0) + 0.01 * cells.inside * n.sum() / cells.inside.sum()
    np.testing.assert_allclose(kernel / kernel.sum(), expected / n.sum())


def test_level_is_that_of_the_last_year(cells, drifting):
    counts = fc.count_by_period(drifting[0], cells)
    model = fc.count_model(counts, fc.CountSettings(300.0, 1.0), "")
    year = [p for p in counts.periods if p.year == 2018]
    expected = counts.of(year).counts.sum() / 365
    assert model.rate().sum() == pytest.approx(expected)
    coming = [pd.Period("2019-02", "M"), pd.Period("2019-03", "M")]
    assert model.forecast(coming).sum() == pytest.approx(expected * 59)
    assert model.forecast(coming)[~cells.inside].sum() == 0


@pytest.mark.parametrize("half_life", [np.inf, 200.0])
def test_updating_month_by_month_is_fitting_all_at_once(cells, drifting, half_life):
    events, _ = drifting
    counts = fc.count_by_period(events, cells)
    settings = fc.CountSettings(300.0, 1.0, half_life)
    whole = fc.count_model(counts, settings, "")
    model = fc.count_model(counts.before(pd.Period("2018-03", "M")), settings, "")
    for period in counts.periods[26:]:
        model = fc.update(model, events[events["period"] == period])
    np.testing.assert_allclose(model.rate(), whole.rate(), rtol=1e-12)
    assert model.until == whole.until


def test_half_life_halves(cells, drifting):
    events, _ = drifting
    counts = fc.count_by_period(events, cells)
    two = counts.of(counts.periods[:2])
    model = fc.count_model(two, fc.CountSettings(np.inf, 1.0, 31.0), "")
    np.testing.assert_allclose(model.sums, 0.5 * two.counts[0] + two.counts[1])
    assert model.exposure == pytest.approx(0.5 * 31 + 29)


def test_models_come_near_the_truth_and_beat_history(cells, drifting):
    """The discs are known: smoothing gains on counting cells, and no model on the truth."""
    events, centres = drifting
    counts = fc.count_by_period(events.iloc[::6], cells)
    past = counts.before(pd.Period("2018-01", "M"))
    future = [p for p in counts.periods if p.year == 2018]
    models = fc.fit_count_models(past)
    assert list(models) == [
        "historical mean", "kernel density", "shrunken history", "gradient boosting",
    ]  # fmt: skip
    truth = np.array([0.55, 0.25, 0.15, 0.05]) * 700 / 6 @ fc.disc_shares(cells, centres, 400.0)
    truth = np.maximum(truth, 1e-3)[cells.inside]
    away = {
        name: fc.poisson_deviance(model.forecast(future)[cells.inside], truth)
        for name, model in models.items()
    }
    assert away["kernel density"] < 0.85 * away["historical mean"]
    assert away["shrunken history"] < 0.85 * away["historical mean"]
    assert away["gradient boosting"] < away["historical mean"]
    choice = fc.choose_count_model(past)
    assert choice.best != "historical mean"
    assert {p.year for p in choice.block} == {2017}


def test_one_period_is_enough_to_fit(cells, drifting):
    counts = fc.count_by_period(drifting[0], cells)
    one = counts.of(counts.periods[:1])
    models = fc.fit_count_models(one)
    for model in models.values():
        assert model.forecast(counts.periods[1]).sum() == pytest.approx(one.counts.sum() * 29 / 31)
    assert fc.choose_count_model(one).block == ()
    empty = fc.CellCounts(cells, (), np.empty((0, len(cells))))
    with pytest.raises(ValueError, match="no period to learn from"):
        fc.fit_count_models(empty)


def test_fitting_twice_is_the_same(cells, drifting):
    counts = fc.count_by_period(drifting[0], cells)
    first, second = (fc.fit_count_models(counts, seed=5) for _ in range(2))
    for name, model in first.items():
        np.testing.assert_array_equal(model.rate(), second[name].rate())


def test_disc_shares_are_areas(cells):
    centres = np.array([[1500.0, 1500.0], [0.0, 0.0], [2000.0, 4000.0]])
    found = fc.disc_shares(cells, centres, 500.0)
    np.testing.assert_allclose(found.sum(axis=1), [1, 0.25, 0.5], atol=2e-4)
    rng = np.random.default_rng(2)
    radius, angle = 500 * np.sqrt(rng.uniform(size=100_000)), rng.uniform(0, 2 * np.pi, 100_000)
    drawn = centres[0] + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    plain = fc.count_points(cells, drawn) / 100_000
    np.testing.assert_allclose(found[0], plain, atol=2e-3)


def test_rolling_scores_each_forecast_before_it_updates(cells, drifting):
    events, _ = drifting
    counts = fc.count_by_period(events, cells)
    start = pd.Period("2018-10", "M")
    settings = fc.CountSettings(300.0, 1.0)
    model = fc.count_model(counts.before(start), settings, "shrunken")
    result = fc.rolling({"shrunken": model}, events[events["period"] >= start])
    assert [str(p) for p in result.periods] == ["2018-10", "2018-11", "2018-12"]
    for number, period in enumerate(result.periods):
        known = fc.count_model(counts.before(period), settings, "")
        plain = known.forecast(period)
        np.testing.assert_allclose(result.forecasts["shrunken"][number], plain)
        happened = counts.of([period]).counts[0]
        row = result.table.iloc[number]
        assert row["deviance"] == pytest.approx(
            fc.poisson_deviance(plain[cells.inside], happened[cells.inside])
        )
        assert row["events"] == happened.sum()
    assert result.models["shrunken"].until == pd.Period("2018-12", "M")


def test_expected_crimes_add_up(cells, drifting):
    events, _ = drifting
    counts = fc.count_by_period(events, cells)
    total = fc.count_model(counts, fc.CountSettings(300.0, 1.0), "").forecast(
        pd.Period("2019-01", "M")
    )
    mix, chosen = fc.cell_mixes(events, cells, ("a", "b"))
    assert chosen.prior > 0
    table = fc.expected_crimes(cells, total, mix, ("a", "b"), "2019-01")
    assert list(table) == ["node", "column", "row", "x", "y", "kind", "period", "expected"]
    wide = table.pivot(index="node", columns="kind", values="expected")
    np.testing.assert_allclose(wide["a"] + wide["b"], wide["all"])
    assert (wide.loc[~cells.inside] == 0).all(axis=None)
    first = table[table["kind"] == "all"]
    np.testing.assert_array_equal(first["node"], first["row"] * 20 + first["column"])
    np.testing.assert_allclose(first["x"], 100 + 200 * first["column"])
    # kinds are chance here: the mix is the city's nearly everywhere
    assert np.abs(mix[:, 0] - 0.5).max() < 0.15


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fc.make_cells(WINDOW, 2.5, 3), "columns is a whole number"),
        (lambda: fc.make_cells(WINDOW, 3, 0), "rows is a whole number"),
        (lambda: fc.make_cells(None, 3, 3), "window"),
        (lambda: fc.square_cells(WINDOW, -5), "side is a positive number"),
        (lambda: fc.square_cells(WINDOW, np.nan), "side is a positive number"),
        (lambda: fc.count_points(fc.make_cells(WINDOW, 2, 2), [[-9, 0]]), "outside the grid"),
        (lambda: fc.disc_shares(fc.make_cells(WINDOW, 2, 2), [[1, 1]], 0), "radius"),
        (lambda: fc.update("model", None), "cannot|no model"),
        (lambda: fc.rolling({}, None), "no model to judge"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_expected_crimes_refuse_what_does_not_fit(cells):
    mix = np.full((len(cells), 2), 0.5)
    with pytest.raises(ValueError, match="outside the boundary expect no crimes"):
        fc.expected_crimes(cells, np.ones(len(cells)), mix, ("a", "b"), "2019")
    with pytest.raises(ValueError, match="one total and one mix"):
        fc.expected_crimes(cells, np.zeros(3), mix, ("a", "b"), "2019")


def test_a_kind_called_all_is_told_from_the_total(cells):
    mix = np.tile([0.25, 0.75], (len(cells), 1))
    table = fc.expected_crimes(cells, 1.0 * cells.inside, mix, ("a", "all"), "2019")
    sums = table.groupby("kind", sort=False)["expected"].sum() / cells.inside.sum()
    assert sums.round(9).to_dict() == {"all": 1.0, "a": 0.25, "all (kind)": 0.75}


@pytest.mark.parametrize("first", [1, 19])
def test_a_past_with_next_to_nothing_before_its_last_year_is_halved_for_tuning(cells, first):
    """One event and then hundreds: tuned on the one, every rate would be nought over nought."""
    rng = np.random.default_rng(3)
    times = ["2016-03-01"] * first + ["2017-05-01"] * 200
    places = rng.uniform(100, 2400, (len(times), 2))
    past = fc.count_by_period(fc.event_table(places, ["a"] * len(times), times), cells)
    choice = fc.choose_count_model(past, seed=1)
    assert choice.block == ()
    assert np.isfinite(choice.table["deviance"]).all()
    for model in fc.fit_count_models(past, seed=1).values():
        expected = model.forecast(pd.Period("2017-06", "M"))
        assert (expected[cells.inside] > 0).all()
        assert expected.sum() == pytest.approx(200 * 30 / 31)


def test_twenty_events_before_the_last_year_are_kept_apart_from_it(cells):
    times = ["2016-03-01"] * 20 + ["2017-05-01"] * 200
    places = np.random.default_rng(3).uniform(100, 2400, (220, 2))
    past = fc.count_by_period(fc.event_table(places, ["a"] * 220, times), cells)
    assert [str(p) for p in fc.choose_count_model(past, seed=1).block] == ["2017-05"]


@pytest.mark.parametrize("seed", range(8))
def test_halves_of_two_events_hold_one_each(cells, seed):
    past = fc.count_by_period(fc.event_table([[500, 500]] * 2, "ab", ["2016-03-01"] * 2), cells)
    known, target, days = inner_block(past, seed)
    assert (known.counts.sum(), target.sum(), days) == (1, 1, 31)


def test_cells_wider_than_every_bandwidth_are_smoothed_by_their_own_width():
    region = shapely.box(0, 0, 400_000, 240_000)
    wide = fc.make_cells(region, 40, 24)
    places = np.random.default_rng(2).uniform((0, 0), (200_000, 240_000), (300, 2))
    times = ["2016-03-01"] * 150 + ["2017-05-01"] * 150
    past = fc.count_by_period(fc.event_table(places, ["a"] * 300, times), wide)
    models = fc.fit_count_models(past, seed=1)
    assert models["kernel density"].settings.bandwidth in (5_000.0, 10_000.0)


def test_the_usual_side_follows_the_window_and_bounds_the_number_of_cells():
    assert fc.usual_side(shapely.box(0, 0, 3_000, 3_500)) == 100.0
    assert fc.usual_side(shapely.box(0, 0, 60, 40)) == pytest.approx(np.sqrt(2.4))
    assert fc.usual_side(shapely.box(0, 0, 25_000, 25_000)) == 250.0
    two = shapely.MultiPolygon([shapely.box(0, 0, 1e3, 1e3), shapely.box(99e3, 99e3, 1e5, 1e5)])
    for window in (shapely.box(0, 0, 200_000, 100_000), two):
        cells = fc.square_cells(window, fc.usual_side(window))
        assert 30_000 < len(cells) < 41_000


@pytest.mark.parametrize("decimals", [1, 12])
def test_trees_on_bins_are_the_trees_on_values(decimals):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3000, 3)).round(decimals)
    weights = rng.gamma(0.4, size=3000)
    y = rng.poisson(np.exp(x[:, 0]) * weights) / (weights + 1e-9)
    how = {"loss": "poisson", "max_iter": 15, "max_leaf_nodes": 8, "early_stopping": False}
    plain = HistGradientBoostingRegressor(**how).fit(x, y, sample_weight=weights)
    binned = BinnedTrees.fit(HistGradientBoostingRegressor(**how), x, y, weights)
    new = rng.normal(size=(1000, 3))
    assert np.array_equal(binned.predict(new), plain.predict(new))
    assert len(np.unique(plain.predict(new))) > 20
