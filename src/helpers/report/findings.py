"""Chooses what the start page leads with: a figure a paper, a picture and three numbers a city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.compendium import claims

if TYPE_CHECKING:
    from .comparison import Comparison, Entry
    from .inventory import CityRecord, Inventory, Output, Run

NUMBERS = 3
"""Numbers that the start page shows of a city, at most."""

# Section and name of the figures that say most, the best first: of a paper, and of a city.  What stands beside the
# verdicts on a paper shows something that they are about.
OF_PAPER = {
    "1": (("13", "k"), ("13", "g"), ("12", "csr_xy")),
    "2": (("21", "hot_spots"), ("23", "plans")),
    "3": (("31", "classes"), ("32", "rank_acceptability")),
}
OF_CITY = (
    ("15", "who_serves_whom"), ("21", "hot_spots"), ("23", "plans"), ("31", "classes"),
    ("32", "rank_acceptability"), ("12", "density"),
)  # fmt: skip


@dataclass(frozen=True)
class CityFinding:
    """A city, its numbers, and its picture with the run that drew it."""

    city: CityRecord
    numbers: list[Entry]
    picture: tuple[Run, Output] | None


def paper_figures(inventory: Inventory) -> dict[str, tuple[Run, Output]]:
    """The headline figure of each paper, of the cities that the page is about."""
    found = {}
    for paper, about in claims.papers().items():
        part = str(about.get("sections", ""))[:1]
        first = claims.FIRST.get(paper, ())
        cities = [*(c for c in first if c in inventory.leading), *inventory.leading]
        chosen = next(_drawn(inventory, cities, OF_PAPER.get(part, ())), None)
        chosen = chosen or next(_any_of(inventory, cities, part), None)
        if chosen:
            found[paper] = chosen
    return found


def city_findings(
    inventory: Inventory, comparison: Comparison, used: Mapping[str, tuple[Run, Output]]
) -> list[CityFinding]:
    """What the page shows of each city that it is about and that has something to show.

    Parameters
    ----------
    inventory, comparison
        The results.
    used
        Figures that the page shows already.
    """
    shown = {output.path for _, output in used.values()}
    found = []
    for name in inventory.leading:
        drawn = [*_drawn(inventory, [name], OF_CITY), *_any_of(inventory, [name], "")]
        fresh = [pair for pair in drawn if pair[1].path not in shown]
        numbers = comparison.told(name, NUMBERS)
        if drawn or numbers:
            picture = next(iter([*fresh, *drawn]), None)
            found.append(CityFinding(inventory.cities[name], numbers, picture))
    return found


def _drawn(
    inventory: Inventory, cities: list[str], wanted: tuple[tuple[str, str], ...]
) -> Iterator[tuple[Run, Output]]:
    """Pictures of these sections and names, the first name first, real data before simulated."""
    for section, name in wanted:
        found = [
            (run, output)
            for city in cities
            for run, output in inventory.pictures
            if (run.city, run.number, output.name) == (city, section, name)
        ]
        # what simulated data show comes after what real data show
        yield from sorted(found, key=lambda pair: "SYNTHETIC" in pair[1].status)


def _any_of(inventory: Inventory, cities: list[str], part: str) -> Iterator[tuple[Run, Any]]:
    """All pictures of the sections of a part."""
    for city in cities:
        yield from (
            (run, output)
            for run, output in inventory.pictures
            if run.city == city and run.number.startswith(part)
        )
