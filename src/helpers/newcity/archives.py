"""Unpack an archive of somebody else's into a folder of ours, or refuse it."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from .errors import NewCityError

LARGEST = 8 * 1024**3  # bytes, unpacked
_RATIO = 200  # text of crimes packs about 10:1; zeros pack 1000:1
_SMALL = 64 * 1024**2  # bytes; below it no ratio can hurt
_MEMBERS = 20_000
_BLOCK = 1 << 20


def unpack(path: Path, target: Path) -> list[Path]:
    """Files of a zip, written below `target`.

    Raises
    ------
    NewCityError
        It is no zip, is locked, names a place outside, holds links, or unpacks to far more than
        its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            _refuse_strange(path.name, members)
            return [_written(path.name, archive, item, target) for item in members if _wanted(item)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zipfile.zlib.error):  # type: ignore[attr-defined]
        raise NewCityError(
            f"{path.name} is damaged or is no zip; download it again, or unpack it and give the folder"
        ) from None
    except RuntimeError:
        raise NewCityError(
            f"{path.name} is locked with a password; unpack it and give the folder"
        ) from None


def _wanted(item: zipfile.ZipInfo) -> bool:
    steps = PurePosixPath(item.filename).parts
    return not any(step.startswith(".") or step == "__MACOSX" for step in steps)


def _refuse_strange(name: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MEMBERS:
        raise NewCityError(f"{name} holds {len(members):,} files; give the ones of crimes alone")
    for item in members:
        steps = PureWindowsPath(item.filename)
        if steps.is_absolute() or steps.drive or steps.root or ".." in steps.parts:
            raise NewCityError(
                f"{name}: {item.filename[:80]!r} leads out of the archive; do not trust it, get it "
                "again from its source"
            )
        if stat.S_ISLNK(item.external_attr >> 16):
            raise NewCityError(f"{name}: {item.filename[:80]!r} is a link; pack the file itself")
        if item.flag_bits & 1:
            raise NewCityError(f"{name} is locked with a password; unpack it and give the folder")
    total = sum(item.file_size for item in members)
    packed = sum(item.compress_size for item in members)
    if total > LARGEST or (total > _SMALL and total > _RATIO * max(packed, 1)):
        raise NewCityError(
            f"{name} unpacks from {packed / 1e6:,.1f} MB to {total / 1e6:,.0f} MB, as no table "
            "does; unpack it yourself if you trust it, and give the folder"
        )


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
