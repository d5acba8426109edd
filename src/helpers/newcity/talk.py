"""What is said to the person: decisions, faults, questions, and what comes next."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from helpers.cities import LAYERS, City, CityError
from helpers.compendium import list_sections, read_section

from .choices import Choices, Question
from .draft import Draft

_FLAGS = {
    "boundary": "--boundary FILE", "stations": "--stations FILE", "patrols": "--patrols FILE",
    "zones": "--zones FILE --key COLUMN", "streets": "--streets FILE", "districts": "--districts FILE",
    "criteria": "--criteria FILE",
}  # fmt: skip


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
    """Ask in a terminal; whether the answer was taken into `choices`."""
    print(f"\n? {question.text}")
    options = ", ".join(question.options) or "nothing that can be typed here"
    offer = f" [{question.offer}]" if question.offer else ""
    try:
        said = ask(f"  {options}{offer}, or Enter to stop: ").strip() or question.offer
    except EOFError:
        return False
    if not said:
        return False
    for option, (name, value) in question.options.items():
        if said == option and value is not None:
            setattr(choices, name, value)
            return True
        if value is None and said:
            setattr(choices, name, [said] if name == "time" else said)
            return True
    return False


def open_questions(draft: Draft, choices: Choices) -> list[Question]:
    """Questions that neither a flag nor ``--yes`` answers."""
    return [question for question in draft.questions if not (choices.yes and question.offer)]


def sections_of(town: City) -> list[str]:
    """Which sections will run, which will not and why, and what one more file would unlock."""
    runs: list[str] = []
    not_run: list[str] = []
    unlocks: dict[str, list[str]] = {}
    cards = {name: read_section(name) for name in list_sections()}
    for name, card in cards.items():
        if card.scope == "compendium" or not card.needs:
            continue
        try:
            why = card.lacking(town)
        except CityError as error:
            why = str(error)
        if not why:
            runs.append(name[:2])
            continue
        not_run.append(f"  {name[:2]} {card.title}: {why}")
        if not card.missing(set(town.layers)):
            continue  # what it lacks stands in the layers that are there
        for layer in _FLAGS:
            if layer in ("criteria", "districts") and "zones" not in town.layers:
                continue
            if layer not in town.layers and not card.missing({*town.layers, *_with(layer)}):
                unlocks.setdefault(layer, []).append(name[:2])
    lines = [f"sections that will run: {', '.join(runs) or 'none'}"]
    if not_run:
        lines += ["sections that will not:", *not_run]
    for layer, names in unlocks.items():
        lines.append(f"one more file, {layer}, would unlock {', '.join(names)}: "
                     f"python3 run_all.py attach {town.name} {layer} FILE"
                     + (" --key COLUMN" if layer in ("zones", "criteria") else ""))  # fmt: skip
    return lines


def _with(layer: str) -> tuple[str, ...]:
    return ("zones", "borders", "boundary") if layer == "zones" else (layer,)


def in_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def faults_of(town: City) -> list[str]:
    """The first fault of each layer, all layers in one pass."""
    faults: list[str] = []
    for layer in LAYERS:
        if layer not in town.layers:
            continue
        try:
            town.layer(layer)
        except CityError as error:
            if str(error) not in faults:
                faults.append(str(error))
    if not faults:
        try:
            town.check()
        except CityError as error:
            faults += [line for line in str(error).splitlines() if line not in faults]
    return faults


def remarks_of(town: City) -> list[Any]:
    """What city.yml leaves out."""
    return [remark for layer in town.layers for remark in town.remarks(layer)]
