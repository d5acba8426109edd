"""Tables of the sections on priorities, against values worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau
from shapely.geometry import box

from helpers.priorities import (
    PriorityError,
    additive_scores,
    electre_tri,
    partial_values,
    rank_zones,
    sample_weights,
    smaa,
    spread_values,
    study,
    value_functions,
)


@dataclass
class Criterion:
    """What a city's description of a criterion holds."""

    label: str
    shape: str = "increasing"
    unit: str = ""
    scale: tuple[float, float] | None = None
    peak: float | None = None
    values: dict = field(default_factory=dict)


CRITERIA = {
    "rate": Criterion("Crime rate", unit="per 1,000"),
    "income": Criterion("Income", "decreasing"),
    "degree": Criterion("Degree", "discrete", values={"low": 0, "mid": 0.5, "high": 1}),
    "flat": Criterion("Flat"),
}


@pytest.fixture
def layer() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "zone": ["1", "2", "3", "4", "5"],
            "name": ["Port", "Mill", "Hill", "Park", "Lake"],
            "rate": [40.0, 30.0, 20.0, 10.0, 0.0],
            "income": [5.0, 1.0, 2.0, 3.0, 4.0],
            "degree": ["low", "low", "high", "mid", "high"],
            "flat": [7.0] * 5,
        }
    )


@pytest.fixture
def table(layer):
    return study.criteria_table(layer, CRITERIA)


def test_criteria_in_which_all_are_alike_are_left_out(table):
    assert table.alike == ["flat"]
    assert list(table.measures) == list(table.criteria) == ["rate", "income", "degree"]
    assert table.labels["flat"] == "Flat"
    assert table.directions == ["max", "min", "max"]
    assert table.units == {"rate": "per 1,000", "income": "", "degree": ""}


def test_a_criterion_that_is_simulated_says_so_wherever_it_is_named(layer, table):
    made = study.criteria_table(layer, CRITERIA, simulated=["income", "flat"])
    assert made.labels["income"] == "Income (simulated)"
    assert made.labels["flat"] == "Flat (simulated)"
    assert made.labels["rate"] == "Crime rate"
    # of those that rank
    assert (made.simulated, table.simulated) == (["income"], [])
    assert table.labels["income"] == "Income"
    weighted = study.criteria_weights(made.criteria, alike=made.alike, labels=made.labels)
    assert weighted["label"].tolist() == ["Crime rate", "Income (simulated)", "Degree"]


def test_zones_go_by_their_names_or_by_their_codes_where_names_repeat(layer, table):
    assert table.measures.index.tolist() == layer["name"].tolist()
    layer.loc[1, "name"] = "Port"
    assert study.criteria_table(layer, CRITERIA).measures.index.tolist() == list("12345")


def test_zones_that_are_not_ranked_keep_their_code(layer):
    table = study.criteria_table(layer, CRITERIA, leave_out=["Hill"])
    assert "Hill" not in table.measures.index
    assert table.codes["Hill"] == "3"
    with pytest.raises(PriorityError, match="leave_out names Hil, which is no zone; did you mean"):
        study.criteria_table(layer, CRITERIA, leave_out=["Hil"])


def test_ranges_are_those_of_the_zones_that_are_ranked(layer):
    how = {"leave_out": ["Port"], "simulated": ["income", "flat"]}
    frame = study.criteria_table(layer, CRITERIA, **how).described()
    rate, income, degree = frame.itertuples(index=False)
    assert (rate.min, rate.median, rate.max) == (0, 15, 30)
    assert (income.direction, income.simulated, rate.simulated) == ("decreasing", "SYNTHETIC", "")
    assert np.isnan(degree.min)
    # "discrete" is no direction, and levels may be listed either way: the most urgent is named
    assert (rate.direction, degree.direction) == ("increasing", "most urgent: high")
    for values in ({"low": 0, "mid": 0.5, "high": 1}, {"high": 1, "mid": 0.5, "low": 0}):
        turned = {"degree": Criterion("Degree", "discrete", values=values)}
        told = study.criteria_table(layer, CRITERIA | turned)
        assert told.described()["direction"].tolist()[2] == "most urgent: high"
        assert told.most_urgent(["degree", "income"]) == [
            "most urgent: high",
            "less is more urgent",
        ]


