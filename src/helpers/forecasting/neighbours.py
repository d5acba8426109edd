"""The paper's K nearest neighbours, tuned by repeated cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from helpers.checks import whole_number

from ._voters import answers_by_rows, nearest_rows, tally, voters_of
from .events import check_kinds, codes, kind_order

MOST_ROWS = 100_000


@dataclass(frozen=True)
class NeighbourCurve:
    r"""Cross-validated accuracy by number of neighbours (the paper's Figure 12).

    Attributes
    ----------
    table : pandas.DataFrame
        ``neighbours``, ``accuracy`` (mean over folds and repeats), ``standard_error``: that of a
        share of as many events, :math:`\sqrt{a (1 - a) / n}`.  The repeats name the same events
        again, so that the spread over folds and repeats would be too small.
    best : int
        Neighbours of the highest mean accuracy.
    levels_off : int
        The fewest neighbours whose mean accuracy is within one standard error of the best.
    """

    table: pd.DataFrame
    best: int
    levels_off: int


@dataclass(frozen=True)
class Scaling:
    """Mean and standard deviation of each feature among the events to learn from."""

    mean: np.ndarray
    spread: np.ndarray

    def __call__(self, features: Any) -> np.ndarray:
        """Features in standard deviations from the mean."""
        return (feature_array(features) - self.mean) / self.spread


def scaling(features: Any) -> Scaling:
    """Learn the scale of features; one that does not vary keeps its unit.

    Examples
    --------
    >>> scaling([[1.0, 5.0], [3.0, 5.0]])([[2.0, 5.0]]).tolist()
    [[0.0, 0.0]]
    """
    values = feature_array(features)
    spread = values.std(axis=0)
    return Scaling(values.mean(axis=0), np.where(spread > 0, spread, 1.0))


@dataclass(frozen=True)
class NeighbourVotes:
    """Votes of the nearest events, and the answers that they give.

    Attributes
    ----------
    shares : (t, kinds) array
        Share of each kind among the votes; rows add up to one.
    answers : (t,) array of int
        Column of the kind with the most votes.  Equal votes go to the kind whose nearest vote is
        nearest, then to the kind that is more frequent among the events learned from: so what a
        kind is called, or where its column stands, decides nothing.
    """

    shares: np.ndarray
    answers: np.ndarray


def neighbour_curve(
    features: Any,
    labels: Any,
    *,
    neighbours: Any = None,
    folds: int = 10,
    repeats: int = 3,
    most: int = MOST_ROWS,
    seed: int = 0,
) -> NeighbourCurve:
    """Accuracy of K nearest neighbours by repeated cross-validation (San Miguel VI, Figure 12).

    Events of equal features are one row, for published places repeat: rows are searched once, and in
    each fold its own events are struck out.  Which of several events at one distance vote is left to
    chance once, by an order of all events.

    Parameters
    ----------
    features : (n, m) array or DataFrame
        Of the years to learn from; scaled to unit variance.
    labels : (n,) sequence of str
        Kinds.
    neighbours : sequence of int, optional
        Numbers to try; 1 to 200 in growing steps when not given.  Those that a fold cannot give
        are left out.
    folds, repeats : int
        Folds are stratified: each kind is dealt out evenly, also one with fewer members than
        folds, which then is missing from some.
    most : int
        Distinct rows of features that take part: where there are more, a random part of so many
        events, for time and memory grow faster than their number.  The curve is then that of a
        smaller past.
    seed : int
        Of the folds, and of the order in which events at one distance vote.

    Returns
    -------
    NeighbourCurve

    Raises
    ------
    ValueError
        One kind only, fewer events than folds, or numbers that are no whole numbers.

    Examples
    --------
    >>> x = np.r_[np.zeros(30), np.ones(30)][:, None]
    >>> curve = neighbour_curve(x, ["a"] * 30 + ["b"] * 30, neighbours=[1, 5], folds=5)
    >>> curve.table["accuracy"].tolist(), curve.levels_off
    ([1.0, 1.0], 1)
    """
    values, kind, names = _checked(features, labels)
    folds, repeats = whole_number(folds, "folds", 2), whole_number(repeats, "repeats")
    if len(values) < folds:
        raise ValueError(f"{len(values)} events cannot be dealt into {folds} folds.")
    rng = np.random.default_rng(seed)
    values = scaling(values)(values)
    if len(np.unique(values, axis=0)) > whole_number(most, "most", folds):
        part = np.sort(rng.permutation(len(values))[:most])
        values, kind = values[part], kind[part]
    n = len(values)
    tried = _numbers(neighbours, n - -(-n // folds))
    rank = rng.permutation(n)
    dealt = [deal(kind, folds, rng) for _ in range(repeats)]
    rows, which = np.unique(values, axis=0, return_inverse=True)
    voters = [voters_of(rows, which, kind, len(names), rank, fold) for fold in dealt]
    own = [
        [tally(which[fold == f], kind[fold == f], len(rows), len(names)) for f in range(folds)]
        for fold in dealt
    ]
    right = np.zeros((repeats, folds, len(tried)))
    tree, events = KDTree(rows), np.bincount(which)
    for block, near, apart in nearest_rows(tree, rows, events, tried.max() / (1 - 1 / folds)):
        for repeat, f in np.ndindex(repeats, folds):
            mine = own[repeat][f][block]
            asked = np.flatnonzero(mine.any(axis=1))
            if len(asked):
                found = rows[block[asked]], near[asked], apart[asked]
                answer, _ = voters[repeat].answers(*found, tried, tree, left_out=f)
                right[repeat, f] += mine[asked[:, None], answer].sum(axis=0)
    sizes = np.array([np.bincount(fold, minlength=folds) for fold in dealt])
    accuracy = (right / sizes[..., None]).mean(axis=(0, 1))
    error = np.sqrt(accuracy * (1 - accuracy) / n)
    table = pd.DataFrame({"neighbours": tried, "accuracy": accuracy, "standard_error": error})
    top = int(accuracy.argmax())
    level = int(np.flatnonzero(accuracy >= accuracy[top] - error[top])[0])
    return NeighbourCurve(table, int(tried[top]), int(tried[level]))


def forward_curve(
    features: Any,
    labels: Any,
    later: Any,
    later_labels: Any,
    *,
    neighbours: Any = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy of K nearest neighbours on a later period, by number of neighbours.

    What cross-validation cannot say where places repeat: its folds hold events of the same place
    and year as those they are judged on, a forecast does not.

    Parameters
    ----------
    features, labels
        Of the earlier events.
    later, later_labels
        Of the later ones.
    neighbours, seed
        As in `neighbour_curve`.

    Returns
    -------
    pandas.DataFrame
        ``neighbours``, ``accuracy``.

    Examples
    --------
    >>> x = [[0.0], [0.1], [5.0]]
    >>> forward_curve(x, ["a", "a", "b"], [[4.9]], ["b"], neighbours=[1, 3])["accuracy"].tolist()
    [1.0, 0.0]
    """
    values, kind, names = _checked(features, labels)
    tried = _numbers(neighbours, len(values))
    scale = scaling(values)
    asked = scale(later)
    answers, _, which = answers_by_rows(scale(values), kind, len(names), asked, tried, seed)
    right = answers[which] == codes(later_labels, tuple(names))[:, None]
    return pd.DataFrame({"neighbours": tried, "accuracy": right.mean(axis=0)})


def neighbour_votes(
    features: Any, labels: Any, targets: Any, neighbours: int, kinds: Any, *, seed: int = 0
) -> NeighbourVotes:
    """Votes of the nearest events: the paper's forecast.

    A kind without a vote has share zero; for probabilities see `shrink_shares`.

    Parameters
    ----------
    features, labels
        Of the events to learn from.
    targets : (t, m) array or DataFrame
        Features of the events to forecast.
    neighbours : int
    kinds : sequence of str
        Order of the columns.
    seed : int
        Of the order in which events at one distance vote.

    Returns
    -------
    NeighbourVotes

    Examples
    --------
    >>> found = neighbour_votes([[0.0], [0.1], [9.0]], ["a", "b", "b"], [[0.0]], 2, ["a", "b"])
    >>> found.shares.tolist(), found.answers.tolist()
    ([[0.5, 0.5]], [0])
    """
    values, kind, names = _checked(features, labels)
    kinds = check_kinds(kinds)
    neighbours = whole_number(neighbours, "neighbours")
    if neighbours > len(values):
        raise ValueError(f"{neighbours} neighbours are asked of {len(values)} events.")
    column = codes(names, kinds)
    if (column < 0).any():
        raise ValueError("some labels are not among the kinds.")
    wanted = np.array([neighbours])
    scale = scaling(values)
    asked = scale(targets)
    answers, votes, which = answers_by_rows(scale(values), kind, len(names), asked, wanted, seed)
    shares = np.zeros((len(which), len(kinds)))
    shares[:, column] = votes[which] / neighbours
    return NeighbourVotes(shares, column[answers[which, 0]])


def shrink_shares(
    shares: Any, neighbours: int, labels: Any, kinds: Any, *, prior: float | None = None
) -> np.ndarray:
    r"""Probabilities from the votes of K neighbours, shrunk to the shares of the training events.

    .. math:: p_k = \frac{K s_k + a\, \pi_k}{K + a}

    with the share :math:`s_k` of the votes and the share :math:`\pi_k` of all events learned from: a forecast that knows nothing of the place falls back on climatology, not
    on equal shares.  The largest :math:`p_k` need not be the largest :math:`s_k`.

    Parameters
    ----------
    shares : (t, kinds) array
        Of `NeighbourVotes`.
    neighbours : int
        K.
    labels : sequence of str
        Kinds of the events learned from.
    kinds : sequence of str
        Order of the columns.
    prior : float, optional
        Votes a of the training shares; half a vote a kind when not given.

    Returns
    -------
    (t, kinds) array
        Rows add up to one; none is zero (half an event is added to each kind in π).

    Examples
    --------
    >>> shrink_shares([[1.0, 0.0]], 2, ["a", "a", "b"], ["a", "b"]).round(3)
    array([[0.875, 0.125]])
    """
    shares, kinds = feature_array(shares), check_kinds(kinds)
    neighbours = whole_number(neighbours, "neighbours")
    if shares.shape[1] != len(kinds):
        raise ValueError(f"shares have {shares.shape[1]} columns for {len(kinds)} kinds.")
    prior = len(kinds) / 2 if prior is None else float(prior)
    if not prior > 0 or not np.isfinite(prior):
        raise ValueError(f"prior is {prior}; it is a number of votes above zero.")
    tally = np.bincount(codes(labels, kinds) + 1, minlength=len(kinds) + 1)[1:] + 0.5
    return (neighbours * shares + prior * tally / tally.sum()) / (neighbours + prior)


def deal(kind: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each event: the events of each kind dealt out in turn, like cards.

    Dealing goes on where the kind before ended, so that folds are of equal size and a kind with
    fewer members than folds does no harm.
    """
    order = rng.permutation(len(kind))
    order = order[np.argsort(kind[order], kind="stable")]
    fold = np.empty(len(kind), dtype=int)
    fold[order] = np.arange(len(kind)) % folds
    return fold


def feature_array(features: Any) -> np.ndarray:
    """Features as a matrix of finite numbers."""
    try:
        values = np.asarray(features, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("features are a table of numbers.") from None
    if values.ndim != 2:
        raise ValueError(f"features are an array of shape (events, features), not {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("features must be finite: some are missing.")
    return values


def _numbers(neighbours: Any, most: int) -> np.ndarray:
    if neighbours is None:
        neighbours = [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140, 160,
                      180, 200]  # fmt: skip
    tried = [whole_number(number, "each number of neighbours") for number in neighbours]
    tried = np.array(sorted({number for number in tried if number <= most}), dtype=int)
    if not len(tried):
        raise ValueError(f"no number of neighbours is at most {most}, what a fold leaves.")
    return tried


def _checked(features: Any, labels: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = feature_array(features)
    names = np.array(kind_order(labels), dtype=object)
    kind = codes(labels, tuple(names))
    if len(kind) != len(values):
        raise ValueError(f"there are {len(values)} rows of features and {len(kind)} labels.")
    check_kinds(names)
    return values, kind, names
