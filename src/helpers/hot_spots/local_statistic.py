"""The Getis-Ord Gi* statistic of a zone field.

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

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from scipy.sparse import csr_array, eye_array

from helpers.checks import one_of, whole_number

from ._kernels import count_extremes
from ._zones import named
from .classes import false_discovery_rate, hot_spot_classes

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["GetisOrd", "getis_ord"]

ALTERNATIVES = ("two-sided", "greater", "less")


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
        one_of(test, "test", ("analytical", "permutation"))
        one_of(correction, "correction", ("none", "fdr"))
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
    r"""Compute the Getis-Ord Gi* of a field, analytically and by conditional permutation.

    For zone i, with binary weights :math:`w_{ij}` that are one for its neighbours and for the zone
    itself (that is what the star means), Ord and Getis (1995) compare the local sum of the field
    :math:`x` with what a random arrangement of the same n values would give:

    .. math::

        z_i = \frac{\sum_j w_{ij} x_j - \bar x\, W_i}
        {S \sqrt{\left[n \sum_j w_{ij}^2 - W_i^2\right] / (n - 1)}}, \qquad
        W_i = \sum_j w_{ij}, \qquad S^2 = \tfrac1n \sum_j x_j^2 - \bar x^2 .

    The weights are binary, which matters: with row-standardised weights, another score comes out
    than by the formula that ArcGIS prints. :class:`esda.getisord.G_Local` with binary weights and
    ``star=True`` gives the same.

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
        or infinite, the field is constant, a zone neighbours all others (its score is undefined),
        the graph's weights are not binary, or permutations come without a seed.

    Examples
    --------
    A row of six zones whose last two carry the large values:

    >>> from helpers.hot_spots import neighbours
    >>> zones = pd.DataFrame({"zone": range(6), "x": np.arange(6.0), "y": 0.0})
    >>> field = pd.Series([1, 2, 1, 2, 8, 9], index=zones["zone"])
    >>> result = getis_ord(field, neighbours(zones, "band"))
    >>> result.z.round(2)
    array([-1.11, -1.67, -1.45, -0.11,  1.67,  2.21])
    """
    one_of(alternative, "alternative", ALTERNATIVES)
    permutations = whole_number(permutations, "permutations", least=0)
    if permutations and seed is None:
        raise ValueError("permutations need a seed: pass seed=1 or a numpy Generator")
    values = aligned(values, graph)
    adjacency = adjacency_of(graph)
    field = values.to_numpy()
    members = adjacency.sum(axis=1) + 1
    crowded = members >= len(field)
    if crowded.any():
        raise ValueError(
            f"{named(values.index[crowded])} has every other zone as a neighbour, so its Gi* is "
            "undefined: use a smaller band or fewer nearest neighbours"
        )
    z = _standard_score(field, adjacency)
    p_permutation = side = None
    if permutations:
        generator = np.random.default_rng(seed)
        p_permutation, side = permuted_surroundings(
            field, adjacency, permutations, generator, alternative
        )
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


def _standard_score(field: np.ndarray, adjacency: csr_array) -> np.ndarray:
    # The score does not depend on the field's origin or unit; on the scale from 0 to 1 no large
    # squares are subtracted.
    unit = (field - field.min()) / np.ptp(field)
    count = len(unit)
    # each zone is added among its neighbours, in the order of their numbers
    local = (adjacency + eye_array(count, format="csr")) @ unit
    members = adjacency.sum(axis=1) + 1
    mean = unit.sum() / count
    variance = (unit**2).sum() / count - mean**2
    spread = members * (count - members) / (count - 1) * variance
    return (local - members * mean) / np.sqrt(spread)


def _normal_p(z: np.ndarray, alternative: str) -> np.ndarray:
    if alternative == "two-sided":
        return 2 * stats.norm.sf(np.abs(z))
    return stats.norm.sf(z) if alternative == "greater" else stats.norm.cdf(z)


def permuted_surroundings(
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
    # from the middle, so that a small range far from zero is not lost among the last bits of sums
    field = field - np.median(field)
    neighbour_sum = adjacency @ field
    degree = np.diff(adjacency.indptr).astype(np.int64)
    zone = np.arange(n)
    # sums of the same numbers in another order differ in the last bits: those are ties
    slack = 1e-12 * np.abs(field).sum()
    limits = neighbour_sum - slack, neighbour_sum + slack
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for start in range(0, permutations, block):
        rows = min(block, permutations - start)
        order = generator.permuted(np.tile(zone, (rows, 1)), axis=1)
        count_extremes(order, field, degree, *limits, above, below)
    greater, less = (above + 1) / (permutations + 1), (below + 1) / (permutations + 1)
    p = {"greater": greater, "less": less, "two-sided": 2 * np.minimum(greater, less)}[alternative]
    return np.minimum(1.0, p), np.sign(below - above)


def aligned(values: pd.Series, graph: Graph) -> pd.Series:
    if not isinstance(values, pd.Series):
        raise ValueError(
            f"the field is a pandas Series indexed by zone, not a {type(values).__name__}"
        )
    if not pd.api.types.is_numeric_dtype(values):
        raise ValueError(f"the field must hold numbers, not {values.dtype}")
    ids = graph.unique_ids
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()].unique()
        raise ValueError(f"{named(twice)} appears more than once in the field")
    missing = ids.difference(values.index)
    if len(missing) or len(values) != len(ids):
        unknown = missing if len(missing) else values.index.difference(ids)
        where = "the graph but not in the field" if len(missing) else "the field but not the graph"
        raise ValueError(f"{named(unknown)} is in {where}: both must have the same zones")
    values = values.reindex(ids).astype(float).rename_axis(values.index.name)
    bad = ~np.isfinite(values.to_numpy())
    if bad.any():
        raise ValueError(
            f"{named(values.index[bad])} has no finite value: fill the gap or drop the zone"
        )
    if np.ptp(values.to_numpy()) == 0:
        raise ValueError("the field has the same value in every zone, so it has no hot spots")
    return values


def adjacency_of(graph: Graph):
    adjacency = graph.sparse.tocsr()
    if not np.isin(adjacency.data, (0.0, 1.0)).all():
        raise ValueError('the weights must be binary: use graph.transform("B")')
    adjacency = adjacency.copy()
    adjacency.setdiag(0)
    adjacency.eliminate_zeros()
    return adjacency
