"""Reads what the runs left on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from helpers.compendium import (
    COMPENDIUM,
    RAW,
    SectionCard,
    file_hash,
    list_sections,
    read_section,
)

DONE = ("done", "up to date")
FAILED, NOT_RUN = "failed", "not run"


@dataclass(frozen=True)
class Output:
    """A figure, a table or a set of numbers that a section saved.

    Attributes
    ----------
    kind
        ``figure``, ``table``, ``document``, ``numbers`` or ``claims``.
    name, title, caption, status
        As the section gave them; `status` holds words such as ``SYNTHETIC``.
    path
        The file; it may have been removed since.
    sha256
        Of the file when it was saved.
    """

    kind: str
    name: str
    title: str
    caption: str
    status: str
    path: Path
    sha256: str

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure that is still on disk."""
        return self.kind == "figure" and self.path.is_file()

    @property
    def is_picture(self) -> bool:
        """Whether it is the bitmap of a figure (an SVG is its copy for print)."""
        return self.is_figure and self.path.suffix == ".png"

    @property
    def description(self) -> str:
        """What a reader who does not see the figure is told: the caption, or the title."""
        return self.caption or self.title or self.name


@dataclass(frozen=True)
class Run:
    """How one section stands for one city, with everything it left."""

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
    """What a city says of itself, and the files it stands on."""

    name: str
    title: str
    country: str
    licence: str
    description: str
    synthetic: tuple[str, ...]
    remarks: tuple[str, ...]
    folder: Path | None

    @cached_property
    def sources(self) -> str:
        """Text of its SOURCES.md, or an empty string."""
        path = self.folder / "SOURCES.md" if self.folder else None
        return path.read_text(encoding="utf-8", errors="replace") if path and path.is_file() else ""

    @cached_property
    def files(self) -> tuple[tuple[str, int, str], ...]:
        """Name, size in bytes and SHA-256 of every file in its folder."""
        if not self.folder:
            return ()
        found = sorted(
            p for p in self.folder.rglob("*") if p.is_file() and not p.name.startswith(".")
        )
        return tuple(
            (p.relative_to(self.folder).as_posix(), p.stat().st_size, file_hash(p)) for p in found
        )


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
    """

    sections: dict[str, SectionCard]
    cities: dict[str, CityRecord]
    runs: dict[tuple[str, str], Run] = field(default_factory=dict)

    @property
    def ordered(self) -> list[Run]:
        """Runs by city, then by section; those of the whole compendium come last."""
        places = {name: place for place, name in enumerate([*self.cities, COMPENDIUM])}
        return sorted(self.runs.values(), key=lambda run: (places[run.city], run.section))

    @property
    def pages(self) -> list[Run]:
        """Runs that have a page, in reading order."""
        return [run for run in self.ordered if run.page]

    @property
    def figures(self) -> list[tuple[Run, Output]]:
        """Figures that are on disk, in reading order, with the SVG copies."""
        return [(run, o) for run in self.ordered for o in run.outputs if o.is_figure]

    @property
    def pictures(self) -> list[tuple[Run, Output]]:
        """Bitmaps of figures, in reading order."""
        return [(run, o) for run, o in self.figures if o.is_picture]

    def city_title(self, name: str) -> str:
        """Title of a city for people."""
        return self.cities[name].title if name in self.cities else "Whole compendium"


def read_inventory(root: Path) -> Inventory:
    """Read the runs, outputs and executed notebooks below `root`, and the cities' own words.

    A file that is missing or cannot be read takes nothing else with it: a report must be
    possible when a run was not.

    Parameters
    ----------
    root
        Folder that holds ``figures/`` and ``data/processed/``.
    """
    processed = root / "data" / "processed"
    told = {
        (entry["city"], entry["section"]): entry
        for entry in _read_json(processed / "run.json", [])
        if isinstance(entry, dict) and {"city", "section"} <= entry.keys()
    }
    found = {
        (path.parents[0].name, path.name.removesuffix("_outputs.json"))
        for path in processed.glob("*/*_outputs.json")
    } | {
        (path.parents[1].name, path.name.removesuffix(".ipynb").removesuffix(".partial"))
        for path in processed.glob("*/notebooks/*.ipynb")
    }
    cards = {name: read_section(name) for name in list_sections()}
    runs = {
        key: _read_run(root, *key, told.get(key), cards.get(key[1])) for key in told.keys() | found
    }
    cities = {name: _read_city(root, name, runs) for name in _city_names(runs)}
    return Inventory(cards, cities, runs)


def _city_names(runs: dict[tuple[str, str], Run]) -> list[str]:
    """Cities with the most to show first, then by name; bundled cities also before they ran."""
    bundled = {path.parent.name for path in RAW.glob("*/city.yml")}
    names = (bundled | {city for city, _ in runs}) - {COMPENDIUM}
    return sorted(names, key=lambda name: (name not in bundled, name))


def _read_run(root: Path, city: str, section: str, told: dict | None, card) -> Run:
    folder = root / "data" / "processed" / city
    index = _read_json(folder / f"{section}_outputs.json", {})
    whole = folder / "notebooks" / f"{section}.ipynb"
    partial = folder / "notebooks" / f"{section}.partial.ipynb"
    told = told or {}
    state = told.get("state") or ("done" if whole.is_file() else FAILED)
    here = [whole, partial] if state in DONE else [partial, whole]
    return Run(
        city=city,
        section=section,
        title=str(index.get("title") or (card.title if card else section)),
        paper=card.paper if card else "",
        state=state,
        reason=str(told.get("reason", "")),
        seconds=told.get("seconds"),
        lines=tuple(str(line) for line in told.get("lines", [])),
        provenance=index.get("provenance", {}),
        outputs=tuple(_read_output(root, entry) for entry in index.get("outputs", [])),
        notebook=next((path for path in here if path.is_file()), None)
        if state != NOT_RUN
        else None,
    )


def _read_output(root: Path, entry: dict) -> Output:
    return Output(
        kind=entry["kind"],
        name=entry["name"],
        title=entry.get("title", ""),
        caption=entry.get("caption", ""),
        status=entry.get("status", ""),
        path=root / entry["file"],
        sha256=entry.get("sha256", ""),
    )


def _read_city(root: Path, name: str, runs: dict[tuple[str, str], Run]) -> CityRecord:
    import yaml

    folder = RAW / name if (RAW / name / "city.yml").is_file() else _folder_elsewhere(name, runs)
    try:
        card = yaml.safe_load((folder / "city.yml").read_text(encoding="utf-8")) if folder else {}
    except (OSError, ValueError, yaml.YAMLError):
        card = {}
    card = card if isinstance(card, dict) else {}

    def word(key: str) -> str:
        value = card.get(key, "")
        return value if isinstance(value, str) else ""

    synthetic = card.get("synthetic")
    checked = _read_json(root / "data" / "processed" / name / "stamps" / "city.json", {})
    return CityRecord(
        name=name,
        title=word("title") or name,
        country=word("country"),
        licence=word("licence"),
        description=word("description"),
        synthetic=tuple(str(layer) for layer in synthetic) if isinstance(synthetic, list) else (),
        remarks=tuple(str(remark) for remark in checked.get("remarks", [])),
        folder=folder,
    )


def _folder_elsewhere(name: str, runs: dict[tuple[str, str], Run]) -> Path | None:
    """Folder of a city that is not bundled, as its notebooks were told it."""
    for run in (run for (city, _), run in sorted(runs.items()) if city == name and run.notebook):
        metadata = _read_json(run.notebook, {}).get("metadata", {})
        given = metadata.get("papermill", {}).get("parameters", {}).get("city", "")
        folder = Path(str(given))
        if folder.is_absolute() and (folder / "city.yml").is_file():
            return folder
    return None


def _read_json(path: Path, otherwise: Any) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return otherwise
    return content if isinstance(content, type(otherwise)) else otherwise
