"""Compile every kernel once, so that no section has to wait for it: ``python -m helpers.runner.kernels``.

Numba compiles a kernel at its first call and keeps it beside the source; a section that came
first would pay up to half a minute for it, and two sections at once would both pay. What is
called here is called as the sections call it: kernels are compiled for types, not for sizes. A
kernel that is missing here only means that its first section waits.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np


def compile_kernels(jobs: int | None = None) -> None:
    """Compile the kernels of all libraries, several libraries at once.

    Parameters
    ----------
    jobs
        Processes at once; as many as there are processors where None.
    """
    # processes of their own: what is compiled here stays on disk, not in this one's memory
    with ProcessPoolExecutor(jobs or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for future in [pool.submit(library) for library in LIBRARIES]:
            future.result()


def compile_districting() -> None:
    """Every search and the proofs, on a board of 3 × 4 squares."""
    import pandas as pd

    from helpers import districting

    row, column = np.divmod(np.arange(12), 4)
    near = [(i, i + 1) for i in range(12) if i % 4 < 3] + [(i, i + 4) for i in range(8)]
    units = districting.Units(
        zones=tuple("ABCDEFGHIJKL"),
        names=tuple("ABCDEFGHIJKL"),
        population=np.arange(1.0, 13.0),
        area_km2=np.ones(12),
        perimeter_km=np.full(12, 4.0),
        x=1000.0 * column,
        y=1000.0 * row,
        links=np.array(near),
        shared=np.array(near),
        shared_km=np.ones(len(near)),
    )
    for method in districting.METHODS:
        options: dict[str, Any] = {"engine": "compiled"} if method in ("azp", "azp_sa") else {}
        districting.district(units, 3, method=method, **options)
    districting.district(units, 3, objective="eq2")
    districting.azp_within(units, 3, engine="compiled")
    districting.pareto_front(units, 3)
    today = districting.random_plan(units, 3).assignment
    districting.few_moves(units, today, 1)
    districting.plan_ensemble(units, 3, plans=10)
    calls = pd.DataFrame({"call": units.population}, index=units.zones)
    districting.police_plan(units, districting.Workload.of(units, calls), 3)


def compile_location() -> None:
    """The exact engine with the whole table of distances at hand, p-centers, and the simulation.

    What it needs only where there are too many sites for that (`planar_savings`,
    `matrix_savings`) is compiled by the first section that meets so many.
    """
    from helpers import location

    places, demand = np.random.default_rng(0).random((40, 2)), np.ones(40)
    planar = location.PlanarDistance(places)
    for distance in (planar, planar.columns(np.arange(40))):
        location.p_median(demand, distance, 4)
    apart = np.random.default_rng(0).random((30, 14)) ** 0.3  # no place is near: it takes a tree
    location.p_median(demand[:30], apart, 4)
    location.p_center(demand, planar, 4)
    for urgent in (None, 0.5):
        location.simulate_dispatch(
            demand,
            planar,
            [0, 1],
            service_time=0.01,
            speed=9.0,
            hours=2.0,
            urgent=urgent,
            replications=2,
        )


def compile_patterns() -> None:
    """Summary functions with every correction, densities, bandwidths, pairs in space and time."""
    import shapely

    from helpers import patterns
    from helpers.patterns import study

    points = np.random.default_rng(0).random((60, 2))
    square = shapely.box(0, 0, 1, 1)
    for exact in (True, False):
        patterns.ripley_k(points, square.union(shapely.box(1, 0, 2, 0.5)), exact_overlap=exact)
    patterns.nearest_neighbour_g(points, square)
    for rule in ("diggle", "ppl", "cvl"):
        patterns.bandwidth(points, square, rule)
    for correction in ("none", "uniform", "diggle"):
        patterns.kernel_density(points, square, 0.1, correction=correction, cells=16)
    halves = np.arange(60) % 2
    patterns.near_repeat_table(points, np.arange(60), [0.1], [7], strata=halves, permutations=0)
    patterns.space_time_k(points, np.arange(60), square, [0.1], [7])
    patterns.cross_k(points, halves, square, 0, 1)
    patterns.density_clusters(points, square, 0.2, min_samples=3)
    study.drawn_gaps(points, draws=2, seed=0)


def compile_forecasting() -> None:
    """Votes of the nearest events, what happened about places, and triggering by places."""
    import pandas as pd

    from helpers import forecasting

    rng = np.random.default_rng(0)
    places, labels = rng.random((40, 2)), np.array(["a", "b"] * 20)
    forecasting.neighbour_votes(places, labels, places, 3, ("a", "b"))
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 60, 40), unit="D")
    events = forecasting.event_table(places, labels, days)
    forecasting.fit_triggering(events)
    forecasting.neighbourhood_counts(places, events, ("a", "b"), (0.0, 0.01))


def compile_priorities() -> None:
    """Ranks under drawn weights."""
    import pandas as pd

    from helpers import priorities

    values = pd.DataFrame(np.random.default_rng(0).random((6, 3)), columns=["a", "b", "c"])
    priorities.smaa(values, vectors=100, seed=0)


def compile_hot_spots() -> None:
    """Random surroundings of Gi*."""
    import pandas as pd

    from helpers import hot_spots

    zones = pd.DataFrame({"zone": range(6), "x": np.arange(6.0), "y": 0.0})
    field = pd.Series(np.arange(6.0) ** 2, index=zones["zone"])
    hot_spots.getis_ord(field, hot_spots.neighbours(zones, "band"), permutations=9, seed=1)


def compile_space() -> None:
    """Distances to a window's edge, and ways between many places along a street."""
    import geopandas as gpd
    import shapely

    from helpers import space

    places = np.column_stack([np.linspace(0.1, 0.9, 60), np.full(60, 0.5)])
    space.Window(shapely.box(0, 0, 1, 1).union(shapely.box(1, 0, 2, 0.5))).distance_to_boundary(
        places
    )
    street = gpd.GeoDataFrame(geometry=[shapely.linestrings([[0, 0.5], [1, 0.5]])])
    space.street_distances(space.street_network(street), places)


def compile_map_symbols() -> None:
    """Drawing symbols, and both ways to locate them, with others over and beside them."""
    from helpers.sources import map_symbols

    symbol = map_symbols.Symbol(0, 9)
    ground = map_symbols.background("plain", 80, 80, 0)
    image = map_symbols.render(np.array([[30.0, 30], [34, 33], [60, 20]]), symbol, ground)
    for overlaps in (True, False):
        map_symbols.locate(image, symbol.template, overlaps=overlaps)


LIBRARIES: list[Callable[[], None]] = [
    compile_districting,
    compile_patterns,
    compile_location,
    compile_forecasting,
    compile_priorities,
    compile_hot_spots,
    compile_space,
    compile_map_symbols,
]


if __name__ == "__main__":
    compile_kernels()
