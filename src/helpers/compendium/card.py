"""What a section is: its notebook, what the notebook needs, which parameters it takes."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.checks import near

from .needs import Condition
from .parameter_types import ParameterType, WrongTypeError
from .paths import NOTEBOOKS

if TYPE_CHECKING:
    from helpers.cities import City

AUTO = "auto"
# Behind a section in `after` that this one can do without.
OPTIONAL = " (optional)"
# Between the layers that a city lacks and what is wrong with those that it has.
BESIDES = "; besides, "


class ParameterError(ValueError):
    """A parameter that the section does not have, or a value it cannot take."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name, default, comment
        As the parameters cell has them.
    type
        What a value must be: as the card states it under ``types``, which a default of
        ``"auto"`` needs, else as the default shows; None takes anything.
    """

    name: str
    default: Any
    comment: str = ""
    type: ParameterType | None = None


@dataclass(frozen=True)
class SectionCard:
    """What the runner knows of a section before it runs.

    Attributes
    ----------
    name
        Stem of the notebook, for example ``12_patrol_exploration``.
    title, paper
        Title for people, and the paper's section.
    needs
        Layers the city must have; an inner tuple lists alternatives.
    conditions
        What must be in those layers.
    after
        Sections of the same city whose outputs this one reads.
    optional
        Those of `after` that it can do without.
    scope
        ``city``, or ``compendium`` for a section that runs once over whatever ran.
    seconds
        What it takes for a bundled city, about, so that a run can begin with the longest.
    timeout
        Seconds after which a run gives it up.
    """

    name: str
    title: str
    paper: str
    needs: tuple[tuple[str, ...], ...]
    after: tuple[str, ...]
    scope: str
    parameters: dict[str, Parameter]
    path: Path
    conditions: tuple[Condition, ...] = ()
    optional: tuple[str, ...] = ()
    seconds: float = 10.0
    timeout: float = 900.0

    def missing(self, layers: set[str]) -> list[str]:
        """Layers the section needs and `layers` lacks, alternatives joined by ``or``."""
        return [" or ".join(group) for group in self.needs if not layers.intersection(group)]

    def lacking_layers(self, town: City) -> str:
        """Which layers the city lacks for this section, as a sentence; empty where none."""
        missing = self.missing(set(town.layers))
        if not missing:
            return ""
        *first, last = missing
        return f"city has no {', '.join(first)}{' and no ' if first else ''}{last}"

    def lacking(self, town: City) -> str:
        """Why the city cannot run this section, as a sentence; empty where it can.

        What is wrong with the layers that it has stands behind the layers that it lacks, after
        `BESIDES`: more files alone would not do then.

        Raises
        ------
        CityError
            A layer that a condition counts cannot be read.
        """
        from helpers.cities import CityError

        reason, stated = self.lacking_layers(town), set(town.layers)
        try:
            own = (c.lacking(town) for c in self.conditions if c.layer in stated)
            why = next((why for why in own if why), "")
        except CityError:
            if not reason:
                raise
            return reason
        return f"{reason}{BESIDES}{why}" if reason and why else reason or why


def list_sections() -> list[str]:
    """Names of all sections, in the order of their numbers."""
    return sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def read_section(name: str) -> SectionCard:
    """Read the card of a section from its notebook.

    Parameters
    ----------
    name
        Stem of the notebook, or its number (``"12"``).

    Raises
    ------
    ParameterError
        If there is no such section, or its parameters cell holds more than plain literals.
    """
    names = list_sections()
    if name not in names:
        numbered = [known for known in names if known.split("_")[0] == name]
        if len(numbered) != 1:
            raise ParameterError(
                f"there is no section '{name}'{near(name, names) or '.'} The sections are: "
                f"{', '.join(names)}."
            )
        name = numbered[0]
    path = NOTEBOOKS / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    card = notebook["metadata"].get("compendium", {})
    return SectionCard(
        name=name,
        title=card.get("title", name),
        paper=card.get("paper", ""),
        needs=tuple(tuple(item.split("|")) for item in card.get("needs", []) if "." not in item),
        conditions=tuple(Condition.read(item) for item in card.get("needs", []) if "." in item),
        after=tuple(item.removesuffix(OPTIONAL) for item in card.get("after", [])),
        optional=tuple(
            item.removesuffix(OPTIONAL) for item in card.get("after", []) if item.endswith(OPTIONAL)
        ),
        scope=card.get("scope", "city"),
        parameters=_declared_parameters(notebook, path, card.get("types", {})),
        path=path,
        seconds=card.get("seconds", SectionCard.seconds),
        timeout=card.get("timeout", SectionCard.timeout),
    )


def check_parameters(card: SectionCard, given: dict[str, Any]) -> dict[str, Any]:
    """Check given parameters against the notebook's own and bring each to its type.

    A value has the type that the section's card states for the parameter, or that of its
    default: a whole number may stand for a real one and a single value for a list of one.
    ``"auto"`` stands where it is the default.

    Raises
    ------
    ParameterError
        For an unknown name (a near one is suggested) or a value of another type.
    """
    checked = {}
    for name, value in given.items():
        if name not in card.parameters:
            raise ParameterError(
                f"section {card.name} has no parameter '{name}'"
                f"{near(name, card.parameters) or '.'} It takes: {', '.join(card.parameters)}."
            )
        checked[name] = _typed(card, name, value)
    return checked


def _typed(card: SectionCard, name: str, value: Any) -> Any:
    parameter = card.parameters[name]
    automatic = parameter.default == AUTO
    kind = parameter.type or (None if automatic else ParameterType.of(parameter.default))
    if kind is None:
        fits = automatic or isinstance(value, type(parameter.default))
    elif automatic and value == AUTO:
        fits = True
    else:
        try:
            return kind.bring(value)
        except WrongTypeError as error:
            fits, mend = False, f"; {error}" if str(error) else ""
    if fits:
        return value
    usual = f" or {AUTO!r}" if automatic else f" such as {parameter.default!r}"
    what = kind.words if kind else f"a {type(parameter.default).__name__}"
    if automatic and isinstance(value, str):
        mend = near(value, [AUTO]) or mend
    raise ParameterError(
        f"parameter '{name}' of section {card.name} takes {what}{usual}, not {value!r}"
        f"{mend if kind else ''}{'' if kind and mend.endswith('?') else '.'}"
    )


def _declared_parameters(notebook: dict, path: Path, types: dict[str, str]) -> dict[str, Parameter]:
    cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    if len(cells) != 1:
        raise ParameterError(f"{path.name} must have one cell tagged 'parameters'.")
    source = "".join(cells[0]["source"])
    lines = source.splitlines()
    declared = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise ParameterError(f"{path.name}: the parameters cell may hold only assignments.")
        try:
            default = ast.literal_eval(node.value)
        except ValueError:
            raise ParameterError(
                f"{path.name}: parameter '{node.targets[0].id}' is not a plain literal."
            ) from None
        behind = lines[(node.end_lineno or 1) - 1][node.end_col_offset :]
        comment = behind.partition("#")[2].strip()
        name = node.targets[0].id
        try:
            kind = ParameterType.read(types[name]) if name in types else None
        except ValueError as error:
            raise ParameterError(f"{path.name}, type of '{name}': {error}") from None
        declared[name] = Parameter(name, default, comment, kind)
    for name in types:
        if name not in declared:
            raise ParameterError(
                f"{path.name}: its card states a type of '{name}', which is no parameter"
                f"{near(name, declared) or '.'}"
            )
    return declared
