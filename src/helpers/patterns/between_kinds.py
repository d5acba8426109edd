"""Second-order functions between points of two kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ._checks import checked_corrections, checked_distances, checked_pattern
from ._weighted_sums import weighted_sums
from .second_order import CORRECTIONS, default_range

__all__ = ["cross_k"]


def cross_k(
    points,
    kinds,
    window,
    first,
    second,
    r=None,
    corrections=None,
    *,
    exact_overlap: bool | None = None,
) -> pd.DataFrame:
    r"""Cross K function: how many points of one kind lie within r of one of another.

    With i over the :math:`n_1` points of the first kind and j over the :math:`n_2` of the second:

    .. math::

        \text{none: } \frac{A}{n_1 n_2} \sum_{i, j} 1\{d_{ij} \le r\}
        \qquad
        \text{border: } \frac{A}{n_2}\,
        \frac{\sum_i 1\{b_i \ge r\}\, \#\{j : d_{ij} \le r\}}{\#\{i : b_i \ge r\}}

        \text{translation: } \frac{A^2}{n_1 n_2} \sum_{i, j}
        \frac{1\{d_{ij} \le r\}}{|W \cap (W + x_j - x_i)|}
        \qquad
        \text{isotropic: } \frac{A}{n_1 n_2} \sum_{i, j} w_{ij}\, 1\{d_{ij} \le r\}

    π r² where the two kinds are independent and one of them is stationary. Border and isotropic
    estimates of (first, second) and of (second, first) differ.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Points of different kinds at one place count from r = 0 on.
    kinds : array_like of shape (n,)
        Kind of each point.
    window : Window or shapely polygon
    first, second
        Two of the kinds.
    r, corrections, exact_overlap
        As in :func:`ripley_k`.

    Returns
    -------
    DataFrame
        Columns r, theory = π r², and one a correction.

    Raises
    ------
    ValueError
        As :func:`ripley_k`; also for a kind without points, or the same kind twice.

    References
    ----------
    B. Ripley (1981), Spatial Statistics; A. Baddeley, E. Rubak, R. Turner (2015), Spatial Point
    Patterns, 14.6.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points, kinds = [[4, 5], [6, 5], [5, 6]], ["a", "a", "b"]
    >>> cross_k(points, kinds, square, "a", "b", [0, 1.5], "none")["none"].tolist()
    [0.0, 100.0]
    """
    points, window = checked_pattern(points, window, "raise", "the cross K function")
    corrections = checked_corrections(corrections, CORRECTIONS)
    r = checked_distances(r, default_range(window, len(points)))
    kinds = np.asarray(kinds)
    if kinds.shape != (len(points),):
        raise ValueError(f"one kind a point: got {kinds.shape} kinds for {len(points)} points")
    if first == second:
        raise ValueError(f"two different kinds, not {first!r} twice: ripley_k is for one")
    sources, targets = (kinds == first).astype(float), (kinds == second).astype(float)
    for kind, some in ((first, sources), (second, targets)):
        if not some.any():
            known = ", ".join(sorted(map(str, np.unique(kinds))))
            raise ValueError(f"no point is of the kind {kind!r}: there are {known}")
    sums = weighted_sums(points, window, r, corrections, sources, targets, exact_overlap)
    n_1, n_2, area = sources.sum(), targets.sum(), window.area
    columns = {"r": r, "theory": np.pi * r**2}
    for name in corrections:
        columns[name] = area / n_2 * sums[name] / (1 if name == "border" else n_1)
    return pd.DataFrame(columns)
