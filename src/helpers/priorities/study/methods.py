"""The same zones by other methods: outranking beside the additive model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..agreement import class_moves, kendall_agreement
from ..outranking import Sorting, Threshold, electre_tri, quantile_profiles
from ..ranking import Ranking, rank_zones
from .classes import ClassRanking

__all__ = [
    "Comparison",
    "compare_methods",
    "objections",
    "sort_by_quantiles",
]

SAME = 1e-12
"""Values nearer than this are one value: the difference is rounding."""


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
        Method → ``tau_ranks`` and ``tau_classes`` with the first, by `kendall_agreement`, of the
        ranks (missing of a method that sorts into classes only) and of the classes; ``same_class``,
        ``two_or_more_off`` (shares).
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
    place = {name: i for i, name in enumerate(names)}
    classes = {model: ranked.after, "PROMETHEE II": flows.segments(ranked.sizes)}
    ranks = {model: ranked.ranking.ranks, "PROMETHEE II": flows.ranks}
    if sorting is not None:
        classes["ELECTRE, pessimistic"] = sorting.pessimistic
        classes["ELECTRE, optimistic"] = sorting.optimistic
    table = pd.DataFrame(classes | {alone: ranked.before})
    by_rank = kendall_agreement(ranks | {alone: rank_zones(single).ranks})[model]
    by_class = kendall_agreement({name: table[name].map(place).astype(int) for name in table})[
        model
    ]
    off = table.apply(class_moves, args=(ranked.after, names)).abs()
    agreement = pd.DataFrame(
        {
            "tau_ranks": by_rank.reindex(table.columns),
            "tau_classes": by_class,
            "same_class": (off == 0).mean(),
            "two_or_more_off": (off >= 2).mean(),
        }
    )
    order = ranked.ranking.table().index
    return Comparison(table.loc[order], agreement.rename_axis("method"))
