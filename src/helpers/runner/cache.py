"""Remember what is complete: a stamp with the fingerprint of a task and of its files."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from helpers.cities import load_city
from helpers.project import RAW, figures_dir, output_root, processed_dir, write_json
from helpers.results import COMPENDIUM, input_hash, outputs_index
from helpers.runner.plan import Task
from helpers.sections import code_hash, file_hash, lock_hash


def fingerprint(task: Task) -> str:
    """SHA-256 of all that a task's results depend on.

    That is the notebook, the helper modules it imports (transitively), the city's files, the
    parameters, the lock, the Python version, and the stamps of the sections before it.
    """
    parts: dict[str, Any] = {
        "code": code_hash(task.section),
        "parameters": task.parameters,
        "lock": lock_hash(),
        "python": list(sys.version_info[:2]),
    }
    if task.city == COMPENDIUM:
        parts["results"] = [file_hash(path) for path in _ledger_files()]
    else:
        parts["inputs"] = input_hash(load_city(task.parameters["city"]))
        parts["after"] = [_read(_stamp_path(task.city, name)).get("key") for name in task.after]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def notebook_path(task: Task, partial: bool = False) -> Path:
    """Where the executed notebook of a task is kept, the whole one or the one cut short."""
    suffix = ".partial.ipynb" if partial else ".ipynb"
    return processed_dir(task.city) / "notebooks" / f"{task.section}{suffix}"


def read_stamp(task: Task) -> dict:
    """The stamp of a task, or an empty dictionary."""
    return _read(_stamp_path(task.city, task.section))


def is_current(task: Task) -> bool:
    """Whether the task's results on disk are those that a run would make again.

    Contents are compared, never times: the fingerprint of what goes in, and the SHA-256 of
    every file that came out (a file removed or written over by hand makes the section run).
    """
    stamp = read_stamp(task)
    if stamp.get("key") != fingerprint(task) or not notebook_path(task).is_file():
        return False
    files = {output_root() / name: digest for name, digest in stamp["outputs"].items()}
    return all(path.is_file() and file_hash(path) == digest for path, digest in files.items())


def complete(task: Task, key: str, seconds: float) -> None:
    """Stamp a task that ended well, and remove what an earlier version of it left.

    `key` is the fingerprint taken before the task ran: what was edited meanwhile is not in it.
    """
    index = outputs_index(task.city, task.section)
    listed = json.loads(index.read_text(encoding="utf-8"))["outputs"] if index.is_file() else []
    outputs = {entry["file"]: entry["sha256"] for entry in listed}
    keep = {index, *(output_root() / name for name in outputs)}
    keep |= {path.with_name(path.name + ".json") for path in keep}
    for folder in (figures_dir(task.city), processed_dir(task.city)):
        for path in folder.glob(f"{task.section}_*"):
            if path.is_file() and path not in keep:
                path.unlink()
    stamp = {"key": key, "seconds": round(seconds, 1), "outputs": outputs}
    write_json(_stamp_path(task.city, task.section), stamp)


def _stamp_path(city: str, section: str) -> Path:
    return processed_dir(city) / "stamps" / f"{section}.json"


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _ledger_files() -> list[Path]:
    """Every result that a section about the whole compendium may read."""
    found = sorted(processed_dir().glob("*/[0-9][0-9]_*.json"))
    return [RAW / "claims.csv", *(p for p in found if p.parent.name != COMPENDIUM)]
