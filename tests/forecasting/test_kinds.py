"""Forecasts of kinds against plain arithmetic and scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.neighbors import KNeighborsClassifier

from helpers import forecasting as fc
from helpers.forecasting import learned, study
from helpers.forecasting.events import codes
from helpers.forecasting.neighbours import deal, scaling

START = pd.Timestamp("2016-01-01")


def test_station_distances_are_the_sorted_distances():
    rng = np.random.default_rng(1)
    points, stations = rng.uniform(0, 9, (50, 2)), rng.uniform(0, 9, (12, 2))
    table = fc.station_distances(points, stations, 8)
    np.testing.assert_allclose(table, np.sort(cdist(points, stations), axis=1)[:, :8])
    assert list(table)[-1] == "distance 8"


def test_fewer_stations_than_asked_are_all_used_and_it_is_said():
    with pytest.warns(UserWarning, match="3 stations, fewer than 8"):
        table = fc.station_distances([[0, 0]], [[1, 0], [2, 0], [0, 3]])
    assert table.to_numpy().tolist() == [[1.0, 2.0, 3.0]]
    with pytest.raises(ValueError, match="no station"):
        fc.station_distances([[0, 0]], np.empty((0, 2)))
    for wrong in (0, 2.5, None, True):
        with pytest.raises(ValueError, match="nearest is a whole number"):
            fc.station_distances([[0, 0]], [[1, 0]], wrong)


def test_neighbourhood_counts_are_plain_sums(town):
    kinds, widths = ("Burglary", "Fraud", "Theft"), (0.0, 150.0, 900.0)
    places = np.vstack([town[["x", "y"]].to_numpy()[:7], [[1.0, 2.0]]])
    found = fc.neighbourhood_counts(places, town, kinds, widths)
    apart = cdist(places, town[["x", "y"]])
    for number, width in enumerate(widths):
        weight = (apart == 0) if width == 0 else np.exp(-(apart**2) / (2 * width**2))
        for k, kind in enumerate(kinds):
            expected = weight[:, town["kind"] == kind].sum(axis=1)
            np.testing.assert_allclose(found[number, :, k], expected, rtol=1e-5, atol=1e-6)


def test_neighbourhood_counts_near_and_far_are_the_same_sums():
    """A city wide against the widths, with a far village: narrow sums go by squares, wide ones by tiles."""
    rng = np.random.default_rng(8)
    sites = np.vstack([rng.uniform(0, 40_000, (1500, 2)), [[90_000.0, -20_000.0]]])
    events = fc.event_table(sites, rng.choice(["a", "b"], len(sites)), ["2019-06-01"] * len(sites))
    places, widths = (
        np.vstack([sites[:200], rng.uniform(-5e3, 5e4, (100, 2))]),
        (0.0, 50.0, 900.0, 3e3, 9e3),
    )
    found = fc.neighbourhood_counts(places, events, ("a", "b"), widths)
    square = cdist(places, events[["x", "y"]], "sqeuclidean")
    for number, width in enumerate(widths):
        weight = (square < 0.01) if width == 0 else np.exp(-square / (2 * width**2))
        for k, kind in enumerate("ab"):
            expected = weight[:, events["kind"] == kind].sum(axis=1)
            np.testing.assert_allclose(found[number, :, k], expected, rtol=1e-5, atol=1e-6)


def test_curve_is_plain_cross_validation():
    """One shared search gives what scikit-learn gives fold by fold, where no votes are equal."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(240, 3))
    labels = np.array(list("ab"))[(x[:, 0] > 0).astype(int) ^ (rng.uniform(size=240) < 0.2)]
    tried, seed = [1, 5, 15, 61], 11
    curve = fc.neighbour_curve(x, labels, neighbours=tried, folds=4, repeats=2, seed=seed)
    rng = np.random.default_rng(seed)
    rng.permutation(240)  # of the order in which equals vote
    z, kind = scaling(x)(x), codes(labels, fc.kind_order(labels))
    means = []
    for _ in range(2):
        fold = deal(kind, 4, rng)
        for each in range(4):
            learn, out = fold != each, fold == each
            fits = [KNeighborsClassifier(k).fit(z[learn], kind[learn]) for k in tried]
            means.append([fit.score(z[out], kind[out]) for fit in fits])
    accuracy = np.mean(means, axis=0)
    np.testing.assert_allclose(curve.table["accuracy"], accuracy, atol=1e-12)
    error = np.sqrt(accuracy * (1 - accuracy) / 240)
    np.testing.assert_allclose(curve.table["standard_error"], error, atol=1e-12)


