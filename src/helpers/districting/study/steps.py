"""What each further change to today's districts buys, zone by zone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

__all__ = ["change_steps"]


def change_steps(table: pd.DataFrame) -> dict[str, Any]:
    """How much of equation (1) each zone that may move saves, from one row of plans to the next.

    Parameters
    ----------
    table
        From :func:`changes_table`: most_moved, eq1; rows without most_moved do not count.

    Returns
    -------
    dict
        steps: first and last zone of each step, and each (what a zone of it saves on average, in the
        unit of the field); falling: whether no step saves more a zone than the one before it.

    Examples
    --------
    >>> table = pd.DataFrame({"most_moved": [0, 1, 3, None], "eq1": [20.0, 18, 10, 1]})
    >>> change_steps(table)["steps"][1], change_steps(table)["falling"]
    ({'first': 2, 'last': 3, 'each': 4.0}, False)
    """
    rows = table.dropna(subset=["most_moved"]).sort_values("most_moved")
    marks = list(zip(rows["most_moved"].astype(int), rows["eq1"].astype(float), strict=True))
    steps = [
        {"first": few + 1, "last": more, "each": (before - after) / (more - few)}
        for (few, before), (more, after) in pairwise(marks)
        if more > few
    ]
    saved = [step["each"] for step in steps]
    falling = all(b <= a + 1e-9 * abs(a) for a, b in pairwise(saved))
    return {"steps": steps, "falling": falling}
