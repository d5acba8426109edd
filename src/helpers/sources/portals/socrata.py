"""Data sets of Socrata portals: all rows as CSV, page by page."""

from __future__ import annotations

import csv
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from .addresses import Address
from .pages import MOST, Brought, Pages, objects, rows_of, whole_number

if TYPE_CHECKING:
    from .client import Client

_CODE = r"([a-z0-9]{4}-[a-z0-9]{4})"
_FORMS = (
    re.compile(rf"^/resource/{_CODE}(?:\.(?:csv|json|geojson))?$"),
    re.compile(rf"^/d/{_CODE}(?:/data|/about_data)?$"),
    re.compile(rf"^/api/views/{_CODE}/rows\.(?:csv|json)$"),
    re.compile(rf"^/(?:dataset|[^/]+)/[^/]+/{_CODE}(?:/data|/about_data|/explore.*)?$"),
)
_AT_ONCE = 50_000
_COUNTED = ("$select", "$group", "$having", "$query", "$search")


def code_of(address: Address) -> str:
    """The code of a data set, "" where the address is none of Socrata's forms.

    Examples
    --------
    >>> from .addresses import address_of
    >>> code_of(address_of("https://data.a.org/Public-Safety/Crimes/ab12-cd34/about_data"))
    'ab12-cd34'
    >>> code_of(address_of("https://data.a.org/files/crimes.csv"))
    ''
    """
    path = address.path.rstrip("/")
    return next((found[1] for form in _FORMS if (found := form.match(path))), "")


def write(client: Client, address: Address, folder: Path, target: Path) -> Brought:
    """Write all rows of a data set as CSV, ordered by the row's own number.

    ``$where`` and ``$select`` of the address are kept; ``$limit`` and ``$offset`` there choose
    rows, those of the pages follow from them.

    Raises
    ------
    SourceError
        An error of the server, pages of other columns, or fewer rows than it counts.
    """
    code = code_of(address)
    chosen = {n: v for n, v in address.query if n.startswith("$") and not n.startswith("$$")}
    if "$query" in chosen:
        raise SourceError(
            f"{address.shown}: $query cannot be paged; write its parts as $select, $where and $group"
        )
    first, most = _number(chosen.pop("$offset", "0")), _number(chosen.pop("$limit", "-1"))
    chosen.setdefault("$order", chosen.get("$group", ":id"))
    filters = {n: v for n, v in address.query if not n.startswith("$") and n != "accessType"}
    place = address.at(f"/resource/{code}.csv").with_query(**filters)
    total = _count(client, address, code, chosen, filters)
    if total is not None:
        total = max(total - first, 0)
        total = total if most < 0 else min(total, most)
    pages = Pages(folder)
    header: list[str] = []
    came = number = 0
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        while number < MOST and came != most:
            size = _AT_ONCE if most < 0 else min(_AT_ONCE, most - came)
            asked = place.with_query(**chosen, **{"$limit": size, "$offset": first + came})
            rows = rows_of(pages.page(number, partial(client.text, asked)), address.host)
            if not header:
                header = rows[0]
                writer.writerow(header)
            elif rows[0] != header:
                raise SourceError(
                    f"{address.shown}: the columns changed between two pages; run again"
                )
            writer.writerows(rows[1:])
            came += len(rows) - 1
            number += 1
            client.progress(came, total)
            if len(rows) == 1 or (total is not None and came >= total):
                break
    if total is not None and came < total:
        raise SourceError(
            f"{address.shown}: {came:,} of {total:,} rows came; run the command again later"
        )
    pages.clear()
    name = f"{code}.csv"
    where = f" where {chosen['$where']}" if "$where" in chosen else ""
    return Brought(name, [f"{name}: Socrata, {came:,} rows{where} in {number} page(s)"])


def _count(
    client: Client, address: Address, code: str, chosen: dict[str, str], filters: dict[str, str]
) -> int | None:
    if any(name in chosen for name in _COUNTED):
        return None
    kept = {"$where": chosen["$where"]} if "$where" in chosen else {}
    place = address.at(f"/resource/{code}.json").with_query(
        **filters, **kept, **{"$select": "count(*)"}
    )
    answer = client.json(place)
    counted = objects(answer)
    return whole_number(next(iter(counted[0].values()), None)) if counted else None


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SourceError(f"{text[:20]!r} is no number of rows for $limit or $offset") from None
