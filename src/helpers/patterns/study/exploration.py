"""Tables of a first look at a point pattern: counts, quadrats, bandwidths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter

from helpers.checks import whole_number
from helpers.space import as_window

from ..bandwidths import bandwidth, choose_bandwidth
from ..density import CORRECTIONS, kernel_density
from ..quadrats import QuadratTest
from ..surface import IntensitySurface
from ..thinning import thinned

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


def shared_places(points, window, alone=None) -> pd.DataFrame:
    """How many events share their place with others, and how dense they are.

    Parameters
    ----------
    points : array_like of shape (n, 2), n at least 1
        Metres.
    window : Window or shapely polygon
    alone : array_like of bool, shape (n,), optional
        Which events share a place of themselves: the first of each row, where a row is several
        events.

    Returns
    -------
    DataFrame
        Index ``quantity``: events, distinct places, share of events whose place another event has,
        most events at one place, area of the window in km², events per km²; column ``value``. Where
        not all are alone the share and the most are of rows.

    Raises
    ------
    ValueError
        For no points.
    """
    points, window = _points(points), as_window(window)
    once = points if alone is None else points[np.asarray(alone, dtype=bool)]
    _, shared = np.unique(once, axis=0, return_counts=True)
    one, many = ("event", "events") if len(once) == len(points) else ("row", "rows")
    facts = {
        "events": len(points),
        "distinct places": len(shared),
        f"share of {many} whose place another {one} has": shared[shared > 1].sum() / len(once),
        f"most {many} at one place": shared.max(),
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


def _points(points, what: str = "points") -> np.ndarray:
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    if len(points) == 0:
        raise ValueError(f"there are no {what}")
    return points
