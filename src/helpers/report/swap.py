"""Replaces a folder by another in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path


def replace_folder(new: Path, old: Path) -> None:
    """Put folder `new` in the place of folder `old`, which is removed.

    Where the system can exchange two folders in one step (Linux, macOS), a reader always finds a
    whole folder at `old`, whatever moment the process is killed in.  Elsewhere there is an instant
    between two renames; `recover` mends what a kill in that instant leaves.

    Parameters
    ----------
    new, old
        Folders side by side on one file system; `old` may be absent.
    """
    aside = _aside(old)
    if not old.exists():
        new.rename(old)
        return
    if not _exchange(new, old):
        _remove(aside)
        old.rename(aside)
        new.rename(old)
        _remove(aside)
        return
    # the exchange left the old folder under the new one's name
    _remove(new)


def recover(old: Path) -> None:
    """Bring back a folder that a kill left set aside, and remove what else it left."""
    aside = _aside(old)
    if aside.exists() and not old.exists():
        aside.rename(old)
    _remove(aside)


def _aside(old: Path) -> Path:
    return old.with_name(f".{old.name}-old")


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two paths by the system's own call; False where there is none."""
    names = os.fsencode(a), os.fsencode(b)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
            return library.renameat2(here, names[0], here, names[1], exchange) == 0
        if sys.platform == "darwin":
            return library.renamex_np(*names, 2) == 0  # RENAME_SWAP
    except (OSError, TypeError, AttributeError):
        # no such library (Windows) or no such call (old systems): two renames do
        pass
    return False
