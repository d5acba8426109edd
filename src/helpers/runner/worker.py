"""One job in a process of its own: check a city, execute a section, or build the report."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TRACEBACK_LINES = 12


def main(job_file: str, result_file: str) -> int:
    """Do the job described in `job_file` and write what came of it to `result_file`."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    result = {"check": _check, "execute": _execute, "report": _report}[job["kind"]](job)
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")
    return 0 if result["state"] == "done" else 1


def _check(job: dict) -> dict:
    from helpers.cities import CityError, load_city

    try:
        load_city(job["city"]).check()
    except CityError as error:
        return {"state": "refused", "lines": str(error).splitlines()}
    return {"state": "done"}


def _execute(job: dict) -> dict:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    try:
        papermill.execute_notebook(
            job["notebook"],
            job["output"],
            parameters=job["parameters"],
            kernel_name="python3",
            cwd=str(Path(job["notebook"]).parent),
            progress_bar=False,
            # a kernel on a loaded machine takes its time
            start_timeout=300,
            # the kernel says on its error stream that it listens on TCP; nobody needs to read it
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
    except PapermillExecutionError as error:
        lines = ANSI.sub("", "\n".join(error.traceback)).splitlines()
        lines = [line.rstrip() for line in lines if line.strip()]
        last = f"{error.ename}: {error.evalue}".splitlines()[0]
        told = lines[-TRACEBACK_LINES:]
        return {"state": "failed", "lines": told if last in told else [*told, last]}
    return {"state": "done"}


def _report(job: dict) -> dict:
    from helpers.report import build

    return {"state": "done", "page": str(build())}


def _end_with_parent(parent: int) -> None:
    """End this process and its kernel when the runner has died, however it died."""
    import psutil

    while os.getppid() == parent:
        time.sleep(0.3)
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
