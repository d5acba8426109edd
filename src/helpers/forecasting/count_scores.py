"""Scores of expected counts against what then happened in each cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import whole_number

from .scores import location_interval

SHARES = (0.01, 0.05, 0.10)


def poisson_deviance(expected: Any, observed: Any) -> float:
    r"""Mean Poisson deviance, :math:`2 [n \log(n / \mu) - (n - \mu)]` over cells; 0 is perfect.

    Parameters
    ----------
    expected : (cells,) array
        μ, positive.
    observed : (cells,) array
        n.

    Raises
    ------
    ValueError
        If shapes differ, or a cell with events was given no chance of any.

    Examples
    --------
    >>> poisson_deviance([1.0, 2.0], [1, 2])
    0.0
    >>> round(poisson_deviance([1.0], [0]), 6)
    2.0
    """
    mean, number = _checked(expected, observed)
    if ((mean <= 0) & (number > 0)).any():
        raise ValueError("a cell with events was expected to have none: its deviance is infinite.")
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(number > 0, number * np.log(number / mean), 0.0)
    return float(2 * np.mean(log - (number - mean)))


def chosen_cells(expected: Any, share: float) -> np.ndarray:
    """Part of each cell that is among the share of cells with the most expected crimes.

    One for cells above the limit, zero below; cells that tie at the limit share what is left, so
    that the score does not hang on their order.

    Examples
    --------
    >>> chosen_cells([5, 1, 1, 0], 0.5).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    score = np.asarray(expected, dtype=float)
    if not (isinstance(share, float) and 0 < share <= 1):
        raise ValueError(f"share is a part of the cells above 0 and at most 1, not {share!r}.")
    wanted = share * len(score)
    limit = np.sort(score)[::-1][min(len(score) - 1, int(np.ceil(wanted - 1e-9)) - 1)]
    above, tied = score > limit, score == limit
    return above + tied * ((wanted - above.sum()) / tied.sum())


def hit_rates(expected: Any, observed: Any, shares=SHARES) -> pd.DataFrame:
    r"""Hit rate, prediction accuracy index and prediction efficiency index (Chainey 2008; Hunt 2016).

    With a share a of the cells chosen by the forecast, holding n of N crimes,

    .. math:: PAI = \frac{n / N}{a}, \qquad PEI = \frac{PAI}{PAI^*} = \frac{n}{n^*}

    where n* is what the best choice of as many cells would hold.

    Returns
    -------
    pandas.DataFrame
        Index ``share``; ``hit rate``, ``PAI``, ``PEI``, which are missing where nothing happened
        in any of the cells.

    Examples
    --------
    >>> table = hit_rates([3, 2, 1, 0], [4, 0, 3, 1], [0.5])
    >>> table.round(3).to_numpy().tolist()
    [[0.5, 1.0, 0.571]]
    """
    score, number = _checked(expected, observed)
    nothing = number.sum() == 0
    rows = []
    for share in shares:
        chosen, foreseen = chosen_cells(score, share), chosen_cells(number, share)
        if nothing:
            rows.append((share, np.nan, np.nan, np.nan))
            continue
        hits = chosen @ number / number.sum()
        best = foreseen @ number / number.sum()
        rows.append((share, hits, hits / share, hits / best))
    return pd.DataFrame(rows, columns=["share", "hit rate", "PAI", "PEI"]).set_index("share")


def hit_curve(expected: Any, observed: Any, points: int = 101) -> pd.DataFrame:
    """Share of crimes in the share of cells with the most expected crimes, from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        ``share``, ``hit rate``; cells that tie are crossed by a straight line.

    Examples
    --------
    >>> hit_curve([2, 1], [3, 1], points=3)["hit rate"].tolist()
    [0.0, 0.75, 1.0]
    """
    score, number = _checked(expected, observed)
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    crossed = np.r_[0, (ends + 1) / len(score)]
    caught = np.r_[0, np.cumsum(number[order])[ends] / number.sum()]
    share = np.linspace(0, 1, whole_number(points, "points", 2))
    return pd.DataFrame({"share": share, "hit rate": np.interp(share, crossed, caught)})


def pei_interval(
    expected: Any,
    cell: Any,
    places: Any,
    share: float,
    *,
    reference: Any = None,
    draws: int = 999,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % interval of a PEI, or of its difference to another forecast's, over locations.

    The cells that the forecasts and hindsight choose are fixed; the places where crimes happened
    are drawn again with replacement, each with all its crimes.

    Parameters
    ----------
    expected : (cells,) array
    cell : (n,) array of int
        Cell of each event; -1 for one outside all cells.
    places : (n, 2) array
        Place of each event.
    share : float
    reference : (cells,) array, optional
        The other forecast.
    draws, seed : int

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> pei_interval([2.0, 1.0], [0, 0, 1], [[0, 0], [0, 0], [9, 9]], 1.0)
    (1.0, 1.0)
    """
    parts = pei_parts(expected, cell, share, reference)
    return location_interval(*parts, places, draws=draws, seed=seed)


def pei_parts(
    expected: Any, cell: Any, share: float, reference: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """What each event adds to the numerator and to the denominator of a PEI, or of a difference.

    Parameters
    ----------
    expected, cell, share, reference
        As in `pei_interval`.

    Returns
    -------
    (n,) array, (n,) array
        Shares of hits of the forecast (less those of the reference), and of hindsight.
    """
    score, cell = np.asarray(expected, dtype=float), np.asarray(cell, dtype=int)
    happened = np.bincount(cell[cell >= 0], minlength=len(score))
    gain = chosen_cells(score, share)
    if reference is not None:
        gain = gain - chosen_cells(reference, share)
    # an event outside all cells is nobody's hit
    gain, best = np.r_[gain, 0.0], np.r_[chosen_cells(happened, share), 0.0]
    return gain[cell], best[cell]


def pei_ceiling(expected: Any, shares=SHARES, *, draws: int = 200, seed: int = 0) -> pd.DataFrame:
    """PEI that a forecast would reach if it were true and crimes fell by chance about it.

    Even who knows every cell's rate does not know which cell will have the luck: hindsight
    does, so that the PEI of the truth stays below one.

    Returns
    -------
    pandas.DataFrame
        Index ``share``; ``mean``, ``low``, ``high`` (95 % of the draws).  Draws without any crime
        have no PEI and are left out; missing where none is left.
    """
    score = np.asarray(expected, dtype=float)
    rng = np.random.default_rng(seed)
    drawn = [
        hit_rates(score, rng.poisson(score), shares)["PEI"]
        for _ in range(whole_number(draws, "draws"))
    ]
    values = np.array(drawn)
    some = values[np.isfinite(values).all(axis=1)]
    values = some if len(some) else values[:1]
    low, high = np.percentile(values, [2.5, 97.5], axis=0)
    return pd.DataFrame(
        {"mean": values.mean(axis=0), "low": low, "high": high},
        index=pd.Index(shares, name="share"),
    )


def _checked(expected: Any, observed: Any) -> tuple[np.ndarray, np.ndarray]:
    mean, number = np.asarray(expected, dtype=float), np.asarray(observed, dtype=float)
    if mean.ndim != 1 or mean.shape != number.shape or not len(mean):
        raise ValueError(
            f"expected and observed have one value a cell, not {mean.shape} and {number.shape}."
        )
    if not (np.isfinite(mean).all() and np.isfinite(number).all()):
        raise ValueError("expected and observed counts are finite numbers.")
    if (mean < 0).any() or (number < 0).any():
        raise ValueError("counts are not negative.")
    return mean, number
