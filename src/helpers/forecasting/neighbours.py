"""The paper's K nearest neighbours, tuned by repeated cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from .events import check_kinds, codes


@dataclass(frozen=True)
class NeighbourCurve:
    """Cross-validated accuracy by number of neighbours (the paper's Figure 12).

    Attributes
    ----------
    table : pandas.DataFrame
        ``neighbours``, ``accuracy`` (mean over folds and repeats), ``standard_error`` (of the
        means of the repeats and folds).
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


def neighbour_curve(
    features: Any,
    labels: Any,
    *,
    neighbours: Any = None,
    folds: int = 10,
    repeats: int = 3,
    most: int = 40_000,
    seed: int = 0,
) -> NeighbourCurve:
    """Accuracy of K nearest neighbours by repeated cross-validation (San Miguel VI, Figure 12).

    All repeats share one search: the neighbours of an event outside its fold are its neighbours
    among all events with those of its own fold struck out.  Which of several neighbours at the
    same distance counts is left to chance once, by shuffling the events: published places repeat,
    and files are sorted.

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
        Events that take part: where there are more, a random part of so many, for time and memory
        grow faster than their number.  The curve is then that of a smaller past.
    seed : int

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
    values, kind, _ = _checked(features, labels)
    folds, repeats = whole_number(folds, "folds", 2), whole_number(repeats, "repeats")
    if len(values) < folds:
        raise ValueError(f"{len(values)} events cannot be dealt into {folds} folds.")
    part = min(len(values), whole_number(most, "most", folds))
    tried = _numbers(neighbours, part - -(-part // folds))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(values))[:part]
    values, kind = scaling(values)(values)[order], kind[order]
    # so many that after striking out the own fold enough are left, nearly always
    most = int(tried.max())
    asked = min(len(values) - 1, int(most * folds / (folds - 1) + 5 * np.sqrt(most) + 5))
    near = _nearest(values, values, asked + 1)
    # an event is its own nearest neighbour, unless many others are as near
    other = near != np.arange(len(values))[:, None]
    other[other.all(axis=1), -1] = False
    near = near[other].reshape(len(values), -1)
    means = []
    for _ in range(repeats):
        fold = deal(kind, folds, rng)
        right = _right_by_number(values, near, kind, fold, tried)
        means += [right[fold == each].mean(axis=0) for each in range(folds)]
    means = np.array(means)
    accuracy = means.mean(axis=0)
    error = means.std(axis=0, ddof=1) / np.sqrt(len(means))
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
    values, _, names = _checked(features, labels)
    tried = _numbers(neighbours, len(values))
    order = np.random.default_rng(seed).permutation(len(values))
    scale = scaling(values)
    kind = codes(labels, tuple(names))[order]
    near = _nearest(scale(values)[order], scale(later), int(tried.max()))
    right = _right(kind[near], codes(later_labels, tuple(names)), tried, len(names))
    return pd.DataFrame({"neighbours": tried, "accuracy": right.mean(axis=0)})


def neighbour_shares(
    features: Any, labels: Any, targets: Any, neighbours: int, kinds: Any, *, seed: int = 0
) -> np.ndarray:
    """Share of each kind among the nearest events: plain votes, the paper's answer.

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
        Of the order in which neighbours at the same distance count.

    Returns
    -------
    (t, kinds) array
        Rows add up to one; the largest share is the paper's answer.

    Examples
    --------
    >>> neighbour_shares([[0.0], [0.1], [9.0]], ["a", "a", "b"], [[0.0]], 2, ["a", "b"]).round(2)
    array([[1., 0.]])
    """
    values, _, _ = _checked(features, labels)
    kinds = check_kinds(kinds)
    neighbours = whole_number(neighbours, "neighbours")
    if neighbours > len(values):
        raise ValueError(f"{neighbours} neighbours are asked of {len(values)} events.")
    order = np.random.default_rng(seed).permutation(len(values))
    scale = scaling(values)
    known = codes(labels, kinds)[order]
    found = _nearest(scale(values)[order], scale(targets), neighbours)
    votes = np.zeros((len(found), len(kinds)))
    for kind in range(len(kinds)):
        votes[:, kind] = (known[found] == kind).sum(axis=1)
    return votes / neighbours


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
        From `neighbour_shares`.
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


def _nearest(values: np.ndarray, targets: np.ndarray, count: int) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count, algorithm="kd_tree").fit(values)
    return search.kneighbors(targets, return_distance=False)


def _right_by_number(values, near, kind, fold, tried) -> np.ndarray:
    """Whether each event is named rightly by so many neighbours, shape (n, numbers)."""
    most, kinds = int(tried.max()), int(kind.max()) + 1
    kept = fold[near] != fold[:, None]
    # the first `most` of those kept, in order of distance
    rank = np.cumsum(kept, axis=1)
    short = np.flatnonzero(rank[:, -1] < most)
    first = np.argsort(~kept, axis=1, kind="stable")[:, :most]
    chosen = np.take_along_axis(near, first, axis=1)
    for each in short:
        others = np.flatnonzero(fold != fold[each])
        away = ((values[others] - values[each]) ** 2).sum(axis=1)
        chosen[each] = others[np.argsort(away, kind="stable")[:most]]
    return _right(kind[chosen], kind, tried, kinds)


def _right(seen: np.ndarray, truth: np.ndarray, tried, kinds: int) -> np.ndarray:
    """Whether the most frequent kind among the first so many is the true one, (n, numbers)."""
    right = np.empty((len(truth), len(tried)), dtype=bool)
    votes = np.zeros(len(truth) * kinds, dtype=np.int32)
    at, before = np.arange(len(truth)) * kinds, 0
    for number, count in enumerate(tried):
        if count > before:
            new = (at[:, None] + seen[:, before:count]).ravel()
            votes += np.bincount(new, minlength=len(votes)).astype(np.int32)
        before = count
        right[:, number] = votes.reshape(-1, kinds).argmax(axis=1) == truth
    return right


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
    names, kind = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    if len(kind) != len(values):
        raise ValueError(f"there are {len(values)} rows of features and {len(kind)} labels.")
    check_kinds(names)
    return values, kind, names
