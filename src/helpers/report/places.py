"""Notes where pages have their figures, exercises and explorers, and where who learns begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from .explained import TURN
from .explorer import ANCHOR
from .planners import address

if TYPE_CHECKING:
    from helpers.planner import Planner

    from .inventory import Inventory, Run
    from .library import Library
    from .notebooks import RenderedNotebook

START = "00"
"""Number of the section that leads into the others."""


@dataclass
class Places:
    """Addresses inside the site, from its start page.

    Attributes
    ----------
    figures
        Of the figures that pages of sections show, by city, section and name.
    exercises, explorers
        Of the first exercises and the first explorer of weights of a city.
    """

    figures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    exercises: dict[str, str] = field(default_factory=dict)
    explorers: dict[str, str] = field(default_factory=dict)

    def note(self, run: Run, rendered: RenderedNotebook, library: Library) -> str:
        """Note what the page of a section has, and give the address of its explorer, if it has one."""
        page = quote(run.page or "")
        for output in run.outputs:
            anchor = library.figure(run, output).anchor if output.is_figure else ""
            if anchor in rendered.figures:
                self.figures[run.city, run.section, output.name] = f"{page}#{quote(anchor)}"
        if any(anchor == TURN for _, anchor, _ in rendered.contents):
            self.exercises.setdefault(run.city, f"{page}#{TURN}")
        if f'id="{ANCHOR}"' not in rendered.body:
            return ""
        return self.explorers.setdefault(run.city, f"{page}#{ANCHOR}")

    def of_figures(self, inventory: Inventory) -> dict[tuple[str, str, str], str]:
        """Where each figure is found: on the page of its section, else alone among all figures."""
        found = {}
        for run, output in inventory.pictures:
            chosen = {"city": run.city, "section": run.section, "words": output.title}
            key = (run.city, run.section, output.name)
            alone = f"figures.html#{urlencode(chosen, errors='replace')}"
            found[key] = self.figures.get(key, alone)
        return found

    def lessons(self, inventory: Inventory, planners: Mapping[str, Planner]) -> dict[str, str]:
        """Where who learns begins, or nothing; the cities that the start page is about come first."""
        pages = {run.number: quote(run.page) for run in inventory.ordered if run.page}
        cities = [*inventory.leading, *inventory.cities]
        waits = _busiest(inventory.leading, planners) or _busiest(cities, planners)
        found = {
            "start": pages.get(START, ""),
            "exercises": next((self.exercises[c] for c in cities if c in self.exercises), ""),
            "weights": next((self.explorers[c] for c in cities if c in self.explorers), ""),
            "waits": f"{quote(address(waits))}#busy" if waits else "",
        }
        return found if any(found.values()) else {}


def _busiest(cities: Iterable[str], planners: Mapping[str, Planner]) -> str:
    """The city with most work waiting for its patrols: a queue that nobody waits in teaches little."""
    work = {c: planners[c].queue for c in cities if c in planners}
    waiting = {c: queue["calls"] * queue["minutes"] for c, queue in work.items() if queue}
    return max(waiting, key=lambda c: waiting[c], default="")
