"""Where things are in the project, the one place that knows."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"
NOTEBOOKS = ROOT / "notebooks"
HELPERS = Path(__file__).resolve().parent
LOCK = ROOT / "uv.lock"
OUTPUT_VARIABLE = "POLICE_PLANNING_OUTPUT"


def output_root() -> Path:
    """Folder that holds ``figures/``, ``data/processed/`` and ``report/``.

    It is the project itself unless the environment variable ``POLICE_PLANNING_OUTPUT`` names
    another folder, which leaves the committed figures alone.
    """
    return Path(os.environ.get(OUTPUT_VARIABLE) or ROOT).resolve()


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


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there when the block ends well.

    Readers see the old file or the whole new one, never a part, and a killed process leaves at
    most a hidden ``.*.tmp`` that `sweep_temporary` removes.  The temporary name keeps the suffix
    of `path`, because writers such as matplotlib choose the format by it.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a" / "note.txt"
    >>> with atomic_write(target) as temporary:
    ...     _ = temporary.write_text("whole")
    >>> target.read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem}.", suffix=f".tmp{path.suffix}", dir=path.parent
    )
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes the file private; give it the rights any other new file would have
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with ``\\n`` line ends, atomically."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any) -> None:
    """Write JSON that a person can read, atomically; a number that is not finite is an error."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def sweep_temporary(folder: Path) -> None:
    """Remove what killed writers left below `folder`."""
    for left in folder.rglob(".*.tmp*"):
        if left.is_file():
            left.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
