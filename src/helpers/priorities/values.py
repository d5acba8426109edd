"""Value functions: from what is measured to a priority between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from helpers.checks import listed, near, one_of

from .errors import PriorityError

SHAPES = ("increasing", "decreasing", "peaked", "discrete")
"""The four shapes of the Recife paper (section 4)."""

Points = Sequence[tuple[float, float]]


class Described(Protocol):
    """What is known of a criterion: its shape, with the numbers that the shape needs."""

    shape: str
    scale: Sequence[float] | None
    peak: float | None
    values: Mapping[str, float]


@dataclass(frozen=True)
class PiecewiseLinear:
    """A value function through points, straight between them.

    Attributes
    ----------
    points : tuple of (measure, value)
        Ascending in the measure; values from 0 to 1.
    shape : str
        One of `SHAPES`.
    """

    points: tuple[tuple[float, float], ...]
    shape: str

    @property
    def scale(self) -> tuple[float, float]:
        """Ends of the measuring scale."""
        return self.points[0][0], self.points[-1][0]

    def __call__(self, measures: pd.Series) -> pd.Series:
        """Value of each measure; NaN stays NaN.

        Raises
        ------
        PriorityError
            A measure that is no number, or lies outside the scale.
        """
        numbers = _numbers(measures)
        low, high = self.scale
        # the last bits of an end that was itself computed are no reason to refuse
        slack = 1e-9 * (high - low)
        outside = (numbers < low - slack) | (numbers > high + slack)
        if outside.any():
            raise PriorityError(
                f"criterion {measures.name!r}: zone {listed(measures.index[outside])} lies outside "
                f"the scale {low:g} to {high:g}; correct the measure or widen the scale"
            )
        x, y = np.array(self.points).T
        values = np.interp(numbers, x, y)
        return pd.Series(np.where(np.isnan(numbers), np.nan, values), measures.index)


@dataclass(frozen=True)
class Discrete:
    """A value function of a few named levels.

    Attributes
    ----------
    levels : dict
        Level → value from 0 to 1.
    """

    levels: Mapping[object, float]
    shape: str = "discrete"

    def __call__(self, measures: pd.Series) -> pd.Series:
        """Value of each level; a missing level gives NaN.

        Raises
        ------
        PriorityError
            A level that the scale does not have.
        """
        given = measures.notna()
        strange = given & ~measures.isin(list(self.levels))
        if strange.any():
            word = measures[strange].iloc[0]
            raise PriorityError(
                f"criterion {measures.name!r}: zone {listed(measures.index[strange])} has "
                f"{word!r}, which is no level of the scale{near(word, self.levels)} "
                f"(levels: {listed(self.levels, 12)})"
            )
        return measures.map(dict(self.levels)).astype(float)


ValueFunction = PiecewiseLinear | Discrete


def increasing(low: float, high: float, points: Points = ()) -> PiecewiseLinear:
    """More is more urgent: 0 at `low`, 1 at `high`.

    Parameters
    ----------
    low, high : float
        Ends of the measuring scale, in the criterion's unit.
    points : sequence of (measure, value)
        Elicited points in between, for example by bisection; straight lines join them.

    Raises
    ------
    PriorityError
        Ends out of order, or points that break the shape.

    Examples
    --------
    >>> rate = increasing(0, 40, points=[(10, 0.5)])
    >>> rate(pd.Series([0.0, 5.0, 10.0, 25.0, 40.0])).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    return _checked([(low, 0.0), *points, (high, 1.0)], "increasing")


