"""Tables of a study of service areas against counts by hand and by brute force."""

from __future__ import annotations

from itertools import combinations, permutations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_array_equal

from helpers.districting import (
    DistrictingError,
    Plan,
    Units,
    annealing,
    area_table,
    chain_measures,
    district,
    genetic_paper,
    population_difference,
    random_plan,
    study,
)
from helpers.districting.study import one_plan

PEOPLE = [4, 2, 7, 1, 3, 9, 2, 5, 6, 1, 3, 8]
BY_ROW = [0, 0, 0, 1, 0, 2, 2, 1, 0, 2, 2, 1]


@pytest.fixture(scope="module")
def board():
    return study.squares(PEOPLE, columns=4)[1]


@pytest.fixture(scope="module")
def grid():
    """The board as a graph, made without the code under test."""
    graph = nx.grid_2d_graph(3, 4)
    return nx.relabel_nodes(graph, {(row, column): 4 * row + column for row, column in graph})


# ---------------------------------------------------------------------------------- the board


def test_squares_touch_along_edges(board, grid):
    assert {tuple(link) for link in board.links.tolist()} == {tuple(sorted(e)) for e in grid.edges}
    assert board.shared_km.tolist() == [1.0] * 17
    assert board.population.tolist() == PEOPLE
    squares = study.squares(PEOPLE, columns=4)[0]
    assert "".join(squares["zone"]) == "ABCDEFGHIJKL"
    assert squares.loc[5, ["x", "y"]].tolist() == [1500, -1500]  # F, second row, second column
    assert squares.geometry[5].centroid.coords[0] == (1500, -1500)


def test_areas_grow_by_first_order_neighbours_in_the_order_of_the_genes():
    # A B C D / E F G H from A and D: both are two steps from the middle
    board = study.squares([1] * 8, columns=4)[1]
    start, first, second, *rest = study.grow(board, [0, 3])
    free = -1
    assert start.tolist() == [0, free, free, 1, free, free, free, free]
    assert first.tolist() == [0, 0, 1, 1, 0, free, free, 1]
    assert second.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert rest == []
    # of two areas that touch a square the first gene's has it
    row = study.squares([1] * 3, columns=3)[1]
    assert study.grow(row, [0, 2])[-1].tolist() == [0, 0, 1]
    assert study.grow(row, [2, 0])[-1].tolist() == [1, 0, 0]


def test_grown_areas_are_those_of_the_papers_algorithm(board):
    """Every plan of `genetic_paper` is grown from some genes, and no better one is."""
    values = {
        population_difference(board, study.grow(board, genes)[-1])
        for genes in permutations(range(12), 3)
    }
    assert min(values) == 2
    assert genetic_paper(board, 3, seed=1).value == 2
    found = [
        genes
        for genes in permutations(range(12), 3)
        if population_difference(board, study.grow(board, genes)[-1]) == 2
    ]
    assert len(found) == 10
    assert (0, 5, 9) in found
    assert (5, 0, 9) not in found


def test_growing_stops_where_nothing_can_be_reached(board):
    apart = Units(
        ("a", "b"), ("a", "b"), np.ones(2), np.ones(2), np.full(2, 4.0), np.arange(2.0),
        np.zeros(2), np.empty((0, 2), dtype=int), np.empty((0, 2), dtype=int), [],
    )  # fmt: skip
    with pytest.raises(DistrictingError, match="out of reach"):
        study.grow(apart, [0])


def test_every_move_is_there_with_its_change(board, grid):
    table = study.moves(board, Plan.of(board, BY_ROW), temperature=5)
    expected = {}
    for i, j in [*grid.edges, *[(b, a) for a, b in grid.edges]]:
        if BY_ROW[i] == BY_ROW[j]:
            continue
        rest = [n for n in grid if BY_ROW[n] == BY_ROW[i] and n != i]
        whole = bool(rest) and nx.is_connected(grid.subgraph(rest))
        trial = [BY_ROW[j] if n == i else BY_ROW[n] for n in grid]
        held = np.bincount(trial, weights=PEOPLE)
        change = np.abs(held - 17).sum() - 10
        chance = min(1.0, np.exp(-change / 5)) if whole else 0.0
        expected["ABCDEFGHIJKL"[i], BY_ROW[i], BY_ROW[j]] = (whole, change, chance)
    found = {row[:3]: row[3:] for row in table.itertuples(index=False, name=None)}
    assert found.keys() == expected.keys()
    assert len(table) == len(found)
    for key, (whole, change, chance) in expected.items():
        assert found[key] == (whole, pytest.approx(change), pytest.approx(chance)), key
    assert table["change"].is_monotonic_increasing


