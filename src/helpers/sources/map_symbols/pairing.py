"""Hold found symbols against true ones: who is whose, precision, recall, F1, error of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from helpers.checks import positive


@dataclass(frozen=True)
class Agreement:
    """How far found symbols are the true ones.

    Attributes
    ----------
    found, true, matched
        Numbers of symbols.
    errors
        Distance of each matched pair, in the unit of the places, shape (matched,).
    """

    found: int
    true: int
    matched: int
    errors: np.ndarray

    @property
    def precision(self) -> float:
        """Share of the found symbols that are true; 1 where nothing was found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true symbols that were found; 1 where there are none."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """2 matched / (found + true): the harmonic mean of precision and recall."""
        return 2 * self.matched / (self.found + self.true) if self.found + self.true else 1.0

    @property
    def mean_error(self) -> float:
        """Mean distance of matched pairs; 0 where there are none."""
        return float(self.errors.mean()) if self.matched else 0.0

    @property
    def rms_error(self) -> float:
        """Root of the mean square distance of matched pairs; 0 where there are none."""
        return float(np.sqrt((self.errors**2).mean())) if self.matched else 0.0


def pairs_within(
    found: np.ndarray, true: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pair found with true places one to one.

    Among all pairings of places at most `tolerance` apart: as many pairs as there can be, and
    among those the least sum of distances (a linear assignment in each group of places that hang
    together).

    Parameters
    ----------
    found, true
        Places, shapes (n, 2) and (m, 2).
    tolerance
        Largest distance of a pair.

    Returns
    -------
    of_found, of_true : ndarray of int, shape (k,)
        Positions of the pairs.
    """
    tolerance = positive(tolerance, "tolerance")
    found = np.asarray(found, dtype=float).reshape(-1, 2)
    true = np.asarray(true, dtype=float).reshape(-1, 2)
    nothing = np.empty(0, dtype=int)
    if not len(found) or not len(true):
        return nothing, nothing
    near = KDTree(found).sparse_distance_matrix(KDTree(true), tolerance, output_type="ndarray")
    if not len(near):
        return nothing, nothing
    size = len(found) + len(true)
    links = coo_matrix((np.ones(len(near)), (near["i"], len(found) + near["j"])), (size, size))
    _, group = connected_components(links, directed=False)
    alone, near = _nearest_of_stars(near, group[near["i"]])
    of_found, of_true = [alone["i"]], [alone["j"]]
    of_near = group[near["i"]]
    order = np.argsort(of_near, kind="stable")
    near, starts = near[order], np.flatnonzero(np.diff(of_near[order], prepend=-1))
    for some in np.split(near, starts[1:]) if len(near) else ():
        rows, i = np.unique(some["i"], return_inverse=True)
        columns, j = np.unique(some["j"], return_inverse=True)
        # more than all distances together: a further pair always pays
        cost = np.full(
            (len(rows), len(columns)), 2 * tolerance * (min(len(rows), len(columns)) + 1)
        )
        cost[i, j] = some["v"]
        at, to = linear_sum_assignment(cost)
        real = cost[at, to] <= tolerance
        of_found.append(rows[at[real]])
        of_true.append(columns[to[real]])
    first, second = np.concatenate(of_found), np.concatenate(of_true)
    order = np.argsort(first, kind="stable")
    return first[order], second[order]


def _nearest_of_stars(near: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pair of each group with one found or one true place, and the links of all other groups.

    Nearly all groups are of this form, and their nearest link is the assignment.
    """
    number = group.max() + 1
    by_side = []
    for side in ("i", "j"):
        _, once = np.unique(near[side], return_index=True)
        by_side.append(np.bincount(group[once], minlength=number))
    star = np.minimum(*by_side)[group] == 1
    mine, own = near[star], group[star]
    order = np.lexsort((mine["j"], mine["i"], mine["v"], own))
    first = np.diff(own[order], prepend=-1) > 0
    return mine[order][first], near[~star]


def agreement(found: np.ndarray, true: np.ndarray, tolerance: float) -> Agreement:
    """Pair found with true places as :func:`pairs_within` does, and count.

    Parameters
    ----------
    found, true, tolerance
        As there.
    """
    found = np.asarray(found, dtype=float).reshape(-1, 2)
    true = np.asarray(true, dtype=float).reshape(-1, 2)
    mine, theirs = pairs_within(found, true, tolerance)
    errors = np.linalg.norm(found[mine] - true[theirs], axis=1)
    return Agreement(len(found), len(true), len(mine), errors)
