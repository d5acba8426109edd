"""Reads what the runs left on disk."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.compendium import (
    COMPENDIUM,
    OUTPUT_VARIABLE,
    SectionCard,
    find_city,
    find_folder,
    list_cities,
    list_sections,
    notebook_path,
    output_root,
    processed_dir,
    read_index,
    read_json,
    read_section,
    stamp_path,
)

from .folders import list_files, read_text
from .quality import QualityPage, read_quality

if TYPE_CHECKING:
    from helpers.cities import City

DONE = ("done", "up to date")
FAILED, NOT_RUN = "failed", "not run"
PICTURES = (".png", ".svg")


@dataclass(frozen=True)
class Output:
    """A figure, a table or a set of numbers that a section saved.

    Attributes
    ----------
    kind
        ``figure``, ``table``, ``document``, ``layers`` or ``numbers``.
    name, title, caption, status
        As the section gave them; `status` holds words such as ``SYNTHETIC``.
    path
        The file; it may have been removed since.
    sha256
        Of the file when it was saved.
    cell
        Id of the notebook's cell that saved it; empty where that is not known.
    drawn
        What a figure says in letters, the titles of its panels and the names of its axes.
    """

    kind: str
    name: str
    title: str
    caption: str
    status: str
    path: Path
    sha256: str
    cell: str = ""
    drawn: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure that is still on disk."""
        return self.kind == "figure" and self.path.suffix in PICTURES and self.path.is_file()

    @property
    def is_picture(self) -> bool:
        """Whether it is the bitmap of a figure (an SVG is its copy for print)."""
        return self.is_figure and self.path.suffix == ".png"

    @property
    def description(self) -> str:
        """What a reader who does not see it is told: the caption, or the title, and what is drawn in letters."""
        return f"{self.caption or self.title or self.name} {self.drawn}".rstrip()


@dataclass(frozen=True)
class Run:
    """How one section stands for one city, with everything it left.

    Attributes
    ----------
    place
        What names the city in a command: its name, or the path of its folder.
    state, reason, lines
        How it ended, why it did not run, and the last lines of an error.
    notebook
        The executed notebook, the whole one or the one cut short.
    """

    city: str
    section: str
    title: str
    paper: str
    state: str
    reason: str
    seconds: float | None
    lines: tuple[str, ...]
    provenance: dict[str, Any]
    outputs: tuple[Output, ...]
    notebook: Path | None
    place: str

    @property
    def is_done(self) -> bool:
        """Whether its results are whole."""
        return self.state in DONE

    @property
    def is_failed(self) -> bool:
        """Whether it stopped with an error."""
        return self.state == FAILED

    @property
    def page(self) -> str | None:
        """Address of its page inside the site, if it has one."""
        return f"notebooks/{self.city}/{self.section}.html" if self.notebook else None

    @property
    def number(self) -> str:
        """Number of the section, for example ``12``."""
        return self.section.partition("_")[0]


