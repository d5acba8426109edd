"""The tables that the sections on priorities show, from tables of criteria."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.checks import listed, near, one_of

from .acceptability import Acceptability
from .agreement import class_moves, kendall_agreement
from .errors import PriorityError
from .outranking import Sorting, Threshold, electre_tri, quantile_profiles
from .ranking import Ranking, equal_sizes, rank_zones
from .values import Described
from .weights import check_weights, rank_order_centroid, smarter_weights, swing_weights

if TYPE_CHECKING:
    import geopandas as gpd

CLASSES = ("very high", "high", "medium", "low", "very low")
"""Names of five classes; of fewer than five zones the three in the middle are used."""

SAME = 1e-12
"""Values nearer than this are one value: the difference is rounding."""

EXACT = 10_000
"""Largest denominator of a weight that is written as a fraction."""


# ---------------------------------------------------------------------------------- the criteria


@dataclass(frozen=True)
class CriteriaTable:
    """The zones that are ranked and the criteria that tell them apart.

    Attributes
    ----------
    criteria : dict
        Name → what is known of it: ``label``, ``unit``, ``shape``, ``synthetic`` and what its
        shape needs.
    measures : DataFrame
        One row a zone, indexed by its name (by its code where names repeat); one column a
        criterion.
    codes : Series
        Name → code of every zone of the layer, those that are left out too.
    labels : dict
        Criterion → words, those that are alike too.
    alike : list of str
        Criteria left out because all zones are alike in them.
    """

    criteria: dict[str, Any]
    measures: pd.DataFrame
    codes: pd.Series
    labels: dict[str, str]
    alike: list[str]

    @property
    def units(self) -> dict[str, str]:
        """Unit of each criterion."""
        return {name: item.unit for name, item in self.criteria.items()}

    @property
    def directions(self) -> list[str]:
        """``"min"`` where less is more urgent, ``"peak"`` where the middle is, else ``"max"``."""
        return self.directions_of(self.criteria)

    def directions_of(self, names: Iterable[str]) -> list[str]:
        """`directions` of these criteria, in their order."""
        return [_direction(self.criteria[name]) for name in names]

    def described(self) -> pd.DataFrame:
        """One row a criterion: its label, unit, direction, whether simulated, and its range.

        Returns
        -------
        DataFrame
            Columns ``criterion, measured_in, direction, simulated, min, median, max``; the last three
            are missing where a criterion has levels.
        """
        items = self.criteria.values()
        frame = pd.DataFrame(
            {
                "criterion": [item.label for item in items],
                "measured_in": [item.unit for item in items],
                "direction": [item.shape for item in items],
                "simulated": ["SYNTHETIC" if item.synthetic else "" for item in items],
            },
            index=list(self.criteria),
        )
        numeric = self.measures.select_dtypes("number")
        ranges = {how: numeric.agg(how) for how in ("min", "median", "max")}
        return frame.assign(**ranges).reset_index(drop=True)


def _direction(item: Any) -> str:
    """Which way a criterion runs; the levels of a scale stand from little to much."""
    if item.shape == "peaked":
        return "peak"
    levels = list(item.values.values()) if item.shape == "discrete" else []
    falls = item.shape == "decreasing" or bool(levels and levels[0] > levels[-1])
    return "min" if falls else "max"


def criteria_table(
    layer: pd.DataFrame, criteria: Mapping[str, Described], *, leave_out: Iterable[str] = ()
) -> CriteriaTable:
    """Zones and criteria that a ranking can use.

    A criterion in which all zones are alike ranks nothing, and a scale of its own would have no
    length; it is left out.

    Parameters
    ----------
    layer : DataFrame
        Columns ``zone`` (code), ``name`` and one a criterion.
    criteria : dict
        Criterion → its description.
    leave_out : iterable of str
        Names of zones not to rank (codes, where names repeat).

    Raises
    ------
    PriorityError
        A name in `leave_out` that no zone has.
    """
    codes = zone_codes(layer)
    named = layer.set_index(codes.index)
    left = list(leave_out)
    if strange := [name for name in left if name not in named.index]:
        hint = near(strange[0], named.index)
        raise PriorityError(f"leave_out names {listed(strange)}, which is no zone{hint}")
    measures = named.drop(index=left)[list(criteria)]
    alike = [name for name in criteria if measures[name].nunique() < 2]
    kept = {name: item for name, item in criteria.items() if name not in alike}
    return CriteriaTable(
        criteria=kept,
        measures=measures[list(kept)],
        codes=codes,
        labels={name: item.label for name, item in criteria.items()},
        alike=alike,
    )


def zone_codes(layer: pd.DataFrame) -> pd.Series:
    """The code of each zone by the name that the ranking uses: its name, or the code where names repeat.

    Parameters
    ----------
    layer : DataFrame
        Columns ``zone`` (code) and ``name``.

    Examples
    --------
    >>> zone_codes(pd.DataFrame({"zone": ["1", "2"], "name": ["Port", "Mill"]})).to_dict()
    {'Port': '1', 'Mill': '2'}
    >>> zone_codes(pd.DataFrame({"zone": ["1", "2"], "name": ["Port", "Port"]})).to_dict()
    {'1': '1', '2': '2'}
    """
    key = "name" if layer["name"].is_unique else "zone"
    return pd.Series(layer["zone"].to_numpy(), index=pd.Index(layer[key], name="zone"))


def zones_by_name(
    zones: gpd.GeoDataFrame | None, codes: pd.Series, ranked: Iterable[str]
) -> gpd.GeoDataFrame | None:
    """The polygons indexed by the names that the ranking uses, or None where they do not fit.

    Parameters
    ----------
    zones : GeoDataFrame or None
        Polygons with a column ``zone`` of codes.
    codes : Series
        Name → code, from `zone_codes`.
    ranked : iterable of str
        Names of the zones that are ranked; each needs a polygon.

    Returns
    -------
    GeoDataFrame or None
        In the order of `zones`; a polygon of which the criteria say nothing has no name.
    """
    if zones is None or not codes[list(ranked)].isin(zones["zone"]).all():
        return None
    names = pd.Series(codes.index, index=codes.to_numpy())
    return zones.set_index(zones["zone"].map(names).rename("name"))


# ----------------------------------------------------------------------------------- the weights


def criteria_weights(
    criteria: Mapping[str, Described],
    *,
    method: str = "smarter",
    order: Sequence[str] | None = None,
    swings: Mapping[str, float] | None = None,
    alike: Iterable[str] = (),
) -> pd.DataFrame:
    """Weights of the criteria by SMARTER or SMARTS, the most important first.

    Parameters
    ----------
    criteria : dict
        Criterion → its description (``label``).
    method : {"smarter", "smarts"}
        From the ranking of the criteria alone (rank-order centroid), or from their swings.
    order : sequence of str, optional
        Criteria, most important first; as listed where not given.
    swings : dict, optional
        Criterion → swing from 0 to 100; needed by ``"smarts"``.
    alike : iterable of str
        Criteria that are left out; `order` and `swings` may still name them.

    Returns
    -------
    DataFrame
        Columns ``criterion, label, place`` (1 is most important), ``exact`` (the weight as a
        fraction, in words) and ``weight``; the weights sum to 1.

    Raises
    ------
    PriorityError
        Another method, no swings for SMARTS, or an order or swings that do not fit the criteria.
    """
    one_of(method, "method", ("smarter", "smarts"), error=PriorityError)
    alike, names = set(alike), list(criteria)
    if method == "smarter":
        place = [name for name in (names if order is None else order) if name not in alike]
        weights = smarter_weights(place, names)
        exact = dict(zip(place, rank_order_centroid(len(place)), strict=True))
    else:
        if not swings:
            raise PriorityError('method "smarts" needs swings: criterion → 0 to 100')
        kept = {name: swing for name, swing in swings.items() if name not in alike}
        weights = check_weights(swing_weights(kept), names)
        place = weights.sort_values(ascending=False, kind="stable").index.tolist()
        exact = {name: Fraction(w).limit_denominator(EXACT) for name, w in weights.items()}
    return pd.DataFrame(
        {
            "criterion": place,
            "label": [criteria[name].label for name in place],
            "place": range(1, len(place) + 1),
            "exact": [str(exact[name]) for name in place],
            "weight": weights[place].to_numpy(),
        }
    )


# ----------------------------------------------------------------------------------- the classes


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
    """

    ranking: Ranking
    sizes: dict[Any, int]
    before: pd.Series
    after: pd.Series
    moves: pd.Series

    def table(self) -> pd.DataFrame:
        """One row a zone, most urgent first: rank, position, score, both classes, the move."""
        columns = {"class": self.after, "alone": self.before, "move": self.moves}
        frame = self.ranking.table().assign(**columns, score=self.ranking.scores.round(6))
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


