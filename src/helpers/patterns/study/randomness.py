"""Tables of Kolmogorov-Smirnov tests of complete spatial randomness, of all events and by kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from helpers.checks import positive, whole_number

from .._gap_kernels import widest_gaps
from .._places import distinct
from ..spatial_distribution import SpatialKSTest, spatial_ks

_KOLMOGOROV = 1.358
"""√n D is beyond it with a probability of 5 % under the null hypothesis, for large n."""

_LEVEL = 0.05
_BLOCK = 2_000_000


def nearest_distance(points, targets) -> np.ndarray:
    """Distance of each point to the nearest of some targets.

    Parameters
    ----------
    points, targets : array_like of shapes (n, 2) and (m, 2)
        In one projected system.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError
        For no targets.

    Examples
    --------
    >>> nearest_distance([[0, 0], [10, 0]], [[3, 4], [10, 1]]).tolist()
    [5.0, 1.0]
    """
    targets = np.asarray(targets, dtype=float).reshape(-1, 2)
    if len(targets) == 0:
        raise ValueError("there are no targets")
    return cKDTree(targets).query(np.asarray(points, dtype=float))[0]


def csr_tests(points, window, near=None, everywhere=None) -> dict[str, SpatialKSTest]:
    """Kolmogorov-Smirnov tests of complete spatial randomness along x, along y and by distance.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    near : array_like of shape (n,), optional
        Distance of each point to what the covariate is about.
    everywhere : array_like of shape (m,), optional
        The same distance at locations spread evenly over the window.

    Returns
    -------
    dict of SpatialKSTest
        By covariate: ``"x"``, ``"y"`` and, where both distances are given, ``"distance"``.
    """
    tests = {name: spatial_ks(points, window, name) for name in ("x", "y")}
    if near is not None and everywhere is not None:
        tests["distance"] = spatial_ks(points, window, (near, everywhere))
    return tests


def drawn_gaps(points, draws: int = 999, seed=None) -> np.ndarray:
    r"""D of patterns whose places are drawn at random, each with as many points as a real one has.

    Whatever the covariate Z is, under CSR the values of its distribution function at the m places are
    independent and uniform on (0, 1). So for places with :math:`n_1, \dots, n_m` points

    .. math:: D = \max_z \left|\frac1n \sum_{j : u_j \le z} n_j - z\right|, \qquad
        u_j \sim U(0, 1), \quad n = \sum_j n_j .

    Parameters
    ----------
    points : array_like of shape (n, 2)
    draws : int
    seed : int or numpy Generator

    Returns
    -------
    ndarray of float, shape (draws,)
        Ascending.

    Examples
    --------
    >>> drawn_gaps([[0, 0], [0, 0]], draws=3, seed=1).round(2).tolist()  # max(u, 1 − u)
    [0.78, 0.94, 0.94]
    """
    _, _, repeats = distinct(np.asarray(points, dtype=float).reshape(-1, 2))
    draws = whole_number(draws, "draws")
    generator, m = np.random.default_rng(seed), len(repeats)
    shares, even = repeats / repeats.sum(), np.ptp(repeats) == 0
    found = []
    for first in range(0, draws, max(1, _BLOCK // m)):
        size = min(max(1, _BLOCK // m), draws - first)
        steps = generator.standard_exponential((size, m + 1))
        dealt = np.broadcast_to(shares, (size, m))
        dealt = dealt if even else generator.permuted(dealt, axis=1)
        found.append(widest_gaps(steps, np.ascontiguousarray(dealt)))
    return np.sort(np.concatenate(found))


def share_as_wide(gaps: np.ndarray, d: float) -> float:
    """Monte Carlo p: share of the drawn gaps, the observed one with them, that reach D.

    Examples
    --------
    >>> share_as_wide(np.array([0.1, 0.2, 0.3]), 0.2)
    0.75
    """
    reached = len(gaps) - int(np.searchsorted(gaps, d * (1 - 1e-12)))
    return (1 + reached) / (1 + len(gaps))


def holm(p) -> np.ndarray:
    """P values adjusted for as many tests as there are, by Holm's steps.

    Parameters
    ----------
    p : array_like

    Returns
    -------
    ndarray of float
        Of the same shape; a test rejects at a level where this is at most that level.

    References
    ----------
    S. Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, axis=None)
    steps = p.ravel()[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted.reshape(p.shape)


def csr_table(
    groups: Mapping[str, Mapping[str, SpatialKSTest]],
    gaps: Mapping[str, np.ndarray],
    repeating: Collection[str] = (),
) -> pd.DataFrame:
    """Kolmogorov-Smirnov tests of several patterns, one row a test.

    Parameters
    ----------
    groups : Mapping from str to what `csr_tests` returns
        By the name of the pattern.
    gaps : Mapping from str to ndarray
        What `drawn_gaps` returns for each pattern.
    repeating : collection of str
        Patterns whose points repeat their places.

    Returns
    -------
    DataFrame
        Columns covariate, pattern, n, repeats (points whose value another point has already), d
        (the statistic), log10_p (of Kolmogorov's distribution, which holds for independent points:
        missing where places repeat), p_drawn (`share_as_wide`), patterns_drawn (how many),
        tests_together (of the pattern), p_holm (`holm` of p_drawn over these), enough (see
        `enough_points`).
    """
    rows = []
    for group, tests in groups.items():
        drawn = [share_as_wide(gaps[group], test.statistic) for test in tests.values()]
        for (name, test), p, adjusted in zip(tests.items(), drawn, holm(drawn), strict=True):
            rows.append(
                {
                    "covariate": name,
                    "pattern": group,
                    "n": test.n,
                    "repeats": test.ties,
                    "d": test.statistic,
                    "log10_p": np.nan if group in repeating else test.log10_p,
                    "p_drawn": p,
                    "patterns_drawn": len(gaps[group]),
                    "tests_together": len(tests),
                    "p_holm": float(adjusted),
                    "enough": enough_points(test.statistic),
                }
            )
    return pd.DataFrame(rows)


def least_gap(n: int) -> float:
    """Smallest D that is significant at 5 % for n independent points, 1.358 / √n.

    From Kolmogorov's limit, P[√n D > 1.358] = 0.05.

    Examples
    --------
    >>> round(least_gap(100), 4)
    0.1358
    """
    return _KOLMOGOROV / float(np.sqrt(whole_number(n, "n")))


def enough_points(d: float) -> int:
    """Independent points from which on a gap of D is significant at 5 %, ⌈(1.358 / D)²⌉.

    Examples
    --------
    >>> enough_points(0.1358)
    100
    """
    return int(np.ceil(round((_KOLMOGOROV / positive(d, "D")) ** 2, 9)))


def csr_by_kind(
    points, kinds, window, near, everywhere, fewest: int = 50, draws: int = 999, seed=None
) -> pd.DataFrame:
    """Departure of each kind of event from complete spatial randomness, the widest first.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    kinds : array_like of shape (n,)
    window : Window or shapely polygon
    near, everywhere : array_like of shapes (n,) and (m,)
        As in `csr_tests`.
    fewest : int
        Kinds with fewer events are left out, unless none has as many: then the most frequent stay.
    draws : int
        Of `drawn_gaps` of each kind, at least; forty for each of the tests, so that one of them
        can be significant beside all others.
    seed : int or numpy Generator

    Returns
    -------
    DataFrame
        Index ``kind``; columns d_x, d_y, d_distance (Kolmogorov-Smirnov D along each covariate, all
        events counted), d_least (the D that is significant at 5 % beside all other tests of the
        table, by Bonferroni: from drawn places with as many events each), patterns_drawn (how many),
        tests_together (of the table) and p_holm (the least of the kind's three, each adjusted for
        all these). Descending by d_distance.
    """
    points, near = np.asarray(points, dtype=float), np.asarray(near)
    kinds = pd.Series(np.asarray(kinds))
    frequency = kinds.value_counts()
    chosen = frequency.index[frequency >= min(fewest, frequency.max())]
    generator, rows, p = np.random.default_rng(seed), {}, []
    number = 3 * len(chosen)
    draws = max(whole_number(draws, "draws"), 40 * number)
    for kind in chosen:
        mine = (kinds == kind).to_numpy()
        tests = csr_tests(points[mine], window, near[mine], everywhere)
        gaps = drawn_gaps(points[mine], draws, generator)
        rows[kind] = {f"d_{name}": test.statistic for name, test in tests.items()}
        # the smallest D whose p, times the number of tests, is at most 5 %
        rows[kind]["d_least"] = gaps[draws + 1 - int(_LEVEL / number * (draws + 1) + 1e-9)]
        p.append([share_as_wide(gaps, test.statistic) for test in tests.values()])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")
    table = table.assign(patterns_drawn=draws, tests_together=number, p_holm=holm(p).min(axis=1))
    return table.sort_values("d_distance", ascending=False)
