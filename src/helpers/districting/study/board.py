"""A board of squares on which each method of districting can be followed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from helpers import space

from ..objectives import population_difference
from ..plan import Plan, broken_areas
from ..units import DistrictingError, Units

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "Recombination",
    "SetPartition",
    "connected_subsets",
    "crossover",
    "grow",
    "moves",
    "recombine",
    "set_partition",
    "squares",
    "useful_subsets",
]

FREE = -1


def squares(people: Sequence[float], columns: int) -> tuple[gpd.GeoDataFrame, Units]:
    """A board of squares of one kilometre, lettered row after row from the north-west.

    Parameters
    ----------
    people
        What each square holds.
    columns
        Squares in a row.

    Returns
    -------
    board : geopandas.GeoDataFrame
        zone, people, area_km2, perimeter_km, x, y, geometry (metres).
    units : Units
        The same, squares contiguous where they share an edge.

    Examples
    --------
    >>> board, units = squares([4, 2, 7, 1], columns=2)
    >>> board["zone"].tolist(), units.links.tolist()
    (['A', 'B', 'C', 'D'], [[0, 1], [0, 2], [1, 3], [2, 3]])
    """
    import geopandas as gpd
    import shapely

    row, column = np.divmod(np.arange(len(people)), columns)
    shapes = shapely.box(1000 * column, -1000 * row - 1000, 1000 * column + 1000, -1000 * row)
    letters = [chr(ord("A") + i) for i in range(len(people))]
    board = gpd.GeoDataFrame(
        {"zone": letters, "people": list(people), "area_km2": 1.0, "perimeter_km": 4.0},
        geometry=shapes,
    ).assign(x=500.0 + 1000 * column, y=-500.0 - 1000 * row)
    borders = space.borders_from_polygons(board["zone"], shapes)
    return board, Units.from_frames(board, borders, "people")


# ---------------------------------------------------------------------------------------- genetic


def crossover(mother: Sequence[int], father: Sequence[int], cut: int) -> list[list[int]]:
    """The two children of two chromosomes that exchange tails behind one point.

    Examples
    --------
    >>> crossover([1, 6, 11], [0, 5, 7], cut=1)
    [[1, 5, 7], [0, 6, 11]]
    """
    first, second = list(mother), list(father)
    return [first[:cut] + second[cut:], second[:cut] + first[cut:]]


def grow(units: Units, genes: Sequence[int]) -> list[np.ndarray]:
    """How areas grow from their centres: in the order of the genes each takes its free neighbours.

    Parameters
    ----------
    units
        The areal units.
    genes
        Position of the centre of each area.

    Returns
    -------
    list of numpy.ndarray of int, shape (n,)
        Area of each unit, −1 while it is free: at the start, and after each round.

    Raises
    ------
    DistrictingError
        Some units cannot be reached from any centre.
    """
    label = np.full(len(units), FREE)
    label[list(genes)] = np.arange(len(genes))
    rounds = [label.copy()]
    while (label == FREE).any():
        for area in range(len(genes)):
            # the area as it was before its turn: first order, not further
            for unit in np.flatnonzero(rounds[-1] == area):
                touching = _neighbours(units, unit)
                label[touching[label[touching] == FREE]] = area
        if (label == rounds[-1]).all():
            raise DistrictingError("some units lie out of reach of every centre")
        rounds.append(label.copy())
    return rounds


# ------------------------------------------------------------------------------------------ moves


def moves(units: Units, plan: Plan, temperature: float) -> pd.DataFrame:
    """Every move of one unit to an area that it touches, with what it changes.

    Parameters
    ----------
    units
        The areal units.
    plan
        The plan before the move.
    temperature
        T of the probability ``min(1, exp(−change / T))`` with which annealing takes the move.

    Returns
    -------
    pandas.DataFrame
        The best first: unit, from_area, to_area, contiguous (whether what is left behind stays in
        one piece, and is something), change (of equation 1), probability (0 where it does not).
    """
    rows = []
    for i, j in np.concatenate([units.links, units.links[:, ::-1]]):
        before, after = plan.assignment[i], plan.assignment[j]
        if before == after:
            continue
        trial = plan.assignment.copy()
        trial[i] = after
        whole = not broken_areas(units, trial) and len(set(trial)) == plan.areas
        change = population_difference(units, trial) - plan.objectives["eq1"]
        chance = min(1.0, float(np.exp(-change / temperature))) if whole else 0.0
        rows.append((units.zones[i], before, after, whole, change, chance))
    head = ["unit", "from_area", "to_area", "contiguous", "change", "probability"]
    table = pd.DataFrame(rows, columns=head).drop_duplicates(ignore_index=True)
    return table.sort_values("change", kind="stable", ignore_index=True)


# ---------------------------------------------------------------------------------- recombination


@dataclass(frozen=True)
class Recombination:
    """Two areas merged, joined by a spanning tree, and cut in two again.

    Attributes
    ----------
    merged : numpy.ndarray of bool, shape (n,)
        The units of the two areas.
    tree : numpy.ndarray of int, shape (m − 1, 2)
        Edges of the spanning tree, as positions of units.
    held : numpy.ndarray of float, shape (m − 1,)
        What the side of its first end would hold if an edge were cut.
    cut : int
        The edge whose cut comes nearest to equal halves.
    half : float
        What each side should hold.
    after : numpy.ndarray of int, shape (n,)
        Area of each unit after it.
    """

    merged: np.ndarray
    tree: np.ndarray
    held: np.ndarray
    cut: int
    half: float
    after: np.ndarray


def recombine(
    units: Units, assignment: Sequence[int], pair: tuple[int, int], seed: int
) -> Recombination:
    """Redraw the border between two areas that touch.

    Parameters
    ----------
    units
        The areal units.
    assignment
        Area of each unit.
    pair
        The two areas.
    seed
        Of the random weights, uniform on 1 … 2, whose minimum spanning tree is drawn.

    Raises
    ------
    DistrictingError
        The two areas do not touch.
    """
    rows = np.asarray(assignment)
    merged = np.isin(rows, pair)
    members = np.flatnonzero(merged)
    inside = units.links[merged[units.links].all(axis=1)]
    n = len(units)
    weight = np.random.default_rng(seed).uniform(1, 2, len(inside))
    graph = coo_array((weight, inside.T), shape=(n, n)).tocsr()
    tree = np.sort(np.column_stack(minimum_spanning_tree(graph).nonzero()), axis=1)
    if len(tree) != len(members) - 1:
        raise DistrictingError(f"areas {pair[0]} and {pair[1]} do not touch")
    sides = np.array([_side(tree, edge, n) for edge in range(len(tree))])
    held = sides @ units.population
    half = float(units.population[merged].sum() / 2)
    cut = int(np.abs(held - half).argmin())
    after = rows.copy()
    after[merged] = np.where(sides[cut], *pair)[merged]
    return Recombination(merged, tree, held, cut, half, after)


def _side(tree: np.ndarray, edge: int, n: int) -> np.ndarray:
    """The units that hang on the first end of an edge once it is cut."""
    kept = np.delete(tree, edge, axis=0)
    graph = coo_array((np.ones(len(kept)), kept.T), shape=(n, n))
    part = connected_components(graph, directed=False)[1]
    return part == part[tree[edge, 0]]


# ---------------------------------------------------------------------------------- optimum


@dataclass(frozen=True)
class SetPartition:
    """The cover of all units by subsets of least cost, and its linear relaxation.

    Attributes
    ----------
    relaxed : float
        Value of the linear program, a bound.
    optimum : float
        Value of the 0-1 program.
    areas : list of list of int
        The subsets chosen, as positions of units.
    """

    relaxed: float
    optimum: float
    areas: list[list[int]]


def connected_subsets(units: Units, most: int | None = None) -> list[list[int]]:
    """Every contiguous set of units, by size and then by position.

    Parameters
    ----------
    units
        The areal units.
    most
        Largest size, or None for all sizes. Their number grows exponentially with it.

    Returns
    -------
    list of list of int
        Positions of units, ascending.

    Examples
    --------
    >>> connected_subsets(squares([1, 1, 1], columns=3)[1])
    [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]]
    """
    layer = {frozenset([i]) for i in range(len(units))}
    found: list[list[int]] = []
    size = 0
    while layer and (most is None or size < most):
        found += sorted(sorted(subset) for subset in layer)
        layer = {
            subset | {int(j)}
            for subset in layer
            for i in subset
            for j in _neighbours(units, i)
            if j not in subset
        }
        size += 1
    return found


def useful_subsets(
    units: Units, areas: int, subsets: Iterable[Sequence[int]], known: float
) -> list[list[int]]:
    """The subsets that can be part of a plan no worse than a known one.

    Those with ``sum_{i in S} min(p_i, mu) <= mu + U / 2 − H``, where U is the value of the known
    plan in equation 1 and ``H = sum_i max(p_i − mu, 0)``.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    subsets
        Contiguous sets of positions.
    known
        U.

    Returns
    -------
    list of list of int
        Sorted.
    """
    mu = units.mean(areas)
    surplus = np.maximum(units.population - mu, 0).sum()
    small = np.minimum(units.population, mu)
    most = mu + known / 2 - surplus
    slack = 1e-12 * units.population.sum()
    return sorted(list(subset) for subset in subsets if small[list(subset)].sum() <= most + slack)


def set_partition(units: Units, areas: int, subsets: Sequence[Sequence[int]]) -> SetPartition:
    """Choose k subsets that cover each unit once at the least sum of differences.

    ``min sum_S 2 max(P_S − mu, 0) x_S`` with ``sum_{S with i} x_S = 1`` for every unit i and
    ``sum_S x_S = k``, for x_S in {0, 1} and for 0 <= x_S <= 1.

    Parameters
    ----------
    units
        The areal units.
    areas
        Number of areas k.
    subsets
        The contiguous sets to choose from.

    Raises
    ------
    DistrictingError
        No choice covers the units.
    """
    n = len(units)
    covers = np.ones((n + 1, len(subsets)))
    covers[:n] = [[i in subset for subset in map(set, subsets)] for i in range(n)]
    held = np.array([units.population[list(subset)].sum() for subset in subsets])
    cost = 2 * np.maximum(held - units.mean(areas), 0)
    wanted = [1] * n + [areas]
    each = LinearConstraint(covers, wanted, wanted)
    relaxed, whole = (
        milp(cost, constraints=each, integrality=kind, bounds=Bounds(0, 1)) for kind in (0, 1)
    )
    if whole.x is None:
        raise DistrictingError(f"no {areas} of the {len(subsets)} subsets cover the units")
    chosen = [list(subsets[s]) for s in np.flatnonzero(whole.x > 0.5)]
    return SetPartition(float(relaxed.fun), float(whole.fun), chosen)


def _neighbours(units: Units, unit: int) -> np.ndarray:
    begins, touching = units.contiguity
    return touching[begins[unit] : begins[unit + 1]]
