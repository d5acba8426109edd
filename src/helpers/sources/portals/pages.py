"""Pages of a longer answer, kept until all are there, so that a broken download goes on."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SourceError

_OLD = 86_400.0  # seconds; older pages belong to data that has changed since
MOST = 100_000  # pages; more are a server that does not count


@dataclass(frozen=True)
class Brought:
    """What a reader has written.

    Attributes
    ----------
    name : str
        Of the file.
    facts : list of str
    """

    name: str
    facts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pages:
    """Answers kept in a folder, by the kind of question and by number."""

    folder: Path
    kind: str = "rows"

    def __post_init__(self) -> None:
        for path in self._all():
            if time.time() - path.stat().st_mtime > _OLD:
                path.unlink()

    def page(self, number: int, ask: Callable[[], Any]) -> Any:
        """The JSON of a page: kept from before, or asked and kept."""
        path = self.folder / f"page-{self.kind}-{number:06d}"
        if path.exists():
            try:
                return json.loads(path.read_text(encoding="utf-8"))
            except ValueError:  # cut short as it was written
                path.unlink()
        content = ask()
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return content

    def clear(self) -> None:
        """Remove them all."""
        for path in self._all():
            path.unlink()

    def _all(self) -> Iterator[Path]:
        yield from self.folder.glob("page-*")


def write_features(target: Path, head: dict[str, Any], batches: Iterator[list[Any]]) -> int:
    """Features of all pages as one JSON text, ``head`` with a member ``features``; how many."""
    count = 0
    with target.open("w", encoding="utf-8") as sink:
        members = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in head.items()]
        sink.write("{" + ", ".join([*members, '"features": [']) + "\n")
        for batch in batches:
            for feature in batch:
                sink.write((",\n" if count else "") + json.dumps(feature, ensure_ascii=False))
                count += 1
        sink.write("\n]}\n")
    return count


def write_records(target: Path, names: list[str], batches: Iterator[list[Any]]) -> int:
    """Records of all pages as CSV, columns in the order of `names`; how many."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(names)
        for batch in batches:
            for record in batch:
                writer.writerow([_cell(record.get(name)) for name in names])
                count += 1
    return count


def rows_of(text: str, host: str) -> list[list[str]]:
    """Rows of a page of CSV; rows of another length are a page that was cut.

    Raises
    ------
    SourceError
        No header, or rows of several lengths.
    """
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows or len({len(row) for row in rows}) > 1:
        raise SourceError(f"{host}: a page is no table of equal rows; run the command again")
    return rows


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list.

    Examples
    --------
    >>> objects([{"a": 1}, None]), objects("x")
    ([{'a': 1}], [])
    """
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def whole_number(value: Any, least: int = 0) -> int | None:
    """A whole number of at least `least`; None for anything else.

    Examples
    --------
    >>> whole_number("12"), whole_number(-1), whole_number("x"), whole_number(True)
    (12, None, None, None)
    """
    try:
        number = int(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and number >= least else None


def flat(record: dict[str, Any], before: str = "") -> dict[str, Any]:
    """A record whose inner records stand beside the others, names joined by a point.

    Examples
    --------
    >>> flat({"a": 1, "place": {"lat": 2, "street": {"id": 3}}})
    {'a': 1, 'place.lat': 2, 'place.street.id': 3}
    """
    out: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            out |= flat(value, f"{before}{name}.")
        else:
            out[f"{before}{name}"] = value
    return out


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
