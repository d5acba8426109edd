"""Where a column of a layer comes from: one of the file, several of it, or one value for all rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

from helpers.sources import UNSEEN


def seen(text: str) -> str:
    """A text without unseen characters."""
    if found := UNSEEN.search(text):
        raise ValueError(f"the text holds the unseen character U+{ord(found[0]):04X}; remove it")
    return text


def one_line(text: str) -> str:
    """A text of one line without unseen characters."""
    if "\n" in text:
        raise ValueError("the text has a line break; write one line")
    return seen(text)


Text = Annotated[
    str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(one_line)
]


# keys and values as written: no others, nothing converted, nothing changed later
PLAIN = ConfigDict(extra="forbid", frozen=True, strict=True)


class Constant(BaseModel):
    """One value for every row, because no column says it.

    Attributes
    ----------
    constant : str
    """

    model_config = PLAIN

    constant: Text


class TimeParts(BaseModel):
    """Columns that hold parts of a time as whole numbers.

    Attributes
    ----------
    year, month, day, hour, minute : str
        Names of columns.
    """

    model_config = PLAIN

    year: Text
    month: Text
    day: Text | None = None
    hour: Text | None = None
    minute: Text | None = None

    def named(self) -> dict[str, str]:
        """The columns that are given, by the part that they hold."""
        return {part: name for part in TIME_PARTS if (name := getattr(self, part)) is not None}


TIME_PARTS = ("year", "month", "day", "hour", "minute")


def _form(value: Any) -> str:
    if isinstance(value, list):
        return "[several]"
    if isinstance(value, TimeParts) or (
        isinstance(value, dict) and not {*TIME_PARTS}.isdisjoint(value)
    ):
        return "[parts]"
    return "[constant]" if isinstance(value, dict | Constant) else "[text]"


# the brackets mark a branch of the union, which no message names
Source = Annotated[
    Annotated[Text, Tag("[text]")]
    | Annotated[list[Text], Field(min_length=2, max_length=6), Tag("[several]")]
    | Annotated[TimeParts, Tag("[parts]")]
    | Annotated[Constant, Tag("[constant]")],
    Discriminator(_form),
]
