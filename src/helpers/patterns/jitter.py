"""Points moved by a random step, to see what hangs on their exact place."""

from __future__ import annotations

import numpy as np

from helpers.checks import positive
from helpers.space import as_window

__all__ = ["jittered"]


def jittered(points, window, step: float, seed=None) -> np.ndarray:
    """Each point moved to a random place in the disc of radius `step` about it.

    The step is uniform on the disc: its length is step √U with U uniform on (0, 1), its direction
    uniform. A point that would leave the window stays where it was.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    step : float
        Longest step, in units of the coordinates.
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (n, 2)

    Raises
    ------
    ValueError
        For a step that is not positive.

    Examples
    --------
    >>> from helpers.space import Window
    >>> moved = jittered([[5, 5]] * 3, Window.rectangle(0, 0, 10, 10), 2, seed=1)
    >>> bool((np.hypot(*(moved - 5).T) <= 2).all())
    True
    """
    window = as_window(window)
    step = positive(step, "step")
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    generator = np.random.default_rng(seed)
    length = step * np.sqrt(generator.uniform(size=len(points)))
    angle = generator.uniform(0, 2 * np.pi, len(points))
    moved = points + length[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.where(window.contains(moved)[:, None], moved, points)
