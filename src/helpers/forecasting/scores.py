"""Scores of forecasts of kinds, with intervals over locations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from .events import check_kinds, codes, place_array


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
    where = place_array(places, "places")
    if not len(top) == len(below) == len(where):
        raise ValueError("numerator, denominator and places need one value for every event.")
    whole_number(draws, "draws")
    sites, which = np.unique(where, axis=0, return_inverse=True)
    top, below = np.bincount(which, top), np.bincount(which, below)
    tops, totals = (_draws(len(sites), draws, int(seed)) @ np.column_stack([top, below])).T
    ratios = tops[totals != 0] / totals[totals != 0]
    if not len(ratios):
        return float("nan"), float("nan")
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(low), float(high)


@lru_cache(maxsize=2)
def _draws(sites: int, draws: int, seed: int) -> np.ndarray:
    """How often each place is drawn, shape (draws, sites); the same for all forecasts compared."""
    return (
        np.random.default_rng(seed)
        .multinomial(sites, np.full(sites, 1 / sites), size=draws)
        .astype(float)
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
    bins = whole_number(bins, "bins")
    happened = known[:, None] == np.arange(len(kinds))
    # equal but for rounding is equal
    value = np.round(given, 12).ravel()
    order = np.argsort(value, kind="stable")
    inner = np.arange(1, bins) * value.size // bins
    inner = inner[inner > 0]
    ends = np.searchsorted(value[order], value[order][inner - 1], side="right")
    parts = np.split(order, np.unique(ends))
    return pd.DataFrame(
        {
            "forecast": [given.ravel()[part].mean() for part in parts if len(part)],
            "happened": [happened.ravel()[part].mean() for part in parts if len(part)],
            "number": [len(part) for part in parts if len(part)],
        }
    )


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