def names_of(layer: pd.DataFrame) -> dict[str, str]:
    """Name of each zone by its code.

    Parameters
    ----------
    layer : DataFrame
        Columns ``zone`` and ``name``.
    """
    return dict(zip(layer["zone"].astype(str), layer["name"].astype(str), strict=True))


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
    return ClassRanking(ranking, sizes, before, after, moves)


# ----------------------------------------------------------------------------- the other methods


def sort_by_quantiles(
    values: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    sizes: Mapping[str, int],
    **thresholds: Threshold,
) -> Sorting | None:
    """ELECTRE TRI-B with borders at each criterion's own quantiles.

    Parameters
    ----------
    values : DataFrame
        Values from 0 to 1, one row a zone, one column a criterion.
    weights : Series or dict
        Criterion → weight, sum 1.
    sizes : dict
        Class → number of zones, the most urgent first.
    **thresholds
        ``indifference, preference, veto, cut``, as `electre_tri` takes them.

    Returns
    -------
    Sorting or None
        None where so many zones are alike that two borders coincide: no class lies between them.
    """
    borders = quantile_profiles(values, sizes)
    if not (np.abs(np.diff(borders, axis=0)) > SAME).any(axis=1).all():
        return None
    return electre_tri(values, weights, borders, list(sizes), **thresholds)


