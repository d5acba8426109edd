"""Where the peers live: their group of the lock, and an older environment for two of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = HERE / ".venv"
# these want pandas 2, which the project has left behind
OLDER = HERE / ".venv-pandas2"
OLDER_PACKAGES = ("predspot==1.0.0", "pysensmcda==2.0.0", "pandas<3")


def python_of(folder: Path, package: str) -> str:
    """The Python of an environment that has a package.

    Raises
    ------
    ImportError
        It is not there.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not any(folder.glob(f"[Ll]ib/**/site-packages/{package}")):
        raise ImportError(f"{package} is not installed", name=package)
    return str(python)


def install() -> None:
    """Make both environments: the lock's group `peers`, and the older one.

    Raises
    ------
    SystemExit
        uv is not there.
    """
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv") or str(ROOT / ".venv/bin/uv")
    if not Path(uv).exists():
        raise SystemExit("uv is not here: run `python3 run_all.py check` first, which installs it.")
    into = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(PEERS)}
    sync = [uv, "sync", "--frozen", "--no-dev", "--group", "peers"]
    subprocess.run(sync, cwd=ROOT, env=into, check=True)
    if not OLDER.exists():
        same = f"{sys.version_info.major}.{sys.version_info.minor}"
        subprocess.run([uv, "venv", "--python", same, str(OLDER)], check=True)
    older = {**os.environ, "VIRTUAL_ENV": str(OLDER)}
    subprocess.run([uv, "pip", "install", *OLDER_PACKAGES], env=older, check=True)
