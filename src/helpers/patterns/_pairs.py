"""Sums over close pairs of points, by distance, streamed from a grid of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from helpers.space import Window

from ._kernels import (
    coverage,
    pair_counts,
    pair_isotropic,
    pair_translation,
    set_covariance,
)

RASTER = 1024
"""Cells along the longer side of the raster of the FFT set covariance."""

_EXACT_BUDGET = 1.5e9
"""Pairs of edges worth going through for exact overlaps, some seconds of one core."""


@dataclass(frozen=True)
class PairSums:
    """Sums over pairs with d_ij <= r_k, cumulated over k.

    Attributes
    ----------
    count : ndarray of int
        Ordered pairs.
    border : ndarray of int
        Ordered pairs with b_i >= r_k.
    eligible : ndarray of int
        Points with b_i >= r_k.
    translation : ndarray of float or None
        Σ 1 / |W ∩ (W + x_j − x_i)|.
    isotropic : ndarray of float or None
        Σ w_ij.
    """

    count: np.ndarray
    border: np.ndarray
    eligible: np.ndarray
    translation: np.ndarray | None
    isotropic: np.ndarray | None


def pair_sums(
    points: np.ndarray,
    window: Window,
    r: np.ndarray,
    *,
    counts: bool = True,
    translation: bool = False,
    isotropic: bool = False,
    exact_overlap: bool | None = None,
) -> PairSums:
    """Go through all pairs within r[-1] once for each kind of weight, keeping no list of them.

    `points` lie in the window, r ascends. Without `counts` the pairs may stay uncounted (nought) if
    only the translation sums are wanted. `exact_overlap` forces the exact set covariance or the
    one by FFT; by default small jobs are exact.
    """
    r = np.ascontiguousarray(r)  # a slice of a longer one would be compiled for once more
    grid = _CellGrid.over(points, window, float(r[-1]))
    points = np.ascontiguousarray(points[grid.order])
    distances = window.distance_to_boundary(points)
    step = _inverse_step(r)
    cells = (grid.starts, grid.columns, grid.rows, grid.reach)

    beyond = np.searchsorted(r, distances, side="right")
    histogram = np.zeros(len(r) + 1, dtype=np.int64)
    border = np.zeros(len(r) + 1, dtype=np.int64)
    if counts or isotropic:
        pair_counts(points, *cells, r, step, beyond, histogram, border)
    count = 2 * np.cumsum(histogram[:-1])
    eligible = len(points) - np.cumsum(np.bincount(beyond, minlength=len(r) + 1))[: len(r)]

    translated = weighted = None
    if translation:
        translated = np.zeros(len(r) + 1)
        weights = _overlaps(window, float(r[-1]), grid.candidates, exact_overlap)
        pair_translation(points, *cells, r, step, *weights, translated)
        translated = 2 * np.cumsum(translated[:-1])
    if isotropic:
        extra = np.zeros(len(r) + 1)
        pair_isotropic(points, *cells, r, step, distances, window.edges, extra)
        weighted = count + np.cumsum(extra[:-1])
    return PairSums(count, np.cumsum(border[:-1]), eligible, translated, weighted)


@dataclass(frozen=True)
class _CellGrid:
    """Points sorted into square cells: `order` sorts them, cell c holds starts[c]:starts[c + 1]."""

    order: np.ndarray
    starts: np.ndarray
    columns: int
    rows: int
    reach: int
    candidates: float

    @classmethod
    def over(cls, points: np.ndarray, window: Window, largest: float) -> _CellGrid:
        xmin, ymin, xmax, ymax = window.bounds
        width, height = xmax - xmin, ymax - ymin
        # Cells of a third of r waste few candidates, but there need not be more cells than points.
        side = max(
            largest / 3, np.sqrt(width * height / (len(points) + 100)), max(width, height) / 4000
        )
        reach = max(1, int(np.ceil(largest / side - 1e-12)))
        columns = max(1, int(width / side) + 1)
        rows = max(1, int(height / side) + 1)
        column = np.clip(((points[:, 0] - xmin) / side).astype(np.int64), 0, columns - 1)
        row = np.clip(((points[:, 1] - ymin) / side).astype(np.int64), 0, rows - 1)
        cell = row * columns + column
        order = np.argsort(cell, kind="stable")
        counts = np.bincount(cell, minlength=rows * columns)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        # How many pairs have their cells within reach: sums over blocks of cells.
        blocks = _block_sums(counts.reshape(rows, columns).astype(float), reach)
        candidates = float((counts * blocks.ravel()).sum()) / 2
        return cls(order, starts, columns, rows, reach, candidates)


def _block_sums(table: np.ndarray, reach: int) -> np.ndarray:
    """Sum of the table over the (2 reach + 1)² block about each cell."""
    rows, columns = table.shape
    total = np.zeros((rows + 1, columns + 1))
    total[1:, 1:] = table.cumsum(axis=0).cumsum(axis=1)
    top = np.minimum(np.arange(rows) + reach + 1, rows)
    bottom = np.maximum(np.arange(rows) - reach, 0)
    right = np.minimum(np.arange(columns) + reach + 1, columns)
    left = np.maximum(np.arange(columns) - reach, 0)
    vertical = total[top] - total[bottom]
    return vertical[:, right] - vertical[:, left]


def _inverse_step(r: np.ndarray) -> float:
    """One over the step of an even grid (its rounding does not matter), 0 for an uneven one."""
    if len(r) < 2:
        return 0.0
    steps = np.diff(r)
    return 1.0 / steps.mean() if np.ptp(steps) <= 1e-6 * steps.mean() else 0.0


# --- set covariance ------------------------------------------------------------------------------


def _overlaps(window: Window, largest: float, candidates: float, exact: bool | None):
    """Arguments of `pair_translation` that say how to find |W ∩ (W + t)|."""
    xmin, ymin, xmax, ymax = window.bounds
    nothing = np.zeros((0, 0))
    no_slabs = (np.zeros(0), np.zeros(0, dtype=np.int64), nothing)
    if window.is_rectangle:
        return xmax - xmin, ymax - ymin, nothing, 1.0, no_slabs
    slabs = set_covariance_slabs(window)
    work = candidates * 2 * (np.diff(slabs[1]) ** 2).sum()
    if exact or (exact is None and work <= _EXACT_BUDGET):
        return -1.0, -1.0, nothing, 1.0, slabs
    table, step = fft_set_covariance(window, largest)
    return -1.0, -1.0, table, step, no_slabs


def set_covariance_slabs(window: Window):
    """The window cut into vertical slabs at its vertices, as `set_covariance` takes them."""
    edges = window.edges - np.tile(window.centre, 2)
    edges = edges[edges[:, 0] != edges[:, 2]]
    cuts = np.unique(edges[:, [0, 2]])
    # Edges run with the window on their left: leftwards ones bound it from above.
    sign = np.where(edges[:, 2] < edges[:, 0], 1.0, -1.0)
    low = np.where(edges[:, [0]] < edges[:, [2]], edges[:, :2], edges[:, 2:])
    high = np.where(edges[:, [0]] < edges[:, [2]], edges[:, 2:], edges[:, :2])
    begin = np.searchsorted(cuts, low[:, 0])
    spans = np.searchsorted(cuts, high[:, 0]) - begin
    edge = np.repeat(np.arange(len(edges)), spans)
    slab = np.repeat(begin - np.concatenate([[0], np.cumsum(spans)[:-1]]), spans)
    slab = slab + np.arange(len(edge))
    slope = (high[:, 1] - low[:, 1]) / (high[:, 0] - low[:, 0])

    def ordinate(x):
        return low[edge, 1] + slope[edge] * (x - low[edge, 0])

    lines = np.column_stack([ordinate(cuts[slab]), ordinate(cuts[slab + 1]), sign[edge]])
    order = np.argsort(slab, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(slab, minlength=len(cuts) - 1))])
    return cuts, first.astype(np.int64), np.ascontiguousarray(lines[order])


def exact_set_covariance(window: Window, lags: np.ndarray) -> np.ndarray:
    """|W ∩ (W + t)| for each row t of `lags`."""
    slabs = set_covariance_slabs(window)
    return np.array([set_covariance(tx, ty, *slabs) for tx, ty in lags])


def fft_set_covariance(window: Window, largest: float, cells: int = RASTER):
    """|W ∩ (W + t)| on a grid of lags |tx|, |ty| <= largest, by FFT of W's coverage raster.

    Returns the table, rows ty from −largest up, columns tx from 0 up, and the step. Cells carry
    their exact covered area, which makes the autocorrelation that of W smoothed by a cell's
    triangle; a discrete Laplacian takes the leading term of that smoothing, h²/12 ∇²γ, out again.
    """
    xmin, ymin, xmax, ymax = window.bounds
    step = max(xmax - xmin, ymax - ymin) / cells
    edges = (window.edges - np.array([xmin, ymin, xmin, ymin])) / step
    columns = int(np.ceil((xmax - xmin) / step - 1e-9)) or 1
    rows = int(np.ceil((ymax - ymin) / step - 1e-9)) or 1
    raster = coverage(np.ascontiguousarray(edges), rows, columns)
    lags = int(np.ceil(largest / step)) + 3
    shape = [fft.next_fast_len(size + lags, real=True) for size in (rows, columns)]
    spectrum = fft.rfft2(raster, shape)
    power = spectrum.real**2 + spectrum.imag**2
    covariance = fft.irfft2(power, shape) * step * step
    up = np.arange(-lags, lags + 1) % shape[0]
    right = np.arange(-1, lags + 1) % shape[1]
    table = covariance[np.ix_(up, right)]
    # Lags beyond the window wrap round: nothing overlaps there.
    table[np.abs(np.arange(-lags, lags + 1)) >= rows + 1] = 0.0
    table[:, np.abs(np.arange(-1, lags + 1)) >= columns + 1] = 0.0
    inner = table[1:-1, 1:-1]
    laplacian = table[2:, 1:-1] + table[:-2, 1:-1] + table[1:-1, 2:] + table[1:-1, :-2] - 4 * inner
    sharp = np.maximum(inner - laplacian / 12, 0.0)
    sharp[sharp.shape[0] // 2, 0] = window.area
    return np.ascontiguousarray(sharp), step
