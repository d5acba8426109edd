"""Tables of the section on forecasting, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from helpers import forecasting as fc
from helpers.forecasting import study
from helpers.forecasting.neighbours import NeighbourCurve

KINDS = ("a", "b")


def table(places, kinds, times, every="month"):
    return fc.event_table(places, kinds, times, every=every)


# ------------------------------------------------------------------------------------------ kinds


def curve(accuracy, error=0.01) -> NeighbourCurve:
    frame = pd.DataFrame({"neighbours": range(1, len(accuracy) + 1), "accuracy": accuracy})
    best = int(frame["neighbours"][frame["accuracy"].idxmax()])
    return NeighbourCurve(frame.assign(standard_error=error), best, best)


def test_a_curve_that_rises_to_its_end_does_not_fall():
    found = study.curve_shape(curve([0.1, 0.2, 0.3]))
    assert (found.best, found.most, found.falls, found.steadily) == (3, 3, False, False)


def test_a_curve_falls_where_its_end_lies_an_error_below_its_best():
    assert not study.curve_shape(curve([0.1, 0.305, 0.3])).falls
    found = study.curve_shape(curve([0.1, 0.4, 0.3, 0.35, 0.3]))
    assert (found.falls, found.steadily) == (True, False)
    assert (found.at_best, found.at_most) == (0.4, 0.3)


def test_only_the_last_steps_tell_whether_it_falls_steadily():
    assert study.curve_shape(curve([0.9, 0.5, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])).steadily
    assert not study.curve_shape(curve([0.9, 0.5, 0.8, 0.7, 0.6, 0.5]), steps=5).steadily


def test_the_later_curve_needs_two_kinds_before_the_last_period():
    places = [[float(i), 0.0] for i in range(12)]
    times = ["2016-01-01"] * 6 + ["2017-01-01"] * 6
    mixed = table(places, ["a", "b"] * 6, times, "year")
    found = study.later_curve(mixed[["x", "y"]], mixed)
    assert list(found) == ["neighbours", "accuracy"]
    single = table(places, ["a"] * 6 + ["a", "b"] * 3, times, "year")
    assert study.later_curve(single[["x", "y"]], single) is None


def test_answers_are_those_of_the_votes_and_probabilities_are_never_zero():
    """Three neighbours all of kind a: the vote is sure, the shrunken share is not."""
    features = np.array([[0.0], [0.1], [0.2], [9.0]])
    labels = pd.Series(["a", "a", "a", "b"])
    votes, shares = study.votes_and_shares({"K": 3}, features, labels, [[0.1]], KINDS)
    assert votes["K"].shares.tolist() == [[1, 0]]
    assert votes["K"].answers.tolist() == [0]
    # half a vote a kind, with the shares of the past (smoothed): 3 + 1 × share over 3 + 1
    assert 0 < shares["K"][0, 1] < 0.25
    assert shares["K"].sum() == pytest.approx(1)


FUTURE = table([[0, 0], [1, 0], [2, 0], [3, 0]], list("aaab"), ["2018-01-01"] * 4)


def test_scores_of_kinds_by_hand():
    """a happens three times of four; climatology says 0.5 each, the forecast 0.8 to a."""
    made = {study.MAJORITY: np.full((4, 2), 0.5), "sure": np.tile([0.8, 0.2], (4, 1))}
    found = study.kind_scores(made, KINDS, FUTURE, votes={}, draws=50, seed=1)
    base, sure = found.loc[study.MAJORITY], found.loc["sure"]
    loss = -(3 * np.log(0.8) + np.log(0.2)) / 4
    assert base["log_loss"] == pytest.approx(np.log(2))
    assert (sure["accuracy"], sure["above_majority"]) == (0.75, 0)
    assert sure["log_loss"] == pytest.approx(loss)
    assert sure["skill"] == pytest.approx(1 - loss / np.log(2))
    assert sure["brier"] == pytest.approx((3 * 0.08 + 1.28) / 4)
    assert sure["skill_low"] <= sure["skill"] <= sure["skill_high"]
    assert (base["skill_low"], base["skill_high"]) == (0, 0)


def test_votes_decide_the_answer_and_nothing_else():
    made = {study.MAJORITY: np.tile([0.6, 0.4], (4, 1)), "K": np.tile([0.6, 0.4], (4, 1))}
    votes = {"K": fc.NeighbourVotes(np.tile([0.0, 1.0], (4, 1)), np.ones(4, dtype=int))}
    found = study.kind_scores(made, KINDS, FUTURE, votes=votes, draws=50)
    assert found.loc["K", "accuracy"] == 0.25
    assert found.loc["K", "above_majority"] == -0.5
    assert found.loc["K", "skill"] == 0


def test_calibration_names_each_forecast():
    made = {"one": np.tile([0.25, 0.75], (4, 1)), "two": np.full((4, 2), 0.5)}
    found = study.calibration_table(made, KINDS, FUTURE)
    columns = ["forecast", "group", "given", "low", "high", "happened", "number"]
    assert set(found) == set(columns)
    one = found[found["forecast"] == "one"]
    assert one[["given", "happened"]].to_numpy().tolist() == [[0.25, 0.75], [0.75, 0.25]]
    assert one["number"].tolist() == [4, 4]
    # four places, a at three of them: what a drawing of four places gives
    assert (one["low"] <= one["happened"]).all()
    assert (one["happened"] <= one["high"]).all()
    assert one["low"].iloc[0] == 0.25
    # both kinds of each event are in the one group: one happens for sure
    two = found[found["forecast"] == "two"]
    assert two[["low", "happened", "high"]].to_numpy().tolist() == [[0.5, 0.5, 0.5]]


# ------------------------------------------------------------------------------------------ truth


def simulated():
    """Two discs a kilometre apart: kind a in the west, three times as much of b in the east."""
    months = pd.DataFrame(
        {"parent": [0, 1, 0, 1], "month": ["2018-01", "2018-01", "2018-02", "2018-02"],
         "a": [4.0, 0.0, 100.0, 100.0], "b": [0.0, 12.0, 100.0, 100.0]}
    )  # fmt: skip
    parents = pd.DataFrame(
        {"parent": [0, 1], "lon": [-77.0, -77.0], "lat": [-12.0, -12.0],
         "x": [1000.0, 3000.0], "y": [1000.0, 1000.0]}
    )  # fmt: skip
    return study.simulated_rates(months, parents, FUTURE, KINDS)


def test_only_the_months_of_the_forecast_count():
    truth = simulated()
    assert truth.rates.to_numpy().tolist() == [[4, 0], [0, 12]]
    # a degree of latitude at 12° S is 110.6 km long
    assert truth.radius == pytest.approx(4.585156e-3 * 110_630, rel=1e-3)
    assert study.simulated_rates(None, None, FUTURE, KINDS) is None


def test_each_disc_gives_its_kinds_and_its_number():
    truth = simulated()
    shares = truth.kind_shares([[1000, 1000], [3000, 1100], [9000, 9000]])
    assert shares == pytest.approx(np.array([[1, 0], [0, 1], [0.5, 0.5]]), abs=1e-6)
    cells = fc.make_cells(shapely.box(0, 0, 4000, 2000), 2, 1)
    assert truth.cell_rates(cells) == pytest.approx([4, 12], rel=1e-3)


# ----------------------------------------------------------------------------------------- counts


def steady(months: int, first="2015-01"):
    """Four events a month at one place, one at another, one more at a third."""
    periods = pd.period_range(first, periods=months, freq="M")
    places, times = [], []
    for period in periods:
        places += [[150.0, 150.0]] * 4 + [[650.0, 650.0], [150.0, 650.0]]
        times += [period.start_time + pd.Timedelta(days=d) for d in range(6)]
    return places, ["a", "b"] * (3 * months), times


@pytest.fixture(scope="module")
def cells():
    return fc.make_cells(shapely.box(0, 0, 1000, 1000), 10, 10)


@pytest.fixture(scope="module")
def monthly():
    places, kinds, times = steady(18)
    split = fc.split_by_time(table(places, kinds, times), "2016-05")
    return study.monthly_events(places, kinds, times, split.test)


def test_months_are_split_where_the_test_period_begins(monthly):
    assert monthly.begin == pd.Timestamp("2016-05-01")
    assert (len(monthly.before), len(monthly.during), len(monthly.known)) == (96, 6, 102)
    assert monthly.before["time"].max() < monthly.begin
    # June 2016 lies after the period that is forecast
    assert monthly.during["period"].astype(str).unique().tolist() == ["2016-05"]


@pytest.fixture(scope="module")
def rehearsed(monthly, cells):
    past = fc.count_by_period(monthly.before, cells)
    choice, fitted = fc.choose_count_model(past), fc.fit_count_models(past)
    return past, choice, fitted, study.early_models(
        monthly.before, past, choice, fitted, precision="month"
    )  # fmt: skip


def test_models_of_the_rehearsal_have_seen_nothing_of_it(rehearsed):
    past, choice, _, rehearsal = rehearsed
    assert set(rehearsal.models) == set(choice.models)
    assert len(rehearsal.later) == 6 * len(choice.block)
    first = min(choice.block)
    assert all(model.until < first for model in rehearsal.models.values())
    assert rehearsal.process is None
    assert rehearsal.no_process == "times are known to the month only"
    assert len(past.periods) == 16


def test_history_begins_before_the_test_period_and_ends_with_it(rehearsed, monthly):
    rehearsal = rehearsed[3]
    history = study.score_history(rehearsal, monthly.during)
    months = history.table["period"].astype(str).unique()
    assert (months[history.start], len(months)) == ("2016-05", history.start + 1)
    assert all(str(model.until) == "2016-04" for model in history.models.values())
    mean = history.table[history.table["model"] == study.FIRST]
    assert (mean["skill"] == 0).all()
    other = history.table[history.table["model"] == "kernel density"].set_index("period")
    ratio = other["deviance"] / mean.set_index("period")["deviance"]
    assert other["skill"].tolist() == pytest.approx((1 - ratio).tolist())


def test_without_a_rehearsal_the_history_is_the_test_period_alone(rehearsed, monthly):
    rehearsal = rehearsed[3]
    fitted = rehearsed[2]
    bare = study.Rehearsal(dict(fitted), rehearsal.later.iloc[:0], None, "", "")
    history = study.score_history(bare, monthly.during)
    assert history.start == 0
    assert history.models == fitted


def test_refitted_models_take_the_place_of_updated_ones(rehearsed):
    _, _, fitted, rehearsal = rehearsed
    period = pd.Period("2016-05", "M")
    now = {**rehearsal.models, "extra": fitted[study.FIRST]}
    made = study.count_forecasts(fitted, now, [period])
    assert list(made) == [*fitted, "extra"]
    assert made["extra"] == pytest.approx(fitted[study.FIRST].forecast([period]))


FOUR = fc.make_cells(shapely.box(0, 0, 400, 100), 4, 1)


def four(counts) -> pd.DataFrame:
    places = [[50.0 + 100 * i, 50.0] for i, n in enumerate(counts) for _ in range(n)]
    return table(places, ["a"] * len(places), ["2018-01-01"] * len(places))


def test_scores_of_counts_by_hand():
    """Of ten crimes six fall into the first of four cells, which one forecast calls the last."""
    observed = np.array([6, 2, 1, 1])
    forecasts = {study.FIRST: np.array([1.0, 2, 3, 4]), "other": np.array([6.0, 2, 1, 1])}
    found = study.count_scores(forecasts, observed, FOUR, four(observed), draws=50)
    assert list(found)[:4] == ["deviance", "pai_1", "pei_1", "lead_1"]
    assert list(found)[4:6] == ["lead_1_low", "lead_1_high"]
    assert "deviance_from_truth" not in found
    assert found.loc["other", "deviance"] == 0
    wrong = 2 * (6 * np.log(6) - 5 + 0 + np.log(1 / 3) + 2 + np.log(1 / 4) + 3) / 4
    assert found.loc[study.FIRST, "deviance"] == pytest.approx(wrong)
    # a tenth of four cells is 0.4 of the one: 0.4 of its crimes over 0.1
    assert found.loc["other", "pai_10"] == pytest.approx(0.6 * 0.4 / 0.1)
    assert found.loc[study.FIRST, "pai_10"] == pytest.approx(0.1 * 0.4 / 0.1)
    assert found.loc["other", "pei_10"] == 1
    assert found.loc[study.FIRST, "pei_10"] == pytest.approx(1 / 6)
    assert found.loc[study.FIRST, ["lead_10_low", "lead_10_high"]].tolist() == [0, 0]
    # places are drawn again: the lead is never negative, and zero where the first is not drawn
    assert found.loc["other", "lead_10_high"] > 0
    assert found.loc["other", "lead_10"] == pytest.approx(1 - 1 / 6)


def test_the_truth_is_nothing_from_itself():
    observed = np.array([6, 2, 1, 1])
    forecasts = {study.FIRST: np.array([2.0, 2, 2, 2]), study.TRUTH: np.array([5.0, 2, 2, 1])}
    found = study.count_scores(forecasts, observed, FOUR, four(observed), draws=20)
    assert found.loc[study.TRUTH, "deviance_from_truth"] == 0
    expected = fc.poisson_deviance([2, 2, 2, 2], [5, 2, 2, 1])
    assert found.loc[study.FIRST, "deviance_from_truth"] == pytest.approx(expected)


def test_only_cells_seen_before_are_scored_with_what_is_within_reach():
    """Half of the cells were seen; all crimes of the test fall into the others: no score."""
    past = fc.count_by_period(four([3, 1, 0, 0]), FOUR)
    forecasts = {study.FIRST: np.array([3.0, 1, 1, 1]), "other": np.array([1.0, 3, 1, 1])}
    asked = {"best": "other", "chances": 20, "draws": 20}
    apart = study.seen_scores(forecasts, np.array([0, 0, 2, 2]), past, four([0, 0, 2, 2]), **asked)
    assert apart.index.tolist() == [study.FIRST, "other", study.IF_TRUE]
    assert apart.loc["other"].filter(like="pei").isna().all()
    assert study.leads(apart)[0]["ahead"] == []
    found = study.seen_scores(forecasts, np.array([5, 1, 9, 9]), past, four([5, 1, 9, 9]), **asked)
    assert found.loc[study.FIRST, "pei_10"] == 1
    assert found.loc["other", "pei_10"] == pytest.approx(1 / 5)
    assert not [name for name in found if name.startswith("pai")]
    assert found.loc[study.IF_TRUE].filter(like="lead").isna().all()


def test_leads_name_the_best_other_and_those_clear_of_zero():
    row = {"pei_1": 0.5, "lead_1_low": 0, "pei_5": 0.5, "lead_5_low": 0, "pei_10": 0.5,
           "lead_10_low": 0}  # fmt: skip
    ahead = {**row, "pei_1": 0.7, "lead_1_low": 0.1, "pei_5": 0.4, "lead_5_low": -0.2}
    best = {**row, "pei_1": 0.9, "lead_1_low": 0.4, "pei_5": 0.9, "lead_5_low": 0.3}
    frame = pd.DataFrame({study.FIRST: row, "b": ahead, "c": row, study.TRUTH: best}).T
    one, five, ten = study.leads(frame)
    assert one == {
        "share": 0.01, "mean": 0.5, "top": "b", "value": 0.7, "ahead": ["b"], "others": 2,
    }  # fmt: skip
    assert (five["top"], five["value"], five["ahead"]) == ("c", 0.5, [])
    assert ten["share"] == 0.10


def test_curves_of_hits_end_with_hindsight():
    observed = np.array([6, 2, 1, 1])
    found = study.hit_curves({study.FIRST: np.array([1.0, 2, 3, 4])}, observed, FOUR, points=5)
    assert list(found) == [study.FIRST, "hindsight"]
    assert found["hindsight"]["hit rate"].tolist() == pytest.approx([0, 0.6, 0.8, 0.9, 1.0])
    assert found[study.FIRST]["hit rate"].tolist() == pytest.approx([0, 0.1, 0.2, 0.4, 1.0])


# ------------------------------------------------------------------------------------------ nodes

CORNER = fc.make_cells(shapely.Polygon([(0, 0), (40, 0), (0, 40)]), 2, 2)


def test_a_surface_is_missing_outside_the_window():
    found = study.surface(CORNER, np.array([1.0, 2, 3, 0]))
    assert found[:, 0].tolist() == [1, 3]
    assert found[0, 1] == 2 and np.isnan(found[1, 1])


def test_expected_stands_beside_what_happened_whatever_the_kinds_are_called():
    mix = np.array([[0.5, 0.5]] * 4)
    expected = fc.expected_crimes(CORNER, np.array([2.0, 4, 2, 0]), mix, ["all", "b"], "2018")
    events = table([[0, 0]] * 3, ["all", "all", "c"], ["2018-01-01"] * 3)
    found = study.expected_and_happened(expected, events)
    assert found["kind"].tolist() == ["all", "all (kind)", "b"]
    assert found["expected"].tolist() == [8, 4, 4]
    assert found["happened"].tolist() == [3, 2, 0]


def test_busiest_cells_that_were_foreseen():
    expected, actual = np.array([5.0, 1, 3, 99]), np.array([0, 7, 9, 50])
    # the fourth cell lies outside
    assert study.busiest_shared(CORNER, expected, actual, most=2) == 1
    assert study.busiest_shared(CORNER, expected, actual, most=3) == 3


def test_the_most_probable_kind_of_each_cell_inside():
    mix = np.array([[0.6, 0.4], [0.3, 0.7], [0.5, 0.5], [0, 1]])
    found = study.most_probable(CORNER, mix, KINDS, np.full(4, 9.0))
    assert found["kind"].tolist() == ["a", "b", "a"]
    # where nothing is known there is no answer
    shy = study.most_probable(CORNER, mix, KINDS, np.array([9.0, 4.9, 5.0, 0.0]))
    assert shy["kind"].tolist() == ["a", study.UNKNOWN, "a"]
    shown = study.known_surface(CORNER, np.arange(4.0), np.array([9.0, 4.9, 5.0, 9.0]))
    assert np.isnan(shown[0, 1]) and shown[1, 0] == 2.0
    assert found[["x", "y"]].to_numpy().tolist() == [[10, 10], [30, 10], [10, 30]]
