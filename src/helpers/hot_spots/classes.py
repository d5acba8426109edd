"""The classes that a hot-spot map shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["CLASSES", "false_discovery_rate", "hot_spot_classes"]

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
