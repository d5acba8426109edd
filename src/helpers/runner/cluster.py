"""The workers of an existing Dask cluster as a place where jobs are done."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from helpers.compendium import OUTPUT_VARIABLE, find_city, input_hash, output_root

from . import _on_worker
from ._identity import differences
from ._token import announce, dismiss
from .place import ClusterError, Job

ANSWER = 10.0  # seconds that a scheduler has to answer
ARRIVAL = 30.0  # seconds in which the first of its workers comes
GLANCE = 0.5  # seconds between looks at which workers there are
TRIES = 4  # workers that may end under one job
Work = Callable[[Job, dict[str, Any]], Job]


class Cluster:
    """Workers of a Dask cluster, each with as many jobs at once as it has threads.

    A worker is used when it sees this run's folder of results and has this project's lock,
    packages and code, whenever it comes; each other one is told of once.  Jobs are put on workers
    here and not by Dask, so that a job whose worker is gone goes to another one, and none waits for
    a worker that may not be used.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    modules
        What workers import once for all jobs.
    tell
        Called with sentences about workers.
    shared
        Whether sections share out their replicates, which run in the workers' own processes.
    work
        What a worker does with a job.

    Raises
    ------
    ClusterError
        On entering: Dask is not installed, no scheduler answers, or it has no worker that can be
        used.  Later: the scheduler is gone.
    """

    def __init__(
        self,
        address: str,
        modules: Sequence[str],
        tell: Callable[[str], None],
        shared: bool = False,
        work: Work = _on_worker.do_job,
    ) -> None:
        self._address, self._tell, self._shared, self._work = address, tell, shared, work
        self._order: dict[str, Any] = {"token": uuid.uuid4().hex, "modules": list(modules)}
        self._threads: dict[str, int] = {}
        self._refused: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._looked = 0.0
        self._looking = threading.Lock()
        self._places = threading.Condition()
        self._over = ""

    def __enter__(self) -> Cluster:
        """Connect, and look who is there."""
        if find_spec("distributed") is None:
            raise ClusterError(
                "--scheduler needs Dask, which is not installed here; install it with: uv sync "
                "--group cluster (or: pip install distributed)"
            )
        import dask
        from distributed import Client

        # what goes wrong is told in one sentence
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            with dask.config.set({"distributed.comm.timeouts.connect": ANSWER}):
                self._client = Client(self._address, timeout=ANSWER, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {self._address} ({_first_line(error)}); start one, or "
                "correct the address, such as tcp://10.0.0.1:8786"
            ) from None
        ours = {k: v for k, v in os.environ.items() if k.startswith(_on_worker.OURS)}
        self._order["environment"] = {**ours, OUTPUT_VARIABLE: str(output_root())}
        try:
            self._order["file"] = str(announce(self._order["token"]))
            end = time.monotonic() + ARRIVAL
            while not self._threads and not self._refused and time.monotonic() < end:
                self._look()
                time.sleep(GLANCE / 5)
            if not self._threads:
                none = "none of its workers can be used" if self._refused else "it has no worker"
                raise ClusterError(f"the cluster at {self._address} cannot run this: {none}")
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *why: Any) -> None:
        """End what the run left on the workers, and part from the cluster."""
        self._leave()

    def slots(self) -> int:
        """How many threads the workers have that can be used, now; one at the least."""
        self._look()
        return max(1, sum(self._threads.values()))

    def do(self, job: Job) -> Job:
        """Do a job on a worker; where the worker ends under it, on another one.

        Raises
        ------
        ClusterError
            The scheduler is gone, or the run was stopped.
        """
        job = self._with_inputs(job)
        for _ in range(TRIES):
            worker = self._take()
            try:
                result = self._done(job, worker)
            finally:
                with self._places:
                    self._busy[worker] -= 1
                    self._places.notify_all()
            if result is not None:
                return result
        told = f"{TRIES} workers ended under it, one after the other; see their logs: "
        return {"state": "failed", "lines": [f"{told}memory is the usual reason"]}

    def stop(self) -> None:
        """End what is at work on the workers; each `do` raises."""
        self._end("stopped")
        self._dismiss()

    def _leave(self) -> None:
        self._dismiss()
        with suppress(Exception):
            self._client.close(timeout=2)

    def _dismiss(self) -> None:
        """Tell the workers, by the cluster where it is there, and by the run's file where not."""
        with suppress(Exception):
            dismiss()
        with suppress(Exception):
            if self._client.status == "running":
                self._client.run(_on_worker.end, self._order["token"], on_error="ignore")

    def _with_inputs(self, job: Job) -> Job:
        """The job with the hash of its city's files, and with where its replicates may run."""
        city = job.get("city") or job.get("parameters", {}).get("city")
        more: Job = {"inputs": input_hash(find_city(city))} if city else {}
        if job.get("parameters", {}).get("jobs", 1) != 1:
            more["share"] = {"address": self._address, "workers": sorted(self._threads)}
        return {**job, **more}

    def _take(self) -> str:
        """A place on the worker that has most of them free, waiting for one if need be."""
        waited = 0.0
        while True:
            self._look()
            with self._places:
                free = {name: n - self._busy[name] for name, n in self._threads.items()}
                best = max(sorted(free), key=lambda name: free[name], default="")
                if best and free[best] > 0:
                    self._busy[best] += 1
                    return best
                self._places.wait(GLANCE)
            if not self._threads and not waited:
                self._tell("no worker is left; the run goes on when one comes, or stop it (Ctrl-C)")
            waited += GLANCE

    def _done(self, job: Job, worker: str) -> Job | None:
        """What came of a job on a worker; None where the worker ended under it."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            future = self._client.submit(
                self._work,
                job,
                self._order,
                workers=[worker],
                allow_other_workers=False,
                pure=False,
            )
        except Exception:
            raise self._end(self._gone()) from None
        while True:
            try:
                return future.result(timeout=GLANCE)
            except TimeoutError:
                self._look()
                if worker not in self._threads:
                    future.cancel()
                    return None
            except KilledWorker:
                return None
            except CancelledError:
                raise self._end(self._gone()) from None
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                return {"state": "failed", "lines": said.splitlines() or ["it failed"]}

    def _look(self) -> None:
        """See which workers came and went, at most twice a second."""
        with self._looking:
            if self._over:
                raise ClusterError(self._over)
            if time.monotonic() < self._looked + GLANCE:
                return
            try:
                if self._client.status != "running":
                    raise OSError(self._client.status)
                there = self._client.nthreads()
                fresh = [n for n in there if n not in self._threads and n not in self._refused]
                said = self._ask(fresh)
            except Exception:
                raise self._end(self._gone()) from None
            self._refused &= set(there)
            with self._places:
                self._threads = {n: there[n] for n in self._threads if n in there}
                for name in fresh:
                    if why := self._why_not(said.get(name)):
                        self._refused.add(name)
                        self._tell(f"worker {name} is not used: {why}")
                    else:
                        self._threads[name] = there[name]
                self._places.notify_all()
            self._looked = time.monotonic()

    def _ask(self, workers: list[str]) -> dict[str, Any]:
        if not workers:
            return {}
        return self._client.run(_on_worker.who, self._order, workers=workers, on_error="return")

    def _why_not(self, said: Any) -> str:
        """Why a worker that said this of itself cannot be used; nothing where it can."""
        if not isinstance(said, dict):
            return (
                f"it cannot load this project's helpers ({_first_line(said)}); start it with the "
                "project's own .venv"
            )
        if different := differences(_on_worker.LOADED, said["now"]):
            return different[0]
        if said["loaded"] != said["now"]:
            return "the project has changed since it was started; start it again"
        if not said["sees"]:
            return (
                f"it does not see {self._order['file']}; put results on a file system that all "
                "machines see under one path (POLICE_PLANNING_OUTPUT)"
            )
        if self._shared and said["threads"]:
            names = " ".join(f"{name}=1" for name in said["threads"])
            return f"its replicates could differ in a last digit; start it with {names}"
        return ""

    def _gone(self) -> str:
        return (
            f"the Dask scheduler at {self._address} is gone; start it and its workers, and run the same "
            "command again: it goes on where this run ended"
        )

    def _end(self, why: str) -> ClusterError:
        """End every wait with the same reason, the first that was given."""
        self._over = self._over or why
        with self._places:
            self._places.notify_all()
        return ClusterError(self._over)


def _first_line(error: Any) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
