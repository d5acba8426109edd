"""Tables for the exhibits of the paper that explain the method: shapes, indices, Lorenz curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .errors import PriorityError
from .indicators import gini_grouped, hdi_arithmetic, hdi_geometric, pareto_exponent
from .values import ValueFunction, decreasing, discrete, increasing, peaked

__all__ = ["example_shapes", "human_development", "lorenz_curves", "printed_indices"]

# As printed in the technical notes of the Human Development Reports of 2007/2008 and 2010.
EXAMPLES = {
    "arithmetic": ("Turkey 2005", {"income": 8407.0}, (71.4, 87.4, 68.7), 0.775),
    "geometric": ("China 2010", {"income": 7263.0}, (73.5, 7.5, 11.4), 0.663),
}
INDICES = {"arithmetic": hdi_arithmetic, "geometric": hdi_geometric}


def example_shapes() -> dict[str, ValueFunction]:
    """One value function of each of the four shapes, on a scale from 0 to 100.

    Returns
    -------
    dict
        Shape → value function.
    """
    levels = {"low": 0.0, "medium": 0.4, "high": 1.0}
    return {
        "increasing": increasing(0, 100, [(30, 0.5)]),
        "decreasing": decreasing(0, 100, [(30, 0.5)]),
        "peaked": peaked(0, 60, 100),
        "discrete": discrete(levels),
    }


def human_development(points: int = 60) -> pd.DataFrame:
    """Both human development indices over income, the rest as in the reports' own examples.

    Parameters
    ----------
    points
        Incomes, evenly spaced in their logarithm.

    Returns
    -------
    DataFrame
        formula, income (PPP US$ a head), index.
    """
    incomes = np.geomspace(200, 40_000, points)
    parts = []
    for formula, (_, _, others, _) in EXAMPLES.items():
        index = INDICES[formula](*others, incomes)
        parts.append(pd.DataFrame({"formula": formula, "income": incomes, "index": index}))
    return pd.concat(parts, ignore_index=True)


def printed_indices() -> pd.DataFrame:
    """The reports' own examples, computed beside what they print.

    Returns
    -------
    DataFrame
        formula, example, income, index (computed), printed.
    """
    rows = [
        (formula, name, given["income"], float(INDICES[formula](*others, given["income"])), said)
        for formula, (name, given, others, said) in EXAMPLES.items()
    ]
    return pd.DataFrame(rows, columns=["formula", "example", "income", "index", "printed"])


def lorenz_curves(
    groups: pd.DataFrame, names: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lorenz curves and Gini indices of zones whose incomes are known in classes.

    Parameters
    ----------
    groups : DataFrame
        One row a zone and class: zone, income_from (lower end), income_below (upper end, missing
        for the open class), households.
    names
        Name of each zone by its code.

    Returns
    -------
    curves : DataFrame
        Of the most equal zone, the one in the middle and the most unequal one: zone, households
        and income (cumulative shares, the poorest first).
    indices : DataFrame
        One row a zone, the most unequal first: zone, gini, low, high (bounds that hold whatever the
        incomes inside a class).

    Raises
    ------
    PriorityError
        A column is missing.
    """
    for column in ("zone", "income_from", "households"):
        if column not in groups:
            raise PriorityError(f"the table of incomes has no column {column!r}")
    wide = groups.pivot(index="zone", columns="income_from", values="households").fillna(0)
    edges = wide.columns.to_numpy(dtype=float)
    tail = pareto_exponent(wide.sum().to_numpy(), edges)
    found = {zone: gini_grouped(row, edges, tail=tail) for zone, row in wide.iterrows()}
    rows = [(names.get(str(z), str(z)), g.index, g.low, g.high) for z, g in found.items()]
    indices = pd.DataFrame(rows, index=wide.index, columns=["zone", "gini", "low", "high"])
    indices = indices.sort_values("gini", ascending=False, kind="stable")
    top = next(iter(found.values())).top_mean
    means = np.append((edges[1:] + edges[:-1]) / 2, top)
    chosen = indices.index[[-1, len(indices) // 2, 0]]
    curves = [
        pd.DataFrame(
            {
                "zone": indices.loc[zone, "zone"],
                "households": np.append(0, np.cumsum(wide.loc[zone])) / wide.loc[zone].sum(),
                "income": np.append(0, np.cumsum(wide.loc[zone] * means))
                / (wide.loc[zone] * means).sum(),
            }
        )
        for zone in chosen
    ]
    return pd.concat(curves, ignore_index=True), indices.reset_index(drop=True)
