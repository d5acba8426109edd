"""Start processes by forking one that has imported the libraries already.

A section and its kernel import for about ten seconds what every other section imports too. Here
one server process imports it once, and workers and kernels are forked from it. Where processes
cannot be forked safely (anywhere but Linux) they start afresh: slower, otherwise the same.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint
from pathlib import Path

FORKS = sys.platform == "linux"
PROVISIONER = "forked"


def start_server(environment: Mapping[str, str], modules: Sequence[str] = ()):
    """Start the server, unless it runs, and give back the context to start processes in.

    Parameters
    ----------
    environment
        Variables that must be set before any library is imported, added to the current ones.
    modules
        What to import there beside what every section needs.

    Returns
    -------
    multiprocessing.context.BaseContext
        Its ``Process`` takes a function and arguments as :class:`multiprocessing.Process` does.
    """
    if not FORKS:
        os.environ.update(environment)
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["helpers.runner._preloaded", *modules])
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        # the server keeps the environment that it is started in
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


@contextmanager
def stopping() -> Iterator[None]:
    """End every process that this one started, their kernels too, when the user stops it.

    Inside ``with ThreadPoolExecutor(…) as pool, stopping():`` the threads that wait for those
    processes end then, and the pool with them.
    """
    try:
        yield
    except KeyboardInterrupt:
        import psutil

        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                process.kill()
        raise


def end_with_parent() -> None:
    """End this process, its children too, as soon as the one that asked for it is gone."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    import psutil

    multiprocessing.parent_process().join()
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


class WaitingKernel:
    """A process forked from this one that becomes a Jupyter kernel when it is told to.

    It is made while this process is still alone with itself (no threads, no event loop, no
    sockets), for that is when a process can be forked. Of what it offers, the methods named as in
    :class:`subprocess.Popen` are those that Jupyter calls.
    """

    stdin = stdout = stderr = None

    def __init__(self):
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
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def fork_kernel() -> None:
    """Fork the kernel that Jupyter will use in this process; call it before anything else."""
    if not FORKS:
        return
    kernel = WaitingKernel()
    from jupyter_client.provisioning import KernelProvisionerFactory

    from helpers.runner._provisioner import ForkedProvisioner

    ForkedProvisioner.waiting = kernel
    place = EntryPoint(PROVISIONER, "helpers.runner._provisioner:ForkedProvisioner", PROVISIONER)
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[PROVISIONER] = place
    factory.default_provisioner_name = PROVISIONER


def _wait_for_orders(inbox, others_end) -> None:
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