@dataclass(frozen=True)
class CityRecord:
    """What a city says of itself, and the files it stands on.

    Attributes
    ----------
    name, title
        Name of its folder, and its name for people.
    synthetic
        Layers that are simulated.
    remarks
        What was left out of its layers, in sentences.
    lacking
        Why it cannot run a section, by the section's name.
    folder
        Its folder, where it can be found.
    town
        The city, where its card can be read.
    fault
        Why it cannot be read, or an empty string.
    """

    name: str
    title: str
    country: str = ""
    licence: str = ""
    description: str = ""
    synthetic: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    town: City | None = field(default=None, repr=False)
    fault: str = ""

    @property
    def bundled(self) -> bool:
        """Whether it came with the project, so that nothing is attached to it."""
        return self.name in list_cities()

    @property
    def folder_name(self) -> str:
        """Name of its folder where the title does not say it, or an empty string."""
        from .clean import slug

        return "" if f"{slug(self.title)}-".startswith(f"{slug(self.name)}-") else self.name

    @property
    def full_title(self) -> str:
        """Title for people; of a city that did not come with the project also its folder's name.

        Titles of bundled cities differ; those of others may be alike.
        """
        named = self.folder_name and not self.bundled
        return f"{self.title} ({self.folder_name})" if named else self.title

    @cached_property
    def sources(self) -> str:
        """Text of its SOURCES.md, or an empty string."""
        return self._said[0]

    @cached_property
    def files(self) -> tuple[tuple[str, int, str], ...]:
        """Name, size in bytes and SHA-256 of every file that belongs to it."""
        return self._said[1]

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Why it, or a part of it, cannot be read, in sentences."""
        return tuple(dict.fromkeys([*self.fault.splitlines(), *self._said[2]]))

    @cached_property
    def _said(self) -> tuple[str, tuple[tuple[str, int, str], ...], list[str]]:
        """Sources, files and faults: as the city gives them, else as its folder shows them."""
        from helpers.cities import CityError

        sources = read_text(self.folder, "SOURCES.md") if self.folder else ""
        files, faults = None, []
        try:
            sources = self.town.sources if self.town is not None else sources
        except (CityError, OSError) as error:
            faults += str(error).splitlines()
        try:
            if self.town is not None:
                listed = self.town.listed_files()
                files = tuple((file.name, file.size, file.sha256) for file in listed)
        except (CityError, OSError) as error:
            faults += str(error).splitlines()
        if files is None:
            files = list_files(self.folder) if self.folder else ()
        return sources, files, faults


@dataclass(frozen=True)
class Inventory:
    """Everything the report is made from.

    Attributes
    ----------
    sections
        Cards by name, in order.
    cities
        Records by name, in order; the compendium itself is none of them.
    runs
        Runs by city and section.
    asked
        Names of the cities that the run was asked for, which come first; none where it was for
        the bundled ones.
    quality
        Pages about the cities' data, by city, in order.
    """

    sections: dict[str, SectionCard]
    cities: dict[str, CityRecord]
    runs: dict[tuple[str, str], Run] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    quality: dict[str, QualityPage] = field(default_factory=dict)

    @property
    def leading(self) -> list[str]:
        """Cities that the overview is about: those asked for, else all."""
        return [name for name in self.cities if name in self.asked or not self.asked]

    @property
    def others(self) -> list[str]:
        """Cities that have run, beside those asked for."""
        ran = {city for city, _ in self.runs}
        return [name for name in self.cities if name in ran and name not in self.leading]

    @property
    def idle(self) -> list[CityRecord]:
        """Bundled cities that were not asked for and have never run."""
        there = {*self.leading, *self.others}
        return [city for name, city in self.cities.items() if name not in there]

    @cached_property
    def ordered(self) -> list[Run]:
        """Runs by city, then by section; those of the whole compendium come last."""
        places = {name: place for place, name in enumerate([*self.cities, COMPENDIUM])}
        return sorted(self.runs.values(), key=lambda run: (places[run.city], run.section))

    @cached_property
    def pages(self) -> list[Run]:
        """Runs that have a page, in reading order."""
        return [run for run in self.ordered if run.page]

    @cached_property
    def figures(self) -> list[tuple[Run, Output]]:
        """Figures that are on disk, in reading order, with the SVG copies."""
        return [(run, o) for run in self.ordered for o in run.outputs if o.is_figure]

    @cached_property
    def pictures(self) -> list[tuple[Run, Output]]:
        """Bitmaps of figures, in reading order."""
        return [(run, o) for run, o in self.figures if o.is_picture]

    def city_title(self, name: str) -> str:
        """Title of a city for people."""
        return self.cities[name].full_title if name in self.cities else "Whole compendium"


def read_inventory(root: Path, asked: Sequence[str] | None = None) -> Inventory:
    """Read the runs, outputs and executed notebooks below `root`, and the cities' own words.

    A file that is missing or cannot be read takes nothing else with it: a report must be
    possible when a run was not.

    Parameters
    ----------
    root
        Folder that holds ``figures/`` and ``data/processed/``.
    asked
        Names of the cities that the run was asked for.
    """
    with reading_from(root):
        told = {
            (entry["city"], entry["section"]): entry
            for entry in read_json(processed_dir() / "run.json", [])
            if isinstance(entry, dict)
            and is_name(entry.get("city"))
            and is_name(entry.get("section"))
        }
        cards = {name: read_section(name) for name in list_sections()}
        runs = {
            (city, section): _read_run(
                city, section, told.get((city, section), {}), cards.get(section)
            )
            for city, section in told.keys() | _found()
        }
        names = _city_names(runs, asked or ())
        cities = {name: _read_city(name, runs) for name in names}
        quality = {name: page for name in cities if (page := read_quality(name))}
    first = tuple(name for name in asked or () if name in cities)
    return Inventory(cards, cities, runs, first, quality)


@contextmanager
def reading_from(root: Path) -> Iterator[None]:
    """Let `helpers.compendium` read the results below `root`."""
    before = os.environ.get(OUTPUT_VARIABLE)
    os.environ[OUTPUT_VARIABLE] = str(root)
    try:
        yield
    finally:
        if before is None:
            del os.environ[OUTPUT_VARIABLE]
        else:
            os.environ[OUTPUT_VARIABLE] = before


def is_name(text: Any) -> bool:
    """Whether a text can name one file or folder, so that nothing is written beside the site.

    Examples
    --------
    >>> is_name("leeds"), is_name("../leeds"), is_name(".."), is_name(7), is_name("\\ud800")
    (True, False, False, False, False)
    """
    if not isinstance(text, str) or not 0 < len(text) <= 120 or text.startswith("."):
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not any(sign in "/\\" or ord(sign) < 32 for sign in text)


def _found() -> set[tuple[str, str]]:
    """City and section of every list of results and every executed notebook that lies there."""
    lists = processed_dir().glob("*/*_outputs.json")
    notebooks = processed_dir().glob("*/notebooks/*.ipynb")
    found = {(path.parent.name, path.name.removesuffix("_outputs.json")) for path in lists}
    found |= {
        (path.parents[1].name, path.name.removesuffix(".ipynb").removesuffix(".partial"))
        for path in notebooks
    }
    return {(city, section) for city, section in found if is_name(city) and is_name(section)}


def _city_names(runs: dict[tuple[str, str], Run], asked: Sequence[str]) -> list[str]:
    """Cities asked for first, then the bundled ones, also before they ran, then others."""
    bundled = {name for name in list_cities() if is_name(name)}
    names = (bundled | {city for city, _ in runs}) - {COMPENDIUM}
    places = {name: place for place, name in enumerate(asked)}
    return sorted(
        names, key=lambda name: (places.get(name, len(places)), name not in bundled, name)
    )


def _read_run(city: str, section: str, told: dict, card: SectionCard | None) -> Run:
    whole, partial = notebook_path(city, section), notebook_path(city, section, partial=True)
    state = _word(told, "state") or ("done" if whole.is_file() else FAILED)
    # what an earlier run left is no result of a section that cannot run now
    index = read_index(city, section) if state != NOT_RUN else {}
    here = [whole, partial] if state in DONE else [partial, whole]
    there = [path for path in here if path.is_file()] if state != NOT_RUN else []
    outputs = [_read_output(entry) for entry in index.get("outputs", [])]
    lines = told.get("lines")
    return Run(
        city=city,
        section=section,
        title=_word(index, "title") or (card.title if card else section),
        paper=card.paper if card else "",
        state=state,
        reason=_word(told, "reason"),
        seconds=_seconds(told.get("seconds")),
        lines=tuple(str(line) for line in lines) if isinstance(lines, list) else (),
        provenance=_provenance(index.get("provenance", {})),
        outputs=tuple(output for output in outputs if is_name(output.path.name)),
        notebook=there[0] if there else None,
        place=_word(told, "place") or city,
    )


def _read_output(entry: dict) -> Output:
    return Output(
        kind=entry["kind"],
        name=entry["name"],
        title=_word(entry, "title"),
        caption=_word(entry, "caption"),
        status=_word(entry, "status"),
        path=output_root() / entry["file"],
        sha256=entry["sha256"],
        cell=_word(entry, "cell"),
        drawn=_word(entry, "drawn"),
    )


def _provenance(about: dict[str, Any]) -> dict[str, Any]:
    parameters = about.get("parameters")
    words = {name: value for name, value in about.items() if isinstance(value, str)}
    return {**words, "parameters": parameters if isinstance(parameters, dict) else {}}


def _seconds(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and math.isfinite(value) and value >= 0 else None


def _word(entry: dict, key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _read_city(name: str, runs: dict[tuple[str, str], Run]) -> CityRecord:
    from helpers.cities import CityError

    checked = read_json(stamp_path(name, "city"), {})
    remarks, lacking = checked.get("remarks"), checked.get("lacking")
    remarks = tuple(map(str, remarks)) if isinstance(remarks, list) else ()
    places = [run.place for (city, _), run in sorted(runs.items()) if city == name]
    place = name if name in list_cities() or not places else places[0]
    folder = None
    try:
        folder = find_folder(place)
        if folder.name != name:
            raise CityError(f"{place} is another city; run {name} again, by the path of its folder")
        town = find_city(place)
    except (CityError, OSError, ValueError, RecursionError) as error:
        folder = folder if folder and folder.name == name else None
        return CityRecord(name, name, remarks=remarks, folder=folder, fault=str(error))
    return CityRecord(
        name=name,
        title=town.title.strip() or name,
        country=town.country,
        licence=town.licence,
        description=town.card.description,
        synthetic=tuple(town.synthetic),
        remarks=remarks,
        lacking=_lacking(town, lacking),
        folder=town.folder,
        town=town,
    )


def _lacking(town: City, checked: Any) -> dict[str, str]:
    """Why the city cannot run a section: as found when it was checked, else by its layers alone."""
    if not isinstance(checked, dict):
        cards = map(read_section, list_sections())
        checked = {card.name: card.lacking_layers(town) for card in cards if card.scope == "city"}
    return {name: why for name, why in checked.items() if isinstance(why, str) and why}
