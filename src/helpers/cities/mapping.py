"""Where a column of a layer comes from: one of the file, several of it, or one value for all rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, StringConstraints, Tag

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


def _form(value: Any) -> str:
    return "[constant]" if isinstance(value, dict | Constant) else "[text]"


# the brackets mark a branch of the union, which no message names
Source = Annotated[
    Annotated[Text, Tag("[text]")] | Annotated[Constant, Tag("[constant]")], Discriminator(_form)
]
