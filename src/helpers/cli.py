"""The command line behind ``run_all.py``."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from helpers.checks import near
from helpers.compendium import (
    OUTPUT_VARIABLE,
    ROOT,
    figures_dir,
    output_root,
    processed_dir,
    reference_dir,
    report_dir,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from helpers.runner import Outcome, Task

COMMANDS = {
    "run": "bring every section of every city up to date and build the report (default)",
    "test": "run the test suite; what follows goes to pytest",
    "lab": "open JupyterLab on copies of the notebooks, with results of their own",
    "list": "show cities and sections: what each needs, what is up to date",
    "new-city": "make a city of your own from the files that you have",
    "attach": "add a layer to a city of your own: boundary, stations, patrols, streets, zones, "
    "districts, criteria",
    "check-city": "list the faults of a city, and which sections it can run, without a run",
    "check": "check Python, packages, solvers, fonts and data",
    "docs": "make pages of the functions' docstrings, formulas drawn, in docs/api",
    "gallery": "renew the chosen figures in docs/gallery from those of the last run",
    "clean": "remove what runs made",
}
DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
MARKS = {
    "waiting": "·", "running": "▸", "done": "✓", "up to date": "=", "failed": "✗", "not run": "–",
}  # fmt: skip
# What `clean` leaves in the folders of results.
KEPT = {"README.md", ".lock"}
# how priority may follow a column that is attached
RISING = ("increasing", "decreasing")
STYLES = {"running": "cyan", "done": "green", "failed": "bold red", "not run": "dim"}


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code: 0 well, 1 a section failed, 2 bad input."""
    _speak_utf8()
    # workers and kernels stand in other folders than the user
    if os.environ.get(OUTPUT_VARIABLE):
        os.environ[OUTPUT_VARIABLE] = str(output_root())
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        return _refuse(
            f"there is no command '{words[0]}'{near(words[0], COMMANDS) or '.'} "
            f"The commands are: {', '.join(COMMANDS)}."
        )
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = ["run", *words]
    if words[0] == "test":
        return _test(words[1:])
    if words[0] == "lab":
        return _lab(words[1:])
    chosen = _parser(words[0]).parse_args(words)
    try:
        return COMMANDED[chosen.command](chosen)
    except KeyboardInterrupt:
        print("stopped; run again to go on where this run ended.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # who read what is printed has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"error: {where}{error.strerror or error}; the system refused it. Mend that and run "
            "again: what is done already is kept.",
            file=sys.stderr,
        )
        return FAILED


