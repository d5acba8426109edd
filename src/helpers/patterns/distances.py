"""Distance summary functions: from a point, or from anywhere, to the nearest point."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

from helpers.checks import whole_number
from helpers.space import Window

from ._checks import checked_corrections, checked_distances, checked_pattern
from ._places import distinct, extent
from ._square_kernels import by_squares, even, nearest_distances, product_limit

__all__ = ["empty_space_f", "nearest_neighbour_g"]

G_CORRECTIONS = ("raw", "border", "km", "hanisch")
F_CORRECTIONS = ("raw", "border", "km", "chiu_stoyan")
_LOCATIONS = 1_000_000
_EROSIONS = 129


def nearest_neighbour_g(
    points, window, r=None, corrections=None, *, outside: str = "raise"
) -> pd.DataFrame:
    r"""Nearest neighbour function G(r): the probability that a point has another within r.

    With :math:`d_i` the distance of point i to its nearest neighbour and :math:`b_i` to the
    boundary, of n points:

    .. math::

        \text{raw: } \frac{\#\{d_i \le r\}}{n}

        \text{border: } \frac{\#\{d_i \le r, b_i \ge r\}}{\#\{b_i \ge r\}}

        \text{hanisch: } \frac{H(r)}{H(r_{max})}, \quad H(r) = \sum_{i : d_i \le \min(r, b_i)} \frac{1}{|W_{\ominus d_i}|}

    with :math:`W_{\ominus d}` the erosion of the window by d. :math:`r_{max}` is the end of the
    grid r: pass a grid that reaches the largest :math:`d_i` to normalise by all observed
    distances. border is also called the reduced sample. km is the Kaplan-Meier product-limit estimate of :math:`d_i` censored at
    :math:`b_i`, observed when :math:`d_i \le b_i`.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Duplicates are kept: they have d_i = 0, so that G jumps at r = 0.
    window : Window or shapely polygon
    r : array_like of shape (k,), optional
        Ascending distances. By default 513 steps from 0 to the distance within which a pattern
        without structure has a neighbour with probability 0.99999.
    corrections : str or sequence of str, optional
        Among "raw", "border", "km", "hanisch"; by default all.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    DataFrame
        Columns r, theory = 1 − exp(−λ π r²), and one a correction. Missing where undefined:
        border, where no point is r from the boundary; hanisch, if no distance is observed.

    Raises
    ------
    ValueError
        For fewer than two different locations, points outside the window, bad r or corrections.

    Notes
    -----
    R's spatstat departs from these definitions: its border estimate uses b_i ≥ r_{k−1} at r_k (up
    to 0.08 on small patterns), its Kaplan-Meier estimate keeps all censored points of a bin at
    risk, and Hanisch's eroded areas in polygons come from a raster of 128 × 128 pixels.

    On coordinates of few digits many d_i equal some b_j but for rounding. They are compared as
    computed; on 65 points with two digits, a change of unit then moves km by up to 0.004.

    References
    ----------
    A. Baddeley, R. Gill (1997), Kaplan-Meier estimators of interpoint distance distributions for
    spatial point processes, Annals of Statistics 25; K.-H. Hanisch (1984), Some remarks on
    estimators of the distribution function of nearest-neighbour distance, Statistics 15.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> table = nearest_neighbour_g([[4, 5], [5, 5], [5, 7]], square, r=[0, 1, 2])
    >>> table["km"].round(4).tolist()
    [0.0, 0.6667, 1.0]
    """
    points, window = checked_pattern(points, window, outside, "the nearest neighbour function")
    corrections = checked_corrections(corrections, G_CORRECTIONS)
    r = checked_distances(r, distance_range(window, len(points)))
    d = _to_nearest(points)
    b = window.distance_to_boundary(points, at_most=max(d.max(), r[-1]))
    table = _distribution(d, b, r, corrections, len(points) / window.area)
    if "hanisch" in corrections:
        observed = np.sort(d[(d <= b) & (d <= r[-1])])
        table["hanisch"] = _weighted(observed, 1 / _eroded_areas(window, observed), r)
    return table


def empty_space_f(
    points,
    window,
    r=None,
    corrections=None,
    *,
    locations: int = _LOCATIONS,
    outside: str = "raise",
) -> pd.DataFrame:
    r"""Empty space function F(r): the probability that a random place has a point within r.

    The estimates of `nearest_neighbour_g` with d(u) the distance from location u to the nearest
    point and b(u) to the boundary, u spread evenly over the window:

    raw, border and km are as there; chiu_stoyan is

    .. math:: \frac{H(r)}{H(r_{max})}, \qquad
        H(r) = \int_{u : d(u) \le \min(r, b(u))} \frac{du}{|W_{\ominus d(u)}|},

    with :math:`r_{max}` the end of the grid r.

    Parameters
    ----------
    points, window, outside
        As in `nearest_neighbour_g`. Duplicates make no difference to F.
    r : array_like of shape (k,), optional
        As in `nearest_neighbour_g`.
    corrections : str or sequence of str, optional
        Among "raw", "border", "km", "chiu_stoyan"; by default all.
    locations : int
        Number of locations u, points of a low-discrepancy sequence. The error is about
        locations^(−3/4) where many of them are left: some 1e-4 with a million.

    Returns
    -------
    DataFrame
        Columns r, theory = 1 − exp(−λ π r²), and one a correction. Missing where undefined.

    Raises
    ------
    ValueError
        As `nearest_neighbour_g`; also for fewer than 100 locations.

    Notes
    -----
    R's spatstat evaluates u on a raster of 128 × 128 pixels, up to 0.010 off, most where the data
    lie on a lattice in step with the raster; its border estimate also lags by one bin.

    References
    ----------
    A. Baddeley, R. Gill (1997), as in `nearest_neighbour_g`; S. N. Chiu, D. Stoyan (1998),
    Estimators of distance distributions for spatial patterns, Statistica Neerlandica 52.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> table = empty_space_f([[5, 5], [5, 5.001]], square, r=[0, 1, 2])
    >>> table["raw"].round(3).tolist()  # the areas of discs of radius 1 and 2 over 100
    [0.0, 0.031, 0.126]
    """
    points, window = checked_pattern(points, window, outside, "the empty space function")
    corrections = checked_corrections(corrections, F_CORRECTIONS)
    locations = whole_number(locations, "locations", least=100)
    r = checked_distances(r, distance_range(window, len(points)))
    return empty_space_at(spread_locations(window, locations), points, window, r, corrections)


def spread_locations(window: Window, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Evenly spread locations in the window, and their distances to its boundary."""
    u = window.spread_points(number)
    # Strip by strip: a tree is searched faster where one search is near the last.
    strip = np.sqrt(window.area / len(u)) * 8
    u = u[np.lexsort((u[:, 1], np.floor(u[:, 0] / strip)))]
    return u, window.distance_to_boundary(u)


def empty_space_at(located, points, window: Window, r, corrections) -> pd.DataFrame:
    """`empty_space_f` of checked input from ready locations, which simulations share."""
    u, b = located
    d = _to_points(points, u)
    table = _distribution(d, b, r, corrections, len(points) / window.area)
    if "chiu_stoyan" in corrections:
        observed = np.sort(d[(d <= b) & (d <= r[-1])])
        # The share of locations at least d from the boundary is |W(−)d| / |W|.
        eroded = 1 - np.searchsorted(np.sort(b), observed) / len(b)
        table["chiu_stoyan"] = _weighted(observed, 1 / eroded, r)
    return table


def _to_nearest(points) -> np.ndarray:
    """Distance of each point to the nearest other one.

    A tree keeps points at one place in one leaf and looks through all of it for each of them;
    each place is searched once instead.
    """
    order, *squares = by_squares(points, _side(points))
    if even(squares[0]):
        there, d = points.take(order, axis=0), np.empty(len(points))
        d[order] = nearest_distances(there, *squares, there, np.arange(len(points)))
        return d
    places, which, shared = distinct(points)
    d = cKDTree(places).query(places, k=2)[0][:, 1]
    return np.where(shared > 1, 0.0, d)[which]


def _to_points(points, locations) -> np.ndarray:
    """Distance of each location to the nearest point."""
    order, *squares = by_squares(points, _side(points), locations)
    if even(squares[0]):
        nobody = np.full(len(locations), -1)
        there = points.take(order, axis=0)
        return nearest_distances(there, *squares, locations, nobody)
    return cKDTree(points).query(locations)[0]


def _side(points) -> float:
    """Of squares that hold about two points each where these lie evenly."""
    low, high = extent(points)
    return float(np.sqrt(2 * np.prod(high - low) / len(points)))


def _distribution(d, b, r, corrections, intensity: float) -> pd.DataFrame:
    """Raw, border and Kaplan-Meier estimates of the distribution of d censored at b."""
    columns = {"r": r, "theory": -np.expm1(-intensity * np.pi * r**2)}
    if "raw" in corrections:
        columns["raw"] = np.searchsorted(np.sort(d), r, side="right") / len(d)
    if "border" in corrections:
        # Location i counts at the r_k with d_i <= r_k <= b_i.
        since = np.searchsorted(r, d)
        until = np.searchsorted(r, b, side="right")
        counted = since < until
        change = np.bincount(since[counted], minlength=len(r) + 1)
        change = change - np.bincount(until[counted], minlength=len(r) + 1)
        eligible = len(b) - np.cumsum(np.bincount(until, minlength=len(r) + 1))
        number = np.where(eligible[:-1] > 0, eligible[:-1], np.nan)
        columns["border"] = np.cumsum(change)[:-1] / number
    if "km" in corrections:
        columns["km"] = _kaplan_meier(d, b, r)
    return pd.DataFrame(columns)


def _kaplan_meier(d, b, r):
    """Product-limit estimate 1 − Π (1 − deaths / at risk) over the observed d up to r."""
    # r may be a column that may not be written: a copy, or it would be compiled for once more
    return product_limit(np.sort(d[d <= b]), np.sort(np.minimum(d, b)), np.array(r))


def _weighted(observed, weights, r):
    """Weighted distribution function of the sorted distances, 1 at the end of r."""
    if len(observed) == 0:
        return np.full(len(r), np.nan)
    total = np.concatenate([[0.0], np.cumsum(weights)])
    return total[np.searchsorted(observed, r, side="right")] / total[-1]


def _eroded_areas(window: Window, distances) -> np.ndarray:
    """|W(−)d| of many sorted distances: each exactly, or interpolated between 129 of them."""
    if window.is_rectangle or len(distances) <= _EROSIONS:
        return window.eroded_area(distances)
    nodes = np.linspace(0.0, distances[-1], _EROSIONS)
    return PchipInterpolator(nodes, window.eroded_area(nodes))(distances)


def distance_range(window: Window, n: int) -> float:
    """Largest default distance for G and F: a random pattern has a point within it."""
    xmin, ymin, xmax, ymax = window.bounds
    half_diagonal = np.hypot(xmax - xmin, ymax - ymin) / 2
    return float(min(np.sqrt(np.log(1e5) * window.area / (np.pi * n)), half_diagonal))
