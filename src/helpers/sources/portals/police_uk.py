"""data.police.uk: the forces and months of its archives, and its street crimes by month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from helpers.checks import near

from ..errors import SourceError
from .addresses import Address
from .pages import Brought, Pages, flat, objects, write_records

if TYPE_CHECKING:
    from .client import Client

_FILE = re.compile(
    r"(\d{4}-\d{2})-([a-z][a-z0-9-]*?)-(street|outcomes|stop-and-search)\.csv", re.IGNORECASE
)
_MONTHS = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?::(\d{4}-(?:0[1-9]|1[0-2])))?")
_API = re.compile(r"^/api/crimes-(street/[\w-]+|at-location|no-location)$")
_COLUMNS = {
    "persistent_id": "Crime ID", "month": "Month", "location.longitude": "Longitude",
    "location.latitude": "Latitude", "location.street.name": "Location", "category": "Crime type",
    "outcome_status.category": "Last outcome category", "id": "id",
}  # fmt: skip


def months_between(text: str) -> list[str]:
    """Months of ``2023-05`` or ``2023-05:2023-07``.

    Raises
    ------
    SourceError
        Another form, or the last month stands before the first.

    Examples
    --------
    >>> months_between("2023-11:2024-01")
    ['2023-11', '2023-12', '2024-01']
    """
    found = _MONTHS.fullmatch(text.strip())
    if not found:
        raise SourceError(f"--months {text[:40]!r} is none; write 2023-05, or 2023-05:2023-07")
    first, last = found[1], found[2] or found[1]
    if last < first:
        raise SourceError(f"--months {text}: the last month stands before the first")
    year, month = map(int, first.split("-"))
    out = []
    while (one := f"{year:04d}-{month:02d}") <= last:
        out.append(one)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return out


def forces_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Forces of an archive and the months of their street files, from the names of its files.

    Examples
    --------
    >>> forces_of(["2023-05/2023-05-kent-street.csv", "2023-05/2023-05-kent-outcomes.csv", "a.csv"])
    {'kent': ['2023-05']}
    """
    forces: dict[str, set[str]] = {}
    for name in names:
        found = _FILE.fullmatch(PurePosixPath(name).name)
        if found and found[3].lower() == "street":
            forces.setdefault(found[2].lower(), set()).add(found[1])
    return {force: sorted(months) for force, months in sorted(forces.items())}


def is_wanted(name: str, force: str, months: str) -> bool:
    """Whether a file of an archive is of that force and those months; other files are.

    Examples
    --------
    >>> is_wanted("2023-05-kent-street.csv", "kent", "2023-05:2023-06")
    True
    >>> is_wanted("2023-05-essex-street.csv", "kent", "")
    False
    """
    found = _FILE.fullmatch(PurePosixPath(name).name)
    if not found:
        return True
    if force and found[2].lower() != force.lower():
        return False
    return not months or found[1] in months_between(months)


def check_choice(name: str, names: Iterable[str], chosen: Sequence[str] | None, months: str) -> str:
    """Refuse forces or months that an archive does not hold; the sentence that asks which force.

    Parameters
    ----------
    name : str
        The archive as messages call it.
    names : iterable of str
        Its files.
    chosen : sequence of str, optional
        Forces; an empty one means all of them, None that nobody has chosen.
    months : str
        ``2023-05`` or ``2023-05:2023-07``; "" for all.

    Returns
    -------
    str
        "" where nothing is open.

    Raises
    ------
    SourceError
        No such force, none of these months, or a choice where the files name no force.
    """
    forces = forces_of(names)
    if not forces:
        if chosen is not None or months:
            raise SourceError(
                f"{name} is no archive of data.police.uk (2023-05-kent-street.csv); --force and --months "
                "choose among its files only"
            )
        return ""
    wanted = [force.lower() for force in chosen or forces]
    if unknown := [force for force in wanted if force not in forces]:
        raise SourceError(
            f"{name} holds no street crimes of {unknown[0]!r}{near(unknown[0], forces) or ';'} it has "
            f"{', '.join(forces)}"
        )
    held = sorted({month for force in wanted for month in forces[force]})
    if months and not set(months_between(months)) & set(held):
        raise SourceError(f"{name} holds the months {held[0]} to {held[-1]}, none of {months}")
    if len(forces) > 1 and chosen is None:
        listed = ", ".join(forces)
        return f"{name} holds crimes of {len(forces)} forces ({listed}); choose with --force"
    return ""


def is_api(address: Address) -> bool:
    """Whether an address asks for street crimes of data.police.uk."""
    return bool(_API.match(address.path))


def write(client: Client, address: Address, folder: Path, target: Path, months: str) -> Brought:
    """Write street crimes of one or several months as the CSV of the site's downloads.

    Raises
    ------
    SourceError
        No place is asked for, or more crimes than the server gives at once.
    """
    if not any(address.asked(n) for n in ("poly", "lat", "location_id", "force")):
        raise SourceError(
            f"{address.shown}: no place is given; add poly=lat,lng:lat,lng:… or lat=…&lng=…"
        )
    asked = months_between(months) if months else [address.asked("date")]
    pages = Pages(folder)
    records: list[dict[str, Any]] = []
    for number, month in enumerate(asked):
        there = address.with_query(date=month) if month else address
        answer = pages.page(number, partial(_month, client, there))
        if not isinstance(answer, list):
            raise SourceError(f"{there.shown}: the answer is no list of crimes; check the address")
        records += [flat(one) for one in objects(answer)]
        client.progress(number + 1, len(asked))
    if not records:
        raise SourceError(
            f"{address.shown}: no crime was given; ask for other months or another area"
        )

    def batches() -> Iterator[list[Any]]:
        yield [{_COLUMNS.get(k, k): v for k, v in record.items()} for record in records]

    count = write_records(target, list(_COLUMNS.values()), batches())
    pages.clear()
    name = f"{asked[0] or dt.date.today().isoformat()}-street.csv"
    return Brought(name, [f"{name}: data.police.uk, {count:,} crimes of {len(asked)} month(s)"])


def _month(client: Client, address: Address) -> Any:
    try:
        return client.json(address)
    except SourceError as error:
        if "error 503" in str(error):
            raise SourceError(
                f"{address.shown}: the server gives no area of more than 10,000 crimes; ask for a smaller one, "
                "or take a download of data.police.uk/data"
            ) from None
        raise
