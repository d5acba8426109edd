"""Lays out the planner pages, one a city whose plans were saved, and where each question is answered."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from helpers.compendium import claims
from helpers.planner import Districts, Planner, read_districts, read_planner

if TYPE_CHECKING:
    from .inventory import CityRecord, Inventory

ASSETS = (
    "planner.css",
    "planner-proof.js",
    "planner-center.js",
    "planner-model.js",
    "planner-names.js",
    "planner-map.js",
    "planner-chart.js",
    "planner-files.js",
    "planner-queue.js",
    "planner-check.js",
    "planner-told.js",
    "planner-about.js",
    "planner-areas.js",
    "planner-zoom.js",
    "planner-districts.js",
    "planner.js",
)
DISTRICTS = ("planner-areas.js", "planner-districts.js")
"""Scripts that the districts page has for itself."""

DISTRICTS_SCRIPTS = (
    "planner-map.js",
    "planner-files.js",
    "planner-told.js",
    "planner-zoom.js",
    *DISTRICTS,
)
MADE_BY, DISTRICTS_BY = "15_patrol_allocation", "23_district_results"
JUDGED_BY = "16_patrol_evaluation"
RANKED_BY = ("31_priority_ranking", "32_priority_robustness")
"""Sections that rank zones, and that ask how far to trust the ranks."""

NINE = 9
"""Patrols that the first question of the start page is about."""


def address(city: str) -> str:
    """Address of a city's planner inside the site."""
    return f"planner/{city}.html"


def read_planners(inventory: Inventory) -> dict[str, Planner]:
    """Planners of the cities whose section of plans has results, in the order of the cities."""
    found = {}
    for name, city in inventory.cities.items():
        run = inventory.runs.get((name, MADE_BY))
        if run is None or not run.outputs:
            continue
        card = inventory.sections.get(MADE_BY)
        planner = read_planner(
            name,
            city.town,
            title=city.full_title,
            place=shlex.quote(run.place),
            usual={k: each.default for k, each in card.parameters.items()} if card else {},
        )
        if planner is not None:
            found[name] = planner
    return found


def districts_address(city: str) -> str:
    """Address of a city's districts page inside the site."""
    return f"planner/{city}-districts.html"


def read_all_districts(inventory: Inventory) -> dict[str, Districts]:
    """Districts of the cities whose section of districts has results, in the order of the cities."""
    found = {}
    for name, city in inventory.cities.items():
        run = inventory.runs.get((name, DISTRICTS_BY))
        made = read_districts(name, city.town, title=city.full_title) if run else None
        if made is not None:
            found[name] = made
    return found


def links(inventory: Inventory, planners: dict[str, Planner]) -> list[tuple[CityRecord, str]]:
    """City and link of each planner."""
    return [(inventory.cities[name], quote(address(name))) for name in planners]


class Start(NamedTuple):
    """A number of patrols that a planner opens with, and whether it is what today's cost asks.

    Where it is: the fewest and the most that today's cost may ask, for its posts are known roughly
    (``ends``, the most None beyond the curve); what these patrols save on later crimes, with the ends
    of its interval (``saved``), of which period; and from how many patrols on that is beyond chance.
    """

    link: str
    patrols: int
    matches: bool
    ends: tuple[int, int | None] | None = None
    saved: tuple[float, float, float] | None = None
    period: str = ""
    better: int | None = None


def starts(inventory: Inventory, planners: dict[str, Planner]) -> dict[str, Start]:
    """Where to open each planner: at the fewest patrols that match today, else at those shown."""
    found = {}
    for name, planner in planners.items():
        run = inventory.runs.get((name, JUDGED_BY))
        saved = claims.saved_numbers(name, JUDGED_BY) if run and run.outputs else None
        fewest = saved.values.get("smallest_match") if saved else None
        known = [row[0] for row in planner.curve]
        own = planner.objective == "p-median"
        match = next((p for p in known if own and p == fewest), None)
        patrols = planner.patrols if match is None else match
        state = urlencode({"p": patrols, "objective": planner.objective})
        start = Start(f"{quote(address(name))}#{state}", patrols, match is not None)
        found[name] = _with_doubt(start, saved.values) if saved and start.matches else start
    return found


