"""Places on streets with the points that repeat them: ways between them, and places as far away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from helpers.space import StreetNetwork, snap_to_streets

_BLOCK = 32
"""Spots whose ways are searched at once."""


@dataclass(frozen=True, eq=False)
class StreetSpots:
    """Distinct places on a network, sorted by street, and what the points at each weigh together."""

    network: StreetNetwork
    segment: np.ndarray
    along: np.ndarray
    weight: np.ndarray
    squares: np.ndarray
    points: int
    weighed: bool

    @classmethod
    def of(cls, network: StreetNetwork, points, intensity) -> StreetSpots:
        segment, along, _ = snap_to_streets(network, points)
        return cls.at(network, segment, along, intensity)

    @classmethod
    def at(cls, network, segment, along, intensity=None) -> StreetSpots:
        n = len(segment)
        if n < 2:
            raise ValueError(f"a function of pairs along streets needs two points, got {n}")
        v = np.ones(n)
        if intensity is not None:
            values = np.asarray(intensity, dtype=float)
            if values.shape != (n,) or not (np.isfinite(values) & (values > 0)).all():
                raise ValueError(f"intensities are {n} positive numbers, one a point")
            v = 1 / values
        spots, spot = np.unique(np.column_stack([segment, along]), axis=0, return_inverse=True)
        if len(spots) < 2:
            raise ValueError("points along streets need two different places: all are one")
        sums = [np.bincount(spot.ravel(), each) for each in (v, v * v)]
        return cls(network, spots[:, 0].astype(int), spots[:, 1], *sums, n, intensity is not None)

    def factor(self, normalise: int) -> float:
        """What a sum over pairs is multiplied by."""
        if isinstance(normalise, bool) or normalise not in (0, 1, 2):
            raise ValueError(f"normalise is the power 0, 1 or 2, not {normalise!r}")
        length = float(self.network.length.sum())
        if not self.weighed:
            return length / (self.points * (self.points - 1))
        return (length / float(self.weight.sum())) ** normalise / length

    @cached_property
    def _graph(self) -> sparse.csr_matrix:
        network = self.network
        tail, head = network.segments.T
        order = np.lexsort((network.length, np.maximum(tail, head), np.minimum(tail, head)))
        low, high = np.minimum(tail, head)[order], np.maximum(tail, head)[order]
        # of parallel streets the shortest is the way
        first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)]
        size = len(network.nodes)
        return sparse.csr_matrix(
            (network.length[order][first], (low[first], high[first])), shape=(size, size)
        )

    def pairs(
        self, largest: float, count_places: bool
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Ordered pairs up to `largest` apart: distance, product of weights, m_i of the distance."""
        lengths = self.network.length[self.segment]
        before, after = self.along * lengths, (1 - self.along) * lengths
        starts, ends = self.network.segments[self.segment].T
        for begin in range(0, len(self.segment), _BLOCK):
            block = np.arange(begin, min(begin + _BLOCK, len(self.segment)))
            nodes, where = np.unique(
                np.concatenate([starts[block], ends[block]]), return_inverse=True
            )
            way = dijkstra(self._graph, directed=False, indices=nodes, limit=largest)
            where = where.ravel()
            for i, start, end in zip(block, where[: len(block)], where[len(block) :], strict=True):
                to_node = np.minimum(way[start] + before[i], way[end] + after[i])
                d = np.minimum(to_node[starts] + before, to_node[ends] + after)
                own = self.segment == self.segment[i]
                d[own] = np.minimum(d[own], np.abs(before[own] - before[i]))
                near = np.flatnonzero(d <= largest)
                weight = self.weight[i] * self.weight[near]
                itself = near == i
                # pairs of different points at the same place
                weight[itself] = self.weight[i] ** 2 - self.squares[i]
                kept = weight > 1e-12 * self.weight[i] ** 2
                d, weight = d[near[kept]], weight[kept]
                places = self._places(i, to_node, before[i], after[i], d) if count_places else d
                yield d, weight, places

    def _places(self, i, to_node, before, after, d) -> np.ndarray:
        """Number of places of the network just beyond each distance d from spot i.

        Along a street whose ends are a and b from the spot, ways from the two ends meet where both
        are (a + b + length) / 2 long: between a and that, and b and that, each distance is one place.
        The spot's own street is two, one from the spot to each end.
        """
        tail, head = self.network.segments.T
        own = self.segment[i]
        others = np.arange(len(tail)) != own
        a, b = to_node[tail[others]], to_node[head[others]]
        known = np.isfinite(a) | np.isfinite(b)
        lengths = self.network.length[others][known]
        a, b = a[known], b[known]
        # beyond the reach of the search no place is counted: what is infinite meets nowhere near
        meet = np.where(np.isfinite(a) & np.isfinite(b), (a + b + lengths) / 2, np.inf)
        a_end, b_end = np.minimum(meet, a + lengths), np.minimum(meet, b + lengths)
        first = [a, b]
        last = [np.where(np.isfinite(a), a_end, a), np.where(np.isfinite(b), b_end, b)]
        for node, length in ((tail[own], before), (head[own], after)):
            meet = (to_node[node] + length) / 2
            first.append(np.array([0.0, to_node[node]]))
            last.append(np.array([meet, meet]))
        first, last = np.concatenate(first), np.concatenate(last)
        some = last > first
        begun = np.searchsorted(np.sort(first[some]), d, side="right")
        ended = np.searchsorted(np.sort(last[some]), d, side="right")
        return np.maximum(begun - ended, 1)
