"""What an archive may hold before anything of it is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from pathlib import PureWindowsPath

from .errors import SourceError

LARGEST_UNPACKED = 8 * 1024**3  # bytes, unpacked
_RATIO = 200  # text of crimes packs about 10:1; zeros pack 1000:1
_SMALL = 64 * 1024**2  # bytes; below it no ratio can hurt
_MEMBERS = 20_000


def refuse_strange(name: str, members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose list of files shows that it is no honest one.

    Raises
    ------
    SourceError
        It holds too many files, names a place outside, holds links, is locked, or unpacks to far more
        than its size.
    """
    if len(members) > _MEMBERS:
        raise SourceError(f"{name} holds {len(members):,} files; give the ones of crimes alone")
    for item in members:
        steps = PureWindowsPath(item.filename)
        if steps.is_absolute() or steps.drive or steps.root or ".." in steps.parts:
            raise SourceError(
                f"{name}: {item.filename[:80]!r} leads out of the archive; do not trust it, get it "
                "again from its source"
            )
        if stat.S_ISLNK(item.external_attr >> 16):
            raise SourceError(f"{name}: {item.filename[:80]!r} is a link; pack the file itself")
        if item.flag_bits & 1:
            raise SourceError(f"{name} is locked with a password; unpack it and give the folder")
    total = sum(item.file_size for item in members)
    packed = sum(item.compress_size for item in members)
    if total > LARGEST_UNPACKED or (total > _SMALL and total > _RATIO * max(packed, 1)):
        raise SourceError(
            f"{name} unpacks from {packed / 1e6:,.1f} MB to {total / 1e6:,.0f} MB, as no table "
            "does; unpack it yourself if you trust it, and give the folder"
        )
