"""One job in a process of its own: check or describe a city, execute a section, build the report."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from helpers.compendium import CLUSTER_VARIABLE, CODE_VARIABLE, LAYERS_VARIABLE, refusal

from ._waiting import end_with_parent
from .warm import fork_kernel

RESULT, LOG = "result.json", "log.txt"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TRACEBACK_LINES = 12
# Errors whose sentence says all; where in the code they were raised helps nobody.
SENTENCES = {
    "BusyError", "CityError", "MissingResultError", "NeedsError", "OutputError", "ParameterError",
}  # fmt: skip


def work(job: dict, folder: str) -> None:
    """Do the job, and write what came of it to the folder."""
    place = Path(folder)
    _say_into(place / LOG)
    # the user's own IPython settings stay outside
    os.environ["IPYTHONDIR"] = str(place / "ipython")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(place / "runtime")
    # beside the folders of all jobs, where the check of a city leaves what sections take
    os.environ[LAYERS_VARIABLE] = str(place.parent / "layers")
    if job.get("share"):
        os.environ[CLUSTER_VARIABLE] = json.dumps(job["share"])
    if job.get("code"):
        os.environ[CODE_VARIABLE] = f"{Path(job['notebook']).stem} {job['code']}"
    if job["kind"] == "execute":
        fork_kernel()
    end_with_parent()
    kinds = {"check": _check, "execute": _execute, "quality": _quality, "report": _report}
    result = kinds[job["kind"]](job)
    temporary = place / f"{RESULT}.tmp"
    temporary.write_text(json.dumps(result), encoding="utf-8")
    temporary.replace(place / RESULT)


def _say_into(path: Path) -> None:
    """Send whatever this process and its children print to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    with path.open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)


def _check(job: dict) -> dict:
    from helpers.cities import CityError

    from .city_check import check_city

    try:
        return {"state": "done", "found": check_city(job["city"])}
    except CityError as error:
        return {"state": "refused", "lines": str(error).splitlines()}


def _execute(job: dict) -> dict:
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from ._engine import EndSavingEngine

    papermill_engines.register("end_saving", EndSavingEngine)
    try:
        papermill.execute_notebook(
            job["notebook"],
            job["output"],
            parameters=job["parameters"],
            kernel_name="python3",
            engine_name="end_saving",
            cwd=str(Path(job["notebook"]).parent),
            progress_bar=False,
            execution_timeout=max(1, round(job["timeout"])),
            # a kernel on a loaded machine takes its time
            start_timeout=300,
            # the kernel says on its error stream that it listens on TCP; nobody needs to read it
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
    except CellTimeoutError:
        return {"state": "failed", "lines": [too_long(job["timeout"])]}
    except OSError as error:
        return {"state": "failed", "lines": [refusal(Path(job["output"]), error)]}
    except PapermillExecutionError as error:
        if error.ename in SENTENCES:
            return {"state": "failed", "lines": str(error.evalue).splitlines()}
        lines = ANSI.sub("", "\n".join(error.traceback)).splitlines()
        lines = [line.rstrip() for line in lines if line.strip()]
        last = f"{error.ename}: {error.evalue}".splitlines()[0]
        told = lines[-TRACEBACK_LINES:]
        return {"state": "failed", "lines": told if last in told else [*told, last]}
    return {"state": "done"}


def too_long(seconds: float) -> str:
    """What is said of a section that does not end.

    Examples
    --------
    >>> too_long(900)
    'the section did not end within 15 minutes; allow it more with --timeout MINUTES, or run its short form with --quick'
    """
    minutes = f"{seconds / 60:g} minute{'' if seconds == 60 else 's'}"
    return (
        f"the section did not end within {minutes}; allow it more with --timeout MINUTES, or run "
        "its short form with --quick"
    )


def _quality(job: dict) -> dict:
    from helpers.cities import CityError
    from helpers.compendium import OutputError

    from .quality import make_quality

    try:
        return {"state": "done", "files": make_quality(job["city"])}
    except (CityError, OutputError) as error:
        return {"state": "failed", "lines": str(error).splitlines()}


def _report(job: dict) -> dict:
    from helpers.report import build

    return {"state": "done", "page": str(build(cities=job.get("cities")))}
