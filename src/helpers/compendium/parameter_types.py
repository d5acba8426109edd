"""Types of parameters, in the few words of a section's card, and values brought to them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

_FORM = re.compile(
    r"(?:(?P<shape>list|dict) of (?:(?P<count>[1-9]\d*) )?)?(?P<item>str|int|float|bool)"
)
_EITHER = re.compile(r"(?P<item>str|int|float|bool) or dict of (?P=item)")
_ONE = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "True or False"}
_MANY = {"str": "texts", "int": "whole numbers", "float": "numbers", "bool": "True or False"}


class WrongTypeError(ValueError):
    """A value that is not of the type; the text says why where more than the type matters."""


@dataclass(frozen=True)
class ParameterType:
    """``str``, ``int``, ``float``, ``bool``, a ``list of`` them or of a count, a ``dict of`` them, or
    one for all ``or dict of`` them.

    Attributes
    ----------
    item
        The type of the value, or of each in a list or behind each key.
    shape
        ``list``, ``dict``, ``either`` (one value or a dict) or empty.
    count
        How many a list must hold, where it matters.
    """

    item: str
    shape: str = ""
    count: int | None = None

    @classmethod
    def read(cls, text: str) -> ParameterType:
        """The type that a card states.

        Raises
        ------
        ValueError
            It states another.

        Examples
        --------
        >>> ParameterType.read("list of 4 float")
        ParameterType(item='float', shape='list', count=4)
        """
        if either := _EITHER.fullmatch(text):
            return cls(either["item"], "either")
        found = _FORM.fullmatch(text)
        if not found or (found["shape"] == "dict" and found["count"]):
            raise ValueError(
                f"{text!r} is no type of a parameter; write for example str, list of str, list of "
                "4 float or dict of str."
            )
        count = int(found["count"]) if found["count"] else None
        return cls(found["item"], found["shape"] or "", count)

    @classmethod
    def of(cls, default: Any) -> ParameterType | None:
        """The type that a default shows, None where it shows none (an empty list)."""
        if isinstance(default, list | dict):
            items = default.values() if isinstance(default, dict) else default
            names = {type(item).__name__ for item in items}
            names = {"float"} if names == {"int", "float"} else names
            if len(names) != 1 or not names <= set(_ONE):
                return None
            return cls(names.pop(), type(default).__name__)
        name = type(default).__name__
        return cls(name) if name in _ONE else None

    @property
    def words(self) -> str:
        """The type as a sentence names it.

        Examples
        --------
        >>> ParameterType.read("list of 4 float").words
        'a list of 4 numbers'
        """
        if not self.shape:
            return _ONE[self.item]
        if self.shape == "dict":
            return f"keys with {_MANY[self.item]}"
        if self.shape == "either":
            return f"{_ONE[self.item]}, or keys with {_MANY[self.item]}"
        return f"a list of {f'{self.count} ' if self.count else ''}{_MANY[self.item]}"

    def bring(self, value: Any) -> Any:
        """A value of this type: as given, or an int as a float, one value as a list of one.

        Raises
        ------
        WrongTypeError
            The value is of another type.

        Examples
        --------
        >>> ParameterType.read("list of str").bring("population")
        ['population']
        >>> ParameterType.read("float or dict of float").bring(30)
        30.0
        """
        if self.shape == "dict" or (self.shape == "either" and isinstance(value, dict)):
            if not isinstance(value, dict):
                raise WrongTypeError
            return {key: self._one(item) for key, item in value.items()}
        if self.shape == "list":
            listed = value if isinstance(value, list) else [value]
            if self.count not in (None, len(listed)):
                raise WrongTypeError
            return [self._one(item) for item in listed]
        if self.item == "str" and type(value) in (int, float):
            return str(value)
        return self._one(value)

    def _one(self, value: Any) -> Any:
        if self.item == "float" and type(value) is int:
            return float(value)
        if type(value).__name__ != self.item:
            if self.item == "str" and not isinstance(value, list | dict):
                raise WrongTypeError("put each text between quotes")
            raise WrongTypeError
        if self.item == "float" and not math.isfinite(value):
            raise WrongTypeError
        return value
