"""What must be the same on two machines for a section to leave the same bytes on both."""

from __future__ import annotations

import hashlib
import sys

from helpers.compendium import (
    HELPERS,
    NOTEBOOKS,
    ROOT,
    environment,
    fingerprint,
    lock_hash,
)

_COMPILED = {".pyc", ".nbi", ".nbc"}
# what differs -> what is said of a worker, and its mend
_TOLD = {
    "project": "its project is {there}, and here it is {here}; give it the project on a file system "
    "that all machines see under one path",
    "Python": "it runs Python {there}, and here it is {here}; start it with the project's own .venv",
    "lock": "its uv.lock is another one; bring its project to this version and start it again",
    "packages": "its packages are others than here; start it with the project's own .venv",
    "code": "its notebooks or helpers are others than here; bring its project to this version and "
    "start it again",
}


def identity() -> dict[str, str]:
    """Path of the project, version of Python, and hashes of the lock, the packages and the code.

    Returns
    -------
    dict of str
        By what is said of it where it differs.
    """
    packages = {
        name: version for name, version in environment.versions().items() if name != "platform"
    }
    return {
        "project": str(ROOT),
        "Python": ".".join(map(str, sys.version_info[:2])),
        "lock": lock_hash(),
        "packages": fingerprint(packages=packages),
        "code": _code(),
    }


def differences(here: dict[str, str], there: dict[str, str]) -> list[str]:
    """What differs, in words, the most telling first; nothing where all is the same.

    Examples
    --------
    >>> here = dict.fromkeys(("project", "Python", "lock", "packages", "code"), "a")
    >>> differences(here, here), len(differences(here, here | {"lock": "b", "code": "b"}))
    ([], 2)
    """
    return [
        told.format(there=there.get(name, "unknown"), here=here[name])
        for name, told in _TOLD.items()
        if there.get(name) != here[name]
    ]


def _code() -> str:
    """SHA-256 over every file of the helpers, every notebook and its words."""
    digest = hashlib.sha256()
    files = [*HELPERS.rglob("*"), *NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("words/*.md")]
    for path in sorted(files):
        if path.suffix in _COMPILED or "__pycache__" in path.parts or not path.is_file():
            continue
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
