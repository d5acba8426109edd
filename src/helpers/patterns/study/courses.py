"""Where a curve lies outside its envelope, as words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_STEPS = 3
"""Distances that a curve must stay outside, lest it only touch its envelope's edge."""


@dataclass(frozen=True)
class Course:
    """Where a curve lies outside its envelope.

    Attributes
    ----------
    stays : tuple of str
        ``above`` and ``below`` in turn, each with its first and last r in whole metres; empty where
        the curve stays inside, or leaves it for short ways alone.
    shortest : float
        Metres; a stay outside that is shorter is counted, not told.
    short : int
        So many of them, between or beside the others.
    """

    stays: tuple[str, ...]
    shortest: float
    short: int

    @property
    def told(self) -> str:
        """The stays in a row, or how short all of them are."""
        if not self.stays and self.short:
            return f"nowhere for as much as {self.shortest:,.0f} m"
        return ", then ".join(self.stays)


def course(curve: pd.Series, ends: pd.DataFrame, shortest: float | None = None) -> Course:
    """Where a curve leaves its envelope, in the order of the distances.

    A stay goes from the first to the last distance outside on one side, passages through the
    envelope among them; its length is that of the steps of r that lie outside.

    Parameters
    ----------
    curve : Series
    ends : DataFrame
        Columns r, low and high, in the rows of the curve, r ascending.
    shortest : float, optional
        Metres, not negative; by default three (median) steps of r. Shorter stays are counted alone, and
        those beside them that lie on one side become one.

    Returns
    -------
    Course

    Raises
    ------
    ValueError
        If `shortest` is negative.

    Examples
    --------
    >>> ends = pd.DataFrame({"r": [0, 30, 60, 90, 120], "low": -1, "high": 1})
    >>> course(pd.Series([0, -2, -2, 0, 2]), ends, shortest=0).told
    'below (30 to 60 m), then above (120 m)'
    >>> course(pd.Series([0, -2, -2, 0, 2]), ends, shortest=50)
    Course(stays=('below (30 to 60 m)',), shortest=50, short=1)
    """
    r = ends["r"].to_numpy(dtype=float)
    shortest = _STEPS * float(np.median(np.diff(r))) if shortest is None else shortest
    if shortest < 0:
        raise ValueError(f"shortest is a length in metres, not {shortest}")
    side = (curve > ends["high"]).astype(int) - (curve < ends["low"]).astype(int)
    at, lengths = np.flatnonzero(side), np.gradient(r)
    long: list[list[int]] = []
    short = 0
    for stay in _of_one_side(at, side.to_numpy()):
        if lengths[stay].sum() < shortest:
            short += 1
        elif long and side.iloc[long[-1][0]] == side.iloc[stay[0]]:
            long[-1].extend(stay)
        else:
            long.append(stay)
    stays = [_stay("above" if side.iloc[s[0]] > 0 else "below", r[s[0]], r[s[-1]]) for s in long]
    return Course(tuple(stays), shortest, short)


def _of_one_side(at: np.ndarray, side: np.ndarray) -> list[list[int]]:
    """Places outside an envelope, cut where the side changes."""
    if len(at) == 0:
        return []
    turns = np.flatnonzero(np.diff(side[at])) + 1
    return [part.tolist() for part in np.split(at, turns)]


def _stay(side: str, first: float, last: float) -> str:
    names = [f"{first:,.0f}", f"{last:,.0f}"]
    return f"{side} ({' to '.join(dict.fromkeys(names))} m)"
