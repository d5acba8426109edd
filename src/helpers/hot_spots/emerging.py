"""Emerging hot spots: how the hot and cold spots of zones change from period to period.

The classes bear the names that ArcGIS's Emerging Hot Spot Analysis made common. Its neighbours are
those of space and of the periods before; here each period stands by itself, so that no crime counts
in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.checks import one_of

from .classes import false_discovery_rate
from .local_statistic import getis_ord
from .trends import mann_kendall

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["EMERGING_CLASSES", "EmergingHotSpots", "emerging_classes", "emerging_hot_spots"]

_KINDS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)

EMERGING_CLASSES = (
    *(f"{kind.capitalize()} cold spot" for kind in _KINDS),
    "No pattern",
    *(f"{kind.capitalize()} hot spot" for kind in _KINDS),
)
"""The seventeen classes."""

_MOST = 0.9
"""Share of the periods that makes a zone hot nearly always."""


@dataclass(frozen=True)
class EmergingHotSpots:
    """Hot and cold spots of every period, their trend, and what becomes of each zone.

    Attributes
    ----------
    z : pandas.DataFrame
        Gi* of each zone (row) in each period (column).
    p : pandas.DataFrame
        Its two-sided p values, corrected as asked.
    state : pandas.DataFrame
        1 where hot, −1 where cold, 0 where neither.
    table : pandas.DataFrame
        Indexed by zone: class, hot and cold (numbers of periods), last (state of the last period),
        trend_z, trend_p (Mann-Kendall of the zone's Gi*, corrected as asked), slope (of Gi*).
    """

    z: pd.DataFrame
    p: pd.DataFrame
    state: pd.DataFrame
    table: pd.DataFrame


def emerging_hot_spots(
    values: pd.DataFrame,
    graph: Graph,
    *,
    alpha: float = 0.05,
    trend_alpha: float = 0.05,
    correction: str = "fdr",
) -> EmergingHotSpots:
    """Classify zones by what becomes of their hot and cold spots over the periods.

    Gi* of every period by itself (:func:`getis_ord`), the Mann-Kendall test on each zone's Gi*
    (:func:`mann_kendall`), and the classes of :func:`emerging_classes`.

    Parameters
    ----------
    values
        One row a zone, one column a period in order of time: counts or rates.
    graph
        Neighbours of the zones.
    alpha
        Level at which a zone is hot or cold in a period.
    trend_alpha
        Level at which its Gi* rises or falls.
    correction
        ``"fdr"``: Benjamini and Hochberg's over all zones and periods, and over the trends of all
        zones; ``"none"``.

    Returns
    -------
    EmergingHotSpots

    Raises
    ------
    ValueError
        For fewer than four periods, levels outside 0 … 1, and as :func:`getis_ord`.

    Notes
    -----
    A period that is the same in every zone has no spots: its Gi* is taken as 0. Gi* compares a zone
    with the others of its period, so that a rise of the whole city is no trend here; and as its divisor
    grows with the field's own spread, a spot much above all noise hardly gains from rising further. ArcGIS asks for
    ten periods or more; of fewer a trend is hardly ever significant.

    References
    ----------
    Ord and Getis (1995); Mann (1945); Benjamini and Hochberg (1995); Esri, How Emerging Hot Spot
    Analysis works (the names).

    Examples
    --------
    >>> from helpers.hot_spots import neighbours
    >>> zones = pd.DataFrame({"zone": range(30), "x": np.arange(30.0), "y": 0.0})
    >>> quiet = np.random.default_rng(1).poisson(5, (30, 12))
    >>> quiet[3:6, 9:] += 40
    >>> found = emerging_hot_spots(pd.DataFrame(quiet), neighbours(zones, "band"))
    >>> found.table["class"][4]
    'Consecutive hot spot'
    """
    one_of(correction, "correction", ("fdr", "none"))
    for level, name in ((alpha, "alpha"), (trend_alpha, "trend_alpha")):
        if not 0 < level < 1:
            raise ValueError(f"{name} lies between 0 and 1, got {level}")
    if not isinstance(values, pd.DataFrame) or values.shape[1] < 4:
        raise ValueError("values are a DataFrame of zones by at least four periods")
    z = pd.DataFrame(0.0, index=graph.unique_ids, columns=values.columns)
    p = pd.DataFrame(1.0, index=graph.unique_ids, columns=values.columns)
    for k in range(values.shape[1]):
        field = values.iloc[:, k]
        if len(field) and np.isfinite(field).all() and np.ptp(field.to_numpy()) == 0:
            continue
        found = getis_ord(field, graph)
        z.iloc[:, k], p.iloc[:, k] = found.z, found.p
    trend = mann_kendall(z)
    trend_p = trend["p"].fillna(1.0).to_numpy()
    if correction == "fdr":
        p[:] = false_discovery_rate(p.to_numpy().ravel()).reshape(p.shape)
        trend_p = false_discovery_rate(trend_p)
    state = np.sign(z).astype(int) * (p <= alpha)
    direction = np.sign(trend["s"].to_numpy()) * (trend_p <= trend_alpha)
    table = pd.DataFrame(
        {
            "class": emerging_classes(state, direction),
            "hot": (state > 0).sum(axis=1),
            "cold": (state < 0).sum(axis=1),
            "last": state.iloc[:, -1],
            "trend_z": trend["z"],
            "trend_p": trend_p,
            "slope": trend["slope"],
        },
        index=z.index.rename(values.index.name),
    )
    return EmergingHotSpots(z, p, state, table)


def emerging_classes(state: ArrayLike, trend: ArrayLike) -> pd.Categorical:
    """Name what becomes of each zone's hot and cold spots.

    For hot spots, and with hot and cold exchanged for cold spots:

    - new: hot in the last period, never before.
    - consecutive: hot in the last two periods or more without a break, never before that, and in
      less than 90 % of all.
    - intensifying, persistent, diminishing: hot in the last period and in 90 % of all or more, while
      the statistic rises, does neither, or falls significantly.
    - sporadic: hot in the last period and, with breaks, before; in less than 90 % of all; never cold.
    - oscillating: the same, but cold at some time.
    - historical: hot in 90 % of the periods or more, but not in the last.

    Where these overlap the earlier one holds; a zone that none of them describes has no pattern.

    Parameters
    ----------
    state
        Shape (zones, periods): 1 where hot, −1 where cold, 0 where neither.
    trend
        Shape (zones,): 1 where the statistic rises significantly, −1 where it falls, 0 else.

    Returns
    -------
    pandas.Categorical
        Categories :data:`EMERGING_CLASSES`.

    Raises
    ------
    ValueError
        For fewer than two periods, lengths that differ, or other numbers than −1, 0 and 1.

    Examples
    --------
    >>> list(emerging_classes([[0, 0, 0, 1], [0, 1, 0, 1], [-1, 1, 0, 1]], [0, 0, 0]))
    ['New hot spot', 'Sporadic hot spot', 'Oscillating hot spot']
    """
    state, trend = np.asarray(state), np.asarray(trend)
    if state.ndim != 2 or state.shape[1] < 2 or trend.shape != (len(state),):
        raise ValueError(
            f"states of zones by at least two periods and a trend a zone, got {state.shape} and "
            f"{trend.shape}"
        )
    if not (np.isin(state, (-1, 0, 1)).all() and np.isin(trend, (-1, 0, 1)).all()):
        raise ValueError("states and trends are −1, 0 or 1")
    codes = np.full(len(state), len(_KINDS))
    for sign, offset in ((1, len(_KINDS) + 1), (-1, 0)):
        # the trend of a cold spot grows as its statistic falls
        kind = _kind_of_spot(sign * state, sign * trend)
        codes = np.where(kind >= 0, kind + offset, codes)
    return pd.Categorical.from_codes(codes, categories=list(EMERGING_CLASSES))


def _kind_of_spot(state: np.ndarray, trend: np.ndarray) -> np.ndarray:
    """Place in _KINDS of each zone's hot spot, −1 where it is none."""
    hot = state > 0
    periods = state.shape[1]
    last, number = hot[:, -1], hot.sum(axis=1)
    most = number >= _MOST * periods - 1e-9
    # how many periods up to the last are hot without a break
    run = np.cumprod(hot[:, ::-1], axis=1).sum(axis=1)
    only_run = number == run
    cold = (state < 0).any(axis=1)
    kinds = {
        "new": last & (number == 1),
        "consecutive": only_run & (run >= 2) & ~most,
        "intensifying": last & most & (trend > 0),
        "persistent": last & most & (trend == 0),
        "diminishing": last & most & (trend < 0),
        "sporadic": last & ~most & ~cold,
        "oscillating": last & ~most & cold,
        "historical": ~last & most,
    }
    return np.select(list(kinds.values()), [_KINDS.index(kind) for kind in kinds], default=-1)
