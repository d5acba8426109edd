"""Which units change their area: an integer program, contiguity as cuts, bounded by branch and cut."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import chain

import highspy
import numpy as np
from scipy.sparse import csr_array

from ..objectives import population_difference
from ..plan import broken_areas

__all__ = ["Program", "branch_and_cut"]

_EPS = 1e-6  # of a solution: below it a variable is 0
_VIOLATED = 1e-4
_ROOT, _ROUNDS = 20, 2  # rounds of cuts at the root and at a node
_INF = highspy.kHighsInf


class Program:
    """Which units change to which area: the integer program, with the cuts added so far."""

    def __init__(self, units, today, areas, most):
        self.units, self.today, self.areas, self.n = units, today, areas, len(units)
        self.most = most
        indptr, indices = units.contiguity
        self.near = [indices[indptr[i] : indptr[i + 1]] for i in range(self.n)]
        away = _steps_from_areas(self.near, today, areas)
        size = np.bincount(today, minlength=areas)
        # an area that all its units can leave may begin again anywhere
        pairs = [
            (i, j) for i in range(self.n) for j in range(areas)
            if j != today[i] and (0 < away[i, j] <= most or size[j] < most)
        ]  # fmt: skip
        self.pairs = pairs
        self.column = {pair: c for c, pair in enumerate(pairs)}
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
            if away[i, j] != 1:
                others = [self.column[v, j] for v in self.near[i] if (v, j) in self.column]
                row = {c: 1.0, **dict.fromkeys(others, -1.0)}
                if size[j] < most:
                    row |= dict.fromkeys(gone[j], -1.0 / size[j])
                rows.append(row)
                low.append(-np.inf)
                high.append(0.0)
        self.rows, self.low, self.high = rows, low, high
        self.size = size
        self.depth = _depth(self.near, today)
        self.whole = sorted(set(range(areas)) - set(broken_areas(units, today)))
        for i in range(self.n):
            if today[i] in self.whole:
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

    def plan(self, x):
        """The areas that a whole-number solution stands for."""
        found = self.today.astype(np.int64)
        for place in np.flatnonzero(x[: len(self.pairs)] > 0.5):
            unit, to = self.pairs[place]
            found[unit] = to
        return found

    def cuts(self, x):
        """Inequalities that a solution breaks though every contiguous plan keeps them.

        Let y be 1 where a unit is of area j, a one of its units, S units that part a from C, the
        rest.  If C holds more units of today's j than may change, one of them stays, and
        :math:`y_a \\le \\sum_{v \\in S} y_v`; else :math:`y_a + y_b - \\sum_{v \\in S} y_v \\le 1` for any b of C.
        The S of least weight is a minimum cut.
        """
        y = np.zeros((self.n, self.areas))
        y[np.arange(self.n), self.today] = 1.0
        for c in np.flatnonzero(x[: len(self.pairs)] > _EPS):
            i, j = self.pairs[c]
            y[i, j] += x[c]
            y[i, self.today[i]] -= x[c]
        out = []
        for j in self.whole:
            own = y[:, j]
            mine = np.flatnonzero(self.today == j)
            root = int(np.argmax(own + 1e-3 * np.where(self.today == j, self.depth + 2, 0)))
            core = _reached(self.near, own > 1.0 - _EPS, root)
            for a in np.flatnonzero(own > _EPS).tolist():
                if a in core or any(v in core for v in self.near[a]):
                    continue
                side, part, weight = _least_cut(self.near, own, a, core)
                beyond = sum(1 for v in mine.tolist() if v not in side and v not in part)
                over = own[a] - weight
                if over > _VIOLATED and beyond > self.most:
                    out.append(self._cut([a], part, j))
                elif over + own[root] - 1.0 > _VIOLATED:
                    out.append(self._cut([a, root], part, j))
        return out

    def _cut(self, ends, part, j):
        """The y of `ends` less those of `part` are at most one less than the ends are many."""
        entries: dict[int, float] = {}
        right = len(ends) - 1.0
        for unit, sign in [*((v, 1.0) for v in ends), *((v, -1.0) for v in part)]:
            if self.today[unit] == j:  # of j unless it changes
                right -= sign
                entries |= dict.fromkeys(self.of_unit[unit], -sign)
            elif (unit, j) in self.column:
                entries[self.column[unit, j]] = sign
        return entries, right


class _Relaxation:
    """The linear relaxation, solved again from where it stood as rows and bounds change."""

    def __init__(self, program, largest):
        self.program, self.work = program, 0
        count, areas = len(program.pairs), program.areas
        self.cost = np.concatenate([np.zeros(count), np.full(areas, 2.0)])
        self.top = np.concatenate([np.ones(count), np.full(areas, largest)])
        begins = np.cumsum([0, *map(len, program.rows)])
        held = np.fromiter(chain.from_iterable(program.rows), np.int32)
        numbers = np.fromiter(chain.from_iterable(row.values() for row in program.rows), float)
        matrix = csr_array((numbers, held, begins), shape=(len(program.rows), count + areas))
        matrix.sort_indices()
        rows = np.repeat(np.arange(len(program.rows)), np.diff(begins))
        self.entries = [(rows, matrix.indices, matrix.data)]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = count + areas, len(program.rows)
        model.col_cost_, model.col_lower_ = self.cost, np.zeros(count + areas)
        model.col_upper_ = self.top
        model.row_lower_ = np.maximum(program.low, -_INF)
        model.row_upper_ = np.minimum(program.high, _INF)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        self.solver = highspy.Highs()
        for name, option in {
            "output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off",
        }.items():  # fmt: skip
            self.solver.setOptionValue(name, option)
        self.solver.passModel(model)
        self.fixed: dict[int, float] = {}

    def fix(self, fixed):
        """Set some variables; those set before are free again."""
        for c in self.fixed.keys() - fixed.keys():
            self.solver.changeColBounds(c, 0.0, 1.0)
        for c, value in fixed.items():
            self.solver.changeColBounds(c, value, value)
        self.fixed = fixed

    def add(self, cuts):
        """Take further rows ``sum of entries <= right``."""
        for entries, right in cuts:
            held = np.fromiter(entries, np.int32, len(entries))
            numbers = np.fromiter(entries.values(), float, len(entries))
            self.entries.append((np.full(len(held), len(self.program.rows)), held, numbers))
            self.program.add([(entries, right)])
            self.solver.addRow(-_INF, right, len(held), held, numbers)

    def solve(self):
        """A lower bound and the solution; an infinite bound where there is none.

        The bound is worked out from the prices of the rows, so that it holds though the solver rounds.
        """
        self.solver.run()
        info, status = self.solver.getInfo(), self.solver.getModelStatus()
        size = len(self.program.rows) + len(self.cost)
        self.work += (info.simplex_iteration_count + 20) * size
        if status == highspy.HighsModelStatus.kInfeasible:
            return np.inf, None
        if status != highspy.HighsModelStatus.kOptimal:
            return 0.0, None
        solution = self.solver.getSolution()
        price = np.asarray(solution.row_dual)
        low, high = np.asarray(self.program.low), np.asarray(self.program.high)
        price = np.where(np.isfinite(np.where(price > 0, low, high)), price, 0.0)
        row, column, number = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        self.entries = [(row, column, number)]
        reduced = self.cost - np.bincount(column, number * price[row], len(self.cost))
        least, most = np.zeros(len(self.cost)), self.top.copy()
        for c, value in self.fixed.items():
            least[c] = most[c] = value
        pays = np.where(price > 0, price * np.where(price > 0, low, 0.0), 0.0)
        pays += np.where(price < 0, price * np.where(price < 0, high, 0.0), 0.0)
        terms = np.concatenate([pays, np.where(reduced > 0, reduced * least, reduced * most)])
        # what a sum of so many terms may be off
        bound = float(terms.sum() - 1e-15 * len(terms) * np.abs(terms).max())
        return bound, np.asarray(solution.col_value)


def branch_and_cut(program, best, value, near, limit):
    """The better of `best` and the plans met, its eq. 1, and a lower bound of eq. 1.

    Nodes of least bound come first; the variable to branch on is the one whose unit holds most by
    its distance from 0 and 1.  A node ends within `near` of the best plan.  The search stops when its
    linear programs have taken `limit`, the sum over their simplex steps of rows and columns, so that
    the answer does not depend on the machine's speed.
    """
    relaxed = _Relaxation(program, value / 2.0)
    count = len(program.pairs)
    people = program.units.population[[i for i, _ in program.pairs]]

    def bounded(fixed, low, rounds):
        """The bound of a node after rounds of cuts, and its solution; None where it is done with."""
        relaxed.fix(fixed)
        for turn in range(rounds + 1):
            found, x = relaxed.solve()
            low = max(low, found)
            if low >= value - near or x is None:
                return low, None
            cuts = program.cuts(x) if turn < rounds and relaxed.work < limit else []
            if not cuts:
                break
            relaxed.add(cuts)
        return low, x

    queue, number, unsolved = [], 0, np.inf
    waiting = [({}, 0.0, _ROOT)]
    while True:
        for fixed, low, rounds in waiting:
            low, x = bounded(fixed, low, rounds)
            if x is not None:
                heapq.heappush(queue, (low, number, fixed, x))
                number += 1
            elif low < value - near:
                unsolved = min(unsolved, low)
        if queue and queue[0][0] >= value - near:
            queue = []
        if not queue or relaxed.work >= limit or unsolved <= queue[0][0]:
            break
        low, _, fixed, x = heapq.heappop(queue)
        away = np.minimum(x[:count], 1.0 - x[:count])
        if away.max() < _EPS:
            cuts = program.cuts(x)
            if cuts:
                relaxed.add(cuts)
                waiting = [(fixed, low, _ROUNDS)]
                continue
            plan, waiting = program.plan(x), []
            reached = population_difference(program.units, plan)
            allowed = set(broken_areas(program.units, plan)).isdisjoint(program.whole)
            if allowed and reached < value:
                best, value = plan, reached
            if not allowed or reached > low + near:  # rounding: this node is not closed
                unsolved = min(unsolved, low)
            continue
        branch = int(np.argmax(away * people))
        waiting = [({**fixed, branch: side}, low, _ROUNDS) for side in (1.0, 0.0)]
    open_ = min(unsolved, queue[0][0] if queue else np.inf)
    return best, value, min(value, open_)


def _reached(near, free, start):
    """The units that lead to `start` over free ones, and itself."""
    seen, queue = {start}, [start]
    while queue:
        for v in near[queue.pop()].tolist():
            if free[v] and v not in seen:
                seen.add(v)
                queue.append(v)
    return seen


def _least_cut(near, weight, source, core):
    """Units beside the source, units that part it from the core, and what these weigh.

    A maximum flow by shortest augmenting ways through units of bounded weight; one that weighs no
    less than the source is not driven to its end.
    """
    flow: dict[tuple[int, int], float] = {}
    through: dict[int, float] = {}
    total = 0.0
    while True:
        # a unit is entered at 0 and left at 1
        came: dict[tuple[int, int], tuple[int, int] | None] = {(source, 1): None}
        queue, end = deque([(source, 1)]), None
        while queue and end is None:
            u, side = queue.popleft()
            if side == 1:
                for v in near[u].tolist():
                    if v in core:
                        end = (u, 1)
                        break
                    if v != source and (v, 0) not in came:
                        came[v, 0] = u, 1
                        queue.append((v, 0))
                if u != source and through.get(u, 0.0) > 1e-12 and (u, 0) not in came:
                    came[u, 0] = u, 1
                    queue.append((u, 0))
            else:
                if weight[u] - through.get(u, 0.0) > 1e-9 and (u, 1) not in came:
                    came[u, 1] = u, 0
                    queue.append((u, 1))
                for v in near[u].tolist():
                    if flow.get((v, u), 0.0) > 1e-12 and (v, 1) not in came:
                        came[v, 1] = u, 0
                        queue.append((v, 1))
        if end is None or total >= weight[source]:
            side_ = {u for u, side in came if side == 1}
            part = {u for u, side in came if side == 0 and u not in side_}
            return side_, part, float(sum(weight[v] for v in part)) if end is None else total
        steps, at = [], end
        while (before := came[at]) is not None:
            steps.append((before, at))
            at = before
        amount = weight[source] - total
        for (u, side), (v, _) in steps:
            if u == v:
                amount = min(amount, through[u] if side else weight[u] - through.get(u, 0.0))
            elif side == 0:
                amount = min(amount, flow[v, u])
        for (u, side), (v, _) in steps:
            if u == v:
                through[u] = through.get(u, 0.0) + (-amount if side else amount)
            elif side == 1:
                flow[u, v] = flow.get((u, v), 0.0) + amount
            else:
                flow[v, u] -= amount
        total += amount


def _depth(near, today):
    """How many steps each unit is from the edge of its area; -1 where the area has none."""
    edge = [i for i in range(len(today)) if (today[near[i]] != today[i]).any()]
    depth = np.full(len(today), -1)
    depth[edge] = 0
    queue = deque(edge)
    while queue:
        i = queue.popleft()
        for v in near[i].tolist():
            if depth[v] < 0:
                depth[v] = depth[i] + 1
                queue.append(v)
    return depth


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