@pytest.mark.parametrize("seed", range(8))
def test_recombination_cuts_a_tree_where_it_balances_best(board, grid, seed):
    step = study.recombine(board, BY_ROW, (0, 2), seed)
    tree = nx.Graph(step.tree.tolist())
    assert nx.is_tree(tree)
    assert set(tree) == set(np.flatnonzero(step.merged)) == {n for n in grid if BY_ROW[n] != 1}
    assert all(grid.has_edge(*edge) for edge in tree.edges)
    assert step.half == 18.5
    held = {}
    for number, (a, b) in enumerate(step.tree.tolist()):
        cut = tree.copy()
        cut.remove_edge(a, b)
        held[number] = sum(PEOPLE[n] for n in nx.node_connected_component(cut, a))
    assert step.held.tolist() == list(held.values())
    assert abs(held[step.cut] - 18.5) == min(abs(value - 18.5) for value in held.values())
    after = Plan.of(board, step.after)  # contiguous, or refused
    assert after.areas == 3
    assert_array_equal(step.after == 1, np.array(BY_ROW) == 1)


def test_areas_that_do_not_touch_are_not_recombined():
    row = study.squares([1] * 3, columns=3)[1]
    with pytest.raises(DistrictingError, match="areas 0 and 2 do not touch"):
        study.recombine(row, [0, 1, 2], (0, 2), seed=1)


def test_connected_subsets_are_all_of_them(board, grid):
    found = study.connected_subsets(board)
    brute = [
        list(subset)
        for size in range(1, 13)
        for subset in combinations(range(12), size)
        if nx.is_connected(grid.subgraph(subset))
    ]
    assert found == brute
    assert study.connected_subsets(board, most=2) == [s for s in brute if len(s) <= 2]


def test_no_better_plan_is_made_of_other_subsets(board):
    """The cover of all subsets is no better than that of the useful ones."""
    every = study.connected_subsets(board)
    useful = study.useful_subsets(board, 3, every, known=10)
    assert len(every) == 1126
    assert len(useful) == 236
    best = study.set_partition(board, 3, useful)
    assert best.optimum == pytest.approx(study.set_partition(board, 3, every).optimum)
    assert best.relaxed <= best.optimum == pytest.approx(2)
    assert sorted(i for area in best.areas for i in area) == list(range(12))
    held = [sum(PEOPLE[i] for i in area) for area in best.areas]
    assert sum(abs(people - 17) for people in held) == best.optimum
    assert district(board, 3).value == pytest.approx(best.optimum)


def test_no_cover_is_a_sentence(board):
    with pytest.raises(DistrictingError, match="no 3 of the 1 subsets"):
        study.set_partition(board, 3, [[0]])


# ---------------------------------------------------------------------------------- fields


def test_fields_to_share_out():
    zones = pd.DataFrame({"rate": [-1.0, 2], "people": [3, 4], "none": [0, 0], "crimes": [0, 1]})
    known = list(zones)
    assert study.shareable_fields(zones, known) == ["people"]
    assert study.shareable_fields(zones, known, ["crimes", "people", "crimes"]) == [
        "crimes", "people",
    ]  # fmt: skip
    for name in ("rate", "none", "other"):
        with pytest.raises(DistrictingError, match=rf"'{name}' is no field of zero and more"):
            study.shareable_fields(zones, known, [name])


def test_contacts_are_corners_where_no_borders_are():
    assert study.usual_contacts(pd.DataFrame({"contact": ["point"]})) == "queen"


def test_estimates_by_hand():
    zones = pd.DataFrame({"a": [1, 3, 6], "a_status": ["estimate", "census", "estimate"]})
    assert study.estimates(zones, "a") == study.Estimates(2, 3, 0.7)
    assert study.estimates(zones.assign(a_status="census"), "a") is None
    assert study.estimates(zones[["a"]], "a") is None


# ---------------------------------------------------------------------------------- one plan


def test_contacts_change_links_and_parts():
    squares, _ = study.squares([5, 1, 1, 5], columns=2)
    # A touches D in a corner; the border of A and B is across the estuary
    borders = pd.DataFrame(
        [("A", "B", 1.0, "rook", 1), ("C", "D", 1.0, "rook", 0), ("A", "D", 0.0, "point", 0)],
        columns=["zone_a", "zone_b", "shared_km", "contact", "across_estuary"],
    )
    table = study.contact_table(squares, borders, "people", 2, restarts=1)
    key = ["contacts", "estuary_borders"]
    assert table[[*key, "pairs", "separate_parts"]].to_numpy().tolist() == [
        ["rook", "join", 2, 2], ["rook", "do not join", 1, 3],
        ["queen", "join", 3, 1], ["queen", "do not join", 2, 2],
    ]  # fmt: skip
    best = table.set_index(key)["best_eq1"]
    assert best["rook", "join"] == 0  # AB and CD
    assert np.isnan(best["rook", "do not join"])  # three parts, two areas
    assert best["queen", "do not join"] == 10  # ACD and B: 11 and 1
    plain = study.contact_table(squares, borders.drop(columns="across_estuary"), "people", 2)
    assert plain["contacts"].tolist() == ["rook", "queen"]
    assert "estuary_borders" not in plain


