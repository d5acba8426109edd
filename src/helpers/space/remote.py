"""Places that are none, and places far from all others, in longitude and latitude."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

REMOTE = 100_000.0  # metres from all others
_CELL = 0.05  # degrees; places of one cell count as one place
_WIDE = 1 << 15  # more than there are cells around the Earth
_EARTH = 6_371_000.0
_CODES = (-1.0, 0.0, 1.0, -99.0, 99.0, -999.0, 999.0, -9999.0, 9999.0, 99999.0, 999999.0)


def is_no_place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which pairs are codes for no place: blank, almost zero, or the same round number twice.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Coordinates in any system; NaN where there is none.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> is_no_place(np.array([6e-9, -1, -1.5, np.nan]), np.array([0, -1, 53.8, 53.8])).tolist()
    [True, True, False, True]
    """
    with np.errstate(invalid="ignore"):
        none = ~(np.isfinite(x) & np.isfinite(y))
        zero = (np.abs(x) < 1e-3) & (np.abs(y) < 1e-3)
        code = (x == y) & np.isin(x, _CODES)
    return none | zero | code


def is_on_earth(degrees: np.ndarray) -> np.ndarray:
    """Which rows of longitude and latitude are some: finite, within 180 and 90 degrees."""
    with np.errstate(invalid="ignore"):
        return (
            np.isfinite(degrees).all(axis=1)
            & (np.abs(degrees[:, 0]) <= 180)
            & (np.abs(degrees[:, 1]) <= 90)
        )


def _code(degrees: np.ndarray) -> np.ndarray:
    """A whole number for the cell of each place."""
    cells = np.floor(degrees / _CELL).astype("int64") + _WIDE // 2
    return cells[:, 0] * _WIDE + cells[:, 1]


def _ball(degrees: np.ndarray) -> np.ndarray:
    lon, lat = np.radians(degrees).T
    return _EARTH * np.column_stack(
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    )


def main_group(degrees: np.ndarray, sound: np.ndarray) -> tuple[np.ndarray, float]:
    """Rows of the largest group of places no more than 100 km apart, and its share.

    Parameters
    ----------
    degrees : ndarray, shape (n, 2)
        Longitude and latitude.
    sound : ndarray of bool, shape (n,)
        Rows that count.

    Returns
    -------
    main : ndarray of bool, shape (n,)
    share : float
        Of the rows that count.

    Examples
    --------
    >>> degrees = np.array([[-1.5, 53.8], [-1.6, 53.7], [9.0, 48.0]])
    >>> main, share = main_group(degrees, np.ones(3, dtype=bool))
    >>> main.tolist(), round(share, 2)
    ([True, True, False], 0.67)
    """
    rows = np.flatnonzero(sound)
    main = np.zeros(len(sound), dtype=bool)
    if not len(rows):
        return main, 0.0
    cells, owner, often = np.unique(
        np.floor(degrees[rows] / _CELL), axis=0, return_inverse=True, return_counts=True
    )
    owner = owner.ravel()
    ball = _ball((cells + 0.5) * _CELL)
    pairs = cKDTree(ball).query_pairs(REMOTE, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (len(cells),) * 2)
    label = connected_components(graph, directed=False)[1]
    size = np.bincount(label, weights=often)
    main[rows[label[owner] == size.argmax()]] = True
    return main, float(size.max() / size.sum())


def is_near(degrees: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which places (longitude, latitude) lie within 100 km of one of the others.

    Distances are between cells of 0.05 degrees, so that they are known to some 8 km.
    """
    near = np.zeros(len(degrees), dtype=bool)
    good = np.flatnonzero(is_on_earth(degrees))
    if len(good) and len(others):
        cells = np.unique(_code(others[is_on_earth(others)]))
        near[good] = np.isin(_code(degrees[good]), cells)  # of one cell, some 8 km at most
        good = good[~near[good]]
        middle = np.column_stack([cells // _WIDE, cells % _WIDE]) - _WIDE / 2 + 0.5
        tree = cKDTree(_ball(middle * _CELL))
        near[good] = tree.query(_ball(degrees[good]), distance_upper_bound=REMOTE)[0] < np.inf
    return near
