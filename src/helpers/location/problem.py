"""What a patrol location problem is made of; what a solution of it says."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from helpers.checks import site_list, whole_number

from .distances import PlanarDistance

__all__ = ["CoverageSolution", "PMedianSolution", "PatrolProblem", "assign", "travel"]


@dataclass(frozen=True, eq=False)
class PatrolProblem:
    """Demand nodes, candidate sites, the distances between them, fixed posts, and p.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node (predicted crimes), c_i in equation 1 of the paper; >= 0.
    distance : (n, m) array or PlanarDistance
        d_ij from demand node i to candidate site j, >= 0; infinite where j cannot serve i.
    patrols : int
        Number of patrols to place, p, the fixed ones included.
    fixed : sequence of int
        Sites where a patrol must stand.

    Raises
    ------
    ValueError
        p < 1, p > sites, more fixed posts than patrols, a fixed post that is no site; negative,
        NaN or all-zero demand; negative or NaN distance; a demand node no site can reach.

    Examples
    --------
    >>> PatrolProblem([1, 2], [[0, 5], [5, 0]], patrols=1).sites
    2
    """

    demand: np.ndarray
    distance: np.ndarray | PlanarDistance
    patrols: int
    fixed: tuple[int, ...] = field(default=())

    def __post_init__(self) -> None:
        demand = np.asarray(self.demand, dtype=float)
        if demand.ndim != 1 or demand.size == 0:
            raise ValueError(f"demand has shape {demand.shape}; pass one weight a demand node.")
        bad = np.flatnonzero(~np.isfinite(demand) | (demand < 0))
        if bad.size:
            raise ValueError(
                f"demand of node {bad[0]} is {demand[bad[0]]} ({bad.size} such nodes); weights are "
                "finite and not negative: mend the forecast or drop the node."
            )
        if not demand.sum() > 0:
            raise ValueError(
                "total demand is zero, so every plan costs nothing; check the counts or the window."
            )
        distance = self.distance
        if not isinstance(distance, PlanarDistance):
            distance = np.asarray(distance, dtype=float)
            if distance.ndim != 2:
                raise ValueError(f"distance has {distance.ndim} dimensions; pass (nodes, sites).")
        if distance.shape[0] != demand.size:
            raise ValueError(
                f"distance has {distance.shape[0]} rows and demand {demand.size} nodes; "
                "they must be the same nodes in the same order."
            )
        if isinstance(distance, np.ndarray):
            _check_matrix(distance, demand)
        sites = distance.shape[1]
        patrols = whole_number(self.patrols, "patrols")
        if patrols > sites:
            raise ValueError(
                f"patrols is {patrols} but there are only {sites} candidate sites; "
                "add sites or ask for fewer patrols."
            )
        # two stations may stand at one site: it is fixed once
        fixed = site_list(self.fixed, "fixed posts", sites, distinct=False)
        fixed = tuple(dict.fromkeys(fixed.tolist()))
        if len(fixed) > patrols:
            raise ValueError(
                f"{len(fixed)} posts are fixed but only {patrols} patrols are asked for; "
                "raise patrols or free a post."
            )
        for name, value in (
            ("demand", demand),
            ("distance", distance),
            ("patrols", patrols),
            ("fixed", fixed),
        ):
            object.__setattr__(self, name, value)

    @property
    def sites(self) -> int:
        """Number of candidate sites, m."""
        return self.distance.shape[1]

    def columns(self, sites) -> np.ndarray:
        """Distances from every demand node to some sites, (n, sites)."""
        if isinstance(self.distance, PlanarDistance):
            return self.distance.columns(sites)
        return self.distance[:, np.asarray(sites)]

    def matrix(self) -> np.ndarray:
        """The whole (n, m) distance matrix."""
        return self.columns(np.arange(self.sites))


def _check_matrix(distance: np.ndarray, demand: np.ndarray) -> None:
    nan = np.isnan(distance)
    if nan.any():
        i, j = np.argwhere(nan)[0]
        raise ValueError(f"distance from node {i} to site {j} is NaN; compute it or drop the node.")
    if (distance < 0).any():
        i, j = np.argwhere(distance < 0)[0]
        raise ValueError(f"distance from node {i} to site {j} is negative ({distance[i, j]}).")
    lost = np.flatnonzero(np.isinf(distance).all(axis=1) & (demand > 0))
    if lost.size:
        raise ValueError(
            f"{lost.size} demand nodes (the first is node {lost[0]}) cannot be reached from any "
            "site: all their distances are infinite; drop them, or add a site that reaches them."
        )


@dataclass(frozen=True, eq=False)
class PMedianSolution:
    """A plan: where patrols stand, who serves whom, what it costs, how good it is proven to be.

    Attributes
    ----------
    sites : (p,) int array
        Chosen sites, ascending.
    assignment : (n,) int array
        The site that serves each demand node (the nearest one unless shares are capped).
    objective : float
        Equation 1 for this plan, see `travel`.
    bound : float
        No plan with p patrols costs less than this.
    gap : float
        ``(objective - bound) / objective``; NaN for a heuristic, which knows no bound.
    proven : bool
        Whether the gap is at most the method's tolerance (1e-9 for ``exact``).
    seconds : float
        CPU time spent, child processes excluded.
    method : str
        Which method of the curve to read.
    """

    sites: np.ndarray
    assignment: np.ndarray
    objective: float
    bound: float
    gap: float
    proven: bool
    seconds: float
    method: str


@dataclass(frozen=True, eq=False)
class CoverageSolution:
    """A plan judged by the demand within reach.

    Attributes
    ----------
    sites : (p,) int array
    covered : (n,) bool array
        Demand nodes within the radius of enough patrols (one; two for backup coverage).
    objective : float
        Demand covered, as the model weighs it.
    bound : float
        No plan covers more.
    gap : float
        ``(bound - objective) / bound``.
    proven : bool
    seconds : float
    method : str
        Which method of the curve to read.
    """

    sites: np.ndarray
    covered: np.ndarray
    objective: float
    bound: float
    gap: float
    proven: bool
    seconds: float
    method: str


def assign(distance, sites) -> np.ndarray:
    """Nearest of `sites` to each demand node, (n,) int; ties go to the lowest site number.

    Examples
    --------
    >>> assign([[0, 2], [2, 0]], [0, 1]).tolist()
    [0, 1]
    """
    sites = np.sort(_checked_sites(distance, sites))
    return sites[np.argmin(_columns(distance, sites), axis=1)]


def travel(demand, distance, sites) -> float:
    r"""Demand-weighted distance to the nearest of `sites`: equation 1 for a given plan.

    .. math:: \sum_i c_i \min_{j \in \text{sites}} d_{ij}

    A node without demand adds nothing, however far it is.

    Parameters
    ----------
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    sites : sequence of int
        Site numbers of the plan.

    Examples
    --------
    >>> travel([1, 2], [[0, 2], [3, 1]], [0])
    6.0
    """
    demand = np.asarray(demand, float)
    held = demand > 0
    return float(np.dot(demand[held], _columns(distance, sites).min(axis=1)[held]))


def plain_solution(
    problem: PatrolProblem, sites, bound: float, start: float, method: str, tolerance: float = 1e-9
) -> PMedianSolution:
    """Wrap a plan from any method: every node served by its nearest patrol."""
    sites = np.sort(np.asarray(sites, dtype=int))
    objective = travel(problem.demand, problem.distance, sites)
    known = np.isfinite(bound)
    bound = min(float(bound), objective)
    gap = (objective - bound) / objective if known and objective > 0 else (0.0 if known else np.nan)
    return PMedianSolution(
        sites=sites,
        assignment=assign(problem.distance, sites),
        objective=objective,
        bound=bound if known else -np.inf,
        gap=float(gap),
        proven=bool(known and gap <= tolerance),
        seconds=time.process_time() - start,
        method=method,
    )


def _columns(distance, sites) -> np.ndarray:
    sites = _checked_sites(distance, sites)
    if isinstance(distance, PlanarDistance):
        return distance.columns(sites)
    return np.asarray(distance)[:, sites]


def _checked_sites(distance, sites) -> np.ndarray:
    """Site numbers of a plan; two patrols may stand at one site."""
    return site_list(sites, "the sites of a plan", np.shape(distance)[1], distinct=False)
