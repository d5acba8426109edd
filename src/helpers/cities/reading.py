"""Read city.yml into its model, each mistake told as one sentence with its line."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from helpers.checks import near

from .card import Card
from .errors import CityError
from .folders import CARD, file_inside
from .plain_yaml import read_plain_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_SHOWN = 3


def read_card_in(folder: Path) -> Card:
    """The validated city.yml of a folder, without reading any layer.

    Raises
    ------
    CityError
        No city.yml there, or it breaks a rule of docs/data.md.
    """
    content, lines = read_plain_yaml(file_inside(folder, CARD, "the city"))
    try:
        card = Card.model_validate(content)
    except ValidationError as error:
        raise CityError(_sentences(f"{folder.name}/{CARD}", error, lines)) from None
    for key, name in [*(("files", name) for name in card.files), *card.named_files()]:
        file_inside(folder, name, key)
    return card


def _sentences(name: str, error: ValidationError, lines: dict[tuple, int]) -> str:
    found: dict[tuple, ErrorDetails] = {}
    for mistake in error.errors(include_url=False):
        # a value that fits no branch of ``a | b`` is told of once
        path = tuple(part for part in mistake["loc"] if not _is_union_branch(part))
        found.setdefault(path, mistake)
    told = []
    for path, mistake in islice(found.items(), _SHOWN):
        line = _line(path, lines)
        told.append(f"{name}{f', line {line}' if line else ''}: {_sentence(path, mistake)}")
    if len(found) > _SHOWN:
        told.append(f"{name}: {len(found) - _SHOWN} more mistakes follow these")
    return "\n".join(told)


def _line(path: tuple, lines: dict[tuple, int]) -> int | None:
    """Line of a key, or of the nearest key around it that is written down."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def _is_union_branch(part: Any) -> bool:
    """Whether pydantic put this into the location to tell branches of ``a | b`` apart."""
    return isinstance(part, str) and (part in ("str", "int", "float") or "[" in part)


def _sentence(path: tuple, mistake: ErrorDetails) -> str:
    # repr shows a character that nobody sees by its number
    key = ".".join(repr(str(part))[1:-1] for part in path if part != "[key]")
    kind, value, context = mistake["type"], mistake["input"], mistake.get("ctx", {})
    if kind == "extra_forbidden":
        known = list(_fields_at(path[:-1]))
        hint = near(path[-1], known) or f"; known keys: {', '.join(known)}"
        return f"unknown key {key!r}{hint}"
    if kind == "missing":
        return f"the key {key!r} is missing; add it (docs/data.md says what it means)"
    if kind == "literal_error":
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = near(value, known) or f"; write one of {', '.join(k for k in known if k)}"
        return f"{key} is {value!r}, which is not known{hint}"
    if kind == "string_pattern_mismatch" and "EPSG" in context.get("pattern", ""):
        return f"{key} is {value!r}; write a coordinate system as EPSG:<number>"
    if kind == "string_pattern_mismatch":
        return f"{key} is {value!r}; write the 64 hexadecimal digits that sha256sum prints"
    if kind in ("string_type", "invalid_key"):
        return f"{key} is {value!r}, which YAML does not read as text; put it between quotes"
    if kind == "string_too_short":
        return f"{key} is empty; write a text"
    if kind in ("list_type", "dict_type", "model_type", "model_attributes_type"):
        shape = "a list" if kind == "list_type" else "keys with values"
        return f"{key or 'the file'} is {value!r} where {shape} belongs; see docs/data.md"
    if kind == "value_error":
        return f"{key + ': ' if key else ''}{context['error']}"
    return f"{key} is {value!r}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}"


def _fields_at(path: tuple) -> list[str]:
    """Keys that the model allows at a place of city.yml."""
    models: list[type[BaseModel]] = [Card]
    free_name_next = False
    for part in path:
        if free_name_next:
            free_name_next = False
            continue
        holding = next((model for model in models if part in model.model_fields), None)
        if holding is None:
            return []
        annotation = holding.model_fields[part].annotation
        models = _models_in(annotation)
        free_name_next = get_origin(annotation) is dict
    return [name for model in models for name in model.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
