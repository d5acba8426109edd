"""Where events are said to have happened: repeated places, and counts of squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST = 10
"""Places listed as the most repeated."""

SIDE = 70
"""Squares along the longer side of the map, about."""

_CLASSES = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 100), (101, None))


@dataclass(frozen=True)
class Repeats:
    """How many events share their place with another.

    Attributes
    ----------
    places : int
        Different coordinates.
    repeated : int
        Places with more than one event.
    events_there : int
        Events at these.
    classes : list of (int, int or None, int, int)
        From, to (None: open), number of places with so many events, events there.
    most : list of (float, float, int)
        x, y and events of the most repeated places, the first with most.
    ties : int
        Places that are not listed though they have as many events as the last of these.
    """

    places: int
    repeated: int
    events_there: int
    classes: list[tuple[int, int | None, int, int]]
    most: list[tuple[float, float, int]]
    ties: int = 0


def repeats(xy: np.ndarray) -> Repeats:
    """Places with more than one event.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates, metres.

    Examples
    --------
    >>> found = repeats(np.array([[0.0, 0.0], [0.0, 0.0], [5.0, 1.0]]))
    >>> found.places, found.repeated, found.events_there, found.most
    (2, 1, 2, [(0.0, 0.0, 2)])
    """
    # + 0.0: a negative nought is no other place
    places, counts = np.unique(np.asarray(xy, dtype=float) + 0.0, axis=0, return_counts=True)
    many = counts > 1
    classes = []
    for low, high in _CLASSES:
        within = (counts >= low) & (counts <= high if high else True)
        classes.append((low, high, int(within.sum()), int(counts[within].sum())))
    order = np.argsort(-counts, kind="stable")[:MOST]
    most = [(float(places[k, 0]), float(places[k, 1]), int(counts[k])) for k in order if many[k]]
    ties = (
        int((counts == most[-1][2]).sum()) - sum(n == most[-1][2] for *_, n in most) if most else 0
    )
    return Repeats(len(places), int(many.sum()), int(counts[many].sum()), classes, most, ties)


def cells(
    xy: np.ndarray, bounds: Sequence[float], most: int = SIDE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events in squares of a round side.

    Parameters
    ----------
    xy : (n, 2) array
        Coordinates, metres.
    bounds : (xmin, ymin, xmax, ymax)
        Of the map; its longer side gets at most `most` squares and one more.
    most : int

    Returns
    -------
    counts : (rows, columns) array of int64
        The first row southernmost.
    x_edges, y_edges : arrays of length columns + 1 and rows + 1
        Multiples of the side, metres.

    Examples
    --------
    >>> counts, x_edges, y_edges = cells(np.array([[10.0, 10.0], [19.0, 10.0]]), (0, 0, 100, 40), 10)
    >>> counts.shape, int(counts[1, 1]), float(x_edges[1] - x_edges[0])
    ((5, 11), 2, 10.0)
    """
    xmin, ymin, xmax, ymax = bounds
    side = _round_up(max(xmax - xmin, ymax - ymin, 1.0) / most)
    x_edges = side * np.arange(np.floor(xmin / side), np.floor(xmax / side) + 2)
    y_edges = side * np.arange(np.floor(ymin / side), np.floor(ymax / side) + 2)
    counts, _, _ = np.histogram2d(xy[:, 1], xy[:, 0], bins=(y_edges, x_edges))
    return counts.astype("int64"), x_edges, y_edges


def _round_up(length: float) -> float:
    """The least of 1, 2, 5 × a power of ten that is at least `length`."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= length * 0.999999))
