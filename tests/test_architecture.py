"""The import arrows of the design: who may import whom, and through which door."""

from __future__ import annotations

import ast
from collections.abc import Container
from pathlib import Path

HELPERS = Path(__file__).resolve().parents[1] / "src" / "helpers"
EVERYTHING = None
METHODS = ("patterns", "forecasting", "location", "districting", "priorities", "hot_spots")
# part of helpers -> parts it may import
ALLOWED = {
    "checks": set(),
    "compiled": set(),
    "space": {"checks", "compiled"},
    **{method: {"space", "checks", "compiled"} for method in METHODS},
    "sources": {"space", "checks", "compiled"},
    "cities": {"sources", "space", "checks"},
    "quality": {"cities", "space", "checks"},
    "plots": set(),
    "compendium": {"cities", "checks"},
    "planner": {"compendium", "cities", "checks", "space"},
    "newcity": {"compendium", "cities", "sources", "space", "checks"},
    "runner": EVERYTHING,
    "report": EVERYTHING,
    "reference": EVERYTHING,
    "cli": EVERYTHING,
    "__init__": set(),
}


def imports(path: Path, root: Path) -> list[str]:
    """Dotted names below ``helpers`` that a module imports, relative ones made absolute."""
    package = ["helpers", *path.parent.relative_to(root).parts]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            stem = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*stem, *([node.module] if node.module else [])])
            found += [base] if base != "helpers" else [f"helpers.{a.name}" for a in node.names]
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


def circles(root: Path) -> list[list[str]]:
    """Modules below `root` that import each other in a circle, wherever in the file they do so.

    What is imported only for the reader of annotations (``if TYPE_CHECKING:``) does not count.
    """
    modules = {}
    for path in root.rglob("*.py"):
        parts = ["helpers", *path.relative_to(root).with_suffix("").parts]
        modules[".".join(parts).removesuffix(".__init__")] = path
    reach = {name: imported_modules(path, root, modules) for name, path in modules.items()}
    for middle in reach:  # Warshall: what is reached through each module in turn
        for name in reach:
            if middle in reach[name]:
                reach[name] |= reach[middle]
    found = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in reach
        if name in reach[name]
    }
    return [list(circle) for circle in sorted(found)]


def imported_modules(path: Path, root: Path, modules: Container[str]) -> set[str]:
    """Which of `modules` a file imports; where ``from . import x`` names a module x, that one."""
    package = ["helpers", *path.parent.relative_to(root).parts]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    annotations = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in annotations:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            stem = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*stem, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in modules else base)
    return {name for name in found if name in modules}


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


def test_no_files_import_each_other_in_a_circle():
    assert circles(HELPERS) == []


def test_a_circle_is_seen(tmp_path):
    folder = tmp_path / "location"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .median import p_median\n", encoding="utf-8")
    (folder / "problem.py").write_text("", encoding="utf-8")
    solver = folder / "solver.py"
    (folder / "median.py").write_text("def late():\n    from .solver import x\n", encoding="utf-8")
    for line, seen in {
        "from .median import plain_solution": True,
        "def late():\n    from . import median": True,
        "from helpers.location import median": True,
        "if TYPE_CHECKING:\n    from .median import Plan": False,
        "from . import problem": False,
    }.items():
        solver.write_text(f"{line}\n", encoding="utf-8")
        found = circles(tmp_path)
        assert bool(found) == seen, line
        assert not seen or {"helpers.location.median", "helpers.location.solver"} <= set(found[0])


def hidden_modules(root: Path) -> list[str]:
    """Modules that a folder's ``__init__`` hides behind what it exports under the same name."""
    hidden = []
    for door in root.rglob("__init__.py"):
        modules = {path.stem for path in door.parent.glob("*.py")}
        modules |= {path.parent.name for path in door.parent.glob("*/__init__.py")}
        for node in ast.walk(ast.parse(door.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {alias.asname or alias.name for alias in node.names}
                hidden += [f"{door.parent.name}.{name}" for name in sorted(names & modules)]
    return hidden


def test_no_export_hides_a_module():
    """`from helpers.districting import exact` must not depend on which of two things came last."""
    assert hidden_modules(HELPERS) == []


def test_a_hidden_module_is_seen(tmp_path):
    (tmp_path / "exact.py").write_text("def exact(): ...\n", encoding="utf-8")
    for line, hidden in {
        "from .exact import exact": [f"{tmp_path.name}.exact"],
        "from .exact import exact as proven": [],
        "from . import exact": [],
    }.items():
        (tmp_path / "__init__.py").write_text(f"{line}\n", encoding="utf-8")
        assert hidden_modules(tmp_path) == hidden, line


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


def test_opencv_is_imported_by_map_symbols_alone():
    """It is 60 MB and serves one section: only inside a function of `sources.map_symbols`."""
    for path in HELPERS.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        asked = {
            id(node): node
            for node in ast.walk(tree)
            if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "cv2" for a in node.names))
            or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cv2")
        }  # fmt: skip
        inside = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
        }
        assert not asked or "map_symbols" in path.parts, path
        assert set(asked) <= inside, path
