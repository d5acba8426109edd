"""Find a city's folder, keep its files inside it."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from helpers.cities.errors import CityError, near
from helpers.project import RAW

CARD = "city.yml"
_NAME = re.compile(r"\w[\w-]*", re.UNICODE)


def list_cities() -> list[str]:
    """Names of the bundled cities: the folders of data/raw that hold a city.yml."""
    return sorted(card.parent.name for card in RAW.glob(f"*/{CARD}"))


def find_folder(name_or_path: str | Path) -> Path:
    """Folder of a city, given the name of a bundled one or the path of any other.

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
        raise CityError(
            f"no city named {text!r}{near(text, bundled)} (bundled: {', '.join(bundled) or 'none'};"
            f" for another city give the path of its folder)"
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


def file_inside(folder: Path, name: str, key: str) -> Path:
    """Path of a file that city.yml names, inside the city's folder.

    Raises
    ------
    CityError
        The name is absolute, climbs out of the folder, or is a link that leads out of it.
    """
    card = f"{folder.name}/{CARD}"
    refusal = (
        f"{card}: {key} names {name!r}, which leaves the city's folder; put the file inside it and "
        "give its name alone"
    )
    windows = PureWindowsPath(name)
    if windows.is_absolute() or windows.drive or windows.root or ".." in windows.parts:
        raise CityError(refusal)
    if "\\" in name:
        raise CityError(f"{card}: {key} names {name!r}; write / between folders")
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        raise CityError(f"{card}: {key} names {name!r}, which is no file name") from None
    if not inside:
        raise CityError(refusal)
    return path
