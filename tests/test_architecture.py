"""The import arrows of the design: who may import whom, and through which door."""

from __future__ import annotations

import ast
from pathlib import Path

HELPERS = Path(__file__).resolve().parents[1] / "src" / "helpers"
EVERYTHING = None
METHODS = ("patterns", "forecasting", "location", "districting", "priorities", "hot_spots")
# part of helpers -> parts it may import
ALLOWED = {
    "checks": set(),
    "space": {"checks"},
    **{method: {"space", "checks"} for method in METHODS},
    "sources": {"space", "checks"},
    "cities": {"sources", "space", "checks"},
    "plots": set(),
    "compendium": {"cities", "checks"},
    "runner": EVERYTHING,
    "report": EVERYTHING,
    "cli": EVERYTHING,
    "__init__": set(),
}


def imports(path: Path, root: Path, names_too: bool = False) -> list[str]:
    """Dotted names below ``helpers`` that a module imports, relative ones made absolute.

    With `names_too`, ``from a import b`` gives ``a.b``, whatever b is.
    """
    package = ["helpers", *path.parent.relative_to(root).parts]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            stem = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*stem, *([node.module] if node.module else [])])
            whole = names_too or base == "helpers"
            found += [f"{base}.{a.name}" for a in node.names] if whole else [base]
    return [name for name in found if name.split(".")[0] == "helpers"]


def broken_arrows(root: Path) -> list[str]:
    """Every import below `root` that the design does not have, as ``file imports name``."""
    broken = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        part = place.parts[0].removesuffix(".py")
        for name in imports(path, root):
            parts = name.split(".")
            if len(parts) < 2 or parts[1] == part:
                continue
            target = parts[1]
            allowed = ALLOWED[part]
            through_door = len(parts) == 2 or not (root / target).is_dir()
            if not through_door or (allowed is not EVERYTHING and target not in allowed):
                broken.append(f"{place.as_posix()} imports {name}")
    return broken


def test_every_part_is_in_the_design():
    parts = {path.stem for path in HELPERS.glob("*.py")}
    parts |= {path.name for path in HELPERS.iterdir() if (path / "__init__.py").is_file()}
    assert parts <= set(ALLOWED)


def test_no_arrow_is_broken():
    assert broken_arrows(HELPERS) == []


def test_a_broken_arrow_is_seen(tmp_path):
    (tmp_path / "patterns").mkdir()
    (tmp_path / "cities").mkdir()
    module = tmp_path / "patterns" / "density.py"
    for line, seen in {
        "from helpers.cities import load_city": True,
        "from ..cities import load_city": True,
        "from helpers import cities": True,
        "import helpers.cities": True,
        "from helpers.space.windows import Window": False,  # no such folder here: a module
        "from . import kernels": False,
        "from helpers.space import Window": False,
    }.items():
        module.write_text(f"def late():\n    {line}\n", encoding="utf-8")
        assert bool(broken_arrows(tmp_path)) == seen, line
    (tmp_path / "space").mkdir()
    module.write_text("from helpers.space.windows import Window\n", encoding="utf-8")
    assert broken_arrows(tmp_path) == ["patterns/density.py imports helpers.space.windows"]


# Circles between files that are still to be ended, and may be taken off; none may be added.
KNOWN_CIRCLES = {
    "location: median, pyomo_model, spopt_models",
    "patterns: bandwidths, density",
    "runner: _provisioner, warm",
}


def circles(root: Path) -> set[str]:
    """Files of a folder that reach each other by imports, TYPE_CHECKING ones and late ones too."""
    found = set()
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        files = {path.stem: path for path in folder.glob("*.py")}
        dotted = ".".join(("helpers", *folder.relative_to(root).parts))
        reached = {
            stem: _neighbours(path, dotted, set(files), root) for stem, path in files.items()
        }
        for _ in reached:  # as often as the longest chain could be
            for stem, names in reached.items():
                reached[stem] = names | {far for name in names for far in reached[name]}
        place = folder.relative_to(root).as_posix()
        for stem in sorted(reached):
            others = {other for other in reached[stem] if stem in reached[other]}
            if others - {stem}:
                found.add(f"{place}: {', '.join(sorted(others | {stem}))}")
    return found


def _neighbours(path: Path, dotted: str, files: set[str], root: Path) -> set[str]:
    """Files of its own folder that a module imports; a name that is none comes from __init__."""
    found = set()
    below = {folder.name for folder in path.parent.iterdir() if folder.is_dir()}
    for name in imports(path, root, names_too=True):
        if name.startswith(f"{dotted}."):
            first = name.removeprefix(f"{dotted}.").split(".")[0]
            if first not in below:
                found.add(first if first in files else "__init__")
    return found - {path.stem}


def test_no_circle_between_files_of_a_folder():
    assert circles(HELPERS) <= KNOWN_CIRCLES


def test_a_circle_is_seen(tmp_path):
    folder = tmp_path / "cities"
    folder.mkdir()
    (folder / "__init__.py").write_text("from helpers.cities.a import f\n")
    (folder / "a.py").write_text("from . import b\n")
    (folder / "b.py").write_text("def late():\n    from helpers.cities import c\n")
    (folder / "c.py").write_text("import helpers.space\n")
    assert circles(tmp_path) == set()
    (folder / "c.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from helpers.cities.a import A\n"
    )
    assert circles(tmp_path) == {"cities: a, b, c"}
    (folder / "c.py").write_text("from helpers.cities import f\n")
    assert circles(tmp_path) == {"cities: __init__, a, b, c"}


def test_tensorflow_is_never_imported_with_a_module():
    """It takes 15 s to import: only inside a function of `forecasting` may it be asked for."""
    for path in HELPERS.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("tensorflow", "keras") for name in names):
                assert id(node) in inside, path
                assert "forecasting" in path.parts, path
