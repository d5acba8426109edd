"""Spatial Kolmogorov-Smirnov test: does a covariate explain where the points are?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.checks import whole_number
from helpers.space import Window, as_points, as_window

__all__ = ["SpatialKSTest", "spatial_ks"]

_LOCATIONS = 1_000_000


@dataclass(frozen=True)
class SpatialKSTest:
    """Kolmogorov-Smirnov test of CSR against a spatial covariate.

    Attributes
    ----------
    statistic : float
        D, the largest distance between the distribution of the covariate at the points and in
        the window.
    p_exact : float
        From the distribution of D for this n.
    p_asymptotic : float
        From Kolmogorov's limit of √n D. Both p values are 0 below 1e-308: see `log10_p`.
    n, ties : int
        Number of points; n less the number of different covariate values, that is how many
        points only repeat a value that another point has already.
    largest_atom : float
        Largest share of the window with one and the same covariate value; nearly 0 for a smooth
        covariate. The p values are conservative, and the more so the larger it is.
    covariate : str
        "x", "y" or the name of the function.
    values, observed, expected : ndarray of float, shape (n,)
        Sorted covariate values at the points, their empirical distribution function (i / n) and
        the distribution function under CSR: the curves to draw.
    """

    statistic: float
    p_exact: float
    p_asymptotic: float
    n: int
    ties: int
    largest_atom: float
    covariate: str
    values: np.ndarray
    observed: np.ndarray
    expected: np.ndarray

    @property
    def table(self) -> pd.DataFrame:
        """Columns value, observed, expected: the curves to draw."""
        return pd.DataFrame(
            {"value": self.values, "observed": self.observed, "expected": self.expected}
        )

    @property
    def log10_p(self) -> float:
        """Decimal logarithm of p: of Kolmogorov's limit where p itself is too small a number."""
        if self.p_exact > 1e-300:
            return float(np.log10(self.p_exact))
        # The first term of Kolmogorov's series, 2 exp(−2 n D²), is all of it here.
        return float((np.log(2) - 2 * self.n * self.statistic**2) / np.log(10))


def spatial_ks(
    points, window, covariate="x", *, locations: int = _LOCATIONS, outside: str = "raise"
) -> SpatialKSTest:
    r"""Test of CSR by comparing a covariate at the points with the covariate over the window.

    With F the distribution of the covariate Z over the window W and :math:`F_n` that at the n
    points,

    .. math:: F(z) = \frac{|W \cap \{Z \le z\}|}{|W|}, \qquad D = \sup_z |F_n(z) - F(z)|,

    and under CSR the :math:`u_i = F(Z(x_i))` are uniform on (0, 1). Both steps of :math:`F_n` are
    looked at on both sides of every value, so that a covariate with few values (a zone's class, a
    yes or no) is compared at its values, not inside its jumps. Without ties

    .. math:: D = \max_i \max\left(\tfrac{i}{n} - u_{(i)}, u_{(i)} - \tfrac{i - 1}{n}\right).

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
    window : Window or shapely polygon
    covariate : "x", "y", callable, surface or pair of arrays
        For "x" and "y" the areas are exact, in any polygon. A callable ``Z(x, y)`` takes two
        arrays; a surface is what `kernel_density` returns; a pair of arrays holds the covariate
        at the points and at locations spread uniformly over the window. In these three cases F is
        the distribution over about `locations` evenly spread locations, for a smooth covariate
        within 1e-4 of the exact one.
    locations : int
        Number of locations for callables and surfaces.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    SpatialKSTest

    Raises
    ------
    ValueError
        For fewer than two points, an unknown covariate, covariate values that are not finite, a
        covariate that is the same everywhere.

    Notes
    -----
    The p values hold for independent points. Repeated points (events moved to the same place) are not:
    with every point doubled CSR is rejected at the 5 % level in 31 of 100 patterns, with four copies
    in 73 (200 places in a square). Test each place once. With a covariate of few values they are conservative.

    R's spatstat takes F from a raster of 128 × 128 pixels, which moves D by 0.004 to 0.006 on the
    usual examples, and uses the exact p only for n < 100 without ties.

    References
    ----------
    M. Berman (1986), Testing for spatial association between a point process and another
    stochastic process, Applied Statistics 35; A. Baddeley, E. Rubak, R. Turner (2015),
    Spatial Point Patterns, 6.7.

    Examples
    --------
    >>> from helpers.space import Window
    >>> result = spatial_ks([[0.1, 0.5], [0.2, 0.3], [0.3, 0.9]], Window.rectangle(0, 0, 1, 1))
    >>> round(result.statistic, 12)
    0.7
    """
    window = as_window(window)
    given = points
    points = as_points(points, window, outside)
    if len(points) < 2:
        raise ValueError(f"a spatial KS test needs at least two points, got {len(points)}")
    locations = whole_number(locations, "locations", least=100)
    name, values, below, u = _transformed(points, window, covariate, locations, len(given))
    order = np.argsort(values, kind="stable")
    below, u, values = below[order], u[order], values[order]
    n = len(u)
    # F_n on either side of each point's value: how many points have less, and how many no more.
    less = np.searchsorted(values, values, side="left") / n
    no_more = np.searchsorted(values, values, side="right") / n
    statistic = float(max(np.abs(no_more - u).max(), np.abs(below - less).max()))
    return SpatialKSTest(
        statistic=statistic,
        p_exact=float(stats.kstwo.sf(statistic, n)),
        p_asymptotic=float(stats.kstwobign.sf(np.sqrt(n) * statistic)),
        n=n,
        ties=n - len(np.unique(values)),
        largest_atom=float((u - below).max()),
        covariate=name,
        values=values,
        observed=np.arange(1, n + 1) / n,
        expected=u,
    )


