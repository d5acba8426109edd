"""Find a city by its name or its folder, with derived layers kept by the store."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpers.checks import near
from helpers.cities import CARD, City, CityError, load_city

from .card import (
    AUTO,
    ParameterError,
    check_parameters,
    list_sections,
    read_section,
)
from .derived import keeper
from .handing import taker
from .paths import CITIES, RAW

_NAME = re.compile(r"\w[\w-]*", re.UNICODE)


def list_cities() -> list[str]:
    """Names of the bundled cities: the folders of data/raw that hold a city.yml."""
    return sorted(card.parent.name for card in RAW.glob(f"*/{CARD}"))


def own_cities() -> list[str]:
    """Names of the user's own cities: the folders of ``cities/`` that hold a city.yml."""
    return sorted(card.parent.name for card in CITIES.glob(f"*/{CARD}"))


def find_city(name_or_path: str | Path) -> City:
    """A city by the name of a bundled one, of one in ``cities/``, or by the path of its folder.

    Only city.yml is read; a layer is read and checked when it is asked for, and a derived one is
    kept with the city's results.  Within a run, layers that its check of the city has read are not
    read again.

    Parameters
    ----------
    name_or_path
        Text that is no known name is taken as a path.

    Raises
    ------
    CityError
        No such city (near names are suggested), or its city.yml breaks a rule of docs/data.md
        or sets a parameter that a section has not, or to a value of another type.

    Examples
    --------
    >>> town = find_city("setubal")
    >>> town.crs, town.has("zones"), town.has("events")
    ('EPSG:3763', True, False)
    """
    folder = find_folder(name_or_path)
    town = load_city(folder, keep=keeper(folder.name), handed=taker())
    parameters = _checked_parameters(town)
    if parameters == town.parameters:
        return town
    return replace(town, card=town.card.model_copy(update={"parameters": parameters}))


def _checked_parameters(town: City) -> dict[str, dict[str, Any]]:
    """The parameters that city.yml sets, each brought to the type that its section states."""
    known = list_sections()
    checked = {}
    for section, values in town.parameters.items():
        where = f"{town.name}/{CARD}, parameters.{section}"
        if not values:
            continue  # it sets nothing
        if section not in known:
            # a checkout may hold a part of the notebooks, and bundled cities speak of all
            if town.folder.parent == RAW.resolve():
                checked[section] = values
                continue
            hint = near(section, known) or f"; the sections are {', '.join(known)}"
            raise CityError(f"{where}: there is no section {section!r}{hint}")
        card = read_section(section)
        automatic = [name for name, p in card.parameters.items() if p.default == AUTO]
        for name in values:
            if name not in automatic:
                raise CityError(
                    f"{town.name}/{CARD} sets {name!r} for section {section}, which a city cannot"
                    f"{near(name, automatic) or ';'} it may set: {', '.join(automatic) or 'nothing'}"
                )
        try:
            checked[section] = check_parameters(card, values)
        except ParameterError as error:
            raise CityError(f"{where}: {error}") from None
    return checked


def find_folder(name_or_path: str | Path) -> Path:
    """Folder of a city, as `find_city` finds it.

    Raises
    ------
    CityError
        No such city, a folder without city.yml, a folder name that cannot name outputs, or one
        that is already the name of a bundled city.
    """
    text = str(name_or_path)
    bundled = list_cities()
    if text in bundled:
        return (RAW / text).resolve()
    if _NAME.fullmatch(text) and (CITIES / text / CARD).is_file():
        return (CITIES / text).resolve()
    folder = Path(text).expanduser()
    try:
        folder = folder.resolve()
        has_card = (folder / CARD).is_file()
        is_folder = folder.is_dir()
    except (OSError, ValueError, RuntimeError):
        has_card = is_folder = False
    if not has_card:
        if is_folder and _looks_like_path(text):
            raise CityError(f"{text!r} is not a city: the folder has no {CARD} (see docs/data.md)")
        own = own_cities()
        yours = f"; yours: {', '.join(own)}" if own else ""
        raise CityError(
            f"no city named {text!r}{near(text, [*bundled, *own])} (bundled: "
            f"{', '.join(bundled) or 'none'}{yours}; for another city give the path of its folder)"
        )
    name = folder.name
    if not _NAME.fullmatch(name):
        raise CityError(
            f"a city's folder may not be named {name!r}, because outputs carry its name; use "
            "letters, digits, _ and - only"
        )
    for other in bundled:
        if name.casefold() == other.casefold() and folder != (RAW / other).resolve():
            raise CityError(
                f"the folder {name!r} has the name of a bundled city; rename it, so that its "
                "outputs do not replace the other's"
            )
    return folder


def _looks_like_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.startswith(".")
