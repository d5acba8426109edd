"""Events in time order, split into what is known and what is to be forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import one_of, whole_number

EVERY = {"year": "Y", "month": "M", "week": "W", "day": "D"}
COLUMNS = ["x", "y", "kind", "time", "period"]


class LeakageError(ValueError):
    """Something of the period that is to be forecast was about to enter the forecast."""


@dataclass(frozen=True)
class TimeSplit:
    """Events before a period, and those of the period.

    Attributes
    ----------
    train, test : pandas.DataFrame
        As `event_table` makes them.
    label : str
        The test period.
    kinds : tuple of str
        Kinds that occur in `train`, by `kind_order`: a forecast knows no others.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    label: str
    kinds: tuple[str, ...]


def event_table(points: Any, kinds: Any, times: Any, *, every: str = "year") -> pd.DataFrame:
    """Put events into the one form that this folder works on.

    Parameters
    ----------
    points : (n, 2) array, or GeoSeries or GeoDataFrame of points
        Metres in a projected system.
    kinds : (n,) sequence of str
        Kind of each event.
    times : (n,) sequence of dates
        Anything that `pandas.to_datetime` reads.
    every : str
        Length of a period: ``"year"``, ``"month"``, ``"week"`` or ``"day"``.

    Returns
    -------
    pandas.DataFrame
        Columns ``x, y, kind, time, period``, ordered by time; ``period`` is a pandas period.

    Raises
    ------
    ValueError
        Events without time, kind or place, coordinates in degrees, lengths that differ, or an
        unknown length of period.

    Examples
    --------
    >>> table = event_table([[0, 0], [5, 0]], ["Theft", "Fraud"], ["2017-03-01", "2016-01-01"])
    >>> table["kind"].tolist(), table["period"].astype(str).tolist()
    (['Fraud', 'Theft'], ['2016', '2017'])
    """
    one_of(every, "every", EVERY)
    places = place_array(points, "points")
    if times is None:
        raise ValueError("the events have no time; a forecast needs at least the month of each.")
    kind = _series(kinds, "object").astype("object")
    try:
        time = pd.to_datetime(_series(times))
    except (ValueError, TypeError) as error:
        raise ValueError(f"the times cannot be read as dates: {error}.") from None
    if not len(places) == len(kind) == len(time):
        raise ValueError(
            f"there are {len(places)} points, {len(kind)} kinds and {len(time)} times; "
            "give one of each for every event."
        )
    if not len(places):
        raise ValueError("there are no events.")
    if time.isna().any():
        raise ValueError(
            f"{time.isna().sum()} of {len(time)} events have no time (first: row "
            f"{int(time.isna().argmax())}); leave them out or give them one."
        )
    if kind.isna().any():
        raise ValueError(f"{kind.isna().sum()} events have no kind; name it or leave them out.")
    table = pd.DataFrame(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "kind": kind.astype(str),
            "time": time,
            "period": time.dt.to_period(EVERY[every]),
        }
    )
    return table.sort_values("time", kind="stable", ignore_index=True)


def frequent_kinds(kinds: Any, most: int = 30) -> pd.Series:
    """Kinds, with all but the most frequent called ``"other kinds"`` where there are very many.

    Each kind is a column of every forecast of kinds: time and memory grow with the square of
    their number, and nothing can be learned of a kind that is one in thousands.

    Parameters
    ----------
    kinds : (n,) sequence of str
    most : int
        Kinds that are left, "other kinds" included; the earlier in the events of two that are
        equally frequent.

    Returns
    -------
    (n,) Series of str

    Examples
    --------
    >>> frequent_kinds(["a", "b", "a", "c"], most=2).tolist()
    ['a', 'other kinds', 'a', 'other kinds']
    >>> frequent_kinds(["a", "b", "a", "c"]).tolist()
    ['a', 'b', 'a', 'c']
    """
    kinds = _series(kinds, "object").astype(str)
    counts = kinds.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    if len(counts) <= whole_number(most, "most", 2):
        return kinds
    return kinds.where(kinds.isin(counts.index[: most - 1]), "other kinds")


def kind_order(kinds: Any) -> tuple[str, ...]:
    """The kinds, most frequent first; of two that are equally frequent the one that came first.

    Forecasts have their columns in this order, and of equal probabilities the first column is the
    answer: equal chances go to the kind that was more frequent, whatever the kinds are called.

    Parameters
    ----------
    kinds : (n,) sequence of str
        In order of time.

    Examples
    --------
    >>> kind_order(["b", "c", "a", "c"])
    ('c', 'b', 'a')
    """
    number, names = pd.factorize(_series(kinds, "object").astype(str))
    order = np.argsort(-np.bincount(number, minlength=len(names)), kind="stable")
    return tuple(str(names[each]) for each in order)


