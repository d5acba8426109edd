"""Second-order summary functions: how many other points there are within a distance of a point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from helpers.checks import positive
from helpers.space import Window

from ._checks import checked_corrections, checked_distances, checked_pattern
from ._pairs import pair_sums

__all__ = ["l_function", "pair_correlation", "ripley_k"]

CORRECTIONS = ("none", "border", "translation", "isotropic")
_PAIR_CORRELATION_CORRECTIONS = ("translation", "isotropic")
_FINE_BINS = 8192


def ripley_k(
    points, window, r=None, corrections=None, *, exact_overlap=None, outside: str = "raise"
) -> pd.DataFrame:
    r"""Ripley's K function: λ K(r) is the mean number of other points within r of a point.

    For n points in a window W of area A, with :math:`d_{ij}` the distance of a pair, :math:`b_i`
    the distance of :math:`x_i` to the boundary and sums over ordered pairs :math:`i \ne j`:

    .. math::

        \text{none: } \frac{A}{n (n - 1)} \sum_{i \ne j} 1\{d_{ij} \le r\}

        \text{border: } \frac{A}{n}\,
        \frac{\sum_i 1\{b_i \ge r\}\, \#\{j : d_{ij} \le r\}}{\#\{i : b_i \ge r\}}

        \text{translation: } \frac{A^2}{n (n - 1)}
        \sum_{i \ne j} \frac{1\{d_{ij} \le r\}}{|W \cap (W + x_j - x_i)|}

        \text{isotropic: } \frac{A}{n (n - 1)} \sum_{i \ne j} w_{ij}\, 1\{d_{ij} \le r\}

    where :math:`1 / w_{ij}` is the fraction of the circle about :math:`x_i` through :math:`x_j`
    that lies in W, and :math:`w_{ij}` is at most 100.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Duplicates are kept: a pair at the same place has distance 0 and counts from r = 0 on.
    window : Window or shapely polygon
    r : array_like of shape (k,), optional
        Ascending distances. By default 513 steps from 0 to the smaller of a quarter of the
        shorter side of the bounding box and the radius that holds 1000 points on average.
    corrections : str or sequence of str, optional
        Among "none", "border", "translation", "isotropic"; by default all.
    exact_overlap : bool, optional
        Whether the translation weights in a polygon come from the exact overlap, or from a set
        covariance by FFT of a raster with 1024 cells along the longer side (some 1e-6 of the
        largest K off). By default small jobs are exact. Rectangles always are.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    DataFrame
        Columns r, theory = π r², and one a correction, in squared units of the coordinates.
        Missing where the window does not allow an estimate: border, where no point is r from the
        boundary; translation, beyond the least width of the window's convex hull; isotropic,
        beyond the radius of the smallest circle about the window.

    Raises
    ------
    ValueError
        For fewer than two different locations, points outside the window, bad r or corrections.

    Notes
    -----
    Pairs are streamed from a grid of cells into bins of r; memory does not grow with their
    number. R's spatstat departs from these definitions in polygons: its border estimate uses
    b_i ≥ r_{k−1} at r_k, its translation weights come from a raster of 128 × 128 pixels, and its
    isotropic weight is 1 for some circles that touch a vertex or an edge; and it leaves
    coincident pairs out at r = 0.

    In a window of several parts or of a winding shape, some shifts or circles miss it although r is
    within these limits. Both estimates are then too low at those r, as everyone's are that follow
    the definitions.

    References
    ----------
    B. Ripley (1977), Modelling spatial patterns, JRSS B 39; J. Ohser (1983), On estimators for
    the reduced second moment measure of point processes, Math. Operationsforschung 14.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> table = ripley_k([[4, 5], [6, 5], [5, 6]], square, r=[0, 1.5, 2.5])
    >>> table["isotropic"].round(6).tolist()
    [0.0, 66.666667, 100.0]
    """
    points, window = checked_pattern(points, window, outside, "Ripley's K")
    corrections = checked_corrections(corrections, CORRECTIONS)
    r = checked_distances(r, default_range(window, len(points)))
    n, area = len(points), window.area
    sums = pair_sums(
        points,
        window,
        r,
        counts="none" in corrections or "border" in corrections,
        translation="translation" in corrections,
        isotropic="isotropic" in corrections,
        exact_overlap=exact_overlap,
    )
    columns = {"r": r, "theory": np.pi * r**2}
    pairs = n * (n - 1)
    if "none" in corrections:
        columns["none"] = area / pairs * sums.count
    if "border" in corrections:
        eligible = np.where(sums.eligible > 0, sums.eligible, np.nan)
        columns["border"] = area / n * sums.border / eligible
    if "translation" in corrections:
        estimate = area**2 / pairs * sums.translation
        columns["translation"] = up_to(r, translation_limit(window), estimate)
    if "isotropic" in corrections:
        estimate = area / pairs * sums.isotropic
        columns["isotropic"] = up_to(r, isotropic_limit(window), estimate)
    return pd.DataFrame(columns)


def l_function(
    points, window, r=None, corrections=None, *, exact_overlap=None, outside: str = "raise"
) -> pd.DataFrame:
    r"""Besag's L function: a straight line, L(r) = r, under CSR.

    .. math:: L(r) = \sqrt{K(r) / \pi}

    Parameters
    ----------
    points, window, r, corrections, exact_overlap, outside
        As in `ripley_k`.

    Returns
    -------
    DataFrame
        Columns r, theory = r, and one a correction, in units of the coordinates.

    References
    ----------
    J. Besag (1977), comment on Ripley's Modelling spatial patterns, JRSS B 39.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> l_function([[4, 5], [6, 5], [5, 6]], square, [0, 2.5])["none"].round(4).tolist()
    [0.0, 5.6419]
    """
    table = ripley_k(points, window, r, corrections, exact_overlap=exact_overlap, outside=outside)
    estimates = table.columns.drop("r")
    table[estimates] = np.sqrt(table[estimates] / np.pi)
    return table


def pair_correlation(
    points,
    window,
    r=None,
    corrections=None,
    *,
    bandwidth: float | None = None,
    outside: str = "raise",
) -> pd.DataFrame:
    r"""Pair correlation function: 1 under CSR, above 1 where points cluster.

    .. math:: g(r) = \frac{K'(r)}{2 \pi r}, \qquad
        \hat g(r) = \frac{A}{n (n - 1)}
        \sum_{i \ne j} w_{ij}\, \frac{\kappa_h(r - d_{ij})}{2 \pi d_{ij}}

    with the Epanechnikov kernel :math:`\kappa_h` of half-width h and the weights of `ripley_k`.

    Parameters
    ----------
    points, window, outside
        As in `ripley_k`. Coincident pairs are left out: they are an atom at r = 0 that no density
        can hold.
    r : array_like of shape (k,), optional
        As in `ripley_k`.
    corrections : str or sequence of str, optional
        Among "translation", "isotropic"; by default both.
    bandwidth : float, optional
        h; by default 0.15 / √λ (Stoyan's rule).

    Returns
    -------
    DataFrame
        Columns r, theory = 1, and one a correction; without unit. Missing at r = 0. Estimates at
        r below h are biased, for no pair has a negative distance.

    Raises
    ------
    ValueError
        As `ripley_k`; also for a bandwidth that is not positive.

    References
    ----------
    D. Stoyan, H. Stoyan (1994), Fractals, Random Shapes and Point Fields; Y. Guan (2007), the
    divisor d_ij.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points = square.random_points(2000, seed=1)
    >>> table = pair_correlation(points, square, [0.5, 1.0, 1.5], "translation")
    >>> bool(abs(table["translation"] - 1).max() < 0.05)
    True
    """
    points, window = checked_pattern(points, window, outside, "the pair correlation function")
    corrections = checked_corrections(corrections, _PAIR_CORRELATION_CORRECTIONS)
    r = checked_distances(r, default_range(window, len(points)))
    n, area = len(points), window.area
    h = 0.15 * np.sqrt(area / n) if bandwidth is None else positive(bandwidth, "bandwidth")
    # The pairs in fine bins (far below h), then the kernel over the bins.
    bins = max(_FINE_BINS, int(np.ceil(64 * (r[-1] + h) / h)))
    fine = np.linspace(0.0, r[-1] + h, min(bins, 1_000_000) + 1)
    sums = pair_sums(
        points,
        window,
        fine,
        counts=False,
        translation="translation" in corrections,
        isotropic="isotropic" in corrections,
    )
    middle = (fine[1:] + fine[:-1]) / 2
    columns = {"r": r, "theory": np.ones(len(r))}
    for name in corrections:
        total = sums.translation * area if name == "translation" else sums.isotropic
        density = np.diff(total) / (2 * np.pi * middle) * area / (n * (n - 1))
        limit = translation_limit(window) if name == "translation" else isotropic_limit(window)
        estimate = np.full(len(r), np.nan)
        for k in np.flatnonzero(r > 0):
            first, last = np.searchsorted(middle, [r[k] - h, r[k] + h])
            kernel = 0.75 / h * (1 - ((middle[first:last] - r[k]) / h) ** 2)
            estimate[k] = kernel @ density[first:last]
        columns[name] = up_to(r, limit, estimate)
    return pd.DataFrame(columns)


def default_range(window: Window, n: int) -> float:
    """Largest default distance for K: a quarter of the shorter side, 1000 points at most."""
    return float(min(window.shorter_side / 4, np.sqrt(1000 * window.area / (np.pi * n))))


def up_to(r, limit: float, estimate):
    return np.where(r <= limit, estimate, np.nan)


def isotropic_limit(window: Window) -> float:
    """Largest r at which every circle about a point of a convex window meets it."""
    return float(shapely.minimum_bounding_radius(window.geometry)) * (1 + 1e-12)


def translation_limit(window: Window) -> float:
    """Largest r at which every shift leaves a convex window some overlap: its least width."""
    hull = shapely.get_coordinates(window.geometry.convex_hull)
    sides = np.diff(hull, axis=0)
    normals = np.column_stack([-sides[:, 1], sides[:, 0]]) / np.hypot(*sides.T)[:, None]
    width = np.ptp(normals @ (hull - hull[0]).T, axis=1).min()
    return float(width) * (1 - 1e-12)
