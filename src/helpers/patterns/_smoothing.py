"""Sums of Gaussian kernels over the points of a pattern, where they stay exact and where not."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RectBivariateSpline

from helpers.checks import whole_number
from helpers.space import Window

from ._kernels import TAIL, gaussian_masses, gaussian_sums
from .surface import IntensitySurface

_UNDERFLOW = 39.0
_CUT = 12.0
_BLOCK = 20_000
_MANY_PAIRS = 50_000_000
_MANY_MASSES = 5_000
_SPLINE_STEP = 1 / 8
_SPLINE_WIDTHS = 80


def kernel_sums(locations, centred, weights, sigma, leave_one_out):
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
            locations, sigma, lambda x, y: grid_sums(x, y, points, weights, sigma) * peak
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


def grid_sums(x, y, centred, weights, sigma):
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


def kernel_surface(centred, weights, window: Window, sigma, correction, cells) -> IntensitySurface:
    cells = whole_number(cells, "cells along the longer side", least=2)
    xmin, ymin, xmax, ymax = window.bounds
    side = max(xmax - xmin, ymax - ymin) / cells
    columns = max(1, int(np.ceil((xmax - xmin) / side - 1e-9)))
    rows = max(1, int(np.ceil((ymax - ymin) / side - 1e-9)))
    # Centred on the bounding box; the grid may overhang its shorter side by part of a cell.
    x = (np.arange(columns) - (columns - 1) / 2) * side
    y = (np.arange(rows) - (rows - 1) / 2) * side
    values = grid_sums(x, y, centred, weights, sigma)
    values /= 2 * np.pi * sigma**2
    located = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    inside = window.contains(located + window.centre)
    flat = values.ravel()
    if correction == "uniform":
        flat[inside] /= kernel_masses(located[inside], window, sigma)
    flat[~inside] = np.nan
    cx, cy = window.centre
    extent = (
        float(cx + x[0] - side / 2),
        float(cx + x[-1] + side / 2),
        float(cy + y[0] - side / 2),
        float(cy + y[-1] + side / 2),
    )
    return IntensitySurface(x + cx, y + cy, values, sigma, correction, extent)


def kernel_masses(centred, window: Window, sigma) -> np.ndarray:
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
