"""What a section is: its notebook, what the notebook needs, which parameters it takes."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from helpers.project import HELPERS, LOCK, NOTEBOOKS

AUTO = "auto"
CODE = {".py", ".pyc"}


class ParameterError(ValueError):
    """A parameter that the section does not have, or a value it cannot take."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its name, its default and the comment beside it."""

    name: str
    default: Any
    comment: str = ""


@dataclass(frozen=True)
class SectionCard:
    """What the runner knows of a section before it runs.

    Attributes
    ----------
    name
        Stem of the notebook, for example ``12_patrol_exploration``.
    title, paper
        Title for people, and the paper's section.
    needs
        Layers the city must have; an inner tuple lists alternatives.
    after
        Sections of the same city whose outputs this one reads.
    scope
        ``city``, or ``compendium`` for a section that runs once over whatever ran.
    seconds
        What it takes for a bundled city, about, so that a run can begin with the longest.
    """

    name: str
    title: str
    paper: str
    needs: tuple[tuple[str, ...], ...]
    after: tuple[str, ...]
    scope: str
    parameters: dict[str, Parameter]
    path: Path
    seconds: float = 10.0

    def missing(self, layers: set[str]) -> list[str]:
        """Layers the section needs and `layers` lacks, alternatives joined by ``or``."""
        return [" or ".join(group) for group in self.needs if not layers.intersection(group)]


def near(word: str, words, cutoff: float = 0.6) -> str:
    """``; did you mean 'x'?`` where a name in `words` is near `word`, else an empty string.

    `cutoff` is the least ratio of matching letters, from 0 to 1.

    Examples
    --------
    >>> near("ctiy", ["city", "seed"])
    "; did you mean 'city'?"
    """
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=cutoff)
    return f"; did you mean '{found[0]}'?" if found else ""


def list_sections() -> list[str]:
    """Names of all sections, in the order of their numbers."""
    return sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def read_section(name: str) -> SectionCard:
    """Read the card of a section from its notebook.

    Parameters
    ----------
    name
        Stem of the notebook, or its number (``"12"``).

    Raises
    ------
    ParameterError
        If there is no such section, or its parameters cell holds more than plain literals.
    """
    names = list_sections()
    if name not in names:
        numbered = [known for known in names if known.split("_")[0] == name]
        if len(numbered) != 1:
            raise ParameterError(
                f"there is no section '{name}'{near(name, names) or '.'} The sections are: "
                f"{', '.join(names)}."
            )
        name = numbered[0]
    path = NOTEBOOKS / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    card = notebook["metadata"].get("compendium", {})
    return SectionCard(
        name=name,
        title=card.get("title", name),
        paper=card.get("paper", ""),
        needs=tuple(tuple(item.split("|")) for item in card.get("needs", [])),
        after=tuple(card.get("after", [])),
        scope=card.get("scope", "city"),
        parameters=_declared_parameters(notebook, path),
        path=path,
        seconds=card.get("seconds", SectionCard.seconds),
    )


def check_parameters(card: SectionCard, given: dict[str, Any]) -> dict[str, Any]:
    """Check given parameters against the notebook's own and bring each to its type.

    A value has the type of the default: a whole number may stand for a real one and a single
    word for a list of one; a parameter whose default is ``"auto"`` takes anything.

    Raises
    ------
    ParameterError
        For an unknown name (a near one is suggested) or a value of another type.
    """
    checked = {}
    for name, value in given.items():
        if name not in card.parameters:
            raise ParameterError(
                f"section {card.name} has no parameter '{name}'"
                f"{near(name, card.parameters) or '.'} It takes: {', '.join(card.parameters)}."
            )
        checked[name] = _typed(card, name, value)
    return checked


def imported_files(source: str) -> list[Path]:
    """Every helper module that Python source imports, directly or through another."""
    seen: set[Path] = set()
    waiting = _imported(source, package="")
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".py":
            package = ".".join(("helpers", *path.parent.relative_to(HELPERS).parts))
            waiting |= _imported(path.read_text(encoding="utf-8"), package)
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
        elif isinstance(node, ast.ImportFrom):
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
    """SHA-256 of a section's notebook and of every helper module it stands on."""
    path = NOTEBOOKS / f"{name}.ipynb"
    modules = files_hash(imported_files(_notebook_code(path)))
    return hashlib.sha256((_notebook_text(path) + modules).encode()).hexdigest()


def lock_hash() -> str:
    """SHA-256 of ``uv.lock``, which fixes every package."""
    return file_hash(LOCK) if LOCK.exists() else ""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _typed(card: SectionCard, name: str, value: Any) -> Any:
    default = card.parameters[name].default
    kind = type(default)
    if default == AUTO or (type(value) is kind):
        return value
    if kind is float and type(value) is int:
        return float(value)
    if kind is str and type(value) in (int, float):
        return str(value)
    if kind is list and isinstance(value, str | int | float):
        return [value]
    raise ParameterError(
        f"parameter '{name}' of section {card.name} takes "
        f"{_kind_name(kind)} such as {default!r}, not {value!r}."
    )


def _kind_name(kind: type) -> str:
    return {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}.get(
        kind, f"a {kind.__name__}"
    )


def _declared_parameters(notebook: dict, path: Path) -> dict[str, Parameter]:
    cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    if len(cells) != 1:
        raise ParameterError(f"{path.name} must have one cell tagged 'parameters'.")
    source = "".join(cells[0]["source"])
    lines = source.splitlines()
    declared = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise ParameterError(f"{path.name}: the parameters cell may hold only assignments.")
        try:
            default = ast.literal_eval(node.value)
        except ValueError:
            raise ParameterError(
                f"{path.name}: parameter '{node.targets[0].id}' is not a plain literal."
            ) from None
        comment = lines[node.end_lineno - 1][node.end_col_offset :].partition("#")[2].strip()
        declared[node.targets[0].id] = Parameter(node.targets[0].id, default, comment)
    return declared


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


def _imported(source: str, package: str) -> set[Path]:
    names = _imported_names(source, package)
    return {path for name in names for path in _module_files(name, HELPERS)}


@cache
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

    Compiled files are not: numba writes its own into ``__pycache__`` at the first call.
    """
    return {
        path
        for path in package.rglob("*")
        if path.is_file()
        and path.suffix not in CODE
        and not any(part.startswith((".", "__pycache__")) for part in path.parts[-3:])
    }


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
