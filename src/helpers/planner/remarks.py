"""Says beside the map what it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.cities import City

RECORDED = (
    "Demand is made of recorded crimes. Crimes that nobody reported are not in it, and places where "
    "people report less look safer than they are; patrols find more crime where they are sent."
)


WAYS = {
    "euclidean": "Straight lines, no streets.",
    "manhattan": "Ways at right angles, no streets.",
    "streets": "Along streets, without traffic.",
    "minutes": "Minutes along streets, without traffic.",
}

NO_HOURS = "Its crimes have no hours: every plan is for day and night."
NO_SHIFTS = "No forecast by shift was made: every plan is for day and night."

# Layers whose notes a planner should know.
NOTED = ("events", "boundary")


def remarks(town: City, told: dict[str, Any], history: str = "") -> list[str]:
    """What a reader must know before a patrol is sent: sentences, the weightiest first.

    Parameters
    ----------
    town : City
        For what its card says of its layers.
    told : dict
        Numbers of section 15 by name: ``demand``, ``metric``; ``crimes_counted`` and
        ``months_counted``, where it says so.
    history : str
        What the demand is instead where a reader chooses that.
    """
    said = []
    if "events" in town.synthetic:
        said.append("The crimes are simulated: nothing here is true of the real city.")
    instead = f", or the {history} where that is chosen" if history else ""
    crimes, months = told.get("crimes_counted"), told.get("months_counted")
    made = f", made from {crimes:,} crimes" if crimes else ""
    made += f" of {months}" if crimes and months else ""
    said.append(f"Demand is the {told['demand']}{made}{instead}." if told.get("demand") else "")
    said.append("" if "events" in town.synthetic else RECORDED)
    said += [_note(name.capitalize(), town.layers[name].note) for name in NOTED if town.has(name)]
    if town.policy:
        rough = town.status(town.policy.posts) == "approximate"
        said.append("Where today's posts stand is known roughly only." if rough else "")
        said.append(_note("Today's posts", town.policy.note))
    way = {
        "euclidean": "straight lines; no river, railway or one-way street is in them",
        "manhattan": "along two directions at right angles",
        "streets": "along the streets of the city's layer, without turns, lights or traffic; the "
        "command that counts minutes instead stands below",
        "minutes": "minutes along the streets of the city's layer, without turns, lights or traffic",
    }.get(str(told["metric"]), "those of the section")
    said.append(f"Distances are {way}. Every patrol is taken to be free and at its post.")
    return [" ".join(sentence.split()) for sentence in said if sentence.strip()]


def cautions(
    town: City, told: dict[str, Any], *, cell: Sequence[float] = (), by_shift: bool = True
) -> list[str]:
    """The same in few words each, to stand beside a map and on a printed sheet.

    Parameters
    ----------
    town : City
        For what its card says of its layers.
    told : dict
        Numbers of section 15 by name: ``metric``, and ``months_known`` where it says so.
    cell : (width, height)
        Metres of a quadrant, where they are known.
    by_shift : bool
        Whether there are plans by shift; where there are none it is said why.
    """
    simulated = "events" in town.synthetic
    said = ["Simulated crimes: true of no real place." if simulated else "Recorded crimes only."]
    said.append(str(told.get("months_known") or ""))
    if town.policy and town.status(town.policy.posts) == "approximate":
        said.append(f"{town.policy.label} of today: places known roughly.")
    if not by_shift:
        events = town.card.layers.events
        said.append(NO_SHIFTS if events and events.time_precision == "hour" else NO_HOURS)
    said.append(WAYS.get(str(told["metric"]), ""))
    if len(cell):
        sides = " × ".join(f"{side:,.0f}" for side in cell)
        said.append(
            f"Posts at centres of quadrants ({sides} m) only: the best is the best of these."
        )
    return [sentence for sentence in said if sentence]


def _note(what: str, note: str) -> str:
    """A note of the city's card with what it is about before it."""
    return f"{what}: {note}" if note.strip() else ""
