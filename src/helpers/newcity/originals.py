"""The files as they were given: copied into the city's folder, and told of in SOURCES.md."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from helpers.sources import Download, sha256_of

from .archives import copied


def keep_original(folder: Path, path: Path, name: str) -> str:
    """Copy a file to ``original/``; its place there, below the city's folder.

    A file of the same name and other content stays: the new one gets a number before its name.
    """
    place = PurePosixPath("original", name)
    number = 1
    while (folder / place).exists() and sha256_of(folder / place) != sha256_of(path):
        number += 1
        place = PurePosixPath("original", name).with_name(f"{number}_{path.name}")
    if not (folder / place).exists():
        copied(path, folder / place)
    return place.as_posix()


def source_rows(originals: dict[str, Path], downloads: dict[Path, Download]) -> list[str]:
    """Rows of the table in SOURCES.md: blanks, and of a download its address, day and hash."""
    rows = [
        f"| {cell(file)} | … | {_fetched(downloads[path])} |"
        if path in downloads
        else f"| {cell(file)} | … | … | … | … |"
        for file, path in originals.items()
    ]
    apart = [made for path, made in downloads.items() if path not in originals.values()]
    return [
        *rows,
        *(f"| {cell(made.path.name)} (not copied) | … | {_fetched(made)} |" for made in apart),
    ]


def _fetched(made: Download) -> str:
    return f"{cell(made.address)} | … | {made.when}, sha256 {made.sha256}"


def add_sources(page: Path, originals: dict[str, Path], downloads: dict[Path, Download]) -> None:
    """Add rows for further originals below the table of a city's SOURCES.md."""
    rows = source_rows(originals, downloads)
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    rows = [row for row in rows if row not in lines]
    table = [k for k, line in enumerate(lines) if line.startswith("| original/")]
    at = table[-1] + 1 if table else len(lines)
    head = (
        []
        if table
        else ["", "| file | publisher | address | licence | downloaded |", "|---|---|---|---|---|"]
    )
    page.write_text("\n".join([*lines[:at], *head, *rows, *lines[at:]]) + "\n", encoding="utf-8")


def cell(text: str) -> str:
    """A text as a cell of a table in Markdown."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean.replace("|", "\\|").replace("<", "&lt;")
