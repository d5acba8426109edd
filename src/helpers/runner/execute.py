"""Run the tasks of a plan in worker processes, several at once, and say how each ended."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from helpers.cities import CityError, load_city
from helpers.project import RAW, ROOT, processed_dir, report_dir, sweep_temporary, write_json
from helpers.results import COMPENDIUM, input_hash
from helpers.runner.cache import complete, fingerprint, is_current, notebook_path, read_stamp
from helpers.runner.plan import Task
from helpers.sections import NOTEBOOKS, files_hash, imported_files

WAITING, RUNNING, DONE = "waiting", "running", "done"
CURRENT, FAILED, NOT_RUN = "up to date", "failed", "not run"


class BusyError(RuntimeError):
    """Another run is at work in the same folders."""


@dataclass
class Outcome:
    """How a task stands: its state, seconds so far, and the last lines of an error."""

    task: Task
    state: str = WAITING
    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)


def run(
    tasks: list[Task],
    jobs: int,
    force: bool = False,
    watch: Callable[[list[Outcome]], None] = lambda outcomes: None,
) -> list[Outcome]:
    """Bring every task up to date and build the report.

    Parameters
    ----------
    tasks
        A plan; tasks with a reason are not run.
    jobs
        Worker processes at once.
    force
        Run also what is up to date.
    watch
        Called with all outcomes whenever one changes.

    Returns
    -------
    list of Outcome
        One a task, in the order of the plan.

    Raises
    ------
    CityError
        If the files of a city are not valid; nothing has run then.
    BusyError
        If another run is at work.
    """
    outcomes = [Outcome(task, NOT_RUN if task.reason else WAITING) for task in tasks]
    with only_one(), tempfile.TemporaryDirectory(prefix="police-planning-") as scratch:
        for folder in (processed_dir(), report_dir()):
            sweep_temporary(folder)
        _check_cities(tasks, jobs, Path(scratch))
        # sections about the whole compendium come after all others
        for whole in (False, True):
            wave = [o for o in outcomes if (o.task.city == COMPENDIUM) == whole]
            _run_wave(outcomes, wave, jobs, force, watch, Path(scratch))
        _remember(outcomes)
        _build_report(Path(scratch), force)
    return outcomes


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the project's run lock; the system lets go of it when the process ends, however."""
    path = processed_dir() / ".lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as stream:
        try:
            _lock(stream)
        except OSError:
            raise BusyError(
                "another run is at work in this project; wait for it to end, or stop it."
            ) from None
        yield


def _lock(stream) -> None:
    if os.name == "nt":
        import msvcrt

        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _check_cities(tasks: list[Task], jobs: int, scratch: Path) -> None:
    """Read and validate every layer of every city, unless the same files passed before."""
    cities = {t.city: t.parameters["city"] for t in tasks if not t.reason and t.city != COMPENDIUM}
    code = files_hash(imported_files("import helpers.cities\nimport helpers.sources"))
    waiting = {}
    for name, argument in cities.items():
        key = hashlib.sha256(f"{input_hash(load_city(argument))} {code}".encode()).hexdigest()
        passed = processed_dir(name) / "stamps" / "city.json"
        if not (passed.is_file() and json.loads(passed.read_text("utf-8"))["key"] == key):
            waiting[name] = (argument, key, passed)
    with ThreadPoolExecutor(jobs) as pool:
        futures = {
            name: pool.submit(_work, {"kind": "check", "city": argument}, scratch)
            for name, (argument, _, _) in waiting.items()
        }
    refused = []
    for name, future in futures.items():
        result = future.result()
        if result["state"] == "done":
            write_json(waiting[name][2], {"key": waiting[name][1]})
        elif result["state"] == "refused":
            refused += result["lines"]
        else:
            raise RuntimeError(f"city {name} could not be read:\n" + "\n".join(result["lines"]))
    if refused:
        raise CityError("\n".join(refused))


