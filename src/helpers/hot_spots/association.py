"""Moran's I of a zone field, for the whole map and for every zone.

Where Gi* tells high surroundings from low ones, the local Moran also tells a zone that is unlike
its surroundings: a spatial outlier.  References: Moran (1950) Biometrika 37:17-23; Anselin (1995)
Geographical Analysis 27:93-115.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.checks import one_of, whole_number

from .classes import false_discovery_rate
from .local_statistic import adjacency_of, aligned, permuted_surroundings

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["MORAN_CLASSES", "LocalMoran", "MoranI", "local_moran", "moran"]

MORAN_CLASSES = (
    "High among high",
    "Low among low",
    "High among low",
    "Low among high",
    "Not significant",
)
"""Quadrants of the Moran scatter plot, and what is no finding; the third and fourth are outliers."""


@dataclass(frozen=True)
class MoranI:
    """Moran's I of a field.

    Attributes
    ----------
    statistic, expected
        I, and its expectation without association, −1 / (n − 1).
    p
        Two-sided, by permutation: 2 / (permutations + 1) at least.
    permutations
        How many stand behind it.
    """

    statistic: float
    expected: float
    p: float
    permutations: int


@dataclass(frozen=True)
class LocalMoran:
    """Local Moran of every zone, in the order of the graph's ids.

    Attributes
    ----------
    value : pandas.Series
        The field, indexed by zone.
    z, lag : numpy.ndarray
        Standard score of the zone's value, and mean of its neighbours' scores: the axes of the
        Moran scatter plot.
    local : numpy.ndarray
        Local Moran, ``z`` × ``lag``.
    p : numpy.ndarray
        Two-sided p value by conditional permutation.
    """

    value: pd.Series
    z: np.ndarray
    lag: np.ndarray
    local: np.ndarray
    p: np.ndarray

    def table(self, *, correction: str = "none", level: float = 0.05) -> pd.DataFrame:
        """One row a zone with its quadrant where that is a finding.

        Parameters
        ----------
        correction
            ``"none"``, or ``"fdr"`` to control the false discovery rate over all zones.
        level
            Largest p value of a finding.

        Returns
        -------
        pandas.DataFrame
            Indexed by zone: value, z, lag, local, p (corrected if asked), class
            (:data:`MORAN_CLASSES`, an ordered categorical).

        Raises
        ------
        ValueError
            `correction` is unknown.
        """
        one_of(correction, "correction", ("none", "fdr"))
        p = false_discovery_rate(self.p) if correction == "fdr" else self.p
        high, around = self.z > 0, self.lag > 0
        quadrant = np.select([high & around, ~high & ~around, high & ~around], [0, 1, 2], 3)
        place = np.where(p <= level, quadrant, 4)
        columns = {"value": self.value.to_numpy(), "z": self.z, "lag": self.lag}
        columns |= {"local": self.local, "p": p}
        kinds = pd.Categorical.from_codes(place, list(MORAN_CLASSES), ordered=True)
        return pd.DataFrame({**columns, "class": kinds}, index=self.value.index)


def moran(
    values: pd.Series, graph: Graph, *, permutations: int = 9999, seed: int | None = None
) -> MoranI:
    r"""Moran's I of a field with row-standardised weights.

    .. math::

        I = \frac{n}{\sum_{ij} w_{ij}} \frac{\sum_{ij} w_{ij} z_i z_j}{\sum_i z_i^2}

    Parameters
    ----------
    values
        The field, indexed by zone: finite numbers, not all equal.
    graph
        Binary neighbours of every zone.
    permutations
        How many random arrangements stand behind p.
    seed
        Of the arrangements.

    Raises
    ------
    ValueError
        As :func:`getis_ord`.

    Examples
    --------
    >>> from helpers.hot_spots import neighbours
    >>> zones = pd.DataFrame({"zone": range(6), "x": np.arange(6.0), "y": 0.0})
    >>> field = pd.Series([1.0, 2, 3, 4, 5, 6], index=zones["zone"])
    >>> round(moran(field, neighbours(zones, "band"), seed=1).statistic, 3)
    0.714
    """
    permutations = whole_number(permutations, "permutations", least=1)
    values = aligned(values, graph)
    weights = _standardised(graph)
    z = _scores(values.to_numpy())
    count = len(z)

    def statistic(arranged: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->i", arranged, (weights @ arranged.T).T) / count

    observed = float(statistic(z[None, :])[0] * count / weights.sum())
    generator = np.random.default_rng(seed)
    drawn = generator.permuted(np.tile(z, (permutations, 1)), axis=1)
    simulated = statistic(drawn) * count / weights.sum()
    slack = 1e-12 * np.abs(simulated).max(initial=0)
    greater = (np.count_nonzero(simulated >= observed - slack) + 1) / (permutations + 1)
    less = (np.count_nonzero(simulated <= observed + slack) + 1) / (permutations + 1)
    return MoranI(observed, -1 / (count - 1), min(1.0, 2 * min(greater, less)), permutations)


def local_moran(
    values: pd.Series, graph: Graph, *, permutations: int = 9999, seed: int | None = None
) -> LocalMoran:
    r"""Local Moran of every zone, with conditional permutations.

    .. math:: I_i = z_i \sum_j w_{ij} z_j, \qquad \sum_j w_{ij} = 1

    The zone keeps its value and the others are dealt out anew.  Since :math:`z_i` is then fixed, the
    question is that of the surroundings alone: p is that of Gi* without the star.

    Parameters
    ----------
    values, graph, permutations, seed
        As in :func:`moran`.

    Raises
    ------
    ValueError
        As :func:`getis_ord`.
    """
    permutations = whole_number(permutations, "permutations", least=1)
    values = aligned(values, graph)
    z = _scores(values.to_numpy())
    lag = _standardised(graph) @ z
    generator = np.random.default_rng(seed)
    p, _ = permuted_surroundings(
        values.to_numpy(), adjacency_of(graph), permutations, generator, "two-sided"
    )
    return LocalMoran(values, z, lag, z * lag, p)


def _scores(field: np.ndarray) -> np.ndarray:
    # on the scale from 0 to 1 first, so that neither origin nor unit costs digits
    return np.asarray(stats.zscore((field - field.min()) / np.ptp(field)))


def _standardised(graph: Graph):
    adjacency = adjacency_of(graph)
    members = np.asarray(adjacency.sum(axis=1)).ravel()
    from scipy.sparse import diags

    return diags(1 / np.maximum(members, 1)) @ adjacency
