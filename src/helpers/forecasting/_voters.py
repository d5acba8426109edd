"""Events by distinct rows of features, and what the nearest of them answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from ._kernels import votes_by_rows

CELLS = 500_000  # neighbours that are held at once


@dataclass(frozen=True)
class Voters:
    """Events by distinct rows of features, in each row by rank: kind, rank and fold of each."""

    rows: np.ndarray
    begin: np.ndarray
    events: tuple[np.ndarray, np.ndarray, np.ndarray]
    kinds: int

    def answers(self, targets, near, apart, tried, tree: KDTree, *, left_out: int = -1):
        """Answers and votes; where the rows given hold too few voters, more of the tree are looked at."""

        def count(near, apart):
            complete = near.shape[1] == len(self.rows)
            how = (left_out, self.kinds, tried, complete)
            return votes_by_rows(near, apart, self.begin, *self.events, *how)

        answer, votes, enough = count(near, apart)
        number = near.shape[1]
        while not enough.all() and number < len(self.rows):
            number = min(len(self.rows), 2 * number)
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
    tree = KDTree(rows)
    answers = np.empty((len(asked), len(tried)), dtype=np.int32)
    votes = np.empty((len(asked), kinds), dtype=np.int64)
    for block, near, apart in nearest_rows(tree, asked, np.diff(voters.begin), tried.max()):
        found = voters.answers(asked[block], near, apart, tried, tree)
        answers[block], votes[block] = found
    return answers, votes, which


def nearest_rows(tree: KDTree, targets: np.ndarray, events: np.ndarray, most: float):
    """Blocks of targets with their nearest rows: as many as likely hold enough events.

    Targets about which rows are poor in events come again, with twice as many rows.
    """
    number = min(tree.n, int(1.4 * most / max(events.mean(), 1e-9)) + 12)
    waiting = np.arange(len(targets))
    while len(waiting):
        step, poor = max(1, CELLS // number), []
        for begin in range(0, len(waiting), step):
            block = waiting[begin : begin + step]
            apart, near = tree.query(targets[block], k=range(1, number + 1))
            rich = (events[near].sum(axis=1) > 1.05 * most) | (number == tree.n)
            poor.append(block[~rich])
            if rich.any():
                yield block[rich], near[rich], apart[rich]
        waiting, number = np.concatenate(poor), min(tree.n, 2 * number)


def tally(which: np.ndarray, kind: np.ndarray, rows: int, kinds: int) -> np.ndarray:
    """Events of each kind in each row."""
    return (
        np.bincount(which * kinds + kind, minlength=rows * kinds)
        .reshape(rows, kinds)
        .astype(np.int32)
    )
