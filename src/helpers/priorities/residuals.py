"""What the other criteria add to one: the residual of the score, and whether neighbours share it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from libpysal.graph import Graph

CONSTANT = 1e-9
"""Scores that spread less than this are one score for a regression."""

LEVEL = 0.05
"""Of the test whether neighbours have similar residuals."""


@dataclass(frozen=True)
class Residual:
    r"""What the score holds beyond a straight line on one criterion.

    Attributes
    ----------
    values : Series
        Zone → :math:`V(a_i) - \hat\alpha - \hat\beta v_1(x_i)`, least squares.
    explained : float or None
        R² of the line; None where all scores are one.
    line : ndarray
        The columns of the regression, one row a zone: ones, and the values of the criterion.
    """

    values: pd.Series
    explained: float | None
    line: np.ndarray

    @property
    def varies(self) -> bool:
        """Whether the residuals differ at all."""
        return bool(np.ptp(self.values) > CONSTANT)


def residual_on(scores: pd.Series, one: pd.Series) -> Residual:
    """Regress the scores on the values of one criterion.

    Parameters
    ----------
    scores : Series
        Zone → score.
    one : Series
        The same zones → value of the criterion.

    Examples
    --------
    >>> found = residual_on(pd.Series([0.0, 0.5, 0.4, 0.9]), pd.Series([0.0, 0.0, 1.0, 1.0]))
    >>> found.values.round(3).tolist(), round(found.explained, 3)
    ([-0.25, 0.25, -0.25, 0.25], 0.39)
    """
    slope, level = np.polyfit(one, scores, 1)
    residual = scores - (level + slope * one)
    varied = np.ptp(scores) > CONSTANT
    explained = float(1 - residual.var() / scores.var()) if varied else None
    line = np.column_stack([np.ones(len(one)), one.to_numpy(float)])
    return Residual(residual, explained, line)


@dataclass(frozen=True)
class MoranTest:
    """Moran's *I* of residuals with its test.

    Attributes
    ----------
    statistic, expected, p : float
        *I*, its expectation for residuals of a line, and the two-sided p value.
    """

    statistic: float
    expected: float
    p: float

    @property
    def alike(self) -> bool:
        """Whether neighbours are more alike than chance explains, at 5 %."""
        return self.p < LEVEL and self.statistic > self.expected


def moran_test(residual: Residual, graph: Graph) -> MoranTest:
    r"""Moran's *I* of residuals, with the moments that residuals of a regression have.

    .. math::

        I = \frac{n}{S} \frac{\sum_{ij} w_{ij} z_i z_j}{\sum_i z_i^2}, \qquad
        S = \sum_{ij} w_{ij}

    for residuals :math:`z`.  A fitted line takes two degrees of freedom and bends the residuals, so
    the moments are not those of single values: with :math:`M = 1 - X (X^T X)^{-1} X^T` of the
    :math:`n \times k` columns :math:`X` of the regression and errors that are normal and independent,

    .. math::

        E(I) = \frac{n}{S} \frac{\operatorname{tr} M W}{n - k}, \qquad
        E(I^2) = \frac{n^2}{S^2}
            \frac{\operatorname{tr} M W M W^T + \operatorname{tr} (M W)^2 + (\operatorname{tr} M W)^2}
            {(n - k)(n - k + 2)}

    p from the normal distribution.

    Parameters
    ----------
    residual : Residual
        Zones in the order of the graph.
    graph : libpysal.graph.Graph
        Weights of the neighbours.

    References
    ----------
    A. Cliff, J. Ord (1981), Spatial Processes: Models and Applications, chapter 8.
    """
    z, x = residual.values.to_numpy(float), residual.line
    w = graph.sparse.tocsr()
    n, k = x.shape
    scale = n / w.sum()
    # the traces by the few columns of the regression, so that no matrix of n by n is made
    inverse = np.linalg.inv(x.T @ x)
    once = inverse @ (x.T @ (w @ x))
    back = inverse @ (x.T @ (w.T @ x))
    mean = w.diagonal().sum() - np.trace(once)
    twice = (w @ w).diagonal().sum() - 2 * np.trace(inverse @ (x.T @ (w @ (w @ x))))
    twice += np.trace(once @ once)
    across = w.multiply(w).sum() - np.trace(inverse @ (x.T @ (w @ (w.T @ x))))
    across += np.trace(once @ back) - np.trace(inverse @ (x.T @ (w.T @ (w @ x))))
    expected = scale * mean / (n - k)
    square = scale**2 * (across + twice + mean**2) / ((n - k) * (n - k + 2))
    statistic = scale * float(z @ (w @ z)) / float(z @ z)
    score = (statistic - expected) / math.sqrt(square - expected**2)
    return MoranTest(float(statistic), float(expected), math.erfc(abs(score) / math.sqrt(2)))
