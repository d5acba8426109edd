"""Writes what Sphinx reads: a page for each folder and each of its files, and the map."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path, PurePath

from .entries import FOLDERS, Entry, Page, pages, remark

WIDEST = 240  # characters of a constant's value that are shown


def write_sources(folder: Path, methods: Path) -> None:
    """Write the pages' reStructuredText into a folder.

    Parameters
    ----------
    folder
        Empty, and there.
    methods
        ``docs/methods.md``, which becomes the page "Map"; left out where there is none.
    """
    found = {name: pages(name) for name in FOLDERS}
    _write(folder / "index.rst", _index(methods.is_file()))
    if methods.is_file():
        every = [page for of_folder in found.values() for page in of_folder]
        _write(folder / "map.rst", _map(methods.read_text(encoding="utf-8"), every))
    for name, of_folder in found.items():
        _write(folder / f"{name}.rst", _folder_page(name, of_folder))
        for page in of_folder:
            _write(folder / f"{page.address}.rst", _file_page(page))


def _index(with_map: bool) -> str:
    lines = [
        *_title("Functions"),
        "What every public function of the compendium computes: formula, types, shapes, units,",
        "errors and source, as its docstring says.",
        *(["The :doc:`map <map>` leads from the sections to the functions."] if with_map else []),
        "",
    ]
    for name in FOLDERS:
        first, _, _ = _docstring(f"helpers.{name}").partition("\n\n")
        lines += [f":doc:`helpers.{name} <{name}>`", *_indented(first), ""]
    names = ["map"] * with_map + list(FOLDERS)
    return _page([*lines, *_tree(names)])


def _folder_page(name: str, of_folder: list[Page]) -> str:
    lines = [
        *_title(f"helpers.{name}"),
        _docstring(f"helpers.{name}"),
        "",
        f".. py:module:: helpers.{name}",
        "",
        # the tables below name things in full
        ".. py:currentmodule:: None",
        "",
    ]
    for page in of_folder:
        first, _, _ = _docstring(page.module).partition("\n\n")
        lines += [*_title(f":doc:`{page.title} <{page.address}>`", "-"), first, ""]
        called = [entry for entry in page.entries if entry.kind != "data"]
        if called:
            # Sphinx's autosummary would load and format every docstring a second time
            lines += [".. list-table::", "   :class: names", ""]
            lines += [line for entry in called for line in _row(entry)]
            lines.append("")
        constants = [e for e in page.entries if e.kind == "data"]
        if constants:
            lines += [", ".join(f":py:data:`~{entry.dotted}`" for entry in constants), ""]
    return _page([*lines, *_tree([page.address for page in of_folder])])


def _row(entry: Entry) -> list[str]:
    first, _, _ = (inspect.getdoc(entry.value) or "").partition("\n\n")
    return [f"   * - :py:obj:`~{entry.dotted}`", f"     - {' '.join(first.split())}"]


def _file_page(page: Page) -> str:
    owners = list(dict.fromkeys(entry.owner for entry in page.entries))
    modules = [name for name in owners if name.count(".") > 1 and page.parts[-1] == page.parts[0]]
    lines = [
        *_title(page.title),
        ".. rst-class:: where",
        "",
        " · ".join([*(f"``from {owner} import …``" for owner in owners), f"``{page.source}``"]),
        "",
        _docstring(page.module),
        "",
    ]
    # a module that is asked for by its own name
    for name in modules:
        lines += [f".. py:module:: {name}", "", ".. py:currentmodule:: None", ""]
    for entry in page.entries:
        lines += [*_constant(entry)] if entry.kind == "data" else [*_documented(entry)]
    return _page(lines)


def _documented(entry: Entry) -> list[str]:
    members = [] if entry.kind == "function" else ["   :members:", "   :member-order: bysource"]
    return [f".. auto{entry.kind}:: {entry.dotted}", *members, ""]


def _constant(entry: Entry) -> list[str]:
    value = list(entry.value) if isinstance(entry.value, dict) else entry.value
    shown = "" if isinstance(value, PurePath) or " at 0x" in repr(value) else repr(value)
    shown = f"{shown[:WIDEST]} …" if len(shown) > WIDEST else shown
    about = remark(entry)
    return [
        f".. py:data:: {entry.name}",
        f"   :module: {entry.owner}",
        *([f"   :value: {shown}"] if shown else []),
        "",
        *_indented(about),
        "",
    ]


def _map(text: str, every: list[Page]) -> str:
    """The map as a page of its own, its links to files of ours led to the pages of these files."""
    # nbconvert's own converter, without the seconds that importing nbconvert takes
    import mistune

    homes = {page.source: page for page in every}
    anchors = {(entry.name, page.source): entry.dotted for page in every for entry in page.entries}

    def led(match: re.Match) -> str:
        label, source = match[1], match[2].removeprefix("../")
        if source not in homes:
            return ""
        anchor = anchors.get((label.strip("`"), source), "")
        return f"[{label}]: {homes[source].address}.html{'#' if anchor else ''}{anchor}"

    # what stands before the first section tells where these pages are
    body = text[text.find("\n## ") :]
    body = re.sub(r"\[([^\]]+)\]\([^)\s]+\)", r"\1", body)
    body = re.sub(r"^\[([^\]]+)\]: (\S+)$", led, body, flags=re.MULTILINE)
    html = str(mistune.create_markdown(plugins=["table"])(body))
    html = html.replace("<table>", '<div class="table-scroll"><table>')
    html = html.replace("</table>", "</table></div>")
    lead = (
        "For each question of a section the function that answers it, the source it follows, and",
        "what to know when choosing.",
    )
    return _page([*_title("Map"), *lead, "", ".. raw:: html", "", *_indented(html), ""])


def _docstring(module: str) -> str:
    return inspect.cleandoc(importlib.import_module(module).__doc__ or "")


def _title(text: str, line: str = "=") -> list[str]:
    return [text, line * len(text), ""]


def _indented(text: str) -> list[str]:
    return [f"   {line}" if line.strip() else "" for line in text.splitlines()]


def _tree(names: list[str]) -> list[str]:
    return [".. toctree::", "   :hidden:", "", *(f"   {name}" for name in names), ""]


def _page(lines: list[str]) -> str:
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
