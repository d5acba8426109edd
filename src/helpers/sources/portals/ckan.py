"""Data sets of CKAN portals: the file of a resource, or the rows of its table, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SourceError
from .addresses import Address, address_of, file_name
from .files import write_file
from .pages import MOST, Brought, Pages, objects, whole_number, write_records

if TYPE_CHECKING:
    from .client import Client

_ID = r"([0-9a-f]{8}-[0-9a-f-]{27})"
_RESOURCE = re.compile(rf"^(.*)/dataset/[^/]+/resource/{_ID}$")
_PACKAGE = re.compile(r"^(.*)/dataset/([^/]+)$")
_ACTION = re.compile(r"^(.*)/api/(?:3/)?action/(package_show|resource_show|datastore_search)$")
_AT_ONCE = 32_000
# formats that are read, the ones that lose least first
_FORMATS = (
    "CSV",
    "PARQUET",
    "GEOJSON",
    "GPKG",
    "XLSX",
    "XLS",
    "ODS",
    "SHP",
    "TSV",
    "TXT",
    "JSON",
    "ZIP",
)


def is_ckan(address: Address) -> bool:
    """Whether an address is that of a data set, a resource or a table of a CKAN portal."""
    path = address.path.rstrip("/")
    return bool(_RESOURCE.match(path) or _PACKAGE.match(path) or _ACTION.match(path))


def write(client: Client, address: Address, folder: Path, target: Path) -> Brought:
    """Write the file of a resource, or all rows of its table as CSV.

    Raises
    ------
    SourceError
        No such data set, several resources to choose from, or rows that stay missing.
    """
    path = address.path.rstrip("/")
    if action := _ACTION.match(path):
        root, what = action[1], action[2]
        if what == "datastore_search":
            return _table(client, address, root, address.asked("resource_id"), folder, target)
        resource = what == "resource_show"
        one = _show(client, address, root, what, address.asked("id"))
        chosen = one if resource else _chosen(address, one)
    elif found := _RESOURCE.match(path):
        root = found[1]
        chosen = _show(client, address, root, "resource_show", found[2])
    else:
        found = _PACKAGE.match(path)
        assert found
        root = found[1]
        chosen = _chosen(address, _show(client, address, root, "package_show", found[2]))
    link = str(chosen.get("url") or "")
    if link.startswith(("http://", "https://")) and _format(chosen) in _FORMATS:
        goal = address_of(link)
        if goal.host == address.host:
            goal = Address(goal.base, goal.query, goal.auth or address.auth)
        brought = write_file(client, goal, folder, target)
        told = f"{brought.name}: resource {_title(chosen)!r} of a CKAN portal, from {goal.shown}"
        return Brought(brought.name, [told])
    if chosen.get("datastore_active"):
        return _table(client, address, root, str(chosen.get("id", "")), folder, target)
    raise SourceError(
        f"{address.shown}: the resource {_title(chosen)!r} is {_format(chosen) or 'of no format'}, which is not "
        "read; download it and export it as CSV, XLSX or GeoJSON"
    )


def _show(client: Client, address: Address, root: str, what: str, name: str) -> dict[str, Any]:
    if not name:
        raise SourceError(f"{address.shown}: no id is given; end the address with ?id=…")
    answer = client.json(address.at(f"{root}/api/3/action/{what}", id=name))
    return _result(address, answer)


def _result(address: Address, answer: Any) -> dict[str, Any]:
    if (
        isinstance(answer, dict)
        and answer.get("success")
        and isinstance(answer.get("result"), dict)
    ):
        return answer["result"]
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        error = error.get("message") or error.get("__type")
    told = " ".join(str(error or "nothing that can be read").split())[:160]
    raise SourceError(f"{address.shown}: the portal says {told}; check the address")


def _chosen(address: Address, package: dict[str, Any]) -> dict[str, Any]:
    """The one resource that is data, of the best format."""
    resources = objects(package.get("resources"))
    ranked = [(_FORMATS.index(_format(r)), r) for r in resources if _format(r) in _FORMATS]
    best = min((rank for rank, _ in ranked), default=-1)
    data = [r for rank, r in ranked if rank == best]
    if len(data) == 1:
        return data[0]
    if not data:
        formats = ", ".join(sorted({_format(r) or "?" for r in resources})) or "no resource"
        raise SourceError(f"{address.shown}: the data set holds nothing that is read ({formats})")
    listed = "".join(f"\n  {_title(r)}: {_link(address, r)}" for r in data[:20])
    raise SourceError(
        f"{address.shown}: the data set has {len(data)} files; give the address of one of them, or download "
        f"them into a folder and give that:{listed}"
    )


def _link(address: Address, resource: dict[str, Any]) -> str:
    try:
        return address_of(str(resource.get("url") or "")).shown
    except SourceError:
        return f"{address.origin}/api/3/action/resource_show?id={resource.get('id')}"


def _format(resource: dict[str, Any]) -> str:
    text = str(resource.get("format") or "").upper().strip(" .")
    if text not in _FORMATS:
        ending = str(resource.get("url") or "").partition("?")[0].rpartition(".")[2].upper()
        text = ending if ending in _FORMATS else text
    return text


def _title(resource: dict[str, Any]) -> str:
    shown = str(resource.get("name") or resource.get("id") or "?")
    return "".join(c for c in shown if c.isprintable())[:80]


def _table(
    client: Client, address: Address, root: str, resource: str, folder: Path, target: Path
) -> Brought:
    if not resource:
        raise SourceError(f"{address.shown}: no resource_id is given; add ?resource_id=…")
    asked = {n: v for n, v in address.query if n in ("filters", "q", "fields")}
    place = address.at(
        f"{root}/api/3/action/datastore_search", resource_id=resource, sort="_id", **asked
    )
    pages = Pages(folder)

    def page(number: int, offset: int) -> dict[str, Any]:
        there = place.with_query(limit=_AT_ONCE, offset=offset)
        return pages.page(number, lambda: _result(address, client.json(there)))

    start = page(0, 0)
    names = [str(f.get("id")) for f in objects(start.get("fields")) if f.get("id") != "_id"]
    total = whole_number(start.get("total"))
    if not names:
        raise SourceError(f"{address.shown}: the table has no columns; check the address")

    def batches() -> Iterator[list[Any]]:
        came = 0
        for number in range(MOST):
            records = objects(page(number, came).get("records"))
            came += len(records)
            client.progress(came, total)
            yield records
            if not records or (total is not None and came >= total):
                return

    count = write_records(target, names, batches())
    if total is not None and count < total:
        raise SourceError(
            f"{address.shown}: {count:,} of {total:,} rows came; run the command again later"
        )
    pages.clear()
    name = file_name(resource, ".csv")
    return Brought(name, [f"{name}: table of a CKAN portal, {count:,} rows"])
