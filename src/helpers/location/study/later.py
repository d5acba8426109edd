"""What happened afterwards: the crimes of the period put aside, and plans judged by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from helpers.checks import one_of
from helpers.space import cell_of

from ..evaluation import excess
from ..problem import PMedianSolution
from .demand import UNDATED, in_period, labelled, named_period

__all__ = [
    "REDRAWN",
    "Later",
    "Outcome",
    "later_period",
    "named_plans",
    "read_outcome",
    "redraw_groups",
]

REDRAWN = ("places", "zones", "crimes")


@dataclass(frozen=True, eq=False)
class Later:
    """Crimes of the period put aside.

    Attributes
    ----------
    name : str
        The period, as people write it.
    every : str
        What a period is: ``"year"`` or ``"month"``; ``"period"`` where times are not known.
    held : int
        How many periods the data hold.
    mask : (crimes,) bool array
        Which crimes of the data are of it.
    node : (later crimes,) int array
        Node of each, −1 for none.
    counts : (n,) array
        Crimes at each node.
    hours : int
        Length of the period: of its months with crimes, or of what is stated for all.
    after : tuple of str
        Periods of the data after it, which nothing uses.
    """

    name: str
    every: str
    held: int
    mask: np.ndarray
    node: np.ndarray
    counts: np.ndarray
    hours: int
    after: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether plans can be judged by it: it took no part in them, and crimes lie at nodes."""
        return self.held > 1 and self.counts.sum() > 0

    @property
    def crimes(self) -> int:
        """Crimes at nodes."""
        return int(self.counts.sum())

    def groups(self, label) -> tuple[np.ndarray, np.ndarray]:
        """Node and group of each crime at a node, from the groups of all later crimes."""
        return self.node[self.node >= 0], np.asarray(label)[self.node >= 0]


def later_period(
    xy,
    times: pd.Series,
    boundary: shapely.Geometry,
    columns: int,
    rows: int,
    nodes: Sequence[int],
    *,
    every: str,
    undated: str | None = None,
    period: str | None = None,
) -> Later:
    """Find the crimes of the period put aside, and the node of each.

    Parameters
    ----------
    xy : (crimes, 2) array
        Coordinates, metres.
    times : Series of datetime
        Of the same crimes.
    boundary : shapely Polygon or MultiPolygon
        The one that the grid is laid over.
    columns, rows : int
        Of the grid.
    nodes : (n,) int sequence
        Quadrants that are nodes, by their number on the grid.
    every : {"year", "month"}
        What a period is.
    undated : str, optional
        The year, month or day that stands for the time of all crimes because none is known.
    period : str, optional
        The year or month put aside, such as `history` states; without it, or where no crime lies in it,
        the last period.
    """
    label = labelled(times, every)
    last = period if period and in_period(times, period).any() else label.max()
    mask = in_period(times, last)
    mine = times[mask]
    end = pd.Period(last).end_time
    after = sorted(name for name in label.unique() if pd.Period(name).start_time > end)
    home = cell_of(np.asarray(xy, float)[mask], boundary, columns, rows)
    # a crime outside the grid has home −1, the last entry
    number = np.full(columns * rows + 1, -1)
    number[np.asarray(nodes)] = np.arange(len(nodes))
    node = number[home]
    months = [undated] if undated else labelled(mine, "month").unique()
    return Later(
        name=UNDATED if undated else named_period(mine, last),
        every="period" if undated else every,
        held=label.nunique(),
        mask=mask,
        node=node,
        counts=np.bincount(node[node >= 0], minlength=len(nodes)),
        hours=24 * sum(_days(month) for month in months),
        after=tuple(named_period(times[label == name], name) for name in after),
    )


def _days(period: str) -> int:
    """Length of a year, month or day as it is written: ``2010``, ``2010-04`` or ``2010-04-23``."""
    whole = pd.Period(period)
    return (whole.end_time.normalize() - whole.start_time).days + 1


