"""What a city without events has instead: its zones, and the numbers that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from helpers.cities import Criterion, ZoneField


def field_summary(
    zones: pd.DataFrame, fields: Mapping[str, ZoneField | Criterion]
) -> list[dict[str, Any]]:
    """Each field of the zones, or each criterion, in a few numbers.

    Parameters
    ----------
    zones : DataFrame
        A column a field, numbers or words; ``<field>_status`` where the city says where each
        number comes from.
    fields : mapping
        From a field's name to its label and unit.

    Returns
    -------
    list of dict
        ``name``, ``label``, ``unit``; ``known``, ``zero`` (zones with a value; with the value 0);
        ``least``, ``middle``, ``most`` (the median, and the ends; None without a value);
        ``words``: [word, zones] pairs of its statuses, or of the field itself where it is words,
        the commonest first.
    """
    rows = []
    for name, field in fields.items():
        told = f"{name}_status" if f"{name}_status" in zones else ""
        values = zones[name].to_numpy()
        if not np.issubdtype(values.dtype, np.number):
            told, values = name, np.array([])
        known = values[np.isfinite(values)]
        ends = [float(f(known)) if len(known) else None for f in (np.min, np.median, np.max)]
        words = zones[told].value_counts() if told else {}
        rows.append(
            {
                "name": name,
                "label": field.label,
                "unit": field.unit,
                "known": len(known) if told != name else int(zones[name].notna().sum()),
                "zero": int((known == 0).sum()),
                "least": ends[0],
                "middle": ends[1],
                "most": ends[2],
                "words": [[str(word), int(count)] for word, count in dict(words).items()],
            }
        )
    return rows
