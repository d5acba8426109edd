"""An intensity on a grid of cells over a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

__all__ = ["IntensitySurface"]


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
            rows, columns = np.nonzero(~np.isnan(self.values))
            tree = cKDTree(np.column_stack([self.x[columns], self.y[rows]]))
            nearest = tree.query(points[empty])[1]
            found[empty] = self.values[rows[nearest], columns[nearest]]
        return found