class _Parser(argparse.ArgumentParser):
    """A parser that suggests the option that was meant."""

    asked = "run"

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and a sentence."""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message:
            own, others = self._options()
            word = unknown.split()[0]
            # a value may stand behind the option: --x=lon
            option = word.partition("=")[0]
            has_it = [name for name, options in others.items() if option in options]
            hint = near(option, own - {option}, 0.7) or (
                f"; {' and '.join(has_it)} {'has' if len(has_it) == 1 else 'have'} it."
                if has_it
                else "."
            )
            message = f"{self.asked} has no option '{option}'{hint}"
            if not word.startswith("-"):
                message = f"there is no option '{word}'."
                if self.asked == "run":
                    message += " A parameter is given as -p name=value."
        command = self.prog.split()[-1] if " " in self.prog else self.asked
        sys.exit(
            _refuse(
                f"{message}{'' if message[-1] in '.?' else '.'} See: python3 run_all.py {command} --help"
            )
        )

    def _options(self) -> tuple[set[str], dict[str, set[str]]]:
        """Options of the command that was asked for, and those of the others by their name."""
        below = next(a.choices for a in self._actions if isinstance(a.choices, dict))
        every = {
            name: {option for action in parser._actions for option in action.option_strings}
            for name, parser in below.items()
        }
        return every.pop(self.asked, set()), every


def _parser(asked: str = "run") -> argparse.ArgumentParser:
    """The parser of all commands; refusals speak of the command `asked`."""
    parser = _Parser(
        prog="run_all.py",
        description="From a fresh machine to every figure, table and verdict of the three papers.",
    )
    parser.asked = asked
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    made = {
        name: commands.add_parser(name, help=text, description=text)
        for name, text in COMMANDS.items()
    }
    run = made["run"]
    for parsed in (run, made["list"]):
        parsed.add_argument(
            "--city",
            action="append",
            metavar="NAME",
            help="a bundled city or the path of a city's folder (repeatable; default: all bundled)",
        )
        parsed.add_argument(
            "--section",
            action="append",
            metavar="NAME",
            help="a section by name or number (repeatable; default: all)",
        )
    run.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the notebooks (repeatable)",
    )
    run.add_argument(
        "--jobs",
        type=int,
        default=0,
        metavar="N",
        help="sections at once (default: the number of cores)",
    )
    run.add_argument(
        "--timeout",
        type=float,
        metavar="MINUTES",
        help="give a section up after so long (default: 15)",
    )
    run.add_argument(
        "--scheduler",
        default="",
        metavar="tcp://HOST:PORT",
        help="run sections on the workers of this Dask scheduler (docs/scaling.md)",
    )
    run.add_argument("--force", action="store_true", help="run also what is up to date")
    run.add_argument(
        "--quick", action="store_true", help="short form of the sections that have one"
    )
    _add_new_city(made["new-city"])
    made["attach"].add_argument("city", metavar="CITY", help="a city in cities/, or its folder")
    made["attach"].add_argument(
        "layer",
        metavar="LAYER",
        help="which layer the file is: boundary, stations, patrols, streets, zones, "
        "districts or criteria",
    )
    made["attach"].add_argument("file", metavar="FILE|URL", help="the file, or its address")
    made["attach"].add_argument(
        "--key", default="", metavar="COLUMN", help="codes of the zones, or names of the districts"
    )
    for flag, value, told in (
        ("--x", "COLUMN", "longitude or easting of stations or patrols"),
        ("--y", "COLUMN", "latitude or northing of them"),
        ("--name", "COLUMN", "what they are called"),
        ("--crs", "EPSG:…", "system of coordinates that no file names"),
    ):
        made["attach"].add_argument(flag, default="", metavar=value, help=told)
    made["attach"].add_argument(
        "--criterion",
        default=[],
        action="append",
        type=_criterion,
        metavar="NAME=COLUMN[:SHAPE]",
        help="which column is a criterion that the city has, or a new one, and how priority follows "
        "it: increasing or decreasing; may be repeated",
    )
    made["attach"].add_argument("--fresh", action="store_true", help="download again")
    made["check-city"].add_argument("city", metavar="NAME")
    return parser


def _add_new_city(parsed: argparse.ArgumentParser) -> None:
    """Add the files and flags of ``new-city``."""
    parsed.add_argument("name", metavar="NAME", help="of the city; its folder is cities/NAME")
    parsed.add_argument(
        "--events",
        required=True,
        metavar="FILE|URL",
        help="crimes: a file, a folder or a zip of any form, or the address of one, of a layer of "
        "ArcGIS or of a data set of Socrata or CKAN",
    )
    for layer, told in {
        "boundary": "outline of the city", "stations": "police stations", "patrols": "current posts",
        "zones": "polygons of zones", "streets": "street segments", "districts": "beats of today",
        "criteria": "figures of the zones",
    }.items():  # fmt: skip
        parsed.add_argument(f"--{layer}", metavar="FILE|URL", help=told)
    for flag, value, told in (
        ("--key", "COLUMN", "codes in the file of zones"),
        ("--crs", "EPSG:…", "system of coordinates that no file names"),
        ("--time-zone", "NAME", "where the times are universal, such as America/Lima"),
        ("--kind", "COLUMN", "what the crime is; =crime calls all rows so"),
        ("--x", "COLUMN", "longitude or easting"),
        ("--y", "COLUMN", "latitude or northing"),
        ("--zone", "COLUMN", "code of the zone of a crime"),
        ("--count", "COLUMN", "how many crimes a row is"),
        ("--id", "COLUMN", "number of the crime"),
        ("--force", "NAME,…", "forces of an archive of data.police.uk, or all"),
        ("--months", "FROM:TO", "its months, such as 2023-05:2023-07"),
    ):
        parsed.add_argument(flag, default="", metavar=value, help=told)
    parsed.add_argument(
        "--time",
        nargs="+",
        default=[],
        metavar="COLUMN",
        help="columns of the time; =2020 for all rows",
    )
    parsed.add_argument(
        "--precision",
        default="",
        choices=("hour", "day", "month"),
        help="how exactly times are known, where some rows have no hour",
    )
    order = parsed.add_mutually_exclusive_group()
    order.add_argument(
        "--day-first",
        dest="order",
        action="store_const",
        const="dmy",
        default="",
        help="03/04 is the 3rd of April",
    )
    order.add_argument(
        "--month-first",
        dest="order",
        action="store_const",
        const="mdy",
        help="03/04 is the 4th of March",
    )
    parsed.add_argument(
        "--folder", type=Path, metavar="DIR", help="another folder than cities/NAME"
    )
    parsed.add_argument("--fresh", action="store_true", help="download again what is kept")
    parsed.add_argument("--yes", action="store_true", help="take what is offered, ask nothing")


def _new_city(chosen: argparse.Namespace) -> int:
    from helpers.cities import CityError
    from helpers.newcity import ATTACHED, Choices, NewCityError, brought, new_city
    from helpers.sources import Download

    given = {k: v for k, v in vars(chosen).items() if k not in ("command", "folder", "fresh")}
    downloads: dict[Path, Download] = {}
    try:
        for name in ("events", *ATTACHED):
            if given[name] is not None:
                months = chosen.months if name == "events" else ""
                given[name] = brought(given[name], downloads, months=months, fresh=chosen.fresh)
        return new_city(Choices(downloads=downloads, **given), chosen.folder)
    except (NewCityError, CityError) as error:
        return _refuse(str(error))


def _criterion(text: str) -> tuple[str, str, str]:
    name, found, column = (part.strip() for part in text.partition("="))
    if not (found and name and column):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=COLUMN")
    head, _, shape = column.rpartition(":")
    return (name, head.strip(), shape) if shape in RISING and head else (name, column, "")


def _attach(chosen: argparse.Namespace) -> int:
    from helpers.cities import CityError
    from helpers.newcity import NewCityError, Said, attach

    columns = (chosen.key, chosen.x, chosen.y, chosen.name)
    said = Said(*columns, chosen.crs, tuple(chosen.criterion))
    try:
        return attach(chosen.city, chosen.layer, chosen.file, said, fresh=chosen.fresh)
    except (NewCityError, CityError) as error:
        return _refuse(str(error))


def _check_city(chosen: argparse.Namespace) -> int:
    from helpers.cities import CityError
    from helpers.newcity import check

    try:
        return check(chosen.city)
    except CityError as error:
        return _refuse(str(error))


def _run(chosen: argparse.Namespace) -> int:
    from rich.console import Console

    from helpers.cities import CityError
    from helpers.compendium import BusyError, OutputError, ParameterError
    from helpers.runner import ClusterError, make_plan, run

    def tell(sentence: str) -> None:
        console.print(sentence, markup=False, soft_wrap=True)

    console = Console(highlight=False)
    damaged: list[Path] = []
    try:
        given = _given(chosen.parameters)
        jobs = _jobs(chosen.jobs)
        limit = _limit(chosen.timeout)
        tasks = make_plan(chosen.city, chosen.section, given, chosen.quick, limit)
        asked = list(dict.fromkeys(task.city for task in tasks)) if chosen.city else None
        start = time.perf_counter()
        with _Progress(console) as progress:
            outcomes = run(
                tasks, jobs, chosen.force, progress.show, damaged.append, asked,
                chosen.scheduler, tell,
            )  # fmt: skip
    except (ParameterError, CityError, BusyError, ClusterError) as error:
        return _refuse(str(error))
    except OutputError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return FAILED
    for line in _made_again(list(dict.fromkeys(damaged))):
        console.print(line, markup=False, soft_wrap=True)
    return _tell(console, outcomes, time.perf_counter() - start)


def _tell(console: Console, outcomes: list[Outcome], seconds: float) -> int:
    """Print what failed, how the run ended, what was left out and where to look."""
    from helpers.runner import city_remarks

    failed = [o for o in outcomes if o.state == "failed"]
    for outcome in failed:
        console.print(f"\n[bold red]✗ {outcome.task.city} {outcome.task.section}[/]")
        for line in outcome.lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)
        from helpers.compendium import notebook_path

        partial = notebook_path(outcome.task.city, outcome.task.section, partial=True)
        if partial.is_file():
            console.print(f"  as far as it came: {_short(partial)}", markup=False)
    made = [o for o in outcomes if o.state == "done"]
    if failed:
        console.print(f"\n{len(failed)} of {_sections(len(outcomes))} failed ({seconds:.0f} s).")
    elif not made:
        console.print(f"Everything is up to date ({seconds:.1f} s).")
    else:
        console.print(f"{_sections(len(made))} made ({seconds:.0f} s).")
    for city in dict.fromkeys(o.task.city for o in outcomes if not o.task.reason):
        for remark in city_remarks(city):
            console.print(f"{city}: {remark}", markup=False, soft_wrap=True)
    console.print(f"Report: {_short(report_dir() / 'index.html')}", markup=False, soft_wrap=True)
    return FAILED if failed else DONE


def _made_again(paths: list[Path]) -> list[str]:
    """What was made again: each file, or one line for many files of a section."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        section = re.match(r"\d\d_[a-z]+_[a-z]+", path.name)
        groups.setdefault((path.parent, section[0] if section else path.name), []).append(path)
    told = []
    for (_, name), files in groups.items():
        if len(files) > 3:
            why = "a notebook by hand wrote them, or they were damaged or gone"
            told.append(f"made again: {len(files)} files of section {name} ({why})")
        else:
            told += [f"made again, for it was damaged or gone: {_short(path)}" for path in files]
    return told


