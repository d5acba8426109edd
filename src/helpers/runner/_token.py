"""The file by which the workers of a cluster know that the run that sent their jobs is still on."""

from __future__ import annotations

from pathlib import Path

from helpers.compendium import processed_dir, writing

RUN_FILE = ".cluster"


def announce(token: str) -> Path:
    """Make `token` the run that is on, and give the file that says so."""
    path = _path()
    with writing(path):
        path.write_text(token, encoding="utf-8")
    return path


def dismiss() -> None:
    """End whatever an earlier run left at work on a cluster: its token is gone."""
    path = _path()
    with writing(path):
        path.unlink(missing_ok=True)


def is_on(file: str, token: str) -> bool:
    """Whether the run of that token is on, as its file says where it is seen from here.

    A file system that does not answer for a moment is no reason to end anything.
    """
    try:
        return Path(file).read_text(encoding="utf-8") == token
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _path() -> Path:
    return processed_dir() / RUN_FILE
