"""Says what the words mean that figures and tables carry where their data are not what they seem."""

from __future__ import annotations

from collections.abc import Iterable

MEANINGS = {
    "SYNTHETIC": "made by a simulation, in whole or in part; it says nothing of the real city",
    "SYNTHETIC map": "drawn by a program in the place of a published map, of events that are known",
    "derived": "outlines drawn here from other data, such as points or tables, and not published ones",
    "schematic": "outlines for drawing only, with places and sizes roughly right; nothing is measured on them",
    "approximate": "places or values that are known roughly only",
    "stand-in": "made here for what nobody publishes",
    "partly estimated": "some of the values are estimates, where the source has none",
}
"""Status words of `helpers.cities.City.status` and of figures, with their meaning for people."""

PARTLY = "partly "


def key_of(statuses: Iterable[str]) -> list[tuple[str, str]]:
    """Each word that occurs, with its meaning, in a fixed order.

    Parameters
    ----------
    statuses
        As outputs carry them: words, parted by commas.

    Examples
    --------
    >>> [word for word, _ in key_of(["derived, SYNTHETIC", "", "partly SYNTHETIC", "odd"])]
    ['SYNTHETIC', 'derived']
    """
    found = {_known(word) for status in statuses for word in status.split(", ")}
    return [(word, meaning) for word, meaning in MEANINGS.items() if word in found]


def says(status: str) -> str:
    """The meaning of status words in one line; of unknown ones nothing.

    Examples
    --------
    >>> says("partly SYNTHETIC, odd")
    'SYNTHETIC: made by a simulation, in whole or in part; it says nothing of the real city.'
    """
    return " ".join(f"{word}: {meaning}." for word, meaning in key_of([status]))


def _known(word: str) -> str:
    return word if word in MEANINGS else word.removeprefix(PARTLY)