def test_polygons_take_the_names_of_the_ranking(layer, table):
    zones = gpd.GeoDataFrame(
        {"zone": ["5", "9", "1", "2", "3", "4"]}, geometry=[box(i, 0, i + 1, 1) for i in range(6)]
    )
    named = study.zones_by_name(zones, table.codes, layer["name"])
    assert named.index.dropna().tolist() == ["Lake", "Port", "Mill", "Hill", "Park"]
    assert named.loc["Lake", "zone"] == "5"
    assert study.zones_by_name(zones.iloc[:4], table.codes, layer["name"]) is None
    # a zone that is not ranked needs no polygon
    assert study.zones_by_name(zones.iloc[:4], table.codes, ["Lake", "Mill"]) is not None
    assert study.zones_by_name(None, table.codes, layer["name"]) is None


def test_smarter_weights_are_rank_order_centroids(table):
    found = study.criteria_weights(
        table.criteria, order=["degree", "flat", "rate", "income"], alike=["flat"]
    )
    assert found["criterion"].tolist() == ["degree", "rate", "income"]
    assert found["label"].tolist() == ["Degree", "Crime rate", "Income"]
    assert found["exact"].tolist() == ["11/18", "5/18", "1/9"]
    assert found["weight"].tolist() == pytest.approx([11 / 18, 5 / 18, 1 / 9])
    listed = study.criteria_weights(table.criteria)
    assert listed["criterion"].tolist() == ["rate", "income", "degree"]


def test_smarts_weights_are_swings_over_their_sum(table):
    swings = {"rate": 50, "income": 100, "degree": 50, "flat": 70}
    found = study.criteria_weights(table.criteria, method="smarts", swings=swings, alike=["flat"])
    # equal swings stay in the order in which they were given
    assert found["criterion"].tolist() == ["income", "rate", "degree"]
    assert found["exact"].tolist() == ["1/2", "1/4", "1/4"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"method": "smart"}, "method"),
        ({"method": "smarts"}, "needs swings"),
        ({"method": "smarts", "swings": {"rate": 100, "income": 50}}, "no weight for degree"),
        (
            {"method": "smarts", "swings": {"rate": 100, "incom": 1, "degree": 1}},
            "'incom', which is no criterion; did you mean 'income'",
        ),
        ({"order": ["rate", "income"]}, "leaves out degree"),
    ],
)
def test_weights_that_do_not_fit_are_refused(table, asked, why):
    with pytest.raises(PriorityError, match=why):
        study.criteria_weights(table.criteria, **asked)


def ranked(table, weights, alone) -> study.ClassRanking:
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    return study.rank_in_classes(additive_scores(values, weights), values, table, alone=alone)


def test_levels_are_the_classes_and_give_their_sizes(table):
    """By rate alone: Port, Mill, Hill, Park, Lake; two zones are high, one mid, two low."""
    found = ranked(table, {"rate": 1, "income": 0, "degree": 0}, "degree")
    assert found.sizes == {"high": 2, "mid": 1, "low": 2}
    assert found.after.to_dict() == {
        "Port": "high", "Mill": "high", "Hill": "mid", "Park": "low", "Lake": "low",
    }  # fmt: skip
    assert found.moves.to_dict() == {"Port": 2, "Mill": 2, "Hill": -1, "Park": -1, "Lake": -2}
    assert found.same_class == 0
    shown = found.table()
    assert list(shown) == ["rank", "position", "score", "class", "alone", "move"]
    assert shown.index.tolist() == ["Port", "Mill", "Hill", "Park", "Lake"]
    assert shown["score"].tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_without_levels_the_classes_are_of_equal_size(table):
    found = ranked(table, {"rate": 0, "income": 1, "degree": 0}, "rate")
    assert list(found.sizes.items()) == [(name, 1) for name in study.CLASSES]
    assert found.before.tolist() == list(study.CLASSES)
    # by income alone: Mill 1, Hill 2, Park 3, Lake 4, Port 5
    assert found.moves.to_dict() == {"Port": -4, "Mill": 1, "Hill": 1, "Park": 1, "Lake": 1}


def test_fewer_than_five_zones_make_three_classes(layer):
    table = study.criteria_table(layer.head(4), CRITERIA)
    found = ranked(table, {"rate": 1, "income": 0, "degree": 0}, "rate")
    assert found.sizes == {"high": 2, "medium": 1, "low": 1}
    assert found.same_class == 1


def test_a_tie_goes_to_the_zone_with_more_of_the_one_criterion(table):
    """All scores are one: Hill and Lake are high, in the order of the table."""
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    level = pd.Series(0.5, index=values.index)
    found = study.rank_in_classes(level, values, table, alone="degree")
    assert found.table().index.tolist() == ["Hill", "Lake", "Park", "Port", "Mill"]
    assert found.same_class == 1