def objections(sorting: Sorting | None, labels: Mapping[str, str]) -> pd.DataFrame:
    """Which criterion keeps which zone from which class, though the weights would allow it.

    Parameters
    ----------
    sorting : Sorting or None
        By ELECTRE TRI-B; None gives an empty table.
    labels : dict
        Criterion → words.

    Returns
    -------
    DataFrame
        Columns ``zone, border, criterion`` (its words), ``lead, concordance, credibility``; zones
        in the order of the values, borders from the most urgent down.
    """
    columns = ["zone", "border", "criterion", "lead", "concordance", "credibility"]
    if sorting is None:
        return pd.DataFrame(columns=columns)
    return sorting.objections[columns].assign(criterion=sorting.objections["criterion"].map(labels))


@dataclass(frozen=True)
class Comparison:
    """Several methods on the same zones.

    Attributes
    ----------
    classes : DataFrame
        Zones in the order of the first method's ranking; one column a method.
    agreement : DataFrame
        Method → ``kendall_tau`` with the first, ``same_class``, ``two_or_more_off`` (shares).
    """

    classes: pd.DataFrame
    agreement: pd.DataFrame


def compare_methods(
    ranked: ClassRanking,
    flows: Ranking,
    sorting: Sorting | None,
    single: pd.Series,
    *,
    model: str,
    alone: str,
) -> Comparison:
    r"""Classes and ranks by the model, PROMETHEE II, ELECTRE TRI-B and one criterion.

    Parameters
    ----------
    ranked : ClassRanking
        The additive model's.
    flows : Ranking
        By net flow.
    sorting : Sorting or None
        By ELECTRE TRI-B; its two rules are left out where there is none.
    single : Series
        Zone → value in the one criterion.
    model, alone
        Names of the model and of the one criterion for the table.

    Returns
    -------
    Comparison
        Kendall's :math:`\tau_b` is missing where a method puts all zones in one class.
    """
    names = list(ranked.sizes)
    classes = {model: ranked.after, "PROMETHEE II": flows.segments(ranked.sizes)}
    ranks = {model: ranked.ranking.ranks, "PROMETHEE II": flows.ranks}
    if sorting is not None:
        place = {name: i for i, name in enumerate(names)}
        for rule, found in (
            ("pessimistic", sorting.pessimistic),
            ("optimistic", sorting.optimistic),
        ):
            classes[f"ELECTRE, {rule}"] = found
            ranks[f"ELECTRE, {rule}"] = found.map(place)
    table = pd.DataFrame(classes | {alone: ranked.before})
    tau = kendall_agreement(ranks | {alone: rank_zones(single).ranks})
    off = table.apply(class_moves, args=(ranked.after, names)).abs()
    agreement = pd.DataFrame(
        {
            "kendall_tau": tau[model],
            "same_class": (off == 0).mean(),
            "two_or_more_off": (off >= 2).mean(),
        }
    )
    order = ranked.ranking.table().index
    return Comparison(table.loc[order], agreement.rename_axis("method"))