def test_the_error_of_the_curve_is_that_of_as_many_events_not_of_as_many_repeats():
    """Ten repeats name the same events ten times; they were taken for ten times as many."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 2))
    labels = np.where(rng.uniform(size=400) < 0.4, "a", "b")
    few, many = (
        fc.neighbour_curve(x, labels, neighbours=[9], folds=5, repeats=repeats).table
        for repeats in (1, 10)
    )
    assert many["standard_error"][0] == pytest.approx(0.0247, abs=0.001)
    assert many["standard_error"][0] == pytest.approx(few["standard_error"][0], rel=0.02)


def test_votes_are_those_of_the_neighbours():
    rng = np.random.default_rng(5)
    x, y, t = rng.normal(size=(90, 2)), rng.choice(list("ab"), 90), rng.normal(size=(9, 2))
    found = fc.neighbour_votes(x, y, t, 7, ("a", "b"))
    scale = scaling(x)
    plain = KNeighborsClassifier(7).fit(scale(x), y).predict_proba(scale(t))
    np.testing.assert_allclose(found.shares, plain)
    assert found.answers.tolist() == plain.argmax(axis=1).tolist()
    # one vote shared out as the training events are, half an event added to each kind
    share = (np.array([(y == "a").sum(), (y == "b").sum()]) + 0.5) / 91
    shares = found.shares
    np.testing.assert_allclose(fc.shrink_shares(shares, 7, y, "ab"), (7 * plain + share) / 8)
    np.testing.assert_allclose(
        fc.shrink_shares(shares, 7, y, "ab", prior=1e9), np.tile(share, (9, 1)), atol=1e-7
    )
    with pytest.raises(ValueError, match=r"prior is 0\.0"):
        fc.shrink_shares(shares, 7, y, "ab", prior=0)


def test_votes_at_repeated_places_are_of_exactly_so_many_events():
    """Six events at the place, four votes wanted: four of the six, in an order that chance gives."""
    x, y = [[0.0]] * 6 + [[3.0]] * 4, list("aaaabb") + list("bbbb")
    kinds = ("a", "b")
    drawn = np.array(
        [fc.neighbour_votes(x, y, [[0.0]], 4, kinds, seed=s).shares[0, 0] for s in range(300)]
    )
    assert set(drawn * 4) == {2, 3, 4}
    assert drawn.mean() == pytest.approx(4 / 6, abs=0.03)
    # the whole place, and one of the next
    found = fc.neighbour_votes(x, y, [[0.0]], 7, kinds)
    np.testing.assert_allclose(found.shares, [[4 / 7, 3 / 7]])
    # places as near vote together: neither is before the other
    both = np.array(
        [
            fc.neighbour_votes([[-1.0], [1.0]], ["a", "b"], [[0.0]], 1, kinds, seed=s).answers[0]
            for s in range(60)
        ]
    )
    assert 15 < both.sum() < 45


def test_equal_votes_go_to_the_nearest_neighbour_then_to_the_more_frequent_kind():
    x = [[0.0], [1.0], [2.0], [3.0], [9.0], [9.1]]
    y = ["z", "a", "a", "z", "a", "a"]
    # two votes each: the nearest is z, though a comes first in the alphabet and is more frequent
    found = fc.neighbour_votes(x, y, [[-0.4]], 4, ("a", "z"))
    np.testing.assert_allclose(found.shares, [[0.5, 0.5]])
    assert found.answers.tolist() == [1]
    # equally near: the more frequent of the past, in whatever column it stands
    y = ["z", "a", "z", "a", "a", "a"]
    for seed in range(10):
        found = fc.neighbour_votes([[0.0], [0.0], *x[2:]], y, [[0.0]], 2, ("z", "a"), seed=seed)
        assert found.answers.tolist() == [1]


def relabelled(events: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return events.assign(kind=events["kind"].map(names))


def test_what_kinds_are_called_changes_no_result():
    """Every argmax and mode: shares of kinds are equal here, and votes often are."""
    rng = np.random.default_rng(12)
    sites = rng.uniform(0, 3000, (25, 2))
    kinds = np.tile(np.repeat(["Arson", "Fraud", "Theft"], 2), 60)
    days = np.sort(rng.integers(0, 3 * 365, len(kinds)))
    times = START + pd.to_timedelta(days, unit="D")
    events = fc.event_table(sites[rng.integers(0, 25, len(kinds))], kinds, times)
    stations = rng.uniform(0, 3000, (3, 2))
    cells = fc.make_cells(shapely.box(0, 0, 3000, 3000), 6, 6)

    def results(names):
        split = fc.split_by_time(relabelled(events, names))
        train, future, order = split.train, split.test, split.kinds
        x, t = (fc.design_features(each, stations, 3) for each in (train, future))
        back = {new: old for old, new in names.items()}
        curve = fc.neighbour_curve(x, train["kind"], folds=5, repeats=2)
        later = study.later_curve(x, train)
        votes, shares = study.votes_and_shares({"4": 4, "7": 7}, x, train["kind"], t, order)
        model = fc.fit_kind_model(train, order, trees=5)
        network = fc.train_network(x, train["kind"], order, epochs=2, hidden=(6, 4))
        made = {study.MAJORITY: fc.climatology(future, train, order), **shares}
        made |= {"recent": fc.recent_climatology(future, train, order)}
        made |= {"network": fc.network_probabilities(network, t)}
        made |= fc.forecast_kinds(model, future)
        table = study.kind_scores(made, order, future, votes=votes, draws=20)
        named = fc.by_kind(made["pool"], order, future["kind"])
        mix, _ = fc.cell_mixes(train, cells, order)
        probable = study.most_probable(cells, mix, order, np.full(36, 9.0))["kind"].map(back)
        return (
            [back[kind] for kind in order],
            np.r_[curve.table["accuracy"], later["accuracy"], curve.best],
            table.to_numpy(dtype=float),
            named.rename(index=back),
            [[back[order[each]] for each in vote.answers] for vote in votes.values()],
            [[back[order[each]] for each in p.argmax(axis=1)] for p in made.values()],
            probable.tolist(),
        )

    first = results({"Arson": "Arson", "Fraud": "Fraud", "Theft": "Theft"})
    for names in (("Theft", "Arson", "Fraud"), ("zebra", "mule", "ant")):
        other = results(dict(zip(("Arson", "Fraud", "Theft"), names, strict=True)))
        assert other[0] == first[0]
        np.testing.assert_allclose(other[1], first[1], rtol=1e-12)
        np.testing.assert_allclose(other[2], first[2], rtol=1e-9)
        pd.testing.assert_frame_equal(other[3], first[3])
        assert other[4:] == first[4:]


@given(st.lists(st.integers(0, 3), min_size=6, max_size=80), st.integers(2, 6), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_folds_deal_every_kind_out_evenly(kind, folds, seed):
    """Also one with fewer members than folds."""
    kind = np.array(kind)
    fold = deal(kind, folds, np.random.default_rng(seed))
    assert np.ptp(np.bincount(fold, minlength=folds)) <= 1
    for each in np.unique(kind):
        assert np.ptp(np.bincount(fold[kind == each], minlength=folds)) <= 1


def test_a_kind_with_fewer_members_than_folds_does_no_harm():
    x = np.arange(43.0)[:, None]
    labels = ["a"] * 20 + ["b"] * 20 + ["rare"] * 3
    curve = fc.neighbour_curve(x, labels, neighbours=[1, 3], folds=10, repeats=1)
    assert 0.8 < curve.table["accuracy"].iloc[0] <= 1
    with pytest.raises(ValueError, match="5 events cannot be dealt into 10 folds"):
        fc.neighbour_curve(np.arange(5.0)[:, None], list("aabbb"), folds=10)


def test_many_events_at_one_place_still_have_neighbours():
    """Published places repeat: more equal events than neighbours asked for."""
    x = np.repeat([[0.0], [5.0]], 150, axis=0)
    labels = np.repeat(["a", "b"], 150)
    curve = fc.neighbour_curve(x, labels, neighbours=[1, 10], folds=5, repeats=1)
    assert curve.table["accuracy"].tolist() == [1.0, 1.0]


def test_climatology_gives_the_shares_of_the_past(town):
    split = fc.split_by_time(town)
    found = fc.climatology(split.test, split.train, split.kinds)
    tally = split.train["kind"].value_counts().reindex(split.kinds) + 0.5
    np.testing.assert_allclose(found[0], tally / tally.sum())
    recent = split.train[split.train["period"] == split.train["period"].max()]
    tally = recent["kind"].value_counts().reindex(split.kinds) + 0.5
    found = fc.recent_climatology(split.test, split.train, split.kinds)
    np.testing.assert_allclose(found[-1], tally / tally.sum())


def test_model_comes_near_the_best_possible_forecast(town, noise):
    """The kind is its place's in 0.7 + 0.1 of the cases: that is the best accuracy there is."""
    split = fc.split_by_time(town)
    model = fc.fit_kind_model(split.train, split.kinds)
    best = fc.score_kinds(
        fc.forecast_kinds(model, split.test)[model.best], split.kinds, split.test["kind"]
    )
    assert best.accuracy == pytest.approx(0.8, abs=0.04)
    entropy = -(0.8 * np.log(0.8) + 2 * 0.1 * np.log(0.1))
    assert best.log_loss == pytest.approx(entropy, abs=0.09)
    # and where there is nothing to learn it learns nothing
    split = fc.split_by_time(noise)
    model = fc.fit_kind_model(split.train, split.kinds)
    score = fc.score_kinds(
        fc.forecast_kinds(model, split.test)[model.best], split.kinds, split.test["kind"]
    )
    base = fc.score_kinds(
        fc.climatology(split.test, split.train, split.kinds), split.kinds, split.test["kind"]
    )
    assert abs(fc.skill(score.loss, base.loss)) < 0.03