def decreasing(low: float, high: float, points: Points = ()) -> PiecewiseLinear:
    """Less is more urgent: 1 at `low`, 0 at `high`; otherwise as `increasing`.

    Examples
    --------
    >>> decreasing(0.5, 1.0)(pd.Series([0.5, 0.75, 1.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    return _checked([(low, 1.0), *points, (high, 0.0)], "decreasing")


def peaked(low: float, peak: float, high: float, points: Points = ()) -> PiecewiseLinear:
    """Most urgent at an interior maximum: 0 at both ends, 1 at `peak`.

    Examples
    --------
    >>> peaked(0, 10, 40)(pd.Series([0.0, 5.0, 10.0, 25.0, 40.0])).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _checked([(low, 0.0), *points, (peak, 1.0), (high, 0.0)], "peaked")


def discrete(levels: Mapping[object, float]) -> Discrete:
    """A value for each level of a discrete scale.

    Parameters
    ----------
    levels : dict
        Level → value; the least is 0 and the greatest 1, so that weights mean the same as for
        the other shapes.

    Raises
    ------
    PriorityError
        Fewer than two levels, or values that do not run from 0 to 1.

    Examples
    --------
    >>> degree = discrete({"low": 0, "medium": 0.4, "high": 1})
    >>> degree(pd.Series(["high", "low"])).tolist()
    [1.0, 0.0]
    """
    values = np.array([float(value) for value in levels.values()])
    if len(values) < 2 or not (values.min() == 0 and values.max() == 1):
        raise PriorityError(
            f"a discrete scale needs two or more levels whose values run from 0 to 1, "
            f"not {dict(levels)}"
        )
    return Discrete(dict(zip(levels, values.tolist(), strict=True)))


def value_functions(
    criteria: Mapping[str, Described], measurements: pd.DataFrame
) -> dict[str, ValueFunction]:
    """Value functions from descriptions such as those of a city's criteria layer.

    A criterion whose description has no scale gets the local one: from the least to the greatest
    measure in the table.  A local scale makes weights depend on which zones are compared.  Where
    all measures lie on one side of a peak, the scale goes on beyond it, as far as on theirs.

    Parameters
    ----------
    criteria : dict
        Name → object with ``shape`` (one of `SHAPES`), ``scale`` (``[low, high]`` or None),
        ``peak`` (of a peaked one) and ``values`` (level → value of a discrete one).
    measurements : DataFrame
        One row a zone, one column a criterion.

    Returns
    -------
    dict
        Name → value function, in the order of `criteria`.

    Raises
    ------
    PriorityError
        A criterion without a direction, without a column, or constant where its scale would come
        from the data.
    """
    functions = {}
    for name, described in criteria.items():
        if name not in measurements:
            raise PriorityError(
                f"criterion {name!r} has no column in the table{near(name, measurements.columns)}"
            )
        functions[name] = _function(name, described, measurements[name])
    return functions


def partial_values(
    measurements: pd.DataFrame,
    functions: Mapping[str, ValueFunction],
    *,
    missing: str = "error",
) -> pd.DataFrame:
    """Value of each zone in each criterion, v_j(x_ij).

    Parameters
    ----------
    measurements : DataFrame
        One row a zone (the index holds the zones' names), one column a criterion.
    functions : dict
        Criterion → value function; every column needs one.
    missing : {"error", "exclude"}
        What to do with zones that lack a measure.

    Returns
    -------
    DataFrame
        Values from 0 to 1, columns in the order of `functions`; ``attrs["excluded"]`` lists the
        zones left out.

    Raises
    ------
    PriorityError
        A column without a value function (its direction is not known), a value function without
        a column, a zone twice, missing cells (each is named), a criterion that is the same in
        every zone, or a measure that its value function refuses.

    Examples
    --------
    >>> table = pd.DataFrame({"rate": [2.0, 8.0], "income": [30.0, 10.0]}, index=["north", "port"])
    >>> partial_values(table, {"rate": increasing(0, 10), "income": decreasing(10, 50)})
           rate  income
    north   0.2     0.5
    port    0.8     1.0
    """
    _same_criteria(measurements, functions)
    one_of(missing, "missing", ("error", "exclude"), error=PriorityError)
    if not measurements.index.is_unique:
        twice = measurements.index[measurements.index.duplicated()].unique()
        raise PriorityError(f"zone {listed(twice)} appears more than once in the table")
    holes = measurements.isna()
    bad = holes.any(axis=1)
    if bad.any() and missing == "error":
        cells = [
            f"{zone} ({', '.join(map(str, holes.columns[row]))})"
            for zone, row in zip(holes.index[bad], holes[bad].to_numpy(), strict=True)
        ]
        raise PriorityError(
            f"zone {listed(cells)} has no measure; fill it in, or leave such zones out with "
            "missing='exclude'"
        )
    kept = measurements[~bad]
    if len(kept) < 2:
        raise PriorityError("a ranking needs at least two zones without missing measures")
    for name in functions:
        if (kept[name] == kept[name].iloc[0]).all():
            raise PriorityError(
                f"criterion {name!r} is the same in every zone, so it ranks nothing; leave it out"
            )
    table = pd.DataFrame({name: function(kept[name]) for name, function in functions.items()})
    table.attrs["excluded"] = measurements.index[bad].tolist()
    return table


