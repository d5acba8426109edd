"""Districting beside its peers: Setúbal's 55 freguesias, and boards of squares for larger maps."""

from __future__ import annotations

import functools
import random
from functools import cache

import numpy as np
from measure import Case, Elsewhere, cpu

from helpers.compendium import find_city
from helpers.districting import (
    Units,
    annealing,
    azp,
    closed_form_bound,
    district,
    exact,
    recombination,
)

AREAS = 28
STEPS = 200_000  # of ours; a chain of GerryChain makes far fewer, and its seconds are scaled up


@cache
def setubal() -> Units:
    return Units.from_city(find_city("setubal"), "population")


@cache
def board(rows: int) -> Units:
    """Squares of 1 km with log-normal populations."""
    n, at = rows * rows, np.arange(rows * rows).reshape(rows, rows)
    links = np.concatenate(
        [
            np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()]),
            np.column_stack([at[:-1].ravel(), at[1:].ravel()]),
        ]
    )
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    y, x = np.divmod(np.arange(n), rows)
    ids = tuple(map(str, range(n)))
    people = np.round(np.exp(np.random.default_rng(0).normal(7.5, 1.0, n)))
    return Units(
        ids, ids, people, np.ones(n), np.full(n, 4.0), x * 1000.0, y * 1000.0, links, links,
        np.ones(len(links)),
    )  # fmt: skip


def over_optimum(_mine, theirs: float) -> str:
    return f"{theirs / closed_form_bound(setubal(), AREAS):.2f} × optimum"


def plan_by(method):
    def make():
        units = setubal()
        method(units)
        return lambda: method(units).objectives["eq1"]

    return make


def geoda(name: str, **options):
    """Pygeoda's zoning with its own objective, judged by ours."""

    def make():
        import geopandas as gpd
        import pygeoda

        city, units = find_city("setubal"), setubal()
        shapes = city.layer("zones").set_index("zone").loc[list(units.zones)].reset_index()
        table = pygeoda.open(gpd.GeoDataFrame(shapes[["zone", "geometry"]]))
        weights, data = pygeoda.rook_weights(table), [units.population.tolist()]

        def call():
            labels = np.asarray(getattr(pygeoda, name)(AREAS, weights, data, **options)["Clusters"])
            people = np.bincount(labels, units.population)[1:]
            return float(np.abs(people - units.mean(AREAS)).sum())

        return call

    return make


def searched(kernel: str):
    """Ours: steps of a search from a grown plan, CPU seconds of `STEPS` of them."""

    def make():
        from helpers.districting import _kernels
        from helpers.districting._states import graph_arrays, grown_assignment, new_state

        units, areas = board(55), 40
        graph, mu, weights = graph_arrays(units), units.mean(areas), np.array([1.0, 0.0, 0.0])
        n, counts = len(units), np.zeros(2, np.int64)
        room = (np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64),
                np.empty(len(graph.indices) + n, np.int64))  # fmt: skip

        def call():
            rng = np.random.default_rng(0)
            state = new_state(graph, grown_assignment(units, graph, areas, rng), areas, rng)
            _kernels.fill_state(graph, state, False)
            value = _kernels.state_value(state, mu, weights)
            best = state.label.copy()
            first = _kernels.mean_rise(graph, state, mu, weights, 200)
            if kernel == "flips":
                _kernels.anneal(
                    graph, state, mu, weights, value, best, value, first, 1e-4, STEPS, 1, -1.0,
                    np.empty(1), counts,
                )  # fmt: skip
            else:
                _kernels.recombine(
                    graph, state, mu, weights, value, best, value, first, 1.0, STEPS // 10, -1.0,
                    np.empty(STEPS // 10), counts, room,
                )  # fmt: skip
            return value

        return call

    return make


def gerrychain(kernel: str, steps: int):
    """The same map and number of areas; `steps` steps of a chain."""

    def make():
        import networkx as nx
        from gerrychain import Graph, MarkovChain, Partition, accept, constraints, proposals
        from gerrychain.updaters import Tally, cut_edges

        units, areas = board(55), 40
        graph = nx.Graph()
        graph.add_nodes_from((i, {"pop": int(p)}) for i, p in enumerate(units.population))
        graph.add_edges_from(units.links.tolist())
        plan = recombination(units, areas)
        first = Partition(
            Graph.from_networkx(graph),
            assignment={i: int(a) for i, a in enumerate(plan.assignment)},
            updaters={"pop": Tally("pop", alias="pop"), "cut_edges": cut_edges},
        )
        proposal = proposals.propose_random_flip
        rules = [constraints.contiguous]
        if kernel == "trees":
            proposal = functools.partial(
                proposals.recom, pop_col="pop", pop_target=units.mean(areas), epsilon=0.1,
                node_repeats=0,
            )  # fmt: skip
            rules = []

        def call():
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002 - GerryChain draws from the global generators
            chain = MarkovChain(proposal, rules, accept.always_accept, first, steps)
            start = cpu()
            count = sum(1 for _ in chain)
            return Elsewhere(200 * (cpu() - start), count)

        return call

    return make


def cases() -> list[Case]:
    return [
        Case(
            "Setúbal, 55 into 28, eq. 1",
            plan_by(lambda units: annealing(units, AREAS, seed=0)),
            {
                "spopt AZP, same objective": plan_by(lambda units: azp(units, AREAS, seed=0)),
            },
            over_optimum,
            quick=True,
        ),
        Case(
            "Setúbal, 55 into 28, eq. 1, slower peers",
            plan_by(lambda units: annealing(units, AREAS, seed=0)),
            {
                "spopt AZP-SA, mended, same objective": plan_by(
                    lambda units: district(units, AREAS, method="azp_sa", seed=0, time_limit=60.0)
                ),
                "pygeoda AZP, its own objective": geoda("azp_greedy"),
                "pygeoda AZP-SA, its own objective": geoda("azp_sa", cooling_rate=0.85, sa_maxit=1),
            },
            over_optimum,
        ),
        Case("Setúbal, 55 into 19, proven", plan_by(lambda units: exact(units, 19)), {}),
        Case(
            "3,025 units into 40: 200,000 moves",
            searched("flips"),
            {"GerryChain, 1,000 flips × 200": gerrychain("flips", 1_000)},
        ),
        Case(
            "3,025 units into 40: 20,000 recombinations",
            searched("trees"),
            {"GerryChain, 100 ReCom steps × 200": gerrychain("trees", 100)},
        ),
    ]


def growth() -> dict:
    """CPU seconds against size: (unit, sizes, maker)."""

    def annealed(n):
        units = board(round(np.sqrt(n)))
        return lambda: annealing(units, max(4, n // 75), restarts=1, seed=0).objectives["eq1"]

    def recombined(n):
        units = board(round(np.sqrt(n)))
        return lambda: recombination(units, max(4, n // 75), seed=0).objectives["eq1"]

    sizes = (100, 900, 3_025, 10_000)
    return {
        "districts by annealing, one start": ("units", sizes, annealed),
        "districts by recombination": ("units", sizes, recombined),
    }
