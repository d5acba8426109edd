"""Ordered pairs of close points with their edge weights, part by part, for sums that need them singly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.space import Window

from ._cells import CellGrid
from ._pair_list_kernels import isotropic_weights, neighbour_counts, neighbour_list
from ._pair_list_kernels import overlaps as overlap_areas
from ._pairs import overlap_arguments

_PART = 1_000_000
"""About as many pairs are listed at once."""


@dataclass(frozen=True)
class Pairs:
    """Part of the ordered pairs: numbers of both points, distance, weights about the first.

    Attributes
    ----------
    i, j : ndarray of int
    d : ndarray of float
    isotropic : ndarray of float or None
        1 / fraction of the circle about x_i through x_j in the window, at most 100.
    translation : ndarray of float or None
        A / |W ∩ (W + x_j − x_i)|, 0 where nothing overlaps.
    """

    i: np.ndarray
    j: np.ndarray
    d: np.ndarray
    isotropic: np.ndarray | None
    translation: np.ndarray | None


@dataclass(frozen=True, eq=False)
class PairStream:
    """Points of a window, ready to list all ordered pairs within `largest`."""

    points: np.ndarray
    window: Window
    largest: float
    isotropic: bool = False
    translation: bool = False
    exact_overlap: bool | None = None

    @cached_property
    def _grid(self) -> CellGrid:
        return CellGrid.over(self.points, self.window.bounds, self.largest)

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.ascontiguousarray(self.points[self._grid.order])

    @cached_property
    def _found(self) -> np.ndarray:
        grid, found = self._grid, np.zeros(len(self.points), dtype=np.int64)
        cells = (grid.starts, grid.columns, grid.rows, grid.reach)
        neighbour_counts(self._sorted, *cells, self.largest**2, found)
        return found

    @property
    def total(self) -> int:
        """Number of ordered pairs."""
        return int(self._found.sum())

    @cached_property
    def boundary(self) -> np.ndarray:
        """Distance of each point to the boundary."""
        return self.window.distance_to_boundary(self.points)

    def isotropic_about(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Isotropic weights about points i through points j, in any order."""
        order = np.argsort(i, kind="stable")
        found = np.empty(len(i))
        arguments = (self.largest**2, self.boundary, self.window.edges, found)
        isotropic_weights(self.points, i[order], j[order], *arguments)
        back = np.empty(len(i))
        back[order] = found
        return back

    def __iter__(self) -> Iterator[Pairs]:
        """Parts of the list; the pairs of one first point follow one another."""
        grid, points = self._grid, self._sorted
        cell = np.repeat(np.arange(len(grid.starts) - 1), np.diff(grid.starts))
        until = np.concatenate([[0], np.cumsum(self._found)])
        near = self.boundary[grid.order]
        weights = None
        if self.translation:
            candidates = grid.candidates
            weights = overlap_arguments(self.window, self.largest, candidates, self.exact_overlap)
        begin = 0
        while begin < len(points):
            end = int(np.searchsorted(until, until[begin] + _PART, side="right")) - 1
            end = min(max(end, begin + 1), len(points))
            size = int(until[end] - until[begin])
            i, j, d = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size)
            limit = self.largest**2
            shape = (grid.starts, grid.columns, grid.reach, grid.rows)
            neighbour_list(points, *shape, limit, begin, end, cell, i, j, d)
            isotropic = translation = None
            if self.isotropic:
                isotropic = np.empty(size)
                isotropic_weights(points, i, j, limit, near, self.window.edges, isotropic)
            if weights is not None:
                areas = np.empty(size)
                overlap_areas(points, i, j, *weights, areas)
                translation = np.divide(
                    self.window.area, areas, out=np.zeros(size), where=areas > 0
                )
            yield Pairs(grid.order[i], grid.order[j], d, isotropic, translation)
            begin = end
