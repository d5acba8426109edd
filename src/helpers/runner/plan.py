"""Decide which sections run for which cities, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.checks import near
from helpers.compendium import (
    COMPENDIUM,
    ParameterError,
    SectionCard,
    check_parameters,
    city_values,
    find_city,
    list_cities,
    list_sections,
    read_section,
)


@dataclass(frozen=True)
class Task:
    """One section for one city.

    Attributes
    ----------
    city, section
        Name of the city (its folder) and of the section.
    parameters
        What the notebook is given: ``city`` and what was asked for with ``-p``.
    after
        Sections of the same city that must be up to date before.
    optional
        Those of `after` that it can do without.
    reason
        Why it cannot run; empty where it can.
    seconds
        What it takes, about.
    timeout
        Seconds after which it is given up.
    """

    city: str
    section: str
    parameters: dict[str, Any]
    after: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = SectionCard.seconds
    timeout: float = SectionCard.timeout


def make_plan(
    cities: list[str] | None = None,
    sections: list[str] | None = None,
    given: dict[str, Any] | None = None,
    quick: bool = False,
    timeout: float | None = None,
) -> list[Task]:
    """List the tasks of a run, cities in the order given, sections by number.

    Parameters
    ----------
    cities
        Names or paths; every bundled city where None.
    sections
        Names or numbers; every section where None.  What they stand on is added.
    given
        Parameters by name; each goes to the sections that have it.
    quick
        Ask the sections that know ``quick`` for their short form.
    timeout
        Seconds after which a section is given up; its card's where None.

    Returns
    -------
    list of Task
        A task whose city lacks a layer carries the reason.  What must be in the layers is known
        only after the files have been read (`helpers.runner.run` does it).

    Raises
    ------
    ParameterError
        For an unknown section or parameter, a value of the wrong type, or a section that was
        asked for by name and that no chosen city can run.
    CityError
        If a city cannot be found or its card is not valid.
    """
    towns = [find_city(name) for name in cities or list_cities()]
    towns = list({town.folder: town for town in towns}.values())
    folders = {town.name: town.folder for town in towns}
    for town in towns:
        if folders[town.name] != town.folder:
            raise ParameterError(
                f"two cities are named '{town.name}' ({town.folder} and {folders[town.name]}), and "
                "outputs carry the name; rename one folder, or run them one after the other."
            )
    cards = [read_section(name) for name in sections or list_sections()]
    asked = {card.name for card in cards} if sections else set()
    cards = _with_upstream(cards)
    _check_given(cards, given or {}, asked)
    tasks = []
    for town in towns:
        # workers and kernels stand in other folders than the user, so a path must be whole
        argument = town.name if town.name in list_cities() else str(town.folder)
        for card in cards:
            if card.scope == COMPENDIUM:
                continue
            values = _values(card, given or {}, quick, argument)
            city_values(card, values, town)
            tasks.append(_task(card, town.name, values, timeout, card.lacking_layers(town)))
    _refuse_impossible(tasks, cities, asked)
    if sections or not cities:
        tasks += [
            _task(card, COMPENDIUM, _values(card, given or {}, quick), timeout)
            for card in cards
            if card.scope == COMPENDIUM
        ]
    return tasks


def parse_value(text: str) -> Any:
    """Read a value given as ``-p name=value``: plain YAML, so numbers, lists and words.

    Examples
    --------
    >>> parse_value("8"), parse_value("[a, b]"), parse_value("leeds"), parse_value("{a: 1}")
    (8, ['a', 'b'], 'leeds', {'a': 1})
    """
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, str | int | float | bool | list | dict) else text


def _with_upstream(cards: list[SectionCard]) -> list[SectionCard]:
    wanted = {card.name: card for card in cards}
    known = list_sections()
    waiting = list(cards)
    while waiting:
        for name in waiting.pop().after:
            # a project may hold a part of the notebooks only
            if name not in wanted and name in known:
                wanted[name] = read_section(name)
                waiting.append(wanted[name])
    return [wanted[name] for name in sorted(wanted)]


def _task(
    card: SectionCard, city: str, values: dict, timeout: float | None, reason: str = ""
) -> Task:
    limit = card.timeout if timeout is None else timeout
    return Task(city, card.name, values, card.after, card.optional, reason, card.seconds, limit)


def _values(card: SectionCard, given: dict, quick: bool, city: str = "") -> dict[str, Any]:
    own = {key: value for key, value in given.items() if key in card.parameters}
    if quick and "quick" in card.parameters:
        own["quick"] = True
    if city:
        own["city"] = city
    return check_parameters(card, own)


def _check_given(cards: list[SectionCard], given: dict[str, Any], asked: set[str]) -> None:
    known = dict.fromkeys(name for card in cards for name in card.parameters)
    for name in given:
        if name == "city":
            raise ParameterError("name the city with --city, not with -p.")
        if name not in known:
            own = dict.fromkeys(
                name for card in cards if card.name in asked for name in card.parameters
            )
            below = [one for one in known if one not in own and one != "city"]
            told = f"There are: {', '.join(one for one in own or known if one != 'city')}."
            if own and below:
                told += f" What these sections stand on has: {', '.join(below)}."
            raise ParameterError(
                f"no chosen section has a parameter '{name}'{near(name, own) or near(name, known) or '.'} "
                f"{told}"
            )


def _refuse_impossible(tasks: list[Task], cities: list[str] | None, asked: set[str]) -> None:
    if not asked:
        if cities and tasks and all(task.reason for task in tasks):
            raise ParameterError(f"city {tasks[0].city} can run no section: {tasks[0].reason}.")
        return
    for name in asked.intersection(task.section for task in tasks):
        those = [task for task in tasks if task.section == name]
        if all(task.reason for task in those):
            which = f"city {those[0].city}" if len(those) == 1 else "no chosen city"
            can = "cannot run" if len(those) == 1 else "can run"
            raise ParameterError(f"{which} {can} section {name}: {those[0].reason}.")
