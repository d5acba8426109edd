"""A ranking cut into classes, beside those that one criterion alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import listed, near

from ..agreement import class_moves
from ..errors import PriorityError
from ..ranking import Ranking, equal_sizes, rank_zones
from .counted import fewest_events
from .zones import CriteriaTable

__all__ = [
    "CLASSES",
    "ClassRanking",
    "class_of_first",
    "rank_in_classes",
    "share_of",
]

CLASSES = ("very high", "high", "medium", "low", "very low")
"""Names of five classes; of fewer than five zones the three in the middle are used."""


@dataclass(frozen=True)
class ClassRanking:
    """A ranking cut into classes, beside the classes that one criterion alone would give.

    Attributes
    ----------
    ranking : Ranking
    sizes : dict
        Class → number of zones, the most urgent first; the same for both sortings.
    before, after : Series
        Zone → class by the one criterion, by the model.
    moves : Series
        Zone → classes that the model moves it up.
    fewest : Series, optional
        Zone → the fewest events that any of its criteria rests on, where any is a ratio of counts.
    """

    ranking: Ranking
    sizes: dict[Any, int]
    before: pd.Series
    after: pd.Series
    moves: pd.Series
    fewest: pd.Series | None = None

    def table(self) -> pd.DataFrame:
        """One row a zone, most urgent first: rank, position, score, both classes, the move.

        Behind them ``fewest_events``, where criteria rest on counted events.
        """
        columns = {"class": self.after, "alone": self.before, "move": self.moves}
        frame = self.ranking.table().assign(**columns, score=self.ranking.scores.round(6))
        if self.fewest is not None:
            frame["fewest_events"] = self.fewest
        return frame.rename_axis("zone")

    @property
    def same_class(self) -> float:
        """Share of the zones that keep their class."""
        return float((self.moves == 0).mean())

    @property
    def classes_changed(self) -> int:
        """Number of classes whose zones are others than by the one criterion."""
        return sum(
            set(self.before.index[self.before == name]) != set(self.after.index[self.after == name])
            for name in self.sizes
        )


def share_of(table: pd.DataFrame, name: object) -> list[float]:
    """A column of `class_of_first` by place; zeros for a class that never comes first."""
    return table[name].tolist() if name in table else [0.0] * len(table)


def class_of_first(
    values: pd.DataFrame,
    before: pd.Series,
    weights: Sequence[float],
    order: Sequence[str],
    alone: str,
    *,
    tables: int = 600,
    seed: int = 0,
) -> pd.DataFrame:
    """Which class comes first in shuffled tables, by the place of the criterion that made the classes.

    The values of the other criteria are dealt out among the zones again and again, so that nothing
    but the weight of the one criterion ties the first place to its classes.

    Parameters
    ----------
    values : DataFrame
        Value of each zone in each criterion.
    before : Series
        Zone → class by `alone`.
    weights : sequence of float
        Weights by place in the order, the greatest first.
    order : sequence of str
        Criteria, the most important first; `alone` is put in every place in turn.
    alone : str
        The criterion.
    tables : int
        Shuffled tables.
    seed : int
        Of the shuffles.

    Returns
    -------
    DataFrame
        Index ``place`` of `alone` in the order; one column a class that comes first in any, the
        least urgent at the left: share of the tables whose first zone is of that class.
    """
    others = [name for name in order if name != alone]
    fixed = values[alone].to_numpy(dtype=float)
    draws = np.random.default_rng(seed)
    rest = np.array([np.tile(values[name].to_numpy(dtype=float), (tables, 1)) for name in others])
    rest = draws.permuted(rest.reshape(len(others), tables, len(values)), axis=2)
    rows = {}
    for place in range(len(order)):
        given = np.delete(np.asarray(weights, dtype=float), place)
        scores = weights[place] * fixed + np.tensordot(given, rest, axes=1)
        first = before.loc[values.index].to_numpy()[scores.argmax(axis=1)]
        rows[place + 1] = pd.Series(first).value_counts(normalize=True)
    frame = pd.DataFrame(rows).T.fillna(0.0).rename_axis("place")
    # classes are cut from `alone`: its greater values are of the more urgent classes
    ordered = values[alone].groupby(before.loc[values.index]).mean().sort_values().index
    return frame[[name for name in ordered if name in frame]]


def rank_in_classes(
    scores: pd.Series, values: pd.DataFrame, table: CriteriaTable, *, alone: str
) -> ClassRanking:
    """Rank zones by score, and cut the ranking into classes of the sizes that one criterion gives.

    Zones of equal score are ordered by their value in that criterion, then as in the table.  Where
    the criterion has levels they are the classes; otherwise there are five classes of equal size
    (three for fewer than five zones).

    Parameters
    ----------
    scores : Series
        Zone → score; more is more urgent.
    values : DataFrame
        Value of each zone in each criterion, 0 to 1.
    table : CriteriaTable
        Criteria, and the measures of at least the same zones.
    alone : str
        The criterion to compare with.

    Raises
    ------
    PriorityError
        `alone` is none of the criteria.
    """
    if alone not in values:
        raise PriorityError(
            f"alone names {alone!r}, which is no criterion{near(alone, values.columns)} "
            f"(criteria: {listed(values.columns, 12)})"
        )
    ranking = rank_zones(scores, tie_breaker=values[alone])
    if table.criteria[alone].shape == "discrete":
        levels = table.criteria[alone].values
        before = table.measures.loc[values.index, alone].astype(object)
        counts = before.value_counts()
        falling = sorted(levels, key=levels.get, reverse=True)
        sizes = {level: int(counts[level]) for level in falling if level in counts}
    else:
        names = CLASSES if len(values) >= len(CLASSES) else CLASSES[1:4]
        sizes = equal_sizes(len(values), names)
        before = rank_zones(values[alone]).segments(sizes)
    after = ranking.segments(sizes)
    moves = class_moves(before, after, list(sizes))
    fewest = fewest_events(table.steady, values.index) if table.steady else None
    return ClassRanking(ranking, sizes, before, after, moves, fewest)
