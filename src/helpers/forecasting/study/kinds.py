"""Tables of forecasts of the kind of a crime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..events import codes
from ..neighbours import (
    NeighbourCurve,
    NeighbourVotes,
    forward_curve,
    neighbour_votes,
    shrink_shares,
)
from ..scores import (
    calibration,
    location_intervals,
    probability_groups,
    score_kinds,
)

MAJORITY = "climatology (majority)"
"""Name of the shares of the past, whose answer is always the commonest kind."""

NEIGHBOURS = "K-NN, the paper's design"
NETWORK = "network, the paper's design"

DESIGN = (NETWORK, NEIGHBOURS)
"""Names of the two forecasts of the San Miguel paper (VI)."""


def usual_period(times: pd.Series) -> str:
    """``"year"``, or ``"month"`` where all times fall into one year.

    Examples
    --------
    >>> usual_period(pd.Series(pd.to_datetime(["2018-01-31", "2018-02-01"])))
    'month'
    >>> usual_period(pd.Series(pd.to_datetime(["2018-12-31", "2019-01-01"])))
    'year'
    """
    return "month" if len(times.dt.year.unique()) == 1 else "year"


def since(layer: Any, first: str | None) -> Any:
    """Events from a period on.

    Parameters
    ----------
    layer : DataFrame
        With a column ``time``.
    first : str or None
        ``"2016"`` or ``"2016-07"``; None for all.

    Raises
    ------
    ValueError
        Something that names no period, or one after the last event.

    Examples
    --------
    >>> times = pd.DataFrame({"time": pd.to_datetime(["2015-12-31", "2016-01-01"])})
    >>> len(since(times, "2016")), len(since(times, None))
    (1, 2)
    """
    if first is None:
        return layer
    try:
        begin = pd.Period(str(first)).start_time
    except ValueError:
        raise ValueError(f"'{first}' names no period; write a year or a month, 2016-07.") from None
    kept = layer[layer["time"] >= begin]
    if not len(kept):
        raise ValueError(f"there are no events since {first}.")
    return kept


def later_curve(features: Any, train: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame | None:
    """Accuracy of K nearest neighbours on the last period of the past, from those before it.

    Parameters
    ----------
    features : (n, m) DataFrame or array
        Of the events of the past.
    train : pandas.DataFrame
        The past, from `event_table`.
    seed : int

    Returns
    -------
    pandas.DataFrame or None
        ``neighbours, accuracy``; None where fewer than two kinds lie before the last period.
    """
    last = (train["period"] == train["period"].max()).to_numpy()
    kind = train["kind"]
    if kind[~last].nunique() < 2:
        return None
    return forward_curve(features[~last], kind[~last], features[last], kind[last], seed=seed)


@dataclass(frozen=True)
class CurveShape:
    """How a curve of accuracy by number of neighbours runs.

    Attributes
    ----------
    best, levels_off, most : int
        Neighbours of the highest accuracy; the fewest within one standard error of it; the most
        that were tried.
    at_best, at_most : float
        Accuracy there.
    falls : bool
        Whether it ends more than one standard error below its best.
    steadily : bool
        Whether its last steps all go down.
    """

    best: int
    levels_off: int
    most: int
    at_best: float
    at_most: float
    falls: bool
    steadily: bool


def curve_shape(curve: NeighbourCurve, steps: int = 5) -> CurveShape:
    """Describe a cross-validated curve.

    Parameters
    ----------
    curve : NeighbourCurve
    steps : int
        Steps at its end that must all go down for a curve that falls steadily.

    Examples
    --------
    >>> table = pd.DataFrame({"neighbours": [1, 2, 3], "accuracy": [0.2, 0.5, 0.4]})
    >>> found = curve_shape(NeighbourCurve(table.assign(standard_error=0.01), 2, 2))
    >>> found.at_best, found.at_most, found.falls, found.steadily
    (0.5, 0.4, True, True)
    """
    table = curve.table
    beyond = table[table["neighbours"] >= curve.best]
    at_best, at_most = float(table["accuracy"].max()), float(table["accuracy"].iloc[-1])
    changes = beyond["accuracy"].diff().iloc[1:].tail(steps)
    return CurveShape(
        best=int(curve.best),
        levels_off=int(curve.levels_off),
        most=int(table["neighbours"].iloc[-1]),
        at_best=at_best,
        at_most=at_most,
        falls=bool(at_most < at_best - beyond["standard_error"].iloc[0]),
        steadily=bool(len(changes) and (changes < 0).all()),
    )


def asked_neighbours(
    curve: NeighbourCurve, later: pd.DataFrame | None, every: str
) -> dict[str, int]:
    """How many neighbours each forecast by them asks: the paper's, and the later period's choice.

    Parameters
    ----------
    curve : NeighbourCurve
        By cross-validation.
    later : pandas.DataFrame or None
        From `later_curve`.
    every : str
        ``"year"`` or ``"month"``, for the name.

    Examples
    --------
    >>> later = pd.DataFrame({"neighbours": [1, 5], "accuracy": [0.2, 0.3]})
    >>> asked_neighbours(NeighbourCurve(later, 1, 1), later, "year")
    {"K-NN, the paper's design": 1, 'K-NN, K from the last year (5)': 5}
    """
    asked = {NEIGHBOURS: int(curve.best)}
    if later is not None:
        best = int(later["neighbours"][later["accuracy"].idxmax()])
        asked[f"K-NN, K from the last {every} ({best})"] = best
    return asked


def votes_and_shares(
    asked: Mapping[str, int],
    features: Any,
    labels: pd.Series,
    targets: Any,
    kinds: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[dict[str, NeighbourVotes], dict[str, np.ndarray]]:
    """Votes of the neighbours, and the same shrunk to the shares of the past by half a vote a kind.

    The paper needs the answer only, which stays that of the votes; a probability must not be
    zero because no neighbour had the kind.

    Parameters
    ----------
    asked : dict
        Name → number of neighbours.
    features, targets : arrays
        Of the past, and of the events to be forecast.
    labels : Series
        Kinds of the past.
    kinds : sequence of str
    seed : int

    Returns
    -------
    votes : dict of str to NeighbourVotes
    shares : dict of str to (n, kinds) array
    """
    votes = {
        name: neighbour_votes(features, labels, targets, count, kinds, seed=seed)
        for name, count in asked.items()
    }
    shares = {
        name: shrink_shares(each.shares, asked[name], labels, kinds) for name, each in votes.items()
    }
    return votes, shares


def kind_scores(
    made: Mapping[str, np.ndarray],
    kinds: Sequence[str],
    future: pd.DataFrame,
    *,
    votes: Mapping[str, NeighbourVotes],
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Scores of forecasts of the kind, with 95 % intervals over locations.

    Skill is :math:`1 - L / L_0` with the mean log losses of the forecast and of climatology.

    Parameters
    ----------
    made : dict of str to (n, kinds) array
        Probabilities by forecast; `MAJORITY` must be among them.
    kinds : sequence of str
    future : pandas.DataFrame
        What then happened, from `event_table`.
    votes : dict of str to NeighbourVotes
        Forecasts whose answer is that of their votes, whatever their probabilities.
    draws, seed : int
        Of the bootstrap over places.

    Returns
    -------
    pandas.DataFrame
        Index ``forecast``; ``accuracy, log_loss, brier, above_majority`` (accuracy minus that of
        the commonest kind), ``skill``, and ``…_low, …_high`` of accuracy, above_majority, skill.
    """
    happened = future["kind"]
    scores = {name: score_kinds(p, kinds, happened) for name, p in made.items()}
    known = codes(happened, tuple(kinds))
    for name, each in votes.items():
        right = (each.answers == known).astype(float)
        scores[name] = replace(scores[name], accuracy=float(right.mean()), right=right)
    base, ones = scores[MAJORITY], np.ones(len(future))
    rows, above, below = {}, [], []
    for name, each in scores.items():
        row = {"accuracy": each.accuracy, "log_loss": each.log_loss, "brier": each.brier}
        row["above_majority"] = each.accuracy - base.accuracy
        row["skill"] = 1 - each.log_loss / base.log_loss
        rows[name] = row
        above += [each.right, each.right - base.right, base.loss - each.loss]
        below += [ones, ones, base.loss]
    # one call: all intervals rest on the same draws
    parts, places = np.column_stack(above), future[["x", "y"]].to_numpy()
    ends = location_intervals(parts, np.column_stack(below), places, draws=draws, seed=seed)
    for name, mine in zip(scores, ends.reshape(len(scores), -1, 2), strict=True):
        for what, (low, high) in zip(("accuracy", "above_majority", "skill"), mine, strict=True):
            rows[name] |= {f"{what}_low": low, f"{what}_high": high}
    return pd.DataFrame(rows).T.rename_axis("forecast")