def _transformed(points, window: Window, covariate, locations: int, given: int):
    """Name of the covariate, its values z at the points, F just before z, and F at z."""
    if isinstance(covariate, str):
        if covariate == "x":
            share = window.area_left_of(points[:, 0]) / window.area
            return "x", points[:, 0], share, share
        if covariate == "y":
            share = window.area_below(points[:, 1]) / window.area
            return "y", points[:, 1], share, share
        raise ValueError(f'covariate is "x", "y", a function or a surface, not {covariate!r}')
    if isinstance(covariate, tuple) and len(covariate) == 2:
        values, everywhere = (np.asarray(part, dtype=float).ravel() for part in covariate)
        if len(values) != len(points):
            raise ValueError(
                f"the covariate has {len(values)} values for {len(points)} points in the window "
                f"({given} were passed): give one value a point"
            )
        name = "covariate"
    else:
        evaluate = getattr(covariate, "value_at", None)
        name = "surface"
        if evaluate is None and callable(covariate):
            name = getattr(covariate, "__name__", "covariate")

            def evaluate(xy):
                return np.broadcast_to(
                    np.asarray(covariate(xy[:, 0], xy[:, 1]), dtype=float), len(xy)
                )

        if evaluate is None:
            raise ValueError(
                'covariate is "x", "y", a function of x and y, a surface or a pair of arrays, '
                f"not {type(covariate).__name__}"
            )
        values, everywhere = evaluate(points), evaluate(window.spread_points(locations))
    if not np.isfinite(values).all() or len(everywhere) == 0 or not np.isfinite(everywhere).all():
        raise ValueError(
            "the covariate is not finite at some points or locations of the window: "
            "it must be known over the whole window"
        )
    everywhere = np.sort(everywhere)
    if everywhere[0] == everywhere[-1]:
        raise ValueError(
            f"the {name} is {everywhere[0]:g} everywhere in the window: a covariate that does not "
            "vary cannot explain where points are"
        )
    below, u = (
        np.searchsorted(everywhere, values, side=side) / len(everywhere)
        for side in ("left", "right")
    )
    return name, values, below, u
