"""Says beside the map what it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.cities import City

RECORDED = (
    "Demand is made of recorded crimes. Crimes that nobody reported are not in it, and places where "
    "people report less look safer than they are; patrols find more crime where they are sent."
)


# Layers whose notes a planner should know.
NOTED = ("events", "boundary")


def remarks(town: City, told: dict[str, Any]) -> list[str]:
    """What a reader must know before a patrol is sent: sentences, the weightiest first.

    Parameters
    ----------
    town : City
        For what its card says of its layers.
    told : dict
        Numbers of section 15 by name: ``demand``, ``metric``.
    """
    said = []
    if "events" in town.synthetic:
        said.append("The crimes are simulated: nothing here is true of the real city.")
    said.append(f"Demand is the {told['demand']}." if told.get("demand") else "")
    said.append("" if "events" in town.synthetic else RECORDED)
    said += [_note(name.capitalize(), town.layers[name].note) for name in NOTED if town.has(name)]
    if town.policy:
        rough = town.status(town.policy.posts) == "approximate"
        said.append("Where today's posts stand is known roughly only." if rough else "")
        said.append(_note("Today's posts", town.policy.note))
    way = {
        "euclidean": "straight lines; no river, railway or one-way street is in them",
        "manhattan": "along two directions at right angles",
        "streets": "along the streets of the city's layer, without turns, lights or traffic",
        "minutes": "minutes along the streets of the city's layer, without turns, lights or traffic",
    }.get(str(told["metric"]), "those of the section")
    said.append(f"Distances are {way}. Every patrol is taken to be free and at its post.")
    return [" ".join(sentence.split()) for sentence in said if sentence.strip()]


def _note(what: str, note: str) -> str:
    """A note of the city's card with what it is about before it."""
    return f"{what}: {note}" if note.strip() else ""
