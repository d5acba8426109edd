"""Tables of the patrol sections: known by hand, by enumeration or from another formula."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, permutations
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist

from helpers.location import (
    PlanarDistance,
    certified_curve,
    certify,
    p_center,
    p_median,
    simulate_dispatch,
    study,
    travel,
    verify,
)

# ------------------------------------------------------------------------------------------ demand

BOX = shapely.box(0, 0, 4000, 2000)


def dates(*years: int) -> pd.Series:
    return pd.Series(pd.to_datetime([f"{year}-03-01" for year in years]))


def past_of(xy, years, boundary=BOX, columns=4, rows=2) -> study.GridHistory:
    return study.history(xy, dates(*years), boundary, columns, rows, every="year")


def test_the_last_period_is_put_aside_and_the_others_are_averaged():
    # quadrants 0 and 7 in 2020 and 2021; all of 2022 lies in quadrant 3
    xy = [[500, 500], [500, 600], [3500, 1500], [3500, 500], [3600, 500], [3700, 500]]
    past = past_of(xy, [2020, 2021, 2021, 2022, 2022, 2022])
    assert past.counts.tolist() == [1.0, 0, 0, 0, 0, 0, 0, 0.5]
    assert (past.held, past.left_out, past.every) == (3, 0.0, "year")
    assert past.basis == "mean of March 2020 and March 2021"


def test_a_single_period_is_counted_itself():
    times = pd.Series(pd.to_datetime(["2024-05-02", "2024-05-30"]))
    past = study.history([[500, 500], [1500, 500]], times, BOX, 4, 2, every="month")
    assert past.counts.sum() == 2
    assert past.basis == "count of May 2024"


@pytest.mark.parametrize(
    ("months", "basis"),
    [
        (["2020-01", "2020-02", "2021-01", "2022-01"], "mean of 2020 and January 2021"),
        (["2019-01", "2019-02", "2020-01", "2021-01", "2021-02", "2022-01"], "mean of 2019 to 2021"),
    ],
)  # fmt: skip
def test_a_year_of_one_month_is_called_by_it(months, basis):
    times = pd.Series(pd.to_datetime(months))
    xy = np.full((len(months), 2), 500.0)
    assert study.history(xy, times, BOX, 4, 2, every="year").basis == basis


def test_crimes_in_quadrants_without_a_node_are_told_and_crimes_outside_the_box_are_none():
    triangle = shapely.Polygon([(0, 0), (4000, 0), (0, 2000)])
    # centre (3500, 500) is outside the triangle, (500, 500) inside; (9000, 0) is nowhere
    past = past_of([[3100, 100], [500, 500], [500, 500], [9000, 0]], [2020] * 4, triangle)
    assert past.left_out == pytest.approx(1 / 3)
    assert past.counts.sum() == 3


def test_a_town_too_narrow_for_its_centres_has_the_quadrants_that_it_touches():
    narrow = shapely.union_all([shapely.box(0, 0, 4000, 10), shapely.box(3990, 0, 4000, 2000)])
    past = past_of([[500, 5]], [2020], narrow)
    assert past.cells.loc[past.cells["inside"], "node"].tolist() == [0, 1, 2, 3, 7]
    assert past.left_out == 0


def test_history_refuses_another_period():
    with pytest.raises(ValueError, match="every is one of year, month, not 'yaer'; did you mean"):
        study.history([[500, 500]], dates(2020), BOX, 4, 2, every="yaer")


def forecast_of(cells: pd.DataFrame, period: str = "2022-05", **changes) -> pd.DataFrame:
    frame = cells[["node", "x", "y"]].assign(
        kind="all", period=period, expected=cells["node"] + 1.0
    )
    return frame.assign(**changes)


def test_demand_is_the_newest_forecast_of_all_kinds_on_the_same_grid():
    past = past_of([[500, 500]], [2020])
    old, new = forecast_of(past.cells, "2021-05", expected=9.0), forecast_of(past.cells)
    theft = forecast_of(past.cells, kind="theft", expected=5.0)
    given = pd.concat([theft, new.iloc[::-1], old])
    found = study.grid_demand(past, BOX, given, called="forecast of the test")
    assert found.basis == "forecast of the test for May 2022"
    assert found.forecast
    assert_allclose(found.weight, np.arange(1.0, 9))
    assert (found.total, found.places, found.vacant) == (36, 8, 0)
    assert_allclose(found.field, [[1, 2, 3, 4], [5, 6, 7, 8]])
    assert "inside" not in found.nodes


@pytest.mark.parametrize(
    "changes", [{"x": 0.0}, {"expected": 0.0}, {"kind": "theft"}], ids=["places", "empty", "kind"]
)
def test_a_forecast_that_does_not_fit_gives_way_to_history(changes):
    past = past_of([[500, 500], [3500, 1500]], [2020, 2020])
    given = forecast_of(past.cells, **changes)
    found = study.grid_demand(past, BOX, given)
    assert not found.forecast
    assert found.basis == past.basis
    assert (found.places, found.vacant) == (2, 6)
    with pytest.raises(ValueError, match="there is no forecast on this grid"):
        study.grid_demand(past, BOX, given, "forecast")
    assert not study.grid_demand(past, BOX, forecast_of(past.cells), "history").forecast
    with pytest.raises(ValueError, match="demand is one of auto, forecast, history"):
        study.grid_demand(past, BOX, given, "histories")


def test_demand_outside_the_boundary_is_none():
    triangle = shapely.Polygon([(0, 0), (4000, 0), (0, 2000)])
    past = past_of([[500, 500]], [2020], triangle)
    found = study.grid_demand(past, triangle, forecast_of(past.cells))
    inside = past.cells["inside"].to_numpy()
    assert found.total == (np.arange(8) + 1.0)[inside].sum()
    assert found.field.ravel()[~inside].sum() == 0


def test_each_quadrant_is_spoken_for_by_the_nearest_node():
    generator = np.random.default_rng(5)
    xy = generator.uniform(0, 1, (6, 2)) * [4000, 2000]
    drawn = study.quadrants(BOX, 9, 5, xy)
    x, y = np.meshgrid((np.arange(9) + 0.5) * 4000 / 9, (np.arange(5) + 0.5) * 400)
    centres = np.column_stack([x.ravel(), y.ravel()])
    assert drawn.nearest.tolist() == cdist(centres, xy).argmin(axis=1).tolist()
    assert drawn.shape == (5, 9)
    sites = [4, 1]
    plan = drawn.drawn(PlanarDistance(xy), sites, xy)
    # the place among the sites in ascending order, 1 then 4
    assert_allclose(plan.posts, xy[[1, 4]])
    own = cdist(xy, xy[[1, 4]]).argmin(axis=1)
    assert plan.served.tolist() == own[drawn.nearest].reshape(5, 9).tolist()


def test_a_coarse_grid_holds_the_same_demand():
    past = past_of([[500, 500], [1500, 1500], [3500, 500]], [2020] * 3)
    found = study.grid_demand(past, BOX)
    centres, load = study.coarse_demand(found, BOX, 2, 1)
    assert centres.tolist() == [[1000, 1000], [3000, 1000]]
    assert load.tolist() == [2, 1]


def test_distances_are_those_of_the_metric():
    xy, spots = [[0, 0], [300, 400]], [[300, 0]]
    streets = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(0, 0), (0, 400), (300, 400), (300, 0)])], crs="EPSG:32718"
    )
    given = {"euclidean": [300, 400], "manhattan": [300, 400], "streets": [1100, 400]}
    for metric, wanted in given.items():
        found = study.distances(xy, spots, metric=metric, streets=streets)
        assert_allclose(np.ravel(study_columns(found, [0])), wanted)
    own = study.distances(xy, metric="streets", streets=streets)
    assert_allclose(own, [[0, 700], [700, 0]])
    both = study.distances(xy, xy + spots, metric="manhattan")
    assert study.to_first(both, 2).shape == (2, 2)
    assert study.to_first(both, 2).metric == "manhattan"
    assert study.to_first(np.arange(6).reshape(2, 3), 1).tolist() == [[0], [3]]
    with pytest.raises(ValueError, match="no layer of streets"):
        study.distances(xy, metric="streets")
    with pytest.raises(ValueError, match="metric is one of euclidean, manhattan, streets, minutes"):
        study.distances(xy, metric="crow")


def study_columns(distance, sites) -> np.ndarray:
    return distance.columns(sites) if hasattr(distance, "columns") else distance[:, sites]


# ------------------------------------------------------------------------------------------- plans


@pytest.fixture
def town():
    generator = np.random.default_rng(11)
    xy = generator.uniform(0, 1000, (12, 2))
    weight = generator.integers(0, 9, 12).astype(float)
    weight[3] = 0.0
    return xy, weight, PlanarDistance(xy)


def enumerated(weight, far, patrols) -> float:
    return min(weight @ far[:, s].min(axis=1) for s in combinations(range(len(weight)), patrols))


def test_solvers_are_held_against_the_cheapest(town):
    xy, weight, distance = town
    best = enumerated(weight, cdist(xy, xy), 3)
    methods = {
        "exact": {},
        "FasterPAM": {"method": "heuristic"},
        "K-means": {"method": "kmeans"},
        "none": {"method": "pyomo", "solver": "no_such_solver"},
    }
    found = study.compare_solvers(weight, distance, 3, methods, seed=1)
    table = found.table.set_index("method")
    assert list(found.table) == [
        "grid", "method", "crime_metres", "bound_crime_metres", "gap", "proven", "above_optimum",
        "seconds",
    ]  # fmt: skip
    assert table.index.tolist() == ["exact", "FasterPAM", "K-means"]
    assert table["grid"].unique().tolist() == ["12 nodes"]
    assert table.loc["exact", "crime_metres"] == pytest.approx(best, rel=1e-9)
    assert table.loc["exact", "bound_crime_metres"] == pytest.approx(best, rel=1e-8)
    assert table["bound_crime_metres"].isna().tolist() == [False, True, True]
    assert_allclose(table["above_optimum"], table["crime_metres"] / best - 1, atol=1e-8)
    for name, sites in found.sites.items():
        assert travel(weight, distance, sites) == pytest.approx(table.loc[name, "crime_metres"])
    assert list(found.failed) == ["none"]
    assert "no_such_solver" in found.failed["none"]
    assert (found.agreeing, found.spread) == (1, 0.0)


def test_plans_of_kmeans_are_judged_by_the_distances_asked_for(town):
    xy, weight, distance = town
    manhattan = PlanarDistance(xy, metric="manhattan")
    methods = {"K-means": {"method": "kmeans"}}
    found = study.compare_solvers(weight, manhattan, 3, methods, planar=distance)
    flat = p_median(weight, distance, 3, method="kmeans")
    assert found.sites["K-means"].tolist() == flat.sites.tolist()
    assert found.table["crime_metres"].iloc[0] == travel(weight, manhattan, flat.sites)


def test_solvers_that_disagree_are_seen():
    rows = {"crime_metres": [100.0, 101.0, 150.0], "proven": [True, True, False]}
    found = study.Comparison(pd.DataFrame(rows), {}, {})
    assert (found.agreeing, round(found.spread, 12)) == (2, 0.01)


def test_plans_are_told_by_number(town):
    _, weight, distance = town
    plans = [p_median(weight, distance, p) for p in (1, 2)]
    table = study.plan_table(plans, weight)
    assert table["patrols"].tolist() == [1, 2]
    sites = {k: one.sites for k, one in enumerate(plans)}
    assert_allclose(table["mean_m"], study.mean_distances(weight, distance, sites))
    assert table["proven"].all()


def test_plans_are_judged_by_the_objectives_of_all():
    # four nodes on a line at 0, 1, 3 and 10; the last has no demand and cannot be reached
    demand = [1.0, 2.0, 1.0, 0.0]
    far = np.abs(np.subtract.outer([0.0, 1, 3, 10], [0.0, 1, 3, 10]))
    far[3, :3] = np.inf
    plans = {"p-median": p_median(demand, far, 2), "p-center": p_center(demand, far, 1)}
    assert plans["p-median"].sites.tolist() == [1, 2]
    assert plans["p-center"].sites.tolist() == [1]
    table = study.judged_by_all_objectives(demand, far, plans, 2.0)
    assert table.index.name == "objective"
    columns = ["mean_m", "longest_m", "one_within_radius", "two_within_radius"]
    assert table.loc["p-median", columns].tolist() == [0.25, 1.0, 1.0, 0.75]
    assert table.loc["p-center", columns].tolist() == [0.75, 2.0, 1.0, 0.0]
    assert table["proven"].all()
    assert [table[name].dtype.kind for name in columns] == ["f"] * 4


def test_the_roster_numbers_patrols_by_their_work():
    nodes = pd.DataFrame(
        {
            "node": [10, 11, 12, 13],
            "x": [500_000.0, 500_100, 501_000, 501_050],
            "y": [0.0, 0, 0, 0],
            "expected": [1.0, 1.0, 4.0, 0.0],
        }
    )
    distance = PlanarDistance(nodes[["x", "y"]])
    roster = study.roster(nodes, distance, [2, 0], "EPSG:32631")
    assert roster.patrol.tolist() == [2, 2, 1, 1]
    assert roster.posts.tolist() == [[501_000, 0], [500_000, 0]]
    table = roster.table
    assert table.index.tolist() == [1, 2]
    assert table["node"].tolist() == [12, 10]
    assert table["expected"].tolist() == [4, 2]
    assert_allclose(table["share"], [2 / 3, 1 / 3])
    # the node without demand, 50 m away, is nobody's way
    assert table["mean_m"].tolist() == [0, 50]
    assert table["longest_m"].tolist() == [0, 100]
    # the file says as much of its plan
    plan = p_median(nodes["expected"], distance, 2)
    beside = study.plan_columns(roster, plan, "EPSG:32631", city="Here", basis="count")
    file = table.assign(**beside)
    assert file[["x", "y"]].to_numpy().tolist() == roster.posts.tolist()
    same = file.drop(columns=[*table, "x", "y"]).drop_duplicates()
    assert same.to_dict("records") == [
        {"crs_of_x_y": "EPSG:32631", "city": "Here", "basis": "count", "p": 2,
         "value": plan.objective, "bound": plan.bound, "gap": plan.gap, "proven": True}
    ]  # fmt: skip
    # the central meridian of the zone is 3° east; a kilometre is 1 / 111.32 degrees there
    assert_allclose(table["lon"], [3 + 1 / (111.32 * 0.9996), 3], atol=2e-5)
    assert_allclose(table["lat"], 0, atol=1e-5)


def test_two_posts_of_one_place_share_nothing():
    """A post that is nearest to no node answers nothing, and has no distance."""
    nodes = pd.DataFrame({"node": [0, 1], "x": [0.0, 1], "y": [0.0, 0], "expected": [3.0, 0]})
    table = study.roster(nodes, PlanarDistance(nodes[["x", "y"]]), [0, 1], "EPSG:32631").table
    assert table["expected"].tolist() == [3, 0]
    assert table[["mean_m", "longest_m"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_the_branching_tree_is_counted(town):
    leaf = {"steps": []}
    tree = {**leaf, "at_least": leaf, "at_most": {**leaf, "at_least": leaf, "at_most": leaf}}
    assert study.tree_nodes({"tree": tree}) == 5
    _, weight, distance = town
    proof = certify(weight, distance, 3).proof
    assert study.tree_nodes(proof) == 2 * str(proof).count("'at_least'") + 1


# ------------------------------------------------------------------------------------------ curves


def test_the_curve_goes_to_the_most_and_to_the_posts_of_today():
    assert study.numbers_of_patrols(3, 40) == [1, 2, 3]
    assert study.numbers_of_patrols(3, 40, 2) == [1, 2, 3]
    assert study.numbers_of_patrols(3, 40, 12) == [1, 2, 3, 12]
    # more patrols than nodes with demand bring nothing
    assert study.numbers_of_patrols(14, 4, 12) == [1, 2, 3, 4]


def made_curve(exact, rough, *, proven=True, gap=0.0, today=None) -> pd.DataFrame:
    """A curve of given costs for 1, 2, … patrols; 10 crimes."""
    rows = [("exact", p, cost, gap, proven) for p, cost in enumerate(exact, 1)]
    rows += [("K-means", p, cost, np.nan, False) for p, cost in enumerate(rough, 1)]
    rows += [("Posts", *today, np.nan, False)] if today else []
    names = ["method", "patrols", "objective", "gap", "proven"]
    frame = pd.DataFrame(rows, columns=names).sort_values(["method", "patrols"], kind="stable")
    return frame.assign(mean=frame["objective"] / 10, bound=np.nan, seconds=0.1)


def test_a_curve_is_read():
    curve = made_curve([100.0, 40, 30, 20], [100.0, 50, 36, 20], today=(3, 40.0))
    read = study.read_curve(curve, today="Posts", posts=3)
    # scaled to one, the points below the chord: 0, 1 - 1/3 - 1/4, 1 - 2/3 - 1/8, 0
    assert (read.knee, read.match, read.today) == (2, 2, 40.0)
    assert read.saving == pytest.approx(0.25)
    assert read.excess_mean == pytest.approx((0 + 0.25 + 0.2 + 0) / 4)
    assert (read.excess_max, read.excess_min) == (pytest.approx(0.25), 0.0)
    assert (read.unproven, read.widest_gap, read.sign) == (0, 0.0, 1)


def test_a_curve_without_today_leaves_the_comparison_out():
    read = study.read_curve(made_curve([100.0, 40, 30], [100.0, 40, 30]))
    assert read.match is None
    assert np.isnan(read.today)
    assert np.isnan(read.saving)
    assert read.sign == 0


def test_a_plan_that_is_open_or_beaten_settles_no_sign():
    open_plans = made_curve([100.0, 40], [110.0, 40], proven=False, gap=0.02)
    read = study.read_curve(open_plans)
    assert (read.unproven, read.widest_gap, read.sign) == (2, 0.02, -1)
    assert study.read_curve(made_curve([100.0, 40], [99.0, 50])).sign == -1
    # no share of nothing is a number
    nothing = study.read_curve(made_curve([0.0], [5.0]))
    assert np.isnan(nothing.excess_mean)


def test_a_curve_is_saved_and_shown_by_number():
    curve = made_curve([100.04, 40], [100.0604, 50], today=(2, 41.23949))
    table = study.curve_table(curve)
    assert list(table) == ["method", "patrols", "crime_metres", "mean_m", "gap", "proven"]
    assert table["crime_metres"].tolist() == [100.06, 50.0, 41.239, 100.04, 40.0]
    wide = study.means_by_number(curve)
    assert wide.loc[2].to_dict() == {"K-means": 5.0, "Posts": pytest.approx(4.123949), "exact": 4.0}
    assert np.isnan(wide.loc[1, "Posts"])


def test_plans_of_other_distances_are_judged_again(town):
    xy, weight, distance = town
    manhattan = PlanarDistance(xy, metric="manhattan")
    plans = [p_median(weight, distance, p, method="kmeans") for p in (1, 2)]
    again = study.judged_again(plans, weight, manhattan)
    far = cdist(xy, xy, "cityblock")
    for before, after in zip(plans, again, strict=True):
        assert after.sites.tolist() == before.sites.tolist()
        assert after.objective == pytest.approx(weight @ far[:, after.sites].min(axis=1))


def test_posts_in_use_are_nearest_to_demand():
    # posts 0, 1, 2; the last is nearest to a node without demand, the first carries 90 %
    far = [[0, 5, 9], [5, 0, 9], [9, 9, 0]]
    assert study.posts_in_use([9.0, 1.0, 0.0], far, [0, 1, 2]) == study.PostsInUse(3, 2, 1)
    assert study.posts_in_use([8.0, 2.0, 0.0], far, [0, 1, 2]).bulk == 2
    assert study.posts_in_use([1.0, 1.0, 1.0], far, []) == study.PostsInUse(0, 0, 0)


def test_posts_are_moved_uniformly_on_their_disc():
    # one crime at the post: its distance r has density 2 r / R², so E r = 2 R / 3, E r² = R² / 2
    cost = study.moved_posts([1.0], [[0.0, 0]], [[0.0, 0]], 300.0, draws=20_000, seed=4)
    assert cost.max() <= 300
    assert cost.mean() == pytest.approx(200, abs=4 * 300 / np.sqrt(18 * 20_000))
    assert (cost**2).mean() == pytest.approx(45_000, rel=0.02)
    still = study.moved_posts([1.0, 3.0], [[0.0, 0], [9, 0]], [[0.0, 0], [5, 0]], 0.0, draws=2)
    assert still.tolist() == [12.0, 12.0]
    with pytest.raises(ValueError, match="not negative"):
        study.moved_posts([1.0], [[0.0, 0]], [[0.0, 0]], -1.0)


def test_plans_stand_side_by_side():
    far = np.abs(np.subtract.outer([0.0, 1, 3, 10], [0.0, 1, 3, 10, 100]))
    table = study.posts_beside_plan([1.0, 1, 2, 0], far, {"today": [4, 3, 0], "exact plan": [1, 2]})
    assert table["posts"].tolist() == [3, 2]
    assert table["used"].tolist() == [2, 2]
    assert [sites.tolist() for sites in table["sites"]] == [[0, 3], [1, 2]]
    assert table["mean_m"].tolist() == [(0 + 1 + 2 * 3) / 4, 0.25]


# ------------------------------------------------------------------------------------------- later


def later_of(xy, times, nodes, every="year") -> study.Later:
    series = pd.Series(pd.to_datetime(times))
    return study.later_period(xy, series, BOX, 4, 2, nodes, every=every)


def test_later_crimes_are_those_of_the_last_period_at_their_nodes():
    # quadrant 0 twice, 7 once, 3 (no node) once, and one outside the grid
    xy = [[500, 500], [500, 500], [500, 500], [3500, 1500], [3500, 500], [9000, 500]]
    times = ["2021-01-01", *["2022-02-01"] * 3, "2022-03-01", "2022-02-05"]
    later = later_of(xy, times, nodes=[0, 7])
    assert later.mask.tolist() == [False, True, True, True, True, True]
    assert later.node.tolist() == [0, 0, 1, -1, -1]
    assert later.counts.tolist() == [2, 1]
    assert (later.crimes, later.held, later.known) == (3, 2, True)
    assert later.hours == 24 * (28 + 31)
    assert later.name == "2022"
    node, group = later.groups([7, 8, 9, 7, 7])
    assert (node.tolist(), group.tolist()) == ([0, 0, 1], [7, 8, 9])


def test_one_period_or_no_crime_at_a_node_judges_nothing():
    alone = later_of([[500, 500]], ["2024-05-09"], nodes=[0], every="month")
    assert (alone.known, alone.name, alone.hours) == (False, "May 2024", 24 * 31)
    nowhere = later_of([[500, 500], [3500, 500]], ["2023-01-01", "2024-02-01"], nodes=[0])
    assert (nowhere.held, nowhere.crimes, nowhere.known) == (2, 0, False)
    assert nowhere.name == "February 2024"


def test_a_bootstrap_draws_places_zones_or_crimes():
    xy = [[1, 1], [2, 2], [1, 1], [1, 2]]
    assert study.redraw_groups(xy, None, "places").tolist() == [0, 2, 0, 1]
    assert study.redraw_groups(xy, ["a", None, "b", "a"], "zones").tolist() == [0, 1, 2, 0]
    assert study.redraw_groups(xy, None, "crimes").tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="the events name no zone"):
        study.redraw_groups(xy, None, "zones")
    with pytest.raises(ValueError, match="not 'place'; did you mean 'places'"):
        study.redraw_groups(xy, None, "place")


def test_plans_are_named_by_method_and_number(town):
    _, weight, distance = town
    exact = [p_median(weight, distance, p) for p in (1, 2)]
    named = study.named_plans({"exact": exact}, {"Posts": [3, 4, 5]})
    assert list(named) == [("exact", 1), ("exact", 2), ("Posts", 3)]
    assert named["exact", 2] is exact[1].sites


def test_an_outcome_is_read():
    means = {"exact": [9.0, 6.0, 4.0], "K-means": [9.0, 5.5, 4.4], "hindsight": [8.0, 5.0, 4.0]}
    rows = [((name, p), p, m) for name, ms in means.items() for p, m in enumerate(ms, 1)]
    judged = pd.DataFrame([*rows, (("Posts", 2), 2, 6.5)], columns=["plan", "patrols", "mean"])
    judged = judged.assign(total=0.0, low=judged["mean"] - 1, high=judged["mean"] + 1)
    judged["saving"] = 1 - judged["mean"] / 6.5
    judged = judged.assign(saving_low=judged["saving"] - 0.05, saving_high=judged["saving"] + 0.05)
    out = study.read_outcome(judged, 2)
    assert list(out.table) == [
        "method", "patrols", "mean_m", "low_m", "high_m", "saving", "saving_low", "saving_high",
    ]  # fmt: skip
    assert_allclose(out.regret["exact"], [1 / 8, 1 / 5, 0])
    assert_allclose(out.regret["K-means"], [1 / 8, 0.1, 0.1])
    assert out.luckier == 1
    # 1 - 6 / 6.5 = 0.077: its interval ends above zero
    assert out.better == 2
    assert out.equal["saving"] == pytest.approx(1 - 6 / 6.5)
    nothing = study.read_outcome(judged.assign(saving_low=-1.0), 2)
    assert (nothing.better, nothing.equal) == (None, None)


# ---------------------------------------------------------------------------------------- dispatch


@pytest.mark.parametrize(("work", "first"), [(0.1, 1), (0.95, 2), (6.5, 7), (6.65, 8), (13.0, 14)])
def test_the_fewest_that_cope_have_a_twentieth_of_their_time_free(work, first):
    span = study.numbers_that_cope(work, 14)
    assert span[0] == first
    assert work <= 0.95 * first
    assert first == 1 or work >= 0.95 * (first - 1)
    assert len(span) >= 7
    assert span[-1] >= 14


def test_todays_number_of_posts_is_simulated_however_large_if_so_many_cope():
    assert study.numbers_that_cope(4.0, 14, today=17)[-3:] == [13, 14, 17]
    assert study.numbers_that_cope(4.0, 14, today=12) == study.numbers_that_cope(4.0, 14)
    assert study.numbers_that_cope(4.0, 14, today=3) == study.numbers_that_cope(4.0, 14)


def test_patrols_beyond_the_nodes_with_demand_share_the_busiest(town):
    _, weight, distance = town
    plan = p_median(weight, distance, 2)
    posts = study.enough_posts([1.0, 0.0, 5.0, 2.0], [plan], [2, 3, 5])
    assert posts[2].tolist() == plan.sites.tolist()
    assert posts[3].tolist() == [2, 3, 0]
    assert posts[5].tolist() == [2, 3, 0, 2, 3]
    with pytest.raises(ValueError, match="there is no plan with p = 1"):
        study.enough_posts([1.0, 1.0], [], [1])


@pytest.fixture
def busy():
    """Two nodes a kilometre apart, a patrol at each, and one patrol between nobody."""
    far = np.array([[0.0, 1000], [1000, 0]])
    rate = np.array([0.5, 0.5])
    plans = {("exact", 2): [0, 1], ("Posts", 3): [0, 0, 0]}
    how = {"speed": 30_000.0, "hours": 4000.0, "threshold": 0.02, "replications": 6, "seed": 3}
    runs = {k: simulate_dispatch(rate, far, s, service_time=0.8, **how) for k, s in plans.items()}
    return far, rate, plans, how, runs


def test_simulated_plans_are_held_against_the_queue(busy):
    far, rate, plans, _, runs = busy
    table = study.simulation_table(runs, plans, rate * 4000, far, 0.8, reach=600.0)
    assert table.index.names == ["method", "patrols"]
    # M/M/2 with load 0.8: C = (0.32 / (1 - 0.4)) / (1 + 0.8 + 0.32 / (1 - 0.4))
    queue = 0.32 / 0.6
    assert table.loc[("exact", 2), "erlang_c"] == pytest.approx(queue / (1.8 + queue))
    assert table.loc[("exact", 2), "waits"] == pytest.approx(queue / (1.8 + queue), abs=0.02)
    assert table.loc[("exact", 2), "utilisation"] == pytest.approx(0.4, abs=0.02)
    assert table["nearest_m"].tolist() == [0.0, 500.0]
    assert table.loc[("exact", 2), "answering_m"] > 0
    # all three stand at one node: every second crime is a kilometre away, however busy they are
    assert table.loc[("Posts", 3), "answering_m"] == pytest.approx(500, abs=15)
    # what the hypercube says without simulating
    np.testing.assert_allclose(table["hypercube_m"], table["answering_m"], rtol=0.05)
    assert (table["p50_min"] <= table["p95_min"]).all()
    # one patrol in reach of each node, busy two fifths of the time; three in reach of one of them
    assert table["mexclp"].tolist() == pytest.approx([0.6, 0.5 * (1 - (0.8 / 3) ** 3)])
    drive = study.longest_drive(table, 30_000.0)
    assert drive[:2] == ("Posts", 3)
    assert drive.minutes == pytest.approx(1.0, abs=0.03)


def test_the_plan_for_busy_patrols_leaves_as_layers(busy):
    far, rate, plans, how, runs = busy
    weight = rate * 4000 * [3, 1]
    known = {("exact", 2): [0, 1], ("exact", 3): [0, 0, 1], ("Posts", 1): [0]}
    found = study.most_free(weight, far, known, 2, 0.8, reach=600.0)
    # two at the first node: 0.75 (1 - 0.4^2) = 0.63; one at each: 0.6
    assert (found.busy, found.plan.sites.tolist(), found.plan.proven) == (0.4, [0, 0], True)
    assert list(found.tested) == [("MEXCLP", 2)]
    nodes = pd.DataFrame({"node": [4, 9], "x": [4e5, 4.01e5], "y": [4e5, 4e5]})
    layers = found.layers(nodes, "EPSG:27700", city="Here", basis="count of 2020")
    assert layers["posts"][["city", "basis"]].to_numpy().tolist() == [["Here", "count of 2020"]]
    post = layers["posts"].iloc[0]
    assert post[["post", "node", "patrols", "p", "objective"]].tolist() == [
        1, 4, 2, 2, "expected covering"
    ]  # fmt: skip
    assert (post["share"], post.geometry.x, post["radius_m"]) == (0.75, 4e5, 600.0)
    assert layers["plan"][["value", "bound"]].to_numpy()[0] == pytest.approx(0.63 * weight.sum())
    assert layers["nodes"]["patrols_in_reach"].tolist() == [2, 0]
    assert layers["nodes"]["free"].tolist() == pytest.approx([0.84, 0.0])
    assert "radius_min" in found.layers(nodes, "EPSG:27700", "min")["posts"]
    both = {**plans, **found.tested}
    runs = runs | {
        ("MEXCLP", 2): simulate_dispatch(weight / 4000, far, [0, 0], service_time=0.4, **how)
    }
    table = study.simulation_table(runs, both, weight, far, 0.8, reach=600.0)
    told = found.beside(table)
    assert told["share"] == pytest.approx(0.63) == told["own"]["mexclp"]
    assert told["exact"]["mexclp"] == pytest.approx(0.6)
    # where the number that is wanted does not cope, the fewest that do
    assert study.most_free(weight, far, known, 1, 0.8, reach=600.0).plan.sites.size == 2
    # where every plan has all within reach, the exact one stays
    near = study.most_free(weight, far, known, 2, 0.8, reach=1000.0)
    assert (near.exact, near.plan.sites.tolist(), near.plan.objective) == (
        True, [0, 1], pytest.approx(0.84 * weight.sum())
    )  # fmt: skip
    assert not found.exact


def test_urgent_crimes_wait_as_in_closed_form(busy):
    far, rate, plans, how, _ = busy
    table = study.priority_table(rate, far, plans, 0.25, service_time=0.8, most=1, **how).iloc[0]
    assert (table["method"], table["patrols"]) == ("exact", 2)
    assert table["urgent_min"] == pytest.approx(table["urgent_cobham"], rel=0.06)
    assert table["others_min"] == pytest.approx(table["others_cobham"], rel=0.06)
    for kind in ("urgent", "others"):
        assert 0 <= table[f"{kind}_low"] < table[f"{kind}_min"] < table[f"{kind}_high"]
    # what one class gains the other loses: the work is the same
    together = 0.25 * table["urgent_cobham"] + 0.75 * table["others_cobham"]
    assert together == pytest.approx(table["wait_min"])
    with pytest.raises(ValueError, match="urgent is a share above 0"):
        study.priority_table(rate, far, plans, 1.0, service_time=0.8, **how)


def test_agreement_counts_plans_in_which_ten_crimes_should_have_waited():
    table = pd.DataFrame(
        {"erlang_c": [0.5, 0.2, 0.0009], "waits_low": [0.4, 0.21, 0], "waits_high": [0.6, 0.3, 1]}
    )
    assert study.erlang_agreement(table, 10_000) == (1, 2)
    assert study.erlang_agreement(table, 15) == (0, 0)


def test_the_drive_on_top_takes_time_where_there_is_any(busy):
    far, rate, plans, how, _ = busy
    both = {"exact": plans["exact", 2], "today": [0, 0]}
    told = study.drive_counted(rate, far, both, 0.8, **how)
    assert list(told) == ["exact", "today"]
    assert told["exact"] > told["today"]
    direct = simulate_dispatch(rate, far, [0, 1], service_time=0.8, travel_counts=True, **how)
    share = direct.summary.set_index("measure").loc["share within threshold", "mean"]
    assert told["exact"] == share
    assert study.drive_counted(rate, far, both, 0.0, **how) == {}
    assert study.drive_counted(rate, far, {}, 0.8, **how) == {}
    # work 1.95 of two patrols, and the drive from one node adds 1/60 of an hour a second crime
    assert study.drive_counted(rate, far, both, 1.95, **how) == {}


# ---------------------------------------------------------------------------------- along streets


@pytest.fixture
def square() -> gpd.GeoDataFrame:
    """A square of streets of 1,000 m, and a crumb in its middle."""
    ring = [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)]
    lines = [shapely.LineString(pair) for pair in pairwise(ring)]
    lines.append(shapely.LineString([(480, 500), (520, 500)]))
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:32718")


def test_a_street_in_pieces_stops_no_plan(square):
    # a node at the crumb goes to the nearest street from which a patrol can come
    found = study.distances([[500, 480], [900, 0]], metric="streets", streets=square)
    assert_allclose(found, [[0, 480 + 400], [880, 0]])


def test_travel_along_streets_adds_up_to_the_cost(square):
    xy = np.array([[0, 0], [1000, 1000], [1000, 500], [0, 700.0]])
    weight = np.array([1.0, 0, 2, 3])
    distance = study.distances(xy, metric="streets", streets=square)
    driven = study.street_travel(xy, weight, distance, [0], streets=square)
    # two crimes drive east and north, three north
    assert driven.flow.amount @ driven.flow.length == pytest.approx(2 * 1500 + 3 * 700)
    assert (driven.access_m, driven.farthest_m) == (0, 0)
    assert driven.detour == pytest.approx(5100 / (2 * np.hypot(1000, 500) + 3 * 700))
    assert driven.length_km == pytest.approx(4.04)
    assert driven.left_out == pytest.approx(40 / 4040)
    assert driven.pieces == 2
    # a node off the street, and a post off the street, walk straight
    xy = np.array([[100, 20], [1000, 530], [970, 500.0]])
    distance = study.distances(xy, metric="streets", streets=square)
    driven = study.street_travel(xy, [0, 0, 4], distance, [0], streets=square)
    assert driven.access_m == pytest.approx(50)
    assert driven.farthest_m == pytest.approx(30)


def test_posts_that_are_known_roughly_move_along_streets_too(square):
    xy, weight = np.array([[0, 0], [1000, 0.0]]), np.array([1.0, 1.0])
    given = {"metric": "streets", "streets": square}
    still = study.moved_posts(weight, xy, [[400, 0]], 0, draws=3, **given)
    assert_allclose(still, 1000)
    moved = study.moved_posts(weight, xy, [[400, 0]], 200, draws=50, seed=4, **given)
    plain = study.moved_posts(weight, xy, [[400, 0]], 200, draws=50, seed=4)
    assert (moved >= plain - 1e-9).all()
    assert moved.max() > plain.max()


def test_one_time_for_all_is_no_period():
    times = pd.Series(pd.to_datetime(["2010-01-01"] * 3))
    places = [[500, 500], [1500, 1500], [1500, 1500]]
    past = study.history(places, times, BOX, 4, 2, every="month", undated=True)
    assert (past.basis, past.every, past.held) == ("count of all events", "period", 1)
    assert past.counts.sum() == 3
    given = {"every": "month", "nodes": np.arange(8)}
    for stated, days in {"2010": 365, "2012": 366, "2012-02": 29, "2010-01-01": 1}.items():
        later = study.later_period(places, times, BOX, 4, 2, undated=stated, **given)
        assert (later.known, later.every, later.hours) == (False, "period", 24 * days)
    dated = study.later_period(places, times, BOX, 4, 2, **given)
    assert (dated.name, dated.every, dated.hours) == ("January 2010", "month", 24 * 31)


# ------------------------------------------------------------------------------------------- files


def test_layers_hold_every_post_and_the_quadrants_that_it_serves():
    past = past_of([[500, 500], [500, 600], [1500, 1500], [3500, 500], [3600, 1500]], [2020] * 5)
    demand = study.grid_demand(past, BOX)
    distance = study.distances(demand.xy)
    curves = {
        name: certified_curve(demand.weight, distance, [1, 2, 3], objective=name, radius=1200)
        for name in ("p-median", "covering")
    }
    center = p_center(demand.weight, distance, 2)
    plans = study.all_plans(
        curves, {"p-center": center, "p-median": curves["p-median"][0].solution}
    )
    assert list(plans) == [*((o, p) for o in curves for p in (1, 2, 3)), ("p-center", 2)]
    layers = study.plan_layers(demand, distance, plans, 1200, "EPSG:32718", metric="euclidean")
    posts, areas, curve = layers["posts"], layers["territories"], layers["curve"]
    assert len(posts) == len(areas) == 2 * (1 + 2 + 3) + 2
    # the territories of each plan share the town out
    whole = areas.dissolve(["objective", "p"]).area
    assert_allclose(whole, 8e6)
    assert_allclose(
        areas.groupby(["objective", "p"])["geometry"].apply(lambda g: g.area.sum()), 8e6
    )
    for (objective, p), mine in posts.groupby(["objective", "p"]):
        sites = plans[objective, p].sites
        assert sorted(mine["node"]) == demand.nodes["node"].iloc[sites].tolist()
        far = cdist(demand.xy, np.column_stack([mine.geometry.x, mine.geometry.y])).min(axis=1)
        assert mine["share"].sum() == pytest.approx(1)
        assert mine["longest_m"].max() == pytest.approx(far[demand.weight > 0].max())
        assert (mine["share"] * mine["mean_m"]).sum() == pytest.approx(
            demand.weight @ far / demand.total
        )
        row = curve[(curve["objective"] == objective) & (curve["p"] == p)].iloc[0]
        covered = demand.weight[far <= 1200].sum()
        own = {"p-median": demand.weight @ far, "covering": covered, "p-center": center.objective}
        assert row["value"] == pytest.approx(own[objective])
        assert row["proven"]
        assert (mine["plan_mean_m"] == row["plan_mean_m"]).all()
    kept = study.all_proofs({**curves, "p-center": []}, plans, demand.weight, distance, 1200)
    assert [*kept["p-median"], *kept["p-center"], *kept["covering"]] == [*"123", "2", *"123"]
    assert study.uncertified(plans, kept) == {}
    assert study.uncertified(plans, {**kept, "p-center": {}}) == {"p-center": [2]}
    assert kept["shifts"] == {} and all("grain" in one for one in kept["p-median"].values())
    assert layers["nodes"]["share"].sum() == pytest.approx(1)


# ----------------------------------------------------------------------------------------- minutes

FAST_AND_SLOW = gpd.GeoDataFrame(
    {
        # straight along a slow street, or round by a fast one that is driven eastwards only
        "speed_kmh": [12.0, np.nan, np.nan, np.nan],
        "class": ["residential", "primary", "primary_link", "footway"],
        "oneway": [False, True, True, False],
    },
    geometry=[
        shapely.LineString([(0, 0), (1200, 0)]),
        shapely.LineString([(0, 0), (600, 900)]),
        shapely.LineString([(600, 900), (1200, 0)]),
        shapely.LineString([(1200, 0), (1200, -500)]),
    ],
    crs="EPSG:32718",
)


def test_minutes_are_those_of_the_quickest_way_and_of_its_direction():
    xy = [[0, 0], [1200, 0], [1200, -500]]
    found = study.distances(xy, metric="minutes", streets=FAST_AND_SLOW, speed=30.0)
    round_about = 2 * np.hypot(600, 900) / 1000 / 45 * 60  # the class primary at 45 km/h
    path = 0.5 / 30 * 60
    # from site j to node i: eastwards round about, westwards along the slow street
    assert found[1, 0] == pytest.approx(round_about)
    assert found[0, 1] == pytest.approx(1.2 / 12 * 60)
    assert found[2, 0] == pytest.approx(round_about + path)
    assert study.unit_of("minutes") == "min"
    told = study.speeds(FAST_AND_SLOW, 30.0)
    whole = 1200 + 2 * np.hypot(600, 900) + 500
    assert told.stated == pytest.approx(1200 / whole)
    assert told.assumed == pytest.approx(500 / whole)
    assert told.one_way == pytest.approx(2 * np.hypot(600, 900) / whole)
    hours = 1.2 / 12 + 2 * np.hypot(0.6, 0.9) / 45 + 0.5 / 30
    assert told.mean == pytest.approx(whole / 1000 / hours)
    # a way of 2.16 km where straight it is 1.2
    driven = study.street_travel(
        xy, [0, 1, 0], found, [0], streets=FAST_AND_SLOW, metric="minutes", speed=30.0
    )
    assert driven.detour == pytest.approx(2 * np.hypot(600, 900) / 1200)
    assert len(driven.flow.amount) == 2
    with pytest.raises(ValueError, match="metric is minutes, but there is no layer of streets"):
        study.distances(xy, metric="minutes")


def test_columns_say_minutes_and_have_headings():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["mean_m", "bound_crime_metres", "share"])
    named = study.in_unit(frame.rename_axis("patrols"), "min")
    assert list(named) == ["mean_min", "bound_crime_minutes", "share"]
    assert study.in_unit(frame, "m") is frame


# ------------------------------------------------------------------------------------------ shifts


def test_a_plan_for_each_shift_is_held_against_the_one_that_stands_all_day(town):
    _, weight, distance = town
    generator = np.random.default_rng(4)
    demand = {"day": weight, "night": generator.integers(1, 9, 12).astype(float)}
    far = distance.columns(np.arange(12))
    day = p_median(weight, distance, 3).sites
    hours = pd.DataFrame({"when": ["6:00-22:00", "22:00-6:00"], "hours": [5840.0, 2920]})
    hours = hours.set_axis(pd.Index(["day", "night"], name="shift"))
    found = study.shift_plans(demand, distance, day, [2, 3], hours=hours)
    table = found.table
    assert table.loc["night", ["when", "hours"]].tolist() == ["22:00-6:00", 2920]
    for name, each in demand.items():
        assert table.loc[name, "own_m"] == pytest.approx(enumerated(each, far, 3) / each.sum())
        fixed = each @ far[:, day].min(axis=1)
        assert table.loc[name, "costs"] == pytest.approx(fixed / enumerated(each, far, 3) - 1)
    assert table.loc["day", ["stay", "costs"]].tolist() == [3, 0]
    own = sum(enumerated(each, far, 3) for each in demand.values())
    still = sum(each @ far[:, day].min(axis=1) for each in demand.values())
    assert found.saved == pytest.approx(1 - own / still)
    whole = (weight + demand["night"]) / (weight + demand["night"]).sum()
    apart = [(w / w.sum() - whole).clip(0).sum() for w in demand.values()]
    assert found.apart == pytest.approx(max(apart)) and found.apart > 0.01
    # patrols change posts so that they drive least together, by enumeration
    before, after = found.sites["day"], found.sites["night"]
    ways = min(
        (far[list(order), before] for order in permutations(after)), key=lambda each: each.sum()
    )
    assert table.loc["night", "moved_m"] == pytest.approx(ways[ways > 0].mean())
    assert [one.solution.sites.size for one in found.curves["night"]] == [2, 3]
    assert study.shift_plans({}, distance, day, [3]) is None


def test_demand_by_shift_is_that_of_the_nodes_or_none():
    nodes = pd.DataFrame({"node": [3, 5], "x": [0.0, 10], "y": 0.0})
    expected = pd.DataFrame(
        {"node": [3, 4, 5] * 3, "x": [0.0, 5, 10] * 3, "y": 0.0, "expected": np.arange(9.0),
         "shift": np.repeat(["old", "day", "night"], 3), "period": np.repeat([2019, 2020, 2020], 3)}
    )  # fmt: skip
    grid = SimpleNamespace(nodes=nodes, forecast=True)
    found = study.shift_demand(expected, grid)
    assert {name: each.tolist() for name, each in found.items()} == {"day": [3, 5], "night": [6, 8]}
    told = expected.assign(when=expected["shift"] + " hours", hours=np.arange(9.0) // 3)
    hours = study.shift_hours(told)
    assert hours.to_dict("index") == {
        "day": {"when": "day hours", "hours": 1.0},
        "night": {"when": "night hours", "hours": 2.0},
    }
    assert study.shift_hours(None).empty
    assert study.shift_demand(None, grid) == {}
    assert study.shift_demand(expected, SimpleNamespace(nodes=nodes, forecast=False)) == {}
    assert study.shift_demand(expected.assign(x=expected["x"] + 50), grid) == {}


def test_layers_of_shifts_stand_beside_those_of_the_day():
    past = past_of([[500, 500], [1500, 1500], [3500, 500]], [2020] * 3)
    demand = study.grid_demand(past, BOX)
    distance = study.distances(demand.xy)
    curve = certified_curve(demand.weight, distance, [1, 2])
    plans = study.all_plans({"p-median": curve}, {})
    night = demand.weight[::-1].copy()
    shifts = study.shift_plans({"night": night}, distance, curve[1].solution.sites, [2])
    layers = study.layers_by_shift(demand, distance, plans, shifts, 900, "EPSG:32718", "min")
    assert layers["posts"]["shift"].tolist() == ["all"] * 3 + ["night"] * 2
    assert layers["curve"]["shift"].tolist() == ["all", "all", "night"]
    assert layers["nodes"]["expected_night"].tolist() == night.tolist()
    assert set(layers["posts"]["crs_of_x_y"]) == {"EPSG:32718"}
    assert {"mean_min", "plan_mean_min", "radius_min"} <= set(layers["posts"])
    alone = study.layers_by_shift(demand, distance, plans, None, 900, "EPSG:32718")
    assert set(alone["posts"]["shift"]) == {"all"}
    assert "mean_m" in alone["posts"]


def test_history_has_plans_of_its_own_beside_those_of_a_forecast():
    triangle = shapely.Polygon([(0, 0), (4000, 0), (0, 2000)])  # five of eight quadrants are nodes
    xy = [[500, 500], [500, 600], [2500, 500], [500, 1500], [3900, 1900]]
    past = past_of(xy, [2020, 2021, 2021, 2022, 2020], triangle)
    demand = study.grid_demand(past, triangle, forecast_of(past.cells))
    distance = study.distances(demand.xy)
    found = study.plans_by_history(past, demand, distance, [1, 2, 3])
    weight = past.counts[past.cells["inside"].to_numpy()]
    assert found["expected"] == weight.tolist() and 0 < len(weight) < 8
    assert found["basis"] == "mean of March 2020 and March 2021" != demand.basis
    assert found["crimes"] == 4  # beyond the nodes, too
    # more patrols than places with crimes bring nothing
    assert [plan["patrols"] for plan in found["plans"]] == [1, 2]
    node = demand.nodes["node"].tolist()
    for plan in found["plans"]:
        best = enumerated(weight, distance.columns(np.arange(len(weight))), plan["patrols"])
        assert plan["value"] == pytest.approx(best) and plan["proven"]
        sites = [node.index(each) for each in plan["nodes"]]
        assert travel(weight, distance, sites) == pytest.approx(best)
        proof, p = found["certificates"][str(plan["patrols"])], plan["patrols"]
        places = {"demand_xy": demand.xy, "site_xy": demand.xy}
        assert verify(proof, weight, patrols=p, **places)[0] == pytest.approx(best)
    by_history = study.grid_demand(past, triangle)
    assert study.plans_by_history(past, by_history, distance, [1]) == {}


def test_posts_beyond_the_boundary_serve_others():
    posts = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([1000, 9000, 3000], [1000, 0, 1000]), crs="EPSG:32718"
    )
    found = study.posts_of_today(posts, BOX)
    assert found.own.tolist() == [[1000, 1000], [3000, 1000]]
    assert found.outside.tolist() == [[9000, 0]]
    assert found.mean_with_outside([1, 3], [[1000, 1500], [8000, 0]]) == (500 + 3 * 1000) / 4
    beyond = study.posts_of_today(posts.iloc[[1]], BOX)
    assert (len(beyond.own), len(beyond.outside)) == (1, 0)
    nobody = study.posts_of_today(None, BOX)
    assert nobody.own.shape == (0, 2)
    assert np.isnan(nobody.mean_with_outside([1.0], [[0, 0]]))


def test_no_plan_is_worse_than_one_of_fewer_patrols(town):
    _, weight, distance = town
    numbers = range(1, 5)
    good = certified_curve(weight, distance, numbers, objective="p-center")
    exact = {
        one.solution.sites.size: p_center(weight, distance, one.solution.sites.size) for one in good
    }
    # three patrols are given a plan as long as that of one, and a bound that says nothing
    worse = replace(
        good[2].solution, sites=np.arange(3), objective=1e6, bound=0.0, gap=1.0, proven=False
    )
    curve = [replace(one, solution=worse) if one.solution.sites.size == 3 else one for one in good]
    plans = study.all_plans({"p-center": curve}, {})
    values = [plans["p-center", p].objective for p in numbers]
    assert all(a >= b for a, b in pairwise(values))
    assert values[2] == values[1]
    assert len(set(plans["p-center", 3].sites.tolist())) == 3
    far = distance.columns(plans["p-center", 3].sites)[weight > 0].min(axis=1).max()
    assert far <= values[2]
    for p in numbers:
        assert plans["p-center", p].bound <= exact[p].objective * (1 + 1e-12)
    assert plans["p-center", 3].bound >= plans["p-center", 4].bound > 0
    covers = certified_curve(weight, distance, numbers, objective="covering", radius=200)
    steady = study.all_plans({"covering": covers}, {})
    for one in covers:
        kept = steady["covering", one.solution.sites.size]
        assert (kept.objective, kept.proven) == (one.solution.objective, one.solution.proven)
