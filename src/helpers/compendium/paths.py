"""Where things are in the project, the one place that knows."""

from __future__ import annotations

import os
from pathlib import Path

HELPERS = Path(__file__).resolve().parents[1]
ROOT = HELPERS.parents[1]
RAW = ROOT / "data" / "raw"
CITIES = ROOT / "cities"
NOTEBOOKS = ROOT / "notebooks"
LOCK = ROOT / "uv.lock"
SCRATCH = ROOT / "scratch"
OUTPUT_VARIABLE = "POLICE_PLANNING_OUTPUT"
BEFORE_VARIABLE = "POLICE_PLANNING_BEFORE"


def output_root() -> Path:
    """Folder that holds ``figures/``, ``data/processed/`` and ``report/``.

    It is the project itself unless the environment variable ``POLICE_PLANNING_OUTPUT`` names
    another folder.
    """
    return Path(os.environ.get(OUTPUT_VARIABLE) or ROOT).expanduser().resolve()


def before_root() -> Path | None:
    """Folder whose results are read where `output_root` has none, or None.

    The environment variable ``POLICE_PLANNING_BEFORE`` names it.  A notebook of the lab saves
    into ``scratch/`` and reads what the sections before it left in the project.
    """
    named = os.environ.get(BEFORE_VARIABLE)
    return Path(named).expanduser().resolve() if named else None


def processed_dir(city: str | None = None) -> Path:
    """``data/processed``, or a city's folder in it."""
    folder = output_root() / "data" / "processed"
    return folder / city if city else folder


def figures_dir(city: str | None = None) -> Path:
    """``figures``, or a city's folder in it."""
    folder = output_root() / "figures"
    return folder / city if city else folder


def report_dir() -> Path:
    """Folder of the offline report."""
    return output_root() / "report"


def quality_page(city: str) -> str:
    """Address inside the report of the page about a city's data."""
    return f"quality/{city}.html"


def reference_dir() -> Path:
    """Folder of the pages about the functions, which ``run_all.py docs`` makes."""
    return output_root() / "docs" / "api"
