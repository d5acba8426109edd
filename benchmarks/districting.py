"""Districting side by side with spopt, GerryChain and pygeoda: one run, one table.

    python benchmarks/districting.py [--shared FOLDER] [--quick]

GerryChain and pygeoda are not dependencies of the project; where they are not installed
their rows say so. Times are processor seconds, medians where a step is repeated.
"""

from __future__ import annotations

import argparse
import functools
import random
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.districting import (
    Units,
    annealing,
    area_totals,
    azp,
    closed_form_bound,
    district,
    exact,
    genetic,
    genetic_paper,
    lexicographic,
    pareto_front,
    random_plan,
    recombination,
)

ROWS: list[dict] = []


def report(what: str, value: str, note: str = "") -> None:
    ROWS.append({"what": what, "value": value, "note": note})
    print(f"{what:<62} {value:>18}  {note}", flush=True)


def timed(function, *args, **kwargs):
    start = time.process_time()
    result = function(*args, **kwargs)
    return result, time.process_time() - start


def setubal(shared: Path, field: str) -> Units:
    folder = shared / "data" / "setubal"
    zones = pd.read_csv(folder / "freguesias.csv", dtype={"dicofre": str}).rename(
        columns={"dicofre": "zone", "freguesia": "name", "x_tm06_m": "x", "y_tm06_m": "y"}
    )
    borders = pd.read_csv(
        folder / "neighbours.csv", dtype={"dicofre_a": str, "dicofre_b": str}
    ).rename(columns={"dicofre_a": "zone_a", "dicofre_b": "zone_b"})
    return Units.from_frames(zones, borders, field)


def board(rows: int, columns: int) -> Units:
    """Squares of 1 km with log-normal populations."""
    n = rows * columns
    at = np.arange(n).reshape(rows, columns)
    links = np.concatenate(
        [
            np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()]),
            np.column_stack([at[:-1].ravel(), at[1:].ravel()]),
        ]
    )
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    y, x = np.divmod(np.arange(n), columns)
    ids = tuple(map(str, range(n)))
    people = np.round(np.exp(np.random.default_rng(0).normal(7.5, 1.0, n)))
    return Units(
        ids, ids, people, np.ones(n), np.full(n, 4.0), x * 1000.0, y * 1000.0, links, links,
        np.ones(len(links)),
    )  # fmt: skip


def worst_deviation(units: Units, plan) -> float:
    people = area_totals(units, plan.assignment)["population"]
    return float(np.abs(people / units.mean(plan.areas) - 1).max())


def paper_case(units: Units, quick: bool) -> None:
    bound = closed_form_bound(units, 28)
    runs = [timed(annealing, units, 28, seed=seed) for seed in range(100)]
    ours = float(np.median([seconds for _, seconds in runs]))
    met = sum(plan.proven for plan, _ in runs)
    report("Setúbal 55 -> 28, eq. 1: annealing, seeds at the optimum", f"{met} of 100")
    report("  annealing, median", f"{1e3 * ours:.1f} ms")
    runs = [timed(azp, units, 28, seed=seed) for seed in range(3 if quick else 11)]
    theirs = float(np.median([seconds for _, seconds in runs]))
    ratio = float(np.median([plan.value for plan, _ in runs])) / bound
    report("  spopt AZP with the same objective, median", f"{theirs:.2f} s",
           f"{theirs / ours:.0f} times annealing; {ratio:.2f} x optimum")  # fmt: skip
    runs = [
        timed(district, units, 28, method="azp_sa", seed=seed, time_limit=60.0)
        for seed in range(1 if quick else 3)
    ]
    report("  spopt AZP-SA, mended, median",
           f"{np.median([s for _, s in runs]):.1f} s",
           f"{np.median([p.value for p, _ in runs]) / bound:.3f} x optimum")  # fmt: skip
    for method in (genetic, genetic_paper):
        runs = [timed(method, units, 28, seed=seed) for seed in range(5 if quick else 30)]
        values = [plan.value / bound for plan, _ in runs]
        report(f"  {method.__name__}, median of {len(runs)} seeds",
               f"{np.median([s for _, s in runs]):.3f} s",
               f"{np.median(values):.4f} x optimum, worst {max(values):.4f}")  # fmt: skip
    best = min(random_plan(units, 28, seed).objectives["eq1"] for seed in range(100))
    report("  best of 100 random plans", f"{best:,.0f}", "the paper's GA: 678,070")


