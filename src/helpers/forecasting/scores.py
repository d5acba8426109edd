"""Scores of forecasts of kinds, with intervals over locations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from .events import check_kinds, codes, place_array

BLOCK = 100  # draws that are held in double precision at once


@dataclass(frozen=True)
class KindScores:
    """Scores of one forecast on the events that then happened.

    Attributes
    ----------
    accuracy : float
        Share of events whose kind was given the highest probability; of equal ones the first
        column is the answer, that of the kind which was more frequent before (`kind_order`).
    log_loss : float
        Mean of −log of the probability given to the kind that happened.
    brier : float
        Mean over events of the squared differences to 0 and 1, summed over kinds (0 to 2).
    unseen : int
        Events of kinds that the past had never seen: never right, and given `floor`.
    right, loss : (n,) array
        Event by event, for intervals.
    """

    accuracy: float
    log_loss: float
    brier: float
    unseen: int
    right: np.ndarray
    loss: np.ndarray


def score_kinds(probability: Any, kinds: Any, observed: Any, floor: float = 1e-4) -> KindScores:
    """Score probabilities of kinds against the kinds that happened.

    Parameters
    ----------
    probability : (n, kinds) array
        Rows add up to one.
    kinds : sequence of str
        Names of the columns.
    observed : (n,) sequence of str
    floor : float
        Probability taken for a kind that is no column: the same for every forecast, so that it
        changes no comparison.

    Returns
    -------
    KindScores

    Raises
    ------
    ValueError
        If shapes differ or rows are no probabilities.

    Examples
    --------
    >>> score = score_kinds([[0.5, 0.5], [0.8, 0.2]], ["a", "b"], ["a", "b"])
    >>> score.accuracy, round(score.log_loss, 4), round(score.brier, 2)
    (0.5, 1.1513, 0.89)
    """
    given, kinds, known = _checked(probability, kinds, observed)
    seen = known >= 0
    rows = np.arange(len(given))
    of_truth = np.where(seen, given[rows, known], floor)
    right = (given.argmax(axis=1) == known).astype(float)
    # (1 - p)² for the kind that happened, p² for the others
    brier = (given**2).sum(axis=1) + 1 - 2 * np.where(seen, given[rows, known], 0)
    loss = -np.log(np.maximum(of_truth, 1e-12))
    return KindScores(
        float(right.mean()),
        float(loss.mean()),
        float(brier.mean()),
        int((~seen).sum()),
        right,
        loss,
    )


def skill(loss: Any, reference: Any) -> float:
    r"""Skill against a reference, climatology say; 0 is no better, 1 is perfect.

    .. math:: 1 - \frac{\text{mean loss}}{\text{mean loss of the reference}}

    Parameters
    ----------
    loss, reference : (n,) array
        Loss of each event, as in `KindScores`.

    Examples
    --------
    >>> skill([0.5, 0.5], [1.0, 1.0])
    0.5
    """
    return float(1 - np.mean(loss) / np.mean(reference))


def location_interval(
    numerator: Any, denominator: Any, places: Any, *, draws: int = 999, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of a ratio of sums over events, by drawing locations again.

    Events at one place stand and fall together, so that whole places are drawn with replacement
    (a bootstrap of clusters); each draw gives the ratio of the sums over its events.

    Parameters
    ----------
    numerator, denominator : (n,) arrays
        One value an event; ones in the denominator make it a mean.
    places : (n, 2) array
        Coordinates.
    draws, seed : int

    Returns
    -------
    low, high : float
        Missing where the denominator is zero in every draw.

    Examples
    --------
    >>> location_interval(np.ones(4), np.ones(4), [[0, 0], [0, 0], [1, 0], [2, 0]])
    (1.0, 1.0)
    """
    top, below = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    if top.ndim != 1 or top.shape != below.shape:
        raise ValueError("numerator, denominator and places need one value for every event.")
    low, high = location_intervals(top[:, None], below[:, None], places, draws=draws, seed=seed)[0]
    return float(low), float(high)


def location_intervals(
    numerators: Any, denominators: Any, places: Any, *, draws: int = 999, seed: int = 0
) -> np.ndarray:
    """`location_interval` of several ratios, which share their draws.

    Parameters
    ----------
    numerators, denominators : (n, m) arrays
    places : (n, 2) array
    draws, seed : int

    Returns
    -------
    (m, 2) array
        Ends; missing where the denominator is zero in every draw.
    """
    top, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    where = place_array(places, "places")
    if top.shape != below.shape or len(top) != len(where):
        raise ValueError("numerator, denominator and places need one value for every event.")
    whole_number(draws, "draws")
    sites, which = np.unique(where, axis=0, return_inverse=True)
    columns = np.column_stack([top, below]).T
    sums = np.column_stack([np.bincount(which, column) for column in columns])
    drawn = _draws(len(sites), draws, int(seed))
    totals = np.concatenate(
        [drawn[at : at + BLOCK].astype(float) @ sums for at in range(0, draws, BLOCK)]
    )
    m = top.shape[1]
    found = np.full((m, 2), np.nan)
    for number in range(m):
        above, under = totals[:, number], totals[:, m + number]
        if (under != 0).any():
            ratios = above[under != 0] / under[under != 0]
            found[number] = np.percentile(ratios, [2.5, 97.5])
    return found


