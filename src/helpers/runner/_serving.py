"""The process beside a Dask worker that does the jobs of one run as a local run does them."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NoReturn

from helpers.compendium import find_city, input_hash

from ._token import is_on
from .here import Here, end_children
from .place import Job

MOST = 256  # jobs at once; how many there are is for the run to say
GLANCE = 0.5  # seconds


def main() -> None:
    """Do what the lines of the input order, until nothing more can come or the run is over."""
    order = json.loads(sys.argv[1])
    # what is printed by whatever is imported goes to the worker's log
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    here = Here(1, Path(tempfile.mkdtemp(prefix="police-planning-")), order["modules"])
    threading.Thread(target=_watch, args=(order["file"], order["token"], here), daemon=True).start()
    speaking = threading.Lock()
    pool = ThreadPoolExecutor(MOST)
    try:
        for line in sys.stdin:
            number, job = json.loads(line)
            pool.submit(_answer, number, job, here, answers, speaking)
    finally:
        _end(here)


def _answer(number: int, job: Job, here: Here, answers: IO[str], speaking: threading.Lock) -> None:
    try:
        result = _done(job, here)
    except Exception as error:  # whatever it is, the run must hear of it
        result = {"state": "failed", "lines": [f"{type(error).__name__}: {error}"]}
    with speaking:
        answers.write(json.dumps([number, result]) + "\n")
        answers.flush()


def _done(job: Job, here: Here) -> Job:
    city, inputs = job.get("city") or job.get("parameters", {}).get("city"), job.get("inputs")
    if city and inputs and input_hash(find_city(city)) != inputs:
        return {
            "state": "failed",
            "lines": [
                f"the files of {city} on {platform.node()} are not those of the run; put the "
                "project and its cities on a file system that all machines share"
            ],
        }
    return here.do(job)


def _watch(file: str, token: str, here: Here) -> None:
    while is_on(file, token):
        time.sleep(GLANCE)
    _end(here)


def _end(here: Here) -> NoReturn:
    end_children()
    shutil.rmtree(here.scratch, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
