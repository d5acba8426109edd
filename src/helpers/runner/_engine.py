"""How papermill executes a notebook when nobody looks at the file meanwhile, and no kernel is shared."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets import Type

REPLY = 1.0  # seconds after which a kernel that is not there yet is asked again
HEARD = 0.2  # seconds in which it must be heard on the channel of outputs, too
GLANCE = 0.01  # seconds between looks at whether it has ended


class EndSavingEngine(NBClientEngine):
    """Papermill's own engine, but the notebook is written when it ends, well or badly.

    Written before and after every cell, as papermill does, a notebook of many figures costs as
    much as a section or two of a run.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> NotebookNode:
        """Execute without a place to save to; the base class saves once more at the end."""
        place, nb_man.output_path = nb_man.output_path, None
        options["kernel_manager_class"] = OwnKernelManager
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            nb_man.output_path = place


class OwnKernelClient(AsyncKernelClient):
    """A client that begins as soon as its kernel is heard on both channels.

    Jupyter's waits until a kernel has been silent for a fifth of a second, since it may be one that
    others talk to; here it has just begun, and what it still says of its start is of no cell.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers.

        Raises
        ------
        RuntimeError
            It has ended, or does not answer in time.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._has_answered():
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _has_answered(self) -> bool:
        self.kernel_info()
        try:
            reply = await self.get_shell_msg(timeout=REPLY)
            if reply["msg_type"] != "kernel_info_reply":
                return False
            await self.get_iopub_msg(timeout=HEARD)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class OwnKernelManager(AsyncKernelManager):
    """A manager that sees at once when its kernel has ended."""

    client_factory = Type(OwnKernelClient, AsyncKernelClient)

    async def _async_finish_shutdown(
        self, waittime: float | None = None, pollinterval: float = GLANCE, restart: bool = False
    ) -> None:
        await super()._async_finish_shutdown(waittime, pollinterval, restart)
