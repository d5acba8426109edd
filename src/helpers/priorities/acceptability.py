"""Stochastic multicriteria acceptability analysis: what any weights would say of each zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from ._kernels import count_ranks, weigh
from .errors import PriorityError
from .ranking import (
    TIE,
    Ranking,
    additive_scores,
    check_sizes,
    rank_zones,
    unit_values,
)
from .simplex import sample_weights
from .weights import check_order, smarter_weights

BLOCK = 2_000_000
"""Scores held at once: 16 MB, which stays near the processor."""

STREAMS = 16
"""Most random streams a run is divided into; fixed, so that results do not depend on workers."""

ALL_RANKS = 1000
"""Up to so many zones every rank is counted, and every pair of zones compared."""

MANY_RANKS = 100
"""Ranks counted one by one for more zones than that."""

INDICATORS = 4
"""I1 … I4 of the Recife paper (Table 4)."""

Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Acceptability:
    """Counts over weight vectors, and the indices of SMAA-2 that follow from them.

    Attributes
    ----------
    zones, criteria : Index
    vectors : int
        Number N of weight vectors.
    reference : Ranking
        The ranking that stability is measured against.
    reference_segments : Series or None
        Zone → segment in the reference ranking.
    rank_counts : ndarray, shape (n, R)
        How often zone i had rank r = 1 … R.
    rank_moments : ndarray, shape (n, 2)
        Sum of each zone's ranks, and of their squares.
    segment_counts : ndarray, shape (n, S)
    first_weights : ndarray, shape (2, n, m)
        Sum of the weight vectors under which zone i was first, and of their squares.
    wins : ndarray, shape (n, n) or (0, 0)
        How often zone i had a better rank than zone k.
    within : ndarray, shape (N, 4)
        For each vector, number of zones 0, at most 1, 2, 3 ranks from the reference.
    unmoved : ndarray, shape (N,)
        For each vector, number of zones in their reference segment.
    confidence : Series
        Confidence factor of each zone: probability to be first under its central weights, given
        the uncertainty of the values; NaN for a zone that is never first.
    confidence_draws : int
        Draws behind the confidence factors; 0 where values are certain and nothing is drawn.
    """

    zones: pd.Index
    criteria: pd.Index
    vectors: int
    reference: Ranking
    reference_segments: pd.Series | None
    segment_names: tuple[str, ...]
    rank_counts: np.ndarray
    rank_moments: np.ndarray
    segment_counts: np.ndarray
    first_weights: np.ndarray
    wins: np.ndarray
    within: np.ndarray
    unmoved: np.ndarray
    confidence: pd.Series
    confidence_draws: int

    @cached_property
    def rank_acceptability(self) -> pd.DataFrame:
        """Share of weight vectors that give zone i rank r, b_i^r; shape (n, R)."""
        columns = pd.RangeIndex(1, self.rank_counts.shape[1] + 1, name="rank")
        return pd.DataFrame(self.rank_counts / self.vectors, self.zones, columns)

    @cached_property
    def expected_rank(self) -> pd.DataFrame:
        """Mean rank of each zone, its standard deviation over vectors and Monte Carlo error."""
        mean, spread = _moments(*self.rank_moments.T, self.vectors)
        error = spread / np.sqrt(self.vectors)
        return pd.DataFrame({"mean": mean, "deviation": spread, "error": error}, self.zones)

    @cached_property
    def central_weights(self) -> pd.DataFrame:
        """Mean of the weights under which a zone is first, w_i^c; NaN when it never is."""
        return pd.DataFrame(self._central()[0], self.zones, self.criteria)

    @cached_property
    def central_weights_error(self) -> pd.DataFrame:
        """Monte Carlo standard error of the central weights."""
        mean, spread = self._central()
        counts = self.rank_counts[:, :1].astype(float)
        error = np.divide(spread, np.sqrt(counts), out=np.full_like(mean, np.nan), where=counts > 1)
        return pd.DataFrame(error, self.zones, self.criteria)

    @cached_property
    def pairwise_winning(self) -> pd.DataFrame:
        """Share of weight vectors that put zone i (row) before zone k (column).

        Raises
        ------
        PriorityError
            The pairs were not counted.
        """
        if not len(self.wins):
            raise PriorityError("pairs of zones were not counted; ask for them with pairwise=True")
        return pd.DataFrame(self.wins / self.vectors, self.zones, self.zones)

    @cached_property
    def segment_acceptability(self) -> pd.DataFrame:
        """Share of weight vectors that put zone i in each segment; shape (n, S)."""
        self._has_segments()
        return pd.DataFrame(self.segment_counts / self.vectors, self.zones, self.segment_names)

    @cached_property
    def segment_stability(self) -> pd.Series:
        """Share of weight vectors that leave zone i in its segment of the reference ranking."""
        shares = self.segment_acceptability
        columns = shares.columns.get_indexer(self.reference_segments)
        kept = shares.to_numpy()[np.arange(len(shares)), columns]
        return pd.Series(kept, self.zones, name="segment_stability")

    def indicators(self) -> pd.DataFrame:
        """Robustness indicators of the Recife paper (Table 4).

        Returns
        -------
        DataFrame
            Rows I1 … I4 (share of zones at most 0, 1, 2, 3 ranks from the reference) and, where
            there are segments, ``segment`` (share of zones in their segment).  Columns: ``mean``
            over the weight vectors, its Monte Carlo ``error``, and ``q05, q50, q95``, the 5 %, 50 %
            and 95 % points over the vectors.
        """
        shares = {f"I{k + 1}": self.within[:, k] for k in range(INDICATORS)}
        if self.reference_segments is not None:
            shares["segment"] = self.unmoved
        table = pd.DataFrame(shares) / len(self.zones)
        points = table.quantile([0.05, 0.5, 0.95]).T.set_axis(["q05", "q50", "q95"], axis=1)
        spread = table.std(ddof=1) / np.sqrt(self.vectors)
        return pd.DataFrame({"mean": table.mean(), "error": spread}).join(points)

    def table(self) -> pd.DataFrame:
        """One row a zone, in the reference order: the indices that fit in a row, with errors."""
        first = self.rank_acceptability[1]
        expected = self.expected_rank
        columns = {
            "rank": self.reference.ranks,
            "first": first,
            "first_error": share_error(first, self.vectors),
            "expected_rank": expected["mean"],
            "expected_rank_error": expected["error"],
            "confidence": self.confidence,
        }
        if self.reference_segments is not None:
            stable = self.segment_stability
            columns["segment"] = self.reference_segments
            columns["segment_stability"] = stable
            columns["segment_stability_error"] = share_error(stable, self.vectors)
        table = pd.DataFrame(columns)
        return table.loc[self.reference.positions.sort_values().index]

    def _central(self) -> tuple[np.ndarray, np.ndarray]:
        return _moments(*self.first_weights, self.rank_counts[:, :1])

    def _has_segments(self) -> None:
        if self.reference_segments is None:
            raise PriorityError("there are no segments; give their `sizes`")


def smaa(
    values: pd.DataFrame,
    *,
    vectors: int = 10_000,
    order: Sequence[str] | None = None,
    reference: Ranking | None = None,
    sizes: Mapping[str, int] | None = None,
    uncertainty: Draw | None = None,
    ranks: int | None = None,
    pairwise: bool | None = None,
    jobs: int = 1,
    seed: int | np.random.Generator,
) -> Acceptability:
    r"""Rank zones under many weight vectors: phase one of SMAA-2, with its indices.

    Each weight vector is drawn uniformly from the simplex, or from the part of it that respects
    a ranking of the criteria; each gives every zone the rank

    .. math:: r_i = 1 + \#\{k : V(a_k) > V(a_i)\}.

    (Lahdelma and Salminen 2001, Operations Research 49:444-454; Tervonen and Lahdelma 2007,
    European Journal of Operational Research 178:500-513, algorithm 1; pairwise winning indices:
    Leskinen et al. 2006, Forest Science 52.)  With certain values a zone that is ever first is
    also first at its central weights, so its confidence factor is 1; with `uncertainty` the
    factors are estimated from `vectors` further draws of the values (algorithm 2 there).

    Vectors are drawn and counted in blocks, so memory is bounded by n × R counts however many
    vectors there are.  The streams of random numbers depend on the size of the problem alone:
    the same seed gives the same result with any number of `jobs`.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    vectors : int
        Number of weight vectors.
    order : sequence of str, optional
        Criteria from the most to the least important; without it all weights are admitted.
    reference : Ranking, optional
        What stability is measured against; the SMARTER ranking for `order` (equal weights
        without one) by default.
    sizes : dict, optional
        Segment → number of zones, the most urgent first.
    uncertainty : callable, optional
        ``draw(generator, size)`` gives `size` tables of values, shape (size, n, m); see
        `spread_values`.
    ranks : int, optional
        How many ranks to count one by one: all up to 1,000 zones, else 100.
    pairwise : bool, optional
        Count who wins each pair, n × n numbers: by default up to 1,000 zones.
    jobs : int
        Worker processes (joblib); the current joblib backend decides where they run.
    seed : int or numpy.random.Generator
        Where the random numbers start.

    Returns
    -------
    Acceptability

    Raises
    ------
    PriorityError
        Values outside 0–1, an order that does not name each criterion once, sizes that do not
        sum to the number of zones, a reference ranking of other zones.

    Examples
    --------
    Two specialists, and a compromise that wins for weights from 0.4 to 0.6:

    >>> values = pd.DataFrame({"x": [1, 0, 0.6], "y": [0, 1, 0.6]}, index=["a", "b", "c"])
    >>> smaa(values, vectors=100_000, seed=1).rank_acceptability[1].round(2).tolist()
    [0.4, 0.4, 0.2]
    """
    matrix = unit_values(values)
    vectors = whole_number(vectors, "vectors", error=PriorityError)
    columns = None
    if order is not None:
        check_order(order, values.columns)
        columns = [values.columns.get_loc(name) for name in order]
    if reference is None:
        weights = (
            pd.Series(1 / values.shape[1], index=values.columns)
            if order is None
            else smarter_weights(order, values.columns)
        )
        reference = rank_zones(additive_scores(values, weights))
    elif not reference.ranks.index.equals(values.index):
        raise PriorityError("the reference ranking and the values must list the same zones")
    if sizes is not None:
        check_sizes(sizes, len(matrix))
    names = tuple(sizes) if sizes is not None else ("all",)
    borders = list(sizes.values()) if sizes is not None else [len(matrix)]
    segment_of_place = np.repeat(np.arange(len(names)), borders)
    positions = reference.positions.to_numpy() - 1
    small = len(matrix) <= ALL_RANKS
    plan = _Plan(
        values=matrix,
        order=columns,
        reference_rank=reference.ranks.to_numpy() - 1,
        reference_segment=segment_of_place[positions],
        segment_of_place=segment_of_place,
        tie_order=np.argsort(positions),
        ranks=min(ranks or (len(matrix) if small else MANY_RANKS), len(matrix)),
        pairwise=small if pairwise is None else pairwise,
        segments=len(names),
        uncertainty=uncertainty,
    )
    generator = np.random.default_rng(seed)
    counts = _count(plan, vectors, jobs, generator)
    confidence, draws = _confidence(plan, counts, vectors, generator)
    return Acceptability(
        zones=values.index,
        criteria=values.columns,
        vectors=vectors,
        reference=reference,
        reference_segments=reference.segments(sizes) if sizes is not None else None,
        segment_names=names,
        rank_counts=counts.rank_counts,
        rank_moments=_one_based(counts.rank_sum, counts.rank_square, vectors),
        segment_counts=counts.segment_counts,
        first_weights=np.stack([counts.first_sum, counts.first_square]),
        wins=counts.wins,
        within=counts.within,
        unmoved=counts.unmoved,
        confidence=pd.Series(confidence, values.index, name="confidence"),
        confidence_draws=draws,
    )


def share_error(share: np.ndarray | pd.Series | pd.DataFrame, count: int):
    r"""Monte Carlo standard error of a share of `count` draws, :math:`\sqrt{p(1-p)/N}`.

    Holds for rank acceptability, pairwise winning, segment and confidence indices; the largest
    is 0.005 for 10,000 draws.

    Examples
    --------
    >>> share_error(np.array([0.5, 0.1, 0.0]), 10_000)
    array([0.005, 0.003, 0.   ])
    """
    return np.sqrt(share * (1 - share) / count)


def spread_values(values: pd.DataFrame, half_width: Mapping[str, float] | float) -> Draw:
    """Uncertain values: each uniform within `half_width` of the stated one, held in 0–1.

    Parameters
    ----------
    values : DataFrame
        Stated values.
    half_width : float or dict
        In units of value, for all criteria or for each by name (0 for those that are certain).

    Returns
    -------
    callable
        For `smaa`'s ``uncertainty``.

    Raises
    ------
    PriorityError
        A criterion that is not in the table, or a half width outside 0–1.
    """
    widths = pd.Series(half_width, index=values.columns, dtype=float)
    if isinstance(half_width, Mapping):
        unknown = [name for name in half_width if name not in values.columns]
        if unknown:
            raise PriorityError(f"{unknown[0]!r} is no criterion of the table")
        widths = widths.fillna(0.0)
    if not widths.between(0, 1).all():
        raise PriorityError("a half width lies between 0 and 1, in units of value")
    return _Spread(unit_values(values), widths.to_numpy())


@dataclass(frozen=True)
class _Spread:
    """Draw of uncertain values; a class because worker processes must be able to receive it."""

    values: np.ndarray
    widths: np.ndarray

    def __call__(self, generator: np.random.Generator, size: int) -> np.ndarray:
        drawn = generator.uniform(-1, 1, (size, *self.values.shape))
        drawn *= self.widths
        drawn += self.values
        return np.clip(drawn, 0, 1, out=drawn)


@dataclass(frozen=True)
class _Plan:
    """What every stream of a run needs to know."""

    values: np.ndarray
    order: list[int] | None
    reference_rank: np.ndarray
    reference_segment: np.ndarray
    segment_of_place: np.ndarray
    tie_order: np.ndarray
    ranks: int
    pairwise: bool
    segments: int
    uncertainty: Draw | None


@dataclass(frozen=True)
class _Counts:
    """Sums over the weight vectors of one stream."""

    rank_counts: np.ndarray
    rank_sum: np.ndarray
    rank_square: np.ndarray
    segment_counts: np.ndarray
    first_sum: np.ndarray
    first_square: np.ndarray
    wins: np.ndarray
    within: np.ndarray
    unmoved: np.ndarray


def _count(plan: _Plan, vectors: int, jobs: int, generator: np.random.Generator) -> _Counts:
    rows = max(1, BLOCK // plan.values.size)
    streams = min(STREAMS, -(-vectors // rows))
    shares = [vectors // streams + (k < vectors % streams) for k in range(streams)]
    tasks = list(zip(shares, generator.spawn(streams), strict=True))
    equal = _equal_zones(plan)
    if jobs == 1 or streams == 1:
        parts = (_stream(plan, equal, share, rows, child) for share, child in tasks)
    else:
        from joblib import Parallel, delayed

        parts = Parallel(n_jobs=jobs, return_as="generator")(
            delayed(_stream)(plan, equal, share, rows, child) for share, child in tasks
        )
    # in the order of the streams: sums of floats depend on it
    total, apart = None, []
    for part in parts:
        apart.append((part.within, part.unmoved))
        if total is None:
            total = part
            continue
        for name in _ADDED:
            getattr(total, name)[...] += getattr(part, name)
    within, unmoved = (np.concatenate(arrays) for arrays in zip(*apart, strict=True))
    return _Counts(
        **{name: getattr(total, name) for name in _ADDED}, within=within, unmoved=unmoved
    )


_ADDED = (
    "rank_counts",
    "rank_sum",
    "rank_square",
    "segment_counts",
    "first_sum",
    "first_square",
    "wins",
)


def _stream(
    plan: _Plan,
    equal: tuple[np.ndarray, np.ndarray, np.ndarray],
    vectors: int,
    rows: int,
    generator: np.random.Generator,
) -> _Counts:
    zones, criteria = plan.values.shape
    counts = _Counts(
        rank_counts=np.zeros((zones, plan.ranks), np.int64),
        rank_sum=np.zeros(zones, np.int64),
        rank_square=np.zeros(zones, np.int64),
        segment_counts=np.zeros((zones, plan.segments), np.int64),
        first_sum=np.zeros((zones, criteria)),
        first_square=np.zeros((zones, criteria)),
        wins=np.zeros((zones, zones) if plan.pairwise else (0, 0), np.int32),
        within=np.zeros((vectors, INDICATORS), np.int32),
        unmoved=np.zeros(vectors, np.int32),
    )
    distinct, start, members = equal
    losses = np.empty((min(rows, vectors), distinct.shape[1]))
    room = np.empty((2, zones), np.int64)
    for first in range(0, vectors, rows):
        block = slice(first, min(first + rows, vectors))
        size = block.stop - block.start
        weights = sample_weights(size, criteria, order=plan.order, seed=generator)
        if plan.uncertainty is None:
            weigh(weights, distinct, losses[:size])
        else:
            drawn = plan.uncertainty(generator, size)
            np.einsum("bm,bnm->bn", -weights, drawn, out=losses[:size])
        count_ranks(
            np.argsort(losses[:size], axis=1),
            start,
            members,
            weights,
            plan.reference_rank,
            plan.reference_segment,
            plan.segment_of_place,
            counts.rank_counts,
            counts.rank_sum,
            counts.rank_square,
            counts.segment_counts,
            counts.first_sum,
            counts.first_square,
            counts.wins,
            counts.within[block],
            counts.unmoved[block],
            *room,
        )
    return counts


def _equal_zones(plan: _Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Negative values of distinct zones, shape (m, u), with the zones of each as a list of lists.

    Zones that are equal in every criterion tie under every weight vector; they are scored once
    and share a rank.  Other ties have probability zero.
    """
    zones = len(plan.values)
    if plan.uncertainty is not None:
        return -plan.values.T, np.arange(zones + 1), np.arange(zones)
    distinct, group = np.unique(plan.values, axis=0, return_inverse=True)
    sizes = np.bincount(group, minlength=len(distinct))
    start = np.concatenate([[0], np.cumsum(sizes)])
    # equal zones follow each other in the order of the reference ranking
    members = plan.tie_order[np.argsort(group[plan.tie_order], kind="stable")]
    return np.ascontiguousarray(-distinct.T), start, members


