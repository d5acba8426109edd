"""What runs inside the process of a Dask worker: who it is, and the jobs that it is given.

A job is not done in that process, which has libraries, settings and threads of its own. One
process beside it does the jobs of a run, each in a child with the environment of a local run: so
the bytes are the same.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from helpers.compendium import HELPERS

from ._identity import identity
from ._token import is_on
from .here import SINGLE
from .place import Job

# The code as this process has loaded it; the files may have changed since.
LOADED = identity()
OURS = "POLICE_PLANNING_"

_servers: dict[str, _Server] = {}
_guard = threading.Lock()


def who(order: dict[str, Any]) -> dict[str, Any]:
    """What this worker is, for the run that asks.

    Parameters
    ----------
    order
        ``token`` of the run and the ``file`` that says that it is on.

    Returns
    -------
    dict
        ``now`` and ``loaded``: `identity` of the files and of what this process has loaded;
        ``sees``: whether the folder of results is the run's; ``threads``: libraries that may
        compute with several threads in this process.
    """
    named = (f"{name}_NUM_THREADS" for name in SINGLE[:3])
    return {
        "now": identity(),
        "loaded": LOADED,
        "sees": is_on(order["file"], order["token"]),
        "threads": [name for name in named if os.environ.get(name) != "1"],
    }


def do_job(job: Job, order: dict[str, Any]) -> Job:
    """Do one job beside this worker, and wait for its end.

    Parameters
    ----------
    job
        As a local run does it; with ``share`` its replicates may use this worker's threads.
    order
        ``token``, ``file``, ``environment`` and ``modules`` of the run.
    """
    if job.get("share"):
        from distributed import secede

        # its place among the worker's threads is for the replicates
        secede()
    with _guard:
        server = _servers.get(order["token"])
        if server is None or server.process.poll() is not None:
            server = _servers[order["token"]] = _Server(order)
    return server.do(job)


def end(token: str) -> None:
    """End what does the jobs of a run here."""
    with _guard:
        server = _servers.pop(token, None)
    if server is not None:
        server.close()


class _Server:
    """The process that does the jobs of one run, orders and answers being lines of JSON."""

    def __init__(self, order: dict[str, Any]) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        kept["PYTHONPATH"] = os.pathsep.join(
            [str(HELPERS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "helpers.runner._serving", json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**kept, **order["environment"]},
        )
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Job]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def do(self, job: Job) -> Job:
        """Do a job; one whose process is gone has failed."""
        future: Future[Job] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = future
            try:
                assert self.process.stdin is not None
                self.process.stdin.write(json.dumps([number, job]) + "\n")
                self.process.stdin.flush()
            except (OSError, ValueError):
                self._waiting.pop(number, None)
                return self._gone()
        return future.result()

    def close(self) -> None:
        """Let it end: it does so when nothing more can come."""
        with suppress(OSError, ValueError):
            assert self.process.stdin is not None
            self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            number, result = json.loads(line)
            with self._lock:
                future = self._waiting.pop(number)
            future.set_result(result)
        self.process.wait()
        with self._lock:
            left, self._waiting = self._waiting, {}
        for future in left.values():
            future.set_result(self._gone())

    def _gone(self) -> Job:
        ended = f"the process that ran it ended with code {self.process.poll()}"
        return {"state": "failed", "lines": [f"{ended}; see the log of its Dask worker"]}
