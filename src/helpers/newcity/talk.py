"""What is said to the person: decisions, faults, questions, and what comes next."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from helpers.cities import LAYERS, City, CityError
from helpers.compendium import Prospects, list_sections, prospects, read_section

from .choices import Choices, Question
from .draft import Draft


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
                     f"python3 run_all.py attach {town.name} {layer} FILE"
                     + (" --key COLUMN" if layer in ("zones", "criteria") else ""))  # fmt: skip
    return lines


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
