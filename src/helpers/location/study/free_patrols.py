"""The plan with most crimes within reach of a patrol that is free: its row, its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..distances import PlanarDistance
from ..mexclp import expected_covering
from ..problem import CoverageSolution, _columns
from .measures import in_unit

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["MEXCLP", "FreePlan", "most_free"]

MEXCLP = "MEXCLP"
"""Name of the model among the methods of a table."""


@dataclass(frozen=True, eq=False)
class FreePlan:
    """Where patrols stand so that most crimes have a free one within reach.

    Attributes
    ----------
    plan : CoverageSolution
        From `helpers.location.expected_covering`.
    demand : (n,) array
        Weight of each demand node.
    near : (n, s) bool array
        Whether each of `posts` is within reach.
    posts : (s,) int array
        Sites where one patrol or several stand.
    standing : (s,) int array
        How many.
    busy, reach : float
        Share of its time that each patrol is busy; how far one comes in time.
    exact : bool
        Whether it is the exact plan by distance, which is then as good as any.
    """

    plan: CoverageSolution
    demand: np.ndarray
    near: np.ndarray
    posts: np.ndarray
    standing: np.ndarray
    busy: float
    reach: float
    exact: bool

    @property
    def tested(self) -> dict[tuple[str, int], np.ndarray]:
        """Its sites by method and number of patrols, as plans are simulated."""
        return {(MEXCLP, self.plan.sites.size): self.plan.sites}

    def beside(self, table: pd.DataFrame) -> dict[str, object]:
        """What the words say of it, beside the exact plan with as many patrols.

        Parameters
        ----------
        table : DataFrame
            From `helpers.location.study.simulation_table`, with both plans.

        Returns
        -------
        dict
            ``patrols, busy, posts, proven, gap``; ``own`` and ``exact``, the two rows as dicts; ``share``
            and ``bound``, of the crimes; ``same``, whether they are one plan.
        """
        p, total = self.plan.sites.size, float(self.demand.sum())
        return {
            "patrols": p,
            "same": self.exact,
            "posts": self.posts.size,
            "busy": self.busy,
            "share": self.plan.objective / total,
            "bound": self.plan.bound / total,
            "gap": self.plan.gap,
            "proven": self.plan.proven,
            "own": table.loc[MEXCLP, p].to_dict(),
            "exact": table.loc["exact", p].to_dict(),
        }

    def layers(
        self, nodes: pd.DataFrame, crs: str, unit: str = "m", **parameters: Any
    ) -> dict[str, pd.DataFrame]:
        """Layers for a GIS.

        Parameters
        ----------
        nodes : DataFrame
            ``node, x, y``, one row a demand node; the nodes are the sites.
        crs : str
            Coordinate system of x and y.
        unit : {"m", "min"}
            Of the reach, for the name of its column.
        **parameters
            Columns that the plan carries, such as the demand.

        Returns
        -------
        dict
            ``plan``, one row: ``objective, p, value, bound`` (crimes expected to have a free patrol
            within reach), ``gap, proven, busy, radius_m`` and the parameters.  ``posts``, points: ``post`` (1 for the one
            with most crimes within reach), ``node, patrols`` (how many stand there), ``share`` (of the
            crimes, within reach) and the row of the plan.  ``nodes``, points: ``node, expected,
            patrols_in_reach, free`` (the chance that one of them is).
        """
        import geopandas as gpd

        one = self.plan
        told = {
            "objective": "expected covering",
            "p": one.sites.size,
            "value": one.objective,
            "bound": one.bound,
            "gap": one.gap,
            "proven": one.proven,
            "busy": self.busy,
            "radius_m": self.reach,
            **parameters,
        }
        share = self.demand @ self.near / self.demand.sum()
        order = np.argsort(-share, kind="stable")
        own = nodes.iloc[self.posts[order]]
        posts = pd.DataFrame(
            {
                "post": np.arange(1, order.size + 1),
                "node": own["node"].to_numpy(),
                "patrols": self.standing[order],
                "share": share[order],
            }
        ).assign(**told)
        times = self.near @ self.standing
        found = nodes[["node"]].assign(
            expected=self.demand,
            patrols_in_reach=times,
            free=1 - np.power(self.busy, times),
        )

        def placed(frame: pd.DataFrame, at: pd.DataFrame) -> gpd.GeoDataFrame:
            where = gpd.points_from_xy(at["x"], at["y"])
            return gpd.GeoDataFrame(in_unit(frame, unit), geometry=where, crs=crs)

        return {
            "posts": placed(posts, own),
            "plan": in_unit(pd.DataFrame([told]), unit),
            "nodes": placed(found, nodes),
        }


def most_free(
    demand,
    distance: np.ndarray | PlanarDistance,
    plans: Mapping[tuple[str, int], Sequence[int]],
    wanted: int,
    work: float,
    reach: float,
    *,
    time_limit: float | None = None,
) -> FreePlan:
    r"""The best plan by MEXCLP for the number of patrols that is wanted, where it copes.

    Each patrol is busy with the chance :math:`q = \text{work} / p`, as in
    `helpers.location.study.simulation_table`.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From node i to site j.
    plans : mapping of (method, patrols) to sites
        Those of the method ``exact`` have numbers of patrols that cope; of plans that are as good they
        are kept.
    wanted : int
        p; the least of these numbers where it is none of them.
    work : float
        Patrols that would be busy without pause, less than each of the numbers.
    reach : float
        How far a patrol comes in time, in the unit of `distance`.
    time_limit : float, optional
        Seconds of wall-clock time.
    """
    able = {p: sites for (method, p), sites in plans.items() if method == "exact"}
    p = wanted if wanted in able else min(able)
    how: dict[str, Any] = {"busy": work / p, "time_limit": time_limit, "start": able[p]}
    plan = expected_covering(demand, distance, p, reach, **how)
    posts, standing = np.unique(plan.sites, return_counts=True)
    near = _columns(distance, posts) <= reach
    same = np.array_equal(plan.sites, np.sort(able[p]))
    return FreePlan(plan, np.asarray(demand, float), near, posts, standing, work / p, reach, same)
