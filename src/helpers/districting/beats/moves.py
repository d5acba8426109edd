"""The best plans that change at most m units of the plan of today."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from time import perf_counter

import highspy
import numpy as np
from scipy.sparse import csr_array

from helpers.checks import whole_number

from .._kernels import fill_state, mean_rise, state_value
from .._scale import working_units
from .._states import graph_arrays, new_state
from ..objectives import population_difference
from ..plan import broken_areas
from ..units import DistrictingError, Units
from . import _kernels

__all__ = ["FewMoves", "few_moves"]

_FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible
_LEVELS = 60
_ROUNDS = 12  # of contiguity cuts
_NODES = 400  # of the branch and bound in one round
_EXACT = 2  # changes up to which the program is solved in whole numbers: seconds; then minutes


@dataclass(frozen=True, eq=False)
class FewMoves:
    """The best plan found that differs from today's in at most `most` units.

    Attributes
    ----------
    most : int
    assignment : numpy.ndarray of int, shape (n,)
        Area of each unit, with the numbers of today's areas.
    moved : numpy.ndarray of int
        Units that change their area.
    value : float
        Eq. 1.
    bound : float
        Proven lower bound on eq. 1 with at most `most` changes.
    proven : bool
        Whether no plan with as few changes is better.
    seconds : float
    """

    most: int
    assignment: np.ndarray
    moved: np.ndarray
    value: float
    bound: float
    proven: bool
    seconds: float


def few_moves(
    units: Units,
    today: np.ndarray,
    most: int,
    *,
    seed: int | np.random.Generator = 0,
    start: np.ndarray | None = None,
    restarts: int = 12,
    exact_up_to: int = _EXACT,
) -> FewMoves:
    r"""The plan of least eq. 1 among contiguous ones that change at most `most` units.

    Annealing among such plans finds one.  The bound is an integer program: with
    :math:`x_{ij} = 1` where unit i goes to another area j,

    .. math::

        \min \sum_j 2 s_j, \quad s_j \ge P_j - \mu, \quad
        P_j = P_j^0 + \sum_i p_i x_{ij} - \sum_{i \in Z_j^0} \sum_l p_i x_{il}, \quad
        \sum_{ij} x_{ij} \le m, \quad \sum_j x_{ij} \le 1 ,

    without contiguity at first; where its plan has an area in pieces, the inequality that forbids it
    is added and it is solved again: for units a and b of an area j that C, the piece of a, does not
    hold together with b, one of the units N(C) around C must be of j too.  The branch and bound has
    a fixed number of nodes, so that the answer does not depend on the machine's speed.

    Parameters
    ----------
    units : Units
        The areal units.
    today : array of int, shape (n,)
        Area of each unit; its areas may be in pieces, which then stay as they are allowed.
    most : int
        How many units may change, m.
    seed : int or numpy.random.Generator
        Of the annealing.
    start : array of int, shape (n,), optional
        A plan with as few changes that is known to be good.
    restarts : int
        Annealing runs.
    exact_up_to : int
        Most changes for which the program is solved in whole numbers; with more the bound is that of
        its linear relaxation, which is far from the plan.

    Returns
    -------
    FewMoves

    Raises
    ------
    DistrictingError
        The plan of today does not fit, or `most` is no whole number.
    """
    began = perf_counter()
    most = whole_number(most, "most", 0, error=DistrictingError)
    labels = np.asarray(today)
    if labels.shape != (len(units),) or labels.min() < 0:
        raise DistrictingError(
            f"today's plan has shape {labels.shape}, expected an area for each of {len(units)} units"
        )
    areas = int(labels.max()) + 1
    working, factor = working_units(units, areas)
    rng = np.random.default_rng(seed)
    best = _annealed(working, labels, areas, most, rng, start, restarts)
    nodes = _NODES if most <= exact_up_to else 0
    best, bound, proven = _bounded(working, labels, areas, most, best, nodes)
    value = population_difference(units, best)
    return FewMoves(
        most=most,
        assignment=best,
        moved=np.flatnonzero(best != labels),
        value=value,
        bound=value if proven else min(bound / factor, value),
        proven=proven,
        seconds=perf_counter() - began,
    )


def _annealed(units, today, areas, most, rng, start, restarts):
    graph, weights, mu = graph_arrays(units), np.array([1.0, 0.0, 0.0]), units.mean(areas)
    best = today.astype(np.int64) if start is None else np.array(start, dtype=np.int64)
    best_value = population_difference(units, best)
    moves = 40 * max(len(units), 50)
    for run in range(restarts if most else 0):
        state = new_state(graph, today if run % 2 == 0 else best, areas, rng)
        fill_state(graph, state, False)
        value = state_value(state, mu, weights)
        first = mean_rise(graph, state, mu, weights, 200)
        if not first > 0:
            break
        best_value = _kernels.anneal_near(
            graph, state, today.astype(np.int64), most, mu, weights, best, value, best_value,
            first, 1e-4 ** (1.0 / _LEVELS), moves, _LEVELS,
        )  # fmt: skip
    return best


def _bounded(units, today, areas, most, best, nodes):
    """The better of `best` and the program's plans, a bound, and whether they meet."""
    value = population_difference(units, best)
    broken = set(broken_areas(units, today))
    program = _Program(units, today, areas, most)
    if not program.pairs:
        return best, value, True
    # half of eq. 1 in k-ths of a person is whole
    step = (
        2.0
        * np.gcd.reduce([areas * int(p) for p in units.population] + [int(units.population.sum())])
        / areas
    )
    bound = 0.0
    for _ in range(_ROUNDS):
        found, low = program.solve(nodes)
        bound = max(bound, low)
        if bound > value - step * (1 - 1e-6):
            return best, value, True
        if found is None:
            break
        cuts = program.cuts(found, broken)
        if not cuts:
            reached = population_difference(units, found)
            if reached < value:
                best, value = found, reached
            return best, bound, bool(bound > value - step * (1 - 1e-6))
        program.add(cuts)
    return best, bound, False