def test_one_year_to_learn_from_is_enough(town):
    """Then a part of its events stands for the past of the others."""
    split = fc.split_by_time(town, "2017")
    assert set(split.train["period"].astype(str)) == {"2016"}
    model = fc.fit_kind_model(split.train, split.kinds)
    score = fc.score_kinds(
        fc.forecast_kinds(model, split.test)[model.best], split.kinds, split.test["kind"]
    )
    assert score.accuracy > 0.74


def test_updated_model_is_the_model_of_the_longer_past(town):
    early = fc.split_by_time(town, "2017")
    late = fc.split_by_time(town, "2018")
    first = fc.fit_kind_model(late.train, late.kinds)
    updated = fc.update_kind_model(fc.fit_kind_model(early.train, late.kinds), early.test)
    assert updated.neighbourhood.bandwidth in (0.0, 50.0, 150.0)
    ours = fc.forecast_kinds(updated, late.test)["logistic regression"]
    theirs = fc.forecast_kinds(first, late.test)["logistic regression"]
    # the settings may differ, the lesson not
    assert np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)) > 0.9


def test_a_kind_absent_from_training_is_never_right_and_is_counted(town):
    split = fc.split_by_time(town)
    test = split.test.copy()
    test.loc[test.index[:10], "kind"] = "Kidnapping"
    model = fc.fit_kind_model(split.train, split.kinds)
    found = fc.forecast_kinds(model, test)["pool"]
    score = fc.score_kinds(found, split.kinds, test["kind"])
    assert score.unseen == 10
    assert score.right[:10].sum() == 0
    np.testing.assert_allclose(score.loss[:10], -np.log(1e-4))