def proofs(units: Units, quick: bool) -> None:
    for areas in range(28, 17 if quick else 16, -1):
        plan, seconds = timed(exact, units, areas)
        state = "proven" if plan.proven else f"gap {plan.gap:.1%}"
        report(f"Setúbal 55 -> {areas}, exact", f"{seconds:.2f} s", f"{plan.value:,.1f} {state}")
    plan, seconds = timed(lexicographic, units, 28)
    report("  28 areas, eq. 1 then eq. 4", f"{seconds:.2f} s", f"eq. 4 {plan.value:,.1f}")
    front, seconds = timed(pareto_front, units, 28)
    report("  28 areas, front eq. 1 x eq. 4 up to 1.25 x optimum", f"{seconds:.2f} s",
           f"{len(front.plans)} plans, complete: {front.complete}")  # fmt: skip


def large_maps(quick: bool) -> None:
    from helpers.districting import _kernels
    from helpers.districting._states import graph_arrays, grown_assignment, new_state

    units, areas = board(55, 55), 40
    graph, rng = graph_arrays(units), np.random.default_rng(0)
    mu, weights = units.mean(areas), np.array([1.0, 0.0, 0.0])
    state = new_state(graph, grown_assignment(units, graph, areas, rng), areas, rng)
    _kernels.fill_state(graph, state, False)
    value = _kernels.state_value(state, mu, weights)
    best, counts, levels = state.label.copy(), np.zeros(2, np.int64), 200
    first = _kernels.mean_rise(graph, state, mu, weights, 200)
    _, seconds = timed(
        _kernels.anneal, graph, state, mu, weights, value, best, value, first, 1e-4 ** (1 / levels),
        20_000, levels, -1.0, np.empty(levels), counts,
    )  # fmt: skip
    flips = counts[0] / seconds
    report("3,025 units -> 40: annealing, moves proposed a second", f"{flips:,.0f}",
           f"{counts[1] / seconds:,.0f} accepted a second")  # fmt: skip
    n = len(units)
    work = (
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n, np.int64),
        np.empty(len(graph.indices) + n, np.int64),
    )  # fmt: skip
    counts[:] = 0
    _, seconds = timed(
        _kernels.recombine, graph, state, mu, weights, value, best, value, first, 1.0, 20_000,
        -1.0, np.empty(20_000), counts, work,
    )  # fmt: skip
    trees = counts[0] / seconds
    report("3,025 units -> 40: recombination steps a second", f"{trees:,.0f}")
    plan = recombination(units, areas)
    gerrychain(units, plan, flips, trees, quick)
    for rows in (55, 100):
        units = board(rows, rows)
        for method in (annealing, recombination):
            options = {"restarts": 1} if method is annealing else {}
            plan, seconds = timed(method, units, areas, **options)
            report(f"{rows * rows:,} units -> 40: {method.__name__}", f"{seconds:.1f} s",
                   f"eq. 1 {plan.value / units.population.sum():.3%} of the population, worst area "
                   f"{worst_deviation(units, plan):.2%} off")  # fmt: skip