def test_the_criterion_of_comparison_must_be_one(table):
    with pytest.raises(PriorityError, match="'flat', which is no criterion"):
        ranked(table, {"rate": 1, "income": 0, "degree": 0}, "flat")


VALUES = pd.DataFrame(
    {"x": [1.0, 0.8, 0.6, 0.2], "y": [0.0, 0.9, 0.7, 0.1]}, index=["a", "b", "c", "d"]
)
LIMITS = {"indifference": 0.02, "preference": 0.1, "cut": 0.7}


def test_borders_that_coincide_leave_no_class_between_them():
    same = pd.DataFrame({"x": [1.0, 0.5, 0.5, 0.5], "y": [1.0, 0.5, 0.5, 0.5]})
    sizes = {"high": 2, "mid": 1, "low": 1}
    assert study.sort_by_quantiles(same, {"x": 0.5, "y": 0.5}, sizes, **LIMITS) is None
    assert study.objections(None, {}).empty


def test_the_criterion_that_objects_is_named():
    """Borders at 0.7 in x and 0.4 in y: a leads by weight 0.8 and lacks 0.4 of y."""
    sizes = {"high": 2, "low": 2}
    asked = {"weights": {"x": 0.8, "y": 0.2}, "sizes": sizes, **LIMITS}
    free = study.sort_by_quantiles(VALUES, veto=0.9, **asked)
    assert free.pessimistic["a"] == "high"
    assert study.objections(free, {"x": "Ex", "y": "Why"}).empty
    sorting = study.sort_by_quantiles(VALUES, veto=0.4, **asked)
    assert sorting.pessimistic.to_dict() == {"a": "low", "b": "high", "c": "low", "d": "low"}
    found = study.objections(sorting, {"x": "Ex", "y": "Why"})
    assert found.to_dict("records") == [
        {
            "zone": "a",
            "border": "high / low",
            "criterion": "Why",
            "lead": pytest.approx(0.4),
            "concordance": pytest.approx(0.8),
            "credibility": pytest.approx(0),
        }
    ]


def test_objections_are_what_the_credibility_lost():
    """Every lost comparison has an objection, and no other has: over many random tables."""
    rng = np.random.default_rng(5)
    seen = 0
    for _ in range(60):
        values = pd.DataFrame(rng.random((12, 4)), columns=list("wxyz"))
        weights = pd.Series(rng.dirichlet(np.ones(4)), index=list("wxyz"))
        borders = pd.DataFrame([[0.6] * 4, [0.3] * 4], columns=list("wxyz"))
        asked = {"indifference": 0.05, "preference": 0.1, "cut": 0.6}
        plain = electre_tri(values, weights, borders, list("ABC"), **asked)
        found = electre_tri(values, weights, borders, list("ABC"), veto=0.25, **asked)
        lost = (plain.over >= 0.6) & (found.over < 0.6)
        named = set(zip(found.objections["zone"], found.objections["border"], strict=True))
        assert named == {(zone, border) for border in lost for zone in lost.index[lost[border]]}
        assert (found.objections["lead"] > 0.1).all()
        seen += len(named)
    assert seen > 50


def test_methods_side_by_side(table):
    """The model against the reverse of itself: tau −1, and classes from the other end."""
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    found = ranked(table, {"rate": 1, "income": 0, "degree": 0}, "rate")
    compared = study.compare_methods(
        found, rank_zones(-values["rate"]), None, values["rate"], model="M", alone="Rate alone"
    )
    assert compared.classes.index.tolist() == ["Port", "Mill", "Hill", "Park", "Lake"]
    agreement = compared.agreement
    assert agreement.index.tolist() == ["M", "PROMETHEE II", "Rate alone"]
    assert agreement["tau_ranks"].tolist() == pytest.approx([1, -1, 1])
    # moved by 4, 2, 0, 2, 4 classes
    assert agreement.loc["PROMETHEE II"].tolist() == pytest.approx([-1, -1, 0.2, 0.8])
    assert agreement.loc["Rate alone", "same_class"] == 1


def test_agreement_of_ranks_and_of_classes_stand_apart(table):
    """A method that sorts gives no ranks; classes are compared with classes alone."""
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    weights = {"rate": 0.6, "income": 0.3, "degree": 0.1}
    found = ranked(table, weights, "rate")
    sorting = study.sort_by_quantiles(values, weights, found.sizes)
    net = rank_zones(additive_scores(values, weights))
    agreement = study.compare_methods(
        found, net, sorting, values["rate"], model="M", alone="Rate alone"
    ).agreement
    sorts = ["ELECTRE, pessimistic", "ELECTRE, optimistic"]
    assert agreement["tau_ranks"].isna().tolist() == [name in sorts for name in agreement.index]
    place = {name: i for i, name in enumerate(found.sizes)}
    by_hand = kendalltau(found.after.map(place), sorting.pessimistic.map(place)).statistic
    assert agreement.loc[sorts[0], "tau_classes"] == pytest.approx(by_hand)
    assert agreement.loc["M"].tolist()[:3] == [1, 1, 1]


