"""Weights of a mixture by maximum likelihood, with a bound on what is missing to it."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

CLOSE_ENOUGH = 0.01  # of the maximum of the log-likelihood, proven by its gradient


def mixture_weights(
    ratio: np.ndarray, start: np.ndarray | None = None, steps: int = 60
) -> tuple[np.ndarray, float]:
    r"""Weights of a mixture by maximum likelihood: sequential quadratic programming (Kim et al. 2020).

    .. math:: \max_w \sum_i \log \sum_k w_k r_{ik}, \qquad w \ge 0, \quad \sum_k w_k = 1

    Parameters
    ----------
    ratio : (n, k) array
        r, likelihood of each observation under each part.
    start : (k,) array, optional
    steps : int

    Returns
    -------
    (k,) array
    float
        What the log-likelihood may at most lie below its maximum (Lindsay's bound).

    Examples
    --------
    >>> weights, gap = mixture_weights(np.array([[1.0, 0.2], [0.2, 1.0], [0.2, 1.0]]))
    >>> weights.round(3).tolist(), gap < 0.01
    ([0.25, 0.75], True)
    """
    n, k = ratio.shape
    weights = np.full(k, 1.0 / k) if start is None else np.maximum(start, 1e-6)
    weights /= weights.sum()
    gap = np.inf
    for _ in range(steps):
        mixed = ratio @ weights
        inverse = 1.0 / mixed
        slope = ratio.T @ inverse
        gap = float((slope - n).max())
        if gap < 0.1 * CLOSE_ENOUGH:
            break
        scaled = ratio * inverse[:, None]
        curve = scaled.T @ scaled / n
        curve[np.diag_indices(k)] += 1e-9 * np.trace(curve)
        # one Newton step within the bounds, as non-negative least squares
        root = np.linalg.cholesky(curve).T
        goal = np.linalg.solve(root.T, curve @ weights + slope / n - 1.0)
        step = nnls(root, goal)[0] - weights
        now, part = np.log(mixed).mean() - weights.sum(), 1.0
        rise = (slope / n - 1.0) @ step
        while part > 1e-6:
            tried = weights + part * step
            mixed = ratio @ tried
            if (mixed > 0).all() and np.log(mixed).mean() - tried.sum() >= now + 1e-4 * part * rise:
                break
            part /= 2
        weights = np.maximum(tried, 0.0)
    return weights / weights.sum(), gap
