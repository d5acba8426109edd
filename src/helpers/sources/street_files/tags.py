"""What OpenStreetMap's words say of a street: who may drive there, which way, how fast."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

# from the most to the least important, as https://wiki.openstreetmap.org/wiki/Key:highway lists them
CLASSES = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "motorway_link", "trunk_link", "primary_link",
    "secondary_link", "tertiary_link", "unclassified", "residential", "living_street", "service", "road", "busway",
)  # fmt: skip
# of highway: ways that no car drives, and what is no way yet or no longer
NOT_DRIVEN = (
    "footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor", "track", "elevator", "platform",
    "construction", "proposed", "planned", "abandoned", "razed", "disused", "raceway", "escape", "rest_area",
    "services", "bus_stop", "crossing", "via_ferrata", "no",
)  # fmt: skip
_PRIVATE_SERVICE = ("driveway", "parking_aisle", "private", "drive-through", "emergency_access")
_NO = ("no", "private", "agricultural", "forestry")
_UNITS = {"mph": 1.609344, "knots": 1.852}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|knots|km/h|kmh|kph)?", re.IGNORECASE)


def values_of(text: str) -> list[str]:
    """Values of a cell: one, several parted by ``;``, or a list as OSMnx writes it.

    Examples
    --------
    >>> values_of("['residential', 'tertiary']"), values_of("50;30"), values_of("")
    (['residential', 'tertiary'], ['50', '30'], [])
    """
    text = str(text).strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = text[1:-1].split(",")
        return [str(one).strip() for one in found if str(one).strip()]
    return [part.strip() for part in text.split(";") if part.strip()]


def speed_of(text: str) -> float:
    """Speed limit in km/h of a value of ``maxspeed``; NaN where it states no number.

    Several limits along one street become their mean.

    Examples
    --------
    >>> speed_of("50"), speed_of("30 mph"), speed_of("['30', '50']"), speed_of("RU:urban")
    (50.0, 48.28, 40.0, nan)
    """
    speeds = []
    for value in values_of(text):
        found = _NUMBER.fullmatch(value)
        if found and float(found[1]) > 0:
            speeds.append(float(found[1]) * _UNITS.get((found[2] or "").lower(), 1.0))
    return round(sum(speeds) / len(speeds), 2) if speeds else float("nan")


def class_of(text: str) -> str:
    """Class of a street: its word, of several the most important.

    Examples
    --------
    >>> class_of("['service', 'tertiary']"), class_of("residential"), class_of("")
    ('tertiary', 'residential', '')
    """
    found = values_of(text)
    ranked = [one for one in found if one in CLASSES]
    return min(ranked, key=CLASSES.index) if ranked else (found[0] if found else "")


def direction_of(text: str) -> int | None:
    """1 one way as drawn, -1 one way against it, 0 both ways, None where the word says nothing.

    Examples
    --------
    >>> [direction_of(word) for word in ("yes", "-1", "False", "reversible", "")]
    [1, -1, 0, 0, None]
    """
    word = str(text).strip().lower()
    if word in ("yes", "true", "1", "1.0", "t", "y", "forward"):
        return 1
    if word in ("-1", "-1.0", "reverse", "backward"):
        return -1
    if word in ("no", "false", "0", "0.0", "f", "n", "both", "reversible", "alternating"):
        return 0
    return None


def direction_of_way(tags: Mapping[str, str]) -> int:
    """Direction of a way of OpenStreetMap; roundabouts and motorways are one-way unless they say no.

    Examples
    --------
    >>> direction_of_way({"highway": "primary", "junction": "roundabout"})
    1
    """
    for key in ("oneway:motor_vehicle", "oneway:vehicle", "oneway"):
        stated = direction_of(tags.get(key, ""))
        if stated is not None:
            return stated
    rounds = tags.get("junction") in ("roundabout", "circular")
    return int(rounds or tags.get("highway") == "motorway")


def is_driven(tags: Mapping[str, str]) -> bool:
    """Whether cars may drive a way of OpenStreetMap.

    Service ways count, except driveways, parking aisles and other private ones.

    Examples
    --------
    >>> is_driven({"highway": "residential"}), is_driven({"highway": "steps"})
    (True, False)
    """
    kind = tags.get("highway", "")
    if not kind or kind in NOT_DRIVEN or tags.get("area") == "yes":
        return False
    if kind == "service" and tags.get("service") in _PRIVATE_SERVICE:
        return False
    for key in ("motor_vehicle", "motorcar", "vehicle", "access"):
        if key in tags:
            return tags[key] not in _NO
    return True