def redraw_groups(xy, zones, redraw: str) -> np.ndarray:
    """What a bootstrap draws again: the place, the zone or the number of each crime.

    Parameters
    ----------
    xy : (crimes, 2) array
        Coordinates; crimes of equal coordinates are of one place.
    zones : sequence or None
        Zone of each crime, where it is known; crimes without one are of one group.
    redraw : {"places", "zones", "crimes"}
        Which of the three.

    Returns
    -------
    (crimes,) int array

    Raises
    ------
    ValueError
        Another word for `redraw`; ``zones`` of crimes that name none.

    Examples
    --------
    >>> redraw_groups([[1, 1], [2, 2], [1, 1]], None, "places").tolist()
    [0, 1, 0]
    """
    one_of(redraw, "redraw", REDRAWN)
    if redraw == "crimes":
        return np.arange(len(xy))
    if redraw == "places":
        return np.unique(np.asarray(xy, float), axis=0, return_inverse=True)[1].ravel()
    if zones is None:
        raise ValueError("the events name no zone; set redraw to 'places' or 'crimes'.")
    return pd.factorize(np.asarray(zones, dtype=object), use_na_sentinel=False)[0]


def named_plans(
    groups: Mapping[str, Iterable[PMedianSolution]], policies: Mapping[str, Sequence[int]]
) -> dict[tuple[str, int], Sequence[int]]:
    """Sites of every plan under its method and its number of patrols, policies last."""
    plans = {(name, one.sites.size): one.sites for name, group in groups.items() for one in group}
    return plans | {(name, len(sites)): sites for name, sites in policies.items()}


@dataclass(frozen=True, eq=False)
class Outcome:
    """Plans judged by the later crimes.

    Attributes
    ----------
    table : DataFrame
        ``method, patrols, mean_m, low_m, high_m, saving, saving_low, saving_high``.
    regret : DataFrame
        How far ``exact`` and ``K-means`` lie above ``hindsight``, relative, by number of patrols.
    luckier : int
        In how many numbers of patrols K-means is nearer to the later crimes than the exact plan.
    better : int or None
        Smallest number whose exact plan saves, its interval above zero; None where none does.
    equal : dict or None
        Saving of the exact plan with as many patrols as the reference, with its interval, where
        that is above zero.
    """

    table: pd.DataFrame
    regret: pd.DataFrame
    luckier: int
    better: int | None
    equal: dict[str, float] | None

    def saved(self, patrols: int | None) -> list[float] | None:
        """What the exact plan with so many patrols saves, and the ends of its interval; None without it."""
        own = self.table[(self.table["method"] == "exact") & (self.table["patrols"] == patrols)]
        columns = ["saving", "saving_low", "saving_high"]
        return own[columns].iloc[0].tolist() if len(own) else None


def read_outcome(judged: pd.DataFrame, posts: int = 0) -> Outcome:
    """Read the judgement of the plans of `named_plans` by `helpers.location.out_of_sample`.

    Parameters
    ----------
    judged : DataFrame
        With the savings against a reference; its plans are pairs of method and number.
    posts : int
        Number of patrols of the reference.
    """
    table = judged.drop(columns=["plan", "total"])
    table.insert(0, "method", [name for name, _ in judged["plan"]])
    table = table.rename(columns={"mean": "mean_m", "low": "low_m", "high": "high_m"})
    by_number = table.set_index("patrols").groupby("method")["mean_m"]
    exact, rough, ideal = (by_number.get_group(n) for n in ("exact", "K-means", "hindsight"))
    regret = {"exact": excess(exact, ideal), "K-means": excess(rough, ideal)}
    own = table[table["method"] == "exact"].set_index("patrols")
    sure = own[own["saving_low"] > 0]
    equal = sure.loc[posts].to_dict() if posts in sure.index else None
    return Outcome(
        table=table,
        regret=pd.DataFrame(regret, index=exact.index),
        luckier=int((rough < exact).sum()),
        better=int(sure.index.min()) if len(sure) else None,
        equal=equal,
    )
