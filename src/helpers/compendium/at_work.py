"""Tells which cell of a section's notebook is at work, so that a result can be followed back."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from .paths import NOTEBOOKS


def cell_at_work(section: str) -> str:
    """Id of the cell that runs now, in a notebook of that section.

    The kernel knows the source of the cell it runs, the notebook which cell has that source.

    Parameters
    ----------
    section
        Name of the section.

    Returns
    -------
    str
        Nothing outside a kernel, and nothing where the cell was edited.
    """
    try:
        from IPython import get_ipython

        shell = get_ipython()
    except ImportError:  # pragma: no cover - the environment has IPython
        shell = None
    sources = shell.user_ns.get("In") if shell is not None else None
    path = NOTEBOOKS / f"{section}.ipynb"
    if not isinstance(sources, list) or not sources or not path.is_file():
        return ""
    return _cells(path, path.stat().st_mtime_ns).get(str(sources[-1]).strip(), "")


@cache
def _cells(path: Path, changed: int) -> dict[str, str]:
    """Ids of the code cells by their source; none for a source that stands twice."""
    cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
    code = [(_joined(c["source"]), c.get("id", "")) for c in cells if c["cell_type"] == "code"]
    sources = [source for source, _ in code]
    return {source: name for source, name in code if sources.count(source) == 1}


def _joined(source: str | list[str]) -> str:
    return ("".join(source) if isinstance(source, list) else source).strip()