# ------------------------------------------------------------------------------ under any weights


def drawn_weights(drawn: np.ndarray, labels: Sequence[str]) -> pd.DataFrame:
    """Mean of weight vectors beside the rank-order centroid, to which it converges.

    Parameters
    ----------
    drawn : ndarray, shape (N, m)
        Weight vectors that respect the order of the criteria; columns in this order.
    labels : sequence of str
        Words of the criteria, the most important first.

    Returns
    -------
    DataFrame
        One row a criterion: ``criterion, roc, mean, error`` (Monte Carlo standard error of the
        mean), ``q05, q95``.
    """
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "criterion": list(labels),
            "roc": [float(weight) for weight in rank_order_centroid(len(labels))],
            "mean": drawn.mean(axis=0),
            "error": drawn.std(axis=0) / np.sqrt(len(drawn)),
            "q05": low,
            "q95": high,
        }
    )


def central_weights(
    free: Acceptability, unsure: Acceptability, order: Sequence[str], labels: Mapping[str, str]
) -> pd.DataFrame:
    """Which weights put a zone first, and how surely they would if its values are uncertain.

    Parameters
    ----------
    free : Acceptability
        Under any weights, with certain values.
    unsure : Acceptability
        The same with uncertain values, for the confidence factors.
    order : sequence of str
        Criteria in the order of the columns.
    labels : dict
        Criterion → words.

    Returns
    -------
    DataFrame
        Zones that are ever first, the most often first; columns ``first`` (share of vectors), the
        central weight of each criterion (named in words) and ``confidence``, which is missing
        where a zone was never first once its values were uncertain.
    """
    first = free.rank_acceptability[1]
    ever = first[first > 0].sort_values(ascending=False).index
    table = free.central_weights.loc[ever, list(order)].rename(columns=dict(labels))
    table.insert(0, "first", first[ever])
    return table.assign(confidence=unsure.confidence[ever]).rename_axis("zone")


def running_mean(shares: np.ndarray, points: int = 120, start: int = 30) -> pd.DataFrame:
    """Mean over the first N draws for growing N, with its standard error.

    Parameters
    ----------
    shares : ndarray, shape (draws,)
        One number a draw.
    points : int
        At how many N, evenly on a logarithmic scale.
    start : int
        The least N.

    Returns
    -------
    DataFrame
        Columns ``vectors`` (N), ``mean``, ``error``.

    Examples
    --------
    >>> running_mean(np.array([0.0, 1.0, 1.0, 0.0]), points=2, start=2).round(3).to_dict("list")
    {'vectors': [2, 4], 'mean': [0.5, 0.5], 'error': [0.354, 0.25]}
    """
    counts = np.unique(np.geomspace(min(start, len(shares)), len(shares), points).astype(int))
    mean = np.cumsum(shares)[counts - 1] / counts
    square = np.cumsum(shares**2)[counts - 1] / counts
    error = np.sqrt(np.maximum(square - mean**2, 0) / counts)
    return pd.DataFrame({"vectors": counts, "mean": mean, "error": error})
