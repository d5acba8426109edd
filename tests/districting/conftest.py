"""Units on which the districting tests run."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from helpers.districting import Units


def frames_of(shared):
    """The Setúbal tables with the column names of the city layers."""
    folder = shared / "data" / "setubal"
    zones = pd.read_csv(folder / "freguesias.csv", dtype={"dicofre": str}).rename(
        columns={
            "dicofre": "zone",
            "freguesia": "name",
            "municipality": "group",
            "x_tm06_m": "x",
            "y_tm06_m": "y",
        }
    )
    borders = pd.read_csv(
        folder / "neighbours.csv", dtype={"dicofre_a": str, "dicofre_b": str}
    ).rename(columns={"dicofre_a": "zone_a", "dicofre_b": "zone_b"})
    return zones, borders


@pytest.fixture(scope="session")
def frames(shared):
    return frames_of(shared)


@pytest.fixture(scope="session")
def residents(frames):
    return Units.from_frames(*frames, "pop_2011")


@pytest.fixture(scope="session")
def over_65(frames):
    return Units.from_frames(*frames, "pop65_2011")


@pytest.fixture(scope="session")
def columbus():
    """The 49 neighbourhoods of Columbus that libpysal ships; polygons to tables."""
    import geopandas
    from libpysal.examples import get_path

    table = geopandas.read_file(get_path("columbus.shp"))
    shapes = table.geometry.to_numpy()
    zones = pd.DataFrame(
        {
            "zone": [str(i) for i in range(len(shapes))],
            "HOVAL": table["HOVAL"],
            "area_km2": table.geometry.area,
            "perimeter_km": table.geometry.length,
            "x": table.geometry.centroid.x,
            "y": table.geometry.centroid.y,
        }
    )
    rows = []
    for i, j in itertools.combinations(range(len(shapes)), 2):
        if shapes[i].intersects(shapes[j]):
            length = shapes[i].intersection(shapes[j]).length
            rows.append((str(i), str(j), length, "rook" if length > 1e-9 else "point"))
    borders = pd.DataFrame(rows, columns=["zone_a", "zone_b", "shared_km", "contact"])
    return {
        contacts: Units.from_frames(zones, borders, "HOVAL", contacts=contacts)
        for contacts in ("rook", "queen")
    }


def make_units(population, links, shared_km=None, extra=1.0, x=None, y=None):
    """Units on any graph; perimeters are the shared borders plus `extra`."""
    population = np.asarray(population, dtype=float)
    n = len(population)
    links = np.array(sorted(map(sorted, links)), dtype=int).reshape(-1, 2)
    shared_km = np.ones(len(links)) if shared_km is None else np.asarray(shared_km, dtype=float)
    perimeter = np.bincount(links.ravel(), np.repeat(shared_km, 2), minlength=n) + extra
    ids = tuple(f"u{i}" for i in range(n))
    rng = np.random.default_rng(n)
    return Units(
        ids,
        ids,
        population,
        np.linspace(1.0, 2.0, n),
        perimeter,
        rng.uniform(0, 10_000, n) if x is None else x,
        rng.uniform(0, 10_000, n) if y is None else y,
        links,
        links,
        shared_km,
    )


def grid_units(rows, columns, seed=0):
    """A chessboard of 1 km squares with log-normal populations."""
    at = np.arange(rows * columns).reshape(rows, columns)
    links = np.concatenate(
        [
            np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()]),
            np.column_stack([at[:-1].ravel(), at[1:].ravel()]),
        ]
    )
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    y, x = np.divmod(np.arange(rows * columns), columns)
    n = rows * columns
    ids = tuple(map(str, range(n)))
    people = np.round(np.exp(np.random.default_rng(seed).normal(7.5, 1.0, n)))
    return Units(
        ids, ids, people, np.ones(n), np.full(n, 4.0), x * 1000.0, y * 1000.0, links, links,
        np.ones(len(links)),
    )  # fmt: skip


def graph_of(units):
    """The contiguity as a networkx graph: the independent judge of contiguity."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(units)))
    graph.add_edges_from(units.links.tolist())
    return graph


def assert_valid(units, plan, areas):
    """`areas` non-empty areas, each connected according to networkx."""
    graph = graph_of(units)
    labels = plan.assignment
    assert sorted(set(labels.tolist())) == list(range(areas))
    for area in range(areas):
        assert nx.is_connected(graph.subgraph(np.flatnonzero(labels == area).tolist()))


def all_plans(units, areas):
    """Every partition of a small graph into connected areas, by plain recursion."""
    graph = graph_of(units)
    n = len(units)
    connected = []
    for size in range(1, n + 1):
        for members in itertools.combinations(range(n), size):
            if nx.is_connected(graph.subgraph(members)):
                connected.append(frozenset(members))
    by_first = {i: [s for s in connected if min(s) == i] for i in range(n)}

    def extend(free, left):
        if not free:
            if left == 0:
                yield []
            return
        if left == 0 or len(free) < left:
            return
        for subset in by_first[min(free)]:
            if subset <= free:
                for rest in extend(free - subset, left - 1):
                    yield [subset, *rest]

    for plan in extend(frozenset(range(n)), areas):
        labels = np.empty(n, dtype=int)
        for area, members in enumerate(plan):
            labels[list(members)] = area
        yield labels
