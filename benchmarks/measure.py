"""One measurement: a process of its own, one thread, CPU seconds with its children, peak memory."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)  # fmt: skip
SLOW = 30.0  # a first call of so many CPU seconds counts itself; a faster one is called again
ENOUGH = 0.3  # CPU seconds of calls after which a fast one is not repeated any more

Work = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """A question, our answer to it and those of the peers.

    Attributes
    ----------
    name : str
        What is asked, with its size; unique within its table.
    ours : callable
        Imports and prepares, which no clock sees, and returns the work, which is timed.
    peers : dict
        Name of a peer -> the same. An ImportError means that it is not installed.
    worth : callable
        (our answer, the peer's answer) -> a few words on how they compare.
    told : callable
        our answer -> a few words on it.
    quick : bool
        Small enough for ``--quick``, with peers that the project's own environment has.
    limit : float
        Wall seconds after which a method is given up.
    """

    name: str
    ours: Callable[[], Work]
    peers: Mapping[str, Callable[[], Work]]
    worth: Callable[[Any, Any], str] = lambda mine, theirs: ""
    quick: bool = False
    limit: float = 600.0
    told: Callable[[Any], str] = lambda mine: ""


@dataclass(frozen=True)
class Elsewhere:
    """Answer of a program of another environment, which timed its own work."""

    seconds: float
    answer: Any


@dataclass(frozen=True)
class Measured:
    """What one method took and found; `said` is why it did not, where it did not."""

    seconds: float = float("nan")
    peak_mb: float = float("nan")
    answer: Any = None
    said: str = ""


def pin_threads() -> None:
    """One thread for every library; to be called before any of them is imported."""
    os.environ.update(dict.fromkeys(THREADS, "1"))


def cpu() -> float:
    """CPU seconds of this process and its finished children."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measured(make: Callable[[], Work], limit: float = 600.0) -> Measured:
    """Time one method in a process of its own, which is ended after `limit` wall seconds."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=_child, args=(there, make), daemon=False)
    child.start()
    there.close()
    found = Measured(said=f"no answer in {limit:.0f} s")
    if here.poll(limit):
        try:
            found = here.recv()
        except EOFError:
            found = Measured(said="its process died")
    if child.is_alive() and found.said:
        child.terminate()
    child.join()
    return found


def _child(pipe, make) -> None:
    try:
        pipe.send(_timed(make()))
    except ImportError as error:
        pipe.send(Measured(said=f"not installed ({error.name})"))
    except Exception as error:  # a peer may fail as it likes: the table says how
        pipe.send(Measured(said=f"failed: {type(error).__name__}: {str(error).splitlines()[0]}"))


def _timed(work: Work) -> Measured:
    seconds, answer = _once(work)
    if seconds < SLOW and not isinstance(answer, Elsewhere):
        # the first call has paid for lazy imports and for kernels compiled or read from the disk
        spent = []
        while not spent or (sum(spent) < ENOUGH and len(spent) < 50):
            seconds, answer = _once(work)
            spent.append(seconds)
        seconds = min(spent)
    if isinstance(answer, Elsewhere):
        seconds, answer = answer.seconds, answer.answer
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Measured(seconds, peak / (1024 if sys.platform == "linux" else 1024**2), answer)


def _once(work: Work) -> tuple[float, Any]:
    start = cpu()
    answer = work()
    return cpu() - start, answer