def _confidence(
    plan: _Plan, counts: _Counts, vectors: int, generator: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Confidence factors of the zones that are ever first."""
    ever = np.flatnonzero(counts.rank_counts[:, 0])
    central = counts.first_sum[ever] / counts.rank_counts[ever, :1]
    factors = np.full(len(plan.values), np.nan)
    if plan.uncertainty is None:
        scores = central @ plan.values.T
        own = scores[np.arange(len(ever)), ever]
        factors[ever] = own >= scores.max(axis=1) - TIE
        return factors, 0
    firsts = np.zeros(len(ever))
    rows = max(1, BLOCK // (plan.values.shape[0] * max(len(ever), plan.values.shape[1])))
    for first in range(0, vectors, rows):
        drawn = plan.uncertainty(generator, min(rows, vectors - first))
        scores = drawn @ central.T
        own = scores[:, ever, np.arange(len(ever))]
        firsts += (own >= scores.max(axis=1) - TIE).sum(axis=0)
    factors[ever] = firsts / vectors
    return factors, vectors


def _one_based(total: np.ndarray, square: np.ndarray, vectors: int) -> np.ndarray:
    """Sums of ranks counted from 1, and of their squares, from those counted from 0."""
    return np.column_stack([total + vectors, square + 2 * total + vectors])


def _moments(total, square, count) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation from sums; NaN where nothing was counted."""
    count = np.asarray(count, dtype=float)
    shape = np.broadcast_shapes(np.shape(total), count.shape)
    mean = np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
    less_one = count - 1
    variance = np.divide(
        square - count * mean**2, less_one, out=np.full(shape, np.nan), where=less_one > 0
    )
    return mean, np.sqrt(np.maximum(variance, 0))
