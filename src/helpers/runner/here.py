"""Jobs in processes of this machine, one or several at once."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from helpers.compendium import RUN_VARIABLE

from .place import Job
from .warm import start_server
from .worker import LOG, RESULT, too_long, work

# Environment in which the same code gives the same bytes on whoever's machine. One thread a worker:
# sums then have one order, and the workers share the cores. The user's own matplotlib settings
# stay outside.
SINGLE = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM")
ENVIRONMENT = {
    **{f"{name}_NUM_THREADS": "1" for name in SINGLE},
    "MATPLOTLIBRC": os.devnull,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "TZ": "UTC",
    RUN_VARIABLE: "1",
}
# Seconds that a process gets beyond its section's time-out, to tell of it and save what there is.
GRACE = 60.0


@dataclass(frozen=True)
class Here:
    """Processes of this machine.

    Attributes
    ----------
    jobs
        How many at once.
    scratch
        Folder for what they leave.
    modules
        What is imported once for all of them.
    """

    jobs: int
    scratch: Path
    modules: list[str]
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    def slots(self) -> int:
        """How many jobs at once."""
        return self.jobs

    def do(self, job: Job) -> Job:
        """Do one job in a process of its own; one that dies is a failed job, not a crash here."""
        if self._stopped.is_set():
            return {"state": "failed", "lines": ["the run was stopped"]}
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        context = start_server(ENVIRONMENT, self.modules)
        process = context.Process(target=work, args=(job, str(folder)))
        process.start()
        process.join(job["timeout"] + GRACE if "timeout" in job else None)
        if process.is_alive():
            process.kill()
            process.join()
            return {"state": "failed", "lines": [too_long(job["timeout"])]}
        result, log = folder / RESULT, folder / LOG
        if result.is_file():
            return json.loads(result.read_text(encoding="utf-8"))
        said = log.read_text("utf-8", "replace").strip().splitlines() if log.is_file() else []
        ended = f"the worker ended with code {process.exitcode}"
        return {"state": "failed", "lines": said[-12:] or [ended]}

    def stop(self) -> None:
        """End every process that this one started, their kernels too, and begin no other."""
        self._stopped.set()
        end_children()


def end_children() -> None:
    """End every process below this one."""
    import psutil

    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            process.kill()
