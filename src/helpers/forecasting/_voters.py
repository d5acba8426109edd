"""Events by distinct rows of features, and what the nearest of them answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from ._kernels import votes_by_rows

CELLS = 1_500_000  # neighbours that are held at once


@dataclass(frozen=True)
class Voters:
    """Events by distinct rows of features, in each row by rank: kind, rank and fold of each."""

    rows: np.ndarray
    begin: np.ndarray
    events: tuple[np.ndarray, np.ndarray, np.ndarray]
    kinds: int

    def answers(self, targets, near, apart, tried, *, left_out: int = -1):
        """Answers and votes; where the rows given hold too few voters, more are looked at."""

        def count(near, apart):
            complete = near.shape[1] == len(self.rows)
            how = (left_out, self.kinds, tried, complete)
            return votes_by_rows(near, apart, self.begin, *self.events, *how)

        answer, votes, enough = count(near, apart)
        number, tree = near.shape[1], None
        while not enough.all() and number < len(self.rows):
            number, tree = min(len(self.rows), 2 * number), tree or KDTree(self.rows)
            short, step = np.flatnonzero(~enough), max(1, CELLS // number)
            for start in range(0, len(short), step):
                part = short[start : start + step]
                apart, near = tree.query(targets[part], k=range(1, number + 1))
                answer[part], votes[part], enough[part] = count(near, apart)
        return answer, votes


def voters_of(rows, which, kind, kinds: int, rank, fold) -> Voters:
    order = np.lexsort((rank, which))
    begin = np.r_[0, np.cumsum(np.bincount(which, minlength=len(rows)))]
    return Voters(rows, begin, (kind[order], rank[order], fold[order]), kinds)


def answers_by_rows(
    values: np.ndarray, kind: np.ndarray, kinds: int, targets: Any, tried: np.ndarray, seed: int
):
    """Answers (rows, numbers) and votes (rows, kinds) of distinct targets, and the row of each target."""
    rows, where = np.unique(values, axis=0, return_inverse=True)
    asked, which = np.unique(targets, axis=0, return_inverse=True)
    rank = np.random.default_rng(seed).permutation(len(values))
    voters = voters_of(rows, where, kind, kinds, rank, np.zeros(len(values), dtype=int))
    answers, votes = [], []
    for begin, near, apart in nearest_rows(rows, asked, len(values) / len(rows), tried.max()):
        answer, vote = voters.answers(asked[begin : begin + len(near)], near, apart, tried)
        answers.append(answer)
        votes.append(vote)
    return np.concatenate(answers), np.concatenate(votes), which


def nearest_rows(rows: np.ndarray, targets: np.ndarray, votes: float, most: int):
    """Blocks of targets with their nearest rows: as many as likely hold enough votes."""
    count = min(len(rows), int(1.4 * most / max(votes, 1e-9)) + 12)
    tree, step = KDTree(rows), max(1, CELLS // count)
    for begin in range(0, len(targets), step):
        apart, near = tree.query(targets[begin : begin + step], k=range(1, count + 1))
        yield begin, near, apart


def tally(which: np.ndarray, kind: np.ndarray, rows: int, kinds: int) -> np.ndarray:
    """Events of each kind in each row."""
    return (
        np.bincount(which * kinds + kind, minlength=rows * kinds)
        .reshape(rows, kinds)
        .astype(np.int32)
    )