def calibration_table(
    made: Mapping[str, np.ndarray],
    kinds: Sequence[str],
    future: pd.DataFrame,
    *,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """How often what was given a probability happened, forecast by forecast.

    Parameters
    ----------
    made : dict of str to (n, kinds) array
        Probabilities by forecast.
    kinds : sequence of str
    future : pandas.DataFrame
        What then happened, from `event_table`.
    draws, seed : int
        Of the bootstrap over places.

    Returns
    -------
    pandas.DataFrame
        ``forecast, group, given`` (mean probability), ``happened`` (share), ``low, high`` (95 %
        interval of it over locations), ``number``.
    """
    truth = codes(future["kind"], tuple(kinds))[:, None] == np.arange(len(kinds))
    places, tables = future[["x", "y"]].to_numpy(), {}
    for name, probability in made.items():
        table = calibration(probability, kinds, future["kind"])
        group = probability_groups(probability)
        parts = [group == each for each in range(len(table))]
        number = np.column_stack([part.sum(axis=1) for part in parts])
        happened = np.column_stack([(part & truth).sum(axis=1) for part in parts])
        ends = location_intervals(happened, number, places, draws=draws, seed=seed)
        table = table.rename(columns={"forecast": "given"})
        table.insert(2, "low", ends[:, 0])
        table.insert(3, "high", ends[:, 1])
        tables[name] = table
    return pd.concat(tables, names=["forecast", "group"]).reset_index()
