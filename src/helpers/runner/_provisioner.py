"""How Jupyter starts a kernel when kernels are forked from a warm process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from ._waiting import WaitingKernel


class ForkedProvisioner(LocalProvisioner):
    """Jupyter's own provisioner, but for where the process comes from.

    Attributes
    ----------
    waiting
        The process that becomes the kernel: one a worker, as a worker executes one notebook.
    """

    waiting: WaitingKernel

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel for the command ``python -m ipykernel_launcher …``."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = Path(kwargs.get("cwd") or Path.cwd())
        # declared as a Popen, of which Jupyter calls what a waiting kernel has too
        self.process = self.waiting  # type: ignore[assignment]
        self.waiting.become(arguments, kwargs["env"], self.cwd)
        self.pid = self.waiting.pid
        return self.connection_info
