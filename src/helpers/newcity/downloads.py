"""Files that a person names by their address, and the files of an archive that are meant."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from helpers.sources import (
    Download,
    Patience,
    SourceError,
    check_choice,
    download,
    is_address,
    is_wanted,
)

from .choices import Choices, Question
from .errors import NewCityError

ALL = "all"
_LARGE = 500_000_000  # bytes of tables that are read without a question


def brought(
    named: str | Path,
    downloads: dict[Path, Download],
    *,
    months: str = "",
    fresh: bool = False,
    patience: Patience | None = None,
) -> Path:
    """The file that a person names: itself, or what its address leads to, kept in `downloads`.

    Raises
    ------
    NewCityError
        The address leads to nothing that can be read.
    """
    if isinstance(named, Path) or not is_address(named):
        return Path(named)
    try:
        made = download(str(named), months=months, fresh=fresh, patience=patience)
    except SourceError as error:
        raise NewCityError(str(error)) from None
    downloads[made.path] = made
    when = f"; kept since {made.when}, --fresh brings it again" if made.kept else ""
    for fact in made.facts:
        print(f"  {fact}{when}")
    return made.path


def chosen_files(choices: Choices) -> Callable[[str], bool] | None:
    """Which files of an archive of data.police.uk are meant; None where all are."""
    forces = _forces(choices) or [""]
    if forces == [""] and not choices.months:
        return None
    return lambda name: any(is_wanted(name, force, choices.months) for force in forces)


def force_question(choices: Choices) -> Question | None:
    """What is open about the forces of an archive of data.police.uk, None where nothing is.

    Raises
    ------
    NewCityError
        A force or months that the archive does not hold; or the files are of no such archive.
    """
    path = choices.events
    if choices.downloads.get(path) is not None and path.suffix == ".csv":
        return None  # the months were asked from the server
    sizes = _files_of(path)
    try:
        told = check_choice(path.name, sizes, _forces(choices), choices.months)
    except SourceError as error:
        raise NewCityError(str(error)) from None
    enclosed = choices.boundary is not None or choices.zones is not None
    large = sum(size for name, size in sizes.items() if is_wanted(name, "", choices.months))
    if not told or (enclosed and large < _LARGE):
        return None
    offer = ALL if large < _LARGE else ""
    return Question(
        f"{told}, several parted by commas, or --force {ALL}", {"a force": ("force", None)}, offer
    )


def _forces(choices: Choices) -> list[str] | None:
    """Forces that are chosen; an empty list is all, None is no choice."""
    if not choices.force:
        return None
    if choices.force.strip().lower() == ALL:
        return []
    return [force.strip() for force in choices.force.split(",") if force.strip()]


def _files_of(path: Path) -> dict[str, int]:
    """Names and sizes of the files of a folder or a zip, nothing else read."""
    if path.is_symlink():
        return {}
    if path.is_dir():
        return {p.name: p.stat().st_size for p in path.rglob("*.csv") if not p.is_symlink()}
    if path.suffix.lower() == ".zip" and path.is_file():
        try:
            with zipfile.ZipFile(path) as archive:
                return {item.filename: item.file_size for item in archive.infolist()}
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            return {}  # told in a sentence where it is read
    return {path.name: 0}
