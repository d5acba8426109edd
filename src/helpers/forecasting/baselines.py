"""Forecasts of kinds that any model has to beat: shares of the past, near and far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .events import check_events, check_kinds, codes, refuse_leak
from .features import BANDWIDTHS, city_mix, mixes, neighbourhood_counts

PRIORS = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)


@dataclass(frozen=True)
class Neighbourhood:
    """How wide a neighbourhood is, and how much of the city's mix enters its own.

    Attributes
    ----------
    bandwidth : float
        Metres; 0 is the very place.
    prior : float
        Events' worth of the city's mix.
    """

    bandwidth: float
    prior: float


def climatology(targets: pd.DataFrame, past: pd.DataFrame, kinds) -> np.ndarray:
    """The shares of kinds over all the past, the same for every event.

    Its most frequent kind is the answer of the majority rule.

    Parameters
    ----------
    targets, past : pandas.DataFrame
        From `event_table`; the past must end before the targets begin.
    kinds
        Order of the columns.

    Returns
    -------
    (n, kinds) array
    """
    kinds = _checked(targets, past, kinds)
    return np.tile(city_mix(past, kinds), (len(targets), 1))


def recent_climatology(targets: pd.DataFrame, past: pd.DataFrame, kinds) -> np.ndarray:
    """The shares of kinds in the last period of the past."""
    kinds = _checked(targets, past, kinds)
    return np.tile(city_mix(last_period(past), kinds), (len(targets), 1))


def neighbourhood_climatology(
    targets: pd.DataFrame, past: pd.DataFrame, kinds, neighbourhood: Neighbourhood
) -> np.ndarray:
    r"""The shares of kinds around each place, shrunk to the recent shares of the city.

    .. math:: p_k = \frac{n_k + a\, \pi_k}{n + a}, \qquad n = \sum_k n_k,

    with :math:`n_k` the past events of kind k around the place (`neighbourhood_counts`),
    :math:`\pi_k` the shares in the last period of the past and a events' worth of these (the
    neighbourhood's ``prior``).

    Parameters
    ----------
    targets, past, kinds
        As in `climatology`.
    neighbourhood : Neighbourhood
        From `tune_neighbourhood`.

    Returns
    -------
    (n, kinds) array
    """
    kinds = _checked(targets, past, kinds)
    base = city_mix(last_period(past), kinds)
    places = targets[["x", "y"]].to_numpy()
    counts = neighbourhood_counts(places, past, kinds, [neighbourhood.bandwidth])[0]
    return mixes(counts, base, neighbourhood.prior)


def tune_neighbourhood(
    past: pd.DataFrame, kinds, bandwidths=BANDWIDTHS, priors=PRIORS, *, seed: int = 0
) -> tuple[Neighbourhood, pd.DataFrame]:
    """Width and prior with the least log loss on the last period of the past.

    The last period is forecast from those before it; where there is one period only, half of its
    events, drawn at random, from the other half.

    Returns
    -------
    Neighbourhood
    pandas.DataFrame
        Columns ``bandwidth, prior, log_loss``.
    """
    check_events(past)
    kinds = check_kinds(kinds)
    before, last = inner_split(past, seed)
    counts = neighbourhood_counts(last[["x", "y"]].to_numpy(), before, kinds, bandwidths)
    return best_neighbourhood(counts, last, before, kinds, bandwidths, priors)


def best_neighbourhood(counts, last, before, kinds, bandwidths, priors=PRIORS):
    """`tune_neighbourhood` from counts that are known already."""
    base = city_mix(last_period(before), kinds)
    truth = codes(last["kind"], kinds)
    seen = truth >= 0
    rows = []
    for width, of_width in zip(bandwidths, counts, strict=True):
        for prior in priors:
            given = mixes(of_width[seen], base, prior)[np.arange(seen.sum()), truth[seen]]
            rows.append((float(width), float(prior), float(-np.log(given).mean())))
    table = pd.DataFrame(rows, columns=["bandwidth", "prior", "log_loss"])
    best = table.loc[table["log_loss"].idxmin()]
    return Neighbourhood(float(best["bandwidth"]), float(best["prior"])), table


def inner_split(past: pd.DataFrame, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is known and what is forecast inside the past: everything tuned is tuned here."""
    last = past["period"].max()
    if (past["period"] < last).any():
        return past[past["period"] < last], past[past["period"] == last]
    half = np.random.default_rng(seed).permutation(len(past)) < len(past) // 2
    return past[half], past[~half]


def last_period(past: pd.DataFrame) -> pd.DataFrame:
    """Events of the last period of the past."""
    return past[past["period"] == past["period"].max()]


def _checked(targets, past, kinds) -> tuple[str, ...]:
    check_events(targets)
    check_events(past)
    refuse_leak(past, targets)
    return check_kinds(kinds)
