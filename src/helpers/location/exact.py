"""The p-median solved to proven optimality: Lagrangian bundle, reduction, branching on regions.

With a radius r_i for each demand node (the Lagrange multiplier of "node i is served once", per
unit of demand, in units of distance), every choice of radii bounds the optimum from below::

    L(r) = sum_i c_i r_i + (sum of the p smallest s_j),   s_j = -sum_i c_i max(0, r_i - d_ij)

(Cornuéjols, Fisher & Nemhauser 1977).  A proximal bundle method (Lemaréchal; Kiwiel 1990) climbs
to the top of L, which is the value of the linear relaxation, and yields a fractional plan y.
Sites whose s_j shows that opening them costs more than the best plan known are dropped for good.
What is still open is split by counting: a compact region of sites holds at most k patrols, or at
least k + 1.  Splitting counts instead of single sites is what keeps the tree small: the
relaxation typically mixes "two patrols in the east, three in the west" with the reverse, and no
single site decides between them.  Where costs are whole numbers and the tree has not closed in a
second, HiGHS is given as long as the tree to solve what the bound has left (`_reduced`).
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

import numpy as np

from . import _kernels
from ._reduced import ReducedProblem
from .distances import PlanarDistance
from .problem import PatrolProblem, PMedianSolution, assign, travel
from .reach import finite

TOLERANCE = 5e-10  # relative; claims are made at 1e-9
DENSE = 4_000_000  # entries of the sites × nodes array the engine aims at (32 MB)
WORKING = 1500  # sites it works with at least, if there are as many
CUTS = 50
ROOT_STEPS = 900
NODE_STEPS = 120
STARTS = 24  # plans drawn where the root leaves a gap
ROUNDS = 4  # of them at most, while they help
DEEPEST_FIRST = 20  # nodes of the tree after which the lowest bound is taken, not the deepest node
CENTRES = 120  # demand nodes around which regions are tried
STILL = 0.01  # of its gap: a split that lifts the bound less has not lifted it
PATIENCE = 1.0  # seconds of the tree after which a mixed-integer program is asked


@dataclass(frozen=True, eq=False)
class Instance:
    """A problem reduced to what matters: positive demand, coincident nodes and sites merged."""

    weights: np.ndarray  # (n,) merged demand, in an order that keeps neighbours together
    rows: np.ndarray  # (n,) a representative demand node of the problem
    member: np.ndarray  # (nodes of the problem,) the merged node, -1 without demand
    sites: np.ndarray  # (m,) a representative site of the problem
    site_class: np.ndarray  # (sites of the problem,) position in `sites`
    distance: np.ndarray | PlanarDistance
    integral: bool  # every cost is a whole number, so is the optimum

    def columns(self, sites: np.ndarray) -> np.ndarray:
        """Distances, (len(sites), n), contiguous along the demand nodes."""
        if isinstance(self.distance, PlanarDistance):
            return self.distance.rows(self.sites[sites], self.rows)
        return np.ascontiguousarray(self.distance[np.ix_(self.rows, self.sites[sites])].T)

    def savings(self, radii: np.ndarray) -> np.ndarray:
        """s_j of every site, without building the matrix."""
        out = np.zeros(self.sites.size)
        if isinstance(self.distance, PlanarDistance):
            customers, sites = self.distance.demand_xy[self.rows], self.distance.site_xy[self.sites]
            args = [np.ascontiguousarray(v) for v in (*customers.T, *sites.T)]
            manhattan = self.distance.metric == "manhattan"
            _kernels.planar_savings(*args, manhattan, self.weights, radii, out)
        else:
            step = max(1, 2_000_000 // self.sites.size)
            part = np.empty_like(out)
            for a in range(0, self.rows.size, step):
                rows = self.rows[a : a + step]
                block = np.ascontiguousarray(self.distance[np.ix_(rows, self.sites)])
                _kernels.matrix_savings(
                    block, self.weights[a : a + step], radii[a : a + step], part
                )
                out += part
        return out


def reduce_problem(problem: PatrolProblem) -> Instance:
    """Drop zero demand, merge coincident nodes and coincident sites, order nodes by place."""
    demand, distance = problem.demand, problem.distance
    rows = np.flatnonzero(demand > 0)
    if isinstance(distance, PlanarDistance):
        row_class, first = _classes([xy.tobytes() for xy in distance.demand_xy[rows]])
        site_class, sites = _classes([xy.tobytes() for xy in distance.site_xy])
    else:
        row_class, first = _classes([_digest(distance[i]) for i in rows])
        keep = np.sort(rows[first])
        site_class, sites = _classes([_digest(distance[keep, j]) for j in range(problem.sites)])
    weights = np.bincount(row_class, weights=demand[rows])
    order = _neighbour_order(distance, rows[first], sites)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    member = np.full(demand.size, -1)
    member[rows] = rank[row_class]
    integral = (
        isinstance(distance, np.ndarray)
        and bool(np.all(weights == np.rint(weights)))
        and all(np.array_equal(row, np.rint(row)) for row in distance)
        and float(weights.sum() * distance.max()) < 2**50
    )
    return Instance(
        weights[order], rows[first][order], member, sites, site_class, distance, integral
    )


def _digest(values: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16).digest()


def _classes(keys: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    seen: dict[bytes, int] = {}
    label = np.array([seen.setdefault(key, len(seen)) for key in keys])
    first = np.unique(label, return_index=True)[1]
    return label, first


def _neighbour_order(distance, rows: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Order nodes along a Z curve, of their coordinates or of their distances to two landmarks."""
    if isinstance(distance, PlanarDistance):
        place = distance.demand_xy[rows]
    else:
        sample = sites[:: max(1, sites.size // 40)]
        block = distance[np.ix_(rows, sample)]
        a = int(np.argmax(block[0]))
        centred = block - block.mean(axis=0)
        norm = np.sqrt((centred**2).sum(axis=0)) + 1e-300
        b = int(np.argmin(np.abs(centred[:, a] @ centred) / norm / norm[a]))
        place = block[:, [a, b]]
    place = place - place.min(axis=0)
    cell = (place / max(place.max(), 1e-300) * 1023).astype(np.int64)
    key = np.zeros(len(cell), np.int64)
    for bit in range(10):
        key |= ((cell[:, 0] >> bit) & 1) << (2 * bit) | ((cell[:, 1] >> bit) & 1) << (2 * bit + 1)
    return np.argsort(key, kind="stable")


@dataclass
class _Room:
    """Arrays the bundle works in, kept between calls."""

    arrays: dict = field(default_factory=dict)

    def get(self, name: str, *shape: int, dtype=float) -> np.ndarray:
        size = int(np.prod(shape))
        held = self.arrays.get(name)
        if held is None or held.size < size:
            held = self.arrays[name] = np.empty(size, dtype)
        return held[:size].reshape(shape)


@dataclass(eq=False)
class _Region:
    """A counting constraint: at most (sense -1) or at least (+1) `count` patrols in `mask`."""

    mask: np.ndarray  # (m,) bool over the instance's sites
    sense: int
    count: int


@dataclass(eq=False)
class _Node:
    bound: float
    active: np.ndarray  # sites that may still open
    opened: np.ndarray  # sites that must
    radii: np.ndarray
    regions: list[_Region]
    mu: np.ndarray
    record: dict
    step: float
    still: int = 0  # splits in a row that did not lift the bound


@dataclass(eq=False)
class _Climb:
    bound: float
    radii: np.ndarray
    mu: np.ndarray
    openness: np.ndarray
    savings: np.ndarray
    step: float
    finished: bool = True


class Search:
    """One branch and bound: an instance, p, the best plan so far and the open nodes."""

    def __init__(
        self,
        instance: Instance,
        patrols: int,
        fixed,
        deadline: float,
        recording: bool,
        most_nodes: float = np.inf,
    ):
        self.instance = instance
        self.most_nodes = most_nodes
        self.p = patrols
        self.fixed = np.unique(instance.site_class[np.asarray(fixed, dtype=int)])
        self.deadline = deadline
        self.recording = recording
        self.best = np.inf
        self.plan = np.empty(0, int)
        self.room = _Room()
        self.nodes = 0
        self.evaluations = 0
        self.pool: np.ndarray | None = None  # distances of `pool_sites`, for local search
        self.pool_sites = np.empty(0, int)
        self.hint: np.ndarray | None = None  # a plan for fewer patrols, or for a coarse copy
        self.root_openness = np.empty(0)
        self.order = np.empty((0, 0), np.int32)  # a row a centre: the tree's sites, nearest first
        self.ordered = np.empty((0, 0))  # how far these are
        self.lowest = np.inf  # least bound of the closed nodes

    # --- values -----------------------------------------------------------------------------

    @property
    def cut(self) -> float:
        """A bound of this height closes a node."""
        if self.instance.integral:
            return self.best - 1.0 + 1e-6 + 1e-12 * self.best
        return self.best - TOLERANCE * abs(self.best)

    @property
    def target(self) -> float:
        """Where the bundle may stop: a little above the cut."""
        if self.instance.integral:
            return self.best - 0.9
        return self.best - 0.2 * TOLERANCE * abs(self.best)

    def offer(self, plan: np.ndarray, value: float | None = None) -> None:
        """Keep a plan if it is the best so far."""
        if value is None:
            value = float(self.instance.weights @ self.instance.columns(plan).min(axis=0))
        if value < self.best - 1e-13 * abs(self.best) or self.plan.size == 0:
            self.best, self.plan = value, np.sort(plan)

    def improve(self, plan: np.ndarray) -> None:
        """Interchange from `plan` over the pool of sites, fixed posts in place."""
        position = {int(j): k for k, j in enumerate(self.pool_sites)}
        free = [j for j in plan.tolist() if j not in set(self.fixed.tolist())]
        chosen = np.array([position[j] for j in [*self.fixed.tolist(), *free]])
        value = _kernels.interchange(self.pool, self.instance.weights, chosen, self.fixed.size, 50)
        self.offer(self.pool_sites[chosen], value)

    # --- bounds -----------------------------------------------------------------------------

    def climb(
        self, distance, opened, radii, regions, mu, active, steps, step, stall
    ) -> _Climb | None:
        """Maximise the dual over the sites of `distance` (= `active`); None if infeasible."""
        w, n = self.instance.weights, self.instance.weights.size
        q = self.p - opened.size
        cap = np.full(n, np.inf)
        if opened.size:
            cap = self.instance.columns(opened).min(axis=0)
        least = distance.min(axis=0)
        live = least < cap
        const = float(w[~live] @ cap[~live])
        inside = np.zeros((len(regions), active.size))
        counts = np.zeros(len(regions))
        sense = np.zeros(len(regions))
        for k, region in enumerate(regions):
            inside[k] = region.mask[active]
            counts[k] = region.count - region.mask[opened].sum()
            sense[k] = region.sense
            if (region.sense > 0 and inside[k].sum() < counts[k]) or (
                region.sense < 0 and counts[k] < 0
            ):
                return None
        compact = distance if live.all() else np.ascontiguousarray(distance[:, live])
        if np.isfinite(self.deadline):
            # some 4e8 entries a second: the climb itself must not overrun the time limit
            left = max(0.0, self.deadline - time.perf_counter())
            steps = min(steps, max(20, int(left * 4e8 / (compact.size + 1))))
        wl, r = w[live], radii[live]
        dim, m, size = wl.size + len(regions), active.size, CUTS
        unit = float(0.3 * w.sum() / self.p)
        get = self.room.get
        x = get("x", dim)
        x[: wl.size] = np.minimum(r, cap[live])
        x[wl.size :] = mu / unit
        metric = get("metric", dim)
        metric[: wl.size] = wl
        metric[wl.size :] = unit
        minima = _kernels.block_minima(compact)
        if not wl.size:
            savings = np.zeros(m) - (mu @ inside if len(regions) else 0.0)
            bound = const + float(mu @ counts) + _lowest(savings, q)
            return _Climb(bound, cap.copy(), mu, np.zeros(m), savings, step)
        spread = float(wl @ x[: wl.size] / wl.sum())  # t is told in mean radii
        spread = max(spread, 1e-9 * float(compact.max()), 1e-300)
        openness, savings = np.empty(m), np.empty(m)
        bound, last, used = _kernels.bundle(
            compact, minima, wl, cap[live], sense, inside, counts, const, unit,
            float(step) * spread, 0.02 * spread, 1e-10 * abs(self.best), float(stall),
            float(self.target), int(steps),
            x, get("z", dim), get("clipped", wl.size), get("reach", minima.shape[1]),
            get("s", m), get("chosen", q, dtype=np.int64), get("gradient", dim),
            get("direction", dim), metric, get("cuts", size, dim, dtype=np.float32),
            get("picked", size, m, dtype=np.float32), get("gram", size, size),
            get("errors", size), get("share", size), get("sites", m, dtype=np.int64),
            get("every", m, dtype=np.int64), openness, savings,
        )  # fmt: skip
        self.evaluations += used
        new = np.minimum(radii, cap) if live.all() else np.where(live, radii, cap)
        new[live] = np.minimum(x[: wl.size], cap[live])
        return _Climb(
            bound, new, x[wl.size :] * unit, openness, savings, last / spread, used < steps
        )

    def reduce(self, climb: _Climb, active, opened):
        """Drop and force sites by their reduced cost."""
        q = self.p - opened.size
        s = climb.savings
        order = np.argsort(s, kind="stable")
        top = np.zeros(active.size, bool)
        top[order[:q]] = True
        last = s[order[q - 1]]
        following = s[order[q]] if q < active.size else np.inf
        safe = self.cut + 1e-12 * abs(self.best)
        keep = top | (climb.bound + s - last < safe)
        must = top & (climb.bound - s + following >= safe)
        return keep & ~must, must, top

    # --- root -------------------------------------------------------------------------------

    def root(self) -> _Node:
        """Bound and reduce the whole instance, whatever its size."""
        instance = self.instance
        n, m = instance.weights.size, instance.sites.size
        everything = np.arange(m)
        opened = self.fixed.copy()
        alive = np.setdiff1d(everything, opened)
        record: dict = {"steps": []}
        room = max(DENSE // n, min(WORKING, m), 4 * self.p + 50)
        step = 0.1
        radii = None
        if alive.size <= room:
            working = alive
        else:
            radii = self.coarse_radii()
            s = instance.savings(radii)
            # promising sites, and some everywhere: where no site competes, radii would run away
            spread = alive[np.linspace(0, alive.size - 1, room // 3).astype(int)]
            working = np.union1d(alive[np.argsort(s[alive])[: room // 2]], spread)
        distance = instance.columns(working)
        self.open_pool(working, distance)
        if radii is None:
            radii = self.first_radii()
        bound = 0.0  # no plan costs less, whatever rounding says of the multipliers
        rounds = [200, 300, ROOT_STEPS, ROOT_STEPS]
        openness = np.zeros(working.size)
        started = False
        for number in range(25):
            steps = rounds[min(number, 3)] if working.size == alive.size else 80
            before = alive.size
            climb = self.climb(distance, opened, radii, [], np.zeros(0), working, steps, step, 0.01)
            radii, step = climb.radii, max(climb.step, 0.02)
            complete = working.size == alive.size
            if not complete:
                # the bound must hold over every site alive, not only the working ones
                s_all = instance.savings(radii)
                rest = climb.bound - _lowest(climb.savings, self.p - opened.size)
                bound_all = rest + _lowest(s_all[alive], self.p - opened.size)
                whole = _Climb(
                    bound_all,
                    radii,
                    climb.mu,
                    np.zeros(alive.size),
                    s_all[alive],
                    step,
                    climb.finished,
                )
                whole.openness[np.searchsorted(alive, working)] = climb.openness
                climb = whole
            bound = max(bound, climb.bound)
            self.note(record, climb)
            candidates = alive
            keep, must, top = self.reduce(climb, candidates, opened)
            plan = np.concatenate([opened, candidates[top]])
            if complete or np.isin(plan, self.pool_sites).all():
                self.try_plan(plan, climb, candidates, opened)
            if bound >= self.cut:
                break
            keep, must, top = self.reduce(climb, candidates, opened)
            opened = np.concatenate([opened, candidates[must]])
            alive, openness = candidates[keep], climb.openness[keep]
            q = self.p - opened.size
            if q == 0 or alive.size <= q:
                break
            if time.perf_counter() > self.deadline:
                break
            if complete:
                distance = distance[keep]
                working = alive
                if number >= 5 or (climb.finished and alive.size > 0.8 * before):
                    # a better plan closes sites, so the root is bounded once more
                    if started or not self.starts(alive, openness, opened):
                        break
                    started = True
            else:
                working = self.refresh(alive, climb.savings[keep], working, room)
                distance = instance.columns(working)
                union = np.union1d(working, self.plan)
                self.pool_sites = union
                self.pool = instance.columns(union)
                self.improve(self.plan)
        self.root_openness = openness
        return _Node(bound, alive, opened, radii, [], np.zeros(0), record, step)

    def refresh(self, alive, savings, working, room) -> np.ndarray:
        """Next working sites: the old ones still alive, and the best of those left out."""
        if alive.size <= room:
            return alive
        inside = np.isin(alive, working)
        order = np.argsort(savings)
        newcomers = order[~inside[order]][: room // 3]
        old = order[inside[order]][: room - newcomers.size]
        return np.sort(alive[np.concatenate([old, newcomers])])

    def coarse_radii(self) -> np.ndarray:
        """Radii from a coarse copy of the instance: runs of neighbouring nodes, every k-th site."""
        instance = self.instance
        n, m = instance.weights.size, instance.sites.size
        run = max(1, n // 900)
        label = np.arange(n) // run
        weights = np.bincount(label, weights=instance.weights)
        middle = np.minimum(np.arange(label[-1] + 1) * run + run // 2, n - 1)
        spots = np.unique(np.r_[np.linspace(0, m - 1, min(m, 900)).astype(int), self.fixed])
        spots = np.unique(np.r_[spots, np.arange(min(m, self.p))])
        small = Instance(
            weights,
            instance.rows[middle],
            np.arange(middle.size),
            instance.sites[spots],
            np.arange(spots.size),
            instance.distance,
            False,
        )
        search = Search(small, self.p, np.empty(0, int), self.deadline, False)
        distance = small.columns(np.arange(spots.size))
        search.open_pool(np.arange(spots.size), distance)
        climb = search.climb(
            distance, np.empty(0, int), search.first_radii(), [], np.zeros(0),
            np.arange(spots.size), 250, 0.1, 0.03,
        )  # fmt: skip
        search.try_plan(
            np.argsort(climb.savings)[: self.p], climb, np.arange(spots.size), np.empty(0, int)
        )
        self.hint = spots[search.plan]
        return np.ascontiguousarray(climb.radii[label])

    def open_pool(self, working, distance) -> None:
        """Sites the local search may use, and a first plan."""
        extra = [self.fixed]
        if self.hint is not None and self.hint.size == self.p:
            extra.append(self.hint)
        if self.plan.size:
            extra.append(self.plan)
        extra = np.setdiff1d(np.unique(np.concatenate(extra)), working)
        if extra.size:
            self.pool_sites = np.concatenate([working, extra])
            self.pool = np.concatenate([distance, self.instance.columns(extra)])
        else:
            self.pool_sites, self.pool = working, distance
        if self.hint is not None and self.hint.size == self.p and self.fixed.size == 0:
            self.improve(self.hint)
        elif self.hint is not None and 0 < self.hint.size < self.p:
            self.improve(self.grow(self.hint))
        else:
            self.improve(self.grow(self.fixed))

    def grow(self, start: np.ndarray) -> np.ndarray:
        """Add, one at a time, the site that helps most (greedy)."""
        w, pool = self.instance.weights, self.pool
        plan = list(dict.fromkeys([*self.fixed.tolist(), *np.asarray(start).tolist()]))[: self.p]
        known = {int(j): k for k, j in enumerate(self.pool_sites)}
        plan = [j for j in plan if j in known]
        if not plan and len(plan) < self.p:
            plan.append(int(self.pool_sites[int(np.argmin(pool @ w))]))
        near = pool[[known[j] for j in plan]].min(axis=0)
        gain = np.full(pool.shape[0], np.inf)
        gain[[known[j] for j in plan]] = -np.inf
        fresh = np.zeros(pool.shape[0], int)
        while len(plan) < self.p:
            # gains only shrink as the plan grows, so an old gain is an upper bound (lazy greedy)
            if len(plan) == 1 or np.isinf(gain.max()):
                for a in range(0, pool.shape[0], 256):
                    part = np.maximum(near - pool[a : a + 256], 0.0) @ w
                    gain[a : a + 256] = np.where(np.isneginf(gain[a : a + 256]), -np.inf, part)
                fresh[:] = len(plan)
            k = int(np.argmax(gain))
            while fresh[k] != len(plan):
                gain[k] = np.maximum(near - pool[k], 0.0) @ w
                fresh[k] = len(plan)
                k = int(np.argmax(gain))
            plan.append(int(self.pool_sites[k]))
            gain[k] = -np.inf
            near = np.minimum(near, pool[k])
        return np.array(plan)

    def first_radii(self) -> np.ndarray:
        """Start between the nearest and the second nearest patrol of the first plan."""
        block = self.instance.columns(self.plan)
        if self.p == 1:
            return block[0] * 1.3 + 1e-9 * block[0].max()
        two = np.partition(block, 1, axis=0)[:2]
        return np.ascontiguousarray(two[0] * 0.5 + two[1] * 0.5)

    def try_plan(self, plan, climb, active, opened) -> None:
        """Local search from the Lagrangian's own choice, then from the fractional plan."""
        starts = [plan]
        order = np.argsort(-climb.openness, kind="stable")[: self.p - opened.size]
        starts.append(np.concatenate([opened, active[order]]))
        known = np.zeros(self.instance.sites.size, bool)
        known[self.pool_sites] = True
        for start in starts:
            if start.size == self.p and known[start].all():
                self.improve(start)

    def starts(self, alive: np.ndarray, openness: np.ndarray, opened: np.ndarray) -> bool:
        """Interchange from plans drawn at random; whether one of them is the best so far.

        Two of three are the best plan with three neighbouring sites moved to others nearby, one is
        drawn from the fractional plan, site j with odds that rise with y_j. Only sites that may
        open are looked at. As long as that helps, it is done again.
        """
        rng, pool = np.random.default_rng(self.nodes), (self.pool_sites, self.pool)
        q = self.p - opened.size
        chance = openness + 0.1 * max(q, 1) / alive.size
        chance = np.where(np.isin(alive, self.pool_sites), chance, 0.0)
        if q < 1 or np.count_nonzero(chance) < q:
            return False
        begun = self.best
        for _ in range(ROUNDS):
            before = self.best
            kept = np.isin(pool[0], np.concatenate([alive, opened, self.fixed, self.plan]))
            self.pool_sites, self.pool = pool[0][kept], np.ascontiguousarray(pool[1][kept])
            for turn in range(STARTS):
                if time.perf_counter() > self.deadline:
                    break
                if turn % 3:
                    self.improve(self.nearby(rng))
                else:
                    drawn = rng.choice(alive, q, replace=False, p=chance / chance.sum())
                    self.improve(np.concatenate([opened, drawn]))
            if self.best >= before:
                break
        self.pool_sites, self.pool = pool
        return self.best < begun

    def nearby(self, rng: np.random.Generator) -> np.ndarray:
        """The best plan with the three sites nearest to some demand node moved to others nearby."""
        far = self.pool[:, rng.integers(self.pool.shape[1])]
        held = np.isin(self.pool_sites, self.plan)
        may_leave = np.flatnonzero(held & ~np.isin(self.pool_sites, self.fixed))
        leaving = may_leave[np.argsort(far[may_leave], kind="stable")[:3]]
        free = np.flatnonzero(~held)
        near = free[far[free] <= 1.1 * far[leaving].max()]
        if near.size < leaving.size:
            near = np.union1d(free, leaving)
        moved = rng.choice(near, leaving.size, replace=False)
        held[leaving] = False
        held[moved] = True
        return self.pool_sites[held]

    def note(self, record: dict, climb: _Climb) -> None:
        """Keep the multipliers a verifier needs to repeat this bound."""
        if self.recording:
            record["steps"].append({"radii": climb.radii.copy(), "mu": climb.mu.copy()})

    # --- tree -------------------------------------------------------------------------------

    def run(self) -> tuple[float, dict]:
        """Solve; returns the proven bound and the tree of multipliers."""
        node = self.root()
        tree = node.record
        tree["fixed"] = self.fixed
        if node.bound >= self.cut:
            return self.closed_bound(node.bound), tree
        if node.active.size * self.instance.weights.size > 16 * DENSE:
            return node.bound, tree
        self.base_sites = np.union1d(np.union1d(node.active, node.opened), self.plan)
        self.base = self.instance.columns(self.base_sites)
        self.pool_sites, self.pool = self.base_sites, self.base
        from_centres = self.base[:, :: max(1, self.base.shape[1] // CENTRES)].T
        self.order = np.argsort(from_centres, axis=1, kind="stable").astype(np.int32)
        self.ordered = np.take_along_axis(from_centres, self.order, 1)
        stack: list[_Node] = []
        self.branch(node, self.root_openness, stack)
        begun, asked, patience = time.perf_counter(), 0.0, PATIENCE
        while stack:
            # what a tree has not closed, a program of what is left often closes, or runs for long:
            # it gets as much time as the tree has had, and is asked again when that has doubled.
            # Its arithmetic is good for whole costs, and it leaves no multipliers for a certificate
            spent = time.perf_counter() - begun - asked
            if spent >= patience and self.instance.integral and not self.recording:
                patience = 2 * spent
                node.bound = max(node.bound, self.reduced(node, spent))
                asked = time.perf_counter() - begun - spent
                if node.bound >= self.cut:
                    return self.closed_bound(node.bound), tree
            if time.perf_counter() > self.deadline or self.nodes >= self.most_nodes:
                self.lowest = min(self.lowest, *(x.bound for x in stack))
                return self.closed_bound(self.lowest), tree
            # deepest first finds plans and keeps the stack short; a tree that does not end by then
            # is held by its lowest bound
            last = len(stack) - 1
            if self.nodes >= DEEPEST_FIRST:
                last = min(range(len(stack)), key=lambda k: stack[k].bound)
            self.visit(stack.pop(last), stack)
        return self.closed_bound(min(self.lowest, self.best)), tree

    def reduced(self, node: _Node, seconds: float) -> float:
        """Bound of the root by a mixed-integer program of the sites and pairs it left over."""
        w, radii = self.instance.weights, node.radii
        distance = self.base[np.searchsorted(self.base_sites, node.active)]
        held = self.instance.columns(node.opened)
        from_open = held.min(axis=0) if node.opened.size else np.full(w.size, np.inf)
        open_savings = -float((np.maximum(radii - held, 0.0) @ w).sum())
        program = ReducedProblem(
            w, radii, distance, from_open, open_savings, self.p - node.opened.size
        )

        def offer(chosen) -> None:
            self.offer(np.concatenate([node.opened, node.active[chosen]]))

        end = min(self.deadline, time.perf_counter() + seconds)
        return program.solve(self.best, end, offer)

    def closed_bound(self, bound: float) -> float:
        """The bound to report: whole costs round up."""
        if self.instance.integral and np.isfinite(bound):
            bound = float(np.ceil(bound - 1e-6 - 1e-12 * abs(bound)))
        return min(bound, self.best)

    def visit(self, node: _Node, stack: list[_Node]) -> None:
        """Bound one node, reduce it, split it."""
        self.nodes += 1
        first = True
        while True:
            if node.bound >= self.cut:
                self.lowest = min(self.lowest, node.bound)
                return
            q = self.p - node.opened.size
            if node.active.size < q or not self.propagate(node):
                node.record["infeasible"] = True
                return
            q = self.p - node.opened.size
            if q == 0 or node.active.size == q:
                self.leaf(node)
                return
            distance = self.base[np.searchsorted(self.base_sites, node.active)]
            step = max(node.step, 0.02) if first else node.step
            climb = None
            # where the newest region is still broken, the bound has not felt it: longer steps
            for longer in (1.0, 5.0, 25.0):
                again = self.climb(
                    distance, node.opened, node.radii, node.regions, node.mu, node.active,
                    NODE_STEPS, step * longer, 0.08,
                )  # fmt: skip
                if again is None:
                    node.record["infeasible"] = True
                    return
                if climb is None or again.bound > climb.bound:
                    climb = again
                if climb.bound >= self.cut or not first or not self.broken(node, again):
                    break
            node.radii, node.mu, node.step = climb.radii, climb.mu, climb.step
            if first:
                rise = climb.bound - node.bound
                node.still = node.still + 1 if rise < STILL * (self.best - node.bound) else 0
            node.bound = max(node.bound, climb.bound)
            self.note(node.record, climb)
            keep, must, top = self.reduce(climb, node.active, node.opened)
            self.heuristic(node, top)
            if node.bound >= self.cut:
                self.lowest = min(self.lowest, node.bound)
                return
            keep, must, top = self.reduce(climb, node.active, node.opened)
            before = node.active.size
            node.opened = np.concatenate([node.opened, node.active[must]])
            node.active, openness = node.active[keep], climb.openness[keep]
            q = self.p - node.opened.size
            if node.active.size > q > 0 and (node.active.size > 0.6 * before or not first):
                break
            first = False
        self.branch(node, openness, stack)

    def broken(self, node: _Node, climb: _Climb) -> bool:
        """Whether the fractional plan breaks the newest region and its multiplier does not move."""
        if not node.regions or abs(climb.mu[-1]) > 0:
            return False
        region = node.regions[-1]
        count = region.mask[node.opened].sum() + climb.openness @ region.mask[node.active]
        return bool((region.count - count) * region.sense > 0.05)

    def heuristic(self, node: _Node, top: np.ndarray) -> None:
        """Cost of the node's own choice; local search when it comes close."""
        plan = np.concatenate([node.opened, node.active[top]])
        index = np.searchsorted(self.base_sites, plan)
        value = float(self.instance.weights @ self.base[index].min(axis=0))
        if value < 1.003 * self.best:
            self.improve(plan)

    def propagate(self, node: _Node) -> bool:
        """Counting constraints that leave no choice open or close their sites."""
        changed = True
        while changed:
            changed = False
            for region in node.regions:
                missing = region.count - int(region.mask[node.opened].sum())
                free = region.mask[node.active]
                if region.sense > 0:
                    if free.sum() < missing:
                        return False
                    if missing > 0 and free.sum() == missing:
                        node.opened = np.concatenate([node.opened, node.active[free]])
                        node.active = node.active[~free]
                        changed = True
                else:
                    if missing < 0:
                        return False
                    if missing == 0 and free.any():
                        node.active = node.active[~free]
                        changed = True
        return node.opened.size <= self.p and node.opened.size + node.active.size >= self.p

    def leaf(self, node: _Node) -> None:
        """Only one plan is left: it is worth what it costs."""
        q = self.p - node.opened.size
        plan = np.concatenate([node.opened, node.active]) if q else node.opened
        value = float(self.instance.weights @ self.instance.columns(plan).min(axis=0))
        feasible = all(
            (region.mask[plan].sum() - region.count) * region.sense >= 0 for region in node.regions
        )
        node.record["plan"] = plan
        if feasible:
            self.offer(plan, value)
            self.lowest = min(self.lowest, max(node.bound, value))

    def branch(self, node: _Node, openness: np.ndarray, stack: list[_Node]) -> None:
        """Split on how many patrols stand in a region."""
        q = self.p - node.opened.size
        if q == 0 or node.active.size <= q:
            stack.append(node)
            return
        mask, count = self.region(node, openness)
        record = node.record
        record["sites"] = np.flatnonzero(mask)
        record["count"] = count
        children = []
        for sense, rhs in ((1, count + 1), (-1, count)):
            child: dict = {"steps": []}
            children.append(child)
            stack.append(
                _Node(
                    node.bound,
                    node.active,
                    node.opened,
                    node.radii,
                    [*node.regions, _Region(mask, sense, rhs)],
                    np.append(node.mu, 0.0),
                    child,
                    node.step,
                    node.still,
                )
            )
        record["at_least"], record["at_most"] = children

    def region(self, node: _Node, openness: np.ndarray) -> tuple[np.ndarray, int]:
        """The ball of sites around a demand node whose patrol count is least decided."""
        place = np.searchsorted(self.base_sites, node.active)
        alive, y = np.zeros(self.base_sites.size, bool), np.zeros(self.base_sites.size)
        alive[place], y[place] = True, openness
        rooms = (self.room.get(name, y.size) for name in ("from", "share of", "outer"))
        row, size, total, score = _kernels.least_decided(self.order, self.ordered, alive, y, *rooms)
        mask = np.zeros(self.instance.sites.size, bool)
        # a region never splits what the forced sites already decide
        if score <= 1e-6 or node.still >= 3:
            mask[node.active[np.argmax(np.where(openness < 0.999, openness, -1.0))]] = True
            return mask, 0
        order = self.order[row]
        mask[self.base_sites[order[alive[order]][:size]]] = True
        return mask, int(np.floor(total))


def _lowest(values: np.ndarray, count: int) -> float:
    if count >= values.size:
        return float(values.sum())
    return float(np.partition(values, count - 1)[:count].sum())


def solve(
    problem: PatrolProblem,
    *,
    instance: Instance | None = None,
    hint: np.ndarray | None = None,
    time_limit: float | None = None,
    recording: bool = False,
    most_nodes: float = np.inf,
) -> tuple[PMedianSolution, Search, dict]:
    """Exact p-median: the solution, the finished search, the tree of multipliers.

    A search that ends after so many nodes of its tree is the same on every machine.
    """
    start, clock = time.process_time(), time.perf_counter()
    given, (problem, reaching) = problem, finite(problem)
    instance = reduce_problem(problem) if instance is None else instance
    deadline = np.inf if time_limit is None else clock + time_limit
    search = Search(instance, problem.patrols, problem.fixed, deadline, recording, most_nodes)
    m = instance.sites.size
    fixed = search.fixed
    tree: dict = {"steps": []}
    # a patrol on a post that coincides with another fixed one serves nobody else
    placed = problem.patrols - (len(problem.fixed) - fixed.size)
    if placed >= m:
        search.plan, search.best, bound = np.arange(m), 0.0, 0.0
        chosen = instance.sites
        value = travel(problem.demand, problem.distance, chosen)
        bound = search.best = value
    elif fixed.size >= placed:
        search.offer(fixed)
        bound = search.best
    else:
        search.p = placed
        if hint is not None:
            search.hint = instance.site_class[np.asarray(hint)]
        bound, tree = search.run()
    sites = _original_sites(problem, instance, search.plan)
    objective = travel(given.demand, given.distance, sites)
    if reaching is not None and not np.isfinite(objective):
        sites = reaching  # time ended at a plan that leaves nodes out of reach
        objective = travel(given.demand, given.distance, sites)
    bound = min(bound, objective)
    gap = (objective - bound) / objective if objective > 0 else 0.0
    solution = PMedianSolution(
        sites=sites,
        assignment=assign(given.distance, sites),
        objective=objective,
        bound=bound,
        gap=gap,
        proven=bool(gap <= 1e-9),
        seconds=time.process_time() - start,
        method="exact",
    )
    return solution, search, tree


def _original_sites(problem: PatrolProblem, instance: Instance, plan: np.ndarray) -> np.ndarray:
    """Back to the problem's site numbers: fixed posts first, spare patrols on spare sites."""
    chosen = list(problem.fixed)
    taken = set(instance.site_class[chosen].tolist()) if chosen else set()
    chosen += [int(instance.sites[j]) for j in plan if int(j) not in taken]
    held = set(chosen)
    spare = (j for j in range(problem.sites) if j not in held)
    while len(chosen) < problem.patrols:
        chosen.append(next(spare))
    return np.sort(np.array(chosen[: problem.patrols]))