def _sections(count: int) -> str:
    return f"{count} section{'' if count == 1 else 's'}"


class _Progress:
    """One line a city and section: a live table in a terminal, a line at each end elsewhere."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self.console = console
        self.live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
        self.told: dict[int, str] = {}

    def __enter__(self) -> _Progress:
        if self.live:
            self.live.__enter__()
        return self

    def __exit__(self, *why: Any) -> None:
        if self.live:
            self.live.__exit__(*why)

    def show(self, outcomes: list[Outcome]) -> None:
        if self.live:
            self.live.update(self._table(outcomes))
            return
        for number, outcome in enumerate(outcomes):
            if outcome.state not in ("waiting", self.told.get(number)):
                self.told[number] = outcome.state
                self.console.print(self._line(outcome), markup=False, soft_wrap=True)

    def _table(self, outcomes: list[Outcome]) -> Table:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        # sections that a city cannot run are in `list` and in the report
        for outcome in outcomes:
            if outcome.state != "not run":
                style = STYLES.get(outcome.state, "")
                table.add_row(*self._cells(outcome), style=style)
        return table

    def _cells(self, outcome: Outcome) -> tuple[str, ...]:
        seconds = f"{outcome.seconds:6.1f} s" if outcome.seconds else ""
        said = outcome.task.reason or outcome.state
        task = outcome.task
        return (MARKS[outcome.state], task.city, task.section, seconds, said)

    def _line(self, outcome: Outcome) -> str:
        mark, city, section, seconds, said = self._cells(outcome)
        seconds = "" if outcome.state == "running" else seconds
        return f"{mark} {city:<16} {section:<28} {seconds:>9}  {said}".rstrip()


def _list(chosen: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from helpers.cities import CityError
    from helpers.compendium import (
        COMPENDIUM,
        ParameterError,
        is_current,
        own_cities,
        read_section,
    )
    from helpers.runner import key_of, known_reasons, make_plan

    tasks: list[Task] = []
    lacking: dict[str, dict[str, str]] = {}
    # the user's own cities first; one that is not sound hides no other
    for cities in [chosen.city] if chosen.city else [*([own] for own in own_cities()), None]:
        try:
            planned = make_plan(cities, chosen.section)
            named = {t.city: t.parameters["city"] for t in planned if t.city != COMPENDIUM}
            lacking |= {name: known_reasons(name, argument) for name, argument in named.items()}
            whole = chosen.city or cities is None
            tasks += [t for t in planned if whole or t.city != COMPENDIUM]
        except (ParameterError, CityError) as error:
            if chosen.city or cities is None:
                return _refuse(str(error))
            print(f"{cities[0]}: {error}", file=sys.stderr)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("city", "section", "needs", "state"):
        table.add_column(column, overflow="fold", no_wrap=column in ("city", "section"))
    for task in tasks:
        card = read_section(task.section)
        needs = ", ".join(" or ".join(group) for group in card.needs) or "whatever ran"
        needs += "".join(f"; after {name.partition('_')[0]}" for name in card.after)
        reason = task.reason or lacking.get(task.city, {}).get(task.section, "")
        current = not reason and is_current(task.city, task.section, key_of(task))
        state = f"not run: {reason}" if reason else "up to date" if current else "to run"
        table.add_row(task.city, task.section, needs, state, style="dim" if reason else "")
    # a pipe or a file has no width to keep to
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
    return DONE


def _check(_: argparse.Namespace) -> int:
    from rich.console import Console

    from helpers.compendium import environment

    console = Console(highlight=False)
    findings = environment.check()
    for finding in findings:
        mark = "[green]✓[/]" if finding.well else "[bold red]✗[/]"
        console.print(f"{mark} {finding.what:<16} ", end="")
        console.print(finding.found, markup=False, soft_wrap=True)
        if not finding.well:
            console.print(f"  mend: {finding.mend}", markup=False, soft_wrap=True)
    return DONE if all(finding.well for finding in findings) else FAILED


def _gallery(_: argparse.Namespace) -> int:
    from helpers.report import GalleryError, renew_gallery

    try:
        renewed = renew_gallery(output_root())
    except GalleryError as error:
        return _refuse(str(error))
    for path in renewed:
        print(f"renewed: {_short(path)}")
    print("docs/gallery shows what the last run drew.")
    return DONE


def _docs(_: argparse.Namespace) -> int:
    from helpers.compendium import BusyError, OutputError, only_one
    from helpers.reference import MissingToolError, build_reference

    try:
        with only_one():
            page, warnings = build_reference()
    except BusyError as error:
        return _refuse(str(error))
    except (MissingToolError, OutputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    for warning in warnings:
        print(f"a docstring does not read well: {warning}", file=sys.stderr)
    print(f"Functions: {_short(page)}")
    if (report_dir() / "index.html").is_file():
        print("The report links there after the next run.")
    return DONE


def _clean(_: argparse.Namespace) -> int:
    from helpers.compendium import BusyError, OutputError, only_one

    try:
        with only_one():
            for folder in (processed_dir(), figures_dir(), report_dir(), reference_dir()):
                _empty(folder)
    except BusyError as error:
        return _refuse(str(error))
    except OutputError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    print(
        "Removed what runs had made; data/raw, cities, scratch and the notebooks are as they were."
    )
    return DONE


def _empty(folder: Path) -> None:
    """Remove what runs left in a folder of results, and the folder where nothing else is in it."""
    from helpers.compendium import writing

    if not folder.is_dir():
        return
    with writing(folder):
        for path in folder.iterdir():
            # git keeps a page in each folder that says what appears there; the lock is held just now
            if path.name in KEPT:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()


def _test(words: list[str]) -> int:
    # the whole suite in a few processes, a file in each, the longest first; what somebody chose
    # himself in one process, which starts sooner
    several = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    several = [] if words else several
    command = [sys.executable, "-m", "pytest", *several, *words]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _lab(words: list[str]) -> int:
    from helpers.compendium import SCRATCH
    from helpers.runner import lab

    copies = SCRATCH / "notebooks"
    for name in lab.copy_notebooks(copies):
        print(f"{name} is yours and an older one; delete it in scratch/notebooks for the new one.")
    own = lab.environment()
    where = "scratch/" if own else os.environ["POLICE_PLANNING_OUTPUT"]
    print(
        f"The notebooks are copies in scratch/notebooks; their results go to {where}.", flush=True
    )
    try:
        command = lab.command(copies, words)
        return subprocess.run(command, cwd=copies, env=os.environ | own, check=False).returncode
    except KeyboardInterrupt:
        return DONE


def _given(pairs: list[str]) -> dict:
    from helpers.compendium import ParameterError
    from helpers.runner import parse_value

    given = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name.isidentifier() and equals):
            raise ParameterError(f"a parameter is given as -p name=value, not '{pair}'.")
        given[name] = parse_value(text)
    return given


def _jobs(asked: int) -> int:
    from helpers.compendium import ParameterError

    if asked < 0:
        raise ParameterError(f"--jobs takes a number from 1 up, not {asked}.")
    if asked:
        return asked
    # the cores this process may use, where the system tells; else all there are
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _limit(minutes: float | None) -> float | None:
    from helpers.compendium import ParameterError

    if minutes is not None and not 0 < minutes < 1e6:
        raise ParameterError(f"--timeout takes minutes above zero, not {minutes:g}.")
    return None if minutes is None else 60 * minutes


def _short(path: Path) -> str:
    """A path as seen from where the user stands, if that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _refuse(message: str) -> int:
    for line in message.splitlines():
        print(f"error: {line}", file=sys.stderr)
    return REFUSED


def _speak_utf8() -> None:
    """Print marks and accents also where the terminal's encoding is a narrow one."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


COMMANDED = {
    "run": _run,
    "list": _list,
    "new-city": _new_city,
    "attach": _attach,
    "check-city": _check_city,
    "check": _check,
    "docs": _docs,
    "gallery": _gallery,
    "clean": _clean,
}


if __name__ == "__main__":
    sys.exit(main())
