"""A process that waits until it is told to become a Jupyter kernel."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path


class WaitingKernel:
    """A process forked from this one that becomes a Jupyter kernel when it is told to.

    It is made while this process is still alone with itself (no threads, no event loop, no
    sockets), for that is when a process can be forked. Of what it offers, the methods named as in
    :class:`subprocess.Popen` are those that Jupyter calls.
    """

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._orders, inbox = context.Pipe()
        self._process = context.Process(target=_wait_for_orders, args=(inbox, self._orders))
        self._process.start()
        inbox.close()
        self.pid = self._process.pid

    def become(self, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start as a kernel with the arguments of ``ipykernel_launcher``."""
        self._orders.send((arguments, dict(environment), str(folder)))

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Signal it, if it still runs."""
        if self.pid is not None and self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def end_with_parent() -> None:
    """End this process, its children too, as soon as the one that asked for it is gone."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    import psutil

    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


def _wait_for_orders(inbox: Connection, others_end: Connection) -> None:
    others_end.close()
    os.setsid()
    end_with_parent()
    arguments, environment, folder = inbox.recv()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=arguments)
    # the kernel's streams and threads are gone; nothing is left to tidy up
    os._exit(0)
