"""Sums over close pairs of points, by distance, streamed from a grid of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from helpers.space import Window

from ._cells import CellGrid
from ._isotropic_kernels import pair_histogram, pair_isotropic
from ._kernels import coverage, pair_counts, pair_translation, set_covariance
from ._places import distinct

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

    `points` lie in the window, r ascends. Without `counts` the border method's pairs stay uncounted
    (nought), and all pairs if only the translation sums are wanted. `exact_overlap` forces the exact
    set covariance or the one by FFT; by default small jobs are exact.
    """
    r = np.ascontiguousarray(r)  # a slice of a longer one would be compiled for once more
    # Pairs of places carry those of the points; a place's own pairs are 0 apart.
    places, _, repeats = distinct(points)
    grid = CellGrid.over(places, window.bounds, float(r[-1]))
    places = places.take(grid.order, axis=0)
    repeats = np.ascontiguousarray(repeats[grid.order], dtype=np.int64)
    own = repeats * (repeats - 1)
    distances = window.distance_to_boundary(places, at_most=float(r[-1]))
    step = _inverse_step(r)
    cells = (grid.starts, grid.columns, grid.rows, grid.reach)

    size = len(r) + 1
    beyond = np.searchsorted(r, distances, side="right")
    histogram = np.zeros(size, dtype=np.int64)
    border = np.zeros(size, dtype=np.int64)
    x, y = np.ascontiguousarray(places.T)
    if counts or isotropic:
        histogram[0] = own.sum() // 2
    if counts:
        pair_counts(places, repeats, *cells, r, step, beyond, histogram, border)
        border[0] += own[beyond > 0].sum()
        np.subtract.at(border, beyond[beyond > 0], own[beyond > 0])
    elif isotropic:
        pair_histogram(x, y, repeats, *cells, r, step, histogram)
    count = 2 * np.cumsum(histogram[:-1])
    nearer = np.zeros(size, dtype=np.int64)
    np.add.at(nearer, beyond, repeats)
    eligible = len(points) - np.cumsum(nearer)[: len(r)]

    translated = weighted = None
    if translation:
        translated = np.zeros(size)
        translated[0] = own.sum() / 2 / window.area
        weights = overlap_arguments(window, float(r[-1]), grid.candidates, exact_overlap)
        pair_translation(places, repeats, *cells, r, step, *weights, translated)
        translated = 2 * np.cumsum(translated[:-1])
    if isotropic:
        extra = np.zeros(size)
        pair_isotropic(x, y, repeats, *cells, r, step, distances, window.edges, extra)
        weighted = count + np.cumsum(extra[:-1])
    return PairSums(count, np.cumsum(border[:-1]), eligible, translated, weighted)


def _inverse_step(r: np.ndarray) -> float:
    """One over the step of an even grid (its rounding does not matter), 0 for an uneven one."""
    if len(r) < 2:
        return 0.0
    steps = np.diff(r)
    return 1.0 / steps.mean() if np.ptp(steps) <= 1e-6 * steps.mean() else 0.0


# --- set covariance ------------------------------------------------------------------------------


def overlap_arguments(window: Window, largest: float, candidates: float, exact: bool | None):
    """Arguments of the kernels of translation weights that say how to find |W ∩ (W + t)|."""
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
