"""Kernel estimates of a point pattern's intensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RectBivariateSpline

from helpers.space import Window, as_points, as_window, whole_number

from ._kernels import TAIL, gaussian_masses, gaussian_sums

__all__ = ["IntensitySurface", "kernel_density", "kernel_mass"]

CORRECTIONS = ("none", "uniform", "diggle")
_UNDERFLOW = 39.0
_CUT = 12.0
_BLOCK = 20_000
_MANY_PAIRS = 50_000_000
_MANY_MASSES = 5_000
_SPLINE_STEP = 1 / 8
_SPLINE_WIDTHS = 80


@dataclass(frozen=True)
class IntensitySurface:
    """Intensity on a grid of square cells over the bounding box of a window.

    Attributes
    ----------
    x, y : ndarray of float, shapes (columns,) and (rows,)
        Centres of the cells, ascending.
    values : ndarray of float, shape (rows, columns)
        Points per unit of area at the cell centres; row 0 is the lowest y (draw with
        ``origin="lower"``). NaN where the centre is outside the window.
    bandwidth : float
        Standard deviation of the kernel.
    correction : str
    extent : tuple of float
        (left, right, bottom, top) of the grid, as matplotlib's imshow wants it.
    """

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    bandwidth: float
    correction: str
    extent: tuple[float, float, float, float]

    @property
    def cell_area(self) -> float:
        """Area of one cell."""
        left, right, _, _ = self.extent
        return ((right - left) / len(self.x)) ** 2

    @property
    def integral(self) -> float:
        """Sum of values times cell area: an estimate of the number of points."""
        return float(np.nansum(self.values) * self.cell_area)

    def value_at(self, points) -> np.ndarray:
        """Value of the cell of each point, the nearest cell inside the window if it has none."""
        points = np.asarray(points, dtype=float).reshape(-1, 2)
        left, _, bottom, _ = self.extent
        side = np.sqrt(self.cell_area)
        column = np.clip(((points[:, 0] - left) / side).astype(int), 0, len(self.x) - 1)
        row = np.clip(((points[:, 1] - bottom) / side).astype(int), 0, len(self.y) - 1)
        found = self.values[row, column]
        empty = np.flatnonzero(np.isnan(found))
        if len(empty):
            from scipy.spatial import cKDTree

            rows, columns = np.nonzero(~np.isnan(self.values))
            tree = cKDTree(np.column_stack([self.x[columns], self.y[rows]]))
            nearest = tree.query(points[empty])[1]
            found[empty] = self.values[rows[nearest], columns[nearest]]
        return found


def kernel_mass(locations, window, bandwidth: float) -> np.ndarray:
    """Mass inside the window of the kernel about each location: e(u) = ∫_W k(v − u) dv.

    Exact in any polygon: Green's theorem turns the integral into one along the boundary, done by
    Gauss-Legendre quadrature to about 1e-13.

    Parameters
    ----------
    locations : array_like, shape (m, 2)
    window : Window or shapely polygon
    bandwidth : float
        Standard deviation σ of the isotropic Gaussian kernel, in units of the coordinates.

    Returns
    -------
    ndarray of float, shape (m,)
        In [0, 1].

    Examples
    --------
    >>> from helpers.space import Window
    >>> kernel_mass([[0, 0.5], [50, 0.5]], Window.rectangle(0, -99, 99, 99), 1.0).round(6).tolist()
    [0.5, 1.0]
    """
    window = as_window(window)
    sigma = _checked_bandwidth(bandwidth)
    return _mass(np.asarray(locations, dtype=float).reshape(-1, 2) - window.centre, window, sigma)


def kernel_density(
    points,
    window,
    bandwidth: float | str,
    at=None,
    *,
    correction: str = "uniform",
    cells: int = 256,
    leave_one_out: bool = False,
    outside: str = "raise",
):
    """Kernel estimate of the intensity, with an isotropic Gaussian kernel k of sd σ.

    With e(u) the kernel mass inside the window (`kernel_mass`):
    none: λ(u) = Σ_i k(u − x_i); uniform: Σ_i k(u − x_i) / e(u);
    diggle: Σ_i k(u − x_i) / e(x_i), which integrates to n over the window.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        Duplicates count each time.
    window : Window or shapely polygon
    bandwidth : float or str
        σ in units of the coordinates, or the name of a rule of `bandwidth` (for "scott" the
        geometric mean of its two axes).
    at : None, "points" or array_like of shape (m, 2)
        Where to estimate: on a grid over the window, at the points themselves, or at locations
        inside the window.
    correction : {"none", "uniform", "diggle"}
    cells : int
        Grid cells along the longer side of the bounding box.
    leave_one_out : bool
        With ``at="points"``: leave each point out of its own estimate.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    IntensitySurface or ndarray of float, shape (m,)
        Points per squared unit of the coordinates. On a grid the Gaussian factors into x and y, so
        that the exact sum is one matrix product; no binning. At locations the sum is exact up to
        50 million pairs; beyond, kernels are cut off at 12 σ or interpolated from a grid of σ / 8 by
        quintic splines, a relative error below 1e-6. The kernel mass of many locations is
        interpolated in the same way.

    Raises
    ------
    ValueError
        For no points, a bandwidth that is not positive, an unknown correction.

    References
    ----------
    P. Diggle (1985), A kernel method for smoothing point process data, Applied Statistics 34;
    M. C. Jones (1993), Simple boundary correction for kernel density estimation.

    Examples
    --------
    >>> from helpers.space import Window
    >>> window = Window.rectangle(0, 0, 1, 1)
    >>> kernel_density([[0.5, 0.5]], window, 0.1, [[0.5, 0.5]], correction="none").round(6)
    array([15.915494])
    """
    window = as_window(window)
    points = as_points(points, window, outside)
    if len(points) == 0:
        raise ValueError("a kernel estimate needs at least one point, got none")
    if correction not in CORRECTIONS:
        raise ValueError(f"correction is one of {', '.join(CORRECTIONS)}, not {correction!r}")
    if leave_one_out and not (isinstance(at, str) and at == "points"):
        raise ValueError('leave_one_out needs at="points"')
    if isinstance(bandwidth, str):
        from .bandwidths import bandwidth as select

        bandwidth = select(points, window, "scott_iso" if bandwidth == "scott" else bandwidth)
    sigma = _checked_bandwidth(bandwidth)

    centred = points - window.centre
    weights = np.ones(len(points))
    if correction == "diggle":
        weights = 1.0 / _mass(centred, window, sigma)
    if at is None:
        return _on_grid(centred, weights, window, sigma, correction, cells)

    if isinstance(at, str):
        if at != "points":
            raise ValueError(f'at is None, "points" or an array of locations, not {at!r}')
        locations = centred
    else:
        locations = as_points(at, window) - window.centre
    density = _sums(locations, centred, weights, sigma, leave_one_out)
    if correction == "uniform":
        density /= _mass(locations, window, sigma)
    return density


def _sums(locations, centred, weights, sigma, leave_one_out):
    """Kernel sums at the locations; for many pairs to a relative error below 1e-6."""
    order = np.argsort(centred[:, 0], kind="stable")
    points, weights = centred[order], weights[order]
    own = np.full(len(locations), -1)
    if leave_one_out:
        own[order] = np.arange(len(order))
    if len(locations) * len(points) <= _MANY_PAIRS:
        return gaussian_sums(locations, points, weights, own, sigma, _UNDERFLOW)

    peak = 1 / (2 * np.pi * sigma**2)
    low, high = locations.min(axis=0), locations.max(axis=0)
    if sigma >= (high - low).max() / _SPLINE_WIDTHS:
        sums = _by_spline(
            locations, sigma, lambda x, y: _grid_sums(x, y, points, weights, sigma) * peak
        )
        if leave_one_out:
            sums -= weights[own] * peak
        # Where next to nothing is left, the spline's error would show: sum again.
        doubtful = sums < 0.01 * peak
    else:
        sums = gaussian_sums(locations, points, weights, own, sigma, _CUT)
        # What is cut off is below 1e-31 of a peak a point: nothing, unless the sum is next to it.
        doubtful = sums < 1e-16 * peak
    again = np.flatnonzero(doubtful)
    sums[again] = gaussian_sums(locations[again], points, weights, own[again], sigma, _UNDERFLOW)
    return sums


def _by_spline(locations, sigma, on_grid):
    """Values at the locations of a function as smooth as the kernel, from a grid of σ / 8."""
    low = locations.min(axis=0) - _SPLINE_STEP * sigma
    high = locations.max(axis=0) + _SPLINE_STEP * sigma
    # A quintic spline has its full order only away from the ends of the grid.
    numbers = np.ceil((high - low) / (_SPLINE_STEP * sigma)).astype(int) + 7
    x, y = (low[axis] + (np.arange(numbers[axis]) - 3) * _SPLINE_STEP * sigma for axis in (0, 1))
    spline = RectBivariateSpline(y, x, on_grid(x, y), kx=5, ky=5)
    return spline.ev(locations[:, 1], locations[:, 0])


def _grid_sums(x, y, centred, weights, sigma):
    """Σ weight exp(−|u − x_i|² / 2σ²) at the nodes of a grid, shape (len(y), len(x))."""
    values = np.zeros((len(y), len(x)))
    for first in range(0, len(centred), _BLOCK):
        block = centred[first : first + _BLOCK]
        along_x = _bell((x[:, None] - block[:, 0]) / sigma)
        along_y = _bell((y[:, None] - block[:, 1]) / sigma)
        values += (along_y * weights[first : first + _BLOCK]) @ along_x.T
    return values


def _bell(z):
    """exp(−z² / 2), overwriting z."""
    z *= z
    z *= -0.5
    # Beyond 26 σ the products underflow into numbers that processors handle far slower.
    np.maximum(z, -338.0, out=z)
    np.exp(z, out=z)
    z[z < 1.7e-147] = 0.0
    return z


def _on_grid(centred, weights, window: Window, sigma, correction, cells) -> IntensitySurface:
    cells = whole_number(cells, "cells along the longer side", least=2)
    xmin, ymin, xmax, ymax = window.bounds
    side = max(xmax - xmin, ymax - ymin) / cells
    columns = max(1, int(np.ceil((xmax - xmin) / side - 1e-9)))
    rows = max(1, int(np.ceil((ymax - ymin) / side - 1e-9)))
    # Centred on the bounding box; the grid may overhang its shorter side by part of a cell.
    x = (np.arange(columns) - (columns - 1) / 2) * side
    y = (np.arange(rows) - (rows - 1) / 2) * side
    values = _grid_sums(x, y, centred, weights, sigma)
    values /= 2 * np.pi * sigma**2
    located = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    inside = window.contains(located + window.centre)
    flat = values.ravel()
    if correction == "uniform":
        flat[inside] /= _mass(located[inside], window, sigma)
    flat[~inside] = np.nan
    cx, cy = window.centre
    extent = (
        float(cx + x[0] - side / 2),
        float(cx + x[-1] + side / 2),
        float(cy + y[0] - side / 2),
        float(cy + y[-1] + side / 2),
    )
    return IntensitySurface(x + cx, y + cy, values, sigma, correction, extent)


def _mass(centred, window: Window, sigma) -> np.ndarray:
    """Kernel mass at locations given relative to the window's centre."""
    edges = window.edges - np.tile(window.centre, 2)
    masses = np.ones(len(centred))
    located = centred + window.centre
    # Deep inside the window the kernel's whole mass is in it, to the last bit.
    near = window.distance_to_boundary(located) < TAIL * sigma
    near |= ~window.contains(located)
    some = centred[near]
    if len(some) == 0:
        return masses

    def on_grid(x, y):
        nodes = np.column_stack([np.tile(x, len(y)), np.repeat(y, len(x))])
        return gaussian_masses(nodes, edges, sigma).reshape(len(y), len(x))

    span = np.ptp(some, axis=0) / (_SPLINE_STEP * sigma) + 9
    if len(some) > _MANY_MASSES and 2 * span.prod() < len(some):
        masses[near] = np.clip(_by_spline(some, sigma, on_grid), 0.0, 1.0)
    else:
        masses[near] = gaussian_masses(some, edges, sigma)
    return masses


def _checked_bandwidth(bandwidth) -> float:
    try:
        sigma = float(bandwidth)
    except (TypeError, ValueError) as error:
        raise ValueError("bandwidth is one positive number, the kernel's sd") from error
    if not (np.isfinite(sigma) and sigma > 0):
        raise ValueError(f"bandwidth must be positive and finite, got {sigma}")
    return sigma
