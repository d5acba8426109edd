"""Sets the cities side by side by numbers without a dimension, real and simulated ones apart."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from helpers.compendium import claims

from .inventory import NOT_RUN
from .measures import MEASURES, Found, Measure, NoNumber, Results

if TYPE_CHECKING:
    from .inventory import CityRecord, Inventory, Run

FEWEST = 5
"""Real maps that a median needs."""

COLUMNS = ("city", "title", "simulated", "part", "measure", "key", "section", "value", "low", "high",
           "better", "note", "no_number")  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A city's number of one measure, or why it has none."""

    city: CityRecord
    measure: Measure
    found: Found | None
    simulated: bool = False
    link: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """The number for people."""
        return self.measure.shown(self.found.value) if self.found else ""


@dataclass(frozen=True)
class Bar:
    """Where a number is drawn, in per cent of the width."""

    start: float
    width: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Panel:
    """One measure with the numbers of all cities that have one."""

    measure: Measure
    entries: list[Entry]

    @cached_property
    def _ends(self) -> tuple[float, float]:
        numbers = [self.measure.base]
        for entry in self.entries:
            if entry.found:
                ends = (entry.found.value, entry.found.low, entry.found.high)
                numbers += [end for end in ends if end is not None]
        low, high = min(numbers), max(numbers)
        return (low, high) if high > low else (low, low + 1.0)

    @property
    def zero(self) -> float:
        """Where bars begin, zero or an optimum of 1, in per cent of the width."""
        return self._at(self.measure.base)

    @property
    def median(self) -> str:
        """Median of the real maps, where it says anything; simulated ones never count."""
        real = [e.found.value for e in self.entries if e.found and not e.simulated]
        return (
            self.measure.shown(statistics.median(real))
            if self.measure.median and len(real) >= FEWEST
            else ""
        )

    @property
    def real(self) -> int:
        """Number of real maps."""
        return sum(not entry.simulated for entry in self.entries)

    def bar(self, entry: Entry) -> Bar:
        """Where a city's number is drawn."""
        found = entry.found
        if found is None:
            raise ValueError("a city without a number has no bar.")
        start, end = sorted((self.zero, self._at(found.value)))
        ends = [None if end is None else self._at(end) for end in (found.low, found.high)]
        return Bar(start, round(end - start, 2), *ends)

    def _at(self, value: float) -> float:
        low, high = self._ends
        return round(100 * (value - low) / (high - low), 2)


@dataclass(frozen=True)
class Comparison:
    """Every measure of every city, in the order of the page."""

    entries: list[Entry]

    @property
    def parts(self) -> list[tuple[str, list[Panel]]]:
        """Panels by what they are about; those that no city has a number of are left out."""
        parts: dict[str, list[Panel]] = {}
        for measure in MEASURES:
            rows = [e for e in self.entries if e.measure is measure and e.found]
            rows.sort(key=lambda entry: entry.simulated)
            if rows:
                parts.setdefault(measure.part, []).append(Panel(measure, rows))
        return list(parts.items())

    @property
    def has_median(self) -> bool:
        """Whether a median stands anywhere on the page."""
        return any(panel.median for _, panels in self.parts for panel in panels)

    @property
    def missing(self) -> list[tuple[str, str, list[str]]]:
        """Why a city has no number: city, reason, the sections that it holds for."""
        found: dict[tuple[str, str], list[str]] = {}
        for entry in self.entries:
            if entry.found is None:
                sections = found.setdefault((entry.city.full_title, entry.reason), [])
                if entry.measure.section not in sections:
                    sections.append(entry.measure.section)
        return [(city, reason, sorted(sections)) for (city, reason), sections in found.items()]

    @property
    def table(self) -> str:
        """All of it as CSV, with why a number is missing."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(COLUMNS)
        for entry in self.entries:
            measure, found = entry.measure, entry.found
            numbers = [getattr(found, name, None) for name in ("value", "low", "high")]
            rows.writerow([
                _plain(entry.city.name), _plain(entry.city.title), "yes" if entry.simulated else "no",
                measure.part, measure.title, measure.key, measure.section,
                *("" if number is None else repr(number) for number in numbers),
                measure.better, _plain(found.note) if found else "", _plain(entry.reason),
            ])  # fmt: skip
        return text.getvalue()

    def told(self, city: str, most: int) -> list[Entry]:
        """A city's numbers that the start page shows: one a part first, then others."""
        own = [e for e in self.entries if e.city.name == city and e.found and e.measure.short]
        first: dict[str, Entry] = {}
        for entry in own:
            first.setdefault(entry.measure.part, entry)
        chosen = [*first.values(), *(e for e in own if e not in first.values())][:most]
        return sorted(chosen, key=own.index)


def read_comparison(
    inventory: Inventory, code: Mapping[tuple[str, str], Mapping[str, str]]
) -> Comparison:
    """Read what every city's sections saved.

    Parameters
    ----------
    inventory
        The cities and their runs.
    code
        Source of the code cells by anchor, for every rendered notebook by city and section.
    """
    names = {name.split("_")[0]: name for name in inventory.sections}
    entries = []
    for city in inventory.cities.values():
        results: dict[str, Results | str] = {}
        for measure in MEASURES:
            name = names.get(measure.section)
            if name is None:
                continue
            if name not in results:
                results[name] = _results(inventory, city, name)
            run = inventory.runs.get((city.name, name))
            entries.append(_entry(city, measure, results[name], run, code))
    return Comparison(entries)


def _results(inventory: Inventory, city: CityRecord, section: str) -> Results | str:
    """What a section saved for a city, or why there is nothing."""
    run = inventory.runs.get((city.name, section))
    if run is None:
        return city.lacking.get(section) or "has not run"
    if run.state == NOT_RUN:
        return run.reason or "has not run"
    saved = claims.saved_numbers(city.name, section)
    if saved is None:
        return "stopped before it saved its numbers" if run.is_failed else "saved no numbers"
    return Results(city.name, section, saved, _no_amounts(city))


def _no_amounts(city: CityRecord) -> frozenset[str]:
    """Labels of the fields whose sums are no totals, by the city's card."""
    fields = city.town.fields() if city.town else {}
    return frozenset(field.label for field in fields.values() if not field.is_amount)


def _entry(
    city: CityRecord, measure: Measure, results: Results | str, run: Run | None,
    code: Mapping[tuple[str, str], Mapping[str, str]],
) -> Entry:  # fmt: skip
    if isinstance(results, str):
        return Entry(city, measure, None, reason=results)
    try:
        found = measure.read(results)
    except NoNumber as error:
        return Entry(city, measure, None, results.simulated, reason=str(error))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        # a table of that name that is about something else
        return Entry(city, measure, None, results.simulated, reason="its table cannot be read")
    return Entry(city, measure, found, results.simulated, _link(run, found.cell, code))


def _link(run: Run | None, cell: str, code: Mapping[tuple[str, str], Any]) -> str:
    if run is None or run.page is None:
        return ""
    anchor = f"cell-{cell}"
    known = cell and anchor in code.get((run.city, run.section), {})
    return quote(run.page) + (f"#{anchor}" if known else "#results")


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