class _Program:
    """Which units change to which area: the integer program, with the cuts added so far."""

    def __init__(self, units, today, areas, most):
        self.units, self.today, self.areas, self.n = units, today, areas, len(units)
        self.most = most
        indptr, indices = units.contiguity
        self.near = [indices[indptr[i] : indptr[i + 1]] for i in range(self.n)]
        away = _steps_from_areas(self.near, today, areas)
        pairs = [
            (i, j) for i in range(self.n) for j in range(areas)
            if j != today[i] and 0 < away[i, j] <= most
        ]  # fmt: skip
        self.column = {pair: c for c, pair in enumerate(pairs)}
        self.pairs = pairs
        # columns by the unit that goes, by the area it goes to, by the area it leaves
        self.of_unit: list[list[int]] = [[] for _ in range(self.n)]
        come: list[list[int]] = [[] for _ in range(areas)]
        gone: list[list[int]] = [[] for _ in range(areas)]
        for c, (i, j) in enumerate(pairs):
            self.of_unit[i].append(c)
            come[j].append(c)
            gone[today[i]].append(c)
        people, mu = units.population, units.mean(areas)
        held = np.bincount(today, people, minlength=areas)
        rows, low, high = [], [], []
        size = np.bincount(today, minlength=areas)
        for j in range(areas):  # s_j - P_j >= -mu
            entries = {len(pairs) + j: 1.0}
            entries |= {c: -people[pairs[c][0]] for c in come[j]}
            entries |= {c: people[pairs[c][0]] for c in gone[j]}
            rows.append(entries)
            low.append(held[j] - mu)
            high.append(np.inf)
        rows.append({c: 1.0 for c in range(len(pairs))})
        low.append(0.0)
        high.append(float(most))
        for own in self.of_unit:
            if len(own) > 1:
                rows.append(dict.fromkeys(own, 1.0))
                low.append(0.0)
                high.append(1.0)
        for j in range(areas):  # no area is emptied
            if size[j] <= most:
                rows.append({**dict.fromkeys(gone[j], 1.0), **dict.fromkeys(come[j], -1.0)})
                low.append(-np.inf)
                high.append(float(size[j] - 1))
        for (i, j), c in self.column.items():
            # who joins from afar joins with a neighbour, unless all of the area leave
            if away[i, j] > 1:
                others = [self.column[v, j] for v in self.near[i] if (v, j) in self.column]
                row = {c: 1.0, **dict.fromkeys(others, -1.0)}
                if size[j] < most:
                    row |= dict.fromkeys(gone[j], -1.0 / size[j])
                rows.append(row)
                low.append(-np.inf)
                high.append(0.0)
        self.rows, self.low, self.high = rows, low, high
        whole = set(range(areas)) - set(broken_areas(units, today))
        for i in range(self.n):
            if today[i] in whole:
                self.add(self._bridges(i))

    def _bridges(self, i):
        """Where i holds its area together: what hangs on it goes too, or a new unit holds it.

        For a unit c of a piece C of the area less i, that is not the largest: c leaves if i leaves
        and no unit around C joins; the largest piece cannot leave as a whole, being over `most`.
        """
        home = self.today[i]
        rest = np.where(np.arange(self.n) == i, -1, self.today)
        pieces = _pieces(self.near, rest, home)
        if len(pieces) < 2 or max(map(len, pieces)) <= self.most:
            return []
        main, cuts = max(pieces, key=len), []
        for piece in pieces:
            if piece is main:
                continue
            around = {int(v) for c in piece for v in self.near[c]} - {i, *piece}
            joins = {self.column[v, home]: -1.0 for v in around if (v, home) in self.column}
            for c in piece:
                go = dict.fromkeys(self.of_unit[i], 1.0)
                stay = dict.fromkeys(self.of_unit[c], -1.0)
                cuts.append(({**go, **stay, **joins}, 0.0))
        return cuts

    def add(self, cuts):
        """Take further rows ``sum of entries <= right``."""
        for entries, right in cuts:
            self.rows.append(entries)
            self.low.append(-np.inf)
            self.high.append(right)

    def solve(self, nodes):
        """The program's plan (None where it found none in time) and its bound on eq. 1."""
        count = len(self.pairs) + self.areas
        begins = np.cumsum([0, *map(len, self.rows)])
        held = np.fromiter(chain.from_iterable(self.rows), np.int32)
        numbers = np.fromiter(chain.from_iterable(row.values() for row in self.rows), float)
        matrix = csr_array((numbers, held, begins), shape=(len(self.rows), count))
        matrix.sort_indices()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = count, len(self.rows)
        model.col_cost_ = np.concatenate([np.zeros(len(self.pairs)), np.full(self.areas, 2.0)])
        model.col_lower_ = np.zeros(count)
        model.col_upper_ = np.concatenate(
            [np.ones(len(self.pairs)), np.full(self.areas, highspy.kHighsInf)]
        )
        model.row_lower_ = np.maximum(self.low, -highspy.kHighsInf)
        model.row_upper_ = np.minimum(self.high, highspy.kHighsInf)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        if nodes:
            kinds = [highspy.HighsVarType.kInteger] * len(self.pairs)
            model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * self.areas
        solver = highspy.Highs()
        for name, option in {
            "output_flag": False, "threads": 1, "random_seed": 0, "mip_max_nodes": int(nodes),
            "mip_rel_gap": 0.0, "mip_abs_gap": 1e-6,
        }.items():  # fmt: skip
            solver.setOptionValue(name, option)
        solver.passModel(model)
        solver.run()
        info = solver.getInfo()
        low = float(info.mip_dual_bound if nodes else info.objective_function_value)
        # the solver's tolerance is absolute
        low = max(low - 1e-6 * max(1.0, abs(low)), 0.0) if np.isfinite(low) else 0.0
        if not nodes and solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None, 0.0
        if not nodes or info.primal_solution_status != _FEASIBLE:
            return None, low
        chosen = np.asarray(solver.getSolution().col_value)[: len(self.pairs)] > 0.5
        found = self.today.astype(np.int64)
        for place in np.flatnonzero(chosen):
            unit, to = self.pairs[place]
            found[unit] = to
        return found, low

    def cuts(self, found, broken):
        """Inequalities that forbid the areas of a plan that lie in pieces, and were not in today's."""
        out = []
        for j in broken_areas(self.units, found):
            if j in broken:
                continue
            pieces = _pieces(self.near, found, j)
            main = max(pieces, key=len)
            for piece in pieces:
                if piece is main:
                    continue
                around = {int(v) for i in piece for v in self.near[i]} - set(piece)
                for a in piece[:3]:
                    for b in main[:3]:
                        out.append(self._cut(a, b, around, j))
        return out

    def _cut(self, a, b, around, j):
        """x_a + x_b - sum over N(C) of x_v <= 1, with x 1 where a unit is of area j."""
        entries: dict[int, float] = {}
        right = 1.0
        for unit, sign in [(a, 1.0), (b, 1.0), *((v, -1.0) for v in around)]:
            if self.today[unit] == j:  # of j unless it changes
                right -= sign
                for other in range(self.areas):
                    if (unit, other) in self.column:
                        entries[self.column[unit, other]] = -sign
            elif (unit, j) in self.column:
                entries[self.column[unit, j]] = sign
        return entries, right


def _steps_from_areas(near, today, areas):
    """How many steps each unit is from each area of today; 0 inside, -1 where none leads there."""
    away = np.full((len(today), areas), -1)
    for j in range(areas):
        queue = deque(np.flatnonzero(today == j))
        away[today == j, j] = 0
        while queue:
            i = queue.popleft()
            for v in near[i]:
                if away[v, j] < 0:
                    away[v, j] = away[i, j] + 1
                    queue.append(v)
    return away


def _pieces(near, labels, area):
    """Pieces of an area, as lists of its units."""
    left, out = set(np.flatnonzero(labels == area).tolist()), []
    while left:
        piece, queue = [], [left.pop()]
        while queue:
            i = queue.pop()
            piece.append(i)
            fresh = [int(v) for v in near[i] if int(v) in left]
            left.difference_update(fresh)
            queue += fresh
        out.append(sorted(piece))
    return out