def _function(name: str, described: Described, measures: pd.Series) -> ValueFunction:
    shape = described.shape
    if shape not in SHAPES:
        raise PriorityError(
            f"criterion {name!r} has no direction ({shape!r}); say whether it is one of "
            f"{', '.join(SHAPES)}{near(shape, SHAPES)}"
        )
    if shape == "discrete":
        return discrete(described.values)
    if described.scale is not None:
        low, high = (float(end) for end in described.scale)
    else:
        numbers = _numbers(measures)
        low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
        if low == high:
            raise PriorityError(
                f"criterion {name!r} is the same in every zone, so it ranks nothing; leave it out"
            )
    if shape == "peaked":
        peak = float(described.peak)
        if described.scale is None:
            low, high = (2 * peak - high, high) if peak <= low else (low, high)
            low, high = (low, 2 * peak - low) if peak >= high else (low, high)
        return peaked(low, peak, high)
    return increasing(low, high) if shape == "increasing" else decreasing(low, high)


def _checked(points: Points, shape: str) -> PiecewiseLinear:
    points = sorted((float(x), float(y)) for x, y in points)
    x, y = np.array(points).T
    steps = np.diff(y)
    if not np.isfinite(points).all() or (np.diff(x) <= 0).any():
        raise PriorityError(f"the points of a value function need distinct, finite measures: {x}")
    if (y < 0).any() or (y > 1).any():
        raise PriorityError(f"values lie between 0 and 1, not {y}")
    top = int(y.argmax())
    fits = {
        "increasing": (steps >= 0).all() and y[0] == 0 and y[-1] == 1,
        "decreasing": (steps <= 0).all() and y[0] == 1 and y[-1] == 0,
        "peaked": 0 < top < len(y) - 1 and (steps[:top] >= 0).all() and (steps[top:] <= 0).all(),
    }
    if not fits[shape]:
        raise PriorityError(f"the points {points} do not make a {shape} value function")
    return PiecewiseLinear(tuple(points), shape)


def _numbers(measures: pd.Series) -> np.ndarray:
    try:
        numbers = measures.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise PriorityError(
            f"criterion {measures.name!r} holds words where its shape needs numbers; give it a "
            "discrete scale or correct the column"
        ) from None
    infinite = np.isinf(numbers)
    if infinite.any():
        raise PriorityError(
            f"criterion {measures.name!r}: zone {listed(measures.index[infinite])} is infinite"
        )
    return numbers


def _same_criteria(measurements: pd.DataFrame, functions: Iterable[str]) -> None:
    for name in functions:
        if name not in measurements:
            raise PriorityError(
                f"criterion {name!r} has no column in the table{near(name, measurements.columns)}"
            )
    for name in measurements:
        if name not in functions:
            raise PriorityError(
                f"column {name!r} has no value function, so its direction is not known; give it "
                "one or drop the column"
            )
