"""Keeps the files of the site: every figure once, wherever it is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from .inventory import Output, Run
from .quality import QualityFigure

# Larger tables stay where they are; the page names them.
LARGEST_TABLE = 8_000_000


@dataclass(frozen=True)
class Picture:
    """An image as a file of the site, with what is said about it."""

    address: str
    alt: str
    title: str
    caption: str
    width: int | None
    height: int | None

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
    """

    folder: Path
    _by_content: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], str] = field(default_factory=dict)

    def add_figures(self, figures: Iterable[tuple[Run, Output]]) -> None:
        """Copy the figures that sections saved; the notebooks' images are then found in them."""
        for run, output in figures:
            raw = output.path.read_bytes()
            place = f"figures/{run.city}/{output.path.name}"
            self._write(place, raw)
            self._by_content.setdefault(_digest(raw), (place, output.title, output.description))
            self._by_name[run.city, output.path.name] = place

    def figure(self, run: Run, output: Output, up: str = "") -> Picture:
        """Give a copied figure as a page `up` folders deep shows it."""
        place = f"figures/{run.city}/{output.path.name}"
        raw = (self.folder / place).read_bytes()
        width, height = image_size(raw) or (None, None)
        return Picture(
            up + quote(place), output.description, output.title, output.caption, width, height
        )

    def add_picture(self, city: str, figure: QualityFigure, up: str = "") -> Picture:
        """Copy a figure about a city's data and give it as a page `up` folders deep shows it."""
        raw = figure.path.read_bytes()
        place = f"figures/{city}/{figure.path.name}"
        self._write(place, raw)
        width, height = image_size(raw) or (None, None)
        words = (figure.caption, figure.title, figure.caption)
        return Picture(up + quote(place), *words, width, height)

    def store(self, raw: bytes, suffix: str, alt: str, up: str = "") -> Picture:
        """Give an image of a notebook as a file, the saved figure where the bytes are the same."""
        key = _digest(raw)
        if key not in self._by_content:
            place = f"images/{key[:20]}{suffix}"
            self._write(place, raw)
            self._by_content[key] = (place, "", alt)
        place, title, caption = self._by_content[key]
        width, height = image_size(raw) or (None, None)
        described = caption or alt or "Figure without a caption"
        return Picture(up + quote(place), described, title, caption, width, height)

    def find(self, source: str, city: str, up: str = "") -> str | None:
        """Address of the figure of a city that a text refers to by its file name, or None."""
        place = self._by_name.get((city, source.replace("\\", "/").rpartition("/")[2]))
        return up + quote(place) if place else None

    def add_table(self, run: Run, output: Output) -> str | None:
        """Copy a table and give its address; None where it is gone or too large to copy."""
        if not output.path.is_file() or output.path.stat().st_size > LARGEST_TABLE:
            return None
        place = f"tables/{run.city}/{output.path.name}"
        self._write(place, output.path.read_bytes())
        return quote(place)

    def _write(self, place: str, raw: bytes) -> None:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


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
