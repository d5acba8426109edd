"""Is it clustering or only uneven? Inhomogeneous functions beside patterns of the fitted intensity."""

from __future__ import annotations

import joblib
import numpy as np

from helpers.checks import one_of, positive, whole_number
from helpers.space import Window

from ._checks import checked_corrections, checked_distances, checked_pattern
from .bandwidths import bandwidth as bandwidth_by_rule
from .density import kernel_density
from .envelopes import Envelope, checked_simulations, envelope_table
from .inhomogeneous import CORRECTIONS, inhomogeneous_k, inhomogeneous_l
from .second_order import default_range
from .surface import IntensitySurface

__all__ = ["inhomogeneous_envelope", "points_of_intensity"]

_STATISTICS = {"K": inhomogeneous_k, "L": inhomogeneous_l}


def inhomogeneous_envelope(
    points,
    window,
    bandwidth: float | str = "ppl",
    statistic: str = "L",
    correction: str = "translation",
    r=None,
    *,
    simulations: int = 199,
    alpha: float = 0.05,
    seed=None,
    jobs: int = 1,
    cells: int = 256,
    outside: str = "raise",
) -> Envelope:
    """Inhomogeneous K or L beside those of Poisson patterns with the fitted intensity.

    The intensity is a kernel estimate (Diggle's correction). Each simulation draws as many points
    as observed from it, estimates the intensity anew with the same bandwidth, each point left out
    of its own, and computes the function with that, as is done for the observed points.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
    window : Window or shapely polygon
    bandwidth : float or str
        Standard deviation of the kernel, or the name of a rule of :func:`bandwidth`; "ppl" takes that
        of the largest likelihood of held-out points.
    statistic : {"K", "L"}
    correction : {"border", "translation", "isotropic"}
    r : array_like of shape (k,), optional
        As in :func:`ripley_k`.
    simulations, alpha, seed, jobs
        As in :func:`csr_envelope`.
    cells : int
        Cells along the longer side of the intensity from which simulations are drawn.
    outside : {"raise", "drop"}

    Returns
    -------
    Envelope
        Its theory is that of a Poisson process of the true intensity; compare with `mean`, which has
        the error that estimating the intensity makes.

    Raises
    ------
    ValueError
        As :func:`inhomogeneous_k` and :func:`csr_envelope`.

    Notes
    -----
    The intensity is estimated from the points that it then judges: clusters wider than the
    bandwidth are taken for unevenness, and the test is conservative (rejects less than α of the time
    without clustering) and blind to them. It shows clustering narrower than the bandwidth only.

    Simulated points repeat no place: where events do, those repeats are what the test finds. Pass each
    place once to ask beyond them, and of many thousand points a random part, for every simulation
    estimates an intensity at as many.

    References
    ----------
    A. Baddeley, J. Møller, R. Waagepetersen (2000), Non- and semi-parametric estimation of
    interaction in inhomogeneous point patterns, Statistica Neerlandica 54; M. Myllymäki and others
    (2017), Global envelope tests for spatial processes, JRSS B 79.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 1, 1)
    >>> uneven = square.random_points(400, seed=1) ** [0.5, 1]
    >>> envelope = inhomogeneous_envelope(uneven, square, 0.15, simulations=39, seed=2)
    >>> bool(envelope.p_value > 0.05)
    True
    """
    one_of(statistic, "statistic", _STATISTICS)
    checked_corrections((correction,), CORRECTIONS)
    simulations = checked_simulations(simulations, alpha)
    points, window = checked_pattern(points, window, outside, "an envelope")
    r = checked_distances(r, default_range(window, len(points)))
    if isinstance(bandwidth, str):
        rule = "scott_iso" if bandwidth == "scott" else bandwidth
        bandwidth = bandwidth_by_rule(points, window, rule)
    sigma = positive(bandwidth, "bandwidth")
    surface = kernel_density(points, window, sigma, correction="diggle", cells=cells)
    settings = (window, sigma, _STATISTICS[statistic], correction, r)
    observed = _curve(points, *settings)
    run = joblib.delayed(_simulated)
    streams = np.random.default_rng(seed).spawn(simulations)
    curves = np.vstack(
        joblib.Parallel(n_jobs=jobs, prefer="threads")(
            run(surface, len(points), stream, *settings) for stream in streams
        )
    )
    theory = r if statistic == "L" else np.pi * r**2
    table, p_value = envelope_table(r, observed, theory, curves, alpha)
    return Envelope(table, p_value, f"inhomogeneous {statistic}", correction, simulations, alpha)


def points_of_intensity(surface: IntensitySurface, window: Window, n: int, seed=None) -> np.ndarray:
    """Independent points whose density is that of a surface.

    Parameters
    ----------
    surface : IntensitySurface
        Even within each of its cells.
    window : Window
        Points outside it are drawn again.
    n : int
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (n, 2)

    Raises
    ------
    ValueError
        Where the surface is nowhere positive, or n is no whole number.

    Examples
    --------
    >>> square = Window.rectangle(0, 0, 1, 1)
    >>> surface = kernel_density([[0.2, 0.2]], square, 0.05)
    >>> drawn = points_of_intensity(surface, square, 500, seed=1)
    >>> bool(np.abs(drawn.mean(axis=0) - 0.2).max() < 0.02)
    True
    """
    n = whole_number(n, "n", least=0)
    generator = np.random.default_rng(seed)
    weights = np.nan_to_num(surface.values).clip(min=0).ravel()
    if not weights.sum() > 0:
        raise ValueError("the intensity is nowhere positive: no points can be drawn from it")
    cumulated = np.cumsum(weights)
    side = np.sqrt(surface.cell_area)
    parts: list[np.ndarray] = []
    left = n
    while left > 0:
        draws = generator.uniform(0, cumulated[-1], left)
        cell = np.minimum(np.searchsorted(cumulated, draws, side="right"), len(weights) - 1)
        row, column = np.divmod(cell, len(surface.x))
        middle = np.column_stack([surface.x[column], surface.y[row]])
        drawn = middle + side * generator.uniform(-0.5, 0.5, middle.shape)
        parts.append(drawn[window.contains(drawn)])
        left -= len(parts[-1])
    return np.vstack(parts) if parts else np.zeros((0, 2))


def _curve(points, window, sigma, function, correction, r) -> np.ndarray:
    intensity = kernel_density(
        points, window, sigma, "points", correction="diggle", leave_one_out=True
    )
    return function(points, window, intensity, r, correction)[correction].to_numpy()


def _simulated(surface, n, stream, window, sigma, function, correction, r) -> np.ndarray:
    return _curve(
        points_of_intensity(surface, window, n, stream), window, sigma, function, correction, r
    )
