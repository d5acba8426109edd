"""The zones that are ranked and the criteria that tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.checks import listed, near

from ..errors import PriorityError
from ..values import Described
from .counted import CountedRatio, SteadyRatio

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "CriteriaTable",
    "criteria_table",
    "names_of",
    "zone_codes",
    "zones_by_name",
]


FEWEST = 2
"""Criteria that a ranking weighs against each other, at the least."""


@dataclass(frozen=True)
class CriteriaTable:
    """The zones that are ranked and the criteria that tell them apart.

    Attributes
    ----------
    criteria : dict
        Name → what is known of it: ``label``, ``unit``, ``shape`` and what its shape
        needs.
    measures : DataFrame
        One row a zone, indexed by its name (by its code where names repeat); one column a
        criterion.
    codes : Series
        Name → code of every zone of the layer, those that are left out too.
    labels : dict
        Criterion → words, those that are alike too; "(simulated)" stands behind those that are.
    simulated : list of str
        Criteria that are simulated.
    alike : list of str
        Criteria left out because all zones are alike in them.
    steady : dict
        Criterion → its estimates, of those that are ratios of counted events; of those left out too.
    unsteady : list of str
        Ratios whose differences are chance, taken as counted because too few criteria would be left.
    """

    criteria: dict[str, Any]
    measures: pd.DataFrame
    codes: pd.Series
    labels: dict[str, str]
    simulated: list[str]
    alike: list[str]
    steady: dict[str, SteadyRatio]
    unsteady: list[str]

    @property
    def by_chance(self) -> list[str]:
        """Those of `alike` in which zones differ as counted, by no more than chance gives."""
        return [name for name in self.alike if name in self.steady and self.steady[name].by_chance]

    def one(self, name: str | None) -> str:
        """The criterion of that name; without one, or where it is left out, the last of those that rank."""
        return list(self.criteria)[-1] if name is None or name in self.alike else name

    def beside_raw(self) -> pd.DataFrame:
        """The measures by their labels, beside a ratio of counts the ratio as counted."""
        columns: dict[str, pd.Series] = {}
        for name in self.measures:
            columns[self.labels[name]] = self.measures[name]
            if name in self.steady:
                columns[f"{self.labels[name]}, as counted"] = self.steady[name].raw
        return pd.DataFrame(columns, index=self.measures.index).rename_axis("zone")

    @property
    def units(self) -> dict[str, str]:
        """Unit of each criterion."""
        return {name: item.unit for name, item in self.criteria.items()}

    @property
    def directions(self) -> list[str]:
        """``"min"`` where less is more urgent, ``"max"`` where more is, ``"peak"`` where the middle is.

        The levels of a scale count as listed from little to much; ``"levels"`` where their values
        neither rise nor fall throughout.
        """
        return [_direction(item) for item in self.criteria.values()]

    def most_urgent(self, names: Iterable[str]) -> list[str]:
        """What makes a zone more urgent in these criteria, in words; of levels, which is the most."""
        return [_most_urgent(self.criteria[name]) for name in names]

    def described(self) -> pd.DataFrame:
        """One row a criterion: its label, unit, direction, whether simulated, and its range.

        Returns
        -------
        DataFrame
            Columns ``criterion, measured_in, direction, simulated, min, median, max``; the last three
            are missing where a criterion has levels.
        """
        items = self.criteria.values()
        made = [name in self.simulated for name in self.criteria]
        frame = pd.DataFrame(
            {
                "criterion": [item.label for item in items],
                "measured_in": [item.unit for item in items],
                "direction": [
                    _most_urgent(item) if item.shape == "discrete" else item.shape for item in items
                ],
                "simulated": ["SYNTHETIC" if each else "" for each in made],
            },
            index=list(self.criteria),
        )
        numeric = self.measures.select_dtypes("number")
        ranges = {how: numeric.agg(how) for how in ("min", "median", "max")}
        return frame.assign(**ranges).reset_index(drop=True)


WORDS = {
    "max": "more is more urgent",
    "min": "less is more urgent",
    "peak": "most urgent in between",
}


def _most_urgent(item: Any) -> str:
    """Levels have no more and less, whatever their order: the one that is most urgent is named."""
    if item.shape != "discrete":
        return WORDS[_direction(item)]
    highest = max(item.values.values())
    return f"most urgent: {listed(name for name, v in item.values.items() if v == highest)}"


def _direction(item: Any) -> str:
    """Which way a criterion runs; the levels of a scale stand from little to much."""
    if item.shape != "discrete":
        return {"peaked": "peak", "decreasing": "min"}.get(item.shape, "max")
    levels = list(item.values.values())
    if levels == sorted(levels):
        return "max"
    return "min" if levels == sorted(levels, reverse=True) else "levels"


def criteria_table(
    layer: pd.DataFrame,
    criteria: Mapping[str, Described],
    *,
    leave_out: Iterable[str] = (),
    simulated: Iterable[str] = (),
    counted: Mapping[str, CountedRatio] | None = None,
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
    simulated : iterable of str
        Criteria that are simulated.
    counted : dict, optional
        Criterion → the counts it is a ratio of, from `counted_ratios`: its measure becomes the
        empirical Bayes estimate over the zones that are ranked (`shrunk_ratio`).

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
    steady = {name: each.steadied(codes[measures.index]) for name, each in (counted or {}).items()}
    varying = [name for name in criteria if _varies(measures[name])]
    lost = [name for name in varying if name in steady and steady[name].by_chance]
    unsteady = lost if len(varying) - len(lost) < FEWEST <= len(varying) else []
    steady = {name: each for name, each in steady.items() if name not in unsteady}
    measures = measures.assign(**{name: each.measures for name, each in steady.items()})
    alike = [name for name in criteria if not _varies(measures[name])]
    kept = {name: item for name, item in criteria.items() if name not in alike}
    made = set(simulated)
    return CriteriaTable(
        criteria=kept,
        measures=measures[list(kept)],
        codes=codes,
        labels={
            name: f"{item.label} (simulated)" if name in made else item.label
            for name, item in criteria.items()
        },
        simulated=[name for name in kept if name in made],
        alike=alike,
        steady=steady,
        unsteady=unsteady,
    )


def _varies(measures: pd.Series) -> bool:
    return measures.nunique() >= 2


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


def names_of(layer: pd.DataFrame) -> dict[str, str]:
    """Name of each zone by its code.

    Parameters
    ----------
    layer : DataFrame
        Columns ``zone`` and ``name``.
    """
    return dict(zip(layer["zone"].astype(str), layer["name"].astype(str), strict=True))


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
