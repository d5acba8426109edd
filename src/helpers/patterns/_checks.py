"""Checks that all summary functions make of their input."""

from __future__ import annotations

import numpy as np

from helpers.space import Window, as_points, as_window

__all__ = [
    "STEPS",
    "checked_corrections",
    "checked_distances",
    "checked_pattern",
]

STEPS = 512
"""Steps of a default grid of distances, which has one value more."""


def checked_pattern(points, window, outside: str, what: str) -> tuple[np.ndarray, Window]:
    """Coordinates and window of a pattern with at least two different locations."""
    window = as_window(window)
    points = as_points(points, window, outside)
    if len(points) < 2:
        raise ValueError(f"{what} needs at least two points, got {len(points)}")
    if (points == points[0]).all():
        raise ValueError(f"{what} needs at least two different locations: all points are equal")
    return points, window


def checked_distances(r, default: float) -> np.ndarray:
    """Distances at which a function is estimated; by default 513 from 0 to `default`."""
    if r is None:
        return default * np.arange(STEPS + 1) / STEPS
    r = np.asarray(r, dtype=float)
    if r.ndim != 1 or len(r) < 2:
        raise ValueError("r is a one-dimensional array of at least two distances")
    if not np.isfinite(r).all() or r[0] < 0 or (np.diff(r) <= 0).any():
        raise ValueError("the distances r must be finite, not negative and strictly ascending")
    return r


def checked_corrections(corrections, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names of edge corrections, in the order of `known`."""
    if corrections is None:
        return known
    named = (corrections,) if isinstance(corrections, str) else tuple(corrections)
    wrong = [name for name in named if name not in known]
    if wrong or not named:
        raise ValueError(
            f"corrections are among {', '.join(known)}, not {', '.join(wrong) or '()'}"
        )
    return tuple(name for name in known if name in named)
