"""Which zones are neighbours of which."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy.spatial import KDTree

from helpers.checks import one_of, positive, whole_number

from ._zones import named

__all__ = ["DEFINITIONS", "connecting_band", "graphs_by_definition", "neighbours"]

DEFINITIONS = ("queen", "rook", "nearest", "band")
"""The ways to say which zones are neighbours."""

CONTACTS = ("rook", "point")
"""How two zones may touch: along a border, or in a point only."""


class _AloneError(ValueError):
    """Zones that a definition leaves without a neighbour."""

    def __init__(self, zones: str, why: str):
        super().__init__(f"{zones} would have no neighbour {why}")
        self.zones = zones


def neighbours(
    zones: pd.DataFrame,
    definition: str = "queen",
    *,
    borders: pd.DataFrame | None = None,
    k: int = 8,
    band: float | str = "auto",
) -> Graph:
    """Say which zones are neighbours, as a binary graph without self-loops.

    Parameters
    ----------
    zones
        One row a zone: ``zone`` (unique label) and, for ``"nearest"`` and ``"band"``, the
        centroid ``x``, ``y`` in metres of a projected coordinate system.
    definition
        ``"rook"``: a shared border; ``"queen"``: a shared border or a shared corner;
        ``"nearest"``: the `k` nearest centroids (not symmetric); ``"band"``: every centroid at
        most `band` away.
    borders
        One row a contact, for the contiguities: ``zone_a``, ``zone_b``, ``contact`` (``"rook"``
        or ``"point"``), each pair once in either order.
    k
        How many nearest neighbours, 1 ≤ k ≤ n − 2.
    band
        Distance in metres, or ``"auto"``: :func:`connecting_band`, the default of ArcGIS.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights; ids in the order of `zones`. The zone itself is not among its
        neighbours: :func:`getis_ord` adds it.

    Raises
    ------
    ValueError
        If the definition is unknown, `k` or `band` does not make sense, a border names an
        unknown zone, or some zone is left without any neighbour (it is named).

    Examples
    --------
    >>> zones = pd.DataFrame({"zone": list("abc"), "x": [0.0, 1.0, 5.0], "y": [0.0, 0.0, 0.0]})
    >>> graph = neighbours(zones, "band", band=4.0)
    >>> [(str(a), str(b)) for a, b in graph.adjacency.index]
    [('a', 'b'), ('b', 'a'), ('b', 'c'), ('c', 'b')]
    """
    one_of(definition, "definition", DEFINITIONS)
    labels = _labels(zones)
    if definition in ("rook", "queen"):
        first, second = _contacts(labels, borders, definition)
        mend = 'use definition="nearest" or "band", or complete the borders table'
    elif definition == "nearest":
        first, second = _nearest(_coordinates(zones), k)
        mend = ""
    else:
        coordinates = _coordinates(zones)
        distance = _distance(coordinates, band)
        # the connecting band itself must connect: allow for the last bits of the distance
        pairs = KDTree(coordinates).query_pairs(distance * (1 + 1e-9), output_type="ndarray")
        first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
        mend = f"the smallest band that leaves none is {connecting_band(zones):,.1f} m"
    alone = np.setdiff1d(np.arange(len(labels)), first)
    if alone.size:
        raise _AloneError(named(labels[alone]), f"by definition {definition!r}: {mend}")
    order = np.lexsort((second, first))
    return Graph.from_arrays(labels[first[order]], labels[second[order]], np.ones(len(first)))


def graphs_by_definition(
    zones: pd.DataFrame,
    *,
    borders: pd.DataFrame | None = None,
    k: int = 8,
    band: float | None = None,
) -> tuple[dict[str, Graph], dict[str, str]]:
    """Neighbours by each definition under which Gi* exists on this map, and why not by the others.

    Gi* of a zone without neighbours is no statement about its surroundings, and that of a zone
    with all others as neighbours is 0 / 0. An island, or a central zone that touches all others,
    rules a definition out.

    Parameters
    ----------
    zones, borders
        As in :func:`neighbours`; without borders there are no contiguities.
    k
        How many nearest neighbours; n − 2 where there are fewer zones.
    band
        Distance in metres; :func:`connecting_band` when not given.

    Returns
    -------
    graphs : dict of str to libpysal.graph.Graph
        In the order of :data:`DEFINITIONS`.
    reasons : dict of str to str
        Why a definition is not among them, as a clause.

    Raises
    ------
    ValueError
        If there are fewer than three zones, or as in :func:`neighbours`.

    Examples
    --------
    >>> zones = pd.DataFrame({"zone": list("abcd"), "x": [0.0, 1, 2, 3], "y": 0.0})
    >>> graphs, reasons = graphs_by_definition(zones)
    >>> list(graphs)
    ['nearest', 'band']
    >>> reasons["queen"]
    'the city has no borders'
    """
    labels = _labels(zones)
    if len(labels) < 3:
        raise ValueError(f"Gi* needs three zones or more, not {len(labels)}")
    distance = connecting_band(zones) if band is None else _distance(_coordinates(zones), band)
    graphs, reasons = {}, {}
    for definition in DEFINITIONS:
        if borders is None and definition in ("queen", "rook"):
            reasons[definition] = "the city has no borders"
            continue
        if definition == "band" and distance == 0:
            reasons[definition] = "every zone has the centroid of another"
            continue
        try:
            graph = neighbours(
                zones, definition, borders=borders, k=min(k, len(labels) - 2), band=distance
            )
        except _AloneError as error:
            reasons[definition] = f"{error.zones} would have no neighbour"
            continue
        crowded = graph.cardinalities.to_numpy() >= len(labels) - 1
        if crowded.any():
            reasons[definition] = f"{named(labels[crowded])} would have every other as a neighbour"
        else:
            graphs[definition] = graph
    return graphs, reasons


def connecting_band(zones: pd.DataFrame) -> float:
    """Return the smallest distance at which every zone has a neighbour.

    It is the longest of all distances from a centroid to the nearest other centroid, and the
    distance that ArcGIS takes when the analyst sets none.

    Parameters
    ----------
    zones
        One row a zone: ``zone``, and the centroid ``x``, ``y`` in metres.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> zones = pd.DataFrame({"zone": list("abc"), "x": [0.0, 1.0, 5.0], "y": [0.0, 0.0, 0.0]})
    >>> connecting_band(zones)
    4.0
    """
    coordinates = _coordinates(zones)
    if len(coordinates) < 2:
        raise ValueError("a distance band needs at least two zones: the table has fewer")
    distances, _ = KDTree(coordinates).query(coordinates, k=2)
    return float(distances[:, 1].max())


def _labels(zones: pd.DataFrame) -> np.ndarray:
    if "zone" not in zones.columns:
        raise ValueError('the zones table has no column "zone"')
    if zones["zone"].isna().any():
        rows = np.flatnonzero(zones["zone"].isna())[:5] + 1
        raise ValueError(f"row {', '.join(map(str, rows))} of the zones table has no zone label")
    if zones["zone"].duplicated().any():
        twice = zones.loc[zones["zone"].duplicated(), "zone"].unique()
        raise ValueError(f"{named(twice)} appears more than once in the zones table")
    return zones["zone"].to_numpy()


def _coordinates(zones: pd.DataFrame) -> np.ndarray:
    missing = [name for name in ("x", "y") if name not in zones.columns]
    if missing:
        raise ValueError(f"the zones table has no column {' and no column '.join(missing)}")
    coordinates = zones[["x", "y"]].to_numpy(dtype=float)
    bad = ~np.isfinite(coordinates).all(axis=1)
    if bad.any():
        raise ValueError(f"{named(_labels(zones)[bad])} has no centroid: give its x and y")
    return coordinates


def _contacts(
    labels: np.ndarray, borders: pd.DataFrame | None, definition: str
) -> tuple[np.ndarray, np.ndarray]:
    if borders is None:
        raise ValueError(f"contiguity ({definition!r}) needs the borders table")
    missing = [name for name in ("zone_a", "zone_b", "contact") if name not in borders.columns]
    if missing:
        raise ValueError(f"the borders table has no column {' and no column '.join(missing)}")
    unknown = borders.loc[~borders["contact"].isin(CONTACTS), "contact"].unique()
    if len(unknown):
        raise ValueError(
            f"contact is one of {', '.join(CONTACTS)}, not {', '.join(map(repr, unknown))}"
        )
    if definition == "rook":
        borders = borders[borders["contact"] == "rook"]
    position = pd.Series(np.arange(len(labels)), index=labels)
    ends = []
    for column in ("zone_a", "zone_b"):
        unknown = borders.loc[~borders[column].isin(position.index), column].unique()
        if len(unknown):
            raise ValueError(f"{named(unknown)} is in borders ({column}) but not in zones")
        ends.append(position.loc[borders[column]].to_numpy())
    if (ends[0] == ends[1]).any():
        itself = labels[ends[0][ends[0] == ends[1]]]
        raise ValueError(f"{named(itself)} borders itself in the borders table: drop that row")
    pairs = np.unique(np.sort(np.column_stack(ends), axis=1), axis=0)
    first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    return first, second


def _nearest(coordinates: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    n, k = len(coordinates), whole_number(k, "k", least=None)
    if not 1 <= k <= n - 2:
        raise ValueError(
            f"k nearest neighbours: k = {k} is outside 1 … {n - 2} for {n} zones (with all others "
            "as neighbours Gi* is undefined)"
        )
    _, found = KDTree(coordinates).query(coordinates, k=k + 1)
    # the zone itself is usually the first found, but not when another has the same centroid
    itself = found == np.arange(n)[:, None]
    second = np.take_along_axis(found, np.argsort(itself, axis=1, kind="stable")[:, :k], axis=1)
    return np.repeat(np.arange(n), k), second.ravel()


def _distance(coordinates: np.ndarray, band: float | str) -> float:
    if isinstance(band, str):
        if band != "auto":
            raise ValueError(f'band is a distance in metres or "auto", not {band!r}')
        distances, _ = KDTree(coordinates).query(coordinates, k=2)
        return float(distances[:, 1].max())
    return positive(band, "band", "metres")
