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
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

from ._waiting import WaitingKernel

if TYPE_CHECKING:
    # Windows has no fork server
    from multiprocessing.context import ForkServerContext, SpawnContext

FORKS = sys.platform == "linux"
PROVISIONER = "forked"


def start_server(
    environment: Mapping[str, str], modules: Sequence[str] = ()
) -> SpawnContext | ForkServerContext:
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
    # a Ctrl-C is for this process, which ends the others; the server keeps what it is started with
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # the environment, too
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        os.environ.clear()
        os.environ.update(before)
    return context


def fork_kernel() -> None:
    """Fork the kernel that Jupyter will use in this process; call it before anything else."""
    if not FORKS:
        return
    kernel = WaitingKernel()
    from jupyter_client.provisioning import KernelProvisionerFactory

    from ._provisioner import ForkedProvisioner

    ForkedProvisioner.waiting = kernel
    place = EntryPoint(PROVISIONER, "helpers.runner._provisioner:ForkedProvisioner", PROVISIONER)
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[PROVISIONER] = place
    factory.default_provisioner_name = PROVISIONER
