"""Sums of Gaussian kernels over the points of a pattern, where they stay exact and where not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RectBivariateSpline
from scipy.special import ndtr

from helpers.checks import whole_number
from helpers.space import Window

from ._gaussian_kernels import gaussian_sums
from ._kernels import TAIL, gaussian_masses
from ._places import extent
from .surface import IntensitySurface

_UNDERFLOW = 39.0
_CUT = 12.0
_BLOCK = 20_000
_MANY_PAIRS = 50_000_000
_MANY_MASSES = 5_000
_SPLINE_STEP = 1 / 8
_SPLINE_SECONDS = 1e-6
_PIECE = 1.0
_PIECE_NODES = 8
_SPLINE_WIDTHS = 80


def kernel_sums(locations, centred, weights, sigma, leave_one_out):
    """Kernel sums at the locations; for many pairs to a relative error below 1e-6."""
    order = np.argsort(centred[:, 0], kind="stable")
    points, weights = centred.take(order, axis=0), weights[order]
    own = np.full(len(locations), -1)
    if leave_one_out:
        own[order] = np.arange(len(order))
    if len(locations) * len(points) <= _MANY_PAIRS:
        return gaussian_sums(locations, points, weights, own, sigma, _UNDERFLOW)

    peak = 1 / (2 * np.pi * sigma**2)
    low, high = extent(locations)
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
    low, high = extent(locations)
    low, high = low - _SPLINE_STEP * sigma, high + _SPLINE_STEP * sigma
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
        along_x = bell((x[:, None] - block[:, 0]) / sigma)
        along_y = bell((y[:, None] - block[:, 1]) / sigma)
        values += (along_y * weights[first : first + _BLOCK]) @ along_x.T
    return values


def bell(z):
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
        flat[inside] /= grid_masses(x, y, window, sigma).ravel()[inside]
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
    masses = np.ones(len(centred))
    located = centred + window.centre
    # Deep inside the window the kernel's whole mass is in it, to the last bit.
    near = window.distance_to_boundary(located) < TAIL * sigma
    near |= ~window.contains(located)
    some = centred[near]
    if len(some) == 0:
        return masses
    rule = _BoundaryRule.of(window, sigma)
    low, high = extent(some)
    shape = np.ceil((high - low) / (_SPLINE_STEP * sigma)).astype(int) + 9
    spline = rule.grid_seconds(*shape) + _SPLINE_SECONDS * (shape.prod() + len(some))
    if len(some) > _MANY_MASSES and spline < rule.direct_seconds(len(some)):
        masses[near] = np.clip(_by_spline(some, sigma, rule.on_grid), 0.0, 1.0)
    else:
        masses[near] = gaussian_masses(some, rule.edges, sigma)
    return masses


def grid_masses(x, y, window: Window, sigma) -> np.ndarray:
    """Kernel mass at the nodes of a grid relative to the window's centre, shape (len(y), len(x))."""
    rule = _BoundaryRule.of(window, sigma)
    if rule.grid_seconds(len(x), len(y)) < rule.direct_seconds(len(x) * len(y)):
        return np.clip(rule.on_grid(x, y), 0.0, 1.0)
    nodes = np.column_stack([np.tile(x, len(y)), np.repeat(y, len(x))])
    return kernel_masses(nodes, window, sigma).reshape(len(y), len(x))


@dataclass(frozen=True, eq=False)
class _BoundaryRule:
    """Gauss points of the boundary: by Green's theorem the mass is Σ weight φ(y) Φ(x) over them.

    The sum at the nodes of a grid is one product of a matrix of rows and one of columns.
    """

    edges: np.ndarray
    sigma: float
    shorter_side: float
    pieces: np.ndarray
    nodes: int

    @classmethod
    def of(cls, window: Window, sigma: float) -> _BoundaryRule:
        edges = window.edges - np.tile(window.centre, 2)
        length = np.hypot(*(edges[:, 2:] - edges[:, :2]).T)
        pieces = np.maximum(1, np.ceil(length / (_PIECE * sigma))).astype(int)
        return cls(edges, sigma, window.shorter_side, pieces, _PIECE_NODES * int(pieces.sum()))

    def grid_seconds(self, columns: int, rows: int) -> float:
        """About how long the sum at the nodes of a grid takes."""
        return self.nodes * (3e-8 * (columns + rows) + 6e-10 * columns * rows)

    def direct_seconds(self, locations: int) -> float:
        """About how long the edges one by one take: far ones are passed over."""
        near = min(1.0, 25 * self.sigma / self.shorter_side)
        return locations * (1.2e-5 * near + 2e-9 * len(self.edges))

    def on_grid(self, x, y) -> np.ndarray:
        """Mass at the nodes, shape (len(y), len(x))."""
        node, weight = np.polynomial.legendre.leggauss(_PIECE_NODES)
        edge = np.repeat(np.arange(len(self.edges)), self.pieces)
        number = np.arange(len(edge)) - np.repeat(np.cumsum(self.pieces) - self.pieces, self.pieces)
        along = ((number[:, None] + (node + 1) / 2) / self.pieces[edge, None]).ravel()
        step = (self.edges[edge, 2:] - self.edges[edge, :2]) / self.pieces[edge, None]
        edge = np.repeat(edge, _PIECE_NODES)
        at = self.edges[edge, :2] + along[:, None] * (self.edges[edge, 2:] - self.edges[edge, :2])
        weights = (step[:, 1, None] * weight / 2).ravel() / (self.sigma * np.sqrt(2 * np.pi))
        values = np.zeros((len(y), len(x)))
        for first in range(0, len(at), _BLOCK):
            block = at[first : first + _BLOCK]
            rows = bell((y[:, None] - block[:, 1]) / self.sigma)
            columns = ndtr((block[:, 0] - x[:, None]) / self.sigma)
            values += (rows * weights[first : first + _BLOCK]) @ columns.T
        return values
