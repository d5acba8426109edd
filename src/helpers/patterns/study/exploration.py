"""Tables of a first look at a point pattern: counts, quadrats, bandwidths, tests of randomness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

from helpers.checks import positive, whole_number
from helpers.space import as_window

from ..bandwidths import bandwidth, choose_bandwidth
from ..density import CORRECTIONS, kernel_density
from ..quadrats import QuadratTest
from ..spatial_distribution import SpatialKSTest, spatial_ks
from ..surface import IntensitySurface
from ..thinning import thinned

_KOLMOGOROV = 1.358
"""√n D is beyond it with a probability of 5 % under the null hypothesis, for large n."""

_MOST_ROWS = 200
_SLOW_RULES = ("diggle", "ppl", "cvl")


def counts_by_kind(kinds, years) -> pd.DataFrame:
    """Events by kind and year, the most frequent kind first.

    Parameters
    ----------
    kinds, years : Series of length n
        Of each event, with one index.

    Returns
    -------
    DataFrame
        Counts; index ``kind``, one column a year, ascending.

    Examples
    --------
    >>> kinds = pd.Series(["Theft", "Arson", "Theft"])
    >>> counts_by_kind(kinds, pd.Series([2023, 2024, 2024])).to_dict("list")
    {2023: [1, 0], 2024: [1, 1]}
    """
    counts = pd.crosstab(kinds, years).rename_axis(index="kind", columns="year")
    return counts.loc[counts.sum(axis=1).sort_values(ascending=False).index]


def shared_places(points, window) -> pd.DataFrame:
    """How many events share their place with others, and how dense they are.

    Parameters
    ----------
    points : array_like of shape (n, 2), n at least 1
        Metres.
    window : Window or shapely polygon

    Returns
    -------
    DataFrame
        Index ``quantity``: events, distinct places, share of events whose place another event has,
        most events at one place, area of the window in km², events per km²; column ``value``.

    Raises
    ------
    ValueError
        For no points.
    """
    points, window = _points(points), as_window(window)
    _, shared = np.unique(points, axis=0, return_counts=True)
    facts = {
        "events": len(points),
        "distinct places": len(shared),
        "share of events whose place another event has": shared[shared > 1].sum() / len(points),
        "most events at one place": shared.max(),
        "area of the window, km²": window.area / 1e6,
        "events per km²": len(points) / window.area * 1e6,
    }
    return pd.Series(facts, name="value", dtype=float).rename_axis("quantity").to_frame()


def rows_of_squares(window, columns: int) -> int:
    """Rows of quadrats that make them about square, for so many along the window's width.

    Parameters
    ----------
    window : Window or shapely polygon
    columns : int
        Quadrats along the width of the bounding box.

    Returns
    -------
    int
        From 1 to 200: a window like a strip would have thousands.

    Examples
    --------
    >>> from helpers.space import Window
    >>> rows_of_squares(Window.rectangle(0, 0, 20, 10), 8)
    4
    """
    columns = whole_number(columns, "columns")
    xmin, ymin, xmax, ymax = as_window(window).bounds
    return int(np.clip(round(columns * (ymax - ymin) / (xmax - xmin)), 1, _MOST_ROWS))


def quadrat_tests(tests: Mapping[str, QuadratTest]) -> pd.DataFrame:
    """Chi-square tests of quadrat counts side by side.

    Parameters
    ----------
    tests : Mapping from str to QuadratTest
        By the name of the pattern.

    Returns
    -------
    DataFrame
        Index ``pattern``; columns points, x2 (Pearson's X²), df, log10_p (upper tail),
        variance_mean_ratio (X² / df, the index of dispersion), tiles_beyond_3 (tiles whose
        standardised departure is beyond ±3), tiles_under_5 (tiles that expect fewer than 5 points).
    """
    rows = {
        name: {
            "points": int(test.table["observed"].sum()),
            "x2": test.statistic,
            "df": test.df,
            "log10_p": test.log10_p,
            "variance_mean_ratio": test.statistic / test.df,
            "tiles_beyond_3": int((test.table["residual"].abs() > 3).sum()),
            "tiles_under_5": test.sparse_tiles,
        }
        for name, test in tests.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("pattern")


@dataclass(frozen=True)
class Bandwidths:
    """Bandwidths of a Gaussian kernel by rule, for events and for places.

    Attributes
    ----------
    table : DataFrame
        Index ``rule``: scott_iso, diggle, ppl, cvl. Columns all_events_m, some_events_m,
        some_places_m: standard deviation σ chosen from all events (Scott's rule only), from a
        sample of the events and from a sample of the places.
    events, places : int
        Size of the two samples.
    notes : tuple of (str, str)
        Which sample (``"events"`` or ``"places"``), and what was wrong with a rule on it.
    """

    table: pd.DataFrame
    events: int
    places: int
    notes: tuple[tuple[str, str], ...]


def bandwidths(points, places, window, sample: int, seed=None) -> Bandwidths:
    """Bandwidths by rule, the slow rules on random samples of the events and of the places.

    Parameters
    ----------
    points, places : array_like of shapes (n, 2) and (m, 2)
        Events, and each of their places once.
    window : Window or shapely polygon
    sample : int
        Events, and places, in the samples at most.
    seed : int or numpy Generator
        Of the samples: first that of the events.

    Returns
    -------
    Bandwidths

    Raises
    ------
    ValueError
        As `helpers.patterns.bandwidth`.
    """
    generator = np.random.default_rng(seed)
    samples = {
        "events": thinned(points, sample, generator),
        "places": thinned(places, sample, generator),
    }
    columns = {"all_events_m": {"scott_iso": bandwidth(points, window, "scott_iso")}}
    notes = []
    for name, part in samples.items():
        found = [choose_bandwidth(part, window, rule) for rule in _SLOW_RULES]
        notes += [(name, choice.note) for choice in found if choice.note]
        columns[f"some_{name}_m"] = {
            "scott_iso": bandwidth(part, window, "scott_iso"),
            **{choice.rule: choice.sigma for choice in found},
        }
    table = pd.DataFrame(columns).loc[["scott_iso", *_SLOW_RULES]].rename_axis("rule")
    return Bandwidths(table, len(samples["events"]), len(samples["places"]), tuple(notes))


def hills(surface: IntensitySurface, least: float = 0.1) -> int:
    """How many hills an intensity has: cells that no neighbour overtops.

    Parameters
    ----------
    surface : IntensitySurface
    least : float
        Only cells count whose value is at least this share of the highest.

    Returns
    -------
    int
        Cells that are at least as high as each of their eight neighbours; of a plateau each cell.
    """
    values = np.where(np.isnan(surface.values), -np.inf, surface.values)
    top = maximum_filter(values, size=3, mode="constant", cval=-np.inf)
    return int(((values == top) & (values >= least * values.max())).sum())


def edge_corrections(points, window, bandwidth: float, cells: int = 256) -> pd.DataFrame:
    """Events that a kernel estimate accounts for, by edge correction.

    Parameters
    ----------
    points : array_like of shape (n, 2)
    window : Window or shapely polygon
    bandwidth : float
        Standard deviation σ of the kernel.
    cells : int
        Of the grid along the longer side.

    Returns
    -------
    DataFrame
        Index ``edge_correction``: none, uniform, diggle; columns integral (of the estimate over the
        window, by the midpoint rule) and events (n).
    """
    integral = {
        name: kernel_density(points, window, bandwidth, correction=name, cells=cells).integral
        for name in CORRECTIONS
    }
    table = pd.Series(integral, name="integral").rename_axis("edge_correction").to_frame()
    return table.assign(events=len(points))


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
    return cKDTree(_points(targets, "targets")).query(np.asarray(points, dtype=float))[0]


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


def csr_table(groups: Mapping[str, Mapping[str, SpatialKSTest]]) -> pd.DataFrame:
    """Kolmogorov-Smirnov tests of several patterns, one row a test.

    Parameters
    ----------
    groups : Mapping from str to what `csr_tests` returns
        By the name of the pattern.

    Returns
    -------
    DataFrame
        Columns covariate, pattern, n, repeats (points whose value another point has already), d
        (the statistic), log10_p, enough (see `enough_points`).
    """
    rows = [
        {
            "covariate": name,
            "pattern": group,
            "n": test.n,
            "repeats": test.ties,
            "d": test.statistic,
            "log10_p": test.log10_p,
            "enough": enough_points(test.statistic),
        }
        for group, tests in groups.items()
        for name, test in tests.items()
    ]
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


def csr_by_kind(points, kinds, window, near, everywhere, fewest: int = 50) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame
        Index ``kind``; columns d_x, d_y, d_distance (Kolmogorov-Smirnov D along each covariate)
        and d_least (`least_gap` for as many points as the kind has places: events at one place
        are not independent). Descending by d_distance.
    """
    points, kinds, near = _points(points), pd.Series(np.asarray(kinds)), np.asarray(near)
    frequency = kinds.value_counts()
    rows = {}
    for kind in frequency.index[frequency >= min(fewest, frequency.max())]:
        mine = (kinds == kind).to_numpy()
        tests = csr_tests(points[mine], window, near[mine], everywhere)
        rows[kind] = {f"d_{name}": test.statistic for name, test in tests.items()}
        rows[kind]["d_least"] = least_gap(len(np.unique(points[mine], axis=0)))
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")
    return table.sort_values("d_distance", ascending=False)


def _points(points, what: str = "points") -> np.ndarray:
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(points) == 0:
        raise ValueError(f"there are no {what}")
    return points
