"""A random part of a point pattern."""

from __future__ import annotations

import numpy as np

from helpers.checks import whole_number

__all__ = ["thinned"]


def thinned(points, number: int, seed=None) -> np.ndarray:
    """A random part of the points, at two places or more where the points are.

    K of a random part is K of all, for each pair survives with the same chance. Where nearly all
    points share one place the part could miss the others, and no function is defined for points
    at one place: its last point then gives way to the next that lies elsewhere.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    number : int
        Points of the part; all, in another order, where there are no more.
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (min(n, number), 2)

    Examples
    --------
    >>> part = thinned([[0, 0]] * 99 + [[1, 1]], 5, seed=1)
    >>> len(part), len(np.unique(part, axis=0))
    (5, 2)
    """
    number = whole_number(number, "number", least=2)
    mixed = np.random.default_rng(seed).permutation(np.asarray(points, dtype=float))
    part, rest = mixed[:number], mixed[number:]
    elsewhere = (rest != part[0]).any(axis=1) if len(part) else np.zeros(0, dtype=bool)
    if elsewhere.any() and (part == part[0]).all():
        part[-1] = rest[elsewhere.argmax()]
    return part