def gerrychain(units, plan, flips, trees, quick) -> None:
    try:
        import networkx as nx
        from gerrychain import Graph, MarkovChain, Partition, accept, constraints, proposals
        from gerrychain.updaters import Tally, cut_edges
    except ImportError:
        report("  GerryChain", "not installed")
        return
    graph = nx.Graph()
    graph.add_nodes_from((i, {"pop": int(p)}) for i, p in enumerate(units.population))
    graph.add_edges_from(units.links.tolist())
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - GerryChain draws from the global generators
    first = Partition(
        Graph.from_networkx(graph),
        assignment={i: int(a) for i, a in enumerate(plan.assignment)},
        updaters={"pop": Tally("pop", alias="pop"), "cut_edges": cut_edges},
    )
    for name, proposal, rules, steps, ours in (
        ("flips", proposals.propose_random_flip, [constraints.contiguous], 1_000, flips),
        (
            "ReCom steps",
            functools.partial(
                proposals.recom, pop_col="pop", pop_target=units.mean(plan.areas), epsilon=0.1,
                node_repeats=1,
            ),
            [],
            30 if quick else 100,
            trees,
        ),
    ):  # fmt: skip
        chain = MarkovChain(proposal, rules, accept.always_accept, first, steps)
        count, seconds = timed(lambda c=chain: sum(1 for _ in c))
        report(f"  GerryChain {name} a second", f"{count / seconds:,.0f}",
               f"ours {ours * seconds / count:,.0f} times as many")  # fmt: skip


def pygeoda_rows(shared: Path, units: Units) -> None:
    try:
        import geopandas
        import pygeoda
    except ImportError:
        report("pygeoda", "not installed")
        return
    shapes = geopandas.read_file(shared / "data" / "setubal" / "freguesias.geojson")
    shapes = shapes.set_index("dicofre").loc[list(units.zones)].reset_index()
    table = pygeoda.open(shapes)
    weights = pygeoda.rook_weights(table)
    data = [units.population.tolist()]
    for name, call in (
        ("AZP greedy", lambda: pygeoda.azp_greedy(28, weights, data)),
        ("AZP-SA", lambda: pygeoda.azp_sa(28, weights, data, cooling_rate=0.85, sa_maxit=1)),
    ):
        answer, seconds = timed(call)
        labels = np.asarray(answer["Clusters"])
        people = np.bincount(labels, units.population)[1:]
        eq1 = np.abs(people - units.mean(28)).sum()
        report(f"Setúbal 55 -> 28, pygeoda {name}, its own objective", f"{seconds:.3f} s",
               f"eq. 1 {eq1 / closed_form_bound(units, 28):.2f} x optimum")  # fmt: skip


def columbus() -> None:
    import itertools

    import geopandas
    from libpysal.examples import get_path

    table = geopandas.read_file(get_path("columbus.shp"))
    shapes = table.geometry.to_numpy()
    pairs = [
        (i, j)
        for i, j in itertools.combinations(range(len(shapes)), 2)
        if shapes[i].intersects(shapes[j])
    ]
    ids = tuple(map(str, range(len(shapes))))
    units = Units(
        ids, ids, table["HOVAL"].to_numpy(), table.geometry.area.to_numpy(),
        table.geometry.length.to_numpy(), table.geometry.centroid.x.to_numpy(),
        table.geometry.centroid.y.to_numpy(), np.array(pairs), np.empty((0, 2), int), [],
    )  # fmt: skip
    plan, seconds = timed(exact, units, 25)
    report("Columbus 49 -> 25, HOVAL, queen, exact", f"{seconds:.2f} s",
           f"{plan.value:.1f} {'proven' if plan.proven else 'not proven'}")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).resolve().parents[1].parent / "shared"
    parser.add_argument("--shared", type=Path, default=default)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    options = parser.parse_args()
    if not options.shared.is_dir():
        print("the shared reference folder is not beside the project: use --shared")
        return 2
    residents = setubal(options.shared, "pop_2011")
    # Compile everything first: times are of the searches, not of the compiler.
    for method in ("exact", "annealing", "recombination", "genetic", "genetic_paper"):
        district(residents, 24, method=method)
    azp(residents, 28, time_limit=1.0)
    paper_case(residents, options.quick)
    proofs(residents, options.quick)
    columbus()
    large_maps(options.quick)
    pygeoda_rows(options.shared, residents)
    return 0


if __name__ == "__main__":
    sys.exit(main())
