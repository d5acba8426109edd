"""Builds the pages about the functions, wholly offline and the same bytes every time."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from helpers.compendium import ROOT, reference_dir, report_dir, writing
from helpers.report import recover, replace_folder

ASSETS = Path(__file__).resolve().parents[1] / "report" / "assets"
TOOLS = {"sphinx": "Sphinx", "numpydoc": "numpydoc"}
SETTINGS: dict[str, Any] = {
    "project": "Spatial police planning",
    "author": "",
    "copyright": "",
    "version": "",
    "release": "",
    "language": "en",
    "extensions": [
        "sphinx.ext.autodoc",
        "numpydoc",
        "helpers.reference.extension",
    ],
    "html_theme": "reference",
    "html_math_renderer": "mathml",
    "html_title": "Spatial police planning",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_search_summary": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
    "html_domain_indices": False,
    "html_last_updated_fmt": None,
    "html_permalinks_icon": "#",
    "pygments_style": "none",
    "default_role": "py:obj",
    "toc_object_entries_show_parents": "hide",
    "add_module_names": False,
    "python_maximum_signature_line_length": 88,
    "python_use_unqualified_type_names": True,
    "autodoc_preserve_defaults": True,
    "autodoc_typehints_format": "short",
    # numpy's own definition of it fills three lines
    "autodoc_type_aliases": {"ArrayLike": "ArrayLike", "npt.ArrayLike": "ArrayLike"},
    "numpydoc_show_class_members": False,
    "numpydoc_class_members_toctree": False,
    "smartquotes": False,
}


class MissingToolError(RuntimeError):
    """A package that makes the pages is not installed; the text says how to mend that."""


def build_reference() -> tuple[Path, list[str]]:
    """Build the pages in `helpers.compendium.reference_dir`: their first page, Sphinx's warnings.

    They are built beside the old ones and exchanged for them in one step.  Two builds at once are
    not meant; the command line holds a lock.

    Raises
    ------
    MissingToolError
        Sphinx or numpydoc is not installed.
    OutputError
        The folder cannot be made or written.
    """
    missing = [shown for name, shown in TOOLS.items() if find_spec(name) is None]
    if missing:
        raise MissingToolError(
            f"{' and '.join(missing)}, which make the pages, are not installed here; "
            "`python3 run_all.py check` installs what is missing."
        )
    from .sources import write_sources

    target = reference_dir()
    new = target.with_name(f".{target.name}-new")
    with writing(target):
        recover(target)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            with tempfile.TemporaryDirectory(prefix="police-planning-") as work:
                sources = Path(work) / "sources"
                sources.mkdir()
                write_sources(sources, ROOT / "docs" / "methods.md")
                warnings = _sphinx(sources, new, Path(work) / "trees")
            replace_folder(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return target / "index.html", warnings


def _sphinx(sources: Path, out: Path, trees: Path) -> list[str]:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said = io.StringIO()
    context = {"report": (report_dir() / "index.html").is_file()}
    with patch_docutils(), docutils_namespace(), _no_dates():
        app = Sphinx(
            srcdir=sources,
            confdir=None,
            outdir=out,
            doctreedir=trees,
            buildername="html",
            confoverrides={**SETTINGS, "html_context": context},
            status=None,
            warning=said,
            freshenv=True,
        )
        app.build()
    for name in ("site.css", "site.js"):
        shutil.copyfile(ASSETS / name, out / "_static" / name)
    # what only a second build in the same folder, or a page's own source, would want
    (out / ".buildinfo").unlink(missing_ok=True)
    shutil.rmtree(out / "_sources", ignore_errors=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue())
    return [line for line in plain.splitlines() if line.strip()]


@contextmanager
def _no_dates() -> Iterator[None]:
    """Let every date in the pages be the same one, whenever they are made."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
