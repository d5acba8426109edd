"""Titles and captions of the figures: what each shows, and what it finds."""

from __future__ import annotations

from typing import Any

import numpy as np

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def captions(facts: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Title and caption of each figure that can be drawn, by its name.

    Parameters
    ----------
    facts : dict
        As `helpers.quality.quality_of` gives them.

    Returns
    -------
    dict of str to (str, str)
        Of ``map``, ``months``, ``week`` or ``weekdays``, ``kinds``.
    """
    events, zones = facts["events"], facts["zones"]
    if events is None:
        return {"map": ("Map of the zones", _zones_map(zones))} if zones else {}
    found = {"map": ("Map of the events", _events_map(facts))}
    if len(events["months"]) > 1:
        found["months"] = ("Events by month", _months(events["months"]))
    if events["week"]:
        found["week"] = ("Events by weekday and hour", _week(events["week"]))
    elif events["weekdays"]:
        found["weekdays"] = ("Events by weekday", _weekdays(events["weekdays"]))
    if len(events["kinds"]) > 1:
        found["kinds"] = ("Events by kind", _kinds(events))
    return found


def share(part: float, whole: float) -> str:
    """A share as a sentence says it.

    Examples
    --------
    >>> share(1, 3), share(0, 3), share(1, 3000), share(2999, 3000), share(3, 3)
    ('33 %', '0 %', 'less than 1 %', 'more than 99 %', '100 %')
    """
    per_cent = 100 * part / whole
    if 0 < per_cent < 1:
        return "less than 1 %"
    return "more than 99 %" if 99 < per_cent < 100 else f"{per_cent:.0f} %"


def _events_map(facts: dict[str, Any]) -> str:
    events, boundary = facts["events"], facts["boundary"]
    repeats = events["repeats"]
    if "square_m" in events:
        first = (
            f"{_many(events['count'], 'event')} in squares of {events['square_m']:,.0f} m, "
            f"darker where there are more: the fullest holds {events['fullest']:,}, white ones none."
        )
    else:
        first = (
            f"{_many(events['count'], 'event')} at {_many(repeats['places'], 'place')}, "
            "one dot a place."
        )
    if boundary is None:
        return f"{first} The city has no boundary."
    kind = "derived from the data" if boundary["status"] == "derived" else "as given"
    words = f"The line is the boundary, {kind}: {area(boundary['area_km2'])}."
    return f"{first} {words}"


def area(km2: float) -> str:
    """An area as a sentence says it.

    Examples
    --------
    >>> area(551.72), area(9.8612), area(0.01234)
    ('552 km²', '9.9 km²', '0.012 km²')
    """
    if km2 >= 100:
        return f"{km2:,.0f} km²"
    return f"{km2:.1f} km²" if km2 >= 1 else f"{km2:.2g} km²"


def _zones_map(zones: dict[str, Any]) -> str:
    outlines = "schematic outlines, good for drawing only" if zones["status"] == "schematic" else (
        "derived outlines" if zones["status"] == "derived" else "outlines as given"
    )  # fmt: skip
    coloured = (
        f", coloured by {zones['fields'][0]['label']} on a continuous scale"
        if zones["fields"]
        else ""
    )
    return f"{_many(zones['count'], 'zone')}, {outlines}{coloured}."


def _months(months: list) -> str:
    counts = np.array([count for _, count in months])
    empty = int((counts == 0).sum())
    most = months[int(counts.argmax())]
    told = f"Most events are of {most[0]} ({most[1]:,})."
    if not empty:
        least = months[int(counts.argmin())]
        return f"{told} Fewest are of {least[0]} ({least[1]:,}); no month lacks events."
    verb = "has" if empty == 1 else "have"
    return f"{told} {empty:,} of the {len(months):,} months from {months[0][0]} to {months[-1][0]} {verb} none."


def _week(week: list) -> str:
    table = np.array(week)
    day, hour = np.unravel_index(int(table.argmax()), table.shape)
    by_hour = table.sum(axis=0)
    quiet = int(by_hour.argmin())
    return (
        f"Most events begin on {DAYS[day]} in the hour from {hour}:00 ({table[day, hour]:,}). Over "
        f"all days the hour from {int(by_hour.argmax())}:00 has most ({by_hour.max():,}), that from "
        f"{quiet}:00 fewest ({by_hour[quiet]:,})."
    )


def _weekdays(days: list) -> str:
    counts = np.array(days)
    high, low = int(counts.argmax()), int(counts.argmin())
    return (
        f"Most events are of a {DAYS[high]} ({counts[high]:,}), fewest of a {DAYS[low]} "
        f"({counts[low]:,}). The hour is not known."
    )


def _kinds(events: dict[str, Any]) -> str:
    name, count = events["kinds"][0]
    return (
        f"{_many(events['kinds_in_all'], 'kind')}; the commonest, {name}, has "
        f"{share(count, events['count'])} of the events ({count:,})."
    )


def _many(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"