def split_by_time(events: pd.DataFrame, test: str | None = None) -> TimeSplit:
    """Split events into those before a period and those of the period; later ones are dropped.

    Parameters
    ----------
    events : pandas.DataFrame
        From `event_table`.
    test : str, optional
        The period to forecast, for example ``"2018"``; the last one when not given.

    Returns
    -------
    TimeSplit

    Raises
    ------
    ValueError
        If there is one period only, or none before `test`.

    Examples
    --------
    >>> events = event_table([[0, 0]] * 3, ["a", "b", "a"], ["2016-07", "2017-07", "2018-07"])
    >>> split = split_by_time(events)
    >>> split.label, len(split.train), len(split.test), split.kinds
    ('2018', 2, 1, ('a', 'b'))
    """
    check_events(events)
    known = events["period"].unique()
    names = [str(period) for period in known]
    if len(names) < 2:
        raise ValueError(
            f"all events fall into one period ({names[0]}): a forecast needs at least two, one to "
            "learn from and one to be judged by."
        )
    label = names[-1] if test is None else str(test)
    if label not in names:
        raise ValueError(f"there are no events in period '{label}'; there are {_few(names)}.")
    period = known[names.index(label)]
    train = events[events["period"] < period].reset_index(drop=True)
    if train.empty:
        raise ValueError(
            f"'{label}' is the first period ({_few(names)}): nothing is left to learn from."
        )
    test_events = events[events["period"] == period].reset_index(drop=True)
    return TimeSplit(train, test_events, label, kind_order(train["kind"]))


def refuse_leak(past: pd.DataFrame, future: pd.DataFrame) -> None:
    """Stop if any event of `past` does not lie before every event of `future`.

    Every function that draws a history calls this: a forecast that has seen its own period is
    worth nothing, and looks best of all.

    Raises
    ------
    LeakageError
        Naming the first moment at which the two overlap.

    Examples
    --------
    >>> events = event_table([[0, 0]] * 2, ["a", "b"], ["2016-07", "2017-07"])
    >>> refuse_leak(events, events)
    Traceback (most recent call last):
        ...
    helpers.forecasting.events.LeakageError: the history reaches 2017-07-01, the events to be forecast begin 2016-07-01: give a history that ends before.
    """
    if past.empty or future.empty:
        return
    last, first = past["time"].max(), future["time"].min()
    if last >= first:
        raise LeakageError(
            f"the history reaches {last:%Y-%m-%d}, the events to be forecast begin "
            f"{first:%Y-%m-%d}: give a history that ends before."
        )


def check_events(events: Any) -> None:
    """Refuse what `event_table` did not make."""
    if not isinstance(events, pd.DataFrame) or not set(COLUMNS) <= set(events.columns):
        raise ValueError("give the events as event_table makes them.")
    if events.empty:
        raise ValueError("there are no events.")


def check_kinds(kinds: Any) -> tuple[str, ...]:
    """Kinds as a tuple; one alone leaves nothing to forecast."""
    kinds = tuple(kinds)
    if len(set(kinds)) != len(kinds):
        raise ValueError("a kind is named twice.")
    if len(kinds) < 2:
        named = f" ('{kinds[0]}')" if kinds else ""
        raise ValueError(
            f"the events to learn from are of one kind only{named}: which kind comes next is no "
            "question. Forecast their number instead."
        )
    return kinds


def codes(values: Any, kinds: tuple[str, ...]) -> np.ndarray:
    """Position of each kind in `kinds`; -1 for a kind that is not among them."""
    return pd.Index(kinds).get_indexer(pd.Index(values))


def place_array(points: Any, what: str) -> np.ndarray:
    """Coordinates as an (n, 2) array of finite metres.

    Raises
    ------
    ValueError
        If they are not, or lie in degrees.
    """
    geometry = getattr(points, "geometry", None)
    if geometry is not None and hasattr(geometry, "crs"):
        if geometry.crs is not None and geometry.crs.is_geographic:
            raise ValueError(f"{what} are in degrees; project them to metres first.")
        points = np.column_stack([geometry.x, geometry.y])
    try:
        places = np.asarray(points, dtype=float)
    except (ValueError, TypeError):
        raise ValueError(f"{what} are pairs of numbers, metres.") from None
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"{what} are an array of shape (n, 2), not {places.shape}.")
    if not np.isfinite(places).all():
        row = int(np.flatnonzero(~np.isfinite(places).all(axis=1))[0])
        raise ValueError(f"{what}: row {row} has no place; leave it out or give it one.")
    return places


def _series(values: Any, dtype: Any = None) -> pd.Series:
    """Values in order, counted from 0; a column is not gone through value by value."""
    if isinstance(values, pd.Series | pd.Index):
        return pd.Series(values).reset_index(drop=True)
    return pd.Series(list(values), dtype=dtype)


def _few(names: list[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:3], "…", names[-1]]
    return ", ".join(shown)
