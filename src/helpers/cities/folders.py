"""Keep the files of a city inside its folder: every read of it passes here."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from helpers.sources import sha256_of

from .errors import CityError

CARD = "city.yml"
SOURCES = "SOURCES.md"


def file_inside(folder: Path, name: str, key: str) -> Path:
    """Path of a file of a city, which may be missing but is no other thing than a file.

    Parameters
    ----------
    folder : Path
        The city's folder.
    name : str
        The file's name in it, with ``/`` between folders.
    key : str
        What names the file, for messages: a key of city.yml, or a row of a table.

    Raises
    ------
    CityError
        The name is absolute, hidden, climbs out of the folder or is none; the file, or a folder
        on the way to it, is a link (one that stays inside the folder as well, because what it leads to
        may change between two looks at it), a device or a pipe.
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
    steps = PurePosixPath(name).parts
    if not steps:
        raise CityError(f"{card}: {key} names {name!r}, which is no file name")
    if any(step.startswith(".") for step in steps):
        raise CityError(f"{card}: {key} names {name!r}, which is hidden; rename it without the dot")
    path = folder
    for depth, step in enumerate(steps, start=1):
        path = path / step
        shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        try:
            mode = path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            break
        except (OSError, ValueError):
            raise CityError(f"{card}: {key} names {name[:80]!r}, which is no file name") from None
        if stat.S_ISLNK(mode) or _is_junction(path):
            raise CityError(
                f"{shown} is a link, which may lead out of the city's folder; put the file itself "
                "there"
            )
        if depth == len(steps) and not stat.S_ISREG(mode):
            raise CityError(f"{shown} is not a file; name a file")
    return folder.joinpath(*steps)


def _is_junction(path: Path) -> bool:
    # Windows has links of folders that are no symbolic links
    return getattr(os.path, "isjunction", lambda _: False)(path)


def verified(folder: Path, name: str, stated: Mapping[str, str], key: str = "a layer") -> Path:
    """Path of a file that must be as city.yml says, where it says so.

    Parameters
    ----------
    folder, name, key
        As in `file_inside`.
    stated : mapping
        From name to SHA-256.

    Raises
    ------
    CityError
        As `file_inside`; or the file's hash is stated and the file is missing or another.
    """
    path = file_inside(folder, name, key)
    digest = stated.get(name)
    if digest is None:
        return path
    shown = f"{folder.name}/{name}"
    try:
        found = sha256_of(path)
    except FileNotFoundError:
        raise CityError(
            f"{shown}: no such file; put it there or correct its name in {CARD}"
        ) from None
    except OSError as error:
        raise CityError(
            f"{shown} cannot be read ({error.strerror or error}); check its permissions"
        ) from None
    if found != digest:
        raise CityError(
            f"{shown} has changed: its sha256 begins with {found[:12]} but {CARD} says "
            f"{digest[:12]}; put the original back, or state the new hash under files ({found})"
        )
    return path
