"""Which findings of a hot-spot map hold under other definitions of neighbours and other tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .local_statistic import GetisOrd
from .study import COLD, TESTS, findings, findings_inside

MAP_TEST = "normal"


def findings_by_choice(
    results: Mapping[tuple[str, str], GetisOrd],
    names: Sequence[str],
    inside: Sequence[bool],
    bands: Mapping[tuple[str, float], GetisOrd] | None = None,
) -> pd.DataFrame:
    """What one would write down of the map of each choice.

    Parameters
    ----------
    results
        Gi* by field and definition of neighbours, with permutations.
    names
        Names of the zones, in the order of the results.
    inside
        Whether each belongs to the part read closely; none where there is no such part.
    bands
        Gi* by field and width of further bands, from `study.band_results`; by the normal test, and
        without the connecting band, which is among the definitions.

    Returns
    -------
    pandas.DataFrame
        field, definition, test, hot and hot_outside (numbers of zones at 95 %), cold (names, with
        ``"; "`` between), coldest (the zone of the lowest z, where that is a cold spot), not_hot and
        left_out (number and names of the zones of the part that are none).
    """
    rows = []
    for (field, definition), found in results.items():
        for test, how in TESTS.items():
            rows.append((field, definition, test, found.table(**how)))
    for (field, width), found in (bands or {}).items():
        if width != 1:
            rows.append((field, f"band × {width:g}", MAP_TEST, found.table()))
    lines = [
        {"field": field, "definition": definition, "test": test, **_told(table, names, inside)}
        for field, definition, test, table in rows
    ]
    return pd.DataFrame(lines)


def _told(table: pd.DataFrame, names: Sequence[str], inside: Sequence[bool]) -> dict[str, Any]:
    whole, part = findings(table, names), findings_inside(table, names, inside)
    surely = bool((table["class"] <= COLD).to_numpy()[np.argmin(table["z"])])
    return {
        "hot": whole["hot"],
        "hot_outside": part["hot_outside"],
        "cold": "; ".join(sorted(whole["cold"])),
        "coldest": whole["coldest"] if surely else "",
        "not_hot": len(part["not_hot"]),
        "left_out": "; ".join(sorted(part["not_hot"])),
    }


def holding(found: pd.DataFrame, main: str) -> dict[str, dict[str, Any]]:
    """In how many choices each finding of the map holds.

    Parameters
    ----------
    found
        From `findings_by_choice`.
    main
        The definition of neighbours of the map, whose test is the normal one.

    Returns
    -------
    dict
        By field: choices (how many there are); cold_holds, coldest_holds (with the same cold spots,
        with the same coldest spot as the map); inside_holds (with hot spots, none of them outside
        the part); not_hot_least (fewest zones of the part that are not hot, under any choice);
        left_out (their names, choice by choice).
    """
    counted = {}
    for field, part in found.groupby("field", sort=False):
        of_map = part[(part["definition"] == main) & (part["test"] == MAP_TEST)].iloc[0]
        counted[str(field)] = {
            "choices": len(part),
            "cold_holds": int((part["cold"] == of_map["cold"]).sum()),
            "coldest_holds": int((part["coldest"] == of_map["coldest"]).sum()),
            "inside_holds": int(((part["hot_outside"] == 0) & (part["hot"] > 0)).sum()),
            "not_hot_least": int(part["not_hot"].min()),
            "left_out": part["left_out"].tolist(),
        }
    return counted
