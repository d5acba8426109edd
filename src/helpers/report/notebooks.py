"""Renders an executed notebook as the body of a page."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

from .clean import Headings, clean_html
from .code import highlight
from .evidence import Evidence, mark
from .library import Picture
from .markdown import render_markdown
from .mathml import displayed
from .statements import said_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
# Of what a cell offers, the form that reads best comes first.
PREFERRED = (
    "text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex",
    "text/plain",
)  # fmt: skip
WIDGET = "application/vnd.jupyter.widget-view+json"
SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}
# papermill puts a notice of the failure into the notebook; the page has its own.
NOTICES = frozenset(("papermill-error-cell-tag", "papermill-error-cell"))
TRACEBACK_LINES = 12
CELL = "cell-"
TURN = "## Your turn"
HERE = ", this one"
"""After the name of the default city on its own pages."""
NUMBERS_OF = """
The answers state the numbers of {city}. Here the same steps give others: hold what an answer says of the reason against
your own, and to check the steps themselves, run them with the default city first.
"""
"""Before the name of a cell in its anchor."""

LONGEST_VALUE = 160
"""Characters of a saved number, text or list that are shown under its cell."""


@dataclass(frozen=True)
class RenderedNotebook:
    """The body of a notebook's page and what the page around it needs.

    Attributes
    ----------
    title
        Text of the notebook's own first heading, or an empty string.
    body
        HTML of all cells.
    contents
        Headings: level, anchor, text.
    code
        Source of every cell by anchor; and the anchors of values that claims lead to.
    error
        Anchor of the cell that stopped the run, the error's name and its message; or None.
    figures
        Anchors of the figures that it shows.
    """

    title: str
    body: Markup
    contents: list[tuple[int, str, str]]
    code: dict[str, str]
    error: tuple[str, str, str] | None
    figures: frozenset[str] = frozenset()


def render_notebook(
    path: Path,
    *,
    store: Callable[[bytes, str, str, str], Picture],
    image: Callable[[str], str | None] = lambda source: None,
    widget: Markup | None = None,
    default_city: str = "",
    saved: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    files: Mapping[str, str] | None = None,
    evidence: Sequence[Evidence] = (),
) -> RenderedNotebook:
    """Render an executed notebook.

    Parameters
    ----------
    path
        The notebook; it may have stopped half way.
    store
        Takes the bytes, file suffix and alternative text of an image, and what the notebook
        states of it, and gives it as a file of the site.
    image
        Gives the address inside the site of an image that the text refers to, or None.
    widget
        What stands in the place of the first widget, which lives in JupyterLab only; without it
        no widget is shown.
    default_city
        Markdown that names the city whose numbers the exercises state, which the notebook itself
        does not.
    saved
        Name and value of the numbers that each cell saved, by the cell's name; they stand under
        its code.
    files
        Name of each file that the section saved → Markdown that leads there; it stands where an
        output names the file as code.
    evidence
        Rows of tables that claims lead to.

    Raises
    ------
    ValueError
        If the file is no notebook.
    """
    notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
    if not isinstance(notebook.get("cells"), list):
        raise ValueError(f"{path.name} is no notebook of format 4: it has no cells.")
    preparation = _Preparation(store, widget, default_city, saved or {}, files or {})
    headings = Headings()
    title = _take_title(notebook)
    exporter = _exporter()
    for name, shown in {
        "markdown": partial(render_markdown, headings=headings, image=image, raw_html=True),
        "clean": partial(clean_html, headings=headings, image=image),
        "python": highlight,
        "formula": lambda tex: displayed(tex.strip().strip("$")),
    }.items():
        exporter.register_filter(name, lambda text, shown=shown: Markup(shown(text)))
    notebook.cells = preparation.cells(notebook.cells)
    body, _ = exporter.from_notebook_node(notebook)
    body, marked = mark(body, evidence)
    # what was marked is a place on the page as the cells are
    places = {**preparation.code, **dict.fromkeys(marked, "")}
    return RenderedNotebook(
        title, Markup(body), headings.found, places, preparation.error,
        frozenset(preparation.figures - {""}),
    )  # fmt: skip


@cache
def _exporter() -> _SiteExporter:
    """The exporter with its template compiled; each notebook registers its own filters."""
    # the template is compiled with the names of its filters, which must exist by then
    filters = dict.fromkeys(("markdown", "clean", "python", "formula"), lambda text: text)
    return _SiteExporter(
        template_name="compendium", extra_template_basedirs=[str(TEMPLATES)], filters=filters
    )


class _SiteExporter(TemplateExporter):
    """nbconvert's machinery with the site's template, and everything escaped by default.

    It runs no preprocessors: the notebook is prepared before, because nbconvert would validate
    it after each, and the page of a notebook cut short is wanted too.
    """

    file_extension = ".html"
    output_mimetype = "text/html"
    default_config = Config()

    @default("default_preprocessors")
    def _no_preprocessors(self) -> list[str]:
        return []

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.autoescape = True
        return environment


@dataclass
class _Preparation:
    """Brings every cell to what the template shows: an anchor, one form an output, image files."""

    store: Callable[[bytes, str, str, str], Picture]
    widget: Markup | None = None
    default_city: str = ""
    saved: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    error: tuple[str, str, str] | None = None
    figures: set[str] = field(default_factory=set)

    def cells(self, cells: list[NotebookNode]) -> list[NotebookNode]:
        kept = []
        said = {
            (number, place): said_of(cells, number, place)
            for number, cell in enumerate(cells)
            for place, output in enumerate(cell.get("outputs", []))
            if "image/png" in output.get("data", {})
        }
        for number, cell in enumerate(cells):
            tags = set(cell.metadata.get("tags", []))
            if tags & NOTICES and cell.cell_type == "markdown":
                continue
            cell.source = _joined(cell.source)
            cell.id = cell.anchor = _anchor(cell, tags, number)
            cell.label = _label(tags)
            cell.saved = [
                (name, _short(value))
                for name, value in self.saved.get(cell.anchor[len(CELL) :], ())
            ]
            if self.default_city and cell.cell_type == "markdown":
                named = f"the default city ({self.default_city})"
                cell.source = cell.source.replace("the default city", named)
                if not self.default_city.endswith(HERE):
                    told = f"{TURN}\n{NUMBERS_OF.format(city=self.default_city)}\n"
                    cell.source = f"{cell.source}\n".replace(f"{TURN}\n", told, 1)
            if cell.cell_type == "code":
                self._prepare_code(
                    cell, {place: s for (n, place), s in said.items() if n == number}
                )
            if cell.source.strip() or cell.get("outputs"):
                kept.append(cell)
                self.code.setdefault(cell.anchor, cell.source)
        for cell, following in pairwise(kept):
            # the text under a figure that begins with its name is its caption
            caption = following.cell_type == "markdown" and following.source.startswith("**")
            cell.captioned = caption or _captioned(cell)
        return kept

    def _prepare_code(self, cell: NotebookNode, said: dict[int, str]) -> None:
        self.code[cell.anchor] = cell.source
        cell.failed = False
        outputs: list[NotebookNode] = []
        for place, output in enumerate(cell.get("outputs", [])):
            kind = output.output_type
            if kind == "stream":
                text = _settled(strip_ansi(_joined(output.text)))
                if (
                    outputs
                    and outputs[-1].output_type == "stream"
                    and outputs[-1].name == output.name
                ):
                    outputs[-1].text += text
                elif text.strip():
                    outputs.append(nbformat.from_dict({**output, "text": text}))
            elif kind == "error":
                cell.failed = True
                self.error = (cell.anchor, output.ename, strip_ansi(output.evalue))
                outputs.append(_traceback(output))
            else:
                shown = self._prepare_data(output, said.get(place, ""))
                if shown is not None:
                    outputs.append(shown)
        cell.outputs = outputs

    def _prepare_data(self, output: NotebookNode, said: str) -> NotebookNode | None:
        form = next((form for form in PREFERRED if form in output.data), None)
        # a widget lives in JupyterLab only; its plain text is no reading matter
        if WIDGET in output.data and form in (None, "text/plain"):
            return self._take_widget()
        if form is None:
            return None
        content = _joined(output.data[form])
        if form == "text/markdown":
            content = re.sub(r"`([^`\n]+)`", lambda code: self.files.get(code[1], code[0]), content)
        shown: dict[str, Any] = {
            "output_type": "display_data",
            "metadata": {},
            "data": {form: content},
        }
        if form in SUFFIX:
            raw = content.encode() if form == "image/svg+xml" else base64.b64decode(content)
            about = output.metadata.get(form, output.metadata)
            picture = self.store(raw, SUFFIX[form], str(about.get("alt", "")), said)
            shown["data"] = {"image/png": ""}
            shown["picture"] = picture.shown_at(about.get("width"))
            # a figure that is shown twice is found where it is first
            shown["anchor"] = "" if picture.anchor in self.figures else picture.anchor
            self.figures.add(shown["anchor"])
        return nbformat.from_dict(shown)

    def _take_widget(self) -> NotebookNode | None:
        """What stands for a widget: once, and nothing where there is nothing."""
        widget, self.widget = self.widget, None
        if widget is None:
            return None
        shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": ""}}
        return nbformat.from_dict({**shown, "widget": widget})


def _take_title(notebook: NotebookNode) -> str:
    """Take the notebook's first heading out of its first text cell: it heads the page."""
    for cell in notebook.cells:
        if cell.cell_type != "markdown" or set(cell.metadata.get("tags", [])) & NOTICES:
            continue
        cell.source = _joined(cell.source)
        found = re.match(r"\s*#\s+(.+?)\s*#*\s*(?:\n|$)", cell.source)
        if found:
            cell.source = cell.source[found.end() :]
            return re.sub(r"[*_`]", "", found[1])
        return ""
    return ""


