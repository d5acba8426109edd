"""The cheapest k candidate areas that cover each unit once: linear bound, then exact cover."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import highspy
import numpy as np

from ..units import DistrictingError, Units
from . import _kernels

_FIRST = 2_000
_BATCH = 1_500
_NODES_PER_SECOND = 200_000


class SolverError(RuntimeError):
    """The linear solver ended in a state from which no bound can be taken."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Connected subsets of units that may be an area of the plan sought.

    `masks` holds one row of bits a subset (bit i of word i // 64 for unit i); `complete` says
    whether every subset that could matter is listed.
    """

    masks: np.ndarray
    population: np.ndarray
    area: np.ndarray
    perimeter: np.ndarray
    complete: bool

    def __len__(self) -> int:
        return len(self.population)

    def select(self, keep: np.ndarray) -> Candidates:
        """Those at the given indices (or where a boolean array is True)."""
        return Candidates(
            self.masks[keep], self.population[keep], self.area[keep], self.perimeter[keep],
            self.complete,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class CoverSolution:
    """Chosen candidates (None: none below the limit), their cost, a proven bound, completeness."""

    chosen: np.ndarray | None
    value: float
    bound: float
    complete: bool
    nodes: int


class LinearBound:
    """Column generation for the linear relaxation over listed candidates.

    Rows: each unit covered once, `areas` candidates in all and, when a side cost is given, a
    budget on it. The solver object is kept, so that a lower budget starts from the last basis.
    """

    def __init__(self, candidates, cost, n, areas, side=None):
        self.candidates, self.n, self.areas = candidates, n, areas
        self.budgeted = side is not None
        # the solver's tolerances are absolute
        self.unit, self.side_unit = _solver_unit(cost), _solver_unit(side)
        self.cost = cost / self.unit
        self.side = np.zeros(len(cost)) if side is None else side / self.side_unit
        self.inside = np.zeros(len(cost), dtype=bool)
        self.scale = max(1.0, float(np.abs(self.cost).max()))
        self.side_price = 0.0  # of the budget, at the best bound
        self.prices = np.zeros(n + 1)  # of the units and of an area, at the best bound
        solver = self.solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        none_i, none_f = np.empty(0, np.int32), np.empty(0)
        for _ in range(n):
            solver.addRow(1.0, 1.0, 0, none_i, none_f)
        solver.addRow(float(areas), float(areas), 0, none_i, none_f)
        if self.budgeted:
            solver.addRow(-highspy.kHighsInf, highspy.kHighsInf, 0, none_i, none_f)
        # Costly artificial columns keep every restricted problem feasible.
        penalty = 10.0 * self.scale * areas
        for row in range(n + 1):
            for sign in (1.0, -1.0):
                self._artificial(penalty, row, sign)
        if self.budgeted:
            self._artificial(penalty, n + 1, -1.0)

    def _artificial(self, penalty, row, sign):
        self.solver.addCol(
            penalty, 0.0, highspy.kHighsInf, 1, np.array([row], np.int32), np.array([sign])
        )

    def _add(self, keep):
        ptr, members = _kernels.members_of(self.candidates.masks, keep)
        extra = 1 + self.budgeted
        start = ptr + extra * np.arange(len(ptr))
        index = np.empty(start[-1], dtype=np.int32)
        value = np.ones(start[-1])
        body = np.ones(start[-1], dtype=bool)
        for back in range(1, extra + 1):
            body[start[1:] - back] = False
        index[body] = members
        index[start[1:] - extra] = self.n
        if self.budgeted:
            index[start[1:] - 1] = self.n + 1
            value[start[1:] - 1] = self.side[keep]
        self.solver.addCols(
            len(keep), self.cost[keep], np.zeros(len(keep)),
            np.full(len(keep), highspy.kHighsInf), len(index), start[:-1].astype(np.int32),
            index, value,
        )  # fmt: skip
        self.inside[keep] = True

    def solve(self, live, budget=None, deadline=np.inf):
        """Bound and reduced costs over the first `live` candidates.

        The bound is safe even if the generation is cut short or a dual is slightly off: it is
        the dual value plus `areas` times the most negative reduced cost among all candidates.
        """
        if self.budgeted:
            budget = float(budget) / self.side_unit
            self.solver.changeRowBounds(self.n + 1, -highspy.kHighsInf, budget)
        if not self.inside.any():
            self._add(np.argsort(self.cost[:live], kind="stable")[:_FIRST].astype(np.int64))
        reduced = np.empty(live)
        bound, best = -np.inf, None
        n = self.n
        while True:
            if np.isfinite(deadline):
                # the solver's clock runs on from one call to the next
                left = max(deadline - perf_counter(), 0.01)
                self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
            self.solver.run()
            status = self.solver.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal:
                if best is None:
                    raise SolverError(
                        "the linear solver answered "
                        f"{self.solver.modelStatusToString(status)!r} instead of an optimum"
                    )
                break
            dual = np.array(self.solver.getSolution().row_dual)
            price = min(float(dual[n + 1]), 0.0) if self.budgeted else 0.0
            _kernels.reduced_costs(
                self.candidates.masks[:live], self.cost[:live], self.side[:live], dual[:n],
                float(dual[n]), price, reduced,
            )  # fmt: skip
            least = min(float(reduced.min()), 0.0)
            total = float(dual[:n].sum() + self.areas * (dual[n] + least))
            if self.budgeted:
                total += price * budget
            if total > bound:
                # Lower the area price by `least`, and no reduced cost is negative.
                bound, best, self.side_price = total, reduced - least, price
                self.prices = np.append(dual[:n], dual[n] + least) * self.unit
            if least >= -1e-9 * self.scale or perf_counter() > deadline:
                break
            negative = np.flatnonzero((reduced < -1e-9 * self.scale) & ~self.inside[:live])
            if len(negative) == 0:
                break
            if len(negative) > _BATCH:
                negative = negative[np.argpartition(reduced[negative], _BATCH)[:_BATCH]]
            self._add(negative)
        self.side_price *= self.unit / self.side_unit
        return bound * self.unit, best * self.unit


def _solver_unit(values):
    """A power of two that makes large values such as the solver is made for."""
    most = 0.0 if values is None else float(np.abs(values).max())
    return 1.0 if most <= 2.0**30 else 2.0 ** (np.floor(np.log2(most)) - 20)


def sweep_order(units: Units) -> np.ndarray:
    """Units from one end of the map to the other (by the Fiedler vector, component by component).

    An exact cover that always covers the first free unit then has a short frontier, and meets
    the same rest often.
    """
    n = len(units)
    laplacian = np.zeros((n, n))
    i, j = units.links.T
    laplacian[i, j] = laplacian[j, i] = -1.0
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    order = []
    for c in range(units.components.max() + 1):
        part = np.flatnonzero(units.components == c)
        if len(part) > 2:
            vector = np.linalg.eigh(laplacian[np.ix_(part, part)])[1][:, 1]
            # The sign of an eigenvector is arbitrary: start where units are less populated.
            middle = units.population[part] - units.population[part].mean()
            vector = vector if vector @ middle > 0 else -vector
            part = part[np.argsort(vector, kind="stable")]
        order.append(part)
    return np.concatenate(order)


def cheapest_cover(
    units: Units,
    areas: int,
    candidates: Candidates,
    reduced: np.ndarray,
    surplus: np.ndarray,
    bound: float,
    upper: float,
    *,
    budget: float = np.inf,
    slack_price: float = 0.0,
    step: float = 0.0,
    seconds: float = np.inf,
) -> CoverSolution:
    """The cheapest plan below `upper`, given reduced costs that are zero or more.

    A plan costs `bound` plus its reduced costs, so only candidates with a reduced cost below
    ``upper − bound`` can be in a better one, and the search stops adding when the sum passes
    it. Narrow widths are tried first: a plan found within one is optimal.

    Parameters
    ----------
    units : Units
        The areal units.
    areas : int
        Number of areas k.
    candidates : Candidates
        Connected subsets that may be areas.
    reduced : numpy.ndarray, shape (m,)
        Reduced cost of each candidate.
    surplus : numpy.ndarray, shape (m,)
        Population over mu of each candidate.
    bound, upper : float
        Linear bound; cost of a known plan.
    budget : float
        Most surplus in all.
    slack_price : float
        What a unit of surplus left unused costs in the linear problem.
    step : float
        Two different costs differ by at least this (0 when unknown).
    seconds : float
        Time left (turned into a number of nodes, so that results do not depend on the load).

    Returns
    -------
    CoverSolution
        ``chosen`` indexes the candidates.
    """
    n = len(units)
    scale = max(1.0, abs(upper))
    margin = max(0.5 * step, 1e-12 * scale) if step > 0 else 1e-9 * scale
    whole = upper - bound - margin
    if whole < 0:
        return CoverSolution(None, upper, upper, candidates.complete, 0)
    order = sweep_order(units)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    indptr, indices = units.contiguity
    new_ptr = np.concatenate([[0], np.cumsum(np.diff(indptr)[order])])
    new_indices = np.concatenate([rank[indices[indptr[i] : indptr[i + 1]]] for i in order]).astype(
        np.int64
    )
    mu = units.mean(areas)
    population = units.population[order]
    own = np.maximum(population - mu, 0.0)
    rising = np.sort(reduced)
    width = min(whole, max(float(rising[min(len(rising), 20 * n) - 1]), margin))
    most = int(min(max(seconds, 0.0) * _NODES_PER_SECOND, 2e9))
    nodes = 0
    while True:
        keep = np.flatnonzero(reduced <= width)
        masks, first = _kernels.renumber(candidates.masks[keep], rank)
        by = np.lexsort((reduced[keep], first))
        bucket = np.searchsorted(first[by], np.arange(n + 1))
        chosen = np.full(areas, -1, np.int64)
        found, extra, complete, used = _kernels.exact_cover(
            masks[by], bucket, reduced[keep][by], surplus[keep][by], areas, width, margin,
            budget, slack_price, population, own, new_ptr, new_indices, mu,
            most - nodes, chosen,
            *_cover_room(n, masks.shape[1], areas, 1 << (16 if len(keep) < 5_000 else 21)),
        )  # fmt: skip
        nodes += used
        picked = keep[by][chosen] if found else None
        if not complete:
            return CoverSolution(picked, bound + extra if found else upper, bound, False, nodes)
        if found:
            return CoverSolution(picked, bound + extra, bound + extra, candidates.complete, nodes)
        if width >= whole:
            return CoverSolution(None, upper, upper, candidates.complete, nodes)
        bound_width = width
        width = min(whole, 4.0 * bound_width)


def _cover_room(n: int, words: int, areas: int, places: int) -> tuple[tuple, tuple, tuple]:
    """The path, the hash table and the scratch arrays of ``exact_cover``."""
    path = (
        np.zeros((areas + 1, words), np.uint64), np.empty(areas + 1), np.empty(areas + 1),
        np.empty(areas + 1, np.int64), np.empty(areas + 1, np.int64), np.empty(areas, np.int64),
    )  # fmt: skip
    table = (
        np.empty((places, words), np.uint64), np.full(places, -1, np.int32), np.empty(places),
        np.empty(places),
    )  # fmt: skip
    work = (
        np.empty(n, np.int64), np.zeros(n, np.bool_), np.empty(n + 1, np.int64), np.empty(n + 1),
        np.empty(n + 1), np.empty(n + 1, np.int64),
    )  # fmt: skip
    return path, table, (np.empty(words, np.uint64), work)


def list_candidates(
    units: Units, graph, areas: int, surplus: float, most: int = 12_000_000
) -> Candidates:
    """Every connected subset that a plan with at most this surplus over mu can use.

    In such a plan the surplus of an area S and that of the units outside S, which cannot be
    avoided, add up to at most the limit U, so sum_{i in S} min(p_i, mu) ≤ mu + U − H with
    H = sum_i (p_i − mu)+; and, deficits being equal to surpluses, P_S ≥ mu − U. Both are
    necessary conditions, so nothing that matters is left out.

    Parameters
    ----------
    units : Units
        The areal units.
    graph : tuple of arrays
        The units as kernel arrays.
    areas : int
        Number of areas k.
    surplus : float
        U, half of the largest eq. 1 of interest; infinite for all connected subsets.
    most : int
        Stop listing here.

    Returns
    -------
    Candidates
    """
    mu = units.mean(areas)
    weight = np.minimum(units.population, mu)
    slack = 1e-9 * units.population.sum()
    cap = mu + surplus - np.maximum(units.population - mu, 0).sum() + slack
    order = np.argsort(-weight, kind="stable")
    return Candidates(
        *_kernels.enumerate_subsets(graph, weight, cap, mu - surplus - slack, order, most)
    )


def to_assignment(candidates: Candidates, chosen: np.ndarray, n: int) -> np.ndarray:
    """Area of each unit from the chosen candidates."""
    ptr, members = _kernels.members_of(candidates.masks, chosen.astype(np.int64))
    if len(members) != n:
        raise DistrictingError("the chosen candidates do not cover each unit once")
    assignment = np.empty(n, dtype=np.int64)
    assignment[members] = np.repeat(np.arange(len(chosen)), np.diff(ptr))
    return assignment
