"""Agreement between rankings of the same zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from helpers.checks import listed

from .errors import PriorityError


def kendall_agreement(rankings: Mapping[str, pd.Series]) -> pd.DataFrame:
    r"""Kendall's :math:`\tau_b` between every two rankings.

    .. math::

        \tau_b = \frac{C - D}{\sqrt{(P - T_x)(P - T_y)}} ,

    with :math:`C` concordant and :math:`D` discordant of the :math:`P = n (n - 1) / 2` pairs of
    zones, :math:`T_x` and :math:`T_y` of which one ranking and the other tie.

    Parameters
    ----------
    rankings : dict
        Name → ranks, scores or flows of the zones.  All must run the same way (ranks: 1 is most
        urgent, so give scores with their sign turned).

    Returns
    -------
    DataFrame
        From −1 (reversed) to 1 (the same order); missing where one of two ties all zones.

    Raises
    ------
    PriorityError
        Rankings of other zones.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33(3), 239-251.

    Examples
    --------
    >>> kendall_agreement({"x": pd.Series([1, 2, 3]), "y": pd.Series([1, 3, 2])}).round(3)
           x      y
    x  1.000  0.333
    y  0.333  1.000
    """
    table = _side_by_side(rankings)
    names = list(table)
    tau = np.eye(len(names))
    for i, first in enumerate(names):
        for j in range(i):
            tau[i, j] = tau[j, i] = kendalltau(table[first], table[names[j]]).statistic
    return pd.DataFrame(tau, names, names)


def class_moves(before: pd.Series, after: pd.Series, classes: Sequence[str]) -> pd.Series:
    """How many classes each zone moves up (positive) or down from one sorting to another.

    Parameters
    ----------
    before, after : Series
        Zone → class.
    classes : sequence of str
        All classes, the most urgent first.

    Returns
    -------
    Series
        Zone → number of classes towards more urgent.

    Raises
    ------
    PriorityError
        Other zones, or a class that the list does not have.

    Examples
    --------
    >>> before = pd.Series({"a": "low", "b": "high"})
    >>> class_moves(before, pd.Series({"a": "high", "b": "high"}), ["high", "low"]).to_dict()
    {'a': 1, 'b': 0}
    """
    table = _side_by_side({"before": before, "after": after})
    place = {name: i for i, name in enumerate(classes)}
    unknown = sorted({str(name) for name in table.to_numpy().ravel() if name not in place})
    if unknown:
        raise PriorityError(f"{listed(unknown)} is none of the classes {listed(classes, 12)}")
    moves = table["before"].map(place).astype(int) - table["after"].map(place).astype(int)
    return moves.rename("move")


def _side_by_side(columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    first = next(iter(columns.values()))
    for name, column in columns.items():
        if not column.index.is_unique or set(column.index) != set(first.index):
            raise PriorityError(f"{name!r} ranks other zones than the rest")
    return pd.DataFrame({name: column[first.index] for name, column in columns.items()})
