"""The few figures that the README and the documents show, renewed from a run when somebody asks."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.compendium import ROOT, write_text

from .inventory import Inventory, Output, Run, read_inventory, reading_from

GALLERY = ROOT / "docs" / "gallery"
LIST, PAGE = "gallery.yml", "README.md"
MOST = 16
LARGEST = 2_500_000  # bytes of all figures together: git keeps every version of them
# Processors round differently; what nobody can see is no other figure.
GREY_LEVELS = 3
OPENING = """# Gallery

{count} figures, as a run of every bundled city draws them; after `python3 run_all.py` the report shows
all. This page and the figures are copies that `python3 run_all.py gallery` renews; the choice is in
[gallery.yml](gallery.yml).
"""


class GalleryError(ValueError):
    """The gallery asks for what is not there, or for too much; the sentence says what to do."""


@dataclass(frozen=True)
class Chosen:
    """A figure of a run, and its place in the gallery."""

    place: str
    run: Run
    output: Output
    city_title: str

    @property
    def text(self) -> str:
        """What the page of the gallery says of it, in markdown."""
        notebook = f"../../notebooks/{self.run.section}.ipynb"
        section = f"[{self.run.number} {plain(self.run.title)}]({notebook})"
        head = " · ".join(filter(None, (section, plain(self.city_title), self.output.status)))
        return (
            f"## {plain(self.output.title)}\n\n{head}\n\n"
            f"![{plain(self.output.title)}]({self.place})\n\n{plain(self.output.caption)}\n"
        )


def renew(root: Path, gallery: Path = GALLERY) -> list[Path]:
    """Bring the gallery to what the last run drew; give the files that changed.

    A figure that looks the same stays as it is, so that another processor's rounding is no change.

    Parameters
    ----------
    root
        Folder that holds ``figures/`` and ``data/processed/``.
    gallery
        Folder with ``gallery.yml``.

    Raises
    ------
    GalleryError
        A chosen figure has not been drawn, or there are too many, or they are too large.
    """
    chosen, page = _read(root, gallery)
    size = sum(c.output.path.stat().st_size for c in chosen)
    if size > LARGEST:
        raise GalleryError(
            f"docs/gallery/{LIST} chooses figures of {size / 1e6:.1f} MB together, and "
            f"{LARGEST / 1e6:.1f} MB are the most; choose smaller ones."
        )
    renewed = []
    for c in chosen:
        target = gallery / c.place
        if not same_picture(target, c.output.path):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(c.output.path, target)
            renewed.append(target)
    wanted = {gallery / c.place for c in chosen}
    for path in set(gallery.rglob("*.png")) - wanted:
        path.unlink()
        renewed.append(path)
    if not (gallery / PAGE).is_file() or (gallery / PAGE).read_text(encoding="utf-8") != page:
        write_text(gallery / PAGE, page)
        renewed.append(gallery / PAGE)
    return sorted(renewed)


def astray(root: Path, gallery: Path = GALLERY) -> list[str]:
    """Where the gallery is not what a run drew, in sentences; an empty list where it is.

    Parameters
    ----------
    root, gallery
        As in `renew`.

    Raises
    ------
    GalleryError
        As in `renew`.
    """
    chosen, page = _read(root, gallery)
    wrong = [
        f"{c.place} is not the figure that the run drew"
        for c in chosen
        if not same_picture(gallery / c.place, c.output.path)
    ]
    places = {path.relative_to(gallery).as_posix() for path in gallery.rglob("*.png")}
    wrong += [f"{place} is in no line of {LIST}" for place in places - {c.place for c in chosen}]
    written = (gallery / PAGE).read_text(encoding="utf-8") if (gallery / PAGE).is_file() else ""
    if written != page:
        wrong.append(f"{PAGE} does not say what the run says of its figures")
    return sorted(wrong)


def same_picture(one: Path, other: Path, levels: int = GREY_LEVELS) -> bool:
    """Whether two pictures are there and differ by no more than `levels` of 255 anywhere.

    Parameters
    ----------
    one, other
        Files.
    levels
        The largest difference of a pixel's red, green, blue or opacity.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        pictures = []
        for path in (one, other):
            with Image.open(path) as picture:
                pictures.append(np.asarray(picture.convert("RGBA"), dtype=np.int16))
    except (OSError, UnidentifiedImageError):
        return False
    first, second = pictures
    return first.shape == second.shape and int(np.abs(first - second).max()) <= levels


def plain(text: str) -> str:
    """Text in which markdown finds no signs of its own.

    Examples
    --------
    >>> print(plain("a_b <c> $d$\\n# e"))
    a\\_b \\<c\\> \\$d\\$ # e
    """
    return re.sub(r"([\\`*_\[\]<>$|~])", r"\\\1", " ".join(text.split()))


def _read(root: Path, gallery: Path) -> tuple[list[Chosen], str]:
    with reading_from(root):
        inventory = read_inventory(root)
    chosen = [_chosen(name, inventory) for name in _names(gallery / LIST)]
    return chosen, "\n".join([OPENING.format(count=len(chosen)), *(c.text for c in chosen)])


def _names(path: Path) -> list[str]:
    import yaml

    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = content.get("figures") if isinstance(content, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise GalleryError(f"docs/gallery/{LIST} lists figures under the key figures, as texts.")
    if len(names) > MOST or len(set(names)) < len(names):
        raise GalleryError(f"docs/gallery/{LIST} lists at most {MOST} figures, each once.")
    return names


def _chosen(name: str, inventory: Inventory) -> Chosen:
    city, _, stem = name.partition("/")
    for run, output in inventory.pictures:
        if (run.city, output.path.stem) == (city, stem):
            return Chosen(f"{name}.png", run, output, inventory.city_title(city))
    raise GalleryError(
        f"docs/gallery/{LIST} names {name!r}, which no run has drawn; run python3 run_all.py first, "
        "or correct the name."
    )
