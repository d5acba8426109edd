"""Rates and shares of small counts drawn towards the mean of all zones: empirical Bayes estimates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .errors import PriorityError

__all__ = ["ShrunkRatio", "shrunk_ratio"]


@dataclass(frozen=True)
class ShrunkRatio:
    """Ratios of counts, and what is left of each when its chance is taken off.

    Attributes
    ----------
    raw : ndarray, shape (n,)
        Counts over what they are set against.
    estimate : ndarray, shape (n,)
        Between `raw` and `mean`.
    own : ndarray, shape (n,)
        Weight of the zone's own ratio in its estimate, 0 to 1.
    mean : float
        Of all zones together: the sum of the counts over the sum of the others.
    between : float
        Variance of the true ratios between zones; 0 where chance alone explains what is seen.
    """

    raw: np.ndarray
    estimate: np.ndarray
    own: np.ndarray
    mean: float
    between: float


def shrunk_ratio(counts: ArrayLike, of: ArrayLike, *, share: bool) -> ShrunkRatio:
    r"""Draw each ratio :math:`r_i = y_i / n_i` towards the mean, the more the less it rests on.

    .. math::

        \hat\theta_i = m + c_i (r_i - m) , \qquad c_i = \frac{A}{A + v / n_i} , \qquad
        m = \frac{\sum y_i}{\sum n_i} , \qquad s^2 = \frac{\sum n_i (r_i - m)^2}{\sum n_i}

    A rate (Poisson counts over an exposure): :math:`v = m` and :math:`A = s^2 - m / \bar n`. A share
    (:math:`y_i` of :math:`n_i` events, binomial): :math:`A = (s^2 - m(1 - m)/\bar n) / (1 - 1/\bar n)`
    and :math:`v = m(1 - m) - A`, so that :math:`\hat\theta_i` is the posterior mean of a beta prior
    with these moments. Where :math:`A` comes out below zero, all estimates are the mean.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Events counted in each zone.
    of : array_like, shape (n,)
        What they are set against, above 0: all events of the zone (a share), or an exposure such as
        residents or hectares (a rate), in its unit.
    share : bool
        Whether the events are some of those in `of`.

    Raises
    ------
    PriorityError
        Lists of different lengths, a missing or negative number, nothing to set the events against,
        or a share above 1.

    Notes
    -----
    Marshall (1991), "Mapping disease and mortality rates using empirical Bayes estimators", Journal
    of the Royal Statistical Society C 40: the global estimator, with its moments. That of a rate is
    the one of ``esda.smoothing.Empirical_Bayes``.

    Examples
    --------
    One of one is drawn nearly to the mean, 60 of 100 nearly stays.

    >>> found = shrunk_ratio([1, 60, 20, 25, 10], [1, 100, 100, 100, 100], share=True)
    >>> found.raw.round(2).tolist(), found.estimate.round(2).tolist()
    ([1.0, 0.6, 0.2, 0.25, 0.1], [0.41, 0.59, 0.2, 0.25, 0.11])
    """
    y, n = np.asarray(counts, dtype=float), np.asarray(of, dtype=float)
    if y.shape != n.shape or y.ndim != 1 or not len(y):
        raise PriorityError("counts, and what they are set against, are two lists of one length")
    if not ((y >= 0).all() and (n > 0).all() and np.isfinite([y, n]).all()):
        raise PriorityError("counts are numbers of 0 or more, set against numbers above 0")
    if share and (y > n).any():
        raise PriorityError("a share counts some of the events, not more than there are")
    raw, mean, size = y / n, float(y.sum() / n.sum()), float(n.mean())
    seen = float((n * (raw - mean) ** 2).sum() / n.sum())
    of_one = mean * (1 - mean) if share else mean
    between = max(seen - of_one / size, 0.0)
    if share:
        # one event a zone tells nothing of differences between zones
        between = min(between / (1 - 1 / size), of_one) if size > 1 else 0.0
    chance = (of_one - between if share else of_one) / n
    total = between + chance
    own = np.divide(between, total, out=np.zeros(len(n)), where=total > 0)
    return ShrunkRatio(raw, mean + own * (raw - mean), own, mean, between)