def test_tuning_finds_the_places_own_mix(town):
    split = fc.split_by_time(town)
    chosen, table = fc.tune_neighbourhood(split.train, split.kinds)
    assert chosen.bandwidth <= 50
    assert (
        table["log_loss"].min()
        == table.set_index(["bandwidth", "prior"]).loc[(chosen.bandwidth, chosen.prior), "log_loss"]
    )


@pytest.mark.parametrize("wrong", [None, [[1.0, np.nan]], ["a"], [1.0, 2.0]])
def test_features_that_are_no_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match="features"):
        fc.neighbour_votes(wrong, ["a"], [[0.0]], 1, ("a", "b"))


def test_tables_that_are_not_event_tables_are_refused():
    frame = pd.DataFrame({"x": [0.0], "y": [0.0]})
    with pytest.raises(ValueError, match="event_table"):
        fc.fit_kind_model(frame, ("a", "b"))
    with pytest.raises(ValueError, match="event_table"):
        fc.split_by_time(frame)


def test_a_past_whose_later_periods_hold_one_kind_always_names_it():
    """Two kinds in the first year, one since: classifiers that learn from the rest know one."""
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 3000, (120, 2))
    times = ["2016-05-01"] * 60 + ["2017-05-01"] * 60
    kinds = ["Theft", "Fraud"] * 30 + ["Theft"] * 60
    past = fc.event_table(places, kinds, times)
    model = fc.fit_kind_model(past, ("Fraud", "Theft"))
    targets = fc.event_table(places[:9], ["Theft"] * 9, ["2018-05-01"] * 9)
    for name in ("logistic regression", "gradient boosting"):
        given = fc.forecast_kinds(model, targets)[name]
        assert given.argmax(axis=1).tolist() == [1] * 9
        np.testing.assert_allclose(given.sum(axis=1), 1)


