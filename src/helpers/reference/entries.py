"""What the pages show: the public names of the folders, by the file that each is written in."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDERS = (
    "space",
    "patterns",
    "hot_spots",
    "forecasting",
    "location",
    "districting",
    "priorities",
    "plots",
    "sources",
    "cities",
    "quality",
    "compendium",
)
# Modules that are asked for by their own name, not through the folder's door.
BY_NAME = ("study", "claims", "map_symbols")


@dataclass(frozen=True)
class Entry:
    """One public name: where it is imported from, what it is, and where it is written."""

    owner: str
    name: str
    value: Any
    module: str
    line: int

    @property
    def dotted(self) -> str:
        """The name as one imports it, with its owner."""
        return f"{self.owner}.{self.name}"

    @property
    def kind(self) -> str:
        """Of Sphinx's domain for Python: function, class, exception or data."""
        if isinstance(self.value, type):
            return "exception" if issubclass(self.value, BaseException) else "class"
        return "function" if callable(self.value) else "data"


@dataclass(frozen=True)
class Page:
    """One file of a folder: its entries in the order in which they are written."""

    folder: str
    module: str
    entries: tuple[Entry, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The file below its folder: ``("optimum", "search")``."""
        return tuple(self.module.split(".")[2:]) or ("__init__",)

    @property
    def address(self) -> str:
        """Where the page lies below the pages' folder, without its ending."""
        return f"{self.folder}/{'_'.join(self.parts)}"

    @property
    def title(self) -> str:
        """The file's name as words."""
        words = ": ".join(part.replace("_", " ") for part in self.parts)
        return words[0].upper() + words[1:]

    @property
    def source(self) -> str:
        """The file, as seen from the project's root."""
        path = Path(importlib.import_module(self.module).__file__ or "")
        return f"src/helpers/{path.relative_to(Path(__file__).parents[1]).as_posix()}"


def public_names(folder: str) -> list[Entry]:
    """Every public name of a folder of helpers: what its door exports, and its modules by name."""
    door = importlib.import_module(f"helpers.{folder}")
    places = _places(door)
    found = []
    for name in sorted(door.__all__):
        value = getattr(door, name)
        module = places.get(name, door.__name__)
        found.append(_entry(door.__name__, name, value, module))
    for inner in pkgutil.iter_modules(door.__path__, f"{door.__name__}."):
        if inner.name.rpartition(".")[2] in BY_NAME:
            found += _module_names(importlib.import_module(inner.name))
    return found


def pages(folder: str) -> list[Page]:
    """The files of a folder that hold public names, by name, with their entries."""
    files: dict[str, list[Entry]] = {}
    for entry in public_names(folder):
        files.setdefault(entry.module, []).append(entry)
    return [
        Page(folder, module, tuple(sorted(files[module], key=lambda e: (e.line, e.name))))
        for module in sorted(files)
    ]


def remark(entry: Entry) -> str:
    """What is written about a constant: the string below it, or the comment lines above it."""
    node = _place(entry.module, entry.name)
    if node is None:
        return ""
    below = _string_after(entry.module, node)
    if below:
        return inspect.cleandoc(below)
    said: list[str] = []
    for line in reversed(_text(entry.module).splitlines()[: node.lineno - 1]):
        if not line.startswith("#"):
            break
        said.insert(0, line.lstrip("#: "))
    return "\n".join(said)


def _module_names(module: ModuleType) -> list[Entry]:
    """Public names of a module, or of a package of modules, asked for by its own name."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and _is_of(getattr(value, "__module__", None), module)
    ]
    names = getattr(module, "__all__", own)
    places = _places(module) if hasattr(module, "__path__") else {}
    return [
        _entry(module.__name__, name, getattr(module, name), places.get(name, module.__name__))
        for name in sorted(names)
    ]


def _is_of(place: object, module: ModuleType) -> bool:
    return isinstance(place, str) and f"{place}.".startswith(f"{module.__name__}.")


def _entry(owner: str, name: str, value: Any, module: str) -> Entry:
    real = getattr(value, "__module__", None)
    if callable(value) and isinstance(real, str) and real.startswith("helpers."):
        module = real
    node = _place(module, getattr(value, "__name__", name)) or _place(module, name)
    return Entry(owner, name, value, module, node.lineno if node else 0)


def _places(door: ModuleType) -> dict[str, str]:
    """Which module each name comes from that a package imports, through packages inside it too."""
    found = {}
    for node in _tree(door.__name__).body:
        if isinstance(node, ast.ImportFrom):
            base = f"{door.__name__}.{node.module}" if node.level else node.module or ""
            within = importlib.import_module(base) if base.startswith("helpers") else None
            deeper = _places(within) if within and hasattr(within, "__path__") else {}
            for alias in node.names:
                found[alias.asname or alias.name] = deeper.get(alias.name, base)
    return found


@cache
def _text(module: str) -> str:
    return Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_text(module))


def _place(module: str, name: str) -> ast.stmt | None:
    """Where a module defines a name: a function, a class, or what is given a value."""
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            continue
        if name in named:
            return node
    return None


def _string_after(module: str, node: ast.stmt) -> str:
    body = _tree(module).body
    after = [other for other in body if other.lineno > node.lineno][:1]
    for other in after:
        if isinstance(other, ast.Expr) and isinstance(other.value, ast.Constant):
            return other.value.value if isinstance(other.value.value, str) else ""
    return ""
