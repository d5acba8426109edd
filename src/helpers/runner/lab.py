"""The lab: copies of the notebooks that a student may change, with results of their own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from helpers.compendium import (
    BEFORE_VARIABLE,
    NOTEBOOKS,
    OUTPUT_VARIABLE,
    SCRATCH,
    file_hash,
    output_root,
    read_json,
    same_file,
    write_json,
    writing,
)

COPIED = ".copied.json"


def copy_notebooks(target: Path) -> list[str]:
    """Copy each notebook that is not there yet, or that nobody has changed since it was copied.

    Parameters
    ----------
    target
        Folder of the copies; made where it is missing.

    Returns
    -------
    list of str
        Names of the copies that were kept although the project's notebook is another by now.

    Raises
    ------
    OutputError
        The system does not let the copies be made.
    """
    noted = target / COPIED
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    copied = {name: digest for name, digest in read_json(noted, {}).items()}
    older = []
    for source in sorted(NOTEBOOKS.glob("*.ipynb")):
        copy, now = target / source.name, file_hash(source)
        untouched = not copy.exists() or same_file(copy, str(copied.get(source.name)))
        if untouched:
            with writing(copy):
                shutil.copyfile(source, copy)
            copied[source.name] = now
        elif copied.get(source.name) != now:
            older.append(source.name)
    write_json(noted, copied)
    return older


def environment() -> dict[str, str]:
    """Variables by which notebooks save into ``scratch/`` and read what the project's run left.

    A folder that somebody chose with ``POLICE_PLANNING_OUTPUT`` stays where results go.
    """
    if os.environ.get(OUTPUT_VARIABLE):
        return {}
    return {OUTPUT_VARIABLE: str(SCRATCH), BEFORE_VARIABLE: str(output_root())}


def command(target: Path, words: list[str]) -> list[str]:
    """The command that opens JupyterLab on the copies; every word given is passed on."""
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={target}", *root, *words]