def test_a_curve_of_very_many_events_is_that_of_a_random_part():
    rng = np.random.default_rng(6)
    x = rng.uniform(size=(300, 2))
    kind = np.where(x[:, 0] > 0.5, "a", "b")
    curve = fc.neighbour_curve(x, kind, folds=5, repeats=1, most=100, seed=2)
    # a fold leaves 80 of 100 events, where it would leave 240 of 300
    assert curve.table["neighbours"].max() == 80
    assert curve.table["accuracy"].max() > 0.9


def test_very_many_kinds_become_the_frequent_ones_and_the_others():
    kinds = [f"kind {n}" for n in range(50) for _ in range(50 - n)]
    left = fc.frequent_kinds(kinds, most=30)
    assert left.nunique() == 30
    assert (left == "other kinds").sum() == sum(range(1, 22))
    assert set(left) - {"other kinds"} == {f"kind {n}" for n in range(29)}
    assert fc.frequent_kinds(kinds[:40]).tolist() == kinds[:40]


def test_a_budget_bounds_what_is_learned_from_but_not_the_surroundings(town, monkeypatch):
    kinds = ("Burglary", "Fraud", "Theft")
    whole = learned._described(town, kinds, (0.0, 400.0), 1)
    monkeypatch.setattr(learned, "BUDGET", 0)
    monkeypatch.setattr(learned, "LEAST_LEARNED", 300)
    part = learned._described(town, kinds, (0.0, 400.0), 1)
    assert 298 <= sum(len(now) for _, now, _ in part) <= 300
    assert [len(before) for before, _, _ in part] == [len(before) for before, _, _ in whole]
    for (_, now, counts), (_, every, of_all) in zip(part, whole, strict=True):
        at = every.index.get_indexer(now.index)
        # single precision: fewer rows are summed in another order on some processors
        np.testing.assert_allclose(counts, of_all[:, at], rtol=1e-6)
