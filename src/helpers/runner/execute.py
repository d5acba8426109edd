"""Run the tasks of a plan in worker processes, several at once, and say how each ended."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from helpers.compendium import (
    COMPENDIUM,
    NOTEBOOKS,
    RAW,
    Damaged,
    OutputError,
    check_parameters,
    city_values,
    code_hash,
    complete,
    figures_dir,
    file_hash,
    find_city,
    fingerprint,
    forget,
    input_hash,
    is_current,
    lock_hash,
    module_hash,
    notebook_imports,
    notebook_path,
    only_one,
    processed_dir,
    provenance,
    read_json,
    read_section,
    read_stamp,
    reference_dir,
    report_dir,
    same_file,
    stamp_path,
    sweep_temporary,
    task_key,
    write_json,
    writing,
)

from ._token import dismiss
from .city_check import check_cities
from .here import ENVIRONMENT, Here
from .place import Place, stopping
from .plan import Task
from .quality import tell_quality
from .warm import start_server

WAITING, RUNNING, DONE = "waiting", "running", "done"
CURRENT, FAILED, NOT_RUN = "up to date", "failed", "not run"


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
    damaged: Damaged = lambda path: None,
    cities: list[str] | None = None,
    scheduler: str = "",
    tell: Callable[[str], None] = lambda sentence: None,
) -> list[Outcome]:
    """Bring every task up to date and build the report.

    Parameters
    ----------
    tasks
        A plan; tasks with a reason are not run, nor those whose city has not enough data.
    jobs
        Worker processes at once.
    force
        Run also what is up to date.
    watch
        Called with all outcomes whenever one changes.
    damaged
        Called with each file of ours that was damaged or missing and is made again.
    cities
        Names of the cities that were asked for, which open the report; the bundled ones where
        None.
    scheduler
        Address of a Dask scheduler whose workers run the sections; this machine does where it is
        empty.
    tell
        Called with what must be said while the run goes on, such as of a worker that is refused.

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
    ClusterError
        If the cluster cannot be used or its scheduler is gone.
    OutputError
        If the system does not let results be written.
    RuntimeError
        If the data of a city could not be described; all else has been done then.
    """
    todo = {task.section for task in tasks if not task.reason}
    modules = sorted({module for name in todo for module in notebook_imports(name)})
    shared = any(task.parameters.get("jobs", 1) != 1 for task in tasks)
    with only_one(), tempfile.TemporaryDirectory(prefix="police-planning-") as scratch:
        if not scheduler and any(_never_ran(task) for task in tasks):
            # it imports what all sections need while their code is read here, and files are hashed
            start_server(ENVIRONMENT, modules)
            for name in sorted(todo):
                code_hash(name)
        dismiss()
        for folder in (processed_dir(), figures_dir(), report_dir()):
            sweep_temporary(folder)
        here = Here(jobs, Path(scratch), modules)
        with stopping(here), _place(here, scheduler, shared, tell) as place:
            return _run_at(place, here, tasks, force, watch, damaged, cities)


def _never_ran(task: Task) -> bool:
    return not task.reason and not stamp_path(task.city, task.section).is_file()


@contextmanager
def _place(
    here: Here, scheduler: str, shared: bool, tell: Callable[[str], None]
) -> Iterator[Place]:
    if not scheduler:
        yield here
        return
    from .cluster import Cluster

    with Cluster(scheduler, here.modules, tell, shared) as cluster:
        yield cluster


def _run_at(
    place: Place,
    here: Here,
    tasks: list[Task],
    force: bool,
    watch: Callable[[list[Outcome]], None],
    damaged: Damaged,
    cities: list[str] | None,
) -> list[Outcome]:
    named = {t.city: t.parameters["city"] for t in tasks if t.city != COMPENDIUM}
    lacking = check_cities(named, place, damaged)
    outcomes = [Outcome(_with_reason(task, lacking)) for task in tasks]
    for outcome in outcomes:
        outcome.state = NOT_RUN if outcome.task.reason else WAITING
        if outcome.state == NOT_RUN and outcome.task.city != COMPENDIUM:
            forget(outcome.task.city, outcome.task.section)

    def run_wave(whole: bool) -> None:
        wave = [o for o in outcomes if (o.task.city == COMPENDIUM) == whole]
        _Wave(outcomes, _longest_first(wave), place, force, watch, damaged).run()

    run_wave(whole=False)
    # sections about the whole compendium come after all others, and read nothing of the data's quality
    with ThreadPoolExecutor(1) as beside, stopping(place):
        described = beside.submit(tell_quality, named, place, damaged)
        run_wave(whole=True)
        wrong = described.result()
    _remember(outcomes, damaged)
    _build_report(here, force, cities, damaged)
    if wrong:
        raise RuntimeError("\n".join(wrong))
    return outcomes


def made_from(task: Task) -> dict[str, Any]:
    """What the results of a task must be made from, as its section would say it."""
    card = read_section(task.section)
    values = {name: parameter.default for name, parameter in card.parameters.items()}
    values |= check_parameters(card, task.parameters)
    if task.city == COMPENDIUM:
        return provenance(card.name, COMPENDIUM, values, "", lock_hash())
    town = find_city(task.parameters["city"])
    values = city_values(card, values, town)
    return provenance(card.name, town.name, values, input_hash(town), lock_hash())


def key_of(task: Task) -> str:
    """Fingerprint of all that the task's results depend on."""
    return _made_of(task).key


