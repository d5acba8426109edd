"""Points sorted into square cells, so that those close to one another are found without a list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CellGrid:
    """Points sorted into square cells: `order` sorts them, cell c holds starts[c]:starts[c + 1]."""

    order: np.ndarray
    starts: np.ndarray
    columns: int
    rows: int
    reach: int
    candidates: float

    @classmethod
    def over(cls, points: np.ndarray, bounds, largest: float) -> CellGrid:
        xmin, ymin, xmax, ymax = bounds
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
