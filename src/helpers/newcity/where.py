"""Which columns hold the place: by their names, by what is in them, and as pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.sources import is_missing

from .cells import numbers
from .points import is_point, split_point
from .roles import Roles
from .tables import RawTable
from .words import X, Y, best, words_of


def guess_place(table: RawTable, sample: pd.DataFrame, roles: Roles) -> None:
    """Fill in the columns of coordinates, or the column that holds both."""
    xs = _coordinates(sample, X)
    ys = _coordinates(sample, Y)
    pairs = []
    for x, (x_score, x_values) in xs.items():
        for y, (y_score, y_values) in ys.items():
            if x == y:
                continue
            score = x_score + y_score + _pair_bonus(x, y, x_values, y_values)
            pairs.append((score, x, y))
    pairs.sort(key=lambda pair: -pair[0])
    if table.points is not None and table.crs is not None:
        roles.why["place"] = "the file's own geometry"
        if pairs:
            roles.why["place"] += f"; not {pairs[0][1]} and {pairs[0][2]}"
        roles.scores["place"] = 1.0
        return
    texts = _point_column(sample)
    # texts of degrees need no system to be named, columns of metres or feet do
    if pairs and pairs[0][0] > 1.2 and not (texts and not _in_degrees(*pairs[0][1:], xs, ys)):
        roles.x, roles.y = pairs[0][1:]
        roles.scores["place"] = min(pairs[0][0] / 2, 1.0)
        shown = zip(sample[roles.x].head(200), sample[roles.y].head(200), strict=True)
        some = [f"({a}, {b})" for a, b in shown if a and b and a not in ("0", "0.0")][:3]
        other = (
            f"; not {pairs[1][1]} and {pairs[1][2]}"
            if pairs[1:] and {*pairs[1][1:]} != {roles.x, roles.y}
            else ""
        )
        roles.why["place"] = f"{', '.join(some)}{other}"
        return
    if not texts and table.points is None:
        roles.one_place = [c for p in (X, Y) for c in list(_coordinates(sample, p, few=True))[:1]]
    if texts:
        held = sample[texts][~is_missing(sample[texts])]
        roles.point = texts
        roles.why["place"] = f"both coordinates in one text, such as {held.iloc[0]!r}"
        roles.scores["place"] = 0.9
        return
    if table.points is not None:
        roles.why["place"] = "the file's own geometry, whose system no file names"
        roles.scores["place"] = 0.9


def _point_column(sample: pd.DataFrame) -> str:
    """The first column whose texts hold both coordinates, in degrees."""
    for name in sample.columns:
        held = sample[name][~is_missing(sample[name])]
        if not len(held) or is_point(held.head(300)).mean() < 0.5:
            continue
        x, y = split_point(held, name)
        real = np.isfinite(x) & np.isfinite(y)
        if real.any() and ((np.abs(x[real]) <= 180) & (np.abs(y[real]) <= 90)).mean() > 0.8:
            return str(name)
    return ""


def _in_degrees(x: str, y: str, xs: dict[str, Any], ys: dict[str, Any]) -> bool:
    a, b = xs[x][1], ys[y][1]
    real = np.isfinite(a) & np.isfinite(b)
    return bool(((np.abs(a[real]) <= 180) & (np.abs(b[real]) <= 180)).mean() > 0.5)


def _coordinates(
    sample: pd.DataFrame, patterns: tuple[tuple[float, str], ...], *, few: bool = False
) -> dict[str, tuple[float, np.ndarray]]:
    found = {}
    for name in sample.columns:
        score = best(patterns, words_of(name))
        if not score:
            continue
        held = ~is_missing(sample[name])
        values, _ = numbers(sample[name])
        if not held.any() or np.isfinite(values[held]).mean() < 0.7:
            continue
        real = values[np.isfinite(values) & (np.abs(values) > 1e-3)]
        if len(real) < 1 or (len(real) > 20 and (len(np.unique(real)) < 3) != few):
            continue
        found[name] = (score, values)
    return found


def _pair_bonus(x: str, y: str, x_values: np.ndarray, y_values: np.ndarray) -> float:
    """How well two columns go together: the same words but one, side by side, one unit."""
    both = np.isfinite(x_values) & np.isfinite(y_values)
    if both.sum() < 0.5 * max(np.isfinite(x_values).sum(), 1):
        return -1.0
    bonus = 0.0
    mine, other = set(words_of(x).split()), set(words_of(y).split())
    if len(mine) == len(other) and len(mine - other) <= 1:
        bonus += 0.1
    a, b = x_values[both], y_values[both]
    real = (np.abs(a) > 1e-3) & (np.abs(b) > 1e-3)
    if not real.any():
        return -1.0
    degrees = (np.abs(a[real]) <= 180) & (np.abs(b[real]) <= 180)
    share = degrees.mean()
    if share > 0.9:
        bonus += 0.7  # degrees need no system to be named
        fine = (a[real] % 1 != 0).mean()
        bonus -= 0.8 if fine < 0.5 else 0.0
    elif share > 0.1:
        bonus -= 0.2
    return bonus
