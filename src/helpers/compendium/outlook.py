"""Which sections a city can run, which not and why, and what one more layer would unlock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .card import BESIDES, list_sections, read_section

ATTACHED = ("boundary", "stations", "patrols", "zones", "streets", "districts", "criteria")
_OF_ZONES = ("districts", "criteria")  # nothing without zones
_BROUGHT = {"zones": ("zones", "borders", "boundary")}


@dataclass(frozen=True)
class Prospects:
    """What a city can run.

    Attributes
    ----------
    runs : list of str
        Names of sections.
    lacking : list of (str, str, str)
        Name and title of each section that it cannot run, and the reason.
    unlocks : dict of str to list of str
        From a layer that the city lacks to the sections that only wait for it.
    """

    runs: list[str]
    lacking: list[tuple[str, str, str]]
    unlocks: dict[str, list[str]]


def prospects(layers: Collection[str], lacking: Mapping[str, str]) -> Prospects:
    """Sort the sections about cities by whether a city can run them.

    Parameters
    ----------
    layers : collection of str
        The city's.
    lacking : mapping of str to str
        From the name of a section that the city cannot run to the reason.
    """
    runs, not_run = [], []
    unlocks: dict[str, list[str]] = {}
    for name in list_sections():
        card = read_section(name)
        if card.scope == "compendium" or not card.needs:
            continue
        if name not in lacking:
            runs.append(name)
            continue
        not_run.append((name, card.title, lacking[name]))
        if not card.missing(set(layers)) or BESIDES in lacking[name]:
            continue  # what it lacks is in the layers that are there, and no file more helps
        for layer in ATTACHED:
            if layer in layers or (layer in _OF_ZONES and "zones" not in layers):
                continue
            if not card.missing({*layers, *_BROUGHT.get(layer, (layer,))}):
                unlocks.setdefault(layer, []).append(name)
    return Prospects(runs, not_run, unlocks)
