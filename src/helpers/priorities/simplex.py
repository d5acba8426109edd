"""Weight vectors drawn uniformly from the simplex, free or in a given order of importance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.checks import whole_number

from .errors import PriorityError


def sample_weights(
    count: int,
    criteria: int,
    *,
    order: Sequence[int] | None = None,
    seed: int | np.random.Generator,
) -> np.ndarray:
    r"""Draw weight vectors uniformly from :math:`\{w \ge 0, \sum_j w_j = 1\}`.

    The differences of sorted uniforms :math:`0 = q_0 \le q_{(1)} \le \dots \le q_{(m-1)} \le q_m
    = 1` are uniform on the simplex; sorting each vector keeps it uniform on the part where the
    criteria have the given order, because the m! orders divide the simplex into parts that are
    permutations of each other (Tervonen and Lahdelma 2007, European Journal of Operational
    Research 178:500-513, section 3.2).  The mean is 1/m without an order, and the ROC weights
    with one.

    Parameters
    ----------
    count : int
        Number of vectors.
    criteria : int
        Number m of criteria.
    order : sequence of int, optional
        Criteria, as column numbers, from the most to the least important.
    seed : int or numpy.random.Generator
        Where the random numbers start.

    Returns
    -------
    ndarray, shape (count, criteria)

    Raises
    ------
    PriorityError
        No criteria, or an order that is no permutation of their numbers.

    Examples
    --------
    >>> weights = sample_weights(1000, 3, order=[2, 0, 1], seed=1)
    >>> bool((weights[:, 2] >= weights[:, 0]).all() and (weights[:, 0] >= weights[:, 1]).all())
    True
    """
    count = whole_number(count, "the number of weight vectors", 0, error=PriorityError)
    criteria = whole_number(criteria, "the number of criteria", error=PriorityError)
    generator = np.random.default_rng(seed)
    cuts = np.empty((count, criteria + 1))
    cuts[:, 0], cuts[:, -1] = 0, 1
    cuts[:, 1:-1] = np.sort(generator.random((count, criteria - 1)), axis=1)
    weights = np.diff(cuts, axis=1)
    if order is None:
        return weights
    if sorted(order) != list(range(criteria)):
        raise PriorityError(f"{list(order)} does not order the criteria 0 … {criteria - 1}")
    weights.sort(axis=1)
    ordered = np.empty_like(weights)
    ordered[:, list(order)] = weights[:, ::-1]
    return ordered
