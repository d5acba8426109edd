"""One lock on the results: a run holds it alone, a notebook by hand shares it while it saves."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from .files import writing
from .paths import processed_dir

# Set by a run for its own workers and kernels, which save under the lock that the run holds.
RUN_VARIABLE = "POLICE_PLANNING_RUN"
LOCK_FILE = ".lock"
PATIENCE = 5.0  # seconds that one waits for another to finish saving a file


class BusyError(RuntimeError):
    """Another run is at work in the same folders."""


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock alone; the system lets go of it when the process ends, however.

    Raises
    ------
    BusyError
        Another run holds it.
    OutputError
        The folder of results cannot be made or written.
    """
    with _held(alone=True, refusal=(
        "another run is at work in this project; wait for it to end, or stop it."
    )):  # fmt: skip
        yield


def in_run() -> bool:
    """Whether a run began this process: what it saves counts once the section is complete."""
    return bool(os.environ.get(RUN_VARIABLE))


@contextmanager
def while_saving() -> Iterator[None]:
    """Share the lock for as long as one result is saved, unless the run that holds it asked for it.

    Raises
    ------
    BusyError
        A run is at work: results saved beside it would be taken for its own.
    """
    if in_run():
        yield
        return
    with _held(alone=False, refusal=(
        "a run (run_all.py) is at work on the same results; wait for it to end and run this cell "
        "again, or set POLICE_PLANNING_OUTPUT to a folder of your own first."
    )):  # fmt: skip
        yield


@contextmanager
def _held(alone: bool, refusal: str) -> Iterator[None]:
    path = processed_dir() / LOCK_FILE
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+", encoding="utf-8")
    with stream:
        end = time.monotonic() + PATIENCE
        while not _take(stream, alone):
            if time.monotonic() > end:
                raise BusyError(refusal)
            time.sleep(0.05)
        yield


def _take(stream: IO[str], alone: bool) -> bool:
    with suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            # no shared locks here: who saves holds it alone, for a moment
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        return True
    return False
