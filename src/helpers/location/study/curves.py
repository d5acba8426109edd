"""The trade-off between patrols and distance: its table, its reading, posts that are in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from ..evaluation import excess, knee, savings, smallest_match
from ..problem import PMedianSolution, assign, travel
from .measures import distances

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "CurveReading",
    "PostsInUse",
    "curve_table",
    "judged_again",
    "means_by_number",
    "moved_posts",
    "numbers_of_patrols",
    "posts_beside_plan",
    "posts_in_use",
    "read_curve",
]


def numbers_of_patrols(most: int, places: int, posts: int = 0) -> list[int]:
    """Numbers of patrols on the curve: 1 to `most`, and as many as stand today.

    Parameters
    ----------
    most : int
        Largest number on the curve.
    places : int
        Nodes with demand; more patrols than these bring nothing.
    posts : int
        Posts of today; 0 where none are known.

    Examples
    --------
    >>> numbers_of_patrols(3, 40, 12), numbers_of_patrols(9, 4, 12)
    ([1, 2, 3, 12], [1, 2, 3, 4])
    """
    numbers = list(range(1, min(most, places) + 1))
    if posts and posts not in numbers and posts <= places:
        numbers.append(posts)
    return numbers


def judged_again(solutions: Iterable[PMedianSolution], demand, distance) -> list[PMedianSolution]:
    """The same plans with their cost by other distances (K-means knows straight lines only)."""
    return [replace(s, objective=travel(demand, distance, s.sites)) for s in solutions]


def curve_table(curve: pd.DataFrame) -> pd.DataFrame:
    """A trade-off curve as it is saved.

    Parameters
    ----------
    curve : DataFrame
        From `helpers.location.tradeoff_curve`, distances in metres.

    Returns
    -------
    DataFrame
        ``method, patrols, crime_metres, mean_m, gap, proven``; costs to a thousandth of a
        crime-metre, means to a thousandth of a millimetre, so that rounding them again is safe.
    """
    kept = curve.rename(columns={"objective": "crime_metres", "mean": "mean_m"})
    kept = kept[["method", "patrols", "crime_metres", "mean_m", "gap", "proven"]]
    return kept.round({"crime_metres": 3, "mean_m": 6, "gap": 9})


def means_by_number(curve: pd.DataFrame) -> pd.DataFrame:
    """Mean distance, metres: one row a number of patrols, one column a method; NaN for no plan."""
    wide = curve.pivot(index="patrols", columns="method", values="mean")
    return wide.rename_axis(columns=None)


@dataclass(frozen=True)
class CurveReading:
    """What a trade-off curve says.

    Attributes
    ----------
    knee : int or None
        Number of patrols after which another one buys clearly less.
    match : int or None
        Smallest number whose exact plan costs no more than today's posts.
    today : float
        Cost of today's posts, crime-metres; NaN where none are known.
    saving : float
        Share of the distance that the exact plan saves with as many patrols as today; NaN where
        there is no such plan.
    excess_mean, excess_max, excess_min : float
        K-means above the exact plan, relative, over the numbers of patrols.
    unproven : int
        How many exact plans are not proven.
    widest_gap : float
        Largest gap among them, 0 where all are proven.
    sign : int
        1 where K-means costs more than a proven optimum somewhere and less nowhere, 0 where it
        costs the same everywhere, −1 where it is cheaper or a plan is not proven.
    """

    knee: int | None
    match: int | None
    today: float
    saving: float
    excess_mean: float
    excess_max: float
    excess_min: float
    unproven: int
    widest_gap: float
    sign: int


def read_curve(curve: pd.DataFrame, *, today: str = "", posts: int = 0) -> CurveReading:
    """Read a trade-off curve of the methods ``exact`` and ``K-means``.

    Parameters
    ----------
    curve : DataFrame
        From `helpers.location.tradeoff_curve`.
    today : str
        Name of today's policy on the curve; empty where there is none.
    posts : int
        Its number of posts.

    Raises
    ------
    ValueError
        The curve lacks a method.
    """
    exact = curve[curve["method"] == "exact"].set_index("patrols")
    rough = curve[curve["method"] == "K-means"].set_index("patrols").reindex(exact.index)
    above = excess(rough["objective"], exact["objective"])
    cost, match, saving = np.nan, None, np.nan
    if today:
        cost = float(curve.loc[curve["method"] == today, "objective"].iloc[0])
        match = smallest_match(curve, cost)
        saved = savings(curve).set_index(["method", "patrols"])["saving"]
        saving = float(saved.get((today, posts), np.nan))
    open_plans = exact.loc[~exact["proven"].astype(bool), "gap"]
    never = bool((above >= -1e-9).all()) and open_plans.empty
    return CurveReading(
        knee=knee(curve),
        match=match,
        today=cost,
        saving=saving,
        excess_mean=_over(np.nanmean, above),
        excess_max=_over(np.nanmax, above),
        excess_min=_over(np.nanmin, above),
        unproven=len(open_plans),
        widest_gap=float(open_plans.max()) if len(open_plans) else 0.0,
        sign=int(np.sign(above.round(9)).max()) if never else -1,
    )


def _over(measure, values: np.ndarray) -> float:
    return float(measure(values)) if np.isfinite(values).any() else float("nan")


@dataclass(frozen=True)
class PostsInUse:
    """How many of some posts do the work.

    Attributes
    ----------
    posts : int
        All of them.
    used : int
        Those that are nearest to some demand.
    bulk : int
        Fewest that carry nine tenths of the demand.
    """

    posts: int
    used: int
    bulk: int


def posts_in_use(demand, distance, sites: Sequence[int]) -> PostsInUse:
    """Count the posts that are nearest to some demand, and those that carry 90 % of it.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to site j.
    sites : sequence of int
        The posts.

    Examples
    --------
    >>> posts_in_use([9.0, 1.0], [[0, 5, 9], [5, 0, 9]], [0, 1, 2])
    PostsInUse(posts=3, used=2, bulk=1)
    """
    if not len(sites):
        return PostsInUse(0, 0, 0)
    load = pd.Series(np.asarray(demand, float)).groupby(assign(distance, sites)).sum()
    load = load[load > 0].sort_values(ascending=False)
    bulk = int((load.cumsum() / load.sum() < 0.9).sum()) + 1
    return PostsInUse(len(sites), len(load), bulk)


def moved_posts(
    demand,
    xy,
    stands,
    within: float,
    *,
    metric: str = "euclidean",
    streets: gpd.GeoDataFrame | None = None,
    speed: float = 30.0,
    draws: int = 200,
    seed: int = 0,
) -> np.ndarray:
    r"""Cost of posts whose places are known roughly: each moved at random, all at once.

    A post at :math:`s` stands, uniformly on a disc of radius :math:`R`, at

    .. math:: s + R \sqrt{u}\, (\cos \varphi, \sin \varphi), \qquad
        u \sim U(0, 1), \quad \varphi \sim U(0, 2\pi)

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    xy : (n, 2) array
        Coordinates of the nodes, metres.
    stands : (k, 2) array
        Where the posts are said to be, metres.
    within : float
        R, the radius of the doubt, metres; 0 for none.
    metric : {"euclidean", "manhattan", "streets", "minutes"}
    streets : GeoDataFrame, optional
    speed : float
        As in `distances`.
    draws : int
        How often.
    seed : int

    Returns
    -------
    (draws,) array
        Cost of each draw, demand-metres or demand-minutes.

    Raises
    ------
    ValueError
        A negative radius, another word for `metric`, ``streets`` without streets, fewer than one
        draw.
    """
    if not within >= 0:
        raise ValueError(f"within is a number of metres, not negative; it is {within!r}.")
    draws = whole_number(draws, "draws")
    stands = np.asarray(stands, float)
    generator = np.random.default_rng(seed)
    angle = generator.uniform(0, 2 * np.pi, (draws, len(stands)))
    shift = within * np.sqrt(generator.uniform(size=angle.shape))
    moved = stands + np.stack([shift * np.cos(angle), shift * np.sin(angle)], axis=-1)
    # every place of every draw at once: streets are read one time
    far = distances(xy, moved.reshape(-1, 2), metric=metric, streets=streets, speed=speed)
    each = np.arange(draws * len(stands)).reshape(draws, -1)
    return np.array([travel(demand, far, sites) for sites in each])


def posts_beside_plan(demand, distance, pair: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """Plans side by side: ``name, posts, used, mean_m, sites``, one row a plan.

    ``sites`` are the posts that are nearest to some node, with or without demand; `used` counts
    them and `mean_m` is the distance of a unit of demand.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to site j.
    pair : mapping of name to sites
        The plans.
    """
    total = float(np.sum(demand))
    rows = []
    for name, sites in pair.items():
        near = np.unique(assign(distance, sites))
        rows.append((name, len(sites), len(near), travel(demand, distance, sites) / total, near))
    return pd.DataFrame(rows, columns=["name", "posts", "used", "mean_m", "sites"])