def _run_wave(all_outcomes, wave, jobs, force, watch, scratch) -> None:
    state = {(o.task.city, o.task.section): o for o in all_outcomes}
    running: dict[Future, tuple[Outcome, str, float]] = {}
    stale: list[Task] = []
    with ThreadPoolExecutor(jobs) as pool:
        while any(o.state in (WAITING, RUNNING) for o in wave):
            for outcome in [o for o in wave if o.state == WAITING]:
                before = [state.get((outcome.task.city, name)) for name in outcome.task.after]
                if any(o and o.state in (WAITING, RUNNING) for o in before):
                    continue
                # one that the city cannot run stops nobody: what a section needs is on its card
                stopped = [o.task.section for o in before if o and o.state == FAILED]
                if stopped:
                    outcome.state, outcome.lines = FAILED, [f"{stopped[0]} did not end well"]
                elif outcome.task in stale and len(running) >= jobs:
                    continue
                elif outcome.task not in stale and not force and is_current(outcome.task):
                    outcome.state = CURRENT
                    outcome.seconds = read_stamp(outcome.task)["seconds"]
                elif len(running) >= jobs:
                    stale.append(outcome.task)
                else:
                    outcome.state = RUNNING
                    key = fingerprint(outcome.task)
                    future = pool.submit(_execute, outcome.task, scratch)
                    running[future] = (outcome, key, time.perf_counter())
            for outcome, _, start in running.values():
                outcome.seconds = time.perf_counter() - start
            watch(all_outcomes)
            if running:
                ended, _ = wait(running, timeout=0.25, return_when=FIRST_COMPLETED)
                for future in ended:
                    outcome, key, start = running.pop(future)
                    outcome.seconds = time.perf_counter() - start
                    _settle(outcome, key, future.result())
        watch(all_outcomes)


def _execute(task: Task, scratch: Path) -> dict:
    partial = notebook_path(task, partial=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    job = {
        "kind": "execute",
        "notebook": str(NOTEBOOKS / f"{task.section}.ipynb"),
        "output": str(partial),
        "parameters": task.parameters,
    }
    return _work(job, scratch)


def _settle(outcome: Outcome, key: str, result: dict) -> None:
    task = outcome.task
    if result["state"] == "done":
        notebook_path(task, partial=True).replace(notebook_path(task))
        complete(task, key, outcome.seconds)
        outcome.state = DONE
    else:
        # the partial notebook stays: it shows how far the section came
        outcome.state, outcome.lines = FAILED, result["lines"]


def _work(job: dict, scratch: Path) -> dict:
    """Do one job in a worker process; a worker that dies is a failed job, not a crash here."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    files = [folder / "job.json", folder / "result.json"]
    files[0].write_text(json.dumps(job), encoding="utf-8")
    command = [sys.executable, "-m", "helpers.runner.worker", *map(str, files)]
    ended = subprocess.run(
        command, cwd=ROOT, env=_worker_environment(folder), capture_output=True, check=False
    )
    if files[1].is_file():
        return json.loads(files[1].read_text(encoding="utf-8"))
    said = ended.stderr.decode("utf-8", "replace").strip().splitlines()[-12:]
    return {"state": "failed", "lines": said or [f"the worker ended with code {ended.returncode}"]}


def _worker_environment(folder: Path) -> dict[str, str]:
    """Environment in which the same code gives the same bytes on whoever's machine.

    One thread a worker: sums then have one order, and the workers share the cores.  The user's
    own IPython and matplotlib settings stay outside.
    """
    single = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM")
    return {
        **os.environ,
        **{f"{name}_NUM_THREADS": "1" for name in single},
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MATPLOTLIBRC": os.devnull,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TZ": "UTC",
    }


def _remember(outcomes: list[Outcome]) -> None:
    """Write how every task stands to ``run.json``, keeping what other runs said of others."""
    path = processed_dir() / "run.json"
    known = {}
    if path.is_file():
        known = {(e["city"], e["section"]): e for e in json.loads(path.read_text("utf-8"))}
    for o in outcomes:
        # complete is complete, in this run or in one before
        state = DONE if o.state == CURRENT else o.state
        entry = {"city": o.task.city, "section": o.task.section, "state": state}
        more = {"reason": o.task.reason, "seconds": round(o.seconds, 1), "lines": o.lines}
        known[o.task.city, o.task.section] = {**entry, **more}
    write_json(path, [known[key] for key in sorted(known)])


def _build_report(scratch: Path, force: bool) -> None:
    files = [processed_dir() / "run.json", *sorted(processed_dir().glob("*/stamps/*.json"))]
    files += [RAW / "claims.csv", *sorted(RAW.glob("*/SOURCES.md"))]
    digest = hashlib.sha256(files_hash(imported_files("import helpers.report")).encode())
    for path in files:
        digest.update(path.read_bytes())
    stamp = processed_dir() / "report.json"
    key = digest.hexdigest()
    page = report_dir() / "index.html"
    known = json.loads(stamp.read_text("utf-8"))["key"] if stamp.is_file() else ""
    if known == key and page.is_file() and not force:
        return
    result = _work({"kind": "report"}, scratch)
    if result["state"] != "done":
        raise RuntimeError("the report could not be built:\n" + "\n".join(result["lines"]))
    write_json(stamp, {"key": key})
