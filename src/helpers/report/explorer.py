"""Puts sliders for the weights of criteria on the page of a ranking, from its saved results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.compendium import store

if TYPE_CHECKING:
    import pandas as pd

ANCHOR = "weights_explorer"
"""Its anchor on the page of a section, which no heading has."""

MOST_VALUES = 200_000
"""Values that a page carries at most; beyond, it shows no sliders."""

ROWS = 12
"""Zones that are listed."""

DIGITS = 9
"""Decimals of the values on the page."""

# Results of a section that ranks zones, by the names under which it saves them.
RESULTS = ("values", "weights", "ranking")


@dataclass(frozen=True)
class Criterion:
    """One row of the table of weights: what the criterion is called, its swing, its weight."""

    label: str
    swing: int
    weight: float


@dataclass(frozen=True)
class Zone:
    """One row of the table of zones."""

    rank: int
    name: str
    score: float


@dataclass(frozen=True)
class Explorer:
    """What the page shows without scripts, and what its script reads.

    Attributes
    ----------
    criteria
        The most important first.
    zones
        The first of the ranking.
    data
        JSON: ``zones`` (names in the order of the ranking), ``values`` (a row a zone, columns in
        the order of `criteria`) and ``weights``.
    """

    criteria: list[Criterion]
    zones: list[Zone]
    data: str


def read_explorer(city: str, section: str) -> Explorer | None:
    """The weights, values and ranking that a section saved, as the page needs them.

    Parameters
    ----------
    city, section
        Whose results.

    Returns
    -------
    Explorer or None
        None where one of the three is not there or not whole, where they do not fit each other,
        or are too many for a page.
    """
    found = [_table(city, section, name) for name in RESULTS]
    if any(frame is None for frame in found):
        return None
    try:
        return _explorer(*found)
    except (KeyError, TypeError, ValueError):
        # tables of those names that are about something else
        return None


def _table(city: str, section: str, name: str) -> pd.DataFrame | None:
    saved = store.saved_file(city, section, name)
    if saved is None:
        return None
    try:
        content = store.read_content(saved[0])
    except (OSError, ValueError):
        return None
    return content if hasattr(content, "columns") else None


def _explorer(values: pd.DataFrame, weights: pd.DataFrame, ranking: pd.DataFrame) -> Explorer:
    weights, ranking = _by(weights, "criterion"), _by(ranking, "zone").sort_values("position")
    table = _by(values, "zone").loc[ranking.index, list(weights.index)].astype(float)
    shares = weights["weight"].astype(float)
    fits = table.size <= MOST_VALUES and ((table >= 0) & (table <= 1)).all(axis=None)
    if not fits or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6 or table.empty:
        raise ValueError("no table of values with weights that sum to 1")
    swings = (100 * shares / shares.max()).round().astype(int)
    rows = zip(weights["label"].map(str), swings.tolist(), shares.tolist(), strict=True)
    first = ranking.head(ROWS)
    if first["score"].astype(float).isna().any():
        raise ValueError("a zone has no score")
    listed = zip(first["rank"].tolist(), map(str, first.index), first["score"], strict=True)
    data: dict[str, Any] = {
        "zones": [str(name) for name in table.index],
        "values": table.round(DIGITS).to_numpy().tolist(),
        "weights": shares.tolist(),
    }
    return Explorer(
        criteria=[Criterion(*row) for row in rows],
        zones=[Zone(int(rank), name, float(score)) for rank, name, score in listed],
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
    )


def _by(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """The frame indexed by a column, each of whose names stands once."""
    frame = frame if frame.index.name == key else frame.set_index(key)
    if not frame.index.is_unique:
        raise ValueError(f"a {key} stands twice")
    return frame
