"""Lays out the page about a city's data, from what a run computed and drew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.compendium import (
    Prospects,
    figures_dir,
    output_root,
    processed_dir,
    prospects,
    quality_page,
    read_json,
    same_file,
    stamp_path,
)
from helpers.quality import area, share

NAME = "quality"
HEAPS = {
    "first": "the first of a month",
    "midnight": "the hour from 0:00 (midnight)",
    "noon": "the hour from 12:00 (noon)",
}


@dataclass(frozen=True)
class QualityFigure:
    """A figure of the page.

    Attributes
    ----------
    path : Path
        The file, whole.
    name, title, caption : str
    """

    path: Path
    name: str
    title: str
    caption: str


@dataclass(frozen=True)
class QualityPage:
    """What the page shows of a city.

    Attributes
    ----------
    city : str
    facts : dict
        As `helpers.quality.quality_of` gives them.
    figures : dict of str to QualityFigure
    lacking : dict of str to str
        Why sections cannot run, as the city's check found it.
    """

    city: str
    facts: dict[str, Any]
    figures: dict[str, QualityFigure]
    lacking: dict[str, str]

    @property
    def address(self) -> str:
        """Address inside the site."""
        return quality_page(self.city)

    @property
    def link(self) -> str:
        """The address as a link has it."""
        return quote(self.address)

    @cached_property
    def prospects(self) -> Prospects:
        """Which sections the city can run."""
        return prospects([name for name, _, _ in self.facts["layers"]], self.lacking)

    @cached_property
    def blanks(self) -> int:
        """How many blanks of SOURCES.md and city.yml are to be filled in."""
        return len(self.facts["sources"]["blanks"])


def read_quality(city: str) -> QualityPage | None:
    """What a run found of a city's data; None where there is nothing that is whole."""
    stamp = read_json(stamp_path(city, NAME), {})
    files = stamp.get("files")
    if not isinstance(files, dict) or not files:
        return None
    root = output_root()
    page = processed_dir(city) / f"{NAME}.json"
    if page.relative_to(root).as_posix() not in files:
        return None
    # what the stamp does not vouch for is shown to nobody
    if not all(same_file(root / name, digest) for name, digest in files.items()):
        return None
    facts = read_json(page, {})
    figures = {
        entry["name"]: QualityFigure(
            figures_dir(city) / entry["file"], entry["name"], entry["title"], entry["caption"]
        )
        for entry in facts["figures"]
    }
    lacking = read_json(stamp_path(city, "city"), {}).get("lacking")
    return QualityPage(city, facts, figures, lacking if isinstance(lacking, dict) else {})


FILTERS = {"area": area, "share": share}
"""What the template writes areas and shares with."""
