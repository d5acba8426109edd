"""Reads a city's folder for its page: nothing outside of it, nothing hidden, no links."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from helpers.compendium import file_hash

UNREADABLE = "cannot be read"


def read_text(folder: Path, name: str) -> str:
    """Text of a file right inside a city's folder; empty where there is no such file to read.

    Parameters
    ----------
    folder
        The city's folder.
    name
        The file's name; a link and a path are refused.
    """
    path = folder / name
    if Path(name).name != name or not _is_plain_file(path):
        return ""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def list_files(folder: Path) -> tuple[tuple[str, int, str], ...]:
    """Name, size in bytes and SHA-256 of every file of a city's folder, sorted by name.

    Links are left out, and so is whatever is hidden or lies in a hidden folder: version control,
    an environment, an editor's notes.

    Parameters
    ----------
    folder
        The city's folder.
    """
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in files if not name.startswith(".")):
            if _is_plain_file(path):
                found.append(path)
    return tuple((p.relative_to(folder).as_posix(), *_described(p)) for p in sorted(found))


def _described(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_size, file_hash(path)
    except OSError:
        return 0, UNREADABLE


def _is_plain_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False