class _Made(NamedTuple):
    """What the results of a task will be made from, as it is before the task begins."""

    key: str
    parameters: dict[str, Any]
    code: str


def _made_of(task: Task) -> _Made:
    made = made_from(task)
    return _Made(task_key(made, task.city, task.after), made["parameters"], made["code"])


def _with_reason(task: Task, lacking: dict[str, dict[str, str]]) -> Task:
    reason = task.reason or lacking.get(task.city, {}).get(task.section, "")
    return replace(task, reason=reason)


def _longest_first(wave: list[Outcome]) -> list[Outcome]:
    """Begin with the sections that, with those waiting for them, take longest: less idling."""
    of_city: dict[str, list[Task]] = {}
    for outcome in wave:
        if not outcome.task.reason:
            of_city.setdefault(outcome.task.city, []).append(outcome.task)

    def ahead(task: Task) -> float:
        waiting = [t for t in of_city.get(task.city, []) if task.section in t.after]
        return task.seconds + max(map(ahead, waiting), default=0.0)

    return sorted(wave, key=lambda outcome: -ahead(outcome.task))


@dataclass
class _Wave:
    """Tasks that run together, as many at once as the place has slots, each after those it reads."""

    all_outcomes: list[Outcome]
    wave: list[Outcome]
    place: Place
    force: bool
    watch: Callable[[list[Outcome]], None]
    damaged: Damaged
    running: dict[Future, tuple[Outcome, _Made, float]] = field(default_factory=dict)
    stale: dict[int, _Made] = field(default_factory=dict)
    of_city: dict[str, list[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort what there is by city: a run may be of a thousand."""
        for outcome in self.all_outcomes:
            self.of_city.setdefault(outcome.task.city, []).append(outcome)

    def run(self) -> None:
        """Run until every task of the wave has ended."""
        with ThreadPoolExecutor(max(1, len(self.wave))) as pool, stopping(self.place):
            while any(o.state in (WAITING, RUNNING) for o in self.wave):
                for outcome in [o for o in self.wave if o.state == WAITING]:
                    self._advance(outcome, pool)
                for outcome, _, start in self.running.values():
                    outcome.seconds = time.perf_counter() - start
                self.watch(self.all_outcomes)
                if self.running:
                    ended, _ = wait(self.running, timeout=0.25, return_when=FIRST_COMPLETED)
                    for future in ended:
                        outcome, made, start = self.running.pop(future)
                        outcome.seconds = time.perf_counter() - start
                        _settle(outcome, made, future.result())
            self.watch(self.all_outcomes)

    def _advance(self, outcome: Outcome, pool: ThreadPoolExecutor) -> None:
        """Start a waiting task, or settle it without running, if its turn has come."""
        task = outcome.task
        before = [o for o in self.of_city[task.city] if o.task.section in task.after]
        if any(o.state in (WAITING, RUNNING) for o in before):
            return
        needed = [o for o in before if o.task.section not in task.optional]
        if stopped := [o.task.section for o in needed if o.state == FAILED]:
            outcome.state, outcome.lines = FAILED, [f"{stopped[0]} did not end well"]
            return
        # one that cannot run for want of data takes along what cannot do without it
        if absent := [o for o in needed if o.state == NOT_RUN]:
            outcome.state = NOT_RUN
            why = f"section {absent[0].task.section} has not run: {absent[0].task.reason}"
            outcome.task = replace(task, reason=why)
            return
        if id(outcome) not in self.stale:
            made = _made_of(task)
            if not self.force and is_current(task.city, task.section, made.key, self.damaged):
                outcome.state = CURRENT
                outcome.seconds = _seconds(read_stamp(task.city, task.section))
                return
            self.stale[id(outcome)] = made
        made = self.stale[id(outcome)]
        if len(self.running) < self.place.slots():
            outcome.state = RUNNING
            future = pool.submit(_execute, task, made.code, self.place)
            self.running[future] = (outcome, made, time.perf_counter())


def _seconds(stamp: dict[str, Any]) -> float:
    seconds = stamp.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def _execute(task: Task, code: str, place: Place) -> dict:
    partial = notebook_path(task.city, task.section, partial=True)
    try:
        forget(task.city, task.section)
        with writing(partial):
            partial.parent.mkdir(parents=True, exist_ok=True)
    except OutputError as error:
        return {"state": "failed", "lines": [str(error)]}
    job = {
        "kind": "execute",
        "notebook": str(NOTEBOOKS / f"{task.section}.ipynb"),
        "output": str(partial),
        "parameters": task.parameters,
        "code": code,
        "timeout": task.timeout,
    }
    return place.do(job)


def _settle(outcome: Outcome, made: _Made, result: dict) -> None:
    task = outcome.task
    partial = notebook_path(task.city, task.section, partial=True)
    if result["state"] == "done":
        try:
            with writing(partial):
                partial.replace(notebook_path(task.city, task.section))
            complete(task.city, task.section, made.key, made.parameters, outcome.seconds)
            outcome.state = DONE
            return
        except OutputError as error:
            result = {"lines": [str(error)]}
    # the partial notebook stays: it shows how far the section came
    outcome.state, outcome.lines = FAILED, result["lines"]


def _remember(outcomes: list[Outcome], damaged: Damaged) -> None:
    """Write how every task stands to ``run.json``, keeping what other runs said of others."""
    path = processed_dir() / "run.json"
    entries = [entry for entry in read_json(path, [], damaged) if _is_entry(entry)]
    # a city that was named by its path is forgotten with its folder
    there = [e for e in entries if "/" not in e["place"] or Path(e["place"]).is_dir()]
    known = {(e["city"], e["section"]): e for e in there}
    for o in outcomes:
        # complete is complete, in this run or in one before
        state = DONE if o.state == CURRENT else o.state
        entry = {"city": o.task.city, "section": o.task.section, "state": state}
        more = {"reason": o.task.reason, "seconds": round(o.seconds, 1), "lines": o.lines}
        place = {"place": Path(o.task.parameters.get("city", "")).as_posix()}
        known[o.task.city, o.task.section] = {**entry, **more, **place}
    write_json(path, [known[key] for key in sorted(known)])


def _is_entry(entry: Any) -> bool:
    words = ("city", "section", "state", "place", "reason")
    return isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in words)


def _build_report(here: Here, force: bool, cities: list[str] | None, damaged: Damaged) -> None:
    """Build the report, unless what lies there is what would be built again."""
    stamp = processed_dir() / "report.json"
    known = read_json(stamp, {}, damaged)
    key = _report_key(cities)
    files = known.get("files")
    if known.get("key") == key and isinstance(files, dict) and files and not force:
        wrong = [
            name for name, digest in files.items() if not same_file(report_dir() / name, digest)
        ]
        if not wrong:
            return
        for name in wrong:
            damaged(report_dir() / name)
    result = here.do({"kind": "report", "cities": cities})
    if result["state"] != "done":
        raise RuntimeError("the report could not be built:\n" + "\n".join(result["lines"]))
    made = sorted(p for p in report_dir().rglob("*") if p.is_file() and p.name != "README.md")
    files = {path.relative_to(report_dir()).as_posix(): file_hash(path) for path in made}
    write_json(stamp, {"key": key, "files": files})


def _report_key(cities: list[str] | None) -> str:
    paths = [processed_dir() / "run.json", *sorted(processed_dir().glob("*/stamps/*.json"))]
    paths += [*sorted(RAW.glob("*.csv")), *sorted(RAW.glob("*/SOURCES.md"))]
    inputs = [file_hash(path) for path in paths if path.is_file()]
    code = module_hash("helpers.report")
    # the report links to the pages about the functions where they are
    functions = (reference_dir() / "index.html").is_file()
    return fingerprint(code=code, inputs=inputs, cities=cities, functions=functions)
