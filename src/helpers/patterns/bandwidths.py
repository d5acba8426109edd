"""Bandwidths for kernel estimates of intensity, chosen from the points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.spatial import cKDTree

from helpers.checks import one_of
from helpers.space import Window, as_points, as_window

from ._pairs import pair_sums
from ._smoothing import kernel_masses, kernel_sums, kernel_surface

__all__ = ["BandwidthChoice", "bandwidth", "bandwidth_criterion", "choose_bandwidth"]

RULES = ("scott", "scott_iso", "diggle", "ppl", "cvl")
_CANDIDATES = 16
_DIGGLE_STEPS = 511
_CELLS = 128
_LINE = 1e-3
_PRECISION = 0.01
"""Relative precision to which an optimum between two candidates is found."""


@dataclass(frozen=True)
class BandwidthChoice:
    """Bandwidth that is best by a criterion.

    Attributes
    ----------
    rule : {"diggle", "ppl", "cvl"}
    sigma : float
        Standard deviation of the kernel.
    criterion : float
        Its criterion, see `bandwidth_criterion`.
    curve : DataFrame
        Columns sigma, criterion: all candidates that were tried, ascending.
    note : str
        Empty, or that the best candidate is the first or the last: the criterion has then no optimum
        in the range, and `sigma` is where the range ends.
    """

    rule: str
    sigma: float
    criterion: float
    curve: pd.DataFrame
    note: str


def bandwidth(points, window, rule: str = "scott", *, outside: str = "raise"):
    r"""Standard deviation σ of the kernel by one of the usual rules.

    scott: :math:`n^{-1/6}` times the standard deviation of each axis; scott_iso: the geometric
    mean of the two, or, of points on a line along an axis (their spread across it less than a thousandth),
    that along the line. diggle, ppl, cvl: the σ that is best by the criterion of `bandwidth_criterion`
    (smallest mean square error; largest likelihood; smallest discrepancy of
    :math:`\sum_i 1 / \lambda(x_i)` from the window's area).
    `choose_bandwidth` also says where that is only the end of the range.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
        At least two different locations.
    window : Window or shapely polygon
    rule : {"scott", "scott_iso", "diggle", "ppl", "cvl"}
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    float, or ndarray of shape (2,) for "scott"
        In units of the coordinates.

    Raises
    ------
    ValueError
        For fewer than two points, points that are all equal, an unknown rule.

    Notes
    -----
    Points snapped to shared locations pull ppl and diggle towards nought, because the closest
    pairs are then not close at all but identical.

    References
    ----------
    D. W. Scott (1992), Multivariate Density Estimation; M. Berman, P. Diggle (1989), Estimating
    weighted integrals of the second-order intensity, JRSS B 51; C. Loader (1999), Local Regression
    and Likelihood; O. Cronie, M. van Lieshout (2018), A non-model-based approach to bandwidth
    selection for kernel estimators of spatial intensity functions, Biometrika 105.

    Examples
    --------
    >>> from helpers.space import Window
    >>> points = [[0, 0], [0, 2], [1, 1], [2, 0], [2, 2]]
    >>> bandwidth(points, Window.rectangle(0, 0, 2, 2), "scott").round(4).tolist()
    [0.7647, 0.7647]
    """
    window = as_window(window)
    points = _checked(points, window, rule, outside)
    if rule in ("scott", "scott_iso"):
        axes = points.std(axis=0, ddof=1) * len(points) ** (-1 / 6)
        if rule == "scott":
            return axes
        on_a_line = axes.min() < _LINE * axes.max()
        return float(axes.max() if on_a_line else np.sqrt(axes.prod()))
    return choose_bandwidth(points, window, rule).sigma


def choose_bandwidth(points, window, rule: str, *, outside: str = "raise") -> BandwidthChoice:
    """Bandwidth by a criterion, with the curve of the criterion and what is to be said of it.

    The default candidates of `bandwidth_criterion` are tried; for ppl and cvl, whose candidates
    are far apart, the optimum is then sought between the neighbours of the best one, to 1 %
    (Brent's method on log σ).

    Parameters
    ----------
    points, window, outside
        As in `bandwidth`.
    rule : {"diggle", "ppl", "cvl"}

    Returns
    -------
    BandwidthChoice

    Raises
    ------
    ValueError
        As `bandwidth_criterion`.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 1, 1)
    >>> choice = choose_bandwidth(square.random_points(50, seed=1), square, "ppl")
    >>> choice.note
    'ppl is best at the largest bandwidth tried: the points show no structure that it could follow'
    """
    window = as_window(window)
    points = _checked(points, window, rule, outside)
    curve = bandwidth_criterion(points, window, rule)
    sign = -1 if rule == "ppl" else 1
    sigmas = curve["sigma"].to_numpy()
    best = int((sign * curve["criterion"]).idxmin())
    note = ""
    if best == 0:
        note = (
            f"{rule} is best at the smallest bandwidth tried: it has no optimum above the distances "
            "between the closest points; where events share places take each place once"
        )
    elif best == len(curve) - 1:
        note = (
            f"{rule} is best at the largest bandwidth tried: the points show no structure that it "
            "could follow"
        )
    elif rule != "diggle":
        tried = []

        def value(logarithm):
            one = bandwidth_criterion(points, window, rule, [np.exp(logarithm)])
            tried.append(one)
            return sign * float(one["criterion"].iloc[0])

        minimize_scalar(
            value,
            bounds=np.log(sigmas[[best - 1, best + 1]]),
            method="bounded",
            options={"xatol": _PRECISION},
        )
        curve = pd.concat([curve, *tried]).sort_values("sigma", ignore_index=True)
    best = int((sign * curve["criterion"]).idxmin())
    sigma, criterion = (float(curve[name][best]) for name in ("sigma", "criterion"))
    return BandwidthChoice(rule, sigma, criterion, curve, note)


def bandwidth_criterion(
    points, window, rule: str, sigma=None, *, outside: str = "raise"
) -> pd.DataFrame:
    r"""Criterion that `bandwidth` optimises, as a function of σ.

    ppl, to be maximised: the cross-validated likelihood, with uniform edge correction,

    .. math:: \sum_i \log \lambda_{-i}(x_i) - \int_W \lambda(u)\, du .

    cvl, to be minimised: Cronie and van Lieshout's discrepancy, without edge correction,

    .. math:: \left(\sum_i \frac{1}{\lambda(x_i)} - |W|\right)^2 .

    diggle, to be minimised: the part of the mean square error of a disc kernel of radius h = 2σ
    that depends on h,

    .. math:: \frac{1 / \lambda - 2 K(h)}{\pi h^2} + \frac{J(h)}{(\pi h^2)^2}, \qquad
        J(h) = \int_0^{2h} a(s)\, dK(s),

    with a(s) the area common to two discs of radius h at distance s, and K with isotropic edge
    correction.

    Parameters
    ----------
    points, window, outside
        As in `bandwidth`.
    rule : {"diggle", "ppl", "cvl"}
    sigma : array_like, optional
        Candidates. By default 16 geometric steps from the smallest positive distance between
        neighbours to half the window's diameter; for diggle equal steps up to a quarter of the
        range that is used for K.

    Returns
    -------
    DataFrame
        Columns sigma, criterion. A criterion of −∞ (a point with no other in reach) is given as
        missing.
    """
    window = as_window(window)
    points = _checked(points, window, rule, outside)
    if rule not in ("diggle", "ppl", "cvl"):
        raise ValueError(f"rule {rule!r} optimises nothing: choose diggle, ppl or cvl")
    if sigma is None:
        sigma = _default_candidates(points, window, rule)
    sigma = np.asarray(sigma, dtype=float).ravel()
    if not (len(sigma) and np.isfinite(sigma).all() and (sigma > 0).all()):
        raise ValueError("candidate bandwidths must be positive and finite")
    criterion = {"diggle": _diggle, "ppl": _likelihood, "cvl": _inverse_intensity}[rule]
    values = np.asarray(criterion(points, window, sigma), dtype=float)
    values[~np.isfinite(values)] = np.nan
    if np.isnan(values).all():
        raise ValueError(f"the criterion of {rule} is undefined for every candidate bandwidth")
    return pd.DataFrame({"sigma": sigma, "criterion": values})


def _checked(points, window: Window, rule: str, outside: str) -> np.ndarray:
    one_of(rule, "rule", RULES)
    points = as_points(points, window, outside)
    if len(points) < 2:
        raise ValueError(f"a bandwidth needs at least two points, got {len(points)}")
    if (points == points[0]).all():
        raise ValueError("all points are equal: no bandwidth can be chosen from them")
    return points


def _default_candidates(points, window: Window, rule: str) -> np.ndarray:
    if rule == "diggle":
        n = len(points)
        largest = min(window.shorter_side / 4, np.sqrt(1000 * window.area / (np.pi * n)))
        # The disc radius is 2σ and J looks twice as far: 4σ must stay within the range of K.
        return np.arange(1, (_DIGGLE_STEPS + 1) // 2) * largest / (2 * _DIGGLE_STEPS)
    distinct = np.unique(points, axis=0)
    nearest = cKDTree(distinct).query(distinct, k=2)[0][:, 1]
    return np.geomspace(nearest.min(), window.diameter / 2, _CANDIDATES)


def _likelihood(points, window: Window, sigmas) -> list[float]:
    centred = points - window.centre
    values = []
    for sigma in sigmas:
        mass = kernel_masses(centred, window, sigma)
        left_out = kernel_sums(centred, centred, np.ones(len(points)), sigma, True) / mass
        with np.errstate(divide="ignore"):
            values.append(np.log(left_out).sum() - _integral(centred, window, sigma))
    return values


def _integral(centred, window: Window, sigma: float) -> float:
    """∫_W Σ_i k(u − x_i) / e(u) du, the integral of the uniformly corrected estimate.

    By the midpoint rule where the grid resolves the kernel. Where it does not, a point near the
    boundary sees it as straight: its integral is then ∫_0^∞ φ(t − b/σ) / Φ(t) dt.
    """
    xmin, ymin, xmax, ymax = window.bounds
    if sigma >= 1.5 * max(xmax - xmin, ymax - ymin) / _CELLS:
        surface = kernel_surface(centred, np.ones(len(centred)), window, sigma, "uniform", _CELLS)
        inside = np.count_nonzero(~np.isnan(surface.values))
        # The cells whose centres are inside stand for the window's whole area.
        return float(np.nansum(surface.values) * window.area / inside)
    depth, table = _near_the_edge()
    b = window.distance_to_boundary(centred + window.centre) / sigma
    return float(np.interp(b, depth, table).sum())


@cache
def _near_the_edge() -> tuple[np.ndarray, np.ndarray]:
    """That integral by depth, in standard deviations."""
    from scipy.special import ndtr

    depth = np.linspace(0.0, 10.0, 201)
    step = np.linspace(0.0, 20.0, 2001)
    density = np.exp(-0.5 * (step[:, None] - depth) ** 2) / np.sqrt(2 * np.pi)
    return depth, np.trapezoid(density / ndtr(step)[:, None], step, axis=0)


def _inverse_intensity(points, window: Window, sigmas) -> list[float]:
    centred = points - window.centre
    ones = np.ones(len(points))
    return [
        ((1 / kernel_sums(centred, centred, ones, sigma, False)).sum() - window.area) ** 2
        for sigma in sigmas
    ]


def _diggle(points, window: Window, sigmas) -> np.ndarray:
    n, area = len(points), window.area
    h = 2 * np.asarray(sigmas)
    # K is wanted at each h exactly, for it is a step function, and finely up to 2h for J.
    fine = np.linspace(0, 2 * h.max(), 4 * _DIGGLE_STEPS + 1)
    r = np.unique(np.concatenate([fine, h]))
    pairs = pair_sums(points, window, r, counts=False, isotropic=True)
    k = area / (n * (n - 1)) * pairs.isotropic
    increments = np.diff(k, prepend=0.0)
    s = np.concatenate([[0.0], (r[:-1] + r[1:]) / 2])
    z = np.minimum(s[None, :] / (2 * h[:, None]), 1.0)
    common = 2 * h[:, None] ** 2 * (np.arccos(z) - z * np.sqrt(1 - z**2))
    j = common @ increments
    disc = np.pi * h**2
    return (area / n - 2 * k[np.searchsorted(r, h)]) / disc + j / disc**2
