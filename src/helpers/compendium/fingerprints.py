"""What fixes a result: hashes of code, inputs, parameters and lock, by one rule for all."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import file_hash
from .paths import HELPERS, LOCK, NOTEBOOKS

if TYPE_CHECKING:
    from helpers.cities import City

CODE = {".py", ".pyc"}
# Set by a run for the kernel of a section: its name, and its `code_hash` as it was when it began.
CODE_VARIABLE = "POLICE_PLANNING_CODE"


def imported_files(source: str) -> list[Path]:
    """Every helper module that Python source imports, directly or through another."""
    seen: set[Path] = set()
    waiting = set(_imported(source, "", HELPERS))
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".py":
            package = ".".join(("helpers", *path.parent.relative_to(HELPERS).parts))
            waiting |= _imported(path.read_text(encoding="utf-8"), package, HELPERS)
        if path.name == "__init__.py":
            seen |= _data_files(path.parent)
    return sorted(seen)


def notebook_imports(name: str) -> list[str]:
    """Modules that the cells of a section's notebook import, ours and others'."""
    source = _notebook_code(NOTEBOOKS / f"{name}.ipynb")
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "helpers":
                found |= {f"helpers.{alias.name}" for alias in node.names}
    return sorted(found)


def files_hash(paths: list[Path]) -> str:
    """SHA-256 over the names and contents of helper files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(HELPERS).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_hash(name: str) -> str:
    """SHA-256 of a section's notebook, of its words and of every helper module it stands on."""
    path, words = NOTEBOOKS / f"{name}.ipynb", NOTEBOOKS / "words" / f"{name}.md"
    modules = files_hash(imported_files(_notebook_code(path)))
    said = words.read_text(encoding="utf-8") if words.is_file() else ""
    return hashlib.sha256((_notebook_text(path) + said + modules).encode()).hexdigest()


def code_hash_of_run(name: str) -> str:
    """`code_hash` of a section that a run has begun in this process; else as it is now."""
    section, _, digest = os.environ.get(CODE_VARIABLE, "").partition(" ")
    return digest if section == name and digest else code_hash(name)


def lock_hash() -> str:
    """SHA-256 of ``uv.lock``, which fixes every package."""
    return file_hash(LOCK) if LOCK.exists() else ""


def fingerprint(**parts: Any) -> str:
    """The one rule for what is current: SHA-256 over named parts, the lock and the Python version.

    Parameters
    ----------
    parts
        Whatever else fixes a result: hashes of code and inputs, parameters, what came before.
        JSON types.

    Examples
    --------
    >>> fingerprint(code="a", inputs=["b"]) == fingerprint(inputs=["b"], code="a")
    True
    >>> fingerprint(code="a") == fingerprint(code="b")
    False
    """
    parts |= {"lock": lock_hash(), "python": list(sys.version_info[:2])}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def module_hash(*modules: str) -> str:
    """SHA-256 of modules of ours and of every one that they stand on."""
    return files_hash(imported_files("\n".join(f"import {name}" for name in modules)))


def input_hash(town: City) -> str:
    """SHA-256 over the names and contents of every file of a city."""
    digest = hashlib.sha256()
    for path in sorted(town.input_files()):
        digest.update(f"{path.relative_to(town.folder).as_posix()} {file_hash(path)}\n".encode())
    return digest.hexdigest()


def _notebook_text(path: Path) -> str:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return json.dumps([cells, notebook["metadata"].get("compendium")], sort_keys=True)


def _notebook_code(path: Path) -> str:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    source = "\n".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"
    )
    # lines of IPython's own language are not Python
    return "\n".join(
        line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))
    )


@cache
def _imported(source: str, package: str, helpers: Path) -> frozenset[Path]:
    """Files in a folder of ours that source text of a package imports."""
    names = _imported_names(source, package)
    return frozenset(path for name in names for path in _module_files(name, helpers))


def _imported_names(source: str, package: str) -> frozenset[str]:
    """Dotted names that source text imports, relative ones made absolute."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                stem = package.split(".")
                stem = stem[: len(stem) - node.level + 1]
                base = ".".join([*stem, *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in found if name.split(".")[0] == "helpers")


def _data_files(package: Path) -> set[Path]:
    """A package's data files (a style sheet, a template), which are part of its code.

    Those of a package within it are that one's alone, so that a page's script fixes pages, not
    sections.  Compiled files are none: numba writes its own into ``__pycache__`` at the first call.
    """
    found: set[Path] = set()
    for path in package.iterdir():
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            found |= set() if (path / "__init__.py").is_file() else _data_files(path)
        elif path.suffix not in CODE:
            found.add(path)
    return found


@cache
def _module_files(dotted: str, helpers: Path) -> frozenset[Path]:
    parts = dotted.split(".")
    found = set()
    for depth in range(1, len(parts) + 1):
        base = helpers.joinpath(*parts[1:depth])
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                found.add(path)
    return frozenset(found)
