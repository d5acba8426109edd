"""The error of a city that cannot be used as it is."""

from __future__ import annotations

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
