"""The criteria layer: one zone's performance in several criteria a row."""

from __future__ import annotations

import pandas as pd

from helpers.checks import near

from .card import Criteria, Criterion
from .columns import Columns
from .errors import CityError, stated


def read_criteria(columns: Columns[Criteria]) -> pd.DataFrame:
    """``zone``, ``name``, one column a criterion.

    Raises
    ------
    CityError
        A zone twice, a value that is missing, no number, outside its scale, or no level.
    """
    spec = columns.spec
    zone = columns.source("zone")
    data = {"zone": columns.text(zone, "zone")}
    columns.unique(data["zone"], zone, "zone")
    data["name"] = (
        columns.text(columns.source("name"), "name") if columns.has("name") else data["zone"]
    )
    for name, criterion in spec.criteria.items():
        data[name] = (
            _levels(columns, criterion) if criterion.values else _measured(columns, criterion)
        )
    for name in spec.extra:
        data[name] = columns.raw(name, "`extra`")
    return pd.DataFrame(data)


def criteria_of_zones(spec: Criteria, zones: pd.DataFrame, where: str) -> pd.DataFrame:
    """``zone``, ``name``, one column a criterion: the fields of the zones that it names.

    Raises
    ------
    CityError
        A value outside its scale.
    """
    data = {"zone": zones["zone"], "name": zones["name"]}
    for name, criterion in spec.criteria.items():
        values = zones[criterion.field].astype(float)
        if criterion.scale:
            low, high = criterion.scale
            outside = (values < low) | (values > high)
            if outside.any():
                raise CityError(
                    f"{where}: zone {zones['zone'][outside].iloc[0]!r} has {criterion.field} "
                    f"{values[outside].iloc[0]:g}, outside the scale {low:g} to {high:g} of the "
                    f"criterion {name} ({outside.sum()} such zones); correct the value or the scale"
                )
        data[name] = values
    for name in spec.extra:
        if name not in zones:
            raise CityError(f"{where}: `extra` names {name!r}, which is no column of the zones")
        data[name] = zones[name]
    return pd.DataFrame(data)


def _measured(columns: Columns, criterion: Criterion) -> pd.Series:
    name = stated(criterion.column, f"{columns.card}.criteria")
    values = columns.numbers(name, criterion.label, negative=True).astype(float)
    if criterion.scale:
        low, high = criterion.scale
        columns.refuse(
            (values < low) | (values > high),
            name,
            f"lies outside the scale {low:g} to {high:g} of the criterion",
            "correct the value or the scale in city.yml",
        )
    return values


def _levels(columns: Columns, criterion: Criterion) -> pd.Series:
    name = stated(criterion.column, f"{columns.card}.criteria")
    words = columns.text(name, criterion.label)
    strange = ~words.isin(list(criterion.values))
    if strange.any():
        hint = near(words[strange].iloc[0], criterion.values) or ";"
        columns.refuse(
            strange,
            name,
            "is no level of the criterion" + hint,
            f"the levels are {', '.join(criterion.values)}",
            " ",
        )
    return words
