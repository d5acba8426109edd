"""What is said to the person: decisions, faults, questions, and what comes next."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from helpers.checks import near
from helpers.cities import City, CityError
from helpers.compendium import CITIES, Prospects, list_sections, prospects, read_section

from .choices import Choices, Question
from .draft import Draft
from .errors import NewCityError
from .making import short
from .systems import known_crs
from .timing import check_zone

_TRIES = 3
_FREE = {"crs": "EPSG:… of the coordinates", "time_zone": "a zone such as America/Lima"}


def told(draft: Draft) -> list[str]:
    """Everything that was found and decided."""
    lines = [f"  {fact}" for fact in draft.facts]
    if draft.usable:
        counts = draft.reasons()
        why = "".join(f", {reason} {count:,}" for reason, count in counts.items())
        lines.append(
            f"  {draft.rows:,} rows = {draft.usable:,} usable + {draft.rows - draft.usable:,} rejected{why}"
        )
    return lines


def answered(question: Question, choices: Choices, ask: Callable[[str], str] = input) -> bool:
    """Ask in a terminal; whether an answer was taken into `choices`.

    What cannot be used is asked again, three times in all; Enter alone takes the offer, or leaves
    the question open.
    """
    print(f"\n? {question.text}")
    for number, name in enumerate(question.among if question.columns else [], start=1):
        print(f"  {number:>3} {name}")
    try:
        if question.columns:
            return _columns(question, choices, ask)
        return _option(question, choices, ask)
    except EOFError:
        return False


def _columns(question: Question, choices: Choices, ask: Callable[[str], str]) -> bool:
    """Take a column for each flag that the question asks for."""
    given: dict[str, str] = {}
    for flag, what in question.columns.items():
        said = _tried(
            f"  {what}, a number or a name{_enter(question)}: ", ask,
            lambda said: _column(said, question), question.offer,
        )  # fmt: skip
        if not said:
            return False
        given[flag] = said
    for flag, name in given.items():
        setattr(choices, flag, [name] if flag == "time" else name)
    return True


def _column(said: str, question: Question) -> str:
    """The column that a number or a name means; a constant behind = where one may stand."""
    if said.startswith("=") and not {"x", "y"} & set(question.columns):
        return said
    if said.isdigit() and said not in question.among:
        if 1 <= int(said) <= len(question.among):
            return question.among[int(said) - 1]
        raise NewCityError(f"there are {len(question.among)} columns, none of number {said}")
    folded = {name.casefold(): name for name in question.among}
    if said.casefold() not in folded:
        raise NewCityError(f"no column {said!r}{near(said, question.among) or '.'}")
    return folded[said.casefold()]


def _option(question: Question, choices: Choices, ask: Callable[[str], str]) -> bool:
    """Take one of the question's options."""
    if not question.options:
        print("  give what is missing as a flag, or another file; nothing can be typed here")
        return False
    free = next(((n, word) for word, (n, value) in question.options.items() if value is None), None)
    words = [f"{k} {word}" for k, word in enumerate(_words(question), start=1)]
    words += [_FREE.get(free[0], free[1])] if free else []
    said = _tried(
        f"  {', '.join(words)}{_enter(question)}: ",
        ask,
        lambda said: _meant(said, question),
        question.offer,
    )
    if not said:
        return False
    name, value = question.options.get(said, (None, None))
    if name == "yes":
        choices.taken.add(question.text)
    elif name is not None and value is not None:
        setattr(choices, name, value)
    elif free:
        setattr(choices, free[0], [said] if free[0] == "time" else said)
    return True


def _enter(question: Question) -> str:
    return f"; Enter takes {question.offer}" if question.offer else "; Enter leaves it open"


def _words(question: Question) -> list[str]:
    return [word for word, (_, value) in question.options.items() if value is not None]


def _meant(said: str, question: Question) -> str:
    """The option that a number or a word means, else the free text, held against what it names."""
    words = _words(question)
    if said in words:
        return said
    if said.isdigit() and 1 <= int(said) <= len(words):
        return words[int(said) - 1]
    free = next((name for name, value in question.options.values() if value is None), "")
    if not free:
        raise NewCityError(f"{said!r} is none of them{near(said, words) or '.'}")
    if free == "crs":
        known_crs(said)
    elif free == "time_zone":
        check_zone(said)
    return said


def _tried(
    prompt: str, ask: Callable[[str], str], read: Callable[[str], str], offer: str = ""
) -> str:
    """What was typed, read; asked again where it cannot be, "" where it stays open."""
    for _ in range(_TRIES):
        said = ask(prompt).strip() or offer
        if not said:
            return ""
        try:
            return read(said)
        except NewCityError as error:
            print(f"  {error}")
    return ""


def open_questions(draft: Draft, choices: Choices) -> list[Question]:
    """Questions that neither a flag nor ``--yes`` nor an answer decides."""
    return [question for question in draft.questions if question.is_open(choices)]


def _prospects(town: City) -> Prospects:
    lacking: dict[str, str] = {}
    for name in list_sections():
        try:
            why = read_section(name).lacking(town)
        except CityError as error:
            why = str(error)
        if why:
            lacking[name] = why
    return prospects(town.layers, lacking)


def running(town: City) -> list[str]:
    """Names of the sections that a city can run."""
    return _prospects(town).runs


def sections_of(town: City) -> list[str]:
    """Which sections will run, which will not and why, and what one more file would unlock."""
    found = _prospects(town)
    lines = [f"sections that will run: {', '.join(name[:2] for name in found.runs) or 'none'}"]
    if found.lacking:
        lines.append("sections that will not:")
        lines += [f"  {name[:2]} {title}: {why}" for name, title, why in found.lacking]
    for layer, names in found.unlocks.items():
        lines.append(f"one more file, {layer}, would unlock {', '.join(name[:2] for name in names)}: "
                     f"python3 run_all.py attach {_named(town)} {layer} FILE"
                     + (" --key COLUMN" if layer in ("zones", "criteria") else ""))  # fmt: skip
    return lines


def _named(town: City) -> str:
    """What a command calls the city: its name, or its folder where that lies elsewhere."""
    return town.name if town.folder.parent == CITIES.resolve() else short(town.folder)


def in_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def faults_of(town: City) -> list[str]:
    """Every fault of every layer, all in one pass."""
    return town.faults()


def remarks_of(town: City) -> list[Any]:
    """What city.yml leaves out."""
    return [remark for layer in town.layers for remark in town.remarks(layer)]
