"""What a section needs of a city beside layers: conditions in a small vocabulary, and their sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.checks import near

if TYPE_CHECKING:
    import pandas as pd

    from helpers.cities import City

_FORM = re.compile(
    r"(?P<layer>\w+)\.(?P<measure>\w+)(?:\((?P<argument>\d+)\))?\s*>=\s*(?P<least>\d+)"
    r"(?:\s*:\s*(?P<why>.+))?"
)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class ConditionError(ValueError):
    """A condition on a notebook's card that nobody can read."""


@dataclass(frozen=True)
class Condition:
    """``layer.measure(argument) >= least: why`` as it stands on the card of a notebook.

    Attributes
    ----------
    layer, measure, argument
        What is counted: one of `MEASURES`.
    least
        How many there must be.
    why
        What the section does with them, for the sentence.
    """

    layer: str
    measure: str
    argument: int | None
    least: int
    why: str

    @classmethod
    def read(cls, text: str) -> Condition:
        """The condition that a text states.

        Raises
        ------
        ConditionError
            It has another form, or counts what is not in `MEASURES`.

        Examples
        --------
        >>> Condition.read("events.periods >= 2: this section compares periods").least
        2
        """
        found = _FORM.fullmatch(text.strip())
        if not found:
            raise ConditionError(f"{text!r} is no condition; write layer.measure >= number: why.")
        name = f"{found['layer']}.{found['measure']}"
        if name not in MEASURES:
            raise ConditionError(f"{name!r} cannot be counted{near(name, MEASURES) or '.'}")
        argument = int(found["argument"]) if found["argument"] else None
        if (argument is not None) != (name in _WITH_ARGUMENT):
            raise ConditionError(f"{text!r}: {name} takes a number in brackets, or must not.")
        return cls(
            found["layer"], found["measure"], argument, int(found["least"]), found["why"] or ""
        )

    def lacking(self, town: City) -> str:
        """Why a city does not meet the condition, or an empty string where it does.

        The city must state the layer; its files are read.

        Raises
        ------
        CityError
            The layer cannot be read.
        """
        frame = town.layer(self.layer)
        measure = MEASURES[f"{self.layer}.{self.measure}"]
        count, what = measure(town, frame, self.argument)
        if count >= self.least:
            return ""
        reason = self.why or f"this section needs {count_word(self.least)} or more"
        return f"{count_word(count)} {what}; {reason}"


def count_word(count: int) -> str:
    """A small count as a sentence says it.

    Examples
    --------
    >>> count_word(1), count_word(24)
    ('one', '24')
    """
    return _WORDS[count] if count < len(_WORDS) else f"{count:,}"


def periods(times: pd.Series) -> tuple[str, int]:
    """What a period of events is, and how many there are: years, or the months of a single year.

    Parameters
    ----------
    times
        Times of events.

    Examples
    --------
    >>> import pandas as pd
    >>> periods(pd.Series(pd.to_datetime(["2024-05-01", "2024-06-01", "2024-06-02"])))
    ('month', 2)
    >>> periods(pd.Series(pd.to_datetime(["2023-05-01", "2024-06-01", "2024-06-02"])))
    ('year', 2)
    """
    years = times.dt.year.nunique()
    return ("year", years) if years > 1 else ("month", times.dt.month.nunique())


def _s(count: int, one: str, many: str = "") -> str:
    return one if count == 1 else many or f"{one}s"


def _constant(town: City, column: str) -> bool:
    spec = town.layers.get("events")
    return spec is not None and spec.constant(column) is not None


def _rows(one: str, many: str = "") -> Callable:
    def measure(town: City, frame: pd.DataFrame, _: int | None) -> tuple[int, str]:
        return len(frame), _s(len(frame), one, many)

    return measure


