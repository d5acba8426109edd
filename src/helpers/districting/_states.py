"""The arrays on which the compiled searches work."""

from __future__ import annotations

import numpy as np

from . import _kernels
from .units import Units


def graph_arrays(units: Units) -> _kernels.Graph:
    """The units as the arrays that the kernels read; kilometres throughout."""
    indptr, indices = units.contiguity
    b_indptr, b_indices, b_km = units.borders
    source = np.repeat(np.arange(len(units)), np.diff(indptr))
    # Entries are sorted by (source, target); sorting by (target, source) lists the opposites.
    reverse = np.lexsort((source, indices))
    return _kernels.Graph(
        indptr,
        indices,
        source,
        reverse,
        b_indptr,
        b_indices,
        b_km,
        units.population.copy(),
        units.area_km2.copy(),
        units.perimeter_km.copy(),
        units.x / 1000.0,
        units.y / 1000.0,
    )


def new_state(
    graph: _kernels.Graph, assignment: np.ndarray, areas: int, rng: np.random.Generator
) -> _kernels.State:
    """A state for an assignment, its totals still empty (see ``fill_state``)."""
    n, entries = len(assignment), len(graph.indices)

    def whole(size):
        return np.full(size, -1, dtype=np.int64)

    return _kernels.State(
        np.array(assignment, dtype=np.int64),
        np.zeros(areas),
        np.zeros(areas),
        np.zeros(areas),
        np.zeros(areas, dtype=np.int64),
        np.zeros(n),
        np.zeros(areas),
        whole(areas),
        whole(n),
        whole(n),
        whole(entries),
        whole(entries),
        np.zeros(1, dtype=np.int64),
        whole(n),
        np.zeros(1, dtype=np.int64),
        whole(2 * n + 2),
        rng.integers(0, 2**64, 1, dtype=np.uint64),
    )


def growth_room(graph: _kernels.Graph, areas: int) -> tuple[np.ndarray, ...]:
    """The scratch arrays of ``grow``."""
    entries = len(graph.indices) + areas
    return (
        np.empty(areas), np.empty(areas, np.bool_), np.empty(areas, np.int64),
        np.empty(areas, np.int64), np.empty(entries, np.int64), np.empty(entries, np.int64),
    )  # fmt: skip


def areas_by_component(units: Units, areas: int) -> np.ndarray:
    """How many areas each component of the contiguity gets: one each, then by population.

    The next area always goes to the component with the most population per area it has
    (no component gets more areas than it has units).
    """
    component = units.components
    population = np.bincount(component, units.population)
    room = np.bincount(component)
    share = np.ones(len(room), dtype=np.int64)
    for _ in range(areas - len(room)):
        load = np.where(share < room, population / share, -1.0)
        share[int(load.argmax())] += 1
    return share


def grown_assignment(
    units: Units, graph: _kernels.Graph, areas: int, rng: np.random.Generator
) -> np.ndarray:
    """A random contiguous assignment: areas grow from random units, the smallest first."""
    component = units.components
    seeds = np.concatenate(
        [
            rng.choice(np.flatnonzero(component == c), size=count, replace=False)
            for c, count in enumerate(areas_by_component(units, areas))
        ]
    )
    label = np.full(len(units), -1, dtype=np.int64)
    turns = rng.integers(0, 2**64, 1, dtype=np.uint64)
    _kernels.grow(graph, label, seeds, turns, growth_room(graph, areas))
    return label
