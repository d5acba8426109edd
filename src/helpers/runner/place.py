"""What a place where jobs are done offers, and how what it has at work is ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

Job = dict[str, Any]


class ClusterError(RuntimeError):
    """A cluster cannot be used, or is gone; the sentence says what to do."""


class Place(Protocol):
    """Where jobs are done."""

    def slots(self) -> int:
        """How many jobs it does at once, now; one at the least."""

    def do(self, job: Job) -> Job:
        """Do a job, wait for its end and give what came of it; called from several threads."""

    def stop(self) -> None:
        """End all that is at work, so that every `do` returns or raises."""


@contextmanager
def stopping(place: Place) -> Iterator[None]:
    """End what a place has at work when the user stops the run, or when the place itself is gone.

    Inside ``with ThreadPoolExecutor(…) as pool, stopping(place):`` the threads that wait for it
    end then, and the pool with them.
    """
    try:
        yield
    except (KeyboardInterrupt, ClusterError):
        place.stop()
        raise
