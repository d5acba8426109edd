"""Kernel densities of parts of a pattern, each with integral 1 over the window, at the same nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from helpers.space import Window, as_points

from ._smoothing import bell, grid_sums, kernel_masses, kernel_sums
from .density import kernel_density
from .surface import IntensitySurface

_NODES = 1_000_000
"""Nodes at most of an integral over the window."""
_KEPT = 4_000_000
"""Values of the kernel at most that are kept from part to part, along each axis."""


@dataclass(frozen=True, eq=False)
class PartialDensities:
    """Kernel densities of parts of the events at the same nodes: places with how many events each."""

    place: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    nodes: np.ndarray
    grid: IntensitySurface | None
    mass: np.ndarray
    window: Window
    sigma: float
    correction: str
    integral_nodes: tuple[np.ndarray, np.ndarray, np.ndarray] | None

    @classmethod
    def over(
        cls, points, window: Window, sigma: float, correction: str, cells: int, at
    ) -> PartialDensities:
        places, place = np.unique(points, axis=0, return_inverse=True)
        grid = None
        if at is None:
            grid = kernel_density(places[:1], window, sigma, correction="none", cells=cells)
            row, column = np.nonzero(~np.isnan(grid.values))
            nodes = np.column_stack([grid.x[column], grid.y[row]])
        else:
            nodes = as_points(at, window)
        weights, integral_nodes, mass = np.ones(len(places)), None, np.ones(len(nodes))
        if correction == "diggle":
            weights = 1 / kernel_masses(places - window.centre, window, sigma)
        else:
            mass = kernel_masses(nodes - window.centre, window, sigma)
            inner, area = quadrature(window, sigma)
            integral_nodes = (inner, area, kernel_masses(inner - window.centre, window, sigma))
        arguments = (grid, mass, window, sigma, correction, integral_nodes)
        return cls(place.ravel(), places, weights, nodes, *arguments)

    @cached_property
    def bells(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The kernel along both axes of the grid at all places, the same for all parts; None of many."""
        if self.grid is None or len(self.places) * max(self.grid.values.shape) > _KEPT:
            return None
        centre, places = self.window.centre, self.places - self.window.centre
        axes = zip((self.grid.x - centre[0], self.grid.y - centre[1]), places.T, strict=True)
        along_x, along_y = (bell((nodes[:, None] - at) / self.sigma) for nodes, at in axes)
        return along_x, along_y

    def densities(self, chosen: np.ndarray) -> np.ndarray:
        """Density of the chosen events at the nodes, with integral 1 over the window."""
        events = np.bincount(self.place[chosen], minlength=len(self.places))
        some = events > 0
        centred = (self.places - self.window.centre)[some]
        weights = (events * self.weights)[some]
        if self.grid is None:
            sums = kernel_sums(self.nodes - self.window.centre, centred, weights, self.sigma, False)
        else:
            if self.bells is not None:
                along_x, along_y = self.bells
                values = (along_y * (events * self.weights)) @ along_x.T
            else:
                x, y = self.grid.x - self.window.centre[0], self.grid.y - self.window.centre[1]
                values = grid_sums(x, y, centred, weights, self.sigma)
            sums = values[~np.isnan(self.grid.values)] / (2 * np.pi * self.sigma**2)
        sums = sums / self.mass
        if self.integral_nodes is None:
            return sums / chosen.sum()
        inner, area, mass = self.integral_nodes
        there = kernel_sums(inner - self.window.centre, centred, weights, self.sigma, False)
        return sums / float((there / mass) @ area)

    def surface(self, values: np.ndarray) -> IntensitySurface | np.ndarray:
        """Values at the nodes, as a surface where they are a grid."""
        if self.grid is None:
            return values
        grid = np.full(self.grid.values.shape, np.nan)
        grid[~np.isnan(self.grid.values)] = values
        return IntensitySurface(
            self.grid.x, self.grid.y, grid, self.sigma, self.correction, self.grid.extent
        )


def quadrature(window: Window, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in the window and their areas, for integrals of what varies over σ.

    Triangles of the window, halved until their sides are σ or less, each with 4 × 4 Gauss points;
    coarser where that would be too many.
    """
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(window.geometry))
    corners = np.stack([shapely.get_coordinates(part)[:3] for part in parts])
    largest = sigma
    while True:
        sides = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        long = np.flatnonzero(sides.max(axis=1) > largest)
        if len(long) == 0 or 16 * (len(corners) + len(long)) > _NODES:
            break
        k = sides[long].argmax(axis=1)
        row = np.arange(len(long))
        cut = corners[long]
        middle = (cut[row, k] + cut[row, (k + 1) % 3]) / 2
        first, second = cut.copy(), cut.copy()
        first[row, k] = middle
        second[row, (k + 1) % 3] = middle
        corners = np.concatenate([np.delete(corners, long, axis=0), first, second])
    node, weight = np.polynomial.legendre.leggauss(4)
    node, weight = (node + 1) / 2, weight / 2
    # the square onto the triangle: u along one side, v (1 − u) along the other
    u, v = np.repeat(node, 4), np.tile(node, 4)
    share = np.repeat(weight * (1 - node), 4) * np.tile(weight, 4) * 2
    a, b, c = (corners[:, k, None, :] for k in range(3))
    at = a + u[:, None] * (b - a) + (v * (1 - u))[:, None] * (c - a)
    side, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(side[:, 0] * other[:, 1] - side[:, 1] * other[:, 0]) / 2
    return at.reshape(-1, 2), (area[:, None] * share).ravel()