def test_areas_are_numbered_by_size(board):
    table, number = study.areas_by_size(board, Plan.of(board, BY_ROW))
    assert table["area"].tolist() == [1, 2, 3]
    assert table["amount"].tolist() == [22, 15, 14]
    assert table["difference"].tolist() == [5, -2, -3]
    assert number.tolist() == [1, 3, 2]
    assert table["names"].tolist()[1] == "F + G + J + K"


def test_pieces_on_the_ground_are_in_the_tables(board):
    shapes = [shapely.box(i % 4, i // 4, i % 4 + 1, i // 4 + 1) for i in range(12)]
    plan = Plan.of(board, BY_ROW)
    table, number = study.areas_by_size(board, plan, shapes)
    assert table["pieces"].tolist() == [1, 1, 1]
    shapes[0] = shapely.box(50, 0, 51, 1)  # parts the other four squares of its area, too
    table, number = study.areas_by_size(board, plan, shapes)
    apart = table.set_index("area").loc[number[0]]
    assert (apart["units"], apart["pieces"], apart["detached_share"]) == (5, 3, 0.6)
    assert table["names"].equals(study.areas_by_size(board, plan)[0]["names"])
    best = study.optimum_table({"a": board}, 3, {"a": plan}, {"a": "A"}, shapes)
    assert best["areas_in_pieces"].tolist() == [1]
    efficient = study.efficient_plans({"a": board}, {"a": [plan]}, {}, {"a": "A"}, shapes)
    assert efficient["areas_in_pieces"].tolist() == [1]


def test_one_polsby_popper_whatever_the_outlines(board):
    # outlines of another perimeter than the tables', as of a drawn map
    shapes = [shapely.Point(i % 4, i // 4).buffer(0.55, quad_segs=2) for i in range(12)]
    plans = [Plan.of(board, BY_ROW), district(board, 3)]
    means = [area_table(board, plan)["polsby_popper"].mean() for plan in plans]
    for drawn in (None, shapes):
        own = {"a": board}, {"a": plans}, {}, {"a": "A"}, drawn
        front = study.efficient_plans(*own).set_index("eq4")["mean_polsby_popper"]
        for plan, mean in zip(plans, means, strict=True):
            table = study.optimum_table({"a": board}, 3, {"a": plan}, {"a": "A"}, drawn)
            assert table["mean_polsby_popper"].tolist() == pytest.approx([mean])
            shape = plan.objectives["eq4"]
            assert front.get(shape, mean) == pytest.approx(mean)
            measured = chain_measures(board, plan.assignment)
            assert measured["mean_polsby_popper"] == pytest.approx(mean)
            # of k areas, by the means of their terms
            assert mean >= 4 * np.pi * 3 / shape - 1e-12


def test_searches_beside_a_shared_bound(board):
    good, bad = Plan.of(board, district(board, 3).assignment), Plan.of(board, BY_ROW)
    table = study.search_table({"a": good, "b": bad}, floor=2.0).set_index("method")
    assert table["value"].tolist() == [2, 10]
    assert table["bound"].tolist() == [2, 2]
    assert table["optimal"].tolist() == [True, False]


def test_what_is_asked_for_and_what_it_costs(board):
    wishes = study.wishes(board, 3)
    plans = {name: annealing(board, 3, objective=wish, seed=1) for name, wish in wishes.items()}
    table = study.exchange_table(board, plans)
    assert table.index.tolist() == list(wishes)
    for name, plan in plans.items():
        row = table.loc[name]
        assert row[["eq1", "eq2", "eq4"]].tolist() == [
            plan.objectives[e] for e in ("eq1", "eq2", "eq4")
        ]
        assert row["eq1_share"] == plan.objectives["eq1"] / 51
    assert table["eq1"].idxmin() in ("(1) alone", "(3), raw")
    assert table["eq4"].min() == table.loc["(1) and (4), scaled", "eq4"]


def test_settings_are_spread_over_the_grid(board):
    assert study.settings_table(board, 3, 0, seed=1).empty
    table = study.settings_table(board, 3, 3, seed=1)
    assert table.index.tolist() == [0, 50, 100]
    for row in table.itertuples():
        alone = genetic_paper(
            board, 3, seed=1, population=row.population, generations=row.generations,
            mutation=row.mutation, crossover=row.crossover,
        )  # fmt: skip
        assert row.eq1 == row.least == row.greatest == alone.value


def test_settings_over_seeds_and_what_the_paper_leaves_open(board):
    table = study.settings_table(board, 3, 3, seed=1, seeds=3)
    row = table.iloc[1]
    runs = [
        genetic_paper(
            board, 3, seed=seed, population=int(row.population), generations=int(row.generations),
            mutation=row.mutation, crossover=row.crossover,
        )
        for seed in (1, 2, 3)
    ]  # fmt: skip
    values = [run.value for run in runs]
    assert (row.least, row.eq1, row.greatest) == (min(values), np.median(values), max(values))
    # the last generation whose best is better than the one before
    still = [np.flatnonzero(run.trace[:, 1] == run.value)[0] for run in runs]
    assert row.stagnation == np.median(still)
    assert 0 < row.distinct <= 1
    # the first 250 generations of a run of 500 are the run of 250
    options = {"population": 30, "crossover": 1.0, "mutation": 0.3}
    both = one_plan._over_seeds(board, 3, options, [5, 12], 1, 1, None)
    for length, row in both.items():
        kept: list[np.ndarray] = []
        alone = genetic_paper(board, 3, seed=1, generations=length, last=kept, **options)
        sets = {tuple(sorted(genes)) for genes in kept[0].tolist()}
        assert (row["eq1"], row["distinct"]) == (alone.value, len(sets) / 30)
    assert both[5]["distinct"] != both[12]["distinct"]
    choices = study.open_choices_table(board, 3, seed=1, seeds=2).set_index("choice")
    assert choices["eq1"].min() >= 2  # the optimum of the board
    assert choices.loc["as here", "least"] <= choices.loc["as here", "greatest"]


def test_open_choices_of_the_genetic_algorithm_do_what_they_say(board):
    kept: list[np.ndarray] = []
    how = {"seed": 3, "population": 10, "generations": 5, "last": kept}
    genetic_paper(board, 3, elite=9, mutation=1.0, **how)
    # nine of ten go on: all but one of the last generation were there before the last step
    genetic_paper(board, 3, elite=9, mutation=1.0, **{**how, "generations": 4})
    before = {tuple(genes) for genes in kept[1].tolist()}
    assert sum(tuple(genes) in before for genes in kept[0].tolist()) >= 9
    genetic_paper(board, 3, mutate="chromosome", mutation=0.0, crossover=0.0, **how)
    genetic_paper(board, 3, mutation=0.0, crossover=0.0, **{**how, "generations": 0})
    # without mutation and crossover the chromosomes are those of the first generation
    first = {tuple(genes) for genes in kept[3].tolist()}
    assert {tuple(genes) for genes in kept[2].tolist()} <= first
    early = genetic_paper(board, 3, seed=3, until=1e9)
    assert len(early.trace) == 20
    with pytest.raises(DistrictingError, match="leaves no room"):
        genetic_paper(board, 3, population=10, elite=10)


# ---------------------------------------------------------------------------------- many runs

METHODS = {
    "GA, eq. 1": {"method": "genetic_paper", "population": 20, "generations": 10},
    "GA, eq. 3": {"method": "genetic_paper", "objective": "eq3", "generations": 10},
    "AZP-SA": {"method": "azp_sa", "engine": "compiled"},
}
LABELS = {"people": "People"}
TOTALS = {"people": 51.0}


@pytest.fixture(scope="module")
def runs(board):
    return study.runs_by_field({"people": board}, 3, METHODS, seeds=[4, 7, 9])


@pytest.fixture(scope="module")
def best(board):
    return district(board, 3)


def test_each_run_is_the_method_for_its_own_objective(board, runs):
    assert runs["method"].tolist() == [name for name in METHODS for _ in range(3)]
    assert runs["seed"].tolist() == [4, 7, 9] * 3
    assert "seconds" not in runs
    line = runs[(runs["method"] == "GA, eq. 3") & (runs["seed"] == 7)].iloc[0]
    plan = genetic_paper(board, 3, objective="eq3", generations=10, seed=7)
    assert (line["eq1"], line["eq2"]) == (plan.objectives["eq1"], plan.objectives["eq2"])


def test_the_best_run_is_made_again_only_where_it_beats_the_proof(board, runs, best):
    assert study.best_of_runs(board, 3, best, runs, METHODS) is best
    stopped = Plan.of(board, [0] * 10 + [1, 2], bound=1.5)
    found = study.best_of_runs(board, 3, stopped, runs, METHODS)
    own = runs[runs["method"] != "GA, eq. 3"]
    assert found.value <= own["eq1"].min() < stopped.value
    assert found.bound >= 1.5
    # the exact search goes on from there
    assert found.proven
    assert found.value == best.value


def test_the_median_run_is_made_again(board, runs):
    part = runs[runs["method"] == "AZP-SA"]
    plan = study.median_plan(board, 3, part, METHODS["AZP-SA"])
    assert plan.objectives["eq1"] == part["eq1"].median()
    # of two runs it is the better one
    two = part.sort_values("eq1").iloc[[0, 2]]
    assert study.median_plan(board, 3, two, METHODS["AZP-SA"]).objectives["eq1"] == two["eq1"].min()


def test_optimum_table_says_what_is_proven(board, best):
    weak = Plan.of(board, BY_ROW, bound=0.05)
    half = Plan.of(board, BY_ROW, bound=2)
    units = dict.fromkeys("abc", board)
    table = study.optimum_table(
        units, 3, {"a": best, "b": half, "c": weak}, {"a": "A", "b": "B", "c": "C"}
    )
    assert table["proven"].tolist() == ["optimal", "no proof", "no proof, weak bound"]
    assert table["closed_form_bound"].tolist() == [0, 0, 0]
    assert table["best_share"].tolist() == [2 / 51, 10 / 51, 10 / 51]


def test_methods_by_hand(best):
    runs = pd.DataFrame(
        {
            "field": "people",
            "method": ["a", "a", "a", "b", "b", "b"],
            "eq1": [2.0, 4, 9, 2, 2, 2],
            "maximum": 19.0,
        }
    )
    table = study.method_table(runs, {"people": best}, TOTALS, LABELS)
    assert table["field"].tolist() == ["People", "People"]
    assert table[["best", "median", "worst", "seeds"]].to_numpy().tolist() == [
        [2, 4, 9, 3], [2, 2, 2, 3],
    ]  # fmt: skip
    assert table["optimal_seeds"].tolist() == [1, 3]
    assert table["median_share"].tolist() == [4 / 51, 2 / 51]
    found = study.method_findings(table, {"people": best}, {"people": [8.0, 6, 10]}, TOTALS)
    assert found == [
        {
            "label": "People", "best": 2.0, "best_of_all": 2.0, "found_by": best.method, "least": 2.0, "leaders": ["b"], "optimal": True, "bound": 2.0,
            "weak": False, "widest": {"method": "a", "best": 2.0, "worst": 9.0},
            "random_best": 6.0, "random_median": 8.0,
        }
    ]  # fmt: skip
    printed = PRINTED.replace({"AZP-SA": "a"})
    shares = study.method_shares(runs, TOTALS, printed)
    assert shares.loc[("people", "a")].tolist() == [2 / 51, 4 / 51, 9 / 51, 12 / 51]
    assert np.isnan(shares.loc[("people", "b"), "printed"])
    assert study.method_shares(runs, TOTALS)["printed"].isna().all()


PRINTED = pd.DataFrame(
    [
        ("people", "AZP-SA", "average", 16.0),
        ("people", "AZP-SA", "minimum", 9.0),
        ("people", "AZP-SA", "maximum", 23.0),
        ("people", "AZP-SA", "compactness", 60.0),
        ("people", "AZP-SA", "population_difference", 12.0),
    ],
    columns=["field", "method", "statistic", "printed"],
)


def test_statistics_of_each_method_beside_the_published(board, runs, best):
    from helpers.districting import area_statistics

    of_best = {"people": area_statistics(board, best)}
    table = study.statistics_table(runs, ["AZP-SA"], of_best, LABELS, PRINTED)
    part = runs[runs["method"] == "AZP-SA"]
    line = table[table["statistic"] == "sum of differences"].iloc[0]
    assert line["printed"] == 12
    assert [line["least"], line["median"], line["greatest"]] == [
        part["eq1"].min(), part["eq1"].median(), part["eq1"].max(),
    ]  # fmt: skip
    assert line["of_best_plan"] == 2
    assert len(table) == 7
    assert table["printed"].isna().sum() == 2
    assert "printed" not in study.statistics_table(runs, ["AZP-SA"], of_best, LABELS)


def test_azp_within_is_spread_over_fields_and_engines(board):
    table = study.azp_within_runs({"people": board, "other": board}, 3, seeds=range(4), peers=1)
    assert table.groupby(["field", "engine"]).size().to_dict() == {
        ("people", "compiled"): 4, ("other", "compiled"): 4, ("people", "spopt"): 1,
    }  # fmt: skip
    labels = {"people": "People", "other": "Other"}
    spread = study.spread_of_runs(table, labels, PRINTED, "AZP-SA").set_index(
        ["of_the_runs", "field", "engine"]
    )
    own = table[(table["field"] == "people") & (table["engine"] == "compiled")]
    assert spread.loc[("median", "People", "compiled"), "maximum"] == own["maximum"].median()
    assert spread.loc[("published", "People", ""), "population_difference"] == 12
    assert len(study.spread_of_runs(table, labels)) == 9


def test_shares_of_areas(board):
    assert study.relative_shares(board, Plan.of(board, BY_ROW)).tolist() == [
        22 / 17, 14 / 17, 15 / 17,
    ]  # fmt: skip


# ---------------------------------------------------------------------------- balance and shape


def test_balance_first_then_shape(board, best):
    from helpers.districting import pareto_front

    mixed = study.mixtures(board, 3, [0.0, 1.0], seed=1, restarts=2)
    assert [plan.method for plan in mixed] == ["annealing", "annealing"]
    front = pareto_front(board, 3, limit=6)
    assert study.balanced_then_compact(best, mixed, front, slack=0) is front.plans[0]
    # the best is at (1) = 2, a more compact plan at 4
    compact = Plan.of(board, [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2])
    assert compact.objectives["eq4"] < best.objectives["eq4"]
    assert study.balanced_then_compact(best, [compact], None, slack=2) is compact
    assert study.balanced_then_compact(best, [compact], None, slack=1.9) is best


def test_exchange_holds_every_plan_once(board, runs, best):
    from helpers.districting import pareto_front

    front = pareto_front(board, 3, limit=6)
    mixed = {"people": [best, Plan.of(board, BY_ROW)]}
    points = study.exchange_points(runs, ["AZP-SA"], mixed, {"people": front}, PRINTED)
    assert points["kind"].value_counts().to_dict() == {
        "run": 3, "printed": 1, "mixture": 2, "front": len(front.plans),
    }  # fmt: skip
    shown = points[points["kind"] == "printed"].iloc[0]
    assert (shown["method"], shown["eq1"], shown["eq4"]) == ("AZP-SA", 12, 60)
    mixture = points[points["kind"] == "mixture"]
    assert mixture["eq1"].tolist() == [2, 10]
    facts = study.exchange_facts(runs, front, 51)
    level = runs[runs["eq1"] == runs["eq1"].min()]
    assert (facts["plans"], facts["level"]) == (9, len(level))
    assert facts["lowest"] == runs["eq1"].min()
    assert (facts["least"], facts["greatest"]) == (level["eq4"].min(), level["eq4"].max())
    assert facts["front"] == len(front.plans)
    assert facts["front_eq4"] == front.table()["eq4"].iloc[0]
    assert study.exchange_facts(runs, None, 51)["front"] is None


def test_limits_leave_out_only_mixtures_far_to_the_right():
    points = pd.DataFrame(
        {"kind": ["run", "run", "mixture", "mixture"], "eq1": [10.0, 20, 24, 90], "eq4": 1.0}
    )
    (low, high), left_out = study.exchange_limits(points, bound=8, total=100)
    # from the bound to the mixture at 24: 12 wide without mixtures, 5 % to the left, 7 % to the right
    assert (low, high) == (8 - 0.05 * 12, 24 + 0.07 * 12)
    assert left_out == 1
    points["eq1"] = 0.0
    assert study.exchange_limits(points, bound=0, total=100) == ((-0.05, 0.07), 0)


def test_efficient_plans_are_beaten_by_none(board):
    plans = [
        Plan.of(board, labels)
        for labels in (BY_ROW, [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2], [0] * 10 + [1, 2])
    ]
    table = study.efficient_plans({"people": board}, {"people": plans}, {}, LABELS)
    kept = {tuple(row) for row in table[["eq1", "eq4"]].to_numpy()}
    both = [(plan.objectives["eq1"], plan.objectives["eq4"]) for plan in plans]
    efficient = {
        one for one in both
        if not any(a <= one[0] and b <= one[1] and (a, b) != one for a, b in both)
    }  # fmt: skip
    assert kept == efficient
    assert set(table["proven"]) == {"no proof"}


# ---------------------------------------------------------------------------------- published


def test_published_values_are_checked():
    fields, methods = ["people"], ["AZP-SA"]
    assert study.checked_printed(None, fields, methods) is None
    assert study.checked_printed(PRINTED, ["other"], methods) is None
    assert len(study.checked_printed(PRINTED, fields, methods)) == 5
    for broken, said in (
        (PRINTED.drop(columns="printed"), "no column 'printed'"),
        (PRINTED.assign(method="AZP"), "method 'AZP', which is none of"),
        (PRINTED.assign(statistic="mode"), "statistic 'mode', which is none of"),
        (pd.concat([PRINTED, PRINTED[:1]]), "two published values of people, AZP-SA, average"),
    ):
        with pytest.raises(DistrictingError, match=said):
            study.checked_printed(broken, fields, methods)


def test_extremes_are_recognised_as_sums_of_contiguous_zones(board):
    table = study.extremes_by_name({"people": board}, "ABCDEFGHIJKL", PRINTED)
    assert table["what"].tolist() == ["minimum", "maximum"]
    # 9 is F alone, and the smallest set is the one named
    assert table["zones"].iloc[0] == "F"
    names = table["zones"].iloc[1].split(" + ")
    assert len(names) == table["of"].iloc[1]
    assert sum(PEOPLE["ABCDEFGHIJKL".index(name)] for name in names) == 23
    sums = np.array([sum(PEOPLE[i] for i in s) for s in study.connected_subsets(board, most=4)])
    near = (np.abs(sums - 9) <= 0.9).sum()
    assert table["by_chance"].iloc[0] == pytest.approx(near / 1.8)
    far = PRINTED.assign(printed=1000.0)
    assert study.extremes_by_name({"people": board}, "ABCDEFGHIJKL", far)["zones"].tolist() == [
        "none", "none",
    ]  # fmt: skip


def test_doubts_name_what_cannot_be(board, runs, best):
    found = study.doubts(
        PRINTED, {"people": board}, 3, {"people": best}, {"people": [4.0, 8, 10, 30]}, runs
    )
    assert found["averages"] == [
        {
            "field": "people", "method": "AZP-SA", "printed": 16.0, "people": 48.0, "total": 51.0,
            "share": 17.0,
        }
    ]  # fmt: skip
    # a column that cannot be is not judged further
    assert found["starts"] == found["far"] == []
    fits = PRINTED.assign(printed=PRINTED["printed"].where(PRINTED["statistic"] != "average", 17.0))
    found = study.doubts(
        fits, {"people": board}, 3, {"people": best}, {"people": [4.0, 8, 10, 30]}, runs
    )
    (start,) = found["starts"]
    own = runs[runs["method"] == "AZP-SA"]["eq1"]
    assert (start["better"], start["random_best"]) == (0.75, 4)
    assert (start["low"], start["high"]) == (own.min(), own.max())
    (far,) = found["far"]
    assert (far["optimum"], far["ratio"]) == (2, 6)
    sound = PRINTED.assign(printed=[17.0, 16, 18, 60, 2.0])
    none = study.doubts(sound, {"people": board}, 3, {"people": best}, {"people": [4.0, 8]}, runs)
    assert none == {"averages": [], "starts": [], "far": []}


def test_a_plan_made_for_equation_3_is_judged_by_it(board, runs):
    best = district(board, 3)
    fits = PRINTED.assign(printed=PRINTED["printed"].where(PRINTED["statistic"] != "average", 17.0))
    methods = {"AZP-SA": {"method": "azp_sa", "objective": "eq3"}}
    own = {"people": board}, 3, {"people": best}
    tries = study.random_values({"people": board}, 3, 20)
    whole = [random_plan(board, 3, seed).objectives["eq3"] for seed in range(20)]
    printed = float(np.median(whole)) + 1
    fits.loc[fits["statistic"] == "population_difference", "printed"] = printed
    (start,) = study.doubts(fits, *own, tries, runs, methods)["starts"]
    assert start["equation"] == "3" and start["random_best"] == min(whole)
    assert start["better"] == np.mean(np.array(whole) < printed)
    assert start["low"] == runs.loc[runs["method"] == "AZP-SA", "eq3"].min()


def test_runs_that_end_like_the_published_plan():
    runs = pd.DataFrame(
        {
            "field": "people",
            "minimum": [9.0, 9, 10],
            "maximum": [23.0, 20, 20],
            "population_difference": [10.0, 14, 20],
        }
    )
    other = runs.assign(minimum=1.0, population_difference=[13.0, 14, 15])
    table = study.like_published(PRINTED, {"own": runs, "other": other}, "AZP-SA")
    assert table["tried"].tolist() == ["own", "other"]
    assert table[["minimum_met", "maximum_met"]].to_numpy().tolist() == [[2, 1], [0, 1]]
    assert table["inside"].tolist() == [True, False]
    assert study.like_published(PRINTED, {"own": runs}, "GA, eq. 1").empty


def test_numbers_of_the_ledger(board, runs):
    named = study.extremes_by_name({"people": board}, "ABCDEFGHIJKL", PRINTED)
    numbers = study.ledger_numbers(runs, PRINTED, named)
    part = runs[runs["method"] == "AZP-SA"]
    key = "people_azp_sa_maximum"
    assert numbers[key] == part["maximum"].median()
    assert numbers[f"{key}_least"] == part["maximum"].min()
    assert numbers[f"{key}_greatest"] == part["maximum"].max()
    assert numbers[f"{key}_met"] == (part["maximum"] == 23).sum()
    assert numbers[f"{key}_reached"] is bool((part["maximum"] == 23).any())
    assert numbers["people_azp_sa_minimum_zones"] == "F"
    medians = runs.groupby("method")["eq1"].median()
    assert medians[numbers["people_leader"]] == medians.min()
    alone = study.ledger_numbers(runs)
    assert len(alone) == 3 * 7 * 3 + 1
    assert "people_azp_sa_maximum_met" not in alone
    both = study.ledger_numbers(pd.concat([runs, part.assign(method="AZP")]))
    assert both["people_azp_maximum_greatest"] == part["maximum"].max()
    assert both["people_azp_maximum_least"] == part["maximum"].min()


def test_plans_leave_as_layers(board):
    shapes = [shapely.box(i % 4, i // 4, i % 4 + 1, i // 4 + 1) for i in range(12)]
    zones = gpd.GeoDataFrame({"zone": board.zones, "name": board.names}, geometry=shapes, crs=27700)
    plans = {"one": (board, Plan.of(board, BY_ROW)), "two": (board, district(board, 3))}
    layers = study.plan_layers(zones, plans, {"two": {"seed": 7}})
    assert layers["zones"]["one"].tolist() == [1, 1, 1, 3, 1, 2, 2, 3, 1, 2, 2, 3]
    areas = layers["areas"].set_index(["plan", "area"])
    # squares of one kilometre, drawn as squares of one metre
    assert areas.geometry.area.tolist() == areas["area_km2"].tolist() == areas["units"].tolist()
    assert areas.loc[("one", 1), "amount"] == 22
    facts = layers["plans"].set_index("plan")
    assert facts.loc["two", ["value", "bound", "proven", "seed"]].tolist() == [2, 2, True, 7]
    assert np.isnan(facts.loc["one", "seed"])
    with pytest.raises(ValueError, match="other zones"):
        study.plan_layers(zones.iloc[::-1], plans)


def test_areas_of_a_plan_with_few_changes_keep_their_numbers(board):
    shapes = [shapely.box(i % 4, i // 4, i % 4 + 1, i // 4 + 1) for i in range(12)]
    zones = gpd.GeoDataFrame({"zone": board.zones, "name": board.names}, geometry=shapes, crs=27700)
    changed = np.array(BY_ROW)
    changed[[1, 2]] = changed[3]  # so the first area is the largest no longer
    named = {"today": BY_ROW, "today_2_changed": changed, "anew": changed}
    plans = {name: (board, Plan.of(board, own)) for name, own in named.items()}
    layers = study.plan_layers(zones, plans)
    before, after, alone = (layers["zones"][name].to_numpy() for name in named)
    assert np.flatnonzero(before != after).tolist() == [1, 2]
    assert (after != alone).sum() > 2
    # the layer of areas says of each number what the zones of that number hold
    own = layers["areas"].set_index(["plan", "area"])
    for (name, area), row in own.iterrows():
        held = layers["zones"][name] == area
        assert row["amount"] == board.population[held].sum() and row["units"] == held.sum()


def test_further_plans_have_names_that_can_head_a_column(board):
    mixed = {"(1) and a little of (4)": district(board, 3)}
    broken = [0, 1, 0, 0, 0, 2, 2, 1, 0, 2, 2, 1]
    police = {"today (stand-in)": np.array(broken), "service, travel, standard": np.array(BY_ROW)}
    rows = pd.DataFrame({"plan": list(police), "late_share": [0.5, 0.25], "eq4": [9.0, 8.0]})
    kept, about = study.further_plans(board, mixed, police, rows)
    # today's is in pieces
    assert list(kept) == list(about) == ["eq1_and_a_little_of_eq4", "service_travel_standard"]
    assert about["service_travel_standard"] == {
        "title": "service, travel, standard",
        "late_share": 0.25,
    }
    assert kept["service_travel_standard"][1].assignment.tolist() == BY_ROW
    assert study.further_plans(board, mixed, {})[1] == {
        "eq1_and_a_little_of_eq4": {"title": "(1) and a little of (4)"}
    }