@lru_cache(maxsize=2)
def _draws(sites: int, draws: int, seed: int) -> np.ndarray:
    """How often each place is drawn, shape (draws, sites); the same for all forecasts compared."""
    rng = np.random.default_rng(seed)
    chances = np.full(sites, 1 / sites)
    # small whole numbers: a quarter of the memory
    return np.concatenate(
        [
            rng.multinomial(sites, chances, size=min(BLOCK, draws - at)).astype(np.int16)
            for at in range(0, draws, BLOCK)
        ]
    )


def calibration(probability: Any, kinds: Any, observed: Any, bins: int = 10) -> pd.DataFrame:
    """How often what was given a probability then happened.

    All probabilities of all kinds are pooled and cut into bins of about as many each. Equal
    probabilities are never parted, so that the order of the events does not matter: a bin ends
    where its last value does, and bins that this empties are left out.

    Returns
    -------
    pandas.DataFrame
        ``forecast`` (mean probability of the bin), ``happened`` (share), ``number``.

    Examples
    --------
    >>> table = calibration([[0.25, 0.75]] * 4, ["a", "b"], ["a", "b", "b", "b"], bins=2)
    >>> table[["forecast", "happened"]].to_numpy().tolist()
    [[0.25, 0.25], [0.75, 0.75]]
    """
    given, kinds, known = _checked(probability, kinds, observed)
    group = probability_groups(given, bins).ravel()
    happened = (known[:, None] == np.arange(len(kinds))).ravel()
    number = np.bincount(group)
    return pd.DataFrame(
        {
            "forecast": np.bincount(group, given.ravel()) / number,
            "happened": np.bincount(group, happened) / number,
            "number": number,
        }
    )


def probability_groups(probability: Any, bins: int = 10) -> np.ndarray:
    """Group of each probability: about as many in each, equal ones never parted.

    Parameters
    ----------
    probability : (n, kinds) array
    bins : int

    Returns
    -------
    (n, kinds) array of int
        From 0 on, by rising probability; groups that ties empty are left out.

    Examples
    --------
    >>> probability_groups([[0.25, 0.75], [0.25, 0.75]], bins=4).tolist()
    [[0, 1], [0, 1]]
    """
    bins = whole_number(bins, "bins")
    # equal but for rounding is equal
    value = np.round(np.asarray(probability, dtype=float), 12)
    ordered = np.sort(value, axis=None)
    inner = np.arange(1, bins) * value.size // bins
    ends = np.unique(ordered[inner[inner > 0] - 1])
    group = np.searchsorted(ends, value, side="left")
    return np.unique(group, return_inverse=True)[1].reshape(value.shape)


def by_kind(probability: Any, kinds: Any, observed: Any) -> pd.DataFrame:
    """Precision and recall of each kind.

    Returns
    -------
    pandas.DataFrame
        Index ``kind``, those of most events first; ``events``, ``answered`` (times it was the answer), ``precision`` (share of
        these that were right; missing where it never was the answer), ``recall`` (share of its
        events that were found), ``share_given`` (mean probability).

    Examples
    --------
    >>> by_kind([[0.9, 0.1], [0.6, 0.4]], ["a", "b"], ["a", "b"])["precision"].tolist()
    [0.5, nan]
    """
    given, kinds, known = _checked(probability, kinds, observed)
    answer = given.argmax(axis=1)
    n = len(kinds)
    right = np.bincount(answer[answer == known], minlength=n)
    answered = np.bincount(answer, minlength=n)
    events = np.bincount(known[known >= 0], minlength=n)
    with np.errstate(invalid="ignore"):
        precision, recall = right / answered, right / events
    return pd.DataFrame(
        {
            "events": events,
            "answered": answered,
            "precision": precision,
            "recall": recall,
            "share_given": given.mean(axis=0),
        },
        index=pd.Index(kinds, name="kind"),
    ).sort_values("events", ascending=False, kind="stable")


def _checked(probability, kinds, observed) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    given = np.asarray(probability, dtype=float)
    kinds = check_kinds(kinds)
    known = codes(observed, kinds)
    if given.shape != (len(known), len(kinds)):
        raise ValueError(
            f"the probabilities have shape {given.shape}, not {(len(known), len(kinds))} "
            "(events, kinds)."
        )
    if not len(given):
        raise ValueError("there are no events to score.")
    if not (np.isfinite(given).all() and (given >= 0).all()):
        raise ValueError("probabilities are finite and not negative.")
    if not np.allclose(given.sum(axis=1), 1, atol=1e-6):
        raise ValueError("the probabilities of each event add up to one.")
    return given, kinds, known
