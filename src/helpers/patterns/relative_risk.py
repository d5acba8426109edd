"""Where is one kind of event commoner than the others lead one to expect?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.checks import one_of, positive, whole_number
from helpers.space import Window, as_points, as_window

from ._partial_densities import PartialDensities
from ._smoothing import kernel_masses
from .bandwidths import bandwidth as bandwidth_by_rule
from .density import kernel_density
from .surface import IntensitySurface

__all__ = ["RelativeRisk", "kind_probabilities", "log_relative_risk"]

CORRECTIONS = ("uniform", "diggle")


@dataclass(frozen=True)
class RelativeRisk:
    """Log relative risk of a kind given all others, with its tolerance p values.

    Attributes
    ----------
    log_risk : IntensitySurface or ndarray of float, shape (k,)
        log(f / g) of the densities of the kind and of all others; 0 where the kind has its share.
    p_asymptotic : IntensitySurface or ndarray
        Upper tail: small where the kind is commoner. Tolerance contours are its lines at 0.05, and
        at 0.95 where the kind is rarer.
    p_permutation : IntensitySurface, ndarray or None
        The same by kinds dealt anew to the events.
    p_value : float
        Of no difference anywhere: of the mean of log_risk² over the grid or the locations, by the same
        permutations. Missing without them.
    kind : object
    cases, others : int
        Events of the kind, and all others.
    permutations : int
    """

    log_risk: IntensitySurface | np.ndarray
    p_asymptotic: IntensitySurface | np.ndarray
    p_permutation: IntensitySurface | np.ndarray | None
    p_value: float
    kind: object
    cases: int
    others: int
    permutations: int


def log_relative_risk(
    points,
    kinds,
    window,
    kind,
    bandwidth: float | str = "scott",
    at=None,
    *,
    correction: str = "diggle",
    cells: int = 128,
    permutations: int = 0,
    seed=None,
) -> RelativeRisk:
    r"""Kernel estimate of the log relative risk of a kind given all others.

    With f and g the kernel densities of the n events of the kind and of the m others, both of the
    same σ, edge-corrected as in :func:`kernel_density` and with integral 1 over the window, and h that
    of all events together:

    .. math::

        \rho(u) = \log \frac{f(u)}{g(u)}, \qquad
        z(u) = \rho(u) \Big/ \sqrt{\left(\frac1n + \frac1m\right)
        \frac{e_{\sigma / \sqrt 2}(u)}{4 \pi \sigma^2\, e_\sigma(u)^2\, h(u)}}, \qquad
        p(u) = 1 - \Phi(z(u))

    where :math:`e_\sigma(u)` is the kernel's mass inside the window (:func:`kernel_mass`). By
    permutation p(u) is the share of assignments of the kinds to the events, the observed one among
    them, whose ρ(u) is at least as large.

    Parameters
    ----------
    points : array_like of shape (n + m, 2) or GeoSeries
    kinds : array_like of shape (n + m,)
    window : Window or shapely polygon
    kind
        One of the kinds.
    bandwidth : float or str
        σ, or the name of a rule of :func:`bandwidth`, for all events together.
    at : None or array_like of shape (k, 2)
        Where: on a grid over the window, or at locations inside it.
    correction : {"diggle", "uniform"}
    cells : int
        Cells along the longer side of the bounding box.
    permutations : int
    seed : int or numpy Generator
        Needed with permutations.

    Returns
    -------
    RelativeRisk

    Raises
    ------
    ValueError
        For points outside the window, a kind without events or without others, bad settings.

    Notes
    -----
    The asymptotic p is for a σ that is small beside the window: at σ of a fifth of its side some 2 %
    of places without any difference have a p below 0.05. Contours are pointwise: of places without any difference 5 % lie within the one at 0.05. p_value is
    for the whole window. Events that repeat a place and a kind (one address, many thefts) are not
    independent, and both kinds of p then come out too small: a permutation of events, not of places.
    R's sparr puts the density of the others in place of h unless its tolerance() is given that of all.

    References
    ----------
    J. Kelsall, P. Diggle (1995), Non-parametric estimation of spatial variation in relative risk,
    Statistics in Medicine 14; M. Hazelton, T. Davies (2009), Inference based on kernel estimates of
    the relative risk function, Biometrical Journal 51.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 1, 1)
    >>> points = square.random_points(600, seed=1)
    >>> kinds = np.where(points[:, 0] < 0.3, "theft", "other")
    >>> risk = log_relative_risk(points, kinds, square, "theft", 0.1, cells=16)
    >>> risk.log_risk.value_at([[0.1, 0.5], [0.9, 0.5]]).round(0).tolist()
    [4.0, -20.0]
    """
    points, kinds, window = _kinds_of(points, kinds, window)
    one_of(correction, "correction", CORRECTIONS)
    cells = whole_number(cells, "cells along the longer side", least=2)
    permutations = whole_number(permutations, "permutations", least=0)
    if permutations and seed is None:
        raise ValueError("permutations need a seed: pass seed=1 or a numpy Generator")
    case = kinds == kind
    n, m = int(case.sum()), int((~case).sum())
    if not n or not m:
        known = ", ".join(sorted(map(str, np.unique(kinds))))
        raise ValueError(f"relative risk needs events of {kind!r} and others: there are {known}")
    sigma = _sigma(points, window, bandwidth)
    smooth = PartialDensities.over(points, window, sigma, correction, cells, at)
    f, g, pooled = smooth.densities(case), smooth.densities(~case), smooth.densities(case | ~case)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = np.log(f) - np.log(g)
    nodes = smooth.nodes - window.centre
    q = kernel_masses(nodes, window, sigma)
    q_half = kernel_masses(nodes, window, sigma / np.sqrt(2))
    variance = (1 / n + 1 / m) * q_half / (4 * np.pi * sigma**2 * q**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stats.norm.sf(rho * np.sqrt(pooled / variance))
    p_permutation, p_value = None, np.nan
    if permutations:
        reached = np.ones(len(rho))
        size = _square(rho)
        larger = 1
        for generator in np.random.default_rng(seed).spawn(permutations):
            drawn = generator.permutation(case)
            with np.errstate(divide="ignore", invalid="ignore"):
                other = np.log(smooth.densities(drawn)) - np.log(smooth.densities(~drawn))
            reached += other >= rho - 1e-9
            larger += _square(other) >= size * (1 - 1e-9)
        p_value = float(larger / (permutations + 1))
        shares = np.where(np.isnan(rho), np.nan, reached / (permutations + 1))
        p_permutation = smooth.surface(shares)
    return RelativeRisk(
        smooth.surface(rho),
        smooth.surface(p),
        p_permutation,
        p_value,
        kind,
        n,
        m,
        permutations,
    )


def kind_probabilities(
    points,
    kinds,
    window,
    bandwidth: float | str = "scott",
    at="points",
    *,
    correction: str = "diggle",
) -> pd.DataFrame:
    r"""Probability of each kind at a place, given that an event happens there.

    .. math::

        p_c(u) = \frac{\sum_{j : c_j = c} w_j\, k(u - x_j)}{\sum_j w_j\, k(u - x_j)}

    with the Gaussian kernel k of sd σ, :math:`w_j = 1` for the correction "uniform", whose divisor
    cancels, and :math:`1 / e(x_j)` for "diggle" (:func:`kernel_mass`).

    Parameters
    ----------
    points, kinds, window, bandwidth
        As in :func:`log_relative_risk`.
    at : "points" or array_like of shape (k, 2)
        At the points each is left out of its own estimate; others at its place are not.
    correction : {"diggle", "uniform"}

    Returns
    -------
    DataFrame
        One row a place, one column a kind (sorted); rows sum to 1. Missing where no event is near
        enough to weigh anything.

    Raises
    ------
    ValueError
        As :func:`log_relative_risk`; also for a single kind.

    References
    ----------
    P. Diggle, P. Zheng, P. Durr (2005), Nonparametric estimation of spatial segregation in a
    multivariate point process, Applied Statistics 54.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> places, kinds = [[2, 5], [2, 6], [8, 5]], ["a", "a", "b"]
    >>> kind_probabilities(places, kinds, square, 1.0, [[2, 5], [5, 5]]).round(2).to_numpy().tolist()
    [[1.0, 0.0], [0.62, 0.38]]
    """
    points, kinds, window = _kinds_of(points, kinds, window)
    one_of(correction, "correction", CORRECTIONS)
    sigma = _sigma(points, window, bandwidth)
    names = np.unique(kinds)
    if len(names) < 2:
        raise ValueError(f"probabilities of kinds need two kinds, there is {names[0]!r} only")
    smoothing = "none" if correction == "uniform" else "diggle"
    columns = {}
    for name in names:
        own = kinds == name
        if isinstance(at, str):
            if at != "points":
                raise ValueError(f'at is "points" or an array of locations, not {at!r}')
            found = np.empty(len(points))
            settings = {"correction": smoothing}
            found[own] = kernel_density(
                points[own], window, sigma, "points", leave_one_out=True, **settings
            )
            found[~own] = kernel_density(points[own], window, sigma, points[~own], **settings)
            columns[name] = found
        else:
            columns[name] = kernel_density(points[own], window, sigma, at, correction=smoothing)
    table = pd.DataFrame(columns)
    total = table.sum(axis=1)
    return table.div(total.where(total > 0), axis=0)


def _square(rho: np.ndarray) -> float:
    """Mean of ρ² over the nodes where it is finite."""
    finite = np.isfinite(rho)
    return float((rho[finite] ** 2).mean()) if finite.any() else 0.0


def _sigma(points, window: Window, bandwidth) -> float:
    if isinstance(bandwidth, str):
        rule = "scott_iso" if bandwidth == "scott" else bandwidth
        bandwidth = bandwidth_by_rule(points, window, rule)
    return positive(bandwidth, "bandwidth")


def _kinds_of(points, kinds, window):
    window = as_window(window)
    points = as_points(points, window)
    kinds = np.asarray(kinds)
    if kinds.shape != (len(points),):
        raise ValueError(f"one kind a point: got {kinds.shape} kinds for {len(points)} points")
    return points, kinds, window
