"""Lists what sections saved beside figures, as files that a reader takes away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .inventory import Inventory, Output, Run
    from .library import Kept, Library

# What a section saves beside figures.
KINDS = ("table", "numbers", "document", "layers")
# Layers that people look for by what they hold, not by the set that they belong to.
HELD = {("15", "plans_posts"): "Posts of every number of patrols, with coordinates"}


FORMS = {"geojson": "GeoJSON", "parquet": "Parquet", "gpkg": "GeoPackage"}
"""Forms of files that are words; others are written in capitals."""


class Download(NamedTuple):
    """A file: whose it is, where it is in the site (None where it is not), its bytes."""

    run: Run
    output: Output
    kept: Kept | None
    size: int

    @property
    def form(self) -> str:
        """What its link opens, for people: its form and size, or the archive that it is in."""
        suffix = self.output.path.suffix[1:].lower()
        form = FORMS.get(suffix, suffix.upper())
        if self.kept is not None and self.kept.packed:
            return f"{form} in {self.kept.archive}"
        return f"{form}, {file_size(self.size)}"


def list_downloads(inventory: Inventory, library: Library) -> list[Download]:
    """Every such file that is on disk, in reading order; each is copied into the site."""
    return [
        Download(
            run, _named(run, output), library.add_table(run, output), output.path.stat().st_size
        )
        for run in inventory.ordered
        for output in run.outputs
        if output.kind in KINDS and output.path.is_file()
    ]


def file_size(size: int) -> str:
    """A number of bytes as a person says it.

    Examples
    --------
    >>> file_size(812), file_size(20_480), file_size(3_400_000)
    ('812 B', '20 kB', '3.4 MB')
    """
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def _named(run: Run, output: Output) -> Output:
    """The output under the title of what it holds, where its own is that of the whole set."""
    title = HELD.get((run.number, output.name.partition(" ")[0]))
    return replace(output, title=title) if title else output


def content(files: list[Download]) -> dict[str, Any]:
    """What the template of the page needs: the files by city and section, and the filters."""
    groups: dict[tuple[str, str, str], list[Download]] = {}
    for file in files:
        groups.setdefault((file.run.city, file.run.number, file.run.title), []).append(file)
    return {
        "groups": list(groups.items()),
        "cities": list(dict.fromkeys(file.run.city for file in files)),
        "sections": sorted({(file.run.section, file.run.title) for file in files}),
        "forms": sorted({file.output.path.suffix[1:] for file in files}),
    }