# ------------------------------------------------------------------------------ under any weights


def test_drawn_weights_stand_beside_their_expectation():
    drawn = np.array([[0.7, 0.3], [0.9, 0.1]])
    found = study.drawn_weights(drawn, ["Crime", "Income"])
    assert found["criterion"].tolist() == ["Crime", "Income"]
    assert found["roc"].tolist() == [0.75, 0.25]
    assert found["mean"].tolist() == pytest.approx([0.8, 0.2])
    assert found["error"].tolist() == pytest.approx([0.1 / 2**0.5] * 2)
    assert found["q05"].tolist() == pytest.approx([0.71, 0.11])
    assert found["q95"].tolist() == pytest.approx([0.89, 0.29])


def test_the_mean_of_the_draw_is_the_centroid_within_its_error():
    drawn = sample_weights(40_000, 4, order=[0, 1, 2, 3], seed=3)
    found = study.drawn_weights(drawn, list("abcd"))
    assert ((found["mean"] - found["roc"]).abs() < 4 * found["error"]).all()


def test_two_specialists_share_the_first_place():
    """Of weights uniform on the simplex half favour each; c is beaten by a or b under all."""
    values = pd.DataFrame({"x": [1, 0, 0.2], "y": [0, 1, 0.2]}, index=list("abc"))
    free = smaa(values, vectors=20_000, seed=1)
    unsure = smaa(values, vectors=20_000, seed=1, uncertainty=spread_values(values, 0.1))
    found = study.central_weights(free, unsure, ["y", "x"], {"x": "Ex", "y": "Why"})
    assert set(found.index) == {"a", "b"}
    assert list(found) == ["first", "Why", "Ex", "confidence"]
    assert found["first"].tolist() == pytest.approx([0.5, 0.5], abs=0.02)
    # uniform on the half where its weight is above 1/2: mean 3/4
    assert found.loc["a", ["Ex", "Why"]].tolist() == pytest.approx([0.75, 0.25], abs=0.01)
    assert (found["confidence"] == 1).all()


def test_running_mean_ends_with_the_mean_of_all():
    shares = np.random.default_rng(2).random(5000)
    found = study.running_mean(shares)
    last = found.iloc[-1]
    assert (found["vectors"].iloc[0], last["vectors"]) == (30, 5000)
    assert last["mean"] == pytest.approx(shares.mean())
    assert last["error"] == pytest.approx(shares.std() / 5000**0.5)
    # fewer draws than the first point
    assert study.running_mean(shares[:7])["vectors"].tolist() == [7]


def test_a_criterion_says_which_way_it_runs(layer):
    shapes = {
        "rate": Criterion("Rate"),
        "income": Criterion("Income", "decreasing"),
        "degree": Criterion("Degree", "discrete", values={"low": 1, "mid": 0.5, "high": 0}),
    }
    middle = {**shapes, "rate": Criterion("Rate", "peaked", peak=20)}
    assert study.criteria_table(layer, shapes).directions == ["max", "min", "min"]
    assert study.criteria_table(layer, middle).directions == ["peak", "min", "min"]
    # neither more nor less: both ends of the scale are less urgent than what lies between
    ends = {**shapes, "degree": Criterion("D", "discrete", values={"low": 0, "mid": 1, "high": 0})}
    assert study.criteria_table(layer, ends).directions == ["max", "min", "levels"]
    assert study.criteria_table(layer, ends).most_urgent(["degree"]) == ["most urgent: mid"]


def test_classes_that_hold_other_zones_are_counted(layer):
    table = study.criteria_table(layer, {name: CRITERIA[name] for name in ("rate", "degree")})
    values = partial_values(table.measures, value_functions(table.criteria, table.measures))
    alike = study.rank_in_classes(values["degree"], values, table, alone="degree")
    assert alike.classes_changed == 0
    other = study.rank_in_classes(values["rate"], values, table, alone="degree")
    # Port and Mill, low by degree, come first by the rate: the high and the low class change
    assert other.classes_changed == sum(
        set(other.before.index[other.before == c]) != set(other.after.index[other.after == c])
        for c in ("high", "mid", "low")
    )
    assert other.classes_changed >= 2
