"""Run the tasks of a plan in worker processes, several at once, and say how each ended."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from helpers.cities import CityError, load_city
from helpers.project import RAW, processed_dir, report_dir, sweep_temporary, write_json
from helpers.results import COMPENDIUM, input_hash
from helpers.runner.cache import complete, fingerprint, is_current, notebook_path, read_stamp
from helpers.runner.plan import Task
from helpers.runner.warm import start_server
from helpers.runner.worker import LOG, RESULT, work
from helpers.sections import NOTEBOOKS, files_hash, imported_files, notebook_imports

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
}

Work = Callable[[dict], dict]
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
        todo = {task.section for task in tasks if not task.reason}
        modules = sorted({module for name in todo for module in notebook_imports(name)})
        do = partial(_work, scratch=Path(scratch), modules=modules)
        _check_cities(tasks, jobs, do)
        # sections about the whole compendium come after all others
        for whole in (False, True):
            wave = [o for o in outcomes if (o.task.city == COMPENDIUM) == whole]
            _run_wave(outcomes, _longest_first(wave), jobs, force, watch, do)
        _remember(outcomes)
        _build_report(do, force)
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


def _check_cities(tasks: list[Task], jobs: int, do: Work) -> None:
    """Read and validate every layer of every city, unless the same files passed before."""
    cities = {t.city: t.parameters["city"] for t in tasks if not t.reason and t.city != COMPENDIUM}
    code = files_hash(imported_files("import helpers.cities\nimport helpers.sources"))
    waiting = {}
    for name, argument in cities.items():
        key = hashlib.sha256(f"{input_hash(load_city(argument))} {code}".encode()).hexdigest()
        passed = _check_stamp(name)
        if not (passed.is_file() and json.loads(passed.read_text("utf-8"))["key"] == key):
            waiting[name] = (argument, key, passed)
    with ThreadPoolExecutor(jobs) as pool:
        futures = {
            name: pool.submit(do, {"kind": "check", "city": argument})
            for name, (argument, _, _) in waiting.items()
        }
    refused = []
    for name, future in futures.items():
        result = future.result()
        if result["state"] == "done":
            write_json(waiting[name][2], {"key": waiting[name][1], "remarks": result["remarks"]})
        elif result["state"] == "refused":
            refused += result["lines"]
        else:
            raise RuntimeError(f"city {name} could not be read:\n" + "\n".join(result["lines"]))
    if refused:
        raise CityError("\n".join(refused))


def city_remarks(city: str) -> list[str]:
    """What was left out of a city's layers because its card says so, as its check found it."""
    stamp = _check_stamp(city)
    return json.loads(stamp.read_text("utf-8")).get("remarks", []) if stamp.is_file() else []


def _check_stamp(city: str) -> Path:
    return processed_dir(city) / "stamps" / "city.json"


def _longest_first(wave: list[Outcome]) -> list[Outcome]:
    """Begin with the sections that, with those waiting for them, take longest: less idling."""
    tasks = [outcome.task for outcome in wave if not outcome.task.reason]

    def ahead(task: Task) -> float:
        waiting = [t for t in tasks if t.city == task.city and task.section in t.after]
        return task.seconds + max(map(ahead, waiting), default=0.0)

    return sorted(wave, key=lambda outcome: -ahead(outcome.task))


def _run_wave(all_outcomes, wave, jobs, force, watch, do: Work) -> None:
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
                    future = pool.submit(_execute, outcome.task, do)
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


def _execute(task: Task, do: Work) -> dict:
    partial = notebook_path(task, partial=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    job = {
        "kind": "execute",
        "notebook": str(NOTEBOOKS / f"{task.section}.ipynb"),
        "output": str(partial),
        "parameters": task.parameters,
    }
    return do(job)


def _settle(outcome: Outcome, key: str, result: dict) -> None:
    task = outcome.task
    if result["state"] == "done":
        notebook_path(task, partial=True).replace(notebook_path(task))
        complete(task, key, outcome.seconds)
        outcome.state = DONE
    else:
        # the partial notebook stays: it shows how far the section came
        outcome.state, outcome.lines = FAILED, result["lines"]


def _work(job: dict, scratch: Path, modules: list[str]) -> dict:
    """Do one job in a process of its own; a process that dies is a failed job, not a crash here."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    process = start_server(ENVIRONMENT, modules).Process(target=work, args=(job, str(folder)))
    process.start()
    process.join()
    result, log = folder / RESULT, folder / LOG
    if result.is_file():
        return json.loads(result.read_text(encoding="utf-8"))
    said = log.read_text("utf-8", "replace").strip().splitlines()[-12:] if log.is_file() else []
    return {"state": "failed", "lines": said or [f"the worker ended with code {process.exitcode}"]}


def _remember(outcomes: list[Outcome]) -> None:
    """Write how every task stands to ``run.json``, keeping what other runs said of others."""
    path = processed_dir() / "run.json"
    known = {}
    if path.is_file():
        entries = json.loads(path.read_text("utf-8"))
        # a city that was named by its path is forgotten with its folder
        there = [e for e in entries if "/" not in e.get("place", "") or Path(e["place"]).is_dir()]
        known = {(e["city"], e["section"]): e for e in there}
    for o in outcomes:
        # complete is complete, in this run or in one before
        state = DONE if o.state == CURRENT else o.state
        entry = {"city": o.task.city, "section": o.task.section, "state": state}
        more = {"reason": o.task.reason, "seconds": round(o.seconds, 1), "lines": o.lines}
        place = {"place": Path(o.task.parameters.get("city", "")).as_posix()}
        known[o.task.city, o.task.section] = {**entry, **more, **place}
    write_json(path, [known[key] for key in sorted(known)])


def _build_report(do: Work, force: bool) -> None:
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
    result = do({"kind": "report"})
    if result["state"] != "done":
        raise RuntimeError("the report could not be built:\n" + "\n".join(result["lines"]))
    write_json(stamp, {"key": key})
