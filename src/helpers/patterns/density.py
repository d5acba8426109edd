"""Kernel estimates of a point pattern's intensity."""

from __future__ import annotations

import numpy as np

from helpers.checks import one_of, positive
from helpers.space import as_points, as_window

from ._places import distinct
from ._smoothing import kernel_masses, kernel_sums, kernel_surface
from .bandwidths import bandwidth as bandwidth_by_rule

__all__ = ["kernel_density", "kernel_mass"]

CORRECTIONS = ("none", "uniform", "diggle")


def kernel_mass(locations, window, bandwidth: float) -> np.ndarray:
    r"""Mass inside the window of the kernel about each location.

    .. math:: e(u) = \int_W k(v - u)\, dv, \qquad
        k(v) = \frac{1}{2 \pi \sigma^2}\, e^{-|v|^2 / 2 \sigma^2}

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
    sigma = positive(bandwidth, "bandwidth")
    return kernel_masses(
        np.asarray(locations, dtype=float).reshape(-1, 2) - window.centre, window, sigma
    )


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
    r"""Kernel estimate of the intensity, with an isotropic Gaussian kernel k of sd σ.

    With e(u) the kernel's mass inside the window (`kernel_mass`), by correction:

    .. math::

        \text{none: } \lambda(u) = \sum_i k(u - x_i)

        \text{uniform: } \lambda(u) = \frac{1}{e(u)} \sum_i k(u - x_i)

        \text{diggle: } \lambda(u) = \sum_i \frac{k(u - x_i)}{e(x_i)}

    The last one conserves the number of points: it integrates to n over the window.

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
    one_of(correction, "correction", CORRECTIONS)
    if leave_one_out and not (isinstance(at, str) and at == "points"):
        raise ValueError('leave_one_out needs at="points"')
    if isinstance(bandwidth, str):
        rule = "scott_iso" if bandwidth == "scott" else bandwidth
        bandwidth = bandwidth_by_rule(points, window, rule)
    sigma = positive(bandwidth, "bandwidth")

    at_points = isinstance(at, str)
    if at_points and at != "points":
        raise ValueError(f'at is None, "points" or an array of locations, not {at!r}')
    # Events that repeat their places are summed at places.
    places, place, repeats = distinct(points)
    centred = places - window.centre
    weights = repeats.astype(float)
    own = np.ones(len(places))
    if correction == "diggle":
        own = 1.0 / kernel_masses(centred, window, sigma)
        weights *= own
    if at is None:
        return kernel_surface(centred, weights, window, sigma, correction, cells)

    locations = centred if at_points else as_points(at, window) - window.centre
    density = kernel_sums(locations, centred, weights, sigma, leave_one_out)
    if leave_one_out:
        # left out with its whole place: what others at the place add is that of a kernel at 0
        density += (weights - own) / (2 * np.pi * sigma**2)
    if correction == "uniform":
        density /= kernel_masses(locations, window, sigma)
    return density[place] if at_points else density
