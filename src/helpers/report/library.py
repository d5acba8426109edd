"""Keeps the files of the site: every figure once, wherever it is shown, and what readers take away."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from .inventory import Output, Run
from .pictures import Copies
from .quality import QualityFigure

FIGURE = "figure_"
"""Before the name of a figure in its anchor."""

# Larger tables stay where they are; the page names them.
LARGEST_TABLE = 8_000_000
# Larger sheets are packed with what no browser shows.
LARGEST_SHEET = 300_000
# A GeoPackage holds what the GeoJSON and CSV files beside it hold; it stays where it is.
TWICE = (".gpkg",)
# The earliest day that a zip archive can name: equal contents are equal bytes.
NO_DAY = (1980, 1, 1, 0, 0, 0)


class Kept(NamedTuple):
    """Where a reader finds a file: its address, or that of the archive that holds it."""

    address: str
    packed: bool = False

    @property
    def archive(self) -> str:
        """Name of the archive, or an empty string."""
        return self.address.rpartition("/")[2] if self.packed else ""

    def named(self, name: str, up: str = "") -> str:
        """The file's name as Markdown that leads to it from a page `up` folders deep.

        Examples
        --------
        >>> Kept("tables/leeds/a.csv").named("a.csv", "../")
        '[`a.csv`](../tables/leeds/a.csv)'
        >>> Kept("tables/leeds/leeds.zip", packed=True).named("a.parquet")
        '`a.parquet` in [leeds.zip](tables/leeds/leeds.zip)'
        """
        link = f"{up}{self.address}"
        return f"`{name}` in [{self.archive}]({link})" if self.packed else f"[`{name}`]({link})"


@dataclass(frozen=True)
class Picture:
    """An image as a file of the site, with what is said about it."""

    address: str
    alt: str
    title: str
    caption: str
    width: int | None
    height: int | None
    name: str = ""

    @property
    def anchor(self) -> str:
        """Anchor on the page of its section; empty for an image that is no saved figure.

        No heading has it, for theirs are of letters, digits and hyphens.
        """
        return f"{FIGURE}{re.sub('[^A-Za-z0-9-]', '_', self.name)}" if self.name else ""

    def shown_at(self, width: int | None) -> Picture:
        """The same picture at the width the notebook shows it at, in CSS pixels."""
        if not (isinstance(width, int) and width > 0 and self.width and self.height):
            return self
        return replace(self, width=width, height=round(self.height * width / self.width))


@dataclass(frozen=True)
class Library:
    """Files of the site under construction.

    Attributes
    ----------
    folder
        Where the site is being built.
    copies
        Small copies of its figures.
    """

    folder: Path
    copies: Copies
    _by_content: dict[str, tuple[str, str, str, str, str]] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], str] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)
    _sizes: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    _packed: dict[str, dict[str, Path]] = field(default_factory=dict)

    def add_figures(self, figures: Iterable[tuple[Run, Output]]) -> None:
        """Copy the figures that sections saved; the notebooks' images are then found in them."""
        for run, output in figures:
            raw = output.path.read_bytes()
            place = self._keep(f"figures/{run.city}/{output.path.name}", raw)
            words = (output.description, output.title, output.caption, output.name)
            self._by_content.setdefault(_digest(raw), (place, *words))
            self._by_name[run.city, output.path.name] = place

    def figure(self, run: Run, output: Output, up: str = "") -> Picture:
        """Give a copied figure as a page `up` folders deep shows it."""
        place = self._by_name[run.city, output.path.name]
        alt = self._told.get(place, output.description)
        return self._picture(place, alt, output.title, output.caption, up, output.name)

    def add_picture(self, city: str, figure: QualityFigure, up: str = "") -> Picture:
        """Copy a figure about a city's data and give it as a page `up` folders deep shows it."""
        place = self._keep(f"figures/{city}/{figure.path.name}", figure.path.read_bytes())
        return self._picture(place, figure.caption, figure.title, figure.caption, up)

    def store(self, raw: bytes, suffix: str, alt: str, said: str = "", up: str = "") -> Picture:
        """Give an image of a notebook as a file, the saved figure where the bytes are the same.

        What the notebook states of it (`said`) goes into its alternative text wherever it is shown.
        """
        key = _digest(raw)
        if key not in self._by_content:
            kept = self._keep(f"images/{key[:20]}{suffix}", raw)
            self._by_content[key] = (kept, alt, "", alt, "")
        place, told, title, caption, name = self._by_content[key]
        told = told or alt or "Figure without a caption"
        if said:
            self._told[place] = f"{told.rstrip()} {said}"
        return self._picture(place, self._told.get(place, told), title, caption, up, name)

    def find(self, source: str, city: str, up: str = "") -> str | None:
        """Address of the figure of a city that a text refers to by its file name, or None."""
        place = self._by_name.get((city, source.replace("\\", "/").rpartition("/")[2]))
        return up + quote(place) if place else None

    def add_table(self, run: Run, output: Output) -> Kept | None:
        """Keep a table and give its address; None where it is gone, too large, or there twice.

        What a browser or a spreadsheet opens is a file; the rest of a city is one archive.
        """
        path = output.path
        if not path.is_file() or path.suffix in TWICE or path.stat().st_size > LARGEST_TABLE:
            return None
        if _is_sheet(output):
            place = f"tables/{run.city}/{path.name}"
            self._write(place, path.read_bytes())
            return Kept(quote(place))
        self._packed.setdefault(run.city, {})[path.name] = path
        return Kept(quote(_archive(run.city)), packed=True)

    def close(self) -> None:
        """Write the archives and wait for the copies of figures."""
        for city, files in self._packed.items():
            path = self.folder / _archive(city)
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, source in sorted(files.items()):
                    entry = zipfile.ZipInfo(name, NO_DAY)
                    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                    entry.create_system = 3
                    archive.writestr(entry, source.read_bytes())
        self.copies.close()

    def _picture(
        self, place: str, alt: str, title: str, caption: str, up: str, name: str = ""
    ) -> Picture:
        width, height = self._sizes[place] or (None, None)
        return Picture(up + quote(place), alt, title, caption, width, height, name)

    def _keep(self, place: str, raw: bytes) -> str:
        """Keep an image, a PNG as a small copy, and give its place."""
        size = image_size(raw)
        if size:
            place = f"{place.removesuffix('.png')}.webp"
            self.copies.add(place, raw, _digest(raw))
        else:
            self._write(place, raw)
        self._sizes[place] = size
        return place

    def _write(self, place: str, raw: bytes) -> None:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def _archive(city: str) -> str:
    return f"tables/{city}/{city}.zip"


def _is_sheet(output: Output) -> bool:
    """Whether a reader opens it by a click: a sheet that is not large, or the section's numbers."""
    small = output.path.stat().st_size <= LARGEST_SHEET
    return small and (output.path.suffix == ".csv" or output.kind == "numbers")


def image_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, from its header; None for anything else.

    Examples
    --------
    >>> image_size(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(8) + (640).to_bytes(4) + (480).to_bytes(4))
    (640, 480)
    """
    if raw[:8] != b"\x89PNG\r\n\x1a\n" or len(raw) < 24:
        return None
    return int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
