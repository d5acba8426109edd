"""Change after a date and rhythm: hand-computed examples, exact tests, intervals that cover."""

import decimal
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.patterns import change_by_area, displacement_difference, rhythm, rhythms


def test_displacement_difference_by_hand():
    # local: (58 − 92) − (70 − 76) = −28, variance 58 + 92 + 70 + 76 = 296;
    # displacement: (41 − 33) − (25 − 27) = 10, variance 126; total −18, variance 422.
    found = displacement_difference((92, 58), (76, 70), (33, 41), (27, 25), confidence=0.9).table
    assert found["estimate"].to_dict() == {"local": -28, "displacement": 10, "total": -18}
    assert (found["se"] ** 2).tolist() == pytest.approx([296, 126, 422])
    assert found["z"]["total"] == pytest.approx(-18 / np.sqrt(422))
    assert found["p"]["total"] == pytest.approx(0.3809, abs=1e-4)
    half = 1.6448536 * np.sqrt(422)
    assert found.loc["total", ["low", "high"]].tolist() == pytest.approx([-18 - half, -18 + half])


def test_displacement_difference_with_weights_by_hand():
    # three years before, one after; treated 2 km², control 4 km²:
    # (30/2 − 120/6) − (48/4 − 180/12) = −5 + 3 = −2; variance 30/4 + 120/36 + 48/16 + 180/144
    found = displacement_difference((120, 30), (180, 48), lengths=(3, 1), areas=(2, 4)).table
    assert found["estimate"].to_dict() == {"local": -2, "total": -2}
    assert found["se"]["total"] ** 2 == pytest.approx(7.5 + 10 / 3 + 3 + 1.25)


def test_displacement_difference_that_its_author_published():
    """An example by A. Wheeler with sizes 1.2 and 0.9: −91.9, standard error 31.5."""
    found = displacement_difference((207, 110), (308, 318), areas=(1.2, 0.9)).table
    assert found.loc["local", ["estimate", "se"]].round(1).tolist() == [-91.9, 31.5]


def test_displacement_difference_covers_the_truth():
    """Of 2,000 intervals of 90 % 1,800 hold the truth, give or take four standard errors (54)."""
    rng = np.random.default_rng(1)
    mean = np.array([[60, 45], [80, 84], [30, 33], [25, 24]])
    truth = (45 - 60) - (84 - 80) + (33 - 30) - (24 - 25)
    held = 0
    for _ in range(2000):
        row = displacement_difference(*rng.poisson(mean), confidence=0.9).table.loc["total"]
        held += row["low"] <= truth <= row["high"]
    assert abs(held - 1800) < 54


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (((1, 2), (3, 4), (5, 6)), {}, "need their controls"),
        (((1, 2.5), (3, 4)), {}, "treated are counts"),
        (((1, 2, 3), (3, 4)), {}, "treated is a pair"),
        (((1, -2), (3, 4)), {}, "whole numbers from 0"),
        (((1, 2), (3, 4)), {"lengths": (0, 1)}, "2 positive numbers"),
        (((1, 2), (3, 4)), {"areas": (1, 1, 1)}, "areas are 2 positive"),
        (((1, 2), (3, 4)), {"confidence": 95}, "confidence lies between"),
    ],
)
def test_differences_that_cannot_be_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        displacement_difference(*arguments, **options)


def test_change_by_area_is_exact():
    before = pd.Series({"a": 12, "b": 90, "c": 0, "d": 40})
    after = pd.Series({"d": 61, "a": 3, "c": 4, "b": 88})
    table = change_by_area(before, after, lengths=(2, 1))
    assert table.index.tolist() == ["a", "b", "c", "d"]
    assert table["ratio"].tolist() == [0.5, 2 * 88 / 90, np.inf, 2 * 61 / 40]
    # P(X <= 3) of a binomial of 15 and 1/3 and what is as unlikely above
    mass = stats.binom.pmf(np.arange(16), 15, 1 / 3)
    assert table["p"]["a"] == pytest.approx(mass[mass <= mass[3] * (1 + 1e-7)].sum())
    assert table["relative"]["a"] == 3 * 130 / (12 * 153)
    mass = stats.hypergeom.pmf(np.arange(16), 142 + 156, 15, 156)
    assert table["p_relative"]["a"] == pytest.approx(mass[mass <= mass[3] * (1 + 1e-7)].sum())
    ordered = np.sort(table["p"])
    smallest = min(4 * ordered[0], 2 * ordered[1], 4 / 3 * ordered[2], ordered[3])
    assert table["p_fdr"].min() == pytest.approx(min(smallest, 1))
    assert ((table["low"] < table["high"]) & (table["low"] > 0)).all()
    order = ["c", "a", "d", "b"]
    pd.testing.assert_frame_equal(
        change_by_area(before[order], after, lengths=(2, 1)), table.loc[order]
    )


