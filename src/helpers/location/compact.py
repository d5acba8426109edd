"""Certificates in few digits: a bound holds for any prices, so they are rounded while the proof still closes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .distances import PlanarDistance

__all__ = ["compacted"]

BITS = (8, 11, 14, 17, 20, 24, 30, 38)
"""Binary digits of the largest price, the fewest first."""

LARGEST = 16_000_000
"""Nodes × sites of the ways that are held at once; proofs of more stay as they are."""

SURE = 7e-10
"""Relative to the cost: what a bound by floating-point numbers must reach; the verifier asks for 1e-9."""

Tree = Mapping[str, Any]
Region = tuple[np.ndarray, int, int]


def compacted(
    proofs: Sequence[dict[str, Any] | None], demand, distance
) -> list[dict[str, Any] | None]:
    r"""The same proofs with prices of few digits, without the bounds that nothing rests on.

    For any prices :math:`r_i` the bound of a node of the tree,

    .. math:: \sum_i c_i r_i - \max_{|S| = p} \sum_{j \in S} \sum_i c_i \max(r_i - d_{ij}, 0)

    holds.  So they are brought to a grid of a power of two, the coarsest of a few on which every
    branch still ends, and of several bounds of one node only the last is kept where that suffices.

    Parameters
    ----------
    proofs : sequence of dict
        From `helpers.location.certify`, of one demand and one distance; None stays.
    demand : (n,) array
        Weight of each demand node.
    distance : (n, m) array or PlanarDistance
        From demand node i to candidate site j.

    Returns
    -------
    list of dict
        Prices (``radii``) are whole multiples of ``grain``.  A proof that closes on none of the
        grids stays as it is.

    References
    ----------
    Cornuéjols, Fisher & Nemhauser (1977), Management Science 23, on the bound.
    """
    demand = np.asarray(demand, float)
    if not any(proofs) or np.count_nonzero(demand) * distance.shape[1] > LARGEST:
        return list(proofs)
    ground = _Ground(demand, distance)
    return [proof and _shortest(proof, ground) for proof in proofs]


class _Ground:
    """Nodes with demand, and the ways to them: a row a site."""

    def __init__(self, demand: np.ndarray, distance) -> None:
        self.rows = np.flatnonzero(demand > 0)
        self.weight = demand[self.rows]
        if isinstance(distance, PlanarDistance):
            ways = distance.columns(np.arange(distance.shape[1]))
        else:
            ways = np.asarray(distance, float)
        self.ways = np.ascontiguousarray(ways[self.rows].T)
        # sites with the same ways are one site, the first of them
        first: dict[bytes, int] = {}
        self.kind = np.array(
            [first.setdefault(row.tobytes(), j) for j, row in enumerate(self.ways)]
        )
        self.whole = not isinstance(distance, PlanarDistance) and all(
            np.array_equal(each, np.rint(each)) for each in (self.weight, self.ways)
        )

    def cost(self, sites) -> float:
        """Travel under a plan."""
        return float(self.weight @ self.ways[sites].min(axis=0))

    def cut(self, cost: float) -> float:
        """A bound of this height ends a branch."""
        return cost - 1 + 1e-6 + 1e-12 * cost if self.whole else cost - SURE * cost


def _shortest(proof: dict[str, Any], ground: _Ground) -> dict[str, Any]:
    """The first of the shorter forms that still proves the plan, else the proof itself."""
    most = max(
        (max(step["radii"]) for node in _nodes(proof["tree"]) for step in node["steps"]),
        default=0.0,
    )
    top = int(np.frexp(most)[1])
    several = any(len(node["steps"]) > 1 for node in _nodes(proof["tree"]))

    def made(bits: int, last: bool) -> dict[str, Any] | None:
        grain = 2.0 ** (top - bits)
        tree = _Replay(proof, ground, grain, last).tree()
        return None if tree is None else {**proof, "grain": grain, "tree": tree}

    for last in (True, False) if several else (True,):
        found = made(BITS[-1], last)
        if found is None:
            continue
        # what closes closes with more digits too, but for chance: the fewest by halves
        low, high = 0, len(BITS) - 1
        while low < high:
            middle = (low + high) // 2
            coarse = made(BITS[middle], last)
            if coarse is None:
                low = middle + 1
            else:
                high, found = middle, coarse
        return found
    return proof


def _nodes(tree: Tree) -> Iterator[Tree]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += [node[way] for way in ("at_least", "at_most") if way in node]


class _State(NamedTuple):
    """Sites that are free and those forced open (masks), and the counts imposed on regions."""

    free: np.ndarray
    opened: np.ndarray
    regions: list[Region]


class _Replay:
    """The verifier's walk through a tree, by floating-point numbers with a margin."""

    def __init__(self, proof: Mapping[str, Any], ground: _Ground, grain: float, last: bool) -> None:
        self.proof, self.ground, self.grain, self.last = proof, ground, grain, last
        self.cut = ground.cut(ground.cost(proof["sites"]))
        fixed = sorted(set(proof["fixed"]))
        self.opened = np.zeros(len(ground.kind), bool)
        self.opened[ground.kind[fixed]] = True
        self.p = proof["patrols"] - len(fixed) + int(self.opened.sum())

    def tree(self) -> dict[str, Any] | None:
        """What of the tree the proof needs; None where a branch stays open."""
        free = np.zeros(len(self.opened), bool)
        free[self.ground.kind] = True
        whole: dict[str, Any] = {}
        stack = [(self.proof["tree"], whole, _State(free & ~self.opened, self.opened, []))]
        while stack:
            node, made, state = stack.pop()
            ended, state = self._visit(node, made, state)
            if ended:
                continue
            if "sites" not in node:
                return None
            area = np.zeros(len(self.opened), bool)
            area[node["sites"]] = True
            made.update(sites=node["sites"], count=node["count"], at_least={}, at_most={})
            more = (area, 1, node["count"] + 1), (area, -1, node["count"])
            for way, region in zip(("at_least", "at_most"), more, strict=True):
                below = state._replace(regions=[*state.regions, region])
                stack.append((node[way], made[way], below))
        return whole

    def _visit(self, node: Tree, made: dict[str, Any], state: _State) -> tuple[bool, _State]:
        """Whether a branch ends here, and what is left of its sites; `made` gets the bounds used."""
        made["steps"] = []
        steps = list(node["steps"][-1:] if self.last else node["steps"])
        while True:
            counted = _counted(state, self.p)
            if counted is None:
                return True, state
            state = counted
            q = self.p - int(state.opened.sum())
            if q == 0 or int(state.free.sum()) == q:
                plan = np.flatnonzero(state.opened if q == 0 else state.opened | state.free)
                return self.ground.cost(plan) >= self.cut, state
            if not steps:
                return False, state
            step = self._rounded(steps.pop(0))
            made["steps"].append(step)
            bound, state = self._bound(step, state, q)
            if bound >= self.cut:
                return True, state

    def _rounded(self, step: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
        radii = np.rint(np.asarray(step["radii"]) / self.grain).astype(int)
        # a price of a count is worth about what the prices of a node come to
        fine = self.grain * 2.0 ** np.floor(np.log2(self.ground.weight.max()))
        mu = np.rint(np.asarray(step["mu"], float) / fine) * fine
        return {"radii": radii.tolist(), "mu": mu.tolist()}

    def _bound(self, step: Mapping[str, Any], state: _State, q: int) -> tuple[float, _State]:
        """The bound of some prices, and the sites that it leaves free and forces open."""
        ground, (free, opened, regions) = self.ground, state
        r = np.asarray(step["radii"], float)[ground.rows] * self.grain
        if opened.any():
            r = np.minimum(r, ground.ways[opened].min(axis=0))
        places = np.flatnonzero(free)
        # wrong signs count as zero
        mu = [
            u if u * sense > 0 else 0.0
            for u, (_, sense, _) in zip(step["mu"], regions, strict=True)
        ]
        near = r > 0
        s = -np.maximum(r[near] - ground.ways[np.ix_(places, near)], 0.0) @ ground.weight[near]
        for u, (area, _, _) in zip(mu, regions, strict=True):
            s -= u * area[places]
        order = np.argsort(s, kind="stable")
        s, places = s[order], places[order]
        bound = float(ground.weight @ r) + float(s[:q].sum())
        bound += sum(
            u * (n - int((area & opened).sum()))
            for u, (area, _, n) in zip(mu, regions, strict=True)
        )
        keep = bound + s - s[q - 1] < self.cut
        keep[:q] = True
        must = np.zeros(len(s), bool)
        must[:q] = bound - s[:q] + s[q] >= self.cut
        left, forced = np.zeros_like(free), opened.copy()
        left[places[keep & ~must]] = True
        forced[places[must]] = True
        return bound, _State(left, forced, regions)


def _counted(state: _State, p: int) -> _State | None:
    """What the counting rules leave free and force open; None if no plan obeys them."""
    free, opened, size = state.free & ~state.opened, state.opened.copy(), -1
    while size != int(free.sum()):
        size = int(free.sum())
        for area, sense, n in state.regions:
            missing, room = n - int((area & opened).sum()), int((area & free).sum())
            if (missing < 0 and sense < 0) or (missing > room and sense > 0):
                return None
            if 0 < missing == room and sense > 0:
                opened |= area & free
            free = free & ~(area if missing == 0 and sense < 0 else opened)
    fits = int(opened.sum()) <= p <= int(opened.sum()) + int(free.sum())
    return _State(free, opened, state.regions) if fits else None
