"""The plans that history would give beside those of a forecast, as a section saved them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .plans import Row

HISTORY = "history"
"""Under this name they stand among the plans by shift."""


def by_history(saved: Any, nodes: pd.Series) -> tuple[str, list[float], list[Row]] | None:
    """What the demand is, each node's, and the plans in order of patrols.

    Parameters
    ----------
    saved : mapping or None
        ``basis``, ``expected`` in the order of the nodes, and ``plans`` with ``patrols, value,
        bound, proven, nodes``.
    nodes : Series
        Numbers of the nodes, in the order in which a page has them.

    Returns
    -------
    tuple or None
        None where nothing was saved or it is about other nodes.
    """
    if not isinstance(saved, Mapping):
        return None
    places = {node: i for i, node in enumerate(nodes.tolist())}
    try:
        expected = [float(value) for value in saved["expected"]]
        rows: list[Row] = [
            (
                int(plan["patrols"]),
                float(plan["value"]),
                None if plan["bound"] is None else float(plan["bound"]),
                plan["proven"] is True,
                sorted(places[node] for node in plan["nodes"]),
            )
            for plan in saved["plans"]
        ]
        basis = str(saved["basis"])
    except (KeyError, TypeError, ValueError):
        return None
    fits = len(expected) == len(nodes) and all(len(row[4]) == row[0] for row in rows)
    numbers = [*expected, *(row[1] for row in rows)]
    sound = fits and rows and all(math.isfinite(value) and value >= 0 for value in numbers)
    return (basis, expected, sorted(rows)) if sound and sum(expected) > 0 else None
