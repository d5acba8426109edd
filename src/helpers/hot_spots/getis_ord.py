"""Local hot and cold spots of a zone field: the Getis-Ord Gi* statistic.

For zone :math:`i`, with binary weights :math:`w_{ij}` that are one for its neighbours and for
the zone itself (that is what the star means), Ord and Getis (1995) compare the local sum of the
field :math:`x` with what a random arrangement of the same values would give:

.. math::

    z_i = \\frac{\\sum_j w_{ij} x_j - \\bar x \\sum_j w_{ij}}
               {S \\sqrt{\\left[n \\sum_j w_{ij}^2 - (\\sum_j w_{ij})^2\\right] / (n - 1)}},
    \\qquad S^2 = \\tfrac1n \\sum_j x_j^2 - \\bar x^2 .

This is the statistic behind ArcGIS's "Hot Spot Analysis", which the Setúbal paper used
(sections 3.2 and 4.1, Figure 2). The typical use has three lines::

    graph = neighbours(zones, "band")
    result = getis_ord(zones.set_index("zone")["pop_2011"], graph, permutations=9999, seed=1)
    table = result.table(correction="fdr")

References: Getis and Ord (1992) Geographical Analysis 24:189-206; Ord and Getis (1995)
Geographical Analysis 27:286-306; Caldas de Castro and Singer (2006) Geographical Analysis
38:180-208, on the false discovery rate of local statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = [
    "CLASSES",
    "DEFINITIONS",
    "GetisOrd",
    "connecting_band",
    "false_discovery_rate",
    "getis_ord",
    "graphs_by_definition",
    "hot_spot_classes",
    "neighbours",
]

DEFINITIONS = ("queen", "rook", "nearest", "band")
"""The ways to say which zones are neighbours."""

CONTACTS = ("rook", "point")
"""How two zones may touch: along a border, or in a point only."""

LEVELS = (0.90, 0.95, 0.99)
"""The confidence levels that ArcGIS reports."""

CLASSES = (
    "Cold spot 99 %",
    "Cold spot 95 %",
    "Cold spot 90 %",
    "Not significant",
    "Hot spot 90 %",
    "Hot spot 95 %",
    "Hot spot 99 %",
)
"""The seven classes of a hot-spot map, coldest first."""

ALTERNATIVES = ("two-sided", "greater", "less")


# ------------------------------------------------------------------------------ neighbourhoods


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
    from libpysal.graph import Graph

    labels = _labels(zones)
    if definition in ("rook", "queen"):
        first, second = _contacts(labels, borders, definition)
        mend = 'use definition="nearest" or "band", or complete the borders table'
    elif definition == "nearest":
        first, second = _nearest(_coordinates(zones), k)
        mend = ""
    elif definition == "band":
        coordinates = _coordinates(zones)
        distance = _distance(coordinates, band)
        # the connecting band itself must connect: allow for the last bits of the distance
        pairs = KDTree(coordinates).query_pairs(distance * (1 + 1e-9), output_type="ndarray")
        first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
        mend = f"the smallest band that leaves none is {connecting_band(zones):,.1f} m"
    else:
        raise ValueError(
            f"{definition!r} is not a definition of neighbours: choose one of "
            f"{', '.join(DEFINITIONS)}"
        )
    alone = np.setdiff1d(np.arange(len(labels)), first)
    if alone.size:
        raise _AloneError(_named(labels[alone]), f"by definition {definition!r}: {mend}")
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
            reasons[definition] = f"{_named(labels[crowded])} would have every other as a neighbour"
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


# ------------------------------------------------------------------------------- the statistic


@dataclass(frozen=True)
class GetisOrd:
    """Gi* of every zone, in the order of the graph's ids.

    Attributes
    ----------
    value : pandas.Series
        The field, indexed by zone.
    members : numpy.ndarray
        Number of zones in each local sum, the zone itself included.
    local_mean : numpy.ndarray
        Mean of the field over the zone and its neighbours, in the field's unit.
    z : numpy.ndarray
        Standard score of Gi* under total randomisation.
    p : numpy.ndarray
        P value of `z` under the normal approximation.
    p_permutation : numpy.ndarray or None
        P value by conditional permutation; None when no permutations were asked for.
    side_permutation : numpy.ndarray or None
        1 where more permuted surroundings sum to less than the observed ones than to more, −1
        where it is the other way round, 0 where as many do: hot or cold by permutation. It can
        differ from the sign of `z`, which counts the zone's own value too.
    permutations : int
        How many permutations were made.
    alternative : str
        What both p values are against.
    """

    value: pd.Series
    members: np.ndarray
    local_mean: np.ndarray
    z: np.ndarray
    p: np.ndarray
    p_permutation: np.ndarray | None
    side_permutation: np.ndarray | None
    permutations: int
    alternative: str

    def table(self, *, test: str = "analytical", correction: str = "none") -> pd.DataFrame:
        """Return one row a zone with the class that a hot-spot map shows.

        Parameters
        ----------
        test
            What decides on class and side: ``"analytical"`` (`z` and `p`) or ``"permutation"``
            (`side_permutation` and `p_permutation`).
        correction
            ``"none"``, or ``"fdr"`` to control the false discovery rate over all zones. Overlapping
            surroundings make the tests depend on one another; Benjamini and Hochberg's bound is
            proven for independent and positively dependent tests, and observed to hold for
            local statistics (Caldas de Castro and Singer 2006).

        Returns
        -------
        pandas.DataFrame
            Indexed by zone: value, members, local_mean, z, p (of the chosen test, corrected if
            asked), class (ordered categorical, :data:`CLASSES`).

        Raises
        ------
        ValueError
            If `test` or `correction` is unknown, or permutations were not made.
        """
        if test not in ("analytical", "permutation"):
            raise ValueError(f'test is "analytical" or "permutation", not {test!r}')
        if correction not in ("none", "fdr"):
            raise ValueError(f'correction is "none" or "fdr", not {correction!r}')
        analytical = test == "analytical"
        p = self.p if analytical else self.p_permutation
        if p is None:
            raise ValueError("no permutations were made: call getis_ord with permutations=9999")
        if correction == "fdr":
            p = false_discovery_rate(p)
        columns = {
            "value": self.value.to_numpy(),
            "members": self.members,
            "local_mean": self.local_mean,
            "z": self.z,
            "p": p,
            "class": hot_spot_classes(self.z if analytical else self.side_permutation, p),
        }
        return pd.DataFrame(columns, index=self.value.index)


def getis_ord(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 0,
    seed: int | np.random.Generator | None = None,
    alternative: str = "two-sided",
) -> GetisOrd:
    """Compute the Getis-Ord Gi* of a field, analytically and by conditional permutation.

    The standard score comes from :class:`esda.getisord.G_Local` with binary weights and
    ``star=True``. Binary matters: with row-standardised weights the score is another one, and
    differs from the closed formula that ArcGIS prints.

    The permutation test keeps the zone's own value and draws its neighbours' values without
    replacement from all others. It needs no normality, which suits skewed fields; but since
    the own value stays, it asks whether the *surroundings* are unusual, while `z` asks it of
    surroundings and zone together. It is done here in NumPy, and not by esda, whose engine
    compiles anew in each process (longer than the test itself) and returns a one-sided p value.

    Parameters
    ----------
    values
        The field, indexed by zone: any finite numbers, not all equal.
    graph
        Neighbours of every zone, from :func:`neighbours` or any binary libpysal graph with the
        same ids.
    permutations
        How many conditional permutations, 0 for none. The smallest two-sided p value that
        R permutations can give is 2 / (R + 1); a zone with few neighbours has few different
        surroundings (at most ``comb(n - 1, neighbours)``), so its p cannot fall below about
        2 / that number however many are drawn.
    seed
        Integer or generator; needed when permutations are asked for.
    alternative
        ``"two-sided"``, ``"greater"`` (hot only) or ``"less"`` (cold only).

    Returns
    -------
    GetisOrd

    Raises
    ------
    ValueError
        If the field is no Series of numbers, zones of graph and field differ, a value is missing
        or infinite, the field is constant, a zone neighbours all others (its score is undefined), the graph's weights are
        not binary, or permutations come without a seed.

    Examples
    --------
    A row of six zones whose last two carry the large values:

    >>> zones = pd.DataFrame({"zone": range(6), "x": np.arange(6.0), "y": 0.0})
    >>> field = pd.Series([1, 2, 1, 2, 8, 9], index=zones["zone"])
    >>> result = getis_ord(field, neighbours(zones, "band"))
    >>> result.z.round(2)
    array([-1.11, -1.67, -1.45, -0.11,  1.67,  2.21])
    """
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative is one of {', '.join(ALTERNATIVES)}, not {alternative!r}")
    permutations = _whole("permutations", permutations)
    if permutations < 0:
        raise ValueError(f"permutations cannot be negative: {permutations}")
    if permutations and seed is None:
        raise ValueError("permutations need a seed: pass seed=1 or a numpy Generator")
    values = _aligned(values, graph)
    adjacency = _adjacency(graph)
    field = values.to_numpy()
    members = adjacency.sum(axis=1) + 1
    crowded = members >= len(field)
    if crowded.any():
        raise ValueError(
            f"{_named(values.index[crowded])} has every other zone as a neighbour, so its Gi* is "
            "undefined: use a smaller band or fewer nearest neighbours"
        )
    z = _standard_score(field, graph)
    p_permutation = side = None
    if permutations:
        generator = np.random.default_rng(seed)
        p_permutation, side = _permute(field, adjacency, permutations, generator, alternative)
    return GetisOrd(
        value=values,
        members=members,
        local_mean=(adjacency @ field + field) / members,
        z=z,
        p=_normal_p(z, alternative),
        p_permutation=p_permutation,
        side_permutation=side,
        permutations=permutations,
        alternative=alternative,
    )


def false_discovery_rate(p: ArrayLike) -> np.ndarray:
    """Return p values adjusted by Benjamini and Hochberg (1995).

    .. math:: \\tilde p_{(i)} = \\min_{j \\ge i} \\min\\left(1, \\tfrac{n}{j} p_{(j)}\\right)

    Calling all zones with :math:`\\tilde p \\le \\alpha` spots keeps the expected share of false
    ones among them at or below :math:`\\alpha`.

    Parameters
    ----------
    p
        P values in [0, 1], any length.

    Returns
    -------
    numpy.ndarray
        Adjusted p values in the same order.

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.02, 0.03, 0.5]).round(3)
    array([0.04, 0.04, 0.04, 0.5 ])
    """
    p = np.asarray(p, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p values must lie between 0 and 1")
    return stats.false_discovery_control(p, method="bh")


def hot_spot_classes(z: ArrayLike, p: ArrayLike) -> pd.Categorical:
    """Put each zone in one of the seven classes of a hot-spot map.

    Parameters
    ----------
    z
        Standard scores: the sign says hot or cold.
    p
        P values, corrected or not: 0.10, 0.05 and 0.01 are the class limits.

    Raises
    ------
    ValueError
        If the two differ in length, a score is missing, or a p value is not in [0, 1].

    Returns
    -------
    pandas.Categorical
        Ordered, categories :data:`CLASSES`.

    Examples
    --------
    >>> list(hot_spot_classes([3.0, -2.0, 0.4], [0.003, 0.046, 0.69]))
    ['Hot spot 99 %', 'Cold spot 95 %', 'Not significant']
    """
    z, p = np.asarray(z, dtype=float), np.asarray(p, dtype=float)
    if z.shape != p.shape or z.ndim != 1:
        raise ValueError(f"one p value a score: got {p.shape} p values for {z.shape} scores")
    if np.isnan(z).any() or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a score is missing, or a p value is missing or outside 0 … 1")
    # 1 - level is not exactly 0.1, 0.05, 0.01 in binary: round, so that p = 0.05 counts as 95 %
    limits = np.round(1 - np.array(LEVELS), 10)
    strength = (p[:, None] <= limits).sum(axis=1)
    codes = len(LEVELS) + np.sign(z).astype(int) * strength
    return pd.Categorical.from_codes(codes, categories=list(CLASSES), ordered=True)


# -------------------------------------------------------------------------------- behind these


class _AloneError(ValueError):
    """Zones that a definition leaves without a neighbour."""

    def __init__(self, zones: str, why: str):
        super().__init__(f"{zones} would have no neighbour {why}")
        self.zones = zones


def _standard_score(field: np.ndarray, graph: Graph) -> np.ndarray:
    from esda.getisord import G_Local

    # The score does not depend on the field's origin or unit, but esda divides by its mean, which
    # turns the sign round when the mean is negative, and subtracts large squares when the field
    # is far from zero: give it the field on the scale from 0 to 1.
    unit = (field - field.min()) / np.ptp(field)
    return np.asarray(G_Local(unit, graph, transform="B", star=True, permutations=0).Zs)


def _normal_p(z: np.ndarray, alternative: str) -> np.ndarray:
    if alternative == "two-sided":
        return 2 * stats.norm.sf(np.abs(z))
    return stats.norm.sf(z) if alternative == "greater" else stats.norm.cdf(z)


def _permute(
    field: np.ndarray,
    adjacency,
    permutations: int,
    generator: np.random.Generator,
    alternative: str,
    block: int = 512,
) -> tuple[np.ndarray, np.ndarray]:
    """P values, and sides: how often random surroundings sum to at least, at most, the observed.

    The same draws serve all zones: each row of `order` is a random order of all zones, and a zone
    with k neighbours takes the first k that are not the zone itself, which are a random choice
    among the others. Running sums along the row give every zone's sum at once.
    """
    n = len(field)
    # from zero, so that a small range far from zero is not lost among the last bits of the sums
    field = field - field.min()
    neighbour_sum = adjacency @ field
    degree = np.diff(adjacency.indptr)
    zone = np.arange(n)
    # sums of the same numbers in another order differ in the last bits: those are ties
    slack = 1e-12 * np.abs(field).sum()
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for start in range(0, permutations, block):
        rows = min(block, permutations - start)
        order = generator.permuted(np.tile(zone, (rows, 1)), axis=1)
        place = np.empty_like(order)
        np.put_along_axis(place, order, zone[None, :], axis=1)
        running = np.zeros((rows, n + 1))
        np.cumsum(field[order], axis=1, out=running[:, 1:])
        # where the zone itself is among its first k, take one more and leave it out
        itself = place < degree
        simulated = np.take_along_axis(running, degree + itself, axis=1) - field * itself
        above += np.count_nonzero(simulated >= neighbour_sum - slack, axis=0)
        below += np.count_nonzero(simulated <= neighbour_sum + slack, axis=0)
    greater, less = (above + 1) / (permutations + 1), (below + 1) / (permutations + 1)
    p = {"greater": greater, "less": less, "two-sided": 2 * np.minimum(greater, less)}[alternative]
    return np.minimum(1.0, p), np.sign(below - above)


def _aligned(values: pd.Series, graph: Graph) -> pd.Series:
    if not isinstance(values, pd.Series):
        raise ValueError(
            f"the field is a pandas Series indexed by zone, not a {type(values).__name__}"
        )
    if not pd.api.types.is_numeric_dtype(values):
        raise ValueError(f"the field must hold numbers, not {values.dtype}")
    ids = graph.unique_ids
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()].unique()
        raise ValueError(f"{_named(twice)} appears more than once in the field")
    missing = ids.difference(values.index)
    if len(missing) or len(values) != len(ids):
        unknown = missing if len(missing) else values.index.difference(ids)
        where = "the graph but not in the field" if len(missing) else "the field but not the graph"
        raise ValueError(f"{_named(unknown)} is in {where}: both must have the same zones")
    # esda computes in the field's own type, and integers overflow or divide badly: use floats
    values = values.reindex(ids).astype(float).rename_axis(values.index.name)
    bad = ~np.isfinite(values.to_numpy())
    if bad.any():
        raise ValueError(
            f"{_named(values.index[bad])} has no finite value: fill the gap or drop the zone"
        )
    if np.ptp(values.to_numpy()) == 0:
        raise ValueError("the field has the same value in every zone, so it has no hot spots")
    return values


def _adjacency(graph: Graph):
    adjacency = graph.sparse.tocsr()
    if not np.isin(adjacency.data, (0.0, 1.0)).all():
        raise ValueError('the weights must be binary: use graph.transform("B")')
    adjacency = adjacency.copy()
    adjacency.setdiag(0)
    adjacency.eliminate_zeros()
    return adjacency


def _labels(zones: pd.DataFrame) -> np.ndarray:
    if "zone" not in zones.columns:
        raise ValueError('the zones table has no column "zone"')
    if zones["zone"].isna().any():
        rows = np.flatnonzero(zones["zone"].isna())[:5] + 1
        raise ValueError(f"row {', '.join(map(str, rows))} of the zones table has no zone label")
    if zones["zone"].duplicated().any():
        twice = zones.loc[zones["zone"].duplicated(), "zone"].unique()
        raise ValueError(f"{_named(twice)} appears more than once in the zones table")
    return zones["zone"].to_numpy()


def _coordinates(zones: pd.DataFrame) -> np.ndarray:
    missing = [name for name in ("x", "y") if name not in zones.columns]
    if missing:
        raise ValueError(f"the zones table has no column {' and no column '.join(missing)}")
    coordinates = zones[["x", "y"]].to_numpy(dtype=float)
    bad = ~np.isfinite(coordinates).all(axis=1)
    if bad.any():
        raise ValueError(f"{_named(_labels(zones)[bad])} has no centroid: give its x and y")
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
            raise ValueError(f"{_named(unknown)} is in borders ({column}) but not in zones")
        ends.append(position.loc[borders[column]].to_numpy())
    if (ends[0] == ends[1]).any():
        itself = labels[ends[0][ends[0] == ends[1]]]
        raise ValueError(f"{_named(itself)} borders itself in the borders table: drop that row")
    pairs = np.unique(np.sort(np.column_stack(ends), axis=1), axis=0)
    first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    return first, second


def _nearest(coordinates: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    n, k = len(coordinates), _whole("k", k)
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
    if not isinstance(band, (int, float, np.number)) or not np.isfinite(band) or band <= 0:
        raise ValueError(f"a distance band must be a positive number of metres, not {band}")
    return float(band)


def _whole(name: str, value) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} is a whole number, not {value!r}")
    return int(value)


def _named(labels: Sequence) -> str:
    """Name up to five zones in a sentence."""
    labels = [str(label) for label in labels]
    shown = ", ".join(labels[:5])
    more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    return f"zone {shown}{more}" if len(labels) == 1 else f"zones {shown}{more}"
