"""Second-order functions of patterns that are dense here and thin there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.checks import one_of, positive

from ._checks import checked_corrections, checked_distances, checked_pattern
from ._weighted_sums import pair_stream, weighted_sums
from .second_order import default_range, isotropic_limit, translation_limit, up_to
from .surface import IntensitySurface

__all__ = [
    "inhomogeneous_k",
    "inhomogeneous_l",
    "inhomogeneous_pair_correlation",
]

CORRECTIONS = ("border", "translation", "isotropic")


def inhomogeneous_k(
    points,
    window,
    intensity,
    r=None,
    corrections=None,
    *,
    normalise: int = 1,
    exact_overlap: bool | None = None,
    outside: str = "raise",
) -> pd.DataFrame:
    r"""Inhomogeneous K function: what clustering is left when the intensity is accounted for.

    With :math:`v_i = 1 / \lambda(x_i)`, window W of area A, pair distances :math:`d_{ij}`, distances
    to the boundary :math:`b_i` and sums over ordered pairs :math:`i \ne j`:

    .. math::

        \text{border: } \frac{\sum_i 1\{b_i \ge r\}\, v_i \sum_{j \ne i} v_j\, 1\{d_{ij} \le r\}}
        {\sum_i 1\{b_i \ge r\}\, v_i}

        \text{translation: } \sum_{i \ne j} \frac{v_i v_j\, 1\{d_{ij} \le r\}}{|W \cap (W + x_j - x_i)|}
        \qquad
        \text{isotropic: } \frac1A \sum_{i \ne j} w_{ij} v_i v_j\, 1\{d_{ij} \le r\}

    each times :math:`(A / \sum_i v_i)^m`, m the power `normalise`; :math:`w_{ij}` as in
    :func:`ripley_k`. A Poisson process of that intensity has π r².

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Duplicates are kept: a pair at the same place has distance 0.
    window : Window or shapely polygon
    intensity : array_like of shape (n,) or IntensitySurface
        λ at each point, positive, per squared unit of the coordinates. A surface that was estimated
        from the same points makes K too low; better leave each point out of its own
        (:func:`kernel_density` with ``leave_one_out``).
    r : array_like of shape (k,), optional
        As in :func:`ripley_k`.
    corrections : str or sequence of str, optional
        Among "border", "translation", "isotropic"; by default all.
    normalise : {0, 1, 2}
        Power m. 1 takes out most of the error of the intensity's level.
    exact_overlap, outside
        As in :func:`ripley_k`; with ``"drop"`` the intensity must be a surface.

    Returns
    -------
    DataFrame
        Columns r, theory = π r², and one a correction. Events that repeat their places are counted at
        places.

    Raises
    ------
    ValueError
        As :func:`ripley_k`; also for intensities that are not positive or not one a point.

    References
    ----------
    A. Baddeley, J. Møller, R. Waagepetersen (2000), Non- and semi-parametric estimation of
    interaction in inhomogeneous point patterns, Statistica Neerlandica 54.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> table = inhomogeneous_k([[4, 5], [6, 5], [5, 6]], square, [0.06, 0.03, 0.03], [0, 1.5, 2.5])
    >>> table["isotropic"].round(3).tolist()
    [0.0, 40.0, 53.333]
    """
    points, window = checked_pattern(points, window, outside, "the inhomogeneous K function")
    corrections = checked_corrections(corrections, CORRECTIONS)
    r = checked_distances(r, default_range(window, len(points)))
    v = 1 / _intensity_at(intensity, points)
    if isinstance(normalise, bool) or normalise not in (0, 1, 2):
        raise ValueError(f"normalise is the power 0, 1 or 2, not {normalise!r}")
    sums = weighted_sums(points, window, r, corrections, v, v, exact_overlap)
    factor = (window.area / v.sum()) ** normalise
    columns = {"r": r, "theory": np.pi * r**2}
    for name in corrections:
        if name == "border":
            columns[name] = factor * sums[name]
        else:
            columns[name] = factor / window.area * sums[name]
    return pd.DataFrame(columns)


def inhomogeneous_l(points, window, intensity, r=None, corrections=None, **options) -> pd.DataFrame:
    r"""Inhomogeneous L function: r under a Poisson process of the given intensity.

    .. math:: L(r) = \sqrt{K(r) / \pi}

    Parameters
    ----------
    points, window, intensity, r, corrections
        As in :func:`inhomogeneous_k`.
    **options
        Its `normalise`, `exact_overlap` and `outside`.

    Returns
    -------
    DataFrame
        Columns r, theory = r, and one a correction, in units of the coordinates.

    Raises
    ------
    ValueError
        As :func:`inhomogeneous_k`.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points, density = [[4, 5], [6, 5], [5, 6]], [0.03, 0.03, 0.03]
    >>> inhomogeneous_l(points, square, density, [0, 2.5], "isotropic").round(3)["isotropic"][1]
    np.float64(4.607)
    """
    table = inhomogeneous_k(points, window, intensity, r, corrections, **options)
    estimates = table.columns.drop("r")
    table[estimates] = np.sqrt(table[estimates] / np.pi)
    return table


def inhomogeneous_pair_correlation(
    points,
    window,
    intensity,
    r=None,
    corrections=None,
    *,
    bandwidth: float | None = None,
    divisor: str = "d",
    normalise: int = 1,
    exact_overlap: bool | None = None,
    outside: str = "raise",
) -> pd.DataFrame:
    r"""Inhomogeneous pair correlation function: 1 under a Poisson process of the given intensity.

    .. math::

        g(r) = \frac1A \left(\frac{A}{\sum_i v_i}\right)^{m}
        \sum_{i \ne j} w_{ij} v_i v_j\, \frac{\kappa_h(r - d_{ij})}{2 \pi\, d_{ij}}

    with :math:`v_i = 1 / \lambda(x_i)`, the Epanechnikov kernel :math:`\kappa_h` of half-width h, and
    r in place of :math:`d_{ij}` below the line if `divisor` is "r".

    Parameters
    ----------
    points, window, intensity, r, normalise, exact_overlap, outside
        As in :func:`inhomogeneous_k`. Coincident pairs are left out.
    corrections : str or sequence of str, optional
        Among "translation", "isotropic"; by default both.
    bandwidth : float, optional
        h; by default 0.15 / √(n / A) (Stoyan's rule).
    divisor : {"d", "r"}

    Returns
    -------
    DataFrame
        Columns r, theory = 1, and one a correction. Missing at r = 0; biased below h.

    Raises
    ------
    ValueError
        As :func:`inhomogeneous_k`.

    References
    ----------
    A. Baddeley, J. Møller, R. Waagepetersen (2000); Y. Guan (2007), the divisor d_ij.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points = square.random_points(2000, seed=1)
    >>> even = np.full(2000, 20.0)
    >>> table = inhomogeneous_pair_correlation(points, square, even, [0.5, 1.0, 1.5], "translation")
    >>> bool(abs(table["translation"] - 1).max() < 0.05)
    True
    """
    what = "the inhomogeneous pair correlation function"
    points, window = checked_pattern(points, window, outside, what)
    corrections = checked_corrections(corrections, ("translation", "isotropic"))
    one_of(divisor, "divisor", ("d", "r"))
    r = checked_distances(r, default_range(window, len(points)))
    v = 1 / _intensity_at(intensity, points)
    if isinstance(normalise, bool) or normalise not in (0, 1, 2):
        raise ValueError(f"normalise is the power 0, 1 or 2, not {normalise!r}")
    stoyan = 0.15 * np.sqrt(window.area / len(points))
    h = stoyan if bandwidth is None else positive(bandwidth, "bandwidth")
    found = {name: np.zeros(len(r)) for name in corrections}
    places, place = np.unique(points, axis=0, return_inverse=True)
    total, v = v.sum(), np.bincount(place.ravel(), v)
    for pairs in pair_stream(places, window, r[-1] + h, corrections, exact_overlap):
        order = np.argsort(pairs.d, kind="stable")
        d = pairs.d[order]
        products = (v[pairs.i] * v[pairs.j])[order]
        first = np.searchsorted(d, r - h)
        last = np.searchsorted(d, r + h)
        for name in corrections:
            weights = products * getattr(pairs, name)[order]
            weights = weights / d if divisor == "d" else weights
            for k in np.flatnonzero((r > 0) & (last > first)):
                part = slice(first[k], last[k])
                kernel = 0.75 / h * (1 - ((r[k] - d[part]) / h) ** 2)
                found[name][k] += kernel @ weights[part]
    factor = (window.area / total) ** normalise / (2 * np.pi * window.area)
    columns = {"r": r, "theory": np.ones(len(r))}
    for name in corrections:
        limit = (translation_limit if name == "translation" else isotropic_limit)(window)
        below = r if divisor == "r" else np.ones(len(r))
        estimate = np.divide(factor * found[name], below, out=np.full(len(r), np.nan), where=r > 0)
        columns[name] = up_to(r, limit, np.where(r > 0, estimate, np.nan))
    return pd.DataFrame(columns)


def _intensity_at(intensity, points) -> np.ndarray:
    if isinstance(intensity, IntensitySurface):
        values = intensity.value_at(points)
    else:
        values = np.asarray(intensity, dtype=float)
    if values.shape != (len(points),):
        raise ValueError(f"one intensity a point: got {values.shape} for {len(points)} points")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(wrong):
        raise ValueError(
            f"{len(wrong)} intensities are not positive and finite (the first at point {wrong[0]}): "
            "take a wider bandwidth"
        )
    return values
