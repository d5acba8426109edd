"""Colours for the areas of a plan, so that neighbours on the map differ."""

from __future__ import annotations

import numpy as np

from .units import Units, _neighbour_lists

__all__ = ["map_colours"]


def map_colours(units: Units, assignment: np.ndarray) -> np.ndarray:
    """Colour numbers for areas such that areas that touch differ; deterministic.

    Areas count as touching when any of their units share a border or a contiguity link.
    The saturation rule (Brélaz 1979) colours next the area that sees most colours already,
    then the one with most neighbours, then the lowest number; the result seldom needs more
    than five colours on a map. Among the colours that fit, the least used one so far is
    taken, so that the palette is spread over the map.

    Parameters
    ----------
    units : Units
        The areal units.
    assignment : numpy.ndarray of int, shape (n,)
        Areas 0 to k − 1.

    Returns
    -------
    numpy.ndarray of int, shape (k,)
        A colour from 0 for each area; ``map_colours(units, a)[a]`` colours the units.

    Examples
    --------
    >>> none = np.empty((0, 2), dtype=int)
    >>> row = Units(tuple("abc"), tuple("abc"), np.ones(3), np.ones(3), np.full(3, 4.0),
    ...             np.arange(3.0), np.zeros(3), np.array([[0, 1], [1, 2]]), none, [])
    >>> map_colours(row, np.array([0, 1, 2])).tolist()
    [1, 0, 1]
    """
    assignment = np.asarray(assignment)
    k = int(assignment.max()) + 1
    pairs = np.sort(assignment[np.concatenate([units.links, units.shared])], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    indptr, indices, _ = _neighbour_lists(pairs, np.ones(len(pairs)), k)
    neighbours = [set(indices[indptr[a] : indptr[a + 1]].tolist()) for a in range(k)]
    palette = _saturation_colours(neighbours)
    # Spread: with the number of colours settled, prefer rarely used ones where several fit.
    used = np.bincount(palette, minlength=int(palette.max()) + 1)
    for a in range(k):
        seen = {palette[b] for b in neighbours[a]}
        free = [c for c in range(len(used)) if c not in seen]
        rarest = min(free, key=lambda c: (used[c], c))
        if used[rarest] + 1 < used[palette[a]]:
            used[palette[a]] -= 1
            used[rarest] += 1
            palette[a] = rarest
    return palette


def _saturation_colours(neighbours: list[set[int]]) -> np.ndarray:
    k = len(neighbours)
    colour = np.full(k, -1, dtype=np.int64)
    seen: list[set[int]] = [set() for _ in range(k)]
    for _ in range(k):
        a = max(
            np.flatnonzero(colour < 0).tolist(),
            key=lambda i: (len(seen[i]), len(neighbours[i]), -i),
        )
        colour[a] = next(c for c in range(k) if c not in seen[a])
        for b in neighbours[a]:
            seen[b].add(int(colour[a]))
    return colour
