"""Which sections a city can run, and what one more layer would unlock."""

from __future__ import annotations

from helpers.compendium import list_sections, prospects, read_section


def lacking(*layers: str) -> dict[str, str]:
    cards = {name: read_section(name) for name in list_sections()}
    return {name: "lacks a layer" for name, card in cards.items() if card.missing(set(layers))}


def test_one_more_file_unlocks_what_waits_for_it_alone():
    layers = ("events", "boundary")
    found = prospects(layers, lacking(*layers))
    assert {name[:2] for name in found.runs} == {"11", "12", "13", "15", "16"}
    unlocked = {layer: [name[:2] for name in names] for layer, names in found.unlocks.items()}
    assert unlocked == {"stations": ["14"], "zones": ["21", "22", "23"]}


def test_criteria_are_offered_where_there_are_zones():
    layers = ("zones", "borders")
    found = prospects(layers, lacking(*layers))
    assert [name[:2] for name in found.unlocks["criteria"]] == ["31", "32"]
    assert "stations" not in found.unlocks


def test_a_condition_that_is_not_met_is_no_missing_file():
    layers = ("events", "boundary", "stations")
    name = next(name for name in list_sections() if name.startswith("14"))
    found = prospects(layers, {name: "one month of events"})
    assert found.lacking == [(name, read_section(name).title, "one month of events")]
    assert found.unlocks == {}


def test_a_lack_behind_the_lack_promises_nothing():
    layers = ("events", "boundary")
    name = next(name for name in list_sections() if name.startswith("14"))
    reason = "city has no stations; besides, one kind of events before the last year"
    found = prospects(layers, {**lacking(*layers), name: reason})
    assert (name, read_section(name).title, reason) in found.lacking
    assert "stations" not in found.unlocks
