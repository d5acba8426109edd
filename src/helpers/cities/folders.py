"""Keep the files of a city inside its folder."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from helpers.cities.errors import CityError

CARD = "city.yml"


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