def _with_doubt(start: Start, values: Mapping[str, Any]) -> Start:
    """What the numbers of section 16 say against the number that matches today's cost."""
    ends, saved = values.get("smallest_match_ends"), values.get("match_afterwards")
    if (
        isinstance(ends, list)
        and len(ends) == 2
        and isinstance(ends[0], int)
        and ends[0] != ends[1]
    ):
        start = start._replace(ends=(ends[0], ends[1] if isinstance(ends[1], int) else None))
    if isinstance(saved, list) and len(saved) == 3 and all(isinstance(x, float) for x in saved):
        better = values.get("surely_better")
        start = start._replace(
            saved=(saved[0], saved[1], saved[2]),
            period=str(values.get("later_period", "")),
            better=better if isinstance(better, int) else None,
        )
    return start


def with_nine(planners: dict[str, Planner]) -> dict[str, Start]:
    """Each planner open at `NINE` patrols, or at the number nearest to it of which it has a plan.

    ``matches`` says whether it is that number.
    """
    found = {}
    for name, planner in planners.items():
        patrols = min((row[0] for row in planner.curve), key=lambda p: (abs(p - NINE), p))
        state = urlencode({"p": patrols, "objective": planner.objective})
        link = f"{quote(address(name))}#{state}"
        found[name] = Start(link, patrols, patrols == NINE)
    return found


class Ranked(NamedTuple):
    """A city whose zones are ranked: where, by simulated data or not, and how far to trust it."""

    city: CityRecord
    link: str
    simulated: bool
    trust: str


def ranked(inventory: Inventory) -> list[Ranked]:
    """Cities whose zones were ranked, those of real data first among the bundled ones."""
    found = []
    for name, city in inventory.cities.items():
        run, later = (inventory.runs.get((name, section)) for section in RANKED_BY)
        if run is None or not run.is_done or not run.page:
            continue
        simulated = any("SYNTHETIC" in output.status for output in run.outputs)
        trust = quote(later.page) if later and later.is_done and later.page else ""
        found.append(Ranked(city, quote(run.page), simulated, trust))
    asked = inventory.asked or ()
    return sorted(found, key=lambda each: each.simulated and each.city.name not in asked)


def content(inventory: Inventory, planners: dict[str, Planner], name: str) -> dict[str, Any]:
    """What the template of one city's planner needs."""
    city = inventory.cities[name]
    policy = city.town.policy if city.town is not None else None
    return {
        "planner": planners[name],
        "run": inventory.runs.get((name, MADE_BY)),
        "scripts": [
            script for script in ASSETS if script.endswith(".js") and script not in DISTRICTS
        ],
        "today": policy.label if policy and planners[name].has_today else "",
        "crs": city.town.crs if city.town is not None else "",
        "source": city.town.source_line if city.town is not None else "",
    }


def districts_content(
    inventory: Inventory, districts: dict[str, Districts], name: str
) -> dict[str, Any]:
    """What the template of one city's districts page needs."""
    town = inventory.cities[name].town
    return {
        "districts": districts[name],
        "run": inventory.runs.get((name, DISTRICTS_BY)),
        "scripts": DISTRICTS_SCRIPTS,
        "source": town.source_line if town is not None else "",
    }


def beside(
    inventory: Inventory,
    name: str,
    planners: Sequence[str],
    districts: Sequence[str],
    *,
    of_districts: bool = False,
) -> dict[str, Any]:
    """The city of one of the two pages, the same page of other cities, and its other page."""
    same, link = (districts, districts_address) if of_districts else (planners, address)
    rest, other = (planners, address) if of_districts else (districts, districts_address)
    return {
        "city": inventory.cities[name],
        "others": [(inventory.cities[each], quote(link(each))) for each in same],
        "beside": quote(other(name)) if name in rest else "",
    }


def write_proofs(folder: Path, planner: Planner) -> None:
    """Write the script with the proofs of a city's plans beside its page, where there are any."""
    if planner.proofs:
        path = folder / "planner" / f"{planner.city}-proofs.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(planner.proofs, encoding="utf-8", newline="\n")
