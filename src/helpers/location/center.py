"""Plans judged by the worst-served node: the p-center, traded against the mean distance."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from helpers.checks import one_of

from ._cover_kernels import swap_centers
from .cover import cover
from .exact import solve
from .problem import PatrolProblem, PMedianSolution, assign, plain_solution, travel
from .reach import held_within, none_reaches

__all__ = ["center_sweep", "mean_worst", "mean_worst_frontier", "p_center"]

ROUNDS = 20  # descents of the first plan
CLOSE = 1.01  # a radius times this: within it what was left open is not asked for again


def p_center(
    demand,
    distance,
    patrols: int,
    *,
    method: str = "exact",
    fixed=(),
    time_limit: float | None = None,
    solver: str = "highs",
) -> PMedianSolution:
    """Smallest distance within which p patrols reach every node that carries demand.

    Bisection over the distinct distances; each step asks whether p sites cover every node within
    the radius, after dropping dominated nodes and sites: by greedy, the linear bound, a tree with Lagrangean bounds,
    and HiGHS.

    Parameters
    ----------
    demand : (n,) array
        Only whether it is positive matters.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.
    patrols : int
        Number of patrols, the fixed ones included.
    method : {"exact", "spopt"}
        The bisection, or PySAL's `PCenter`.
    fixed : sequence of int
        Sites where a patrol must stand.
    time_limit : float, optional
        Seconds of wall-clock time; the optimum then lies from ``bound`` to ``objective``.
    solver : {"highs", "cbc"}
        For ``spopt``.

    Returns
    -------
    PMedianSolution
        ``objective`` and ``bound`` are distances, not demand-weighted.

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`), an unknown method, no plan found in time by ``spopt``.

    References
    ----------
    Minieka (1970), SIAM Review 12: 138-139; Elloumi, Labbé & Pochet (2004), INFORMS JoC 16: 84-94.

    Examples
    --------
    >>> p_center([1, 1, 1], [[0, 4, 9], [4, 0, 5], [9, 5, 0]], 1).objective
    5.0
    """
    one_of(method, "method", ("exact", "spopt"))
    start, clock = time.process_time(), time.perf_counter()
    problem = PatrolProblem(demand, distance, patrols, fixed)
    if method == "spopt":
        from .spopt_models import spopt_p_center

        return spopt_p_center(problem, solver, time_limit)
    search = Radii(problem)
    return search.solve(problem, None, np.inf if time_limit is None else clock + time_limit, start)


def center_sweep(
    demand,
    distance,
    patrols: Iterable[int] = range(1, 21),
    *,
    fixed=(),
    time_limit: float | None = None,
    effort: float | None = None,
) -> list[PMedianSolution]:
    """The p-center for several numbers of patrols, each from what is known of the others.

    A radius that so many sites cannot cover is too short for fewer as well, and the plan for one
    patrol fewer bounds the radius from above: most questions are answered before they are asked.

    Parameters
    ----------
    demand, distance, fixed
        As in `p_center`.
    patrols : iterable of int
        Numbers of patrols.
    time_limit : float, optional
        Seconds of wall-clock time for each number; where they are over, the optimum lies from
        ``bound`` to ``objective``.
    effort : float, optional
        Of the tree that each radius is asked with, its nodes times entries of the table of who reaches
        whom; 0 for linear programs alone, and a radius is sought to one part in a hundred.  Some are
        left with a gap, but the same on every machine.  As long as it takes by default.

    Returns
    -------
    list of PMedianSolution
        In the order of `patrols`, as `p_center` returns them.

    Raises
    ------
    ValueError
        As `p_center`, for any of the numbers.

    Examples
    --------
    >>> d = [[0, 4, 9], [4, 0, 5], [9, 5, 0]]
    >>> [plan.objective for plan in center_sweep([1, 1, 1], d, [1, 2, 3])]
    [5.0, 4.0, 0.0]
    """
    if not isinstance(patrols, Iterable):
        raise ValueError(f"patrols is {patrols!r}; pass several numbers, such as range(1, 21).")
    numbers = list(patrols)
    problems = {p: PatrolProblem(demand, distance, p, fixed) for p in numbers}
    found = {p: one for p, one, _ in centers(problems, time_limit, effort)}
    return [found[p] for p in numbers]


def centers(
    problems: Mapping[int, PatrolProblem],
    time_limit: float | None = None,
    effort: float | None = None,
) -> Iterator[tuple[int, PMedianSolution, np.ndarray | None]]:
    """Number, p-center and prices of the nodes with demand that prove it, from few patrols to many."""
    search, before = None, None
    for p in sorted(problems):
        start, clock = time.process_time(), time.perf_counter()
        search = Radii(problems[p]) if search is None else search
        deadline = np.inf if time_limit is None else clock + time_limit
        found = search.solve(problems[p], before, deadline, start, effort=effort)
        before = found.sites
        yield p, found, search.too_short(found.objective) if found.proven else None


class Radii:
    """The distances that can be a p-center's, and how many sites each is known to need."""

    def __init__(self, problem: PatrolProblem):
        self.matrix = problem.matrix()[problem.demand > 0]
        self.values = np.unique(self.matrix)
        self.need = np.zeros(self.values.size, dtype=int)
        self.need[: self.at(float(self.matrix.min(axis=1).max()))] = problem.sites + 1
        # of the nodes with demand, by the number of the radius at which sites are too few
        self.prices: dict[int, np.ndarray] = {}

    def at(self, radius: float) -> int:
        return int(np.searchsorted(self.values, radius))

    def worst(self, plan) -> float:
        return float(self.matrix[:, plan].min(axis=1).max())

    def first_plan(self, problem: PatrolProblem, before) -> np.ndarray:
        """The better of two first plans, its posts swapped while that helps."""
        starts = [list(problem.fixed)] if before is None else [list(problem.fixed), list(before)]
        plan = min((_farthest_first(self.matrix, problem, s) for s in starts), key=self.worst)
        held = list(problem.fixed)
        plan = np.array([*held, *(j for j in plan.tolist() if j not in held)])
        return swap_centers(self.matrix, plan, len(held), ROUNDS, 1)

    def solve(
        self, problem, before, deadline: float, start: float, *, effort: float | None = None
    ) -> PMedianSolution:
        """Bisection between what is known to be too short and the best plan's radius."""
        plan = self.first_plan(problem, before)
        low, high = int(np.count_nonzero(self.need > problem.patrols)), self.at(self.worst(plan))
        first, last = high, low  # radii from first to last − 1 were asked for and not answered
        just_below = True  # a good plan is often the best: then one question is enough
        while (now := time.perf_counter()) < deadline:
            ends = (low, high) if first >= last else (low, first) if low < first else (last, high)
            if effort is not None and first < last:  # above what was left open, then below it
                above = last < high and self.values[high - 1] > self.values[last] * CLOSE
                below = low < first and self.values[first - 1] > self.values[low] * CLOSE
                ends = (last, high) if above else (low, first) if below else (low, low)
            if ends[0] >= ends[1]:
                break
            middle = ends[1] - 1 if just_below else sum(ends) // 2
            just_below = False
            # a hard question leaves half of the time to the others
            until = now + (deadline - now) / 2 if np.isfinite(deadline) else np.inf
            found = cover(self.matrix <= self.values[middle], problem, until, effort=effort)
            self.need[: middle + 1] = np.maximum(self.need[: middle + 1], found.need)
            if found.plan is not None:
                if self.worst(found.plan) < self.worst(plan):
                    plan = found.plan
                high = self.at(self.worst(plan))
            elif found.need > problem.patrols:
                low = middle + 1
                if found.prices is not None:
                    self.prices[middle] = found.prices
            else:
                first, last = min(first, middle), max(last, middle + 1)
            if high <= first or low >= last:
                first, last = high, low
        objective = self.worst(plan)
        if not np.isfinite(objective):
            raise ValueError(none_reaches(problem))
        bound = min(float(self.values[low]), objective)
        gap = (objective - bound) / objective if objective > 0 else 0.0
        return PMedianSolution(
            sites=np.sort(plan),
            assignment=assign(problem.distance, plan),
            objective=objective,
            bound=bound,
            gap=gap,
            proven=bool(gap <= 1e-12),
            seconds=time.process_time() - start,
            method="p-center",
        )

    def too_short(self, radius: float) -> np.ndarray | None:
        """Prices that show the longest distance below `radius` to be too short, where known."""
        below = self.at(radius) - 1
        alone = self.matrix.min(axis=1)
        if below >= 0 and self.values[below] < alone.max():
            return np.where(np.arange(alone.size) == alone.argmax(), self.matrix.shape[1] + 1.0, 0)
        return self.prices.get(below)


def _farthest_first(matrix: np.ndarray, problem: PatrolProblem, start: list[int]) -> np.ndarray:
    """A first plan: repeatedly the site nearest to the worst-served node."""
    free = np.ones(problem.sites, bool)
    free[start] = False
    plan = list(start)
    served = matrix[:, plan].min(axis=1) if plan else np.full(len(matrix), np.inf)
    while len(plan) < problem.patrols:
        row = matrix[int(np.argmax(served))]
        spare = np.flatnonzero(free)  # the nearest may be out of reach, never taken twice
        plan.append(int(spare[np.argmin(row[spare])]))
        free[plan[-1]] = False
        served = np.minimum(served, matrix[:, plan[-1]])
    return np.array(plan)


def mean_worst_frontier(
    demand,
    distance,
    patrols: int,
    *,
    fixed=(),
    steps: int | None = None,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Plans that no other plan beats on both the mean and the worst distance.

    From the p-median down to the p-center: the cheapest plan whose worst distance is strictly
    below the last one's, until none exists (epsilon constraint; every plan proven by the exact
    engine).

    Parameters
    ----------
    demand, distance, patrols, fixed
        As in `p_median`.
    steps : int, optional
        At most this many plans, at evenly spaced worst distances; all of them by default.
    time_limit : float, optional
        Seconds of wall-clock time for all plans, half of them at most for the p-center; when they
        are over, the plan found for the p-center ends the table.

    Returns
    -------
    DataFrame
        ``mean`` (per unit of demand), ``worst``, ``sites``, ``proven``; from lowest mean to lowest
        worst.  ``proven``: no plan with so short a worst distance has a lower mean.

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`).

    Examples
    --------
    >>> d = [[0, 4, 9], [4, 0, 5], [9, 5, 0]]
    >>> mean_worst_frontier([9, 1, 1], d, 1)[["mean", "worst"]].round(3).values.tolist()
    [[1.182, 9.0], [3.727, 5.0]]
    """
    clock = _Clock(time_limit)
    problem = PatrolProblem(demand, distance, patrols, fixed)
    matrix = problem.matrix()
    held = problem.demand > 0
    centre = p_center(demand, distance, patrols, fixed=fixed, time_limit=clock.half())
    total = problem.demand.sum()
    rows = []
    plan = solve(problem, time_limit=clock.left())[0]
    worst = float(matrix[held][:, plan.sites].min(axis=1).max())
    caps = None
    if steps is not None:
        caps = np.linspace(worst, centre.objective, max(2, steps))[1:].tolist()
    while True:
        rows.append((plan.objective / total, worst, plan.sites, plan.proven))
        if worst <= centre.objective:
            break
        if caps is None:
            below = matrix[held]
            cap = float(below[below < worst].max())
        else:
            caps = [c for c in caps if c < worst]
            cap = caps.pop(0) if caps else centre.objective
        cap = centre.objective if clock.over() else max(cap, centre.objective)
        plan = _capped(problem, matrix, cap, centre.sites, clock.left())
        worst = float(matrix[held][:, plan.sites].min(axis=1).max())
    frame = pd.DataFrame(rows, columns=["mean", "worst", "sites", "proven"])
    # with steps, or when time ends, a later plan may be as good on the mean and beat it on the worst
    later = frame["mean"][::-1].cummin()[::-1].shift(-1, fill_value=np.inf)
    return frame[frame["mean"] < later].reset_index(drop=True)


class _Clock:
    """What is left of a time limit that several searches share."""

    def __init__(self, time_limit: float | None):
        self.end = None if time_limit is None else time.perf_counter() + time_limit

    def left(self) -> float | None:
        return None if self.end is None else max(0.0, self.end - time.perf_counter())

    def half(self) -> float | None:
        return None if self.end is None else 0.5 * self.left()

    def over(self) -> bool:
        return self.end is not None and self.left() == 0.0


def _capped(problem, matrix, cap: float, within_cap, time_limit) -> PMedianSolution:
    """The cheapest plan with no node beyond `cap`, or the one given if time ends before any is."""
    start = time.process_time()
    held = problem.demand > 0
    found = solve(held_within(problem, matrix, cap), time_limit=time_limit)[0]
    sites, bound = found.sites, found.bound
    if matrix[held][:, sites].min(axis=1).max() > cap:
        # the search ended at a plan that pays penalties
        sites = within_cap
    return plain_solution(problem, sites, bound, start, "mean-worst")


def mean_worst(
    demand,
    distance,
    patrols: int,
    *,
    weight: float = 0.5,
    fixed=(),
    time_limit: float | None = None,
) -> PMedianSolution:
    """The plan with the least ``(1 - weight) × mean distance + weight × worst distance``.

    Parameters
    ----------
    demand, distance, patrols, fixed
        As in `p_median`.
    weight : float
        From 0 (p-median) to 1 (p-center).
    time_limit : float, optional
        Seconds of wall-clock time for all plans visited, half of them at most for the p-center.

    Returns
    -------
    PMedianSolution
        ``objective`` and ``bound`` are of the weighted sum.  Plans of the frontier are visited from
        the p-median on, past those that cannot win.  Let the k-th be the cheapest with no node
        beyond a_k, m_k a lower bound of its mean; then no plan whose worst distance w lies in
        (a_{k+1}, a_k] has less than (1 - weight) m_k + weight × (the least such w).  The bound is
        the least of these, where time ended with the p-center's bound for the w of the rest.

    Raises
    ------
    ValueError
        Bad input (see `PatrolProblem`); `weight` outside 0 to 1.

    Examples
    --------
    >>> d = [[0, 4, 9], [4, 0, 5], [9, 5, 0]]
    >>> mean_worst([9, 1, 1], d, 1, weight=0.9).sites.tolist()
    [1]
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"weight is {weight}; pass a number from 0 to 1.")
    start, clock = time.process_time(), _Clock(time_limit)
    problem = PatrolProblem(demand, distance, patrols, fixed)
    matrix = problem.matrix()
    held, total = problem.demand > 0, problem.demand.sum()
    lengths = np.unique(matrix[held])
    centre = p_center(demand, distance, patrols, fixed=fixed, time_limit=clock.half())
    plan = solve(problem, time_limit=clock.left())[0]
    sites, objective, bound = centre.sites, np.inf, np.inf
    cap = np.inf
    while True:
        mean, least = ((1 - weight) * v / total for v in (plan.objective, plan.bound))
        worst = float(matrix[held][:, plan.sites].min(axis=1).max())
        if mean + weight * worst < objective:
            objective, sites = mean + weight * worst, plan.sites
        # a plan that goes less far has no lower mean, so what it may cost limits how far it goes
        far = min(worst, (objective - least) / weight, cap) if weight > 0 else -np.inf
        below = int(np.searchsorted(lengths, far))
        cap = lengths[below - 1] if below else -np.inf
        bound = min(bound, least + weight * lengths[min(below, lengths.size - 1)])
        if cap < centre.bound:
            break
        if cap < centre.objective or clock.over():
            # what is left: plans that go less far than this one, and not less than the p-center
            bound = min(bound, least + weight * centre.bound)
            mean = (1 - weight) * travel(problem.demand, problem.distance, centre.sites) / total
            if mean + weight * centre.objective < objective:
                objective, sites = mean + weight * centre.objective, centre.sites
            break
        plan = _capped(problem, matrix, float(cap), centre.sites, clock.left())
    bound = min(bound, objective)
    gap = (objective - bound) / objective if objective > 0 else 0.0
    return PMedianSolution(
        sites=sites,
        assignment=assign(distance, sites),
        objective=float(objective),
        bound=float(bound),
        gap=float(gap),
        proven=bool(gap <= 1e-9),
        seconds=time.process_time() - start,
        method="mean-worst",
    )