def test_change_by_area_refuses_what_does_not_match():
    with pytest.raises(ValueError, match="same areas"):
        change_by_area(pd.Series({"a": 1, "b": 2}), pd.Series({"a": 1, "c": 2}))
    with pytest.raises(ValueError, match="as many before as after"):
        change_by_area([1, 2], [1, 2, 3])


def test_months_have_their_days():
    times = pd.DatetimeIndex(
        ["2020-01-31", "2020-02-29", "2020-02-29 23:59", "2021-02-01", "2021-02-10"]
    )
    table = rhythm(times, "month").table
    assert table.index.tolist() == list(range(1, 13))
    # 31 January 2020 to 10 February 2021: one and 31 days of January, 29 and 10 of February
    assert table["days"].tolist() == [32, 39, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert table["events"].tolist() == [1, 4] + [0] * 10
    assert table["rate"][2] == 4 / 39
    assert table["relative"][1] == pytest.approx(1 / 32 / (5 / 377))
    longer = rhythm(times, "month", period=("2020-01-01", "2021-12-31")).table
    assert longer["days"].tolist()[:2] == [62, 57]
    some = rhythm(times[:3], "month").table
    assert some.index.tolist() == [1, 2]


def test_weekdays_and_hours():
    times = pd.to_datetime(["2024-01-01 10:05", "2024-01-02 10:59", "2024-01-08 23:00"])
    week = rhythm(times, "weekday", period=("2024-01-01", "2024-01-09")).table
    assert week["days"].tolist() == [2, 2, 1, 1, 1, 1, 1]  # Monday to the Tuesday after
    assert week["events"].tolist() == [2, 1, 0, 0, 0, 0, 0]
    hours = rhythm(times, "hour", period=("2024-01-01", "2024-01-09")).table
    assert hours["events"][10] == 2 and hours["events"][23] == 1
    there = rhythm(times.tz_localize("America/Toronto"), "hour").table
    assert there["events"].tolist() == hours["events"].tolist()
    assert (hours["days"] == 9).all() and hours["rate"].sum() == pytest.approx(3 / 9)


def test_exact_poisson_interval_and_dispersion():
    times = pd.DatetimeIndex(["2024-03-01"] * 10 + ["2024-03-10"])
    found = rhythm(times, "month", interval="poisson")
    low, high = found.table.loc[3, ["low", "high"]] * 10
    assert stats.poisson.sf(10, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(11, high) == pytest.approx(0.025)
    # counts 10, 0 × 8, 1 about 1.1: (8.9² + 8 × 1.1² + 0.1²) / 1.1 / 9
    assert found.dispersion == pytest.approx((8.9**2 + 8 * 1.1**2 + 0.01) / 1.1 / 9)
    quasi = rhythm(times, "month")
    half = 1.9599640 * np.sqrt(found.dispersion / 11)
    assert quasi.table.loc[3, ["low", "high"]].tolist() == pytest.approx(
        [1.1 * np.exp(-half), 1.1 * np.exp(half)]
    )


@pytest.mark.parametrize("interval", ["quasi-poisson", "bootstrap"])
def test_intervals_cover_where_days_are_overdispersed_and_poisson_ones_do_not(interval):
    """Counts a day with dispersion 4: Poisson intervals of 95 % hold the truth in some 67 %."""
    held = {interval: 0, "poisson": 0}
    rng = np.random.default_rng(3)
    days = pd.date_range("2020-01-01", "2021-12-31")
    for k in range(25):
        times = days.repeat(rng.negative_binomial(2, 0.25, len(days)))  # mean 6, variance 24
        for name in held:
            options = {"interval": name, "seed": k, "replications": 199}
            table = rhythm(times, "month", period=("2020-01-01", "2021-12-31"), **options).table
            held[name] += ((table["low"] <= 6) & (table["high"] >= 6)).sum()
    assert 0.90 < held[interval] / 300 < 0.99
    assert held["poisson"] / 300 < 0.8


def test_test_of_an_even_rhythm_keeps_its_level():
    rng = np.random.default_rng(4)
    days = pd.date_range("2020-01-01", "2020-12-31")
    p = [
        rhythm(days.repeat(rng.negative_binomial(2, 0.25, len(days))), "month").p_value
        for _ in range(200)
    ]
    assert 2 <= np.sum(np.array(p) <= 0.05) <= 19
    seasonal = rng.poisson(4 + 2 * np.sin(np.arange(len(days)) / 366 * 2 * np.pi))
    assert rhythm(days.repeat(seasonal), "month").p_value < 1e-6


@pytest.mark.parametrize(
    ("times", "options", "message"),
    [
        (["2020-01-01"], {}, "pandas.to_datetime"),
        (pd.DatetimeIndex([]), {}, "got none"),
        (pd.DatetimeIndex(["2020-01-01", None]), {}, "1 events have no date"),
        (pd.DatetimeIndex(["2020-01-01"] * 3), {}, "at least two days"),
        (pd.DatetimeIndex(["2020-01-01", "2020-02-01"]), {"by": "hour"}, "hours are not"),
        (pd.DatetimeIndex(["2020-01-01", "2020-02-01"]), {"by": "season"}, "by is one of"),
        (pd.DatetimeIndex(["2020-01-01", "2020-02-01"]), {"interval": "bootstrap"}, "needs a seed"),
        (
            pd.DatetimeIndex(["2020-01-01", "2020-02-01"]),
            {"period": ("2020-01-01", "2020-01-20")},
            "1 events lie outside",
        ),
        (pd.DatetimeIndex(["2020-01-01", "2020-02-01"]), {"period": 3}, "pair of dates"),
    ],
)
def test_rhythms_that_cannot_be_are_refused(times, options, message):
    with pytest.raises(ValueError, match=message):
        rhythm(times, **options)


def test_the_logarithm_of_a_rhythms_p_goes_on_where_p_ends():
    """Against scipy where it has a number; else the finite sum for even degrees, with 60 digits.

    I_y(a, b) = y^a Σ_{k < b} C(a + k − 1, k) (1 − y)^k for whole a and b.
    """
    for statistic, degrees, freedom in ((5.0, 6, 40), (2.0, 23, 8000), (40.0, 11, 3000)):
        tail = stats.f.sf(statistic, degrees, freedom)
        assert tail > 0
        assert rhythms._log10_tail(statistic, degrees, freedom) == pytest.approx(np.log10(tail))
    with decimal.localcontext(prec=60):
        for statistic, degrees, freedom in ((700, 22, 70_000), (400, 6, 20_000), (600, 10, 3000)):
            assert stats.f.sf(statistic, degrees, freedom) == 0
            a, b = freedom // 2, degrees // 2
            y = decimal.Decimal(freedom) / (freedom + degrees * statistic)
            total = sum(math.comb(a + k - 1, k) * (1 - y) ** k for k in range(b))
            exact = float(a * y.log10() + total.log10())
            found = rhythms._log10_tail(statistic, degrees, freedom)
            assert found == pytest.approx(exact, rel=1e-9)


def test_a_rhythm_beyond_all_numbers_has_a_logarithm():
    """Ten years in which every event falls into one hour."""
    days = pd.date_range("2010-01-01", "2019-12-31")
    times = pd.Series(np.concatenate([days + pd.Timedelta(hours=20, minutes=k) for k in range(40)]))
    found = rhythm(times, "hour")
    assert found.p_value == 0
    assert found.log10_p < -308