def _captioned(cell: NotebookNode) -> bool:
    """Whether the cell shows the captions of its figures itself, under them."""
    texts = [
        _joined(output.get("data", {}).get("text/markdown", ""))
        for output in cell.get("outputs", [])
    ]
    return any(text.startswith("**") for text in texts)


def _label(tags: set[str]) -> str:
    if "injected-parameters" in tags:
        return "Parameters given to this run"
    return "Parameters" if "parameters" in tags else "Code"


def _anchor(cell: NotebookNode, tags: set[str], number: int) -> str:
    # papermill gives the cell it injects a new id at every run
    if "injected-parameters" in tags:
        return f"{CELL}given-parameters"
    name = re.sub(r"[^A-Za-z0-9_-]", "", str(cell.get("id", "")))
    return f"{CELL}{name or number + 1}"


def _short(value: str) -> str:
    """A saved value that takes no more than two lines: all of it is in the section's file."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE].rstrip()} …"


def _traceback(output: NotebookNode) -> NotebookNode:
    lines = [
        line.rstrip()
        for line in strip_ansi("\n".join(output.get("traceback", []))).splitlines()
        if line.strip(" -\t")
    ]
    return nbformat.from_dict(
        {
            "output_type": "error",
            "traceback": [],
            "ename": output.ename,
            "first": "\n".join(lines[:-TRACEBACK_LINES]),
            "last": "\n".join(lines[-TRACEBACK_LINES:]),
        }
    )


def _joined(text: str | list[str]) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _settled(text: str) -> str:
    """Text as a terminal shows it in the end: of a line written over, the last version."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
