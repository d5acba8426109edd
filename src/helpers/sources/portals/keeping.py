"""Downloads, each kept in the user's cache with its address, its date and its hash."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..files import sha256_of
from . import arcgis, ckan, police_uk, progress, socrata
from .addresses import Address, address_of
from .files import write_file
from .pages import Brought
from .patience import Patience

if TYPE_CHECKING:
    from .client import Client

CACHE_VARIABLE = "POLICE_PLANNING_DOWNLOADS"
_RECORD = "record.json"


@dataclass(frozen=True)
class Download:
    """A file that was brought.

    Attributes
    ----------
    path : Path
        Where it is kept.
    address : str
        As it may be shown: no user, no password, no key.
    sha256 : str
    when : str
        Day of the download, ISO 8601.
    facts : list of str
    kept : bool
        Whether it was there from before.
    """

    path: Path
    address: str
    sha256: str
    when: str
    facts: list[str] = field(default_factory=list)
    kept: bool = False


def cache_folder() -> Path:
    """Folder of the downloads: the user's cache, or what ``POLICE_PLANNING_DOWNLOADS`` names."""
    import pooch

    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else Path(pooch.os_cache("police-planning-compendium"))


def download(
    text: str,
    *,
    months: str = "",
    fresh: bool = False,
    patience: Patience | None = None,
) -> Download:
    """Bring what an address leads to: a file, or all pages of a layer or table of a portal.

    The form of the address tells which: a layer of an ArcGIS server, a data set of Socrata or
    CKAN, street crimes of data.police.uk; anything else is a file.

    Parameters
    ----------
    text : str
        Address; user, password and keys in it are used and never written down.
    months : str
        ``2023-05`` or ``2023-05:2023-07``, for the street crimes of data.police.uk.
    fresh : bool
        Whether to bring again what is kept from before.
    patience : Patience, optional

    Returns
    -------
    Download

    Raises
    ------
    SourceError
        What the server answers is no data, or the server cannot be reached.
    """
    import pooch

    from .client import Client

    pooch.get_logger().setLevel(logging.WARNING)  # it would say paths of the machine
    address = address_of(text)
    # of all that tells one answer from another, secrets too; nothing can be read out of it
    key = hashlib.sha256(f"{address.url} {months}".encode()).hexdigest()[:20]
    folder = cache_folder() / key
    if not fresh and (known := _kept(folder)):
        return known
    _make(folder)
    if fresh:
        _empty(folder)
    write = _reader(address, months)
    brought: list[Brought] = []
    with progress.bar(address.host) as shown:
        client = Client(patience or Patience(), progress.told, shown)

        def bring(url: str, output_file: str, _: object) -> None:
            brought.append(write(client, address, folder, Path(output_file)))

        whole = Path(pooch.retrieve(address.shown, None, "whole", folder, downloader=bring))
    path = folder / brought[0].name
    whole.replace(path)
    made = Download(
        path, address.shown, sha256_of(path), dt.date.today().isoformat(), brought[0].facts
    )
    _write_record(folder, made)
    return made


Writer = Callable[["Client", Address, Path, Path], Brought]


def _reader(address: Address, months: str) -> Writer:
    if police_uk.is_api(address):
        return lambda c, a, f, t: police_uk.write(c, a, f, t, months)
    if arcgis.is_layer(address):
        return arcgis.write
    if socrata.code_of(address):
        return socrata.write
    if ckan.is_ckan(address):
        return ckan.write
    return write_file


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SourceError(
            f"the folder of downloads cannot be written to ({error.strerror}); name another one in the "
            f"environment variable {CACHE_VARIABLE}"
        ) from None


def _kept(folder: Path) -> Download | None:
    """What was brought before, if it is still what it was."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        path = folder / Path(record.pop("name")).name
        known = Download(path, **record, kept=True)
        return known if sha256_of(path) == known.sha256 else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _write_record(folder: Path, made: Download) -> None:
    record = {k: v for k, v in asdict(made).items() if k not in ("path", "kept")}
    text = json.dumps({"name": made.path.name, **record}, ensure_ascii=False, indent=1)
    part = folder / f"{_RECORD}.part"
    part.write_text(text, encoding="utf-8")
    part.replace(folder / _RECORD)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