def _kinds(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    if _constant(town, "kind"):
        return 1, "kind for all events, which city.yml states"
    count = events["kind"].nunique()
    return count, f"{_s(count, 'kind')} of events"


def _kinds_with(town: City, events: pd.DataFrame, least: int | None) -> tuple[int, str]:
    count = int((events["kind"].value_counts() >= (least or 0)).sum())
    return count, f"{_s(count, 'kind')} with {least:,} events or more"


def _periods(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    if _constant(town, "time"):
        return 1, "time for all events, which city.yml states"
    every, count = periods(events["time"])
    return count, f"{_s(count, every)} of events"


def _kinds_with_places(town: City, events: pd.DataFrame, least: int | None) -> tuple[int, str]:
    places = events.get_coordinates().assign(kind=events["kind"].to_numpy()).drop_duplicates()
    count = int((places["kind"].value_counts() >= (least or 0)).sum())
    return count, f"{_s(count, 'kind')} with events at {least:,} places or more"


def before_last(events: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Events before the last period, and what a period is.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.to_datetime(["2024-05-01", "2024-06-01", "2024-06-02"])
    >>> earlier, every = before_last(pd.DataFrame({"time": times}))
    >>> len(earlier), every
    (1, 'month')
    """
    every, _ = periods(events["time"])
    period = events["time"].dt.to_period(every[0].upper())
    return events[period < period.max()], every


def _before(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    earlier, every = before_last(events)
    return len(earlier), f"{_s(len(earlier), 'event')} before the last {every}"


def _kinds_before(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    earlier, every = before_last(events)
    count = earlier["kind"].nunique()
    return count, f"{_s(count, 'kind')} of events before the last {every}"


def _places_before(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    earlier, every = before_last(events)
    count = len(earlier.get_coordinates().drop_duplicates())
    return count, f"{_s(count, 'place')} with events before the last {every}"


def _places(town: City, events: pd.DataFrame, _: int | None) -> tuple[int, str]:
    count = len(events.get_coordinates().drop_duplicates())
    return count, f"{_s(count, 'place')} with events"


def _fields(town: City, zones: pd.DataFrame, _: int | None) -> tuple[int, str]:
    count = len(town.fields())
    return count, f"{_s(count, 'field')} of the zones"


def _varying_fields(town: City, zones: pd.DataFrame, _: int | None) -> tuple[int, str]:
    count = sum(zones[name].max() > zones[name].min() for name in town.fields())
    return count, f"{_s(count, 'field')} of the zones with more than one value"


def _amounts(town: City, zones: pd.DataFrame, _: int | None) -> tuple[int, str]:
    count = sum(zones[name].min() >= 0 < zones[name].sum() for name in town.fields())
    return count, f"{_s(count, 'field')} of the zones with figures of zero and more"


def _districts(town: City, table: pd.DataFrame, _: int | None) -> tuple[int, str]:
    count = table["district"].nunique()
    return count, f"{_s(count, 'district')} of today"


def _criteria(town: City, criteria: pd.DataFrame, _: int | None) -> tuple[int, str]:
    spec = town.card.layers.criteria
    count = len(spec.criteria) if spec else 0
    return count, _s(count, "criterion", "criteria")


def _varying(town: City, criteria: pd.DataFrame, _: int | None) -> tuple[int, str]:
    spec = town.card.layers.criteria
    count = sum(len(criteria[name].unique()) > 1 for name in spec.criteria) if spec else 0
    word = _s(count, "criterion", "criteria")
    return count, f"{word} in which the zones differ"


MEASURES: dict[str, Callable[[City, pd.DataFrame, int | None], tuple[int, str]]] = {
    "events.count": _rows("event"),
    "events.kinds": _kinds,
    "events.kinds_with": _kinds_with,
    "events.kinds_with_places": _kinds_with_places,
    "events.periods": _periods,
    "events.before": _before,
    "events.kinds_before": _kinds_before,
    "events.places_before": _places_before,
    "events.places": _places,
    "stations.count": _rows("station"),
    "patrols.count": _rows("patrol"),
    "zones.count": _rows("zone"),
    "zones.fields": _fields,
    "zones.varying_fields": _varying_fields,
    "zones.amounts": _amounts,
    "borders.count": _rows("border"),
    "districts.count": _districts,
    "criteria.count": _criteria,
    "criteria.varying": _varying,
    "criteria.zones": _rows("zone with criteria", "zones with criteria"),
}
_WITH_ARGUMENT = {"events.kinds_with", "events.kinds_with_places"}
