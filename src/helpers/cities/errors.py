"""The error of a city that cannot be used as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

Stated = TypeVar("Stated")


class CityError(ValueError):
    """One sentence: which file, row and column of a city is wrong, and how to mend it."""


def stated(value: Stated | None, where: str) -> Stated:
    """What a card says at a place where it says something, as its rules ask it to.

    Parameters
    ----------
    value
        A layer's description, or a key of it.
    where
        The place, as messages name it: ``leeds/city.yml, layers.events``.

    Raises
    ------
    CityError
        It says nothing there.

    Examples
    --------
    >>> stated("code", "leeds/city.yml, layers.zones.geometry.key")
    'code'
    >>> stated(None, "leeds/city.yml, layers.events")
    Traceback (most recent call last):
    helpers.cities.errors.CityError: leeds/city.yml, layers.events: nothing is stated; state it
    """
    if value is None:
        raise CityError(f"{where}: nothing is stated; state it")
    return value


@dataclass
class Faults:
    """Faults that are gathered instead of raised.

    Attributes
    ----------
    sentences : list of str
    cells : set of (str, int, str)
        Table, position of the row and column of what was told already, so that nothing which
        follows from a cell is told again.
    """

    sentences: list[str] = field(default_factory=list)
    cells: set[tuple[str, int, str]] = field(default_factory=set)


_FAULTS: ContextVar[Faults | None] = ContextVar("faults", default=None)


def gathered() -> Faults | None:
    """Where faults are gathered; None where the first is raised."""
    return _FAULTS.get()


@contextmanager
def gather_faults() -> Iterator[Faults]:
    """Gather the faults of cells inside, for a list of all of them; what is read is of no use then."""
    faults = Faults()
    token = _FAULTS.set(faults)
    try:
        yield faults
    finally:
        _FAULTS.reset(token)
