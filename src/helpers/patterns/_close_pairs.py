"""Pairs of events by bands of distance and of time: counted on places, each with its events.

Events repeat their places. Which places are close is asked once for each pair of places, and what
their events are to one another in time is a merge of two sorted lists. No list of pairs is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._cells import CellGrid
from ._events import rounding
from ._places import extent
from ._space_time_kernels import place_degrees, sort_by_place, space_time_pairs, strata_pairs

METRICS = ("euclidean", "manhattan")

_MANY_MOMENTS = 20_000_000
"""Entries of the table of last moments that even moments may take."""

_MANY_STEPS = 50_000
"""Steps of even moments that a pair is counted by, before bands are."""


@dataclass(frozen=True, eq=False)
class ClosePairs:
    """Events as places with moments, ready to count pairs of.

    Attributes
    ----------
    places : ndarray of float, shape (p, 2)
        Distinct places, sorted by cell.
    labels : ndarray of int, shape (n,)
        Place of each event, events in order of time.
    ranks : ndarray of int, shape (n,)
        Moment of each event, as its place among the distinct ones; ascending.
    within : ndarray of int, shape (m, t)
        Last moment that each band of time holds for an event at each of the m moments.
    steps : int
        Where moments are even (days, hours), how many steps the last band spans; else 0.
    order : ndarray of int, shape (n,)
        Which of the events as they came each of these is.
    """

    places: np.ndarray
    labels: np.ndarray
    ranks: np.ndarray
    within: np.ndarray
    steps: int
    order: np.ndarray
    cells: tuple
    bands: tuple

    @classmethod
    def of(cls, points, moments, distances, spans, closed: bool, metric: str) -> ClosePairs:
        """Sort events; `distances` and `spans` are upper limits in units of points and moments."""
        places, place = np.unique(points, axis=0, return_inverse=True)
        place = place.ravel()
        centred = places - places.mean(axis=0)
        slack = rounding(points)
        limits = distances + slack if closed else distances - slack
        low, high = extent(places)
        # the cells need some size, also where all is one place or only the same place is asked for
        largest = max(limits[-1], 1e-6 * (high - low).max(), 2 * slack, np.finfo(float).tiny)
        grid = CellGrid.over(places, (*low, *high), float(largest))
        position = np.empty(len(places), dtype=np.int64)
        position[grid.order] = np.arange(len(places))
        order = np.argsort(moments, kind="stable")
        distinct, ranks = _ranked(moments, len(spans))
        within = _last_moments(distinct, spans, closed)
        even = len(distinct) > 1 and np.ptp(np.diff(distinct)) == 0
        return cls(
            places=centred.take(grid.order, axis=0),
            labels=position[place][order].astype(np.int32),
            ranks=ranks[order].astype(np.int32),
            within=within,
            steps=int(within[0, -1]) if even and within[0, -1] <= _MANY_STEPS else 0,
            order=order,
            cells=(grid.starts, grid.columns, grid.rows, grid.reach),
            bands=(limits, limits * limits, metric == "manhattan", closed),
        )

    @cached_property
    def events_at(self) -> np.ndarray:
        """Number of events of each place."""
        return np.bincount(self.labels, minlength=len(self.places))

    @cached_property
    def _first(self) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(self.events_at)]).astype(np.int64)

    @cached_property
    def _earliest(self) -> np.ndarray:
        last = self.within[:, -1]
        return np.searchsorted(last, np.arange(len(last)), side="left").astype(np.int32)

    @cached_property
    def space_degrees(self) -> np.ndarray:
        """Other events in each band of distance about an event of each place, shape (p, s)."""
        degrees = np.zeros((len(self.places), len(self.bands[0])), dtype=np.int64)
        place_degrees(self.places, self.events_at, *self.cells, self.bands, degrees)
        return degrees

    @cached_property
    def time_degrees(self) -> np.ndarray:
        """Other events in each band of time about an event at each moment, shape (m, t)."""
        at = np.bincount(self.ranks, minlength=len(self.within))
        until = np.concatenate([[0], np.cumsum(at)])
        moment = np.arange(len(at))
        degrees = np.empty(self.within.shape, dtype=np.int64)
        for k, last in enumerate(self.within.T):
            # the first moment that holds this one within the band: `last` ascends
            first = np.searchsorted(last, moment, side="left")
            degrees[:, k] = until[last + 1] - until[first] - 1
        return np.diff(degrees, axis=1, prepend=0)

    def count(self, labels: np.ndarray | None = None) -> np.ndarray:
        """Pairs of events by band of distance and of time, shape (s, t), for places as observed or given."""
        labels = self.labels if labels is None else labels
        ranks = np.empty(len(self.ranks), dtype=np.int32)
        sort_by_place(labels, self.ranks, self._first, ranks)
        bins = self.steps + 1 if self.steps else self.within.shape[1]
        counts = np.zeros((len(self.bands[0]), bins), dtype=np.int64)
        moments = (self._earliest, self.within, self.steps)
        space_time_pairs(self.places, self._first, ranks, *moments, *self.cells, self.bands, counts)
        if not self.steps:
            return counts
        # the first moment's bands are those of any number of steps
        running = counts.cumsum(axis=1)[:, self.within[0]]
        return np.diff(running, axis=1, prepend=0)

    def permuted(self, generator: np.random.Generator, strata: list[np.ndarray]) -> np.ndarray:
        """The same with the places dealt anew to the events of each stratum."""
        labels = self.labels.copy()
        for members in strata:
            labels[members] = generator.permutation(labels[members])
        return self.count(labels)

    def strata_means(self, stratum: np.ndarray) -> np.ndarray:
        """Exact mean of the counts over permutations within strata, shape (s, t).

        `stratum` numbers the stratum of each event, events in order of time.
        """
        groups = np.zeros((len(self.places), stratum.max() + 1), dtype=np.int64)
        np.add.at(groups, (self.labels, stratum), 1)
        space = np.zeros((len(self.bands[0]), *[groups.shape[1]] * 2), dtype=np.int64)
        strata_pairs(self.places, groups, *self.cells, self.bands, space)
        moments = np.zeros((len(self.within), groups.shape[1]), dtype=np.int64)
        np.add.at(moments, (self.ranks, stratum), 1)
        until = np.concatenate([np.zeros((1, groups.shape[1]), dtype=np.int64), moments.cumsum(0)])
        same = moments.T @ moments
        same[np.diag_indices_from(same)] -= moments.sum(axis=0)
        both = np.array(
            [moments.T @ (until[last + 1] - until[1:]) for last in self.within.T], dtype=np.int64
        )
        # pairs across g and h lie in [g, h] or in [h, g], and those of one moment are in neither
        time = both + both.transpose(0, 2, 1) + same
        space = space + space.transpose(0, 2, 1)
        size = moments.sum(axis=0)
        pairs = np.outer(size, size) - np.diag(size)
        time = np.diff(time, axis=0, prepend=0)
        share = np.divide(1.0, pairs, out=np.zeros(pairs.shape), where=pairs > 0)
        return np.einsum("sgh,tgh,gh->st", space.astype(float), time.astype(float), share) / 2


def _ranked(moments: np.ndarray, bands: int) -> tuple[np.ndarray, np.ndarray]:
    """Ascending moments, and which of them each event has; every step of even ones where few."""
    even = (moments == np.rint(moments)).all() and np.abs(moments).max() < 2**62
    whole = moments.astype(np.int64) if even else moments
    distinct, ranks = np.unique(whole, return_inverse=True)
    ranks = ranks.ravel()
    if np.issubdtype(distinct.dtype, np.integer) and len(distinct) > 1:
        step = np.gcd.reduce(np.diff(distinct))
        length = (distinct[-1] - distinct[0]) // step + 1
        if length * bands <= _MANY_MOMENTS:
            return distinct[0] + step * np.arange(length), (whole - distinct[0]) // step
    return distinct, ranks


def _last_moments(distinct, spans, closed: bool) -> np.ndarray:
    """For each moment and band the last of the ascending moments that the band holds."""
    side = "right" if closed else "left"
    if np.issubdtype(distinct.dtype, np.integer):
        whole = [np.floor(span) if closed else np.ceil(span) for span in spans]
        ends = [distinct + int(span) for span in whole]
    else:
        slack = rounding(distinct)
        ends = [distinct + span + (slack if closed else -slack) for span in spans]
    last = [np.searchsorted(distinct, end, side=side) - 1 for end in ends]
    return np.ascontiguousarray(np.column_stack(last).astype(np.int32))
