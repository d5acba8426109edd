"""Season, growth and intervals of the level; intervals of cells; the paired test of months."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import forecasting as fc
from helpers.forecasting import study


def months(number: int, first: str = "2015-01") -> list[pd.Period]:
    return list(pd.period_range(first, periods=number, freq="M"))


def drawn(rate, seed: int = 0, number: int = 48) -> dict[pd.Period, float]:
    rng = np.random.default_rng(seed)
    return {month: float(rng.poisson(rate(at, month))) for at, month in enumerate(months(number))}


def test_a_season_is_found_where_there_is_one_and_not_where_there_is_none():
    busy = fc.find_pace(drawn(lambda _, month: 900 if month.month in (7, 8) else 600))
    length = busy.season[6] / busy.season[0]
    assert length == pytest.approx(1.5, rel=0.05)
    days = np.array([pd.Period(f"2018-{month:02}", "M").days_in_month for month in range(1, 13)])
    assert days @ np.array(busy.season) == pytest.approx(days.sum(), rel=2e-3)
    found = [
        bool(fc.find_pace(drawn(lambda _, month: 20 * month.days_in_month, seed)).season)
        for seed in range(40)
    ]
    assert np.mean(found) < 0.1


def test_a_growth_is_found_where_the_years_carry_it():
    grown = fc.find_pace(drawn(lambda at, _: 500 * 1.1 ** (at / 12), number=60))
    assert grown.growth == pytest.approx(1.1, abs=0.02)
    # two changes are too few, whatever they are
    assert fc.find_pace(drawn(lambda at, _: 500 * 1.1 ** (at / 12), number=36)).growth == 1.0
    even = [fc.find_pace(drawn(lambda *_: 500, seed, 60)).growth != 1.0 for seed in range(60)]
    assert np.mean(even) < 0.15


def test_days_are_counted_by_season_and_growth():
    season = tuple(2.0 if month == 6 else 1.0 for month in range(12))
    until = pd.Period("2018-12", "M")
    pace = fc.Pace(season)
    assert pace.days(until, [pd.Period("2019-07", "M"), pd.Period("2019-08", "M")]) == 93
    # a year on, on average over its months, is one growth
    year = [until + step for step in range(1, 13)]
    assert fc.Pace(growth=1.2).days(until, year) == pytest.approx(365 * 1.2, rel=2e-3)


def test_the_interval_of_the_level_holds_what_its_name_says():
    """Levels that walk: of 300 next years 95 % fall inside, for one, three and seven known changes."""
    rng = np.random.default_rng(1)
    for years in (2, 4, 8):
        inside = []
        for _ in range(300):
            level = 1000 * np.exp(np.cumsum(rng.normal(0, 0.1, years + 1)))
            number = rng.poisson(level)
            past = {pd.Period(f"{2010 + at}-07", "M"): float(n) for at, n in enumerate(number[:-1])}
            found = fc.level_interval(past, float(number[-2]))
            assert found.changes == years - 1
            inside.append(found.low <= number[-1] <= found.high)
        assert 0.92 < np.mean(inside) < 0.985


def test_without_a_change_there_is_no_interval():
    found = fc.level_interval({pd.Period("2017-07", "M"): 900.0}, 900.0)
    assert found.changes == 0
    assert np.isnan([found.low, found.high]).all()
    # months of one year only: their own changes stand in
    found = fc.level_interval(drawn(lambda *_: 500, number=9), 500.0)
    assert (found.changes, found.every) == (8, "period")
    assert found.low < 500 < found.high


def test_models_carry_the_season():
    cells = fc.make_cells(shapely.box(0, 0, 400, 400), 4, 4)
    rng = np.random.default_rng(3)
    counts = np.stack(
        [rng.poisson(np.where(cells.inside, 60 if m.month < 7 else 20, 0)) for m in months(48)]
    )
    past = fc.CellCounts(cells, tuple(months(48)), counts)
    for model in fc.fit_count_models(past, seed=1).values():
        winter, summer = (model.forecast([pd.Period(each, "M")]) for each in ("2019-01", "2019-08"))
        assert winter.sum() / summer.sum() == pytest.approx(3.0, rel=0.1)
    year = fc.fit_count_models(past, seed=1)["historical mean"].forecast(months(12, "2019-01"))
    assert year.sum() == pytest.approx(counts[-12:].sum(), rel=1e-2)


def test_cells_are_as_far_off_as_they_were():
    """Rates that change from year to year by a gamma factor of variance a: a is found, and covers."""
    cells = fc.make_cells(shapely.box(0, 0, 3000, 3000), 30, 30)
    rng = np.random.default_rng(4)
    alpha, mean = 0.3, rng.gamma(2.0, 3.0, 900) + 1
    years = [pd.Period(f"{year}-07", "M") for year in (2015, 2016, 2017)]
    counts = np.stack([rng.poisson(mean * rng.gamma(1 / alpha, alpha, 900)) for _ in years])
    past = fc.CellCounts(cells, tuple(years[:2]), counts[:2])
    before = fc.CellCounts(cells, tuple(years[:1]), counts[:1])
    surface = fc.count_model(before, fc.CountSettings(np.inf, 1.0), "even")
    known = fc.Choice("even", pd.DataFrame(), {"even": surface}, (years[1],))
    found = study.rehearsed_spread(known, past, "even")
    happened, rate = counts[1].astype(float), surface.rate()
    rate *= happened.sum() / rate.sum()
    assert found == pytest.approx((((happened - rate) ** 2 - rate).sum()) / (rate**2).sum())
    level = fc.level_interval(fc_totals(past), float(counts[1].sum()))
    table = study.count_table(cells, {"even": mean}, counts[2], "even", alpha, level)
    assert study.covered(table) == pytest.approx(0.95, abs=0.025)
    sure = study.count_table(cells, {"even": mean}, counts[2], "even", 0.0, level)
    assert study.covered(sure) < 0.85
    none = study.count_table(cells, {"even": mean}, counts[2], "even", np.nan, level)
    assert np.isnan(study.covered(none))


def fc_totals(past):
    return dict(zip(past.periods, past.counts.sum(axis=1).astype(float), strict=True))


def history(differences) -> pd.DataFrame:
    rows = []
    for at, away in enumerate(differences):
        month = pd.Period("2019-01", "M") + at
        rows += [(month, study.FIRST, 1.0), (month, "other", 1.0 + away)]
    return pd.DataFrame(rows, columns=["period", "model", "deviance"])


def test_the_paired_test_goes_through_all_signs():
    rng = np.random.default_rng(5)
    away = rng.normal(-0.02, 0.05, 12)
    found = study.monthly_tests(history(away), 0).iloc[0]
    sums = [np.dot(signs, away) for signs in itertools.product((-1, 1), repeat=12)]
    assert found["p"] == pytest.approx(np.mean(np.array(sums) <= away.sum() + 1e-12))
    assert (found["months"], found["better"]) == (12, (away < 0).sum())
    assert found["deviance_difference"] == pytest.approx(away.mean())
    # months before the test period are left out, and few months have no test
    assert study.monthly_tests(history(away), 3).iloc[0]["months"] == 9
    assert study.monthly_tests(history(away), 7).empty
    long = study.monthly_tests(history(rng.normal(0, 1, 40)), 0).iloc[0]
    assert 0 < long["p"] < 1


def test_holms_correction_is_that_of_the_textbook():
    names = ("a", "b", "c")
    rng = np.random.default_rng(6)
    tables = []
    for at, name in enumerate(names):
        part = history(rng.normal(-0.03 * at, 0.05, 12)).replace({"other": name})
        tables.append(part if not tables else part[part["model"] == name])
    found = study.monthly_tests(pd.concat(tables), 0)
    p = found["p"].to_numpy()
    order = np.argsort(p)
    by_hand = np.maximum.accumulate([p[each] * (3 - rank) for rank, each in enumerate(order)])
    np.testing.assert_allclose(found["p_holm"].to_numpy()[order], np.minimum(by_hand, 1))
