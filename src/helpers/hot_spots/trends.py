"""Trends of series, one a zone, by ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["mann_kendall"]


def mann_kendall(series: pd.DataFrame | ArrayLike) -> pd.DataFrame:
    r"""Mann-Kendall test of a trend, with the variance that ties leave.

    For a series :math:`x_1, \dots, x_n` in order of time, with groups of c equal values:

    .. math::

        S = \sum_{i < j} \operatorname{sign}(x_j - x_i), \qquad
        V = \frac{n (n - 1) (2 n + 5) - \sum c (c - 1) (2 c + 5)}{18}, \qquad
        z = \frac{S - \operatorname{sign} S}{\sqrt V}

        \tau_a = \frac{S}{N}, \qquad
        \tau_b = \frac{S}{\sqrt{N \left(N - \sum \tfrac12 c (c - 1)\right)}}, \qquad
        N = \tfrac12 n (n - 1)

    The slope is Sen's: the median of :math:`(x_j - x_i) / (j - i)`.

    Parameters
    ----------
    series
        One row a series, one column a period, evenly spaced; or one series.

    Returns
    -------
    pandas.DataFrame
        One row a series: s, variance, z, p (two-sided, normal), tau_a, tau_b, slope (per period).
        Where all values are equal z, p and tau_b are missing.

    Raises
    ------
    ValueError
        For fewer than three periods, or values that are missing or infinite.

    Notes
    -----
    The normal approximation is fair from about ten periods. Values that follow one another closely
    (a good year after a good one) make it reject too often.

    References
    ----------
    H. Mann (1945), Nonparametric tests against trend, Econometrica 13; M. Kendall (1975), Rank
    Correlation Methods; P. Sen (1968), JASA 63.

    Examples
    --------
    >>> mann_kendall([1, 2, 2, 3, 4])[["s", "z", "p", "slope"]].round(3).to_numpy().tolist()
    [[9.0, 2.021, 0.043, 0.708]]
    """
    index = series.index if isinstance(series, pd.DataFrame) else None
    values = np.atleast_2d(np.asarray(series, dtype=float))
    if values.ndim != 2 or values.shape[1] < 3:
        raise ValueError(f"a trend needs at least three periods, got the shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{(~np.isfinite(values)).sum()} values are missing or infinite")
    n = values.shape[1]
    first, second = np.triu_indices(n, k=1)
    rise = values[:, second] - values[:, first]
    s = np.sign(rise).sum(axis=1)
    # each value of a group of c has c equals, itself among them: Σ over groups is Σ over values / c
    equals = (values[:, :, None] == values[:, None, :]).sum(axis=2)
    lost = ((equals - 1) * (2 * equals + 5)).sum(axis=1)
    variance = (n * (n - 1) * (2 * n + 5) - lost) / 18
    pairs = n * (n - 1) / 2
    untied = pairs - (equals - 1).sum(axis=1) / 2
    some = variance > 0
    missing = np.full(len(values), np.nan)
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=missing.copy(), where=some)
    return pd.DataFrame(
        {
            "s": s.astype(int),
            "variance": variance,
            "z": z,
            "p": 2 * stats.norm.sf(np.abs(z)),
            "tau_a": s / pairs,
            "tau_b": np.divide(s, np.sqrt(pairs * untied), out=missing.copy(), where=some),
            "slope": np.median(rise / (second - first), axis=1),
        },
        index=index,
    )
