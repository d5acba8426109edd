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
    district,
    genetic_paper,
    population_difference,
    study,
)

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


def test_areas_in_pieces():
    boxes = [shapely.box(i, 0, i + 1, 1) for i in (0, 1, 5, 9)]
    assert study.areas_in_pieces(boxes, [0, 0, 1, 1]).tolist() == [1]
    assert study.areas_in_pieces(gpd.GeoSeries(boxes), [0, 0, 1, 2]).tolist() == []


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
        assert row.eq1 == alone.value
