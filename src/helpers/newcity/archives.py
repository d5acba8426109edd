"""Unpack an archive of somebody else's into a folder of ours, or refuse it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from helpers.sources import SourceError, refuse_strange

from .errors import NewCityError

_BLOCK = 1 << 20


def unpack(path: Path, target: Path, keep: Callable[[str], bool] = bool) -> list[Path]:
    """Files of a zip whose names `keep` takes, written below `target`.

    Raises
    ------
    NewCityError
        It is no zip, is locked, names a place outside, holds links, or unpacks to far more than
        its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [i for i in archive.infolist() if not i.is_dir() and keep(i.filename)]
            refuse_strange(path.name, members)
            return [_written(path.name, archive, item, target) for item in members if _wanted(item)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise NewCityError(
            f"{path.name} is damaged or is no zip; download it again, or unpack it and give the folder"
        ) from None
    except SourceError as error:
        raise NewCityError(str(error)) from None
    except RuntimeError:
        raise NewCityError(
            f"{path.name} is locked with a password; unpack it and give the folder"
        ) from None


def _wanted(item: zipfile.ZipInfo) -> bool:
    steps = PurePosixPath(item.filename).parts
    return not any(step.startswith(".") or step == "__MACOSX" for step in steps)


def _written(name: str, archive: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path) -> Path:
    place = target.joinpath(*PurePosixPath(item.filename.replace("\\", "/")).parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    left = item.file_size  # what it says of itself; a bomb says less than it holds
    with archive.open(item) as source, place.open("wb") as sink:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise NewCityError(f"{name}: {item.filename!r} is larger than it says; refused")
            sink.write(block)
    return place


def copied(source: Path, target: Path) -> None:
    """Copy a file as it is, never a link."""
    if source.is_symlink():
        raise NewCityError(f"{source} is a link; give the file itself")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
