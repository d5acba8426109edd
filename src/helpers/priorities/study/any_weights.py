"""What holds whatever the weights: their means, central weights, how sure a share is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..acceptability import Acceptability
from ..weights import rank_order_centroid

__all__ = [
    "central_weights",
    "drawn_weights",
    "running_mean",
]


def drawn_weights(drawn: np.ndarray, labels: Sequence[str]) -> pd.DataFrame:
    """Mean of weight vectors beside the rank-order centroid, to which it converges.

    Parameters
    ----------
    drawn : ndarray, shape (N, m)
        Weight vectors that respect the order of the criteria; columns in this order.
    labels : sequence of str
        Words of the criteria, the most important first.

    Returns
    -------
    DataFrame
        One row a criterion: ``criterion, roc, mean, error`` (Monte Carlo standard error of the
        mean), ``q05, q95``.
    """
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "criterion": list(labels),
            "roc": [float(weight) for weight in rank_order_centroid(len(labels))],
            "mean": drawn.mean(axis=0),
            "error": drawn.std(axis=0) / np.sqrt(len(drawn)),
            "q05": low,
            "q95": high,
        }
    )


def central_weights(
    free: Acceptability, unsure: Acceptability, order: Sequence[str], labels: Mapping[str, str]
) -> pd.DataFrame:
    """Which weights put a zone first, and how surely they would if its values are uncertain.

    Parameters
    ----------
    free : Acceptability
        Under any weights, with certain values.
    unsure : Acceptability
        The same with uncertain values, for the confidence factors.
    order : sequence of str
        Criteria in the order of the columns.
    labels : dict
        Criterion → words.

    Returns
    -------
    DataFrame
        Zones that are ever first, the most often first; columns ``first`` (share of vectors), the
        central weight of each criterion (named in words) and ``confidence``, which is missing
        where a zone was never first once its values were uncertain.
    """
    first = free.rank_acceptability[1]
    ever = first[first > 0].sort_values(ascending=False).index
    table = free.central_weights.loc[ever, list(order)].rename(columns=dict(labels))
    table.insert(0, "first", first[ever])
    return table.assign(confidence=unsure.confidence[ever]).rename_axis("zone")


def running_mean(shares: np.ndarray, points: int = 120, start: int = 30) -> pd.DataFrame:
    """Mean over the first N draws for growing N, with its standard error.

    Parameters
    ----------
    shares : ndarray, shape (draws,)
        One number a draw.
    points : int
        At how many N, evenly on a logarithmic scale.
    start : int
        The least N.

    Returns
    -------
    DataFrame
        Columns ``vectors`` (N), ``mean``, ``error``.

    Examples
    --------
    >>> running_mean(np.array([0.0, 1.0, 1.0, 0.0]), points=2, start=2).round(3).to_dict("list")
    {'vectors': [2, 4], 'mean': [0.5, 0.5], 'error': [0.354, 0.25]}
    """
    counts = np.unique(np.geomspace(min(start, len(shares)), len(shares), points).astype(int))
    mean = np.cumsum(shares)[counts - 1] / counts
    square = np.cumsum(shares**2)[counts - 1] / counts
    error = np.sqrt(np.maximum(square - mean**2, 0) / counts)
    return pd.DataFrame({"vectors": counts, "mean": mean, "error": error})
